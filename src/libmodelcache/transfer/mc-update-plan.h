/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"

G_BEGIN_DECLS

/* What became of a part of a repo from one commit to another. */
typedef enum
{
  MC_UPDATE_SAME,    /* it has the same bytes under the same names */
  MC_UPDATE_CHANGED, /* it has not */
  MC_UPDATE_GONE,    /* it is not there any more, or is masked */
} McUpdateChange;

const char *mc_update_change_to_string (McUpdateChange change); /* "same", "changed", "gone" */

/* variant: a key, path: "", or the other way round; of both commits. *files (nullable) are those of
 * the new one, borrowed McFile in a new array; NULL if it is gone. Pure. */
McUpdateChange mc_update_compare (McManifest *before,
                                  McManifest *after,
                                  const char *variant,
                                  const char *path,
                                  GPtrArray **files);

/* The revision whose news such a repo is compared with: its own, or "main" if that is a commit. */
const char *mc_update_get_line (McManifest *manifest);

G_END_DECLS
