/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"
#include "mc-endpoint-guard.h"
#include "mc-error.h"

#include <string.h>
#include <sys/random.h>

/* Files for programs that speak to the Hub: the endpoint runs while the setting says so, and as the
 * settings say. While it does, the service stays: nobody calls it by D-Bus to begin. */

static McLibraryRepo *
find_repo (gpointer user_data, const char *repo, const char *revision)
{
  McService *self = user_data;

  return mc_store_find_repo (self->store, mc_hub_client_get_endpoint (self->hub), repo, revision);
}

static void
scan_async (gpointer user_data,
            const char *repo,
            const char *revision,
            GAsyncReadyCallback callback,
            gpointer callback_data)
{
  McRepoRef ref = { .repo = (char *) repo, .revision = (char *) revision };

  mc_service_scan_async (user_data, &ref, callback, callback_data);
}

static gint64
scan_finish (gpointer user_data, GAsyncResult *result, GError **error)
{
  return mc_service_scan_finish (user_data, result, error);
}

/* g_free() it; NULL if the system gives no random bytes. */
static char *
make_key (void)
{
  guint8 bytes[16];
  GString *key = g_string_new (NULL);

  if (getrandom (bytes, sizeof bytes, 0) != (gssize) sizeof bytes)
    return g_string_free (key, TRUE), NULL;
  for (guint i = 0; i < sizeof bytes; i++)
    g_string_append_printf (key, "%02x", bytes[i]);
  return g_string_free (key, FALSE);
}

gboolean
mc_service_check_serving (const McSettings *settings, GError **error)
{
  const char *key = mc_settings_get_text (settings, MC_SETTING_SERVE_KEY);
  g_auto (GStrv) origins = mc_settings_dup_list (settings, MC_SETTING_SERVE_ORIGINS);

  if (key[0] != '\0' && !mc_endpoint_key_is_valid (key))
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                           "The key must be 16 to 64 letters, digits, “-” and “_”");
      return FALSE;
    }
  for (guint i = 0; origins[i] != NULL; i++)
    if (!mc_endpoint_origin_is_valid (origins[i]))
      {
        g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                     "“%s” is no origin, such as https://example.org", origins[i]);
        return FALSE;
      }
  return TRUE;
}

GVariant *
mc_service_add_key (const McSettings *settings, GVariant *changes)
{
  g_autofree char *key = NULL;
  GVariantDict dict;

  if (!mc_settings_get_flag (settings, MC_SETTING_SERVE)
      || mc_settings_get_text (settings, MC_SETTING_SERVE_KEY)[0] != '\0')
    return g_variant_ref (changes);
  key = make_key ();
  g_variant_dict_init (&dict, changes);
  if (key != NULL)
    g_variant_dict_insert (&dict, mc_setting_get_name (MC_SETTING_SERVE_KEY), "s", key);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
gone (gpointer user_data)
{
  mc_service_release (user_data);
}

static void
show (McService *self, const char *address, const char *problem)
{
  mc_dbus_manager_set_serving_address (self->manager, address);
  mc_dbus_manager_set_serving_problem (self->manager, problem);
}

static void
start (McService *self, const McSettings *settings)
{
  const McEndpointHost host = {
    .store = self->store,
    .downloader = self->downloader,
    .find = find_repo,
    .scan_async = scan_async,
    .scan_finish = scan_finish,
    .gone = gone,
    .user_data = self,
    .patience_ms = self->serve_patience_ms,
  };
  g_auto (GStrv) origins = mc_settings_dup_list (settings, MC_SETTING_SERVE_ORIGINS);
  g_autoptr (GError) error = NULL;

  mc_service_hold (self);
  self->endpoint = mc_endpoint_new (
      &host, (guint) mc_settings_get_number (settings, MC_SETTING_SERVE_PORT),
      mc_settings_get_text (settings, MC_SETTING_SERVE_KEY), (const char *const *) origins, &error);
  if (self->endpoint == NULL)
    show (self, "", error->message);
  else
    show (self, mc_endpoint_get_url (self->endpoint), "");
}

/* What it was started with. */
static gboolean
is_changed (McService *self, const McSettings *settings)
{
  g_auto (GStrv) origins = mc_settings_dup_list (settings, MC_SETTING_SERVE_ORIGINS);

  return self->endpoint == NULL
         || !mc_endpoint_is_as (
             self->endpoint, (guint) mc_settings_get_number (settings, MC_SETTING_SERVE_PORT),
             mc_settings_get_text (settings, MC_SETTING_SERVE_KEY), (const char *const *) origins);
}

static void
configure (McService *self)
{
  const McSettings *settings = mc_store_get_settings (self->store);
  gboolean on = mc_settings_get_flag (settings, MC_SETTING_SERVE) && !self->quitting;

  if (on && !is_changed (self, settings))
    return;
  g_clear_pointer (&self->endpoint, mc_endpoint_stop);
  show (self, "", "");
  if (on && !mc_endpoint_key_is_valid (mc_settings_get_text (settings, MC_SETTING_SERVE_KEY)))
    show (self, "", "The address has no key: switch serving on again");
  else if (on)
    start (self, settings);
}

static gboolean
on_get_serving_address (McDbusManager *manager,
                        GDBusMethodInvocation *invocation,
                        const char *origin,
                        gpointer user_data)
{
  McService *self = user_data;
  g_autofree char *address =
      self->endpoint == NULL ? NULL : mc_endpoint_dup_url_for (self->endpoint, origin);

  if (address != NULL)
    mc_dbus_manager_complete_get_serving_address (manager, invocation, address);
  else if (self->endpoint == NULL)
    mc_dbus_error_return (
        invocation,
        g_error_new_literal (MC_ERROR, MC_ERROR_BUSY, "Nothing is served now: switch serving on"));
  else
    mc_dbus_error_return (invocation, g_error_new (MC_ERROR, MC_ERROR_INVALID_NAME,
                                                   "Pages of “%s” may not ask", origin));
  return TRUE;
}

void
mc_service_stop_endpoint (McService *self)
{
  g_clear_pointer (&self->endpoint, mc_endpoint_stop);
}

void
mc_service_connect_endpoint (McService *self)
{
  configure (self);
  g_signal_connect (self->manager, "handle-get-serving-address",
                    G_CALLBACK (on_get_serving_address), self);
  g_signal_connect_object (self->store, "settings-changed", G_CALLBACK (configure), self,
                           G_CONNECT_SWAPPED);
}
