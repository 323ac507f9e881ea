/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* How a content is named: by the SHA-256 of its bytes (LFS files), or by the SHA-1 of
 * "blob <length>\0" and its bytes, as git does (all other files). NONE: the Hub masked it, as it
 * does for gated repos. */
typedef enum
{
  MC_DIGEST_NONE,
  MC_DIGEST_SHA256,
  MC_DIGEST_GIT_SHA1,
} McDigestKind;

#define MC_SHA256_SIZE 32
#define MC_SHA1_SIZE 20

/* A value: copied freely, unused bytes are zero. */
typedef struct
{
  McDigestKind kind;
  guint8 bytes[MC_SHA256_SIZE];
} McDigest;

/* Bytes of a digest of this kind; 0 for NONE. */
gsize mc_digest_kind_get_size (McDigestKind kind);

/* "sha256", "git_sha1", or NULL for NONE. Static. */
const char *mc_digest_kind_get_name (McDigestKind kind);

/* Reads hexadecimal digits of either case; the number of digits must fit the kind exactly. */
gboolean mc_digest_parse_hex (McDigest *digest, McDigestKind kind, const char *hex);

/* Lower-case hexadecimal digits; "" for NONE. */
char *mc_digest_to_hex (const McDigest *digest);

McDigest mc_digest_from_bytes (McDigestKind kind, const guint8 *bytes);

/* Both for GHashTable, with keys of type McDigest *. */
gboolean mc_digest_equal (gconstpointer a, gconstpointer b);
guint mc_digest_hash (gconstpointer digest);

McDigest *mc_digest_copy (const McDigest *digest); /* g_free() it */

G_END_DECLS
