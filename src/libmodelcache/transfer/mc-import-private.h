/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-downloader-private.h"
#include "mc-import-match.h"
#include "mc-import-tree.h"

G_BEGIN_DECLS

/* An import under way; it owns itself. */
struct _McImport
{
  McDownloader *owner;    /* (owned) */
  McTransfer *transfer;   /* (owned) */
  gboolean preview;       /* nothing is stored or kept */
  McImportTree *tree;     /* (owned) (nullable) */
  McImportIndex *index;   /* (owned) */
  GPtrArray *lookups;     /* (owned): names of repos that the Hub is asked for */
  GHashTable *failures;   /* (owned): name of a repo => GError */
  guint next;             /* of lookups, files, steps or files again */
  GPtrArray *adopted;     /* (owned): McImportFile, borrowed from the tree: to be stored */
  GHashTable *wanted;     /* (owned): their McDigest */
  GPtrArray *steps;       /* (owned) (nullable): what is to be held */
  const McDigest *target; /* (nullable): what is being written */
  McVerifyProgress progress;
};

/* What became of each file, as the interface file says: a{sv}. Floating. */
GVariant *mc_import_report (const McImportTree *tree, GHashTable *failures, gboolean preview);

/* mc-import-hold.c: asks for what is to be adopted, saving repos that are not in the library. Each
 * content is known to the store then. */
void mc_import_hold_async (McImport *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean mc_import_hold_finish (McImport *self, GAsyncResult *result, GError **error);

G_END_DECLS
