/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Argument vectors before any option is read. Pure; vectors are NULL-terminated and new ones are
 * freed with g_strfreev(). */

/* What comes after the first "--", and what comes before it. *after is NULL if there is none. */
void mc_cli_arguments_split (const char *const *arguments, char ***before, char ***after);

/* Makes one argument of a pasted command that names a repo ("hf download owner/name"): its words,
 * from the name of the program to the last argument, are joined by blanks. */
char **mc_cli_arguments_join_pasted (const char *const *arguments);

/* The known word that was probably meant; NULL if none is near. Borrowed from words. */
const char *mc_cli_arguments_nearest (const char *word, const char *const *words);

/* The argument with each "{}" replaced, also within words. */
char *mc_cli_arguments_substitute (const char *argument, const char *replacement);

/* Whether any argument has a "{}". */
gboolean mc_cli_arguments_have_placeholder (const char *const *arguments);

/* A count of bytes: digits, perhaps a blank, then nothing or one of k M G T (1000s) or Ki Mi Gi Ti
 * (1024s), with or without a B. */
gboolean mc_cli_arguments_parse_bytes (const char *text, guint64 *bytes);

G_END_DECLS
