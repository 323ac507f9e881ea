/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Where the Hub is, who asks it, and whether it can be reached. */
#define MC_TYPE_ACCOUNT_PAGE (mc_account_page_get_type ())
G_DECLARE_FINAL_TYPE (McAccountPage, mc_account_page, MC, ACCOUNT_PAGE, AdwPreferencesPage)

void mc_account_page_set_inventory (McAccountPage *self, McInventory *inventory);

G_END_DECLS
