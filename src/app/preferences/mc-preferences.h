/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The service's own settings. They hold as soon as they are chosen. */
#define MC_TYPE_PREFERENCES (mc_preferences_get_type ())
G_DECLARE_FINAL_TYPE (McPreferences, mc_preferences, MC, PREFERENCES, AdwPreferencesWindow)

McPreferences *mc_preferences_new (GtkWindow *parent, McInventory *inventory);

G_END_DECLS
