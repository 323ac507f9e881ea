/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-transfer-item.h"

G_BEGIN_DECLS

/* A variant of a repo as a row shows it. */
#define MC_TYPE_VARIANT_ITEM (mc_variant_item_get_type ())
G_DECLARE_FINAL_TYPE (McVariantItem, mc_variant_item, MC, VARIANT_ITEM, GObject)

/* repo: how the service is asked for it: "owner/name", or "owner/name@revision". */
McVariantItem *mc_variant_item_new (const char *repo, const char *key);

/* dict: as in the bus's Variants. */
void mc_variant_item_update (McVariantItem *self, GVariant *dict);
/* transfer: (nullable): the download of it that is open, or failed. */
void mc_variant_item_set_transfer (McVariantItem *self, McTransferItem *transfer);
/* It is deleted soon, unless that is undone. */
void mc_variant_item_set_doomed (McVariantItem *self, gboolean doomed);

/* manifest: of its repo, as GetManifest() gives it: then there are its files, and how other
 * programs get at them. */
void mc_variant_item_take_files (McVariantItem *self, GVariant *manifest);
GListModel *mc_variant_item_get_files (McVariantItem *self);   /* of McFileItem, borrowed */
GListModel *mc_variant_item_get_recipes (McVariantItem *self); /* of McRecipe, borrowed */

const char *mc_variant_item_get_repo (McVariantItem *self);
const char *mc_variant_item_get_key (McVariantItem *self);
const char *mc_variant_item_get_name (McVariantItem *self);
const char *mc_variant_item_get_status (McVariantItem *self);
McTransferItem *mc_variant_item_get_transfer (McVariantItem *self); /* (nullable) */

G_END_DECLS
