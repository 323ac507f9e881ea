/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

G_BEGIN_DECLS

struct _McInventory
{
  GObject parent_instance;
  GCancellable *cancellable; /* (owned): of all that has no other */
  McClient *client;          /* (owned) (nullable): before it was reached */
  McInventoryState state;
  GListStore *repos;          /* (owned): McRepoItem */
  GListStore *transfers;      /* (owned): McTransferItem */
  GHashTable *repo_index;     /* (owned): number -> borrowed McRepoItem */
  GHashTable *transfer_index; /* (owned): number -> borrowed McTransferItem */
  GArray *repo_numbers;       /* (owned): what the client's list has, in its order */
  GArray *transfer_numbers;   /* (owned) */
  GHashTable *busy_repos;     /* (owned): borrowed McRepoItem that were given transfers */
  GVariant *usage;            /* (owned) (nullable) */
  GPtrArray *deletions;       /* (owned): that can still be undone */
  guint active;
  guint64 rate;
  guint relating;   /* source */
  guint reckoning;  /* source */
  guint restarting; /* source */
};

/* mc-inventory-items.c: from the client's lists to items. */
void mc_inventory_take_lists (McInventory *self);
/* The service is back and all its objects were seen: what it does not have any more goes. */
void mc_inventory_drop_stale (McInventory *self);
McRepoItem *mc_inventory_place_repo (McInventory *self, McDbusRepo *proxy);

/* mc-inventory-relate.c: which transfers belong to which repos, and sums over them, soon. */
void mc_inventory_relate_soon (McInventory *self);
/* Asks for Usage(), soon. */
void mc_inventory_reckon_soon (McInventory *self);

/* mc-inventory-undo.c */
GPtrArray *mc_inventory_new_deletions (void);
void mc_inventory_carry_out_deletions (McInventory *self);

/* mc-inventory.c */
void mc_inventory_set_sums (McInventory *self, guint active, guint64 rate);
void mc_inventory_take_usage (McInventory *self, GVariant *usage);
void mc_inventory_emit_ended (McInventory *self, McTransferItem *transfer);
void mc_inventory_emit_failed (McInventory *self, const GError *error, const char *repo);

G_END_DECLS
