/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-variant-item.h"

G_BEGIN_DECLS

/* A repo as a row of the library and as the head of its page. Outlives the service, as a
 * McTransferItem does. */
#define MC_TYPE_REPO_ITEM (mc_repo_item_get_type ())
G_DECLARE_FINAL_TYPE (McRepoItem, mc_repo_item, MC, REPO_ITEM, GObject)

McRepoItem *mc_repo_item_new (guint64 number);

/* proxy: (nullable): NULL while the service is away. */
void mc_repo_item_set_proxy (McRepoItem *self, McDbusRepo *proxy);
McDbusRepo *mc_repo_item_get_proxy (McRepoItem *self); /* (nullable) */

/* The transfers of its variants, in any order: McTransferItem. Called when some came, went, opened
 * or ended. */
void mc_repo_item_set_transfers (McRepoItem *self, GPtrArray *transfers);

/* What it takes on the disk, and when something of it was used last (Unix seconds; 0: never).
 * @shared is the part that others need as well. */
void mc_repo_item_set_usage (McRepoItem *self, guint64 size, guint64 shared, gint64 last_used);

/* It is deleted soon, or a variant of it is ("": all of it), unless that is undone. */
void mc_repo_item_set_doomed (McRepoItem *self, const char *variant, gboolean doomed);

guint64 mc_repo_item_get_number (McRepoItem *self);
const char *mc_repo_item_get_id (McRepoItem *self);  /* "owner/name" */
const char *mc_repo_item_get_ref (McRepoItem *self); /* how the service is asked for it */
const char *mc_repo_item_get_title (McRepoItem *self);
guint64 mc_repo_item_get_size (McRepoItem *self);
gint64 mc_repo_item_get_last_used (McRepoItem *self);
/* 0 is shown first: something runs, something is wrong, something is here, nothing is. */
guint mc_repo_item_get_rank (McRepoItem *self);

/* Of McVariantItem, in the order of the repo; made when first asked for. Borrowed. */
GListModel *mc_repo_item_get_variants (McRepoItem *self);

G_END_DECLS
