/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-audit.h"
#include "mc-test-store.h"

#include "mc-db.h"
#include "mc-small.h"
#include "mc-test-wait.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

/* Each invariant is broken, alone, and the audit says so in words; a store in order is said to be.
 */

typedef struct
{
  GBytes *large; /* (owned) */
  GBytes *small; /* (owned) */
  McDigest large_digest;
  McDigest small_digest;
} World;

/* A store with a pack and a small content, closed. */
static void
set_up (McTestFolder *folder, World *world)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", 'a');
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GError) error = NULL;
  gint64 repo;

  world->large = mc_test_make_bytes (300000, 1);
  world->small = mc_test_make_bytes (1000, 2);
  world->large_digest =
      mc_test_manifest_add (manifest, "large", MC_DIGEST_SHA256, world->large)->digest;
  mc_test_manifest_add_variant (manifest, "v");
  world->small_digest =
      mc_test_manifest_add (manifest, "small", MC_DIGEST_GIT_SHA1, world->small)->digest;
  repo = mc_test_save_repo (store, manifest, NULL);
  mc_test_hold (store, repo, "", "large", &error);
  g_assert_no_error (error);
  mc_test_hold (store, repo, "", "small", &error);
  g_assert_no_error (error);
  mc_test_fill (store, &world->large_digest, world->large);
  mc_test_fill (store, &world->small_digest, world->small);
  mc_test_store_close (store);
}

static void
tear_down (World *world)
{
  g_bytes_unref (world->large);
  g_bytes_unref (world->small);
}

/* Exactly one thing is wrong, and its sentence has these words; NULL: nothing is. */
static void
assert_found (McTestFolder *folder, McAuditFlags flags, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = mc_store_audit (folder->path, flags, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < found->len; i++)
    g_test_message ("%s", (char *) found->pdata[i]);
  g_assert_cmpuint (found->len, ==, words == NULL ? 0 : 1);
  if (words != NULL)
    g_assert_nonnull (strstr (found->pdata[0], words));
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

static void
change_pack (McTestFolder *folder, World *world, const char *sql)
{
  g_autofree char *path = mc_pack_make_path (folder->path, &world->large_digest);

  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  change (path, MC_DB_PACK, sql);
  g_assert_cmpint (g_chmod (path, 0400), ==, 0);
}

static void
test_in_order (McTestFolder *folder, gconstpointer data)
{
  World world;

  set_up (folder, &world);
  assert_found (folder, MC_AUDIT_DEEP | MC_AUDIT_SETTLED, NULL);
  tear_down (&world);
}

typedef struct
{
  const char *sql;
  const char *words;
} Breach;

/* Rows that refer to nothing are not among these, since each connection refuses to write them. */
static const Breach catalog_breaches[] = {
  { "UPDATE files SET position = 7 WHERE path = 'small'", "not numbered without a gap" },
  { "INSERT INTO variants (repo, position, key, format) VALUES (1, 5, 'x', 'test')",
    "not numbered without a gap" },
  { "INSERT INTO variant_files (repo, variant, file) VALUES (1, 0, 9)", "that is not there" },
  { "UPDATE holdings SET variant = 'v' WHERE path = 'large'",
    "neither of a variant nor of a file" },
  { "UPDATE contents SET state = 2 WHERE length (digest) = 20", "marked as being deleted" },
  { "UPDATE contents SET state = 0 WHERE length (digest) = 20", "the catalog does not say so" },
  { "UPDATE contents SET size = 999 WHERE length (digest) = 20", "the catalog says 999" },
  { "UPDATE contents SET state = 0 WHERE length (digest) = 32", "the catalog says otherwise" },
  { "UPDATE contents SET size = 300001 WHERE length (digest) = 32", "another content" },
  { "INSERT INTO contents (digest, size, state, last_used) "
    "VALUES (zeroblob (32), 300000, 1, 0)",
    "it is not there, but the catalog says so" },
  { "INSERT INTO contents (digest, size, state, last_used) VALUES (zeroblob (32), 3, 1, 0)",
    "is not here, but the catalog says so" },
};

static void
test_catalog (McTestFolder *folder, gconstpointer data)
{
  const Breach *breach = data;
  g_autofree char *path = g_build_filename (folder->path, "catalog.db", NULL);
  World world;

  set_up (folder, &world);
  change (path, MC_DB_CATALOG, breach->sql);
  assert_found (folder, MC_AUDIT_SETTLED, breach->words);
  tear_down (&world);
}

static const Breach pack_breaches[] = {
  { "UPDATE content SET complete = 0", "not complete" },
  { "DELETE FROM chunks", "chunks are missing" },
  { "INSERT INTO chunks (position, size, hash, checks, codec, bytes) "
    "VALUES (5, 3, zeroblob (16), zeroblob (8), 0, zeroblob (3))",
    "behind its end" },
};

static void
test_pack (McTestFolder *folder, gconstpointer data)
{
  const Breach *breach = data;
  World world;

  set_up (folder, &world);
  change_pack (folder, &world, breach->sql);
  assert_found (folder, MC_AUDIT_SETTLED, breach->words);
  tear_down (&world);
}

/* What only its bytes say is found by a deep audit. */
static void
test_damage (McTestFolder *folder, gconstpointer data)
{
  World world;
  g_autofree char *path = NULL;

  set_up (folder, &world);
  path = mc_pack_make_path (folder->path, &world.large_digest);
  mc_test_damage_file (
      path, mc_test_find_in_file (path, 0, g_bytes_get_data (world.large, NULL), 1000) + 500);
  assert_found (folder, MC_AUDIT_SETTLED, NULL);
  assert_found (folder, MC_AUDIT_DEEP | MC_AUDIT_SETTLED, "chunk 0");
  tear_down (&world);
}

static void
test_small (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = mc_small_make_path (folder->path);
  World world;

  set_up (folder, &world);
  change (path, MC_DB_SMALL,
          "INSERT INTO contents (digest, size, bytes) VALUES (zeroblob (32), 1, x'00')");
  assert_found (folder, MC_AUDIT_SETTLED, "is not in the catalog");
  change (path, MC_DB_SMALL, "DELETE FROM contents WHERE length (digest) = 32");
  change (path, MC_DB_SMALL, "UPDATE contents SET bytes = zeroblob (1000)");
  assert_found (folder, MC_AUDIT_SETTLED, "changed on disk");
  tear_down (&world);
}

static void
make_file (McTestFolder *folder, const char *name, const char *words)
{
  g_autofree char *path = g_build_filename (folder->path, name, NULL);

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  assert_found (folder, MC_AUDIT_SETTLED, words);
  g_unlink (path);
}

static void
test_orphans (McTestFolder *folder, gconstpointer data)
{
  World world;
  g_autofree char *path = NULL;
  g_autofree char *aside = NULL;
  g_autofree char *unknown = NULL;

  set_up (folder, &world);
  path = mc_pack_make_path (folder->path, &world.large_digest);
  make_file (folder, "catalog.db.old", "catalog.db.old: it does not belong");
  make_file (folder, "packs/stray", "packs/stray: it does not belong");
  aside = g_strconcat (path + strlen (folder->path) + 1, ".damaged", NULL);
  make_file (folder, aside, "a damaged one lies beside it");
  unknown = g_strdup (path + strlen (folder->path) + 1);
  /* Another content of the same folder. */
  memset (unknown + strlen ("packs/ab/ab"), '0', 10);
  make_file (folder, unknown, "its content is not in the catalog");
  assert_found (folder, MC_AUDIT_SETTLED, NULL);
  tear_down (&world);
}

/* Beside an open store, and against what that says. */
static void
assert_open (McStore *store, const char *words)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  mc_store_audit_async (store, MC_AUDIT_SETTLED, NULL, NULL, mc_test_store_result, &result);
  found = mc_store_audit_finish (store, mc_test_await (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, words == NULL ? 0 : 1);
  if (words != NULL)
    g_assert_nonnull (strstr (found->pdata[0], words));
}

static void
test_memory (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *path = g_build_filename (folder->path, "catalog.db", NULL);
  McStore *store;
  World world;

  set_up (folder, &world);
  store = mc_test_store_open (folder->path);
  assert_open (store, NULL);
  change (path, MC_DB_CATALOG,
          "INSERT INTO contents (digest, size, state, last_used) "
          "VALUES (zeroblob (32), 300000, 0, 0)");
  assert_open (store, "is not known, but it is on the disk");
  change (path, MC_DB_CATALOG, "DELETE FROM contents WHERE digest = zeroblob (32)");
  change (path, MC_DB_CATALOG, "DELETE FROM holding_contents WHERE length (digest) = 20");
  assert_open (store, "1 holders; on the disk");
  /* What somebody works on is left out. */
  mc_store_pin (store, &world.small_digest);
  assert_open (store, NULL);
  mc_store_unpin (store, &world.small_digest);
  mc_test_store_close (store);
  tear_down (&world);
}

static void
test_cancel (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = NULL;
  World world;

  set_up (folder, &world);
  g_cancellable_cancel (cancellable);
  found = mc_store_audit (folder->path, MC_AUDIT_DEEP, NULL, cancellable, NULL, &error);
  g_assert_null (found);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  tear_down (&world);
}

static void
add_breaches (const char *where,
              const Breach *breaches,
              guint n,
              void (*function) (McTestFolder *folder, gconstpointer data))
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("/audit/%s/%u", where, i);

      mc_test_folder_add (name, function, &breaches[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/audit/in-order", test_in_order, NULL);
  add_breaches ("catalog", catalog_breaches, G_N_ELEMENTS (catalog_breaches), test_catalog);
  add_breaches ("pack", pack_breaches, G_N_ELEMENTS (pack_breaches), test_pack);
  mc_test_folder_add ("/audit/damage", test_damage, NULL);
  mc_test_folder_add ("/audit/small", test_small, NULL);
  mc_test_folder_add ("/audit/orphans", test_orphans, NULL);
  mc_test_folder_add ("/audit/memory", test_memory, NULL);
  mc_test_folder_add ("/audit/cancel", test_cancel, NULL);
  return g_test_run ();
}
