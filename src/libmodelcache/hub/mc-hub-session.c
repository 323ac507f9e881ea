/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-session.h"

#include "mc-error.h"
#include "mc-hub-client.h"
#include "mc-hub-proxy.h"
#include "mc-hub-url.h"
#include "mc-redact.h"

#include <string.h>

/* How libsoup is set up, and how its errors become ours. Main thread. */

#define CONNECTIONS 8
#define USER_AGENT "model-cache/" MC_VERSION

/* Before 3.4.4 libsoup takes quadratic time over HTTP/2 with asynchronous reads. It looks at the
 * variable at each connection. */
void
mc_hub_prepare_process (void)
{
  static gsize once = 0;

  if (!g_once_init_enter (&once))
    return;
  if (!soup_check_version (3, 4, 4))
    g_setenv ("SOUP_FORCE_HTTP1", "1", FALSE);
  g_once_init_leave (&once, 1);
}

static SoupSession *
new_session (gboolean is_direct)
{
  g_autoptr (GProxyResolver) proxies = NULL;
  SoupSession *session =
      soup_session_new_with_options ("user-agent", USER_AGENT, "max-conns", CONNECTIONS,
                                     "max-conns-per-host", CONNECTIONS, "timeout", 0, NULL);

  /* It would ask for gzip, and a compressed answer ignores ranges. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  /* Who gets which credentials is decided in mc-hub-request.c alone. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_COOKIE_JAR);
  /* What is for this computer, the token among it, is no business of a proxy. */
  if (is_direct)
    soup_session_set_proxy_resolver (session, NULL);
  else if ((proxies = mc_hub_proxy_from_environment ()) != NULL)
    soup_session_set_proxy_resolver (session, proxies);
  return session;
}

McHubSession *
mc_hub_session_new (GUri *endpoint, char *token)
{
  McHubSession *self = g_atomic_rc_box_new0 (McHubSession);
  gboolean is_direct = mc_hub_url_is_loopback (endpoint);

  mc_hub_prepare_process ();
  self->api = new_session (is_direct);
  self->bytes = new_session (is_direct);
  self->gate = mc_rate_gate_new ();
  self->endpoint = endpoint;
  self->endpoint_text = mc_hub_url_to_endpoint (endpoint);
  self->host = mc_hub_url_get_host (endpoint);
  self->token = token;
  return self;
}

McHubSession *
mc_hub_session_ref (McHubSession *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (McHubSession *self)
{
  g_assert (self->held == NULL || g_queue_is_empty (self->held));
  g_clear_pointer (&self->held, g_queue_free);
  g_clear_pointer (&self->gate, mc_rate_gate_free);
  g_clear_object (&self->api);
  g_clear_object (&self->bytes);
  g_clear_pointer (&self->endpoint, g_uri_unref);
  g_clear_pointer (&self->endpoint_text, g_free);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->token, g_free);
  g_clear_object (&self->authority);
  g_clear_pointer (&self->trouble, g_free);
}

void
mc_hub_session_unref (McHubSession *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

gboolean
mc_hub_session_trusts (McHubSession *self,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags errors)
{
  return self->authority != NULL && errors == G_TLS_CERTIFICATE_UNKNOWN_CA
         && g_tls_database_verify_chain (self->authority, certificate,
                                         G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, NULL, NULL,
                                         G_TLS_DATABASE_VERIFY_NONE, NULL, NULL)
                == 0;
}

GError *
mc_hub_error_take (GError *error, const char *host)
{
  g_autoptr (GError) foreign = error;
  g_autofree char *why = NULL;

  if (error->domain == MC_ERROR || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_steal_pointer (&foreign);
  /* The address of a proxy may hold its password. */
  why = mc_redact (error->message, NULL);
  if (error->domain == G_RESOLVER_ERROR
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND))
    return g_error_new (MC_ERROR, MC_ERROR_NETWORK, "%s cannot be found: %s", host, why);
  if (error->domain == G_TLS_ERROR)
    return g_error_new (MC_ERROR, MC_ERROR_NETWORK, "No secure connection to %s: %s", host, why);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    return g_error_new (MC_ERROR, MC_ERROR_NETWORK, "%s broke off the connection", host);
  if (error->domain == SOUP_SESSION_ERROR
      && (error->code == SOUP_SESSION_ERROR_PARSING || error->code == SOUP_SESSION_ERROR_ENCODING))
    return g_error_new (MC_ERROR, MC_ERROR_BAD_RESPONSE, "%s does not speak HTTP: %s", host, why);
  return g_error_new (MC_ERROR, MC_ERROR_NETWORK, "%s cannot be reached: %s", host, why);
}

GSource *
mc_hub_watch_cancellable (GCancellable *cancellable, GCancellableSourceFunc function, gpointer data)
{
  GSource *source;

  if (cancellable == NULL)
    return NULL;
  source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (source, "mc_hub_watch_cancellable");
  g_source_set_callback (source, G_SOURCE_FUNC (function), data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}
