/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-native-host.h"

G_BEGIN_DECLS

/* Transfers that an extension began: it is told of each, not too often, until it is done, failed or
 * cancelled. Main thread only. */
typedef struct _McNativeWatch McNativeWatch;

McNativeWatch *mc_native_watch_new (GDBusConnection *bus, McNativeSend send, gpointer user_data);
/* Nothing is sent any more. */
void mc_native_watch_free (McNativeWatch *self);

/* path: of the transfer on the bus. Told of at once. */
void mc_native_watch_add (McNativeWatch *self, const char *path);

G_END_DECLS
