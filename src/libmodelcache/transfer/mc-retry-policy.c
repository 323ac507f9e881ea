/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-retry-policy.h"

#include "mc-error.h"

/* How many tries without progress an error is worth, and up to how many times the first delay may
 * grow: for the first three of five tries, and then. What is not listed is worth none: trying again
 * would do the same. Corrupt bytes may be a proxy's or a disk's fault, but the whole content is
 * fetched anew for them: that is left to a person.
 *
 * A network that is back is noticed within five seconds, all spread included, during the first
 * minute, and within half a minute for some six minutes more. */
static const struct
{
  int code;
  guint attempts;
  guint soon;
  guint later;
} worth[] = {
  { MC_ERROR_NETWORK, 30, 4, 30 },
  { MC_ERROR_RATE_LIMITED, 11, 60, 60 }, /* 303 s: the Hub counts in windows of 300 */
  { MC_ERROR_BAD_RESPONSE, 2, 1, 1 },
  { MC_ERROR_BUSY, 4, 60, 60 },
};

/* How much later than it was asked for a try may come, for the sake of others. */
#define MOST_SPREAD_MS 2000

static guint64
grow (guint attempt, guint base_ms, guint most)
{
  return (guint64) base_ms * MIN (1u << MIN (attempt - 1, 16), most);
}

McRetryVerdict
mc_retry_policy_decide (
    const GError *error, guint attempt, guint64 asked_ms, guint base_ms, double jitter)
{
  McRetryVerdict verdict = { FALSE, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (worth); i++)
    {
      guint64 delay;
      guint most;

      if (!g_error_matches (error, MC_ERROR, worth[i].code) || attempt >= worth[i].attempts)
        continue;
      most = attempt <= worth[i].attempts * 3 / 5 ? worth[i].soon : worth[i].later;
      delay = grow (attempt, base_ms, most);
      delay += (guint64) ((double) delay * jitter / 4.0);
      asked_ms += (guint64) ((double) MIN (asked_ms / 10, MOST_SPREAD_MS) * jitter);
      verdict.retry = TRUE;
      verdict.delay_ms = (guint) MIN (MAX (delay, asked_ms), G_MAXINT32);
    }
  return verdict;
}
