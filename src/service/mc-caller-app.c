/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-caller-app.h"

#include "mc-error.h"
#include "mc-sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Flatpak puts a file into each sandbox that the app cannot change. The folder of a process in
 * /proc is that process's for as long as it is open, so that nothing is read of another which got
 * its number. */

#define INFO "root/.flatpak-info"
#define LONGEST (64 * 1024)

static int
open_process (guint32 pid, int pidfd)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u", pid);
  int folder = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);

  /* It is alive, so the number is still its own. */
  if (folder >= 0 && pidfd >= 0 && syscall (SYS_pidfd_send_signal, pidfd, 0, NULL, 0) != 0)
    {
      close (folder);
      return -1;
    }
  return folder;
}

/* -1 with errno. A link would lead out of the sandbox, into our own files. */
static int
open_info (int folder)
{
  struct stat info;
  int fd = openat (folder, INFO, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0 || (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size <= LONGEST))
    return fd;
  close (fd);
  errno = EINVAL;
  return -1;
}

static char *
parse (const char *text, gsize length)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *app = NULL;

  if (g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, NULL))
    app = g_key_file_get_string (file, "Application", "name", NULL);
  return app != NULL && g_application_id_is_valid (app) ? g_steal_pointer (&app)
                                                        : g_strdup (MC_CALLER_APP_UNKNOWN);
}

static char *
read_info (int fd)
{
  g_autofree char *text = g_malloc (LONGEST);
  gsize length = 0;
  ssize_t n;

  while (length < LONGEST && (n = read (fd, text + length, LONGEST - length)) > 0)
    length += (gsize) n;
  return parse (text, length);
}

char *
mc_caller_app_read (guint32 pid, int pidfd, GError **error)
{
  int folder;
  int fd;
  int problem;
  char *app;

  /* Without a number it is none of those that can be seen from here, as outside of a container. In
   * a sandbox of our own /proc has other processes than the bus speaks of: then it is the sandbox's
   * rules that decide who may call. */
  if (pid == 0 || mc_sandbox_is_flatpak ())
    return g_strdup ("");
  folder = open_process (pid, pidfd);
  if (folder < 0)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_GONE, "The caller has ended");
      return NULL;
    }
  fd = open_info (folder);
  problem = errno;
  if (fd >= 0)
    {
      app = read_info (fd);
      close (fd);
    }
  else if (problem == ENOENT && faccessat (folder, "root", F_OK, 0) == 0)
    app = g_strdup ("");
  else
    app = g_strdup (MC_CALLER_APP_UNKNOWN);
  close (folder);
  return app;
}
