/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fetch.h"

#include "mc-buffer-pool.h"
#include "mc-chunk.h"
#include "mc-clock.h"
#include "mc-content-writer.h"
#include "mc-error.h"
#include "mc-retry-policy.h"
#include "mc-task.h"

/* One content at a time goes through these steps, in reading order:
 *
 *   open the writer -> next_range -> resolve -> open the range -> read ... read -> next_range
 *                                                                |-> put
 *   no range is missing and nothing is being put -> finish the writer -> done
 *
 * What goes wrong on the way from the Hub goes to trip(), which asks the retry policy: either the
 * steps begin again at next_range after a delay, or the fetch ends. What goes wrong in the store
 * ends it. It ends only when nothing is under way. A put ends when its chunk is committed; its
 * buffer comes back earlier, and what limits the reading are the buffers: they are the memory it
 * takes. */

#define BUFFERS 3 /* one that fills, one that is hashed, one that is written */
#define RESOLVES_IN_VAIN 3

struct _McFetch
{
  GObject parent_instance;

  McStore *store;   /* (owned) */
  McHubClient *hub; /* (owned) */
  char *repo;
  char *commit;
  char *path;
  McDigest digest;
  guint64 size;
  guint retry_base_ms;

  GTask *task;               /* (owned) (nullable): while it runs */
  GCancellable *cancellable; /* (owned): of all steps */
  GSource *watch;            /* (owned) (nullable): of the task's cancellable */
  McContentWriter *writer;   /* (owned) (nullable) */
  McResolved *resolved;      /* (owned) (nullable) */
  GInputStream *stream;      /* (owned) (nullable) */
  McBufferPool *buffers;     /* (owned) (nullable) */
  guint8 *buffer;            /* (owned) (nullable): the chunk that fills */
  gsize piece;               /* bytes of that chunk */
  gsize filled;
  guint64 offset; /* of that chunk */
  guint64 end;    /* of the range */
  guint puts;     /* under way */
  guint steps;    /* of the others under way: 0 or 1 */
  gboolean stopped_reading;
  GError *failure; /* (owned) (nullable): ends when the puts are through */

  gboolean held;   /* nothing is asked: a host wants to be left alone */
  guint attempt;   /* tries since a whole chunk came */
  guint resolves;  /* likewise */
  GError *waiting; /* (owned) (nullable) */
  GSource *wait;   /* (owned) (nullable) */
  gint64 wait_end; /* Unix seconds */
};

G_DEFINE_FINAL_TYPE (McFetch, mc_fetch, G_TYPE_OBJECT)

enum
{
  RECEIVED,
  CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void on_writer_open (GObject *source, GAsyncResult *result, gpointer user_data);
static void next_range (McFetch *self);
static void on_resolved (GObject *source, GAsyncResult *result, gpointer user_data);
static void open_range (McFetch *self);
static void on_range_open (GObject *source, GAsyncResult *result, gpointer user_data);
static void read_on (McFetch *self);
static void on_read (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_buffer (gpointer user_data);
static void on_put (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_writer_finished (GObject *source, GAsyncResult *result, gpointer user_data);
static void trip (McFetch *self, GError *error);
static void end (McFetch *self, GError *error);

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
stop_waiting (McFetch *self)
{
  clear_source (&self->wait);
  g_clear_error (&self->waiting);
}

static void
drop_buffer (McFetch *self)
{
  if (self->buffer != NULL)
    mc_buffer_pool_return (self->buffers, g_steal_pointer (&self->buffer));
}

static void
mc_fetch_finalize (GObject *object)
{
  McFetch *self = MC_FETCH (object);

  stop_waiting (self);
  clear_source (&self->watch);
  g_clear_error (&self->failure);
  g_clear_pointer (&self->resolved, mc_resolved_free);
  drop_buffer (self);
  g_clear_pointer (&self->buffers, mc_buffer_pool_close);
  g_clear_object (&self->stream);
  g_clear_object (&self->writer);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->store);
  g_clear_object (&self->hub);
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

const GError *
mc_fetch_get_waiting (McFetch *self)
{
  return self->waiting;
}

gint64
mc_fetch_get_wait_end (McFetch *self)
{
  return self->waiting == NULL ? 0 : self->wait_end;
}

const McDigest *
mc_fetch_get_digest (McFetch *self)
{
  return &self->digest;
}

/* The data of a step's callback. */
static McFetch *
step (McFetch *self)
{
  self->steps++;
  return g_object_ref (self);
}

static McFetch *
end_step (gpointer user_data)
{
  McFetch *self = user_data;

  self->steps--;
  return self;
}

/* From a source, since a handler of the signal could not be disconnected from within. */
static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (McFetch) self = g_object_ref (user_data);

  g_cancellable_cancel (self->cancellable);
  /* While waiting, nothing else would notice. */
  if (self->waiting != NULL)
    end (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Stopped"));
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
  mc_content_writer_open_async (self->writer, on_writer_open, step (self));
}

gboolean
mc_fetch_run_finish (McFetch *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_writer_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McFetch) self = end_step (user_data);
  g_autoptr (GError) error = NULL;

  if (!mc_content_writer_open_finish (MC_CONTENT_WRITER (source), result, &error))
    {
      end (self, g_steal_pointer (&error));
      return;
    }
  self->buffers = mc_buffer_pool_new (MIN (self->size, MC_CHUNK_SIZE), BUFFERS, on_buffer, self);
  g_signal_emit (self, signals[CHANGED], 0);
  next_range (self);
}

static void
next_range (McFetch *self)
{
  g_autoptr (GError) error = NULL;
  guint64 length;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, &error))
    {
      end (self, g_steal_pointer (&error));
      return;
    }
  if (!mc_content_writer_find_missing (self->writer, 0, &self->offset, &length))
    {
      if (self->puts == 0)
        mc_content_writer_finish_async (self->writer, on_writer_finished, step (self));
      return;
    }
  self->end = self->offset + length;
  self->held = mc_hub_client_get_wait (self->hub, self->resolved) > 0;
  if (self->resolved != NULL)
    open_range (self);
  else
    mc_hub_client_resolve_async (self->hub, self->repo, self->commit, self->path, self->cancellable,
                                 on_resolved, step (self));
}

/* The Hub must still mean the content that was planned. */
static gboolean
check_resolved (McFetch *self, GError **error)
{
  if (self->resolved->has_size && self->resolved->size != self->size)
    g_set_error (error, MC_ERROR, MC_ERROR_CHANGED,
                 "The Hub gives it %" G_GUINT64_FORMAT " bytes, its listing %" G_GUINT64_FORMAT,
                 self->resolved->size, self->size);
  else if (self->resolved->commit != NULL && g_strcmp0 (self->resolved->commit, self->commit) != 0)
    g_set_error (error, MC_ERROR, MC_ERROR_CHANGED, "The Hub answers from commit %s instead of %s",
                 self->resolved->commit, self->commit);
  else if (self->resolved->digest.kind == self->digest.kind
           && !mc_digest_equal (&self->resolved->digest, &self->digest))
    g_set_error (error, MC_ERROR, MC_ERROR_CHANGED, "The Hub gives it another %s than its listing",
                 mc_digest_kind_get_name (self->digest.kind));
  else
    return TRUE;
  return FALSE;
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McFetch) self = end_step (user_data);
  g_autoptr (GError) error = NULL;

  self->resolved = mc_hub_client_resolve_finish (MC_HUB_CLIENT (source), result, &error);
  if (self->failure != NULL)
    {
      end (self, NULL);
      return;
    }
  if (self->resolved == NULL || !check_resolved (self, &error))
    {
      g_clear_pointer (&self->resolved, mc_resolved_free);
      trip (self, g_steal_pointer (&error));
      return;
    }
  open_range (self);
}

static void
open_range (McFetch *self)
{
  mc_hub_client_open_range_async (self->hub, self->resolved, self->offset, self->end - self->offset,
                                  self->size, self->cancellable, on_range_open, step (self));
}

static void
begin_piece (McFetch *self)
{
  self->piece = mc_content_writer_get_piece (self->writer, self->offset);
  self->filled = 0;
  self->buffer = mc_buffer_pool_take (self->buffers);
}

static void
on_range_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McFetch) self = end_step (user_data);
  g_autoptr (GError) error = NULL;

  self->stream = mc_hub_client_open_range_finish (MC_HUB_CLIENT (source), result, &error);
  if (self->failure != NULL)
    {
      end (self, NULL);
      return;
    }
  if (self->stream == NULL)
    {
      trip (self, g_steal_pointer (&error));
      return;
    }
  read_on (self);
}

static void
read_on (McFetch *self)
{
  self->stopped_reading = self->buffer == NULL && !mc_buffer_pool_has_one (self->buffers);
  if (self->stopped_reading)
    return;
  if (self->buffer == NULL)
    begin_piece (self);
  if (self->buffer == NULL)
    {
      trip (self, g_error_new_literal (MC_ERROR, MC_ERROR_BUSY, "There is not enough memory"));
      return;
    }
  g_input_stream_read_async (self->stream, self->buffer + self->filled, self->piece - self->filled,
                             G_PRIORITY_DEFAULT, self->cancellable, on_read, step (self));
}

static void
put_piece (McFetch *self)
{
  g_autoptr (GBytes) bytes =
      mc_buffer_pool_lend (self->buffers, g_steal_pointer (&self->buffer), self->piece);

  self->attempt = 0;
  self->resolves = 0;
  self->puts++;
  mc_content_writer_put_async (self->writer, self->offset, bytes, on_put, g_object_ref (self));
  self->offset += self->piece;
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McFetch) self = end_step (user_data);
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (self->failure != NULL)
    {
      end (self, NULL);
      return;
    }
  if (n <= 0)
    {
      if (error == NULL)
        error = g_error_new_literal (MC_ERROR, MC_ERROR_NETWORK, "The answer ended too early");
      trip (self, g_steal_pointer (&error));
      return;
    }
  self->filled += (gsize) n;
  g_signal_emit (self, signals[RECEIVED], 0, (guint64) n);
  if (self->filled == self->piece)
    put_piece (self);
  if (self->offset < self->end)
    {
      read_on (self);
      return;
    }
  g_clear_object (&self->stream);
  next_range (self);
}

static void
on_buffer (gpointer user_data)
{
  McFetch *self = user_data;

  if (self->stopped_reading && self->failure == NULL)
    read_on (self);
}

static void
on_put (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McFetch) self = user_data;
  g_autoptr (GError) error = NULL;

  self->puts--;
  if (!mc_content_writer_put_finish (MC_CONTENT_WRITER (source), result, &error))
    {
      end (self, g_steal_pointer (&error));
      return;
    }
  g_signal_emit (self, signals[CHANGED], 0);
  if (self->failure != NULL)
    end (self, NULL);
  else if (self->stream == NULL && self->waiting == NULL && self->offset >= self->end)
    next_range (self);
}

static void
on_writer_finished (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McFetch) self = end_step (user_data);
  g_autoptr (GError) error = NULL;

  mc_content_writer_finish_finish (MC_CONTENT_WRITER (source), result, &error);
  end (self, g_steal_pointer (&error));
}

static gboolean
on_waited (gpointer user_data)
{
  g_autoptr (McFetch) self = g_object_ref (user_data);

  stop_waiting (self);
  g_signal_emit (self, signals[CHANGED], 0);
  next_range (self);
  return G_SOURCE_REMOVE;
}

/* How long the host wants to be left alone, in milliseconds. */
static guint64
get_asked (McFetch *self, const GError *error)
{
  return g_error_matches (error, MC_ERROR, MC_ERROR_RATE_LIMITED)
             ? mc_hub_client_get_wait (self->hub, self->resolved)
             : 0;
}

/* Takes the error. */
static void
trip (McFetch *self, GError *error)
{
  McRetryVerdict verdict = { FALSE, 0 };

  g_clear_object (&self->stream);
  drop_buffer (self);
  if (g_cancellable_is_cancelled (self->cancellable))
    {
      /* Whatever else went wrong, nobody waits for another try. */
      g_error_free (error);
      end (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Stopped"));
      return;
    }
  if (g_error_matches (error, MC_HUB_ERROR, MC_HUB_ERROR_RESOLVE_AGAIN))
    {
      g_clear_pointer (&self->resolved, mc_resolved_free);
      if (++self->resolves <= RESOLVES_IN_VAIN)
        {
          g_error_free (error);
          next_range (self);
          return;
        }
      error->domain = MC_ERROR;
      error->code = MC_ERROR_BAD_RESPONSE;
    }
  else
    {
      self->attempt += !self->held;
      verdict = mc_retry_policy_decide (error, MAX (self->attempt, 1), get_asked (self, error),
                                        self->retry_base_ms, g_random_double ());
    }
  if (!verdict.retry)
    {
      end (self, error);
      return;
    }
  g_info ("%s/%s: try %u failed: %s", self->repo, self->path, self->attempt, error->message);
  /* The signed address may be what is wrong. */
  g_clear_pointer (&self->resolved, mc_resolved_free);
  self->waiting = error;
  self->wait = mc_clock_add (verdict.delay_ms, on_waited, self);
  self->wait_end = mc_clock_to_unix (mc_clock_now () + (gint64) verdict.delay_ms * 1000);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
mc_fetch_hurry (McFetch *self)
{
  if (self->waiting != NULL)
    on_waited (self);
}

/* Takes the error, if there is one; the first one counts. Ends when the puts are through. */
static void
end (McFetch *self, GError *error)
{
  g_autoptr (GTask) task = NULL;

  if (error != NULL && self->failure == NULL)
    self->failure = error;
  else
    g_clear_error (&error);
  stop_waiting (self);
  if (self->puts > 0 || self->steps > 0)
    {
      g_cancellable_cancel (self->cancellable);
      return;
    }
  if (self->task == NULL)
    return;
  g_clear_object (&self->stream);
  drop_buffer (self);
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
