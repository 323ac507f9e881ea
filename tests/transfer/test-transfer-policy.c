/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "transfer-fixture.h"

#include "mc-test-wait.h"

#include <string.h>

/* Limits of bandwidth, and what forbids transfers. Nothing is measured: a limit so low that a
 * transfer would take hours is in force, or it is not. */

#define CRAWL 1000 /* bytes a second */

static void
configure (Fixture *f, const char *text)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) changes = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  mc_store_configure_async (f->store, changes, mc_test_store_result, &result);
  g_assert_true (mc_store_configure_finish (f->store, mc_test_await (&result), &error));
  g_assert_no_error (error);
}

static void
assert_crawls (Fixture *f, McTransfer *transfer)
{
  fixture_wait (transfer, MC_TRANSFER_ACTIVE);
  fixture_settle (f);
  g_assert_cmpint (mc_transfer_get_state (transfer), ==, MC_TRANSFER_ACTIVE);
  g_assert_cmpuint (mc_transfer_get_received (transfer), <, MIB);
}

/* It holds for all, from one moment to the next, in both directions. */
static void
test_limit (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) first = NULL;
  g_autoptr (McTransfer) second = NULL;

  configure (f, "{'bandwidth-limit': <uint64 1000>}");
  first = fixture_download (f, repo, "", INT8);
  second = fixture_download (f, repo, "", FP16);
  assert_crawls (f, first);
  assert_crawls (f, second);
  configure (f, "{'bandwidth-limit': <uint64 0>}");
  fixture_wait (first, MC_TRANSFER_DONE);
  fixture_wait (second, MC_TRANSFER_DONE);
  fixture_check_seed (f, repo, INT8, INT8_SEED);
  fixture_check_seed (f, repo, FP16, FP16_SEED);
}

/* It limits no other, and is kept. */
static void
test_limit_of_one (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) slow = NULL;
  g_autoptr (McTransfer) other = NULL;

  configure (f, "{'bandwidth-limit': <uint64 1000>}");
  slow = fixture_download (f, repo, "", INT8);
  mc_downloader_set_rate_limit (f->downloader, slow, CRAWL);
  g_assert_true (mc_downloader_pause (f->downloader, slow, NULL));
  fixture_wait_idle (f);
  g_clear_object (&slow);
  configure (f, "{'bandwidth-limit': <uint64 0>}");
  fixture_reopen (f, 0, 5);
  slow = g_object_ref (g_ptr_array_index (mc_downloader_get_transfers (f->downloader), 0));
  g_assert_cmpuint (mc_transfer_get_rate_limit (slow), ==, CRAWL);
  g_assert_true (mc_downloader_resume (f->downloader, slow, NULL));
  other = fixture_download (f, repo, "", FP16);
  fixture_wait (other, MC_TRANSFER_DONE);
  assert_crawls (f, slow);
  mc_downloader_set_rate_limit (f->downloader, slow, 0);
  fixture_wait (slow, MC_TRANSFER_DONE);
}

/* Who wants the same without a limit need not wait. */
static void
test_limit_is_shared (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) slow = fixture_download (f, repo, "", INT8);
  g_autoptr (McTransfer) other = NULL;

  mc_downloader_set_rate_limit (f->downloader, slow, CRAWL);
  assert_crawls (f, slow);
  other = fixture_download (f, repo, "", QUANTIZED);
  fixture_wait (other, MC_TRANSFER_DONE);
  fixture_wait (slow, MC_TRANSFER_DONE);
}

/* What waits for its turn to read can be stopped. */
static void
test_stop_limited (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  configure (f, "{'bandwidth-limit': <uint64 1>}");
  transfer = fixture_download (f, repo, "", INT8);
  assert_crawls (f, transfer);
  g_assert_true (mc_downloader_pause (f->downloader, transfer, NULL));
  fixture_wait_idle (f);
  g_assert_true (mc_downloader_resume (f->downloader, transfer, NULL));
  assert_crawls (f, transfer);
  g_clear_object (&transfer);
  fixture_reopen (f, 0, 5);
}

static void
count_cb (McDownloader *downloader, guint *count)
{
  (*count)++;
}

/* What runs stops, keeps what it has, and goes on by itself. */
static void
test_metered (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;
  guint count = 0;

  g_signal_connect (f->downloader, "policy-changed", G_CALLBACK (count_cb), &count);
  fixture_script (f, FP16, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  transfer = fixture_download (f, repo, "", FP16);
  fixture_wait_committed (f, repo, FP16, 5 * MIB);
  mc_downloader_set_conditions (f->downloader, TRUE, FALSE);
  g_assert_cmpint (mc_downloader_get_policy (f->downloader), ==, MC_POLICY_ASK_METERED);
  fixture_wait (transfer, MC_TRANSFER_QUEUED);
  g_assert_cmpuint (fixture_committed (f, repo, FP16), ==, 5 * MIB);
  g_assert_true (mc_downloader_is_busy (f->downloader));
  mc_downloader_set_conditions (f->downloader, TRUE, TRUE);
  g_assert_cmpuint (count, ==, 1);
  mc_downloader_set_conditions (f->downloader, FALSE, FALSE);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_cmpuint (count, ==, 2);
  g_assert_cmpuint (fixture_range_start (f, FP16, 1), ==, 5 * MIB);
}

/* The person is asked, and says yes; that is no answer for the next time. */
static void
test_allow (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  configure (f, "{'power-saver': <'wait'>}");
  mc_downloader_set_conditions (f->downloader, FALSE, TRUE);
  transfer = fixture_download (f, repo, "", INT8);
  fixture_settle (f);
  g_assert_cmpuint (mc_test_hub_count (f->hub, "storage:org/model/" INT8), ==, 0);
  mc_downloader_allow (f->downloader);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  mc_downloader_set_conditions (f->downloader, FALSE, FALSE);
  mc_downloader_set_conditions (f->downloader, FALSE, TRUE);
  g_assert_cmpint (mc_downloader_get_policy (f->downloader), ==, MC_POLICY_POWER_SAVER);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/policy/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("limit", test_limit);
  ADD ("limit-of-one", test_limit_of_one);
  ADD ("limit-is-shared", test_limit_is_shared);
  ADD ("stop-limited", test_stop_limited);
  ADD ("metered", test_metered);
  ADD ("allow", test_allow);
  return g_test_run ();
}
