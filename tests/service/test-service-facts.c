/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-headers.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

/* What the service says of variants to those who choose, on a computer of the test's own. */

#define GGUF "sample/tiny-chat-GGUF"
#define GIB (G_GUINT64_CONSTANT (1) << 30)

typedef struct
{
  ServiceFixture *service;
  char *root; /* of the computer's files */
} Facts;

static void
write_file (const char *root, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (root, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (g_mkdir_with_parents (folder, 0700));
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
facts_set_up (Facts *facts, guint64 gib)
{
  g_autofree char *variable = NULL;
  g_autofree char *meminfo = g_strdup_printf (
      "MemTotal: %" G_GUINT64_FORMAT " kB\nMemAvailable: 1024 kB\n", gib * GIB / 1024);
  const char *environment[2] = { NULL };

  facts->root = g_dir_make_tmp ("mc-computer-XXXXXX", NULL);
  write_file (facts->root, "proc/meminfo", meminfo);
  variable = g_strconcat ("MC_MACHINE_ROOT=", facts->root, NULL);
  environment[0] = variable;
  facts->service = service_fixture_new (environment);
  mc_test_hub_add_samples (facts->service->hub);
}

static void
facts_clear (Facts *facts)
{
  g_autofree char *folder = g_build_filename (facts->root, "proc", NULL);
  g_autofree char *file = g_build_filename (folder, "meminfo", NULL);

  g_clear_pointer (&facts->service, service_fixture_free);
  g_remove (file);
  g_remove (folder);
  g_remove (facts->root);
  g_free (facts->root);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Facts, facts_clear)

static GVariant *
call (Facts *facts, const char *method, GVariant *arguments)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value =
      service_fixture_call (facts->service, method, arguments, &error_name);

  g_assert_cmpstr (error_name, ==, "");
  return g_variant_get_child_value (value, 0);
}

static void
scan (Facts *facts, const char *repo)
{
  g_autoptr (GVariant) path G_GNUC_UNUSED =
      call (facts, "Scan", g_variant_new ("(s@a{sv})", repo, service_options ()));
}

static GVariant *
make_context (const char *format, guint64 context)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  if (format[0] == 'u')
    g_variant_builder_add (&builder, "{sv}", "context", g_variant_new_uint32 ((guint32) context));
  else
    g_variant_builder_add (&builder, "{sv}", "context", g_variant_new_uint64 (context));
  return g_variant_builder_end (&builder);
}

/* The variant of that key in a manifest. */
static GVariant *
find_variant (GVariant *manifest, const char *key)
{
  g_autoptr (GVariant) variants =
      g_variant_lookup_value (manifest, "variants", G_VARIANT_TYPE ("aa{sv}"));

  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (variants, i);
      const char *found;

      g_assert_true (g_variant_lookup (entry, "key", "&s", &found));
      if (strcmp (found, key) == 0)
        return g_steal_pointer (&entry);
    }
  g_assert_not_reached ();
}

static GVariant *
get_variant (Facts *facts, const char *repo, const char *key)
{
  g_autoptr (GVariant) manifest = call (facts, "GetManifest", g_variant_new ("(s)", repo));

  return find_variant (manifest, key);
}

static void
assert_text (GVariant *dict, const char *key, const char *expected)
{
  const char *text = NULL;

  g_variant_lookup (dict, key, "&s", &text);
  g_assert_cmpstr (text, ==, expected);
}

/* 0: it is not there. */
static void
assert_number (GVariant *dict, const char *key, guint64 expected)
{
  guint64 number = 0;

  g_variant_lookup (dict, key, "t", &number);
  g_assert_cmpuint (number, ==, expected);
}

static GVariant *
get_fit (GVariant *entry)
{
  GVariant *fit = g_variant_lookup_value (entry, "fit", G_VARIANT_TYPE_VARDICT);

  g_assert_nonnull (fit);
  return fit;
}

static void
test_names_tell (void)
{
  g_auto (Facts) facts = { NULL };
  g_autoptr (GVariant) entry = NULL;
  g_autoptr (GVariant) fit = NULL;
  g_autofree const char **engines = NULL;

  facts_set_up (&facts, 16);
  scan (&facts, GGUF);
  entry = get_variant (&facts, GGUF, "gguf:Q4_K_M");
  fit = get_fit (entry);
  assert_text (entry, "format", "gguf");
  assert_text (entry, "encoding", "Q4_K_M");
  assert_text (entry, "quality", "balanced");
  assert_number (entry, "remaining", 44000000);
  assert_number (entry, "parameters", 57000000);
  assert_number (entry, "context-length", 4096);
  g_assert_true (g_variant_lookup (entry, "engines", "^a&s", &engines));
  g_assert_cmpstr (engines[0], ==, "llama.cpp");
  assert_text (fit, "state", "fits");
  assert_number (fit, "weights", 44000000);
  assert_number (fit, "overhead", 304400000);
  assert_number (fit, "memory", 16 * GIB);
  assert_number (fit, "vram", 0);
  g_assert_false (g_variant_lookup (entry, "suggested", "b", NULL));
}

static void
test_suggests (void)
{
  g_auto (Facts) facts = { NULL };
  g_autoptr (GVariant) entry = NULL;
  gboolean suggested = FALSE;

  facts_set_up (&facts, 16);
  scan (&facts, GGUF);
  entry = get_variant (&facts, GGUF, "gguf:Q8_0");
  g_assert_true (g_variant_lookup (entry, "suggested", "b", &suggested));
  g_assert_true (suggested);
  assert_text (entry, "suggested-reason", "practically-lossless");
}

/* 1 GiB, of which half is for models: too little for the allowance alone. */
static void
test_small_computer (void)
{
  g_auto (Facts) facts = { NULL };
  g_autoptr (GVariant) entry = NULL;
  g_autoptr (GVariant) fit = NULL;

  facts_set_up (&facts, 1);
  scan (&facts, GGUF);
  entry = get_variant (&facts, GGUF, "gguf:Q2_K");
  fit = get_fit (entry);
  assert_text (fit, "state", "too-large");
  assert_text (entry, "suggested-reason", "smallest");
}

static void
test_context (void)
{
  g_auto (Facts) facts = { NULL };
  static const char *const formats[] = { "u", "t" };

  facts_set_up (&facts, 16);
  scan (&facts, GGUF);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr (GVariant) manifest =
          call (&facts, "GetManifestWithOptions",
                g_variant_new ("(s@a{sv})", GGUF, make_context (formats[i], 1024)));
      g_autoptr (GVariant) plan =
          call (&facts, "Plan",
                g_variant_new ("(ss@a{sv})", GGUF, "q8_0", make_context (formats[i], 1024)));
      g_autoptr (GVariant) entry = find_variant (manifest, "gguf:Q8_0");
      g_autoptr (GVariant) fit = get_fit (entry);
      g_autoptr (GVariant) planned = get_fit (plan);

      assert_number (fit, "context", 1024);
      g_assert_true (g_variant_equal (fit, planned));
      assert_text (plan, "encoding", "Q8_0");
    }
  service_fixture_expect_error (facts.service, "GetManifestWithOptions",
                                g_variant_new_parsed ("('" GGUF "', {'context': <'long'>})"),
                                "InvalidName");
  service_fixture_expect_error (facts.service, "Plan",
                                g_variant_new_parsed ("('" GGUF "', '', {'context': <-1>})"),
                                "InvalidName");
}

/* --- headers --- */

#define CHAT "test/chat"
#define Q4 "chat-Q4_K_M.gguf"
#define Q8 "chat-Q8_0.gguf"
#define GATED_FILE "/sample/gated-chat/resolve/main/gated-chat-Q4_K_M.gguf"

/* Two encodings of a model; the header that is read is that of Q4_K_M. */
static void
add_chat (Facts *facts, const void *header, gsize size)
{
  static const McTestRepoFacts known = { .task = "text-generation", .parameters = 45000000 };

  mc_test_hub_add_repo (facts->service->hub, CHAT, &known);
  mc_test_hub_add_file (facts->service->hub, CHAT, Q4, header, size, TRUE);
  mc_test_hub_add_generated (facts->service->hub, CHAT, Q8, 48000000, 1);
}

static void
add_good_chat (Facts *facts)
{
  g_autoptr (GBytes) bytes = mc_test_make_gguf (100);

  add_chat (facts, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
assert_known (GVariant *entry, guint64 context)
{
  g_autoptr (GVariant) fit = get_fit (entry);
  gboolean known = FALSE;

  assert_text (entry, "architecture", "llama");
  assert_number (entry, "context-length", MC_TEST_GGUF_CONTEXT);
  g_assert_true (g_variant_lookup (fit, "kv-cache-known", "b", &known));
  g_assert_true (known);
  assert_number (fit, "kv-cache", MC_TEST_GGUF_CACHE * context);
}

/* One header tells of all encodings of its model. */
static void
test_header (void)
{
  g_auto (Facts) facts = { NULL };
  g_autoptr (GVariant) manifest = NULL;
  g_autoptr (GVariant) own = NULL;
  g_autoptr (GVariant) other = NULL;
  g_autoptr (GVariant) plan = NULL;

  facts_set_up (&facts, 16);
  add_good_chat (&facts);
  scan (&facts, CHAT);
  manifest = call (&facts, "GetManifest", g_variant_new ("(s)", CHAT));
  own = find_variant (manifest, "gguf:Q4_K_M");
  other = find_variant (manifest, "gguf:Q8_0");
  assert_known (own, 4096);
  assert_known (other, 4096);
  assert_text (other, "encoding", "Q8_0");
  plan = call (&facts, "Plan",
               g_variant_new ("(ss@a{sv})", CHAT, "Q8_0", make_context ("u", 1000000)));
  assert_known (plan, MC_TEST_GGUF_CONTEXT);
  g_assert_cmpuint (mc_test_hub_count (facts.service->hub, "storage:" CHAT "/" Q4), ==, 1);
  g_assert_cmpuint (mc_test_hub_count (facts.service->hub, "storage:" CHAT "/" Q8), ==, 0);
}

static gboolean
has_architecture (gpointer data)
{
  g_autofree char *text = NULL;
  GVariant *variants = mc_dbus_repo_get_variants (data);

  if (variants == NULL)
    return FALSE;
  text = g_variant_print (variants, FALSE);
  return strstr (text, "'architecture': <'llama'>") != NULL;
}

/* Who watches the repo's object learns of it too. */
static void
test_header_is_shown (void)
{
  g_auto (Facts) facts = { NULL };
  g_autoptr (GVariant) path = NULL;
  g_autoptr (McDbusRepo) repo = NULL;
  g_autoptr (GError) error = NULL;

  facts_set_up (&facts, 16);
  add_good_chat (&facts);
  path = call (&facts, "Scan", g_variant_new ("(s@a{sv})", CHAT, service_options ()));
  repo = mc_dbus_repo_proxy_new_sync (facts.service->connection,
                                      G_DBUS_PROXY_FLAGS_GET_INVALIDATED_PROPERTIES, MC_DBUS_NAME,
                                      g_variant_get_string (path, NULL), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (mc_test_wait_until (has_architecture, repo, 60000));
}

/* Nobody is asked for a file that is here: also of repos that were scanned along with a download.
 */
static void
test_header_from_store (void)
{
  g_auto (Facts) facts = { NULL };
  g_autofree char *transfer = NULL;
  g_autoptr (GVariant) entry = NULL;
  guint n;

  facts_set_up (&facts, 16);
  add_good_chat (&facts);
  transfer = service_fixture_download (facts.service, CHAT, "Q4_K_M", "done");
  n = mc_test_hub_count (facts.service->hub, "");
  entry = get_variant (&facts, CHAT, "gguf:Q4_K_M");
  assert_known (entry, 4096);
  g_assert_cmpuint (mc_test_hub_count (facts.service->hub, ""), ==, n);
}

/* Whatever is there instead of a header: names and the Hub's word remain. */
static void
test_bad_header (void)
{
  g_auto (Facts) facts = { NULL };
  g_autoptr (GVariant) entry = NULL;
  g_autoptr (GVariant) fit = NULL;

  facts_set_up (&facts, 16);
  add_chat (&facts, "GGUF\3\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\x7f", 20);
  scan (&facts, CHAT);
  entry = get_variant (&facts, CHAT, "gguf:Q4_K_M");
  fit = get_fit (entry);
  assert_number (fit, "kv-cache", 500000000);
  assert_number (entry, "parameters", 45000000);
  g_assert_false (g_variant_lookup (entry, "architecture", "s", NULL));
}

/* A storage host that falls silent: neither the scan nor the end of the service waits for it. */
static void
test_silent_storage (void)
{
  g_auto (Facts) facts = { NULL };

  facts_set_up (&facts, 16);
  add_good_chat (&facts);
  mc_test_hub_script (facts.service->hub, "storage:" CHAT "/" Q4, MC_TEST_SILENT, 0, 0);
  scan (&facts, CHAT);
  mc_test_bus_end_service (facts.service->bus, SIGTERM);
}

static void
test_gated (void)
{
  g_auto (Facts) facts = { NULL };
  g_autoptr (GVariant) entry = NULL;
  g_autoptr (GVariant) fit = NULL;

  facts_set_up (&facts, 16);
  scan (&facts, "sample/gated-chat");
  entry = get_variant (&facts, "sample/gated-chat", "gguf:Q4_K_M");
  assert_text (entry, "quality", "balanced");
  fit = get_fit (entry);
  assert_number (fit, "kv-cache", 500000000);
  g_assert_cmpuint (mc_test_hub_count (facts.service->hub, GATED_FILE), ==, 0);
}

static void
test_computer (void)
{
  g_auto (Facts) facts = { NULL };
  g_autoptr (GVariant) computer = NULL;

  facts_set_up (&facts, 8);
  computer = call (&facts, "GetComputer", NULL);
  assert_number (computer, "memory", 8 * GIB);
  assert_number (computer, "available", 1024 * 1024);
  assert_number (computer, "vram", 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/facts/names-tell", test_names_tell);
  g_test_add_func ("/service/facts/suggests", test_suggests);
  g_test_add_func ("/service/facts/small-computer", test_small_computer);
  g_test_add_func ("/service/facts/context", test_context);
  g_test_add_func ("/service/facts/computer", test_computer);
  g_test_add_func ("/service/facts/header", test_header);
  g_test_add_func ("/service/facts/header-is-shown", test_header_is_shown);
  g_test_add_func ("/service/facts/header-from-store", test_header_from_store);
  g_test_add_func ("/service/facts/bad-header", test_bad_header);
  g_test_add_func ("/service/facts/silent-storage", test_silent_storage);
  g_test_add_func ("/service/facts/gated", test_gated);
  return g_test_run ();
}
