/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-meter.h"
#include "mc-bench-rival.h"
#include "mc-bench-store.h"

/* Several contents come in at once, first alone, then while another one is read again and again.
 * The rival writes as many plain files, each on a thread of its own. */

typedef struct
{
  McBench *bench;                          /* borrowed */
  McBenchSource *whole;                    /* borrowed: what is read */
  McBenchSource *parts[MC_BENCH_PARALLEL]; /* (owned): what comes in */
  char *folder;                            /* (owned): of the store */
  gboolean with_reader;
  gboolean in_store;
  int over; /* atomic: the reader ends */
} Job;

typedef struct
{
  double ingest; /* bytes a second, in all */
  double read;   /* bytes a second, of the one reader */
} Rates;

/* --- the reader's thread: until it is told to end --- */

static gpointer
read_on (gpointer data)
{
  Job *job = data;
  guint n = 0;

  do
    {
      if (job->in_store)
        mc_bench_store_read (job->folder, job->whole);
      else
        mc_bench_rival_read (job->whole);
      n++;
    }
  while (!g_atomic_int_get (&job->over));
  return GUINT_TO_POINTER (n);
}

/* --- writing --- */

static void
ingest (Job *job)
{
  McBenchStore *store = mc_bench_store_open (job->folder);

  mc_bench_store_ingest (store, job->parts, MC_BENCH_PARALLEL);
  mc_bench_store_close (store);
}

static char *
make_plain_path (Job *job, guint index)
{
  g_autofree char *name = g_strdup_printf ("plain-%u", index);

  return mc_bench_make_path (job->bench, name);
}

typedef struct
{
  const McBenchSource *source; /* borrowed */
  char *path;                  /* (owned) */
} Plain;

static gpointer
write_one (gpointer data)
{
  Plain *plain = data;

  mc_bench_rival_write (plain->source, plain->path);
  return NULL;
}

static void
write_plain (Job *job)
{
  GThread *threads[MC_BENCH_PARALLEL];
  Plain plains[MC_BENCH_PARALLEL];

  for (guint i = 0; i < MC_BENCH_PARALLEL; i++)
    {
      plains[i].source = job->parts[i];
      plains[i].path = make_plain_path (job, i);
      threads[i] = g_thread_new ("plain", write_one, &plains[i]);
    }
  for (guint i = 0; i < MC_BENCH_PARALLEL; i++)
    {
      g_thread_join (threads[i]);
      g_free (plains[i].path);
    }
}

/* --- a round --- */

static void
prepare_store (Job *job)
{
  McBenchSource *all[MC_BENCH_PARALLEL + 1];
  McBenchStore *store = mc_bench_store_open (job->folder);

  for (guint i = 0; i < MC_BENCH_PARALLEL; i++)
    all[i] = job->parts[i];
  all[MC_BENCH_PARALLEL] = job->whole;
  mc_bench_store_hold (store, all, MC_BENCH_PARALLEL + 1);
  if (job->with_reader)
    mc_bench_store_ingest (store, &job->whole, 1);
  mc_bench_store_close (store);
}

static void
clean_up (Job *job)
{
  if (job->in_store)
    mc_bench_folder_remove (job->folder);
  for (guint i = 0; !job->in_store && i < MC_BENCH_PARALLEL; i++)
    {
      g_autofree char *path = make_plain_path (job, i);

      mc_bench_folder_remove (path);
    }
}

static Rates
measure (Job *job, gboolean in_store)
{
  GThread *reader = NULL;
  Rates rates = { 0, 0 };
  McBenchUse use;
  double bytes = (double) job->parts[0]->size * MC_BENCH_PARALLEL;

  job->in_store = in_store;
  job->over = FALSE;
  if (in_store)
    prepare_store (job);
  mc_bench_meter_settle (job->bench->folder);
  use = mc_bench_meter_now ();
  if (job->with_reader)
    reader = g_thread_new ("reader", read_on, job);
  if (in_store)
    ingest (job);
  else
    write_plain (job);
  rates.ingest = bytes / mc_bench_meter_since (&use).wall;
  g_atomic_int_set (&job->over, TRUE);
  if (reader != NULL)
    {
      guint n = GPOINTER_TO_UINT (g_thread_join (reader));

      rates.read = n * (double) job->whole->size / mc_bench_meter_since (&use).wall;
    }
  clean_up (job);
  return rates;
}

static void
fight (Job *job, McBenchFigure *ingest_figure, McBenchFigure *read_figure)
{
  for (guint round = 0; round < job->bench->rounds; round++)
    {
      gboolean rival_first = round % 2 == 1;
      Rates rival = { 0, 0 };
      Rates store;

      mc_bench_say (job->bench, "%s, round %u of %u", ingest_figure->name, round + 1,
                    job->bench->rounds);
      if (rival_first)
        rival = measure (job, FALSE);
      store = measure (job, TRUE);
      if (!rival_first)
        rival = measure (job, FALSE);
      mc_bench_figure_add (ingest_figure, store.ingest / 1e9, rival.ingest / 1e9);
      if (read_figure != NULL)
        mc_bench_figure_add (read_figure, store.read / 1e9, rival.read / 1e9);
    }
}

void
mc_bench_parallel (McBench *bench)
{
  McBenchFigure *alone = mc_bench_figure_new (bench, "4 ingests at once", "GB/s", "4 plain files",
                                              MC_BENCH_NO_TARGET, 0);
  McBenchFigure *busy = mc_bench_figure_new (bench, "4 ingests beside a reader", "GB/s",
                                             "4 plain files", MC_BENCH_NO_TARGET, 0);
  McBenchFigure *reads = mc_bench_figure_new (bench, "the reader beside them", "GB/s", "read()",
                                              MC_BENCH_NO_TARGET, 0);
  g_autofree char *path = mc_bench_make_path (bench, "source");
  g_autoptr (McBenchSource) whole = mc_bench_source_make (path, bench->size);
  Job job = { .bench = bench, .whole = whole };

  job.folder = mc_bench_make_path (bench, "store");
  for (guint i = 0; i < MC_BENCH_PARALLEL; i++)
    job.parts[i] = mc_bench_source_split (whole, i, MC_BENCH_PARALLEL);
  fight (&job, alone, NULL);
  job.with_reader = TRUE;
  fight (&job, busy, reads);
  for (guint i = 0; i < MC_BENCH_PARALLEL; i++)
    mc_bench_source_free (job.parts[i]);
  g_free (job.folder);
  mc_bench_folder_remove (path);
}
