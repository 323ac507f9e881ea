/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-inventory.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The Hub or a mirror of it: how it is, and its token, which is sent and forgotten here. Its
 * signals: changed          somebody signed in or out failed (GError)  that did not work remove,
 * first    a mirror is not to be asked any more, or before all others */
#define MC_TYPE_ENDPOINT_ROW (mc_endpoint_row_get_type ())
G_DECLARE_FINAL_TYPE (McEndpointRow, mc_endpoint_row, MC, ENDPOINT_ROW, AdwExpanderRow)

McEndpointRow *mc_endpoint_row_new (McInventory *inventory, const char *endpoint, gboolean mirror);
const char *mc_endpoint_row_get_endpoint (McEndpointRow *self);

/* dict: of ListEndpoints(). */
void mc_endpoint_row_show (McEndpointRow *self, GVariant *dict);
/* Whose token it is. */
void mc_endpoint_row_show_name (McEndpointRow *self, const char *name);
/* hops: of Diagnose(). */
void mc_endpoint_row_show_hops (McEndpointRow *self, GVariant *hops);

G_END_DECLS
