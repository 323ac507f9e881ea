/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-client.h"

G_BEGIN_DECLS

/* The first two hops on the way to a client's endpoint, each by itself, to tell which one fails.
 * Main thread. Each result is a text about it for people, the caller's; errors are MC_ERROR_NETWORK
 * or MC_ERROR_OFFLINE. */

/* Its name: the addresses, or the proxy that is asked instead. */
void mc_hub_probe_name_async (McHubClient *hub,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* A connection, and its encryption where there is one. */
void mc_hub_probe_connection_async (McHubClient *hub,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
char *mc_hub_probe_finish (GAsyncResult *result, GError **error);

G_END_DECLS
