/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-import-tree.h"
#include "mc-store.h"

G_BEGIN_DECLS

/* Stores the bytes of a hashed file as the content of its match, which must be held, not complete,
 * and written by nobody else. What is here of it stays; *progress is stored in chunks. Errors are
 * those of mc-import-read.h and of the writer; the file must stay until the end. Main thread. */
void mc_import_copy_async (McStore *store,
                           McImportFile *file,
                           int *progress,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean mc_import_copy_finish (McStore *store, GAsyncResult *result, GError **error);

G_END_DECLS
