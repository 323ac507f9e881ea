/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-library-order.h"

#include <glib/gi18n.h>
#include <string.h>

#define DESCENDING(a, b) ((a) > (b) ? -1 : (a) < (b) ? 1 : 0)

McLibraryOrder
mc_library_order_from_string (const char *word)
{
  if (strcmp (word, "size") == 0)
    return MC_LIBRARY_BY_SIZE;
  return strcmp (word, "last-used") == 0 ? MC_LIBRARY_BY_LAST_USED : MC_LIBRARY_BY_NAME;
}

static int
compare_chosen (McRepoItem *a, McRepoItem *b, McLibraryOrder order)
{
  switch (order)
    {
    case MC_LIBRARY_BY_SIZE:
      return DESCENDING (mc_repo_item_get_size (a), mc_repo_item_get_size (b));
    case MC_LIBRARY_BY_LAST_USED:
      return DESCENDING (mc_repo_item_get_last_used (a), mc_repo_item_get_last_used (b));
    case MC_LIBRARY_BY_NAME:
    default:
      return 0;
    }
}

int
mc_library_order_compare (McRepoItem *a, McRepoItem *b, McLibraryOrder order)
{
  McSection left = mc_repo_item_get_rank (a);
  McSection right = mc_repo_item_get_rank (b);
  int result;

  if (left != right)
    return left < right ? -1 : 1;
  result = compare_chosen (a, b, order);
  if (result == 0)
    result = strcmp (mc_repo_item_get_sort_key (a), mc_repo_item_get_sort_key (b));
  return result != 0 ? result : strcmp (mc_repo_item_get_ref (a), mc_repo_item_get_ref (b));
}

const char *
mc_library_order_get_heading (McSection section)
{
  switch (section)
    {
    case MC_SECTION_UPDATE:
      return _ ("Updates");
    case MC_SECTION_ACTIVE:
      return _ ("Active");
    case MC_SECTION_WRONG:
      return _ ("Needs Attention");
    case MC_SECTION_HERE:
      return _ ("On This Computer");
    case MC_SECTION_LISTED:
    default:
      return _ ("Not Downloaded");
    }
}
