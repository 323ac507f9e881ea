/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

/* All transfers at once, and what became of those that ended. */

static gboolean
answer_count (GDBusMethodInvocation *invocation, guint count)
{
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", count));
  return TRUE;
}

static gboolean
on_pause_all (McDbusManager *manager,
              GDBusMethodInvocation *invocation,
              GVariant *options,
              gpointer user_data)
{
  McService *self = user_data;

  return answer_count (invocation, mc_downloader_pause_all (self->downloader));
}

static gboolean
on_resume_all (McDbusManager *manager,
               GDBusMethodInvocation *invocation,
               GVariant *options,
               gpointer user_data)
{
  McService *self = user_data;

  return answer_count (invocation, mc_downloader_resume_all (self->downloader));
}

static gboolean
on_retry_all (McDbusManager *manager,
              GDBusMethodInvocation *invocation,
              GVariant *options,
              gpointer user_data)
{
  McService *self = user_data;

  return answer_count (invocation, mc_downloader_retry_all (self->downloader));
}

static gboolean
on_cancel_all (McDbusManager *manager,
               GDBusMethodInvocation *invocation,
               GVariant *options,
               gpointer user_data)
{
  McService *self = user_data;
  GError *error = NULL;
  gboolean discard;

  if (mc_service_get_flag (options, "discard", &discard, &error))
    return answer_count (invocation, mc_downloader_cancel_all (self->downloader, discard));
  mc_dbus_error_return (invocation, error);
  return TRUE;
}

/* --- whether they may run --- */

static void
show_policy (McService *self)
{
  mc_dbus_manager_set_transfers_allowed (
      self->manager, mc_policy_to_string (mc_downloader_get_policy (self->downloader)));
}

static gboolean
on_allow_transfers (McDbusManager *manager,
                    GDBusMethodInvocation *invocation,
                    GVariant *options,
                    gpointer user_data)
{
  McService *self = user_data;

  mc_downloader_allow (self->downloader);
  mc_dbus_manager_complete_allow_transfers (manager, invocation);
  return TRUE;
}

static void
see_conditions (McService *self)
{
  mc_downloader_set_conditions (self->downloader,
                                g_network_monitor_get_network_metered (self->network),
                                g_power_profile_monitor_get_power_saver_enabled (self->power));
}

static void
watch_conditions (McService *self)
{
  self->network = g_object_ref (g_network_monitor_get_default ());
  self->power = g_power_profile_monitor_dup_default ();
  g_signal_connect_object (self->network, "notify::network-metered", G_CALLBACK (see_conditions),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->power, "notify::power-saver-enabled", G_CALLBACK (see_conditions),
                           self, G_CONNECT_SWAPPED);
  see_conditions (self);
}

static void
consider_suspend (McService *self)
{
  mc_inhibitor_set (self->inhibitor,
                    mc_downloader_is_using_network (self->downloader)
                        && mc_settings_get_flag (mc_store_get_settings (self->store),
                                                 MC_SETTING_INHIBIT_SUSPEND));
}

static void
watch_suspend (McService *self)
{
  self->inhibitor = mc_inhibitor_new ();
  g_signal_connect_object (self->downloader, "fetching-changed", G_CALLBACK (consider_suspend),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->store, "settings-changed", G_CALLBACK (consider_suspend), self,
                           G_CONNECT_SWAPPED);
  consider_suspend (self);
}

/* --- history --- */

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
  guint64 limit;
} Asked;

static Asked *
asked_new (McService *service, GDBusMethodInvocation *invocation)
{
  Asked *asked = g_new0 (Asked, 1);

  asked->service = g_object_ref (service);
  asked->invocation = invocation;
  mc_service_hold (service);
  return asked;
}

static void
asked_free (Asked *asked)
{
  mc_service_release (asked->service);
  g_object_unref (asked->service);
  g_free (asked);
}

static GVariant *
describe (const McTransferRecord *record)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mc_service_add (&dict, "id", "t", (guint64) record->id);
  mc_service_add_text (&dict, "kind", record->kind);
  mc_service_add_text (&dict, "state", record->state);
  mc_service_add_text (&dict, "error", record->error);
  /* An eviction keeps its size there. */
  mc_service_add_text (&dict, "message", record->error[0] == '\0' ? "" : record->message);
  mc_service_add_text (&dict, "repo", record->repo_name);
  mc_service_add_text (&dict, "variant", record->variant);
  mc_service_add_text (&dict, "path", record->path);
  mc_service_add (&dict, "total", "t", record->total);
  mc_service_add (&dict, "received", "t", record->received);
  mc_service_add (&dict, "created", "x", record->created);
  mc_service_add (&dict, "ended", "x", record->ended);
  return g_variant_builder_end (&dict);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asked *asked = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) records = mc_store_list_history_finish (MC_STORE (source), result, &error);
  GVariantBuilder entries;

  if (records == NULL)
    mc_dbus_error_return (asked->invocation, error);
  else
    {
      g_variant_builder_init (&entries, G_VARIANT_TYPE ("aa{sv}"));
      for (guint i = 0; i < records->len && i < asked->limit; i++)
        g_variant_builder_add_value (&entries, describe (g_ptr_array_index (records, i)));
      g_dbus_method_invocation_return_value (asked->invocation,
                                             g_variant_new ("(aa{sv})", &entries));
    }
  asked_free (asked);
}

static gboolean
on_list_history (McDbusManager *manager,
                 GDBusMethodInvocation *invocation,
                 GVariant *options,
                 gpointer user_data)
{
  McService *self = user_data;
  GError *error = NULL;
  guint64 limit;
  Asked *asked;

  if (!mc_service_get_number (options, "limit", &limit, &error))
    {
      mc_dbus_error_return (invocation, error);
      return TRUE;
    }
  asked = asked_new (self, invocation);
  asked->limit = limit == 0 ? G_MAXUINT : limit;
  mc_store_list_history_async (self->store, on_listed, asked);
  return TRUE;
}

static void
on_cleared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Asked *asked = user_data;
  GError *error = NULL;

  if (mc_store_clear_history_finish (MC_STORE (source), result, &error))
    g_dbus_method_invocation_return_value (asked->invocation, NULL);
  else
    mc_dbus_error_return (asked->invocation, error);
  asked_free (asked);
}

static gboolean
on_clear_history (McDbusManager *manager,
                  GDBusMethodInvocation *invocation,
                  GVariant *options,
                  gpointer user_data)
{
  McService *self = user_data;

  mc_store_clear_history_async (self->store, on_cleared, asked_new (self, invocation));
  return TRUE;
}

void
mc_service_connect_queue (McService *self)
{
  static const struct
  {
    const char *signal;
    GCallback handler;
  } methods[] = {
    { "handle-pause-all", G_CALLBACK (on_pause_all) },
    { "handle-resume-all", G_CALLBACK (on_resume_all) },
    { "handle-cancel-all", G_CALLBACK (on_cancel_all) },
    { "handle-retry-all", G_CALLBACK (on_retry_all) },
    { "handle-list-history", G_CALLBACK (on_list_history) },
    { "handle-clear-history", G_CALLBACK (on_clear_history) },
    { "handle-allow-transfers", G_CALLBACK (on_allow_transfers) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    g_signal_connect (self->manager, methods[i].signal, methods[i].handler, self);
  watch_conditions (self);
  watch_suspend (self);
  show_policy (self);
  g_signal_connect_object (self->downloader, "policy-changed", G_CALLBACK (show_policy), self,
                           G_CONNECT_SWAPPED);
}
