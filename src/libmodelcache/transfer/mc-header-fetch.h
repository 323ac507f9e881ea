/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-hub-client.h"
#include "mc-store.h"

G_BEGIN_DECLS

/* Reads the header of a repo's most telling weight file, as mc_manifest_find_header_file() finds
 * it, and keeps what is worth it in the store; nothing is read that was kept before. Of a file that
 * is here it is read from the store, else from the Hub in a few ranges of its first bytes, at most
 * MC_MODEL_HEADER_MOST. hub: (nullable): only from the store.
 *
 * A header that is bad is kept as one that says nothing. Fails with MC_ERROR_UNKNOWN_FILE if the
 * repo has no such file, MC_ERROR_NOT_DOWNLOADED if it is not here and there is no @hub, and as the
 * Hub and the store do. */
void mc_header_fetch_async (McStore *store,
                            McHubClient *hub,
                            McManifest *manifest,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean mc_header_fetch_finish (McStore *store, GAsyncResult *result, GError **error);

G_END_DECLS
