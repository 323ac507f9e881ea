/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-clock.h"
#include "mc-error.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

/* A file over several connections, and what becomes of one that does not do its part. */

#define BIG "big.gguf"
#define BIG_SIZE ((guint64) 83 * MIB) /* 17 chunks: four connections */
#define BIG_SEED 21
#define RESOLVE "/org/model/resolve/main/" BIG
#define STORAGE "storage:org/model/" BIG

static gint64
scan_big (Fixture *f)
{
  mc_test_hub_add_generated (f->hub, "org/model", BIG, BIG_SIZE, BIG_SEED);
  return fixture_scan (f, "org/model");
}

/* Each byte once, by one address, over several connections. */
static void
test_several (Fixture *f, gconstpointer data)
{
  gint64 repo = scan_big (f);
  g_autoptr (McTransfer) transfer = fixture_download_all (f, repo, "", BIG);
  guint late = 0;

  fixture_check_seed (f, repo, BIG, BIG_SEED);
  g_assert_cmpuint (mc_test_hub_count (f->hub, RESOLVE), ==, 1);
  g_assert_cmpuint (mc_test_hub_count (f->hub, STORAGE), >=, 4);
  g_assert_cmpuint (mc_transfer_get_received (transfer), ==, BIG_SIZE);
  for (guint i = 0; i < 4; i++)
    late += fixture_range_start (f, BIG, i) > 0;
  g_assert_cmpuint (late, ==, 3);
}

typedef struct
{
  Fixture *fixture;
  guint tries;
} Progress;

/* Time passes only where nothing else is left to wait for. */
static gboolean
advance_until_done (gpointer data)
{
  McTransfer *transfer = data;

  mc_clock_advance (G_TIME_SPAN_SECOND);
  return mc_transfer_get_state (transfer) == MC_TRANSFER_DONE;
}

/* The others go on, and the one that is silent is asked for anew long before its time is over. */
static void
test_slow_tail (Fixture *f, gconstpointer data)
{
  gint64 repo = scan_big (f);
  g_autoptr (McTransfer) transfer = NULL;

  fixture_script (f, BIG, MC_TEST_STALL_AFTER, MIB, 1);
  transfer = fixture_download (f, repo, "", BIG);
  fixture_wait_committed (f, repo, BIG, BIG_SIZE - 6 * 5 * MIB);
  g_assert_true (mc_test_wait_until (advance_until_done, transfer, 20000));
  fixture_check_seed (f, repo, BIG, BIG_SEED);
  /* What was in the silent one's hands at most. */
  g_assert_cmpuint (mc_transfer_get_received (transfer), ==, BIG_SIZE);
}

/* What was asked for before the computer slept is asked for anew at once. */
static void
test_sleep (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  fixture_script (f, Q4, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  transfer = fixture_download (f, repo, "", Q4);
  fixture_wait_committed (f, repo, Q4, 5 * MIB);
  mc_clock_pretend_sleep (G_TIME_SPAN_HOUR);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
}

static gboolean
has_tried (gpointer data)
{
  Progress *progress = data;

  if (mc_test_hub_count (progress->fixture->hub, "storage:org/model/" Q4) >= progress->tries)
    return TRUE;
  mc_clock_advance (30 * G_TIME_SPAN_SECOND);
  return FALSE;
}

/* Without a network it waits for as long as it takes, and when there is one, not any longer. */
static void
test_offline (Fixture *f, gconstpointer data)
{
  Progress progress = { f, 50 };
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  fixture_reopen (f, 0, 1000);
  repo = fixture_scan (f, "org/model");
  fixture_script (f, Q4, MC_TEST_CUT_AFTER, 0, 0);
  mc_downloader_note_network (f->downloader, FALSE);
  transfer = fixture_download (f, repo, "", Q4);
  g_assert_true (mc_test_wait_until (has_tried, &progress, 60000));
  fixture_wait (transfer, MC_TRANSFER_WAITING);
  g_assert_error (mc_transfer_get_error (transfer), MC_ERROR, MC_ERROR_NETWORK);
  mc_test_hub_forget_scripts (f->hub);
  mc_downloader_note_network (f->downloader, TRUE);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
}

/* An address that is too old for one connection is resolved anew for all, once. */
static void
test_expired (Fixture *f, gconstpointer data)
{
  gint64 repo = scan_big (f);
  g_autoptr (McTransfer) transfer = NULL;

  fixture_script (f, BIG, MC_TEST_EXPIRED, 0, 3);
  transfer = fixture_download_all (f, repo, "", BIG);
  fixture_check_seed (f, repo, BIG, BIG_SEED);
  g_assert_cmpuint (mc_test_hub_count (f->hub, RESOLVE), <=, 4);
  g_assert_cmpuint (mc_transfer_get_received (transfer), ==, BIG_SIZE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/ranges/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)
  ADD ("several", test_several);
  ADD ("slow-tail", test_slow_tail);
  ADD ("sleep", test_sleep);
  ADD ("offline", test_offline);
  ADD ("expired", test_expired);
  return g_test_run ();
}
