/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-chunk.h"
#include "mc-store.h"

G_BEGIN_DECLS

/* Finds chunks that another content has, for a content that is being written. Blocking; one thread
 * at a time. What it found cannot be dropped as long as it lives. */
typedef struct _McChunkFinder McChunkFinder;

/* On the store's thread; so that what the content borrows already stays. The store must outlive it.
 */
McChunkFinder *mc_chunk_finder_new (McStore *store, const McDigest *borrower);
void mc_chunk_finder_free (McChunkFinder *self);

/* Whether a complete content has these very bytes; the chunk is a reference to them then. *lender
 * is whose they are. What goes wrong in looking for them is no reason to fail. */
gboolean mc_chunk_finder_share (McChunkFinder *self, McChunk *chunk, McDigest *lender);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McChunkFinder, mc_chunk_finder_free)

G_END_DECLS
