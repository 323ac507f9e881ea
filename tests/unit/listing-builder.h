/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"

G_BEGIN_DECLS

/* A manifest from a few lines, grouped as a scan would: "path size" in any order, NULL at the end.
 */
McManifest *build_manifest (const char *repo, const char *const *lines);

/* The variant of that key, which must be there. */
McVariant *get_variant (McManifest *manifest, const char *key);

G_END_DECLS
