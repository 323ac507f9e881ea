/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads what Usage() answers. Pure. */

/* What deleting a variant gives back to the disk ("": the whole repo, as it is named on the bus);
 * FALSE if nothing of it was asked for. */
gboolean mc_usage_dict_find_returns (GVariant *usage,
                                     const char *repo,
                                     const char *variant,
                                     guint64 *returns);

/* "owner/name", or with "@revision" behind, of one of its repos. Owned by the caller. */
char *mc_usage_dict_make_ref (GVariant *repo);

G_END_DECLS
