/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* The objects that the service shows, on the session bus and on each peer's connection alike, and
 * the object manager that lists them: the one of GDBus knows a single connection. Main thread. */
typedef struct _McObjects McObjects;

/* guard: called for each interface before it is shown. */
McObjects *mc_objects_new (void (*guard) (gpointer skeleton, gpointer user_data),
                           gpointer user_data);
void mc_objects_free (McObjects *self);

/* Shows what there is, and from then on what comes, on that connection too. @root: what is at the
 * path of the object manager itself. */
gboolean mc_objects_connect (McObjects *self,
                             GDBusConnection *connection,
                             GDBusInterfaceSkeleton *root,
                             GError **error);
void
mc_objects_disconnect (McObjects *self, GDBusConnection *connection, GDBusInterfaceSkeleton *root);

void mc_objects_disconnect_all (McObjects *self, GDBusInterfaceSkeleton *root);

void mc_objects_export (McObjects *self, GDBusObjectSkeleton *object);
void mc_objects_unexport (McObjects *self, const char *path);

/* Of GDBusObject; owned by the caller. */
GDBusObject *mc_objects_get (McObjects *self, const char *path); /* (nullable) */
GList *mc_objects_list (McObjects *self);

/* As GetManagedObjects() gives them; floating. */
GVariant *mc_objects_describe (McObjects *self);

/* On all connections. @parameters may be floating. */
void mc_objects_emit (McObjects *self,
                      const char *path,
                      const char *interface,
                      const char *signal,
                      GVariant *parameters);

G_END_DECLS
