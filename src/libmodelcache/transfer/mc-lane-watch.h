/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Whether a connection does its part: a fresh one is better than a long wait. Pure; times are
 * microseconds of any clock. */

typedef struct
{
  gint64 since;   /* it was asked for */
  guint64 bytes;  /* that came since */
  guint restarts; /* of the same bytes, in a row */
  gint64 last;    /* when the last of them came, or it was asked for */
} McLaneWatch;

/* It is asked for now. */
void mc_lane_watch_begin (McLaneWatch *self, gint64 now);

/* Bytes a second so far; 0 where it is too early to tell. */
double mc_lane_watch_get_rate (const McLaneWatch *self, gint64 now);

/* left: bytes that it still has to bring before others must wait for it. typical: what others
 * bring, in bytes a second; 0: unknown. patience: microseconds after which next to nothing is
 * nothing. */
gboolean mc_lane_watch_is_slow (
    const McLaneWatch *self, gint64 now, guint64 left, double typical, gint64 patience);

G_END_DECLS
