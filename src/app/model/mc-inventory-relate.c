/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-inventory-private.h"

#include "mc-dict.h"
#include "mc-usage-dict.h"

#include <string.h>

/* What follows from the items as a whole: computed when the main loop has time, once for whatever
 * came meanwhile. */

#define RECKON_MS 500

/* --- transfers of repos, and sums --- */

static GPtrArray *
get_transfers_of (GHashTable *by_repo, const char *repo)
{
  GPtrArray *transfers = g_hash_table_lookup (by_repo, repo);

  if (transfers == NULL)
    {
      transfers = g_ptr_array_new_with_free_func (g_object_unref);
      g_hash_table_insert (by_repo, g_strdup (repo), transfers);
    }
  return transfers;
}

static GHashTable *
group_transfers (McInventory *self, guint *active, guint64 *rate)
{
  GHashTable *by_repo =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  GListModel *list = G_LIST_MODEL (self->transfers);

  *active = 0;
  *rate = 0;
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (list, i);

      if (mc_transfer_item_get_open (item)
          && strcmp (mc_transfer_item_get_state (item), "paused") != 0)
        (*active)++;
      *rate += mc_transfer_item_get_rate (item);
      g_ptr_array_add (get_transfers_of (by_repo, mc_transfer_item_get_repo (item)),
                       g_object_ref (item));
    }
  return by_repo;
}

/* Repos that had transfers and have none now learn of that, too. */
static void
hand_out_transfers (McInventory *self, GHashTable *by_repo)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->repos)); i++)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (G_LIST_MODEL (self->repos), i);
      GPtrArray *transfers = g_hash_table_lookup (by_repo, mc_repo_item_get_id (item));

      if (transfers != NULL)
        g_hash_table_add (self->busy_repos, item);
      else if (!g_hash_table_remove (self->busy_repos, item))
        continue;
      mc_repo_item_set_transfers (item, transfers != NULL ? transfers : none);
    }
}

static gboolean
relate_cb (gpointer user_data)
{
  McInventory *self = user_data;
  g_autoptr (GHashTable) by_repo = NULL;
  guint active;
  guint64 rate;

  self->relating = 0;
  by_repo = group_transfers (self, &active, &rate);
  hand_out_transfers (self, by_repo);
  mc_inventory_set_sums (self, active, rate);
  return G_SOURCE_REMOVE;
}

void
mc_inventory_relate_soon (McInventory *self)
{
  if (self->relating == 0)
    self->relating = g_idle_add (relate_cb, self);
}

/* --- what takes how much room --- */

static gint64
find_last_used (GVariant *dict)
{
  g_autoptr (GVariant) parts = mc_dict_get_list (dict, "parts");
  gint64 last = 0;

  for (gsize i = 0; i < g_variant_n_children (parts); i++)
    {
      g_autoptr (GVariant) part = g_variant_get_child_value (parts, i);

      last = MAX (last, mc_dict_get_time (part, "last_used"));
    }
  return last;
}

static GHashTable *
index_usage (GVariant *repos)
{
  GHashTable *index =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);

  for (gsize i = 0; i < g_variant_n_children (repos); i++)
    {
      GVariant *dict = g_variant_get_child_value (repos, i);

      g_hash_table_insert (index, mc_usage_dict_make_ref (dict), dict);
    }
  return index;
}

static void
hand_out_usage (McInventory *self, GVariant *usage)
{
  g_autoptr (GVariant) repos = mc_dict_get_list (usage, "repos");
  g_autoptr (GHashTable) index = index_usage (repos);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->repos)); i++)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (G_LIST_MODEL (self->repos), i);
      GVariant *dict = g_hash_table_lookup (index, mc_repo_item_get_ref (item));
      guint64 alone = dict == NULL ? 0 : mc_dict_get_size (dict, "alone");
      guint64 shared = dict == NULL ? 0 : mc_dict_get_size (dict, "shared");

      mc_repo_item_set_usage (item, alone + shared, shared,
                              dict == NULL ? 0 : find_last_used (dict));
    }
}

static void
on_usage (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McInventory *self = MC_INVENTORY (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (self, result, &error);
  g_autoptr (GVariant) usage = NULL;

  if (reply == NULL)
    {
      /* The rows go on with what they had; whatever else is asked for says what is wrong. */
      g_debug ("Usage: %s", error->message);
      return;
    }
  usage = g_variant_get_child_value (reply, 0);
  hand_out_usage (self, usage);
  mc_inventory_take_usage (self, usage);
}

static gboolean
reckon_cb (gpointer user_data)
{
  McInventory *self = user_data;

  self->reckoning = 0;
  if (mc_link_get_running (self->link))
    mc_inventory_call_async (self, "Usage", NULL, "(a{sv})", NULL, on_usage, NULL);
  return G_SOURCE_REMOVE;
}

void
mc_inventory_reckon_soon (McInventory *self)
{
  if (self->reckoning == 0)
    self->reckoning = g_timeout_add (RECKON_MS, reckon_cb, self);
}
