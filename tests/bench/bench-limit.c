/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-world.h"

#include "mc-test-wait.h"

/* Four transfers at once below a limit of 10 MB/s: what comes in while the clock runs. Once, since
 * it takes half a minute. */

#define RATE (10 * 1000 * 1000)
#define SECONDS 30
#define TRANSFERS 4
#define REPO "bench/limit"
#define AWAIT_MS (10 * 60 * 1000)

typedef struct
{
  McBenchWorld world;
  guint64 wanted; /* bytes until which it is measured */
} Job;

static char *
make_name (guint i)
{
  return g_strdup_printf ("%u.bin", i);
}

static void
open_world (McBenchWorld *world, const char *folder, guint64 size)
{
  McTestHub *hub = mc_test_hub_new ();

  mc_test_hub_add_repo (hub, REPO, &(McTestRepoFacts){ .license = "mit" });
  for (guint i = 0; i < TRANSFERS; i++)
    {
      g_autofree char *name = make_name (i);

      mc_test_hub_add_generated (hub, REPO, name, size, i + 1);
    }
  mc_bench_world_open (world, hub, folder,
                       g_variant_new_parsed ("{'active-transfers': <uint32 %u>, "
                                             "'bandwidth-limit': <uint64 %t>, "
                                             "'compression': <false>}",
                                             (guint32) TRANSFERS, (guint64) RATE),
                       NULL);
}

static void
begin (McBenchWorld *world, gint64 repo)
{
  for (guint i = 0; i < TRANSFERS; i++)
    {
      g_autofree char *name = make_name (i);

      g_object_unref (mc_bench_world_begin (world, repo, name));
    }
}

static guint64
sum_received (Job *job)
{
  GPtrArray *transfers = mc_downloader_get_transfers (job->world.downloader);
  guint64 sum = 0;

  for (guint i = 0; i < transfers->len; i++)
    sum += mc_transfer_get_received (g_ptr_array_index (transfers, i));
  return sum;
}

static gboolean
has_received (gpointer data)
{
  Job *job = data;

  return sum_received (job) >= job->wanted;
}

/* From the first bytes to almost the last ones of that many, in MB/s. */
static double
measure (Job *job, guint64 bytes, guint64 most)
{
  guint64 before;
  gint64 began;

  job->wanted = 1;
  mc_test_wait_until (has_received, job, AWAIT_MS);
  began = g_get_monotonic_time ();
  before = sum_received (job);
  /* Whoever comes late to the first ones has less to wait for. */
  job->wanted = MIN (before + bytes, most);
  mc_test_wait_until (has_received, job, AWAIT_MS);
  return (double) (sum_received (job) - before) / (double) (g_get_monotonic_time () - began);
}

void
mc_bench_limit (McBench *bench)
{
  McBenchFigure *least = mc_bench_figure_new (bench, "4 transfers limited to 10 MB/s", "MB/s",
                                              "asked", MC_BENCH_RATIO_AT_LEAST, 0.95);
  McBenchFigure *most = mc_bench_figure_new (bench, "the same, no more", "MB/s", "asked",
                                             MC_BENCH_RATIO_AT_MOST, 1.05);
  g_autofree char *folder = mc_bench_make_path (bench, "store");
  guint64 bytes = MIN (bench->size / 4, (guint64) RATE * SECONDS);
  Job job = { 0 };
  guint64 size = bytes / 3;
  double rate;

  open_world (&job.world, folder, size);
  begin (&job.world, mc_bench_world_scan (&job.world, REPO));
  rate = measure (&job, bytes, size * TRANSFERS);
  mc_bench_figure_add (least, rate, RATE / 1e6);
  mc_bench_figure_add (most, rate, RATE / 1e6);
  mc_bench_say (bench, "%s", least->name);
  mc_bench_world_close (&job.world);
  mc_bench_folder_remove (folder);
}
