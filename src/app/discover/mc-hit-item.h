/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* A repo that the Hub found, as a row shows it. Never changes. */
#define MC_TYPE_HIT_ITEM (mc_hit_item_get_type ())
G_DECLARE_FINAL_TYPE (McHitItem, mc_hit_item, MC, HIT_ITEM, GObject)

/* dict: as Search() gives it. */
McHitItem *mc_hit_item_new (GVariant *dict);
/* A name that was typed or pasted, and that the Hub was not asked about yet. */
McHitItem *mc_hit_item_new_for_name (const char *repo);
const char *mc_hit_item_get_repo (McHitItem *self);
/* All that the row shows, as a screen reader says it; borrowed. */
const char *mc_hit_item_get_spoken (McHitItem *self);

G_END_DECLS
