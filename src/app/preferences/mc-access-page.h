/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Which programs got which models. */
#define MC_TYPE_ACCESS_PAGE (mc_access_page_get_type ())
G_DECLARE_FINAL_TYPE (McAccessPage, mc_access_page, MC, ACCESS_PAGE, AdwPreferencesPage)

void mc_access_page_set_inventory (McAccessPage *self, McInventory *inventory);

G_END_DECLS
