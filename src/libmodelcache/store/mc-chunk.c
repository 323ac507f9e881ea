/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-chunk.h"

#include <string.h>

McChunk *
mc_chunk_new (GBytes *bytes)
{
  return mc_chunk_new_hashed (bytes, NULL);
}

McChunk *
mc_chunk_new_hashed (GBytes *bytes, McHasher *hasher)
{
  McChunk *self = g_new (McChunk, 1);
  const guint8 *data = g_bytes_get_data (bytes, &self->size);
  guint8 *check = self->checks;

  g_assert (self->size > 0 && self->size <= MC_CHUNK_SIZE);
  for (gsize i = 0; i < self->size; i += MC_BLOCK_SIZE, check += MC_CHECK_SIZE)
    {
      gsize length = MIN (self->size - i, MC_BLOCK_SIZE);

      mc_chunk_make_checks (data + i, length, check);
      if (hasher != NULL)
        mc_hasher_update (hasher, data + i, length);
    }
  self->checks_length = (gsize) (check - self->checks);
  mc_chunk_make_hash (self->checks, self->checks_length, self->hash);
  self->codec = MC_CODEC_RAW;
  self->bytes = g_bytes_ref (bytes);
  return self;
}

void
mc_chunk_encode (McChunk *self)
{
  gsize length;
  const void *raw = g_bytes_get_data (self->bytes, &length);
  McCodec codec = mc_codec_choose (raw, length);
  GBytes *encoded = mc_codec_encode (codec, raw, length);

  g_assert (self->codec == MC_CODEC_RAW);
  if (encoded == NULL)
    return;
  g_bytes_unref (self->bytes);
  self->bytes = encoded;
  self->codec = codec;
}

void
mc_chunk_refer (McChunk *self, const McDigest *lender, guint position)
{
  gsize length = mc_digest_kind_get_size (lender->kind);
  guint32 number = GUINT32_TO_BE (position);
  guint8 place[MC_CHUNK_MAX_REFERENCE];

  memcpy (place, lender->bytes, length);
  memcpy (place + length, &number, sizeof number);
  g_bytes_unref (self->bytes);
  self->bytes = g_bytes_new (place, length + sizeof number);
  self->codec = MC_CODEC_REFERENCE;
}

gboolean
mc_chunk_parse_reference (const void *bytes, gsize length, McDigest *lender, guint *position)
{
  McDigestKind kind = length == MC_CHUNK_MAX_REFERENCE ? MC_DIGEST_SHA256 : MC_DIGEST_GIT_SHA1;
  gsize size = mc_digest_kind_get_size (kind);
  guint32 number;

  if (bytes == NULL || length != size + sizeof number)
    return FALSE;
  *lender = mc_digest_from_bytes (kind, bytes);
  memcpy (&number, (const guint8 *) bytes + size, sizeof number);
  *position = GUINT32_FROM_BE (number);
  return TRUE;
}

void
mc_chunk_free (McChunk *self)
{
  g_bytes_unref (self->bytes);
  g_free (self);
}
