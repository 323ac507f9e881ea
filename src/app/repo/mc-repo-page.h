/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What a repo is, and its variants. */
#define MC_TYPE_REPO_PAGE (mc_repo_page_get_type ())
G_DECLARE_FINAL_TYPE (McRepoPage, mc_repo_page, MC, REPO_PAGE, AdwBin)

void mc_repo_page_set_inventory (McRepoPage *self, McInventory *inventory);
/* item: (nullable). */
void mc_repo_page_set_item (McRepoPage *self, McRepoItem *item);
/* As mc_problem_bar_try(). */
void mc_repo_page_try (McRepoPage *self, const char *action, GVariant *target);
/* Shows what went wrong elsewhere; repo: (nullable): what that was about. */
void mc_repo_page_tell (McRepoPage *self, GError *error, const char *repo);

G_END_DECLS
