/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"

#include <string.h>

/* What a person can do to a transfer, and what becomes of its bytes. */

static gboolean
refuse (McTransfer *transfer, const char *what, GError **error)
{
  g_set_error (error, MC_ERROR, MC_ERROR_IN_USE, "A transfer that is %s cannot be %s",
               mc_transfer_state_to_string (transfer->state), what);
  return FALSE;
}

static gboolean
check_going (McDownloader *self, GError **error)
{
  if (!self->stopping)
    return TRUE;
  g_propagate_error (error, mc_downloader_make_stopping_error ());
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
  if (!check_going (self, error))
    return FALSE;
  if (mc_transfer_waits_for_space (transfer))
    {
      /* From now on it is the person's wish. */
      mc_downloader_set_state (self, transfer, MC_TRANSFER_PAUSED, NULL);
      mc_downloader_keep (self, transfer);
    }
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
  if (!check_going (self, error))
    return FALSE;
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
  if (!check_going (self, error))
    return FALSE;
  if (transfer->state == MC_TRANSFER_WAITING)
    {
      mc_downloader_hurry (self, transfer);
      return TRUE;
    }
  if (mc_transfer_state_is_running (transfer->state))
    return TRUE;
  if (mc_transfer_waits_for_space (transfer))
    return mc_downloader_resume (self, transfer, error);
  if (transfer->state != MC_TRANSFER_FAILED)
    return refuse (transfer, "tried again", error);
  /* What it was about was not to be found when the process began: that says why. */
  if (transfer->files->len == 0 && transfer->kind != MC_TRANSFER_MOVE
      && !mc_transfer_imports (transfer))
    {
      g_propagate_error (error, g_error_copy (transfer->error));
      return FALSE;
    }
  mc_downloader_set_state (self, transfer, MC_TRANSFER_QUEUED, NULL);
  mc_downloader_schedule (self);
  return TRUE;
}

gboolean
mc_downloader_cancel (McDownloader *self, McTransfer *transfer, gboolean discard, GError **error)
{
  if (!check_going (self, error))
    return FALSE;
  if (transfer->state == MC_TRANSFER_DONE)
    return refuse (transfer, "cancelled", error);
  transfer->discard = transfer->discard || (discard && transfer->kind == MC_TRANSFER_DOWNLOAD);
  if (transfer->state != MC_TRANSFER_CANCELLED)
    {
      mc_downloader_set_state (self, transfer, MC_TRANSFER_CANCELLED, NULL);
      if (transfer->kind == MC_TRANSFER_MOVE)
        mc_downloader_forget_move (self, transfer);
    }
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

/* --- unfinished bytes of what was cancelled --- */

static void
on_discarded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McDownloader) self = user_data;
  g_autoptr (GError) error = NULL;

  /* The bytes stay then, and go with the next delete. */
  if (!mc_store_drop_finish (MC_STORE (source), result, NULL, &error))
    g_info ("Nothing was discarded: %s", error->message);
  self->discards--;
  mc_downloader_emit_content_changed (self);
  mc_downloader_check_stop (self);
}

/* Whether it was asked for once more since. */
static gboolean
is_wanted_again (McDownloader *self, McTransfer *transfer)
{
  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *other = g_ptr_array_index (self->transfers, i);

      if (other != transfer && other->kind == MC_TRANSFER_DOWNLOAD && other->repo == transfer->repo
          && !mc_transfer_state_is_final (other->state)
          && strcmp (other->variant, transfer->variant) == 0
          && strcmp (other->path, transfer->path) == 0)
        return TRUE;
    }
  return FALSE;
}

void
mc_downloader_discard (McDownloader *self, McTransfer *transfer)
{
  gboolean complete = TRUE;

  if (is_wanted_again (self, transfer))
    {
      transfer->discard = FALSE;
      return;
    }
  for (guint i = 0; i < transfer->files->len; i++)
    {
      McFile *file = g_ptr_array_index (transfer->files, i);

      if (g_hash_table_contains (self->fetches, &file->digest))
        return;
      complete = complete && mc_store_has_file (self->store, file);
    }
  transfer->discard = FALSE;
  if (complete)
    return;
  self->discards++;
  mc_store_drop_async (self->store, transfer->repo, transfer->variant, transfer->path, MC_DROP_ONE,
                       on_discarded, g_object_ref (self));
}
