/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-store.h"
#include "mc-test-wait.h"

#include "mc-content-reader.h"
#include "mc-db.h"
#include "mc-error.h"
#include "mc-store-audit.h"
#include "mc-store-copy.h"

#include <glib/gstdio.h>
#include <string.h>

/* Chunks that contents have in common: kept once, and there for each of them whatever becomes of
 * the others. */

#define TAIL 300000
#define SIZE (2 * MC_CHUNK_SIZE + TAIL)

/* "b" and "c" have both whole chunks of "a", in other places; "d" has one of them. */
typedef struct
{
  McStore *store; /* (owned) */
  gint64 repo;
  GBytes *whole[4]; /* (owned) */
  McDigest digest[4];
} World;

static const char *const paths[] = { "a", "b", "c", "d" };

static GBytes *
make_content (guint first, guint second, guint tail)
{
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  g_autoptr (GBytes) one = mc_test_make_bytes (MC_CHUNK_SIZE, first);
  g_autoptr (GBytes) two = mc_test_make_bytes (MC_CHUNK_SIZE, second);
  g_autoptr (GBytes) three = mc_test_make_bytes (TAIL, tail);

  g_byte_array_append (whole, g_bytes_get_data (one, NULL), MC_CHUNK_SIZE);
  g_byte_array_append (whole, g_bytes_get_data (two, NULL), MC_CHUNK_SIZE);
  g_byte_array_append (whole, g_bytes_get_data (three, NULL), TAIL);
  return g_byte_array_free_to_bytes (g_steal_pointer (&whole));
}

static void
hold (World *world, const char *path)
{
  g_autoptr (GError) error = NULL;

  mc_test_hold (world->store, world->repo, "", path, &error);
  g_assert_no_error (error);
}

/* Everything is held, nothing is here. */
static void
world_init (World *world, const char *folder)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", '1');

  world->store = mc_test_store_open (folder);
  world->whole[0] = make_content (1, 2, 10);
  world->whole[1] = make_content (2, 1, 11);
  world->whole[2] = make_content (1, 2, 12);
  world->whole[3] = make_content (3, 2, 13);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      mc_test_manifest_add (manifest, paths[i], MC_DIGEST_SHA256, world->whole[i]);
      world->digest[i] = mc_test_digest (MC_DIGEST_SHA256, world->whole[i]);
    }
  world->repo = mc_test_save_repo (world->store, manifest, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    hold (world, paths[i]);
}

static void
world_clear (World *world)
{
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    g_bytes_unref (world->whole[i]);
  mc_test_store_close (world->store);
}

static void
restart (World *world, const char *folder)
{
  mc_test_store_close (world->store);
  world->store = mc_test_store_open (folder);
}

static void
fill (World *world, guint which)
{
  mc_test_fill (world->store, &world->digest[which], world->whole[which]);
}

static void
assert_complete (World *world, guint which)
{
  mc_test_assert_complete (world->store, &world->digest[which], world->whole[which]);
}

static void
drop (World *world, guint which)
{
  g_autoptr (GError) error = NULL;

  mc_test_drop (world->store, world->repo, "", paths[which], MC_DROP_ONE, NULL, &error);
  g_assert_no_error (error);
}

static char *
get_path (World *world, guint which)
{
  return mc_pack_make_path (mc_store_get_folder (world->store), &world->digest[which]);
}

/* How many whole chunks its pack keeps itself; -1 if it is not there. */
static int
count_own (World *world, guint which)
{
  g_autofree char *path = get_path (world, which);
  gint64 size = mc_test_measure_file (path);

  return size < 0 ? -1 : (int) ((size - TAIL) / MC_CHUNK_SIZE);
}

static void
assert_own (World *world, int a, int b, int c, int d)
{
  g_assert_cmpint (count_own (world, 0), ==, a);
  g_assert_cmpint (count_own (world, 1), ==, b);
  g_assert_cmpint (count_own (world, 2), ==, c);
  g_assert_cmpint (count_own (world, 3), ==, d);
}

static void
change_database (const char *path, McDbKind kind, const char *sql)
{
  g_autoptr (GError) error = NULL;
  GStatBuf info;
  McDb *db;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  db = mc_db_open (path, kind, MC_DB_WRITE, &error);
  g_assert_no_error (error);
  mc_db_run (db, sql, 0, &error);
  g_assert_no_error (error);
  mc_db_close (db);
  g_assert_cmpint (g_chmod (path, info.st_mode & 07777), ==, 0);
}

static void
change_catalog (World *world, const char *folder, const char *sql)
{
  g_autofree char *path = g_build_filename (folder, "catalog.db", NULL);

  mc_test_store_close (world->store);
  change_database (path, MC_DB_CATALOG, sql);
  world->store = mc_test_store_open (folder);
}

static void
test_once (McTestFolder *folder, gconstpointer data)
{
  World world;

  world_init (&world, folder->path);
  for (guint i = 0; i < 4; i++)
    fill (&world, i);
  assert_own (&world, 2, 0, 0, 1);
  restart (&world, folder->path);
  for (guint i = 0; i < 4; i++)
    assert_complete (&world, i);
  world_clear (&world);
}

/* The lender goes, then the next, and so on: what is left has all its bytes, and keeps them once.
 */
static void
test_drop_lenders (McTestFolder *folder, gconstpointer data)
{
  World world;

  world_init (&world, folder->path);
  for (guint i = 0; i < 4; i++)
    fill (&world, i);
  for (guint gone = 0; gone < 3; gone++)
    {
      int kept = 0;

      drop (&world, gone);
      if (gone == 1)
        restart (&world, folder->path);
      g_assert_cmpint (count_own (&world, gone), ==, -1);
      for (guint i = gone + 1; i < 4; i++)
        {
          assert_complete (&world, i);
          kept += count_own (&world, i);
        }
      g_assert_cmpint (kept, ==, gone < 2 ? 3 : 2);
    }
  drop (&world, 3);
  g_assert_cmpint (count_own (&world, 3), ==, -1);
  world_clear (&world);
}

static void
test_drop_all (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  World world;

  world_init (&world, folder->path);
  for (guint i = 0; i < 4; i++)
    fill (&world, i);
  mc_test_drop (world.store, world.repo, "", "", MC_DROP_ALL, NULL, &error);
  g_assert_no_error (error);
  assert_own (&world, -1, -1, -1, -1);
  world_clear (&world);
}

static void
put (World *world, McContentWriter *writer, guint which, guint position)
{
  g_autoptr (GError) error = NULL;

  mc_test_writer_put (writer, (guint64) position * MC_CHUNK_SIZE, world->whole[which], &error);
  g_assert_no_error (error);
}

/* While a content is written nobody takes away what it borrows; afterwards it is copied, and what
 * was committed stays committed. */
static void
test_partial (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  McContentWriter *writer;
  World world;

  world_init (&world, folder->path);
  fill (&world, 0);
  writer = mc_test_writer_open (world.store, &world.digest[1]);
  put (&world, writer, 1, 0);
  g_assert_false (mc_test_drop (world.store, world.repo, "", "a", MC_DROP_ONE, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_IN_USE);
  g_object_unref (writer);

  /* Known again from what is borrowed already. */
  writer = mc_test_writer_open (world.store, &world.digest[1]);
  g_clear_error (&error);
  g_assert_false (mc_test_drop (world.store, world.repo, "", "a", MC_DROP_ONE, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_IN_USE);
  g_object_unref (writer);

  drop (&world, 0);
  g_assert_cmpint (count_own (&world, 1), ==, 0);
  mc_test_assert_partial (world.store, &world.digest[1], MC_CHUNK_SIZE);
  g_assert_cmpuint (mc_test_fill (world.store, &world.digest[1], world.whole[1]), ==, 2);
  assert_complete (&world, 1);
  world_clear (&world);
}

/* A crash came before the loan was in the catalog: the pack says it at the next start. */
static void
test_forgotten (McTestFolder *folder, gconstpointer data)
{
  McContentWriter *writer;
  World world;

  world_init (&world, folder->path);
  fill (&world, 0);
  writer = mc_test_writer_open (world.store, &world.digest[1]);
  put (&world, writer, 1, 0);
  g_object_unref (writer);
  change_catalog (&world, folder->path, "DELETE FROM loans");
  drop (&world, 0);
  restart (&world, folder->path);
  mc_test_assert_partial (world.store, &world.digest[1], MC_CHUNK_SIZE);
  g_assert_cmpuint (mc_test_fill (world.store, &world.digest[1], world.whole[1]), ==, 2);
  assert_complete (&world, 1);
  world_clear (&world);
}

/* The catalog is lost: all is known again from the packs, loans too. */
static void
test_lost_catalog (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *catalog = g_build_filename (folder->path, "catalog.db", NULL);
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", '1');
  World world;

  world_init (&world, folder->path);
  for (guint i = 0; i < 4; i++)
    fill (&world, i);
  mc_test_store_close (world.store);
  g_assert_cmpint (g_unlink (catalog), ==, 0);
  world.store = mc_test_store_open (folder->path);
  for (guint i = 0; i < 4; i++)
    {
      assert_complete (&world, i);
      mc_test_manifest_add (manifest, paths[i], MC_DIGEST_SHA256, world.whole[i]);
    }
  world.repo = mc_test_save_repo (world.store, manifest, NULL);
  for (guint i = 0; i < 4; i++)
    hold (&world, paths[i]);
  drop (&world, 0);
  for (guint i = 1; i < 4; i++)
    assert_complete (&world, i);
  world_clear (&world);
}

/* What the audit says of the store in that folder, which is closed. */
static guint
count_findings (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found =
      mc_store_audit (folder, MC_AUDIT_DEEP | MC_AUDIT_SETTLED, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < found->len; i++)
    g_test_message ("%s", (const char *) g_ptr_array_index (found, i));
  return found->len;
}

static void
test_audit (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *catalog = g_build_filename (folder->path, "catalog.db", NULL);
  World world;

  world_init (&world, folder->path);
  for (guint i = 0; i < 4; i++)
    fill (&world, i);
  drop (&world, 0);
  mc_test_store_close (world.store);
  g_assert_cmpuint (count_findings (folder->path), ==, 0);
  change_database (catalog, MC_DB_CATALOG, "DELETE FROM loans");
  g_assert_cmpuint (count_findings (folder->path), ==, 2);
  world.store = mc_test_store_open (folder->path);
  world_clear (&world);
}

/* A hash may be wrong, or that of other bytes: the bytes decide. */
static void
test_other_bytes (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GBytes) part = NULL;
  g_autoptr (McChunk) chunk = NULL;
  g_autoptr (GString) sql = g_string_new ("UPDATE chunks SET hash = x'");
  World world;

  world_init (&world, folder->path);
  fill (&world, 0);
  part = g_bytes_new_from_bytes (world.whole[3], 0, MC_CHUNK_SIZE);
  chunk = mc_chunk_new (part);
  for (guint i = 0; i < sizeof chunk->hash; i++)
    g_string_append_printf (sql, "%02x", chunk->hash[i]);
  g_string_append (sql, "'");
  change_catalog (&world, folder->path, sql->str);
  fill (&world, 3);
  assert_own (&world, 2, -1, -1, 2);
  assert_complete (&world, 3);
  world_clear (&world);
}

static gboolean
check (World *world, guint which)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean good;

  mc_store_check_async (world->store, &world->digest[which], 1000, NULL, NULL, mc_test_store_result,
                        &result);
  mc_store_check_finish (world->store, mc_test_await (&result), &good, &error);
  g_assert_no_error (error);
  return good;
}

static void
damage (World *world, guint which, guint64 offset)
{
  const guint8 *bytes = g_bytes_get_data (world->whole[which], NULL);
  g_autofree char *path = get_path (world, which);

  mc_test_damage_file (path, mc_test_find_in_file (path, 0, bytes + offset, 64));
}

static void
on_damage_met (McStore *store, const McDigest *digest, gpointer user_data)
{
  g_array_append_val ((GArray *) user_data, *digest);
}

/* Damage in a lender is damage in those who borrow that chunk; both are told, both are mended. */
static void
test_damage (McTestFolder *folder, gconstpointer data)
{
  for (guint first = 0; first < 2; first++)
    {
      g_autofree char *below = g_strdup_printf ("%s/%u", folder->path, first);
      g_autoptr (GArray) met = g_array_new (FALSE, FALSE, sizeof (McDigest));
      guint second = 1 - first;
      World world;

      world_init (&world, below);
      fill (&world, 0);
      fill (&world, 1);
      g_signal_connect (world.store, "damage-met", G_CALLBACK (on_damage_met), met);
      damage (&world, 0, 1000);
      g_assert_false (check (&world, first));
      g_assert_cmpuint (met->len, ==, 1);
      g_assert_cmpmem (&g_array_index (met, McDigest, 0), sizeof (McDigest), &world.digest[second],
                       sizeof (McDigest));
      g_assert_false (check (&world, second));
      mc_test_assert_partial (world.store, &world.digest[0], MC_CHUNK_SIZE + TAIL);
      mc_test_assert_partial (world.store, &world.digest[1], MC_CHUNK_SIZE + TAIL);
      fill (&world, second);
      fill (&world, first);
      assert_complete (&world, 0);
      assert_complete (&world, 1);
      g_signal_handlers_disconnect_by_func (world.store, on_damage_met, met);
      world_clear (&world);
    }
}

/* A lender whose file is gone: that is damage where it is read, and no reason to stop. */
static void
test_lost_lender (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  World world;

  world_init (&world, folder->path);
  fill (&world, 0);
  fill (&world, 1);
  path = get_path (&world, 0);
  mc_test_store_close (world.store);
  g_assert_cmpint (g_unlink (path), ==, 0);
  world.store = mc_test_store_open (folder->path);
  g_assert_null (mc_test_read (world.store, &world.digest[1], SIZE, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
  g_assert_false (check (&world, 1));
  mc_test_assert_partial (world.store, &world.digest[1], TAIL);
  fill (&world, 1);
  assert_complete (&world, 1);
  world_clear (&world);
}

/* Whoever reads a content goes on while its lender is dropped, before it came to what is lent. */
static void
test_reader (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (McContentReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  World world;
  guint64 done = 0;

  world_init (&world, folder->path);
  fill (&world, 0);
  fill (&world, 3);
  reader = mc_content_reader_open (folder->path, &world.digest[3], SIZE, &error);
  g_assert_no_error (error);
  while (done < SIZE)
    {
      g_autoptr (GBytes) bytes = mc_content_reader_read (reader, done, &error);
      gsize length = bytes == NULL ? 0 : g_bytes_get_size (bytes);

      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), length,
                       (const guint8 *) g_bytes_get_data (world.whole[3], NULL) + done, length);
      if (done == 0)
        drop (&world, 0);
      done += length;
    }
  world_clear (&world);
}

static gboolean
switch_to (World *world, const char *home, const char *target, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_store_switch_async (world->store, home, target, mc_test_store_result, &result);
  return mc_store_switch_finish (world->store, mc_test_await (&result), error);
}

static void
copy (const char *home, const char *target, const McDigest *digest)
{
  g_autoptr (GError) error = NULL;

  mc_store_copy_pack (home, target, digest, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* The store is being moved, and a lender dropped: what took over its chunks is copied again. */
static void
test_move (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *home = g_build_filename (folder->path, "home", NULL);
  g_autofree char *target = g_build_filename (folder->path, "target", NULL);
  g_autoptr (GError) error = NULL;
  World world;

  world_init (&world, home);
  fill (&world, 0);
  fill (&world, 1);
  g_assert_true (mc_store_copy_prepare (home, target, 1, &error));
  copy (home, target, &world.digest[0]);
  copy (home, target, &world.digest[1]);
  drop (&world, 0);
  g_assert_false (switch_to (&world, home, target, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BUSY);
  g_clear_error (&error);
  copy (home, target, &world.digest[1]);
  switch_to (&world, home, target, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mc_store_get_folder (world.store), ==, target);
  assert_complete (&world, 1);
  world_clear (&world);
}

/* References that lead nowhere, or not to the bytes: told, never followed into trouble. */
static void
test_wrong_references (McTestFolder *folder, gconstpointer data)
{
  static const char *const changes[] = {
    "UPDATE chunks SET bytes = x'' WHERE codec = 9",
    "UPDATE chunks SET bytes = x'00' WHERE codec = 9",
    "UPDATE chunks SET bytes = zeroblob (36) WHERE codec = 9",
    "UPDATE chunks SET bytes = zeroblob (24) WHERE codec = 9",
    "UPDATE chunks SET bytes = zeroblob (1000000) WHERE codec = 9",
    /* Behind the end, another chunk, its own pack. */
    "UPDATE chunks SET bytes = CAST (substr (bytes, 1, 32) || x'ffffffff' AS BLOB) WHERE codec = 9",
    "UPDATE chunks SET bytes = CAST (substr (bytes, 1, 32) || x'00000002' AS BLOB) WHERE codec = 9",
    ("UPDATE chunks SET bytes = (SELECT CAST (digest || x'00000000' AS BLOB) FROM content) "
     "WHERE codec = 9"),
    "UPDATE chunks SET codec = 0 WHERE codec = 9",
    "UPDATE chunks SET codec = 9 WHERE codec = 0",
  };
  World world;

  world_init (&world, folder->path);
  fill (&world, 0);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = get_path (&world, 1);

      fill (&world, 1);
      change_database (path, MC_DB_PACK, changes[i]);
      g_test_message ("%s", changes[i]);
      g_assert_null (mc_test_read (world.store, &world.digest[1], SIZE, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
      g_assert_false (check (&world, 1));
      g_assert_true (check (&world, 0));
    }
  assert_complete (&world, 0);
  world_clear (&world);
}

/* A reference is not followed to another one. */
static void
test_chain (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autofree char *hex = NULL;
  g_autofree char *sql = NULL;
  g_autoptr (GError) error = NULL;
  World world;

  world_init (&world, folder->path);
  fill (&world, 0);
  fill (&world, 1);
  fill (&world, 2);
  hex = mc_digest_to_hex (&world.digest[1]);
  path = get_path (&world, 2);
  sql = g_strdup_printf ("UPDATE chunks SET bytes = x'%s00000001' WHERE position = 0", hex);
  change_database (path, MC_DB_PACK, sql);
  g_assert_null (mc_test_read (world.store, &world.digest[2], SIZE, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
  assert_complete (&world, 1);
  world_clear (&world);
}

/* There is no room for the copies: the drop says that space was not given back, everything is still
 * there for those who need it, and the next start ends it. */
static void
test_no_space (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = NULL;
  World world;

  if (g_test_subprocess ())
    {
      g_autoptr (GError) error = NULL;
      McStore *store = mc_test_store_open (folder->path);
      McLibraryRepo *repo = mc_store_find_repo (store, MC_TEST_ENDPOINT, "org/model", NULL);

      g_assert_false (mc_test_drop (store, repo->id, "", "a", MC_DROP_ONE, NULL, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_NO_SPACE);
      mc_test_store_close (store);
      return;
    }
  world_init (&world, folder->path);
  for (guint i = 0; i < 4; i++)
    fill (&world, i);
  path = get_path (&world, 0);
  mc_test_store_close (world.store);
  g_setenv (MC_TEST_FOLDER, folder->path, TRUE);
  g_setenv ("MC_FAULT", "pack.put", TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_unsetenv ("MC_FAULT");
  g_test_trap_assert_passed ();
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  world.store = mc_test_store_open (folder->path);
  g_assert_cmpint (count_own (&world, 0), ==, -1);
  g_assert_null (mc_store_get_content (world.store, &world.digest[0]));
  for (guint i = 1; i < 4; i++)
    assert_complete (&world, i);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/loans/once", test_once, NULL);
  mc_test_folder_add ("/loans/drop-lenders", test_drop_lenders, NULL);
  mc_test_folder_add ("/loans/drop-all", test_drop_all, NULL);
  mc_test_folder_add ("/loans/partial", test_partial, NULL);
  mc_test_folder_add ("/loans/forgotten", test_forgotten, NULL);
  mc_test_folder_add ("/loans/lost-catalog", test_lost_catalog, NULL);
  mc_test_folder_add ("/loans/audit", test_audit, NULL);
  mc_test_folder_add ("/loans/other-bytes", test_other_bytes, NULL);
  mc_test_folder_add ("/loans/damage", test_damage, NULL);
  mc_test_folder_add ("/loans/lost-lender", test_lost_lender, NULL);
  mc_test_folder_add ("/loans/reader", test_reader, NULL);
  mc_test_folder_add ("/loans/move", test_move, NULL);
  mc_test_folder_add ("/loans/wrong-references", test_wrong_references, NULL);
  mc_test_folder_add ("/loans/chain", test_chain, NULL);
  mc_test_folder_add ("/loans/no-space", test_no_space, NULL);
  return g_test_run ();
}
