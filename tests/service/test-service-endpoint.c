/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "endpoint-fixture.h"

#include "mc-json.h"

#include <libsoup/soup.h>
#include <string.h>

/* What programs that speak to the Hub get on loopback, and what nobody gets. */

static void
test_switch (void)
{
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *before = endpoint_get_property (fixture, "ServingAddress");
  g_autofree char *first = endpoint_serve (fixture);
  g_autofree char *during = NULL;
  g_autofree char *second = NULL;
  g_autoptr (EndpointAnswer) answer = endpoint_get (first, "/api/models/" BIG_REPO, NULL);

  g_assert_cmpstr (before, ==, "");
  g_assert_cmpuint (answer->status, ==, 200);
  endpoint_configure (fixture, "{'serve': <false>}", "");
  during = endpoint_get_property (fixture, "ServingAddress");
  g_assert_cmpstr (during, ==, "");
  second = endpoint_serve (fixture);
  /* The port may be another, the key is not. */
  g_assert_cmpstr (strrchr (first, '/'), ==, strrchr (second, '/'));
  endpoint_configure (fixture, "{'serve-key': <''>}", "");
  g_free (g_steal_pointer (&first));
  first = endpoint_get_property (fixture, "ServingAddress");
  g_assert_cmpstr (strrchr (first, '/'), !=, strrchr (second, '/'));
  endpoint_configure (fixture, "{'serve-key': <'short'>}", "InvalidName");
  endpoint_configure (fixture, "{'serve-origins': <['*']>}", "InvalidName");
  endpoint_configure (fixture, "{'serve-port': <uint32 70000>}", "InvalidName");
}

static void
test_port_taken (void)
{
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autoptr (GSocketListener) other = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (other, NULL, NULL);
  g_autofree char *changes = g_strdup_printf ("{'serve': <true>, 'serve-port': <uint32 %u>}", port);
  g_autofree char *address = NULL;
  g_autofree char *problem = NULL;

  endpoint_configure (fixture, changes, "");
  address = endpoint_get_property (fixture, "ServingAddress");
  problem = endpoint_get_property (fixture, "ServingProblem");
  g_assert_cmpstr (address, ==, "");
  g_assert_nonnull (strstr (problem, "Port"));
}

static void
test_file (void)
{
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_with_file ();
  g_autofree char *base = endpoint_serve (fixture);
  g_autofree char *url = g_strconcat (base, ENDPOINT_FILE, "?download=true", NULL);
  g_autofree char *hash = mc_test_hub_dup_hash (fixture->hub, BIG_REPO, BIG_FILE);
  g_autofree char *etag = g_strdup_printf ("\"%s\"", hash);
  g_autofree char *commit = mc_test_hub_dup_commit (fixture->hub, BIG_REPO);
  const char *const range[] = { "Range", "bytes=5242000-5243999", NULL };
  const char *const behind[] = { "Range", "bytes=32000000-", NULL };
  const char *const match[] = { "If-None-Match", etag, NULL };
  g_autoptr (EndpointAnswer) head = endpoint_ask ("HEAD", url, NULL, NULL);
  g_autoptr (EndpointAnswer) whole = endpoint_ask ("GET", url, NULL, NULL);
  g_autoptr (EndpointAnswer) part = endpoint_ask ("GET", url, range, NULL);
  g_autoptr (EndpointAnswer) past = endpoint_ask ("GET", url, behind, NULL);
  g_autoptr (EndpointAnswer) same = endpoint_ask ("GET", url, match, NULL);

  g_assert_cmpuint (head->status, ==, 200);
  g_assert_cmpint (soup_message_headers_get_content_length (head->headers), ==, ENDPOINT_SIZE);
  g_assert_cmpuint (g_bytes_get_size (head->body), ==, 0);
  g_assert_cmpstr (endpoint_get_field (head, "ETag"), ==, etag);
  g_assert_cmpstr (endpoint_get_field (head, "X-Linked-ETag"), ==, etag);
  g_assert_cmpstr (endpoint_get_field (head, "X-Repo-Commit"), ==, commit);
  g_assert_cmpstr (endpoint_get_field (head, "Accept-Ranges"), ==, "bytes");
  g_assert_cmpuint (whole->status, ==, 200);
  endpoint_assert_generated (whole, 0, ENDPOINT_SIZE);
  g_assert_cmpstr (endpoint_get_field (whole, "ETag"), ==, etag);
  g_assert_cmpuint (part->status, ==, 206);
  endpoint_assert_generated (part, 5242000, 2000);
  g_assert_cmpstr (endpoint_get_field (part, "Content-Range"), ==,
                   "bytes 5242000-5243999/32000000");
  g_assert_cmpuint (past->status, ==, 416);
  g_assert_cmpstr (endpoint_get_field (past, "Content-Range"), ==, "bytes */32000000");
  g_assert_cmpuint (same->status, ==, 304);
  endpoint_assert_fetched_once (fixture);
}

static void
test_offline (void)
{
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_with_file ();
  g_autofree char *base = endpoint_serve (fixture);
  g_autoptr (EndpointAnswer) file = NULL;
  g_autoptr (EndpointAnswer) info = NULL;
  g_autoptr (EndpointAnswer) tree = NULL;
  g_autoptr (EndpointAnswer) refs = NULL;
  g_autoptr (EndpointAnswer) missing = NULL;
  g_autoptr (EndpointAnswer) unknown = NULL;
  g_autoptr (EndpointAnswer) absent = NULL;

  mc_test_hub_add_repo (fixture->hub, "test/other", NULL);
  endpoint_configure (fixture, "{'offline': <true>}", "");
  file = endpoint_get (base, ENDPOINT_FILE, NULL);
  endpoint_assert_generated (file, 0, ENDPOINT_SIZE);
  info = endpoint_get (base, "/api/models/" BIG_REPO "/revision/main?blobs=true", NULL);
  tree = endpoint_get (base, "/api/models/" BIG_REPO "/tree/main?recursive=true", NULL);
  refs = endpoint_get (base, "/api/models/" BIG_REPO "/refs", NULL);
  missing = endpoint_get (base, "/" BIG_REPO "/resolve/main/none.txt", NULL);
  unknown = endpoint_get (base, "/api/models/test/other", NULL);
  absent = endpoint_get (base, "/" BIG_REPO "/resolve/v9/config.json", NULL);
  g_assert_cmpuint (info->status, ==, 200);
  g_assert_cmpuint (tree->status, ==, 200);
  g_assert_cmpuint (refs->status, ==, 200);
  g_assert_cmpuint (missing->status, ==, 404);
  g_assert_cmpstr (endpoint_get_field (missing, "X-Error-Code"), ==, "EntryNotFound");
  /* Nobody said that these are not there. */
  g_assert_cmpuint (unknown->status, ==, 504);
  g_assert_cmpuint (absent->status, ==, 504);
}

static void
test_errors (void)
{
  static const McTestRepoFacts facts = { .gated = "manual" };
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  g_autoptr (EndpointAnswer) repo = endpoint_get (base, "/nobody/nothing/resolve/main/f", NULL);
  g_autoptr (EndpointAnswer) revision = endpoint_get (base, "/" BIG_REPO "/resolve/v9/f", NULL);
  g_autoptr (EndpointAnswer) listing = endpoint_get (base, "/api/datasets/a/b", NULL);
  g_autoptr (EndpointAnswer) put = NULL;
  g_autoptr (EndpointAnswer) gated = NULL;
  g_autofree char *url = g_strconcat (base, ENDPOINT_FILE, NULL);

  g_assert_cmpuint (repo->status, ==, 404);
  g_assert_cmpstr (endpoint_get_field (repo, "X-Error-Code"), ==, "RepoNotFound");
  g_assert_cmpuint (revision->status, ==, 404);
  g_assert_cmpstr (endpoint_get_field (revision, "X-Error-Code"), ==, "RevisionNotFound");
  g_assert_cmpuint (listing->status, ==, 404);
  put = endpoint_ask ("PUT", url, NULL, "x");
  g_assert_cmpuint (put->status, ==, 405);
  mc_test_hub_add_repo (fixture->hub, "test/gated", &facts);
  mc_test_hub_add_generated (fixture->hub, "test/gated", "g.gguf", 300000, 9);
  gated = endpoint_get (base, "/test/gated/resolve/main/g.gguf", NULL);
  g_assert_cmpuint (gated->status, ==, 403);
  g_assert_cmpstr (endpoint_get_field (gated, "X-Error-Code"), ==, "GatedRepo");
}

static guint
count_paths (EndpointAnswer *answer)
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
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  g_autofree char *url = g_strconcat (base, "/api/models/" BIG_REPO "/paths-info/main", NULL);
  g_autofree char *long_text = g_strnfill (2 * 1024 * 1024, 'x');
  g_autoptr (EndpointAnswer) one = endpoint_ask (
      "POST", url, json, "{\"paths\": [\"config.json\", \"none\", 7], \"expand\": true}");
  g_autoptr (EndpointAnswer) two =
      endpoint_ask ("POST", url, form, "paths=config.json&expand=True&paths=" BIG_FILE);
  g_autoptr (EndpointAnswer) broken = endpoint_ask ("POST", url, json, "{\"paths\": [");
  g_autoptr (EndpointAnswer) many = endpoint_ask ("POST", url, json, long_text);
  g_autoptr (GString) paths = g_string_new ("paths=config.json");
  g_autoptr (EndpointAnswer) same = NULL;
  g_autoptr (EndpointAnswer) more = NULL;

  g_assert_cmpuint (count_paths (one), ==, 1);
  g_assert_cmpuint (count_paths (two), ==, 2);
  g_assert_cmpuint (broken->status, ==, 400);
  g_assert_cmpuint (many->status, ==, 413);
  for (guint i = 1; i < 4096; i++)
    g_string_append (paths, "&paths=config.json");
  same = endpoint_ask ("POST", url, form, paths->str);
  g_assert_cmpuint (count_paths (same), ==, 1);
  g_string_append (paths, "&paths=config.json");
  more = endpoint_ask ("POST", url, form, paths->str);
  g_assert_cmpuint (more->status, ==, 413);
}

static void
test_pages (void)
{
  static const char *const stranger[] = { "Origin", "https://evil.example", NULL };
  static const char *const friend[] = { "Origin", "https://example.org", NULL };
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *base = endpoint_serve (fixture);
  g_autofree char *url = g_strconcat (base, "/" BIG_REPO "/resolve/main/config.json", NULL);
  g_autoptr (EndpointAnswer) before = endpoint_ask ("GET", url, friend, NULL);
  g_autofree char *again = NULL;
  g_autofree char *config = NULL;
  g_autoptr (EndpointAnswer) no = NULL;
  g_autoptr (EndpointAnswer) yes = NULL;
  g_autoptr (EndpointAnswer) preflight = NULL;

  g_assert_cmpuint (before->status, ==, 403);
  endpoint_configure (fixture, "{'serve-origins': <['https://example.org']>}", "");
  again = endpoint_get_property (fixture, "ServingAddress");
  config = g_strconcat (again, "/" BIG_REPO "/resolve/main/config.json", NULL);
  no = endpoint_ask ("GET", config, stranger, NULL);
  yes = endpoint_ask ("GET", config, friend, NULL);
  preflight = endpoint_ask ("OPTIONS", config, friend, NULL);
  g_assert_cmpuint (no->status, ==, 403);
  g_assert_null (endpoint_get_field (no, "Access-Control-Allow-Origin"));
  g_assert_cmpuint (yes->status, ==, 200);
  g_assert_cmpstr (endpoint_get_field (yes, "Access-Control-Allow-Origin"), ==,
                   "https://example.org");
  g_assert_nonnull (
      strstr (endpoint_get_field (yes, "Access-Control-Expose-Headers"), "Content-Range"));
  g_assert_cmpuint (preflight->status, ==, 204);
  g_assert_nonnull (
      strstr (endpoint_get_field (preflight, "Access-Control-Allow-Headers"), "Authorization"));
}

/* A key for pages of one origin is of no use to others that may ask. */
static void
test_origin_key (void)
{
  static const char *const friend[] = { "Origin", "https://example.org", NULL };
  static const char *const other[] = { "Origin", "https://other.example", NULL };
  const char *path = "/" BIG_REPO "/resolve/main/config.json";
  g_autoptr (ServiceFixture) fixture = endpoint_fixture_new ();
  g_autofree char *whole = endpoint_serve (fixture);
  g_autofree char *bound = NULL;
  g_autofree char *none = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (EndpointAnswer) yes = NULL, by_none = NULL, by_other = NULL, preflight = NULL;
  g_autofree char *url = NULL;

  endpoint_configure (fixture,
                      "{'serve-origins': <['https://other.example', 'https://example.org']>}", "");
  g_free (g_steal_pointer (&whole));
  whole = endpoint_get_property (fixture, "ServingAddress");
  mc_dbus_manager_call_get_serving_address_sync (fixture->manager, "https://example.org", &bound,
                                                 NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bound, !=, whole);
  url = g_strconcat (bound, path, NULL);
  yes = endpoint_get (bound, path, friend);
  by_none = endpoint_get (bound, path, NULL);
  by_other = endpoint_get (bound, path, other);
  preflight = endpoint_ask ("OPTIONS", url, other, NULL);
  g_assert_cmpuint (yes->status, ==, 200);
  g_assert_cmpuint (by_none->status, ==, 200);
  g_assert_cmpuint (by_other->status, ==, 403);
  g_assert_cmpuint (preflight->status, ==, 403);
  g_assert_false (mc_dbus_manager_call_get_serving_address_sync (
      fixture->manager, "https://evil.example", &none, NULL, &error));
  g_assert_nonnull (strstr (error->message, "evil.example"));
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
list_files (EndpointAnswer *answer)
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
  base = endpoint_serve (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (repos); i++)
    {
      g_autofree char *path = g_strdup_printf ("/api/models/%s/tree/main?recursive=true", repos[i]);
      g_autoptr (EndpointAnswer) hub =
          endpoint_get (mc_test_hub_get_url (fixture->hub), path, NULL);
      g_autoptr (EndpointAnswer) ours = endpoint_get (base, path, NULL);
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
  g_test_add_func ("/service/endpoint/offline", test_offline);
  g_test_add_func ("/service/endpoint/errors", test_errors);
  g_test_add_func ("/service/endpoint/paths", test_paths);
  g_test_add_func ("/service/endpoint/pages", test_pages);
  g_test_add_func ("/service/endpoint/origin-key", test_origin_key);
  g_test_add_func ("/service/endpoint/recorded", test_recorded);
  return g_test_run ();
}
