/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-meter.h"
#include "mc-bench-store.h"

/* The most memory this process had at any moment beyond what it had at the start, files that it
 * maps and what the bench itself holds included. */

#define LIMIT 64  /* MiB */
#define AT_ONCE 2 /* fetches of the service, however many transfers there are */
#define N_PARTS (AT_ONCE + MC_BENCH_PARALLEL)

static void
add (McBench *bench, McBenchFigure *figure, guint64 start)
{
  guint64 peak = mc_bench_meter_get_peak ();

  mc_bench_figure_add (figure, peak > start ? (double) (peak - start) / (1024 * 1024) : 0, 0);
  mc_bench_say (bench, "%s", figure->name);
}

static McBenchFigure *
begin (McBench *bench, const char *name, McBenchTarget target)
{
  return mc_bench_figure_new (bench, name, "MiB", NULL, target, LIMIT);
}

static void
measure (McBench *bench, const char *folder, McBenchSource *whole, McBenchSource *const *parts)
{
  McBenchFigure *one = begin (bench, "one ingest", MC_BENCH_VALUE_AT_MOST);
  McBenchFigure *usual = begin (bench, "2 at once, as the service", MC_BENCH_VALUE_AT_MOST);
  McBenchFigure *several = begin (bench, "4 ingests at once", MC_BENCH_NO_TARGET);
  McBenchFigure *reading = begin (bench, "reading in order", MC_BENCH_VALUE_AT_MOST);
  McBenchFigure *verifying = begin (bench, "verifying", MC_BENCH_VALUE_AT_MOST);
  McBenchStore *store = mc_bench_store_open (folder);
  McBenchSource *all[N_PARTS + 1] = { whole };
  guint64 start;

  for (guint i = 0; i < N_PARTS; i++)
    all[i + 1] = parts[i];
  mc_bench_store_hold (store, all, N_PARTS + 1);

  start = mc_bench_meter_start_memory ();
  mc_bench_store_ingest (store, &whole, 1);
  add (bench, one, start);
  start = mc_bench_meter_start_memory ();
  mc_bench_store_ingest (store, parts, AT_ONCE);
  add (bench, usual, start);
  start = mc_bench_meter_start_memory ();
  mc_bench_store_ingest (store, parts + AT_ONCE, MC_BENCH_PARALLEL);
  add (bench, several, start);
  start = mc_bench_meter_start_memory ();
  mc_bench_store_read (folder, whole);
  add (bench, reading, start);
  start = mc_bench_meter_start_memory ();
  mc_bench_store_verify (folder, whole);
  add (bench, verifying, start);
  mc_bench_store_close (store);
}

void
mc_bench_memory (McBench *bench)
{
  g_autofree char *path = mc_bench_make_path (bench, "source");
  g_autofree char *folder = mc_bench_make_path (bench, "store");
  g_autoptr (McBenchSource) whole = mc_bench_source_make (path, bench->size);
  McBenchSource *parts[N_PARTS];

  for (guint i = 0; i < N_PARTS; i++)
    parts[i] = mc_bench_source_split (whole, i, N_PARTS);
  measure (bench, folder, whole, parts);
  for (guint i = 0; i < N_PARTS; i++)
    mc_bench_source_free (parts[i]);
  mc_bench_folder_remove (folder);
  mc_bench_folder_remove (path);
}
