/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"

G_BEGIN_DECLS

/* Which files of which repos given bytes can be. Pure. */
typedef struct _McImportIndex McImportIndex;

McImportIndex *mc_import_index_new (void);
void mc_import_index_free (McImportIndex *self);

/* Of several that have the same bytes the one that was added first counts. */
void mc_import_index_add (McImportIndex *self, McManifest *manifest);

/* Whether one of that name and commit was added. */
gboolean mc_import_index_has (McImportIndex *self, const char *repo, const char *commit);

/* The hashes that tell what a file of so many bytes is: bits 1 << McDigestKind; 0: no file of any
 * repo has that size, it need not be read. */
guint mc_import_index_get_kinds (McImportIndex *self, guint64 size);

/* The file with these bytes, in that repo (nullable) if it has one; NULL if there is none. Borrowed
 * from *manifest, which is borrowed. */
McFile *mc_import_index_find (McImportIndex *self,
                              const McDigest *digest,
                              guint64 size,
                              const char *repo,
                              McManifest **manifest);

/* What is asked for by adopting files: a variant, or one file. */
typedef struct
{
  char *variant;    /* key, or "" */
  char *path;       /* or "" */
  GPtrArray *files; /* (owned): McFile, borrowed from the manifest */
} McImportHolding;

/* The fewest holdings that have all these files (McFile of the manifest): of a variant if all that
 * is its own is among them or here (McFile => gboolean), else of the file. McImportHolding. */
GPtrArray *mc_import_choose_holdings (McManifest *manifest,
                                      GPtrArray *files,
                                      gboolean (*is_here) (const McFile *file, gpointer user_data),
                                      gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McImportIndex, mc_import_index_free)

G_END_DECLS
