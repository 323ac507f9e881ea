/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-range-news.h"

#include "mc-error.h"

struct _McRangeNews
{
  /* main thread only */
  McStore *store;           /* (owned) */
  McDownloader *downloader; /* (owned) */
  McTransfer *transfer;     /* (owned) */
  gulong changed, ended;
  McFile file; /* without a path */
  guint64 offset;
  gboolean preferred;

  guint patience_ms;
  GMutex lock; /* of all below */
  GCond told;
  guint seen;  /* how often something was told */
  guint read;  /* of these, what was waited for */
  gint64 last; /* monotonic: when */
  gboolean whole;
  GError *error; /* (owned) (nullable) */
};

static void
tell (McRangeNews *self, GError *error)
{
  gboolean whole = mc_store_has_file (self->store, &self->file);

  g_mutex_lock (&self->lock);
  self->whole = whole;
  self->seen++;
  self->last = g_get_monotonic_time ();
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  g_cond_broadcast (&self->told);
  g_mutex_unlock (&self->lock);
  g_clear_error (&error);
}

/* Once is enough: behind it the fetch goes on in order, as the reader does. */
static void
on_changed (McTransfer *transfer, gpointer user_data)
{
  McRangeNews *self = user_data;

  if (!self->preferred)
    self->preferred = mc_downloader_prefer (self->downloader, &self->file.digest, self->offset);
  tell (self, NULL);
}

static void
on_ended (McTransfer *transfer, gpointer user_data)
{
  McRangeNews *self = user_data;
  const GError *error = mc_transfer_get_error (transfer);

  if (mc_store_has_file (self->store, &self->file))
    tell (self, NULL);
  else
    tell (self, error != NULL
                    ? g_error_copy (error)
                    : g_error_new_literal (MC_ERROR, MC_ERROR_BUSY, "The download was cancelled"));
}

McRangeNews *
mc_range_news_new (McStore *store,
                   McDownloader *downloader,
                   McTransfer *transfer,
                   const McDigest *digest,
                   guint64 size,
                   guint64 offset,
                   guint patience_ms)
{
  McRangeNews *self = g_new0 (McRangeNews, 1);

  self->store = g_object_ref (store);
  self->downloader = g_object_ref (downloader);
  self->transfer = g_object_ref (transfer);
  self->file.digest = *digest;
  self->file.size = size;
  self->offset = offset;
  self->patience_ms = patience_ms;
  self->last = g_get_monotonic_time ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->told);
  self->changed = g_signal_connect (transfer, "changed", G_CALLBACK (on_changed), self);
  self->ended = g_signal_connect (transfer, "finished", G_CALLBACK (on_ended), self);
  if (mc_transfer_state_is_final (mc_transfer_get_state (transfer)))
    on_ended (transfer, self);
  else
    on_changed (transfer, self);
  return self;
}

void
mc_range_news_stop (McRangeNews *self)
{
  g_clear_signal_handler (&self->changed, self->transfer);
  g_clear_signal_handler (&self->ended, self->transfer);
}

void
mc_range_news_free (McRangeNews *self)
{
  g_object_unref (self->transfer);
  g_object_unref (self->downloader);
  g_object_unref (self->store);
  g_clear_error (&self->error);
  g_cond_clear (&self->told);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
mc_range_news_is_whole (McRangeNews *self, GError **error)
{
  gboolean whole;

  g_mutex_lock (&self->lock);
  whole = self->whole;
  if (!whole && self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  g_mutex_unlock (&self->lock);
  return whole;
}

gboolean
mc_range_news_wait (McRangeNews *self, guint ms, GError **error)
{
  gint64 until = g_get_monotonic_time () + (gint64) ms * 1000;
  gboolean patient;

  g_mutex_lock (&self->lock);
  while (self->seen == self->read && g_cond_wait_until (&self->told, &self->lock, until))
    ;
  self->read = self->seen;
  patient = g_get_monotonic_time () - self->last < (gint64) self->patience_ms * 1000;
  g_mutex_unlock (&self->lock);
  if (!patient)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_NETWORK,
                         "It is not here yet, and nothing came of it for a while");
  return patient;
}
