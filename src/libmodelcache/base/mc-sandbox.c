/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-sandbox.h"

#include <gio/gio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

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

/* The folder that is there already, without links; NULL: none can be seen. */
static char *
find_real (const char *path)
{
  g_autofree char *parent = NULL;
  char *real = realpath (path, NULL);

  if (real != NULL || strcmp (path, "/") == 0)
    return real;
  parent = g_path_get_dirname (path);
  return find_real (parent);
}

/* Whatever is mounted is on another device than what the sandbox itself was made of. */
static gboolean
is_beside (const char *path, const char *other)
{
  struct stat info;
  struct stat others;

  return stat (path, &info) == 0 && stat (other, &others) == 0 && info.st_dev == others.st_dev;
}

gboolean
mc_sandbox_forgets (const char *path)
{
  char *real = mc_sandbox_is_flatpak () ? find_real (path) : NULL;
  gboolean forgets = FALSE;

  if (real != NULL)
    forgets =
        is_beside (real, "/") || (g_str_has_prefix (real, "/tmp") && is_beside (real, "/tmp"));
  free (real);
  return forgets;
}

/* After "/run/user/UID/doc/ID/", with which the portal's paths begin, and what is linked there;
 * NULL: it is none. */
static const char *
skip_portal (const char *path)
{
  g_autofree char *folder = g_strconcat (g_get_user_runtime_dir (), "/doc/", NULL);
  const char *const folders[] = { folder, "/run/flatpak/doc/" };
  const char *own = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (folders) && own == NULL; i++)
    if (g_str_has_prefix (path, folders[i]))
      own = strchr (path + strlen (folders[i]), '/');
  return own == NULL || own[1] == '\0' ? NULL : own + 1;
}

gboolean
mc_sandbox_is_lent (const char *path)
{
  return mc_sandbox_is_flatpak () && skip_portal (path) != NULL;
}

char *
mc_sandbox_describe (const char *path)
{
  const char *own = mc_sandbox_is_flatpak () ? skip_portal (path) : NULL;
  char real[PATH_MAX + 1];
  ssize_t length;

  if (own == NULL)
    return g_strdup (path);
  length = getxattr (path, "user.document-portal.host-path", real, PATH_MAX);
  return length > 0 ? g_strndup (real, (gsize) length) : g_strdup (own);
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
