/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-meter.h"
#include "mc-bench-nginx.h"
#include "mc-bench-source.h"
#include "mc-bench-world.h"

#include "mc-endpoint.h"

/* A file goes from the store to a program that speaks to the Hub, every block checked. Beside it
 * nginx sends the plain file, which the kernel does by itself. Both were read before. */

#define REPO "bench/serve"
#define FILE_NAME "file.bin"
#define KEY "0123456789abcdef0123456789abcdef"
#define MEMORY 64 /* MiB beyond the start */

/* --- who has the repo --- */

static McLibraryRepo *
find (gpointer user_data, const char *repo, const char *revision)
{
  McBenchWorld *world = user_data;

  return mc_store_find_repo (world->store, mc_hub_client_get_endpoint (world->client), repo,
                             revision);
}

static void
gone (gpointer user_data)
{
}

static McEndpoint *
serve (McBenchWorld *world)
{
  const McEndpointHost host = {
    .store = world->store,
    .downloader = world->downloader,
    .find = find,
    .gone = gone,
    .user_data = world,
  };
  g_autoptr (GError) error = NULL;
  McEndpoint *endpoint = mc_endpoint_new (&host, 0, KEY, NULL, &error);

  mc_bench_check ("serving", error);
  return endpoint;
}

/* --- a client --- */

typedef struct
{
  char *url;
  McBenchUse use;
  int done; /* atomic */
} Client;

static gpointer
run_client (gpointer data)
{
  Client *client = data;
  const char *const fetch[] = { "curl", "-q", "-f", "-s", "-o", "/dev/null", client->url, NULL };

  client->use = mc_bench_meter_program (fetch);
  g_atomic_int_set (&client->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* The program runs beside the loop that answers it. Bytes a second, in GB. */
static double
fetch (const char *base, const char *path, guint64 size)
{
  Client client = { .url = g_strconcat (base, path, NULL) };
  GThread *thread = g_thread_new ("client", run_client, &client);

  while (!g_atomic_int_get (&client.done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_free (client.url);
  return (double) size / 1e9 / client.use.wall;
}

/* --- rounds --- */

static void
measure (McBench *bench, McBenchWorld *world, const McBenchNginx *server, guint64 size)
{
  McBenchFigure *rate = mc_bench_figure_new (bench, "throughput, hot", "GB/s", "nginx, plain file",
                                             MC_BENCH_RATIO_AT_LEAST, 0.8);
  McBenchFigure *memory = mc_bench_figure_new (bench, "memory beyond the start", "MiB", NULL,
                                               MC_BENCH_VALUE_AT_MOST, MEMORY);
  McEndpoint *endpoint = serve (world);
  const char *base = mc_endpoint_get_url (endpoint);

  fetch (base, "/" REPO "/resolve/main/" FILE_NAME, size);
  for (guint round = 0; round < bench->rounds; round++)
    {
      guint64 start = mc_bench_meter_start_memory ();
      double theirs = round % 2 == 1 ? fetch (server->url, "/" FILE_NAME, size) : 0;
      double ours = fetch (base, "/" REPO "/resolve/main/" FILE_NAME, size);

      mc_bench_say (bench, "round %u of %u", round + 1, bench->rounds);
      if (round % 2 == 0)
        theirs = fetch (server->url, "/" FILE_NAME, size);
      mc_bench_figure_add (rate, ours, theirs);
      mc_bench_figure_add (memory, (double) (mc_bench_meter_get_peak () - start) / (1024 * 1024),
                           0);
    }
  mc_endpoint_stop (endpoint);
}

void
mc_bench_serve (McBench *bench)
{
  static const char *const rivals[] = { "curl", NULL };
  g_autofree char *folder = mc_bench_make_path (bench, "store");
  g_autofree char *path = NULL;
  g_autofree char *hash = NULL;
  g_autofree char *url = NULL;
  McBenchNginx *server;
  McBenchSource *source;
  McBenchWorld world;
  McTestHub *hub;
  McTransfer *transfer;

  if (!mc_bench_nginx_is_possible (bench, rivals))
    return;
  server = mc_bench_nginx_start (bench);
  path = g_build_filename (server->folder, FILE_NAME, NULL);
  source = mc_bench_source_make (path, bench->size);
  hash = mc_digest_to_hex (&source->digest);
  url = g_strconcat (server->url, "/" FILE_NAME, NULL);
  hub = mc_test_hub_new ();
  mc_test_hub_add_repo (hub, REPO, &(McTestRepoFacts){ .license = "mit" });
  mc_test_hub_add_elsewhere (hub, REPO, FILE_NAME, source->size, hash, url);
  mc_bench_world_open (&world, hub, folder, NULL, NULL);
  transfer = mc_bench_world_begin (&world, mc_bench_world_scan (&world, REPO), FILE_NAME);
  mc_bench_world_wait (transfer);
  g_object_unref (transfer);
  measure (bench, &world, server, source->size);
  mc_bench_world_close (&world);
  mc_bench_folder_remove (folder);
  mc_bench_source_free (source);
  mc_bench_nginx_stop (server);
}
