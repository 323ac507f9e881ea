/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

/* Says what did not work, what is kept and what to do; stays until it is closed or something else
 * is tried. */
#define MC_TYPE_PROBLEM_BAR (mc_problem_bar_get_type ())
G_DECLARE_FINAL_TYPE (McProblemBar, mc_problem_bar, MC, PROBLEM_BAR, AdwBin)

/* Something is tried: what went wrong before is forgotten, and this is what Try Again does.
 * action, target: (nullable): as gtk_widget_activate_action_variant() takes them. */
void mc_problem_bar_try (McProblemBar *self, const char *action, GVariant *target);
/* What it is about unless something else is said, since that is what is shown; (nullable). */
void mc_problem_bar_set_repo (McProblemBar *self, const char *repo);
/* repo: (nullable): what it was about. */
void mc_problem_bar_show (McProblemBar *self, const GError *error, const char *repo);
/* What was wrong with a setting. */
void mc_problem_bar_show_setting (McProblemBar *self, const GError *error);
void mc_problem_bar_hide (McProblemBar *self);

G_END_DECLS
