/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-reserve.h"

#include "mc-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A log, its index and a journal for a few hundred changes. */
#define SIZE (1024 * 1024)

static char *
make_path (const char *folder)
{
  return g_build_filename (folder, "reserve", NULL);
}

/* Bytes that are free; where nobody can tell, as if there were plenty. */
static guint64
get_free (const char *folder)
{
  struct statvfs info;

  return statvfs (folder, &info) == 0 ? (guint64) info.f_bavail * info.f_frsize : G_MAXUINT64;
}

void
mc_reserve_make (const char *folder)
{
  g_autofree char *path = make_path (folder);
  int fd;

  if (g_access (path, F_OK) == 0 || get_free (folder) < 16 * SIZE)
    return;
  fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return;
  /* Half a reserve is none. */
  if (posix_fallocate (fd, 0, SIZE) != 0)
    g_unlink (path);
  close (fd);
}

gboolean
mc_reserve_release (const char *folder, const GError *error)
{
  g_autofree char *path = make_path (folder);
  gboolean full = g_error_matches (error, MC_ERROR, MC_ERROR_NO_SPACE);

  /* The index of a log that cannot be made is an error of input and output to SQLite. */
  if (!full && !(g_error_matches (error, MC_ERROR, MC_ERROR_STORE) && get_free (folder) < SIZE))
    return FALSE;
  if (g_unlink (path) != 0)
    return FALSE;
  g_info ("The disk is full: the reserve is given up");
  return TRUE;
}
