/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-retry-policy.h"

#include <gio/gio.h>

typedef struct
{
  const char *what;
  McError code;
  guint attempts; /* tries it is worth */
} Row;

static const Row rows[] = {
  { "network", MC_ERROR_NETWORK, 4 },       { "rate limit", MC_ERROR_RATE_LIMITED, 11 },
  { "nonsense", MC_ERROR_BAD_RESPONSE, 2 }, { "busy", MC_ERROR_BUSY, 4 },
  { "missing", MC_ERROR_NOT_FOUND, 1 },     { "gated", MC_ERROR_GATED, 1 },
  { "corrupt", MC_ERROR_CORRUPT, 1 },       { "full", MC_ERROR_NO_SPACE, 1 },
  { "store", MC_ERROR_STORE, 1 },
};

static void
test_worth (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (MC_ERROR, (int) rows[i].code, "x");
      guint attempt = 1;

      while (mc_retry_policy_decide (error, attempt, 1000, 0.0).retry)
        attempt++;
      g_test_message ("%s", rows[i].what);
      g_assert_cmpuint (attempt, ==, rows[i].attempts);
    }
}

static void
test_other_domains (void)
{
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");

  g_assert_false (mc_retry_policy_decide (cancelled, 1, 1000, 0.0).retry);
}

static void
test_delays (void)
{
  g_autoptr (GError) error = g_error_new_literal (MC_ERROR, MC_ERROR_RATE_LIMITED, "x");

  g_assert_cmpuint (mc_retry_policy_decide (error, 1, 1000, 0.0).delay_ms, ==, 1000);
  g_assert_cmpuint (mc_retry_policy_decide (error, 2, 1000, 0.0).delay_ms, ==, 2000);
  g_assert_cmpuint (mc_retry_policy_decide (error, 3, 1000, 0.0).delay_ms, ==, 4000);
  g_assert_cmpuint (mc_retry_policy_decide (error, 3, 1000, 1.0).delay_ms, ==, 5000);
  /* However long it is, a person is not left for more than about a minute. */
  g_assert_cmpuint (mc_retry_policy_decide (error, 5, 100000, 1.0).delay_ms, ==, 75000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/retry-policy/worth", test_worth);
  g_test_add_func ("/retry-policy/other-domains", test_other_domains);
  g_test_add_func ("/retry-policy/delays", test_delays);
  return g_test_run ();
}
