/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* One extension of a browser and the service on the bus: requests become calls, downloads that were
 * begun here are told of until they end. Main thread only. */
typedef struct _McNativeHost McNativeHost;

/* One message for the extension. */
typedef void (*McNativeSend) (const char *text, gpointer user_data);

/* bus: (nullable): where there is none everything fails with NoService. origin: of the extension's
 * pages, "chrome-extension://ID", or "" where it is not known. */
McNativeHost *mc_native_host_new (GDBusConnection *bus,
                                  const char *origin,
                                  McNativeSend send,
                                  gpointer user_data);
/* Nothing is sent any more. What was begun goes on in the service. */
void mc_native_host_free (McNativeHost *self);

/* Every message is answered, whatever it is. */
void mc_native_host_take (McNativeHost *self, GBytes *message);
void mc_native_host_take_too_long (McNativeHost *self);

G_END_DECLS
