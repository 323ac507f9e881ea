/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  MC_CLIENT_BUS_START = 1 << 0,   /* the service of a private socket is started if need be */
  MC_CLIENT_BUS_PRIVATE = 1 << 1, /* the private socket, though there is a session bus */
} McClientBusFlags;

/* The connection to reach the service on: the session bus; where there is none, or
 * MODEL_CACHE_SOCKET is set, the service's private socket, which looks like a bus with nobody else
 * on it and ends when the service does. Without the first flag, MC_ERROR_NO_SERVICE if it does not
 * run there. It does not end the process when it closes. */
void mc_client_bus_get_async (McClientBusFlags flags,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
GDBusConnection *mc_client_bus_get_finish (GAsyncResult *result, GError **error);

/* The path of the socket if it is one to a private socket; NULL: it is the session bus. */
const char *mc_client_bus_get_socket (GDBusConnection *bus);

G_END_DECLS
