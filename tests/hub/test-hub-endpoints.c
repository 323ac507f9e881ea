/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "hub-calls.h"
#include "mc-error.h"
#include "mc-hub-proxy.h"
#include "mc-test-hub.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

/* Where the Hub is asked: mirrors and their order, proxies, whom to trust, and not at all. Two Hubs
 * stand for the Hub and a mirror of it. */

#define SIZE 300000
#define INFO "/api/models/org/model"
#define FILE_PATH "/org/model/resolve/main/big.gguf"

typedef struct
{
  McTestHub *hub;
  McTestHub *mirror;
  McHubClient *client; /* of the Hub, with a token */
} Fixture;

static void
fill (McTestHub *hub)
{
  mc_test_hub_add_generated (hub, "org/model", "big.gguf", SIZE, 1);
}

static void
configure (Fixture *f, const char *first, const char *second, gboolean match)
{
  const char *endpoints[] = { first, second, NULL };
  McHubOptions options = { .endpoints = endpoints, .all_hosts_match = match };
  g_autoptr (GError) error = NULL;

  g_assert_true (mc_hub_client_configure (f->client, &options, &error));
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->hub = mc_test_hub_new ();
  f->mirror = mc_test_hub_new ();
  fill (f->hub);
  fill (f->mirror);
  mc_test_hub_add_generated (f->hub, "org/private", "x.gguf", 1000, 2);
  mc_test_hub_set_token (f->hub, "hf_good");
  f->client = make_client (mc_test_hub_get_url (f->hub), "hf_good");
  configure (f, mc_test_hub_get_url (f->mirror), mc_test_hub_get_url (f->hub), FALSE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  finalize_client (&f->client);
  mc_test_hub_assert_token_kept (f->hub);
  mc_test_hub_assert_token_kept (f->mirror);
  g_clear_pointer (&f->hub, mc_test_hub_free);
  g_clear_pointer (&f->mirror, mc_test_hub_free);
}

static void
ask (Fixture *f, const char *repo)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = call_info (f->client, repo, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (info->id, ==, repo);
}

/* The first one is asked, and is not sent the token of the Hub. */
static void
test_order (Fixture *f, gconstpointer data)
{
  g_autofree char *token = NULL;

  ask (f, "org/model");
  g_assert_cmpuint (mc_test_hub_count (f->mirror, INFO), ==, 1);
  g_assert_cmpuint (mc_test_hub_count (f->hub, ""), ==, 0);
  token = mc_test_hub_seen (f->mirror, INFO, 0, "Authorization");
  g_assert_null (token);
}

/* One that fails is passed over, and left alone for a while. */
static void
test_failing (Fixture *f, gconstpointer data)
{
  static const struct
  {
    McTestFault fault;
    guint64 argument;
  } rows[] = {
    { MC_TEST_STATUS, 500 },
    { MC_TEST_HTML, 0 },
    { MC_TEST_NOT_JSON, 0 },
    { MC_TEST_RATE_LIMITED, 60 },
  };
  guint i = GPOINTER_TO_UINT (data);
  guint before;

  mc_test_hub_script (f->mirror, INFO, rows[i].fault, rows[i].argument, 1);
  ask (f, "org/model");
  g_assert_cmpuint (mc_test_hub_count (f->hub, INFO), ==, 1);
  before = mc_test_hub_count (f->mirror, "");
  ask (f, "org/model");
  g_assert_cmpuint (mc_test_hub_count (f->hub, INFO), ==, 2);
  g_assert_cmpuint (mc_test_hub_count (f->mirror, ""), ==, before);
}

/* Where all fail, the last one's error is told, and a success makes one well again. */
static void
test_all_failing (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  mc_test_hub_script (f->mirror, INFO, MC_TEST_STATUS, 502, 1);
  mc_test_hub_script (f->hub, INFO, MC_TEST_STATUS, 503, 1);
  g_assert_null (call_info (f->client, "org/model", NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "503"));
  ask (f, "org/model");
  ask (f, "org/model");
  g_assert_cmpuint (mc_test_hub_count (f->mirror, INFO), ==, 3);
}

/* What a mirror does not have, the Hub may; what the Hub refuses, a mirror is not asked for. */
static void
test_refusals (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  ask (f, "org/private");
  g_assert_cmpuint (mc_test_hub_count (f->mirror, "/api/models/org/private"), ==, 1);
  configure (f, mc_test_hub_get_url (f->hub), mc_test_hub_get_url (f->mirror), FALSE);
  g_assert_null (call_info (f->client, "org/none", NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NOT_FOUND);
  g_assert_cmpuint (mc_test_hub_count (f->mirror, "/api/models/org/none"), ==, 0);
}

static void
fetch (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = NULL;
  g_autoptr (GInputStream) stream = NULL;

  resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  g_assert_no_error (error);
  stream = call_open (f->client, resolved, 0, SIZE, SIZE, &error);
  if (g_error_matches (error, MC_HUB_ERROR, MC_HUB_ERROR_RESOLVE_AGAIN))
    {
      g_clear_error (&error);
      mc_resolved_free (g_steal_pointer (&resolved));
      resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
      g_assert_no_error (error);
      stream = call_open (f->client, resolved, 0, SIZE, SIZE, &error);
    }
  g_assert_no_error (error);
  {
    gsize got;
    g_autoptr (GBytes) bytes = read_all (stream, 65536, &got, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (g_bytes_get_size (bytes), ==, SIZE);
  }
}

/* The bytes come by way of the mirror, and by way of the Hub where the mirror's do not come. */
static void
test_bytes (Fixture *f, gconstpointer data)
{
  fetch (f);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->mirror, "org/model", "big.gguf"), ==, SIZE);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, "org/model", "big.gguf"), ==, 0);
  mc_test_hub_script (f->mirror, "storage:org/model/big.gguf", MC_TEST_STATUS, 500, 0);
  fetch (f);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, "org/model", "big.gguf"), ==, SIZE);
}

/* "localhost" and "127.0.0.1" are two hosts, and the storage of the Hub is on the latter. */
static void
test_hosts (Fixture *f, gconstpointer data)
{
  const char *port = strrchr (mc_test_hub_get_url (f->mirror), ':');
  g_autofree char *elsewhere = g_strconcat ("http://localhost", port, NULL);
  g_autoptr (GError) error = NULL;

  configure (f, elsewhere, NULL, TRUE);
  g_assert_null (call_resolve (f->client, "org/model", "big.gguf", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  g_assert_nonnull (strstr (error->message, "all hosts must match"));
  /* The next one does as it is told. */
  configure (f, elsewhere, mc_test_hub_get_url (f->hub), TRUE);
  fetch (f);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, "org/model", "big.gguf"), ==, SIZE);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->mirror, "org/model", "big.gguf"), ==, 0);
}

static void
test_bad_options (Fixture *f, gconstpointer data)
{
  static const char *const bad[] = { "ftp://x", "http://user:pass@x", "x", "https://x?token=1" };
  const char *many[] = { "http://a", "http://b", "http://c", "http://d", "http://e",
                         "http://f", "http://g", "http://h", "http://i", NULL };
  McHubOptions options = { .endpoints = many };
  g_autoptr (GError) error = NULL;

  g_assert_false (mc_hub_client_configure (f->client, &options, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *one[] = { bad[i], NULL };

      g_clear_error (&error);
      options.endpoints = one;
      g_assert_false (mc_hub_client_configure (f->client, &options, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
      g_assert_null (strstr (error->message, "pass"));
    }
  g_clear_error (&error);
  options.endpoints = NULL;
  options.ca_file = "/dev/null";
  g_assert_false (mc_hub_client_configure (f->client, &options, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
  /* What was chosen before still holds. */
  ask (f, "org/model");
  g_assert_cmpuint (mc_test_hub_count (f->mirror, INFO), ==, 1);
}

static void
test_offline (Fixture *f, gconstpointer data)
{
  McHubOptions options = { .offline = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  guint before = mc_test_hub_count (f->mirror, "") + mc_test_hub_count (f->hub, "");

  g_assert_no_error (error);
  g_assert_true (mc_hub_client_configure (f->client, &options, &error));
  g_assert_true (mc_hub_client_is_offline (f->client));
  g_assert_null (call_info (f->client, "org/model", NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_OFFLINE);
  g_clear_error (&error);
  g_assert_null (call_resolve (f->client, "org/model", "big.gguf", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_OFFLINE);
  g_clear_error (&error);
  g_assert_null (call_open (f->client, resolved, 0, SIZE, SIZE, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_OFFLINE);
  g_clear_error (&error);
  g_assert_null (call_whoami (f->client, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_OFFLINE);
  g_assert_cmpuint (mc_test_hub_count (f->mirror, "") + mc_test_hub_count (f->hub, ""), ==, before);
}

/* --- proxies --- */

static char *
look_up (const char *uri)
{
  g_autoptr (GProxyResolver) resolver = mc_hub_proxy_from_environment ();
  g_auto (GStrv) proxies = NULL;

  if (resolver == NULL)
    return g_strdup ("none");
  proxies = g_proxy_resolver_lookup (resolver, uri, NULL, NULL);
  return g_strjoinv (",", proxies);
}

static void
test_proxies (void)
{
  static const char *const variables[] = {
    "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
    "ALL_PROXY",  "no_proxy",    "NO_PROXY",    "HTTP_PROXY"
  };
  static const struct
  {
    const char *name;
    const char *value;
    const char *name2;
    const char *value2;
    const char *uri;
    const char *proxy;
  } rows[] = {
    { "https_proxy", "http://p:3128", NULL, NULL, "https://huggingface.co/x", "http://p:3128" },
    { "HTTPS_PROXY", "p:3128", NULL, NULL, "https://huggingface.co/x", "http://p:3128" },
    { "https_proxy", "http://p:3128", NULL, NULL, "http://huggingface.co/x", "direct://" },
    { "all_proxy", "socks5://p:1", NULL, NULL, "https://huggingface.co/x", "socks5://p:1" },
    { "http_proxy", "http://p:1", NULL, NULL, "http://mirror/x", "http://p:1" },
    { "HTTP_PROXY", "http://p:1", NULL, NULL, "http://mirror/x", "none" },
    { "https_proxy", "http://p:1", "no_proxy", "a.example, .hf.co", "https://cdn.hf.co/x",
      "direct://" },
    { "https_proxy", "http://p:1", "NO_PROXY", "*", "https://cdn.hf.co/x", "direct://" },
    { "https_proxy", "", NULL, NULL, "https://cdn.hf.co/x", "none" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *proxy = NULL;

      for (guint j = 0; j < G_N_ELEMENTS (variables); j++)
        g_unsetenv (variables[j]);
      g_setenv (rows[i].name, rows[i].value, TRUE);
      if (rows[i].name2 != NULL)
        g_setenv (rows[i].name2, rows[i].value2, TRUE);
      proxy = look_up (rows[i].uri);
      g_test_message ("%s=%s: %s", rows[i].name, rows[i].value, proxy);
      g_assert_cmpstr (proxy, ==, rows[i].proxy);
    }
  for (guint j = 0; j < G_N_ELEMENTS (variables); j++)
    g_unsetenv (variables[j]);
}

/* A proxy is asked for a host that only it can reach. */
static void
on_proxied (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  char **seen = user_data;
  g_autofree char *uri = g_uri_to_string (soup_server_message_get_uri (message));

  g_free (*seen);
  *seen = g_strdup (uri);
  g_assert_null (soup_message_headers_get_one (soup_server_message_get_request_headers (message),
                                               "Authorization"));
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, "[]", 2);
}

static SoupServer *
start_server (const char *property,
              GTlsCertificate *certificate,
              SoupServerCallback callback,
              gpointer data)
{
  SoupServer *server = certificate == NULL ? soup_server_new (NULL, NULL)
                                           : soup_server_new (property, certificate, NULL);
  g_autoptr (GError) error = NULL;

  soup_server_listen_local (
      server, 0,
      SOUP_SERVER_LISTEN_IPV4_ONLY | (certificate == NULL ? 0 : SOUP_SERVER_LISTEN_HTTPS), &error);
  g_assert_no_error (error);
  soup_server_add_handler (server, NULL, callback, data, NULL);
  return server;
}

/* A server of libsoup 3.6 may not go before the handshakes that failed have ended, and says nothing
 * of these: it stays until the program ends. */
static void
keep (SoupServer *server)
{
  static GPtrArray *kept = NULL;

  if (kept == NULL)
    kept = g_ptr_array_new ();
  g_ptr_array_add (kept, g_object_ref (server));
}

static int
get_port (SoupServer *server)
{
  GSList *uris = soup_server_get_uris (server);
  int port = g_uri_get_port (uris->data);

  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return port;
}

/* The name is never looked up here, and the token stays behind: the way is not encrypted. */
static void
test_through_proxy (void)
{
  g_autofree char *seen = NULL;
  g_autoptr (SoupServer) server = start_server (NULL, NULL, on_proxied, &seen);
  g_autofree char *proxy = g_strdup_printf ("http://127.0.0.1:%d", get_port (server));
  McHubClient *client;
  g_autoptr (GPtrArray) hits = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("http_proxy", proxy, TRUE);
  client = make_client ("http://hub.invalid", "hf_good");
  g_unsetenv ("http_proxy");
  hits = call_search (client, "x", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (seen, "/api/models?search=x"));
  finalize_client (&client);
}

/* --- whom to trust --- */

static const char authority[] = "-----BEGIN CERTIFICATE-----\n"
                                "MIIBijCCAS+gAwIBAgIUO70qrxYjfDYOXuYwimQUdllz48YwCgYIKoZIzj0EAwIw\n"
                                "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTIzMTMwMzI1WhgPMjEy\n"
                                "NjEwMzAxMzAzMjVaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI\n"
                                "zj0CAQYIKoZIzj0DAQcDQgAEX9mucczjlgwjrG5AMgD4N91Bu6xtXIuPV60rX3IJ\n"
                                "vv1hR3e1rpxzik+c5b+jUIrZnwDP3V32xqAy7ZiN5G666KNTMFEwHQYDVR0OBBYE\n"
                                "FCt4s8Ck0KPMLnozVIWcd67kQ2BmMB8GA1UdIwQYMBaAFCt4s8Ck0KPMLnozVIWc\n"
                                "d67kQ2BmMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAIrADV0s\n"
                                "yK8B8hvAglgpm6vFIn4cw6OYqWnzfrZtyjWXAiEAvy0IELThoM7EdVRtQ/ShzfVY\n"
                                "S7wxTKpWdwxEBFGyGMg=\n"
                                "-----END CERTIFICATE-----\n";

static const char identity[] = "-----BEGIN CERTIFICATE-----\n"
                               "MIIBpDCCAUqgAwIBAgIUXD3mLP0T5bBcAducWgpdL/TgHt0wCgYIKoZIzj0EAwIw\n"
                               "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTIzMTMwMzI1WhgPMjEy\n"
                               "NjEwMzAxMzAzMjVaMBQxEjAQBgNVBAMMCTEyNy4wLjAuMTBZMBMGByqGSM49AgEG\n"
                               "CCqGSM49AwEHA0IABDLijdt6DoFBsPiNKT61unDwba0xUk9j1jAnMsXgilscOukm\n"
                               "3DzHPcLVmDKbJ8rx9vBKkJjP2kzwyDH3tGei5rCjczBxMBoGA1UdEQQTMBGHBH8A\n"
                               "AAGCCWxvY2FsaG9zdDATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQU2R7+\n"
                               "mdgpGZsnTbmWLgw8R2+JX1EwHwYDVR0jBBgwFoAUK3izwKTQo8wuejNUhZx3ruRD\n"
                               "YGYwCgYIKoZIzj0EAwIDSAAwRQIhALlgyiW0O5c4/BHsBVHlvkvqSs6ufbBf3BsT\n"
                               "xTqreBLOAiBarGl/CmhtWdSQXUVC0Zycbvl6JcXDeYdDXDFRkRNQ8g==\n"
                               "-----END CERTIFICATE-----\n"
                               "-----BEGIN PRIVATE KEY-----\n"
                               "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0f2/rzfVHxjqih9y\n"
                               "sG1Jmn/qVdWv2Shj5uSKb96tFAehRANCAAQy4o3beg6BQbD4jSk+tbpw8G2tMVJP\n"
                               "Y9YwJzLF4IpbHDrpJtw8xz3C1ZgymyfK8fbwSpCYz9pM8Mgx97Rnouaw\n"
                               "-----END PRIVATE KEY-----\n";

static void
on_secured (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, "[]", 2);
}

/* A server that only the person's own authority stands for, by its name and under another one. */
static void
test_authority (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_pem (identity, -1, &error);
  g_autoptr (SoupServer) server = start_server ("tls-certificate", certificate, on_secured, NULL);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%d", get_port (server));
  g_autofree char *folder = g_dir_make_tmp ("mc-ca-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "own ca.pem", NULL);
  McHubOptions options = { .ca_file = file };
  McHubClient *client = make_client (url, "hf_good");
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GPtrArray) hits = NULL;

  keep (server);
  g_assert_true (g_file_set_contents (file, authority, -1, NULL));
  none = call_search (client, "x", NULL, NULL, &error);
  g_assert_error (error, MC_ERROR, MC_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "No secure connection"));
  g_clear_error (&error);
  g_assert_true (mc_hub_client_configure (client, &options, &error));
  hits = call_search (client, "x", NULL, NULL, &error);
  g_assert_no_error (error);
  finalize_client (&client);
  g_remove (file);
  g_rmdir (folder);
}

/* An authority is trusted for the name in the certificate, and for no other. */
static void
test_other_name (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_pem (identity, -1, &error);
  g_autoptr (SoupServer) server = start_server ("tls-certificate", certificate, on_secured, NULL);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.2:%d", get_port (server));
  g_autofree char *folder = g_dir_make_tmp ("mc-ca-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "ca.pem", NULL);
  McHubOptions options = { .ca_file = file };
  McHubClient *client;
  g_autoptr (GPtrArray) hits = NULL;

  keep (server);
  soup_server_disconnect (server);
  {
    g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.2", 0);

    soup_server_listen (server, address, SOUP_SERVER_LISTEN_HTTPS, &error);
    g_assert_no_error (error);
  }
  g_free (url);
  url = g_strdup_printf ("https://127.0.0.2:%d", get_port (server));
  client = make_client (url, "hf_good");
  g_assert_true (g_file_set_contents (file, authority, -1, NULL));
  g_assert_true (mc_hub_client_configure (client, &options, &error));
  hits = call_search (client, "x", NULL, NULL, &error);
  g_assert_error (error, MC_ERROR, MC_ERROR_NETWORK);
  finalize_client (&client);
  g_remove (file);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, function)                                                                  \
  g_test_add ("/hub-endpoints/" name, Fixture, data, set_up, function, tear_down)
  ADD ("order", NULL, test_order);
  ADD ("failing/status", GUINT_TO_POINTER (0), test_failing);
  ADD ("failing/html", GUINT_TO_POINTER (1), test_failing);
  ADD ("failing/not-json", GUINT_TO_POINTER (2), test_failing);
  ADD ("failing/rate-limited", GUINT_TO_POINTER (3), test_failing);
  ADD ("all-failing", NULL, test_all_failing);
  ADD ("refusals", NULL, test_refusals);
  ADD ("bytes", NULL, test_bytes);
  ADD ("hosts", NULL, test_hosts);
  ADD ("bad-options", NULL, test_bad_options);
  ADD ("offline", NULL, test_offline);
#undef ADD
  g_test_add_func ("/hub-endpoints/proxies", test_proxies);
  g_test_add_func ("/hub-endpoints/through-proxy", test_through_proxy);
  g_test_add_func ("/hub-endpoints/authority", test_authority);
  g_test_add_func ("/hub-endpoints/other-name", test_other_name);
  return g_test_run ();
}
