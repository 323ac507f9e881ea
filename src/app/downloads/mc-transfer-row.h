/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-transfer-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define MC_TYPE_TRANSFER_ROW (mc_transfer_row_get_type ())
G_DECLARE_FINAL_TYPE (McTransferRow, mc_transfer_row, MC, TRANSFER_ROW, AdwBin)

McTransferItem *mc_transfer_row_get_item (McTransferRow *self); /* (nullable), borrowed */

G_END_DECLS
