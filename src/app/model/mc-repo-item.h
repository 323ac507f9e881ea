/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-repo-summary.h"
#include "mc-variant-item.h"

G_BEGIN_DECLS

/* A repo as a row of the library and as the head of its page. Outlives the service, as a
 * McTransferItem does. */
#define MC_TYPE_REPO_ITEM (mc_repo_item_get_type ())
G_DECLARE_FINAL_TYPE (McRepoItem, mc_repo_item, MC, REPO_ITEM, GObject)

/* In which of the library's sections a repo is, in their order. */
typedef enum
{
  MC_SECTION_UPDATE, /* there is a newer one on the Hub */
  MC_SECTION_ACTIVE,
  MC_SECTION_WRONG, /* damaged, or its last download failed */
  MC_SECTION_HERE,
  MC_SECTION_LISTED, /* nothing of it is here */
} McSection;

/* Signal "opened": its variants are wanted, and it has no proxy. Takes ownership of the summary,
 * which is what a row shows. */
McRepoItem *mc_repo_item_new (McRepoSummary *summary);

void mc_repo_item_take_summary (McRepoItem *self, McRepoSummary *summary);

/* proxy: (nullable): NULL while the service is away. */
void mc_repo_item_set_proxy (McRepoItem *self, McDbusRepo *proxy);
McDbusRepo *mc_repo_item_get_proxy (McRepoItem *self); /* (nullable): it was opened */
gboolean mc_repo_item_is_open (McRepoItem *self);      /* its variants were asked for */

/* The transfers of its variants, in any order: McTransferItem. Called when some came, went, opened
 * or ended. */
void mc_repo_item_set_transfers (McRepoItem *self, GPtrArray *transfers);

/* What it takes on the disk, and when something of it was used last (Unix seconds; 0: never).
 * @shared is the part that others need as well. */
void mc_repo_item_set_usage (McRepoItem *self, guint64 size, guint64 shared, gint64 last_used);

/* A download of it waits for its owner to grant access. */
void mc_repo_item_set_waiting (McRepoItem *self, gboolean waiting);
/* It is deleted soon, or a variant of it is ("": all of it), unless that is undone. */
void mc_repo_item_set_doomed (McRepoItem *self, const char *variant, gboolean doomed);

/* Whether the Hub has something newer than what is here, until another commit is; fetch: bytes that
 * the update would bring. */
void mc_repo_item_set_update (McRepoItem *self, gboolean has_update, guint64 fetch);

/* What the list says above it; (nullable): nothing, it has the one of the row before it. */
void mc_repo_item_set_heading (McRepoItem *self, const char *heading);

guint64 mc_repo_item_get_number (McRepoItem *self);
const char *mc_repo_item_get_id (McRepoItem *self);  /* "owner/name" */
const char *mc_repo_item_get_ref (McRepoItem *self); /* how the service is asked for it */
const char *mc_repo_item_get_title (McRepoItem *self);
const char *mc_repo_item_get_sort_key (McRepoItem *self); /* of the title: strcmp() orders by it */
const char *mc_repo_item_get_endpoint (McRepoItem *self); /* the Hub's address */
guint64 mc_repo_item_get_size (McRepoItem *self);
gint64 mc_repo_item_get_last_used (McRepoItem *self);
/* "rank", "size" and "last-used" notify. */
McSection mc_repo_item_get_rank (McRepoItem *self);
const char *const *mc_repo_item_get_formats (McRepoItem *self); /* "gguf", "onnx" */
/* needle: as g_utf8_casefold() makes it; looked for in all that a row says. */
gboolean mc_repo_item_matches (McRepoItem *self, const char *needle);

/* Of McVariantItem, in the order of the repo; filled when first asked for, which takes a moment.
 * Borrowed. */
GListModel *mc_repo_item_get_variants (McRepoItem *self);

G_END_DECLS
