/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-client.h"

G_BEGIN_DECLS

/* The bodies of the Hub's answers as values. Pure: bytes in, values or MC_ERROR_BAD_RESPONSE out.
 *
 * What is only told to people (task, licence ...) is left out when it cannot be used. What the work
 * depends on (commit, paths, sizes, hashes) makes the whole answer bad when it is wrong: half a
 * listing would be a repo with files missing. */

#define MC_HUB_MAX_FILES 200000
#define MC_HUB_MAX_PAGES 2000
#define MC_HUB_MAX_SIZE (G_GUINT64_CONSTANT (1) << 62) /* also of all files together */

/* repo: what was asked for, the name if the answer has none. */
McModelInfo *mc_hub_parse_info (const char *data, gsize length, const char *repo, GError **error);

/* McSearchHit; hits without a usable name are left out. */
GPtrArray *mc_hub_parse_search (const char *data, gsize length, GError **error);

/* The account's name. */
char *mc_hub_parse_whoami (const char *data, gsize length, GError **error);

/* A listing that comes in pages.
 *
 * No file is lost. A path that git cannot hold ("..", "", absolute, NUL) is an attack or a fault
 * and makes the listing bad. A path that git can hold but that has control characters ("Icon\r") is
 * listed with their pictures (U+240D) in their place: such a file is seen, counted and, if another
 * name has the same content, even had; to ask the Hub for it by that name fails as an unknown file.
 *
 * Entries of unknown types are files if they have a size. */
typedef struct _McHubListing McHubListing;

/* Usually MC_HUB_MAX_FILES and MC_HUB_MAX_PAGES; more of either make the listing bad. */
McHubListing *mc_hub_listing_new (guint max_files, guint max_pages);
void mc_hub_listing_free (McHubListing *self);
gboolean
mc_hub_listing_add_page (McHubListing *self, const char *data, gsize length, GError **error);

/* McTreeEntry by path in byte order, without doubles; two entries of one path that differ are an
 * error. Empties the listing. */
GPtrArray *mc_hub_listing_finish (McHubListing *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McHubListing, mc_hub_listing_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McTreeEntry, mc_tree_entry_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McSearchHit, mc_search_hit_free)

G_END_DECLS
