/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-clock.h"
#include "mc-error.h"
#include "mc-task.h"
#include "mc-verify.h"

#include <string.h>

/* What runs when. Everything that happens asks for a round; a round looks at all transfers and
 * starts and stops what should. Beginning and steering transfers is in mc-downloader-begin.c and
 * mc-downloader-steer.c. */

typedef struct
{
  McDownloader *owner;       /* borrowed: it outlives its fetches, or lets go of them */
  McFetch *fetch;            /* (owned) */
  GCancellable *cancellable; /* (owned) */
  gint64 repo;               /* where it comes from, and */
  char *path;                /* (owned) */
} Running;

typedef struct
{
  McDownloader *owner;  /* (owned) */
  McTransfer *transfer; /* (owned) */
  McVerifyProgress progress;
} Verification;

G_DEFINE_FINAL_TYPE (McDownloader, mc_downloader, G_TYPE_OBJECT)

enum
{
  TRANSFER_ADDED,
  TRANSFER_REMOVED,
  CONTENT_CHANGED,
  POLICY_CHANGED,
  FETCHING_CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
running_free (gpointer data)
{
  Running *running = data;

  g_signal_handlers_disconnect_by_data (running->fetch, running->owner);
  g_object_unref (running->fetch);
  g_object_unref (running->cancellable);
  g_free (running->path);
  g_free (running);
}

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
mc_downloader_dispose (GObject *object)
{
  McDownloader *self = MC_DOWNLOADER (object);

  clear_source (&self->tick);
  clear_source (&self->schedule);
  clear_source (&self->look);
  clear_source (&self->clock);
  g_clear_pointer (&self->fetches, g_hash_table_unref);
  g_clear_pointer (&self->transfers, g_ptr_array_unref);
  g_clear_pointer (&self->limiter, mc_limiter_unref);
  g_clear_pointer (&self->budget, mc_buffer_budget_unref);
  g_clear_object (&self->stop);
  g_clear_object (&self->looking);
  g_clear_pointer (&self->home, g_free);
  g_clear_object (&self->hub);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (mc_downloader_parent_class)->dispose (object);
}

static void
mc_downloader_class_init (McDownloaderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mc_downloader_dispose;
  signals[TRANSFER_ADDED] = g_signal_new ("transfer-added", MC_TYPE_DOWNLOADER, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, MC_TYPE_TRANSFER);
  signals[TRANSFER_REMOVED] =
      g_signal_new ("transfer-removed", MC_TYPE_DOWNLOADER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, MC_TYPE_TRANSFER);
  signals[CONTENT_CHANGED] = g_signal_new ("content-changed", MC_TYPE_DOWNLOADER, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[POLICY_CHANGED] = g_signal_new ("policy-changed", MC_TYPE_DOWNLOADER, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FETCHING_CHANGED] = g_signal_new ("fetching-changed", MC_TYPE_DOWNLOADER,
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mc_downloader_init (McDownloader *self)
{
  self->slept = mc_clock_get_slept ();
  self->transfers = g_ptr_array_new_with_free_func (g_object_unref);
  self->fetches = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, NULL, running_free);
  self->looking = g_cancellable_new ();
  self->limiter = mc_limiter_new (NULL);
  self->budget = mc_buffer_budget_new (0);
}

McDownloader *
mc_downloader_new (McStore *store, McHubClient *hub, guint retry_base_ms)
{
  McDownloader *self = g_object_new (MC_TYPE_DOWNLOADER, NULL);

  self->store = g_object_ref (store);
  self->hub = g_object_ref (hub);
  self->retry_base_ms = retry_base_ms;
  mc_downloader_connect_space (self);
  mc_downloader_connect_limit (self);
  g_signal_connect_object (store, "settings-changed", G_CALLBACK (mc_downloader_judge), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (store, "settings-changed", G_CALLBACK (mc_downloader_schedule), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (store, "damage-met", G_CALLBACK (mc_downloader_look_at_damage), self,
                           G_CONNECT_SWAPPED);
  return self;
}

GPtrArray *
mc_downloader_get_transfers (McDownloader *self)
{
  return self->transfers;
}

/* Whether anything is under way. */
static gboolean
has_work (McDownloader *self)
{
  return g_hash_table_size (self->fetches) > 0 || self->verifications > 0 || self->discards > 0
         || self->changes > 0 || self->move != NULL;
}

gboolean
mc_downloader_is_fetching (McDownloader *self, const McDigest *digest)
{
  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (mc_transfer_fetches (transfer) && mc_transfer_state_is_running (transfer->state)
          && g_hash_table_contains (transfer->wanted, digest))
        return TRUE;
    }
  return FALSE;
}

gboolean
mc_downloader_prefer (McDownloader *self, const McDigest *digest, guint64 offset)
{
  Running *running = g_hash_table_lookup (self->fetches, digest);

  if (running == NULL)
    return FALSE;
  mc_fetch_prefer (running->fetch, offset);
  return TRUE;
}

gboolean
mc_downloader_is_busy (McDownloader *self)
{
  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (mc_transfer_state_is_running (transfer->state) || transfer->discard)
        return TRUE;
    }
  return has_work (self);
}

void
mc_downloader_emit_content_changed (McDownloader *self)
{
  g_signal_emit (self, signals[CONTENT_CHANGED], 0);
}

void
mc_downloader_emit_policy_changed (McDownloader *self)
{
  g_signal_emit (self, signals[POLICY_CHANGED], 0);
}

gboolean
mc_downloader_is_using_network (McDownloader *self)
{
  return g_hash_table_size (self->fetches) > 0;
}

static void
tell_fetching (McDownloader *self)
{
  if (self->fetching == mc_downloader_is_using_network (self))
    return;
  self->fetching = !self->fetching;
  g_signal_emit (self, signals[FETCHING_CHANGED], 0);
}

/* Whether a transfer that runs wants the content. */
static gboolean
wants (McTransfer *transfer, const McDigest *digest)
{
  return transfer->id != 0 && mc_transfer_fetches (transfer)
         && mc_transfer_state_is_running (transfer->state)
         && g_hash_table_contains (transfer->wanted, digest);
}

static void
on_received (McFetch *fetch, guint64 bytes, gpointer user_data)
{
  McDownloader *self = user_data;

  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (wants (transfer, mc_fetch_get_digest (fetch)))
        transfer->received += bytes;
    }
}

/* The transfers for which it was tried fail. Who wants the content from another place tries that,
 * unless it was the disk.
 */
static void
fail_transfers (McDownloader *self, Running *running, const GError *error)
{
  const McDigest *digest = mc_fetch_get_digest (running->fetch);
  gboolean full = g_error_matches (error, MC_ERROR, MC_ERROR_NO_SPACE);
  g_autoptr (GPtrArray) transfers = mc_downloader_copy_transfers (self);

  for (guint i = 0; i < transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (transfers, i);
      McFile *file;

      if (!wants (transfer, digest) || (transfer->repo != running->repo && !full))
        continue;
      file = g_hash_table_lookup (transfer->wanted, digest);
      if (full || strcmp (file->path, running->path) == 0)
        mc_downloader_stop_for (self, transfer, error);
    }
}

static void
on_fetch_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McDownloader) self = user_data;
  McFetch *fetch = MC_FETCH (source);
  McDigest digest = *mc_fetch_get_digest (fetch);
  Running *running = g_hash_table_lookup (self->fetches, &digest);
  g_autoptr (GError) error = NULL;

  if (!mc_fetch_run_finish (fetch, result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    fail_transfers (self, running, error);
  g_hash_table_remove (self->fetches, &digest);
  mc_downloader_share_memory (self);
  mc_downloader_emit_content_changed (self);
  mc_downloader_schedule (self);
  mc_downloader_check_stop (self);
}

static void
start_fetch (McDownloader *self, McTransfer *transfer, McFile *file)
{
  Running *running = g_new0 (Running, 1);

  running->owner = self;
  running->repo = transfer->repo;
  running->path = g_strdup (file->path);
  running->cancellable = g_cancellable_new ();
  running->fetch =
      mc_fetch_new (self->store, self->hub, transfer->manifest->repo, transfer->manifest->commit,
                    file->path, &file->digest, self->retry_base_ms);
  g_signal_connect (running->fetch, "received", G_CALLBACK (on_received), self);
  mc_fetch_set_budget (running->fetch, self->budget);
  mc_fetch_set_limiter (running->fetch, transfer->limiter);
  g_signal_connect_swapped (running->fetch, "changed", G_CALLBACK (mc_downloader_schedule), self);
  g_hash_table_insert (self->fetches, (gpointer) mc_fetch_get_digest (running->fetch), running);
  mc_downloader_share_memory (self);
  mc_fetch_run_async (running->fetch, running->cancellable, on_fetch_done, g_object_ref (self));
}

GPtrArray *
mc_downloader_list_fetches (McDownloader *self)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->fetches);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (list, ((Running *) value)->fetch);
  return list;
}

static void
stop_unwanted (McDownloader *self)
{
  GHashTableIter iter;
  gpointer digest;
  gpointer value;

  g_hash_table_iter_init (&iter, self->fetches);
  while (g_hash_table_iter_next (&iter, &digest, &value))
    {
      gboolean wanted = FALSE;

      for (guint i = 0; i < self->transfers->len && !wanted; i++)
        {
          McTransfer *transfer = g_ptr_array_index (self->transfers, i);

          wanted = transfer->runs && wants (transfer, digest);
        }
      if (!wanted || self->stopping || self->frozen)
        g_cancellable_cancel (((Running *) value)->cancellable);
      else
        mc_fetch_set_limiter (((Running *) value)->fetch,
                              mc_downloader_find_limiter (self, digest));
    }
}

void
mc_downloader_hurry (McDownloader *self, McTransfer *transfer)
{
  for (guint i = 0; i < transfer->files->len; i++)
    {
      McFile *file = g_ptr_array_index (transfer->files, i);
      Running *running = g_hash_table_lookup (self->fetches, &file->digest);

      if (running != NULL)
        mc_fetch_hurry (running->fetch);
    }
}

/* All of it is here. */
static void
end_download (McDownloader *self, McTransfer *transfer)
{
  if (transfer->kind == MC_TRANSFER_UPDATE)
    {
      mc_downloader_end_update (self, transfer);
      return;
    }
  mc_downloader_set_state (self, transfer, MC_TRANSFER_DONE, NULL);
  mc_downloader_schedule (self);
}

/* Starts what there is room for, and says what became of the transfer. */
static void
drive_download (McDownloader *self, McTransfer *transfer)
{
  const GError *waiting = NULL;
  gint64 wait_end = 0;
  gboolean complete = TRUE;
  gboolean active = FALSE;

  for (guint i = 0; i < transfer->files->len; i++)
    {
      McFile *file = g_ptr_array_index (transfer->files, i);
      Running *running = g_hash_table_lookup (self->fetches, &file->digest);

      if (running == NULL && mc_store_has_file (self->store, file))
        continue;
      /* What was to be repaired may have been deleted instead. */
      if (running == NULL && transfer->kind == MC_TRANSFER_REPAIR
          && mc_store_get_content (self->store, &file->digest) == NULL)
        continue;
      complete = FALSE;
      /* What is damaged of it is known soon, or it comes from this computer. */
      if (running == NULL
          && (mc_store_is_being_checked (self->store, &file->digest)
              || mc_downloader_is_importing (self, &file->digest)))
        continue;
      if (running == NULL && !transfer->runs)
        continue;
      if (running == NULL && mc_store_get_content (self->store, &file->digest) == NULL)
        {
          /* A new version may count more files to a variant than were asked for then. */
          mc_downloader_hold_again (self, transfer);
          active = FALSE;
          waiting = NULL;
          break;
        }
      if (running == NULL && mc_downloader_may_fetch (self, transfer))
        {
          start_fetch (self, transfer, file);
          active = TRUE;
        }
      else if (running != NULL && mc_fetch_get_waiting (running->fetch) != NULL)
        {
          waiting = mc_fetch_get_waiting (running->fetch);
          wait_end = mc_fetch_get_wait_end (running->fetch);
        }
      else if (running != NULL)
        active = TRUE;
    }
  if (complete)
    end_download (self, transfer);
  else if (active)
    mc_downloader_set_state (self, transfer, MC_TRANSFER_ACTIVE, NULL);
  else if (waiting != NULL)
    {
      mc_transfer_set_waits_until (transfer, wait_end);
      mc_downloader_set_state (self, transfer, MC_TRANSFER_WAITING, g_error_copy (waiting));
    }
  else
    mc_downloader_set_state (self, transfer, MC_TRANSFER_QUEUED, NULL);
}

static void
update_verified (McDownloader *self, McTransfer *transfer)
{
  if (mc_transfer_fetches (transfer))
    transfer->verified = mc_store_count_committed (self->store, transfer->files);
}

/* What is told of several fetches. Static. */
static const char *
get_phase (McDownloader *self, McTransfer *transfer)
{
  static const char *const names[] = {
    [MC_FETCH_FINISHING] = "finishing",
    [MC_FETCH_VERIFYING] = "verifying",
    [MC_FETCH_RESOLVING] = "resolving",
    [MC_FETCH_TRANSFERRING] = "transferring",
  };
  McFetchPhase phase = MC_FETCH_FINISHING;

  for (guint i = 0; i < transfer->files->len; i++)
    {
      McFile *file = g_ptr_array_index (transfer->files, i);
      Running *running = g_hash_table_lookup (self->fetches, &file->digest);

      if (running != NULL)
        phase = MAX (phase, mc_fetch_get_phase (running->fetch));
    }
  return names[phase];
}

static gboolean
on_tick (gpointer user_data)
{
  McDownloader *self = user_data;
  g_autoptr (GPtrArray) transfers = mc_downloader_copy_transfers (self);
  gboolean any = FALSE;

  mc_downloader_note_sleep (self);
  for (guint i = 0; i < transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (transfers, i);

      if (transfer->id == 0 || transfer->state != MC_TRANSFER_ACTIVE)
        continue;
      any = TRUE;
      if (mc_transfer_fetches (transfer))
        mc_transfer_tick (transfer, mc_store_count_committed (self->store, transfer->files),
                          get_phase (self, transfer));
      else if (transfer->progress != NULL)
        mc_transfer_tick (transfer, mc_verify_progress_get (transfer->progress), "verifying");
    }
  if (any)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->tick, g_source_unref);
  return G_SOURCE_REMOVE;
}

static void
ensure_tick (McDownloader *self)
{
  if (self->tick != NULL)
    return;
  self->tick = g_timeout_source_new (MC_TRANSFER_TICK_MS);
  g_source_set_callback (self->tick, on_tick, self, NULL);
  g_source_attach (self->tick, g_main_context_get_thread_default ());
}

static void
drive (McDownloader *self, McTransfer *transfer)
{
  ensure_tick (self);
  if (mc_transfer_fetches (transfer))
    drive_download (self, transfer);
  else if (transfer->state != MC_TRANSFER_QUEUED || self->verifications > 0 || self->move != NULL)
    return;
  else if (transfer->kind == MC_TRANSFER_MOVE)
    mc_downloader_run_move (self, transfer);
  else if (mc_transfer_imports (transfer))
    mc_downloader_run_import (self, transfer);
  else
    mc_downloader_run_verify (self, transfer);
}

static gboolean
on_round (gpointer user_data)
{
  g_autoptr (McDownloader) self = g_object_ref (user_data);
  g_autoptr (GPtrArray) transfers = mc_downloader_copy_transfers (self);

  g_clear_pointer (&self->schedule, g_source_unref);
  if (!self->stopping)
    mc_downloader_heed_offline (self);
  mc_downloader_choose (self);
  stop_unwanted (self);
  for (guint i = 0; i < transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (transfers, i);

      if (transfer->id == 0)
        continue;
      if (transfer->discard)
        mc_downloader_discard (self, transfer);
      if (mc_transfer_state_is_running (transfer->state) && !self->stopping)
        drive (self, transfer);
    }
  tell_fetching (self);
  mc_downloader_move_on (self);
  mc_downloader_check_stop (self);
  return G_SOURCE_REMOVE;
}

void
mc_downloader_schedule (McDownloader *self)
{
  if (self->schedule != NULL || self->transfers == NULL)
    return;
  self->schedule = g_idle_source_new ();
  g_source_set_priority (self->schedule, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->schedule, on_round, self, NULL);
  g_source_attach (self->schedule, g_main_context_get_thread_default ());
}

void
mc_downloader_set_state (McDownloader *self,
                         McTransfer *transfer,
                         McTransferState state,
                         GError *error)
{
  gboolean was_running = mc_transfer_state_is_running (transfer->state);
  gboolean keep =
      state != transfer->state && !(was_running && mc_transfer_state_is_running (state));

  update_verified (self, transfer);
  mc_transfer_set_state (transfer, state, error);
  if (keep && transfer->id != 0)
    mc_downloader_keep (self, transfer);
  if (keep)
    mc_downloader_emit_content_changed (self);
}

/* --- verification --- */

static void
on_verified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Verification *verification = user_data;
  g_autoptr (McDownloader) self = verification->owner;
  g_autoptr (McTransfer) transfer = verification->transfer;
  g_autoptr (GError) error = NULL;
  gboolean good = mc_verify_finish (MC_STORE (source), result, &error);

  transfer->verified = MIN (verification->progress.before, transfer->total);
  transfer->progress = NULL;
  g_clear_object (&transfer->cancellable);
  for (guint i = 0; i < transfer->files->len; i++)
    mc_downloader_repair (self, &((McFile *) g_ptr_array_index (transfer->files, i))->digest);
  g_free (verification);
  self->verifications--;
  /* A cancelled one has its new state already, or is queued again; so is one that is stopped with
   * the process. */
  if (mc_transfer_state_is_running (transfer->state)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    mc_downloader_set_state (self, transfer, good ? MC_TRANSFER_DONE : MC_TRANSFER_FAILED,
                             g_steal_pointer (&error));
  mc_downloader_emit_content_changed (self);
  mc_downloader_schedule (self);
  mc_downloader_check_stop (self);
}

void
mc_downloader_run_verify (McDownloader *self, McTransfer *transfer)
{
  Verification *verification = g_new0 (Verification, 1);

  verification->owner = g_object_ref (self);
  verification->transfer = g_object_ref (transfer);
  transfer->cancellable = g_cancellable_new ();
  transfer->progress = &verification->progress;
  self->verifications++;
  mc_downloader_set_state (self, transfer, MC_TRANSFER_ACTIVE, NULL);
  mc_verify_async (self->store, transfer->files, &verification->progress, transfer->cancellable,
                   on_verified, verification);
}

/* --- stopping --- */

void
mc_downloader_check_stop (McDownloader *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->stop == NULL || has_work (self))
    return;
  for (guint i = 0; i < self->transfers->len; i++)
    if (((McTransfer *) g_ptr_array_index (self->transfers, i))->discard)
      return;
  task = g_steal_pointer (&self->stop);
  g_task_return_boolean (task, TRUE);
}

void
mc_downloader_stop_async (McDownloader *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_assert (self->stop == NULL);
  self->stop = mc_task_new (self, NULL, callback, user_data, mc_downloader_stop_async);
  self->stopping = TRUE;
  clear_source (&self->look);
  g_cancellable_cancel (self->looking);
  clear_source (&self->tick);
  mc_downloader_schedule (self);
  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (transfer->cancellable != NULL)
        g_cancellable_cancel (transfer->cancellable);
    }
}

gboolean
mc_downloader_stop_finish (McDownloader *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- announcing --- */

void
mc_downloader_announce (McDownloader *self, McTransfer *transfer)
{
  g_signal_emit (self, signals[TRANSFER_ADDED], 0, transfer);
}

void
mc_downloader_forget (McDownloader *self, McTransfer *transfer)
{
  g_autoptr (McTransfer) kept = g_object_ref (transfer);

  if (!g_ptr_array_remove (self->transfers, transfer))
    return;
  if (kept->id == 0)
    return;
  mc_store_forget_transfer (self->store, kept->id);
  g_signal_emit (self, signals[TRANSFER_REMOVED], 0, kept);
}
