/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-store.h"

#include "mc-content-reader.h"
#include "mc-db.h"

/* Stores that earlier versions wrote, unpacked from data/: they open, what was in them is there,
 * and what was begun is finished. */

typedef struct
{
  const char *name;
  guint packs;   /* the version of its packs */
  guint64 limit; /* bandwidth-limit that was set; 0: settings came later */
} Archive;

static const Archive version_1 = { "version-1.tar.xz", 1, 0 };
static const Archive version_4 = { "version-4.tar.xz", 2, 123456 };

typedef struct
{
  const Archive *archive;
  McStore *store;   /* (owned) */
  GBytes *complete; /* (owned) */
  GBytes *partial;  /* (owned): all of it */
  GBytes *small;    /* (owned) */
  McDigest complete_digest;
  McDigest partial_digest;
  McDigest small_digest;
} Old;

/* The bytes that were put into it. */
static GBytes *
count_up (gsize size, guint first)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (first + i % 251 + i / 1000000);
  return g_bytes_new_take (bytes, size);
}

static void
unpack (McTestFolder *folder, const char *name)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("MC_TESTS_SRCDIR"), "store", "data", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) tar = NULL;

  tar = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "tar", "-C", folder->path, "-xpf", path,
                          NULL);
  g_assert_no_error (error);
  g_subprocess_wait_check (tar, NULL, &error);
  g_assert_no_error (error);
}

static void
old_open (Old *old, McTestFolder *folder, const Archive *archive)
{
  unpack (folder, archive->name);
  old->archive = archive;
  old->store = mc_test_store_open (folder->path);
  old->complete = count_up (MC_CHUNK_SIZE + 300000, 1);
  old->partial = count_up (2 * MC_CHUNK_SIZE + 1000, 2);
  old->small = count_up (1000, 3);
  old->complete_digest = mc_test_digest (MC_DIGEST_SHA256, old->complete);
  old->partial_digest = mc_test_digest (MC_DIGEST_GIT_SHA1, old->partial);
  old->small_digest = mc_test_digest (MC_DIGEST_GIT_SHA1, old->small);
}

static void
old_close (Old *old)
{
  mc_test_store_close (old->store);
  g_bytes_unref (old->complete);
  g_bytes_unref (old->partial);
  g_bytes_unref (old->small);
}

static guint
get_pack_version (McStore *store, const McDigest *digest)
{
  g_autofree char *path = mc_pack_make_path (mc_store_get_folder (store), digest);
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, MC_DB_PACK, MC_DB_READ, &error);
  guint version;

  g_assert_no_error (error);
  version = mc_db_get_version (db);
  mc_db_close (db);
  return version;
}

static void
assert_state (Old *old)
{
  McLibraryRepo *repo = mc_store_find_repo (old->store, MC_TEST_ENDPOINT, "old-name", NULL);
  const McSettings *settings = mc_store_get_settings (old->store);

  g_assert_nonnull (repo);
  g_assert_cmpstr (repo->manifest->repo, ==, "org/model");
  g_assert_cmpuint (repo->manifest->files->len, ==, 3);
  g_assert_true (mc_store_is_held (old->store, repo->id, "", "complete"));
  mc_test_assert_complete (old->store, &old->complete_digest, old->complete);
  mc_test_assert_complete (old->store, &old->small_digest, old->small);
  g_assert_cmpuint (mc_settings_get_number (settings, MC_SETTING_BANDWIDTH_LIMIT), ==,
                    old->archive->limit);
}

/* Looking at a store changes no pack in it, however old it is. */
static void
test_open (McTestFolder *folder, gconstpointer archive)
{
  Old old;

  old_open (&old, folder, archive);
  assert_state (&old);
  mc_test_assert_partial (old.store, &old.partial_digest, MC_CHUNK_SIZE + 1000);
  g_assert_cmpuint (get_pack_version (old.store, &old.complete_digest), ==, old.archive->packs);
  g_assert_cmpuint (get_pack_version (old.store, &old.partial_digest), ==, old.archive->packs);
  old_close (&old);
}

static void
test_finish (McTestFolder *folder, gconstpointer archive)
{
  Old old;

  old_open (&old, folder, archive);
  g_assert_cmpuint (mc_test_fill (old.store, &old.partial_digest, old.partial), ==, 1);
  assert_state (&old);
  mc_test_assert_complete (old.store, &old.partial_digest, old.partial);
  g_assert_cmpuint (get_pack_version (old.store, &old.complete_digest), ==, old.archive->packs);
  g_assert_cmpuint (get_pack_version (old.store, &old.partial_digest), >, 1);
  old_close (&old);
}

/* A chunk of the complete one is damaged: it alone is dropped, and comes again. */
static void
test_repair (McTestFolder *folder, gconstpointer archive)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  guint64 damaged;
  Old old;

  old_open (&old, folder, archive);
  path = mc_pack_make_path (folder->path, &old.complete_digest);
  mc_test_damage_file (path, MC_CHUNK_SIZE / 2 + 1000);
  g_assert_true (mc_content_verify (folder->path, &old.complete_digest,
                                    g_bytes_get_size (old.complete), NULL, NULL, &damaged, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (damaged, ==, MC_CHUNK_SIZE);
  g_assert_cmpuint (mc_test_fill (old.store, &old.complete_digest, old.complete), ==, 1);
  assert_state (&old);
  old_close (&old);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/old-stores/1/open", test_open, &version_1);
  mc_test_folder_add ("/old-stores/1/finish", test_finish, &version_1);
  mc_test_folder_add ("/old-stores/1/repair", test_repair, &version_1);
  mc_test_folder_add ("/old-stores/4/open", test_open, &version_4);
  mc_test_folder_add ("/old-stores/4/finish", test_finish, &version_4);
  return g_test_run ();
}
