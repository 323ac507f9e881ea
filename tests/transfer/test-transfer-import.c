/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hasher.h"
#include "mc-import-copy.h"
#include "mc-import-read.h"
#include "mc-scanner.h"
#include "mc-test-wait.h"
#include "mc-transfer-private.h"
#include "transfer-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files of other programs, adopted. They lie in a folder beside the store, which the fixture's
 * folder is for this test. */

typedef struct
{
  Fixture f;
  char *place;
} World;

static void
set_up (World *w, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_set_up (&w->f, data);
  w->place = g_dir_make_tmp ("mc-import-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_assert_cmpint (g_chmod (path, 0700), ==, 0);
      dir = g_dir_open (path, 0, NULL);
    }
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);

      remove_all (below);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
tear_down (World *w, gconstpointer data)
{
  remove_all (w->place);
  g_free (w->place);
  fixture_tear_down (&w->f, data);
}

static char *
make_path (World *w, const char *relative)
{
  char *path = g_build_filename (w->place, relative, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  return path;
}

static void
put_bytes (World *w, const char *relative, const void *bytes, gsize size)
{
  g_autofree char *path = make_path (w, relative);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, (gssize) size, &error);
  g_assert_no_error (error);
}

static void
put_seed (World *w, const char *relative, guint32 seed, gsize size)
{
  g_autofree guint8 *bytes = g_malloc (size);

  mc_test_hub_generate (seed, 0, bytes, size);
  put_bytes (w, relative, bytes, size);
}

static void
put_link (World *w, const char *relative, const char *target)
{
  g_autofree char *path = make_path (w, relative);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

/* Everything that the variant needs. */
static void
put_q4 (World *w)
{
  put_seed (w, "models/" Q4, Q4_SEED, Q4_SIZE);
  put_seed (w, "models/words.json", TOKENIZER_SEED, TOKENIZER_SIZE);
  put_seed (w, "models/vocab", VOCABULARY_SEED, VOCABULARY_SIZE);
  put_bytes (w, "models/" CONFIG, CONFIG_TEXT, strlen (CONFIG_TEXT));
}

static McTransfer *
begin (World *w, gint64 repo, gboolean preview)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  McTransfer *transfer;

  mc_downloader_import_async (w->f.downloader, repo, w->place, preview, mc_test_store_result,
                              &result);
  transfer = mc_downloader_begin_finish (w->f.downloader, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return transfer;
}

static McTransfer *
import (World *w, gint64 repo)
{
  McTransfer *transfer = begin (w, repo, FALSE);

  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_cmpuint (mc_transfer_get_verified (transfer), ==, mc_transfer_get_total (transfer));
  return transfer;
}

static guint
count (McTransfer *transfer, const char *outcome)
{
  guint32 n = G_MAXUINT32;

  g_assert_true (g_variant_lookup (mc_transfer_get_report (transfer), outcome, "u", &n));
  return n;
}

static guint
count_sent (World *w)
{
  return (guint) (fixture_sent (&w->f, Q4) + fixture_sent (&w->f, TOKENIZER)
                  + fixture_sent (&w->f, VOCABULARY) + fixture_sent (&w->f, CONFIG));
}

static gint64
find (World *w, const char *repo)
{
  McLibraryRepo *found =
      mc_store_find_repo (w->f.store, mc_hub_client_get_endpoint (w->f.client), repo, NULL);

  return found == NULL ? 0 : found->id;
}

/* Names do not count, bytes do; what matches nothing is told and left alone. */
static void
test_folder (World *w, gconstpointer data)
{
  gint64 repo = fixture_scan (&w->f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (McTransfer) again = NULL;

  put_q4 (w);
  put_bytes (w, "models/notes.txt", "mine", 4);
  put_seed (w, "other/" Q4, Q4_SEED + 100, Q4_SIZE);
  transfer = import (w, repo);
  g_assert_cmpuint (count (transfer, "adopted"), ==, 4);
  g_assert_cmpuint (count (transfer, "unknown"), ==, 2);
  g_assert_true (mc_store_is_held (w->f.store, repo, "onnx:q4", ""));
  g_assert_cmpuint (mc_store_count_holdings (w->f.store, repo, NULL), ==, 1);
  fixture_check_seed (&w->f, repo, Q4, Q4_SEED);
  fixture_check_seed (&w->f, repo, TOKENIZER, TOKENIZER_SEED);
  fixture_check_text (&w->f, repo, CONFIG, CONFIG_TEXT);
  g_assert_cmpuint (count_sent (w), ==, 0);
  /* Once more: all is here. */
  again = import (w, repo);
  g_assert_cmpuint (count (again, "here"), ==, 4);
  g_assert_cmpuint (count (again, "adopted"), ==, 0);
}

/* What lacks something of its own is a file, no variant. */
static void
test_single_files (World *w, gconstpointer data)
{
  gint64 repo = fixture_scan (&w->f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  put_seed (w, "t", TOKENIZER_SEED, TOKENIZER_SIZE);
  transfer = import (w, 0);
  g_assert_true (mc_store_is_held (w->f.store, repo, "", TOKENIZER));
  g_assert_true (fixture_has (&w->f, repo, TOKENIZER));
}

static void
test_preview (World *w, gconstpointer data)
{
  gint64 repo = fixture_scan (&w->f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;
  guint64 size = 0;

  put_q4 (w);
  transfer = begin (w, repo, TRUE);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_cmpuint (count (transfer, "adopted"), ==, 4);
  g_assert_true (g_variant_lookup (mc_transfer_get_report (transfer), "adopted_size", "t", &size));
  g_assert_cmpuint (size, ==, Q4_SIZE + SHARED_SIZE);
  g_assert_false (fixture_has (&w->f, repo, Q4));
  g_assert_cmpuint (mc_store_count_holdings (w->f.store, repo, NULL), ==, 0);
}

/* The cache of huggingface_hub: the repo is known by the name of its folder. */
static void
test_hf_cache (World *w, gconstpointer data)
{
  static const char *const paths[] = { Q4, TOKENIZER, VOCABULARY };
  static const guint32 seeds[] = { Q4_SEED, TOKENIZER_SEED, VOCABULARY_SEED };
  static const guint64 sizes[] = { Q4_SIZE, TOKENIZER_SIZE, VOCABULARY_SIZE };
  g_autofree char *commit = mc_test_hub_dup_commit (w->f.hub, "org/model");
  g_autoptr (McTransfer) preview = NULL;
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  put_bytes (w, "hub/models--org--model/refs/main", commit, strlen (commit));
  put_bytes (w, "hub/version.txt", "1", 1);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *hash = mc_test_hub_dup_hash (w->f.hub, "org/model", paths[i]);
      g_autofree char *blob = g_strconcat ("hub/models--org--model/blobs/", hash, NULL);
      g_autofree char *shown =
          g_strconcat ("hub/models--org--model/snapshots/", commit, "/", paths[i], NULL);
      g_autofree char *target = g_strconcat (w->place, "/", blob, NULL);

      put_seed (w, blob, seeds[i], sizes[i]);
      put_link (w, shown, target);
    }
  preview = begin (w, 0, TRUE);
  fixture_wait (preview, MC_TRANSFER_DONE);
  g_assert_cmpuint (count (preview, "adopted"), ==, 3);
  g_assert_cmpint (find (w, "org/model"), ==, 0);
  transfer = import (w, 0);
  g_assert_cmpuint (count (transfer, "adopted"), ==, 3);
  repo = find (w, "org/model");
  g_assert_cmpint (repo, !=, 0);
  g_assert_true (mc_store_is_held (w->f.store, repo, "onnx:q4", ""));
  fixture_check_seed (&w->f, repo, Q4, Q4_SEED);
  g_assert_cmpuint (count_sent (w), ==, 0);
}

/* What the repo had at the commit that was downloaded, and has no more. */
static void
test_earlier_commit (World *w, gconstpointer data)
{
  g_autofree char *commit = mc_test_hub_dup_commit (w->f.hub, "org/model");
  g_autofree char *path = g_strconcat ("hub/models--org--model/snapshots/", commit, "/" Q4, NULL);
  g_autoptr (GAsyncResult) scanned = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (McTransfer) transfer = NULL;
  McLibraryRepo *found;

  put_seed (w, path, Q4_SEED, Q4_SIZE);
  /* It is looked at, so that what is added makes a new commit. */
  mc_scan_async (w->f.client, "org/model", NULL, NULL, mc_test_store_result, &scanned);
  mc_manifest_unref (mc_scan_finish (w->f.client, mc_test_await (&scanned), &error));
  mc_test_hub_add_generated (w->f.hub, "org/model", Q4, Q4_SIZE, Q4_SEED + 100);
  transfer = import (w, 0);
  g_assert_cmpuint (count (transfer, "adopted"), ==, 1);
  found = mc_store_find_repo (w->f.store, mc_hub_client_get_endpoint (w->f.client), "org/model",
                              commit);
  g_assert_nonnull (found);
  fixture_check_seed (&w->f, found->id, Q4, Q4_SEED);
}

static void
test_ollama (World *w, gconstpointer data)
{
  g_autofree char *hash = mc_test_hub_dup_hash (w->f.hub, "org/model", Q4);
  g_autofree char *blob = g_strconcat ("blobs/sha256-", hash, NULL);
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (McTransfer) again = NULL;

  put_bytes (w, "manifests/hf.co/org/model/q4", "{}", 2);
  put_bytes (w, "manifests/registry.ollama.ai/library/tiny/latest", "{}", 2);
  put_seed (w, blob, Q4_SEED, Q4_SIZE);
  /* A name is no proof. */
  put_seed (w,
            "blobs/sha256-"
            "0000000000000000000000000000000000000000000000000000000000000000",
            FP16_SEED + 100, FP16_SIZE);
  transfer = import (w, 0);
  g_assert_cmpuint (count (transfer, "adopted"), ==, 1);
  fixture_check_seed (&w->f, find (w, "org/model"), Q4, Q4_SEED);
  again = import (w, 0);
  g_assert_cmpuint (count (again, "here"), ==, 1);
}

static void
test_lm_studio (World *w, gconstpointer data)
{
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GVariant) repos = NULL;
  gint64 repo;

  mc_test_hub_add_repo (w->f.hub, "lm/tiny-GGUF", NULL);
  mc_test_hub_add_generated (w->f.hub, "lm/tiny-GGUF", "tiny-Q4_K_M.gguf", MIB, 30);
  put_seed (w, "lm/tiny-GGUF/tiny-Q4_K_M.gguf", 30, MIB);
  put_seed (w, "gone/tiny-GGUF/tiny-Q4_K_M.gguf", 31, MIB);
  transfer = import (w, 0);
  g_assert_cmpuint (count (transfer, "adopted"), ==, 1);
  g_assert_cmpuint (count (transfer, "unknown"), ==, 1);
  repo = find (w, "lm/tiny-GGUF");
  fixture_check_seed (&w->f, repo, "tiny-Q4_K_M.gguf", 30);
  g_assert_cmpuint (mc_store_count_holdings (w->f.store, repo, NULL), ==, 1);
  repos = g_variant_lookup_value (mc_transfer_get_report (transfer), "repos", NULL);
  g_assert_cmpuint (g_variant_n_children (repos), ==, 1);
}

/* Nothing in a folder holds it up or leads out of it for ever. */
static void
test_hostile (World *w, gconstpointer data)
{
  gint64 repo = fixture_scan (&w->f, "org/model");
  g_autofree char *fifo = make_path (w, "pipe");
  g_autofree char *closed = make_path (w, "closed/t");
  g_autofree char *closed_folder = g_path_get_dirname (closed);
  g_autoptr (GString) deep = g_string_new ("deep");
  g_autoptr (McTransfer) transfer = NULL;
  gboolean cut = FALSE;

  put_seed (w, "good", TOKENIZER_SEED, TOKENIZER_SIZE);
  put_seed (w, "bad-\377\376name", VOCABULARY_SEED, VOCABULARY_SIZE);
  put_link (w, "loop", "loop");
  put_link (w, "around/up", "..");
  put_link (w, "nowhere", "/nonexistent/file");
  put_link (w, "device", "/dev/zero");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  for (guint i = 0; i < 60; i++)
    g_string_append (deep, "/d");
  put_bytes (w, deep->str, "x", 1);
  g_assert_cmpint (g_chmod (closed_folder, 0), ==, 0);
  transfer = import (w, 0);
  g_assert_cmpuint (count (transfer, "adopted"), ==, 2);
  g_assert_true (g_variant_lookup (mc_transfer_get_report (transfer), "cut", "b", &cut));
  g_assert_true (cut);
  g_assert_cmpuint (count (transfer, "skipped"), >=, 5);
  fixture_check_seed (&w->f, repo, VOCABULARY, VOCABULARY_SEED);
}

static void
test_not_there (World *w, gconstpointer data)
{
  g_autofree char *place = g_strdup (w->place);
  g_autoptr (McTransfer) transfer = NULL;

  g_free (w->place);
  w->place = g_strconcat (place, "/nothing", NULL);
  transfer = begin (w, 0, FALSE);
  fixture_wait (transfer, MC_TRANSFER_FAILED);
  fixture_check_failed (transfer, MC_ERROR_FAILED, "cannot be read");
  g_free (w->place);
  w->place = g_steal_pointer (&place);
}

/* Paused at once, resumed; stopped with the service, taken up by the next. */
static void
test_pause (World *w, gconstpointer data)
{
  gint64 repo = fixture_scan (&w->f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  put_q4 (w);
  transfer = begin (w, repo, FALSE);
  while (mc_transfer_get_state (transfer) == MC_TRANSFER_QUEUED)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (mc_downloader_pause (w->f.downloader, transfer, &error));
  fixture_wait_idle (&w->f);
  g_assert_cmpint (mc_transfer_get_state (transfer), ==, MC_TRANSFER_PAUSED);
  g_assert_false (fixture_has (&w->f, repo, Q4));
  g_assert_true (mc_downloader_resume (w->f.downloader, transfer, &error));
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_true (fixture_has (&w->f, repo, Q4));
}

static void
test_restart (World *w, gconstpointer data)
{
  gint64 repo = fixture_scan (&w->f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  put_q4 (w);
  g_object_unref (begin (w, repo, FALSE));
  fixture_reopen (&w->f, 0, 5);
  g_assert_cmpuint (mc_downloader_get_transfers (w->f.downloader)->len, ==, 1);
  transfer = g_object_ref (g_ptr_array_index (mc_downloader_get_transfers (w->f.downloader), 0));
  g_assert_cmpint (mc_transfer_get_kind (transfer), ==, MC_TRANSFER_IMPORT);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_check_seed (&w->f, repo, Q4, Q4_SEED);
  g_clear_object (&transfer);
}

static void
test_cancel (World *w, gconstpointer data)
{
  gint64 repo = fixture_scan (&w->f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  put_q4 (w);
  transfer = begin (w, repo, FALSE);
  while (mc_transfer_get_state (transfer) == MC_TRANSFER_QUEUED)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (mc_downloader_cancel (w->f.downloader, transfer, FALSE, &error));
  fixture_wait_idle (&w->f);
  g_assert_cmpint (mc_transfer_get_state (transfer), ==, MC_TRANSFER_CANCELLED);
  g_assert_false (fixture_has (&w->f, repo, Q4));
}

/* The same size and times, other bytes: noticed before any of them is stored. */
static void
test_changed (World *w, gconstpointer data)
{
  gint64 repo = fixture_scan (&w->f, "org/model");
  /* What is held makes the library anew. */
  g_autoptr (McManifest) manifest =
      mc_manifest_ref (mc_store_get_repo (w->f.store, repo)->manifest);
  McFile *match = mc_manifest_find_file (manifest, Q4);
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (McImportTree) tree = NULL;
  g_autoptr (GAsyncResult) held = NULL;
  g_autoptr (GAsyncResult) copied = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = make_path (w, "q4");
  McImportFile *file;
  int progress = 0;

  put_seed (w, "q4", Q4_SEED, Q4_SIZE);
  tree = mc_import_tree_read (w->place, w->f.folder, NULL, &error);
  g_assert_cmpuint (tree->files->len, ==, 1);
  file = g_ptr_array_index (tree->files, 0);
  g_assert_true (mc_import_hash (file, 1u << MC_DIGEST_SHA256, &progress, NULL, &error));
  g_assert_true (mc_digest_equal (&file->sha256, &match->digest));
  file->match = match;
  g_ptr_array_add (files, match);
  mc_store_hold_async (w->f.store, repo, "", Q4, files, mc_test_store_result, &held);
  g_assert_true (mc_store_hold_finish (w->f.store, mc_test_await (&held), &error));

  {
    FILE *stream = fopen (path, "r+");
    struct timespec times[2] = { { file->modified_ns / 1000000000, file->modified_ns % 1000000000 },
                                 { file->modified_ns / 1000000000,
                                   file->modified_ns % 1000000000 } };

    g_assert_nonnull (stream);
    g_assert_cmpint (fseek (stream, 6 * MIB, SEEK_SET), ==, 0);
    g_assert_cmpuint (fwrite ("other", 1, 5, stream), ==, 5);
    fclose (stream);
    g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  }
  mc_import_copy_async (w->f.store, file, &progress, NULL, mc_test_store_result, &copied);
  g_assert_false (mc_import_copy_finish (w->f.store, mc_test_await (&copied), &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
  g_assert_cmpuint (fixture_committed (&w->f, repo, Q4), ==, 5 * MIB);
}

/* What a download has begun is gone on with; while one runs nobody else writes. */
static void
test_with_download (World *w, gconstpointer data)
{
  gint64 repo = fixture_scan (&w->f, "org/model");
  g_autoptr (McTransfer) download = NULL;
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (McTransfer) second = NULL;
  g_autoptr (GError) error = NULL;

  put_q4 (w);
  fixture_script (&w->f, Q4, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  download = fixture_download (&w->f, repo, "onnx:q4", "");
  fixture_wait_committed (&w->f, repo, Q4, 5 * MIB);
  transfer = import (w, repo);
  g_assert_cmpuint (count (transfer, "in-use"), >=, 1);
  g_assert_true (mc_downloader_pause (w->f.downloader, download, &error));
  fixture_wait_idle (&w->f);
  second = import (w, repo);
  g_assert_cmpuint (count (second, "in-use"), ==, 0);
  fixture_check_seed (&w->f, repo, Q4, Q4_SEED);
  g_assert_cmpuint (fixture_sent (&w->f, Q4), <, Q4_SIZE);
}

#define ADD(path, test) g_test_add (path, World, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/transfer/import/folder", test_folder);
  ADD ("/transfer/import/single-files", test_single_files);
  ADD ("/transfer/import/preview", test_preview);
  ADD ("/transfer/import/hf-cache", test_hf_cache);
  ADD ("/transfer/import/earlier-commit", test_earlier_commit);
  ADD ("/transfer/import/ollama", test_ollama);
  ADD ("/transfer/import/lm-studio", test_lm_studio);
  ADD ("/transfer/import/hostile", test_hostile);
  ADD ("/transfer/import/not-there", test_not_there);
  ADD ("/transfer/import/pause", test_pause);
  ADD ("/transfer/import/restart", test_restart);
  ADD ("/transfer/import/cancel", test_cancel);
  ADD ("/transfer/import/changed", test_changed);
  ADD ("/transfer/import/with-download", test_with_download);
  return g_test_run ();
}
