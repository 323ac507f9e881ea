/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The time by which this process waits: monotonic, so that nobody who sets the clock changes it. A
 * test can let it pass without waiting. Main thread. */

/* Microseconds. */
gint64 mc_clock_now (void);

/* Seconds of the Unix epoch at which that moment of mc_clock_now() is, as far as can be told. */
gint64 mc_clock_to_unix (gint64 moment);

/* A timeout by this clock, attached to the thread's default context; to be destroyed and unreffed.
 */
GSource *mc_clock_add (guint milliseconds, GSourceFunc function, gpointer user_data);

/* For tests: so many microseconds pass now. */
void mc_clock_advance (gint64 microseconds);

/* How long the computer slept since it started, in microseconds: what the clock does not count. */
gint64 mc_clock_get_slept (void);

/* For tests: it slept that much longer. */
void mc_clock_pretend_sleep (gint64 microseconds);

G_END_DECLS
