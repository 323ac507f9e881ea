/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"
#include "mc-queue.h"
#include "mc-task.h"

#include <string.h>

/* How a transfer comes to be: asked for, held, kept, announced; and how it comes back after a
 * restart. It stands in the list from the first moment, so that a second request joins it, but it
 * has no id and nobody is told of it until it is kept. */

/* How many transfers that came to an end are still shown, and can be tried again. */
#define ENDED_SHOWN 20

static void
answer_waiters (McTransfer *transfer, const GError *error)
{
  g_autoptr (GPtrArray) waiters = g_steal_pointer (&transfer->waiters);

  transfer->waiters = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waiters->len; i++)
    {
      GTask *task = g_ptr_array_index (waiters, i);

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_pointer (task, g_object_ref (transfer), g_object_unref);
    }
}

static gboolean
is_same (McTransfer *a, McTransfer *b)
{
  return a->kind == b->kind && a->repo == b->repo && strcmp (a->variant, b->variant) == 0
         && strcmp (a->path, b->path) == 0;
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const McTransfer *first = *(McTransfer *const *) a;
  const McTransfer *second = *(McTransfer *const *) b;

  return (second->id > first->id) - (second->id < first->id);
}

/* A new transfer takes the place of earlier ones about the same; the oldest others go too. */
static void
trim_ended (McDownloader *self, McTransfer *newest)
{
  g_autoptr (GPtrArray) ended = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (transfer != newest && mc_transfer_state_is_final (transfer->state) && !transfer->discard
          && transfer->id != 0)
        g_ptr_array_add (ended, g_object_ref (transfer));
    }
  g_ptr_array_sort (ended, compare_newest_first);
  for (guint i = 0; i < ended->len; i++)
    if (i >= ENDED_SHOWN || is_same (g_ptr_array_index (ended, i), newest))
      mc_downloader_forget (self, g_ptr_array_index (ended, i));
}

typedef struct
{
  McDownloader *owner;  /* (owned) */
  McTransfer *transfer; /* (owned) */
} Pair;

static Pair *
pair_new (McDownloader *owner, McTransfer *transfer)
{
  Pair *pair = g_new (Pair, 1);

  pair->owner = g_object_ref (owner);
  pair->transfer = g_object_ref (transfer);
  return pair;
}

static void
pair_free (Pair *pair)
{
  g_object_unref (pair->owner);
  g_object_unref (pair->transfer);
  g_free (pair);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

/* Whoever stops must wait for what was begun in the store, and for what follows from it. */
static void
end_change (McDownloader *self)
{
  self->changes--;
  mc_downloader_schedule (self);
}

GError *
mc_downloader_make_stopping_error (void)
{
  return g_error_new_literal (MC_ERROR, MC_ERROR_BUSY, "The downloads are being stopped");
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Pair) pair = user_data;
  McTransfer *transfer = pair->transfer;
  g_autoptr (GError) error = NULL;
  gint64 id = mc_store_put_transfer_finish (MC_STORE (source), result, &error);

  end_change (pair->owner);
  if (error != NULL && transfer->id == 0)
    {
      mc_downloader_forget (pair->owner, transfer);
      answer_waiters (transfer, error);
      return;
    }
  /* A full disk: the next start finds the state before, which is as good. */
  if (g_error_matches (error, MC_ERROR, MC_ERROR_NO_SPACE))
    g_info ("The state of transfer %" G_GINT64_FORMAT " was not kept: %s", transfer->id,
            error->message);
  else if (error != NULL)
    g_warning ("Keeping the state of transfer %" G_GINT64_FORMAT ": %s", transfer->id,
               error->message);
  if (transfer->id != 0)
    return;
  transfer->id = id;
  trim_ended (pair->owner, transfer);
  mc_downloader_announce (pair->owner, transfer);
  answer_waiters (transfer, NULL);
  mc_downloader_schedule (pair->owner);
}

void
mc_downloader_keep (McDownloader *self, McTransfer *transfer)
{
  g_autoptr (McTransferRecord) record = mc_transfer_make_record (transfer);

  self->changes++;
  mc_store_put_transfer_async (self->store, record, on_kept, pair_new (self, transfer));
}

void
mc_downloader_give_up (McDownloader *self, McTransfer *transfer, const GError *error)
{
  mc_downloader_forget (self, transfer);
  answer_waiters (transfer, error);
}

static void
on_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Pair) pair = user_data;
  g_autoptr (GError) error = NULL;

  mc_store_hold_finish (MC_STORE (source), result, &error);
  end_change (pair->owner);
  if (error == NULL && pair->owner->stopping)
    error = mc_downloader_make_stopping_error ();
  if (error == NULL)
    {
      pair->transfer->verified =
          mc_store_count_committed (pair->owner->store, pair->transfer->files);
      mc_downloader_keep (pair->owner, pair->transfer);
      return;
    }
  mc_downloader_give_up (pair->owner, pair->transfer, error);
}

static void
on_room_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Pair) pair = user_data;
  McDownloader *self = pair->owner;
  McTransfer *transfer = pair->transfer;
  g_autoptr (GError) error = NULL;

  if (mc_downloader_make_room_finish (self, result, &error))
    {
      mc_store_hold_async (self->store, transfer->repo, transfer->variant, transfer->path,
                           transfer->files, on_held, g_steal_pointer (&pair));
      return;
    }
  end_change (self);
  mc_downloader_give_up (self, transfer, error);
}

static void
on_held_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Pair) pair = user_data;
  McTransfer *transfer = pair->transfer;
  g_autoptr (GError) error = NULL;

  transfer->holding = FALSE;
  if (!mc_store_hold_finish (MC_STORE (source), result, &error)
      && mc_transfer_state_is_running (transfer->state))
    mc_downloader_stop_for (pair->owner, transfer, error);
  end_change (pair->owner);
}

void
mc_downloader_hold_again (McDownloader *self, McTransfer *transfer)
{
  if (transfer->holding)
    return;
  if (transfer->kind == MC_TRANSFER_UPDATE)
    {
      mc_downloader_hold_update_again (self, transfer);
      return;
    }
  transfer->holding = TRUE;
  self->changes++;
  mc_store_hold_async (self->store, transfer->repo, transfer->variant, transfer->path,
                       transfer->files, on_held_again, pair_new (self, transfer));
}

McTransfer *
mc_downloader_find (
    McDownloader *self, McTransferKind kind, gint64 repo, const char *variant, const char *path)
{
  for (guint i = self->transfers->len; i > 0; i--)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i - 1);

      if (transfer->kind == kind && transfer->repo == repo
          && strcmp (transfer->variant, variant) == 0 && strcmp (transfer->path, path) == 0
          && transfer->state != MC_TRANSFER_DONE && transfer->state != MC_TRANSFER_CANCELLED)
        return transfer;
    }
  return NULL;
}

gboolean
mc_downloader_works_on (McDownloader *self, gint64 repo, const char *variant)
{
  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (transfer->repo == repo && !mc_transfer_state_is_final (transfer->state)
          && (variant == NULL || strcmp (transfer->variant, variant) == 0))
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_masked (McManifest *manifest, GPtrArray *files, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);

      if (file->digest.kind != MC_DIGEST_NONE)
        continue;
      g_set_error (
          error, MC_ERROR, MC_ERROR_GATED,
          "The Hub hides the hash of %s until access to %s is granted: ask for it at %s/%s, "
          "sign in and scan again",
          file->path, manifest->repo, manifest->endpoint, manifest->repo);
      return FALSE;
    }
  return TRUE;
}

GPtrArray *
mc_downloader_list_files (McManifest *manifest,
                          const char *variant,
                          const char *path,
                          GError **error)
{
  g_autoptr (GPtrArray) files = NULL;

  if (variant[0] != '\0')
    {
      McVariant *found = mc_manifest_find_variant (manifest, variant, error);

      if (found == NULL)
        return NULL;
      files = mc_manifest_variant_files (manifest, found);
    }
  else
    {
      McFile *file = mc_manifest_find_file (manifest, path);

      if (file == NULL)
        {
          g_set_error (error, MC_ERROR, MC_ERROR_UNKNOWN_FILE, "%s has no file “%s”",
                       manifest->repo, path);
          return NULL;
        }
      files = g_ptr_array_new ();
      g_ptr_array_add (files, file);
    }
  return check_masked (manifest, files, error) ? g_steal_pointer (&files) : NULL;
}

gboolean
mc_downloader_join (McDownloader *self, GTask *task, McTransfer *transfer)
{
  if (transfer == NULL || transfer->files->len == 0)
    return FALSE;
  if (transfer->id == 0)
    {
      g_ptr_array_add (transfer->waiters, g_object_ref (task));
      return TRUE;
    }
  if (!mc_transfer_state_is_running (transfer->state))
    {
      mc_downloader_set_state (self, transfer, MC_TRANSFER_QUEUED, NULL);
      mc_downloader_schedule (self);
    }
  g_task_return_pointer (task, g_object_ref (transfer), g_object_unref);
  return TRUE;
}

void
mc_downloader_add (McDownloader *self, McTransfer *transfer)
{
  mc_downloader_enqueue (self, transfer);
  if (mc_transfer_fetches (transfer))
    transfer->verified = mc_store_count_committed (self->store, transfer->files);
  mc_downloader_keep (self, transfer);
}

McTransfer *
mc_downloader_list (McDownloader *self, GTask *task, McTransfer *transfer)
{
  mc_downloader_enqueue (self, transfer);
  g_ptr_array_add (transfer->waiters, g_object_ref (task));
  return transfer;
}

static McLibraryRepo *
find_repo (McDownloader *self, gint64 repo, GError **error)
{
  McLibraryRepo *found = NULL;

  if (self->stopping)
    g_propagate_error (error, mc_downloader_make_stopping_error ());
  else if ((found = mc_store_get_repo (self->store, repo)) == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_NOT_SCANNED, "The repo is gone");
  return found;
}

void
mc_downloader_download_async (McDownloader *self,
                              gint64 repo,
                              const char *variant,
                              const char *path,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, NULL, callback, user_data, mc_downloader_download_async);
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;
  McLibraryRepo *found = find_repo (self, repo, &error);
  McTransfer *transfer;

  if (found != NULL)
    files = mc_downloader_list_files (found->manifest, variant, path, &error);
  if (files != NULL && !mc_downloader_check_online (self, files, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (files != NULL
      && mc_downloader_join (self, task,
                             mc_downloader_find (self, MC_TRANSFER_DOWNLOAD, repo, variant, path)))
    return;
  if (files == NULL || !mc_downloader_check_space (self, files, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  transfer = mc_downloader_list (
      self, task,
      mc_transfer_new (MC_TRANSFER_DOWNLOAD, repo, found->manifest, variant, path, files));
  self->changes++;
  mc_downloader_make_room_async (self, on_room_made, pair_new (self, transfer));
}

/* Of the variant, or "": of the whole repo, those that are here. NULL with MC_ERROR_NOT_DOWNLOADED
 * if there are none. */
static GPtrArray *
list_files_here (McDownloader *self, McManifest *manifest, const char *variant, GError **error)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GPtrArray) here = g_ptr_array_new ();

  if (variant[0] == '\0')
    files = g_ptr_array_ref (manifest->files);
  else
    files = mc_downloader_list_files (manifest, variant, "", error);
  if (files == NULL)
    return NULL;
  for (guint i = 0; i < files->len; i++)
    if (mc_store_has_file (self->store, g_ptr_array_index (files, i)))
      g_ptr_array_add (here, g_ptr_array_index (files, i));
  if (here->len > 0)
    return g_steal_pointer (&here);
  g_set_error_literal (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED,
                       "Nothing of it is here to be verified");
  return NULL;
}

void
mc_downloader_verify_async (McDownloader *self,
                            gint64 repo,
                            const char *variant,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, NULL, callback, user_data, mc_downloader_verify_async);
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;
  McLibraryRepo *found = find_repo (self, repo, &error);
  McTransfer *earlier = mc_downloader_find (self, MC_TRANSFER_VERIFY, repo, variant, "");

  /* One that failed looked at what was here then. */
  if (found != NULL && earlier != NULL && earlier->state != MC_TRANSFER_FAILED
      && mc_downloader_join (self, task, earlier))
    return;
  if (found != NULL)
    files = list_files_here (self, found->manifest, variant, &error);
  if (files == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  mc_downloader_keep (self,
                      mc_downloader_list (self, task,
                                          mc_transfer_new (MC_TRANSFER_VERIFY, repo,
                                                           found->manifest, variant, "", files)));
}

McTransfer *
mc_downloader_begin_finish (McDownloader *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- after a restart --- */

static GError *
make_kept_error (const McTransferRecord *record)
{
  McError code = MC_ERROR_FAILED;

  if (record->error[0] == '\0')
    return NULL;
  mc_error_from_name (record->error, &code);
  return g_error_new_literal (MC_ERROR, (int) code, record->message);
}

/* The files may be grouped otherwise since, and what was here may be gone: what was to go on cannot
 * then, and of what is over nothing is left to be told. */
static void
take_up (McDownloader *self, const McTransferRecord *record)
{
  McLibraryRepo *repo = mc_store_get_repo (self->store, record->repo);
  McTransferKind kind = MC_TRANSFER_DOWNLOAD;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) error = NULL;
  McTransferState state;
  McTransfer *transfer;

  mc_transfer_kind_from_string (record->kind, &kind);
  if (kind == MC_TRANSFER_IMPORT || kind == MC_TRANSFER_PREVIEW)
    files = g_ptr_array_new ();
  else if (repo != NULL && kind == MC_TRANSFER_UPDATE)
    files = mc_downloader_list_held_files (self, repo, &error);
  else if (repo != NULL && kind == MC_TRANSFER_VERIFY)
    files = list_files_here (self, repo->manifest, record->variant, &error);
  else if (repo != NULL)
    files = mc_downloader_list_files (repo->manifest, record->variant, record->path, &error);
  if (repo == NULL || !mc_transfer_state_from_string (record->state, &state)
      || (files == NULL && mc_transfer_state_is_final (state)))
    {
      mc_store_forget_transfer (self->store, record->id);
      return;
    }
  if (files == NULL)
    {
      files = g_ptr_array_new ();
      state = MC_TRANSFER_FAILED;
    }
  transfer =
      mc_transfer_new (kind, record->repo, repo->manifest, record->variant, record->path, files);
  transfer->id = record->id;
  transfer->created = record->created;
  transfer->place = CLAMP (record->place, -MC_QUEUE_FARTHEST, MC_QUEUE_FARTHEST);
  transfer->rate_limit = record->rate_limit;
  mc_downloader_give_limiter (self, transfer);
  transfer->state = state;
  transfer->error = error != NULL ? g_steal_pointer (&error) : make_kept_error (record);
  if (mc_transfer_fetches (transfer))
    transfer->verified = mc_store_count_committed (self->store, transfer->files);
  else if (state == MC_TRANSFER_DONE)
    transfer->verified = transfer->total;
  if (kind == MC_TRANSFER_EVICT)
    transfer->verified = transfer->total = g_ascii_strtoull (record->message, NULL, 10);
  g_ptr_array_add (self->transfers, transfer);
  mc_downloader_announce (self, transfer);
}

void
mc_downloader_start (McDownloader *self)
{
  g_autoptr (GPtrArray) records = mc_store_take_transfers (self->store);

  for (guint i = 0; records != NULL && i < records->len; i++)
    take_up (self, g_ptr_array_index (records, i));
  mc_downloader_watch_space (self);
  mc_downloader_judge (self);
  mc_downloader_schedule (self);
}
