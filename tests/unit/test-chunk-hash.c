/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-chunk-hash.h"

#include <string.h>

#define MOST_CHECKS (80 * MC_CHECK_SIZE)

/* What "xxhsum" says of the blocks (-H3, bytes reversed) and of these sums together (-H2). The
 * bytes count from 0 to 250 again and again. */
static const struct
{
  gsize length;
  gsize n_blocks;
  const char *first;
  const char *last;
  const char *hash;
} known[] = {
  { 3, 1, "bb9c1c16fc99425f", "bb9c1c16fc99425f", "af78b24231aeb74099c3ff8812233e60" },
  { MC_BLOCK_SIZE, 1, "68a807078063aeaa", "68a807078063aeaa", "959e97207423eba176b8a67f5644af35" },
  { MC_BLOCK_SIZE + 1, 2, "68a807078063aeaa", "3b33d03e88a33729",
    "086c887af4bb95b2cde3569961e0ffd5" },
  { 80 * MC_BLOCK_SIZE, 80, "68a807078063aeaa", "6ffef571fa07d8ed",
    "569a40e22f1e7b8de65dd6bfe5ea1ff1" },
};

static guint8 *
count_up (gsize length)
{
  guint8 *bytes = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8) (i % 251);
  return bytes;
}

static void
assert_hex (const guint8 *bytes, gsize length, const char *hex)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < length; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  g_assert_cmpstr (text->str, ==, hex);
}

static void
test_known (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autofree guint8 *bytes = count_up (known[i].length);
      gsize length = known[i].n_blocks * MC_CHECK_SIZE;
      guint8 checks[MOST_CHECKS];
      guint8 hash[MC_CHUNK_HASH_SIZE];

      g_assert_cmpuint (mc_chunk_count_blocks (known[i].length), ==, known[i].n_blocks);
      mc_chunk_make_checks (bytes, known[i].length, checks);
      assert_hex (checks, MC_CHECK_SIZE, known[i].first);
      assert_hex (checks + length - MC_CHECK_SIZE, MC_CHECK_SIZE, known[i].last);
      mc_chunk_make_hash (checks, length, hash);
      assert_hex (hash, sizeof hash, known[i].hash);
    }
}

static void
test_changed (void)
{
  const gsize length = 2 * MC_BLOCK_SIZE + 10;
  static const gsize places[] = { 0, MC_BLOCK_SIZE - 1, MC_BLOCK_SIZE, 2 * MC_BLOCK_SIZE + 9 };
  g_autofree guint8 *bytes = count_up (length);
  guint8 checks[MOST_CHECKS];

  mc_chunk_make_checks (bytes, length, checks);
  g_assert_true (mc_chunk_has_checks (bytes, length, checks));
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      gsize block = places[i] / MC_BLOCK_SIZE;

      bytes[places[i]] ^= 1;
      g_assert_false (mc_chunk_has_checks (bytes, length, checks));
      for (gsize j = 0; j < 3; j++)
        {
          gsize start = j * MC_BLOCK_SIZE;

          g_assert_cmpint (mc_chunk_has_checks (bytes + start, MIN (length - start, MC_BLOCK_SIZE),
                                                checks + j * MC_CHECK_SIZE),
                           ==, j != block);
        }
      bytes[places[i]] ^= 1;
    }
}

static void
test_none (void)
{
  guint8 checks[MC_CHECK_SIZE] = { 1, 2, 3 };

  g_assert_cmpuint (mc_chunk_count_blocks (0), ==, 0);
  mc_chunk_make_checks ("", 0, checks);
  g_assert_cmpuint (checks[0], ==, 1);
  g_assert_true (mc_chunk_has_checks ("", 0, checks));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chunk-hash/known", test_known);
  g_test_add_func ("/chunk-hash/changed", test_changed);
  g_test_add_func ("/chunk-hash/none", test_none);
  return g_test_run ();
}
