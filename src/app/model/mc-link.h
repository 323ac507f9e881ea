/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-client.h"

G_BEGIN_DECLS

/* The connection to the service, made for a window that shows a whole library: unlike McClient it
 * reads repos in short, and waits for nothing when the service comes back. Main thread only.
 *
 * Signals, in the order in which things happened:
 * - listed (GVariant *repos): the service is there, and these are all repos, aa{sv} as ListRepos()
 *   gives them;
 * - repo (GVariant *repo): one came, or changed;
 * - repo-removed (guint64 number);
 * - transfer (guint64 number, McDbusTransfer *proxy, gboolean came): it is there, with its
 *   properties; came: just now, although it may have ended before it could be read;
 * - transfer-removed (guint64 number);
 * - transfers-listed (): a service that came has no others than those that were told of since.
 */
#define MC_TYPE_LINK (mc_link_get_type ())
G_DECLARE_FINAL_TYPE (McLink, mc_link, MC, LINK, GObject)

McLink *mc_link_new (void);
/* Starts the service if it does not run; MC_ERROR_NO_SERVICE if there is none. What there is comes
 * by signals, afterwards. bus: (nullable): the session bus, if it is connected to already;
 * a private socket is used where there is none (mc-client-bus.h). */
void mc_link_connect_async (McLink *self,
                            GDBusConnection *bus,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean mc_link_connect_finish (McLink *self, GAsyncResult *result, GError **error);
/* Ends all of it. */
void mc_link_close (McLink *self);

/* Whether the service is on the bus, and was listed; "running" notifies. */
gboolean mc_link_get_running (McLink *self);

/* NULL before it was connected. Borrowed. */
GDBusConnection *mc_link_get_bus (McLink *self);
McDbusManager *mc_link_get_manager (McLink *self);

/* All of one repo. */
void mc_link_get_repo_async (McLink *self,
                             guint64 number,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
McDbusRepo *mc_link_get_repo_finish (McLink *self, GAsyncResult *result, GError **error);

G_END_DECLS
