/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <string.h>

/* What is kept of transfers: over a restart, and of those that came to an end. */

static McTransfer *
find_by_id (Fixture *f, gint64 id)
{
  GPtrArray *transfers = mc_downloader_get_transfers (f->downloader);

  for (guint i = 0; i < transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (transfers, i);

      if (mc_transfer_get_id (transfer) == id)
        return transfer;
    }
  return NULL;
}

/* Half of the fp16 weights; the result is the transfer's id. */
static gint64
begin_and_stop (Fixture *f, gint64 *repo, gboolean pause)
{
  g_autoptr (McTransfer) transfer = NULL;
  gint64 id;

  *repo = fixture_scan (f, "org/model");
  fixture_script (f, FP16, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  transfer = fixture_download (f, *repo, "onnx:fp16", "");
  fixture_wait_committed (f, *repo, FP16, 5 * MIB);
  if (pause)
    g_assert_true (mc_downloader_pause (f->downloader, transfer, NULL));
  id = mc_transfer_get_id (transfer);
  g_clear_object (&transfer);
  fixture_close (f);
  return id;
}

static void
test_goes_on (Fixture *f, gconstpointer data)
{
  gint64 repo;
  gint64 id = begin_and_stop (f, &repo, FALSE);
  McTransfer *transfer;

  fixture_open (f);
  transfer = find_by_id (f, id);
  g_assert_nonnull (transfer);
  g_assert_cmpuint (mc_transfer_get_verified (transfer), >=, 5 * MIB);
  g_assert_true (mc_downloader_is_busy (f->downloader));
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_cmpuint (fixture_range_start (f, FP16, 1), ==, 5 * MIB);
  g_assert_cmpuint (fixture_sent (f, FP16), ==, (6 + 2) * MIB);
  fixture_check_seed (f, repo, FP16, FP16_SEED);
}

static void
test_stays_paused (Fixture *f, gconstpointer data)
{
  gint64 repo;
  gint64 id = begin_and_stop (f, &repo, TRUE);
  McTransfer *transfer;

  fixture_open (f);
  transfer = find_by_id (f, id);
  g_assert_nonnull (transfer);
  fixture_settle (f);
  g_assert_cmpint (mc_transfer_get_state (transfer), ==, MC_TRANSFER_PAUSED);
  g_assert_false (mc_downloader_is_busy (f->downloader));
  g_assert_cmpuint (mc_test_hub_count (f->hub, "storage:org/model/" FP16), ==, 1);
  g_assert_true (mc_downloader_resume (f->downloader, transfer, NULL));
  fixture_wait (transfer, MC_TRANSFER_DONE);
}

static void
test_keeps_ends (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) done = fixture_download_all (f, repo, "", INT8);
  g_autoptr (McTransfer) cancelled = NULL;
  g_autoptr (McTransfer) failed = NULL;
  gint64 ids[3];

  fixture_script (f, Q4, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  cancelled = fixture_download (f, repo, "", Q4);
  g_assert_true (mc_downloader_cancel (f->downloader, cancelled, FALSE, NULL));
  mc_test_hub_script (f->hub, "/org/model/resolve/main/" FP16, MC_TEST_STATUS, 404, 1);
  failed = fixture_download (f, repo, "", FP16);
  fixture_wait (failed, MC_TRANSFER_FAILED);
  ids[0] = mc_transfer_get_id (done);
  ids[1] = mc_transfer_get_id (cancelled);
  ids[2] = mc_transfer_get_id (failed);
  g_clear_object (&done);
  g_clear_object (&cancelled);
  g_clear_object (&failed);
  fixture_close (f);
  fixture_open (f);
  g_assert_cmpint (mc_transfer_get_state (find_by_id (f, ids[0])), ==, MC_TRANSFER_DONE);
  g_assert_cmpint (mc_transfer_get_state (find_by_id (f, ids[1])), ==, MC_TRANSFER_CANCELLED);
  fixture_check_failed (find_by_id (f, ids[2]), MC_ERROR_GONE, FP16);
  g_assert_false (mc_downloader_is_busy (f->downloader));
  g_assert_true (mc_downloader_retry (f->downloader, find_by_id (f, ids[2]), NULL));
  fixture_wait (find_by_id (f, ids[2]), MC_TRANSFER_DONE);
}

/* A transfer of something that is not in the repo (any more): as after a new version that groups
 * files otherwise. */
static gint64
put_record (Fixture *f, gint64 repo, const char *kind, const char *variant, const char *state)
{
  g_autoptr (McTransferRecord) record = mc_transfer_record_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 id;

  record->kind = g_strdup (kind);
  record->repo = repo;
  record->variant = g_strdup (variant);
  record->path = g_strdup ("");
  record->state = g_strdup (state);
  record->error = g_strdup ("");
  record->message = g_strdup ("");
  record->created = 1;
  mc_store_put_transfer_async (f->store, record, mc_test_store_result, &result);
  id = mc_store_put_transfer_finish (f->store, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return id;
}

static void
test_variant_is_gone (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  gint64 queued = put_record (f, repo, "download", "onnx:gone", "queued");
  gint64 done = put_record (f, repo, "download", "onnx:gone2", "done");
  gint64 verify = put_record (f, repo, "verify", "onnx:q4", "queued");
  gint64 nonsense = put_record (f, repo, "download", "onnx:q4", "dancing");
  g_autoptr (GError) error = NULL;

  fixture_close (f);
  fixture_open (f);
  fixture_check_failed (find_by_id (f, queued), MC_ERROR_UNKNOWN_VARIANT, "onnx:gone");
  /* Nothing is all of nothing: no second try makes it downloaded. */
  g_assert_false (mc_downloader_retry (f->downloader, find_by_id (f, queued), &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_UNKNOWN_VARIANT);
  g_assert_cmpint (mc_transfer_get_state (find_by_id (f, queued)), ==, MC_TRANSFER_FAILED);
  g_assert_null (find_by_id (f, done));
  g_assert_null (find_by_id (f, nonsense));
  fixture_check_failed (find_by_id (f, verify), MC_ERROR_NOT_DOWNLOADED, "");
}

/* The Hub hides a hash that it showed before, and shows it again: who asks again then is not given
 * the transfer that could not go on. */
static void
test_masked_meanwhile (Fixture *f, gconstpointer data)
{
  static const McTestRepoFacts gated = { .gated = "manual" };
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;
  gint64 id;

  mc_test_hub_add_repo (f->hub, "org/gated", &gated);
  mc_test_hub_add_generated (f->hub, "org/gated", "chat-Q4_K_M.gguf", INT8_SIZE, INT8_SEED);
  repo = fixture_scan (f, "org/gated");
  id = put_record (f, repo, "download", "gguf:Q4_K_M", "paused");
  fixture_close (f);
  fixture_open (f);
  fixture_check_failed (find_by_id (f, id), MC_ERROR_GATED, "chat-Q4_K_M.gguf");
  mc_test_hub_set_granted (f->hub, TRUE);
  g_assert_cmpint (fixture_scan (f, "org/gated"), ==, repo);
  transfer = fixture_download_all (f, repo, "gguf:Q4_K_M", "");
  g_assert_null (find_by_id (f, id));
  fixture_check_seed (f, repo, "chat-Q4_K_M.gguf", INT8_SEED);
}

/* It wants files that were never asked for: they are held, and fetched. */
static void
test_wants_more (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  gint64 id = put_record (f, repo, "download", "onnx:int8", "queued");

  fixture_close (f);
  fixture_open (f);
  fixture_wait (find_by_id (f, id), MC_TRANSFER_DONE);
  fixture_check_seed (f, repo, INT8, INT8_SEED);
  g_assert_true (mc_store_is_held (f->store, repo, "onnx:int8", ""));
}

static void
count_cb (McDownloader *downloader, McTransfer *transfer, guint *count)
{
  (*count)++;
}

static void
test_is_bounded (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  GPtrArray *transfers = mc_downloader_get_transfers (f->downloader);
  guint added = 0;
  guint removed = 0;

  g_signal_connect (f->downloader, "transfer-added", G_CALLBACK (count_cb), &added);
  g_signal_connect (f->downloader, "transfer-removed", G_CALLBACK (count_cb), &removed);
  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *path = g_strdup_printf ("note-%02u.txt", i);

      mc_test_hub_add_file (f->hub, "org/notes", path, path, strlen (path), FALSE);
    }
  repo = fixture_scan (f, "org/notes");
  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *path = g_strdup_printf ("note-%02u.txt", i);

      fixture_have (f, repo, "", path);
    }
  g_assert_cmpuint (transfers->len, <=, 21);
  g_assert_cmpuint (transfers->len, >=, 20);
  g_assert_cmpuint (added, ==, 30);
  g_assert_cmpuint (removed, ==, 30 - transfers->len);
  fixture_close (f);
  fixture_open (f);
  g_assert_cmpuint (mc_downloader_get_transfers (f->downloader)->len, ==, 30 - removed);
}

/* The last one about something is all there is to know of it. */
static void
test_same_again (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");

  for (guint i = 0; i < 3; i++)
    fixture_have (f, repo, "", "README.md");
  g_assert_cmpuint (mc_downloader_get_transfers (f->downloader)->len, ==, 1);
}

static void
test_forget_ended (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:int8", "");
  g_autoptr (McTransfer) paused = NULL;
  GPtrArray *transfers = mc_downloader_get_transfers (f->downloader);

  fixture_have (f, repo, "onnx:q8", "");
  fixture_script (f, Q4, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  paused = fixture_download (f, repo, "onnx:q4", "");
  g_assert_true (mc_downloader_pause (f->downloader, paused, NULL));
  mc_downloader_forget_ended (f->downloader, repo, "onnx:int8");
  g_assert_cmpuint (transfers->len, ==, 2);
  mc_downloader_forget_ended (f->downloader, repo, NULL);
  g_assert_cmpuint (transfers->len, ==, 1);
  g_assert_true (g_ptr_array_index (transfers, 0) == paused);
}

/* The service ends while requests are being answered: nobody is left without an answer, and
 * nothing is written to a store that is closed. */
static void
test_stop_at_once (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (GAsyncResult) download = NULL;
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (GAsyncResult) stopped = NULL;
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) late_error = NULL;

  mc_downloader_download_async (f->downloader, repo, "onnx:q4", "", mc_test_store_result,
                                &download);
  mc_downloader_stop_async (f->downloader, mc_test_store_result, &stopped);
  mc_downloader_download_async (f->downloader, repo, "onnx:int8", "", mc_test_store_result, &late);
  mc_test_await (&stopped);
  g_assert_true (mc_downloader_stop_finish (f->downloader, stopped, NULL));
  mc_store_close (f->store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_nonnull (download);
  transfer = mc_downloader_begin_finish (f->downloader, download, &error);
  g_assert_true ((transfer == NULL) == (error != NULL));
  g_assert_nonnull (late);
  g_assert_null (mc_downloader_begin_finish (f->downloader, late, &late_error));
  g_assert_error (late_error, MC_ERROR, MC_ERROR_BUSY);
  if (transfer != NULL)
    {
      g_assert_false (mc_downloader_pause (f->downloader, transfer, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_BUSY);
    }
  g_clear_object (&transfer);
  g_clear_object (&download);
  g_clear_object (&late);
  g_clear_object (&stopped);
  g_assert_finalize_object (g_steal_pointer (&f->downloader));
  g_assert_finalize_object (g_steal_pointer (&f->store));
  g_assert_finalize_object (g_steal_pointer (&f->client));
}

/* A stop does not end what is to go on: it stands as running on disk. */
static void
test_stop_changes_nothing (Fixture *f, gconstpointer data)
{
  gint64 repo;
  gint64 id = begin_and_stop (f, &repo, FALSE);
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (McStore) store = mc_store_open (f->folder, &error);
  McTransferRecord *record;

  g_assert_no_error (error);
  records = mc_store_take_transfers (store);
  g_assert_cmpuint (records->len, ==, 1);
  record = g_ptr_array_index (records, 0);
  g_assert_cmpint (record->id, ==, id);
  g_assert_cmpstr (record->state, ==, "queued");
}

#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/history/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("goes-on", test_goes_on);
  ADD ("stays-paused", test_stays_paused);
  ADD ("keeps-ends", test_keeps_ends);
  ADD ("variant-is-gone", test_variant_is_gone);
  ADD ("masked-meanwhile", test_masked_meanwhile);
  ADD ("wants-more", test_wants_more);
  ADD ("is-bounded", test_is_bounded);
  ADD ("same-again", test_same_again);
  ADD ("forget-ended", test_forget_ended);
  ADD ("stop-at-once", test_stop_at_once);
  ADD ("stop-changes-nothing", test_stop_changes_nothing);
  return g_test_run ();
}
