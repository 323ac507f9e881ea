/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-variant-item.h"

G_BEGIN_DECLS

/* The variants of a repo as a list of McVariantItem, in the repo's order. */

/* dicts: (nullable): the bus's Variants; transfers: McTransferItem of the repo. Items that stay are
 * the same objects, so that rows keep their focus and what they unfolded. */
void
mc_variant_list_update (GListStore *list, GVariant *dicts, const char *ref, GPtrArray *transfers);
/* Hands the transfers out anew. */
void mc_variant_list_relate (GListStore *list, GPtrArray *transfers);

/* (nullable) (transfer full) */
McVariantItem *mc_variant_list_find (GListStore *list, const char *key, guint *position);

G_END_DECLS
