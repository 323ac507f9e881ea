/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "transfer-fixture.h"

#include "mc-content-reader.h"
#include "mc-error.h"
#include "mc-scanner.h"
#include "mc-test-wait.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TOKEN "hf_transferTestsOnly"
#define WAIT_MS 60000

static void
add_model (McTestHub *hub)
{
  static const McTestRepoFacts facts = { .task = "text-generation",
                                         .library = "transformers.js",
                                         .license = "mit" };
  g_autofree guint8 *vocabulary = g_malloc (VOCABULARY_SIZE);

  mc_test_hub_generate (VOCABULARY_SEED, 0, vocabulary, VOCABULARY_SIZE);
  mc_test_hub_add_repo (hub, "org/model", &facts);
  mc_test_hub_add_file (hub, "org/model", CONFIG, CONFIG_TEXT, strlen (CONFIG_TEXT), FALSE);
  mc_test_hub_add_file (hub, "org/model", VOCABULARY, vocabulary, VOCABULARY_SIZE, FALSE);
  mc_test_hub_add_file (hub, "org/model", "README.md", "# A model\n", 10, FALSE);
  mc_test_hub_add_file (hub, "org/model", "empty.txt", "", 0, FALSE);
  mc_test_hub_add_generated (hub, "org/model", TOKENIZER, TOKENIZER_SIZE, TOKENIZER_SEED);
  mc_test_hub_add_generated (hub, "org/model", Q4, Q4_SIZE, Q4_SEED);
  mc_test_hub_add_generated (hub, "org/model", INT8, INT8_SIZE, INT8_SEED);
  mc_test_hub_add_generated (hub, "org/model", QUANTIZED, INT8_SIZE, INT8_SEED);
  mc_test_hub_add_generated (hub, "org/model", FP16, FP16_SIZE, FP16_SEED);
}

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->hub = mc_test_hub_new ();
  mc_test_hub_set_token (self->hub, TOKEN);
  add_model (self->hub);
  self->folder = g_dir_make_tmp ("mc-transfer-XXXXXX", &error);
  g_assert_no_error (error);
  self->retry_base_ms = 5;
  fixture_open (self);
}

static int
remove_cb (const char *path, const struct stat *info, int type, struct FTW *place)
{
  return remove (path);
}

void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  if (self->store != NULL)
    fixture_close (self);
  mc_test_hub_assert_token_kept (self->hub);
  g_clear_pointer (&self->hub, mc_test_hub_free);
  g_assert_cmpint (nftw (self->folder, remove_cb, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
  g_clear_pointer (&self->folder, g_free);
}

void
fixture_open (Fixture *self)
{
  McHubConfig config = { .endpoint = mc_test_hub_get_url (self->hub),
                         .token = TOKEN,
                         .connect_timeout_ms = self->connect_timeout_ms,
                         .read_timeout_ms = self->read_timeout_ms,
                         .backoff_ms = self->retry_base_ms };
  g_autoptr (GError) error = NULL;

  self->client = mc_hub_client_new (&config, &error);
  g_assert_no_error (error);
  self->store = mc_store_open (self->folder, &error);
  g_assert_no_error (error);
  self->downloader = mc_downloader_new (self->store, self->client, self->retry_base_ms);
  mc_downloader_start (self->downloader);
}

void
fixture_close (Fixture *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_downloader_stop_async (self->downloader, mc_test_store_result, &result);
  mc_test_await (&result);
  g_assert_true (mc_downloader_stop_finish (self->downloader, result, &error));
  g_assert_no_error (error);
  g_clear_object (&result);
  mc_store_close (self->store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (g_steal_pointer (&self->downloader));
  g_assert_finalize_object (g_steal_pointer (&self->store));
  g_assert_finalize_object (g_steal_pointer (&self->client));
}

void
fixture_reopen (Fixture *self, guint read_timeout_ms, guint retry_base_ms)
{
  fixture_close (self);
  self->read_timeout_ms = read_timeout_ms;
  self->retry_base_ms = retry_base_ms;
  fixture_open (self);
}

gint64
fixture_scan (Fixture *self, const char *repo)
{
  g_autoptr (GAsyncResult) scanned = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (McManifest) manifest = NULL;

  mc_scan_async (self->client, repo, NULL, NULL, mc_test_store_result, &scanned);
  manifest = mc_scan_finish (self->client, mc_test_await (&scanned), &error);
  g_assert_no_error (error);
  return fixture_save (self, manifest);
}

gint64
fixture_save (Fixture *self, McManifest *manifest)
{
  g_autoptr (GAsyncResult) saved = NULL;
  g_autoptr (GError) error = NULL;
  gint64 id;

  mc_store_save_repo_async (self->store, manifest, NULL, mc_test_store_result, &saved);
  id = mc_store_save_repo_finish (self->store, mc_test_await (&saved), &error);
  g_assert_no_error (error);
  return id;
}

McTransfer *
fixture_download (Fixture *self, gint64 repo, const char *variant, const char *path)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  McTransfer *transfer;

  mc_downloader_download_async (self->downloader, repo, variant, path, mc_test_store_result,
                                &result);
  transfer = mc_downloader_begin_finish (self->downloader, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return transfer;
}

McTransfer *
fixture_verify (Fixture *self, gint64 repo, const char *variant)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  McTransfer *transfer;

  mc_downloader_verify_async (self->downloader, repo, variant, mc_test_store_result, &result);
  transfer = mc_downloader_begin_finish (self->downloader, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return transfer;
}

void
fixture_refuse_download (
    Fixture *self, gint64 repo, const char *variant, const char *path, McError code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_downloader_download_async (self->downloader, repo, variant, path, mc_test_store_result,
                                &result);
  g_assert_null (mc_downloader_begin_finish (self->downloader, mc_test_await (&result), &error));
  g_assert_error (error, MC_ERROR, (int) code);
}

/* --- waiting --- */

typedef struct
{
  Fixture *fixture;
  McTransfer *transfer;
  McTransferState state;
  gint64 repo;
  const char *path;
  guint64 bytes;
} Condition;

static gboolean
is_in_state (gpointer data)
{
  Condition *condition = data;
  McTransferState state = mc_transfer_get_state (condition->transfer);

  return state == condition->state || mc_transfer_state_is_final (state);
}

void
fixture_wait (McTransfer *transfer, McTransferState state)
{
  Condition condition = { .transfer = transfer, .state = state };
  const GError *error;

  mc_test_wait_until (is_in_state, &condition, WAIT_MS);
  error = mc_transfer_get_error (transfer);
  if (error != NULL)
    g_test_message ("%s", error->message);
  g_assert_cmpstr (mc_transfer_state_to_string (mc_transfer_get_state (transfer)), ==,
                   mc_transfer_state_to_string (state));
}

McTransfer *
fixture_download_all (Fixture *self, gint64 repo, const char *variant, const char *path)
{
  McTransfer *transfer = fixture_download (self, repo, variant, path);

  fixture_wait (transfer, MC_TRANSFER_DONE);
  return transfer;
}

void
fixture_have (Fixture *self, gint64 repo, const char *variant, const char *path)
{
  g_object_unref (fixture_download_all (self, repo, variant, path));
}

gint64
fixture_get (Fixture *self, const char *variant, const char *path)
{
  gint64 repo = fixture_scan (self, "org/model");

  fixture_have (self, repo, variant, path);
  return repo;
}

static gboolean
is_committed (gpointer data)
{
  Condition *condition = data;

  return fixture_committed (condition->fixture, condition->repo, condition->path)
         >= condition->bytes;
}

void
fixture_wait_committed (Fixture *self, gint64 repo, const char *path, guint64 bytes)
{
  Condition condition = { .fixture = self, .repo = repo, .path = path, .bytes = bytes };

  g_assert_true (mc_test_wait_until (is_committed, &condition, WAIT_MS));
}

static gboolean
is_idle (gpointer data)
{
  return !mc_downloader_is_busy (((Condition *) data)->fixture->downloader);
}

void
fixture_wait_idle (Fixture *self)
{
  Condition condition = { .fixture = self };

  g_assert_true (mc_test_wait_until (is_idle, &condition, WAIT_MS));
}

static gboolean
never (gpointer data)
{
  return FALSE;
}

void
fixture_settle (Fixture *self)
{
  mc_test_wait_until (never, NULL, 50);
}

/* --- looking --- */

McFile *
fixture_find_file (Fixture *self, gint64 repo, const char *path)
{
  McLibraryRepo *found = mc_store_get_repo (self->store, repo);
  McFile *file;

  g_assert_nonnull (found);
  file = mc_manifest_find_file (found->manifest, path);
  g_assert_nonnull (file);
  return file;
}

gboolean
fixture_has (Fixture *self, gint64 repo, const char *path)
{
  return mc_store_has_file (self->store, fixture_find_file (self, repo, path));
}

guint64
fixture_committed (Fixture *self, gint64 repo, const char *path)
{
  const McContent *content =
      mc_store_get_content (self->store, &fixture_find_file (self, repo, path)->digest);

  return content == NULL ? 0 : content->committed;
}

static GBytes *
read_back (Fixture *self, gint64 repo, const char *path)
{
  McFile *file = fixture_find_file (self, repo, path);
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (McContentReader) reader = NULL;

  g_assert_true (mc_store_has_file (self->store, file));
  reader = mc_content_reader_open (self->folder, &file->digest, file->size, &error);
  g_assert_no_error (error);
  while (all->len < file->size)
    {
      g_autoptr (GBytes) bytes = mc_content_reader_read (reader, all->len, &error);

      g_assert_no_error (error);
      g_byte_array_append (all, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&all));
}

void
fixture_check_text (Fixture *self, gint64 repo, const char *path, const char *text)
{
  g_autoptr (GBytes) bytes = read_back (self, repo, path);

  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

void
fixture_check_seed (Fixture *self, gint64 repo, const char *path, guint32 seed)
{
  g_autoptr (GBytes) bytes = read_back (self, repo, path);
  gsize size = g_bytes_get_size (bytes);
  g_autofree guint8 *expected = g_malloc (size);

  mc_test_hub_generate (seed, 0, expected, size);
  g_assert_true (memcmp (g_bytes_get_data (bytes, NULL), expected, size) == 0);
}

void
fixture_check_failed (McTransfer *transfer, McError code, const char *text)
{
  fixture_wait (transfer, MC_TRANSFER_FAILED);
  g_assert_error (mc_transfer_get_error (transfer), MC_ERROR, (int) code);
  g_assert_nonnull (strstr (mc_transfer_get_error (transfer)->message, text));
}

static char *
storage_place (const char *path)
{
  return g_strconcat ("storage:org/model/", path, NULL);
}

guint64
fixture_range_start (Fixture *self, const char *path, guint n)
{
  g_autofree char *place = storage_place (path);
  g_autofree char *range = mc_test_hub_seen (self->hub, place, n, "Range");

  g_assert_nonnull (range);
  g_assert_true (g_str_has_prefix (range, "bytes="));
  return g_ascii_strtoull (range + strlen ("bytes="), NULL, 10);
}

guint64
fixture_sent (Fixture *self, const char *path)
{
  return mc_test_hub_bytes_sent (self->hub, "org/model", path);
}

void
fixture_script (Fixture *self, const char *path, McTestFault fault, guint64 argument, guint repeat)
{
  g_autofree char *place = storage_place (path);

  mc_test_hub_script (self->hub, place, fault, argument, repeat);
}
