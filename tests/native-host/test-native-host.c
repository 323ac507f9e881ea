/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-native-frames.h"
#include "mc-test-wait.h"
#include "mcache-fixture.h"

#include "mc-json.h"

#include <libsoup/soup.h>
#include <string.h>

/* The program, as a browser starts it for an extension, and the real service. */

#define ORIGIN "chrome-extension://abcdefghijklmnopabcdefghijklmnop"
#define FIREFOX "models@example.org"

/* How a browser starts it for an extension, and what that is known by. */
typedef struct
{
  const char *argument;
  const char *id;     /* (nullable): the argument behind it */
  const char *origin; /* as the service knows it */
  const char *field;  /* as its pages send it */
} Browser;

static const Browser chromium = { ORIGIN "/", NULL, ORIGIN, ORIGIN };
static const Browser firefox = { "/usr/lib/mozilla/native-messaging-hosts/x.json", FIREFOX,
                                 "moz-extension://" FIREFOX,
                                 "moz-extension://01234567-89ab-cdef-0123-456789abcdef" };

typedef struct
{
  McacheFixture mcache;
  GSubprocess *host;
  JsonNode *end; /* (owned) (nullable): the last event of a transfer */
  guint n_ends;
} Fixture;

static GSubprocess *
start (Fixture *f, const char *bus, const Browser *browser)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  GSubprocess *host;

  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", bus, TRUE);
  host = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("MC_NATIVE_HOST"),
                                      browser->argument, browser->id, NULL);
  g_assert_no_error (error);
  return host;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  mcache_set_up (&f->mcache, NULL);
  f->host = start (f, mc_test_bus_get_address (f->mcache.bus), data != NULL ? data : &chromium);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_close (g_subprocess_get_stdin_pipe (f->host), NULL, NULL);
  g_subprocess_wait_check (f->host, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&f->host);
  g_clear_pointer (&f->end, json_node_unref);
  mcache_tear_down (&f->mcache, NULL);
}

static void
write_message (Fixture *f, const char *text)
{
  g_autoptr (GBytes) frame = mc_native_frame_new (text);
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_subprocess_get_stdin_pipe (f->host), g_bytes_get_data (frame, NULL),
                             g_bytes_get_size (frame), NULL, NULL, &error);
  g_assert_no_error (error);
}

static JsonNode *
read_message (Fixture *f)
{
  GInputStream *pipe = g_subprocess_get_stdout_pipe (f->host);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *node;
  guint32 length = 0;
  gsize n;

  g_input_stream_read_all (pipe, &length, sizeof length, &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, sizeof length);
  g_assert_cmpuint (length, <=, MC_NATIVE_MAX);
  text = g_malloc0 (length + 1);
  g_input_stream_read_all (pipe, text, length, &n, NULL, &error);
  g_assert_cmpuint (n, ==, length);
  node = mc_json_parse (text, length, &error);
  g_assert_no_error (error);
  return node;
}

/* TRUE: it was one, and is noted if it is the last one of a transfer. */
static gboolean
take_event (Fixture *f, JsonNode *node)
{
  static const char *const ends[] = { "done", "failed", "cancelled", NULL };
  JsonObject *object = json_node_get_object (node);

  if (!json_object_has_member (object, "event"))
    return FALSE;
  g_assert_cmpstr (json_object_get_string_member (object, "event"), ==, "transfer");
  if (g_strv_contains (ends, json_object_get_string_member (object, "state")))
    {
      g_clear_pointer (&f->end, json_node_unref);
      f->end = json_node_ref (node);
      f->n_ends++;
    }
  return TRUE;
}

/* The answer to the request with this id, whatever events come before it. */
static JsonNode *
ask (Fixture *f, int id, const char *text)
{
  write_message (f, text);
  for (;;)
    {
      g_autoptr (JsonNode) node = read_message (f);

      if (take_event (f, node))
        continue;
      g_assert_cmpint (
          json_object_get_int_member_with_default (json_node_get_object (node), "id", -1), ==, id);
      return g_steal_pointer (&node);
    }
}

static JsonObject *
get_result (JsonNode *node)
{
  JsonObject *object = json_node_get_object (node);

  if (!json_object_has_member (object, "result"))
    {
      g_autofree char *text = json_to_string (node, TRUE);

      g_error ("%s", text);
    }
  return json_object_get_object_member (object, "result");
}

static void
assert_fails (JsonNode *node, const char *name)
{
  JsonObject *error = mc_json_get_object (json_node_get_object (node), "error");

  g_assert_nonnull (error);
  g_assert_cmpstr (json_object_get_string_member (error, "name"), ==, name);
  g_assert_cmpstr (json_object_get_string_member (error, "message"), !=, "");
}

/* --- --- */

static void
test_hello (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) hello = ask (f, 1, "{\"id\":1,\"method\":\"hello\"}");
  JsonObject *result = get_result (hello);

  g_assert_cmpstr (json_object_get_string_member (result, "origin"), ==, ORIGIN);
  g_assert_cmpint (json_object_get_int_member (result, "protocol"), ==, 1);
}

/* Borrowed. */
static JsonObject *
await_end (Fixture *f)
{
  while (f->end == NULL)
    {
      g_autoptr (JsonNode) node = read_message (f);

      g_assert_true (take_event (f, node));
    }
  return json_node_get_object (f->end);
}

/* What is there, a scan, a download with its events, and then the bytes. */
static void
test_job (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) scan =
      ask (f, 1, "{\"id\":1,\"method\":\"scan\",\"params\":{\"repo\":\"" ONNX "\"}}");
  g_autoptr (JsonNode) before = ask (f, 2,
                                     "{\"id\":2,\"method\":\"has\",\"params\":{\"repo\":\"" ONNX
                                     "\",\"path\":\"" ONNX_WEIGHTS "\"}}");
  g_autoptr (JsonNode) begun = ask (f, 3,
                                    "{\"id\":3,\"method\":\"download\",\"params\":{\"repo\":\"" ONNX
                                    "\",\"variant\":\"q4\"}}");
  gint64 transfer = json_object_get_int_member (get_result (begun), "transfer");
  g_autoptr (JsonNode) after = NULL;
  g_autoptr (JsonNode) list = NULL;
  g_autoptr (JsonNode) read = NULL;
  JsonObject *end = await_end (f);
  g_autofree guchar *bytes = NULL;
  g_autofree guint8 *expected = g_malloc (100);
  gsize length;

  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (get_result (scan), "variants")), >, 1);
  g_assert_false (json_object_get_boolean_member (get_result (before), "has"));
  g_assert_cmpstr (json_object_get_string_member (end, "state"), ==, "done");
  g_assert_cmpint (json_object_get_int_member (end, "transfer"), ==, transfer);
  g_assert_cmpint (json_object_get_int_member (end, "verified"), ==,
                   json_object_get_int_member (end, "total"));
  after = ask (f, 4,
               "{\"id\":4,\"method\":\"has\",\"params\":{\"repo\":\"" ONNX
               "\",\"path\":\"" ONNX_WEIGHTS "\"}}");
  g_assert_true (json_object_get_boolean_member (get_result (after), "has"));
  list = ask (f, 5, "{\"id\":5,\"method\":\"list\"}");
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (get_result (list), "repos")), ==, 1);
  read = ask (f, 6,
              "{\"id\":6,\"method\":\"read\",\"params\":{\"repo\":\"" ONNX
              "\",\"path\":\"" ONNX_WEIGHTS "\",\"offset\":5999950,\"length\":100}}");
  bytes = g_base64_decode (json_object_get_string_member (get_result (read), "data"), &length);
  g_assert_cmpuint (length, ==, ONNX_SIZE - 5999950);
  mc_test_hub_generate (ONNX_SEED, 5999950, expected, length);
  g_assert_cmpmem (bytes, length, expected, length);
  g_assert_cmpuint (f->n_ends, ==, 1);
}

/* As much as one answer holds, whatever was asked for. */
static void
test_read_much (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) read = NULL;

  mcache_assert_works (&f->mcache, "download", ONNX, "q4", NULL);
  read = ask (f, 1,
              "{\"id\":1,\"method\":\"read\",\"params\":{\"repo\":\"" ONNX
              "\",\"path\":\"" ONNX_WEIGHTS "\",\"offset\":7,\"length\":9000000}}");
  g_assert_cmpint (json_object_get_int_member (get_result (read), "length"), ==, 512 * 1024);
}

static void
test_steering (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) begun = NULL;
  g_autoptr (JsonNode) paused = NULL;
  g_autoptr (JsonNode) cancelled = NULL;
  g_autofree char *pause = NULL;
  g_autofree char *cancel = NULL;
  gint64 transfer;

  mc_test_hub_set_rate (f->mcache.hub, 20000);
  begun = ask (f, 1,
               "{\"id\":1,\"method\":\"download\",\"params\":{\"repo\":\"" ONNX
               "\",\"variant\":\"q4\"}}");
  transfer = json_object_get_int_member (get_result (begun), "transfer");
  pause = g_strdup_printf ("{\"id\":2,\"method\":\"pause\",\"params\":{\"transfer\":%d}}",
                           (int) transfer);
  cancel = g_strdup_printf ("{\"id\":3,\"method\":\"cancel\",\"params\":{\"transfer\":%d}}",
                            (int) transfer);
  paused = ask (f, 2, pause);
  get_result (paused);
  cancelled = ask (f, 3, cancel);
  get_result (cancelled);
  g_assert_cmpstr (json_object_get_string_member (await_end (f), "state"), ==, "cancelled");
}

/* The bytes by HTTP, with a key that is of use to this extension alone. */
static void
test_address (Fixture *f, gconstpointer data)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (JsonNode) off = ask (f, 1, "{\"id\":1,\"method\":\"address\"}");
  g_autoptr (JsonNode) on = NULL;
  g_autofree char *url = NULL;
  const Browser *browser = data;
  const char *const origins[] = { browser->field, "https://other.example", NULL };

  assert_fails (off, "Busy");
  mcache_assert_works (&f->mcache, "serve", "--allow-origin", browser->origin, "--allow-origin",
                       "https://other.example", NULL);
  mcache_assert_works (&f->mcache, "scan", ONNX, NULL);
  on = ask (f, 2, "{\"id\":2,\"method\":\"address\"}");
  url = g_strconcat (json_object_get_string_member (get_result (on), "address"),
                     "/api/models/" ONNX, NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
      g_autoptr (GBytes) body = NULL;
      g_autoptr (GError) error = NULL;

      soup_message_headers_replace (soup_message_get_request_headers (message), "Origin",
                                    origins[i]);
      body = soup_session_send_and_read (session, message, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (soup_message_get_status (message), ==, i == 0 ? 200 : 403);
    }
}

static void
test_malformed (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *text;
    const char *name;
  } bad[] = {
    { "", "InvalidName" },
    { "{\"id\":-1}", "InvalidName" },
    { "{\"id\":-1,\"method\":\"format-disk\"}", "InvalidName" },
    { "{\"id\":-1,\"method\":\"scan\"}", "InvalidName" },
    { "{\"id\":-1,\"method\":\"scan\",\"params\":{\"repo\":5}}", "InvalidName" },
    { "{\"id\":-1,\"method\":\"scan\",\"params\":{\"repo\":\"../..\"}}", "InvalidName" },
    { "{\"id\":-1,\"method\":\"scan\",\"params\":{\"repo\":\"no/such\"}}", "NotFound" },
    { "{\"id\":-1,\"method\":\"has\",\"params\":{\"repo\":\"a/b\"}}", "InvalidName" },
    { "{\"id\":-1,\"method\":\"read\",\"params\":{\"repo\":\"a/b\",\"path\":\"c\"}}",
      "NotScanned" },
    { "{\"id\":-1,\"method\":\"read\",\"params\":{\"repo\":\"a/b\",\"path\":\"c\",\"length\":0}}",
      "InvalidName" },
    { "{\"id\":-1,\"method\":\"pause\",\"params\":{\"transfer\":-5}}", "InvalidName" },
    { "{\"id\":-1,\"method\":\"pause\",\"params\":{\"transfer\":99}}", "Failed" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (JsonNode) answer = ask (f, -1, bad[i].text);

      g_test_message ("%s", bad[i].text);
      assert_fails (answer, bad[i].name);
    }
}

static void
test_too_long (Fixture *f, gconstpointer data)
{
  const guint32 length = 5 * MC_NATIVE_MAX;
  g_autofree guint8 *bytes = g_malloc0 (length);
  GOutputStream *pipe = g_subprocess_get_stdin_pipe (f->host);
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (JsonNode) hello = NULL;

  g_assert_true (g_output_stream_write_all (pipe, &length, sizeof length, NULL, NULL, NULL));
  g_assert_true (g_output_stream_write_all (pipe, bytes, length, NULL, NULL, NULL));
  answer = read_message (f);
  assert_fails (answer, "InvalidName");
  hello = ask (f, 9, "{\"id\":9,\"method\":\"hello\"}");
  get_result (hello);
}

/* An extension that asks without end: each request has its answer. */
static void
test_many (Fixture *f, gconstpointer data)
{
  guint answered = 0, refused = 0;

  mcache_assert_works (&f->mcache, "scan", ONNX, NULL);
  for (int i = 0; i < 300; i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"id\":%d,\"method\":\"list\"}", i);

      write_message (f, text);
    }
  for (int i = 0; i < 300; i++)
    {
      g_autoptr (JsonNode) node = read_message (f);

      if (json_object_has_member (json_node_get_object (node), "result"))
        answered++;
      else
        refused++;
    }
  g_test_message ("%u answered, %u refused", answered, refused);
  g_assert_cmpuint (answered, >=, 64);
}

static gboolean
is_asked (gpointer data)
{
  Fixture *f = data;

  return mc_test_hub_count (f->mcache.hub, "/api/models/" ONNX) > 0;
}

/* A service that ends while it scans cancels that, and the extension is told. */
static void
test_service_ends (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (JsonNode) list = NULL;

  mc_test_hub_script (f->mcache.hub, "/api/models/" ONNX, MC_TEST_SILENT, 0, 0);
  write_message (f, "{\"id\":1,\"method\":\"scan\",\"params\":{\"repo\":\"" ONNX "\"}}");
  g_assert_true (mc_test_wait_until (is_asked, f, 60000));
  mcache_assert_works (&f->mcache, "service", "stop", NULL);
  answer = read_message (f);
  g_assert_true (json_object_has_member (json_node_get_object (answer), "error"));
  list = ask (f, 2, "{\"id\":2,\"method\":\"list\"}");
  get_result (list);
}

static void
test_no_bus (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) list = NULL;
  g_autoptr (JsonNode) read = NULL;

  g_output_stream_close (g_subprocess_get_stdin_pipe (f->host), NULL, NULL);
  g_subprocess_wait (f->host, NULL, NULL);
  g_clear_object (&f->host);
  f->host = start (f, "unix:path=/nonexistent", &chromium);
  list = ask (f, 1, "{\"id\":1,\"method\":\"list\"}");
  assert_fails (list, "NoService");
  read = ask (f, 2, "{\"id\":2,\"method\":\"read\",\"params\":{\"repo\":\"a/b\",\"path\":\"c\"}}");
  assert_fails (read, "NoService");
}

/* What was begun goes on without the browser. */
static void
test_browser_goes (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) begun = ask (f, 1,
                                    "{\"id\":1,\"method\":\"download\",\"params\":{\"repo\":\"" ONNX
                                    "\",\"variant\":\"q4\"}}");

  get_result (begun);
  g_output_stream_close (g_subprocess_get_stdin_pipe (f->host), NULL, NULL);
  g_subprocess_wait (f->host, NULL, NULL);
  g_clear_object (&f->host);
  mcache_assert_works (&f->mcache, "download", ONNX, "q4", NULL);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->mcache.hub, ONNX, ONNX_WEIGHTS), ==, ONNX_SIZE);
  f->host = start (f, mc_test_bus_get_address (f->mcache.bus), &chromium);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/native-host/hello", Fixture, NULL, set_up, test_hello, tear_down);
  g_test_add ("/native-host/job", Fixture, NULL, set_up, test_job, tear_down);
  g_test_add ("/native-host/read-much", Fixture, NULL, set_up, test_read_much, tear_down);
  g_test_add ("/native-host/steering", Fixture, NULL, set_up, test_steering, tear_down);
  g_test_add ("/native-host/address/chromium", Fixture, &chromium, set_up, test_address, tear_down);
  g_test_add ("/native-host/address/firefox", Fixture, &firefox, set_up, test_address, tear_down);
  g_test_add ("/native-host/malformed", Fixture, NULL, set_up, test_malformed, tear_down);
  g_test_add ("/native-host/too-long", Fixture, NULL, set_up, test_too_long, tear_down);
  g_test_add ("/native-host/many", Fixture, NULL, set_up, test_many, tear_down);
  g_test_add ("/native-host/service-ends", Fixture, NULL, set_up, test_service_ends, tear_down);
  g_test_add ("/native-host/no-bus", Fixture, NULL, set_up, test_no_bus, tear_down);
  g_test_add ("/native-host/browser-goes", Fixture, NULL, set_up, test_browser_goes, tear_down);
  return g_test_run ();
}
