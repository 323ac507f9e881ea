/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include <string.h>

/* What the service does as one chose, and what takes how much space: settings usage
 * reclaim pin unpin. */

static void
assert_setting (McacheFixture *f, const char *name, const char *shown)
{
  g_autoptr (McacheRun) run = mcache_run (f, "settings", name, NULL);
  g_autofree char *line = g_strconcat (shown, "\n", NULL);

  g_assert_cmpint (run->status, ==, 0);
  g_assert_cmpstr (run->out, ==, line);
}

static void
test_settings (McacheFixture *f, gconstpointer data)
{
  static const char *const unknown[] = { "settings", "colour", NULL };
  static const char *const unknown_value[] = { "settings", "colour", "red", NULL };
  static const char *const wrong[] = { "settings", "compression", "200GB", NULL };
  static const char *const wrong_size[] = { "settings", "size-limit", "-3", NULL };
  static const char *const too_large[] = { "settings", "size-limit", "18446744073709551615", NULL };
  g_autoptr (JsonNode) all = mcache_run_json (f, 0, "settings", NULL);
  g_autoptr (JsonNode) changed = NULL;
  g_autoptr (McacheRun) shown = NULL;

  g_assert_true (json_object_get_boolean_member (json_node_get_object (all), "compression"));
  g_assert_cmpuint (mcache_get_int (json_node_get_object (all), "size-limit"), ==, 0);
  assert_setting (f, "compression", "on");
  assert_setting (f, "size-limit", "none");
  mcache_assert_works (f, "settings", "compression", "off", NULL);
  mcache_assert_works (f, "settings", "size-limit", "200 GB", NULL);
  assert_setting (f, "compression", "off");
  changed = mcache_run_json (f, 0, "settings", "size-limit", "300", "GB", NULL);
  g_assert_cmpuint (mcache_get_int (json_node_get_object (changed), "size-limit"), ==,
                    G_GUINT64_CONSTANT (300000000000));
  shown = mcache_run (f, "settings", NULL);
  g_assert_nonnull (strstr (shown->out, "size-limit"));
  g_assert_nonnull (strstr (shown->out, "300"));
  mcache_assert_fails (f, 2, "InvalidName", unknown);
  mcache_assert_fails (f, 2, "InvalidName", unknown_value);
  mcache_assert_fails (f, 2, "InvalidName", too_large);
  mcache_assert_fails (f, 2, "Usage", wrong);
  mcache_assert_fails (f, 2, "Usage", wrong_size);
  mcache_assert_works (f, "settings", "size-limit", "none", NULL);
  assert_setting (f, "size-limit", "none");
}

static void
test_usage (McacheFixture *f, gconstpointer data)
{
  static const char *const unknown[] = { "usage", "owner/unknown", NULL };
  static const char *const names[] = { "models", "unfinished", "small", "catalog", "other", NULL };
  g_autoptr (JsonNode) usage = NULL;
  g_autoptr (JsonNode) one = NULL;
  g_autoptr (McacheRun) told = NULL;
  g_autoptr (McacheRun) told_of_one = NULL;
  JsonObject *part;
  guint64 total = 0;

  mcache_assert_works (f, "download", ONNX, "q4", NULL);
  mcache_assert_works (f, "download", GGUF, "Q8_0", NULL);
  usage = mcache_run_json (f, 0, "usage", NULL);
  one = mcache_run_json (f, 0, "usage", ONNX, NULL);
  told = mcache_run (f, "usage", NULL);
  told_of_one = mcache_run (f, "usage", "hf.co/" ONNX, NULL);
  for (guint i = 0; names[i] != NULL; i++)
    total += mcache_get_int (json_node_get_object (usage), names[i]);
  g_assert_cmpuint (mcache_get_int (json_node_get_object (usage), "on_disk"), ==, total);
  part = mcache_get_member (json_object_get_member (json_node_get_object (one), "parts"), "variant",
                            "onnx:q4");
  g_assert_cmpuint (mcache_get_int (part, "size"), ==, ONNX_SIZE + strlen (CONFIG));
  g_assert_cmpuint (mcache_get_int (part, "alone"), >=, ONNX_SIZE);
  g_assert_cmpuint (mcache_get_int (part, "returns"), ==, mcache_get_int (part, "alone"));
  g_assert_nonnull (strstr (told->out, ONNX));
  g_assert_nonnull (strstr (told->out, GGUF));
  g_assert_nonnull (strstr (told_of_one->out, "onnx:q4"));
  g_assert_null (strstr (told_of_one->out, GGUF));
  mcache_assert_fails (f, 3, "NotScanned", unknown);
}

static void
assert_pinned (McacheFixture *f, gboolean pinned)
{
  g_autoptr (JsonNode) usage = mcache_run_json (f, 0, "usage", ONNX, NULL);
  JsonObject *part = mcache_get_member (
      json_object_get_member (json_node_get_object (usage), "parts"), "variant", "onnx:q4");

  g_assert_cmpint (json_object_get_boolean_member (part, "pinned"), ==, pinned);
  g_assert_cmpuint (mcache_get_int (part, "last_used"), >, 1600000000);
}

/* The limit takes what is not pinned, tells what it would take, and says what it took. */
static void
test_limit (McacheFixture *f, gconstpointer data)
{
  static const char *const not_here[] = { "pin", GATED, NULL };
  static const char *const no_variant[] = { "pin", ONNX, "q9", NULL };
  static const char *const nobody[] = { "reclaim", "5MB", NULL };
  static const char *const no_size[] = { "reclaim", "much", "--yes", NULL };
  static const char *const no_room[] = { "download", GGUF, "Q8_0", NULL };
  g_autoptr (JsonNode) would = NULL;
  g_autoptr (JsonNode) nothing = NULL;
  g_autoptr (JsonNode) status = NULL;
  g_autoptr (McacheRun) done = NULL;

  mcache_assert_works (f, "download", ONNX, "q4", NULL);
  mcache_assert_works (f, "download", GGUF, "Q4_K_M", NULL);
  mcache_assert_fails (f, 3, "NotScanned", not_here);
  mcache_assert_fails (f, 3, "UnknownVariant", no_variant);
  mcache_assert_fails (f, 2, "Usage", nobody);
  mcache_assert_fails (f, 2, "Usage", no_size);
  assert_pinned (f, FALSE);
  mcache_assert_works (f, "pin", ONNX, "q4", NULL);
  assert_pinned (f, TRUE);
  would = mcache_run_json (f, 0, "reclaim", "5", "MB", "--dry-run", NULL);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (would)), ==, 1);
  g_assert_cmpuint (mcache_get_int (mcache_get_member (would, "repo", GGUF), "returns"), >=,
                    GGUF_SIZE);
  nothing = mcache_run_json (f, 0, "reclaim", "--yes", NULL);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (nothing)), ==, 0);
  done = mcache_run (f, "reclaim", "5MB", "--yes", NULL);
  g_assert_cmpint (done->status, ==, 0);
  g_assert_nonnull (strstr (done->out, "gguf:Q4_K_M"));
  g_assert_nonnull (strstr (done->out, "Freed "));
  status = mcache_run_json (f, 0, "status", NULL);
  g_assert_cmpuint (mcache_get_int (mcache_get_member (status, "kind", "evict"), "total"), >=,
                    GGUF_SIZE);
  mcache_assert_works (f, "settings", "size-limit", "6MB", NULL);
  mcache_assert_fails (f, 6, "NoSpace", no_room);
  mcache_assert_works (f, "unpin", ONNX, NULL);
  assert_pinned (f, FALSE);
  mcache_assert_works (f, "download", GGUF, "Q8_0", NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/mcache/settings", McacheFixture, NULL, mcache_set_up, test_settings,
              mcache_tear_down);
  g_test_add ("/mcache/usage", McacheFixture, NULL, mcache_set_up, test_usage, mcache_tear_down);
  g_test_add ("/mcache/limit", McacheFixture, NULL, mcache_set_up, test_limit, mcache_tear_down);
  return g_test_run ();
}
