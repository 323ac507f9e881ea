/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-meter.h"
#include "mc-bench-rival.h"
#include "mc-bench-store.h"

/* A content goes out: from the page cache, from the disk, in order and at random places. The rival
 * reads the source, which is a plain file of the same bytes on the same file system. */

#define N_SLICES 2000

typedef struct
{
  const char *folder;          /* borrowed: of the store */
  const McBenchSource *source; /* borrowed */
  guint round;
} Job;

typedef void (*Step) (const Job *job);

typedef struct
{
  const char *name;
  const char *rival_name;
  McBenchTarget target;
  double limit;
  Step store;
  Step rival;
  gboolean is_cold;
  gboolean is_random;
} Duel;

static void
read_store (const Job *job)
{
  mc_bench_store_read (job->folder, job->source);
}

static void
read_unchecked (const Job *job)
{
  mc_bench_store_read_unchecked (job->folder, job->source);
}

static void
read_plain (const Job *job)
{
  mc_bench_rival_read (job->source);
}

static void
verify (const Job *job)
{
  mc_bench_store_verify (job->folder, job->source);
}

static void
hash (const Job *job)
{
  const char *const arguments[] = { "openssl", "dgst", "-sha256", job->source->path, NULL };

  mc_bench_meter_program (arguments);
}

static void
cat (const Job *job)
{
  const char *const arguments[] = { "cat", job->source->path, NULL };

  mc_bench_meter_program (arguments);
}

static void
read_store_random (const Job *job)
{
  mc_bench_store_read_random (job->folder, job->source, N_SLICES, job->round + 1);
}

static void
read_plain_random (const Job *job)
{
  mc_bench_rival_read_random (job->source, N_SLICES, job->round + 1);
}

/* The cold ones first: hot is what was read from the disk before, since the kernel keeps what was
 * written in smaller pieces, and differently for each of the two. */
static const Duel duels[] = {
  { "in order, cold", "cat", MC_BENCH_RATIO_AT_LEAST, 1.0, read_store, cat, TRUE, FALSE },
  { "in order, cold", "read()", MC_BENCH_NO_TARGET, 0, read_store, read_plain, TRUE, FALSE },
  { "in order, hot, unchecked", "read()", MC_BENCH_RATIO_AT_LEAST, 0.8, read_unchecked, read_plain,
    FALSE, FALSE },
  { "in order, hot", "read()", MC_BENCH_NO_TARGET, 0, read_store, read_plain, FALSE, FALSE },
  { "in order, hot", "openssl dgst -sha256", MC_BENCH_RATIO_AT_LEAST, 0.85, read_store, hash, FALSE,
    FALSE },
  { "verified, hot", "openssl dgst -sha256", MC_BENCH_RATIO_AT_LEAST, 0.85, verify, hash, FALSE,
    FALSE },
  { "random 64 KiB, hot", "pread()", MC_BENCH_VALUE_AT_MOST, 60, read_store_random,
    read_plain_random, FALSE, TRUE },
};

static double
measure (const Duel *duel, Step step, const Job *job)
{
  double wall;
  gint64 start;

  if (duel->is_cold)
    {
      mc_bench_store_forget (job->folder, job->source);
      mc_bench_rival_forget (job->source->path);
    }
  start = g_get_monotonic_time ();
  step (job);
  wall = (double) (g_get_monotonic_time () - start) / 1e6;
  return duel->is_random ? wall * 1e6 / N_SLICES : (double) job->source->size / 1e9 / wall;
}

static void
fight (McBench *bench, const Duel *duel, Job *job)
{
  McBenchFigure *figure = mc_bench_figure_new (bench, duel->name, duel->is_random ? "µs" : "GB/s",
                                               duel->rival_name, duel->target, duel->limit);

  for (job->round = 0; job->round < bench->rounds; job->round++)
    {
      gboolean rival_first = job->round % 2 == 1;
      double rival = rival_first ? measure (duel, duel->rival, job) : 0;
      double store = measure (duel, duel->store, job);

      mc_bench_say (bench, "%s, round %u of %u", duel->name, job->round + 1, bench->rounds);
      if (!rival_first)
        rival = measure (duel, duel->rival, job);
      mc_bench_figure_add (figure, store, rival);
    }
}

void
mc_bench_read (McBench *bench)
{
  g_autofree char *path = mc_bench_make_path (bench, "source");
  g_autofree char *folder = mc_bench_make_path (bench, "store");
  g_autoptr (McBenchSource) source = mc_bench_source_make (path, bench->size);
  McBenchStore *store = mc_bench_store_open (folder);
  Job job = { folder, source, 0 };

  mc_bench_store_hold (store, &source, 1);
  mc_bench_store_ingest (store, &source, 1);
  mc_bench_meter_settle (bench->folder);
  for (guint i = 0; i < G_N_ELEMENTS (duels); i++)
    fight (bench, &duels[i], &job);
  mc_bench_store_close (store);
  mc_bench_folder_remove (folder);
  mc_bench_folder_remove (path);
}
