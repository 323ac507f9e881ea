/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-pack.h"

#include "mc-db.h"
#include "mc-error.h"
#include "mc-hasher.h"
#include "mc-test-folder.h"

#include <glib/gstdio.h>
#include <string.h>

/* One content in its file: what goes in comes out, and nothing else ever does. */

static McPack *
open_pack (McTestFolder *folder, const McDigest *digest, guint64 size, McPackMode mode)
{
  g_autoptr (GError) error = NULL;
  McPack *pack = mc_pack_open (folder->path, digest, size, mode, &error);

  g_assert_no_error (error);
  g_assert_nonnull (pack);
  return pack;
}

static void
put (McPack *pack, guint position, GBytes *whole)
{
  gsize length = mc_pack_get_chunk_size (g_bytes_get_size (whole), position);
  g_autoptr (GBytes) bytes =
      g_bytes_new_from_bytes (whole, (gsize) position * MC_CHUNK_SIZE, length);
  g_autoptr (McChunk) chunk = mc_chunk_new (bytes);
  g_autoptr (GError) error = NULL;

  mc_pack_put_chunk (pack, position, chunk, &error);
  g_assert_no_error (error);
}

static void
fill (McTestFolder *folder, const McDigest *digest, GBytes *whole)
{
  g_autoptr (McPack) pack = open_pack (folder, digest, g_bytes_get_size (whole), MC_PACK_WRITE);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < mc_pack_get_n_chunks (pack); i++)
    put (pack, i, whole);
  mc_pack_set_complete (pack, &error);
  g_assert_no_error (error);
}

static GBytes *
read_all (McPack *pack, GError **error)
{
  g_autoptr (GByteArray) whole = g_byte_array_new ();

  for (guint i = 0; i < mc_pack_get_n_chunks (pack); i++)
    {
      g_autoptr (GBytes) bytes = mc_pack_read_chunk (pack, i, error);

      if (bytes == NULL)
        return NULL;
      g_byte_array_append (whole, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&whole));
}

static void
assert_not_opened (
    McTestFolder *folder, const McDigest *digest, guint64 size, McPackMode mode, McError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mc_pack_open (folder->path, digest, size, mode, &error));
  g_assert_error (error, MC_ERROR, (int) code);
}

static void
test_sizes (McTestFolder *folder, gconstpointer data)
{
  static const struct
  {
    guint64 size;
    guint n_chunks;
  } sizes[] = {
    { 0, 0 },
    { 1, 1 },
    { MC_CHUNK_SIZE - 1, 1 },
    { MC_CHUNK_SIZE, 1 },
    { MC_CHUNK_SIZE + 1, 2 },
    { 3 * MC_CHUNK_SIZE, 3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) whole = mc_test_make_bytes (sizes[i].size, i + 1);
      McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
      g_autoptr (McPack) pack = NULL;
      g_autoptr (GBytes) found = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (mc_pack_count_chunks (sizes[i].size), ==, sizes[i].n_chunks);
      fill (folder, &digest, whole);
      pack = open_pack (folder, &digest, sizes[i].size, MC_PACK_READ);
      found = read_all (pack, &error);
      g_assert_no_error (error);
      mc_test_assert_bytes (found, whole);
    }
  g_assert_cmpuint (mc_pack_count_chunks (MC_CONTENT_MAX_SIZE), ==, 3355444);
}

static void
test_list (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GBytes) whole = mc_test_make_bytes (2 * MC_CHUNK_SIZE + 7, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_GIT_SHA1, whole);
  g_autoptr (McPack) pack = open_pack (folder, &digest, 2 * MC_CHUNK_SIZE + 7, MC_PACK_WRITE);
  g_autoptr (GError) error = NULL;
  McPackState state;

  for (guint i = 0; i < 4; i++)
    {
      static const guint order[] = { 2, 0, 1 };
      static const guint64 committed[] = { 0, 7, MC_CHUNK_SIZE + 7, 2 * MC_CHUNK_SIZE + 7 };
      g_autofree guint8 *present = mc_pack_list_chunks (pack, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (present[2], ==, i > 0);
      g_assert_cmpuint (present[0], ==, i > 1);
      g_assert_cmpuint (present[1], ==, i > 2);
      g_assert_true (mc_pack_get_state (pack, &state, &error));
      g_assert_cmpuint (state.committed, ==, committed[i]);
      g_assert_false (state.complete);
      if (i < 3)
        put (pack, order[i], whole);
    }
  g_assert_true (mc_pack_set_complete (pack, &error));
  g_assert_true (mc_pack_get_state (pack, &state, &error));
  g_assert_true (state.complete);
}

/* The settings that make it fast are really there, and it takes the room of its bytes. */
static void
test_file (McTestFolder *folder, gconstpointer data)
{
  static const char sql[] = "SELECT page_size, auto_vacuum, page_count, freelist_count "
                            "FROM pragma_page_size, pragma_auto_vacuum, pragma_page_count, "
                            "pragma_freelist_count";
  const guint64 size = 6 * MC_CHUNK_SIZE;
  g_autoptr (GBytes) whole = mc_test_make_bytes (size, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  g_autofree char *journal = g_strconcat (path, "-journal", NULL);
  g_autoptr (GError) error = NULL;
  McDb *db;
  McStmt *stmt;
  gboolean row;

  fill (folder, &digest, whole);
  g_assert_cmpint (mc_test_measure_file (path), >=, (gint64) size);
  g_assert_cmpfloat ((double) mc_test_measure_file (path), <, 1.02 * (double) size);
  g_assert_cmpint (mc_test_measure_file (journal), <=, 0);

  db = mc_db_open (path, MC_DB_PACK, MC_DB_READ, &error);
  g_assert_no_error (error);
  stmt = mc_db_borrow (db, sql, &error);
  g_assert_no_error (error);
  g_assert_true (mc_stmt_step (stmt, &row, &error));
  g_assert_cmpint (mc_stmt_get_int (stmt, 0), ==, 65536);
  g_assert_cmpint (mc_stmt_get_int (stmt, 1), ==, 2);
  g_assert_cmpint (mc_stmt_get_int (stmt, 2) * 65536, ==, mc_test_measure_file (path));
  g_assert_cmpint (mc_stmt_get_int (stmt, 3), ==, 0);
  mc_stmt_return (stmt);
  mc_db_close (db);
}

/* A file that a crash left empty is a pack like any other once it is written. */
static void
test_left_empty (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GBytes) whole = mc_test_make_bytes (MC_CHUNK_SIZE, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  g_autoptr (GError) error = NULL;
  McPackState state = { 1, TRUE };
  McDigest found;
  guint64 size;

  g_assert_true (mc_pack_make_folder (folder->path, &digest, &error));
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_true (mc_pack_probe (path, &found, &size, &state, &error));
  g_assert_no_error (error);
  g_assert_cmpint (found.kind, ==, MC_DIGEST_NONE);
  g_assert_cmpuint (state.committed, ==, 0);
  g_assert_false (state.complete);
  fill (folder, &digest, whole);
  g_assert_cmpint (mc_test_measure_file (path), >=, MC_CHUNK_SIZE);
  g_assert_cmpfloat ((double) mc_test_measure_file (path), <, 1.08 * MC_CHUNK_SIZE);
}

static void
test_not_there (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GBytes) whole = mc_test_make_bytes (10, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *packs = g_build_filename (folder->path, "packs", NULL);

  assert_not_opened (folder, &digest, 10, MC_PACK_READ, MC_ERROR_NOT_DOWNLOADED);
  assert_not_opened (folder, &digest, 10, MC_PACK_REPAIR, MC_ERROR_NOT_DOWNLOADED);
  g_assert_false (g_file_test (packs, G_FILE_TEST_EXISTS));
}

static void
test_incomplete (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GBytes) whole = mc_test_make_bytes (10, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  McPack *pack = open_pack (folder, &digest, 10, MC_PACK_WRITE);

  put (pack, 0, whole);
  mc_pack_close (pack);
  assert_not_opened (folder, &digest, 10, MC_PACK_READ, MC_ERROR_NOT_DOWNLOADED);
  mc_pack_close (open_pack (folder, &digest, 10, MC_PACK_REPAIR));
}

static void
test_other_content (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GBytes) whole = mc_test_make_bytes (10, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  McDigest other = mc_test_digest (MC_DIGEST_GIT_SHA1, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  g_autofree char *other_path = mc_pack_make_path (folder->path, &other);
  g_autoptr (GError) error = NULL;

  fill (folder, &digest, whole);
  for (McPackMode mode = MC_PACK_WRITE; mode <= MC_PACK_READ; mode++)
    assert_not_opened (folder, &digest, 11, mode, MC_ERROR_CORRUPT);
  g_assert_true (mc_pack_make_folder (folder->path, &other, &error));
  g_assert_cmpint (g_rename (path, other_path), ==, 0);
  for (McPackMode mode = MC_PACK_WRITE; mode <= MC_PACK_READ; mode++)
    assert_not_opened (folder, &other, 10, mode, MC_ERROR_CORRUPT);
}

static void
test_garbage (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *noise = g_strnfill (200000, 'x');
  g_autoptr (GBytes) whole = mc_test_make_bytes (10, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);

  g_assert_true (mc_pack_make_folder (folder->path, &digest, NULL));
  g_assert_true (g_file_set_contents (path, noise, 200000, NULL));
  for (McPackMode mode = MC_PACK_WRITE; mode <= MC_PACK_READ; mode++)
    assert_not_opened (folder, &digest, 10, mode, MC_ERROR_CORRUPT);
}

static void
test_damage (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GBytes) whole = mc_test_make_bytes (3 * MC_CHUNK_SIZE, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  const guint8 *middle = (const guint8 *) g_bytes_get_data (whole, NULL) + MC_CHUNK_SIZE * 3 / 2;
  g_autoptr (McPack) pack = NULL;
  gint64 offset;

  fill (folder, &digest, whole);
  offset = mc_test_find_in_file (path, 0, middle, 64);
  g_assert_cmpint (offset, >, 0);
  mc_test_damage_file (path, offset);
  pack = open_pack (folder, &digest, 3 * MC_CHUNK_SIZE, MC_PACK_READ);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = mc_pack_read_chunk (pack, i, &error);

      if (i != 1)
        g_assert_no_error (error);
      else
        g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
      g_assert_cmpint (bytes != NULL, ==, i != 1);
    }
}

/* Parts are read by themselves, wherever they begin and end. What is wrong in a block that a part
 * does not touch is not its concern. */
static void
test_parts (McTestFolder *folder, gconstpointer data)
{
  static const struct
  {
    gsize start;
    gsize length;
    gboolean bad; /* when block 3 is damaged */
  } parts[] = {
    { 0, 0, FALSE },
    { 0, 1, FALSE },
    { 0, MC_CHUNK_SIZE, TRUE },
    { 1, MC_CHUNK_SIZE - 1, TRUE },
    { MC_CHUNK_SIZE - 1, 1, FALSE },
    { MC_CHUNK_SIZE, 0, FALSE },
    { 0, 3 * MC_BLOCK_SIZE, FALSE },
    { 0, 3 * MC_BLOCK_SIZE + 1, TRUE },
    { 4 * MC_BLOCK_SIZE - 1, 1, TRUE },
    { 4 * MC_BLOCK_SIZE, MC_BLOCK_SIZE, FALSE },
    { 2 * MC_BLOCK_SIZE + 100, 3 * MC_BLOCK_SIZE, TRUE },
    { 10 * MC_BLOCK_SIZE - 7, 14, FALSE },
  };
  g_autoptr (GBytes) whole = mc_test_make_bytes (MC_CHUNK_SIZE, 1);
  const guint8 *bytes = g_bytes_get_data (whole, NULL);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  g_autofree guint8 *buffer = g_malloc (MC_CHUNK_SIZE);
  gint64 offset;

  fill (folder, &digest, whole);
  offset = mc_test_find_in_file (path, 0, bytes + 3 * MC_BLOCK_SIZE + 20000, 64);
  for (guint damaged = 0; damaged < 2; damaged++)
    {
      g_autoptr (McPack) pack = open_pack (folder, &digest, MC_CHUNK_SIZE, MC_PACK_READ);

      if (damaged)
        mc_test_damage_file (path, offset);
      for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
        {
          g_autoptr (GError) error = NULL;
          gboolean ok = mc_pack_read (pack, 0, parts[i].start, buffer, parts[i].length, &error);

          g_assert_cmpint (ok, ==, !damaged || !parts[i].bad);
          if (ok)
            g_assert_cmpmem (buffer, parts[i].length, bytes + parts[i].start, parts[i].length);
          else
            g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
        }
    }
}

/* Checks that were changed together with the bytes still have to have the chunk's hash. */
static void
test_wrong_checks (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GBytes) whole = mc_test_make_bytes (MC_CHUNK_SIZE, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  g_autoptr (McChunk) chunk = mc_chunk_new (whole);
  g_autoptr (GError) error = NULL;
  g_autoptr (McPack) pack = NULL;
  guint8 byte;

  fill (folder, &digest, whole);
  mc_test_damage_file (
      path, mc_test_find_in_file (path, 0, chunk->checks + 100, chunk->checks_length - 100));
  pack = open_pack (folder, &digest, MC_CHUNK_SIZE, MC_PACK_READ);
  g_assert_false (mc_pack_read (pack, 0, 0, &byte, 1, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
}

/* A chunk of another length that has its hash: it would move all that comes after it. */
static void
test_wrong_length (McTestFolder *folder, gconstpointer data)
{
  static const char sql[] = "UPDATE chunks SET size = 3, hash = :sha256, checks = NULL, "
                            "bytes = x'616263'";
  g_autoptr (GBytes) whole = mc_test_make_bytes (MC_CHUNK_SIZE, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  McDigest abc = mc_sha256 ("abc", 3);
  g_autofree guint8 *present = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  McPack *pack;
  McStmt *stmt;
  McDb *db;

  fill (folder, &digest, whole);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  db = mc_db_open (path, MC_DB_PACK, MC_DB_WRITE, &error);
  g_assert_no_error (error);
  stmt = mc_db_borrow (db, sql, &error);
  g_assert_no_error (error);
  mc_stmt_bind_digest (stmt, ":sha256", &abc);
  g_assert_true (mc_stmt_run (stmt, &error));
  mc_stmt_return (stmt);
  mc_db_close (db);
  pack = open_pack (folder, &digest, MC_CHUNK_SIZE, MC_PACK_READ);
  bytes = mc_pack_read_chunk (pack, 0, &error);
  g_assert_null (bytes);
  g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
  g_clear_error (&error);
  present = mc_pack_list_chunks (pack, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (present[0], ==, 0);
  mc_pack_close (pack);
}

/* Wherever a byte changes: the bytes that come out are right, or there is an error. */
static void
test_damage_anywhere (McTestFolder *folder, gconstpointer data)
{
  const guint64 size = MC_CHUNK_SIZE + 100000;
  g_autoptr (GBytes) whole = mc_test_make_bytes (size, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  guint n_found = 0;
  gint64 step = 0;

  fill (folder, &digest, whole);
  for (gint64 offset = 0; offset < mc_test_measure_file (path); offset += offset < 120 ? 2 : step)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (McPack) pack = NULL;
      g_autoptr (GBytes) found = NULL;

      /* The header and the first pages hold it together; the rest is bytes. */
      step = offset < 200000 ? 3001 : 800011;
      mc_test_damage_file (path, offset);
      pack = mc_pack_open (folder->path, &digest, size, MC_PACK_READ, &error);
      if (pack != NULL)
        found = read_all (pack, &error);
      if (found != NULL)
        mc_test_assert_bytes (found, whole);
      else
        g_assert_true (error->domain == MC_ERROR);
      n_found += found == NULL;
      mc_test_damage_file (path, offset);
    }
  g_assert_cmpuint (n_found, >, 10);
}

static void
test_drop_chunk (McTestFolder *folder, gconstpointer data)
{
  const guint64 size = 2 * MC_CHUNK_SIZE + 1;
  g_autoptr (GBytes) whole = mc_test_make_bytes (size, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  g_autofree guint8 *present = NULL;
  g_autoptr (GBytes) found = NULL;
  g_autoptr (GError) error = NULL;
  McPackState state;
  McPack *pack;
  gint64 length;

  fill (folder, &digest, whole);
  length = mc_test_measure_file (path);
  pack = open_pack (folder, &digest, size, MC_PACK_REPAIR);
  g_assert_true (mc_pack_drop_chunk (pack, 1, &error));
  present = mc_pack_list_chunks (pack, &error);
  g_assert_cmpmem (present, 3, "\1\0\1", 3);
  g_assert_true (mc_pack_get_state (pack, &state, &error));
  g_assert_cmpuint (state.committed, ==, MC_CHUNK_SIZE + 1);
  g_assert_false (state.complete);
  mc_pack_close (pack);
  assert_not_opened (folder, &digest, size, MC_PACK_READ, MC_ERROR_NOT_DOWNLOADED);

  /* The pages that came free are taken again. */
  fill (folder, &digest, whole);
  g_assert_cmpint (mc_test_measure_file (path), <=, length + 65536);
  pack = open_pack (folder, &digest, size, MC_PACK_READ);
  found = read_all (pack, &error);
  mc_test_assert_bytes (found, whole);
  mc_pack_close (pack);
}

/* A complete pack is a read-only file, and a changed one is not. */
static void
test_seal (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GBytes) whole = mc_test_make_bytes (10, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  McPackState state;
  McDigest found;
  guint64 size;

  g_assert_false (mc_pack_is_sealed (folder->path, &digest));
  mc_pack_close (open_pack (folder, &digest, 10, MC_PACK_WRITE));
  g_assert_false (mc_pack_is_sealed (folder->path, &digest));
  fill (folder, &digest, whole);
  g_assert_true (mc_pack_is_sealed (folder->path, &digest));
  mc_pack_close (open_pack (folder, &digest, 10, MC_PACK_READ));
  g_assert_true (mc_pack_probe (path, &found, &size, &state, NULL));
  g_assert_true (state.complete);
  g_assert_cmpuint (size, ==, 10);
  g_assert_true (mc_pack_is_sealed (folder->path, &digest));
  mc_pack_close (open_pack (folder, &digest, 10, MC_PACK_REPAIR));
  g_assert_false (mc_pack_is_sealed (folder->path, &digest));
}

static void
test_unlink (McTestFolder *folder, gconstpointer data)
{
  static const char *const suffixes[] = { "", "-journal", ".damaged" };
  g_autoptr (GBytes) whole = mc_test_make_bytes (10, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  g_autoptr (GError) error = NULL;

  for (guint again = 0; again < 2; again++)
    {
      g_assert_true (mc_pack_unlink (folder->path, &digest, &error));
      g_assert_no_error (error);
      for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
        {
          g_autofree char *name = g_strconcat (path, suffixes[i], NULL);

          g_assert_false (g_file_test (name, G_FILE_TEST_EXISTS));
          if (again == 0)
            {
              g_assert_true (mc_pack_make_folder (folder->path, &digest, &error));
              g_assert_true (g_file_set_contents (name, "x", 1, NULL));
            }
        }
    }
  g_assert_true (mc_pack_unlink (folder->path, &digest, &error));
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (path, suffixes[i], NULL);

      g_assert_false (g_file_test (name, G_FILE_TEST_EXISTS));
    }
}

static void
test_put_aside (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GBytes) whole = mc_test_make_bytes (10, 1);
  McDigest digest = mc_test_digest (MC_DIGEST_SHA256, whole);
  g_autofree char *path = mc_pack_make_path (folder->path, &digest);
  g_autofree char *aside = g_strconcat (path, ".damaged", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (mc_pack_put_aside (folder->path, &digest, &error));
  mc_pack_close (open_pack (folder, &digest, 10, MC_PACK_WRITE));
  g_assert_true (mc_pack_put_aside (folder->path, &digest, &error));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  fill (folder, &digest, whole);
  g_assert_false (g_file_test (aside, G_FILE_TEST_EXISTS));
}

static void
test_names (void)
{
  static const char hex[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  g_autofree char *path = NULL;
  McDigest digest;
  McDigest parsed;

  g_assert_true (mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, hex));
  path = mc_pack_make_path ("/f", &digest);
  g_assert_cmpstr (
      path, ==,
      "/f/packs/00/00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff.pack");
  g_assert_true (mc_pack_parse_name (path + strlen ("/f/packs/00/"), &parsed));
  g_assert_true (mc_digest_equal (&parsed, &digest));
  g_assert_true (mc_pack_parse_name ("00112233445566778899aabbccddeeff00112233.pack", &parsed));
  g_assert_cmpint (parsed.kind, ==, MC_DIGEST_GIT_SHA1);
  g_assert_false (mc_pack_parse_name ("0011.pack", &parsed));
  g_assert_false (mc_pack_parse_name (".pack", &parsed));
  g_assert_false (mc_pack_parse_name (hex, &parsed));
  g_assert_false (
      mc_pack_parse_name ("00112233445566778899aabbccddeeff00112233.pack.damaged", &parsed));
  g_assert_false (
      mc_pack_parse_name ("00112233445566778899aabbccddeeff00112233.pack-journal", &parsed));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/pack/sizes", test_sizes, NULL);
  mc_test_folder_add ("/pack/list", test_list, NULL);
  mc_test_folder_add ("/pack/file", test_file, NULL);
  mc_test_folder_add ("/pack/left-empty", test_left_empty, NULL);
  mc_test_folder_add ("/pack/not-there", test_not_there, NULL);
  mc_test_folder_add ("/pack/incomplete", test_incomplete, NULL);
  mc_test_folder_add ("/pack/other-content", test_other_content, NULL);
  mc_test_folder_add ("/pack/garbage", test_garbage, NULL);
  mc_test_folder_add ("/pack/damage", test_damage, NULL);
  mc_test_folder_add ("/pack/parts", test_parts, NULL);
  mc_test_folder_add ("/pack/wrong-checks", test_wrong_checks, NULL);
  mc_test_folder_add ("/pack/wrong-length", test_wrong_length, NULL);
  mc_test_folder_add ("/pack/damage-anywhere", test_damage_anywhere, NULL);
  mc_test_folder_add ("/pack/drop-chunk", test_drop_chunk, NULL);
  mc_test_folder_add ("/pack/seal", test_seal, NULL);
  mc_test_folder_add ("/pack/unlink", test_unlink, NULL);
  mc_test_folder_add ("/pack/put-aside", test_put_aside, NULL);
  g_test_add_func ("/pack/names", test_names);
  return g_test_run ();
}
