/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"
#include "mc-task.h"

#include <string.h>

/* The size limit: before a download that would exceed it, and when it was lowered, what was used
 * least recently goes. Each step of it is told: in the log, and as a transfer of its own. */

/* How many names of what is in the way an error gives. */
#define NAMES 3

typedef struct
{
  McDownloader *owner; /* borrowed: the task holds it */
  guint64 bytes;       /* to be given back; 0: what exceeds the limit */
  gboolean dry_run;
  gboolean must_fit;  /* less than what is needed is an error */
  GPtrArray *evicted; /* (owned): McEvicted */
  guint at;           /* the one that goes next */
} Reclaim;

static void
reclaim_free (gpointer data)
{
  Reclaim *reclaim = data;

  g_ptr_array_unref (reclaim->evicted);
  g_free (reclaim);
}

static void
evicted_free (gpointer data)
{
  McEvicted *evicted = data;

  mc_manifest_unref (evicted->manifest);
  g_free (evicted->variant);
  g_free (evicted->path);
  g_free (evicted);
}

static guint64
get_limit (McDownloader *self)
{
  return mc_settings_get_number (mc_store_get_settings (self->store), MC_SETTING_SIZE_LIMIT);
}

/* --- what goes --- */

/* Whether it is of an earlier commit that an update is to replace. */
static gboolean
is_replaced_by (McStore *store, McTransfer *transfer, const McHolding *holding)
{
  McLibraryRepo *repo = mc_store_get_repo (store, holding->repo);

  return transfer->kind == MC_TRANSFER_UPDATE && !mc_transfer_state_is_final (transfer->state)
         && repo != NULL && strcmp (repo->manifest->repo, transfer->manifest->repo) == 0;
}

/* Whether the transfer is about it, or about all of its repo. */
static gboolean
is_about (McStore *store, McTransfer *transfer, const McHolding *holding)
{
  if (is_replaced_by (store, transfer, holding))
    return TRUE;
  if (transfer->repo != holding->repo || mc_transfer_state_is_final (transfer->state))
    return FALSE;
  return (transfer->variant[0] == '\0' && transfer->path[0] == '\0')
         || (strcmp (transfer->variant, holding->variant) == 0
             && strcmp (transfer->path, holding->path) == 0);
}

static gboolean
must_stay (const McHolding *holding, gpointer user_data)
{
  McDownloader *self = user_data;

  for (guint i = 0; i < self->transfers->len; i++)
    if (is_about (self->store, g_ptr_array_index (self->transfers, i), holding))
      return TRUE;
  return FALSE;
}

/* What the store has and what is being fetched, beyond the limit. */
static guint64
measure_excess (McDownloader *self, const McUsage *usage)
{
  guint64 limit = get_limit (self);
  guint64 total = mc_usage_get_total (usage) + mc_downloader_count_needs (self);

  return limit > 0 && total > limit ? total - limit : 0;
}

static char *
describe_kept (McDownloader *self, McEviction *plan)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;
  guint count = 0;

  for (guint i = 0; i < plan->holdings->len && count < NAMES; i++)
    {
      McEvictionHolding *entry = &g_array_index (plan->holdings, McEvictionHolding, i);
      const McHolding *holding = mc_store_find_holding (self->store, entry->id);
      McLibraryRepo *repo = mc_store_get_repo (self->store, holding->repo);
      g_autofree char *name = NULL;

      if (!entry->kept || repo == NULL)
        continue;
      name = g_strdup_printf ("%s %s%s", repo->manifest->repo, holding->variant, holding->path);
      g_strv_builder_add (builder, name);
      count++;
    }
  names = g_strv_builder_end (builder);
  return g_strjoinv (", ", names);
}

static void
fail_to_fit (GTask *task, McEviction *plan, guint64 need, guint64 gives)
{
  McDownloader *self = g_task_get_source_object (task);
  g_autofree char *limit = g_format_size (get_limit (self));
  g_autofree char *more = g_format_size_full (need, G_FORMAT_SIZE_LONG_FORMAT);
  g_autofree char *less = g_format_size (gives);
  g_autofree char *kept = describe_kept (self, plan);

  g_task_return_new_error (
      task, MC_ERROR, MC_ERROR_NO_SPACE,
      "The size limit of %s is in the way: %s more are needed, and deleting would give back %s. "
      "Pinned, open or being fetched: %s",
      limit, more, less, kept[0] == '\0' ? "nothing" : kept);
}

static void
take_plan (McDownloader *self, GPtrArray *going, GPtrArray *evicted)
{
  for (guint i = 0; i < going->len; i++)
    {
      McEvictionHolding *entry = g_ptr_array_index (going, i);
      const McHolding *holding = mc_store_find_holding (self->store, entry->id);
      McLibraryRepo *repo = mc_store_get_repo (self->store, holding->repo);
      McEvicted *one = g_new0 (McEvicted, 1);

      one->repo = holding->repo;
      one->manifest = mc_manifest_ref (repo->manifest);
      one->variant = g_strdup (holding->variant);
      one->path = g_strdup (holding->path);
      one->last_used = entry->last_used;
      one->returns = entry->returns;
      g_ptr_array_add (evicted, one);
    }
}

/* --- letting it go --- */

static void evict_next (GTask *task);

static void
tell (McDownloader *self, const McEvicted *evicted)
{
  g_autofree char *size = g_format_size (evicted->returns);
  g_autoptr (GPtrArray) nothing = g_ptr_array_new ();
  McTransfer *transfer = mc_transfer_new (MC_TRANSFER_EVICT, evicted->repo, evicted->manifest,
                                          evicted->variant, evicted->path, nothing);

  g_message ("Deleted %s %s%s to make room: %s", evicted->manifest->repo, evicted->variant,
             evicted->path, size);
  transfer->state = MC_TRANSFER_DONE;
  transfer->untold = TRUE;
  transfer->total = evicted->returns;
  mc_downloader_add (self, transfer);
  transfer->verified = transfer->total;
  mc_downloader_emit_content_changed (self);
}

static void
on_dropped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Reclaim *reclaim = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (mc_store_drop_finish (MC_STORE (source), result, NULL, &error))
    tell (reclaim->owner, g_ptr_array_index (reclaim->evicted, reclaim->at++));
  else
    {
      /* Somebody opened it meanwhile. */
      g_info ("It stays: %s", error->message);
      g_ptr_array_remove_index (reclaim->evicted, reclaim->at);
      if (reclaim->must_fit)
        {
          g_task_return_error (task, g_steal_pointer (&error));
          return;
        }
    }
  evict_next (task);
}

/* That it was downloaded once is not of interest any more. */
static void
forget_ended (McDownloader *self, const McEvicted *evicted)
{
  for (guint i = self->transfers->len; i > 0; i--)
    {
      McTransfer *transfer = g_ptr_array_index (self->transfers, i - 1);

      if (transfer->repo == evicted->repo && mc_transfer_state_is_final (transfer->state)
          && strcmp (transfer->variant, evicted->variant) == 0
          && strcmp (transfer->path, evicted->path) == 0)
        mc_downloader_forget (self, transfer);
    }
}

static void
evict_next (GTask *task)
{
  Reclaim *reclaim = g_task_get_task_data (task);
  McDownloader *self = reclaim->owner;
  McEvicted *evicted;

  if (reclaim->dry_run || self->stopping || reclaim->at >= reclaim->evicted->len)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  evicted = g_ptr_array_index (reclaim->evicted, reclaim->at);
  forget_ended (self, evicted);
  mc_store_drop_async (self->store, evicted->repo, evicted->variant, evicted->path, MC_DROP_ONE,
                       on_dropped, g_object_ref (task));
}

static void
on_surveyed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Reclaim *reclaim = g_task_get_task_data (task);
  McDownloader *self = reclaim->owner;
  g_autoptr (GError) error = NULL;
  g_autoptr (McUsage) usage = mc_store_survey_finish (MC_STORE (source), result, &error);
  g_autoptr (McEviction) plan = NULL;
  g_autoptr (GPtrArray) going = NULL;
  guint64 need;
  guint64 gives;

  if (usage == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  need = reclaim->bytes > 0 ? reclaim->bytes : measure_excess (self, usage);
  plan = mc_store_make_eviction (self->store, usage, must_stay, self);
  going = mc_eviction_plan (plan, need, &gives);
  if (reclaim->must_fit && gives < need)
    {
      fail_to_fit (task, plan, need, gives);
      return;
    }
  take_plan (self, going, reclaim->evicted);
  evict_next (task);
}

/* Whoever stops waits for it. */
static void
on_reclaim_ended (McDownloader *self)
{
  self->changes--;
  mc_downloader_schedule (self);
}

static void
begin (McDownloader *self, GTask *task, guint64 bytes, gboolean dry_run, gboolean must_fit)
{
  Reclaim *reclaim = g_new0 (Reclaim, 1);

  reclaim->owner = self;
  reclaim->bytes = bytes;
  reclaim->dry_run = dry_run;
  reclaim->must_fit = must_fit;
  reclaim->evicted = g_ptr_array_new_with_free_func (evicted_free);
  g_task_set_task_data (task, reclaim, reclaim_free);
  self->changes++;
  g_signal_connect_object (task, "notify::completed", G_CALLBACK (on_reclaim_ended), self,
                           G_CONNECT_SWAPPED);
  mc_store_survey_async (self->store, on_surveyed, g_object_ref (task));
}

void
mc_downloader_reclaim_async (McDownloader *self,
                             guint64 bytes,
                             gboolean dry_run,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, NULL, callback, user_data, mc_downloader_reclaim_async);

  if (self->stopping)
    g_task_return_error (task, mc_downloader_make_stopping_error ());
  else
    begin (self, task, bytes, dry_run, FALSE);
}

GPtrArray *
mc_downloader_reclaim_finish (McDownloader *self, GAsyncResult *result, GError **error)
{
  Reclaim *reclaim = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_ptr_array_ref (reclaim->evicted)
                                                           : NULL;
}

/* --- when --- */

void
mc_downloader_make_room_async (McDownloader *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, NULL, callback, user_data, mc_downloader_make_room_async);

  if (get_limit (self) == 0 || mc_downloader_count_needs (self) == 0)
    g_task_return_boolean (task, TRUE);
  else
    begin (self, task, 0, FALSE, TRUE);
}

gboolean
mc_downloader_make_room_finish (McDownloader *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_lowered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) evicted =
      mc_downloader_reclaim_finish (MC_DOWNLOADER (source), result, &error);

  if (evicted == NULL)
    g_warning ("Keeping to the size limit: %s", error->message);
}

static void
on_settings_changed (McStore *store, McDownloader *self)
{
  if (get_limit (self) > 0 && !self->stopping)
    mc_downloader_reclaim_async (self, 0, FALSE, on_lowered, NULL);
}

void
mc_downloader_connect_limit (McDownloader *self)
{
  g_signal_connect_object (self->store, "settings-changed", G_CALLBACK (on_settings_changed), self,
                           0);
}
