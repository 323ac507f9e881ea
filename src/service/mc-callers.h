/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Who calls, by the name that their messages come from: on the session bus, or on a connection of
 * their own (mc-peers.h). Main thread. */
typedef struct _McCallers McCallers;

McCallers *mc_callers_new (GDBusConnection *bus); /* (nullable) */
void mc_callers_free (McCallers *self);

void mc_callers_add_peer (McCallers *self, GDBusConnection *peer, const char *name);
void mc_callers_remove_peer (McCallers *self, const char *name);
guint mc_callers_count_peers (McCallers *self);

/* gone: called once, when that one is gone, soon if it is already; never from within this call. */
guint mc_callers_watch (McCallers *self,
                        const char *name,
                        void (*gone) (gpointer user_data),
                        gpointer user_data);
void mc_callers_unwatch (McCallers *self, guint watch);

/* Which process that is; MC_ERROR_GONE if it left. */
void mc_callers_find_pid_async (McCallers *self,
                                const char *name,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
guint32 mc_callers_find_pid_finish (GAsyncResult *result, GError **error);

/* The app that it is, see mc-caller-app.h; of a peer as it was when that connected, of others as it
 * is now. */
void mc_callers_find_app_async (McCallers *self,
                                const char *name,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
char *mc_callers_find_app_finish (GAsyncResult *result, GError **error);

G_END_DECLS
