/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The token as the Hub's own tools keep it: see mc_hub_client_new_from_environment(). NULL: none.
 * Reads the environment and at most one file, once. */
char *mc_hub_token_from_environment (void);

/* Whether a variable of the Hub's tools is 1, ON, YES or TRUE. */
gboolean mc_hub_variable_is_set (const char *name);

/* Without the white space around it; NULL if nothing is left, and, with a warning that does not
 * show it, if it cannot stand in a header. */
char *mc_hub_token_clean (const char *text);

G_END_DECLS
