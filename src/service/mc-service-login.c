/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

/* Signing in and out. A token comes in by a descriptor, so that nobody who watches the bus sees it,
 * is tried, and kept in the keyring. Where there is no keyring it stays in memory, and the service
 * stays with it. No method gives one out. */

#define LOOKUP_MS 10000

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned) (nullable): none is waiting for a look-up */
  char *endpoint;
  char *token; /* (nullable): that is coming in */
  char *name;  /* (nullable): whose it is */
} Login;

static Login *
login_new (McService *service, GDBusMethodInvocation *invocation, const char *endpoint)
{
  Login *login = g_new0 (Login, 1);

  login->service = g_object_ref (service);
  login->invocation = invocation;
  login->endpoint = g_strdup (endpoint);
  if (invocation != NULL)
    mc_service_hold (service);
  return login;
}

static void
login_free (Login *login)
{
  g_assert (login->invocation == NULL);
  g_object_unref (login->service);
  g_free (login->endpoint);
  g_free (login->token);
  g_free (login->name);
  g_free (login);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Login, login_free)

static void
login_fail (Login *login, GError *error)
{
  mc_dbus_error_return (g_steal_pointer (&login->invocation), error);
  mc_service_release (login->service);
}

static void
login_answer (Login *login, GVariantBuilder *dict)
{
  g_dbus_method_invocation_return_value (g_steal_pointer (&login->invocation),
                                         g_variant_new ("(a{sv})", dict));
  mc_service_release (login->service);
}

static void
show_signed_in (McService *self)
{
  mc_dbus_manager_set_signed_in (self->manager, mc_hub_client_has_token (self->hub));
}

/* --- at the start --- */

static void
stop_waiting (McService *self)
{
  if (self->lookup_limit != NULL)
    g_source_destroy (self->lookup_limit);
  g_clear_pointer (&self->lookup_limit, g_source_unref);
  mc_hub_client_release (self->hub);
}

static gboolean
on_lookup_late (gpointer user_data)
{
  g_info ("The keyring does not answer: going on without it until it does");
  stop_waiting (user_data);
  return G_SOURCE_REMOVE;
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Login) login = user_data;
  McService *self = login->service;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = mc_keyring_look_up_finish (result, &error);

  self->lookups--;
  if (self->hub == NULL)
    return;
  if (error != NULL)
    g_info ("%s", error->message);
  /* Somebody may have signed in meanwhile. */
  if (token != NULL && !g_hash_table_contains (self->unkept, login->endpoint))
    mc_hub_client_set_token (self->hub, login->endpoint, token);
  show_signed_in (self);
  if (self->lookups == 0)
    stop_waiting (self);
}

static void
look_up (McService *self, const char *endpoint)
{
  self->lookups++;
  mc_keyring_look_up_async (endpoint, self->cancellable, on_looked_up,
                            login_new (self, NULL, endpoint));
}

/* Requests wait for it, for a while: what is asked for first may be what needs the token. */
void
mc_service_look_up_tokens (McService *self)
{
  g_auto (GStrv) endpoints = mc_hub_client_dup_endpoints (self->hub);
  const char *home = mc_hub_client_get_endpoint (self->hub);

  if (self->quitting)
    return;
  mc_hub_client_hold (self->hub);
  if (self->lookup_limit == NULL)
    {
      self->lookup_limit = g_timeout_source_new (LOOKUP_MS);
      g_source_set_callback (self->lookup_limit, on_lookup_late, self, NULL);
      g_source_attach (self->lookup_limit, g_main_context_get_thread_default ());
    }
  if (!g_strv_contains ((const char *const *) endpoints, home))
    look_up (self, home);
  for (guint i = 0; endpoints[i] != NULL; i++)
    look_up (self, endpoints[i]);
}

/* --- SignIn --- */

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Login) login = user_data;
  McService *self = login->service;
  g_autoptr (GError) error = NULL;
  gboolean kept = mc_keyring_set_finish (result, &error);
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (self->hub != NULL)
    {
      mc_hub_client_set_token (self->hub, login->endpoint, login->token);
      if (kept)
        g_hash_table_remove (self->unkept, login->endpoint);
      else
        g_hash_table_add (self->unkept, g_strdup (login->endpoint));
      show_signed_in (self);
    }
  mc_service_add (&dict, "endpoint", "s", login->endpoint);
  mc_service_add (&dict, "name", "s", login->name);
  mc_service_add (&dict, "kept", "s", kept ? "keyring" : "memory");
  mc_service_add_text (&dict, "reason", error == NULL ? NULL : error->message);
  login_answer (login, &dict);
}

static void
on_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Login) login = user_data;
  GError *error = NULL;

  login->name = mc_hub_client_whoami_finish (MC_HUB_CLIENT (source), result, &error);
  if (login->name == NULL)
    {
      login_fail (login, error);
      return;
    }
  mc_keyring_set_async (login->endpoint, login->token, login->service->cancellable, on_kept, login);
  g_steal_pointer (&login);
}

/* The endpoint that the options name, else the one of the service. */
static char *
find_endpoint (McService *self, GVariant *options, GError **error)
{
  g_autoptr (GVariant) value = NULL;

  if (!mc_service_get_option (options, "endpoint", "s", &value, error))
    return NULL;
  if (value == NULL)
    return g_strdup (mc_hub_client_get_endpoint (self->hub));
  return mc_hub_endpoint_normalize (g_variant_get_string (value, NULL), error);
}

static char *
take_token (GUnixFDList *list, GVariant *handle, GError **error)
{
  g_autoptr (GError) local = NULL;
  int fd = list == NULL ? -1 : g_unix_fd_list_get (list, g_variant_get_handle (handle), &local);
  char *token;

  if (fd < 0)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                           "The token must come as a descriptor");
      return NULL;
    }
  token = mc_hub_token_read (fd, error);
  close (fd);
  return token;
}

static gboolean
on_sign_in (McDbusManager *manager,
            GDBusMethodInvocation *invocation,
            GUnixFDList *list,
            GVariant *handle,
            GVariant *options,
            gpointer user_data)
{
  McService *self = user_data;
  g_autofree char *endpoint = NULL;
  g_autofree char *token = NULL;
  g_autoptr (McHubClient) hub = NULL;
  GError *error = NULL;
  Login *login;

  endpoint = find_endpoint (self, options, &error);
  token = endpoint == NULL ? NULL : take_token (list, handle, &error);
  hub = token == NULL ? NULL : mc_hub_client_new_for (self->hub, endpoint, token, &error);
  if (hub == NULL)
    {
      mc_dbus_error_return (invocation, error);
      return TRUE;
    }
  login = login_new (self, invocation, endpoint);
  login->token = g_steal_pointer (&token);
  mc_hub_client_whoami_async (hub, self->cancellable, on_known, login);
  return TRUE;
}

/* --- SignOut --- */

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Login) login = user_data;
  McService *self = login->service;
  g_autoptr (GError) error = NULL;
  gboolean unkept = self->unkept != NULL && g_hash_table_remove (self->unkept, login->endpoint);
  gboolean is_home;
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  /* What is in a keyring that cannot be used now would be back at the next start. */
  if (!mc_keyring_set_finish (result, &error) && !unkept)
    {
      login_fail (login, g_steal_pointer (&error));
      return;
    }
  is_home = g_strcmp0 (login->endpoint, mc_hub_client_get_endpoint (self->hub)) == 0;
  mc_hub_client_set_token (self->hub, login->endpoint, NULL);
  show_signed_in (self);
  mc_service_add (&dict, "endpoint", "s", login->endpoint);
  mc_service_add (&dict, "remains", "b", is_home && mc_hub_client_has_implicit_token (self->hub));
  login_answer (login, &dict);
}

static gboolean
on_sign_out (McDbusManager *manager,
             GDBusMethodInvocation *invocation,
             GVariant *options,
             gpointer user_data)
{
  McService *self = user_data;
  GError *error = NULL;
  g_autofree char *endpoint = find_endpoint (self, options, &error);

  if (endpoint == NULL)
    {
      mc_dbus_error_return (invocation, error);
      return TRUE;
    }
  mc_keyring_set_async (endpoint, NULL, self->cancellable, on_removed,
                        login_new (self, invocation, endpoint));
  return TRUE;
}

void
mc_service_connect_login (McService *self)
{
  g_signal_connect (self->manager, "handle-sign-in", G_CALLBACK (on_sign_in), self);
  g_signal_connect (self->manager, "handle-sign-out", G_CALLBACK (on_sign_out), self);
}

void
mc_service_stop_login (McService *self)
{
  stop_waiting (self);
}
