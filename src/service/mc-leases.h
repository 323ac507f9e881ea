/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-copies.h"

G_BEGIN_DECLS

/* Who has which file open. A lease pins its content and keeps its copy; it ends when it is released
 * or when its holder leaves the bus. Main thread. */
typedef struct _McLeases McLeases;

/* Leases a single client may hold. */
#define MC_LEASES_PER_CLIENT 1000

/* changed: called when their number changed. */
McLeases *mc_leases_new (GDBusConnection *connection,
                         GDBusObjectManagerServer *objects,
                         McStore *store,
                         void (*changed) (gpointer user_data),
                         gpointer user_data);
void mc_leases_free (McLeases *self); /* ends them all */

guint mc_leases_count (McLeases *self);

/* The new lease's object path; takes the copy. MC_ERROR_BUSY if the holder has too many. */
char *mc_leases_add (McLeases *self,
                     const char *holder,
                     const char *repo,
                     const char *path,
                     const McDigest *digest,
                     McCopy *copy,
                     GError **error);

G_END_DECLS
