/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"
#include "mc-db.h"
#include "mc-error.h"
#include "mc-test-store.h"
#include "mc-test-wait.h"

#include <string.h>

/* What is kept of headers of weight files, and catalogs from before there was such a thing. */

#define MOST_HEADERS 4096

static McModelHeader
make_header (guint number)
{
  McModelHeader header = { .format = MC_HEADER_GGUF,
                           .architecture = "qwen3",
                           .encoding = "Q4_K_M",
                           .parameters = number,
                           .context_length = 40960,
                           .kv_cache = { TRUE, 147456, 4096, 1024 } };

  header.digest.kind = MC_DIGEST_SHA256;
  memcpy (header.digest.bytes, &number, sizeof number);
  return header;
}

static gboolean
keep (McStore *store, const McModelHeader *header, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_store_keep_header_async (store, header, mc_test_store_result, &result);
  return mc_store_keep_header_finish (store, mc_test_await (&result), error);
}

static void
keep_well (McStore *store, const McModelHeader *header)
{
  g_autoptr (GError) error = NULL;

  keep (store, header, &error);
  g_assert_no_error (error);
}

static void
assert_kept (McStore *store, const McModelHeader *expected)
{
  const McModelHeader *header = mc_store_get_header (store, &expected->digest);

  g_assert_nonnull (header);
  g_assert_cmpint (header->format, ==, expected->format);
  g_assert_cmpstr (header->architecture, ==, expected->architecture);
  g_assert_cmpstr (header->encoding, ==, expected->encoding);
  g_assert_cmpuint (header->parameters, ==, expected->parameters);
  g_assert_cmpuint (header->context_length, ==, expected->context_length);
  g_assert_cmpint (header->kv_cache.is_known, ==, expected->kv_cache.is_known);
  g_assert_cmpuint (header->kv_cache.bytes, ==, expected->kv_cache.bytes);
  g_assert_cmpuint (header->kv_cache.sliding_bytes, ==, expected->kv_cache.sliding_bytes);
  g_assert_cmpuint (header->kv_cache.window, ==, expected->kv_cache.window);
}

static void
test_kept (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  McModelHeader header = make_header (1);
  McModelHeader other = { .digest = make_header (2).digest, .format = MC_HEADER_SAFETENSORS };

  g_assert_null (mc_store_get_header (store, &header.digest));
  keep_well (store, &header);
  keep_well (store, &other);
  assert_kept (store, &header);
  header.parameters = 5;
  keep_well (store, &header);
  mc_test_store_close (store);

  store = mc_test_store_open (folder->path);
  assert_kept (store, &header);
  assert_kept (store, &other);
  mc_test_store_close (store);
}

static McDb *
open_catalog (McTestFolder *folder)
{
  g_autofree char *path = g_build_filename (folder->path, "catalog.db", NULL);
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, MC_DB_CATALOG, MC_DB_CREATE, &error);

  g_assert_no_error (error);
  return db;
}

static void
run (McDb *db, const char *sql)
{
  g_autoptr (GError) error = NULL;

  mc_db_run (db, sql, 0, &error);
  g_assert_no_error (error);
}

/* Who scans the whole Hub does not fill the disk. */
static void
test_bounded (McTestFolder *folder, gconstpointer data)
{
  McModelHeader first = make_header (1);
  McModelHeader last = make_header (2);
  McDb *db = open_catalog (folder);
  g_autoptr (GArray) headers = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (mc_catalog_keep_header (db, &first, &error));
  run (db, "WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) "
           "INSERT INTO headers SELECT CAST (printf ('%032d', i) AS BLOB), 0, '', '', 0, 0, 0, 0, "
           "0, 0 FROM n");
  g_assert_true (mc_catalog_keep_header (db, &last, &error));
  headers = mc_catalog_list_headers (db, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (headers->len, ==, MOST_HEADERS);
  g_assert_true (mc_digest_equal (&g_array_index (headers, McModelHeader, 0).digest, &last.digest));
  for (guint i = 0; i < headers->len; i++)
    g_assert_false (
        mc_digest_equal (&g_array_index (headers, McModelHeader, i).digest, &first.digest));
  mc_db_close (db);
}

/* What no reader of headers lets pass the catalog does not take either. */
static void
test_refuses_nonsense (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  McModelHeader wrong[4];

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    wrong[i] = make_header (i);
  wrong[0].parameters = G_GUINT64_CONSTANT (1) << 61;
  wrong[1].context_length = G_GUINT64_CONSTANT (1) << 41;
  wrong[2].kv_cache.bytes = G_GUINT64_CONSTANT (1) << 54;
  wrong[3].format = (McHeaderFormat) 2;
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (keep (store, &wrong[i], &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_STORE);
      g_assert_null (mc_store_get_header (store, &wrong[i].digest));
    }
  mc_test_store_close (store);
}

/* A catalog that somebody wrote without its checks: such rows are not there. */
static void
test_leaves_nonsense_out (McTestFolder *folder, gconstpointer data)
{
  static const char *const values[] = {
    "7, 'llama', 'Q8_0', 1, 1, 1, 1, 1, 1",
    "0, 'two words', 'Q8_0', 1, 1, 1, 1, 1, 1",
    "0, 'llama', 'Q8_0' || char (10), 1, 1, 1, 1, 1, 1",
    "0, printf ('%065d', 1), 'Q8_0', 1, 1, 1, 1, 1, 1",
    "0, 'llama', 'Q8_0', 9223372036854775807, 1, 1, 1, 1, 1",
    "0, 'llama', 'Q8_0', 1, 1, 1, 9223372036854775807, 1, 1",
  };
  McDb *db = open_catalog (folder);
  g_autoptr (GArray) headers = NULL;
  g_autoptr (GError) error = NULL;

  run (db, "PRAGMA ignore_check_constraints = 1");
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *sql =
          g_strdup_printf ("INSERT INTO headers VALUES (CAST ('%032u' AS BLOB), %s)", i, values[i]);

      run (db, g_intern_string (sql));
    }
  headers = mc_catalog_list_headers (db, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (headers->len, ==, 0);
  mc_db_close (db);
}

/* --- older catalogs --- */

/* Undoes what each version brought, the newest first. */
static void
make_older (McTestFolder *folder, guint version)
{
  McDb *db = open_catalog (folder);

  run (db, "DROP TABLE programs");
  run (db, "DROP TABLE headers");
  run (db, "ALTER TABLE repos DROP COLUMN architecture");
  run (db, "ALTER TABLE repos DROP COLUMN dtype");
  run (db, "DROP TABLE history");
  run (db, "ALTER TABLE transfers DROP COLUMN place");
  run (db, "ALTER TABLE transfers DROP COLUMN rate_limit");
  if (version < 2)
    {
      run (db, "DROP TABLE settings");
      run (db, "DROP TABLE loans");
      run (db, "DROP TABLE chunks");
      run (db, "ALTER TABLE holdings DROP COLUMN pinned");
      run (db, "ALTER TABLE contents DROP COLUMN verified_at");
    }
  run (db, version < 2 ? "PRAGMA user_version = 1" : "PRAGMA user_version = 2");
  mc_db_close (db);
}

static void
test_migrates (McTestFolder *folder, gconstpointer data)
{
  guint version = GPOINTER_TO_UINT (data);
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("weights", 7);
  McModelHeader header = make_header (1);
  McDigest digest;
  gint64 repo = mc_test_hold_one (store, MC_DIGEST_SHA256, bytes, &digest);
  McManifest *manifest;

  mc_test_fill (store, &digest, bytes);
  mc_test_store_close (store);
  make_older (folder, version);

  store = mc_test_store_open (folder->path);
  mc_test_assert_complete (store, &digest, bytes);
  manifest = mc_store_get_repo (store, repo)->manifest;
  g_assert_cmpstr (manifest->repo, ==, "org/model");
  g_assert_null (manifest->architecture);
  g_assert_null (manifest->dtype);
  g_assert_null (mc_store_get_header (store, &header.digest));
  keep_well (store, &header);
  mc_test_store_close (store);

  store = mc_test_store_open (folder->path);
  assert_kept (store, &header);
  mc_test_store_close (store);
}

/* What the Hub says of the model stays with the repo. */
static void
test_facts_of_repo (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", 'a');
  McManifest *loaded;
  gint64 repo;

  manifest->architecture = g_strdup ("qwen3");
  manifest->dtype = g_strdup ("BF16");
  repo = mc_test_save_repo (store, manifest, NULL);
  mc_test_store_close (store);
  store = mc_test_store_open (folder->path);
  loaded = mc_store_get_repo (store, repo)->manifest;
  g_assert_cmpstr (loaded->architecture, ==, "qwen3");
  g_assert_cmpstr (loaded->dtype, ==, "BF16");
  mc_test_store_close (store);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/headers/kept", test_kept, NULL);
  mc_test_folder_add ("/headers/bounded", test_bounded, NULL);
  mc_test_folder_add ("/headers/refuses-nonsense", test_refuses_nonsense, NULL);
  mc_test_folder_add ("/headers/leaves-nonsense-out", test_leaves_nonsense_out, NULL);
  mc_test_folder_add ("/headers/migrates-version-1", test_migrates, GUINT_TO_POINTER (1));
  mc_test_folder_add ("/headers/migrates-version-2", test_migrates, GUINT_TO_POINTER (2));
  mc_test_folder_add ("/headers/facts-of-repo", test_facts_of_repo, NULL);
  return g_test_run ();
}
