/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Waiting in tests: runs the thread-default main context until something is so. Never sleeps: what
 * happens in this context is seen at once, what happens elsewhere within a few milliseconds. */

/* FALSE if the condition did not hold within the time. */
gboolean
mc_test_wait_until (gboolean (*condition) (gpointer data), gpointer data, guint timeout_ms);

/* A GAsyncReadyCallback; user_data is the GAsyncResult * that mc_test_await() waits for. */
void mc_test_store_result (GObject *source, GAsyncResult *result, gpointer user_data);

/* Waits until the result is there, which must begin as NULL; fails the test after a minute. Returns
 * it, still owned by *result. */
GAsyncResult *mc_test_await (GAsyncResult **result);

G_END_DECLS
