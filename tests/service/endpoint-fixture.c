/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "endpoint-fixture.h"

#include "mc-dbus-names.h"

#include <string.h>

#define CHUNK (5 * 1024 * 1024)

void
endpoint_answer_free (EndpointAnswer *self)
{
  g_bytes_unref (self->body);
  soup_message_headers_unref (self->headers);
  g_free (self);
}

static GBytes *
read_body (GInputStream *stream, gboolean *cut)
{
  g_autofree guint8 *buffer = g_malloc (CHUNK);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gssize n = 0;

  while (stream != NULL && (n = g_input_stream_read (stream, buffer, CHUNK, NULL, NULL)) > 0)
    g_byte_array_append (bytes, buffer, (guint) n);
  *cut = n < 0;
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

/* fields: (nullable): name, value, name, value ... NULL. */
EndpointAnswer *
endpoint_ask (const char *method, const char *url, const char *const *fields, const char *body)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new (method, url);
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  EndpointAnswer *answer = g_new0 (EndpointAnswer, 1);

  g_assert_nonnull (message);
  for (guint i = 0; fields != NULL && fields[i] != NULL; i += 2)
    soup_message_headers_replace (soup_message_get_request_headers (message), fields[i],
                                  fields[i + 1]);
  if (body != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

      soup_message_set_request_body_from_bytes (message, NULL, bytes);
    }
  stream = soup_session_send (session, message, NULL, &error);
  g_assert_no_error (error);
  answer->status = soup_message_get_status (message);
  answer->headers = soup_message_headers_ref (soup_message_get_response_headers (message));
  answer->body = read_body (stream, &answer->cut);
  if (soup_message_headers_get_encoding (answer->headers) == SOUP_ENCODING_CONTENT_LENGTH
      && strcmp (method, "HEAD") != 0
      && soup_message_headers_get_content_length (answer->headers)
             != (goffset) g_bytes_get_size (answer->body))
    answer->cut = TRUE;
  return answer;
}

EndpointAnswer *
endpoint_get (const char *base, const char *path, const char *const *fields)
{
  g_autofree char *url = g_strconcat (base, path, NULL);

  return endpoint_ask ("GET", url, fields, NULL);
}

const char *
endpoint_get_field (EndpointAnswer *answer, const char *name)
{
  return soup_message_headers_get_one (answer->headers, name);
}

void
endpoint_assert_generated (EndpointAnswer *answer, guint64 offset, guint64 length)
{
  g_autofree guint8 *expected = g_malloc (length);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (answer->body, &size);

  g_assert_false (answer->cut);
  g_assert_cmpuint (size, ==, length);
  mc_test_hub_generate (BIG_SEED, offset, expected, length);
  g_assert_cmpint (memcmp (bytes, expected, length), ==, 0);
}

/* --- serving --- */

char *
endpoint_get_property (ServiceFixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (
      fixture->connection, MC_DBUS_NAME, MC_DBUS_PATH, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", mc_dbus_manager_interface_info ()->name, name), NULL,
      G_DBUS_CALL_FLAGS_NONE, 60000, NULL, &error);
  g_autoptr (GVariant) value = NULL;

  g_assert_no_error (error);
  g_variant_get (answer, "(v)", &value);
  return g_variant_dup_string (value, NULL);
}

/* text: changes as GVariant text; the error's name, "" for none. */
void
endpoint_configure (ServiceFixture *fixture, const char *text, const char *expected)
{
  g_autoptr (GVariant) changes = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);
  g_autofree char *error = NULL;
  g_autoptr (GVariant) answer = NULL;

  g_assert_nonnull (changes);
  answer = service_fixture_call (fixture, "Configure", g_variant_new ("(@a{sv})", changes), &error);
  g_assert_cmpstr (error, ==, expected);
}

/* Its address. */
char *
endpoint_serve (ServiceFixture *fixture)
{
  char *address;

  endpoint_configure (fixture, "{'serve': <true>, 'serve-port': <uint32 0>}", "");
  address = endpoint_get_property (fixture, "ServingAddress");
  g_assert_true (g_str_has_prefix (address, "http://127.0.0.1:"));
  return address;
}

ServiceFixture *
endpoint_fixture_new (void)
{
  static const char *const environment[] = {
    "MC_SERVE_PATIENCE_MS=" G_STRINGIFY (ENDPOINT_PATIENCE_MS), NULL
  };
  ServiceFixture *fixture = service_fixture_new (environment);

  service_fixture_add_big (fixture, ENDPOINT_SIZE);
  return fixture;
}

ServiceFixture *
endpoint_fixture_with_file (void)
{
  ServiceFixture *fixture = endpoint_fixture_new ();

  g_free (service_fixture_download (fixture, BIG_REPO, "", "done"));
  return fixture;
}

guint64
endpoint_count_sent (ServiceFixture *fixture)
{
  return mc_test_hub_bytes_sent (fixture->hub, BIG_REPO, BIG_FILE);
}

/* A connection that is given up for a faster one may have brought something. */
void
endpoint_assert_fetched_once (ServiceFixture *fixture)
{
  g_assert_cmpuint (endpoint_count_sent (fixture), >=, ENDPOINT_SIZE);
  g_assert_cmpuint (endpoint_count_sent (fixture), <, ENDPOINT_SIZE / 2 * 3);
}

GSocketConnection *
endpoint_connect (const char *base)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GUri) uri = g_uri_parse (base, G_URI_FLAGS_NONE, NULL);
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection = g_socket_client_connect_to_host (
      client, "127.0.0.1", (guint16) g_uri_get_port (uri), NULL, &error);

  g_assert_no_error (error);
  g_socket_set_timeout (g_socket_connection_get_socket (connection), 60);
  return connection;
}

/* All that comes until the service closes. */
char *
endpoint_exchange (const char *base, const char *request)
{
  g_autoptr (GSocketConnection) connection = endpoint_connect (base);
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GString *text = g_string_new (NULL);
  char buffer[4096];
  gssize n;

  g_output_stream_write_all (out, request, strlen (request), NULL, NULL, NULL);
  while ((n = g_input_stream_read (in, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (text, buffer, n);
  return g_string_free (text, FALSE);
}

/* Of a line of /proc/net/tcp. */
static gboolean
is_held (const char *line, guint port)
{
  g_auto (GStrv) words = g_strsplit_set (line, " ", -1);
  const char *fields[10] = { NULL };
  const char *colon;
  guint n = 0;

  for (guint i = 0; words[i] != NULL && n < G_N_ELEMENTS (fields); i++)
    if (words[i][0] != '\0')
      fields[n++] = words[i];
  colon = n == G_N_ELEMENTS (fields) ? strchr (fields[1], ':') : NULL;
  return colon != NULL && g_ascii_strtoull (colon + 1, NULL, 16) == port
         && strcmp (fields[3], "0A") != 0 && strcmp (fields[9], "0") != 0;
}

guint
endpoint_count_connections (const char *base)
{
  g_autoptr (GUri) uri = g_uri_parse (base, G_URI_FLAGS_NONE, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents ("/proc/net/tcp", &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    n += is_held (lines[i], (guint) g_uri_get_port (uri));
  return n;
}

static gboolean
is_free (gpointer base)
{
  return endpoint_count_connections (base) == 0;
}

void
endpoint_assert_all_closed (const char *base)
{
  g_assert_true (mc_test_wait_until (is_free, (gpointer) base, 60000));
}
