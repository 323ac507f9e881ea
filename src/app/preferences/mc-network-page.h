/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The Hub and its mirrors with their tokens, and what keeps from reaching them. */
#define MC_TYPE_NETWORK_PAGE (mc_network_page_get_type ())
G_DECLARE_FINAL_TYPE (McNetworkPage, mc_network_page, MC, NETWORK_PAGE, AdwPreferencesPage)

void mc_network_page_set_inventory (McNetworkPage *self, McInventory *inventory);

G_END_DECLS
