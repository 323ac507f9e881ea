/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-encode-pace.h"

/* Encoding may use the time between two chunks and no more: whoever hands over faster than that
 * gets them written as they are. Half of the time is left to the rest, which has to hash and to
 * write. */
#define SHARE 2

/* The newest counts a quarter: a pause does not look like a slow link for long. */
static gint64
follow (gint64 before, gint64 newest)
{
  newest = MAX (newest, 1);
  return before == 0 ? newest : before + (newest - before) / 4;
}

void
mc_encode_pace_note_arrival (McEncodePace *self, gint64 now)
{
  if (self->arrived != 0)
    self->interval = follow (self->interval, now - self->arrived);
  self->arrived = now;
}

void
mc_encode_pace_note_cost (McEncodePace *self, gint64 cost)
{
  self->cost = follow (self->cost, cost);
}

gboolean
mc_encode_pace_allows (const McEncodePace *self, guint n_waiting)
{
  if (n_waiting > 0)
    return FALSE;
  return self->interval == 0 || self->cost == 0 || self->cost * SHARE <= self->interval;
}
