/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-headers.h"
#include "mcache-fixture.h"

#include <string.h>

/* What helps to choose a variant: show and variants, for people and for programs. */

static const char *const no_bus[] = { "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent",
                                      "LC_ALL=C.UTF-8", NULL };

/* A listing with shards missing, one of unknown size, a name from right to left and a long one. */
#define LISTING                                                                                    \
  "{\"repo\": \"a/M-7B-GGUF\", \"files\": ["                                                       \
  "{\"path\": \"M-7B-Q4_K_M-00001-of-00003.gguf\", \"size\": 2000000000},"                         \
  "{\"path\": \"M-7B-Q4_K_M-00003-of-00003.gguf\", \"size\": 1000000000},"                         \
  "{\"path\": \"M-7B-Q2_K.gguf\", \"size\": 2800000},"                                             \
  "{\"path\": \"M-7B-Q8_0.gguf\", \"size\": null},"                                                \
  "{\"path\": \"README.md\", \"size\": 10}]}"

static void
assert_has (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_test_message ("no “%s” in:\n%s", part, text);
  g_assert_nonnull (strstr (text, part));
}

static JsonObject *
get_only_variant (JsonNode *manifest)
{
  JsonArray *variants = json_object_get_array_member (json_node_get_object (manifest), "variants");

  g_assert_cmpuint (json_array_get_length (variants), ==, 1);
  return json_array_get_object_element (variants, 0);
}

static guint64
get_context (JsonObject *dict)
{
  return mcache_get_int (json_object_get_object_member (dict, "fit"), "context");
}

static void
test_table (McacheFixture *f, gconstpointer data)
{
  static const char *const arguments[] = { "show", GGUF, NULL };
  static const char *const utf8[] = { "LC_ALL=C.UTF-8", NULL };
  static const char *const ascii[] = { "LC_ALL=C", NULL };
  g_autoptr (McacheRun) shown = NULL;
  g_autoptr (McacheRun) plain = NULL;

  mcache_assert_works (f, "scan", GGUF, NULL);
  shown = mcache_run_with (f, utf8, NULL, arguments);
  plain = mcache_run_with (f, ascii, NULL, arguments);
  g_assert_cmpint (shown->status, ==, 0);
  assert_has (shown->out, "   VARIANT      ENCODING  QUALITY            SIZE    TO GET  FITS  ");
  assert_has (shown->out, "\n   gguf:Q4_K_M  Q4_K_M    balanced       700.0 kB  700.0 kB  ✓ fits");
  assert_has (shown->out, "\n*  gguf:Q8_0    Q8_0      near-lossless    1.4 MB    1.4 MB  ✓ fits");
  assert_has (shown->out, "* Suggested: the largest that fits comfortably.\n");
  assert_has (shown->out, "A download that names none takes gguf:Q4_K_M.\n");
  assert_has (plain->out, "+ fits");
  g_assert_null (strchr (shown->out, '\033'));
}

static void
test_one (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) tagged = NULL;
  g_autoptr (JsonNode) named = NULL;
  g_autoptr (McacheRun) told = NULL;
  g_autoptr (McacheRun) unknown = NULL;
  JsonObject *dict;

  mcache_assert_works (f, "scan", GGUF, NULL);
  mcache_assert_works (f, "download", GGUF ":q4_K_m", NULL);
  tagged = mcache_run_json (f, 0, "show", GGUF ":Q4_k_M", NULL);
  named = mcache_run_json (f, 0, "show", GGUF, "GGUF:q8_0", NULL);
  told = mcache_run (f, "show", GGUF ":q4_k_m", NULL);
  unknown = mcache_run (f, "show", GGUF ":Q5_K_M", NULL);

  dict = get_only_variant (tagged);
  g_assert_cmpstr (mcache_get_string (dict, "key"), ==, "gguf:Q4_K_M");
  g_assert_cmpstr (mcache_get_string (dict, "encoding"), ==, "Q4_K_M");
  g_assert_cmpstr (mcache_get_string (dict, "quality"), ==, "balanced");
  g_assert_cmpuint (mcache_get_int (dict, "remaining"), ==, 0);
  g_assert_cmpuint (get_context (dict), ==, 4096);
  g_assert_cmpstr (mcache_get_string (get_only_variant (named), "key"), ==, "gguf:Q8_0");
  assert_has (told->out, "\n  Encoding:      Q4_K_M, ");
  assert_has (told->out, "balanced: good balance of size and quality\n");
  assert_has (told->out, "  Runs in:       llama.cpp\n");
  assert_has (told->out, "weights\n");
  assert_has (told->out, "  in all\n");
  assert_has (told->out, "\ntiny-Q4_K_M.gguf  700.0 kB  downloaded  variant\n");
  g_assert_null (strstr (told->out, "Q8_0"));
  g_assert_cmpint (unknown->status, ==, 3);
  assert_has (unknown->err, "mcache show " GGUF "\n");
}

/* The repo's name, too, is found in any case. */
static void
test_any_case (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) by_default = NULL;
  g_autoptr (JsonNode) by_tag = NULL;

  mcache_assert_works (f, "scan", GGUF, NULL);
  by_default = mcache_run_json (f, 0, "plan", "OWNER/Tiny-gguf", NULL);
  by_tag = mcache_run_json (f, 0, "plan", "hf.co/owner/TINY-gguf:q8_0", NULL);
  g_assert_cmpstr (mcache_get_string (json_node_get_object (by_default), "variant"), ==,
                   "gguf:Q4_K_M");
  g_assert_cmpstr (mcache_get_string (json_node_get_object (by_tag), "variant"), ==, "gguf:Q8_0");
}

static void
test_context (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) all = NULL;
  g_autoptr (JsonNode) one = NULL;
  g_autoptr (McacheRun) told = NULL;
  g_autoptr (McacheRun) nonsense = NULL;
  JsonArray *variants;

  mcache_assert_works (f, "scan", GGUF, NULL);
  all = mcache_run_json (f, 0, "show", GGUF, "--context", "8192", NULL);
  one = mcache_run_json (f, 0, "show", GGUF ":Q8_0", "--context=16384", NULL);
  told = mcache_run (f, "show", GGUF, "--context", "8192", NULL);
  nonsense = mcache_run (f, "show", GGUF, "--context", "-1", NULL);
  variants = json_object_get_array_member (json_node_get_object (all), "variants");
  for (guint i = 0; i < json_array_get_length (variants); i++)
    g_assert_cmpuint (get_context (json_array_get_object_element (variants, i)), ==, 8192);
  g_assert_cmpuint (json_array_get_length (variants), ==, 2);
  g_assert_cmpuint (get_context (get_only_variant (one)), ==, 16384);
  assert_has (told->out, "Judged for 8192 tokens of context");
  g_assert_cmpint (nonsense->status, ==, 2);
}

static guint64
get_cache (JsonObject *dict)
{
  return mcache_get_int (json_object_get_object_member (dict, "fit"), "kv-cache");
}

/* The header of a file tells how much a longer text takes. */
static void
test_header (McacheFixture *f, gconstpointer data)
{
  static const McTestRepoFacts facts = { .task = "text-generation" };
  g_autoptr (GBytes) header = mc_test_make_gguf (10);
  g_autoptr (JsonNode) usual = NULL;
  g_autoptr (JsonNode) longer = NULL;
  g_autoptr (McacheRun) told = NULL;

  mc_test_hub_add_repo (f->hub, "owner/real", &facts);
  mc_test_hub_add_file (f->hub, "owner/real", "real-Q4_K_M.gguf", g_bytes_get_data (header, NULL),
                        g_bytes_get_size (header), TRUE);
  mcache_assert_works (f, "scan", "owner/real", NULL);
  usual = mcache_run_json (f, 0, "show", "owner/real:Q4_K_M", NULL);
  longer = mcache_run_json (f, 0, "show", "owner/real:Q4_K_M", "--context", "8192", NULL);
  told = mcache_run (f, "show", "owner/real:Q4_K_M", "--context", "100000", NULL);
  g_assert_cmpuint (get_cache (get_only_variant (usual)), ==, MC_TEST_GGUF_CACHE * 4096);
  g_assert_cmpuint (get_cache (get_only_variant (longer)), ==, MC_TEST_GGUF_CACHE * 8192);
  assert_has (told->out, "  Architecture:  llama\n");
  assert_has (told->out, "  Context:       8192 tokens\n");
  assert_has (told->out, "+     1.1 GB  KV cache of 8192 tokens\n");
}

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  return node;
}

static void
test_listing (McacheFixture *f, gconstpointer data)
{
  static const char *const arguments[] = { "variants", "-", "--context", "2048", NULL };
  g_autoptr (McacheRun) run = mcache_run_with (f, no_bus, LISTING, arguments);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *variants;
  JsonObject *cut;
  JsonObject *unsized;

  g_assert_cmpint (run->status, ==, 0);
  node = parse (run->out);
  variants = json_object_get_object_member (json_node_get_object (node), "variants");
  cut = json_object_get_object_member (variants, "gguf:Q4_K_M");
  unsized = json_object_get_object_member (variants, "gguf:Q8_0");
  g_assert_cmpuint (mcache_get_int (cut, "size"), ==, 3000000000);
  g_assert_cmpuint (mcache_get_int (cut, "missing-shards"), ==, 1);
  g_assert_cmpuint (mcache_get_int (cut, "parameters"), ==, 7000000000);
  g_assert_cmpuint (get_context (cut), ==, 2048);
  g_assert_false (json_object_has_member (unsized, "size"));
  g_assert_false (json_object_has_member (unsized, "fit"));
  g_assert_cmpstr (mcache_get_string (unsized, "quality"), ==, "near-lossless");
}

static void
test_listing_long (McacheFixture *f, gconstpointer data)
{
  static const char *const arguments[] = { "variants", "-", "--long", NULL };
  g_autoptr (McacheRun) run = mcache_run_with (f, no_bus, LISTING, arguments);

  g_assert_cmpint (run->status, ==, 0);
  assert_has (run->out, "gguf:Q4_K_M\n");
  assert_has (run->out, "  Note:          The repo lacks parts of it: it will not load.\n");
  assert_has (run->out, "M-7B-Q4_K_M-00002-of-00003.gguf\n");
  assert_has (run->out, "\nM-7B-Q2_K.gguf  2.8 MB  variant\n");
}

#define ADD(path, function)                                                                        \
  g_test_add (path, McacheFixture, NULL, mcache_set_up, function, mcache_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/mcache-show/table", test_table);
  ADD ("/mcache-show/one-variant", test_one);
  ADD ("/mcache-show/any-case", test_any_case);
  ADD ("/mcache-show/context", test_context);
  ADD ("/mcache-show/header", test_header);
  ADD ("/mcache-show/listing", test_listing);
  ADD ("/mcache-show/listing-long", test_listing_long);
  return g_test_run ();
}
