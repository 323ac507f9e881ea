/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* How fast it was in the last minute, a sample a second. Pure. */
#define MC_RATE_HISTORY_LENGTH 60

typedef struct
{
  guint64 rates[MC_RATE_HISTORY_LENGTH]; /* bytes a second, in a ring */
  guint next;                            /* where the next one goes: the oldest is there */
  guint n;                               /* so many were seen, at most all */
} McRateHistory;

/* FALSE: it looks as before, for nothing is coming and nothing came. */
gboolean mc_rate_history_add (McRateHistory *self, guint64 rate);

/* i: 0 is the oldest of n. */
guint64 mc_rate_history_get (const McRateHistory *self, guint i);
guint64 mc_rate_history_get_most (const McRateHistory *self);
guint64 mc_rate_history_get_mean (const McRateHistory *self);
gboolean mc_rate_history_is_still (const McRateHistory *self); /* nothing came */

/* What the top of a graph stands for: the next of 1, 2, 5, 10, 20 ... above the most, so that it
 * does not jump with every sample. At least 1000. */
guint64 mc_rate_history_get_scale (const McRateHistory *self);

/* Where a sample lies in a graph of that size: the newest is at the right edge, 0 at the bottom. */
void mc_rate_history_place (
    const McRateHistory *self, guint i, double width, double height, double *x, double *y);

/* “Now 18 MB/s, at most 22 MB/s, 15 MB/s on average in the last minute”. g_free() it. */
char *mc_rate_history_describe (const McRateHistory *self);

G_END_DECLS
