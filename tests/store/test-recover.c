/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-store.h"

#include "mc-db.h"
#include "mc-error.h"

#include <glib/gstdio.h>

/* Opening a store whose parts do not agree: packs and small contents say what is here. */

#define LARGE (2 * MC_CHUNK_SIZE + 1000)

typedef struct
{
  McStore *store;
  GBytes *large; /* (owned) */
  GBytes *small; /* (owned) */
  McDigest large_digest;
  McDigest small_digest;
  gint64 repo;
  char *pack;    /* (owned): path of the large content's pack */
  char *catalog; /* (owned) */
} Full;

static void
full_clear (Full *full)
{
  g_bytes_unref (full->large);
  g_bytes_unref (full->small);
  g_free (full->pack);
  g_free (full->catalog);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Full, full_clear)

/* A store with a large and a small content of one repo, held and complete, and closed. */
static void
make_full (McTestFolder *folder, Full *full)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", 'a');
  g_autoptr (GError) error = NULL;

  full->large = mc_test_make_bytes (LARGE, 1);
  full->small = mc_test_make_bytes (1000, 2);
  full->large_digest =
      mc_test_manifest_add (manifest, "large", MC_DIGEST_SHA256, full->large)->digest;
  full->small_digest =
      mc_test_manifest_add (manifest, "small", MC_DIGEST_GIT_SHA1, full->small)->digest;
  full->pack = mc_pack_make_path (folder->path, &full->large_digest);
  full->catalog = g_build_filename (folder->path, "catalog.db", NULL);
  full->store = mc_test_store_open (folder->path);
  full->repo = mc_test_save_repo (full->store, manifest, NULL);
  g_assert_true (mc_test_hold (full->store, full->repo, "", "large", &error));
  g_assert_true (mc_test_hold (full->store, full->repo, "", "small", &error));
  mc_test_fill (full->store, &full->large_digest, full->large);
  mc_test_fill (full->store, &full->small_digest, full->small);
  mc_test_store_close (full->store);
}

static void
reopen (McTestFolder *folder, Full *full)
{
  full->store = mc_test_store_open (folder->path);
}

static void
change (const char *path, McDbKind kind, const char *sql)
{
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, kind, MC_DB_WRITE, &error);

  g_assert_no_error (error);
  mc_db_run (db, sql, 0, &error);
  g_assert_no_error (error);
  mc_db_close (db);
}

static gint64
ask (const char *path, McDbKind kind, const char *sql)
{
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, kind, MC_DB_READ, &error);
  McStmt *stmt;
  gboolean row;
  gint64 value;

  g_assert_no_error (error);
  stmt = mc_db_borrow (db, sql, &error);
  g_assert_no_error (error);
  g_assert_true (mc_stmt_step (stmt, &row, &error) && row);
  value = mc_stmt_get_int (stmt, 0);
  mc_stmt_return (stmt);
  mc_db_close (db);
  return value;
}

static const char SQL_N_COMPLETE[] = "SELECT count (*) FROM contents WHERE state = 1";

static void
test_nothing_wrong (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };

  make_full (folder, &full);
  reopen (folder, &full);
  mc_test_assert_complete (full.store, &full.large_digest, full.large);
  mc_test_assert_complete (full.store, &full.small_digest, full.small);
  mc_test_store_close (full.store);
}

static void
test_pack_missing (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };

  make_full (folder, &full);
  g_assert_cmpint (g_unlink (full.pack), ==, 0);
  for (guint again = 0; again < 2; again++)
    {
      reopen (folder, &full);
      mc_test_assert_partial (full.store, &full.large_digest, 0);
      mc_test_assert_complete (full.store, &full.small_digest, full.small);
      g_assert_true (mc_store_is_held (full.store, full.repo, "", "large"));
      mc_test_store_close (full.store);
      g_assert_cmpint (ask (full.catalog, MC_DB_CATALOG, SQL_N_COMPLETE), ==, 1);
    }
  reopen (folder, &full);
  g_assert_cmpuint (mc_test_fill (full.store, &full.large_digest, full.large), ==, 3);
  mc_test_assert_complete (full.store, &full.large_digest, full.large);
  mc_test_store_close (full.store);
}

/* The crash came between the pack's last word and the catalog's. */
static void
test_catalog_behind (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };

  make_full (folder, &full);
  change (full.catalog, MC_DB_CATALOG, "UPDATE contents SET state = 0");
  reopen (folder, &full);
  mc_test_assert_complete (full.store, &full.large_digest, full.large);
  mc_test_assert_complete (full.store, &full.small_digest, full.small);
  mc_test_store_close (full.store);
  g_assert_cmpint (ask (full.catalog, MC_DB_CATALOG, SQL_N_COMPLETE), ==, 2);
}

/* Complete, but the crash came before it was sealed, or it was copied without its permissions. */
static void
test_not_sealed (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };

  make_full (folder, &full);
  g_assert_cmpint (g_chmod (full.pack, 0644), ==, 0);
  reopen (folder, &full);
  mc_test_assert_complete (full.store, &full.large_digest, full.large);
  g_assert_true (mc_pack_is_sealed (folder->path, &full.large_digest));
  mc_test_store_close (full.store);
}

/* The catalog believes in a pack that lost a chunk since. */
static void
test_catalog_ahead (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  g_autoptr (GError) error = NULL;
  McPack *pack;

  make_full (folder, &full);
  pack = mc_pack_open (folder->path, &full.large_digest, LARGE, MC_PACK_REPAIR, &error);
  g_assert_true (mc_pack_drop_chunk (pack, 0, &error));
  mc_pack_close (pack);
  g_assert_cmpint (ask (full.catalog, MC_DB_CATALOG, SQL_N_COMPLETE), ==, 2);
  reopen (folder, &full);
  mc_test_assert_partial (full.store, &full.large_digest, LARGE - MC_CHUNK_SIZE);
  g_assert_cmpuint (mc_test_fill (full.store, &full.large_digest, full.large), ==, 1);
  mc_test_assert_complete (full.store, &full.large_digest, full.large);
  mc_test_store_close (full.store);
}

static void
test_deleting (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };

  make_full (folder, &full);
  change (full.catalog, MC_DB_CATALOG, "DELETE FROM holdings");
  change (full.catalog, MC_DB_CATALOG, "UPDATE contents SET state = 2");
  for (guint again = 0; again < 2; again++)
    {
      g_autofree char *small = g_build_filename (folder->path, "small.db", NULL);

      reopen (folder, &full);
      g_assert_null (mc_store_get_content (full.store, &full.large_digest));
      g_assert_null (mc_store_get_content (full.store, &full.small_digest));
      mc_test_store_close (full.store);
      g_assert_false (g_file_test (full.pack, G_FILE_TEST_EXISTS));
      g_assert_cmpint (ask (full.catalog, MC_DB_CATALOG, "SELECT count (*) FROM contents"), ==, 0);
      g_assert_cmpint (ask (small, MC_DB_SMALL, "SELECT count (*) FROM contents"), ==, 0);
    }
}

/* A pack of another content under this name, and a file that is no pack: neither is used, neither
 * is lost before what should be there is. */
static void
test_pack_unusable (McTestFolder *folder, gconstpointer data)
{
  gboolean garbage = GPOINTER_TO_INT (data);
  g_auto (Full) full = { NULL };
  g_autoptr (GBytes) other = mc_test_make_bytes (LARGE, 3);
  McDigest other_digest = mc_test_digest (MC_DIGEST_SHA256, other);
  g_autofree char *aside = NULL;

  make_full (folder, &full);
  aside = g_strconcat (full.pack, ".damaged", NULL);
  g_assert_cmpint (g_unlink (full.pack), ==, 0);
  if (garbage)
    g_assert_true (g_file_set_contents (full.pack, "whatever this is, it is no pack", -1, NULL));
  else
    {
      g_autofree char *path = mc_pack_make_path (folder->path, &other_digest);
      g_autoptr (GError) error = NULL;

      mc_pack_close (mc_pack_open (folder->path, &other_digest, LARGE, MC_PACK_WRITE, &error));
      g_assert_cmpint (g_rename (path, full.pack), ==, 0);
    }
  g_test_expect_message ("Mc-Store", G_LOG_LEVEL_WARNING, "*cannot be used*");
  reopen (folder, &full);
  g_test_assert_expected_messages ();
  mc_test_assert_partial (full.store, &full.large_digest, 0);
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (mc_test_fill (full.store, &full.large_digest, full.large), ==, 3);
  mc_test_assert_complete (full.store, &full.large_digest, full.large);
  g_assert_false (g_file_test (aside, G_FILE_TEST_EXISTS));
  mc_test_store_close (full.store);
}

/* A pack of a later version of this program is not ours to put aside. */
static void
test_pack_newer (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  g_autofree char *aside = NULL;

  make_full (folder, &full);
  aside = g_strconcat (full.pack, ".damaged", NULL);
  g_assert_cmpint (g_chmod (full.pack, 0600), ==, 0);
  change (full.pack, MC_DB_PACK, "PRAGMA user_version = 99");
  g_test_expect_message ("Mc-Store", G_LOG_LEVEL_WARNING, "*newer version*");
  reopen (folder, &full);
  g_test_assert_expected_messages ();
  mc_test_assert_partial (full.store, &full.large_digest, 0);
  g_assert_true (g_file_test (full.pack, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (aside, G_FILE_TEST_EXISTS));
  mc_test_store_close (full.store);
}

static void
lose_catalog (Full *full)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strconcat (full->catalog, suffixes[i], NULL);

      g_unlink (path);
    }
}

static void
test_catalog_lost (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  McDigest digest;
  guint64 complete;
  guint64 partial;

  make_full (folder, &full);
  lose_catalog (&full);
  for (guint again = 0; again < 2; again++)
    {
      reopen (folder, &full);
      g_assert_cmpuint (mc_store_get_repos (full.store)->len, ==, 0);
      mc_test_assert_complete (full.store, &full.large_digest, full.large);
      mc_test_assert_complete (full.store, &full.small_digest, full.small);
      mc_store_get_totals (full.store, &complete, &partial);
      g_assert_cmpuint (complete, ==, LARGE + 1000);
      mc_test_store_close (full.store);
    }
  reopen (folder, &full);
  full.repo = mc_test_hold_one (full.store, MC_DIGEST_SHA256, full.large, &digest);
  mc_test_assert_complete (full.store, &digest, full.large);
  g_assert_true (mc_test_drop (full.store, full.repo, "", "file", MC_DROP_ONE, NULL, NULL));
  g_assert_false (g_file_test (full.pack, G_FILE_TEST_EXISTS));
  mc_test_store_close (full.store);
}

/* An unfinished one is found too, and finished from where it was. */
static void
test_catalog_lost_partial (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  McDigest digest;

  make_full (folder, &full);
  g_assert_cmpint (g_chmod (full.pack, 0600), ==, 0);
  change (full.pack, MC_DB_PACK, "DELETE FROM chunks WHERE position = 1");
  lose_catalog (&full);
  reopen (folder, &full);
  mc_test_assert_partial (full.store, &full.large_digest, LARGE - MC_CHUNK_SIZE);
  mc_test_hold_one (full.store, MC_DIGEST_SHA256, full.large, &digest);
  g_assert_cmpuint (mc_test_fill (full.store, &digest, full.large), ==, 1);
  mc_test_assert_complete (full.store, &digest, full.large);
  mc_test_store_close (full.store);
}

/* What lies among the packs and is none, or stands where nobody would look for it. */
static void
test_strangers (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  g_autofree char *packs = g_build_filename (folder->path, "packs", NULL);
  g_autofree char *misplaced_folder = g_build_filename (packs, "zz", NULL);
  g_autofree char *misplaced = NULL;
  g_autofree char *name = NULL;
  g_autofree char *empty = NULL;
  g_autoptr (GBytes) tiny = mc_test_make_bytes (10, 9);
  McDigest tiny_digest = mc_test_digest (MC_DIGEST_SHA256, tiny);
  g_autofree char *tiny_path = mc_pack_make_path (folder->path, &tiny_digest);
  McDigest no_digest = { .kind = MC_DIGEST_SHA256 };
  g_autoptr (GError) error = NULL;

  make_full (folder, &full);
  name = g_path_get_basename (full.pack);
  misplaced = g_build_filename (misplaced_folder, name, NULL);
  empty = mc_pack_make_path (folder->path, &no_digest);
  g_assert_cmpint (g_mkdir (misplaced_folder, 0700), ==, 0);
  g_assert_cmpint (g_rename (full.pack, misplaced), ==, 0);
  g_assert_true (mc_pack_make_folder (folder->path, &no_digest, &error));
  g_assert_true (g_file_set_contents (empty, "", 0, NULL));
  mc_pack_close (mc_pack_open (folder->path, &tiny_digest, 10, MC_PACK_WRITE, &error));
  g_assert_no_error (error);
  lose_catalog (&full);
  reopen (folder, &full);
  g_assert_null (mc_store_get_content (full.store, &full.large_digest));
  g_assert_null (mc_store_get_content (full.store, &no_digest));
  g_assert_null (mc_store_get_content (full.store, &tiny_digest));
  mc_test_store_close (full.store);
  g_assert_true (g_file_test (misplaced, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (empty, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (tiny_path, G_FILE_TEST_EXISTS));
}

static void
test_small_lost (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  g_autofree char *small = g_build_filename (folder->path, "small.db", NULL);

  make_full (folder, &full);
  g_assert_cmpint (g_unlink (small), ==, 0);
  reopen (folder, &full);
  mc_test_assert_partial (full.store, &full.small_digest, 0);
  mc_test_assert_complete (full.store, &full.large_digest, full.large);
  mc_test_fill (full.store, &full.small_digest, full.small);
  mc_test_assert_complete (full.store, &full.small_digest, full.small);
  mc_test_store_close (full.store);
}

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *text = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (from, &text, &length, NULL));
  g_assert_true (g_file_set_contents (to, text, (gssize) length, NULL));
}

/* Takes the pack as a crash in the middle of a change would leave it: pages already overwritten,
 * and a journal that undoes it. */
static void
leave_half_changed (const char *pack)
{
  g_autofree char *journal = g_strconcat (pack, "-journal", NULL);
  g_autofree char *pack_copy = g_strconcat (pack, ".copy", NULL);
  g_autofree char *journal_copy = g_strconcat (pack, ".journal-copy", NULL);
  g_autoptr (GError) error = NULL;
  g_auto (McTxn) txn = { NULL };
  McDb *db = mc_db_open (pack, MC_DB_PACK, MC_DB_WRITE, &error);

  g_assert_no_error (error);
  {
    /* So small a cache that pages are written before the commit. */
    g_autoptr (McStmt) cache = mc_db_borrow (db, "PRAGMA cache_size = 1", &error);
    gboolean row;

    g_assert_true (mc_stmt_step (cache, &row, &error));
  }
  g_assert_true (mc_txn_begin (&txn, db, &error));
  mc_db_run (db, "UPDATE chunks SET bytes = zeroblob (size)", 0, &error);
  g_assert_no_error (error);
  copy_file (pack, pack_copy);
  copy_file (journal, journal_copy);
  mc_txn_clear (&txn);
  mc_db_close (db);
  g_assert_cmpint (mc_test_measure_file (journal_copy), >, 512);
  g_assert_cmpint (g_rename (pack_copy, pack), ==, 0);
  g_assert_cmpint (g_rename (journal_copy, journal), ==, 0);
}

static void
test_hot_journal (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *journal = NULL;
  McPack *pack;

  make_full (folder, &full);
  journal = g_strconcat (full.pack, "-journal", NULL);
  pack = mc_pack_open (folder->path, &full.large_digest, LARGE, MC_PACK_REPAIR, &error);
  g_assert_true (mc_pack_drop_chunk (pack, 2, &error));
  mc_pack_close (pack);
  leave_half_changed (full.pack);
  reopen (folder, &full);
  g_assert_cmpint (mc_test_measure_file (journal), <=, 0);
  mc_test_assert_partial (full.store, &full.large_digest, 2 * MC_CHUNK_SIZE);
  g_assert_cmpuint (mc_test_fill (full.store, &full.large_digest, full.large), ==, 1);
  mc_test_assert_complete (full.store, &full.large_digest, full.large);
  mc_test_store_close (full.store);
}

/* A journal without its pack, or of one that was put aside, changes no later pack of that name. */
static void
test_stale_journal (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };

  make_full (folder, &full);
  g_assert_cmpint (g_chmod (full.pack, 0600), ==, 0);
  leave_half_changed (full.pack);
  g_assert_cmpint (g_unlink (full.pack), ==, 0);
  reopen (folder, &full);
  mc_test_assert_partial (full.store, &full.large_digest, 0);
  g_assert_cmpuint (mc_test_fill (full.store, &full.large_digest, full.large), ==, 3);
  mc_test_assert_complete (full.store, &full.large_digest, full.large);
  mc_test_store_close (full.store);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/recover/nothing-wrong", test_nothing_wrong, NULL);
  mc_test_folder_add ("/recover/pack-missing", test_pack_missing, NULL);
  mc_test_folder_add ("/recover/catalog-behind", test_catalog_behind, NULL);
  mc_test_folder_add ("/recover/catalog-ahead", test_catalog_ahead, NULL);
  mc_test_folder_add ("/recover/not-sealed", test_not_sealed, NULL);
  mc_test_folder_add ("/recover/deleting", test_deleting, NULL);
  mc_test_folder_add ("/recover/pack-of-another", test_pack_unusable, GINT_TO_POINTER (FALSE));
  mc_test_folder_add ("/recover/pack-garbage", test_pack_unusable, GINT_TO_POINTER (TRUE));
  mc_test_folder_add ("/recover/pack-newer", test_pack_newer, NULL);
  mc_test_folder_add ("/recover/catalog-lost", test_catalog_lost, NULL);
  mc_test_folder_add ("/recover/catalog-lost-partial", test_catalog_lost_partial, NULL);
  mc_test_folder_add ("/recover/strangers", test_strangers, NULL);
  mc_test_folder_add ("/recover/small-lost", test_small_lost, NULL);
  mc_test_folder_add ("/recover/hot-journal", test_hot_journal, NULL);
  mc_test_folder_add ("/recover/stale-journal", test_stale_journal, NULL);
  return g_test_run ();
}
