/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-meter.h"
#include "mc-bench-rival.h"
#include "mc-bench-store.h"

#include <glib/gstdio.h>
#include <sys/statvfs.h>

/* Twice the size goes: one content of all of it and several of a part each, on the disk before. The
 * rival removes plain files of the same sizes. What came back is what the file system says is free,
 * which others on it may disturb. */

#define N_CONTENTS (MC_BENCH_PARALLEL + 1)

typedef struct
{
  McBench *bench;                     /* borrowed */
  McBenchSource *sources[N_CONTENTS]; /* borrowed */
  guint64 size;                       /* bytes in all */
} Job;

typedef struct
{
  double wall;    /* seconds for 4 GB, until it was done and the space was back */
  double back;    /* of the bytes */
  double written; /* of the bytes */
} Outcome;

static double
count_free (McBench *bench)
{
  struct statvfs info;

  mc_bench_check_errno (bench->folder, statvfs (bench->folder, &info) == 0);
  return (double) info.f_bfree * (double) info.f_frsize;
}

typedef struct
{
  McBenchUse use;
  double free;
} Start;

static Start
begin (const Job *job)
{
  Start start;

  mc_bench_meter_settle (job->bench->folder);
  start.free = count_free (job->bench);
  start.use = mc_bench_meter_now ();
  return start;
}

static Outcome
end (const Job *job, const Start *start)
{
  McBenchUse use = mc_bench_meter_since (&start->use);
  Outcome outcome = { use.wall * 4e9 / (double) job->size, 0,
                      (double) use.written / (double) job->size };

  outcome.back = (count_free (job->bench) - start->free) / (double) job->size;
  return outcome;
}

static Outcome
drop (const Job *job)
{
  g_autofree char *folder = mc_bench_make_path (job->bench, "store");
  McBenchStore *store = mc_bench_store_open (folder);
  Start start;
  Outcome outcome;

  mc_bench_store_hold (store, job->sources, N_CONTENTS);
  mc_bench_store_ingest (store, job->sources, N_CONTENTS);
  start = begin (job);
  mc_bench_store_drop (store);
  outcome = end (job, &start);
  mc_bench_store_close (store);
  mc_bench_folder_remove (folder);
  return outcome;
}

static Outcome
unlink_plain (const Job *job)
{
  char *paths[N_CONTENTS];
  Start start;

  for (guint i = 0; i < N_CONTENTS; i++)
    {
      g_autofree char *name = g_strdup_printf ("plain-%u", i);

      paths[i] = mc_bench_make_path (job->bench, name);
      mc_bench_rival_write (job->sources[i], paths[i]);
    }
  start = begin (job);
  for (guint i = 0; i < N_CONTENTS; i++)
    {
      mc_bench_check_errno (paths[i], g_unlink (paths[i]) == 0);
      g_free (paths[i]);
    }
  return end (job, &start);
}

void
mc_bench_delete (McBench *bench)
{
  McBenchFigure *wall =
      mc_bench_figure_new (bench, "time for 4 GB", "s", "unlink()", MC_BENCH_VALUE_AT_MOST, 1.0);
  McBenchFigure *back =
      mc_bench_figure_new (bench, "space back", "bytes/byte", "unlink()", MC_BENCH_NO_TARGET, 0);
  McBenchFigure *written = mc_bench_figure_new (bench, "rewritten", "bytes/byte", "unlink()",
                                                MC_BENCH_VALUE_AT_MOST, 0.05);
  g_autofree char *path = mc_bench_make_path (bench, "source");
  Job job = { .bench = bench };

  job.sources[0] = mc_bench_source_make (path, bench->size);
  for (guint i = 1; i < N_CONTENTS; i++)
    job.sources[i] = mc_bench_source_split (job.sources[0], i - 1, MC_BENCH_PARALLEL);
  for (guint i = 0; i < N_CONTENTS; i++)
    job.size += job.sources[i]->size;
  for (guint round = 0; round < bench->rounds; round++)
    {
      gboolean rival_first = round % 2 == 1;
      Outcome rival = { 0, 0, 0 };
      Outcome store;

      mc_bench_say (bench, "round %u of %u", round + 1, bench->rounds);
      if (rival_first)
        rival = unlink_plain (&job);
      store = drop (&job);
      if (!rival_first)
        rival = unlink_plain (&job);
      mc_bench_figure_add (wall, store.wall, rival.wall);
      mc_bench_figure_add (back, store.back, rival.back);
      mc_bench_figure_add (written, store.written, rival.written);
    }
  for (guint i = 0; i < N_CONTENTS; i++)
    mc_bench_source_free (job.sources[i]);
  mc_bench_folder_remove (path);
}
