/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-repo-item.h"

G_BEGIN_DECLS

/* The order of the library: by sections, and in each of them as the person chose. Pure. */
typedef enum
{
  MC_LIBRARY_BY_NAME,
  MC_LIBRARY_BY_SIZE,      /* the largest first */
  MC_LIBRARY_BY_LAST_USED, /* the latest first */
} McLibraryOrder;

/* "name", "size" or "last-used", as in the settings; anything else is by name. */
McLibraryOrder mc_library_order_from_string (const char *word);

int mc_library_order_compare (McRepoItem *a, McRepoItem *b, McLibraryOrder order);

/* What the list says above the first of a section. */
const char *mc_library_order_get_heading (McSection section);

G_END_DECLS
