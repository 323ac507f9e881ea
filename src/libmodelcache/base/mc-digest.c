/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-digest.h"

#include <string.h>
#include <xxhash.h>

gsize
mc_digest_kind_get_size (McDigestKind kind)
{
  switch (kind)
    {
    case MC_DIGEST_SHA256:
      return MC_SHA256_SIZE;
    case MC_DIGEST_GIT_SHA1:
      return MC_SHA1_SIZE;
    case MC_DIGEST_NONE:
    default:
      return 0;
    }
}

const char *
mc_digest_kind_get_name (McDigestKind kind)
{
  switch (kind)
    {
    case MC_DIGEST_SHA256:
      return "sha256";
    case MC_DIGEST_GIT_SHA1:
      return "git_sha1";
    case MC_DIGEST_NONE:
    default:
      return NULL;
    }
}

gboolean
mc_digest_parse_hex (McDigest *digest, McDigestKind kind, const char *hex)
{
  gsize size = mc_digest_kind_get_size (kind);

  memset (digest, 0, sizeof *digest);
  if (hex == NULL || size == 0 || strlen (hex) != size * 2)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    {
      int high = g_ascii_xdigit_value (hex[2 * i]);
      int low = g_ascii_xdigit_value (hex[2 * i + 1]);

      if (high < 0 || low < 0)
        {
          memset (digest, 0, sizeof *digest);
          return FALSE;
        }
      digest->bytes[i] = (guint8) (high << 4 | low);
    }
  digest->kind = kind;
  return TRUE;
}

char *
mc_digest_to_hex (const McDigest *digest)
{
  static const char digits[] = "0123456789abcdef";
  gsize size = mc_digest_kind_get_size (digest->kind);
  char *hex = g_malloc (size * 2 + 1);

  for (gsize i = 0; i < size; i++)
    {
      hex[2 * i] = digits[digest->bytes[i] >> 4];
      hex[2 * i + 1] = digits[digest->bytes[i] & 15];
    }
  hex[size * 2] = '\0';
  return hex;
}

McDigest
mc_digest_from_bytes (McDigestKind kind, const guint8 *bytes)
{
  McDigest digest = { .kind = kind };

  memcpy (digest.bytes, bytes, mc_digest_kind_get_size (kind));
  return digest;
}

gboolean
mc_digest_equal (gconstpointer a, gconstpointer b)
{
  const McDigest *left = a;
  const McDigest *right = b;

  return left->kind == right->kind && memcmp (left->bytes, right->bytes, sizeof left->bytes) == 0;
}

guint
mc_digest_hash (gconstpointer digest)
{
  static gsize seed;

  /* Digests come from listings that anyone may have written: without a seed nobody knows, a hundred
   * thousand of them could be made to fall into one place. */
  if (g_once_init_enter (&seed))
    g_once_init_leave (&seed, (gsize) g_random_int () << 1 | 1);
  return (guint) XXH3_64bits_withSeed (((const McDigest *) digest)->bytes, MC_SHA256_SIZE, seed);
}

McDigest *
mc_digest_copy (const McDigest *digest)
{
  return g_memdup2 (digest, sizeof *digest);
}
