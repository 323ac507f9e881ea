/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-queue-order.h"

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b) ? 1 : 0)

int
mc_queue_order_compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  McTransferItem *left = (McTransferItem *) a;
  McTransferItem *right = (McTransferItem *) b;
  gboolean left_open = mc_transfer_item_get_open (left);
  gint64 left_place = mc_transfer_item_get_place (left);
  gint64 right_place = mc_transfer_item_get_place (right);
  guint64 left_number = mc_transfer_item_get_number (left);
  guint64 right_number = mc_transfer_item_get_number (right);

  if (left_open != mc_transfer_item_get_open (right))
    return left_open ? -1 : 1;
  if (left_open && left_place != right_place)
    return ORDER (left_place, right_place);
  return left_open ? ORDER (left_number, right_number) : ORDER (right_number, left_number);
}

/* Of those in the queue other than the item, how many stand before that one. */
static guint
count_before (GListModel *transfers, McTransferItem *item, McTransferItem *mark)
{
  guint before = 0;

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (McTransferItem) other = g_list_model_get_item (transfers, i);

      if (other != item && other != mark && mc_transfer_item_get_open (other)
          && mc_queue_order_compare (other, mark, NULL) < 0)
        before++;
    }
  return before;
}

guint
mc_queue_order_count (GListModel *transfers)
{
  guint count = 0;

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (transfers, i);

      count += mc_transfer_item_get_open (item) ? 1 : 0;
    }
  return count;
}

gboolean
mc_queue_order_move (GListModel *transfers, McTransferItem *item, int places, guint *position)
{
  int before, last;

  if (!mc_transfer_item_get_open (item))
    return FALSE;
  before = (int) count_before (transfers, item, item);
  last = (int) mc_queue_order_count (transfers) - 1;
  *position = (guint) CLAMP (before + places, 0, last);
  return *position != (guint) before;
}

gboolean
mc_queue_order_drop (GListModel *transfers,
                     McTransferItem *item,
                     McTransferItem *target,
                     gboolean after,
                     guint *position)
{
  if (item == target || !mc_transfer_item_get_open (item))
    return FALSE;
  if (mc_transfer_item_get_open (target))
    *position = count_before (transfers, item, target) + (after ? 1 : 0);
  else
    *position = mc_queue_order_count (transfers) - 1;
  return *position != count_before (transfers, item, item);
}
