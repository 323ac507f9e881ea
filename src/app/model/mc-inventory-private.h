/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

G_BEGIN_DECLS

struct _McInventory
{
  GObject parent_instance;
  GCancellable *cancellable; /* (owned): of all that has no other */
  GDBusConnection *bus;      /* (owned) (nullable): the application's */
  McLink *link;              /* (owned) */
  McInventoryState state;
  GListStore *repos;          /* (owned): McRepoItem */
  GListStore *transfers;      /* (owned): McTransferItem */
  GHashTable *repo_index;     /* (owned): number -> borrowed McRepoItem */
  GHashTable *transfer_index; /* (owned): number -> borrowed McTransferItem */
  GQueue *arrivals;           /* (owned): what the service told of repos, to be placed in order */
  GPtrArray *fresh;           /* (owned): McRepoItem that are not in the list yet */
  GTask *listing;             /* borrowed (nullable): the list that is being read */
  GHashTable *stale;          /* (owned) (nullable): numbers that were not listed again so far */
  GHashTable *busy_repos;     /* (owned): borrowed McRepoItem that were given transfers */
  GVariant *usage;            /* (owned) (nullable) */
  GPtrArray *deletions;       /* (owned): that can still be undone */
  GPtrArray *calls;           /* (owned): GTask, of calls made before it was connected */
  GPtrArray *wishes;          /* (owned): downloads that wait for access to be granted */
  guint look_ms;              /* until these are tried again */
  guint looking;              /* source */
  guint active;
  guint64 rate;
  guint placing;      /* source */
  GHashTable *shares; /* (owned) (nullable): what of Usage() is still to be handed out */
  guint shared;       /* how many repos have theirs */
  guint sharing;      /* source */
  guint relating;     /* source */
  guint reckoning;    /* source */
  guint restarting;   /* source */
};

/* mc-inventory-items.c: from what the service tells to items. */
void mc_inventory_follow_link (McInventory *self);
void mc_inventory_stop_placing (McInventory *self);
/* The service is away: items stay, without a proxy. */
void mc_inventory_let_go (McInventory *self);
/* The item of a repo that was read as a whole. */
McRepoItem *mc_inventory_place_repo (McInventory *self, McDbusRepo *proxy);

/* mc-inventory-relate.c: which transfers belong to which repos, and sums over them, soon. */
void mc_inventory_relate_soon (McInventory *self);
/* Asks for Usage(), soon. */
void mc_inventory_reckon_soon (McInventory *self);

/* mc-inventory-calls.c: what waited for the connection, or for its failure. */
void mc_inventory_send_calls (McInventory *self);

/* mc-inventory-undo.c */
GPtrArray *mc_inventory_new_deletions (void);
void mc_inventory_carry_out_deletions (McInventory *self);

/* mc-inventory-access.c */
GPtrArray *mc_inventory_new_wishes (void);
gboolean mc_inventory_is_gate (const GError *error);
/* FALSE: it does so already. */
gboolean mc_inventory_await_access (McInventory *self, const char *repo, const char *variant);

/* mc-inventory.c */
void mc_inventory_set_ready (McInventory *self); /* all repos were placed */
void mc_inventory_set_sums (McInventory *self, guint active, guint64 rate);
void mc_inventory_take_usage (McInventory *self, GVariant *usage);
void mc_inventory_emit_ended (McInventory *self, McTransferItem *transfer);
void mc_inventory_emit_blocked (McInventory *self, McTransferItem *transfer);
void mc_inventory_emit_failed (McInventory *self, const GError *error, const char *repo);

G_END_DECLS
