/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-clock.h"
#include "mc-error.h"
#include "transfer-fixture.h"

/* Waiting for a host that asked for it: as long as it said, all transfers together, with the reason
 * and the time for all to see. The clock is the test's. */

#define RESOLVE_Q4 "/org/model/resolve/main/" Q4
#define RESOLVE_INT8 "/org/model/resolve/main/" INT8

static void
check_waits (McTransfer *transfer, int seconds)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  fixture_wait (transfer, MC_TRANSFER_WAITING);
  g_assert_error (mc_transfer_get_error (transfer), MC_ERROR, MC_ERROR_RATE_LIMITED);
  g_assert_cmpint (mc_transfer_get_waits_until (transfer), >, now);
  /* The waiter spreads what it was asked for by a tenth at most. */
  g_assert_cmpint (mc_transfer_get_waits_until (transfer), <=, now + seconds + seconds / 10 + 1);
}

/* One refusal is enough for every transfer: the second one does not even ask. */
static void
test_shared (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) first = NULL;
  g_autoptr (McTransfer) second = NULL;

  mc_test_hub_script (f->hub, RESOLVE_Q4, MC_TEST_RATE_LIMITED, 90, 1);
  first = fixture_download (f, repo, "", Q4);
  check_waits (first, 91);
  second = fixture_download (f, repo, "", INT8);
  check_waits (second, 91);
  g_assert_cmpuint (mc_test_hub_count (f->hub, RESOLVE_Q4), ==, 1);
  g_assert_cmpuint (mc_test_hub_count (f->hub, RESOLVE_INT8), ==, 0);

  mc_clock_advance (60 * G_TIME_SPAN_SECOND);
  fixture_settle (f);
  g_assert_cmpuint (mc_test_hub_count (f->hub, RESOLVE_Q4), ==, 1);
  mc_clock_advance (60 * G_TIME_SPAN_SECOND);
  fixture_wait (first, MC_TRANSFER_DONE);
  fixture_wait (second, MC_TRANSFER_DONE);
  g_assert_cmpint (mc_transfer_get_waits_until (first), ==, 0);
  g_assert_cmpuint (mc_test_hub_count (f->hub, RESOLVE_Q4), ==, 2);
  g_assert_cmpuint (mc_test_hub_count (f->hub, RESOLVE_INT8), ==, 1);
}

/* A person who presses Retry is not let past it either. */
static void
test_hurry (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  mc_test_hub_script (f->hub, RESOLVE_Q4, MC_TEST_RATE_LIMITED, 90, 1);
  transfer = fixture_download (f, repo, "", Q4);
  check_waits (transfer, 91);
  for (guint i = 0; i < 20; i++)
    {
      g_assert_true (mc_downloader_retry (f->downloader, transfer, &error));
      g_assert_no_error (error);
      fixture_settle (f);
      check_waits (transfer, 91);
    }
  g_assert_cmpuint (mc_test_hub_count (f->hub, RESOLVE_Q4), ==, 1);
  mc_clock_advance (120 * G_TIME_SPAN_SECOND);
  fixture_wait (transfer, MC_TRANSFER_DONE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/wait/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)
  ADD ("shared", test_shared);
  ADD ("hurry", test_hurry);
  return g_test_run ();
}
