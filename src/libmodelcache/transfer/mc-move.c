/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"
#include "mc-location.h"
#include "mc-pack.h"
#include "mc-store-copy.h"
#include "mc-task.h"

#include <string.h>

/* The store on its way to another folder, in these steps:
 *
 *   prepare -> check and copy one complete pack after the other, beside everything else
 *   -> no download begins, those under way stop -> copy what is left -> switch -> downloads go on
 *   -> remove the old one
 *
 * Until the switch the old store is the store, and the copy is nothing. HOME/moving tells of a move
 * that a crash ended: the next start goes on, or removes what is left of the old one. */

/* How often packs may come between the last copy and the switch. */
#define TRIES 3

struct _McMove
{
  McDownloader *owner;  /* (owned) */
  McTransfer *transfer; /* (owned) */
  char *from;
  char *to;
  GArray *digests; /* (owned): McDigest of complete contents in packs */
  guint next;
  guint tries;
  gboolean quiet; /* nothing writes: what is left is being copied */
  McVerifyProgress progress;
};

static void check_next (McMove *self);
static void on_checked (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_copied (GObject *source, GAsyncResult *result, gpointer user_data);
static void copy_rest (McMove *self);
static void on_rest_copied (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_switched (GObject *source, GAsyncResult *result, gpointer user_data);
static void finish (McMove *self, GError *error);

/* --- on other threads: tasks of no object, since a thread lets go of its task a little after the
 * callback came --- */

typedef struct
{
  char *from;
  char *to;
  McDigest digest;  /* of the pack; NONE: all */
  GHashTable *keep; /* (owned) (nullable) */
  McVerifyProgress *progress;
  guint64 size;
} Copying;

static void
copying_free (gpointer data)
{
  Copying *copying = data;

  g_free (copying->from);
  g_free (copying->to);
  g_clear_pointer (&copying->keep, g_hash_table_unref);
  g_free (copying);
}

static Copying *
copying_new (const char *from, const char *to)
{
  Copying *copying = g_new0 (Copying, 1);

  copying->from = g_strdup (from);
  copying->to = g_strdup (to);
  return copying;
}

static void
copy_one (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Copying *copying = data;
  GError *error = NULL;

  if (mc_store_copy_pack (copying->from, copying->to, &copying->digest, &copying->progress->chunks,
                          cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
copy_all (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Copying *copying = data;
  g_autoptr (GHashTable) packs = mc_pack_list (copying->from, NULL);
  GError *error = NULL;
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, packs);
  while (error == NULL && g_hash_table_iter_next (&iter, &digest, NULL))
    mc_store_copy_pack (copying->from, copying->to, digest, &copying->progress->chunks, cancellable,
                        &error);
  if (error == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
prepare (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Copying *copying = data;
  GError *error = NULL;

  if (mc_store_copy_prepare (copying->from, copying->to, copying->size, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
remove_store (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Copying *copying = data;

  g_task_return_boolean (task, mc_store_copy_remove (copying->from, copying->keep));
}

static void
undo (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Copying *copying = data;

  g_task_return_boolean (task, mc_store_copy_undo (copying->from, copying->to));
}

/* --- copying, beside everything else --- */

static void
list_complete (McMove *self)
{
  g_autoptr (GPtrArray) contents = mc_store_list_contents (self->owner->store);

  g_array_set_size (self->digests, 0);
  for (guint i = 0; i < contents->len; i++)
    {
      McContent *content = g_ptr_array_index (contents, i);

      if (content->state == MC_CONTENT_COMPLETE && mc_pack_is_sealed (self->from, &content->digest))
        g_array_append_val (self->digests, content->digest);
    }
  self->next = 0;
}

void
mc_downloader_run_move (McDownloader *self, McTransfer *transfer)
{
  McMove *move = g_new0 (McMove, 1);

  move->owner = g_object_ref (self);
  move->transfer = g_object_ref (transfer);
  move->from = g_strdup (mc_store_get_folder (self->store));
  move->to = g_strdup (transfer->path);
  move->digests = g_array_new (FALSE, FALSE, sizeof (McDigest));
  move->progress.unit = MC_COPY_STEP;
  self->move = move;
  transfer->cancellable = g_cancellable_new ();
  transfer->progress = &move->progress;
  mc_downloader_set_state (self, transfer, MC_TRANSFER_ACTIVE, NULL);
  list_complete (move);
  check_next (move);
}

/* The next one that is still here and not there yet. */
static const McContent *
find_next (McMove *self)
{
  for (; self->next < self->digests->len; self->next++)
    {
      McDigest *digest = &g_array_index (self->digests, McDigest, self->next);
      const McContent *content = mc_store_get_content (self->owner->store, digest);

      if (content == NULL || content->state != MC_CONTENT_COMPLETE)
        continue;
      if (!mc_pack_is_sealed (self->to, digest))
        return content;
      self->progress.before += content->size;
    }
  return NULL;
}

static void
check_next (McMove *self)
{
  const McContent *content = find_next (self);

  if (content != NULL)
    mc_store_check_async (self->owner->store, &content->digest, g_get_real_time () / G_USEC_PER_SEC,
                          NULL, self->transfer->cancellable, on_checked, self);
  else
    {
      self->owner->frozen = TRUE;
      mc_downloader_schedule (self->owner);
    }
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McMove *self = user_data;
  McStore *store = MC_STORE (source);
  McDigest *digest = &g_array_index (self->digests, McDigest, self->next);
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  Copying *copying;
  gboolean good;

  if (!mc_store_check_finish (store, result, &good, &error)
      && !g_error_matches (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED))
    {
      finish (self, error);
      return;
    }
  /* What is damaged is copied with what is unfinished, and repaired here or there. */
  if (error != NULL || !good)
    {
      if (error == NULL)
        mc_downloader_repair (self->owner, digest);
      g_clear_error (&error);
      self->next++;
      check_next (self);
      return;
    }
  copying = copying_new (self->from, self->to);
  copying->digest = *digest;
  copying->progress = &self->progress;
  self->progress.size = mc_store_get_content (store, digest)->size;
  mc_store_pin (store, digest);
  task = mc_task_new (NULL, self->transfer->cancellable, on_copied, self, on_checked);
  g_task_set_task_data (task, copying, copying_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, copy_one);
}

static void
end_piece (McMove *self)
{
  self->progress.before += self->progress.size;
  self->progress.size = 0;
  g_atomic_int_set (&self->progress.chunks, 0);
}

static void
on_copied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McMove *self = user_data;
  GError *error = NULL;

  mc_store_unpin (self->owner->store, &g_array_index (self->digests, McDigest, self->next));
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      finish (self, error);
      return;
    }
  end_piece (self);
  self->next++;
  check_next (self);
}

/* --- the quiet moment --- */

void
mc_downloader_move_on (McDownloader *self)
{
  if (self->move == NULL || !self->frozen || self->move->quiet
      || g_hash_table_size (self->fetches) > 0 || self->discards > 0)
    return;
  self->move->quiet = TRUE;
  copy_rest (self->move);
}

static void
copy_rest (McMove *self)
{
  g_autoptr (GTask) task =
      mc_task_new (NULL, self->transfer->cancellable, on_rest_copied, self, copy_rest);
  Copying *copying = copying_new (self->from, self->to);

  copying->progress = &self->progress;
  self->progress.size = self->transfer->total - MIN (self->progress.before, self->transfer->total);
  g_task_set_task_data (task, copying, copying_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, copy_all);
}

static void
on_rest_copied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McMove *self = user_data;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error)
      || g_cancellable_set_error_if_cancelled (self->transfer->cancellable, &error))
    finish (self, error);
  else
    mc_store_switch_async (self->owner->store, self->owner->home, self->to, on_switched, self);
}

static void
on_switched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McMove *self = user_data;
  GError *error = NULL;

  mc_store_switch_finish (MC_STORE (source), result, &error);
  if (g_error_matches (error, MC_ERROR, MC_ERROR_BUSY) && ++self->tries < TRIES)
    {
      g_error_free (error);
      copy_rest (self);
    }
  else
    finish (self, error);
}

/* --- afterwards --- */

typedef struct
{
  McDownloader *owner; /* (owned) */
} Removing;

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Removing *removing = user_data;
  g_autoptr (McDownloader) self = removing->owner;

  /* What somebody still reads goes at the next start. */
  if (g_task_propagate_boolean (G_TASK (result), NULL))
    mc_location_forget_move (self->home);
  g_free (removing);
  self->changes--;
  mc_downloader_schedule (self);
  mc_downloader_check_stop (self);
}

/* Removes the store that is none any more, or what there is of the one that is not to be. */
static void
remove_later (McDownloader *self, const char *from, const char *to, GTaskThreadFunc which)
{
  g_autoptr (GTask) task = NULL;
  Copying *copying = copying_new (from, to);
  Removing *removing = g_new0 (Removing, 1);

  removing->owner = g_object_ref (self);
  copying->keep = mc_store_list_pinned (self->store);
  self->changes++;
  task = mc_task_new (NULL, NULL, on_removed, removing, remove_later);
  g_task_set_task_data (task, copying, copying_free);
  g_task_run_in_thread (task, which);
}

/* Takes the move and the error. */
static void
finish (McMove *self, GError *error)
{
  g_autoptr (McDownloader) owner = self->owner;
  g_autoptr (McTransfer) transfer = self->transfer;

  owner->move = NULL;
  owner->frozen = FALSE;
  transfer->progress = NULL;
  g_clear_object (&transfer->cancellable);
  if (error == NULL)
    {
      transfer->verified = transfer->total;
      remove_later (owner, self->from, self->to, remove_store);
      /* A cancellation came too late. */
      if (mc_transfer_state_is_running (transfer->state))
        mc_downloader_set_state (owner, transfer, MC_TRANSFER_DONE, NULL);
    }
  else if (transfer->state == MC_TRANSFER_CANCELLED)
    remove_later (owner, self->from, self->to, undo);
  else if (mc_transfer_state_is_running (transfer->state)
           && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    mc_downloader_set_state (owner, transfer, MC_TRANSFER_FAILED, g_error_copy (error));
  g_clear_error (&error);
  g_array_unref (self->digests);
  g_free (self->from);
  g_free (self->to);
  g_free (self);
  mc_downloader_emit_content_changed (owner);
  mc_downloader_schedule (owner);
  mc_downloader_check_stop (owner);
}

void
mc_downloader_forget_move (McDownloader *self, McTransfer *transfer)
{
  if (self->move == NULL || self->move->transfer != transfer)
    remove_later (self, mc_store_get_folder (self->store), transfer->path, undo);
}

/* --- beginning --- */

static McTransfer *
find_move (McDownloader *self)
{
  for (guint i = 0; i < self->transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (transfer->kind == MC_TRANSFER_MOVE && transfer->state != MC_TRANSFER_DONE
          && transfer->state != MC_TRANSFER_CANCELLED)
        return transfer;
    }
  return NULL;
}

static void
on_prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McDownloader *self = g_task_get_source_object (task);
  Copying *copying = g_task_get_task_data (G_TASK (result));
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  McTransfer *transfer;

  self->changes--;
  if (g_task_propagate_boolean (G_TASK (result), &error) && self->stopping)
    error = mc_downloader_make_stopping_error ();
  if (error != NULL || !mc_location_set_move (self->home, copying->from, copying->to, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      mc_downloader_check_stop (self);
      return;
    }
  transfer = mc_transfer_new (MC_TRANSFER_MOVE, 0, NULL, "", copying->to, files);
  transfer->total = copying->size;
  g_ptr_array_add (transfer->waiters, g_steal_pointer (&task));
  mc_downloader_add (self, transfer);
}

static gboolean
check_move (McDownloader *self, const char *folder, GError **error)
{
  McTransfer *earlier = find_move (self);

  if (self->stopping)
    g_propagate_error (error, mc_downloader_make_stopping_error ());
  else if (self->home == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_IN_USE,
                         "MODEL_CACHE_DATA_DIR says where the store is: change that, and move the "
                         "folder while nothing runs");
  else if (earlier != NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_IN_USE,
                 "The store is being moved to %s already: cancel that first", earlier->path);
  else if (!g_path_is_absolute (folder))
    g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                 "“%s” is no folder: give its whole path, from / on", folder);
  else
    return TRUE;
  return FALSE;
}

static guint64
measure_contents (McStore *store)
{
  guint64 complete;
  guint64 partial;

  mc_store_get_totals (store, &complete, &partial);
  return complete + partial;
}

void
mc_downloader_move_async (McDownloader *self,
                          const char *folder,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (self, NULL, callback, user_data, mc_downloader_move_async);
  McTransfer *earlier = find_move (self);
  g_autofree char *canonical = g_canonicalize_filename (folder, "/");
  g_autoptr (GTask) inner = NULL;
  GError *error = NULL;
  Copying *copying;

  if (earlier != NULL && earlier->id != 0 && strcmp (earlier->path, canonical) == 0)
    {
      if (!mc_transfer_state_is_running (earlier->state))
        mc_downloader_set_state (self, earlier, MC_TRANSFER_QUEUED, NULL);
      mc_downloader_schedule (self);
      g_task_return_pointer (task, g_object_ref (earlier), g_object_unref);
      return;
    }
  if (!check_move (self, folder, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  copying = copying_new (mc_store_get_folder (self->store), canonical);
  copying->size = measure_contents (self->store);
  self->changes++;
  inner = mc_task_new (NULL, NULL, on_prepared, g_steal_pointer (&task), mc_downloader_move_async);
  g_task_set_task_data (inner, copying, copying_free);
  g_task_run_in_thread (inner, prepare);
}

/* --- after a restart --- */

static void
on_resumed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McTransfer) transfer =
      mc_downloader_begin_finish (MC_DOWNLOADER (source), result, &error);

  if (transfer == NULL)
    g_warning ("A move of the store that was begun does not go on: %s", error->message);
}

void
mc_downloader_set_home (McDownloader *self, const char *home)
{
  const char *folder = mc_store_get_folder (self->store);
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;

  self->home = g_strdup (home);
  if (!mc_location_get_move (home, &from, &to))
    return;
  if (strcmp (folder, to) == 0)
    remove_later (self, from, to, remove_store);
  else if (strcmp (folder, from) == 0)
    mc_downloader_move_async (self, to, on_resumed, NULL);
  else
    mc_location_forget_move (home);
}
