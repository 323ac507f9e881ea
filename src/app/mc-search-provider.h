/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

G_BEGIN_DECLS

/* Models in the overview of GNOME Shell. Main thread. */
#define MC_TYPE_SEARCH_PROVIDER (mc_search_provider_get_type ())
G_DECLARE_FINAL_TYPE (McSearchProvider, mc_search_provider, MC, SEARCH_PROVIDER, GObject)

/* Answers at "PATH/SearchProvider", where path is the program's own, until it is let go of. What is
 * chosen is opened by actions of the program. application: borrowed, outlives this. */
McSearchProvider *mc_search_provider_new (GApplication *application,
                                          GDBusConnection *bus,
                                          const char *path,
                                          GError **error);

/* What is asked before that, or before the inventory knows what is there, waits for it. */
void mc_search_provider_set_inventory (McSearchProvider *self, McInventory *inventory);

G_END_DECLS
