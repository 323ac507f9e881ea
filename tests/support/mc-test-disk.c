/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-disk.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

static gboolean
write_map (const char *path, guint id)
{
  g_autofree char *text = g_strdup_printf ("0 %u 1", id);
  int fd = g_open (path, O_WRONLY | O_CLOEXEC, 0);
  gboolean ok = fd >= 0 && write (fd, text, strlen (text)) == (gssize) strlen (text);

  if (fd >= 0)
    close (fd);
  return ok;
}

static gboolean
deny_groups (void)
{
  int fd = g_open ("/proc/self/setgroups", O_WRONLY | O_CLOEXEC, 0);
  gboolean ok = fd >= 0 && write (fd, "deny", 4) == 4;

  if (fd >= 0)
    close (fd);
  return ok;
}

/* Mounts of its own, as root in a namespace where this process is not. */
static gboolean
leave_namespace (void)
{
  guint user = geteuid ();
  guint group = getegid ();

  if (unshare (CLONE_NEWNS) == 0)
    return TRUE;
  return unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0 && deny_groups ()
         && write_map ("/proc/self/uid_map", user) && write_map ("/proc/self/gid_map", group);
}

char *
mc_test_disk_mount (guint64 size)
{
  const char *parent = g_getenv ("TMPDIR");
  g_autofree char *template =
      g_build_filename (parent == NULL ? "/tmp" : parent, "mc-disk-XXXXXX", NULL);
  const char *folder = g_mkdtemp (template);
  g_autofree char *options = g_strdup_printf ("size=%" G_GUINT64_FORMAT ",mode=700", size);

  if (folder == NULL)
    return NULL;
  if (leave_namespace () && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
      && mount ("none", folder, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0)
    return g_steal_pointer (&template);
  g_rmdir (folder);
  return NULL;
}

void
mc_test_disk_unmount (char *folder)
{
  umount2 (folder, MNT_DETACH);
  g_rmdir (folder);
  g_free (folder);
}

guint64
mc_test_disk_get_free (const char *folder)
{
  struct statvfs info;

  g_assert_cmpint (statvfs (folder, &info), ==, 0);
  return (guint64) info.f_bavail * info.f_frsize;
}

static char *
make_path (const char *folder)
{
  return g_build_filename (folder, "filler", NULL);
}

/* Others may write meanwhile: what was free is not any more, then. */
void
mc_test_disk_fill (const char *folder, guint64 leave)
{
  g_autofree char *path = make_path (folder);
  int fd = g_open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  guint64 filled = 0;
  guint64 space;

  g_assert_cmpint (fd, >=, 0);
  while ((space = mc_test_disk_get_free (folder)) > leave)
    if (posix_fallocate (fd, (off_t) filled, (off_t) (space - leave)) == 0)
      filled += space - leave;
  close (fd);
}

void
mc_test_disk_empty (const char *folder)
{
  g_autofree char *path = make_path (folder);

  g_assert_cmpint (g_unlink (path), ==, 0);
}
