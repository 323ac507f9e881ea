/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-store.h"

G_BEGIN_DECLS

/* Brings one content into the store, chunk by chunk. Each chunk is committed as it comes; the
 * content is complete only after its digest was checked. Used from the store's thread; the work is
 * done on a thread of its own, in order. One writer a content at a time. */

#define MC_TYPE_CONTENT_WRITER (mc_content_writer_get_type ())
G_DECLARE_FINAL_TYPE (McContentWriter, mc_content_writer, MC, CONTENT_WRITER, GObject)

/* The content must be known to the store (mc_store_hold_async()). */
McContentWriter *mc_content_writer_new (McStore *store, const McDigest *digest);

/* Looks up what is here already, and reads it back: damaged chunks are dropped. */
void mc_content_writer_open_async (McContentWriter *self,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean
mc_content_writer_open_finish (McContentWriter *self, GAsyncResult *result, GError **error);

/* The first missing bytes from @from on, up to the next chunk that is here: FALSE if there are
 * none. Chunks that are being put count as being here. */
gboolean mc_content_writer_find_missing (McContentWriter *self,
                                         guint64 from,
                                         guint64 *offset,
                                         guint64 *length);

/* How much must be put at once at that offset: bytes up to the end of its chunk. */
gsize mc_content_writer_get_piece (McContentWriter *self, guint64 offset);

/* Commits the piece at that offset, which must be missing: exactly get_piece() bytes. */
void mc_content_writer_put_async (McContentWriter *self,
                                  guint64 offset,
                                  GBytes *bytes,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean mc_content_writer_put_finish (McContentWriter *self, GAsyncResult *result, GError **error);

/* Checks the digest and makes the content complete. MC_ERROR_CORRUPT if the bytes are not what they
 * should be: they are gone then, since there is no telling which are wrong; or if a chunk was
 * damaged since it was put: the next writer finds it. However it ends, this writer is used up. */
void mc_content_writer_finish_async (McContentWriter *self,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean
mc_content_writer_finish_finish (McContentWriter *self, GAsyncResult *result, GError **error);

G_END_DECLS
