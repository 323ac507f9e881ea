/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-inventory-private.h"

#include "mc-dict.h"
#include "mc-task.h"
#include "mc-usage-dict.h"

#include <string.h>

/* What is newer on the Hub: asked when somebody wants to know. */

static void
add_up (GHashTable *fetches, GVariant *dict)
{
  g_autofree char *ref = mc_usage_dict_make_ref (dict);
  guint64 *known = g_hash_table_lookup (fetches, ref);
  guint64 fetch = (known == NULL ? 0 : *known) + mc_dict_get_size (dict, "fetch");

  if (strcmp (mc_dict_get_string (dict, "change"), "changed") == 0)
    g_hash_table_insert (fetches, g_steal_pointer (&ref), g_memdup2 (&fetch, sizeof fetch));
}

static guint
hand_out (McInventory *self, GHashTable *fetches)
{
  guint count = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->repos)); i++)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (G_LIST_MODEL (self->repos), i);
      guint64 *fetch = g_hash_table_lookup (fetches, mc_repo_item_get_ref (item));

      mc_repo_item_set_update (item, fetch != NULL, fetch == NULL ? 0 : *fetch);
      count += fetch != NULL ? 1 : 0;
    }
  return count;
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McInventory *self = MC_INVENTORY (source);
  GError *error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (self, result, &error);
  g_autoptr (GVariant) updates = NULL;
  g_autoptr (GHashTable) fetches = NULL;

  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  updates = g_variant_get_child_value (reply, 0);
  fetches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (gsize i = 0; i < g_variant_n_children (updates); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (updates, i);

      add_up (fetches, dict);
    }
  g_task_return_int (task, hand_out (self, fetches));
}

void
mc_inventory_check_updates_async (McInventory *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_inventory_check_updates_async);

  mc_inventory_call_async (self, "CheckUpdates", g_variant_new ("(sa{sv})", "", NULL), "(aa{sv})",
                           cancellable, checked_cb, g_object_ref (task));
}

int
mc_inventory_check_updates_finish (McInventory *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);
  return (int) g_task_propagate_int (G_TASK (result), error);
}
