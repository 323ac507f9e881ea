/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* The service: the library's objects, seen over the bus. Its files translate between calls and the
 * library and hold no logic about files or transfers. Main thread. */

#define MC_TYPE_SERVICE (mc_service_get_type ())
G_DECLARE_FINAL_TYPE (McService, mc_service, MC, SERVICE, GObject)

typedef struct
{
  const char *data_folder;
  const char *home;         /* (nullable): see mc-location.h; NULL: the store cannot be moved */
  guint idle_ms;            /* how long with nothing to do before "quit" */
  guint retry_base_ms;      /* see mc-retry-policy.h */
  guint serve_patience_ms;  /* see mc-endpoint.h */
  const char *machine_root; /* (nullable): see mc_machine_read() */
} McServiceConfig;

/* Opens the store and shows everything on the bus (nullable); owning the bus name is the caller's.
 * Signal "quit": the service wants to end. Signal "idle": it could, if nothing comes meanwhile. */
McService *mc_service_new (GDBusConnection *bus, const McServiceConfig *config, GError **error);

/* Shows everything on that connection as well; see mc-peers.h. */
void mc_service_add_peer (McService *self, GDBusConnection *peer, const char *name);
void mc_service_remove_peer (McService *self, GDBusConnection *peer, const char *name);

/* Whether somebody waits for something, has something, or is connected by himself: who comes by the
 * bus finds the next service there, a peer would not. */
gboolean mc_service_is_needed (McService *self);

/* Stops all work in good order; transfers go on at the next start. */
void mc_service_stop_async (McService *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean mc_service_stop_finish (McService *self, GAsyncResult *result, GError **error);

/* After the stop: lets go of the store. */
void mc_service_close (McService *self);

G_END_DECLS
