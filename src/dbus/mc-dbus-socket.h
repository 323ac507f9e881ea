/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Where service and clients meet when there is no session bus: a socket in a folder that is the
 * user's alone. Service and clients find it by the same rule. Blocking; any thread. */

/* The socket's path: what MODEL_CACHE_SOCKET says, else a fixed one in the runtime folder.
 * MC_ERROR_INVALID_NAME if that is no whole path, or longer than a socket's may be. */
char *mc_dbus_socket_find (GError **error);

/* Whether MODEL_CACHE_SOCKET says which: then it is used whatever buses there are. */
gboolean mc_dbus_socket_is_forced (void);

/* Whether its folder is there, no link, the user's own, and nobody else's to change: a name in it
 * is then what it seems. make: it is made if it is missing. MC_ERROR_NOT_FOUND if it is, else
 * MC_ERROR_ACCESS_REFUSED with the reason. */
gboolean mc_dbus_socket_check_folder (const char *path, gboolean make, GError **error);

/* Whether there is a session bus to ask for: its address, or its usual socket. */
gboolean mc_dbus_has_session (void);

G_END_DECLS
