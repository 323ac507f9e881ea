/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-client-private.h"

#include "mc-error.h"
#include "mc-hub-token.h"
#include "mc-hub-url.h"

#include <string.h>

/* How the Hub is asked: at which endpoints, whom to trust, or not at all. Main thread. */

gboolean
mc_hub_is_offline_by_environment (void)
{
  return mc_hub_variable_is_set ("HF_HUB_OFFLINE");
}

gboolean
mc_hub_client_is_offline (McHubClient *self)
{
  return self->session->offline;
}

McHubSession *
mc_hub_client_find_session (McHubClient *self, const char *endpoint)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      McHubSession *session = g_ptr_array_index (self->sessions, i);

      if (g_strcmp0 (session->endpoint_text, endpoint) == 0)
        return session;
    }
  return g_ptr_array_index (self->sessions, 0);
}

gboolean
mc_hub_client_move_on (McHubClient *self, McHubRoute *route, const GError *error)
{
  gint64 now = g_get_monotonic_time ();
  gboolean is_home = route->session == self->session;

  if (!mc_hub_route_note (route, error, is_home, now)
      || !mc_hub_route_advance (route, self->sessions, now))
    return FALSE;
  g_info ("%s: asking %s instead", error->message, route->session->host);
  return TRUE;
}

char *
mc_hub_endpoint_normalize (const char *text, GError **error)
{
  g_autoptr (GUri) uri = mc_hub_url_parse_endpoint (text, error);

  return uri == NULL ? NULL : mc_hub_url_to_endpoint (uri);
}

char **
mc_hub_client_dup_endpoints (McHubClient *self)
{
  g_autoptr (GStrvBuilder) endpoints = g_strv_builder_new ();

  for (guint i = 0; i < self->sessions->len; i++)
    g_strv_builder_add (endpoints,
                        ((McHubSession *) g_ptr_array_index (self->sessions, i))->endpoint_text);
  return g_strv_builder_end (endpoints);
}

gboolean
mc_hub_client_describe_endpoint (McHubClient *self, guint i, McHubEndpoint *endpoint)
{
  McHubSession *session = i < self->sessions->len ? g_ptr_array_index (self->sessions, i) : NULL;

  if (session == NULL)
    return FALSE;
  endpoint->endpoint = session->endpoint_text;
  endpoint->trouble = session->trouble;
  endpoint->is_home = strcmp (session->endpoint_text, self->session->endpoint_text) == 0;
  endpoint->has_token = session->token != NULL;
  return TRUE;
}

/* --- tokens --- */

/* Borrowed; NULL if there is none. */
static const char *
find_token (McHubClient *self, McHubSession *session)
{
  const char *token = g_hash_table_lookup (self->tokens, session->endpoint_text);

  return token == NULL && session == self->session ? self->implicit_token : token;
}

static void
give_token (McHubClient *self, McHubSession *session)
{
  g_free (session->token);
  session->token = g_strdup (find_token (self, session));
}

void
mc_hub_client_set_token (McHubClient *self, const char *endpoint, const char *token)
{
  if (token == NULL)
    g_hash_table_remove (self->tokens, endpoint);
  else
    g_hash_table_replace (self->tokens, g_strdup (endpoint), g_strdup (token));
  give_token (self, self->session);
  for (guint i = 0; i < self->sessions->len; i++)
    give_token (self, g_ptr_array_index (self->sessions, i));
}

void
mc_hub_client_hold (McHubClient *self)
{
  self->held = TRUE;
  mc_hub_session_hold (self->session);
  for (guint i = 0; i < self->sessions->len; i++)
    mc_hub_session_hold (g_ptr_array_index (self->sessions, i));
}

void
mc_hub_client_release (McHubClient *self)
{
  self->held = FALSE;
  mc_hub_session_release (self->session);
  for (guint i = 0; i < self->sessions->len; i++)
    mc_hub_session_release (g_ptr_array_index (self->sessions, i));
}

McHubClient *
mc_hub_client_new_for (McHubClient *self, const char *endpoint, const char *token, GError **error)
{
  McHubConfig config = {
    .endpoint = endpoint,
    .token = token,
    .connect_timeout_ms = self->session->connect_timeout,
    .read_timeout_ms = self->session->read_timeout,
    .total_timeout_ms = self->session->total_timeout,
    .backoff_ms = self->session->backoff,
  };
  McHubClient *client = mc_hub_client_new (&config, error);

  if (client == NULL)
    return NULL;
  if (token == NULL && strcmp (client->session->endpoint_text, self->session->endpoint_text) == 0)
    mc_hub_client_set_token (client, client->session->endpoint_text, self->session->token);
  else if (token == NULL)
    mc_hub_client_set_token (client, client->session->endpoint_text,
                             g_hash_table_lookup (self->tokens, client->session->endpoint_text));
  client->session->offline = self->session->offline;
  client->session->all_hosts_match = self->session->all_hosts_match;
  g_set_object (&client->session->authority, self->session->authority);
  return client;
}

/* --- configuring --- */

static guint
count (const char *const *endpoints)
{
  return endpoints == NULL ? 0 : g_strv_length ((char **) endpoints);
}

/* NULL with the error unset if there is no file. */
static GTlsDatabase *
open_authority (const char *file, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autolist (GTlsCertificate) certificates = NULL;
  GTlsDatabase *database;

  if (file == NULL || file[0] == '\0')
    return NULL;
  /* The database would be empty rather than an error. */
  certificates = g_tls_certificate_list_new_from_file (file, &local);
  database = certificates == NULL ? NULL : g_tls_file_database_new (file, &local);
  if (database == NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                 "There is no certificate to be read in “%s”: %s", file,
                 local != NULL ? local->message : "it has none");
  return database;
}

/* As the session of the client's own endpoint, but for what belongs to an endpoint. */
static McHubSession *
make_session (McHubClient *self, const char *text, GError **error)
{
  GUri *endpoint = mc_hub_url_parse_endpoint (text, error);
  g_autofree char *normal = endpoint == NULL ? NULL : mc_hub_url_to_endpoint (endpoint);
  McHubSession *session;

  if (endpoint == NULL)
    return NULL;
  session = mc_hub_client_find_session (self, normal);
  if (strcmp (normal, self->session->endpoint_text) == 0)
    session = self->session;
  if (strcmp (normal, session->endpoint_text) == 0)
    {
      g_uri_unref (endpoint);
      return mc_hub_session_ref (session);
    }
  session = mc_hub_session_new (endpoint, NULL);
  session->connect_timeout = self->session->connect_timeout;
  session->read_timeout = self->session->read_timeout;
  session->total_timeout = self->session->total_timeout;
  session->backoff = self->session->backoff;
  return session;
}

static GPtrArray *
make_sessions (McHubClient *self, const char *const *endpoints, GError **error)
{
  g_autoptr (GPtrArray) sessions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) mc_hub_session_unref);

  for (guint i = 0; i < count (endpoints); i++)
    {
      McHubSession *session = make_session (self, endpoints[i], error);

      if (session == NULL)
        return NULL;
      if (g_ptr_array_find (sessions, session, NULL))
        mc_hub_session_unref (session);
      else
        g_ptr_array_add (sessions, session);
    }
  if (sessions->len == 0)
    g_ptr_array_add (sessions, mc_hub_session_ref (self->session));
  return g_steal_pointer (&sessions);
}

static void
apply (McHubSession *session, const McHubOptions *options, GTlsDatabase *authority)
{
  session->offline = options->offline || mc_hub_is_offline_by_environment ();
  session->all_hosts_match = options->all_hosts_match;
  g_set_object (&session->authority, authority);
}

gboolean
mc_hub_options_check (const McHubOptions *options, GError **error)
{
  g_autoptr (GTlsDatabase) authority = NULL;
  g_autoptr (GError) local = NULL;

  if (count (options->endpoints) > MC_HUB_MAX_ENDPOINTS)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "There can be at most %d endpoints",
                   MC_HUB_MAX_ENDPOINTS);
      return FALSE;
    }
  for (guint i = 0; i < count (options->endpoints); i++)
    {
      g_autoptr (GUri) uri = mc_hub_url_parse_endpoint (options->endpoints[i], error);

      if (uri == NULL)
        return FALSE;
    }
  authority = open_authority (options->ca_file, &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
mc_hub_client_configure (McHubClient *self, const McHubOptions *options, GError **error)
{
  g_autoptr (GTlsDatabase) authority = NULL;
  GPtrArray *sessions;

  if (!mc_hub_options_check (options, error))
    return FALSE;
  authority = open_authority (options->ca_file, NULL);
  sessions = make_sessions (self, options->endpoints, error);
  if (sessions == NULL)
    return FALSE;
  /* What waits at an endpoint that goes does not wait for ever. */
  for (guint i = 0; i < self->sessions->len; i++)
    if (!g_ptr_array_find (sessions, g_ptr_array_index (self->sessions, i), NULL)
        && g_ptr_array_index (self->sessions, i) != self->session)
      mc_hub_session_release (g_ptr_array_index (self->sessions, i));
  g_ptr_array_unref (self->sessions);
  self->sessions = sessions;
  apply (self->session, options, authority);
  for (guint i = 0; i < sessions->len; i++)
    {
      McHubSession *session = g_ptr_array_index (sessions, i);

      apply (session, options, authority);
      give_token (self, session);
      if (self->held)
        mc_hub_session_hold (session);
    }
  return TRUE;
}
