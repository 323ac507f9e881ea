/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-dbus-generated.h"

G_BEGIN_DECLS

/* Signs in with a token, which goes by a descriptor and is in no message. The result is that of
 * SignIn (a{sv}); errors are those of MC_ERROR. */
void mc_token_send_async (McDbusManager *manager,
                          const char *endpoint,
                          const char *token,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
GVariant *mc_token_send_finish (McDbusManager *manager, GAsyncResult *result, GError **error);

G_END_DECLS
