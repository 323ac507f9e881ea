/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

/* What the network monitor says, to the downloader. */

static void
on_changed (GNetworkMonitor *monitor, gboolean available, gpointer user_data)
{
  mc_downloader_note_network (user_data, available);
}

void
mc_service_connect_network (McService *self)
{
  GNetworkMonitor *monitor = g_network_monitor_get_default ();

  /* A Hub on this computer needs no network. */
  if (mc_hub_client_is_local (self->hub))
    return;
  mc_downloader_note_network (self->downloader, g_network_monitor_get_network_available (monitor));
  g_signal_connect_object (monitor, "network-changed", G_CALLBACK (on_changed), self->downloader,
                           0);
}
