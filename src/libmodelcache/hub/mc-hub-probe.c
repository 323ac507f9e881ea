/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-client-private.h"
#include "mc-hub-probe.h"

#include "mc-error.h"
#include "mc-hub-url.h"
#include "mc-redact.h"
#include "mc-task.h"

/* Name resolution and connecting, as libsoup does them for a request. */

#define TIMEOUT 10 /* seconds */

static McHubSession *
get_session (GTask *task)
{
  return mc_hub_client_get_session (g_task_get_source_object (task));
}

static GTask *
begin (McHubClient *hub,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  GTask *task = mc_task_new (hub, cancellable, callback, user_data, begin);

  if (!get_session (task)->offline)
    return task;
  g_task_return_new_error (task, MC_ERROR, MC_ERROR_OFFLINE, "Offline mode is on");
  g_object_unref (task);
  return NULL;
}

/* Takes the error. */
static void
fail (GTask *task, GError *error)
{
  g_task_return_error (task, mc_hub_error_take (error, get_session (task)->host));
}

/* --- the name --- */

static void
on_addresses (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &error);
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  if (addresses == NULL)
    {
      fail (task, error);
      return;
    }
  for (GList *item = addresses; item != NULL; item = item->next)
    {
      g_autofree char *text = g_inet_address_to_string (item->data);

      g_strv_builder_add (texts, text);
    }
  g_resolver_free_addresses (addresses);
  list = g_strv_builder_end (texts);
  g_task_return_pointer (task, g_strjoinv (", ", list), g_free);
}

static void
look_up_name (GTask *task)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  const char *host = g_uri_get_host (get_session (task)->endpoint);

  g_resolver_lookup_by_name_async (resolver, host, g_task_get_cancellable (task), on_addresses,
                                   g_object_ref (task));
}

static void
on_proxies (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_auto (GStrv) proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, NULL);

  if (proxies == NULL || proxies[0] == NULL || g_str_has_prefix (proxies[0], "direct"))
    look_up_name (task);
  else
    {
      g_autofree char *proxy = mc_redact (proxies[0], NULL);

      g_task_return_pointer (task, g_strdup_printf ("left to the proxy %s", proxy), g_free);
    }
}

void
mc_hub_probe_name_async (McHubClient *hub,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = begin (hub, cancellable, callback, user_data);
  McHubSession *session = mc_hub_client_get_session (hub);
  GProxyResolver *proxies = soup_session_get_proxy_resolver (session->api);

  if (task == NULL)
    return;
  if (proxies == NULL)
    look_up_name (task);
  else
    g_proxy_resolver_lookup_async (proxies, session->endpoint_text, cancellable, on_proxies,
                                   g_object_ref (task));
}

/* --- the connection --- */

static gboolean
on_certificate (GTlsConnection *connection,
                GTlsCertificate *certificate,
                GTlsCertificateFlags errors,
                gpointer user_data)
{
  return mc_hub_session_trusts (user_data, certificate, errors);
}

static void
on_event (GSocketClient *client,
          GSocketClientEvent event,
          GSocketConnectable *connectable,
          GIOStream *connection,
          gpointer user_data)
{
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    g_signal_connect (connection, "accept-certificate", G_CALLBACK (on_certificate), user_data);
}

static const char *
name_protocol (GTlsProtocolVersion version)
{
  switch (version)
    {
    case G_TLS_PROTOCOL_VERSION_TLS_1_3:
      return "TLS 1.3";
    case G_TLS_PROTOCOL_VERSION_TLS_1_2:
      return "TLS 1.2";
    default:
      return "TLS";
    }
}

static char *
describe (GSocketConnection *connection)
{
  g_autoptr (GIOStream) base = NULL;
  g_autofree char *issuer = NULL;
  GTlsConnection *tls;
  GTlsCertificate *certificate;

  if (!G_IS_TCP_WRAPPER_CONNECTION (connection))
    return g_strdup ("connected, without encryption");
  g_object_get (connection, "base-io-stream", &base, NULL);
  if (!G_IS_TLS_CONNECTION (base))
    return g_strdup ("connected");
  tls = G_TLS_CONNECTION (base);
  certificate = g_tls_connection_get_peer_certificate (tls);
  if (certificate != NULL)
    issuer = g_tls_certificate_get_issuer_name (certificate);
  return g_strdup_printf ("%s, certificate by %s",
                          name_protocol (g_tls_connection_get_protocol_version (tls)),
                          issuer != NULL ? issuer : "an unnamed authority");
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  if (connection == NULL)
    {
      fail (task, error);
      return;
    }
  g_task_return_pointer (task, describe (connection), g_free);
}

void
mc_hub_probe_connection_async (McHubClient *hub,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = begin (hub, cancellable, callback, user_data);
  McHubSession *session = mc_hub_client_get_session (hub);
  gboolean secure = g_str_has_prefix (session->endpoint_text, "https:");
  GProxyResolver *proxies = soup_session_get_proxy_resolver (session->api);
  g_autoptr (GSocketClient) client = NULL;
  g_autoptr (GSocketConnectable) address = NULL;
  GError *error = NULL;

  if (task == NULL)
    return;
  address = g_network_address_parse_uri (session->endpoint_text, secure ? 443 : 80, &error);
  if (address == NULL)
    {
      fail (task, error);
      return;
    }
  client = g_socket_client_new ();
  g_socket_client_set_timeout (client, TIMEOUT);
  g_socket_client_set_tls (client, secure);
  g_socket_client_set_enable_proxy (client, proxies != NULL);
  if (proxies != NULL)
    g_socket_client_set_proxy_resolver (client, proxies);
  g_signal_connect_data (client, "event", G_CALLBACK (on_event), mc_hub_session_ref (session),
                         (GClosureNotify) (void (*) (void)) mc_hub_session_unref, 0);
  g_socket_client_connect_async (client, address, cancellable, on_connected, g_object_ref (task));
}

char *
mc_hub_probe_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
