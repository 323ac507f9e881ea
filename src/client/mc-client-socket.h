/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Connects to the private socket of a service of the same user, and starts it if asked to and need
 * be. Blocking, some seconds at most; any thread. MC_ERROR_NO_SERVICE if it does not run and was
 * not to be started. */
GDBusConnection *mc_client_socket_connect (const char *path,
                                           gboolean start,
                                           GCancellable *cancellable,
                                           GError **error);

G_END_DECLS
