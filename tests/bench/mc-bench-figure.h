/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-bench.h"

G_BEGIN_DECLS

/* A figure of the store beside a rival's, round by round. */

typedef enum
{
  MC_BENCH_NO_TARGET,
  MC_BENCH_RATIO_AT_LEAST, /* of the store's figure to the rival's */
  MC_BENCH_RATIO_AT_MOST,
  MC_BENCH_VALUE_AT_MOST, /* of the store's figure */
} McBenchTarget;

typedef struct
{
  double median;
  double least;
  double most;
} McBenchSpread;

typedef struct
{
  const char *subject;
  const char *name;
  const char *unit;
  const char *rival_name; /* (nullable) */
  McBenchTarget target;
  double limit;
  GArray *store; /* (owned): double, one a round */
  GArray *rival; /* (owned): double, as many, or none */
} McBenchFigure;

/* Begins a figure of the subject that runs; the bench owns it. All strings are static. */
McBenchFigure *mc_bench_figure_new (McBench *bench,
                                    const char *name,
                                    const char *unit,
                                    const char *rival_name,
                                    McBenchTarget target,
                                    double limit);
void mc_bench_figure_free (McBenchFigure *self);

/* What a round gave; the rival's is not looked at where there is none. */
void mc_bench_figure_add (McBenchFigure *self, double store, double rival);

gboolean mc_bench_figure_has_rival (const McBenchFigure *self);
McBenchSpread mc_bench_figure_get_store (const McBenchFigure *self);
McBenchSpread mc_bench_figure_get_rival (const McBenchFigure *self);

/* Of the store's figure to the rival's in the same round. */
McBenchSpread mc_bench_figure_get_ratio (const McBenchFigure *self);

/* Whether the median keeps to the target; TRUE if there is none. */
gboolean mc_bench_figure_is_met (const McBenchFigure *self);

G_END_DECLS
