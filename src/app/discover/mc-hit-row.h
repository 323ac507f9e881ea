/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hit-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define MC_TYPE_HIT_ROW (mc_hit_row_get_type ())
G_DECLARE_FINAL_TYPE (McHitRow, mc_hit_row, MC, HIT_ROW, AdwBin)

G_END_DECLS
