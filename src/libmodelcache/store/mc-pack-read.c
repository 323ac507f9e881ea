/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-pack-private.h"

#include "mc-error.h"
#include "mc-hasher.h"

#include <string.h>

/* Chunks on their way out. Of a chunk that is kept raw, only the blocks that are wanted are
 * touched, and each is checked while the CPU still has it at hand. Any other is read as a whole:
 * one that is encoded, and one that version 1 wrote, which has a single SHA-256 and no checks. */

static const char SQL_GET[] =
    "SELECT size, codec, hash, checks FROM chunks WHERE position = :position";
static const char SQL_GET_1[] =
    "SELECT size, codec, sha256, NULL FROM chunks WHERE position = :position";

/* What the row of a chunk says of it, but for the bytes. */
typedef struct
{
  guint position;
  gsize size; /* of the chunk */
  gint64 codec;
  McDigest sha256; /* of a row of version 1, else NONE */
  guint8 checks[MC_CHUNK_MAX_CHECKS];
} Row;

static gboolean
refuse (guint position, const char *why, GError **error)
{
  g_set_error (error, MC_ERROR, MC_ERROR_CORRUPT, "Chunk %u %s", position, why);
  return FALSE;
}

/* The checks are believed only if they have the hash. */
static gboolean
take_checks (McStmt *stmt, Row *row)
{
  guint8 found_hash[MC_CHUNK_HASH_SIZE];
  gsize hash_length;
  gsize length;
  const void *hash = mc_stmt_get_blob (stmt, 2, &hash_length);
  const void *checks = mc_stmt_get_blob (stmt, 3, &length);

  if (hash == NULL || hash_length != MC_CHUNK_HASH_SIZE || checks == NULL
      || length != mc_chunk_count_blocks (row->size) * MC_CHECK_SIZE)
    return FALSE;
  memcpy (row->checks, checks, length);
  mc_chunk_make_hash (row->checks, length, found_hash);
  return memcmp (hash, found_hash, MC_CHUNK_HASH_SIZE) == 0;
}

static gboolean
find_row (McPack *self, guint position, Row *row, GError **error)
{
  const char *sql = mc_db_get_version (self->db) == 1 ? SQL_GET_1 : SQL_GET;
  g_autoptr (McStmt) stmt = mc_db_borrow (self->db, sql, error);
  gboolean found;

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_size (stmt, ":position", position);
  if (!mc_stmt_step (stmt, &found, error))
    return FALSE;
  if (!found)
    return refuse (position, "is missing", error);
  row->position = position;
  row->size = mc_pack_get_chunk_size (self->size, position);
  row->codec = mc_stmt_get_int (stmt, 1);
  row->sha256 = mc_stmt_get_digest (stmt, 2);
  if (mc_stmt_get_size (stmt, 0) != row->size)
    return refuse (position, "has a wrong size", error);
  if (row->sha256.kind != MC_DIGEST_SHA256 && !take_checks (stmt, row))
    return refuse (position, "has wrong checks", error);
  return TRUE;
}

static gboolean
is_in_blocks (const Row *row)
{
  return row->codec == MC_CODEC_RAW && row->sha256.kind != MC_DIGEST_SHA256;
}

/* The bytes in the row as they are: they must have that length. */
static gboolean
read_stored (McBlob *blob, const Row *row, guint8 *buffer, gsize length, GError **error)
{
  if (mc_blob_get_length (blob) != length)
    return refuse (row->position, "has a wrong length", error);
  return mc_blob_read (blob, 0, buffer, length, error);
}

static gboolean
read_encoded (McBlob *blob, const Row *row, guint8 *buffer, GError **error)
{
  gsize length = mc_blob_get_length (blob);
  g_autofree guint8 *encoded = NULL;

  if (length >= row->size)
    return refuse (row->position, "has a wrong length", error);
  encoded = g_malloc (length);
  return mc_blob_read (blob, 0, encoded, length, error)
         && (mc_codec_decode ((McCodec) row->codec, encoded, length, buffer, row->size, NULL)
             || refuse (row->position, "cannot be decoded", error));
}

/* What is in the row becomes the bytes of the chunk, which are not checked yet. */
static gboolean
decode (McPack *self, McBlob *blob, const Row *row, guint8 *buffer, GError **error)
{
  switch (row->codec)
    {
    case MC_CODEC_RAW:
      return read_stored (blob, row, buffer, row->size, error);
    case MC_CODEC_ZSTD:
    case MC_CODEC_PLANES_16:
    case MC_CODEC_PLANES_32:
      return read_encoded (blob, row, buffer, error);
    default:
      return refuse (row->position, "has an unknown encoding", error);
    }
}

static gboolean
has_its_hash (const Row *row, const guint8 *bytes)
{
  McDigest found;

  if (row->sha256.kind != MC_DIGEST_SHA256)
    return mc_chunk_has_checks (bytes, row->size, row->checks);
  found = mc_sha256 (bytes, row->size);
  return mc_digest_equal (&found, &row->sha256);
}

static gboolean
read_whole (McPack *self, McBlob *blob, const Row *row, guint8 *buffer, GError **error)
{
  return decode (self, blob, row, buffer, error)
         && (has_its_hash (row, buffer) || refuse (row->position, "changed on disk", error));
}

/* Whole blocks, as many as the CPU has at hand together when they are checked: the last of a chunk
 * may be short. */
#define RUN (16 * MC_BLOCK_SIZE)

static gboolean
read_run (McBlob *blob, const Row *row, gsize start, guint8 *buffer, gsize length, GError **error)
{
  const guint8 *checks = row->checks + start / MC_BLOCK_SIZE * MC_CHECK_SIZE;

  return mc_blob_read (blob, start, buffer, length, error)
         && (mc_chunk_has_checks (buffer, length, checks)
             || refuse (row->position, "changed on disk", error));
}

/* A block of which only a part is wanted is checked elsewhere first. */
static gboolean
read_in_block (McPack *self,
               McBlob *blob,
               const Row *row,
               gsize start,
               guint8 *buffer,
               gsize length,
               GError **error)
{
  gsize inside = start % MC_BLOCK_SIZE;
  gsize block = start - inside;

  if (self->block == NULL)
    self->block = g_malloc (MC_BLOCK_SIZE);
  if (!read_run (blob, row, block, self->block, MIN (row->size - block, MC_BLOCK_SIZE), error))
    return FALSE;
  memcpy (buffer, self->block + inside, length);
  return TRUE;
}

static gboolean
read_blocks (McPack *self,
             McBlob *blob,
             const Row *row,
             gsize start,
             guint8 *buffer,
             gsize length,
             GError **error)
{
  if (mc_blob_get_length (blob) != row->size)
    return refuse (row->position, "has a wrong length", error);
  while (length > 0)
    {
      gsize inside = start % MC_BLOCK_SIZE;
      gsize run = MIN (length, RUN);
      gboolean ok;

      if (start + run < row->size)
        run -= run % MC_BLOCK_SIZE;
      if (inside > 0 || run == 0)
        {
          run = MIN (length, MC_BLOCK_SIZE - inside);
          ok = read_in_block (self, blob, row, start, buffer, run, error);
        }
      else
        ok = read_run (blob, row, start, buffer, run, error);
      if (!ok)
        return FALSE;
      buffer += run;
      start += run;
      length -= run;
    }
  return TRUE;
}

/* --- chunks in other packs --- */

/* The pack a reference leads to; it is kept, since the next reference mostly leads there too. */
static McPack *
open_lender (McPack *self, const McDigest *digest, GError **error)
{
  if (self->lender != NULL && mc_digest_equal (&self->lender->digest, digest))
    return self->lender;
  g_clear_pointer (&self->lender, mc_pack_close);
  self->lender = mc_pack_open (self->folder, digest, 0, MC_PACK_LEND, error);
  return self->lender;
}

/* A reference leads to bytes, with the same checks, in another content's pack, or it is damage. */
static gboolean
find_lent (McPack *self, McBlob *blob, const Row *row, guint *position, GError **error)
{
  guint8 bytes[MC_CHUNK_MAX_REFERENCE];
  gsize length = mc_blob_get_length (blob);
  McDigest digest;
  McPack *lender;
  Row lent;

  if (self->lends || length > sizeof bytes)
    return refuse (row->position, "leads nowhere", error);
  if (!mc_blob_read (blob, 0, bytes, length, error))
    return FALSE;
  if (row->sha256.kind == MC_DIGEST_SHA256
      || !mc_chunk_parse_reference (bytes, length, &digest, position)
      || mc_digest_equal (&digest, &self->digest))
    return refuse (row->position, "leads nowhere", error);
  lender = open_lender (self, &digest, error);
  if (lender == NULL)
    return FALSE;
  if (*position >= mc_pack_get_n_chunks (lender))
    return refuse (row->position, "leads behind an end", error);
  if (!find_row (lender, *position, &lent, error))
    return FALSE;
  return (lent.size == row->size && lent.sha256.kind != MC_DIGEST_SHA256
          && lent.codec != MC_CODEC_REFERENCE
          && memcmp (lent.checks, row->checks, mc_chunk_count_blocks (row->size) * MC_CHECK_SIZE)
                 == 0)
         || refuse (row->position, "leads to other bytes", error);
}

static gboolean
read_lent (McPack *self,
           McBlob *blob,
           const Row *row,
           gsize start,
           void *buffer,
           gsize length,
           GError **error)
{
  g_autoptr (GError) local = NULL;
  guint position;

  if (find_lent (self, blob, row, &position, &local)
      && mc_pack_read (self->lender, position, start, buffer, length, &local))
    return TRUE;
  if (g_error_matches (local, MC_ERROR, MC_ERROR_NOT_DOWNLOADED))
    return refuse (row->position, "was in a content that is not here", error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* --- reading --- */

/* Whoever reads parts of an encoded chunk wants the next part soon. */
static gboolean
keep_whole (McPack *self, McBlob *blob, const Row *row, GError **error)
{
  g_autofree guint8 *whole = g_steal_pointer (&self->whole);

  if (whole == NULL)
    whole = g_malloc (MIN (self->size, MC_CHUNK_SIZE));
  if (!read_whole (self, blob, row, whole, error))
    return FALSE;
  self->whole = g_steal_pointer (&whole);
  self->whole_position = row->position;
  return TRUE;
}

static gboolean
read_part (McPack *self, guint position, gsize start, void *buffer, gsize length, GError **error)
{
  g_autoptr (McBlob) blob = NULL;
  Row row;

  if (self->whole != NULL && self->whole_position == position)
    {
      memcpy (buffer, self->whole + start, length);
      return TRUE;
    }
  if (!find_row (self, position, &row, error))
    return FALSE;
  g_assert (start <= row.size && length <= row.size - start);
  blob = mc_blob_open (self->db, "chunks", "bytes", position, error);
  if (blob == NULL)
    return FALSE;
  if (row.codec == MC_CODEC_REFERENCE)
    return read_lent (self, blob, &row, start, buffer, length, error);
  if (is_in_blocks (&row))
    return read_blocks (self, blob, &row, start, buffer, length, error);
  if (length == row.size)
    return read_whole (self, blob, &row, buffer, error);
  if (!keep_whole (self, blob, &row, error))
    return FALSE;
  memcpy (buffer, self->whole + start, length);
  return TRUE;
}

/* What looks wrong without locks is looked at with them: the pack may have been changed since it
 * was opened, by whoever drops what is damaged or takes over what another content lent. */
gboolean
mc_pack_read (McPack *self, guint position, gsize start, void *buffer, gsize length, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (read_part (self, position, start, buffer, length, &local))
    return TRUE;
  if (!self->immutable)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return mc_pack_reopen (self, error) && read_part (self, position, start, buffer, length, error);
}

GBytes *
mc_pack_read_chunk (McPack *self, guint position, GError **error)
{
  gsize length = mc_pack_get_chunk_size (self->size, position);
  g_autofree guint8 *buffer = g_malloc (length);

  if (!mc_pack_read (self, position, 0, buffer, length, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&buffer), length);
}

GBytes *
mc_pack_read_own_chunk (McPack *self, guint position, GError **error)
{
  gboolean lends = self->lends;
  GBytes *bytes;

  self->lends = TRUE;
  bytes = mc_pack_read_chunk (self, position, error);
  self->lends = lends;
  return bytes;
}
