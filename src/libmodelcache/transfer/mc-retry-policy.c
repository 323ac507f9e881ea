/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-retry-policy.h"

#include "mc-error.h"

/* How many tries without progress an error is worth. What is not listed is worth none: trying again
 * would do the same. Corrupt bytes may be a proxy's or a disk's fault, but the whole content is
 * fetched anew for them: that is left to a person. */
static const struct
{
  int code;
  guint attempts;
} worth[] = {
  { MC_ERROR_NETWORK, 4 },
  { MC_ERROR_RATE_LIMITED, 11 }, /* 303 s: the Hub counts in windows of 300 */
  { MC_ERROR_BAD_RESPONSE, 2 },
  { MC_ERROR_BUSY, 4 },
};

#define LONGEST_DELAY_MS (60 * 1000)

McRetryVerdict
mc_retry_policy_decide (const GError *error, guint attempt, guint base_ms, double jitter)
{
  McRetryVerdict verdict = { FALSE, 0 };
  guint64 delay;

  for (guint i = 0; i < G_N_ELEMENTS (worth); i++)
    if (g_error_matches (error, MC_ERROR, worth[i].code))
      verdict.retry = attempt < worth[i].attempts;
  if (!verdict.retry)
    return verdict;
  delay = (guint64) base_ms << MIN (attempt - 1, 16);
  delay = MIN (delay, LONGEST_DELAY_MS);
  verdict.delay_ms = (guint) ((double) delay * (1.0 + jitter / 4.0));
  return verdict;
}
