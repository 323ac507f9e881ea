/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Ties MC_ERROR to its names on the bus, in both directions: afterwards GDBus turns a returned
 * MC_ERROR into com.tabagent.ModelCache1.Error.NAME, and a received one back into MC_ERROR. Call it
 * once before using the bus; more often does no harm. */
void mc_dbus_error_register (void);

/* Answers a call with an error: MC_ERROR and cancellation by their names on the bus, any other
 * domain as Failed with its message. Takes the invocation and the error. */
void mc_dbus_error_return (GDBusMethodInvocation *invocation, GError *error);

/* What a client shows: strips GDBus's prefix from the message and turns a missing or silent service
 * into MC_ERROR_NO_SERVICE. Takes ownership of @error and gives a new one. */
GError *mc_dbus_error_receive (GError *error);

G_END_DECLS
