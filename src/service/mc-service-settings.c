/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

/* What the person chose: a property and the one method that changes it. */

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
} Configure;

static void
show_settings (McService *self)
{
  mc_dbus_manager_set_settings (self->manager,
                                mc_settings_describe (mc_store_get_settings (self->store)));
}

static void
on_configured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Configure *call = user_data;
  g_autoptr (McService) self = call->service;
  GError *error = NULL;

  if (mc_store_configure_finish (MC_STORE (source), result, &error))
    mc_dbus_manager_complete_configure (self->manager, call->invocation);
  else
    mc_dbus_error_return (call->invocation, error);
  g_free (call);
  mc_service_release (self);
}

static gboolean
on_configure (McDbusManager *manager,
              GDBusMethodInvocation *invocation,
              GVariant *changes,
              gpointer user_data)
{
  Configure *call = g_new0 (Configure, 1);

  call->service = g_object_ref (user_data);
  call->invocation = invocation;
  mc_service_hold (call->service);
  mc_store_configure_async (call->service->store, changes, on_configured, call);
  return TRUE;
}

void
mc_service_connect_settings (McService *self)
{
  show_settings (self);
  g_signal_connect_object (self->store, "settings-changed", G_CALLBACK (show_settings), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self->manager, "handle-configure", G_CALLBACK (on_configure), self);
}
