/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Variants of a manifest (a dictionary of the interface) for people who choose one. */

/* A line each, and below them what the marks mean. */
void mc_cli_print_variant_table (GVariant *manifest);

/* All that is known of one: @dict is its entry of the manifest, which has its files. */
void mc_cli_print_variant (GVariant *manifest, GVariant *dict);

/* All that is known of each. */
void mc_cli_print_variants_long (GVariant *manifest);

/* "--context 8192": a number of tokens; 0 if text is NULL. Fails with MC_CLI_ERROR_USAGE. */
gboolean mc_cli_parse_context (const char *text, guint64 *context, GError **error);

G_END_DECLS
