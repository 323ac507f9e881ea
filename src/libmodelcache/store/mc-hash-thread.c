/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hash-thread.h"

#include "mc-worker.h"

#define N_PIECES 2

typedef struct
{
  McHashThread *owner;
  guint8 *bytes; /* (owned) */
  gsize length;
} Piece;

struct _McHashThread
{
  McHasher *hasher;  /* (owned) */
  McWorker *worker;  /* (owned) (nullable): NULL when all is hashed */
  GAsyncQueue *free; /* (owned): Piece, in pieces */
  Piece pieces[N_PIECES];
};

McHashThread *
mc_hash_thread_new (McDigestKind kind, guint64 total_size, gsize piece_size)
{
  McHashThread *self = g_new0 (McHashThread, 1);

  self->hasher = mc_hasher_new (kind, total_size);
  self->worker = mc_worker_new ("mc-hash");
  self->free = g_async_queue_new ();
  for (guint i = 0; i < N_PIECES; i++)
    {
      self->pieces[i].owner = self;
      self->pieces[i].bytes = g_malloc (piece_size);
      g_async_queue_push (self->free, &self->pieces[i]);
    }
  return self;
}

guint8 *
mc_hash_thread_take (McHashThread *self)
{
  return ((Piece *) g_async_queue_pop (self->free))->bytes;
}

static void
hash_piece (gpointer data)
{
  Piece *piece = data;

  mc_hasher_update (piece->owner->hasher, piece->bytes, piece->length);
  g_async_queue_push (piece->owner->free, piece);
}

void
mc_hash_thread_give (McHashThread *self, guint8 *bytes, gsize length)
{
  Piece *piece = self->pieces;

  while (piece->bytes != bytes)
    piece++;
  piece->length = length;
  mc_worker_push (self->worker, hash_piece, piece);
}

McDigest
mc_hash_thread_finish (McHashThread *self)
{
  g_clear_pointer (&self->worker, mc_worker_join);
  return mc_hasher_finish (self->hasher);
}

void
mc_hash_thread_free (McHashThread *self)
{
  g_clear_pointer (&self->worker, mc_worker_join);
  for (guint i = 0; i < N_PIECES; i++)
    g_free (self->pieces[i].bytes);
  g_async_queue_unref (self->free);
  mc_hasher_free (self->hasher);
  g_free (self);
}
