/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "endpoint-fixture.h"

#include <string.h>

#define CHUNK (5 * 1024 * 1024)

/* Whoever has no business here, is no HTTP, is too much or too slow. */

static void
test_strangers (void)
{
  static const char *const host[] = { "Host", "evil.example", NULL };
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  g_autofree char *root = g_strndup (base, (gsize) (strrchr (base, '/') - base));
  g_autofree char *wrong = g_strconcat (root, "/0123456789abcdef0123456789abcdef", NULL);
  g_autoptr (EndpointAnswer) rebound = endpoint_get (base, "/api/models/" BIG_REPO, host);
  g_autoptr (EndpointAnswer) bare = endpoint_get (root, "/api/models/" BIG_REPO, NULL);
  g_autoptr (EndpointAnswer) right = NULL;
  guint last = 0;

  g_assert_cmpuint (rebound->status, ==, 403);
  g_assert_cmpuint (bare->status, ==, 404);
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (EndpointAnswer) answer = endpoint_get (wrong, "/api/models/" BIG_REPO, NULL);

      g_assert_cmpuint (g_bytes_get_size (answer->body), ==, 0);
      last = answer->status;
    }
  g_assert_cmpuint (last, ==, 429);
  right = endpoint_get (base, "/api/models/" BIG_REPO, NULL);
  g_assert_cmpuint (right->status, ==, 200);
}

static void
test_hostile (void)
{
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
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
  g_autoptr (EndpointAnswer) answer = NULL;

  for (guint i = 0; requests[i] != NULL; i++)
    {
      g_autofree char *text = endpoint_exchange (base, requests[i]);

      g_test_message ("%u: %.40s", i, text);
      g_assert_false (g_str_has_prefix (text, "HTTP/1.1 200"));
      g_assert_null (strstr (text, "root:"));
      g_free (g_steal_pointer (&requests[i]));
    }
  answer = endpoint_get (base, "/api/models/" BIG_REPO, NULL);
  g_assert_cmpuint (answer->status, ==, 200);
}

/* Of two in one go the first is answered, and told that there will be no other. */
static void
test_pipelined (void)
{
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  const char *key = strrchr (base, '/');
  g_autofree char *host = g_strndup (base + 7, (gsize) (key - base - 7));
  g_autofree char *request =
      g_strdup_printf ("GET %s/" BIG_REPO "/resolve/main/config.json HTTP/1.1\r\nHost: %s\r\n\r\n"
                       "GET %s/" BIG_REPO "/resolve/main/none HTTP/1.1\r\nHost: %s\r\n\r\n",
                       key, host, key, host);
  g_autofree char *text = endpoint_exchange (base, request);

  g_assert_true (g_str_has_prefix (text, "HTTP/1.1 200"));
  g_assert_nonnull (strstr (text, "\r\nConnection: close\r\n"));
  g_assert_true (g_str_has_suffix (text, "\r\n\r\n{}\n"));
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
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_with_file ();
  g_autofree char *base = endpoint_serve (fixture);
  const char *key = strrchr (base, '/');
  g_autofree char *host = g_strndup (base + 7, (gsize) (key - base - 7));
  g_autofree char *request =
      g_strdup_printf ("GET %s%s HTTP/1.1\r\nHost: %s\r\n\r\n", key, ENDPOINT_FILE, host);
  g_autoptr (GSocketConnection) idle = endpoint_connect (base);
  GSocket *socket = g_socket_connection_get_socket (idle);

  g_assert_cmpint (g_socket_send (socket, request, strlen (request), NULL, NULL), >, 0);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *silent = endpoint_exchange (base, "GET /");

      g_assert_cmpstr (silent, ==, "");
    }
  g_assert_cmpuint (read_to_the_end (idle), <, ENDPOINT_SIZE);
}

/* --- limits --- */

typedef struct
{
  const char *base;
  guint number;
} Connections;

static gboolean
are_in (gpointer data)
{
  Connections *self = data;

  return endpoint_count_connections (self->base) >= self->number;
}

static void
assert_serves (const char *base)
{
  g_autoptr (EndpointAnswer) answer = endpoint_get (base, "/api/models/" BIG_REPO, NULL);

  g_assert_cmpuint (answer->status, ==, 200);
}

/* As many as a listener keeps before they are let in. */
#define SOME 8

static GPtrArray *
connect_many (const char *base, guint n)
{
  static const char *const beginnings[] = {
    "", "GET / HT", "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1"
  };
  GPtrArray *all = g_ptr_array_new_with_free_func (g_object_unref);
  Connections wanted = { base, 0 };

  for (guint i = 0; i < n; i++)
    {
      const char *text = beginnings[i % G_N_ELEMENTS (beginnings)];
      GSocketConnection *connection = endpoint_connect (base);

      g_ptr_array_add (all, connection);
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), text,
                                 strlen (text), NULL, NULL, NULL);
      wanted.number++;
      if (i % SOME == SOME - 1)
        g_assert_true (mc_test_wait_until (are_in, &wanted, 60000));
    }
  return all;
}

/* More than fit are turned away at once; when they went, all is as before. Neither those who said
 * nothing are forgotten, nor those who might have asked again. */
static void
test_many (void)
{
  static const char *const patient[] = { "MC_SERVE_PATIENCE_MS=600000", NULL };
  g_autoptr (ServiceFixture) fixture = service_fixture_new (patient);
  g_autofree char *base = NULL;
  g_autofree char *beyond = NULL;
  g_autoptr (GPtrArray) all = NULL;

  service_fixture_add_big (fixture, 1000000);
  base = endpoint_serve (fixture);
  assert_serves (base);
  endpoint_assert_all_closed (base);
  all = connect_many (base, 128);
  beyond = endpoint_exchange (base, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  g_assert_true (beyond[0] == '\0' || g_str_has_prefix (beyond, "HTTP/1.1 503"));
  g_clear_pointer (&all, g_ptr_array_unref);
  endpoint_assert_all_closed (base);
  for (guint i = 0; i < SOME; i++)
    assert_serves (base);
  endpoint_assert_all_closed (base);
}

/* KiB, the most that the service ever had. */
static guint64
read_peak (ServiceFixture *fixture)
{
  g_autofree char *path =
      g_strdup_printf ("/proc/%d/status", (int) mc_test_bus_get_service_pid (fixture->bus));
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, "VmHWM:");
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("VmHWM:"), NULL, 10);
}

/* AddressSanitizer keeps what is freed for a while. */
#ifdef __SANITIZE_ADDRESS__
#define MOST_KIB G_MAXUINT64
#else
#define MOST_KIB (50 * 1024)
#endif

/* What a stranger sends costs no memory, however much it is. */
static void
test_long_body (void)
{
  enum
  {
    MIB = 1024 * 1024,
    N = 100
  };
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  g_autoptr (GSocketConnection) connection = endpoint_connect (base);
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autofree char *filler = g_strnfill (MIB, 'x');
  g_autofree char *head = g_strdup_printf ("POST /wrong/api HTTP/1.1\r\nHost: x\r\n"
                                           "Content-Length: %d\r\n\r\n",
                                           MIB * N);
  guint64 before;

  assert_serves (base);
  before = read_peak (fixture);
  g_output_stream_write_all (out, head, strlen (head), NULL, NULL, NULL);
  for (guint i = 0; i < N; i++)
    if (!g_output_stream_write_all (out, filler, MIB, NULL, NULL, NULL))
      break;
  assert_serves (base);
  g_assert_cmpuint (read_peak (fixture) - before, <, MOST_KIB);
}

/* One who asks letter by letter. */
static void
test_dripping (void)
{
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  g_autoptr (GSocketConnection) connection = endpoint_connect (base);
  GSocket *socket = g_socket_connection_get_socket (connection);
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (!g_socket_condition_timed_wait (socket, G_IO_IN | G_IO_HUP, 20 * 1000, NULL, NULL))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (g_socket_send (socket, "a", 1, NULL, NULL) < 0)
        break;
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/endpoint/strangers", test_strangers);
  g_test_add_func ("/service/endpoint/hostile", test_hostile);
  g_test_add_func ("/service/endpoint/pipelined", test_pipelined);
  g_test_add_func ("/service/endpoint/slow", test_slow);
  g_test_add_func ("/service/endpoint/many", test_many);
  g_test_add_func ("/service/endpoint/long-body", test_long_body);
  g_test_add_func ("/service/endpoint/dripping", test_dripping);
  return g_test_run ();
}
