/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-chunk.h"
#include "mc-pack.h"

#include "mc-db.h"
#include "mc-test-folder.h"

#include <string.h>

/* Values that are read past SQLite, as they are in a file that nobody changes. */

#define PAGE 65536
#define MIB (1024 * 1024)

static const char SQL_PUT[] = "INSERT INTO chunks (position, size, hash, checks, codec, bytes) "
                              "VALUES (:id, 1, zeroblob (16), zeroblob (8), 0, :bytes)";

static McDb *
open_db (const char *path, McDbMode mode)
{
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, MC_DB_PACK, mode, &error);

  g_assert_no_error (error);
  return db;
}

static void
put (McDb *db, gint64 id, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_PUT, &error);
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  mc_stmt_bind_int (stmt, ":id", id);
  mc_stmt_bind_blob (stmt, ":bytes", length == 0 ? "" : data, length);
  mc_stmt_run (stmt, &error);
  g_assert_no_error (error);
}

static void
assert_part (McBlob *blob, GBytes *expected, gsize offset, gsize length)
{
  g_autofree guint8 *found = g_malloc (length + 1);
  g_autoptr (GError) error = NULL;

  found[length] = 0x5a;
  mc_blob_read (blob, offset, found, length, &error);
  g_assert_no_error (error);
  g_assert_true (memcmp (found, (const guint8 *) g_bytes_get_data (expected, NULL) + offset, length)
                 == 0);
  g_assert_cmpuint (found[length], ==, 0x5a);
}

/* All of it, and parts that begin and end about where pages do. */
static void
assert_value (McDb *db, gint64 id, GBytes *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McBlob) blob = mc_blob_open (db, "chunks", "bytes", id, &error);
  gsize length = g_bytes_get_size (expected);

  g_assert_no_error (error);
  g_assert_cmpuint (mc_blob_get_length (blob), ==, length);
  assert_part (blob, expected, 0, length);
  for (gsize at = 0; at < length; at += PAGE / 2 - 5)
    {
      assert_part (blob, expected, at, MIN (length - at, 1));
      assert_part (blob, expected, at, MIN (length - at, PAGE));
      assert_part (blob, expected, at, MIN (length - at, 3 * PAGE + 7));
    }
}

/* Values that lie in the row's page, just fit there or not any more, and go on in others. */
static void
test_sizes (McTestFolder *folder, gconstpointer data)
{
  static const gsize sizes[] = { 0,         1,       8000,    65400,   65450,       65460,
                                 65470,     65480,   65500,   65536,   131000,      131072,
                                 4 * 65532, MIB,     5 * MIB, 5 * MIB, 5 * MIB - 3, 7 * MIB,
                                 5 * MIB,   5 * MIB, 5 * MIB, 5 * MIB };
  g_autofree char *path = g_build_filename (folder->path, "a.pack", NULL);
  McDb *db = open_db (path, MC_DB_CREATE);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) bytes = mc_test_make_bytes (sizes[i], i);

      put (db, i, bytes);
    }
  mc_db_close (db);
  db = open_db (path, MC_DB_IMMUTABLE);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) bytes = mc_test_make_bytes (sizes[i], i);

      assert_value (db, i, bytes);
    }
  mc_db_close (db);
}

static void
write_number (const char *path, guint64 offset, guint32 number)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileIOStream) stream = g_file_open_readwrite (file, NULL, &error);
  guint32 bytes = GUINT32_TO_BE (number);

  g_assert_no_error (error);
  g_seekable_seek (G_SEEKABLE (stream), (goffset) offset, G_SEEK_SET, NULL, &error);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (stream)), &bytes,
                             sizeof bytes, NULL, NULL, &error);
  g_io_stream_close (G_IO_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
}

/* It does not look where a page says that the next one is: with SQLite this value ends here. */
static void
test_past_links (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = g_build_filename (folder->path, "a.pack", NULL);
  g_autoptr (GBytes) bytes = mc_test_make_bytes (5 * MIB, 1);
  const guint8 *middle = (const guint8 *) g_bytes_get_data (bytes, NULL) + 2 * MIB;
  McDb *db = open_db (path, MC_DB_CREATE);
  gint64 page;

  put (db, 0, bytes);
  mc_db_close (db);
  page = mc_test_find_in_file (path, 0, middle, 64) / PAGE * PAGE;
  g_assert_cmpint (page, >, 0);
  write_number (path, (guint64) page, 0);
  db = open_db (path, MC_DB_IMMUTABLE);
  assert_value (db, 0, bytes);
  mc_db_close (db);
}

static void
fill (McPack *pack, guint position)
{
  g_autoptr (GBytes) bytes = mc_test_make_bytes (MC_CHUNK_SIZE, position);
  g_autoptr (McChunk) chunk = mc_chunk_new (bytes);
  g_autoptr (GError) error = NULL;

  mc_pack_put_chunk (pack, position, chunk, &error);
  g_assert_no_error (error);
}

/* Where what was repaired lies in pages that others left, the reader notices and asks SQLite. */
static void
test_out_of_order (McTestFolder *folder, gconstpointer data)
{
  const guint64 size = 4 * MC_CHUNK_SIZE;
  McDigest digest = { .kind = MC_DIGEST_SHA256 };
  g_autoptr (GError) error = NULL;
  g_autoptr (McPack) pack = mc_pack_open (folder->path, &digest, size, MC_PACK_WRITE, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    fill (pack, i);
  mc_pack_drop_chunk (pack, 2, &error);
  mc_pack_drop_chunk (pack, 0, &error);
  for (guint i = 4; i > 0; i--)
    if (i != 2)
      fill (pack, i - 1);
  mc_pack_set_complete (pack, &error);
  g_assert_no_error (error);
  g_clear_pointer (&pack, mc_pack_close);

  pack = mc_pack_open (folder->path, &digest, size, MC_PACK_READ, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GBytes) expected = mc_test_make_bytes (MC_CHUNK_SIZE, i);
      g_autoptr (GBytes) found = mc_pack_read_chunk (pack, i, &error);

      g_assert_no_error (error);
      mc_test_assert_bytes (found, expected);
    }
}

/* A file from anyone: each place of it is changed, and whatever is said of a value is not beyond
 * what was asked for. */
static void
read_whatever (McDb *db, gint64 id)
{
  g_autoptr (McBlob) blob = mc_blob_open (db, "chunks", "bytes", id, NULL);
  gsize length = blob == NULL ? 0 : mc_blob_get_length (blob);
  g_autofree guint8 *bytes = NULL;

  g_assert_cmpuint (length, <=, 8 * MIB);
  bytes = g_malloc (length + 1);
  if (blob != NULL)
    mc_blob_read (blob, 0, bytes, length, NULL);
}

static gsize
draw_place (GRand *random, gsize size)
{
  gsize page = (gsize) g_rand_int (random) % (size / PAGE) * PAGE;

  /* Heads of pages, and the cells at their ends, have the numbers that lead on. */
  switch (g_rand_int_range (random, 0, 4))
    {
    case 0:
      return page + (gsize) g_rand_int_range (random, 0, PAGE);
    case 1:
      return page + PAGE - (gsize) g_rand_int_range (random, 1, 9000);
    default:
      return page + (gsize) g_rand_int_range (random, 0, 64);
    }
}

static void
test_hostile (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = g_build_filename (folder->path, "a.pack", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = NULL;
  gsize size;
  McDb *db = open_db (path, MC_DB_CREATE);

  for (guint i = 0; i < 12; i++)
    {
      g_autoptr (GBytes) bytes = mc_test_make_bytes (i * 30000, i);

      put (db, i, bytes);
    }
  mc_db_close (db);
  g_file_get_contents (path, &whole, &size, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 1000; i++)
    {
      gsize place = draw_place (random, size);
      char kept = whole[place];

      whole[place] = (char) g_rand_int (random);
      g_file_set_contents_full (path, whole, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, &error);
      g_assert_no_error (error);
      whole[place] = kept;
      db = mc_db_open (path, MC_DB_PACK, MC_DB_IMMUTABLE, NULL);
      for (gint64 id = -1; db != NULL && id < 13; id++)
        read_whatever (db, id);
      g_clear_pointer (&db, mc_db_close);
    }
}

/* Behind the first GiB, where a page is left out for locks, and behind the second page that has
 * the others' map. */
static void
test_large (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = g_build_filename (folder->path, "a.pack", NULL);
  g_autoptr (GBytes) bytes = mc_test_make_bytes (7 * MIB, 1);
  g_autoptr (GError) error = NULL;
  const guint n = 160;
  McDb *db;

  if (!g_test_slow ())
    {
      g_test_skip ("writes more than 1 GiB: run with -m slow");
      return;
    }
  db = open_db (path, MC_DB_CREATE);
  mc_db_run (db, "PRAGMA synchronous = OFF", 0, &error);
  for (guint i = 0; i < n; i++)
    put (db, i, bytes);
  mc_db_close (db);
  db = open_db (path, MC_DB_IMMUTABLE);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (McBlob) blob = mc_blob_open (db, "chunks", "bytes", i, &error);

      g_assert_no_error (error);
      assert_part (blob, bytes, 0, 7 * MIB);
    }
  mc_db_close (db);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/blob-place/sizes", test_sizes, NULL);
  mc_test_folder_add ("/blob-place/past-links", test_past_links, NULL);
  mc_test_folder_add ("/blob-place/out-of-order", test_out_of_order, NULL);
  mc_test_folder_add ("/blob-place/hostile", test_hostile, NULL);
  mc_test_folder_add ("/blob-place/large", test_large, NULL);
  return g_test_run ();
}
