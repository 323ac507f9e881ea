/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Long work that was begun in the preferences, with its progress: the transfer of its "kind" that
 * is of no repo. Not there as long as there was none. */
#define MC_TYPE_WORK_ROW (mc_work_row_get_type ())
G_DECLARE_FINAL_TYPE (McWorkRow, mc_work_row, MC, WORK_ROW, AdwPreferencesRow)

void mc_work_row_set_inventory (McWorkRow *self, McInventory *inventory);

G_END_DECLS
