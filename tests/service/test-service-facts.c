/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include <glib/gstdio.h>
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
  entry = get_variant (&facts, GGUF, "gguf:F16");
  g_assert_true (g_variant_lookup (entry, "suggested", "b", &suggested));
  g_assert_true (suggested);
  assert_text (entry, "suggested-reason", "largest-that-fits");
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
  return g_test_run ();
}
