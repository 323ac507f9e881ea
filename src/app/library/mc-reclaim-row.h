/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-reclaim-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define MC_TYPE_RECLAIM_ROW (mc_reclaim_row_get_type ())
G_DECLARE_FINAL_TYPE (McReclaimRow, mc_reclaim_row, MC, RECLAIM_ROW, AdwBin)

G_END_DECLS
