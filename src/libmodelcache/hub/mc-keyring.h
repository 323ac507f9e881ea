/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Tokens in the person's keyring, one for each endpoint. Main thread. Errors are MC_ERROR_FAILED
 * with a sentence that says what is missing: there may be no keyring, or a locked one. */

/* NULL with the error unset if there is none. */
void mc_keyring_look_up_async (const char *endpoint,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
char *mc_keyring_look_up_finish (GAsyncResult *result, GError **error);

/* token NULL: removes it; there need not be one. */
void mc_keyring_set_async (const char *endpoint,
                           const char *token,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean mc_keyring_set_finish (GAsyncResult *result, GError **error);

G_END_DECLS
