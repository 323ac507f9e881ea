/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"

McBenchFigure *
mc_bench_figure_new (McBench *bench,
                     const char *name,
                     const char *unit,
                     const char *rival_name,
                     McBenchTarget target,
                     double limit)
{
  McBenchFigure *self = g_new0 (McBenchFigure, 1);

  self->subject = bench->subject;
  self->name = name;
  self->unit = unit;
  self->rival_name = rival_name;
  self->target = target;
  self->limit = limit;
  self->store = g_array_new (FALSE, FALSE, sizeof (double));
  self->rival = g_array_new (FALSE, FALSE, sizeof (double));
  g_ptr_array_add (bench->figures, self);
  return self;
}

void
mc_bench_figure_free (McBenchFigure *self)
{
  g_array_unref (self->store);
  g_array_unref (self->rival);
  g_free (self);
}

void
mc_bench_figure_add (McBenchFigure *self, double store, double rival)
{
  g_array_append_val (self->store, store);
  if (mc_bench_figure_has_rival (self))
    g_array_append_val (self->rival, rival);
}

gboolean
mc_bench_figure_has_rival (const McBenchFigure *self)
{
  return self->rival_name != NULL;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double left = *(const double *) a;
  double right = *(const double *) b;

  return left < right ? -1 : left > right;
}

static McBenchSpread
get_spread (GArray *values)
{
  g_autoptr (GArray) sorted = g_array_copy (values);
  guint n = sorted->len;
  McBenchSpread spread = { 0, 0, 0 };

  if (n == 0)
    return spread;
  g_array_sort (sorted, compare);
  spread.least = g_array_index (sorted, double, 0);
  spread.most = g_array_index (sorted, double, n - 1);
  spread.median =
      (g_array_index (sorted, double, (n - 1) / 2) + g_array_index (sorted, double, n / 2)) / 2;
  return spread;
}

McBenchSpread
mc_bench_figure_get_store (const McBenchFigure *self)
{
  return get_spread (self->store);
}

McBenchSpread
mc_bench_figure_get_rival (const McBenchFigure *self)
{
  return get_spread (self->rival);
}

McBenchSpread
mc_bench_figure_get_ratio (const McBenchFigure *self)
{
  g_autoptr (GArray) ratios = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < self->rival->len; i++)
    {
      double rival = g_array_index (self->rival, double, i);
      double ratio = rival > 0 ? g_array_index (self->store, double, i) / rival : 0;

      g_array_append_val (ratios, ratio);
    }
  return get_spread (ratios);
}

gboolean
mc_bench_figure_is_met (const McBenchFigure *self)
{
  switch (self->target)
    {
    case MC_BENCH_RATIO_AT_LEAST:
      return mc_bench_figure_get_ratio (self).median >= self->limit;
    case MC_BENCH_RATIO_AT_MOST:
      return mc_bench_figure_get_ratio (self).median <= self->limit;
    case MC_BENCH_VALUE_AT_MOST:
      return mc_bench_figure_get_store (self).median <= self->limit;
    case MC_BENCH_NO_TARGET:
    default:
      return TRUE;
    }
}
