/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

G_BEGIN_DECLS

typedef enum
{
  MC_HIT_SEARCH_IDLE,
  MC_HIT_SEARCH_SEARCHING,   /* for the first page; those of the search before are still there */
  MC_HIT_SEARCH_READY,       /* what was found is there, maybe nothing */
  MC_HIT_SEARCH_GOING_ON,    /* for the next page */
  MC_HIT_SEARCH_FAILED,      /* the first page; there are no hits */
  MC_HIT_SEARCH_MORE_FAILED, /* the next page; those before it are there */
} McHitSearchState;

/* What the Hub finds for some words, page after page. What was asked before is cancelled by what is
 * asked now: an old answer never replaces a newer one. Emits "changed" when its state did. Main
 * thread. */
#define MC_TYPE_HIT_SEARCH (mc_hit_search_get_type ())
G_DECLARE_FINAL_TYPE (McHitSearch, mc_hit_search, MC, HIT_SEARCH, GObject)

McHitSearch *mc_hit_search_new (McInventory *inventory);

McHitSearchState mc_hit_search_get_state (McHitSearch *self);
/* Of McHitItem, in the Hub's order. Borrowed. */
GListModel *mc_hit_search_get_hits (McHitSearch *self);
/* Why it failed; borrowed, NULL unless it did. */
const GError *mc_hit_search_get_error (McHitSearch *self);

/* filters: tags that must all match; fits: only what this computer runs. */
void mc_hit_search_begin (McHitSearch *self,
                          const char *text,
                          const char *const *filters,
                          gboolean fits);
/* Asks for the next page, if there is one and it is not under way. */
void mc_hit_search_go_on (McHitSearch *self);
/* No search, and no hits but perhaps a name that can be looked up. */
void mc_hit_search_reset (McHitSearch *self, const char *name);

G_END_DECLS
