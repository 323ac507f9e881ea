/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-recipes.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* How another program uses a variant. */
#define MC_TYPE_RECIPE_ROW (mc_recipe_row_get_type ())
G_DECLARE_FINAL_TYPE (McRecipeRow, mc_recipe_row, MC, RECIPE_ROW, GtkListBoxRow)

G_END_DECLS
