/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* What makes a connection from process to process look like one to a bus with nobody but the
 * service on it: org.freedesktop.DBus as far as clients of one service need it, and a sender in
 * each message. */

/* name: what the one at the other end is called; for as long as the connection is there. */
void mc_peer_bus_show (GDBusConnection *peer, const char *name);

/* The service's name has no owner any more. */
void mc_peer_bus_tell_end (GDBusConnection *peer);

G_END_DECLS
