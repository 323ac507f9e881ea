/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-transfer-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define MC_TYPE_TRANSFER_BAR (mc_transfer_bar_get_type ())
G_DECLARE_FINAL_TYPE (McTransferBar, mc_transfer_bar, MC, TRANSFER_BAR, AdwBin)

G_END_DECLS
