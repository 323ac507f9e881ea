/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What is on this computer, and what was looked up. */
#define MC_TYPE_LIBRARY_VIEW (mc_library_view_get_type ())
G_DECLARE_FINAL_TYPE (McLibraryView, mc_library_view, MC, LIBRARY_VIEW, AdwBin)

void mc_library_view_set_inventory (McLibraryView *self, McInventory *inventory);

G_END_DECLS
