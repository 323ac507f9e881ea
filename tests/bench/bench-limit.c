/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"

#include "mc-downloader.h"
#include "mc-scanner.h"
#include "mc-test-hub.h"
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
  McTestHub *hub;
  McHubClient *client;
  McStore *store;
  McDownloader *downloader;
  guint64 wanted; /* bytes until which it is measured */
} World;

static void
configure (World *world)
{
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *changes = g_variant_new_parsed (
      "{'active-transfers': <uint32 %u>, 'bandwidth-limit': <uint64 %t>, 'compression': <false>}",
      (guint32) TRANSFERS, (guint64) RATE);

  mc_store_configure_async (world->store, changes, mc_test_store_result, &result);
  mc_store_configure_finish (world->store, mc_test_await (&result), NULL);
}

static void
open_world (World *world, const char *folder, guint64 size)
{
  McHubConfig config = { NULL };
  g_autoptr (GError) error = NULL;

  world->hub = mc_test_hub_new ();
  mc_test_hub_add_repo (world->hub, REPO, &(McTestRepoFacts){ .license = "mit" });
  for (guint i = 0; i < TRANSFERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.bin", i);

      mc_test_hub_add_generated (world->hub, REPO, name, size, i + 1);
    }
  config.endpoint = mc_test_hub_get_url (world->hub);
  world->client = mc_hub_client_new (&config, &error);
  mc_bench_check ("making a client", error);
  world->store = mc_store_open (folder, &error);
  mc_bench_check ("opening a store", error);
  world->downloader = mc_downloader_new (world->store, world->client, 1000);
  mc_downloader_start (world->downloader);
  configure (world);
}

static void
close_world (World *world)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_downloader_stop_async (world->downloader, mc_test_store_result, &result);
  mc_downloader_stop_finish (world->downloader, mc_test_await (&result), NULL);
  mc_store_close (world->store);
  g_clear_object (&world->downloader);
  g_clear_object (&world->store);
  g_clear_object (&world->client);
  mc_test_hub_free (world->hub);
}

static gint64
scan (World *world)
{
  g_autoptr (GAsyncResult) scanned = NULL;
  g_autoptr (GAsyncResult) saved = NULL;
  g_autoptr (McManifest) manifest = NULL;
  g_autoptr (GError) error = NULL;

  mc_scan_async (world->client, REPO, NULL, NULL, mc_test_store_result, &scanned);
  manifest = mc_scan_finish (world->client, mc_test_await (&scanned), &error);
  mc_bench_check ("scanning", error);
  mc_store_save_repo_async (world->store, manifest, NULL, mc_test_store_result, &saved);
  return mc_store_save_repo_finish (world->store, mc_test_await (&saved), NULL);
}

static void
begin (World *world, gint64 repo)
{
  for (guint i = 0; i < TRANSFERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.bin", i);
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      mc_downloader_download_async (world->downloader, repo, "", name, mc_test_store_result,
                                    &result);
      g_object_unref (
          mc_downloader_begin_finish (world->downloader, mc_test_await (&result), &error));
      mc_bench_check ("downloading", error);
    }
}

static guint64
sum_received (World *world)
{
  GPtrArray *transfers = mc_downloader_get_transfers (world->downloader);
  guint64 sum = 0;

  for (guint i = 0; i < transfers->len; i++)
    sum += mc_transfer_get_received (g_ptr_array_index (transfers, i));
  return sum;
}

static gboolean
has_received (gpointer data)
{
  World *world = data;

  return sum_received (world) >= world->wanted;
}

/* From the first bytes to almost the last ones of that many, in MB/s. */
static double
measure (World *world, guint64 bytes, guint64 most)
{
  guint64 before;
  gint64 began;

  world->wanted = 1;
  mc_test_wait_until (has_received, world, AWAIT_MS);
  began = g_get_monotonic_time ();
  before = sum_received (world);
  /* Whoever comes late to the first ones has less to wait for. */
  world->wanted = MIN (before + bytes, most);
  mc_test_wait_until (has_received, world, AWAIT_MS);
  return (double) (sum_received (world) - before) / (double) (g_get_monotonic_time () - began);
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
  World world = { NULL };
  guint64 size = bytes / 3;
  double rate;

  open_world (&world, folder, size);
  begin (&world, scan (&world));
  rate = measure (&world, bytes, size * TRANSFERS);
  mc_bench_figure_add (least, rate, RATE / 1e6);
  mc_bench_figure_add (most, rate, RATE / 1e6);
  mc_bench_say (bench, "%s", least->name);
  close_world (&world);
  mc_bench_folder_remove (folder);
}
