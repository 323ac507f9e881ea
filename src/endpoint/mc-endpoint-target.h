/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* What a request of a program that speaks to the Hub asks for. Pure. */

typedef enum
{
  MC_TARGET_FILE,     /* R/resolve/REV/F: its bytes */
  MC_TARGET_RAW,      /* R/raw/REV/F: as git has it: of a large file a few lines that name it */
  MC_TARGET_INFO,     /* api/models/R, api/models/R/revision/REV */
  MC_TARGET_TREE,     /* api/models/R/tree/REV[/FOLDER] */
  MC_TARGET_REFS,     /* api/models/R/refs */
  MC_TARGET_PATHS,    /* api/models/R/paths-info/REV, with the paths in the body */
  MC_TARGET_MANIFEST, /* v2/R/manifests/TAG: which file a tag means */
} McTargetKind;

typedef struct
{
  McTargetKind kind;
  char *repo;     /* "owner/name" or "name"; a name the Hub allows */
  char *revision; /* "main" where none is named; "HEAD" is "main" */
  char *path;     /* of a file or folder, "" for none; a tag; sane, and decoded */
} McTarget;

/* path: of the URL, still percent-encoded, without query and whatever comes before the Hub's own:
 * "/owner/name/resolve/main/file". MC_ERROR_INVALID_NAME if it is nothing that is answered here. */
McTarget *mc_target_parse (const char *path, GError **error);
void mc_target_free (McTarget *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTarget, mc_target_free)

G_END_DECLS
