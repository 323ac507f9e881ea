/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-clock.h"

#include <time.h>

typedef struct
{
  GSource source;
  guint milliseconds;
} Timeout;

static gint64 ahead;     /* microseconds that a test let pass */
static gint64 pretended; /* microseconds that it had us sleep */
static GSList *timeouts; /* (owned): GSource, borrowed, those that live */

gint64
mc_clock_now (void)
{
  return g_get_monotonic_time () + ahead;
}

gint64
mc_clock_to_unix (gint64 moment)
{
  return (g_get_real_time () + moment - mc_clock_now () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
}

static gboolean
dispatch (GSource *source, GSourceFunc function, gpointer user_data)
{
  Timeout *timeout = (Timeout *) source;

  g_source_set_ready_time (source, g_get_monotonic_time () + (gint64) timeout->milliseconds * 1000);
  return function (user_data);
}

static void
finalize (GSource *source)
{
  timeouts = g_slist_remove (timeouts, source);
}

static GSourceFuncs funcs = { .dispatch = dispatch, .finalize = finalize };

GSource *
mc_clock_add (guint milliseconds, GSourceFunc function, gpointer user_data)
{
  GSource *source = g_source_new (&funcs, sizeof (Timeout));

  ((Timeout *) source)->milliseconds = milliseconds;
  g_source_set_static_name (source, "mc_clock");
  g_source_set_ready_time (source, g_get_monotonic_time () + (gint64) milliseconds * 1000);
  g_source_set_callback (source, function, user_data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  timeouts = g_slist_prepend (timeouts, source);
  return source;
}

void
mc_clock_advance (gint64 microseconds)
{
  ahead += microseconds;
  for (GSList *l = timeouts; l != NULL; l = l->next)
    if (!g_source_is_destroyed (l->data))
      g_source_set_ready_time (l->data, g_source_get_ready_time (l->data) - microseconds);
}

static gint64
read_clock (clockid_t id)
{
  struct timespec time;

  if (clock_gettime (id, &time) != 0)
    return 0;
  return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

gint64
mc_clock_get_slept (void)
{
  return read_clock (CLOCK_BOOTTIME) - read_clock (CLOCK_MONOTONIC) + pretended;
}

void
mc_clock_pretend_sleep (gint64 microseconds)
{
  pretended += microseconds;
}
