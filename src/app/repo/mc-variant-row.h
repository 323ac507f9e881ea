/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-variant-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define MC_TYPE_VARIANT_ROW (mc_variant_row_get_type ())
G_DECLARE_FINAL_TYPE (McVariantRow, mc_variant_row, MC, VARIANT_ROW, GtkListBoxRow)

G_END_DECLS
