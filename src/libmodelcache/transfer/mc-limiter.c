/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-limiter.h"

#include "mc-token-bucket.h"

/* Readers that wait are asked to try again after this time at the latest: the limit may be another
 * by then. */
#define LONGEST_WAIT_MS 250

typedef struct
{
  McLimiterReady ready;
  gpointer data;
} Waiter;

struct _McLimiter
{
  McLimiter *parent; /* (owned) (nullable) */
  McTokenBucket bucket;
  GArray *waiters; /* (owned): Waiter, the first one first */
  GSource *timer;  /* (owned) (nullable) */
};

McLimiter *
mc_limiter_new (McLimiter *parent)
{
  McLimiter *self = g_rc_box_new0 (McLimiter);

  self->parent = parent == NULL ? NULL : mc_limiter_ref (parent);
  self->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  return self;
}

McLimiter *
mc_limiter_ref (McLimiter *self)
{
  return g_rc_box_acquire (self);
}

static void
stop_timer (McLimiter *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
clear (gpointer data)
{
  McLimiter *self = data;

  stop_timer (self);
  g_array_unref (self->waiters);
  g_clear_pointer (&self->parent, mc_limiter_unref);
}

void
mc_limiter_unref (McLimiter *self)
{
  g_rc_box_release_full (self, clear);
}

void
mc_limiter_set_rate (McLimiter *self, guint64 rate)
{
  mc_token_bucket_set_rate (&self->bucket, rate, g_get_monotonic_time ());
}

guint64
mc_limiter_get_rate (McLimiter *self)
{
  return self->bucket.rate;
}

/* Each that waited asks once; who must wait again stands behind the others. */
static gboolean
on_time (gpointer user_data)
{
  g_autoptr (McLimiter) self = mc_limiter_ref (user_data);

  stop_timer (self);
  for (guint left = self->waiters->len; left > 0 && self->waiters->len > 0; left--)
    {
      Waiter waiter = g_array_index (self->waiters, Waiter, 0);

      g_array_remove_index (self->waiters, 0);
      waiter.ready (waiter.data);
    }
  return G_SOURCE_REMOVE;
}

static void
start_timer (McLimiter *self, gint64 wait_us)
{
  guint ms = (guint) MIN ((wait_us + 999) / 1000, LONGEST_WAIT_MS);

  if (self->timer != NULL)
    return;
  self->timer = g_timeout_source_new (ms);
  g_source_set_callback (self->timer, on_time, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static gint64
get_wait (McLimiter *self, gint64 now)
{
  gint64 wait = mc_token_bucket_get_wait (&self->bucket, now);

  return self->parent == NULL ? wait : MAX (wait, get_wait (self->parent, now));
}

static gsize
get_portion (McLimiter *self)
{
  gsize portion = mc_token_bucket_get_portion (&self->bucket);

  return self->parent == NULL ? portion : MIN (portion, get_portion (self->parent));
}

gsize
mc_limiter_ask (McLimiter *self, gsize wanted, McLimiterReady ready, gpointer data)
{
  gint64 wait = get_wait (self, g_get_monotonic_time ());
  Waiter waiter = { ready, data };

  if (wait == 0)
    return MIN (wanted, get_portion (self));
  mc_limiter_forget (self, data);
  g_array_append_val (self->waiters, waiter);
  start_timer (self, wait);
  return 0;
}

void
mc_limiter_forget (McLimiter *self, gpointer data)
{
  for (guint i = self->waiters->len; i > 0; i--)
    if (g_array_index (self->waiters, Waiter, i - 1).data == data)
      g_array_remove_index (self->waiters, i - 1);
}

void
mc_limiter_take (McLimiter *self, gsize bytes)
{
  gint64 now = g_get_monotonic_time ();

  for (McLimiter *limiter = self; limiter != NULL; limiter = limiter->parent)
    mc_token_bucket_take (&limiter->bucket, bytes, now);
}
