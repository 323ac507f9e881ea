/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-range-pump.h"

#include "mc-chunk.h"
#include "mc-content-reader.h"
#include "mc-error.h"
#include "mc-task.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* A reader that takes nothing for so long is given up. */
#define PATIENCE_MS (60 * 1000)
/* How long a thread may take to notice that it should stop. */
#define GLANCE_MS 500

struct _McRangePumps
{
  McStore *store;            /* (owned) */
  GCancellable *cancellable; /* (owned) */
  guint count;
  void (*changed) (gpointer user_data);
  gpointer user_data;
};

typedef struct
{
  char *folder;
  McDigest digest;
  guint64 size;
  guint64 offset;
  guint64 end;
  int fd;                  /* the writing end, owned */
  McRangeNews *news;       /* (owned) (nullable): until all of it is here */
  McContentReader *reader; /* (owned) (nullable): once all of it is here; its thread's */
} Pump;

static void
pump_free (gpointer data)
{
  Pump *pump = data;

  g_free (pump->folder);
  g_free (pump);
}

McRangePumps *
mc_range_pumps_new (McStore *store, void (*changed) (gpointer user_data), gpointer user_data)
{
  McRangePumps *self = g_new0 (McRangePumps, 1);

  self->store = g_object_ref (store);
  self->cancellable = g_cancellable_new ();
  self->changed = changed;
  self->user_data = user_data;
  return self;
}

void
mc_range_pumps_free (McRangePumps *self)
{
  g_assert (self->count == 0);
  g_object_unref (self->cancellable);
  g_object_unref (self->store);
  g_free (self);
}

void
mc_range_pumps_stop (McRangePumps *self)
{
  g_cancellable_cancel (self->cancellable);
}

guint
mc_range_pumps_count (McRangePumps *self)
{
  return self->count;
}

/* FALSE if the reader is gone or too slow, or the service stops. */
static gboolean
wait_for_room (Pump *pump, GCancellable *cancellable)
{
  for (int waited = 0; waited < PATIENCE_MS; waited += GLANCE_MS)
    {
      struct pollfd poller = { .fd = pump->fd, .events = POLLOUT };
      int n = poll (&poller, 1, GLANCE_MS);

      if (g_cancellable_is_cancelled (cancellable))
        return FALSE;
      if (n > 0)
        return (poller.revents & POLLERR) == 0;
      if (n < 0 && errno != EINTR)
        return FALSE;
    }
  return FALSE;
}

static gboolean
write_all (Pump *pump, const guint8 *bytes, gsize length, GCancellable *cancellable)
{
  while (length > 0)
    {
      gssize n = write (pump->fd, bytes, length);

      if (n < 0 && errno == EAGAIN)
        {
          if (!wait_for_room (pump, cancellable))
            return FALSE;
          continue;
        }
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      bytes += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gboolean
is_abandoned (Pump *pump)
{
  struct pollfd poller = { .fd = pump->fd, .events = 0 };

  return poll (&poller, 1, 0) > 0 && (poller.revents & POLLERR) != 0;
}

/* The last chunk is not given away before the whole was compared. */
static gboolean
may_peek (const Pump *pump)
{
  return pump->size >= MC_CONTENT_PEEK_LEAST
         && pump->offset / MC_CHUNK_SIZE < (pump->size - 1) / MC_CHUNK_SIZE;
}

/* Waits until the piece or all of the content is here; *peeked if the piece was read meanwhile. */
static gboolean
await (Pump *pump,
       guint8 *piece,
       gsize length,
       gboolean *peeked,
       GCancellable *cancellable,
       GError **error)
{
  GError *local = NULL;

  while (!mc_range_news_is_whole (pump->news, &local))
    {
      if (local != NULL)
        {
          g_propagate_error (error, local);
          return FALSE;
        }
      /* What is wrong with it, whoever brings it says. */
      *peeked = may_peek (pump)
                && mc_content_peek (pump->folder, &pump->digest, pump->size, pump->offset, piece,
                                    length, NULL);
      if (*peeked)
        return TRUE;
      if (g_cancellable_set_error_if_cancelled (cancellable, error) || is_abandoned (pump)
          || !mc_range_news_wait (pump->news, GLANCE_MS, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_piece (Pump *pump, guint8 *piece, gsize length, GCancellable *cancellable, GError **error)
{
  gboolean peeked = FALSE;

  if (pump->reader == NULL && pump->news != NULL
      && !await (pump, piece, length, &peeked, cancellable, error))
    return FALSE;
  if (peeked)
    return TRUE;
  if (pump->reader == NULL)
    pump->reader = mc_content_reader_open (pump->folder, &pump->digest, pump->size, error);
  return pump->reader != NULL
         && mc_content_reader_read_into (pump->reader, pump->offset, piece, length, error);
}

static gpointer
run_pump (gpointer data)
{
  g_autoptr (GTask) task = data;
  Pump *pump = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *piece = g_malloc (MC_PIECE_SIZE);

  while (pump->offset < pump->end)
    {
      gsize length =
          (gsize) MIN (pump->end - pump->offset, MC_PIECE_SIZE - pump->offset % MC_PIECE_SIZE);

      if (!read_piece (pump, piece, length, cancellable, &error)
          || !write_all (pump, piece, length, cancellable))
        break;
      pump->offset += length;
    }
  g_clear_pointer (&pump->reader, mc_content_reader_close);
  close (pump->fd);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
  return NULL;
}

/* On the main thread, where it came from. */
static void
drop_news (McRangeNews *news)
{
  if (news == NULL)
    return;
  mc_range_news_stop (news);
  mc_range_news_free (news);
}

static void
on_through (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McRangePumps *self = user_data;
  Pump *pump = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_warning ("A range was cut short: %s", error->message);
  drop_news (g_steal_pointer (&pump->news));
  mc_store_unpin (self->store, &pump->digest);
  if (g_error_matches (error, MC_ERROR, MC_ERROR_CORRUPT))
    mc_store_suspect (self->store, &pump->digest);
  self->count--;
  self->changed (self->user_data);
}

int
mc_range_pumps_add (McRangePumps *self,
                    const McDigest *digest,
                    guint64 size,
                    guint64 offset,
                    guint64 length,
                    McRangeNews *news,
                    GError **error)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GThread) thread = NULL;
  Pump *pump;
  int ends[2];

  if (self->count >= MC_RANGE_PUMPS_AT_ONCE)
    {
      drop_news (news);
      g_set_error (error, MC_ERROR, MC_ERROR_BUSY, "%d ranges are being read: try again shortly",
                   MC_RANGE_PUMPS_AT_ONCE);
      return -1;
    }
  if (pipe2 (ends, O_CLOEXEC) != 0)
    {
      drop_news (news);
      g_set_error (error, MC_ERROR, MC_ERROR_BUSY, "No pipe: %s", g_strerror (errno));
      return -1;
    }
  /* The client gets a pipe that blocks, as it would expect. */
  fcntl (ends[1], F_SETFL, O_NONBLOCK);
  fcntl (ends[1], F_SETPIPE_SZ, 1024 * 1024);

  pump = g_new0 (Pump, 1);
  pump->folder = g_strdup (mc_store_get_folder (self->store));
  pump->digest = *digest;
  pump->size = size;
  pump->offset = offset;
  pump->end = offset + length;
  pump->fd = ends[1];
  pump->news = news;
  mc_store_pin (self->store, digest);
  mc_store_note_use (self->store, digest);
  self->count++;
  task = mc_task_new (self->store, self->cancellable, on_through, self, mc_range_pumps_add);
  g_task_set_task_data (task, pump, pump_free);
  thread = g_thread_new ("mc-range", run_pump, g_object_ref (task));
  self->changed (self->user_data);
  return ends[0];
}
