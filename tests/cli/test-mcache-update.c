/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include <string.h>

/* What is newer on the Hub: outdated update. */

static void
assert_outdated (McacheFixture *f, guint n)
{
  g_autoptr (JsonNode) rows = mcache_run_json (f, 0, "outdated", NULL);

  g_assert_cmpuint (json_array_get_length (json_node_get_array (rows)), ==, n);
}

static void
test_update (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) rows = NULL;
  g_autoptr (JsonNode) list = NULL;
  g_autoptr (McacheRun) none = NULL;
  g_autoptr (McacheRun) told = NULL;
  g_autoptr (McacheRun) updated = NULL;
  JsonObject *row;

  mcache_assert_works (f, "download", ONNX, "q4", NULL);
  none = mcache_run (f, "outdated", NULL);
  g_assert_cmpint (none->status, ==, 0);
  g_assert_nonnull (strstr (none->out, "Everything is as it is on the Hub."));
  mc_test_hub_add_generated (f->hub, ONNX, ONNX_WEIGHTS, ONNX_SIZE, ONNX_SEED + 100);
  rows = mcache_run_json (f, 0, "outdated", ONNX, NULL);
  row = mcache_get_member (rows, "variant", "onnx:q4");
  g_assert_cmpstr (mcache_get_string (row, "change"), ==, "changed");
  g_assert_cmpuint (mcache_get_int (row, "fetch"), ==, ONNX_SIZE);
  told = mcache_run (f, "outdated", NULL);
  g_assert_nonnull (strstr (told->out, "TO FETCH"));
  g_assert_nonnull (strstr (told->out, "onnx:q4"));
  updated = mcache_run (f, "update", ONNX ":q4", NULL);
  g_assert_cmpint (updated->status, ==, 0);
  g_assert_nonnull (strstr (updated->out, "Up to date: " ONNX " onnx:q4"));
  assert_outdated (f, 0);
  list = mcache_run_json (f, 0, "list", NULL);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (list)), ==, 1);
  g_assert_cmpstr (mcache_get_string (mcache_get_member (list, "repo", ONNX), "revision"), ==,
                   "main");
  mcache_assert_works (f, "verify", ONNX, NULL);
}

static void
test_refused (McacheFixture *f, gconstpointer data)
{
  static const char *const unknown[] = { "update", "owner/unknown", NULL };
  static const char *const not_here[] = { "update", GGUF, NULL };
  static const char *const unknown_variant[] = { "update", GGUF, "Q99", NULL };

  mcache_assert_fails (f, 3, "NotScanned", unknown);
  mcache_assert_works (f, "scan", GGUF, NULL);
  mcache_assert_fails (f, 3, "NotDownloaded", not_here);
  mcache_assert_fails (f, 3, "UnknownVariant", unknown_variant);
}

/* The exit status says why a repo could not be compared. */
static void
test_gone (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) told = NULL;

  mcache_assert_works (f, "download", GGUF, "Q4_K_M", NULL);
  mc_test_hub_script (f->hub, "/api/models/" GGUF "/revision/main", MC_TEST_STATUS, 404, 0);
  told = mcache_run (f, "outdated", NULL);
  g_assert_cmpint (told->status, ==, 3);
  g_assert_nonnull (strstr (told->err, GGUF));
}

#define ADD(path, test)                                                                            \
  g_test_add (path, McacheFixture, NULL, mcache_set_up, test, mcache_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/mcache/update/updates", test_update);
  ADD ("/mcache/update/refused", test_refused);
  ADD ("/mcache/update/gone", test_gone);
  return g_test_run ();
}
