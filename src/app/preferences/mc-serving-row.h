/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Where other programs are answered, or why they are not; unseen while that is not wanted. */
#define MC_TYPE_SERVING_ROW (mc_serving_row_get_type ())
G_DECLARE_FINAL_TYPE (McServingRow, mc_serving_row, MC, SERVING_ROW, AdwActionRow)

void mc_serving_row_set_inventory (McServingRow *self, McInventory *inventory);

G_END_DECLS
