/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-db.h"
#include "mc-error.h"
#include "mc-test-store.h"
#include "mc-test-wait.h"

/* What the person chose outlives the process, and nothing else of the catalog's table counts. */

static gboolean
configure (McStore *store, const char *text, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_store_configure_async (store, g_variant_new_parsed (text), mc_test_store_result, &result);
  return mc_store_configure_finish (store, mc_test_await (&result), error);
}

static guint64
get_limit (McStore *store)
{
  return mc_settings_get_number (mc_store_get_settings (store), MC_SETTING_SIZE_LIMIT);
}

static void
count (McStore *store, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
test_kept (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GError) error = NULL;
  guint changes = 0;

  g_signal_connect (store, "settings-changed", G_CALLBACK (count), &changes);
  g_assert_true (configure (store, "{'size-limit': <uint64 5000>}", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (get_limit (store), ==, 5000);
  g_assert_false (configure (store, "{'size-limit': <uint64 6000>, 'no-such': <true>}", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
  g_assert_cmpuint (get_limit (store), ==, 5000);
  g_assert_cmpuint (changes, ==, 1);
  mc_test_store_close (store);

  store = mc_test_store_open (folder->path);
  g_assert_cmpuint (get_limit (store), ==, 5000);
  mc_test_store_close (store);
}

/* Two at once: each changes what it names, whatever was in memory when it was asked for. */
static void
test_two_at_once (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;

  mc_store_configure_async (store, g_variant_new_parsed ("{'size-limit': <uint64 7>}"),
                            mc_test_store_result, &first);
  mc_store_configure_async (store, g_variant_new_parsed ("{'compression': <false>}"),
                            mc_test_store_result, &second);
  g_assert_true (mc_store_configure_finish (store, mc_test_await (&first), NULL));
  g_assert_true (mc_store_configure_finish (store, mc_test_await (&second), NULL));
  g_assert_cmpuint (get_limit (store), ==, 7);
  g_assert_false (mc_settings_get_flag (mc_store_get_settings (store), MC_SETTING_COMPRESSION));
  g_clear_object (&first);
  g_clear_object (&second);
  mc_test_store_close (store);
}

static void
run_sql (const char *folder, const char *sql)
{
  g_autofree char *path = g_build_filename (folder, "catalog.db", NULL);
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, MC_DB_CATALOG, MC_DB_WRITE, &error);

  g_assert_no_error (error);
  g_assert_true (mc_db_run (db, sql, 0, &error));
  g_assert_no_error (error);
  mc_db_close (db);
}

static void
test_passes_over (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);

  mc_test_store_close (store);
  run_sql (folder->path, "INSERT INTO settings VALUES ('size-limit', 'much'), ('newer', '1'), "
                         "('compression', '0')");
  store = mc_test_store_open (folder->path);
  g_assert_cmpuint (get_limit (store), ==, 0);
  g_assert_false (mc_settings_get_flag (mc_store_get_settings (store), MC_SETTING_COMPRESSION));
  g_assert_true (configure (store, "{'compression': <true>}", NULL));
  mc_test_store_close (store);
  /* One row is the newer version's; a default needs none. */
  run_sql (folder->path, "UPDATE settings SET value = '2' WHERE name = 'newer' AND "
                         "(SELECT count (*) FROM settings) = 1");
  store = mc_test_store_open (folder->path);
  g_assert_true (mc_settings_get_flag (mc_store_get_settings (store), MC_SETTING_COMPRESSION));
  mc_test_store_close (store);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/store/settings/kept", test_kept, NULL);
  mc_test_folder_add ("/store/settings/two-at-once", test_two_at_once, NULL);
  mc_test_folder_add ("/store/settings/passes-over", test_passes_over, NULL);
  return g_test_run ();
}
