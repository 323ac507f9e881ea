/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-client.h"
#include "mc-manifest.h"

G_BEGIN_DECLS

/* Reads a repo's facts and listing from the Hub and groups its files: one info request, then the
 * pages of the tree at the commit that the info named. revision: (nullable): "main". */
void mc_scan_async (McHubClient *hub,
                    const char *repo,
                    const char *revision,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data);
McManifest *mc_scan_finish (McHubClient *hub, GAsyncResult *result, GError **error);

G_END_DECLS
