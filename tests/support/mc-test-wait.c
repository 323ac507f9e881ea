/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-wait.h"

/* Runs on the thread that waits. The condition is looked at after everything that was dispatched,
 * and again at each tick of a timer, because other threads and processes do not wake this
 * context. */

#define TICK_MS 5
#define AWAIT_MS 60000

static GSource *
add_timeout (guint interval_ms, GSourceFunc function, gpointer data, GMainContext *context)
{
  GSource *source = g_timeout_source_new (interval_ms);

  g_source_set_callback (source, function, data, NULL);
  g_source_attach (source, context);
  return source;
}

static gboolean
tick_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
timed_out_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

gboolean
mc_test_wait_until (gboolean (*condition) (gpointer data), gpointer data, guint timeout_ms)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  gboolean timed_out = FALSE;
  g_autoptr (GSource) tick = add_timeout (TICK_MS, tick_cb, NULL, context);
  g_autoptr (GSource) limit = add_timeout (timeout_ms, timed_out_cb, &timed_out, context);
  gboolean met;

  while (!(met = condition (data)) && !timed_out)
    g_main_context_iteration (context, TRUE);
  g_source_destroy (tick);
  g_source_destroy (limit);
  return met;
}

void
mc_test_store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

static gboolean
has_result (gpointer data)
{
  return *(GAsyncResult **) data != NULL;
}

GAsyncResult *
mc_test_await (GAsyncResult **result)
{
  g_assert_true (mc_test_wait_until (has_result, result, AWAIT_MS));
  return *result;
}
