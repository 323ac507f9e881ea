/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Whether there is time to encode the chunks of a content as they come. Pure; a value of zeros is
 * one that knows nothing yet. Times are microseconds of a clock that only goes forward. */
typedef struct
{
  gint64 arrived;  /* the last one */
  gint64 interval; /* between two, lately; 0: not known */
  gint64 cost;     /* of encoding one, lately; 0: not known */
} McEncodePace;

/* A chunk was handed over. */
void mc_encode_pace_note_arrival (McEncodePace *self, gint64 now);

/* So long it took to choose an encoding and to encode. */
void mc_encode_pace_note_cost (McEncodePace *self, gint64 cost);

/* n_waiting: how many chunks wait behind this one. */
gboolean mc_encode_pace_allows (const McEncodePace *self, guint n_waiting);

G_END_DECLS
