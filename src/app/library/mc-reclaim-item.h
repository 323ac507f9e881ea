/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* A part of the library that could be deleted. */
#define MC_TYPE_RECLAIM_ITEM (mc_reclaim_item_get_type ())
G_DECLARE_FINAL_TYPE (McReclaimItem, mc_reclaim_item, MC, RECLAIM_ITEM, GObject)

/* Why it is offered, in the order in which that is done. */
typedef enum
{
  MC_RECLAIM_UNFINISHED,
  MC_RECLAIM_SUPERSEDED, /* an earlier revision of what is here */
  MC_RECLAIM_MODEL,
} McReclaimKind;

/* repo, part: dictionaries of Usage(); superseded: there is a newer revision of the repo here. */
McReclaimItem *
mc_reclaim_item_new (GVariant *repo, GVariant *part, gboolean superseded, gint64 now);

McReclaimKind mc_reclaim_item_get_kind (McReclaimItem *self);
gint64 mc_reclaim_item_get_last_used (McReclaimItem *self);
guint64 mc_reclaim_item_get_returns (McReclaimItem *self);
const char *mc_reclaim_item_get_title (McReclaimItem *self);
/* "chosen" notifies. */
gboolean mc_reclaim_item_get_chosen (McReclaimItem *self);
/* As DeleteParts() takes it; floating. */
GVariant *mc_reclaim_item_describe (McReclaimItem *self);

/* GCompareDataFunc: by kind, then what was used least recently. */
int mc_reclaim_item_compare (gconstpointer a, gconstpointer b, gpointer user_data);

G_END_DECLS
