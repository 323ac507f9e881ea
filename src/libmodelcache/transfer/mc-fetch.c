/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fetch-private.h"

#include "mc-chunk.h"
#include "mc-clock.h"
#include "mc-error.h"
#include "mc-task.h"

#include <string.h>

/* One content at a time goes through these steps, in reading order:
 *
 *   open the writer -> resolve -> lanes, each: open a range -> read ... read -> the next range
 *                                                         |-> put
 *   no range is missing and nothing is being put -> finish the writer -> done
 *
 * Whatever happens ends in mc_fetch_drive(), which looks what can be done now. What goes wrong on
 * the way from the Hub goes to mc_fetch_trip(), which asks the retry policy. What goes wrong in the
 * store ends it. It ends only when nothing is under way. A put ends when its chunk is committed;
 * its buffer comes back earlier, and what limits the reading are the buffers: they are the memory
 * it takes. */

G_DEFINE_FINAL_TYPE (McFetch, mc_fetch, G_TYPE_OBJECT)

enum
{
  RECEIVED,
  CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void on_writer_open (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_resolved (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_buffer (gpointer user_data);
static void on_writer_finished (GObject *source, GAsyncResult *result, gpointer user_data);

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
drop_parts (McFetch *self)
{
  McPart *part;

  while ((part = g_queue_pop_head (&self->parts)) != NULL)
    mc_part_free (self, part);
}

static void
mc_fetch_finalize (GObject *object)
{
  McFetch *self = MC_FETCH (object);

  mc_fetch_stop_waiting (self);
  clear_source (&self->watch);
  clear_source (&self->tick);
  g_clear_error (&self->failure);
  g_clear_pointer (&self->resolved, mc_resolved_free);
  g_clear_pointer (&self->lanes, g_ptr_array_unref);
  drop_parts (self);
  g_clear_pointer (&self->limiter, mc_limiter_unref);
  g_clear_pointer (&self->buffers, mc_buffer_pool_close);
  g_clear_pointer (&self->budget, mc_buffer_budget_unref);
  g_clear_object (&self->writer);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->store);
  g_clear_object (&self->hub);
  g_free (self->origin);
  g_free (self->etag);
  g_free (self->repo);
  g_free (self->commit);
  g_free (self->path);
  G_OBJECT_CLASS (mc_fetch_parent_class)->finalize (object);
}

static void
mc_fetch_class_init (McFetchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mc_fetch_finalize;
  signals[RECEIVED] = g_signal_new ("received", MC_TYPE_FETCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
  signals[CHANGED] = g_signal_new ("changed", MC_TYPE_FETCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
mc_fetch_init (McFetch *self)
{
  self->cancellable = g_cancellable_new ();
  self->lanes = g_ptr_array_new_with_free_func (mc_lane_free);
  self->share = MC_LANES_MOST;
  g_queue_init (&self->parts);
}

McFetch *
mc_fetch_new (McStore *store,
              McHubClient *hub,
              const char *repo,
              const char *commit,
              const char *path,
              const McDigest *digest,
              guint retry_base_ms)
{
  McFetch *self = g_object_new (MC_TYPE_FETCH, NULL);
  const McContent *content = mc_store_get_content (store, digest);

  g_assert (content != NULL);
  self->store = g_object_ref (store);
  self->hub = g_object_ref (hub);
  self->repo = g_strdup (repo);
  self->commit = g_strdup (commit);
  self->path = g_strdup (path);
  self->digest = *digest;
  self->size = content->size;
  self->retry_base_ms = retry_base_ms;
  return self;
}

const McDigest *
mc_fetch_get_digest (McFetch *self)
{
  return &self->digest;
}

void
mc_fetch_emit_changed (McFetch *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

void
mc_fetch_emit_received (McFetch *self, guint64 bytes)
{
  g_signal_emit (self, signals[RECEIVED], 0, bytes);
}

McFetch *
mc_fetch_step (McFetch *self)
{
  self->steps++;
  return g_object_ref (self);
}

McFetch *
mc_fetch_end_step (gpointer user_data)
{
  McFetch *self = user_data;

  self->steps--;
  return self;
}

void
mc_fetch_set_budget (McFetch *self, McBufferBudget *budget)
{
  g_assert (self->task == NULL && self->budget == NULL);
  self->budget = mc_buffer_budget_ref (budget);
}

void
mc_fetch_set_buffers (McFetch *self, guint buffers)
{
  self->share = CLAMP (buffers, 1, MC_LANES_MOST);
  if (self->buffers != NULL)
    mc_buffer_pool_set_limit (self->buffers, self->share);
}

McFetchPhase
mc_fetch_get_phase (McFetch *self)
{
  guint64 offset;
  guint64 length;

  if (self->buffers == NULL)
    return MC_FETCH_VERIFYING;
  for (guint i = 0; i < self->lanes->len; i++)
    if (((McLane *) g_ptr_array_index (self->lanes, i))->stream != NULL)
      return MC_FETCH_TRANSFERRING;
  if (self->lanes->len == 0 && self->writer != NULL
      && !mc_content_writer_find_missing (self->writer, 0, &offset, &length))
    return MC_FETCH_FINISHING;
  return MC_FETCH_RESOLVING;
}

/* --- beginning --- */

/* From a source, since a handler of the signal could not be disconnected from within. */
static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (McFetch) self = g_object_ref (user_data);

  /* The last step is not worth less than a stop. */
  if (!self->finishing)
    mc_fetch_end (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Stopped"));
  return G_SOURCE_REMOVE;
}

void
mc_fetch_run_async (McFetch *self,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_assert (self->task == NULL && self->writer == NULL);
  /* The result says itself whether it was cancelled: after the puts. */
  self->task = mc_task_new (self, cancellable, callback, user_data, mc_fetch_run_async);
  g_task_set_check_cancellable (self->task, FALSE);
  self->writer = mc_content_writer_new (self->store, &self->digest);
  self->watch = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (on_cancelled), self, NULL);
  g_source_attach (self->watch, g_task_get_context (self->task));
  mc_content_writer_open_async (self->writer, on_writer_open, mc_fetch_step (self));
}

gboolean
mc_fetch_run_finish (McFetch *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Likewise, but nothing is missing behind the end. */
static gboolean
find_missing (McFetch *self, guint64 from, guint64 *offset, guint64 *length)
{
  return from < self->size && mc_content_writer_find_missing (self->writer, from, offset, length);
}

static guint64
count_missing (McFetch *self)
{
  guint64 missing = 0;
  guint64 offset;
  guint64 length = 0;

  for (guint64 from = 0; find_missing (self, from, &offset, &length); from = offset + length)
    missing += length;
  return missing;
}

static void
on_writer_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McFetch) self = mc_fetch_end_step (user_data);
  g_autoptr (GError) error = NULL;

  if (!mc_content_writer_open_finish (MC_CONTENT_WRITER (source), result, &error)
      || self->failure != NULL)
    {
      mc_fetch_end (self, g_steal_pointer (&error));
      return;
    }
  self->buffers = mc_buffer_pool_new (MIN (self->size, MC_CHUNK_SIZE), self->share, self->budget,
                                      on_buffer, self);
  mc_lane_pace_init (&self->pace, count_missing (self), MC_CHUNK_SIZE, mc_clock_now ());
  mc_fetch_emit_changed (self);
  mc_fetch_drive (self);
}

/* --- what to do next --- */

/* What lanes bring, or did before they broke off. */
static GArray *
list_taken (McFetch *self)
{
  GArray *taken = g_array_new (FALSE, FALSE, sizeof (McRange));

  for (guint i = 0; i < self->lanes->len; i++)
    {
      McLane *lane = g_ptr_array_index (self->lanes, i);
      McRange range = { lane->part.offset, lane->end };

      g_array_append_val (taken, range);
    }
  for (GList *l = self->parts.head; l != NULL; l = l->next)
    {
      McPart *part = l->data;
      McRange range = { part->offset, part->offset + part->size };

      g_array_append_val (taken, range);
    }
  return taken;
}

static gboolean
find_free (McFetch *self, const GArray *taken, guint64 from, guint64 most, McRange *found)
{
  guint64 offset;
  guint64 length;

  while (find_missing (self, from, &offset, &length))
    {
      McRange gap = { offset, offset + length };

      if (mc_range_plan_find (gap, (const McRange *) (gpointer) taken->data, taken->len, most,
                              found))
        return TRUE;
      from = gap.end;
    }
  return FALSE;
}

static guint64
count_free (McFetch *self, const GArray *taken)
{
  guint64 free = 0;
  McRange found;

  for (guint64 from = 0; find_free (self, taken, from, G_MAXUINT64, &found); from = found.end)
    free += found.end - found.offset;
  return free;
}

/* A lane that has more to bring than it should lets others help. */
static gboolean
split_longest (McFetch *self, guint64 stripe)
{
  McLane *longest = NULL;
  guint64 end;

  for (guint i = 0; i < self->lanes->len; i++)
    {
      McLane *lane = g_ptr_array_index (self->lanes, i);

      if (longest == NULL || lane->end - lane->part.offset > longest->end - longest->part.offset)
        longest = lane;
    }
  if (longest == NULL)
    return FALSE;
  end =
      mc_range_plan_split ((McRange){ longest->part.offset, longest->end }, stripe, MC_CHUNK_SIZE);
  if (end == longest->end)
    return FALSE;
  longest->end = end;
  return TRUE;
}

static gboolean
find_next (McFetch *self, const GArray *taken, guint64 stripe, McRange *range)
{
  return find_free (self, taken, self->preferred, stripe, range)
         || find_free (self, taken, 0, stripe, range);
}

/* Starts one lane more. FALSE if there is nothing for it to do. */
static gboolean
add_lane (McFetch *self)
{
  g_autoptr (GArray) taken = list_taken (self);
  guint64 stripe =
      mc_range_plan_get_stripe (count_free (self, taken), self->pace.lanes, MC_CHUNK_SIZE);
  McPart *part = g_queue_pop_head (&self->parts);
  McRange next;
  McRange range;

  self->urgent = FALSE;
  if (part != NULL)
    {
      range = (McRange){ part->offset, part->offset + part->size };
      /* What follows it is brought along. */
      if (find_free (self, taken, range.end, stripe, &next) && next.offset == range.end)
        range.end = next.end;
      mc_fetch_start_lane (self, range, part);
      return TRUE;
    }
  if (!find_next (self, taken, stripe, &range))
    return split_longest (self, MIN (stripe, 4 * MC_CHUNK_SIZE)) && add_lane (self);
  mc_fetch_start_lane (self, range, NULL);
  return TRUE;
}

/* A lane that would get there later leaves it to another; where there can be none more, the one
 * that has most to bring ends with its chunk. */
void
mc_fetch_prefer (McFetch *self, guint64 offset)
{
  guint64 place = offset - offset % MC_CHUNK_SIZE;
  McLane *longest = NULL;

  if (place == self->preferred)
    return;
  self->preferred = place;
  self->urgent = TRUE;
  for (guint i = 0; i < self->lanes->len; i++)
    {
      McLane *lane = g_ptr_array_index (self->lanes, i);

      if (lane->part.offset == place)
        self->urgent = FALSE;
      else if (lane->part.offset < place && place < lane->end)
        lane->end = place;
      if (longest == NULL || lane->end - lane->part.offset > longest->end - longest->part.offset)
        longest = lane;
    }
  if (self->urgent && self->lanes->len >= self->share && longest != NULL)
    longest->end = MIN (longest->end, longest->part.offset + MC_CHUNK_SIZE);
  /* Before what is here is known, nothing can begin. */
  if (self->buffers != NULL)
    mc_fetch_drive (self);
}

static gboolean
is_through (McFetch *self)
{
  guint64 offset;
  guint64 length;

  return self->lanes->len == 0 && self->parts.length == 0 && self->puts == 0
         && !mc_content_writer_find_missing (self->writer, 0, &offset, &length);
}

static gboolean
has_work (McFetch *self)
{
  g_autoptr (GArray) taken = list_taken (self);
  McRange range;

  return self->parts.length > 0 || find_free (self, taken, 0, G_MAXUINT64, &range);
}

void
mc_fetch_drive (McFetch *self)
{
  if (self->failure != NULL)
    {
      mc_fetch_end (self, NULL);
      return;
    }
  if (self->task == NULL || self->finishing || self->resolving || self->waiting != NULL)
    return;
  if (is_through (self))
    {
      self->finishing = TRUE;
      mc_content_writer_finish_async (self->writer, on_writer_finished, mc_fetch_step (self));
      mc_fetch_emit_changed (self);
      return;
    }
  if (self->resolved == NULL && has_work (self))
    {
      self->resolving = TRUE;
      self->asked = mc_clock_now ();
      self->resolve_held = mc_hub_client_get_wait (self->hub, NULL) > 0;
      mc_hub_client_resolve_async (self->hub, self->repo, self->commit, self->path,
                                   self->cancellable, on_resolved, mc_fetch_step (self));
      mc_fetch_emit_changed (self);
      return;
    }
  while (self->resolved != NULL && self->waiting == NULL
         && self->lanes->len < MIN (self->pace.lanes + (self->urgent ? 1 : 0), self->share)
         && add_lane (self))
    ;
}

/* --- the address --- */

/* The Hub must still mean the content that was planned. */
static gboolean
check_resolved (McFetch *self, McResolved *resolved, GError **error)
{
  if (resolved->has_size && resolved->size != self->size)
    g_set_error (error, MC_ERROR, MC_ERROR_CHANGED,
                 "The Hub gives it %" G_GUINT64_FORMAT " bytes, its listing %" G_GUINT64_FORMAT,
                 resolved->size, self->size);
  else if (resolved->commit != NULL && g_strcmp0 (resolved->commit, self->commit) != 0)
    g_set_error (error, MC_ERROR, MC_ERROR_CHANGED, "The Hub answers from commit %s instead of %s",
                 resolved->commit, self->commit);
  else if (resolved->digest.kind == self->digest.kind
           && !mc_digest_equal (&resolved->digest, &self->digest))
    g_set_error (error, MC_ERROR, MC_ERROR_CHANGED, "The Hub gives it another %s than its listing",
                 mc_digest_kind_get_name (self->digest.kind));
  else
    return TRUE;
  return FALSE;
}

/* scheme://host:port */
static char *
dup_origin (const char *url)
{
  const char *host = strstr (url, "://");

  return host == NULL ? g_strdup (url)
                      : g_strndup (url, (gsize) (host - url) + 3 + strcspn (host + 3, "/?#"));
}

/* Another host may call the same file otherwise. */
static void
take_resolved (McFetch *self, McResolved *resolved)
{
  g_autofree char *origin = dup_origin (resolved->url);

  if (g_strcmp0 (origin, self->origin) != 0)
    g_clear_pointer (&self->etag, g_free);
  g_free (self->origin);
  self->origin = g_steal_pointer (&origin);
  self->resolved = resolved;
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McFetch) self = mc_fetch_end_step (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved =
      mc_hub_client_resolve_finish (MC_HUB_CLIENT (source), result, &error);

  self->resolving = FALSE;
  if (self->failure != NULL)
    {
      mc_fetch_end (self, NULL);
      return;
    }
  if (resolved == NULL || !check_resolved (self, resolved, &error))
    {
      mc_fetch_trip (self, g_steal_pointer (&error), self->generation, self->resolve_held);
      return;
    }
  take_resolved (self, g_steal_pointer (&resolved));
  mc_fetch_emit_changed (self);
  mc_fetch_drive (self);
}

static void
on_buffer (gpointer user_data)
{
  g_autoptr (McFetch) self = g_object_ref (user_data);

  if (self->failure == NULL)
    mc_fetch_feed_lanes (self);
}

/* --- the end --- */

static void
on_writer_finished (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McFetch) self = mc_fetch_end_step (user_data);
  g_autoptr (GError) error = NULL;

  mc_content_writer_finish_finish (MC_CONTENT_WRITER (source), result, &error);
  mc_fetch_end (self, g_steal_pointer (&error));
}

void
mc_fetch_end (McFetch *self, GError *error)
{
  g_autoptr (GTask) task = NULL;

  if (error != NULL && self->failure == NULL)
    self->failure = error;
  else
    g_clear_error (&error);
  mc_fetch_stop_waiting (self);
  clear_source (&self->tick);
  mc_fetch_stop_lanes (self);
  if (self->puts > 0 || self->steps > 0)
    {
      g_cancellable_cancel (self->cancellable);
      return;
    }
  if (self->task == NULL)
    return;
  drop_parts (self);
  g_clear_object (&self->writer);
  task = g_steal_pointer (&self->task);
  clear_source (&self->watch);
  if (self->failure == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (!g_error_matches (self->failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_prefix_error (&self->failure, "%s: ", self->path);
  g_task_return_error (task, g_steal_pointer (&self->failure));
}
