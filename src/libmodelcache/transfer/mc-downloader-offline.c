/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"

/* Offline mode: what needs the network is paused with all it has, and goes on when the mode is off
 * again, after a restart too. Nothing new begins. */

static gboolean
waits_for_network (McTransfer *transfer)
{
  return transfer->state == MC_TRANSFER_PAUSED
         && g_error_matches (transfer->error, MC_ERROR, MC_ERROR_OFFLINE);
}

static gboolean
needs_network (McDownloader *self, McTransfer *transfer)
{
  if (!mc_transfer_fetches (transfer) || !mc_transfer_state_is_running (transfer->state))
    return FALSE;
  for (guint i = 0; i < transfer->files->len; i++)
    if (!mc_store_has_file (self->store, g_ptr_array_index (transfer->files, i)))
      return TRUE;
  return FALSE;
}

static GError *
make_error (void)
{
  return g_error_new_literal (MC_ERROR, MC_ERROR_OFFLINE,
                              "Offline mode is on: it goes on when that is off again");
}

void
mc_downloader_heed_offline (McDownloader *self)
{
  gboolean offline = mc_hub_client_is_offline (self->hub);

  for (guint i = 0; i < self->transfers->len; i++)
    {
      g_autoptr (McTransfer) transfer = g_object_ref (g_ptr_array_index (self->transfers, i));

      if (transfer->id == 0)
        continue;
      if (offline && needs_network (self, transfer))
        mc_downloader_set_state (self, transfer, MC_TRANSFER_PAUSED, make_error ());
      else if (!offline && waits_for_network (transfer))
        mc_downloader_set_state (self, transfer, MC_TRANSFER_QUEUED, NULL);
    }
}

gboolean
mc_downloader_check_online (McDownloader *self, GPtrArray *files, GError **error)
{
  if (!mc_hub_client_is_offline (self->hub))
    return TRUE;
  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);

      if (mc_store_has_file (self->store, file))
        continue;
      g_set_error (error, MC_ERROR, MC_ERROR_OFFLINE, "Offline mode is on, and %s is not here",
                   file->path);
      return FALSE;
    }
  return TRUE;
}
