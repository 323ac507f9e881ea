/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include <string.h>

/* What is known and what is here: search scan show list plan download usage variants verify delete
 * service. */

static void
test_search (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) hits = mcache_run_json (f, 0, "search", "tiny", NULL);
  g_autoptr (JsonNode) filtered =
      mcache_run_json (f, 0, "search", "tiny", "--filter", "gguf", "--limit=1", NULL);
  g_autoptr (McacheRun) none = mcache_run (f, "search", "no such thing", NULL);
  JsonObject *hit = mcache_get_member (hits, "repo", ONNX);

  g_assert_cmpstr (mcache_get_string (hit, "task"), ==, "text-generation");
  g_assert_cmpstr (mcache_get_string (hit, "library"), ==, "transformers.js");
  g_assert_cmpstr (mcache_get_string (hit, "license"), ==, "apache-2.0");
  g_assert_cmpstr (mcache_get_string (hit, "gated"), ==, "no");
  mcache_get_int (hit, "downloads");
  mcache_get_int (hit, "likes");
  g_assert_cmpuint (json_array_get_length (json_node_get_array (filtered)), ==, 1);
  mcache_get_member (filtered, "repo", GGUF);
  g_assert_cmpint (none->status, ==, 0);
  g_assert_cmpstr (none->out, ==, "The Hub found nothing.\n");
}

static void
assert_manifest (JsonNode *node)
{
  JsonObject *manifest = json_node_get_object (node);
  JsonNode *variants = json_object_get_member (manifest, "variants");
  JsonNode *files = json_object_get_member (manifest, "files");
  JsonObject *variant = mcache_get_member (variants, "key", "onnx:q4");
  JsonObject *weights = mcache_get_member (files, "path", ONNX_WEIGHTS);
  JsonObject *config = mcache_get_member (files, "path", "config.json");

  g_assert_cmpstr (mcache_get_string (manifest, "repo"), ==, ONNX);
  g_assert_cmpstr (mcache_get_string (manifest, "revision"), ==, "main");
  g_assert_cmpuint (strlen (mcache_get_string (manifest, "commit")), ==, 40);
  g_assert_cmpstr (mcache_get_string (manifest, "task"), ==, "text-generation");
  g_assert_cmpstr (mcache_get_string (manifest, "library"), ==, "transformers.js");
  g_assert_cmpstr (mcache_get_string (manifest, "license"), ==, "apache-2.0");
  g_assert_cmpstr (mcache_get_string (manifest, "gated"), ==, "no");
  g_assert_cmpstr (mcache_get_string (variant, "format"), ==, "onnx");
  g_assert_cmpstr (mcache_get_string (variant, "status"), ==, "available");
  g_assert_cmpuint (mcache_get_int (variant, "size"), ==, ONNX_SIZE + strlen (CONFIG));
  g_assert_cmpuint (mcache_get_int (variant, "downloaded"), ==, 0);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (variant, "files")), ==, 2);
  g_assert_cmpuint (mcache_get_int (weights, "size"), ==, ONNX_SIZE);
  g_assert_cmpuint (strlen (mcache_get_string (weights, "sha256")), ==, 64);
  g_assert_cmpuint (mcache_get_int (weights, "downloaded"), ==, 0);
  g_assert_cmpuint (strlen (mcache_get_string (config, "git_sha1")), ==, 40);
  g_assert_false (json_object_has_member (config, "sha256"));
}

static void
test_scan_and_show (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) scanned = mcache_run_json (f, 0, "scan", ONNX, NULL);
  g_autoptr (JsonNode) shown = mcache_run_json (f, 0, "show", ONNX, NULL);
  g_autoptr (McacheRun) told = mcache_run (f, "show", "--files", ONNX, NULL);
  g_autoptr (McacheRun) pasted = mcache_run (f, "scan", "hf", "download", GGUF, NULL);

  assert_manifest (scanned);
  assert_manifest (shown);
  g_assert_cmpint (told->status, ==, 0);
  g_assert_nonnull (strstr (told->out, "*  onnx:q4"));
  g_assert_nonnull (strstr (told->out, "\n" ONNX_WEIGHTS));
  g_assert_cmpint (pasted->status, ==, 0);
  g_assert_nonnull (strstr (pasted->out, "gguf:Q8_0"));
}

/* A revision that was asked for is the one that is shown. */
static void
test_scan_revision (McacheFixture *f, gconstpointer data)
{
  g_autofree char *commit = mc_test_hub_dup_commit (f->hub, ONNX);
  g_autoptr (JsonNode) node = mcache_run_json (f, 0, "scan", ONNX, "--revision", commit, NULL);
  JsonObject *manifest = json_node_get_object (node);

  g_assert_cmpstr (mcache_get_string (manifest, "commit"), ==, commit);
  g_assert_cmpstr (mcache_get_string (manifest, "revision"), ==, commit);
}

static void
test_download (McacheFixture *f, gconstpointer data)
{
  guint64 whole = ONNX_SIZE + strlen (CONFIG);
  g_autoptr (JsonNode) nothing = mcache_run_json (f, 0, "list", NULL);
  g_autoptr (JsonNode) unknown = mcache_run_json (f, 3, "plan", ONNX, "Q4", NULL);
  g_autoptr (JsonNode) scanned = mcache_run_json (f, 0, "scan", ONNX, NULL);
  g_autoptr (JsonNode) plan = mcache_run_json (f, 0, "plan", ONNX, "Q4", NULL);
  g_autoptr (JsonNode) done = mcache_run_json (f, 0, "download", ONNX, "q4", NULL);
  g_autoptr (McacheRun) again = mcache_run (f, "download", ONNX ":q4", NULL);
  g_autoptr (JsonNode) list = mcache_run_json (f, 0, "list", NULL);
  g_autoptr (McacheRun) told = mcache_run (f, "list", NULL);
  g_autoptr (JsonNode) usage = mcache_run_json (f, 0, "usage", NULL);
  JsonObject *transfer = json_node_get_object (done);
  JsonObject *repo = mcache_get_member (list, "repo", ONNX);
  JsonNode *repos = json_object_get_member (json_node_get_object (usage), "repos");

  g_assert_cmpuint (json_array_get_length (json_node_get_array (nothing)), ==, 0);
  g_assert_true (json_object_has_member (json_node_get_object (unknown), "error"));
  assert_manifest (scanned);
  g_assert_cmpuint (mcache_get_int (json_node_get_object (plan), "missing"), ==, whole);
  g_assert_true (json_object_get_boolean_member (json_node_get_object (plan), "fits"));
  g_assert_cmpstr (mcache_get_string (transfer, "kind"), ==, "download");
  g_assert_cmpstr (mcache_get_string (transfer, "state"), ==, "done");
  g_assert_cmpstr (mcache_get_string (transfer, "variant"), ==, "onnx:q4");
  g_assert_cmpuint (mcache_get_int (transfer, "total"), ==, whole);
  g_assert_cmpuint (mcache_get_int (transfer, "verified"), ==, whole);
  g_assert_cmpint (again->status, ==, 0);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, ONNX, ONNX_WEIGHTS), ==, ONNX_SIZE);
  g_assert_cmpuint (mcache_get_int (repo, "downloaded"), ==, whole);
  g_assert_nonnull (strstr (told->out, "onnx:q4"));
  g_assert_cmpuint (mcache_get_int (mcache_get_member (repos, "repo", ONNX), "size"), ==, whole);
}

/* One file, of a repo that was never scanned. */
static void
test_download_file (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) done =
      mcache_run_json (f, 0, "download", GGUF, "--file", "tiny-Q4_K_M.gguf", NULL);
  g_autoptr (McacheRun) read = mcache_run (f, "cat", GGUF, "tiny-Q4_K_M.gguf", NULL);

  g_assert_cmpstr (mcache_get_string (json_node_get_object (done), "path"), ==, "tiny-Q4_K_M.gguf");
  g_assert_cmpint (read->status, ==, 0);
  g_assert_cmpuint (read->out_length, ==, GGUF_SIZE);
}

static void
test_verify_deep (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) checked = NULL;
  g_autoptr (McacheRun) with_repo = mcache_run (f, "verify", "--deep", GGUF, NULL);
  g_autoptr (McacheRun) alone = mcache_run (f, "verify", NULL);
  g_autoptr (McacheRun) wrong = NULL;
  g_autofree char *stray = NULL;

  g_assert_cmpint (with_repo->status, ==, 2);
  g_assert_cmpint (alone->status, ==, 2);
  mcache_assert_works (f, "download", GGUF, "Q4_K_M", NULL);
  checked = mcache_run_json (f, 0, "verify", "--deep", NULL);
  g_assert_cmpuint (json_array_get_length (
                        json_object_get_array_member (json_node_get_object (checked), "findings")),
                    ==, 0);
  stray = g_build_filename (g_get_user_data_dir (), "model-cache", "stray", NULL);
  g_assert_true (g_file_set_contents (stray, "", 0, NULL));
  wrong = mcache_run (f, "verify", "--deep", NULL);
  g_assert_cmpint (wrong->status, ==, 7);
  g_assert_cmpstr (wrong->out, ==, "stray: it does not belong to the store\n");
}

static void
test_verify_and_delete (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) verified = NULL;
  g_autoptr (McacheRun) unasked = NULL;
  g_autoptr (JsonNode) dry = NULL;
  g_autoptr (JsonNode) still = NULL;
  g_autoptr (McacheRun) deleted = NULL;
  g_autoptr (JsonNode) list = NULL;

  mcache_assert_works (f, "download", GGUF, "Q4_K_M", NULL);
  verified = mcache_run_json (f, 0, "verify", GGUF, NULL);
  g_assert_cmpstr (mcache_get_string (json_node_get_object (verified), "kind"), ==, "verify");
  g_assert_cmpstr (mcache_get_string (json_node_get_object (verified), "state"), ==, "done");

  unasked = mcache_run (f, "delete", GGUF, NULL);
  g_assert_cmpint (unasked->status, ==, 2);
  dry = mcache_run_json (f, 0, "delete", GGUF, "--dry-run", NULL);
  g_assert_cmpuint (mcache_get_int (json_node_get_object (dry), "freed"), ==, GGUF_SIZE);
  still = mcache_run_json (f, 0, "list", NULL);
  mcache_get_member (still, "repo", GGUF);

  deleted = mcache_run (f, "delete", "--yes", GGUF, NULL);
  g_assert_cmpint (deleted->status, ==, 0);
  g_assert_true (g_str_has_prefix (deleted->out, "Freed "));
  list = mcache_run_json (f, 0, "list", "--all", NULL);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (list)), ==, 0);
}

/* What the service says of a variant beside what a listing tells. */
static char *
without_state (const char *text)
{
  static const char *const members[] = { "status", "downloaded", "remaining" };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);
  JsonObject *variants;
  g_autoptr (GList) dicts = NULL;

  g_assert_no_error (error);
  variants = json_object_get_object_member (json_node_get_object (node), "variants");
  dicts = json_object_get_values (variants);
  for (GList *item = dicts; item != NULL; item = item->next)
    for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
      json_object_remove_member (json_node_get_object (item->data), members[i]);
  return json_to_string (node, TRUE);
}

/* Of a listing the same is told as the service tells of the repo. */
static void
test_variants (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) manifest = NULL;
  g_autoptr (McacheRun) of_service = NULL;
  g_autoptr (McacheRun) of_listing = NULL;
  g_autoptr (McacheRun) table = NULL;
  g_autoptr (McacheRun) nonsense = NULL;
  g_autofree char *service_text = NULL;
  g_autofree char *listing_text = NULL;
  static const char *const no_bus[] = { "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent", NULL };
  static const char *const arguments[] = { "variants", "-", NULL };

  mcache_assert_works (f, "scan", ONNX, NULL);
  manifest = mcache_run (f, "show", "--json", ONNX, NULL);
  of_service = mcache_run (f, "variants", "--json", ONNX, NULL);
  of_listing = mcache_run_with (f, no_bus, manifest->out, arguments);
  table = mcache_run (f, "variants", ONNX, NULL);
  nonsense = mcache_run_with (f, no_bus, "{\"files\": 1}", arguments);
  g_assert_cmpint (of_listing->status, ==, 0);
  service_text = without_state (of_service->out);
  listing_text = without_state (of_listing->out);
  g_assert_cmpstr (service_text, ==, listing_text);
  g_assert_nonnull (strstr (of_listing->out, "\"default\" : \"onnx:q4\""));
  g_assert_nonnull (strstr (table->out, "\n   onnx:fp32  fp32      unquantized  "));
  g_assert_nonnull (strstr (table->out, "\n*  onnx:q4    q4        balanced  "));
  g_assert_cmpint (nonsense->status, ==, 2);
}

static void
test_service (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) status = mcache_run_json (f, 0, "service", NULL);
  JsonObject *service = json_node_get_object (status);
  g_autoptr (JsonNode) stopped = NULL;
  g_autoptr (JsonNode) again = NULL;

  g_assert_cmpuint (mcache_get_int (service, "pid"), ==, mc_test_bus_get_service_pid (f->bus));
  g_assert_cmpstr (mcache_get_string (service, "version"), ==, MC_VERSION);
  g_assert_cmpstr (mcache_get_string (service, "endpoint"), ==, mc_test_hub_get_url (f->hub));
  g_assert_false (json_object_get_boolean_member (service, "signed_in"));
  g_assert_true (g_path_is_absolute (mcache_get_string (service, "data_folder")));

  stopped = mcache_run_json (f, 0, "service", "stop", NULL);
  g_assert_true (json_object_get_boolean_member (json_node_get_object (stopped), "stopped"));
  g_assert_cmpint (mc_test_bus_get_service_pid (f->bus), ==, 0);
  again = mcache_run_json (f, 0, "service", "stop", NULL);
  g_assert_false (json_object_get_boolean_member (json_node_get_object (again), "stopped"));
}

#define ADD(path, function)                                                                        \
  g_test_add (path, McacheFixture, NULL, mcache_set_up, function, mcache_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/mcache-library/search", test_search);
  ADD ("/mcache-library/scan-and-show", test_scan_and_show);
  ADD ("/mcache-library/scan-revision", test_scan_revision);
  ADD ("/mcache-library/plan-download-list-usage", test_download);
  ADD ("/mcache-library/download-one-file", test_download_file);
  ADD ("/mcache-library/verify-deep", test_verify_deep);
  ADD ("/mcache-library/verify-and-delete", test_verify_and_delete);
  ADD ("/mcache-library/variants", test_variants);
  ADD ("/mcache-library/service", test_service);
  return g_test_run ();
}
