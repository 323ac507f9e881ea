/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-range-plan.h"

/* Few chunks at a time keep the front, which is hashed as it comes, together; several of them make
 * little of the time that a request takes to be answered. */
#define MOST_CHUNKS 8

/* The taken range in which @offset lies; NULL: none. */
static const McRange *
find_taken (const McRange *taken, guint n_taken, guint64 offset)
{
  for (guint i = 0; i < n_taken; i++)
    if (taken[i].offset <= offset && offset < taken[i].end)
      return &taken[i];
  return NULL;
}

gboolean
mc_range_plan_find (McRange gap, const McRange *taken, guint n_taken, guint64 most, McRange *found)
{
  const McRange *holder;

  while (gap.offset < gap.end && (holder = find_taken (taken, n_taken, gap.offset)) != NULL)
    gap.offset = holder->end;
  if (gap.offset >= gap.end)
    return FALSE;
  for (guint i = 0; i < n_taken; i++)
    if (taken[i].offset > gap.offset)
      gap.end = MIN (gap.end, taken[i].offset);
  found->offset = gap.offset;
  found->end = gap.end - gap.offset > most ? gap.offset + most : gap.end;
  return TRUE;
}

guint64
mc_range_plan_get_stripe (guint64 free, guint connections, guint64 chunk)
{
  if (connections <= 1)
    return G_MAXUINT64;
  return CLAMP (free / chunk / (2 * connections), 1, MOST_CHUNKS) * chunk;
}

guint64
mc_range_plan_split (McRange range, guint64 stripe, guint64 chunk)
{
  guint64 behind = MIN (range.offset + chunk, range.end);
  guint64 chunks = (range.end - behind + chunk - 1) / chunk;

  if (chunks < 2)
    return range.end;
  return MIN (behind + chunks / 2 * chunk,
              stripe > range.end - behind ? range.end : behind + stripe);
}
