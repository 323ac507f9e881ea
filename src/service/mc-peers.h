/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* The private socket, for clients without a session bus. Whoever connects finds on it what a bus
 * with nobody but the service would be, so that clients need nothing of their own for it: names of
 * callers, the owner of the service's name, its end. Only processes of the same user get in, as the
 * kernel says. Main thread. */
typedef struct _McPeers McPeers;

/* What names of callers begin with; those of a session bus never do. */
#define MC_PEERS_PREFIX ":peer."

/* Called for each that came, to show it all there is, and when it is gone. */
typedef void (*McPeersFunc) (GDBusConnection *peer, const char *name, gpointer user_data);

/* Takes the right to serve that socket. MC_ERROR_BUSY if another process has it; patience_ms: how
 * long to wait for that one to end, unless it serves. See mc_dbus_socket_check_folder() for the
 * other errors. */
McPeers *mc_peers_new (const char *path, guint patience_ms, GError **error);
/* Everybody is told that the service ended, and disconnected. */
void mc_peers_free (McPeers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McPeers, mc_peers_free)

/* Before it listens. */
void mc_peers_connect (McPeers *self, McPeersFunc came, McPeersFunc gone, gpointer user_data);

/* From here on there is a socket that can be connected to, which replaces one that was left over.
 */
gboolean mc_peers_listen (McPeers *self, GError **error);
/* Who is connected stays. */
void mc_peers_stop_listening (McPeers *self);

/* Whether somebody serves that socket. Blocking. */
gboolean mc_peers_is_served (const char *path);

G_END_DECLS
