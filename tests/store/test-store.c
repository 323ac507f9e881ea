/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-store.h"

#include "mc-db.h"
#include "mc-error.h"
#include "mc-test-wait.h"

#include <glib/gstdio.h>
#include <string.h>

/* The library as a whole: what is saved, held, dropped and counted, in memory and after a restart.
 */

#define LARGE (2 * MC_CHUNK_SIZE + 1000)

static McStore *
reopen (McStore *store, McTestFolder *folder)
{
  mc_test_store_close (store);
  return mc_test_store_open (folder->path);
}

static void
count_rows (McTestFolder *folder, const char *sql, gint64 expected)
{
  g_autofree char *path = g_build_filename (folder->path, "catalog.db", NULL);
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, MC_DB_CATALOG, MC_DB_WRITE, &error);
  g_autoptr (McStmt) stmt = NULL;
  gboolean row;

  g_assert_no_error (error);
  stmt = mc_db_borrow (db, sql, &error);
  g_assert_no_error (error);
  g_assert_true (mc_stmt_step (stmt, &row, &error));
  g_assert_cmpint (mc_stmt_get_int (stmt, 0), ==, expected);
  g_clear_pointer (&stmt, mc_stmt_return);
  mc_db_close (db);
}

/* --- open, close --- */

static void
test_open_twice (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *nested = g_build_filename (folder->path, "a", "b", NULL);
  McStore *store = mc_test_store_open (nested);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (mc_store_get_folder (store), ==, nested);
  g_assert_null (mc_store_open (nested, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BUSY);
  mc_test_store_close (store);
  mc_test_store_close (mc_test_store_open (nested));
}

static void
test_open_impossible (McTestFolder *folder, gconstpointer data)
{
  g_autofree char *file = g_build_filename (folder->path, "file", NULL);
  g_autofree char *below = g_build_filename (file, "below", NULL);
  g_autofree char *catalog = g_build_filename (folder->path, "catalog.db", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_null (mc_store_open (below, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_STORE);
  g_clear_error (&error);
  /* A folder is no catalog that could be damaged. */
  g_assert_cmpint (g_mkdir (catalog, 0700), ==, 0);
  g_assert_null (mc_store_open (folder->path, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, catalog));
}

static void
test_measure (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GBytes) whole = mc_test_make_bytes (LARGE, 1);
  McDigest digest;
  guint64 before;

  g_assert_cmpuint (mc_store_get_free_space (store), >, 0);
  before = mc_test_store_measure (store);
  mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);
  mc_test_fill (store, &digest, whole);
  g_assert_cmpuint (mc_test_store_measure (store), >=, before + LARGE);
  g_assert_cmpuint (mc_test_store_measure (store), <, before + LARGE + (1 << 20));
  mc_test_store_close (store);
}

/* --- repos --- */

static McManifest *
make_full_manifest (void)
{
  McManifest *manifest = mc_test_manifest_new ("Org/Model", "main", 'a');
  McDigest masked = { .kind = MC_DIGEST_NONE };
  g_autoptr (GBytes) large = mc_test_make_bytes (1000, 1);
  g_autoptr (GBytes) small = mc_test_make_bytes (10, 2);

  manifest->hub_id = g_strdup ("1234");
  manifest->task = g_strdup ("text-generation");
  manifest->library = g_strdup ("transformers");
  manifest->license = g_strdup ("mit");
  manifest->gated = MC_GATED_MANUAL;
  manifest->is_private = TRUE;
  manifest->parameters = G_MAXINT64;
  manifest->context_length = 131072;
  manifest->downloads = 5;
  manifest->likes = 6;
  manifest->last_modified = g_strdup ("2026-01-02T03:04:05Z");
  manifest->scanned_at = 1700000000;
  manifest->default_key = g_strdup ("onnx:q4");
  mc_test_manifest_add (manifest, "config.json", MC_DIGEST_GIT_SHA1, small)->role = MC_FILE_SHARED;
  mc_test_manifest_add (manifest, "onnx/é model.onnx", MC_DIGEST_SHA256, large);
  mc_test_manifest_add_variant (manifest, "onnx:q4");
  mc_manifest_add_file (manifest, "readme", 3, masked)->role = MC_FILE_OTHER;
  mc_manifest_add_variant (manifest, "empty", "none");
  return manifest;
}

static void
assert_same_manifest (McManifest *found, McManifest *expected)
{
  g_assert_cmpstr (found->endpoint, ==, expected->endpoint);
  g_assert_cmpstr (found->repo, ==, expected->repo);
  g_assert_cmpstr (found->hub_id, ==, expected->hub_id);
  g_assert_cmpstr (found->revision, ==, expected->revision);
  g_assert_cmpstr (found->commit, ==, expected->commit);
  g_assert_cmpstr (found->task, ==, expected->task);
  g_assert_cmpstr (found->library, ==, expected->library);
  g_assert_cmpstr (found->license, ==, expected->license);
  g_assert_cmpint (found->gated, ==, expected->gated);
  g_assert_cmpint (found->is_private, ==, expected->is_private);
  g_assert_cmpuint (found->parameters, ==, expected->parameters);
  g_assert_cmpuint (found->context_length, ==, expected->context_length);
  g_assert_cmpuint (found->downloads, ==, expected->downloads);
  g_assert_cmpuint (found->likes, ==, expected->likes);
  g_assert_cmpstr (found->last_modified, ==, expected->last_modified);
  g_assert_cmpint (found->scanned_at, ==, expected->scanned_at);
  g_assert_cmpstr (found->default_key, ==, expected->default_key);
  g_assert_cmpuint (found->files->len, ==, expected->files->len);
  for (guint i = 0; i < found->files->len; i++)
    {
      McFile *file = g_ptr_array_index (found->files, i);
      McFile *other = g_ptr_array_index (expected->files, i);

      g_assert_cmpstr (file->path, ==, other->path);
      g_assert_cmpuint (file->size, ==, other->size);
      g_assert_cmpint (file->role, ==, other->role);
      g_assert_true (mc_digest_equal (&file->digest, &other->digest));
    }
  g_assert_cmpuint (found->variants->len, ==, expected->variants->len);
  for (guint i = 0; i < found->variants->len; i++)
    {
      McVariant *variant = g_ptr_array_index (found->variants, i);
      McVariant *other = g_ptr_array_index (expected->variants, i);

      g_assert_cmpstr (variant->key, ==, other->key);
      g_assert_cmpstr (variant->format, ==, other->format);
      g_assert_cmpmem (variant->files->data, variant->files->len * sizeof (guint),
                       other->files->data, other->files->len * sizeof (guint));
    }
}

static void
test_round_trip (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (McManifest) full = make_full_manifest ();
  g_autoptr (McManifest) bare = mc_test_manifest_new ("gpt2", "refs/pr/1", 'b');
  gint64 full_id = mc_test_save_repo (store, full, NULL);
  gint64 bare_id = mc_test_save_repo (store, bare, NULL);

  g_assert_cmpint (full_id, !=, bare_id);
  for (guint again = 0; again < 2; again++)
    {
      g_assert_cmpuint (mc_store_get_repos (store)->len, ==, 2);
      assert_same_manifest (mc_store_get_repo (store, full_id)->manifest, full);
      assert_same_manifest (mc_store_get_repo (store, bare_id)->manifest, bare);
      g_assert_null (mc_store_get_repo (store, 1000));
      store = reopen (store, folder);
    }
  mc_test_store_close (store);
}

static void
test_bad_manifest (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (McManifest) good = mc_test_manifest_new ("org/model", "main", 'a');
  g_autoptr (McManifest) bad = mc_test_manifest_new ("org/model", "main", 'b');
  gint64 id = mc_test_save_repo (store, good, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  bad->commit[39] = '\0';
  mc_store_save_repo_async (store, bad, NULL, mc_test_store_result, &result);
  g_assert_cmpint (mc_store_save_repo_finish (store, mc_test_await (&result), &error), ==, 0);
  g_assert_error (error, MC_ERROR, MC_ERROR_STORE);
  assert_same_manifest (mc_store_get_repo (store, id)->manifest, good);
  g_clear_object (&result);
  store = reopen (store, folder);
  assert_same_manifest (mc_store_get_repo (store, id)->manifest, good);
  mc_test_store_close (store);
}

static gint64
find (McStore *store, const char *repo, const char *revision)
{
  McLibraryRepo *found = mc_store_find_repo (store, MC_TEST_ENDPOINT, repo, revision);

  return found == NULL ? 0 : found->id;
}

static void
test_find (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (McManifest) main = mc_test_manifest_new ("Org/Model", "main", 'a');
  g_autoptr (McManifest) branch = mc_test_manifest_new ("Org/Model", "dev", 'b');
  gint64 main_id = mc_test_save_repo (store, main, "old/name");
  gint64 branch_id = mc_test_save_repo (store, branch, NULL);

  for (guint again = 0; again < 2; again++)
    {
      g_assert_cmpint (find (store, "Org/Model", NULL), ==, main_id);
      g_assert_cmpint (find (store, "oRG/mODEL", "main"), ==, main_id);
      g_assert_cmpint (find (store, "Old/Name", NULL), ==, main_id);
      g_assert_cmpint (find (store, "Org/Model", "dev"), ==, branch_id);
      g_assert_cmpint (find (store, "old/name", "dev"), ==, branch_id);
      g_assert_cmpint (find (store, "Org/Model", branch->commit), ==, branch_id);
      g_assert_cmpint (find (store, "Org/Model", "Dev"), ==, 0);
      g_assert_cmpint (find (store, "Org/Other", NULL), ==, 0);
      g_assert_null (mc_store_find_repo (store, "https://other.test", "Org/Model", NULL));
      store = reopen (store, folder);
    }
  mc_test_store_close (store);
}

/* --- scanning again --- */

/* "org/model" at that commit, with one file whose bytes depend on it, and a variant of it. */
static gint64
scan (McStore *store, const char *revision, char commit)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", revision, commit);
  g_autoptr (GBytes) bytes = mc_test_make_bytes (100, (guint32) commit);

  mc_test_manifest_add (manifest, "model.gguf", MC_DIGEST_SHA256, bytes);
  mc_test_manifest_add_variant (manifest, "gguf:Q4");
  return mc_test_save_repo (store, manifest, NULL);
}

static McDigest
scanned_digest (char commit)
{
  g_autoptr (GBytes) bytes = mc_test_make_bytes (100, (guint32) commit);

  return mc_test_digest (MC_DIGEST_SHA256, bytes);
}

static void
hold (McStore *store, gint64 repo, const char *variant, const char *path)
{
  g_autoptr (GError) error = NULL;

  mc_test_hold (store, repo, variant, path, &error);
  g_assert_no_error (error);
}

static const char *
commit_of (McStore *store, gint64 repo)
{
  return mc_store_get_repo (store, repo)->manifest->commit;
}

static void
test_same_commit (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  gint64 id = scan (store, "main", 'a');

  hold (store, id, "gguf:Q4", "");
  g_assert_cmpint (scan (store, "main", 'a'), ==, id);
  g_assert_cmpuint (mc_store_get_repos (store)->len, ==, 1);
  g_assert_true (mc_store_is_held (store, id, "gguf:Q4", ""));
  mc_test_store_close (store);
}

static void
test_new_commit_unheld (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  gint64 id = scan (store, "main", 'a');

  g_assert_cmpint (scan (store, "main", 'b'), ==, id);
  g_assert_cmpuint (mc_store_get_repos (store)->len, ==, 1);
  g_assert_cmpint (commit_of (store, id)[0], ==, 'b');
  mc_test_store_close (store);
}

/* What was downloaded stays named, by its commit. */
static void
test_new_commit_held (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  gint64 old = scan (store, "main", 'a');
  g_autofree char *old_commit = g_strnfill (40, 'a');
  gint64 new;

  hold (store, old, "gguf:Q4", "");
  new = scan (store, "main", 'b');
  g_assert_cmpint (new, !=, old);
  for (guint again = 0; again < 2; again++)
    {
      g_assert_cmpint (find (store, "org/model", NULL), ==, new);
      g_assert_cmpint (find (store, "org/model", old_commit), ==, old);
      g_assert_cmpstr (mc_store_get_repo (store, old)->manifest->revision, ==, old_commit);
      g_assert_true (mc_store_is_held (store, old, "gguf:Q4", ""));
      g_assert_false (mc_store_is_held (store, new, "gguf:Q4", ""));
      store = reopen (store, folder);
    }
  mc_test_store_close (store);
}

/* A row of the old commit's name is there already: what is held moves there, once. */
static void
test_new_commit_known (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autofree char *old_commit = g_strnfill (40, 'a');
  gint64 branch = scan (store, "main", 'a');
  gint64 fixed = scan (store, old_commit, 'a');
  McDigest digest = scanned_digest ('a');
  g_autoptr (McTransferRecord) record = mc_transfer_record_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) transfers = NULL;

  hold (store, branch, "gguf:Q4", "");
  hold (store, branch, "", "model.gguf");
  hold (store, fixed, "gguf:Q4", "");
  record->kind = g_strdup ("download");
  record->repo = branch;
  record->variant = g_strdup ("gguf:Q4");
  record->path = g_strdup ("");
  record->state = g_strdup ("paused");
  record->error = g_strdup ("");
  record->message = g_strdup ("");
  mc_store_put_transfer_async (store, record, mc_test_store_result, &result);
  g_assert_cmpint (mc_store_put_transfer_finish (store, mc_test_await (&result), NULL), >, 0);
  g_clear_object (&result);

  g_assert_cmpint (scan (store, "main", 'b'), ==, branch);
  for (guint again = 0; again < 2; again++)
    {
      g_assert_cmpint (commit_of (store, branch)[0], ==, 'b');
      g_assert_false (mc_store_is_held (store, branch, "gguf:Q4", ""));
      g_assert_false (mc_store_is_held (store, branch, "", "model.gguf"));
      g_assert_true (mc_store_is_held (store, fixed, "gguf:Q4", ""));
      g_assert_true (mc_store_is_held (store, fixed, "", "model.gguf"));
      g_assert_cmpuint (mc_store_get_content (store, &digest)->holders, ==, 2);
      store = reopen (store, folder);
    }
  transfers = mc_store_take_transfers (store);
  g_assert_cmpuint (transfers->len, ==, 1);
  g_assert_cmpint (((McTransferRecord *) transfers->pdata[0])->repo, ==, fixed);
  mc_test_store_close (store);
}

/* --- hold and drop --- */

typedef struct
{
  GBytes *one;    /* (owned): pack size, of variant one */
  GBytes *two;    /* (owned): pack size, of variant two */
  GBytes *shared; /* (owned): pack size, of both */
  GBytes *small;  /* (owned): of both */
  McDigest one_digest, two_digest, shared_digest, small_digest;
  gint64 repo;
} Shared;

static void
shared_clear (Shared *shared)
{
  g_bytes_unref (shared->one);
  g_bytes_unref (shared->two);
  g_bytes_unref (shared->shared);
  g_bytes_unref (shared->small);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Shared, shared_clear)

static void
save_shared (McStore *store, Shared *shared)
{
  g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", 'a');

  shared->one = mc_test_make_bytes (300000, 1);
  shared->two = mc_test_make_bytes (400000, 2);
  shared->shared = mc_test_make_bytes (500000, 3);
  shared->small = mc_test_make_bytes (100000, 4);
  shared->one_digest = mc_test_manifest_add (manifest, "a", MC_DIGEST_SHA256, shared->one)->digest;
  mc_test_manifest_add_variant (manifest, "one");
  shared->two_digest = mc_test_manifest_add (manifest, "b", MC_DIGEST_SHA256, shared->two)->digest;
  mc_test_manifest_add_variant (manifest, "two");
  mc_test_manifest_add (manifest, "c", MC_DIGEST_SHA256, shared->shared)->role = MC_FILE_SHARED;
  shared->shared_digest = mc_test_digest (MC_DIGEST_SHA256, shared->shared);
  mc_test_manifest_add (manifest, "d", MC_DIGEST_GIT_SHA1, shared->small)->role = MC_FILE_SHARED;
  shared->small_digest = mc_test_digest (MC_DIGEST_GIT_SHA1, shared->small);
  shared->repo = mc_test_save_repo (store, manifest, NULL);
}

static void
fill_shared (McStore *store, Shared *shared)
{
  hold (store, shared->repo, "one", "");
  hold (store, shared->repo, "two", "");
  mc_test_fill (store, &shared->one_digest, shared->one);
  mc_test_fill (store, &shared->two_digest, shared->two);
  mc_test_fill (store, &shared->shared_digest, shared->shared);
  mc_test_fill (store, &shared->small_digest, shared->small);
}

static gboolean
pack_is_there (McTestFolder *folder, const McDigest *digest)
{
  g_autofree char *path = mc_pack_make_path (folder->path, digest);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_hold (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_auto (Shared) shared = { NULL };
  McDigest unknown = scanned_digest ('z');

  save_shared (store, &shared);
  g_assert_null (mc_store_get_content (store, &shared.one_digest));
  hold (store, shared.repo, "one", "");
  hold (store, shared.repo, "one", "");
  for (guint again = 0; again < 2; again++)
    {
      mc_test_assert_partial (store, &shared.one_digest, 0);
      mc_test_assert_partial (store, &shared.small_digest, 0);
      g_assert_null (mc_store_get_content (store, &shared.two_digest));
      g_assert_null (mc_store_get_content (store, &unknown));
      g_assert_cmpuint (mc_store_get_content (store, &shared.shared_digest)->holders, ==, 1);
      g_assert_true (mc_store_is_held (store, shared.repo, "one", ""));
      g_assert_false (mc_store_is_held (store, shared.repo, "two", ""));
      store = reopen (store, folder);
    }
  mc_test_store_close (store);
}

static void
test_hold_gone (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_store_hold_async (store, 99, "one", "", files, mc_test_store_result, &result);
  g_assert_false (mc_store_hold_finish (store, mc_test_await (&result), &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NOT_SCANNED);
  g_clear_object (&result);
  mc_test_store_close (store);
}

static void
assert_hold_refused (McStore *store, gint64 repo, McFile *file)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (files, file);
  mc_store_hold_async (store, repo, "", "other", files, mc_test_store_result, &result);
  g_assert_false (mc_store_hold_finish (store, mc_test_await (&result), &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  g_assert_nonnull (strstr (error->message, file->path));
  g_assert_false (mc_store_is_held (store, repo, "", "other"));
}

static void
test_hold_sizes (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GBytes) whole = mc_test_make_bytes (1000, 1);
  McDigest digest;
  gint64 repo = mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);
  McFile other_size = { .path = (char *) "x", .size = 1001, .digest = digest };
  McFile huge = { .path = (char *) "y",
                  .size = MC_CONTENT_MAX_SIZE + 1,
                  .digest = scanned_digest ('z') };

  assert_hold_refused (store, repo, &other_size);
  assert_hold_refused (store, repo, &huge);
  g_assert_null (mc_store_get_content (store, &huge.digest));
  mc_test_assert_partial (store, &digest, 0);
  g_assert_false (mc_store_has_file (store, &other_size));
  mc_test_store_close (store);
}

/* The files need not outlive the call. */
static void
test_hold_copies (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  gint64 repo = scan (store, "main", 'a');
  McDigest digest = scanned_digest ('a');
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  {
    g_autoptr (McManifest) manifest = mc_test_manifest_new ("org/model", "main", 'a');
    g_autoptr (GPtrArray) files = g_ptr_array_new ();

    g_ptr_array_add (files, mc_manifest_add_file (manifest, "model.gguf", 100, digest));
    mc_store_hold_async (store, repo, "gguf:Q4", "", files, mc_test_store_result, &result);
  }
  mc_store_hold_finish (store, mc_test_await (&result), &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  mc_test_assert_partial (store, &digest, 0);
  mc_test_store_close (store);
}

static void
test_drop (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_auto (Shared) shared = { NULL };
  g_autoptr (GError) error = NULL;
  McDropResult planned;
  McDropResult dropped;
  guint64 before;

  save_shared (store, &shared);
  fill_shared (store, &shared);
  before = mc_test_store_measure (store);
  g_assert_true (mc_store_plan_drop (store, shared.repo, "one", "", MC_DROP_ONE, &planned, &error));
  g_assert_cmpuint (planned.n_holdings, ==, 1);
  g_assert_cmpuint (planned.freed, ==, 300000);
  g_assert_cmpuint (planned.kept, ==, 600000);
  mc_test_drop (store, shared.repo, "one", "", MC_DROP_ONE, &dropped, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (dropped.n_holdings, ==, 1);
  g_assert_cmpuint (dropped.freed, ==, 300000);
  g_assert_cmpuint (dropped.kept, ==, 600000);
  g_assert_cmpuint (mc_test_store_measure (store), <=, before - 300000);
  for (guint again = 0; again < 2; again++)
    {
      g_assert_false (mc_store_is_held (store, shared.repo, "one", ""));
      g_assert_true (mc_store_is_held (store, shared.repo, "two", ""));
      g_assert_null (mc_store_get_content (store, &shared.one_digest));
      g_assert_false (pack_is_there (folder, &shared.one_digest));
      mc_test_assert_complete (store, &shared.two_digest, shared.two);
      mc_test_assert_complete (store, &shared.shared_digest, shared.shared);
      mc_test_assert_complete (store, &shared.small_digest, shared.small);
      store = reopen (store, folder);
    }
  mc_test_store_close (store);
}

static void
test_drop_all (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_auto (Shared) shared = { NULL };
  g_autofree char *small = g_build_filename (folder->path, "small.db", NULL);
  g_autoptr (GError) error = NULL;
  McDropResult dropped;
  gint64 small_size;

  save_shared (store, &shared);
  fill_shared (store, &shared);
  small_size = mc_test_measure_file (small);
  mc_test_drop (store, shared.repo, "", "", MC_DROP_ALL, &dropped, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (dropped.n_holdings, ==, 2);
  g_assert_cmpuint (dropped.freed, ==, 1300000);
  g_assert_cmpuint (dropped.kept, ==, 0);
  g_assert_cmpuint (mc_store_get_repos (store)->len, ==, 0);
  g_assert_null (mc_store_get_content (store, &shared.small_digest));
  g_assert_false (pack_is_there (folder, &shared.shared_digest));
  g_assert_cmpint (mc_test_measure_file (small), <=, small_size - 90000);
  mc_test_store_close (store);
  count_rows (folder,
              "SELECT (SELECT count (*) FROM contents) + (SELECT count (*) FROM files) "
              "+ (SELECT count (*) FROM holdings) + (SELECT count (*) FROM repos) "
              "+ (SELECT count (*) FROM variant_files)",
              0);
}

static void
test_drop_nothing (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  gint64 repo = scan (store, "main", 'a');
  g_autoptr (GError) error = NULL;
  McDropResult dropped;

  mc_test_drop (store, repo, "gguf:Q4", "", MC_DROP_ONE, &dropped, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (dropped.n_holdings, ==, 0);
  mc_test_drop (store, repo, "", "", MC_DROP_ALL, &dropped, &error);
  g_assert_no_error (error);
  g_assert_null (mc_store_get_repo (store, repo));
  mc_test_store_close (store);
}

static void
test_drop_pinned (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_auto (Shared) shared = { NULL };
  g_autoptr (GError) error = NULL;

  save_shared (store, &shared);
  fill_shared (store, &shared);
  /* Pinned, but needed by the other variant: in nobody's way. */
  mc_store_pin (store, &shared.shared_digest);
  mc_store_pin (store, &shared.one_digest);
  mc_store_pin (store, &shared.one_digest);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (mc_test_drop (store, shared.repo, "one", "", MC_DROP_ONE, NULL, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_IN_USE);
      g_clear_error (&error);
      mc_test_assert_complete (store, &shared.one_digest, shared.one);
      mc_store_unpin (store, &shared.one_digest);
    }
  mc_test_drop (store, shared.repo, "one", "", MC_DROP_ONE, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (mc_store_get_content (store, &shared.one_digest));
  mc_store_unpin (store, &shared.shared_digest);
  mc_test_store_close (store);
}

/* From the moment something is to go nobody gets it any more; a late pin harms nothing. */
static void
test_drop_at_once (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_auto (Shared) shared = { NULL };
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;
  McFile file;

  save_shared (store, &shared);
  fill_shared (store, &shared);
  file = (McFile){ .size = 300000, .digest = shared.one_digest };
  mc_store_drop_async (store, shared.repo, "one", "", MC_DROP_ONE, mc_test_store_result, &first);
  mc_store_drop_async (store, shared.repo, "one", "", MC_DROP_ONE, mc_test_store_result, &second);
  g_assert_false (mc_store_has_file (store, &file));
  mc_store_pin (store, &shared.one_digest);
  mc_store_drop_finish (store, mc_test_await (&first), NULL, &error);
  g_assert_no_error (error);
  mc_store_drop_finish (store, mc_test_await (&second), NULL, &error);
  g_assert_no_error (error);
  g_assert_null (mc_store_get_content (store, &shared.one_digest));
  mc_store_unpin (store, &shared.one_digest);
  g_clear_object (&first);
  g_clear_object (&second);
  mc_test_assert_complete (store, &shared.shared_digest, shared.shared);
  mc_test_store_close (store);
}

/* Someone else came to hold it before the catalog was told to drop it: it is there as before. */
static void
test_drop_held_meanwhile (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GBytes) whole = mc_test_make_bytes (300000, 1);
  g_autoptr (GAsyncResult) held = NULL;
  g_autoptr (GAsyncResult) dropped = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;
  McDigest digest;
  gint64 repo = mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);

  mc_test_fill (store, &digest, whole);
  files = mc_manifest_all_files (mc_store_get_repo (store, repo)->manifest);
  mc_store_hold_async (store, repo, "v", "", files, mc_test_store_result, &held);
  mc_store_drop_async (store, repo, "", "file", MC_DROP_ONE, mc_test_store_result, &dropped);
  mc_store_hold_finish (store, mc_test_await (&held), &error);
  g_assert_no_error (error);
  mc_store_drop_finish (store, mc_test_await (&dropped), NULL, &error);
  g_assert_no_error (error);
  mc_test_assert_complete (store, &digest, whole);
  g_assert_true (mc_store_is_held (store, repo, "v", ""));
  g_assert_false (mc_store_is_held (store, repo, "", "file"));
  g_clear_object (&held);
  g_clear_object (&dropped);
  mc_test_store_close (store);
}

/* Dropped and held again at once: it is wanted, and nothing of it is here. */
static void
test_drop_then_hold (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GBytes) whole = mc_test_make_bytes (300000, 1);
  g_autoptr (GAsyncResult) held = NULL;
  g_autoptr (GAsyncResult) dropped = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;
  McDigest digest;
  gint64 repo = mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);

  mc_test_fill (store, &digest, whole);
  files = mc_manifest_all_files (mc_store_get_repo (store, repo)->manifest);
  mc_store_drop_async (store, repo, "", "file", MC_DROP_ONE, mc_test_store_result, &dropped);
  mc_store_hold_async (store, repo, "v", "", files, mc_test_store_result, &held);
  mc_store_drop_finish (store, mc_test_await (&dropped), NULL, &error);
  g_assert_no_error (error);
  mc_store_hold_finish (store, mc_test_await (&held), &error);
  g_assert_no_error (error);
  g_clear_object (&held);
  g_clear_object (&dropped);
  mc_test_assert_partial (store, &digest, 0);
  g_assert_cmpuint (mc_test_fill (store, &digest, whole), ==, 1);
  mc_test_assert_complete (store, &digest, whole);
  mc_test_store_close (store);
}

/* A pack that cannot be removed: the drop is done all the same, and says what is left. */
static void
test_drop_stuck (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_auto (Shared) shared = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *stuck = NULL;
  g_autofree char *inside = NULL;

  save_shared (store, &shared);
  fill_shared (store, &shared);
  stuck = mc_pack_make_path (folder->path, &shared.one_digest);
  inside = g_build_filename (stuck, "x", NULL);
  g_assert_cmpint (g_unlink (stuck), ==, 0);
  g_assert_cmpint (g_mkdir (stuck, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (inside, 0700), ==, 0);
  g_assert_false (mc_test_drop (store, shared.repo, "", "", MC_DROP_ALL, NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, stuck));
  g_assert_null (mc_store_get_repo (store, shared.repo));
  g_assert_false (mc_store_is_held (store, shared.repo, "one", ""));
  g_assert_null (mc_store_get_content (store, &shared.one_digest));
  g_assert_false (pack_is_there (folder, &shared.two_digest));
  g_assert_false (pack_is_there (folder, &shared.shared_digest));
  mc_test_store_close (store);
  count_rows (folder, "SELECT count (*) FROM contents WHERE state = 2", 1);

  g_test_expect_message ("Mc-Store", G_LOG_LEVEL_WARNING, "*stays on the disk*");
  store = mc_test_store_open (folder->path);
  g_test_assert_expected_messages ();
  g_assert_cmpint (g_rmdir (inside), ==, 0);
  g_assert_cmpint (g_rmdir (stuck), ==, 0);
  store = reopen (store, folder);
  g_assert_null (mc_store_get_content (store, &shared.one_digest));
  mc_test_store_close (store);
  count_rows (folder, "SELECT count (*) FROM contents", 0);
}

/* --- figures --- */

/* A content that stands under two names is counted once, and only with its own size. */
static void
test_count_committed (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GBytes) whole = mc_test_make_bytes (1000, 1);
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  McDigest digest;
  McFile one = { .path = (char *) "a", .size = 1000 };
  McFile two = { .path = (char *) "b", .size = 1000 };
  McFile lie = { .path = (char *) "c", .size = 999 };
  McFile unknown = { .path = (char *) "d", .size = 100, .digest = scanned_digest ('q') };

  mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);
  mc_test_fill (store, &digest, whole);
  one.digest = two.digest = lie.digest = digest;
  g_ptr_array_add (files, &lie);
  g_ptr_array_add (files, &unknown);
  g_assert_cmpuint (mc_store_count_committed (store, files), ==, 0);
  g_ptr_array_add (files, &one);
  g_ptr_array_add (files, &two);
  g_assert_cmpuint (mc_store_count_committed (store, files), ==, 1000);
  mc_test_store_close (store);
}

static void
test_set_content (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GBytes) whole = mc_test_make_bytes (300000, 1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  McDigest digest;

  mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);
  mc_test_fill (store, &digest, whole);
  mc_store_set_content_async (store, &digest, 1000, FALSE, mc_test_store_result, &result);
  g_assert_true (mc_store_set_content_finish (store, mc_test_await (&result), &error));
  g_clear_object (&result);
  mc_test_assert_partial (store, &digest, 1000);
  /* What the pack says counts. */
  store = reopen (store, folder);
  mc_test_assert_complete (store, &digest, whole);
  mc_test_store_close (store);
}

/* --- transfers --- */

static gint64
put_transfer (McStore *store, McTransferRecord *record)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 id;

  mc_store_put_transfer_async (store, record, mc_test_store_result, &result);
  id = mc_store_put_transfer_finish (store, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return id;
}

static void
test_transfers (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  gint64 repo = scan (store, "main", 'a');
  g_autoptr (McTransferRecord) record = mc_transfer_record_new ();
  g_autoptr (GPtrArray) kept = mc_store_take_transfers (store);
  McTransferRecord *found;
  gint64 second;

  g_assert_cmpuint (kept->len, ==, 0);
  g_assert_null (mc_store_take_transfers (store));
  record->kind = g_strdup ("download");
  record->repo = repo;
  record->variant = g_strdup ("gguf:Q4");
  record->path = g_strdup ("");
  record->state = g_strdup ("active");
  record->error = g_strdup ("");
  record->message = g_strdup ("");
  record->created = 1700000000;
  second = put_transfer (store, record);
  record->id = put_transfer (store, record);
  g_assert_cmpint (record->id, >, second);
  g_free (record->state);
  record->state = g_strdup ("failed");
  g_free (record->error);
  record->error = g_strdup ("NoSpace");
  g_assert_cmpint (put_transfer (store, record), ==, record->id);
  mc_store_forget_transfer (store, second);

  store = reopen (store, folder);
  g_ptr_array_unref (kept);
  kept = mc_store_take_transfers (store);
  g_assert_cmpuint (kept->len, ==, 1);
  found = g_ptr_array_index (kept, 0);
  g_assert_cmpint (found->id, ==, record->id);
  g_assert_cmpint (found->repo, ==, repo);
  g_assert_cmpstr (found->kind, ==, "download");
  g_assert_cmpstr (found->variant, ==, "gguf:Q4");
  g_assert_cmpstr (found->path, ==, "");
  g_assert_cmpstr (found->state, ==, "failed");
  g_assert_cmpstr (found->error, ==, "NoSpace");
  g_assert_cmpint (found->created, ==, 1700000000);

  /* A number is not used again, so that nobody takes one transfer for another. */
  mc_store_forget_transfer (store, record->id);
  second = record->id;
  record->id = 0;
  g_assert_cmpint (put_transfer (store, record), >, second);
  g_assert_true (mc_test_drop (store, repo, "", "", MC_DROP_ALL, NULL, NULL));
  mc_test_store_close (store);
  count_rows (folder, "SELECT count (*) FROM transfers", 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/store/open-twice", test_open_twice, NULL);
  mc_test_folder_add ("/store/open-impossible", test_open_impossible, NULL);
  mc_test_folder_add ("/store/measure", test_measure, NULL);
  mc_test_folder_add ("/store/repo/round-trip", test_round_trip, NULL);
  mc_test_folder_add ("/store/repo/bad-manifest", test_bad_manifest, NULL);
  mc_test_folder_add ("/store/repo/find", test_find, NULL);
  mc_test_folder_add ("/store/scan/same-commit", test_same_commit, NULL);
  mc_test_folder_add ("/store/scan/new-commit-unheld", test_new_commit_unheld, NULL);
  mc_test_folder_add ("/store/scan/new-commit-held", test_new_commit_held, NULL);
  mc_test_folder_add ("/store/scan/new-commit-known", test_new_commit_known, NULL);
  mc_test_folder_add ("/store/hold/contents", test_hold, NULL);
  mc_test_folder_add ("/store/hold/gone", test_hold_gone, NULL);
  mc_test_folder_add ("/store/hold/sizes", test_hold_sizes, NULL);
  mc_test_folder_add ("/store/hold/copies", test_hold_copies, NULL);
  mc_test_folder_add ("/store/drop/one", test_drop, NULL);
  mc_test_folder_add ("/store/drop/all", test_drop_all, NULL);
  mc_test_folder_add ("/store/drop/nothing", test_drop_nothing, NULL);
  mc_test_folder_add ("/store/drop/pinned", test_drop_pinned, NULL);
  mc_test_folder_add ("/store/drop/at-once", test_drop_at_once, NULL);
  mc_test_folder_add ("/store/drop/held-meanwhile", test_drop_held_meanwhile, NULL);
  mc_test_folder_add ("/store/drop/then-hold", test_drop_then_hold, NULL);
  mc_test_folder_add ("/store/drop/stuck", test_drop_stuck, NULL);
  mc_test_folder_add ("/store/count-committed", test_count_committed, NULL);
  mc_test_folder_add ("/store/set-content", test_set_content, NULL);
  mc_test_folder_add ("/store/transfers", test_transfers, NULL);
  return g_test_run ();
}
