/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-list.h"

#include "mc-dict.h"

#include <string.h>

static McTransferItem *
find_transfer (GPtrArray *transfers, const char *key)
{
  McTransferItem *found = NULL;

  for (guint i = 0; i < transfers->len; i++)
    {
      McTransferItem *transfer = g_ptr_array_index (transfers, i);

      if (strcmp (mc_transfer_item_get_variant (transfer), key) == 0
          && strcmp (mc_transfer_item_get_kind (transfer), "download") == 0
          && (found == NULL || mc_transfer_item_get_open (transfer)))
        found = transfer;
    }
  return found;
}

McVariantItem *
mc_variant_list_find (GListStore *list, const char *key, guint *position)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (list));

  for (*position = 0; *position < n; (*position)++)
    {
      g_autoptr (McVariantItem) item = g_list_model_get_item (G_LIST_MODEL (list), *position);

      if (strcmp (mc_variant_item_get_key (item), key) == 0)
        return g_steal_pointer (&item);
    }
  return NULL;
}

static void
place (GListStore *list, guint at, GVariant *dict, const char *ref, GPtrArray *transfers)
{
  const char *key = mc_dict_get_string (dict, "key");
  guint position;
  g_autoptr (McVariantItem) item = mc_variant_list_find (list, key, &position);
  gboolean fresh = item == NULL;

  if (fresh)
    item = mc_variant_item_new (ref, key);
  mc_variant_item_update (item, dict);
  mc_variant_item_set_transfer (item, find_transfer (transfers, key));
  if (!fresh && position == at)
    return;
  if (!fresh)
    g_list_store_remove (list, position);
  g_list_store_insert (list, at, item);
}

void
mc_variant_list_update (GListStore *list, GVariant *dicts, const char *ref, GPtrArray *transfers)
{
  guint n = dicts == NULL ? 0 : (guint) g_variant_n_children (dicts);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (dicts, i);

      place (list, i, dict, ref, transfers);
    }
  while (g_list_model_get_n_items (G_LIST_MODEL (list)) > n)
    g_list_store_remove (list, n);
}

void
mc_variant_list_relate (GListStore *list, GPtrArray *transfers)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (McVariantItem) item = g_list_model_get_item (G_LIST_MODEL (list), i);

      mc_variant_item_set_transfer (item,
                                    find_transfer (transfers, mc_variant_item_get_key (item)));
    }
}
