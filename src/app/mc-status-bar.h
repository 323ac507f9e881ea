/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Says, as long as it is so, why things do not go as usual, with the one thing to do about it:
 * offline mode, a service that is away, downloads that may not run now. */
#define MC_TYPE_STATUS_BAR (mc_status_bar_get_type ())
G_DECLARE_FINAL_TYPE (McStatusBar, mc_status_bar, MC, STATUS_BAR, AdwBin)

void mc_status_bar_set_inventory (McStatusBar *self, McInventory *inventory);

G_END_DECLS
