/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <string.h>

/* Pause, resume, cancel, retry. A transfer is caught under way by a body that falls silent. */

/* The fp16 weights: one chunk comes, and a part of the other that never ends. */
static McTransfer *
begin_stalled (Fixture *f, gint64 repo)
{
  McTransfer *transfer;

  fixture_script (f, FP16, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  transfer = fixture_download (f, repo, "", FP16);
  fixture_wait_committed (f, repo, FP16, 5 * MIB);
  fixture_wait (transfer, MC_TRANSFER_ACTIVE);
  return transfer;
}

/* The rest came in one more request, from the first byte that was not committed on. */
static void
check_resumed (Fixture *f, gint64 repo, McTransfer *transfer)
{
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_cmpuint (fixture_range_start (f, FP16, 1), ==, 5 * MIB);
  g_assert_cmpuint (mc_test_hub_count (f->hub, "storage:org/model/" FP16), ==, 2);
  fixture_check_seed (f, repo, FP16, FP16_SEED);
}

#define PERFORM(call)                                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GError) error = NULL;                                                               \
    g_assert_true (call);                                                                          \
    g_assert_no_error (error);                                                                     \
  }                                                                                                \
  G_STMT_END

static void
test_pause (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = begin_stalled (f, repo);

  PERFORM (mc_downloader_pause (f->downloader, transfer, &error));
  fixture_wait (transfer, MC_TRANSFER_PAUSED);
  fixture_wait_idle (f);
  g_assert_cmpuint (mc_transfer_get_verified (transfer), ==, 5 * MIB);
  PERFORM (mc_downloader_pause (f->downloader, transfer, &error));
  PERFORM (mc_downloader_resume (f->downloader, transfer, &error));
  PERFORM (mc_downloader_resume (f->downloader, transfer, &error));
  check_resumed (f, repo, transfer);
}

/* The fetch that is being stopped is not taken for one that works. */
static void
test_resume_at_once (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = begin_stalled (f, repo);

  PERFORM (mc_downloader_pause (f->downloader, transfer, &error));
  g_main_context_iteration (NULL, FALSE);
  g_assert_true (mc_downloader_is_busy (f->downloader));
  PERFORM (mc_downloader_resume (f->downloader, transfer, &error));
  check_resumed (f, repo, transfer);
}

/* Asking for it once more takes it up again. */
static void
test_request_resumes (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = begin_stalled (f, repo);
  g_autoptr (McTransfer) again = NULL;

  PERFORM (mc_downloader_pause (f->downloader, transfer, &error));
  fixture_wait_idle (f);
  again = fixture_download (f, repo, "", FP16);
  g_assert_true (again == transfer);
  check_resumed (f, repo, transfer);
}

static void
test_pause_queued (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) first = NULL;
  g_autoptr (McTransfer) second = NULL;
  g_autoptr (McTransfer) third = NULL;

  fixture_script (f, FP16, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  fixture_script (f, Q4, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  first = fixture_download (f, repo, "", FP16);
  second = fixture_download (f, repo, "", Q4);
  third = fixture_download (f, repo, "", INT8);
  fixture_wait_committed (f, repo, FP16, 5 * MIB);
  fixture_wait_committed (f, repo, Q4, 5 * MIB);
  fixture_wait (third, MC_TRANSFER_QUEUED);
  PERFORM (mc_downloader_pause (f->downloader, third, &error));
  PERFORM (mc_downloader_cancel (f->downloader, first, FALSE, &error));
  PERFORM (mc_downloader_cancel (f->downloader, second, FALSE, &error));
  fixture_wait_idle (f);
  g_assert_cmpuint (mc_test_hub_count (f->hub, "storage:org/model/" INT8), ==, 0);
  PERFORM (mc_downloader_resume (f->downloader, third, &error));
  fixture_wait (third, MC_TRANSFER_DONE);
}

static void
test_cancel_keeps (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = begin_stalled (f, repo);
  g_autoptr (McTransfer) again = NULL;

  PERFORM (mc_downloader_cancel (f->downloader, transfer, FALSE, &error));
  fixture_wait (transfer, MC_TRANSFER_CANCELLED);
  fixture_wait_idle (f);
  g_assert_cmpuint (fixture_committed (f, repo, FP16), ==, 5 * MIB);
  PERFORM (mc_downloader_cancel (f->downloader, transfer, FALSE, &error));
  again = fixture_download (f, repo, "", FP16);
  g_assert_true (again != transfer);
  check_resumed (f, repo, again);
}

static void
test_cancel_discards (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = begin_stalled (f, repo);
  guint64 complete;
  guint64 partial;

  PERFORM (mc_downloader_cancel (f->downloader, transfer, TRUE, &error));
  fixture_wait (transfer, MC_TRANSFER_CANCELLED);
  fixture_wait_idle (f);
  g_assert_cmpuint (fixture_committed (f, repo, FP16), ==, 0);
  mc_store_get_totals (f->store, &complete, &partial);
  g_assert_cmpuint (partial, ==, 0);
  g_assert_false (mc_store_is_held (f->store, repo, "", FP16));
}

/* Discarded a moment after it was cancelled. */
static void
test_discard_later (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = begin_stalled (f, repo);

  PERFORM (mc_downloader_cancel (f->downloader, transfer, FALSE, &error));
  fixture_wait_idle (f);
  PERFORM (mc_downloader_cancel (f->downloader, transfer, TRUE, &error));
  fixture_wait_idle (f);
  g_assert_cmpuint (fixture_committed (f, repo, FP16), ==, 0);
}

/* Asked for again before the bytes are gone: the new one must not lose what it works on. */
static void
test_discard_and_ask_again (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = begin_stalled (f, repo);
  g_autoptr (McTransfer) again = NULL;

  PERFORM (mc_downloader_cancel (f->downloader, transfer, TRUE, &error));
  again = fixture_download_all (f, repo, "", FP16);
  g_assert_true (again != transfer);
  fixture_wait_idle (f);
  fixture_check_seed (f, repo, FP16, FP16_SEED);
  g_assert_true (mc_store_is_held (f->store, repo, "", FP16));
}

/* Bytes that are to go are gone when the process ends. */
static void
test_discard_and_stop (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = begin_stalled (f, repo);

  PERFORM (mc_downloader_cancel (f->downloader, transfer, TRUE, &error));
  g_clear_object (&transfer);
  fixture_close (f);
  fixture_open (f);
  g_assert_cmpuint (fixture_committed (f, repo, FP16), ==, 0);
}

/* What a variant shares with another that is here stays. */
static void
test_discard_spares_shared (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:int8", "");
  g_autoptr (McTransfer) transfer = NULL;

  fixture_script (f, FP16, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  transfer = fixture_download (f, repo, "onnx:fp16", "");
  fixture_wait_committed (f, repo, FP16, 5 * MIB);
  PERFORM (mc_downloader_cancel (f->downloader, transfer, TRUE, &error));
  fixture_wait_idle (f);
  g_assert_cmpuint (fixture_committed (f, repo, FP16), ==, 0);
  fixture_check_seed (f, repo, TOKENIZER, TOKENIZER_SEED);
  fixture_check_seed (f, repo, INT8, INT8_SEED);
}

static void
test_retry_failed (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  mc_test_hub_script (f->hub, "/org/model/resolve/main/" INT8, MC_TEST_STATUS, 404, 1);
  transfer = fixture_download (f, repo, "onnx:int8", "");
  fixture_check_failed (transfer, MC_ERROR_GONE, INT8);
  fixture_wait_idle (f);
  PERFORM (mc_downloader_retry (f->downloader, transfer, &error));
  g_assert_null (mc_transfer_get_error (transfer));
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_check_seed (f, repo, INT8, INT8_SEED);
}

/* Nobody waits for a minute who can press a button. */
static void
test_retry_waiting (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  fixture_reopen (f, 0, 3600 * 1000);
  repo = fixture_scan (f, "org/model");
  fixture_script (f, INT8, MC_TEST_CUT_AFTER, 1000, 1);
  transfer = fixture_download (f, repo, "", INT8);
  fixture_wait (transfer, MC_TRANSFER_WAITING);
  g_assert_error (mc_transfer_get_error (transfer), MC_ERROR, MC_ERROR_NETWORK);
  g_assert_true (mc_downloader_is_busy (f->downloader));
  PERFORM (mc_downloader_retry (f->downloader, transfer, &error));
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_null (mc_transfer_get_error (transfer));
}

/* Stopping does not wait for the next try either. */
static void
test_pause_waiting (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  fixture_reopen (f, 0, 3600 * 1000);
  repo = fixture_scan (f, "org/model");
  fixture_script (f, INT8, MC_TEST_CUT_AFTER, 1000, 1);
  transfer = fixture_download (f, repo, "", INT8);
  fixture_wait (transfer, MC_TRANSFER_WAITING);
  PERFORM (mc_downloader_pause (f->downloader, transfer, &error));
  g_assert_null (mc_transfer_get_error (transfer));
  fixture_wait_idle (f);
  PERFORM (mc_downloader_resume (f->downloader, transfer, &error));
  fixture_wait (transfer, MC_TRANSFER_DONE);
}

#define REFUSED(call)                                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GError) error = NULL;                                                               \
    g_assert_false (call);                                                                         \
    g_assert_error (error, MC_ERROR, MC_ERROR_IN_USE);                                             \
  }                                                                                                \
  G_STMT_END

static void
test_refusals (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) done = fixture_download_all (f, repo, "", INT8);
  g_autoptr (McTransfer) paused = begin_stalled (f, repo);
  g_autoptr (McTransfer) cancelled = fixture_download (f, repo, "", Q4);

  PERFORM (mc_downloader_pause (f->downloader, paused, &error));
  PERFORM (mc_downloader_cancel (f->downloader, cancelled, FALSE, &error));
  REFUSED (mc_downloader_pause (f->downloader, done, &error));
  REFUSED (mc_downloader_resume (f->downloader, done, &error));
  REFUSED (mc_downloader_retry (f->downloader, done, &error));
  REFUSED (mc_downloader_cancel (f->downloader, done, TRUE, &error));
  REFUSED (mc_downloader_retry (f->downloader, paused, &error));
  REFUSED (mc_downloader_pause (f->downloader, cancelled, &error));
  REFUSED (mc_downloader_resume (f->downloader, cancelled, &error));
  REFUSED (mc_downloader_retry (f->downloader, cancelled, &error));
  fixture_check_seed (f, repo, INT8, INT8_SEED);
}

static void
count_cb (McTransfer *transfer, guint *count)
{
  (*count)++;
}

/* "finished" is said once for each time it ran, and not for what was over already. */
static void
test_finished_once (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;
  guint count = 0;

  mc_test_hub_script (f->hub, "/org/model/resolve/main/" INT8, MC_TEST_STATUS, 404, 2);
  transfer = fixture_download (f, repo, "", INT8);
  g_signal_connect (transfer, "finished", G_CALLBACK (count_cb), &count);
  fixture_wait (transfer, MC_TRANSFER_FAILED);
  g_assert_cmpuint (count, ==, 1);
  PERFORM (mc_downloader_retry (f->downloader, transfer, &error));
  fixture_wait (transfer, MC_TRANSFER_FAILED);
  g_assert_cmpuint (count, ==, 2);
  PERFORM (mc_downloader_cancel (f->downloader, transfer, FALSE, &error));
  PERFORM (mc_downloader_cancel (f->downloader, transfer, TRUE, &error));
  fixture_wait_idle (f);
  g_assert_cmpuint (count, ==, 2);
}

static void
test_works_on (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  fixture_script (f, FP16, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  transfer = fixture_download (f, repo, "onnx:fp16", "");
  fixture_wait_committed (f, repo, FP16, 5 * MIB);
  PERFORM (mc_downloader_pause (f->downloader, transfer, &error));
  g_assert_true (mc_downloader_works_on (f->downloader, repo, NULL));
  g_assert_true (mc_downloader_works_on (f->downloader, repo, "onnx:fp16"));
  g_assert_false (mc_downloader_works_on (f->downloader, repo, "onnx:q4"));
  g_assert_false (mc_downloader_works_on (f->downloader, repo + 1, NULL));
  PERFORM (mc_downloader_cancel (f->downloader, transfer, FALSE, &error));
  g_assert_false (mc_downloader_works_on (f->downloader, repo, NULL));
}

#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/steer/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("pause", test_pause);
  ADD ("resume-at-once", test_resume_at_once);
  ADD ("request-resumes", test_request_resumes);
  ADD ("pause-queued", test_pause_queued);
  ADD ("cancel-keeps", test_cancel_keeps);
  ADD ("cancel-discards", test_cancel_discards);
  ADD ("discard-later", test_discard_later);
  ADD ("discard-and-ask-again", test_discard_and_ask_again);
  ADD ("discard-and-stop", test_discard_and_stop);
  ADD ("discard-spares-shared", test_discard_spares_shared);
  ADD ("retry-failed", test_retry_failed);
  ADD ("retry-waiting", test_retry_waiting);
  ADD ("pause-waiting", test_pause_waiting);
  ADD ("refusals", test_refusals);
  ADD ("finished-once", test_finished_once);
  ADD ("works-on", test_works_on);
  return g_test_run ();
}
