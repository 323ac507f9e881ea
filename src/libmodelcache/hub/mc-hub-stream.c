/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-stream.h"

#include "mc-error.h"
#include "mc-hub-client.h"
#include "mc-task.h"

/* The body of a range. Lives in the main context it was made in; reads are asynchronous only and
 * come straight from libsoup's stream, into the reader's buffer. The timer and the watch of the
 * reader's cancellable are kept from one read to the next, because there are thousands of reads a
 * second. */

struct _McHubStream
{
  GInputStream parent_instance;

  GInputStream *base;        /* (owned) */
  McHubSession *session;     /* (owned): keeps the connection alive */
  char *host;                /* (owned) */
  char *etag;                /* (owned) (nullable) */
  guint64 length;            /* bytes in all */
  guint64 left;              /* bytes still to come */
  GCancellable *cancellable; /* (owned): our own, for the base */
  GSource *timer;            /* (owned): silence within a read */
  GSource *watch;            /* (owned) (nullable): of watched */
  GCancellable *watched;     /* (owned) (nullable): the reader's */
  gboolean is_reading;
  gboolean is_late;
  GError *error; /* (owned) (nullable): what ended the stream */
};

G_DEFINE_FINAL_TYPE (McHubStream, mc_hub_stream, G_TYPE_INPUT_STREAM)

static gboolean
timer_dispatch (GSource *source, GSourceFunc function, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return function (user_data);
}

static GSourceFuncs timer_funcs = { NULL, NULL, timer_dispatch, NULL };

static gboolean
late_cb (gpointer user_data)
{
  McHubStream *self = user_data;

  self->is_late = TRUE;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_CONTINUE;
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  McHubStream *self = user_data;

  /* Whoever cancels after a read means something else. */
  if (self->is_reading)
    g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
unwatch (McHubStream *self)
{
  if (self->watch != NULL)
    g_source_destroy (self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
  g_clear_object (&self->watched);
}

static void
watch (McHubStream *self, GCancellable *cancellable)
{
  if (self->watched == cancellable)
    return;
  unwatch (self);
  if (cancellable == NULL)
    return;
  self->watched = g_object_ref (cancellable);
  self->watch = mc_hub_watch_cancellable (cancellable, cancelled_cb, self);
}

/* --- reading --- */

static GError *
read_error (McHubStream *self, GCancellable *cancellable, GError *error)
{
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_clear_error (&error);
      g_cancellable_set_error_if_cancelled (cancellable, &error);
      return error;
    }
  if (self->is_late)
    {
      g_clear_error (&error);
      return g_error_new (MC_ERROR, MC_ERROR_NETWORK, "%s fell silent for %.3g seconds", self->host,
                          self->session->read_timeout / 1000.0);
    }
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    return mc_hub_error_take (error, self->host);
  g_clear_error (&error);
  return g_error_new (MC_ERROR, MC_ERROR_NETWORK,
                      "The transfer from %s ended after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                      " bytes",
                      self->host, self->length - self->left, self->length);
}

/* Looks for the end of the body, so that its connection can be used again even if nobody reads on.
 * FALSE if there is more than there should be. */
static gboolean
see_end (McHubStream *self)
{
  char scrap[256];

  if (!G_IS_POLLABLE_INPUT_STREAM (self->base)
      || !g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (self->base)))
    return TRUE;
  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->base), scrap,
                                                   sizeof scrap, NULL, NULL)
         <= 0;
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McHubStream *self = g_task_get_source_object (task);
  GError *error = NULL;
  gssize count = g_input_stream_read_finish (G_INPUT_STREAM (object), result, &error);

  self->is_reading = FALSE;
  g_source_set_ready_time (self->timer, -1);
  if (count <= 0)
    {
      self->error = read_error (self, g_task_get_cancellable (task), error);
      g_task_return_error (task, g_error_copy (self->error));
      return;
    }
  self->left -= (guint64) count;
  if (self->left == 0 && !see_end (self))
    {
      self->error =
          g_error_new (MC_ERROR, MC_ERROR_BAD_RESPONSE,
                       "%s sent more than the %" G_GUINT64_FORMAT " bytes it was asked for",
                       self->host, self->length);
      g_task_return_error (task, g_error_copy (self->error));
      return;
    }
  g_task_return_int (task, count);
}

static void
mc_hub_stream_read_async (GInputStream *stream,
                          void *buffer,
                          gsize count,
                          int priority,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  McHubStream *self = MC_HUB_STREAM (stream);
  g_autoptr (GTask) task =
      mc_task_new (stream, cancellable, callback, user_data, mc_hub_stream_read_async);

  g_task_set_priority (task, priority);
  /* Bytes that were read are given out even if it is cancelled meanwhile. */
  g_task_set_check_cancellable (task, FALSE);
  if (self->error != NULL)
    {
      g_task_return_error (task, g_error_copy (self->error));
      return;
    }
  if (self->left == 0)
    {
      g_task_return_int (task, 0);
      return;
    }
  if (g_task_return_error_if_cancelled (task))
    return;
  watch (self, cancellable);
  self->is_reading = TRUE;
  g_source_set_ready_time (self->timer,
                           g_get_monotonic_time () + (gint64) self->session->read_timeout * 1000);
  g_input_stream_read_async (self->base, buffer, (gsize) MIN (count, self->left), priority,
                             self->cancellable, read_cb, g_steal_pointer (&task));
}

static gssize
mc_hub_stream_read_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}

/* A blocking read would stop the main loop. */
static gssize
mc_hub_stream_read (
    GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       "This stream is read asynchronously");
  return -1;
}

/* --- closing --- */

/* Does not block: libsoup drops a connection whose body was not read to its end. */
static gboolean
mc_hub_stream_close (GInputStream *stream, GCancellable *cancellable, GError **error)
{
  McHubStream *self = MC_HUB_STREAM (stream);
  g_autoptr (GError) local = NULL;

  g_source_set_ready_time (self->timer, -1);
  unwatch (self);
  /* Nothing was promised about what comes after the bytes, so nothing can fail. */
  if (!g_input_stream_close (self->base, NULL, &local))
    g_debug ("Closing a body: %s", local->message);
  return TRUE;
}

static void
mc_hub_stream_close_async (GInputStream *stream,
                           int priority,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (stream, cancellable, callback, user_data, mc_hub_stream_close_async);

  g_task_set_priority (task, priority);
  g_task_return_boolean (task, mc_hub_stream_close (stream, NULL, NULL));
}

static gboolean
mc_hub_stream_close_finish (GInputStream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
mc_hub_stream_finalize (GObject *object)
{
  McHubStream *self = MC_HUB_STREAM (object);

  unwatch (self);
  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->base);
  g_clear_pointer (&self->session, mc_hub_session_unref);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->etag, g_free);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (mc_hub_stream_parent_class)->finalize (object);
}

static void
mc_hub_stream_class_init (McHubStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  object_class->finalize = mc_hub_stream_finalize;
  stream_class->read_fn = mc_hub_stream_read;
  stream_class->read_async = mc_hub_stream_read_async;
  stream_class->read_finish = mc_hub_stream_read_finish;
  stream_class->close_fn = mc_hub_stream_close;
  stream_class->close_async = mc_hub_stream_close_async;
  stream_class->close_finish = mc_hub_stream_close_finish;
}

static void
mc_hub_stream_init (McHubStream *self)
{
  self->cancellable = g_cancellable_new ();
  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_static_name (self->timer, "mc_hub_stream");
  g_source_set_callback (self->timer, late_cb, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

const char *
mc_hub_client_get_range_etag (GInputStream *range)
{
  return MC_HUB_STREAM (range)->etag;
}

GInputStream *
mc_hub_stream_new (
    GInputStream *base, McHubSession *session, const char *host, const char *etag, guint64 length)
{
  McHubStream *self = g_object_new (MC_TYPE_HUB_STREAM, NULL);

  self->base = g_object_ref (base);
  self->session = mc_hub_session_ref (session);
  self->host = g_strdup (host);
  self->etag = g_strdup (etag);
  self->length = length;
  self->left = length;
  return G_INPUT_STREAM (self);
}
