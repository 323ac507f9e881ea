/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-inventory-private.h"

#include "mc-dict.h"
#include "mc-task.h"
#include "mc-usage-dict.h"

#include <string.h>

/* What follows from the items as a whole: computed when the main loop has time, once for whatever
 * came meanwhile. */

#define RECKON_MS 500
#define SLICE_US 4000

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

/* Of a repo. */
typedef struct
{
  guint64 alone; /* bytes */
  guint64 shared;
  gint64 last_used; /* Unix time */
} Share;

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

/* An answer about a large library takes a while to read: not here. What GDBus left as a tree of
 * very many pieces becomes one piece meanwhile. */
static void
read_usage (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GVariant *usage = data;
  GHashTable *shares = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GVariant) repos = NULL;

  g_variant_get_data (usage);
  repos = mc_dict_get_list (usage, "repos");
  for (gsize i = 0; i < g_variant_n_children (repos); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (repos, i);
      Share share = { mc_dict_get_size (dict, "alone"), mc_dict_get_size (dict, "shared"),
                      find_last_used (dict) };

      g_hash_table_insert (shares, mc_usage_dict_make_ref (dict), g_memdup2 (&share, sizeof share));
    }
  g_task_return_pointer (task, shares, (GDestroyNotify) g_hash_table_unref);
}

static void
hand_out_share (McInventory *self, McRepoItem *item)
{
  const Share *share = g_hash_table_lookup (self->shares, mc_repo_item_get_ref (item));
  Share none = { 0 };

  if (share == NULL)
    share = &none;
  mc_repo_item_set_usage (item, share->alone + share->shared, share->shared, share->last_used);
}

/* So many at a time that nobody notices. A repo that comes or goes meanwhile is reckoned anew. */
static gboolean
share_cb (gpointer user_data)
{
  McInventory *self = user_data;
  gint64 until = g_get_monotonic_time () + SLICE_US;

  while (g_get_monotonic_time () < until)
    {
      g_autoptr (McRepoItem) item =
          g_list_model_get_item (G_LIST_MODEL (self->repos), self->shared++);

      if (item == NULL)
        {
          self->sharing = 0;
          g_clear_pointer (&self->shares, g_hash_table_unref);
          return G_SOURCE_REMOVE;
        }
      hand_out_share (self, item);
    }
  return G_SOURCE_CONTINUE;
}

static void
take_shares (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McInventory *self = MC_INVENTORY (source);
  GHashTable *shares = g_task_propagate_pointer (G_TASK (result), NULL);

  if (shares == NULL)
    return; /* cancelled */
  g_clear_pointer (&self->shares, g_hash_table_unref);
  self->shares = shares;
  self->shared = 0;
  if (self->sharing == 0)
    self->sharing = g_idle_add (share_cb, self);
  mc_inventory_take_usage (self, g_task_get_task_data (G_TASK (result)));
}

static void
on_usage (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McInventory *self = MC_INVENTORY (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (self, result, &error);
  g_autoptr (GTask) task = NULL;

  if (reply == NULL)
    {
      /* The rows go on with what they had; whatever else is asked for says what is wrong. */
      g_debug ("Usage: %s", error->message);
      return;
    }
  task = mc_task_new (self, self->cancellable, take_shares, NULL, on_usage);
  g_task_set_task_data (task, g_variant_get_child_value (reply, 0),
                        (GDestroyNotify) g_variant_unref);
  g_task_run_in_thread (task, read_usage);
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
