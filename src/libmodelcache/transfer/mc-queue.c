/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-queue.h"

void
mc_queue_choose (McQueueItem *items, guint n, guint limit)
{
  guint running = 0;

  for (guint i = 0; i < n; i++)
    {
      items[i].runs = items[i].runs && items[i].wants && running < limit;
      running += items[i].runs ? 1 : 0;
    }
  for (guint i = 0; i < n && running < limit; i++)
    if (items[i].wants && !items[i].runs)
      {
        items[i].runs = TRUE;
        running++;
      }
}

gboolean
mc_queue_find_place (const gint64 *others, guint n, guint position, gint64 *place)
{
  gint64 before;
  gint64 after;

  *place = 0;
  if (n == 0)
    return TRUE;
  if (others[0] < -MC_QUEUE_FARTHEST || others[n - 1] > MC_QUEUE_FARTHEST)
    return FALSE;
  before = position == 0 ? others[0] - 2 * MC_QUEUE_STEP : others[MIN (position, n) - 1];
  after = position >= n ? others[n - 1] + 2 * MC_QUEUE_STEP : others[position];
  *place = before + (after - before) / 2;
  return *place > before && *place < after;
}
