/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-repo-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define MC_TYPE_REPO_ROW (mc_repo_row_get_type ())
G_DECLARE_FINAL_TYPE (McRepoRow, mc_repo_row, MC, REPO_ROW, AdwBin)

G_END_DECLS
