/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-meter.h"
#include "mc-bench-rival.h"
#include "mc-bench-store.h"

/* One content comes in: against a plain file that is as safe at every moment, against dd, which is
 * safe at the end, and against the cheapest way to hash and copy the same bytes. */

typedef struct
{
  McBench *bench;        /* borrowed */
  McBenchSource *source; /* borrowed */
} Job;

static McBenchUse
ingest (const Job *job)
{
  g_autofree char *folder = mc_bench_make_path (job->bench, "store");
  McBenchStore *store = mc_bench_store_open (folder);
  McBenchUse use;

  mc_bench_store_hold (store, &job->source, 1);
  use = mc_bench_meter_now ();
  mc_bench_store_ingest (store, &job->source, 1);
  use = mc_bench_meter_since (&use);
  mc_bench_store_close (store);
  mc_bench_folder_remove (folder);
  return use;
}

static McBenchUse
write_plain (const Job *job)
{
  g_autofree char *path = mc_bench_make_path (job->bench, "plain");
  McBenchUse use = mc_bench_meter_now ();

  mc_bench_rival_write (job->source, path);
  use = mc_bench_meter_since (&use);
  mc_bench_folder_remove (path);
  return use;
}

static McBenchUse
run_dd (const Job *job)
{
  g_autofree char *path = mc_bench_make_path (job->bench, "dd");
  g_autofree char *from = g_strconcat ("if=", job->source->path, NULL);
  g_autofree char *to = g_strconcat ("of=", path, NULL);
  const char *const arguments[] = { "dd", from, to, "bs=5M", "conv=fdatasync", NULL };
  McBenchUse use = mc_bench_meter_program (arguments);

  mc_bench_folder_remove (path);
  return use;
}

static McBenchUse
hash_and_copy (const Job *job)
{
  g_autofree char *path = mc_bench_make_path (job->bench, "copy");
  const char *const hash[] = { "openssl", "dgst", "-sha256", job->source->path, NULL };
  const char *const copy[] = { "cp", job->source->path, path, NULL };
  McBenchUse use = mc_bench_meter_program (hash);
  McBenchUse copying = mc_bench_meter_program (copy);

  use.wall += copying.wall;
  use.cpu += copying.cpu;
  mc_bench_folder_remove (path);
  return use;
}

void
mc_bench_ingest (McBench *bench)
{
  static McBenchUse (*const runs[]) (const Job *) = { ingest, write_plain, run_dd, hash_and_copy };
  McBenchFigure *plain = mc_bench_figure_new (bench, "throughput", "GB/s", "plain file, as safe",
                                              MC_BENCH_RATIO_AT_LEAST, 1.0);
  McBenchFigure *dd =
      mc_bench_figure_new (bench, "throughput", "GB/s", "dd conv=fdatasync", MC_BENCH_NO_TARGET, 0);
  McBenchFigure *cpu = mc_bench_figure_new (bench, "CPU", "s/GB", "openssl dgst -sha256 + cp",
                                            MC_BENCH_RATIO_AT_MOST, 1.4);
  McBenchFigure *written =
      mc_bench_figure_new (bench, "written to the disk", "bytes/byte", "plain file, as safe",
                           MC_BENCH_VALUE_AT_MOST, 1.05);
  g_autofree char *path = mc_bench_make_path (bench, "source");
  g_autoptr (McBenchSource) source = mc_bench_source_make (path, bench->size);
  const Job job = { bench, source };
  double size = (double) bench->size;

  for (guint round = 0; round < bench->rounds; round++)
    {
      McBenchUse uses[G_N_ELEMENTS (runs)];

      mc_bench_say (bench, "round %u of %u", round + 1, bench->rounds);
      for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
        {
          guint which = (round + i) % G_N_ELEMENTS (runs);

          mc_bench_meter_settle (bench->folder);
          uses[which] = runs[which](&job);
        }
      mc_bench_figure_add (plain, size / 1e9 / uses[0].wall, size / 1e9 / uses[1].wall);
      mc_bench_figure_add (dd, size / 1e9 / uses[0].wall, size / 1e9 / uses[2].wall);
      mc_bench_figure_add (cpu, uses[0].cpu / size * 1e9, uses[3].cpu / size * 1e9);
      mc_bench_figure_add (written, (double) uses[0].written / size,
                           (double) uses[1].written / size);
    }
  mc_bench_folder_remove (path);
}
