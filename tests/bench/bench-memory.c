/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-meter.h"
#include "mc-bench-store.h"

/* The most memory this process had at any moment beyond what it had at the start, files that it
 * maps and what the bench itself holds included. */

#define LIMIT 64 /* MiB */

static void
add (McBench *bench, McBenchFigure *figure, guint64 start)
{
  guint64 peak = mc_bench_meter_get_peak ();

  mc_bench_figure_add (figure, peak > start ? (double) (peak - start) / (1024 * 1024) : 0, 0);
  mc_bench_say (bench, "%s", figure->name);
}

static McBenchFigure *
begin (McBench *bench, const char *name)
{
  return mc_bench_figure_new (bench, name, "MiB", NULL, MC_BENCH_VALUE_AT_MOST, LIMIT);
}

static void
measure (McBench *bench, const char *folder, McBenchSource *whole, McBenchSource *const *parts)
{
  McBenchFigure *one = begin (bench, "one ingest");
  McBenchFigure *several = begin (bench, "4 ingests at once");
  McBenchFigure *reading = begin (bench, "reading in order");
  McBenchFigure *verifying = begin (bench, "verifying");
  McBenchStore *store = mc_bench_store_open (folder);
  McBenchSource *all[MC_BENCH_PARALLEL + 1] = { whole };
  guint64 start;

  for (guint i = 0; i < MC_BENCH_PARALLEL; i++)
    all[i + 1] = parts[i];
  mc_bench_store_hold (store, all, MC_BENCH_PARALLEL + 1);

  start = mc_bench_meter_start_memory ();
  mc_bench_store_ingest (store, &whole, 1);
  add (bench, one, start);
  start = mc_bench_meter_start_memory ();
  mc_bench_store_ingest (store, parts, MC_BENCH_PARALLEL);
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
  McBenchSource *parts[MC_BENCH_PARALLEL];

  for (guint i = 0; i < MC_BENCH_PARALLEL; i++)
    parts[i] = mc_bench_source_split (whole, i, MC_BENCH_PARALLEL);
  measure (bench, folder, whole, parts);
  for (guint i = 0; i < MC_BENCH_PARALLEL; i++)
    mc_bench_source_free (parts[i]);
  mc_bench_folder_remove (folder);
  mc_bench_folder_remove (path);
}
