/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* What stands on the bus, and on the private socket, while the store's disk is away: a Manager
 * whose every method but Quit fails with StoreAbsent, naming the folder. Main thread. */
typedef struct _McServiceAbsent McServiceAbsent;

/* home: see mc-location.h; why: its error (borrowed). ended is called when the store turns out to
 * be there again, when nobody asked for idle_ms, or after Quit: the caller then makes room for a
 * service that has a store, in a process of its own. */
McServiceAbsent *mc_service_absent_new (const char *home,
                                        const GError *why,
                                        guint idle_ms,
                                        void (*ended) (gpointer user_data),
                                        gpointer user_data);
void mc_service_absent_free (McServiceAbsent *self);

void mc_service_absent_show (McServiceAbsent *self, GDBusConnection *connection);
void mc_service_absent_hide (McServiceAbsent *self, GDBusConnection *connection);

G_END_DECLS
