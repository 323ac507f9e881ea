/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-transfer-item.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The order of transfers as people see it. Pure. */

/* GCompareDataFunc: what has not ended as it stands in the queue, then the newest. */
int mc_queue_order_compare (gconstpointer a, gconstpointer b, gpointer user_data);

/* Where an item of the list comes to stand in the queue if it moves so many places down it. FALSE
 * if it ended, or is at that end already. */
gboolean
mc_queue_order_move (GListModel *transfers, McTransferItem *item, int places, guint *position);

/* The same if it is dropped before or after another one of them; behind all if that one ended. */
gboolean mc_queue_order_drop (GListModel *transfers,
                              McTransferItem *item,
                              McTransferItem *target,
                              gboolean after,
                              guint *position);

/* How many there are in the queue. */
guint mc_queue_order_count (GListModel *transfers);

G_END_DECLS
