/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-store.h"
#include "mc-test-wait.h"

#include "mc-db.h"
#include "mc-error.h"

#include <glib/gstdio.h>
#include <string.h>

/* Databases of the store that are damaged: they are put aside and made anew from what is here. */

#define LARGE (2 * MC_CHUNK_SIZE + 1000)

typedef struct
{
  GBytes *large; /* (owned) */
  GBytes *small; /* (owned) */
  McDigest large_digest;
  McDigest small_digest;
} Full;

static void
full_clear (Full *full)
{
  g_bytes_unref (full->large);
  g_bytes_unref (full->small);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Full, full_clear)

/* A store with a large and a small content of one repo, held and complete, and closed. */
static void
make_full (McTestFolder *folder, Full *full)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", 'a');
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GError) error = NULL;
  gint64 repo;

  /* Enough of them that the catalog has pages to be damaged. */
  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *path = g_strdup_printf ("a file with a long name, number %03u", i);
      g_autoptr (GBytes) bytes = mc_test_make_bytes (20 + i, 10 + i);

      mc_test_manifest_add (manifest, path, MC_DIGEST_SHA256, bytes);
    }
  full->large = mc_test_make_bytes (LARGE, 1);
  full->small = mc_test_make_bytes (1000, 2);
  full->large_digest =
      mc_test_manifest_add (manifest, "large", MC_DIGEST_SHA256, full->large)->digest;
  full->small_digest =
      mc_test_manifest_add (manifest, "small", MC_DIGEST_GIT_SHA1, full->small)->digest;
  repo = mc_test_save_repo (store, manifest, NULL);
  g_assert_true (mc_test_hold (store, repo, "", "large", &error));
  g_assert_true (mc_test_hold (store, repo, "", "small", &error));
  mc_test_fill (store, &full->large_digest, full->large);
  mc_test_fill (store, &full->small_digest, full->small);
  mc_test_store_close (store);
}

typedef enum
{
  GARBAGE_HEADER,
  CUT_SHORT,
  CUT_TO_ONE_PAGE,
  WRONG_ID,
  BAD_PAGES,
} Damage;

static void
damage (const char *path, Damage how)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (path, &bytes, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size, >, 3 * 4096);
  switch (how)
    {
    case GARBAGE_HEADER:
      memset (bytes, 'x', 100);
      break;
    case CUT_SHORT:
      size = size / 2;
      break;
    case CUT_TO_ONE_PAGE:
      size = 4096;
      break;
    case WRONG_ID:
      memset (bytes + 68, 0x21, 4);
      break;
    case BAD_PAGES:
    default:
      memset (bytes + 4096, 0xa5, size - 4096);
      break;
    }
  g_file_set_contents (path, bytes, (gssize) size, &error);
  g_assert_no_error (error);
}

static void
reopen_damaged (McTestFolder *folder, McStore **store)
{
  g_test_expect_message ("Mc-Store", G_LOG_LEVEL_WARNING, "*is damaged*is kept as*made anew*");
  *store = mc_test_store_open (folder->path);
  g_test_assert_expected_messages ();
}

static void
assert_set_aside (McStore *store, const char *prefix)
{
  g_auto (GStrv) names = mc_store_list_set_aside (store);

  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_true (g_str_has_prefix (names[0], prefix));
}

/* The bytes are here, the names are not; all of it can be deleted. */
static void
test_catalog (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  g_autofree char *catalog = g_build_filename (folder->path, "catalog.db", NULL);
  McStore *store;

  make_full (folder, &full);
  damage (catalog, (Damage) GPOINTER_TO_INT (data));
  reopen_damaged (folder, &store);
  for (guint again = 0; again < 2; again++)
    {
      g_autoptr (GPtrArray) unnamed = mc_store_list_unnamed (store);

      assert_set_aside (store, "catalog.db.damaged-");
      g_assert_cmpuint (mc_store_get_repos (store)->len, ==, 0);
      mc_test_assert_complete (store, &full.large_digest, full.large);
      mc_test_assert_complete (store, &full.small_digest, full.small);
      g_assert_cmpuint (unnamed->len, ==, 2);
      mc_test_store_close (store);
      store = mc_test_store_open (folder->path);
    }
  mc_test_store_close (store);
}

static void
test_unnamed (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  g_autofree char *catalog = g_build_filename (folder->path, "catalog.db", NULL);
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;
  McDropResult dropped;
  McStore *store;
  guint64 complete;
  guint64 partial;

  make_full (folder, &full);
  damage (catalog, GARBAGE_HEADER);
  reopen_damaged (folder, &store);
  /* What is in use stays. */
  mc_store_pin (store, &full.large_digest);
  mc_store_drop_unnamed_async (store, mc_test_store_result, &first);
  g_assert_true (mc_store_drop_finish (store, mc_test_await (&first), &dropped, &error));
  g_assert_cmpuint (dropped.freed, ==, 1000);
  mc_test_assert_complete (store, &full.large_digest, full.large);
  g_assert_null (mc_store_get_content (store, &full.small_digest));
  mc_store_unpin (store, &full.large_digest);
  mc_store_drop_unnamed_async (store, mc_test_store_result, &second);
  g_assert_true (mc_store_drop_finish (store, mc_test_await (&second), &dropped, &error));
  g_assert_cmpuint (dropped.freed, ==, LARGE);
  mc_store_get_totals (store, &complete, &partial);
  g_assert_cmpuint (complete + partial, ==, 0);
  g_clear_object (&first);
  g_clear_object (&second);
  mc_test_store_close (store);
}

/* The small contents are lost with it, and nothing else. They can come again. */
static void
test_small (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  g_autofree char *small = g_build_filename (folder->path, "small.db", NULL);
  McStore *store;

  make_full (folder, &full);
  damage (small, (Damage) GPOINTER_TO_INT (data));
  reopen_damaged (folder, &store);
  assert_set_aside (store, "small.db.damaged-");
  g_assert_cmpuint (mc_store_get_repos (store)->len, ==, 1);
  mc_test_assert_complete (store, &full.large_digest, full.large);
  mc_test_assert_partial (store, &full.small_digest, 0);
  g_assert_true (mc_store_is_damaged (store, &full.small_digest));
  mc_test_fill (store, &full.small_digest, full.small);
  mc_test_assert_complete (store, &full.small_digest, full.small);
  g_assert_false (mc_store_is_damaged (store, &full.small_digest));
  mc_test_store_close (store);
}

/* Both at once. */
static void
test_both (McTestFolder *folder, gconstpointer data)
{
  g_auto (Full) full = { NULL };
  g_autofree char *catalog = g_build_filename (folder->path, "catalog.db", NULL);
  g_autofree char *small = g_build_filename (folder->path, "small.db", NULL);
  McStore *store;

  make_full (folder, &full);
  damage (catalog, BAD_PAGES);
  damage (small, GARBAGE_HEADER);
  g_test_expect_message ("Mc-Store", G_LOG_LEVEL_WARNING, "*is kept as*");
  reopen_damaged (folder, &store);
  mc_test_assert_complete (store, &full.large_digest, full.large);
  g_assert_null (mc_store_get_content (store, &full.small_digest));
  mc_test_store_close (store);
}

/* That of a later version is not ours to put aside: whoever wants it is told to update. */
static void
test_newer (McTestFolder *folder, gconstpointer data)
{
  const char *name = data;
  g_auto (Full) full = { NULL };
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;
  McDb *db;

  make_full (folder, &full);
  db = mc_db_open (path, strcmp (name, "small.db") == 0 ? MC_DB_SMALL : MC_DB_CATALOG, MC_DB_WRITE,
                   &error);
  g_assert_no_error (error);
  mc_db_run (db, "PRAGMA user_version = 99", 0, &error);
  g_assert_no_error (error);
  mc_db_close (db);
  g_assert_null (mc_store_open (folder->path, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, "update"));
  dir = g_dir_open (folder->path, 0, NULL);
  for (const char *entry = g_dir_read_name (dir); entry != NULL; entry = g_dir_read_name (dir))
    g_assert_null (strstr (entry, "damaged"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/rebuild/catalog/garbage", test_catalog, GINT_TO_POINTER (GARBAGE_HEADER));
  mc_test_folder_add ("/rebuild/catalog/cut-short", test_catalog, GINT_TO_POINTER (CUT_SHORT));
  mc_test_folder_add ("/rebuild/catalog/one-page", test_catalog, GINT_TO_POINTER (CUT_TO_ONE_PAGE));
  mc_test_folder_add ("/rebuild/catalog/wrong-id", test_catalog, GINT_TO_POINTER (WRONG_ID));
  mc_test_folder_add ("/rebuild/catalog/bad-pages", test_catalog, GINT_TO_POINTER (BAD_PAGES));
  mc_test_folder_add ("/rebuild/catalog/newer", test_newer, "catalog.db");
  mc_test_folder_add ("/rebuild/unnamed", test_unnamed, NULL);
  mc_test_folder_add ("/rebuild/small/garbage", test_small, GINT_TO_POINTER (GARBAGE_HEADER));
  mc_test_folder_add ("/rebuild/small/cut-short", test_small, GINT_TO_POINTER (CUT_SHORT));
  mc_test_folder_add ("/rebuild/small/wrong-id", test_small, GINT_TO_POINTER (WRONG_ID));
  mc_test_folder_add ("/rebuild/small/newer", test_newer, "small.db");
  mc_test_folder_add ("/rebuild/both", test_both, NULL);
  return g_test_run ();
}
