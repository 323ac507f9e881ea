/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include <string.h>

/* Order, limits, hours and history: queue limit allow history, settings of words, and --all. */

#define SLOW 200000 /* bytes a second: nothing ends meanwhile */

static char *
begin (McacheFixture *f, const char *repo, const char *variant)
{
  g_autoptr (JsonNode) node = mcache_run_json (f, 0, "download", "--detach", repo, variant, NULL);

  return g_strdup_printf ("%" G_GUINT64_FORMAT, mcache_get_int (json_node_get_object (node), "id"));
}

static void
assert_order (McacheFixture *f, const char *first, const char *second)
{
  g_autoptr (JsonNode) queue = mcache_run_json (f, 0, "queue", NULL);
  JsonArray *array = json_node_get_array (queue);

  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  g_assert_cmpuint (mcache_get_int (json_array_get_object_element (array, 0), "id"), ==,
                    g_ascii_strtoull (first, NULL, 10));
  g_assert_cmpuint (mcache_get_int (json_array_get_object_element (array, 1), "id"), ==,
                    g_ascii_strtoull (second, NULL, 10));
}

static void
test_order (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) none = mcache_run (f, "queue", NULL);
  g_autoptr (McacheRun) shown = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_assert_cmpstr (none->out, ==, "There is no transfer in the queue.\n");
  mc_test_hub_set_rate (f->hub, SLOW);
  mcache_assert_works (f, "settings", "active-transfers", "1", NULL);
  first = begin (f, ONNX, "q4");
  second = begin (f, GGUF, "Q8_0");
  assert_order (f, first, second);
  mcache_assert_works (f, "queue", second, "1", NULL);
  assert_order (f, second, first);
  mcache_assert_works (f, "queue", second, "last", NULL);
  assert_order (f, first, second);
  mcache_assert_works (f, "queue", second, "now", NULL);
  assert_order (f, second, first);
  mcache_assert_works (f, "queue", GGUF, "next", NULL);
  shown = mcache_run (f, "queue", NULL);
  g_assert_nonnull (strstr (shown->out, GGUF " gguf:Q8_0"));
  mcache_assert_fails (f, 2, "Usage", (const char *const[]){ "queue", first, "soon", NULL });
  mcache_assert_fails (f, 2, "Usage", (const char *const[]){ "queue", first, "0", NULL });
  mcache_assert_fails (f, 2, "Usage", (const char *const[]){ "queue", first, NULL });
  mcache_assert_works (f, "pause", "--all", NULL);
  mcache_assert_works (f, "resume", "--all", NULL);
  mcache_assert_works (f, "cancel", "--all", "--discard", NULL);
}

static void
test_limit (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) status = NULL;
  g_autofree char *id = NULL;

  mc_test_hub_set_rate (f->hub, SLOW);
  id = begin (f, ONNX, "q4");
  mcache_assert_works (f, "limit", id, "2MB", NULL);
  status = mcache_run_json (f, 0, "status", NULL);
  g_assert_cmpuint (mcache_get_int (json_array_get_object_element (json_node_get_array (status), 0),
                                    "rate_limit"),
                    ==, 2000000);
  mcache_assert_works (f, "limit", id, "none", NULL);
  mcache_assert_fails (f, 2, "Usage", (const char *const[]){ "limit", id, "fast", NULL });
  mcache_assert_works (f, "cancel", id, NULL);
}

/* It is not the hour for it: status says so, and what to do. */
static void
test_allow (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  int hour = g_date_time_get_hour (now);
  g_autofree char *from = g_strdup_printf ("%d", (hour + 2) % 24);
  g_autofree char *to = g_strdup_printf ("%d", (hour + 3) % 24);
  g_autoptr (McacheRun) status = NULL;
  g_autofree char *id = NULL;

  mcache_assert_works (f, "settings", "schedule-from", from, NULL);
  mcache_assert_works (f, "settings", "schedule-to", to, NULL);
  id = begin (f, ONNX, "q4");
  status = mcache_run (f, "status", NULL);
  g_assert_nonnull (strstr (status->out, "mcache allow"));
  mcache_assert_works (f, "allow", NULL);
  mcache_assert_works (f, "download", ONNX, "q4", NULL);
}

static void
test_words (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) before = mcache_run (f, "settings", "metered", NULL);
  g_autoptr (McacheRun) changed = mcache_run (f, "settings", "metered", "go-on", NULL);
  g_autoptr (McacheRun) after = mcache_run (f, "settings", "metered", NULL);

  g_assert_cmpstr (before->out, ==, "ask\n");
  g_assert_cmpstr (changed->out, ==, "go-on\n");
  g_assert_cmpstr (after->out, ==, "go-on\n");
  mcache_assert_fails (f, 2, "InvalidName",
                       (const char *const[]){ "settings", "metered", "never", NULL });
}

static void
test_history (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) none = mcache_run (f, "history", NULL);
  g_autoptr (McacheRun) shown = NULL;
  g_autoptr (McacheRun) cleared = NULL;
  g_autoptr (JsonNode) entries = NULL;
  JsonArray *array;

  g_assert_cmpstr (none->out, ==, "The history is empty.\n");
  mc_test_hub_script (f->hub, "/" ONNX "/resolve/main/" ONNX_WEIGHTS, MC_TEST_GATED, 0, 0);
  mcache_assert_fails (f, 4, "Gated", (const char *const[]){ "download", ONNX, "q4", NULL });
  mcache_assert_works (f, "download", GGUF, "Q8_0", NULL);
  shown = mcache_run (f, "history", NULL);
  g_assert_nonnull (strstr (shown->out, "failed (Gated)"));
  entries = mcache_run_json (f, 0, "history", NULL);
  array = json_node_get_array (entries);
  g_assert_cmpuint (json_array_get_length (array), >=, 2);
  g_assert_cmpstr (mcache_get_string (json_array_get_object_element (array, 0), "state"), ==,
                   "done");
  g_assert_cmpstr (mcache_get_string (json_array_get_object_element (array, 1), "state"), ==,
                   "failed");
  cleared = mcache_run (f, "history", "--clear", NULL);
  g_assert_cmpstr (cleared->out, ==, "The history is empty.\n");
}

#define ADD(path, function)                                                                        \
  g_test_add (path, McacheFixture, NULL, mcache_set_up, function, mcache_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/mcache-queue/order", test_order);
  ADD ("/mcache-queue/limit", test_limit);
  ADD ("/mcache-queue/allow", test_allow);
  ADD ("/mcache-queue/words", test_words);
  ADD ("/mcache-queue/history", test_history);
  return g_test_run ();
}
