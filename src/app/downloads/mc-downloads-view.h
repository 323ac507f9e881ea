/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What is being fetched, waits, is done or failed. */
#define MC_TYPE_DOWNLOADS_VIEW (mc_downloads_view_get_type ())
G_DECLARE_FINAL_TYPE (McDownloadsView, mc_downloads_view, MC, DOWNLOADS_VIEW, AdwBin)

void mc_downloads_view_set_inventory (McDownloadsView *self, McInventory *inventory);

G_END_DECLS
