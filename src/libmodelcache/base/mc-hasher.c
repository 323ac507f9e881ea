/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hasher.h"

#include <openssl/evp.h>
#include <string.h>

#define STEP 1024     /* bytes */
#define CACHE_LINE 64 /* bytes */

struct _McHasher
{
  EVP_MD_CTX *context; /* (owned) */
  McDigestKind kind;
};

McHasher *
mc_hasher_new (McDigestKind kind, guint64 total_size)
{
  McHasher *self = g_new0 (McHasher, 1);

  g_assert (kind != MC_DIGEST_NONE);
  self->kind = kind;
  self->context = EVP_MD_CTX_new ();
  if (self->context == NULL
      || !EVP_DigestInit_ex (self->context, kind == MC_DIGEST_SHA256 ? EVP_sha256 () : EVP_sha1 (),
                             NULL))
    g_error ("libcrypto has no %s", mc_digest_kind_get_name (kind));
  if (kind == MC_DIGEST_GIT_SHA1)
    {
      g_autofree char *header = g_strdup_printf ("blob %" G_GUINT64_FORMAT, total_size);

      mc_hasher_update (self, header, strlen (header) + 1);
    }
  return self;
}

void
mc_hasher_free (McHasher *self)
{
  if (self == NULL)
    return;
  EVP_MD_CTX_free (self->context);
  g_free (self);
}

static void
fetch (const guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i += CACHE_LINE)
    __builtin_prefetch (bytes + i);
}

/* libcrypto waits for memory, since it does not ask for it ahead; asked for a step ahead, a chunk
 * that another thread wrote is hashed as if it were at hand, which takes a third less. */
void
mc_hasher_update (McHasher *self, const void *bytes, gsize length)
{
  const guint8 *at = bytes;

  while (length > 0)
    {
      gsize step = MIN (length, STEP);

      length -= step;
      fetch (at + step, MIN (length, STEP));
      EVP_DigestUpdate (self->context, at, step);
      at += step;
    }
}

McDigest
mc_hasher_finish (McHasher *self)
{
  guint8 bytes[EVP_MAX_MD_SIZE];

  EVP_DigestFinal_ex (self->context, bytes, NULL);
  return mc_digest_from_bytes (self->kind, bytes);
}

McDigest
mc_sha256 (const void *bytes, gsize length)
{
  g_autoptr (McHasher) hasher = mc_hasher_new (MC_DIGEST_SHA256, length);

  mc_hasher_update (hasher, bytes, length);
  return mc_hasher_finish (hasher);
}
