/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-content-reader.h"

#include "mc-error.h"
#include "mc-hash-thread.h"
#include "mc-pack.h"
#include "mc-small.h"

#include <string.h>

/* Reading happens beside everything else: the connection is the reader's own. A pack is read as a
 * file that nobody changes. That holds but for a verification that drops damaged chunks, and the
 * download that brings them again: a reader of that content may then fail with MC_ERROR_CORRUPT on
 * a chunk that is in order, but never gives wrong bytes, since each chunk is compared with its
 * hash.
 */

struct _McContentReader
{
  guint64 size;
  GBytes *small; /* (owned) (nullable): the bytes of a small content */
  McPack *pack;  /* (owned) (nullable): NULL for a small content */
};

McContentReader *
mc_content_reader_open (const char *folder, const McDigest *digest, guint64 size, GError **error)
{
  g_autoptr (McContentReader) self = g_new0 (McContentReader, 1);

  self->size = size;
  if (size >= MC_SMALL_LIMIT)
    self->pack = mc_pack_open (folder, digest, size, MC_PACK_READ, error);
  else
    {
      McDb *db = mc_small_open (folder, error);

      if (db == NULL)
        return NULL;
      self->small = mc_small_get (db, digest, error);
      mc_db_close (db);
      if (self->small != NULL && g_bytes_get_size (self->small) != size)
        {
          g_set_error_literal (error, MC_ERROR, MC_ERROR_CORRUPT, "The content has another size");
          return NULL;
        }
    }
  return self->pack != NULL || self->small != NULL ? g_steal_pointer (&self) : NULL;
}

void
mc_content_reader_close (McContentReader *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->pack, mc_pack_close);
  g_clear_pointer (&self->small, g_bytes_unref);
  g_free (self);
}

void
mc_content_reader_claim (McContentReader *self)
{
  if (self->pack != NULL)
    mc_pack_claim (self->pack);
}

gboolean
mc_content_reader_read_into (
    McContentReader *self, guint64 offset, void *buffer, gsize length, GError **error)
{
  guint8 *target = buffer;

  g_assert (offset <= self->size && length <= self->size - offset);
  if (self->pack == NULL)
    {
      memcpy (buffer, (const guint8 *) g_bytes_get_data (self->small, NULL) + offset, length);
      return TRUE;
    }
  while (length > 0)
    {
      guint position = (guint) (offset / MC_CHUNK_SIZE);
      gsize start = (gsize) (offset % MC_CHUNK_SIZE);
      gsize part = MIN (length, MC_CHUNK_SIZE - start);

      if (!mc_pack_read (self->pack, position, start, target, part, error))
        return FALSE;
      offset += part;
      target += part;
      length -= part;
    }
  return TRUE;
}

GBytes *
mc_content_reader_read (McContentReader *self, guint64 offset, GError **error)
{
  gsize length = (gsize) MIN (self->size - offset, MC_PIECE_SIZE - offset % MC_PIECE_SIZE);
  g_autofree guint8 *buffer = NULL;

  if (self->pack == NULL)
    return g_bytes_new_from_bytes (self->small, offset, self->size - offset);
  buffer = g_malloc (length);
  if (!mc_content_reader_read_into (self, offset, buffer, length, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&buffer), length);
}

G_STATIC_ASSERT (MC_CONTENT_PEEK_LEAST == MC_SMALL_LIMIT);

gboolean
mc_content_peek (const char *folder,
                 const McDigest *digest,
                 guint64 size,
                 guint64 offset,
                 void *buffer,
                 gsize length,
                 GError **error)
{
  g_autoptr (McPack) pack = mc_pack_open (folder, digest, size, MC_PACK_LOOK, error);
  g_autofree guint8 *here = pack == NULL ? NULL : mc_pack_list_chunks (pack, error);
  guint position = (guint) (offset / MC_CHUNK_SIZE);

  if (here == NULL)
    return FALSE;
  if (!here[position])
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED,
                           "Those bytes are not here yet");
      return FALSE;
    }
  return mc_pack_read (pack, position, (gsize) (offset % MC_CHUNK_SIZE), buffer, length, error);
}

static gboolean
verify_small (
    const char *folder, const McDigest *digest, guint64 size, guint64 *damaged, GError **error)
{
  g_autofree char *path = mc_small_make_path (folder);
  McDb *db = mc_db_open (path, MC_DB_SMALL, MC_DB_WRITE, error);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) local = NULL;
  gboolean ok = TRUE;

  if (db == NULL)
    return FALSE;
  bytes = mc_small_get (db, digest, &local);
  if (g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT)
      || g_error_matches (local, MC_ERROR, MC_ERROR_NOT_DOWNLOADED))
    {
      *damaged = MAX (size, 1);
      ok = mc_small_drop (db, digest, error);
    }
  else if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      ok = FALSE;
    }
  mc_db_close (db);
  return ok;
}

static gboolean
hash_chunk (McPack *pack, guint position, McHashThread *hashing, GError **error)
{
  gsize size = mc_pack_get_chunk_size (mc_pack_get_size (pack), position);

  for (gsize start = 0; start < size; start += MC_PIECE_SIZE)
    {
      gsize length = MIN (size - start, MC_PIECE_SIZE);
      guint8 *piece = mc_hash_thread_take (hashing);

      if (!mc_pack_read (pack, position, start, piece, length, error))
        {
          mc_hash_thread_give (hashing, piece, 0);
          return FALSE;
        }
      mc_hash_thread_give (hashing, piece, length);
    }
  return TRUE;
}

/* Flags the chunks that read wrong. If all read right but the whole does not have its digest, there
 * is no telling which is wrong, and all of them are. Changes nothing. */
static gboolean
find_damage (McPack *pack,
             const McDigest *digest,
             guint8 *bad,
             int *progress,
             GCancellable *cancellable,
             GError **error)
{
  guint n_chunks = mc_pack_get_n_chunks (pack);
  g_autoptr (McHashThread) hashing =
      mc_hash_thread_new (digest->kind, mc_pack_get_size (pack), MC_PIECE_SIZE);
  gboolean any = FALSE;
  McDigest found;

  for (guint i = 0; i < n_chunks; i++)
    {
      g_autoptr (GError) local = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!hash_chunk (pack, i, hashing, &local))
        {
          if (!g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
            {
              g_propagate_error (error, g_steal_pointer (&local));
              return FALSE;
            }
          any = bad[i] = TRUE;
        }
      if (progress != NULL)
        g_atomic_int_set (progress, (int) i + 1);
    }
  if (any)
    return TRUE;
  found = mc_hash_thread_finish (hashing);
  if (!mc_digest_equal (&found, digest))
    memset (bad, TRUE, n_chunks);
  return TRUE;
}

static gboolean
drop_damaged (const char *folder,
              const McDigest *digest,
              guint64 size,
              const guint8 *bad,
              guint64 *damaged,
              GError **error)
{
  guint n_chunks = mc_pack_count_chunks (size);
  g_autoptr (McPack) pack = NULL;

  if (memchr (bad, TRUE, n_chunks) == NULL)
    return TRUE;
  pack = mc_pack_open (folder, digest, size, MC_PACK_REPAIR, error);
  if (pack == NULL)
    return FALSE;
  for (guint i = 0; i < n_chunks; i++)
    {
      if (!bad[i])
        continue;
      *damaged += mc_pack_get_chunk_size (size, i);
      if (!mc_pack_drop_chunk (pack, i, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
verify_pack (const char *folder,
             const McDigest *digest,
             guint64 size,
             int *progress,
             GCancellable *cancellable,
             guint64 *damaged,
             GError **error)
{
  g_autoptr (McPack) pack = mc_pack_open (folder, digest, size, MC_PACK_READ, error);
  g_autofree guint8 *bad = g_new0 (guint8, mc_pack_count_chunks (size));

  if (pack == NULL || !find_damage (pack, digest, bad, progress, cancellable, error))
    return FALSE;
  return drop_damaged (folder, digest, size, bad, damaged, error);
}

gboolean
mc_content_verify (const char *folder,
                   const McDigest *digest,
                   guint64 size,
                   int *progress,
                   GCancellable *cancellable,
                   guint64 *damaged,
                   GError **error)
{
  g_autoptr (GError) local = NULL;

  *damaged = 0;
  if (size < MC_SMALL_LIMIT)
    return verify_small (folder, digest, size, damaged, error);
  if (verify_pack (folder, digest, size, progress, cancellable, damaged, &local))
    return TRUE;
  if (g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT)
      || g_error_matches (local, MC_ERROR, MC_ERROR_NOT_DOWNLOADED))
    {
      *damaged = size;
      /* Too damaged to tell chunks apart. */
      return g_error_matches (local, MC_ERROR, MC_ERROR_NOT_DOWNLOADED)
             || mc_pack_put_aside (folder, digest, error);
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
