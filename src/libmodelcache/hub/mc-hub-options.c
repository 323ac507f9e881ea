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
  g_ptr_array_unref (self->sessions);
  self->sessions = sessions;
  apply (self->session, options, authority);
  for (guint i = 0; i < sessions->len; i++)
    apply (g_ptr_array_index (sessions, i), options, authority);
  return TRUE;
}
