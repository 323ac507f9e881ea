/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-lane-pace.h"

#define WINDOW (G_USEC_PER_SEC / 2)
#define TRIAL (3 * WINDOW) /* until a step is said not to have helped */
#define HOLD (30 * G_USEC_PER_SEC)
#define SHORT_HOLD (5 * G_USEC_PER_SEC) /* of what was not the network's fault */
#define STARVED_AT_MOST 2 /* windows one after the other; a disk may stop for a moment */
#define CHUNKS_A_LANE 4   /* at first, and */
#define CHUNKS_AT_LEAST 2
#define WORTH_IT 1.1 /* how much faster a step must make it */

void
mc_lane_pace_init (McLanePace *self, guint64 missing, guint64 chunk, gint64 now)
{
  *self = (McLanePace){ 0 };
  self->lanes = (guint) CLAMP (missing / (chunk * CHUNKS_A_LANE), 1, MC_LANES_FIRST);
  self->useful = (guint) CLAMP (missing / (chunk * CHUNKS_AT_LEAST), 1, MC_LANES_MOST);
  self->since = now;
}

static void
begin_window (McLanePace *self, gint64 now, guint64 received)
{
  self->since = now;
  self->received = received;
}

static void
settle (McLanePace *self, guint lanes, gint64 hold_until)
{
  self->lanes = MAX (lanes, 1);
  self->before = 0;
  self->hold_until = hold_until;
}

static void
try_more (McLanePace *self, double rate, guint most)
{
  if (self->lanes >= most)
    {
      self->before = 0;
      return;
    }
  self->before = self->lanes;
  self->rate_before = rate;
  self->lanes = MIN (self->lanes + MAX (self->lanes / 2, 1), most);
}

guint
mc_lane_pace_tick (McLanePace *self, gint64 now, guint64 received, gboolean starved, guint most)
{
  gint64 elapsed = now - self->since;
  gboolean helped;
  double rate;

  most = MIN (MAX (most, 1), self->useful);
  self->lanes = MIN (self->lanes, most);
  if (elapsed < WINDOW)
    return self->lanes;
  rate = (double) (received - self->received) * G_USEC_PER_SEC / (double) elapsed;
  self->starved = starved ? self->starved + 1 : 0;
  helped = self->before != 0 && rate >= self->rate_before * WORTH_IT;
  if (self->starved >= STARVED_AT_MOST)
    settle (self, self->lanes / 2, now + SHORT_HOLD);
  else if (self->before != 0 && !helped && elapsed < TRIAL)
    return self->lanes;
  else if (self->before != 0 && !helped)
    settle (self, MIN (self->before, self->lanes), now + HOLD);
  else if (helped || now >= self->hold_until)
    try_more (self, rate, most);
  begin_window (self, now, received);
  return self->lanes;
}

void
mc_lane_pace_note_trouble (McLanePace *self, gint64 now)
{
  settle (self, self->lanes / 2, now + HOLD);
}
