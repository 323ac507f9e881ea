/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-retry-policy.h"

#include <gio/gio.h>

/* What an error is worth, and how long the tries wait, the base being a second and without jitter:
 * the first four, the last but one of the first half, the last. */
typedef struct
{
  const char *what;
  McError code;
  guint attempts;
  guint delays[4];
  guint last;
} Row;

static const Row rows[] = {
  { "network", MC_ERROR_NETWORK, 30, { 1000, 2000, 4000, 4000 }, 30000 },
  { "rate limit", MC_ERROR_RATE_LIMITED, 11, { 1000, 2000, 4000, 8000 }, 60000 },
  { "nonsense", MC_ERROR_BAD_RESPONSE, 2, { 1000 }, 1000 },
  { "busy", MC_ERROR_BUSY, 4, { 1000, 2000, 4000 }, 4000 },
  { "missing", MC_ERROR_NOT_FOUND, 1, { 0 }, 0 },
  { "gated", MC_ERROR_GATED, 1, { 0 }, 0 },
  { "corrupt", MC_ERROR_CORRUPT, 1, { 0 }, 0 },
  { "full", MC_ERROR_NO_SPACE, 1, { 0 }, 0 },
  { "store", MC_ERROR_STORE, 1, { 0 }, 0 },
  { "changed", MC_ERROR_CHANGED, 1, { 0 }, 0 },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (MC_ERROR, (int) rows[i].code, "x");
      guint attempt = 1;
      guint last = 0;

      g_test_message ("%s", rows[i].what);
      for (;; attempt++)
        {
          McRetryVerdict verdict = mc_retry_policy_decide (error, attempt, 0, 1000, 0.0);

          if (!verdict.retry)
            break;
          last = verdict.delay_ms;
          if (attempt <= 4)
            g_assert_cmpuint (last, ==, rows[i].delays[attempt - 1]);
        }
      g_assert_cmpuint (attempt, ==, rows[i].attempts);
      g_assert_cmpuint (last, ==, rows[i].last);
    }
}

static void
test_other_domains (void)
{
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");

  g_assert_false (mc_retry_policy_decide (cancelled, 1, 0, 1000, 0.0).retry);
}

static void
test_jitter (void)
{
  g_autoptr (GError) error = g_error_new_literal (MC_ERROR, MC_ERROR_RATE_LIMITED, "x");

  g_assert_cmpuint (mc_retry_policy_decide (error, 3, 0, 1000, 0.5).delay_ms, ==, 4500);
  g_assert_cmpuint (mc_retry_policy_decide (error, 3, 0, 1000, 1.0).delay_ms, ==, 5000);
}

/* Never earlier than a host asks for, a little later, and not by more than two seconds. */
static void
test_asked (void)
{
  g_autoptr (GError) error = g_error_new_literal (MC_ERROR, MC_ERROR_RATE_LIMITED, "x");

  g_assert_cmpuint (mc_retry_policy_decide (error, 1, 7000, 1000, 0.0).delay_ms, ==, 7000);
  g_assert_cmpuint (mc_retry_policy_decide (error, 1, 7000, 1000, 1.0).delay_ms, ==, 7700);
  g_assert_cmpuint (mc_retry_policy_decide (error, 1, 300000, 1000, 1.0).delay_ms, ==, 302000);
  g_assert_cmpuint (mc_retry_policy_decide (error, 4, 10, 1000, 0.0).delay_ms, ==, 8000);
  g_assert_false (mc_retry_policy_decide (error, 11, 10, 1000, 0.0).retry);
}

/* While a minute passes without a network, no pause is longer than five seconds. */
static void
test_minute (void)
{
  g_autoptr (GError) error = g_error_new_literal (MC_ERROR, MC_ERROR_NETWORK, "x");
  guint passed = 0;

  for (guint attempt = 1; passed < 60 * 1000; attempt++)
    {
      McRetryVerdict verdict = mc_retry_policy_decide (error, attempt, 0, MC_RETRY_BASE_MS, 0.0);

      g_assert_true (verdict.retry);
      g_assert_cmpuint (verdict.delay_ms, <=, 5000);
      passed += verdict.delay_ms;
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/retry-policy/table", test_table);
  g_test_add_func ("/retry-policy/other-domains", test_other_domains);
  g_test_add_func ("/retry-policy/jitter", test_jitter);
  g_test_add_func ("/retry-policy/asked", test_asked);
  g_test_add_func ("/retry-policy/minute", test_minute);
  return g_test_run ();
}
