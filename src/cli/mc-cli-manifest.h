/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cli.h"

G_BEGIN_DECLS

/* Dictionaries of the interface (manifests, variants, files) as people see them. */

/* Borrowed while the dict lives; fallback if it has no such string. */
const char *mc_cli_dict_get_string (GVariant *dict, const char *key, const char *fallback);
guint64 mc_cli_dict_get_size (GVariant *dict, const char *key);
gboolean mc_cli_dict_get_flag (GVariant *dict, const char *key);
/* An aa{sv}; an empty one if the dict has none. */
GVariant *mc_cli_dict_get_list (GVariant *dict, const char *key);

/* "  Label:   value", unless the value is NULL or empty. */
void mc_cli_print_fact (const char *label, const char *value);
void mc_cli_print_fact_size (const char *label, guint64 bytes);

/* "downloaded" in the person's language. */
const char *mc_cli_status_for_people (const char *status);
/* Whose file it is, in the person's language. */
const char *mc_cli_role_for_people (GVariant *file);

/* A manifest's facts and its variants, as a table or one by one. is_one: it was cut down to one
 * variant. */
void mc_cli_print_manifest (GVariant *manifest, gboolean is_long, gboolean is_one);

/* An aa{sv} of files as a table. */
void mc_cli_print_files (GVariant *files);

/* What is known of a repo, from the service. */
GVariant *mc_cli_get_manifest (McCli *cli, const char *repo, GError **error);

G_END_DECLS
