/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-world.h"

#include "mc-retry-policy.h"
#include "mc-scanner.h"
#include "mc-test-wait.h"

#define AWAIT_MS (30 * 60 * 1000)

static void
configure (McBenchWorld *self, GVariant *settings)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_store_configure_async (self->store, settings, mc_test_store_result, &result);
  mc_store_configure_finish (self->store, mc_test_await (&result), &error);
  mc_bench_check ("configuring", error);
}

void
mc_bench_world_open (
    McBenchWorld *self, McTestHub *hub, const char *folder, GVariant *settings, const char *ca_file)
{
  McHubConfig config = { .endpoint = mc_test_hub_get_url (hub) };
  McHubOptions options = { .ca_file = ca_file };
  g_autoptr (GError) error = NULL;

  self->hub = hub;
  self->client = mc_hub_client_new (&config, &error);
  mc_bench_check ("making a client", error);
  mc_hub_client_configure (self->client, &options, &error);
  mc_bench_check ("configuring a client", error);
  self->store = mc_store_open (folder, &error);
  mc_bench_check ("opening a store", error);
  self->downloader = mc_downloader_new (self->store, self->client, MC_RETRY_BASE_MS);
  mc_downloader_start (self->downloader);
  if (settings != NULL)
    configure (self, settings);
}

void
mc_bench_world_close (McBenchWorld *self)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_downloader_stop_async (self->downloader, mc_test_store_result, &result);
  mc_downloader_stop_finish (self->downloader, mc_test_await (&result), NULL);
  mc_store_close (self->store);
  g_clear_object (&self->downloader);
  g_clear_object (&self->store);
  g_clear_object (&self->client);
  g_clear_pointer (&self->hub, mc_test_hub_free);
}

gint64
mc_bench_world_scan (McBenchWorld *self, const char *repo)
{
  g_autoptr (GAsyncResult) scanned = NULL;
  g_autoptr (GAsyncResult) saved = NULL;
  g_autoptr (McManifest) manifest = NULL;
  g_autoptr (GError) error = NULL;

  mc_scan_async (self->client, repo, NULL, NULL, mc_test_store_result, &scanned);
  manifest = mc_scan_finish (self->client, mc_test_await (&scanned), &error);
  mc_bench_check ("scanning", error);
  mc_store_save_repo_async (self->store, manifest, NULL, mc_test_store_result, &saved);
  return mc_store_save_repo_finish (self->store, mc_test_await (&saved), NULL);
}

McTransfer *
mc_bench_world_begin (McBenchWorld *self, gint64 repo, const char *path)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  McTransfer *transfer;

  mc_downloader_download_async (self->downloader, repo, "", path, mc_test_store_result, &result);
  transfer = mc_downloader_begin_finish (self->downloader, mc_test_await (&result), &error);
  mc_bench_check ("downloading", error);
  return transfer;
}

static gboolean
has_ended (gpointer transfer)
{
  return mc_transfer_state_is_final (mc_transfer_get_state (transfer));
}

void
mc_bench_world_wait (McTransfer *transfer)
{
  const GError *error;

  if (!mc_test_wait_until (has_ended, transfer, AWAIT_MS))
    mc_bench_die ("A download does not come to an end");
  error = mc_transfer_get_error (transfer);
  if (mc_transfer_get_state (transfer) != MC_TRANSFER_DONE)
    mc_bench_die ("A download ended otherwise than done: %s", error != NULL ? error->message : "");
}
