/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fetch-private.h"

#include "mc-clock.h"
#include "mc-error.h"
#include "mc-retry-policy.h"

/* What goes wrong on the way from the Hub, and what is too slow to be waited for. */

#define RESOLVES_IN_VAIN 3
#define TICK_MS 500

/* So many bytes between two answers that make no sense make them two accidents. */
#define NONSENSE_EVERY (256 * 1024 * 1024)

/* That much must be kept before tries count anew: who sends a few bytes and falls silent, again and
 * again, does not get there. */
#define PROGRESS (64 * 1024)

/* --- waiting --- */

void
mc_fetch_stop_waiting (McFetch *self)
{
  if (self->wait != NULL)
    g_source_destroy (self->wait);
  g_clear_pointer (&self->wait, g_source_unref);
  g_clear_error (&self->waiting);
}

/* While some of it comes, it does not wait. */
const GError *
mc_fetch_get_waiting (McFetch *self)
{
  return self->lanes->len == 0 ? self->waiting : NULL;
}

gint64
mc_fetch_get_wait_end (McFetch *self)
{
  return mc_fetch_get_waiting (self) == NULL ? 0 : self->wait_end;
}

static gboolean
on_waited (gpointer user_data)
{
  g_autoptr (McFetch) self = g_object_ref (user_data);

  mc_fetch_stop_waiting (self);
  mc_fetch_emit_changed (self);
  mc_fetch_drive (self);
  return G_SOURCE_REMOVE;
}

void
mc_fetch_hurry (McFetch *self)
{
  if (self->waiting != NULL)
    on_waited (self);
}

/* Takes the error. */
static void
wait_for (McFetch *self, guint delay_ms, GError *error)
{
  self->waiting = error;
  self->wait = mc_clock_add (delay_ms, on_waited, self);
  self->wait_end = mc_clock_to_unix (mc_clock_now () + (gint64) delay_ms * 1000);
  mc_fetch_emit_changed (self);
}

/* --- what went wrong --- */

void
mc_fetch_drop_resolved (McFetch *self)
{
  g_clear_pointer (&self->resolved, mc_resolved_free);
  self->generation++;
}

/* The address is no good: it is had anew, or, if that was in vain, it ends. Takes the error. */
static void
resolve_again (McFetch *self, GError *error, guint generation)
{
  if (generation == self->generation)
    {
      self->resolves++;
      mc_fetch_drop_resolved (self);
    }
  if (self->resolves <= RESOLVES_IN_VAIN)
    {
      g_error_free (error);
      mc_fetch_drive (self);
      return;
    }
  error->code = error->code == MC_HUB_ERROR_OTHER_FILE ? MC_ERROR_CHANGED : MC_ERROR_BAD_RESPONSE;
  error->domain = MC_ERROR;
  mc_fetch_end (self, error);
}

/* How long the host wants to be left alone, in milliseconds. */
static guint64
get_asked (McFetch *self, const GError *error)
{
  return g_error_matches (error, MC_ERROR, MC_ERROR_RATE_LIMITED)
             ? mc_hub_client_get_wait (self->hub, self->resolved)
             : 0;
}

/* Which try without progress this was, from 1. What makes no sense on one connection is not mended
 * by what the others bring, and would come again and again. */
static guint
count_try (McFetch *self, const GError *error, gboolean held)
{
  if (g_error_matches (error, MC_ERROR, MC_ERROR_BAD_RESPONSE))
    {
      if (self->received - self->nonsense_at > NONSENSE_EVERY)
        self->nonsense = 0;
      self->nonsense_at = self->received;
      return ++self->nonsense;
    }
  self->attempt += !held && !self->offline;
  return MAX (self->attempt, 1);
}

/* Where nobody answered, that time counts: a network that is back is not to wait for a pause that
 * comes after a deadline. */
static guint
get_delay (McFetch *self, const GError *error, guint delay_ms)
{
  gint64 spent = (mc_clock_now () - self->asked) / 1000;

  if (!g_error_matches (error, MC_ERROR, MC_ERROR_NETWORK))
    return delay_ms;
  return spent < delay_ms ? delay_ms - (guint) spent : 0;
}

void
mc_fetch_trip (McFetch *self, GError *error, guint generation, gboolean held)
{
  McRetryVerdict verdict;

  if (self->failure != NULL)
    {
      mc_fetch_end (self, error);
      return;
    }
  if (error->domain == MC_HUB_ERROR)
    {
      resolve_again (self, error, generation);
      return;
    }
  /* One outage breaks all lanes: it counts once. */
  if (self->waiting != NULL)
    {
      g_error_free (error);
      mc_fetch_emit_changed (self);
      return;
    }
  verdict = mc_retry_policy_decide (error, count_try (self, error, held), get_asked (self, error),
                                    self->retry_base_ms, g_random_double ());
  if (!verdict.retry)
    {
      mc_fetch_end (self, error);
      return;
    }
  g_info ("%s/%s: try %u failed: %s", self->repo, self->path, self->attempt, error->message);
  if (self->lanes->len > 0)
    mc_lane_pace_note_trouble (&self->pace, mc_clock_now ());
  /* The signed address may be what is wrong. */
  else if (self->attempt > 1)
    mc_fetch_drop_resolved (self);
  wait_for (self, get_delay (self, error, verdict.delay_ms), error);
}

void
mc_fetch_note_progress (McFetch *self, guint64 bytes)
{
  if (bytes < PROGRESS)
    return;
  self->attempt = 0;
  self->resolves = 0;
}

/* --- what is slow --- */

/* Bytes a second of a lane that does well. */
static double
get_typical (McFetch *self, McLane *except, gint64 now)
{
  double sum = self->typical;
  guint n = self->typical > 0;

  for (guint i = 0; i < self->lanes->len; i++)
    {
      McLane *lane = g_ptr_array_index (self->lanes, i);
      double rate = mc_lane_watch_get_rate (&lane->watch, now);

      if (lane == except || lane->hungry || lane->limited || rate == 0)
        continue;
      sum += rate;
      n++;
    }
  return n == 0 ? 0 : sum / n;
}

static void
restart_slow (McFetch *self)
{
  gint64 now = mc_clock_now ();
  gint64 patience = (gint64) mc_hub_client_get_read_timeout (self->hub) * 1000;

  for (guint i = self->lanes->len; i > 0; i--)
    {
      McLane *lane = g_ptr_array_index (self->lanes, i - 1);
      guint64 left = lane->part.size - lane->part.filled;

      /* One that waits for an answer has a deadline of its own. */
      if (lane->hungry || lane->limited || lane->stream == NULL
          || !mc_lane_watch_is_slow (&lane->watch, now, left, get_typical (self, lane, now),
                                     patience))
        continue;
      g_info ("%s/%s: a connection is too slow: %" G_GUINT64_FORMAT " bytes in %.1f s", self->repo,
              self->path, lane->watch.bytes, (double) (now - lane->watch.since) / G_USEC_PER_SEC);
      mc_lane_restart (lane);
    }
}

/* Whether lanes did not read for most of the time since the last tick. */
static gboolean
was_starved (McFetch *self)
{
  gint64 now = mc_clock_now ();
  gint64 time = (now - self->ticked) * self->lanes->len;
  gboolean starved;

  for (guint i = 0; i < self->lanes->len; i++)
    mc_lane_note_idle (g_ptr_array_index (self->lanes, i));
  starved = self->idle * 2 > time;
  self->ticked = now;
  self->idle = 0;
  return starved;
}

static gboolean
on_tick (gpointer user_data)
{
  g_autoptr (McFetch) self = g_object_ref (user_data);
  gboolean starved = was_starved (self);

  restart_slow (self);
  if (self->lanes->len > 0 && self->waiting == NULL)
    mc_lane_pace_tick (&self->pace, mc_clock_now (), self->received, starved, self->share);
  if (self->tick != NULL)
    mc_fetch_feed_lanes (self);
  if (self->tick != NULL)
    mc_fetch_drive (self);
  return self->tick != NULL;
}

void
mc_fetch_start_tick (McFetch *self)
{
  if (self->tick != NULL)
    return;
  self->ticked = mc_clock_now ();
  self->tick = mc_clock_add (TICK_MS, on_tick, self);
}

void
mc_fetch_set_offline (McFetch *self, gboolean offline)
{
  self->offline = offline;
}

void
mc_fetch_refresh (McFetch *self)
{
  g_autoptr (McFetch) kept G_GNUC_UNUSED = g_object_ref (self);

  if (self->failure != NULL)
    return;
  for (guint i = self->lanes->len; i > 0; i--)
    mc_lane_restart (g_ptr_array_index (self->lanes, i - 1));
  if (self->waiting != NULL && !g_error_matches (self->waiting, MC_ERROR, MC_ERROR_RATE_LIMITED))
    mc_fetch_hurry (self);
}
