/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hasher.h"

#include <string.h>

#define SHA256_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA256_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA256_MILLION_A "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
/* "git hash-object" of an empty file and of a file holding "hello\n". */
#define GIT_EMPTY "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
#define GIT_HELLO "ce013625030ba8dba906f756967f9e9ca394464a"

static void
assert_hash (McDigestKind kind, const char *text, gsize length, gsize step, const char *hex)
{
  g_autoptr (McHasher) hasher = mc_hasher_new (kind, length);
  g_autofree char *got = NULL;
  McDigest digest;

  for (gsize i = 0; i < length; i += step)
    mc_hasher_update (hasher, text + i, MIN (step, length - i));
  digest = mc_hasher_finish (hasher);
  g_assert_cmpint (digest.kind, ==, kind);
  got = mc_digest_to_hex (&digest);
  g_assert_cmpstr (got, ==, hex);
}

static void
test_vectors (void)
{
  g_autofree char *million = g_strnfill (1000000, 'a');
  g_autofree char *hex = NULL;
  McDigest digest;

  assert_hash (MC_DIGEST_SHA256, "", 0, 1, SHA256_EMPTY);
  assert_hash (MC_DIGEST_SHA256, "abc", 3, 3, SHA256_ABC);
  assert_hash (MC_DIGEST_SHA256, "abc", 3, 1, SHA256_ABC);
  assert_hash (MC_DIGEST_SHA256, million, 1000000, 4099, SHA256_MILLION_A);
  assert_hash (MC_DIGEST_GIT_SHA1, "", 0, 1, GIT_EMPTY);
  assert_hash (MC_DIGEST_GIT_SHA1, "hello\n", 6, 6, GIT_HELLO);
  assert_hash (MC_DIGEST_GIT_SHA1, "hello\n", 6, 1, GIT_HELLO);
  digest = mc_sha256 ("abc", 3);
  hex = mc_digest_to_hex (&digest);
  g_assert_cmpstr (hex, ==, SHA256_ABC);
}

/* A hasher that is dropped before its end leaks nothing. */
static void
test_abandoned (void)
{
  g_autoptr (McHasher) hasher = mc_hasher_new (MC_DIGEST_SHA256, 3);

  mc_hasher_update (hasher, "ab", 2);
}

static void
test_parse (void)
{
  McDigest digest;
  g_autofree char *upper = g_ascii_strup (SHA256_ABC, -1);
  g_autofree char *hex = NULL;
  g_autofree char *stars = g_strnfill (64, '*');

  g_assert_true (mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, upper));
  hex = mc_digest_to_hex (&digest);
  g_assert_cmpstr (hex, ==, SHA256_ABC);
  g_assert_true (mc_digest_parse_hex (&digest, MC_DIGEST_GIT_SHA1, GIT_HELLO));
  g_assert_cmpint (digest.kind, ==, MC_DIGEST_GIT_SHA1);

  g_assert_false (mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, stars));
  g_assert_cmpint (digest.kind, ==, MC_DIGEST_NONE);
  g_assert_false (mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, NULL));
  g_assert_false (mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, ""));
  g_assert_false (mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, GIT_HELLO));
  g_assert_false (mc_digest_parse_hex (&digest, MC_DIGEST_GIT_SHA1, SHA256_ABC));
  g_assert_false (mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, SHA256_ABC "0"));
  g_assert_false (mc_digest_parse_hex (&digest, MC_DIGEST_NONE, ""));
}

static void
test_values (void)
{
  McDigest sha256;
  McDigest git;
  McDigest none = { MC_DIGEST_NONE };
  g_autofree char *nothing = mc_digest_to_hex (&none);
  g_autofree McDigest *copy = NULL;

  g_assert_true (mc_digest_parse_hex (&sha256, MC_DIGEST_SHA256, SHA256_ABC));
  g_assert_true (mc_digest_parse_hex (&git, MC_DIGEST_GIT_SHA1, GIT_HELLO));
  copy = mc_digest_copy (&sha256);
  g_assert_true (mc_digest_equal (copy, &sha256));
  g_assert_cmpuint (mc_digest_hash (copy), ==, mc_digest_hash (&sha256));
  g_assert_false (mc_digest_equal (&git, &sha256));
  copy->bytes[31] ^= 1;
  g_assert_false (mc_digest_equal (copy, &sha256));
  g_assert_cmpstr (nothing, ==, "");
  g_assert_cmpstr (mc_digest_kind_get_name (MC_DIGEST_SHA256), ==, "sha256");
  g_assert_cmpstr (mc_digest_kind_get_name (MC_DIGEST_GIT_SHA1), ==, "git_sha1");
  g_assert_null (mc_digest_kind_get_name (MC_DIGEST_NONE));
  /* Unused bytes are zero, so that equal digests are equal as memory. */
  for (guint i = MC_SHA1_SIZE; i < MC_SHA256_SIZE; i++)
    g_assert_cmpuint (git.bytes[i], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/digest/vectors", test_vectors);
  g_test_add_func ("/digest/abandoned", test_abandoned);
  g_test_add_func ("/digest/parse", test_parse);
  g_test_add_func ("/digest/values", test_values);
  return g_test_run ();
}
