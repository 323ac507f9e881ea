/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* How fast everything came in the last minute, as a small graph; its words are its description and
 * its tooltip. Not there as long as nothing came. */
#define MC_TYPE_RATE_GRAPH (mc_rate_graph_get_type ())
G_DECLARE_FINAL_TYPE (McRateGraph, mc_rate_graph, MC, RATE_GRAPH, GtkWidget)

void mc_rate_graph_set_inventory (McRateGraph *self, McInventory *inventory);

G_END_DECLS
