/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-callers.h"
#include "mc-objects.h"
#include "mc-store.h"

G_BEGIN_DECLS

/* Who has which files open. A lease pins their contents and keeps what was made for it; it ends
 * when it is released or when its holder is gone. Main thread. */
typedef struct _McLeases McLeases;

/* Leases a single client may hold. */
#define MC_LEASES_PER_CLIENT 1000

/* callers and objects outlive it. changed: called when their number changed. */
McLeases *mc_leases_new (McCallers *callers,
                         McObjects *objects,
                         McStore *store,
                         void (*changed) (gpointer user_data),
                         gpointer user_data);
void mc_leases_free (McLeases *self); /* ends them all */

guint mc_leases_count (McLeases *self);

/* What a lease is for. */
typedef struct
{
  const char *repo;
  const char *variant; /* its key; "" for a single file */
  const char *path;    /* of the single file; "" for a variant */
  GArray *digests;     /* McDigest: the contents that stay */
} McLeased;

/* The new lease's object path. Takes @kept (nullable), whose elements go when the lease ends.
 * MC_ERROR_BUSY if the holder has too many. */
char *mc_leases_add (
    McLeases *self, const char *holder, const McLeased *leased, GPtrArray *kept, GError **error);

/* Ends all of that holder. */
void mc_leases_drop_of (McLeases *self, const char *holder);

G_END_DECLS
