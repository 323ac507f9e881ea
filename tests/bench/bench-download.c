/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-meter.h"
#include "mc-bench-nginx.h"
#include "mc-bench-relay.h"
#include "mc-bench-source.h"
#include "mc-bench-world.h"

/* A file comes from a web server into the store, checked and on the disk: from this computer, over
 * TLS too, and from one that is far away. Beside it programs that fetch the same file. What
 * downloads is the library, in this process; the server is another one, and the Hub, a thread of
 * this one, only says where the file is. */

#define REPO "bench/download"
#define FILE_NAME "file.bin"
#define MEMORY 64 /* MiB beyond the start */
#define ROUND_TRIP (30 * G_TIME_SPAN_MILLISECOND)
#define DISTANT_RATE (20 * 1000 * 1000) /* bytes a second, of a connection */

typedef struct
{
  McBench *bench; /* borrowed */
  McBenchNginx *server;
  McBenchRelay *relay; /* (nullable) */
  McBenchSource *source;
  char *hash;                   /* (owned): of the file */
  guint64 memory;               /* bytes that the last download took beyond the start */
  McBenchFigure *near_memory;   /* borrowed */
  McBenchFigure *secure_memory; /* likewise */
} Job;

typedef McBenchUse (*Run) (Job *job);

static gboolean
set_up (Job *job, McBench *bench, const char *const *rivals)
{
  g_autofree char *path = NULL;

  *job = (Job){ .bench = bench };
  if (!mc_bench_nginx_is_possible (bench, rivals))
    return FALSE;
  job->server = mc_bench_nginx_start (bench);
  path = g_build_filename (job->server->folder, FILE_NAME, NULL);
  job->source = mc_bench_source_make (path, bench->size);
  job->hash = mc_digest_to_hex (&job->source->digest);
  return TRUE;
}

static void
tear_down (Job *job)
{
  g_free (job->hash);
  mc_bench_source_free (job->source);
  mc_bench_nginx_stop (job->server);
}

/* --- ours --- */

static McBenchUse
download (Job *job, const char *server)
{
  g_autofree char *folder = mc_bench_make_path (job->bench, "store");
  g_autofree char *url = g_strconcat (server, "/" FILE_NAME, NULL);
  McTestHub *hub = mc_test_hub_new ();
  McBenchWorld world;
  McBenchUse use;
  McTransfer *transfer;
  gint64 repo;
  guint64 start;

  mc_test_hub_add_repo (hub, REPO, &(McTestRepoFacts){ .license = "mit" });
  mc_test_hub_add_elsewhere (hub, REPO, FILE_NAME, job->source->size, job->hash, url);
  mc_bench_world_open (&world, hub, folder, NULL, job->server->authority);
  repo = mc_bench_world_scan (&world, REPO);
  start = mc_bench_meter_start_memory ();
  use = mc_bench_meter_now ();
  transfer = mc_bench_world_begin (&world, repo, FILE_NAME);
  mc_bench_world_wait (transfer);
  use = mc_bench_meter_since (&use);
  job->memory = mc_bench_meter_get_peak () - start;
  g_object_unref (transfer);
  mc_bench_world_close (&world);
  mc_bench_folder_remove (folder);
  return use;
}

static McBenchUse
download_near (Job *job)
{
  McBenchUse use = download (job, job->server->url);

  mc_bench_figure_add (job->near_memory, (double) job->memory / (1024 * 1024), 0);
  return use;
}

static McBenchUse
download_secure (Job *job)
{
  McBenchUse use = download (job, job->server->secure);

  mc_bench_figure_add (job->secure_memory, (double) job->memory / (1024 * 1024), 0);
  return use;
}

static McBenchUse
download_far (Job *job)
{
  return download (job, job->relay->url);
}

/* --- theirs --- */

static void
add (McBenchUse *use, McBenchUse other)
{
  use->wall += other.wall;
  use->cpu += other.cpu;
}

/* curl, and the program after it. */
static McBenchUse
run_curl (Job *job, const char *server, const char *const *after)
{
  g_autofree char *url = g_strconcat (server, "/" FILE_NAME, NULL);
  g_autofree char *path = mc_bench_make_path (job->bench, "curl");
  const char *const fetch[] = { "curl", "-q", "-f", "--cacert", job->server->authority,
                                "-o",   path, url,  NULL };
  g_autoptr (GPtrArray) then = g_ptr_array_new ();
  McBenchUse use = mc_bench_meter_program (fetch);

  for (guint i = 0; after[i] != NULL; i++)
    g_ptr_array_add (then, (char *) after[i]);
  g_ptr_array_add (then, path);
  g_ptr_array_add (then, NULL);
  add (&use, mc_bench_meter_program ((const char *const *) then->pdata));
  mc_bench_folder_remove (path);
  return use;
}

static McBenchUse
curl_and_sync (Job *job)
{
  return run_curl (job, job->server->url, (const char *const[]){ "sync", NULL });
}

static McBenchUse
curl_secure_and_sync (Job *job)
{
  return run_curl (job, job->server->secure, (const char *const[]){ "sync", NULL });
}

static McBenchUse
curl_and_hash (Job *job)
{
  return run_curl (job, job->server->url,
                   (const char *const[]){ "openssl", "dgst", "-sha256", NULL });
}

/* check: (nullable): one more argument. */
static McBenchUse
run_aria (Job *job, const char *server, const char *check)
{
  g_autofree char *url = g_strconcat (server, "/" FILE_NAME, NULL);
  g_autofree char *folder = g_strconcat ("--dir=", job->bench->folder, NULL);
  g_autofree char *path = mc_bench_make_path (job->bench, "aria");
  const char *const arguments[] = { "aria2c", "--no-conf", folder, "--out=aria", "-x8",
                                    "-s8",    url,         check,  NULL };
  McBenchUse use = mc_bench_meter_program (arguments);

  mc_bench_folder_remove (path);
  return use;
}

static McBenchUse
aria_and_check (Job *job)
{
  g_autofree char *check = g_strconcat ("--checksum=sha-256=", job->hash, NULL);

  return run_aria (job, job->server->url, check);
}

static McBenchUse
aria_far (Job *job)
{
  return run_aria (job, job->relay->url, NULL);
}

/* --- one round after the other --- */

static void
run_round (Job *job, guint round, const Run *runs, guint n, McBenchUse *uses)
{
  mc_bench_say (job->bench, "round %u of %u", round + 1, job->bench->rounds);
  for (guint i = 0; i < n; i++)
    {
      guint which = (round + i) % n;

      mc_bench_meter_settle (job->bench->folder);
      uses[which] = runs[which](job);
    }
}

static void
add_rate (McBenchFigure *figure, const Job *job, McBenchUse ours, McBenchUse theirs)
{
  double size = (double) job->source->size / 1e9;

  mc_bench_figure_add (figure, size / ours.wall, size / theirs.wall);
}

static void
measure (Job *job)
{
  static const Run runs[] = { aria_and_check,  curl_and_sync,        curl_and_hash,
                              download_secure, curl_secure_and_sync, download_near };
  McBench *bench = job->bench;
  McBenchFigure *aria = mc_bench_figure_new (bench, "throughput", "GB/s", "aria2c, SHA-256",
                                             MC_BENCH_RATIO_AT_LEAST, 1.5);
  McBenchFigure *curl = mc_bench_figure_new (bench, "throughput", "GB/s", "curl + sync",
                                             MC_BENCH_RATIO_AT_LEAST, 0.9);
  McBenchFigure *cpu = mc_bench_figure_new (bench, "CPU", "s/GB", "curl + openssl dgst -sha256",
                                            MC_BENCH_RATIO_AT_MOST, 1.3);
  McBenchFigure *secure = mc_bench_figure_new (bench, "throughput over TLS", "GB/s", "curl + sync",
                                               MC_BENCH_NO_TARGET, 0);
  double size = (double) job->source->size;

  job->near_memory = mc_bench_figure_new (bench, "memory beyond the start", "MiB", NULL,
                                          MC_BENCH_VALUE_AT_MOST, MEMORY);
  job->secure_memory =
      mc_bench_figure_new (bench, "the same over TLS", "MiB", NULL, MC_BENCH_VALUE_AT_MOST, MEMORY);
  for (guint round = 0; round < bench->rounds; round++)
    {
      McBenchUse uses[G_N_ELEMENTS (runs)];

      run_round (job, round, runs, G_N_ELEMENTS (runs), uses);
      add_rate (aria, job, uses[5], uses[0]);
      add_rate (curl, job, uses[5], uses[1]);
      add_rate (secure, job, uses[3], uses[4]);
      mc_bench_figure_add (cpu, uses[5].cpu / size * 1e9, uses[2].cpu / size * 1e9);
    }
}

void
mc_bench_download (McBench *bench)
{
  static const char *const rivals[] = { "aria2c", "curl", NULL };
  Job job;

  if (!set_up (&job, bench, rivals))
    return;
  measure (&job);
  tear_down (&job);
}

void
mc_bench_distance (McBench *bench)
{
  static const char *const rivals[] = { "aria2c", NULL };
  static const Run runs[] = { download_far, aria_far };
  McBenchFigure *rate;
  Job job;

  if (!set_up (&job, bench, rivals))
    return;
  job.relay = mc_bench_relay_start (job.server->port, ROUND_TRIP, DISTANT_RATE);
  rate = mc_bench_figure_new (bench, "throughput over 30 ms, 20 MB/s a connection", "GB/s",
                              "aria2c -x8", MC_BENCH_RATIO_AT_LEAST, 0.95);
  for (guint round = 0; round < bench->rounds; round++)
    {
      McBenchUse uses[G_N_ELEMENTS (runs)];

      run_round (&job, round, runs, G_N_ELEMENTS (runs), uses);
      add_rate (rate, &job, uses[0], uses[1]);
    }
  mc_bench_relay_stop (job.relay);
  tear_down (&job);
}
