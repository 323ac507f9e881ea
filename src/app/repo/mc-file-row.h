/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-file-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* A file of a variant. */
#define MC_TYPE_FILE_ROW (mc_file_row_get_type ())
G_DECLARE_FINAL_TYPE (McFileRow, mc_file_row, MC, FILE_ROW, GtkListBoxRow)
McFileItem *mc_file_row_get_item (McFileRow *self); /* (nullable), borrowed */

G_END_DECLS
