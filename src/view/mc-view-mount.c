/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-view-mount.h"

#include "mc-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mount.h>
#include <unistd.h>

/* A service that was killed leaves a mount behind that nobody answers: whoever looks at it is told
 * ENOTCONN. Only such a one is taken away. */

#define MOST_LAYERS 8

/* What the kernel remembers of the folder itself tells nothing: it must be asked for more. */
static gboolean
is_dead (const char *folder)
{
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  if (fd < 0)
    return errno == ENOTCONN;
  close (fd);
  return FALSE;
}

static void
unmount (const char *folder)
{
  const char *const command[] = { "fusermount3", "-u", "-z", "-q", "--", folder, NULL };
  g_autoptr (GError) error = NULL;

  if (umount2 (folder, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
    return;
  /* A plain user may not, but this program may. */
  if (!g_spawn_sync (NULL, (char **) command, NULL,
                     G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL, NULL, NULL, NULL, NULL, &error))
    g_debug ("%s", error->message);
}

static gboolean
fail (const char *folder, const char *why, GError **error)
{
  g_set_error (error, MC_ERROR, MC_ERROR_STORE, "%s: %s", folder, why);
  return FALSE;
}

gboolean
mc_view_mount_prepare (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = NULL;

  for (guint i = 0; i < MOST_LAYERS && is_dead (folder); i++)
    unmount (folder);
  if (is_dead (folder))
    return fail (folder, "a service that died left it mounted, and it cannot be unmounted", error);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return fail (folder, g_strerror (errno), error);
  dir = g_dir_open (folder, 0, error);
  if (dir == NULL)
    {
      g_prefix_error (error, "%s: ", folder);
      return FALSE;
    }
  if (g_dir_read_name (dir) == NULL)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_IN_USE, "%s is not empty", folder);
  return FALSE;
}
