/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Who may run, and how an order is changed with few writes. Pure. */

/* Each transfer in the queue has a place; those with lower ones come first. New ones are so far
 * behind the last one. */
#define MC_QUEUE_STEP 1024
/* Places beyond it come from a damaged catalog. */
#define MC_QUEUE_FARTHEST (G_MAXINT64 / 4)

typedef struct
{
  gboolean wants; /* it is not paused and has not ended */
  gboolean runs;  /* in: it did so far; out: whether it may */
} McQueueItem;

/* items: in their order. At most @limit run: those that did go on, unless there are more than the
 * limit; then the last ones stop. What is left goes to the first ones that want. */
void mc_queue_choose (McQueueItem *items, guint n, guint limit);

/* The place that comes at that position (from 0) among the places of all others, which ascend.
 * FALSE if there is none between its neighbours: all must get new ones then. */
gboolean mc_queue_find_place (const gint64 *others, guint n, guint position, gint64 *place);

G_END_DECLS
