/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-copies.h"
#include "mc-manifest.h"

G_BEGIN_DECLS

/* Folders with plain copies of files under their real names, for programs that want paths where
 * there is no folder view. They lie in the store's folder, and none outlives who asked for it: what
 * a crash leaves is removed at the next start. Main thread; the work is done on another. */
typedef struct _McCheckouts McCheckouts;

/* One of them. Freeing it has its folder removed, soon. */
typedef struct _McCheckout McCheckout;

McCheckouts *mc_checkouts_new (McStore *store, McCopies *copies);
void mc_checkouts_stop (McCheckouts *self); /* those that are being made fail */
void mc_checkouts_free (McCheckouts *self); /* waits until all folders are gone */

/* files: McFile, all of them here. MC_ERROR_INVALID_NAME if one has no name that a file can have,
 * MC_ERROR_NO_SPACE if they do not fit or are more than the setting allows. */
void mc_checkouts_make_async (McCheckouts *self,
                              GPtrArray *files,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
McCheckout *mc_checkouts_make_finish (McCheckouts *self, GAsyncResult *result, GError **error);

const char *mc_checkout_get_folder (McCheckout *self);
void mc_checkout_free (McCheckout *self);

G_END_DECLS
