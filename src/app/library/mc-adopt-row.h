/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Models of another program, which can be adopted: the button becomes the progress. */
#define MC_TYPE_ADOPT_ROW (mc_adopt_row_get_type ())
G_DECLARE_FINAL_TYPE (McAdoptRow, mc_adopt_row, MC, ADOPT_ROW, AdwActionRow)

/* place: one of the dictionaries of FindModels(). */
McAdoptRow *mc_adopt_row_new (McInventory *inventory, GVariant *place);

G_END_DECLS
