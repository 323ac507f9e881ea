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

/* The options borrow from the settings and the list. */
static McHubOptions
make_options (const McSettings *settings, char **endpoints)
{
  return (McHubOptions){
    .offline = mc_settings_get_flag (settings, MC_SETTING_OFFLINE),
    .all_hosts_match = mc_settings_get_flag (settings, MC_SETTING_HOSTS_MATCH),
    .endpoints = (const char *const *) endpoints,
    .ca_file = mc_settings_get_text (settings, MC_SETTING_CA_FILE),
  };
}

/* How the Hub is asked. What cannot be any more, such as a file that is gone, is left as it was. */
static void
configure_hub (McService *self)
{
  const McSettings *settings = mc_store_get_settings (self->store);
  g_auto (GStrv) endpoints = mc_settings_dup_list (settings, MC_SETTING_ENDPOINTS);
  McHubOptions options = make_options (settings, endpoints);
  g_autoptr (GError) error = NULL;

  if (!mc_hub_client_configure (self->hub, &options, &error))
    g_warning ("%s", error->message);
  mc_service_look_up_tokens (self);
  mc_dbus_manager_set_offline (self->manager, mc_hub_client_is_offline (self->hub));
}

/* What the settings would be. */
static gboolean
check_changes (McService *self, GVariant *changes, McSettings *changed, GError **error)
{
  g_auto (GStrv) endpoints = NULL;
  McHubOptions options;

  *changed = *mc_store_get_settings (self->store);
  if (!mc_settings_change (changed, changes, error))
    return FALSE;
  endpoints = mc_settings_dup_list (changed, MC_SETTING_ENDPOINTS);
  options = make_options (changed, endpoints);
  return mc_hub_options_check (&options, error) && mc_service_check_serving (changed, error)
         && mc_service_check_mount (self, changed, error);
}

static void
show_settings (McService *self)
{
  configure_hub (self);
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
  g_autoptr (GVariant) complete = NULL;
  McSettings changed;
  Configure *call;
  GError *error = NULL;

  if (!check_changes (user_data, changes, &changed, &error))
    {
      mc_dbus_error_return (invocation, error);
      return TRUE;
    }
  call = g_new0 (Configure, 1);
  call->service = g_object_ref (user_data);
  call->invocation = invocation;
  complete = mc_service_add_key (&changed, changes);
  mc_service_hold (call->service);
  mc_store_configure_async (call->service->store, complete, on_configured, call);
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
