/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The sandboxed apps that the person decided about, and what each may do, which can be changed. Not
 * to be seen while there are none. */
#define MC_TYPE_APPS_GROUP (mc_apps_group_get_type ())
G_DECLARE_FINAL_TYPE (McAppsGroup, mc_apps_group, MC, APPS_GROUP, AdwPreferencesGroup)

void mc_apps_group_set_inventory (McAppsGroup *self, McInventory *inventory);

G_END_DECLS
