/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* A file of a variant as a row shows it. Properties: path, details, hash, name (all of it, for a
 * screen reader), complete, has-hash. */
#define MC_TYPE_FILE_ITEM (mc_file_item_get_type ())
G_DECLARE_FINAL_TYPE (McFileItem, mc_file_item, MC, FILE_ITEM, GObject)

McFileItem *mc_file_item_new (const char *repo, const char *path);
/* file: as in a manifest. */
void mc_file_item_update (McFileItem *self, GVariant *file);

const char *mc_file_item_get_repo (McFileItem *self);
const char *mc_file_item_get_path (McFileItem *self);
const char *mc_file_item_get_hash (McFileItem *self); /* "": the Hub does not tell it */
guint64 mc_file_item_get_size (McFileItem *self);
gboolean mc_file_item_get_complete (McFileItem *self);

G_END_DECLS
