/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-chunk-hash.h"

#include <string.h>
/* Where xxHash is only a header, as in a Flatpak's runtime, -DXXH_INLINE_ALL makes it part of this.
 */
#if defined MC_HAVE_XXH_DISPATCH && !defined XXH_INLINE_ALL
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

gsize
mc_chunk_count_blocks (gsize length)
{
  return (length + MC_BLOCK_SIZE - 1) / MC_BLOCK_SIZE;
}

static guint64
make_check (const guint8 *bytes, gsize length)
{
  return GUINT64_TO_LE (XXH3_64bits (bytes, MIN (length, MC_BLOCK_SIZE)));
}

void
mc_chunk_make_checks (const void *bytes, gsize length, guint8 *checks)
{
  for (gsize i = 0; i < length; i += MC_BLOCK_SIZE, checks += MC_CHECK_SIZE)
    {
      guint64 check = make_check ((const guint8 *) bytes + i, length - i);

      memcpy (checks, &check, MC_CHECK_SIZE);
    }
}

void
mc_chunk_make_hash (const guint8 *checks, gsize length, guint8 hash[MC_CHUNK_HASH_SIZE])
{
  XXH128_canonical_t canonical;

  G_STATIC_ASSERT (sizeof canonical == MC_CHUNK_HASH_SIZE);
  XXH128_canonicalFromHash (&canonical, XXH3_128bits (checks, length));
  memcpy (hash, &canonical, MC_CHUNK_HASH_SIZE);
}

gboolean
mc_chunk_has_checks (const void *bytes, gsize length, const guint8 *checks)
{
  for (gsize i = 0; i < length; i += MC_BLOCK_SIZE, checks += MC_CHECK_SIZE)
    {
      guint64 check = make_check ((const guint8 *) bytes + i, length - i);

      if (memcmp (checks, &check, MC_CHECK_SIZE) != 0)
        return FALSE;
    }
  return TRUE;
}
