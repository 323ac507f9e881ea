/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-bench.h"
#include "mc-downloader.h"
#include "mc-test-hub.h"

G_BEGIN_DECLS

/* What downloads, as the service has it, and a Hub of its own to ask. Main thread. */

typedef struct
{
  McTestHub *hub;
  McHubClient *client;
  McStore *store;
  McDownloader *downloader;
} McBenchWorld;

/* hub: taken. settings: (nullable): of the store, a floating one is taken. ca_file: (nullable): as
 * in McHubOptions. */
void mc_bench_world_open (McBenchWorld *self,
                          McTestHub *hub,
                          const char *folder,
                          GVariant *settings,
                          const char *ca_file);
void mc_bench_world_close (McBenchWorld *self);

/* Has the repo's listing. */
gint64 mc_bench_world_scan (McBenchWorld *self, const char *repo);

/* Owned by the caller. */
McTransfer *mc_bench_world_begin (McBenchWorld *self, gint64 repo, const char *path);

/* Until it is done; anything else ends the run. */
void mc_bench_world_wait (McTransfer *transfer);

G_END_DECLS
