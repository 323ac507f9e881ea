/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* A private session bus: a dbus-daemon with the limits of the real one and nothing to activate but
 * the service under test. The test's own environment is not changed. */
typedef struct _McTestBus McTestBus;

/* service_path: (nullable): the program to activate under the service's name; environment:
 * (nullable): "NAME=value" for it, added to that of the test. Fails the test if there is no bus. */
McTestBus *mc_test_bus_new (const char *service_path, const char *const *environment);

/* Ends the service and the daemon, and waits until both are gone. */
void mc_test_bus_free (McTestBus *self);

const char *mc_test_bus_get_address (McTestBus *self);

/* A new connection each time. Owned by the caller; it does not end the process when it closes. */
GDBusConnection *mc_test_bus_connect (McTestBus *self);

/* The process that owns the service's name now; 0: none. Never activates it. */
GPid mc_test_bus_get_service_pid (McTestBus *self);

/* Sends a signal to that process and waits until it is gone; nothing if there is none. Fails the
 * test if it does not go within ten seconds. */
void mc_test_bus_end_service (McTestBus *self, int signal_number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTestBus, mc_test_bus_free)

G_END_DECLS
