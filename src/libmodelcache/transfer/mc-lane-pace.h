/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* How many connections a file deserves: few at first, more while each step makes it faster, fewer
 * where the disk is what is slow, or where the host minds. Pure; times are microseconds of any
 * clock. */

#define MC_LANES_MOST 8
#define MC_LANES_FIRST 4

typedef struct
{
  guint lanes;
  guint useful;       /* more are of no use to so few bytes */
  guint before;       /* lanes of the last step, while that is on trial; else 0 */
  double rate_before; /* bytes a second with them */
  gint64 since;       /* of the window that is measured, and */
  guint64 received;   /* what had come by then */
  guint starved;      /* windows of the kind, one after the other */
  gint64 hold_until;  /* no trial earlier */
} McLanePace;

/* missing: bytes to come. A small file gets one. */
void mc_lane_pace_init (McLanePace *self, guint64 missing, guint64 chunk, gint64 now);

/* Now and then: received: bytes that came so far; starved: connections had to wait, not for the
 * network but for memory or for a limit of ours. most: what there may be at once. The result is how
 * many there should be. */
guint
mc_lane_pace_tick (McLanePace *self, gint64 now, guint64 received, gboolean starved, guint most);

/* A connection was refused or broke off while others work. */
void mc_lane_pace_note_trouble (McLanePace *self, gint64 now);

G_END_DECLS
