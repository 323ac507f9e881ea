/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-rate-history.h"

#include <string.h>

/* The arithmetic behind the graph of the last minute. */

#define MB G_GUINT64_CONSTANT (1000000)

static void
test_ring (void)
{
  McRateHistory history = { 0 };

  g_assert_false (mc_rate_history_add (&history, 0));
  g_assert_true (mc_rate_history_add (&history, 5));
  g_assert_cmpuint (mc_rate_history_get (&history, 1), ==, 5);
  for (guint i = 0; i < MC_RATE_HISTORY_LENGTH; i++)
    mc_rate_history_add (&history, i);
  g_assert_cmpuint (history.n, ==, MC_RATE_HISTORY_LENGTH);
  g_assert_cmpuint (mc_rate_history_get (&history, 0), ==, 0);
  g_assert_cmpuint (mc_rate_history_get (&history, MC_RATE_HISTORY_LENGTH - 1), ==,
                    MC_RATE_HISTORY_LENGTH - 1);
  g_assert_cmpuint (mc_rate_history_get_most (&history), ==, MC_RATE_HISTORY_LENGTH - 1);
}

/* What came a minute ago leaves, and after that nothing changes any more. */
static void
test_becomes_still (void)
{
  McRateHistory history = { 0 };
  guint changes = 0;

  mc_rate_history_add (&history, MB);
  while (mc_rate_history_add (&history, 0))
    changes++;
  g_assert_cmpuint (changes, ==, MC_RATE_HISTORY_LENGTH);
  g_assert_true (mc_rate_history_is_still (&history));
}

static void
test_scale (void)
{
  static const struct
  {
    guint64 most;
    guint64 scale;
  } cases[] = {
    { 0, 1000 },
    { 1000, 1000 },
    { 1001, 2000 },
    { 2 * MB, 2 * MB },
    { 2 * MB + 1, 5 * MB },
    { 7 * MB, 10 * MB },
    { G_MAXUINT64, G_MAXUINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      McRateHistory history = { 0 };

      mc_rate_history_add (&history, cases[i].most);
      g_assert_cmpuint (mc_rate_history_get_scale (&history), ==, cases[i].scale);
    }
}

static void
test_place (void)
{
  McRateHistory history = { 0 };
  double x, y;

  mc_rate_history_add (&history, MB);
  mc_rate_history_place (&history, 0, 590, 40, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 590, 1e-6);
  g_assert_cmpfloat_with_epsilon (y, 0, 1e-6);
  mc_rate_history_add (&history, MB / 4);
  mc_rate_history_place (&history, 0, 590, 40, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 580, 1e-6);
  mc_rate_history_place (&history, 1, 590, 40, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 590, 1e-6);
  g_assert_cmpfloat_with_epsilon (y, 30, 1e-6);
}

static void
test_describe (void)
{
  McRateHistory history = { 0 };
  g_autofree char *none = mc_rate_history_describe (&history);
  g_autofree char *some = NULL;

  g_assert_cmpstr (none, ==, "Nothing came in the last minute");
  mc_rate_history_add (&history, 30 * MB);
  mc_rate_history_add (&history, 10 * MB);
  some = mc_rate_history_describe (&history);
  g_assert_nonnull (strstr (some, "Now 10.0"));
  g_assert_nonnull (strstr (some, "at most 30.0"));
  g_assert_nonnull (strstr (some, "20.0"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-history/ring", test_ring);
  g_test_add_func ("/rate-history/becomes-still", test_becomes_still);
  g_test_add_func ("/rate-history/scale", test_scale);
  g_test_add_func ("/rate-history/place", test_place);
  g_test_add_func ("/rate-history/describe", test_describe);
  return g_test_run ();
}
