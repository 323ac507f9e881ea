/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-client-bus.h"

#include "mc-client-socket.h"
#include "mc-dbus-names.h"
#include "mc-dbus-socket.h"
#include "mc-error.h"
#include "mc-task.h"

#include <string.h>

#define SOCKET "mc-socket"
#define READDRESSED "mc-readdressed"

/* Proxies send to the owner that the name had when they looked last. One that is ending would not
 * answer: so calls go to the name, whose owner the bus knows, and starts if need be. In GDBus's own
 * thread. */
static GDBusMessage *
readdress (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  const char *destination = g_dbus_message_get_destination (message);
  const char *path = g_dbus_message_get_path (message);
  GDBusMessage *copy;

  if (incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL
      || destination == NULL || destination[0] != ':' || path == NULL
      || !g_str_has_prefix (path, MC_DBUS_PATH))
    return message;
  copy = g_dbus_message_copy (message, NULL);
  if (copy == NULL)
    return message;
  g_dbus_message_set_destination (copy, MC_DBUS_NAME);
  g_object_unref (message);
  return copy;
}

/* Programs share their session bus: once for each of them. */
static void
prepare_session (GDBusConnection *bus)
{
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  if (g_object_get_data (G_OBJECT (bus), READDRESSED) != NULL)
    return;
  g_object_set_data (G_OBJECT (bus), READDRESSED, bus);
  g_dbus_connection_add_filter (bus, readdress, NULL, NULL);
}

static void
session_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GDBusConnection *bus = g_bus_get_finish (result, &error);

  if (bus == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  prepare_session (bus);
  g_task_return_pointer (task, bus, g_object_unref);
}

static void
connect_privately (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gboolean start = (GPOINTER_TO_UINT (data) & MC_CLIENT_BUS_START) != 0;
  GError *error = NULL;
  g_autofree char *path = mc_dbus_socket_find (&error);
  GDBusConnection *bus =
      path == NULL ? NULL : mc_client_socket_connect (path, start, cancellable, &error);

  if (bus == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_object_set_data_full (G_OBJECT (bus), SOCKET, g_steal_pointer (&path), g_free);
  g_task_return_pointer (task, bus, g_object_unref);
}

void
mc_client_bus_get_async (McClientBusFlags flags,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (NULL, cancellable, callback, user_data, mc_client_bus_get_async);

  if ((flags & MC_CLIENT_BUS_PRIVATE) == 0 && !mc_dbus_socket_is_forced ()
      && mc_dbus_has_session ())
    {
      g_bus_get (G_BUS_TYPE_SESSION, cancellable, session_cb, g_steal_pointer (&task));
      return;
    }
  g_task_set_task_data (task, GUINT_TO_POINTER (flags), NULL);
  g_task_run_in_thread (task, connect_privately);
}

GDBusConnection *
mc_client_bus_get_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *
mc_client_bus_get_socket (GDBusConnection *bus)
{
  return g_object_get_data (G_OBJECT (bus), SOCKET);
}
