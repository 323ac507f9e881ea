/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Tells the desktop what a program does that has no window, by the portal for background, which
 * then lets it, and shows it among what runs so. Nothing comes of it where there is no such portal.
 * bus: the session's. Main thread. */

/* reason: what the person is told who is asked whether that is right. Once before it is needed. */
void mc_background_request (GDBusConnection *bus, const char *reason);

/* What is done at the moment, a short sentence; "": nothing. */
void mc_background_tell (GDBusConnection *bus, const char *status);

G_END_DECLS
