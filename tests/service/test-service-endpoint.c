/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"
#include "mc-json.h"

#include <libsoup/soup.h>
#include <string.h>

/* What programs that speak to the Hub get on loopback, and what nobody gets. */

#define SIZE 32000000
#define CHUNK (5 * 1024 * 1024)
#define PATIENCE_MS "1500"

/* --- asking --- */

typedef struct
{
  guint status;
  GBytes *body;                /* as far as it came */
  SoupMessageHeaders *headers; /* (owned) */
  gboolean cut;                /* the connection ended before the body did */
} Answer;

static void
answer_free (Answer *self)
{
  g_bytes_unref (self->body);
  soup_message_headers_unref (self->headers);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)

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
static Answer *
ask (const char *method, const char *url, const char *const *fields, const char *body)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new (method, url);
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  Answer *answer = g_new0 (Answer, 1);

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

static Answer *
get (const char *base, const char *path, const char *const *fields)
{
  g_autofree char *url = g_strconcat (base, path, NULL);

  return ask ("GET", url, fields, NULL);
}

static const char *
get_field (Answer *answer, const char *name)
{
  return soup_message_headers_get_one (answer->headers, name);
}

static void
assert_generated (Answer *answer, guint64 offset, guint64 length)
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

static char *
get_property (ServiceFixture *fixture, const char *name)
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
static void
configure (ServiceFixture *fixture, const char *text, const char *expected)
{
  g_autoptr (GVariant) changes = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);
  g_autofree char *error = NULL;
  g_autoptr (GVariant) answer = NULL;

  g_assert_nonnull (changes);
  answer = service_fixture_call (fixture, "Configure", g_variant_new ("(@a{sv})", changes), &error);
  g_assert_cmpstr (error, ==, expected);
}

/* Its address. */
static char *
serve (ServiceFixture *fixture)
{
  char *address;

  configure (fixture, "{'serve': <true>, 'serve-port': <uint32 0>}", "");
  address = get_property (fixture, "ServingAddress");
  g_assert_true (g_str_has_prefix (address, "http://127.0.0.1:"));
  return address;
}

static ServiceFixture *
fixture_new (void)
{
  static const char *const environment[] = { "MC_SERVE_PATIENCE_MS=" PATIENCE_MS, NULL };
  ServiceFixture *fixture = service_fixture_new (environment);

  service_fixture_add_big (fixture, SIZE);
  return fixture;
}

static ServiceFixture *
fixture_with_file (void)
{
  ServiceFixture *fixture = fixture_new ();

  g_free (service_fixture_download (fixture, BIG_REPO, "", "done"));
  return fixture;
}

static const char FILE_PATH[] = "/" BIG_REPO "/resolve/main/" BIG_FILE;

static guint64
count_sent (ServiceFixture *fixture)
{
  return mc_test_hub_bytes_sent (fixture->hub, BIG_REPO, BIG_FILE);
}

/* A connection that is given up for a faster one may have brought something. */
static void
assert_fetched_once (ServiceFixture *fixture)
{
  g_assert_cmpuint (count_sent (fixture), >=, SIZE);
  g_assert_cmpuint (count_sent (fixture), <, SIZE / 2 * 3);
}

/* --- tests --- */

static void
test_switch (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *before = get_property (fixture, "ServingAddress");
  g_autofree char *first = serve (fixture);
  g_autofree char *during = NULL;
  g_autofree char *second = NULL;
  g_autoptr (Answer) answer = get (first, "/api/models/" BIG_REPO, NULL);

  g_assert_cmpstr (before, ==, "");
  g_assert_cmpuint (answer->status, ==, 200);
  configure (fixture, "{'serve': <false>}", "");
  during = get_property (fixture, "ServingAddress");
  g_assert_cmpstr (during, ==, "");
  second = serve (fixture);
  /* The port may be another, the key is not. */
  g_assert_cmpstr (strrchr (first, '/'), ==, strrchr (second, '/'));
  configure (fixture, "{'serve-key': <''>}", "");
  g_free (g_steal_pointer (&first));
  first = get_property (fixture, "ServingAddress");
  g_assert_cmpstr (strrchr (first, '/'), !=, strrchr (second, '/'));
  configure (fixture, "{'serve-key': <'short'>}", "InvalidName");
  configure (fixture, "{'serve-origins': <['*']>}", "InvalidName");
  configure (fixture, "{'serve-port': <uint32 70000>}", "InvalidName");
}

static void
test_port_taken (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autoptr (GSocketListener) other = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (other, NULL, NULL);
  g_autofree char *changes = g_strdup_printf ("{'serve': <true>, 'serve-port': <uint32 %u>}", port);
  g_autofree char *address = NULL;
  g_autofree char *problem = NULL;

  configure (fixture, changes, "");
  address = get_property (fixture, "ServingAddress");
  problem = get_property (fixture, "ServingProblem");
  g_assert_cmpstr (address, ==, "");
  g_assert_nonnull (strstr (problem, "Port"));
}

static void
test_file (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  g_autofree char *base = serve (fixture);
  g_autofree char *url = g_strconcat (base, FILE_PATH, "?download=true", NULL);
  g_autofree char *hash = mc_test_hub_dup_hash (fixture->hub, BIG_REPO, BIG_FILE);
  g_autofree char *etag = g_strdup_printf ("\"%s\"", hash);
  g_autofree char *commit = mc_test_hub_dup_commit (fixture->hub, BIG_REPO);
  const char *const range[] = { "Range", "bytes=5242000-5243999", NULL };
  const char *const behind[] = { "Range", "bytes=32000000-", NULL };
  const char *const match[] = { "If-None-Match", etag, NULL };
  g_autoptr (Answer) head = ask ("HEAD", url, NULL, NULL);
  g_autoptr (Answer) whole = ask ("GET", url, NULL, NULL);
  g_autoptr (Answer) part = ask ("GET", url, range, NULL);
  g_autoptr (Answer) past = ask ("GET", url, behind, NULL);
  g_autoptr (Answer) same = ask ("GET", url, match, NULL);

  g_assert_cmpuint (head->status, ==, 200);
  g_assert_cmpint (soup_message_headers_get_content_length (head->headers), ==, SIZE);
  g_assert_cmpuint (g_bytes_get_size (head->body), ==, 0);
  g_assert_cmpstr (get_field (head, "ETag"), ==, etag);
  g_assert_cmpstr (get_field (head, "X-Linked-ETag"), ==, etag);
  g_assert_cmpstr (get_field (head, "X-Repo-Commit"), ==, commit);
  g_assert_cmpstr (get_field (head, "Accept-Ranges"), ==, "bytes");
  g_assert_cmpuint (whole->status, ==, 200);
  assert_generated (whole, 0, SIZE);
  g_assert_cmpstr (get_field (whole, "ETag"), ==, etag);
  g_assert_cmpuint (part->status, ==, 206);
  assert_generated (part, 5242000, 2000);
  g_assert_cmpstr (get_field (part, "Content-Range"), ==, "bytes 5242000-5243999/32000000");
  g_assert_cmpuint (past->status, ==, 416);
  g_assert_cmpstr (get_field (past, "Content-Range"), ==, "bytes */32000000");
  g_assert_cmpuint (same->status, ==, 304);
  assert_fetched_once (fixture);
}

typedef struct
{
  const char *base;
  guint64 offset;
  guint64 length;
  Answer *answer;
} Reader;

static gpointer
read_range (gpointer data)
{
  Reader *reader = data;
  g_autofree char *range = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
                                            reader->offset, reader->offset + reader->length - 1);
  const char *const fields[] = { "Range", range, NULL };

  reader->answer = get (reader->base, FILE_PATH, fields);
  return NULL;
}

/* Eight at once, of a repo nobody scanned yet. */
static void
test_miss (void)
{
  enum
  {
    N = 8
  };
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *base = serve (fixture);
  Reader readers[N];
  GThread *threads[N];

  for (guint i = 0; i < N; i++)
    {
      readers[i] = (Reader){ base, i * (SIZE / N), SIZE / N, NULL };
      threads[i] = g_thread_new ("reader", read_range, &readers[i]);
    }
  for (guint i = 0; i < N; i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (readers[i].answer->status, ==, 206);
      assert_generated (readers[i].answer, readers[i].offset, readers[i].length);
      answer_free (readers[i].answer);
    }
  assert_fetched_once (fixture);
  g_assert_cmpuint (mc_test_hub_count (fixture->hub, "/api/models/" BIG_REPO "/revision/main"), ==,
                    1);
}

/* The first bytes are there long before the last. */
static void
test_as_it_comes (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *base = serve (fixture);
  Reader reader = { base, 0, 1000, NULL };

  mc_test_hub_set_rate (fixture->hub, 6000000);
  read_range (&reader);
  g_assert_cmpuint (reader.answer->status, ==, 206);
  assert_generated (reader.answer, 0, 1000);
  g_assert_cmpuint (count_sent (fixture), <, SIZE);
  answer_free (reader.answer);
  reader = (Reader){ base, 0, SIZE, NULL };
  read_range (&reader);
  assert_generated (reader.answer, 0, SIZE);
  answer_free (reader.answer);
  assert_fetched_once (fixture);
}

/* Asks for the whole file, and goes away. */
static void
abandon (const char *base)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autofree char *url = g_strconcat (base, FILE_PATH, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GInputStream) stream = soup_session_send (session, message, cancellable, NULL);
  guint8 some[1000];

  if (soup_message_get_status (message) != 200)
    g_test_message ("%s", soup_message_headers_get_one (soup_message_get_response_headers (message),
                                                        "X-Error-Message"));
  g_assert_cmpuint (soup_message_get_status (message), ==, 200);
  g_assert_cmpint (g_input_stream_read (stream, some, sizeof some, NULL, NULL), >, 0);
  g_cancellable_cancel (cancellable);
  soup_session_abort (session);
}

/* What somebody waits for comes before what lies in front of it. */
static void
test_forward (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *base = serve (fixture);
  Reader reader = { base, 11 * SIZE, 1000, NULL };

  service_fixture_add_big (fixture, 12 * SIZE);
  mc_test_hub_set_rate (fixture->hub, 12000000);
  abandon (base);
  read_range (&reader);
  g_assert_cmpuint (reader.answer->status, ==, 206);
  assert_generated (reader.answer, 11 * SIZE, 1000);
  answer_free (reader.answer);
  g_assert_cmpuint (count_sent (fixture), <, 6 * SIZE);
}

static void
test_abandoned (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *base = serve (fixture);
  Reader reader = { base, 0, SIZE, NULL };

  mc_test_hub_set_rate (fixture->hub, 6000000);
  abandon (base);
  read_range (&reader);
  assert_generated (reader.answer, 0, SIZE);
  answer_free (reader.answer);
  assert_fetched_once (fixture);
}

/* Whoever asks for the whole of what turns out wrong never gets its end. */
static void
test_wrong_bytes (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *base = serve (fixture);
  g_autoptr (Answer) answer = NULL;

  mc_test_hub_script (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_FLIP_BYTE, 100, 0);
  answer = get (base, FILE_PATH, NULL);
  if (answer->status == 200)
    g_assert_true (answer->cut);
  else
    g_assert_cmpuint (answer->status, ==, 504);
  g_assert_cmpuint (g_bytes_get_size (answer->body), <, SIZE);
}

static void
test_offline (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  g_autofree char *base = serve (fixture);
  g_autoptr (Answer) file = NULL;
  g_autoptr (Answer) info = NULL;
  g_autoptr (Answer) tree = NULL;
  g_autoptr (Answer) refs = NULL;
  g_autoptr (Answer) missing = NULL;
  g_autoptr (Answer) unknown = NULL;
  g_autoptr (Answer) absent = NULL;

  mc_test_hub_add_repo (fixture->hub, "test/other", NULL);
  configure (fixture, "{'offline': <true>}", "");
  file = get (base, FILE_PATH, NULL);
  assert_generated (file, 0, SIZE);
  info = get (base, "/api/models/" BIG_REPO "/revision/main?blobs=true", NULL);
  tree = get (base, "/api/models/" BIG_REPO "/tree/main?recursive=true", NULL);
  refs = get (base, "/api/models/" BIG_REPO "/refs", NULL);
  missing = get (base, "/" BIG_REPO "/resolve/main/none.txt", NULL);
  unknown = get (base, "/api/models/test/other", NULL);
  absent = get (base, "/" BIG_REPO "/resolve/v9/config.json", NULL);
  g_assert_cmpuint (info->status, ==, 200);
  g_assert_cmpuint (tree->status, ==, 200);
  g_assert_cmpuint (refs->status, ==, 200);
  g_assert_cmpuint (missing->status, ==, 404);
  g_assert_cmpstr (get_field (missing, "X-Error-Code"), ==, "EntryNotFound");
  /* Nobody said that these are not there. */
  g_assert_cmpuint (unknown->status, ==, 504);
  g_assert_cmpuint (absent->status, ==, 504);
}

static void
test_errors (void)
{
  static const McTestRepoFacts facts = { .gated = "manual" };
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *base = serve (fixture);
  g_autoptr (Answer) repo = get (base, "/nobody/nothing/resolve/main/f", NULL);
  g_autoptr (Answer) revision = get (base, "/" BIG_REPO "/resolve/v9/f", NULL);
  g_autoptr (Answer) listing = get (base, "/api/datasets/a/b", NULL);
  g_autoptr (Answer) put = NULL;
  g_autoptr (Answer) gated = NULL;
  g_autofree char *url = g_strconcat (base, FILE_PATH, NULL);

  g_assert_cmpuint (repo->status, ==, 404);
  g_assert_cmpstr (get_field (repo, "X-Error-Code"), ==, "RepoNotFound");
  g_assert_cmpuint (revision->status, ==, 404);
  g_assert_cmpstr (get_field (revision, "X-Error-Code"), ==, "RevisionNotFound");
  g_assert_cmpuint (listing->status, ==, 404);
  put = ask ("PUT", url, NULL, "x");
  g_assert_cmpuint (put->status, ==, 405);
  mc_test_hub_add_repo (fixture->hub, "test/gated", &facts);
  mc_test_hub_add_generated (fixture->hub, "test/gated", "g.gguf", 300000, 9);
  gated = get (base, "/test/gated/resolve/main/g.gguf", NULL);
  g_assert_cmpuint (gated->status, ==, 403);
  g_assert_cmpstr (get_field (gated, "X-Error-Code"), ==, "GatedRepo");
}

static guint
count_paths (Answer *answer)
{
  gsize size;
  const char *text = g_bytes_get_data (answer->body, &size);
  g_autoptr (JsonNode) node = mc_json_parse (text, (gssize) size, NULL);

  g_assert_cmpuint (answer->status, ==, 200);
  return json_array_get_length (mc_json_node_get_array (node));
}

static void
test_paths (void)
{
  static const char *const json[] = { "Content-Type", "application/json", NULL };
  static const char *const form[] = { "Content-Type", "application/x-www-form-urlencoded", NULL };
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *base = serve (fixture);
  g_autofree char *url = g_strconcat (base, "/api/models/" BIG_REPO "/paths-info/main", NULL);
  g_autofree char *long_text = g_strnfill (2 * 1024 * 1024, 'x');
  g_autoptr (Answer) one =
      ask ("POST", url, json, "{\"paths\": [\"config.json\", \"none\", 7], \"expand\": true}");
  g_autoptr (Answer) two = ask ("POST", url, form, "paths=config.json&expand=True&paths=" BIG_FILE);
  g_autoptr (Answer) broken = ask ("POST", url, json, "{\"paths\": [");
  g_autoptr (Answer) many = ask ("POST", url, json, long_text);

  g_assert_cmpuint (count_paths (one), ==, 1);
  g_assert_cmpuint (count_paths (two), ==, 2);
  g_assert_cmpuint (broken->status, ==, 400);
  g_assert_cmpuint (many->status, ==, 413);
}

static void
test_pages (void)
{
  static const char *const stranger[] = { "Origin", "https://evil.example", NULL };
  static const char *const friend[] = { "Origin", "https://example.org", NULL };
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *base = serve (fixture);
  g_autofree char *url = g_strconcat (base, "/" BIG_REPO "/resolve/main/config.json", NULL);
  g_autoptr (Answer) before = ask ("GET", url, friend, NULL);
  g_autofree char *again = NULL;
  g_autofree char *config = NULL;
  g_autoptr (Answer) no = NULL;
  g_autoptr (Answer) yes = NULL;
  g_autoptr (Answer) preflight = NULL;

  g_assert_cmpuint (before->status, ==, 403);
  configure (fixture, "{'serve-origins': <['https://example.org']>}", "");
  again = get_property (fixture, "ServingAddress");
  config = g_strconcat (again, "/" BIG_REPO "/resolve/main/config.json", NULL);
  no = ask ("GET", config, stranger, NULL);
  yes = ask ("GET", config, friend, NULL);
  preflight = ask ("OPTIONS", config, friend, NULL);
  g_assert_cmpuint (no->status, ==, 403);
  g_assert_null (get_field (no, "Access-Control-Allow-Origin"));
  g_assert_cmpuint (yes->status, ==, 200);
  g_assert_cmpstr (get_field (yes, "Access-Control-Allow-Origin"), ==, "https://example.org");
  g_assert_nonnull (strstr (get_field (yes, "Access-Control-Expose-Headers"), "Content-Range"));
  g_assert_cmpuint (preflight->status, ==, 204);
  g_assert_nonnull (
      strstr (get_field (preflight, "Access-Control-Allow-Headers"), "Authorization"));
}

/* A key for pages of one origin is of no use to others that may ask. */
static void
test_origin_key (void)
{
  static const char *const friend[] = { "Origin", "https://example.org", NULL };
  static const char *const other[] = { "Origin", "https://other.example", NULL };
  const char *path = "/" BIG_REPO "/resolve/main/config.json";
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *whole = serve (fixture);
  g_autofree char *bound = NULL;
  g_autofree char *none = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (Answer) yes = NULL, by_none = NULL, by_other = NULL, preflight = NULL;
  g_autofree char *url = NULL;

  configure (fixture, "{'serve-origins': <['https://other.example', 'https://example.org']>}", "");
  g_free (g_steal_pointer (&whole));
  whole = get_property (fixture, "ServingAddress");
  mc_dbus_manager_call_get_serving_address_sync (fixture->manager, "https://example.org", &bound,
                                                 NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bound, !=, whole);
  url = g_strconcat (bound, path, NULL);
  yes = get (bound, path, friend);
  by_none = get (bound, path, NULL);
  by_other = get (bound, path, other);
  preflight = ask ("OPTIONS", url, other, NULL);
  g_assert_cmpuint (yes->status, ==, 200);
  g_assert_cmpuint (by_none->status, ==, 200);
  g_assert_cmpuint (by_other->status, ==, 403);
  g_assert_cmpuint (preflight->status, ==, 403);
  g_assert_false (mc_dbus_manager_call_get_serving_address_sync (
      fixture->manager, "https://evil.example", &none, NULL, &error));
  g_assert_nonnull (strstr (error->message, "evil.example"));
}

static void
test_strangers (void)
{
  static const char *const host[] = { "Host", "evil.example", NULL };
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *base = serve (fixture);
  g_autofree char *root = g_strndup (base, (gsize) (strrchr (base, '/') - base));
  g_autofree char *wrong = g_strconcat (root, "/0123456789abcdef0123456789abcdef", NULL);
  g_autoptr (Answer) rebound = get (base, "/api/models/" BIG_REPO, host);
  g_autoptr (Answer) bare = get (root, "/api/models/" BIG_REPO, NULL);
  g_autoptr (Answer) right = NULL;
  guint last = 0;

  g_assert_cmpuint (rebound->status, ==, 403);
  g_assert_cmpuint (bare->status, ==, 404);
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (Answer) answer = get (wrong, "/api/models/" BIG_REPO, NULL);

      g_assert_cmpuint (g_bytes_get_size (answer->body), ==, 0);
      last = answer->status;
    }
  g_assert_cmpuint (last, ==, 429);
  right = get (base, "/api/models/" BIG_REPO, NULL);
  g_assert_cmpuint (right->status, ==, 200);
}

/* --- what is no HTTP, or too much of it --- */

static GSocketConnection *
connect_to (const char *base)
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
static char *
exchange (const char *base, const char *request)
{
  g_autoptr (GSocketConnection) connection = connect_to (base);
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

static void
test_hostile (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *base = serve (fixture);
  const char *key = strrchr (base, '/');
  g_autofree char *host = g_strndup (base + 7, (gsize) (key - base - 7));
  g_autofree char *filler = g_strnfill (300000, 'a');
  g_autofree char *requests[] = {
    g_strdup ("\r\n\r\n"),
    g_strdup ("NONSENSE\r\n\r\n"),
    g_strdup ("GET\r\n\r\n"),
    g_strdup ("GET / HTTP/9.9\r\n\r\n"),
    g_strdup_printf ("GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", filler, host),
    g_strdup_printf ("GET %s/api/models/a/b HTTP/1.1\r\nHost: %s\r\nX: %s\r\n"
                     "Connection: close\r\n\r\n",
                     key, host, filler),
    g_strdup_printf ("GET %s/a/b/resolve/main/../../../../etc/passwd HTTP/1.1\r\nHost: %s\r\n"
                     "Connection: close\r\n\r\n",
                     key, host),
    g_strdup_printf ("POST %s/api/models/a/b/paths-info/main HTTP/1.1\r\nHost: %s\r\n"
                     "Content-Length: 99999999999999999999\r\nConnection: close\r\n\r\n",
                     key, host),
    g_strdup_printf ("POST %s/api/models/a/b/paths-info/main HTTP/1.1\r\nHost: %s\r\n"
                     "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
                     key, host),
    g_strdup_printf ("GET %s/api/models/a/b HTTP/1.1\r\nHost: %s\r\nRange: bytes=%s\r\n"
                     "Connection: close\r\n\r\n",
                     key, host, "1-2,3-4,5-6"),
    NULL,
  };
  g_autoptr (Answer) answer = NULL;

  for (guint i = 0; requests[i] != NULL; i++)
    {
      g_autofree char *text = exchange (base, requests[i]);

      g_test_message ("%u: %.40s", i, text);
      g_assert_false (g_str_has_prefix (text, "HTTP/1.1 200"));
      g_assert_null (strstr (text, "root:"));
      g_free (g_steal_pointer (&requests[i]));
    }
  answer = get (base, "/api/models/" BIG_REPO, NULL);
  g_assert_cmpuint (answer->status, ==, 200);
}

/* Two in one go are answered one after the other. */
static void
test_pipelined (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_new ();
  g_autofree char *base = serve (fixture);
  const char *key = strrchr (base, '/');
  g_autofree char *host = g_strndup (base + 7, (gsize) (key - base - 7));
  g_autofree char *request =
      g_strdup_printf ("GET %s/" BIG_REPO "/resolve/main/config.json HTTP/1.1\r\nHost: %s\r\n\r\n"
                       "GET %s/" BIG_REPO "/resolve/main/none HTTP/1.1\r\nHost: %s\r\n"
                       "Connection: close\r\n\r\n",
                       key, host, key, host);
  g_autofree char *text = exchange (base, request);

  g_assert_true (g_str_has_prefix (text, "HTTP/1.1 200"));
  g_assert_nonnull (strstr (text, "HTTP/1.1 404"));
}

static gsize
read_to_the_end (GSocketConnection *connection)
{
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_autofree char *buffer = g_malloc (CHUNK);
  gsize total = 0;
  gssize n;

  while ((n = g_input_stream_read (in, buffer, CHUNK, NULL, NULL)) > 0)
    total += (gsize) n;
  return total;
}

/* One who asks for nothing, and one who reads nothing, are let go. When the former were, the latter
 * was, whose time began before. */
static void
test_slow (void)
{
  g_autoptr (ServiceFixture) fixture = fixture_with_file ();
  g_autofree char *base = serve (fixture);
  const char *key = strrchr (base, '/');
  g_autofree char *host = g_strndup (base + 7, (gsize) (key - base - 7));
  g_autofree char *request =
      g_strdup_printf ("GET %s%s HTTP/1.1\r\nHost: %s\r\n\r\n", key, FILE_PATH, host);
  g_autoptr (GSocketConnection) idle = connect_to (base);
  GSocket *socket = g_socket_connection_get_socket (idle);

  g_assert_cmpint (g_socket_send (socket, request, strlen (request), NULL, NULL), >, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *silent = exchange (base, "GET /");

      g_assert_cmpstr (silent, ==, "");
    }
  g_assert_cmpuint (read_to_the_end (idle), <, SIZE);
}

/* --- as the Hub answers --- */

static char *
describe_entry (JsonObject *entry)
{
  JsonObject *lfs = mc_json_get_object (entry, "lfs");
  guint64 size = 0;

  mc_json_get_size (entry, "size", &size);
  return g_strdup_printf ("%s %s %" G_GUINT64_FORMAT " %s", mc_json_get_string (entry, "path"),
                          mc_json_get_string (entry, "oid"), size,
                          lfs == NULL ? "-" : mc_json_get_string (lfs, "oid"));
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The files of a tree, in order; folders have names of git that nobody needs. */
static GPtrArray *
list_files (Answer *answer)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  gsize size;
  const char *text = g_bytes_get_data (answer->body, &size);
  g_autoptr (JsonNode) node = mc_json_parse (text, (gssize) size, NULL);
  JsonArray *array = mc_json_node_get_array (node);

  g_assert_cmpuint (answer->status, ==, 200);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *entry = json_array_get_object_element (array, i);

      if (strcmp (mc_json_get_string (entry, "type"), "file") == 0)
        g_ptr_array_add (files, describe_entry (entry));
    }
  g_ptr_array_sort (files, compare_texts);
  return files;
}

/* What was recorded of the Hub, and what is made of the listing that is kept. */
static void
test_recorded (void)
{
  static const char *const repos[] = { "google-bert/bert-base-uncased",
                                       "Systran/faster-whisper-base", "Qwen/Qwen3-0.6B-GGUF",
                                       "unsloth/Qwen3-0.6B-GGUF" };
  g_autofree char *samples = g_build_filename (g_getenv ("MC_SHARED_DIR"), "hub-samples", NULL);
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *base = NULL;

  if (mc_test_hub_add_hub_samples (fixture->hub, samples) == 0)
    {
      g_test_skip ("there are no recorded answers");
      return;
    }
  base = serve (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (repos); i++)
    {
      g_autofree char *path = g_strdup_printf ("/api/models/%s/tree/main?recursive=true", repos[i]);
      g_autoptr (Answer) hub = get (mc_test_hub_get_url (fixture->hub), path, NULL);
      g_autoptr (Answer) ours = get (base, path, NULL);
      g_autoptr (GPtrArray) expected = list_files (hub);
      g_autoptr (GPtrArray) found = list_files (ours);

      g_assert_cmpuint (expected->len, >=, 5);
      g_assert_cmpuint (found->len, ==, expected->len);
      for (guint j = 0; j < found->len; j++)
        g_assert_cmpstr (found->pdata[j], ==, expected->pdata[j]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/endpoint/switch", test_switch);
  g_test_add_func ("/service/endpoint/port-taken", test_port_taken);
  g_test_add_func ("/service/endpoint/file", test_file);
  g_test_add_func ("/service/endpoint/miss", test_miss);
  g_test_add_func ("/service/endpoint/as-it-comes", test_as_it_comes);
  g_test_add_func ("/service/endpoint/forward", test_forward);
  g_test_add_func ("/service/endpoint/abandoned", test_abandoned);
  g_test_add_func ("/service/endpoint/wrong-bytes", test_wrong_bytes);
  g_test_add_func ("/service/endpoint/offline", test_offline);
  g_test_add_func ("/service/endpoint/errors", test_errors);
  g_test_add_func ("/service/endpoint/paths", test_paths);
  g_test_add_func ("/service/endpoint/pages", test_pages);
  g_test_add_func ("/service/endpoint/origin-key", test_origin_key);
  g_test_add_func ("/service/endpoint/strangers", test_strangers);
  g_test_add_func ("/service/endpoint/hostile", test_hostile);
  g_test_add_func ("/service/endpoint/pipelined", test_pipelined);
  g_test_add_func ("/service/endpoint/slow", test_slow);
  g_test_add_func ("/service/endpoint/recorded", test_recorded);
  return g_test_run ();
}
