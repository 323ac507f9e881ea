/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-lane-watch.h"

#define EARLIEST (2 * G_USEC_PER_SEC) /* doubled with each restart */
#define MOST_DOUBLINGS 5
#define TIMES_SLOWER 4
#define WORTH_IT (2 * G_USEC_PER_SEC) /* of waiting that is spared */
#define NEXT_TO_NOTHING 256           /* bytes a second */
#define SILENCE (5 * G_USEC_PER_SEC)  /* however fast it was before; doubled likewise */

void
mc_lane_watch_begin (McLaneWatch *self, gint64 now)
{
  self->since = now;
  self->last = now;
  self->bytes = 0;
}

double
mc_lane_watch_get_rate (const McLaneWatch *self, gint64 now)
{
  if (now - self->since < G_USEC_PER_SEC / 4)
    return 0;
  return (double) self->bytes * G_USEC_PER_SEC / (double) (now - self->since);
}

/* Not even that, for longer than anybody should wait. */
static gboolean
is_next_to_nothing (const McLaneWatch *self, gint64 age, gint64 patience)
{
  return age >= patience && (double) self->bytes * G_USEC_PER_SEC < NEXT_TO_NOTHING * (double) age;
}

/* Others would have brought all of it meanwhile. */
static gboolean
is_silent (const McLaneWatch *self, gint64 now, guint64 left, double typical)
{
  gint64 silence = now - self->last;

  return typical > 0 && silence >= SILENCE << MIN (self->restarts, MOST_DOUBLINGS)
         && typical * (double) silence / G_USEC_PER_SEC >= (double) left;
}

gboolean
mc_lane_watch_is_slow (
    const McLaneWatch *self, gint64 now, guint64 left, double typical, gint64 patience)
{
  gint64 age = now - self->since;
  double rate = mc_lane_watch_get_rate (self, now);
  double wait;

  if (is_next_to_nothing (self, age, patience) || is_silent (self, now, left, typical))
    return TRUE;
  if (age < EARLIEST << MIN (self->restarts, MOST_DOUBLINGS) || rate * TIMES_SLOWER >= typical)
    return FALSE;
  wait = (double) left / MAX (rate, 1) - (double) left / typical;
  return wait * G_USEC_PER_SEC > WORTH_IT;
}
