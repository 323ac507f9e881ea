/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The only judge of "try again". Pure. */

typedef struct
{
  gboolean retry;
  guint delay_ms; /* before the next try */
} McRetryVerdict;

/* What a try's delay starts from, in milliseconds. */
#define MC_RETRY_BASE_MS 1000

/* attempt: tries without progress so far, this one included (from 1). asked_ms: how long the host
 * asked to be left alone, 0 if it did not: no try comes earlier. base_ms: the first delay, which
 * doubles with each attempt. jitter: 0 to 1, chosen anew by the caller each time: it spreads the
 * delay, so that many clients do not come back at once. */
McRetryVerdict mc_retry_policy_decide (
    const GError *error, guint attempt, guint64 asked_ms, guint base_ms, double jitter);

G_END_DECLS
