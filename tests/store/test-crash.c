/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-store.h"

#include "mc-content-reader.h"
#include "mc-error.h"

#include <glib/gstdio.h>

/* Each operation is ended, without any clean-up, at each passing of each fault point. What was
 * committed before is there afterwards, nothing is half done, what the store says is true, and the
 * operation can be done then. */

#define LARGE (2 * MC_CHUNK_SIZE + 1000)
#define MOST_PASSINGS 40

static const char *const points[] = { "db.commit", "db.committed", "pack.put", "pack.unlink" };

typedef struct
{
  GBytes *large; /* (owned) */
  GBytes *small; /* (owned) */
  GBytes *twin;  /* (owned): has the whole chunks of large */
  GBytes *kept;  /* (owned): in the store before, and after whatever happens */
  McDigest large_digest;
  McDigest small_digest;
  McDigest twin_digest;
  McDigest kept_digest;
} World;

typedef struct
{
  /* Makes what must be there before. */
  void (*prepare) (McStore *store, World *world);
  /* What may crash; and what is done again afterwards. */
  void (*run) (McStore *store, World *world);
  /* Whatever the moment was. */
  void (*check) (McStore *store, World *world);
  /* After it was done again. */
  void (*check_done) (McStore *store, World *world);
  guint least_crashes; /* so that the points are known to be passed */
} Operation;

static GBytes *
make_twin (GBytes *large)
{
  guint8 *bytes = g_memdup2 (g_bytes_get_data (large, NULL), LARGE);

  bytes[LARGE - 1] ^= 1;
  return g_bytes_new_take (bytes, LARGE);
}

static void
world_init (World *world)
{
  world->large = mc_test_make_bytes (LARGE, 1);
  world->small = mc_test_make_bytes (1000, 2);
  world->kept = mc_test_make_bytes (300000, 3);
  world->twin = make_twin (world->large);
  world->twin_digest = mc_test_digest (MC_DIGEST_SHA256, world->twin);
  world->large_digest = mc_test_digest (MC_DIGEST_SHA256, world->large);
  world->small_digest = mc_test_digest (MC_DIGEST_GIT_SHA1, world->small);
  world->kept_digest = mc_test_digest (MC_DIGEST_SHA256, world->kept);
}

static void
world_clear (World *world)
{
  g_bytes_unref (world->large);
  g_bytes_unref (world->small);
  g_bytes_unref (world->twin);
  g_bytes_unref (world->kept);
}

static gint64
find (McStore *store, const char *revision)
{
  McLibraryRepo *repo = mc_store_find_repo (store, MC_TEST_ENDPOINT, "org/model", revision);

  return repo == NULL ? 0 : repo->id;
}

static gboolean
is_held (McStore *store, const char *revision, const char *path)
{
  return mc_store_is_held (store, find (store, revision), "", path);
}

static void
hold (McStore *store, const char *path)
{
  g_autoptr (GError) error = NULL;

  mc_test_hold (store, find (store, NULL), "", path, &error);
  g_assert_no_error (error);
}

static void
scan (McStore *store, World *world, char commit)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", commit);

  mc_test_manifest_add (manifest, "kept", MC_DIGEST_SHA256, world->kept);
  mc_test_manifest_add (manifest, "large", MC_DIGEST_SHA256, world->large);
  mc_test_manifest_add_variant (manifest, "v");
  if (commit != 'a')
    mc_test_manifest_add (manifest, "new", MC_DIGEST_GIT_SHA1, world->small);
  mc_test_manifest_add (manifest, "small", MC_DIGEST_GIT_SHA1, world->small);
  mc_test_manifest_add (manifest, "twin", MC_DIGEST_SHA256, world->twin);
  mc_test_save_repo (store, manifest, "old-name");
}

static void
prepare (McStore *store, World *world)
{
  scan (store, world, 'a');
  hold (store, "kept");
  mc_test_fill (store, &world->kept_digest, world->kept);
}

static void
check (McStore *store, World *world)
{
  mc_test_assert_complete (store, &world->kept_digest, world->kept);
}

/* --- save a repo at a new commit, while the old one is held --- */

static void
run_save (McStore *store, World *world)
{
  scan (store, world, 'b');
}

static void
check_save (McStore *store, World *world)
{
  McLibraryRepo *repo = mc_store_get_repo (store, find (store, NULL));
  g_autofree char *old = g_strnfill (40, 'a');
  gboolean new = repo->manifest->commit[0] == 'b';

  check (store, world);
  g_assert_cmpuint (repo->manifest->files->len, ==, new ? 5 : 4);
  g_assert_cmpuint (repo->manifest->variants->len, ==, 1);
  g_assert_cmpuint (mc_store_get_repos (store)->len, ==, new ? 2 : 1);
  g_assert_true (is_held (store, old, "kept"));
}

static void
check_save_done (McStore *store, World *world)
{
  check_save (store, world);
  g_assert_cmpuint (mc_store_get_repos (store)->len, ==, 2);
}

/* --- hold --- */

static void
run_hold (McStore *store, World *world)
{
  g_autoptr (GError) error = NULL;

  mc_test_hold (store, find (store, NULL), "v", "", &error);
  g_assert_no_error (error);
}

static void
check_hold (McStore *store, World *world)
{
  check (store, world);
  if (mc_store_is_held (store, find (store, NULL), "v", ""))
    mc_test_assert_partial (store, &world->large_digest, 0);
  else
    g_assert_null (mc_store_get_content (store, &world->large_digest));
}

static void
check_hold_done (McStore *store, World *world)
{
  check (store, world);
  g_assert_true (mc_store_is_held (store, find (store, NULL), "v", ""));
  mc_test_assert_partial (store, &world->large_digest, 0);
}

/* --- bring contents in --- */

static void
prepare_fill (McStore *store, World *world)
{
  prepare (store, world);
  hold (store, "large");
  hold (store, "small");
}

/* How many chunks came home is told by names in the folder, as a client would have been told. */
static void
run_fill (McStore *store, World *world)
{
  g_autoptr (McContentWriter) writer = mc_test_writer_open (store, &world->large_digest);
  g_autoptr (GError) error = NULL;
  guint64 offset;
  guint64 length;

  while (mc_content_writer_find_missing (writer, 0, &offset, &length))
    {
      g_autofree char *name = g_strdup_printf ("%s/told-%" G_GUINT64_FORMAT,
                                               mc_store_get_folder (store), offset / MC_CHUNK_SIZE);

      mc_test_writer_put (writer, offset, world->large, &error);
      g_assert_no_error (error);
      g_assert_true (g_file_set_contents (name, "", 0, NULL));
    }
  mc_test_writer_finish (writer, &error);
  g_assert_no_error (error);
  mc_test_fill (store, &world->small_digest, world->small);
}

static void
check_fill (McStore *store, World *world)
{
  const McContent *large = mc_store_get_content (store, &world->large_digest);
  const McContent *small = mc_store_get_content (store, &world->small_digest);
  guint64 told = 0;

  check (store, world);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/told-%u", mc_store_get_folder (store), i);

      if (g_file_test (name, G_FILE_TEST_EXISTS))
        told += mc_pack_get_chunk_size (LARGE, i);
    }
  g_assert_cmpuint (large->committed, >=, told);
  if (large->state == MC_CONTENT_COMPLETE)
    mc_test_assert_complete (store, &world->large_digest, world->large);
  else
    {
      g_autoptr (McContentWriter) writer = mc_test_writer_open (store, &world->large_digest);
      guint64 offset = LARGE;
      guint64 length;

      mc_content_writer_find_missing (writer, 0, &offset, &length);
      g_assert_cmpuint (large->committed, ==, MIN (offset, LARGE));
    }
  if (small->state == MC_CONTENT_COMPLETE)
    mc_test_assert_complete (store, &world->small_digest, world->small);
  else
    mc_test_assert_partial (store, &world->small_digest, 0);
}

static void
check_fill_done (McStore *store, World *world)
{
  check (store, world);
  mc_test_assert_complete (store, &world->large_digest, world->large);
  mc_test_assert_complete (store, &world->small_digest, world->small);
}

/* --- drop --- */

static void
prepare_drop (McStore *store, World *world)
{
  prepare_fill (store, world);
  mc_test_fill (store, &world->large_digest, world->large);
  mc_test_fill (store, &world->small_digest, world->small);
}

static void
run_drop (McStore *store, World *world)
{
  g_autoptr (GError) error = NULL;

  mc_test_drop (store, find (store, NULL), "", "large", MC_DROP_ONE, NULL, &error);
  g_assert_no_error (error);
  mc_test_drop (store, find (store, NULL), "", "small", MC_DROP_ONE, NULL, &error);
  g_assert_no_error (error);
}

static void
check_dropped (McStore *store, const char *path, const McDigest *digest, GBytes *whole)
{
  g_autofree char *pack = mc_pack_make_path (mc_store_get_folder (store), digest);

  if (is_held (store, NULL, path))
    {
      mc_test_assert_complete (store, digest, whole);
      return;
    }
  g_assert_null (mc_store_get_content (store, digest));
  g_assert_false (g_file_test (pack, G_FILE_TEST_EXISTS));
}

static void
check_drop (McStore *store, World *world)
{
  check (store, world);
  check_dropped (store, "large", &world->large_digest, world->large);
  check_dropped (store, "small", &world->small_digest, world->small);
}

static void
check_drop_done (McStore *store, World *world)
{
  check_drop (store, world);
  g_assert_false (is_held (store, NULL, "large"));
  g_assert_false (is_held (store, NULL, "small"));
}

/* --- verify, with two damaged chunks --- */

static void
prepare_verify (McStore *store, World *world)
{
  const guint8 *bytes = g_bytes_get_data (world->large, NULL);
  g_autofree char *pack = mc_pack_make_path (mc_store_get_folder (store), &world->large_digest);

  prepare_drop (store, world);
  mc_test_damage_file (pack, mc_test_find_in_file (pack, 0, bytes + 1000000, 100));
  mc_test_damage_file (pack, mc_test_find_in_file (pack, 0, bytes + LARGE - 100, 100));
}

static void
run_verify (McStore *store, World *world)
{
  g_autoptr (GError) error = NULL;
  guint64 damaged;

  mc_content_verify (mc_store_get_folder (store), &world->large_digest, LARGE, NULL, NULL, &damaged,
                     &error);
  g_assert_no_error (error);
}

/* Until a chunk was dropped the store cannot know; from then on it must. */
static void
check_verify (McStore *store, World *world)
{
  const McContent *content = mc_store_get_content (store, &world->large_digest);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = mc_test_read (store, &world->large_digest, LARGE, &error);

  check (store, world);
  g_assert_null (bytes);
  if (content->state == MC_CONTENT_COMPLETE)
    g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
  else
    {
      g_assert_error (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED);
      g_assert_cmpuint (content->committed, <, LARGE);
      g_assert_cmpuint (content->committed, >=, MC_CHUNK_SIZE);
    }
}

/* The run that is not cut off finds all that is still there of the damage, or says that the content
 * is not complete; a writer mends the rest. */
static void
check_verify_done (McStore *store, World *world)
{
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  mc_test_fill (store, &world->large_digest, world->large);
  mc_test_assert_complete (store, &world->large_digest, world->large);
  check (store, world);
}

/* --- bring in what is there already, for the most part --- */

static void
prepare_borrow (McStore *store, World *world)
{
  prepare_drop (store, world);
  hold (store, "twin");
}

static void
run_borrow (McStore *store, World *world)
{
  mc_test_fill (store, &world->twin_digest, world->twin);
}

static void
check_borrow (McStore *store, World *world)
{
  const McContent *twin = mc_store_get_content (store, &world->twin_digest);

  check (store, world);
  mc_test_assert_complete (store, &world->large_digest, world->large);
  if (twin->state == MC_CONTENT_COMPLETE)
    mc_test_assert_complete (store, &world->twin_digest, world->twin);
  else
    g_assert_cmpuint (twin->committed % MC_CHUNK_SIZE, ==, twin->committed == LARGE ? 1000 : 0);
}

static void
check_borrow_done (McStore *store, World *world)
{
  g_autofree char *pack = mc_pack_make_path (mc_store_get_folder (store), &world->twin_digest);

  check_borrow (store, world);
  mc_test_assert_complete (store, &world->twin_digest, world->twin);
  g_assert_cmpint (mc_test_measure_file (pack), <, MC_CHUNK_SIZE);
}

/* --- drop what another content borrows from --- */

static void
prepare_drop_lender (McStore *store, World *world)
{
  prepare_borrow (store, world);
  run_borrow (store, world);
}

static void
run_drop_lender (McStore *store, World *world)
{
  g_autoptr (GError) error = NULL;

  mc_test_drop (store, find (store, NULL), "", "large", MC_DROP_ONE, NULL, &error);
  g_assert_no_error (error);
}

static void
check_drop_lender (McStore *store, World *world)
{
  check (store, world);
  check_dropped (store, "large", &world->large_digest, world->large);
  mc_test_assert_complete (store, &world->twin_digest, world->twin);
}

static void
check_drop_lender_done (McStore *store, World *world)
{
  check_drop_lender (store, world);
  g_assert_false (is_held (store, NULL, "large"));
}

/* --- all of them --- */

/* TRUE if it crashed there. */
static gboolean
run_in_subprocess (const char *folder, const char *fault)
{
  gboolean passed;

  g_setenv (MC_TEST_FOLDER, folder, TRUE);
  g_setenv ("MC_FAULT", fault, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_unsetenv ("MC_FAULT");
  passed = g_test_trap_has_passed ();
  if (!passed)
    {
      g_test_trap_assert_stderr_unmatched ("*ERROR*");
      g_test_trap_assert_stderr_unmatched ("*CRITICAL*");
    }
  return !passed;
}

static gboolean
crash_once (
    McTestFolder *folder, const Operation *operation, World *world, const char *point, guint k)
{
  g_autofree char *below = g_strdup_printf ("%s/%s-%u", folder->path, point, k);
  g_autofree char *fault = g_strdup_printf ("%s:%u:crash", point, k);
  McStore *store = mc_test_store_open (below);
  gboolean crashed;

  g_test_message ("%s", fault);
  operation->prepare (store, world);
  mc_test_store_close (store);
  crashed = run_in_subprocess (below, fault);
  store = mc_test_store_open (below);
  operation->check (store, world);
  operation->run (store, world);
  mc_test_store_close (store);
  store = mc_test_store_open (below);
  operation->check_done (store, world);
  mc_test_store_close (store);
  return crashed;
}

static void
test_crash (McTestFolder *folder, gconstpointer data)
{
  const Operation *operation = data;
  World world;
  guint n_crashes = 0;

  world_init (&world);
  if (g_test_subprocess ())
    {
      McStore *store = mc_test_store_open (folder->path);

      operation->run (store, &world);
      mc_test_store_close (store);
      world_clear (&world);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (points); i++)
    {
      guint k = 1;

      while (crash_once (folder, operation, &world, points[i], k))
        g_assert_cmpuint (++k, <, MOST_PASSINGS);
      n_crashes += k - 1;
    }
  g_assert_cmpuint (n_crashes, >=, operation->least_crashes);
  world_clear (&world);
}

static const Operation save = { prepare, run_save, check_save, check_save_done, 2 };
static const Operation holding = { prepare, run_hold, check_hold, check_hold_done, 2 };
/* Two steps to make the pack, three chunks with three points, pack and catalog complete, the small
 * one and its catalog. */
static const Operation filling = { prepare_fill, run_fill, check_fill, check_fill_done, 21 };
static const Operation dropping = { prepare_drop, run_drop, check_drop, check_drop_done, 6 };
static const Operation verifying = { prepare_verify, run_verify, check_verify, check_verify_done,
                                     4 };
static const Operation borrowing = { prepare_borrow, run_borrow, check_borrow, check_borrow_done,
                                     15 };
static const Operation dropping_lender = { prepare_drop_lender, run_drop_lender, check_drop_lender,
                                           check_drop_lender_done, 8 };

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/crash/save-repo", test_crash, &save);
  mc_test_folder_add ("/crash/hold", test_crash, &holding);
  mc_test_folder_add ("/crash/fill", test_crash, &filling);
  mc_test_folder_add ("/crash/drop", test_crash, &dropping);
  mc_test_folder_add ("/crash/verify", test_crash, &verifying);
  mc_test_folder_add ("/crash/borrow", test_crash, &borrowing);
  mc_test_folder_add ("/crash/drop-lender", test_crash, &dropping_lender);
  return g_test_run ();
}
