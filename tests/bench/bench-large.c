/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-library.h"
#include "mc-bench-meter.h"
#include "mc-bench-store.h"

/* A store of very many chunks is opened and asked, beside one of as many contents of one chunk
 * each: how large the files are must not matter. And beside one of few contents, which has few
 * names to read and to list. None has its bytes (see mc-bench-library.h), which nobody looks at
 * here. */

#define CHUNKS_EACH 100
#define FILES_EACH 20 /* of a repo */
#define FEW 10        /* contents */
#define LIMIT 1.5
#define QUESTIONS 10000
#define ROUNDS_MORE 4 /* they are short */
#define MEBIBYTE (1024.0 * 1024.0)

typedef struct
{
  double open;   /* milliseconds */
  double ask;    /* microseconds a file */
  double list;   /* milliseconds */
  double row;    /* microseconds a variant */
  double memory; /* MiB that stay taken */
} Outcome;

static double
count_ms (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / 1e3;
}

static Outcome
measure (const char *folder)
{
  Outcome outcome;
  guint64 before = mc_bench_meter_start_memory ();
  gint64 start = g_get_monotonic_time ();
  McBenchStore *store = mc_bench_store_open (folder);
  guint n;

  outcome.open = count_ms (start);
  outcome.memory = ((double) mc_bench_meter_start_memory () - (double) before) / MEBIBYTE;
  start = g_get_monotonic_time ();
  if (mc_bench_store_has_files (store, QUESTIONS) != QUESTIONS)
    mc_bench_die ("A file of the generated store is not here");
  outcome.ask = count_ms (start) * 1e3 / QUESTIONS;
  start = g_get_monotonic_time ();
  n = mc_bench_store_list (store);
  outcome.list = count_ms (start);
  outcome.row = outcome.list * 1e3 / n;
  mc_bench_store_close (store);
  return outcome;
}

/* One of each in either order. */
static void
measure_both (const char *many, const char *other, gboolean other_first, Outcome outcomes[2])
{
  if (other_first)
    outcomes[1] = measure (other);
  outcomes[0] = measure (many);
  if (!other_first)
    outcomes[1] = measure (other);
}

static void
fight (McBench *bench, const char *many, const char *other, const char *rival, McBenchTarget target)
{
  McBenchFigure *open = mc_bench_figure_new (bench, "opening", "ms", rival, target, LIMIT);
  McBenchFigure *ask = mc_bench_figure_new (bench, "HasFile", "µs", rival, target, LIMIT);
  McBenchFigure *list = mc_bench_figure_new (bench, "list", "ms", rival, target, LIMIT);
  McBenchFigure *row =
      mc_bench_figure_new (bench, "list, a variant", "µs", rival, MC_BENCH_NO_TARGET, 0);
  McBenchFigure *memory =
      mc_bench_figure_new (bench, "memory when open", "MiB", rival, MC_BENCH_NO_TARGET, 0);
  guint n_rounds = bench->rounds * ROUNDS_MORE;

  for (guint round = 0; round < n_rounds; round++)
    {
      Outcome outcomes[2];

      measure_both (many, other, round % 2 == 1, outcomes);
      if (round % ROUNDS_MORE == 0)
        mc_bench_say (bench, "%s, round %u of %u", rival, round + 1, n_rounds);
      mc_bench_figure_add (open, outcomes[0].open, outcomes[1].open);
      mc_bench_figure_add (ask, outcomes[0].ask, outcomes[1].ask);
      mc_bench_figure_add (list, outcomes[0].list, outcomes[1].list);
      mc_bench_figure_add (row, outcomes[0].row, outcomes[1].row);
      mc_bench_figure_add (memory, outcomes[0].memory, outcomes[1].memory);
    }
}

void
mc_bench_large (McBench *bench)
{
  g_autofree char *many = mc_bench_make_path (bench, "many");
  g_autofree char *few = mc_bench_make_path (bench, "few");
  g_autofree char *single = mc_bench_make_path (bench, "single");
  guint n_contents = (guint) (bench->rows / CHUNKS_EACH);

  mc_bench_say (bench, "making %" G_GUINT64_FORMAT " rows", bench->rows);
  mc_bench_library_make (many, n_contents, FILES_EACH, CHUNKS_EACH);
  mc_bench_library_make (few, FEW, FILES_EACH, CHUNKS_EACH);
  mc_bench_library_make (single, n_contents, FILES_EACH, 1);
  /* The first one finds out what the generator did not write. */
  measure (many);
  measure (few);
  measure (single);
  mc_bench_meter_settle (bench->folder);
  fight (bench, many, single, "as many contents of 1 chunk", MC_BENCH_RATIO_AT_MOST);
  fight (bench, many, few, "10 contents of 100 chunks", MC_BENCH_NO_TARGET);
  mc_bench_folder_remove (many);
  mc_bench_folder_remove (few);
  mc_bench_folder_remove (single);
}
