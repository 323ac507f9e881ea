/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fetch-private.h"

#include "mc-clock.h"
#include "mc-error.h"

/* A lane: opens its range, reads it chunk by chunk into buffers, gives each full one to the writer,
 * and is gone at the end of the range; libsoup keeps the connection for the next one. What it has
 * of a chunk is kept when it breaks off, and the rest is asked for: nothing comes twice. */

static void open_range (McLane *lane, gboolean fresh);
static void on_open (GObject *source, GAsyncResult *result, gpointer user_data);
static void read_on (McLane *lane);
static void on_read (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_put (GObject *source, GAsyncResult *result, gpointer user_data);

static void
return_buffer (McFetch *self, McPart *part)
{
  if (part->buffer != NULL)
    mc_buffer_pool_return (self->buffers, g_steal_pointer (&part->buffer));
  part->filled = 0;
}

void
mc_lane_note_idle (McLane *lane)
{
  gint64 now = mc_clock_now ();
  gboolean is_idle = lane->hungry || lane->limited;

  if (lane->idle_since != 0)
    lane->fetch->idle += now - lane->idle_since;
  lane->idle_since = is_idle ? now : 0;
}

static void
stop_asking (McLane *lane)
{
  lane->limited = FALSE;
  if (lane->fetch->limiter != NULL)
    mc_limiter_forget (lane->fetch->limiter, lane);
}

void
mc_part_free (McFetch *self, McPart *part)
{
  return_buffer (self, part);
  g_free (part);
}

void
mc_lane_free (gpointer data)
{
  McLane *lane = data;

  g_assert (!lane->busy);
  mc_lane_note_idle (lane);
  stop_asking (lane);
  return_buffer (lane->fetch, &lane->part);
  g_clear_object (&lane->stream);
  g_clear_object (&lane->cancellable);
  g_free (lane);
}

void
mc_fetch_start_lane (McFetch *self, McRange range, McPart *part)
{
  McLane *lane = g_new0 (McLane, 1);

  lane->fetch = self;
  lane->part.offset = range.offset;
  lane->part.size = mc_content_writer_get_piece (self->writer, range.offset);
  if (part != NULL)
    {
      lane->part = *part;
      g_free (part);
    }
  lane->end = range.end;
  g_ptr_array_add (self->lanes, lane);
  mc_fetch_start_tick (self);
  open_range (lane, FALSE);
}

void
mc_fetch_stop_lanes (McFetch *self)
{
  for (guint i = self->lanes->len; i > 0; i--)
    {
      McLane *lane = g_ptr_array_index (self->lanes, i - 1);

      if (lane->busy)
        g_cancellable_cancel (lane->cancellable);
      else
        g_ptr_array_remove_index (self->lanes, i - 1);
    }
}

/* --- what is under way --- */

static void
begin_step (McLane *lane)
{
  mc_fetch_step (lane->fetch);
  lane->busy = TRUE;
}

/* The reference that was taken. */
static McFetch *
end_step (McLane *lane)
{
  lane->busy = FALSE;
  return mc_fetch_end_step (lane->fetch);
}

/* Whether the lane is to go: the fetch comes to an end. */
static gboolean
is_over (McLane *lane)
{
  McFetch *self = lane->fetch;

  if (self->failure == NULL)
    return FALSE;
  g_ptr_array_remove (self->lanes, lane);
  mc_fetch_end (self, NULL);
  return TRUE;
}

/* Whether what ended was ended in order to ask anew; it does so. */
static gboolean
begins_anew (McLane *lane)
{
  if (!lane->restarting)
    return FALSE;
  lane->restarting = FALSE;
  g_clear_object (&lane->stream);
  lane->watch.restarts++;
  open_range (lane, TRUE);
  return TRUE;
}

void
mc_lane_restart (McLane *lane)
{
  if (lane->restarting)
    return;
  lane->restarting = TRUE;
  if (lane->busy)
    g_cancellable_cancel (lane->cancellable);
  else
    begins_anew (lane);
}

/* The lane goes; what it has of a chunk is kept for the next one, if it can be relied on. Takes the
 * error. */
static void
break_off (McLane *lane, GError *error)
{
  McFetch *self = lane->fetch;
  guint generation = lane->generation;
  gboolean held = lane->held;
  gboolean keep =
      lane->part.filled > 0
      && (error->domain == MC_HUB_ERROR || g_error_matches (error, MC_ERROR, MC_ERROR_NETWORK));

  if (keep)
    {
      g_queue_push_tail (&self->parts, g_memdup2 (&lane->part, sizeof lane->part));
      lane->part.buffer = NULL;
      mc_fetch_note_progress (self, MIN (lane->watch.bytes, lane->part.filled));
    }
  g_ptr_array_remove (self->lanes, lane);
  /* Its buffer may be free now. */
  mc_fetch_feed_lanes (self);
  mc_fetch_trip (self, error, generation, held);
}

/* --- opening --- */

static void
open_range (McLane *lane, gboolean fresh)
{
  McFetch *self = lane->fetch;
  guint64 offset = lane->part.offset + lane->part.filled;

  if (self->resolved == NULL)
    {
      /* Another lane found the address too old. */
      break_off (lane, g_error_new_literal (MC_HUB_ERROR, MC_HUB_ERROR_RESOLVE_AGAIN,
                                            "The address was let go"));
      return;
    }
  g_clear_object (&lane->cancellable);
  lane->cancellable = g_cancellable_new ();
  lane->generation = self->generation;
  lane->hungry = FALSE;
  stop_asking (lane);
  lane->held = mc_hub_client_get_wait (self->hub, self->resolved) > 0;
  self->asked = mc_clock_now ();
  mc_lane_watch_begin (&lane->watch, self->asked);
  begin_step (lane);
  mc_hub_client_open_range_async (self->hub, self->resolved, offset, lane->end - offset, self->size,
                                  fresh ? MC_HUB_FRESH : MC_HUB_ANY, lane->cancellable, on_open,
                                  lane);
}

/* What the host calls the file must stay: chunks of two files do not make one. */
static GError *
check_etag (McLane *lane)
{
  McFetch *self = lane->fetch;
  const char *etag = mc_hub_client_get_range_etag (lane->stream);

  if (etag == NULL || g_str_has_prefix (etag, "W/"))
    return NULL;
  if (self->etag == NULL)
    self->etag = g_strdup (etag);
  if (g_str_equal (self->etag, etag))
    return NULL;
  return g_error_new_literal (MC_HUB_ERROR, MC_HUB_ERROR_OTHER_FILE,
                              "It is not the file any more that was begun with");
}

static void
on_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McLane *lane = user_data;
  g_autoptr (McFetch) self = end_step (lane);
  GError *error = NULL;

  lane->stream = mc_hub_client_open_range_finish (MC_HUB_CLIENT (source), result, &error);
  if (is_over (lane) || begins_anew (lane))
    {
      g_clear_error (&error);
      return;
    }
  if (lane->stream != NULL)
    error = check_etag (lane);
  if (error != NULL)
    {
      break_off (lane, error);
      return;
    }
  mc_fetch_emit_changed (self);
  read_on (lane);
}

/* --- reading --- */

/* It did not read for a reason of ours: that was no slowness of the connection. */
static void
go_on (McLane *lane)
{
  mc_lane_watch_begin (&lane->watch, mc_clock_now ());
  read_on (lane);
}

static void
on_may_read (gpointer data)
{
  McLane *lane = data;
  g_autoptr (McFetch) self G_GNUC_UNUSED = g_object_ref (lane->fetch);

  lane->limited = FALSE;
  go_on (lane);
}

/* Bytes that may be read now; 0: later. More lanes would not be faster. */
static gsize
ask_limiter (McLane *lane)
{
  McFetch *self = lane->fetch;
  gsize wanted = lane->part.size - lane->part.filled;
  gsize count =
      self->limiter == NULL ? wanted : mc_limiter_ask (self->limiter, wanted, on_may_read, lane);

  lane->limited = count == 0;
  return count;
}

void
mc_fetch_set_limiter (McFetch *self, McLimiter *limiter)
{
  g_autoptr (GPtrArray) limited = g_ptr_array_new ();

  if (self->limiter == limiter)
    return;
  for (guint i = 0; i < self->lanes->len; i++)
    {
      McLane *lane = g_ptr_array_index (self->lanes, i);

      if (lane->limited)
        g_ptr_array_add (limited, lane);
      stop_asking (lane);
    }
  g_clear_pointer (&self->limiter, mc_limiter_unref);
  self->limiter = limiter == NULL ? NULL : mc_limiter_ref (limiter);
  for (guint i = 0; i < limited->len; i++)
    go_on (g_ptr_array_index (limited, i));
}

static void
read_on (McLane *lane)
{
  McFetch *self = lane->fetch;
  McPart *part = &lane->part;
  gsize count;

  if (part->buffer == NULL)
    {
      lane->hungry = !mc_buffer_pool_has_one (self->buffers);
      if (lane->hungry)
        {
          mc_lane_note_idle (lane);
          return;
        }
      part->buffer = mc_buffer_pool_take (self->buffers);
    }
  if (part->buffer == NULL)
    {
      break_off (lane, g_error_new_literal (MC_ERROR, MC_ERROR_BUSY, "There is not enough memory"));
      return;
    }
  count = ask_limiter (lane);
  mc_lane_note_idle (lane);
  if (count == 0)
    return;
  begin_step (lane);
  g_input_stream_read_async (lane->stream, part->buffer + part->filled, count, G_PRIORITY_DEFAULT,
                             lane->cancellable, on_read, lane);
}

void
mc_fetch_feed_lanes (McFetch *self)
{
  for (guint i = 0; i < self->lanes->len && mc_buffer_pool_has_one (self->buffers); i++)
    {
      McLane *lane = g_ptr_array_index (self->lanes, i);

      if (lane->hungry)
        {
          go_on (lane);
          /* It may be gone. */
          i = G_MAXUINT;
        }
    }
}

static void
put_part (McLane *lane)
{
  McFetch *self = lane->fetch;
  McPart *part = &lane->part;
  g_autoptr (GBytes) bytes =
      mc_buffer_pool_lend (self->buffers, g_steal_pointer (&part->buffer), part->size);

  self->puts++;
  mc_fetch_note_progress (self, part->size);
  lane->watch.restarts = 0;
  mc_content_writer_put_async (self->writer, part->offset, bytes, on_put, g_object_ref (self));
  part->offset += part->size;
  part->filled = 0;
  if (part->offset < lane->end)
    part->size = mc_content_writer_get_piece (self->writer, part->offset);
}

/* How fast lanes are, from those that came to an end. */
static void
note_typical (McLane *lane)
{
  McFetch *self = lane->fetch;
  double rate = mc_lane_watch_get_rate (&lane->watch, mc_clock_now ());

  if (rate > 0)
    self->typical = self->typical == 0 ? rate : (self->typical + rate) / 2;
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McLane *lane = user_data;
  g_autoptr (McFetch) self = end_step (lane);
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n > 0)
    {
      lane->part.filled += (gsize) n;
      lane->watch.bytes += (guint64) n;
      lane->watch.last = mc_clock_now ();
      self->received += (guint64) n;
      if (self->limiter != NULL)
        mc_limiter_take (self->limiter, (gsize) n);
      mc_fetch_emit_received (self, (guint64) n);
    }
  if (is_over (lane))
    {
      g_clear_error (&error);
      return;
    }
  if (n > 0 && lane->part.filled == lane->part.size)
    put_part (lane);
  if (lane->part.offset >= lane->end)
    {
      note_typical (lane);
      g_ptr_array_remove (self->lanes, lane);
      mc_fetch_drive (self);
      return;
    }
  if (begins_anew (lane))
    {
      g_clear_error (&error);
      return;
    }
  if (n > 0)
    {
      read_on (lane);
      return;
    }
  if (error == NULL)
    error = g_error_new_literal (MC_ERROR, MC_ERROR_NETWORK, "The answer ended too early");
  break_off (lane, error);
}

static void
on_put (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McFetch) self = user_data;
  GError *error = NULL;

  self->puts--;
  if (!mc_content_writer_put_finish (MC_CONTENT_WRITER (source), result, &error))
    {
      mc_fetch_end (self, error);
      return;
    }
  mc_fetch_emit_changed (self);
  mc_fetch_drive (self);
}
