/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"

/* Room on the disk. It is looked for before a download begins, for all that run together. One that
 * finds no room on its way is paused, with all its chunks, and goes on when there is room: that is
 * looked at when something was deleted, and now and then, since others use the disk, too. */

/* For journals, the catalog and the page that a pack is short of. */
#define RESERVE (16 * 1024 * 1024)

/* Between two looks, in units of the first delay before a retry: half a minute. */
#define LOOK_INTERVAL 30

/* What a content's pack may still take for that many bytes: pages are not filled to the last byte.
 */
static guint64
estimate (guint64 missing)
{
  return missing == 0 ? 0 : missing + missing / 64 + 512 * 1024;
}

/* Of those that were not counted yet. */
static guint64
sum_missing (McDownloader *self, GHashTable *counted, GPtrArray *files)
{
  guint64 sum = 0;

  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);
      const McContent *content = mc_store_get_content (self->store, &file->digest);
      guint64 here = content == NULL ? 0 : MIN (content->committed, file->size);

      if (g_hash_table_add (counted, &file->digest))
        sum += estimate (file->size - here);
    }
  return sum;
}

/* What these files and all transfers that run still need, each content once. */
static guint64
sum_needs (McDownloader *self, GPtrArray *files)
{
  g_autoptr (GHashTable) counted = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  guint64 sum = sum_missing (self, counted, files);

  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if ((mc_transfer_fetches (transfer) || transfer->kind == MC_TRANSFER_IMPORT)
          && mc_transfer_state_is_running (transfer->state))
        sum += sum_missing (self, counted, transfer->files);
    }
  return sum;
}

guint64
mc_downloader_count_needs (McDownloader *self)
{
  g_autoptr (GPtrArray) nothing = g_ptr_array_new ();

  return sum_needs (self, nothing);
}

guint64
mc_downloader_count_lacking (McDownloader *self, GPtrArray *files)
{
  g_autoptr (GHashTable) counted = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  guint64 space = mc_store_get_free_space (self->store);
  guint64 need;

  if (sum_missing (self, counted, files) == 0)
    return 0;
  need = sum_needs (self, files) + RESERVE;
  return need > space ? need - space : 0;
}

gboolean
mc_downloader_check_space (McDownloader *self, GPtrArray *files, GError **error)
{
  guint64 lacking = mc_downloader_count_lacking (self, files);
  g_autofree char *more = g_format_size_full (lacking, G_FORMAT_SIZE_LONG_FORMAT);
  g_autofree char *room = g_format_size (mc_store_get_free_space (self->store));

  if (lacking == 0)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_NO_SPACE,
               "%s has room for %s: with all that is being fetched, %s more are needed",
               mc_store_get_folder (self->store), room, more);
  return FALSE;
}

/* --- a disk that fills meanwhile --- */

gboolean
mc_transfer_waits_for_space (McTransfer *self)
{
  return self->state == MC_TRANSFER_PAUSED
         && g_error_matches (self->error, MC_ERROR, MC_ERROR_NO_SPACE);
}

gboolean
mc_downloader_waits_for_space (McDownloader *self)
{
  for (guint i = 0; i < self->transfers->len; i++)
    if (mc_transfer_waits_for_space (g_ptr_array_index (self->transfers, i)))
      return TRUE;
  return FALSE;
}

/* A file system that says it has room when it gave none has a quota: there it takes more than was
 * free then, or something that is deleted, to make another try worth it. */
static gboolean
is_worth_a_try (McDownloader *self, McTransfer *transfer, gboolean deleted)
{
  guint64 space = mc_store_get_free_space (self->store);

  return mc_downloader_count_lacking (self, transfer->files) == 0
         && (deleted || space > transfer->space_seen + RESERVE);
}

static void
look_for_space (McDownloader *self, gboolean deleted)
{
  for (guint i = 0; i < self->transfers->len && !self->stopping; i++)
    {
      g_autoptr (McTransfer) transfer = g_object_ref (g_ptr_array_index (self->transfers, i));

      if (!mc_transfer_waits_for_space (transfer) || !is_worth_a_try (self, transfer, deleted))
        continue;
      g_info ("There is room again for transfer %" G_GINT64_FORMAT, transfer->id);
      mc_downloader_set_state (self, transfer, MC_TRANSFER_QUEUED, NULL);
      mc_downloader_schedule (self);
    }
}

static gboolean
on_time_to_look (gpointer user_data)
{
  McDownloader *self = user_data;

  look_for_space (self, FALSE);
  if (!self->stopping && mc_downloader_waits_for_space (self))
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->look, g_source_unref);
  return G_SOURCE_REMOVE;
}

void
mc_downloader_watch_space (McDownloader *self)
{
  if (self->look != NULL || self->stopping || !mc_downloader_waits_for_space (self))
    return;
  self->look = g_timeout_source_new (LOOK_INTERVAL * MAX (self->retry_base_ms, 1));
  g_source_set_callback (self->look, on_time_to_look, self, NULL);
  g_source_attach (self->look, g_main_context_get_thread_default ());
}

static void
on_space_freed (McStore *store, McDownloader *self)
{
  look_for_space (self, TRUE);
}

void
mc_downloader_connect_space (McDownloader *self)
{
  g_signal_connect_object (self->store, "space-freed", G_CALLBACK (on_space_freed), self, 0);
}

static GError *
make_space_error (McDownloader *self, McTransfer *transfer)
{
  g_autoptr (GHashTable) counted = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  guint64 lacking = mc_downloader_count_lacking (self, transfer->files);
  g_autofree char *more = g_format_size_full (lacking, G_FORMAT_SIZE_LONG_FORMAT);
  g_autofree char *missing =
      g_format_size_full (sum_missing (self, counted, transfer->files), G_FORMAT_SIZE_LONG_FORMAT);

  if (lacking > 0)
    return g_error_new (
        MC_ERROR, MC_ERROR_NO_SPACE,
        "The disk of %s is full: %s more are needed. It goes on when they are there",
        mc_store_get_folder (self->store), more);
  return g_error_new (MC_ERROR, MC_ERROR_NO_SPACE,
                      "The disk or the quota of %s is full: %s are still to be written. It goes on "
                      "when something was deleted",
                      mc_store_get_folder (self->store), missing);
}

void
mc_downloader_stop_for (McDownloader *self, McTransfer *transfer, const GError *error)
{
  if (!g_error_matches (error, MC_ERROR, MC_ERROR_NO_SPACE))
    {
      mc_downloader_set_state (self, transfer, MC_TRANSFER_FAILED, g_error_copy (error));
      return;
    }
  g_info ("Transfer %" G_GINT64_FORMAT ": %s", transfer->id, error->message);
  transfer->space_seen = mc_store_get_free_space (self->store);
  mc_downloader_set_state (self, transfer, MC_TRANSFER_PAUSED, make_space_error (self, transfer));
  mc_downloader_watch_space (self);
}
