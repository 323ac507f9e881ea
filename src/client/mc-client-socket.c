/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-client-socket.h"

#include "mc-dbus-socket.h"
#include "mc-error.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixsocketaddress.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

/* A service that was started says so by closing its output, and what went wrong by what it wrote
 * there before. Of several that are started at once one stays, and the others end when it serves:
 * so whoever started one tries to connect once more, whatever became of it. */

#define PATIENCE_US (20 * G_USEC_PER_SEC)
#define GLANCE_US (20 * 1000)
#define LONGEST_MESSAGE 4096

/* Nobody else's service: it would get what is asked, and give what it likes. */
static gboolean
check_owner (GSocketConnection *connection, GError **error)
{
  GSocket *socket = g_socket_connection_get_socket (connection);
  g_autoptr (GCredentials) credentials = g_socket_get_credentials (socket, error);

  if (credentials == NULL)
    return FALSE;
  if (g_credentials_get_unix_user (credentials, NULL) == geteuid ())
    return TRUE;
  g_set_error_literal (error, MC_ERROR, MC_ERROR_ACCESS_REFUSED,
                       "Another user's process serves there");
  return FALSE;
}

static GDBusConnection *
connect_once (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;

  g_socket_client_set_enable_proxy (client, FALSE);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), cancellable, error);
  if (connection == NULL || !check_owner (connection, error))
    return NULL;
  return g_dbus_connection_new_sync (G_IO_STREAM (connection), NULL,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, cancellable, error);
}

/* --- starting it --- */

/* In the child, before exec: Ctrl-C in the client's terminal is not for the service. */
static void
leave_session (gpointer data)
{
  setsid ();
}

static const char *
get_program (void)
{
  const char *built = g_getenv ("MC_SERVICE"); /* for tests */

  return built == NULL ? MC_LIBEXECDIR "/model-cache-service" : built;
}

/* Until it is closed. NULL: cancelled. */
static char *
read_output (int fd, GCancellable *cancellable, GError **error)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (fd, TRUE);
  g_autoptr (GString) text = g_string_new (NULL);
  char piece[256];
  gssize n;

  while ((n = g_input_stream_read (stream, piece, sizeof piece, cancellable, error)) > 0)
    if (text->len < LONGEST_MESSAGE)
      g_string_append_len (text, piece, n);
  if (n < 0)
    return NULL;
  g_strchomp (text->str);
  return g_utf8_make_valid (text->str, -1);
}

static int
spawn (GError **error)
{
  const char *words[] = { get_program (), "--private", NULL };
  int pipe[2];
  gboolean done;

  if (!g_unix_open_pipe (pipe, FD_CLOEXEC, error))
    return -1;
  done = g_spawn_async_with_pipes_and_fds (
      "/", words, NULL, G_SPAWN_DEFAULT | G_SPAWN_STDIN_FROM_DEV_NULL, leave_session, NULL, -1,
      pipe[1], pipe[1], NULL, NULL, 0, NULL, NULL, NULL, NULL, error);
  close (pipe[1]);
  if (!done)
    {
      close (pipe[0]);
      return -1;
    }
  return pipe[0];
}

/* Until it serves, or gave up. */
static gboolean
start (GCancellable *cancellable, GError **error)
{
  int fd = spawn (error);
  g_autofree char *said = fd < 0 ? NULL : read_output (fd, cancellable, error);

  if (said == NULL)
    return FALSE;
  if (said[0] == '\0')
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_NO_SERVICE, "%s", said);
  return FALSE;
}

/* Takes the error. Who closes what was just opened is ending. */
static void
return_failure (GError **error, GError *local)
{
  if (g_error_matches (local, MC_ERROR, MC_ERROR_NOT_FOUND)
      || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
      || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
      || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)
      || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CLOSED))
    {
      local->domain = MC_ERROR;
      local->code = MC_ERROR_NO_SERVICE;
    }
  g_propagate_error (error, local);
}

GDBusConnection *
mc_client_socket_connect (const char *path,
                          gboolean may_start,
                          GCancellable *cancellable,
                          GError **error)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_US;

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      GDBusConnection *bus = NULL;

      /* The service makes what is missing. */
      if (mc_dbus_socket_check_folder (path, FALSE, &local))
        bus = connect_once (path, cancellable, &local);
      if (bus != NULL)
        return bus;
      if (!may_start || g_error_matches (local, MC_ERROR, MC_ERROR_ACCESS_REFUSED)
          || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED)
          || g_get_monotonic_time () > deadline)
        {
          return_failure (error, g_steal_pointer (&local));
          return NULL;
        }
      if (!start (cancellable, error))
        return NULL;
      g_usleep (GLANCE_US);
    }
}
