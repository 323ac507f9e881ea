/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "codec-samples.h"
#include "mc-test-store.h"
#include "mc-test-wait.h"

#include "mc-db.h"
#include "mc-error.h"

#include <glib/gstdio.h>
#include <string.h>

/* Chunks that are kept encoded: they take less room, and are read and checked like any other. */

#define SIZE (MC_CHUNK_SIZE / 2 + 77)

static GBytes *
make_sample (const CodecSample *sample)
{
  return g_bytes_new_take (codec_sample_make (sample, SIZE), SIZE);
}

/* A complete pack of one chunk, encoded if that pays. */
static McCodec
fill (McTestFolder *folder, const McDigest *digest, GBytes *whole)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McPack) pack = mc_pack_open (folder->path, digest, SIZE, MC_PACK_WRITE, &error);
  g_autoptr (McChunk) chunk = mc_chunk_new (whole);

  g_assert_no_error (error);
  mc_chunk_encode (chunk);
  mc_pack_put_chunk (pack, 0, chunk, &error);
  g_assert_no_error (error);
  mc_pack_set_complete (pack, &error);
  g_assert_no_error (error);
  return chunk->codec;
}

/* In parts that end anywhere, then as a whole, then from another chunk's end. */
static void
assert_reads (McTestFolder *folder, const McDigest *digest, GBytes *whole)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McPack) pack = mc_pack_open (folder->path, digest, SIZE, MC_PACK_READ, &error);
  g_autoptr (GBytes) found = NULL;
  g_autofree guint8 *buffer = g_malloc (SIZE);
  const guint8 *bytes = g_bytes_get_data (whole, NULL);

  g_assert_no_error (error);
  for (gsize start = 0, length = 1; start + length <= SIZE;
       start += length, length = length * 3 + 1)
    {
      memset (buffer, 0, SIZE);
      mc_pack_read (pack, 0, start, buffer, length, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (buffer, length, bytes + start, length);
    }
  found = mc_pack_read_chunk (pack, 0, &error);
  g_assert_no_error (error);
  mc_test_assert_bytes (found, whole);
}

static void
test_samples (McTestFolder *folder, gconstpointer data)
{
  for (guint i = 0; i < n_codec_samples; i++)
    {
      g_autoptr (GBytes) whole = make_sample (&codec_samples[i]);
      McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
      g_autofree char *path = mc_pack_make_path (folder->path, &digest);
      McCodec codec = fill (folder, &digest, whole);

      g_assert_cmpint (codec, ==, codec_samples[i].codec);
      if (codec == MC_CODEC_RAW)
        g_assert_cmpint (mc_test_measure_file (path), >=, SIZE);
      else
        g_assert_cmpint (mc_test_measure_file (path), <, SIZE * 95 / 100);
      assert_reads (folder, &digest, whole);
    }
}

/* What is kept of one chunk is not given for the other. */
static void
test_by_turns (McTestFolder *folder, gconstpointer data)
{
  const guint64 size = MC_CHUNK_SIZE + 100000;
  g_autofree guint8 *bytes = codec_sample_make (&codec_samples[1], size);
  g_autoptr (GBytes) whole = g_bytes_new_static (bytes, size);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autoptr (GError) error = NULL;
  g_autoptr (McPack) pack = mc_pack_open (folder->path, &digest, size, MC_PACK_WRITE, &error);
  guint8 found[100];

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (whole, (gsize) i * MC_CHUNK_SIZE,
                                                        mc_pack_get_chunk_size (size, i));
      g_autoptr (McChunk) chunk = mc_chunk_new (part);

      mc_chunk_encode (chunk);
      g_assert_cmpint (chunk->codec, ==, MC_CODEC_ZSTD);
      mc_pack_put_chunk (pack, i, chunk, &error);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < 8; i++)
    {
      guint position = i / 2 % 2;
      gsize start = 1000 * i;

      mc_pack_read (pack, position, start, found, sizeof found, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (found, sizeof found, bytes + (gsize) position * MC_CHUNK_SIZE + start, 100);
    }
}

/* Wherever an encoded byte changes, and whatever else the row says of it, it is told. */
static void
test_damage (McTestFolder *folder, gconstpointer data)
{
  static const char *const changes[] = {
    "UPDATE chunks SET codec = 0",
    "UPDATE chunks SET codec = 1",
    "UPDATE chunks SET codec = 2",
    "UPDATE chunks SET bytes = x''",
    "UPDATE chunks SET bytes = CAST (bytes || x'00' AS BLOB)",
    "UPDATE chunks SET bytes = zeroblob (1000)",
    "UPDATE chunks SET bytes = zeroblob (size)",
    "UPDATE chunks SET bytes = CAST (substr (bytes, 1, 50000) || x'ffff' || substr (bytes, 50003) "
    "AS "
    "BLOB)",
  };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *below = g_strdup_printf ("%s/%u", folder->path, i);
      McTestFolder inner = { .path = below };
      g_autoptr (GBytes) whole = make_sample (&codec_samples[2]);
      McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
      g_autofree char *path = mc_pack_make_path (below, &digest);
      g_autoptr (GError) error = NULL;
      g_autoptr (McPack) pack = NULL;
      guint8 byte;
      McDb *db;

      g_assert_cmpint (g_mkdir (below, 0700), ==, 0);
      g_assert_cmpint (fill (&inner, &digest, whole), ==, MC_CODEC_PLANES_32);
      g_assert_true (mc_pack_unseal (below, &digest, &error));
      db = mc_db_open (path, MC_DB_PACK, MC_DB_WRITE, &error);
      g_assert_no_error (error);
      mc_db_run (db, changes[i], 0, &error);
      g_assert_no_error (error);
      mc_db_close (db);
      pack = mc_pack_open (below, &digest, SIZE, MC_PACK_READ, &error);
      g_assert_no_error (error);
      g_assert_null (mc_pack_read_chunk (pack, 0, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
      g_clear_error (&error);
      g_assert_false (mc_pack_read (pack, 0, SIZE - 1, &byte, 1, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
    }
}

static void
set_compression (McStore *store, gboolean on)
{
  GVariantDict changes = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_variant_dict_insert (&changes, mc_setting_get_name (MC_SETTING_COMPRESSION), "b", on);
  mc_store_configure_async (store, g_variant_dict_end (&changes), mc_test_store_result, &result);
  mc_store_configure_finish (store, mc_test_await (&result), &error);
  g_assert_no_error (error);
}

/* What nobody waits for is encoded as it comes in, unless the person does not want it. */
static void
test_setting (McTestFolder *folder, gconstpointer data)
{
  for (guint on = 0; on < 2; on++)
    {
      g_autofree char *below = g_strdup_printf ("%s/%u", folder->path, on);
      g_autoptr (GBytes) whole = make_sample (&codec_samples[4]);
      McStore *store = mc_test_store_open (below);
      g_autofree char *path = NULL;
      McDigest digest;

      if (!on)
        set_compression (store, FALSE);
      mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);
      mc_test_fill (store, &digest, whole);
      mc_test_assert_complete (store, &digest, whole);
      path = mc_pack_make_path (below, &digest);
      if (on)
        g_assert_cmpint (mc_test_measure_file (path), <, SIZE * 3 / 4);
      else
        g_assert_cmpint (mc_test_measure_file (path), >=, SIZE);
      mc_test_store_close (store);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/compression/samples", test_samples, NULL);
  mc_test_folder_add ("/compression/by-turns", test_by_turns, NULL);
  mc_test_folder_add ("/compression/damage", test_damage, NULL);
  mc_test_folder_add ("/compression/setting", test_setting, NULL);
  return g_test_run ();
}
