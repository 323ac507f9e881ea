/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-store.h"

G_BEGIN_DECLS

/* Bytes checked so far; shared between the verification and whoever shows it. */
typedef struct
{
  guint64 before; /* of the contents that are through; caller's thread, as is size */
  guint64 size;   /* of the one under way */
  int chunks;     /* of it; atomic */
  guint64 unit;   /* bytes of each of them; 0: MC_CHUNK_SIZE */
} McVerifyProgress;

guint64 mc_verify_progress_get (McVerifyProgress *progress);

/* Reads the complete contents among the files (McFile) back, one after the other on another thread,
 * and compares all hashes. A damaged content counts as unfinished from then on: its good chunks
 * stay. Fails with MC_ERROR_CORRUPT naming the files in the end. What was found before a
 * cancellation counts as well. progress must stay until the end. */
void mc_verify_async (McStore *store,
                      GPtrArray *files,
                      McVerifyProgress *progress,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
gboolean mc_verify_finish (McStore *store, GAsyncResult *result, GError **error);

G_END_DECLS
