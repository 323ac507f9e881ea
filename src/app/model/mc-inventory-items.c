/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-inventory-private.h"

#include <string.h>

/* Follows the two lists of McClient. They become empty when the service goes; the items stay then,
 * without a proxy, and get a new one when it is back. */

static guint64
get_number (GListModel *list, guint position)
{
  g_autoptr (GDBusProxy) proxy = g_list_model_get_item (list, position);

  return mc_client_object_number (g_dbus_proxy_get_object_path (proxy));
}

/* --- repos --- */

McRepoItem *
mc_inventory_place_repo (McInventory *self, McDbusRepo *proxy)
{
  guint64 number = mc_client_object_number (g_dbus_proxy_get_object_path (G_DBUS_PROXY (proxy)));
  McRepoItem *item = g_hash_table_lookup (self->repo_index, &number);
  g_autoptr (McRepoItem) fresh = NULL;

  if (item != NULL)
    {
      mc_repo_item_set_proxy (item, proxy);
      return item;
    }
  fresh = mc_repo_item_new (number);
  mc_repo_item_set_proxy (fresh, proxy);
  g_hash_table_insert (self->repo_index, g_memdup2 (&number, sizeof number), fresh);
  g_list_store_append (self->repos, fresh);
  return fresh;
}

static void
drop_repo (McInventory *self, guint64 number)
{
  McRepoItem *item = g_hash_table_lookup (self->repo_index, &number);
  guint position;

  if (item == NULL)
    return;
  g_hash_table_remove (self->busy_repos, item);
  g_hash_table_remove (self->repo_index, &number);
  if (g_list_store_find (self->repos, item, &position))
    g_list_store_remove (self->repos, position);
}

static void
let_go_of_repo (McInventory *self, guint64 number)
{
  McRepoItem *item = g_hash_table_lookup (self->repo_index, &number);

  if (mc_client_get_running (self->client))
    drop_repo (self, number);
  else if (item != NULL)
    mc_repo_item_set_proxy (item, NULL);
}

static void
on_repos_changed (McInventory *self, guint position, guint removed, guint added, GListModel *list)
{
  for (guint i = 0; i < removed; i++)
    let_go_of_repo (self, g_array_index (self->repo_numbers, guint64, position + i));
  if (removed > 0)
    g_array_remove_range (self->repo_numbers, position, removed);
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (McDbusRepo) proxy = g_list_model_get_item (list, position + i);
      guint64 number = get_number (list, position + i);

      g_array_insert_val (self->repo_numbers, position + i, number);
      mc_inventory_place_repo (self, proxy);
    }
  mc_inventory_relate_soon (self);
  mc_inventory_reckon_soon (self);
}

/* --- transfers --- */

static void
on_opened_or_ended (McInventory *self, GParamSpec *pspec, McTransferItem *item)
{
  const char *state = mc_transfer_item_get_state (item);

  mc_inventory_relate_soon (self);
  if (mc_transfer_item_get_open (item))
    return;
  mc_inventory_reckon_soon (self);
  if (strcmp (state, "done") == 0 || strcmp (state, "failed") == 0)
    mc_inventory_emit_ended (self, item);
}

static void
place_transfer (McInventory *self, McDbusTransfer *proxy, guint64 number)
{
  McTransferItem *item = g_hash_table_lookup (self->transfer_index, &number);
  const char *allowed = mc_dbus_manager_get_transfers_allowed (mc_inventory_get_manager (self));
  g_autoptr (McTransferItem) fresh = NULL;

  if (item != NULL)
    {
      mc_transfer_item_set_proxy (item, proxy);
      return;
    }
  fresh = mc_transfer_item_new (number);
  mc_transfer_item_set_allowed (fresh, allowed == NULL ? "allowed" : allowed);
  mc_transfer_item_set_proxy (fresh, proxy);
  g_signal_connect_object (fresh, "notify::open", G_CALLBACK (on_opened_or_ended), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (fresh, "notify::rate", G_CALLBACK (mc_inventory_relate_soon), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (fresh, "notify::state", G_CALLBACK (mc_inventory_relate_soon), self,
                           G_CONNECT_SWAPPED);
  g_hash_table_insert (self->transfer_index, g_memdup2 (&number, sizeof number), fresh);
  g_list_store_append (self->transfers, fresh);
}

static void
drop_transfer (McInventory *self, guint64 number)
{
  McTransferItem *item = g_hash_table_lookup (self->transfer_index, &number);
  guint position;

  if (item == NULL)
    return;
  g_signal_handlers_disconnect_by_data (item, self);
  g_hash_table_remove (self->transfer_index, &number);
  if (g_list_store_find (self->transfers, item, &position))
    g_list_store_remove (self->transfers, position);
}

static void
let_go_of_transfer (McInventory *self, guint64 number)
{
  McTransferItem *item = g_hash_table_lookup (self->transfer_index, &number);

  if (mc_client_get_running (self->client))
    drop_transfer (self, number);
  else if (item != NULL)
    mc_transfer_item_set_proxy (item, NULL);
}

static void
on_transfers_changed (
    McInventory *self, guint position, guint removed, guint added, GListModel *list)
{
  for (guint i = 0; i < removed; i++)
    let_go_of_transfer (self, g_array_index (self->transfer_numbers, guint64, position + i));
  if (removed > 0)
    g_array_remove_range (self->transfer_numbers, position, removed);
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (McDbusTransfer) proxy = g_list_model_get_item (list, position + i);
      guint64 number = get_number (list, position + i);

      g_array_insert_val (self->transfer_numbers, position + i, number);
      place_transfer (self, proxy, number);
    }
  mc_inventory_relate_soon (self);
}

/* --- --- */

void
mc_inventory_drop_stale (McInventory *self)
{
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->repos)); i > 0; i--)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (G_LIST_MODEL (self->repos), i - 1);

      if (mc_repo_item_get_proxy (item) == NULL)
        drop_repo (self, mc_repo_item_get_number (item));
    }
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->transfers)); i > 0; i--)
    {
      g_autoptr (McTransferItem) item =
          g_list_model_get_item (G_LIST_MODEL (self->transfers), i - 1);

      if (mc_transfer_item_get_proxy (item) == NULL)
        drop_transfer (self, mc_transfer_item_get_number (item));
    }
  mc_inventory_relate_soon (self);
}

void
mc_inventory_take_lists (McInventory *self)
{
  GListModel *repos = mc_client_get_repos (self->client);
  GListModel *transfers = mc_client_get_transfers (self->client);

  g_signal_connect_object (repos, "items-changed", G_CALLBACK (on_repos_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (transfers, "items-changed", G_CALLBACK (on_transfers_changed), self,
                           G_CONNECT_SWAPPED);
  on_repos_changed (self, 0, 0, g_list_model_get_n_items (repos), repos);
  on_transfers_changed (self, 0, 0, g_list_model_get_n_items (transfers), transfers);
}
