/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-rate-history.h"

#include "mc-phrases.h"

#include <glib/gi18n.h>

#define LEAST_SCALE 1000

gboolean
mc_rate_history_add (McRateHistory *self, guint64 rate)
{
  gboolean was_still = mc_rate_history_is_still (self);

  self->rates[self->next] = rate;
  self->next = (self->next + 1) % MC_RATE_HISTORY_LENGTH;
  self->n = MIN (self->n + 1, MC_RATE_HISTORY_LENGTH);
  return rate > 0 || !was_still;
}

guint64
mc_rate_history_get (const McRateHistory *self, guint i)
{
  g_return_val_if_fail (i < self->n, 0);
  return self->rates[(self->next + MC_RATE_HISTORY_LENGTH - self->n + i) % MC_RATE_HISTORY_LENGTH];
}

guint64
mc_rate_history_get_most (const McRateHistory *self)
{
  guint64 most = 0;

  for (guint i = 0; i < self->n; i++)
    most = MAX (most, self->rates[i]);
  return most;
}

/* Rates are no more than 2^64 / 60, or the service lies. */
guint64
mc_rate_history_get_mean (const McRateHistory *self)
{
  guint64 sum = 0;

  for (guint i = 0; i < self->n; i++)
    sum += self->rates[i] / MC_RATE_HISTORY_LENGTH;
  return self->n == 0 ? 0 : sum / self->n * MC_RATE_HISTORY_LENGTH;
}

gboolean
mc_rate_history_is_still (const McRateHistory *self)
{
  return mc_rate_history_get_most (self) == 0;
}

guint64
mc_rate_history_get_scale (const McRateHistory *self)
{
  static const guint steps[] = { 1, 2, 5 };
  guint64 most = mc_rate_history_get_most (self);

  for (guint64 unit = LEAST_SCALE; unit < G_MAXUINT64 / 10; unit *= 10)
    for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
      if (most <= steps[i] * unit)
        return steps[i] * unit;
  return G_MAXUINT64;
}

void
mc_rate_history_place (
    const McRateHistory *self, guint i, double width, double height, double *x, double *y)
{
  double share = (double) mc_rate_history_get (self, i) / (double) mc_rate_history_get_scale (self);

  *x = width * (1 - (double) (self->n - 1 - i) / (MC_RATE_HISTORY_LENGTH - 1));
  *y = height * (1 - share);
}

char *
mc_rate_history_describe (const McRateHistory *self)
{
  guint64 last = self->n == 0 ? 0 : mc_rate_history_get (self, self->n - 1);
  g_autofree char *now = mc_phrase_rate (last);
  g_autofree char *most = mc_phrase_rate (mc_rate_history_get_most (self));
  g_autofree char *mean = mc_phrase_rate (mc_rate_history_get_mean (self));

  if (mc_rate_history_is_still (self))
    return g_strdup (_ ("Nothing came in the last minute"));
  /* Translators: three speeds, "5 MB/s" */
  return g_strdup_printf (_ ("Now %s, at most %s, %s on average in the last minute"), now, most,
                          mean);
}
