/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-dbus-generated.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The service as seen by a program that uses it. Lives on the main thread; holds no truth: all it
 * shows is the service's, and is built anew when the service comes back. */

#define MC_TYPE_CLIENT (mc_client_get_type ())
G_DECLARE_FINAL_TYPE (McClient, mc_client, MC, CLIENT, GObject)

/* Finds the session bus or the private socket (mc-client-bus.h), starts the service if it does not
 * run, and reads its objects. Fails with
 * MC_ERROR_NO_SERVICE and a message that says what is missing. */
void mc_client_connect_async (GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
McClient *mc_client_connect_finish (GAsyncResult *result, GError **error);

/* Its calls have no time limit (a scan or a fetch may take as long as it takes): give them a
 * cancellable. A call starts the service again if it ended; on a private socket it stays while this
 * client does. Borrowed. */
McDbusManager *mc_client_get_manager (McClient *self);

GDBusConnection *mc_client_get_bus (McClient *self);

/* Whether the service is there at this moment; "running" notifies. */
gboolean mc_client_get_running (McClient *self);

/* GListModels of the proxies McDbusTransfer and McDbusRepo, by their numbers; the proxies notify
 * of their properties. Empty while the service does not run. Borrowed. */
GListModel *mc_client_get_transfers (McClient *self);
GListModel *mc_client_get_repos (McClient *self);

/* One transfer or repo by the path that a method returned, with its properties read at once: the
 * lists may learn of it later. MC_ERROR_FAILED if there is no such object. */
void mc_client_get_transfer_async (McClient *self,
                                   const char *path,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
McDbusTransfer *
mc_client_get_transfer_finish (McClient *self, GAsyncResult *result, GError **error);
void mc_client_get_repo_async (McClient *self,
                               const char *path,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
McDbusRepo *mc_client_get_repo_finish (McClient *self, GAsyncResult *result, GError **error);

/* The number at the end of the path of a repo, transfer or lease; 0 if there is none. */
guint64 mc_client_object_number (const char *path);

/* What to show of an error that a call of the generated code gave: MC_ERROR where the service or
 * its absence was the reason. Takes ownership of @error and gives a new one. */
GError *mc_client_receive_error (GError *error);
/* The same of an attempt to reach the service: a cancellation and
 * MC_ERROR_NOT_ALLOWED stay what they are, anything else means that there is none. */
GError *mc_client_receive_absence (GError *error, const char *context);

G_END_DECLS
