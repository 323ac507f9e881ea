/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-sandbox.h"

#include <gio/gio.h>

struct _McSandboxWatch
{
  GFileMonitor *monitor; /* (owned) (nullable) */
  GSourceOnceFunc callback;
  gpointer user_data;
};

gboolean
mc_sandbox_is_flatpak (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS);
}

static void
on_changed (
    McSandboxWatch *self, GFile *file, GFile *other, GFileMonitorEvent event, GFileMonitor *monitor)
{
  if (event != G_FILE_MONITOR_EVENT_CREATED || self->monitor == NULL)
    return;
  g_clear_object (&self->monitor);
  self->callback (self->user_data);
}

McSandboxWatch *
mc_sandbox_watch_new (GSourceOnceFunc callback, gpointer user_data)
{
  McSandboxWatch *self = g_new0 (McSandboxWatch, 1);
  g_autoptr (GFile) mark = g_file_new_for_path ("/app/.removed");

  self->callback = callback;
  self->user_data = user_data;
  if (mc_sandbox_is_flatpak ())
    self->monitor = g_file_monitor_file (mark, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_swapped (self->monitor, "changed", G_CALLBACK (on_changed), self);
  return self;
}

void
mc_sandbox_watch_free (McSandboxWatch *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->monitor);
  g_free (self);
}
