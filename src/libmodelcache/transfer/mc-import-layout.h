/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

G_BEGIN_DECLS

/* What the place of a file says of it, where other programs keep models:
 *
 *   the hf cache    models--owner--name/blobs/HASH, models--owner--name/snapshots/COMMIT/PATH
 *   Ollama          blobs/sha256-HASH, manifests/hf.co/owner/name/TAG
 *   LM Studio       owner/name/FILE.gguf, right in the folder that is imported
 *
 * Hints only: anybody can name a folder so. Pure. */
typedef struct
{
  char *repo;       /* (owned) (nullable): the repo it may be of */
  char *commit;     /* (owned) (nullable): at which it was then */
  McDigest claimed; /* what its bytes may be; NONE: not said */
} McImportHint;

/* root: the folder that is imported; relative: the file's path in it; bytes, as file systems have
 * them. */
void mc_import_layout_read (const char *root, const char *relative, McImportHint *hint);
void mc_import_hint_clear (McImportHint *hint);

G_END_DECLS
