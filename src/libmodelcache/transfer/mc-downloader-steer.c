/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"

#include <string.h>

/* What a person can do to a transfer. */

static gboolean
refuse (McTransfer *transfer, const char *what, GError **error)
{
  g_set_error (error, MC_ERROR, MC_ERROR_IN_USE, "A transfer that is %s cannot be %s",
               mc_transfer_state_to_string (transfer->state), what);
  return FALSE;
}

/* A verification is stopped and begins anew; the fetches of a download stop in the next round. */
static void
stop_work (McDownloader *self, McTransfer *transfer)
{
  if (transfer->cancellable != NULL)
    g_cancellable_cancel (transfer->cancellable);
  mc_downloader_schedule (self);
}

gboolean
mc_downloader_pause (McDownloader *self, McTransfer *transfer, GError **error)
{
  if (transfer->state == MC_TRANSFER_PAUSED)
    return TRUE;
  if (!mc_transfer_state_is_running (transfer->state))
    return refuse (transfer, "paused", error);
  mc_downloader_set_state (self, transfer, MC_TRANSFER_PAUSED, NULL);
  stop_work (self, transfer);
  return TRUE;
}

gboolean
mc_downloader_resume (McDownloader *self, McTransfer *transfer, GError **error)
{
  if (mc_transfer_state_is_running (transfer->state))
    return TRUE;
  if (transfer->state != MC_TRANSFER_PAUSED)
    return refuse (transfer, "resumed", error);
  mc_downloader_set_state (self, transfer, MC_TRANSFER_QUEUED, NULL);
  mc_downloader_schedule (self);
  return TRUE;
}

gboolean
mc_downloader_retry (McDownloader *self, McTransfer *transfer, GError **error)
{
  if (transfer->state == MC_TRANSFER_WAITING)
    {
      mc_downloader_hurry (self, transfer);
      return TRUE;
    }
  if (mc_transfer_state_is_running (transfer->state))
    return TRUE;
  if (transfer->state != MC_TRANSFER_FAILED)
    return refuse (transfer, "tried again", error);
  mc_downloader_set_state (self, transfer, MC_TRANSFER_QUEUED, NULL);
  mc_downloader_schedule (self);
  return TRUE;
}

gboolean
mc_downloader_cancel (McDownloader *self, McTransfer *transfer, gboolean discard, GError **error)
{
  if (transfer->state == MC_TRANSFER_DONE)
    return refuse (transfer, "cancelled", error);
  transfer->discard = transfer->discard || (discard && transfer->kind == MC_TRANSFER_DOWNLOAD);
  if (transfer->state != MC_TRANSFER_CANCELLED)
    mc_downloader_set_state (self, transfer, MC_TRANSFER_CANCELLED, NULL);
  stop_work (self, transfer);
  return TRUE;
}

void
mc_downloader_forget_ended (McDownloader *self, gint64 repo, const char *variant)
{
  for (guint i = self->transfers->len; i > 0; i--)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i - 1);

      if (transfer->repo == repo && mc_transfer_state_is_final (transfer->state)
          && (variant == NULL || strcmp (transfer->variant, variant) == 0))
        mc_downloader_forget (self, transfer);
    }
}
