/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "endpoint-fixture.h"

#include <string.h>

/* Requests that are made up, and broken, over real connections: always the same some hundred of
 * them, or as many as fit into MC_FUZZ_SECONDS. Whatever was asked, the service lives on, serves,
 * tells no secret, and has no more open than before. */

#define REQUESTS 3000
#define FILE_SIZE 6000000
#define MOST_READ (64 * 1024) /* bytes of an answer that are looked at */
#define HELD 16               /* connections that are left alone */

typedef struct
{
  GRand *random;
  const char *key;     /* with its slash */
  const char *host;    /* with the port */
  GHashTable *answers; /* status (owned) => how many */
  guint requests;
  GQueue held; /* GSocketConnection (owned) */
} Fuzz;

static guint
dice (Fuzz *self, guint n)
{
  return (guint) g_rand_int_range (self->random, 0, (gint32) n);
}

#define PICK(self, list) (list[dice (self, G_N_ELEMENTS (list))])

/* --- what is asked --- */

static const char *
pick_method (Fuzz *self)
{
  static const char *const others[] = { "HEAD",   "POST",    "OPTIONS", "PUT",
                                        "DELETE", "TRACE",   "CONNECT", "PATCH",
                                        "get",    "GE\001T", "",        "PROPFIND" };

  return dice (self, 2) == 0 ? "GET" : PICK (self, others);
}

static void
add_key (Fuzz *self, GString *text)
{
  static const char *const others[] = { "",        "/",  "/0123456789abcdef0123456789abcdef",
                                        "/%2e%2e", "//", "/..",
                                        "/*" };
  guint choice = dice (self, 12);

  if (choice == 0)
    g_string_append (text, PICK (self, others));
  else if (choice == 1)
    g_string_append_len (text, self->key, dice (self, (guint) strlen (self->key)));
  else
    g_string_append (text, self->key);
}

static void
add_target (Fuzz *self, GString *text)
{
  static const char *const forms[] = { "http://", "https://", "HTTP://u:p@",
                                       "ftp://",  "//",       "http://[::1" };
  static const char *const paths[] = {
    ENDPOINT_FILE,
    "/" BIG_REPO "/resolve/main/config.json",
    "/" BIG_REPO "/resolve/main/missing",
    "/" BIG_REPO "/raw/main/" BIG_FILE,
    "/" BIG_REPO "/resolve/main/../../../../../etc/passwd",
    "/" BIG_REPO "/resolve/main/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/" BIG_REPO "/resolve/main/..%2f..%2f..%2fetc%2fpasswd",
    "/" BIG_REPO "/resolve/main/%00",
    "/" BIG_REPO "/resolve/main/config.json%00.txt",
    "/" BIG_REPO "/resolve/refs%2Fpr%2F1/config.json",
    "/" BIG_REPO "/resolve/%2e%2e/config.json",
    "/test%2Fbig/resolve/main/config.json",
    "/" BIG_REPO "/resolve/main/config.json?download=true&%zz=%00",
    "/" BIG_REPO "/resolve/main/config.json#x",
    "/%ff%fe/x/resolve/main/y",
    "/api/models/" BIG_REPO,
    "/api/models/" BIG_REPO "/revision/HEAD?blobs=true",
    "/api/models/" BIG_REPO "/tree/main?recursive=true",
    "/api/models/" BIG_REPO "/tree/main/none",
    "/api/models/" BIG_REPO "/refs",
    "/api/models/" BIG_REPO "/paths-info/main",
    "/api/models/nobody/nothing",
    "/v2/" BIG_REPO "/manifests/latest",
    "/v2/" BIG_REPO "/manifests/%2e%2e",
    "/api/whoami-v2",
    "/",
    "",
    "*",
  };
  guint form = dice (self, 60);

  if (form < G_N_ELEMENTS (forms))
    g_string_append_printf (text, "%s%s", forms[form],
                            dice (self, 2) == 0 ? self->host : "evil.example");
  add_key (self, text);
  g_string_append (text, PICK (self, paths));
}

static void
add_host (Fuzz *self, GString *text)
{
  static const char *const others[] = {
    "Host: evil.example\r\n",
    "",
    "Host:\r\n",
    "Host: 127.0.0.1\r\n",
    "Host: 127.0.0.1:1\r\n",
    "Host: a/b\r\n",
    "Host: [\r\n",
    "Host: localhost:99999999999999999999\r\n",
  };

  if (dice (self, 6) == 0)
    g_string_append (text, PICK (self, others));
  else
    g_string_append_printf (text, "Host: %s\r\n", self->host);
}

static void
add_field (Fuzz *self, GString *text)
{
  static const char *const fields[] = {
    "Range: bytes=0-0",
    "Range: bytes=5242870-5242890",
    "Range: bytes=-1",
    "Range: bytes=18446744073709551615-",
    "Range: bytes=99999999999999999999999-",
    "Range: bytes=5-2",
    "Range: bytes=0-0,1-1,2-2,3-3,-1",
    "Range: lines=1-2",
    "Range: bytes=\001",
    "If-Range: \"x\"",
    "If-Range: W/\"x\"",
    "If-None-Match: *",
    "If-None-Match: \"a\", W/\"b\", c,,,,",
    "Origin: https://evil.example",
    "Origin: null",
    "Authorization: Bearer hf_somebodyElse",
    "Accept: application/vnd.xet-fileinfo+json, */*",
    "Accept-Encoding: gzip, br;q=0, \xff",
    "Content-Type: application/json",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: multipart/form-data; boundary=\"",
    "Content-Length: 0",
    "Content-Length: 10",
    "Content-Length: -1",
    "Content-Length: 99999999999999999999",
    "Content-Length: 1048577",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: identity",
    "Expect: 100-continue",
    "Expect: the-unexpected",
    "Connection: keep-alive",
    "Connection: close, Range, Host",
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
    " folded: line",
    "no colon at all",
    ": no name",
    "X: \r\n\tfolded",
  };

  if (dice (self, 40) == 0)
    {
      g_autofree char *filler = g_strnfill (1000 + dice (self, 100000), 'f');

      g_string_append_printf (text, "X-Filler: %s\r\n", filler);
    }
  else
    g_string_append_printf (text, "%s\r\n", PICK (self, fields));
}

static void
add_body (Fuzz *self, GString *text)
{
  static const char *const bodies[] = {
    "{\"paths\": [\"config.json\", \"none\"], \"expand\": true}",
    "{\"paths\": [[[[[[[[[[",
    "{\"paths\": \"config.json\"}",
    "paths=config.json&paths=%00&paths=%ff",
    "a\r\n0123456789\r\n0\r\n\r\n",
    "ffffffffffffffff\r\nx\r\n0\r\n\r\n",
    "-1\r\nx",
    "0\r\nTrailer: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
  };
  const char *body = PICK (self, bodies);

  if (dice (self, 2) == 0)
    g_string_append_printf (text, "Content-Length: %u\r\n",
                            dice (self, 4) == 0 ? dice (self, 200) : (guint) strlen (body));
  g_string_append_printf (text, "\r\n%s", body);
}

static void
add_request (Fuzz *self, GString *text)
{
  static const char *const versions[] = { "HTTP/1.0", "HTTP/9.9", "HTTP/1.1 x",
                                          "",         "HTTP/",    "HTTP/2.0" };
  guint fields = dice (self, 50) == 0 ? 2000 : dice (self, 3);

  g_string_append_printf (text, "%s ", pick_method (self));
  add_target (self, text);
  g_string_append_printf (text, " %s\r\n",
                          dice (self, 5) == 0 ? PICK (self, versions) : "HTTP/1.1");
  add_host (self, text);
  for (guint i = 0; i < fields; i++)
    add_field (self, text);
  if (dice (self, 4) == 0)
    add_body (self, text);
  else
    g_string_append (text, "\r\n");
}

/* Some bytes are others, are twice, or are not there. */
static void
damage (Fuzz *self, GString *text)
{
  for (guint n = 1 + dice (self, 4); n > 0 && text->len > 1; n--)
    {
      gsize place = dice (self, (guint) text->len);
      gsize most = 1 + dice (self, 20);
      gsize length = MIN (most, text->len - place);
      g_autofree char *part = g_strndup (text->str + place, length);

      switch (dice (self, 4))
        {
        case 0:
          text->str[place] = (char) dice (self, 256);
          break;
        case 1:
          g_string_insert_len (text, (gssize) place, part, (gssize) length);
          break;
        case 2:
          g_string_erase (text, (gssize) place, (gssize) length);
          break;
        default:
          g_string_truncate (text, place);
        }
    }
}

static GString *
make_up (Fuzz *self)
{
  GString *text = g_string_new (NULL);

  add_request (self, text);
  if (dice (self, 8) == 0)
    add_request (self, text);
  if (dice (self, 3) == 0)
    damage (self, text);
  return text;
}

/* --- asking --- */

/* At once, or piece by piece. Whoever is turned away may not listen to the end. */
static void
tell (Fuzz *self, GSocket *socket, const GString *text)
{
  gsize step = dice (self, 4) == 0 ? 1 + text->len / 5 : text->len;
  gsize done = 0;

  while (done < text->len)
    {
      gssize n = g_socket_send (socket, text->str + done, MIN (step, text->len - done), NULL, NULL);

      if (n < 0)
        return;
      done += (gsize) n;
    }
}

static void
count_answer (Fuzz *self, const char *text)
{
  g_autofree char *status = g_str_has_prefix (text, "HTTP/1.") && strlen (text) > 12
                                ? g_strndup (text + 9, 3)
                                : g_strdup ("none");
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->answers, status));

  g_hash_table_insert (self->answers, g_steal_pointer (&status), GUINT_TO_POINTER (n + 1));
}

static void
check_answer (Fuzz *self, const GString *text)
{
  g_assert_true (text->len == 0 || g_str_has_prefix (text->str, "HTTP/1."));
  g_assert_null (g_strstr_len (text->str, (gssize) text->len, "root:"));
  g_assert_null (g_strstr_len (text->str, (gssize) text->len, SERVICE_TOKEN));
  g_assert_null (g_strstr_len (text->str, (gssize) text->len, self->key + 1));
  count_answer (self, text->str);
}

/* To the end, of which not all is kept. */
static GString *
listen_to (GSocket *socket)
{
  GString *text = g_string_new (NULL);
  char buffer[16 * 1024];
  gssize n;

  while ((n = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL)) > 0)
    if (text->len < MOST_READ)
      g_string_append_len (text, buffer, n);
  return text;
}

/* Nothing more is said, and nothing heard: it is for the service to end it. */
static void
leave_alone (Fuzz *self, GSocketConnection *connection)
{
  g_queue_push_tail (&self->held, g_object_ref (connection));
  if (g_queue_get_length (&self->held) > HELD)
    g_object_unref (g_queue_pop_head (&self->held));
}

static void
try_once (Fuzz *self, const char *base)
{
  g_autoptr (GSocketConnection) connection = endpoint_connect (base);
  GSocket *socket = g_socket_connection_get_socket (connection);
  GString *text = make_up (self);
  guint way = dice (self, 16);

  self->requests++;
  tell (self, socket, text);
  g_string_free (text, TRUE);
  if (way == 0)
    leave_alone (self, connection);
  if (way <= 1)
    return;
  g_socket_shutdown (socket, FALSE, TRUE, NULL);
  text = listen_to (socket);
  check_answer (self, text);
  g_string_free (text, TRUE);
}

/* --- the test --- */

static void
assert_serves (const char *base)
{
  g_autoptr (EndpointAnswer) answer = endpoint_get (base, ENDPOINT_FILE, NULL);

  g_assert_cmpuint (answer->status, ==, 200);
  endpoint_assert_generated (answer, 0, FILE_SIZE);
}

static void
say_what_came (Fuzz *self)
{
  GHashTableIter iter;
  gpointer status;
  gpointer n;

  g_test_message ("%u requests", self->requests);
  g_hash_table_iter_init (&iter, self->answers);
  while (g_hash_table_iter_next (&iter, &status, &n))
    g_test_message ("%s: %u", (char *) status, GPOINTER_TO_UINT (n));
}

static gint64
read_end (void)
{
  const char *seconds = g_getenv ("MC_FUZZ_SECONDS");

  return seconds == NULL ? 0
                         : g_get_monotonic_time ()
                               + (gint64) g_ascii_strtoull (seconds, NULL, 10) * G_USEC_PER_SEC;
}

static void
run (Fuzz *self, const char *base)
{
  gint64 end = read_end ();

  while (end == 0 ? self->requests < REQUESTS : g_get_monotonic_time () < end)
    try_once (self, base);
  g_queue_clear_full (&self->held, g_object_unref);
}

static void
test_fuzz (void)
{
  static const char *const environment[] = {
    "MC_SERVE_PATIENCE_MS=" G_STRINGIFY (ENDPOINT_PATIENCE_MS), NULL
  };
  g_autoptr (ServiceFixture) fixture = service_fixture_new (environment);
  g_autofree char *base = NULL;
  g_autofree char *host = NULL;
  Fuzz fuzz = { .random = g_rand_new_with_seed (7), .held = G_QUEUE_INIT };
  GPid pid;

  service_fixture_add_big (fixture, FILE_SIZE);
  base = endpoint_serve (fixture);
  fuzz.key = strrchr (base, '/');
  fuzz.host = host = g_strndup (base + 7, (gsize) (fuzz.key - base - 7));
  fuzz.answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  assert_serves (base);
  pid = mc_test_bus_get_service_pid (fixture->bus);
  run (&fuzz, base);
  say_what_came (&fuzz);
  g_assert_cmpint (mc_test_bus_get_service_pid (fixture->bus), ==, pid);
  assert_serves (base);
  endpoint_assert_all_closed (base);
  g_hash_table_unref (fuzz.answers);
  g_rand_free (fuzz.random);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/endpoint/fuzz", test_fuzz);
  return g_test_run ();
}
