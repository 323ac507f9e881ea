/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz-db.h"
#include "mc-fuzz.h"

#include "mc-catalog.h"

/* A catalog from anywhere: opened, loaded, asked what the store asks, added to. */

static void
assert_text (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

static void
check_manifest (McManifest *manifest)
{
  g_autoptr (GPtrArray) all = mc_manifest_all_files (manifest);
  g_autoptr (GError) error = NULL;
  McVariant *found = mc_manifest_find_variant (manifest, NULL, &error);

  mc_fuzz_assert_outcome (found != NULL, error);
  assert_text (manifest->endpoint);
  assert_text (manifest->repo);
  assert_text (manifest->revision);
  assert_text (manifest->commit);
  mc_gated_to_string (manifest->gated);
  mc_files_total_size (all);
  mc_manifest_find_file (manifest, "config.json");
  for (guint i = 0; i < all->len; i++)
    assert_text (((const McFile *) g_ptr_array_index (all, i))->path);
  for (guint i = 0; i < manifest->variants->len; i++)
    {
      const McVariant *variant = g_ptr_array_index (manifest->variants, i);
      g_autoptr (GPtrArray) files = mc_manifest_variant_files (manifest, variant);

      assert_text (variant->key);
      assert_text (variant->format);
      g_assert_cmpuint (files->len, <=, all->len);
    }
}

static void
check_library (McDb *db)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McLibrary) library = mc_catalog_load (db, 0, &error);

  mc_fuzz_assert_outcome (library != NULL, error);
  if (library == NULL)
    return;
  for (guint i = 0; i < library->repos->len; i++)
    check_manifest (((const McLibraryRepo *) g_ptr_array_index (library->repos, i))->manifest);
  for (guint i = 0; i < library->holdings->len; i++)
    {
      const McHolding *holding = g_ptr_array_index (library->holdings, i);

      assert_text (holding->variant);
      assert_text (holding->path);
    }
  for (guint i = 0; i < library->aliases->len; i++)
    {
      const McAlias *alias = g_ptr_array_index (library->aliases, i);

      assert_text (alias->endpoint);
      assert_text (alias->alias);
      assert_text (alias->repo);
    }
}

static void
check_lists (McDb *db)
{
  g_autoptr (GError) contents_error = NULL;
  g_autoptr (GError) transfers_error = NULL;
  g_autoptr (GArray) contents = mc_catalog_list_contents (db, &contents_error);
  g_autoptr (GPtrArray) transfers = mc_catalog_list_transfers (db, &transfers_error);

  mc_fuzz_assert_outcome (contents != NULL, contents_error);
  mc_fuzz_assert_outcome (transfers != NULL, transfers_error);
  for (guint i = 0; transfers != NULL && i < transfers->len; i++)
    {
      const McTransferRecord *record = g_ptr_array_index (transfers, i);

      assert_text (record->kind);
      assert_text (record->variant);
      assert_text (record->path);
      assert_text (record->state);
      assert_text (record->error);
      assert_text (record->message);
    }
}

static void
check_settings (McDb *db)
{
  g_autoptr (GError) error = NULL;
  McSettings settings;
  gboolean done = mc_catalog_load_settings (db, &settings, &error);

  mc_fuzz_assert_outcome (done, error);
  g_assert_cmpuint (settings.values[MC_SETTING_COMPRESSION], <=, 1);
  g_assert_cmpuint (settings.values[MC_SETTING_SIZE_LIMIT], <=, G_MAXINT64);
}

/* The repo that the corpus has too, at another commit. */
static void
add_repo (McDb *db)
{
  g_autoptr (McManifest) manifest = mc_manifest_new ();
  g_autoptr (GError) error = NULL;
  gint64 id = 0;
  gboolean done;

  manifest->endpoint = g_strdup ("https://hub.example");
  manifest->repo = g_strdup ("o/n");
  manifest->revision = g_strdup ("main");
  manifest->commit = g_strnfill (40, '2');
  mc_manifest_add_file (manifest, "a", 1, (McDigest){ MC_DIGEST_NONE });
  done = mc_catalog_save_repo (db, manifest, "n", &id, &error);
  mc_fuzz_assert_outcome (done, error);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *path = g_build_filename (mc_fuzz_db_folder (), "catalog.db", NULL);
  g_autoptr (GError) error = NULL;
  McDb *db;

  mc_fuzz_db_place (path, data, size);
  db = mc_db_open (path, MC_DB_CATALOG, MC_DB_CREATE, &error);
  mc_fuzz_assert_outcome (db != NULL, error);
  if (db == NULL)
    return 0;
  check_library (db);
  check_lists (db);
  check_settings (db);
  add_repo (db);
  check_library (db);
  mc_db_close (db);
  mc_fuzz_db_assert_modest ();
  return 0;
}
