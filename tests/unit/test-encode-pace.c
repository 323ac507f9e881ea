/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-encode-pace.h"

#define MS 1000

/* Chunks come at that interval, for long enough that it is known. */
static gint64
let_come (McEncodePace *pace, gint64 now, gint64 interval, guint n)
{
  for (guint i = 0; i < n; i++)
    mc_encode_pace_note_arrival (pace, now += interval);
  return now;
}

/* Nothing is known of the first, so it is tried; never while another waits. */
static void
test_first (void)
{
  McEncodePace pace = { 0 };

  g_assert_true (mc_encode_pace_allows (&pace, 0));
  g_assert_false (mc_encode_pace_allows (&pace, 1));
  mc_encode_pace_note_arrival (&pace, 5 * MS);
  g_assert_true (mc_encode_pace_allows (&pace, 0));
  g_assert_false (mc_encode_pace_allows (&pace, 1));
}

static void
test_slow_link (void)
{
  McEncodePace pace = { 0 };

  let_come (&pace, 1, 50 * MS, 10);
  mc_encode_pace_note_cost (&pace, 10 * MS);
  g_assert_true (mc_encode_pace_allows (&pace, 0));
  g_assert_false (mc_encode_pace_allows (&pace, 3));
}

/* What takes more than half the time between two chunks is left. */
static void
test_fast_link (void)
{
  McEncodePace pace = { 0 };

  let_come (&pace, 1, 15 * MS, 10);
  mc_encode_pace_note_cost (&pace, 10 * MS);
  g_assert_false (mc_encode_pace_allows (&pace, 0));
}

/* A link that becomes faster or slower is noticed after a few chunks, a single late one is not
 * enough. */
static void
test_change (void)
{
  McEncodePace pace = { 0 };
  gint64 now = let_come (&pace, 1, 100 * MS, 10);

  mc_encode_pace_note_cost (&pace, 10 * MS);
  now = let_come (&pace, now, 4 * MS, 10);
  g_assert_false (mc_encode_pace_allows (&pace, 0));
  now = let_come (&pace, now, 40 * MS, 1);
  g_assert_false (mc_encode_pace_allows (&pace, 0));
  let_come (&pace, now, 40 * MS, 10);
  g_assert_true (mc_encode_pace_allows (&pace, 0));
}

/* A probe that finds nothing to gain costs little, so it is made again. */
static void
test_cheap (void)
{
  McEncodePace pace = { 0 };

  let_come (&pace, 1, 4 * MS, 10);
  mc_encode_pace_note_cost (&pace, 0);
  g_assert_true (mc_encode_pace_allows (&pace, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/encode-pace/first", test_first);
  g_test_add_func ("/encode-pace/slow-link", test_slow_link);
  g_test_add_func ("/encode-pace/fast-link", test_fast_link);
  g_test_add_func ("/encode-pace/change", test_change);
  g_test_add_func ("/encode-pace/cheap", test_cheap);
  return g_test_run ();
}
