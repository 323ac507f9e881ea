/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The Hub: a search as one types, and names or addresses that are pasted. */
#define MC_TYPE_DISCOVER_VIEW (mc_discover_view_get_type ())
G_DECLARE_FINAL_TYPE (McDiscoverView, mc_discover_view, MC, DISCOVER_VIEW, AdwBin)

void mc_discover_view_set_inventory (McDiscoverView *self, McInventory *inventory);
void mc_discover_view_focus (McDiscoverView *self);
/* Searches the Hub for it at once. */
void mc_discover_view_look_for (McDiscoverView *self, const char *text);
/* Takes what is in the clipboard as what was typed. */
void mc_discover_view_paste (McDiscoverView *self);
/* A repo is being looked up. */
void mc_discover_view_set_busy (McDiscoverView *self, gboolean busy);

G_END_DECLS
