/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What takes how much of the disk, as a bar and in words. Pressing it opens what can be freed. */
#define MC_TYPE_STORAGE_BAR (mc_storage_bar_get_type ())
G_DECLARE_FINAL_TYPE (McStorageBar, mc_storage_bar, MC, STORAGE_BAR, AdwBin)

void mc_storage_bar_set_inventory (McStorageBar *self, McInventory *inventory);

G_END_DECLS
