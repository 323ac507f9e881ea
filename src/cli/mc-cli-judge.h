/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-cli.h"

G_BEGIN_DECLS

/* What a download would do, with what fits judged for that many tokens; 0 for the usual. */
GVariant *mc_cli_get_plan (
    McCli *cli, const char *repo, const char *variant, guint64 context, GError **error);

/* A manifest, judged in the same way. */
GVariant *
mc_cli_get_judged_manifest (McCli *cli, const char *repo, guint64 context, GError **error);

/* The same with that variant only, and only its files. @variant: as for a download; "" for the one
 * that @repo names, else the default. */
GVariant *mc_cli_get_manifest_of_variant (
    McCli *cli, const char *repo, const char *variant, guint64 context, GError **error);

G_END_DECLS
