/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hasher.h"

G_BEGIN_DECLS

/* Hashes on a thread of its own what its owner reads meanwhile, piece by piece. Two pieces of
 * memory go back and forth. Used from one thread. */
typedef struct _McHashThread McHashThread;

/* total_size: as for mc_hasher_new(). piece_size: bytes of a piece at most. */
McHashThread *mc_hash_thread_new (McDigestKind kind, guint64 total_size, gsize piece_size);

/* A piece to fill; waits until one is free. It must be given back. */
guint8 *mc_hash_thread_take (McHashThread *self);
void mc_hash_thread_give (McHashThread *self, guint8 *piece, gsize length);

/* Waits for what was given. After it only mc_hash_thread_free() may be called. */
McDigest mc_hash_thread_finish (McHashThread *self);
void mc_hash_thread_free (McHashThread *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McHashThread, mc_hash_thread_free)

G_END_DECLS
