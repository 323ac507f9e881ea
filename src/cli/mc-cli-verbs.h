/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cli.h"

G_BEGIN_DECLS

/* Ends with a verb without a name. */
extern const McCliVerb mc_cli_verbs[];

/* The verb of that name, or NULL. */
const McCliVerb *mc_cli_find_verb (const char *name);

/* All names, "help" included. Free with g_strfreev(). */
char **mc_cli_list_verb_names (void);

G_END_DECLS
