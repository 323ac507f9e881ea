/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-dbus-socket.h"

#include "mc-error.h"
#include "mc-sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Not MC_FOLDER, which is where the store is mounted. */
#define FOLDER MC_FOLDER "-bus"
#define NAME "socket"
#define VARIABLE "MODEL_CACHE_SOCKET"

static const char *
get_forced (void)
{
  const char *path = g_getenv (VARIABLE);

  return path == NULL || path[0] == '\0' ? NULL : path;
}

gboolean
mc_dbus_socket_is_forced (void)
{
  return get_forced () != NULL;
}

char *
mc_dbus_socket_find (GError **error)
{
  g_autofree char *path = g_strdup (get_forced ());

  /* A Flatpak has one folder of these in common with its other instances, and with those outside.
   */
  if (path == NULL && mc_sandbox_is_flatpak ())
    path = g_build_filename (g_get_user_runtime_dir (), "app", MC_APP_ID, FOLDER, NAME, NULL);
  else if (path == NULL)
    path = g_build_filename (g_get_user_runtime_dir (), FOLDER, NAME, NULL);
  if (!g_path_is_absolute (path))
    g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, VARIABLE ": “%s” is no whole path", path);
  else if (strlen (path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                 "“%s” is too long for a socket: set " VARIABLE " to a shorter path", path);
  else
    return g_steal_pointer (&path);
  return NULL;
}

static gboolean
refuse (GError **error, const char *folder, const char *why)
{
  g_set_error (error, MC_ERROR, MC_ERROR_ACCESS_REFUSED, "The folder “%s” is not safe: %s", folder,
               why);
  return FALSE;
}

/* The usual folder has nothing but the socket, so nobody else has any business there; one that was
 * chosen may be seen by others. */
static gboolean
judge_folder (const char *folder, const struct stat *info, GError **error)
{
  mode_t forbidden = get_forced () == NULL ? 077 : 022;

  if (S_ISLNK (info->st_mode))
    return refuse (error, folder, "it is a link");
  if (!S_ISDIR (info->st_mode))
    return refuse (error, folder, "it is no folder");
  if (info->st_uid != geteuid ())
    return refuse (error, folder, "it belongs to another user");
  if ((info->st_mode & forbidden) != 0)
    return refuse (error, folder,
                   forbidden == 077 ? "other users can enter it (chmod 700 mends that)"
                                    : "other users can write there (chmod go-w mends that)");
  return TRUE;
}

gboolean
mc_dbus_socket_check_folder (const char *path, gboolean make, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat info;

  if (make && g_mkdir_with_parents (folder, 0700) != 0 && errno != EEXIST && errno != ENOTDIR)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_FAILED, "The folder “%s” cannot be made: %s", folder,
                   g_strerror (errno));
      return FALSE;
    }
  if (lstat (folder, &info) != 0)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_NOT_FOUND, "There is no folder “%s”: %s", folder,
                   g_strerror (errno));
      return FALSE;
    }
  return judge_folder (folder, &info, error);
}

gboolean
mc_dbus_has_session (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *usual = NULL;
  struct stat info;

  if (address != NULL && address[0] != '\0')
    return strcmp (address, "disabled:") != 0;
  if (runtime == NULL || runtime[0] == '\0')
    return FALSE;
  usual = g_build_filename (runtime, "bus", NULL);
  return stat (usual, &info) == 0 && S_ISSOCK (info.st_mode);
}
