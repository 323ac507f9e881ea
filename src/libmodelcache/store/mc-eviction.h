/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What goes when space is needed: what was used least recently, and no more of it than is needed.
 * Pure. */

typedef struct
{
  guint64 gives; /* bytes on disk that come back when nothing needs it any more */
  guint holders; /* how many need it */
} McEvictionContent;

typedef struct
{
  gint64 id;
  gint64 last_used; /* Unix seconds */
  gboolean kept;    /* pinned by a person, open somewhere, or being downloaded: it stays */
  GArray *contents; /* (owned): guint: which contents it needs, each once */
  guint64 returns;  /* out: what it gives back, once those that go before it are gone */
} McEvictionHolding;

/* Holdings and contents by value. */
typedef struct
{
  GArray *holdings; /* (owned): McEvictionHolding */
  GArray *contents; /* (owned): McEvictionContent */
} McEviction;

McEviction *mc_eviction_new (void);
void mc_eviction_free (McEviction *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McEviction, mc_eviction_free)

/* The result is the number of the content. */
guint mc_eviction_add_content (McEviction *self, guint64 gives, guint holders);

/* contents: guint; it is taken. */
void mc_eviction_add_holding (
    McEviction *self, gint64 id, gint64 last_used, gboolean kept, GArray *contents);

/* Which holdings go, in that order: borrowed McEvictionHolding, until the next one is added. *gives
 * is what they give back together: less than @need if it cannot be had. */
GPtrArray *mc_eviction_plan (McEviction *self, guint64 need, guint64 *gives);

/* What holdings give back that go together, by their ids (gint64); *kept is what of them stays,
 * because others need it. Unknown ids are passed over. */
guint64 mc_eviction_measure (McEviction *self, GArray *ids, guint64 *kept);

G_END_DECLS
