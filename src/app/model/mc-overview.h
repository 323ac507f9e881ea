/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-repo-item.h"

G_BEGIN_DECLS

/* What the desktop's overview is told of models when something is typed there. Nothing of that is
 * sent anywhere: the Hub is only asked when the person chooses so.
 *
 * A result is one of:
 *   "repo:REF"          of the library
 *   "start:REPO:VARIANT" one that is offered to begin with
 *   "hub:WORDS"         a search on the Hub, for words that mean a model */

/* The results for these words, the best first; repos: McRepoItem. Free with g_strfreev(). */
char **mc_overview_find (GListModel *repos, const char *const *words);

/* What a result shows; FALSE: there is no such result (any more). Free both with g_free(). */
gboolean mc_overview_describe (GListModel *repos, const char *result, char **name, char **details);

/* Whether somebody who types this looks for a model: the name of a family, or a number of
 * parameters. Pure. */
gboolean mc_overview_means_model (const char *const *words);

/* What is behind "repo:" and the like; NULL if the result is of another kind. Within @result. */
const char *mc_overview_get (const char *result, const char *kind);

G_END_DECLS
