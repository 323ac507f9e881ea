/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads a complete content chunk by chunk, whether it has a pack or lives among the small ones.
 * Every chunk is compared with its hash as it leaves. Blocking; one thread at a time, any thread.
 */
typedef struct _McContentReader McContentReader;

/* MC_ERROR_NOT_DOWNLOADED if it is not here in full. */
McContentReader *
mc_content_reader_open (const char *folder, const McDigest *digest, guint64 size, GError **error);
void mc_content_reader_close (McContentReader *self);

/* From now on this thread uses the reader, closing included. */
void mc_content_reader_claim (McContentReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McContentReader, mc_content_reader_close)

/* Fills the buffer from @offset on; the range must lie within the content. Only the blocks (64 KiB)
 * that it touches are read and checked, if the chunk is kept raw. Reading on where the last call
 * ended lets the disk read ahead. */
gboolean mc_content_reader_read_into (
    McContentReader *self, guint64 offset, void *buffer, gsize length, GError **error);

/* What is at @offset, which is below the size: at least one byte, at most MC_PIECE_SIZE. */
#define MC_PIECE_SIZE (1024 * 1024)
GBytes *mc_content_reader_read (McContentReader *self, guint64 offset, GError **error);

/* Reads from a content that somebody is writing, within one chunk: MC_ERROR_NOT_DOWNLOADED if that
 * is not here yet. Its bytes are those that came, but nobody compared the whole with its hash yet.
 * Only contents of at least MC_CONTENT_PEEK_LEAST bytes are to be had before they are complete. */
#define MC_CONTENT_PEEK_LEAST (256 * 1024)
gboolean mc_content_peek (const char *folder,
                          const McDigest *digest,
                          guint64 size,
                          guint64 offset,
                          void *buffer,
                          gsize length,
                          GError **error);

/* Reads everything back and compares all hashes. What is damaged or missing is dropped, so that
 * only that is fetched again; nothing is written where all is well. *damaged counts bytes, and is
 * at least 1 where anything is wrong; *progress (nullable) is stored atomically in chunks. */
gboolean mc_content_verify (const char *folder,
                            const McDigest *digest,
                            guint64 size,
                            int *progress,
                            GCancellable *cancellable,
                            guint64 *damaged,
                            GError **error);

G_END_DECLS
