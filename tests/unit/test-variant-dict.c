/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-dict.h"

#include <string.h>

#include "listing-builder.h"

/* Facts as the dictionaries of the bus. */

#define GIB (G_GUINT64_CONSTANT (1) << 30)

static GVariant *
describe (McManifest *manifest, const char *key)
{
  const McVariant *variant = get_variant (manifest, key);
  g_autoptr (McVariantFacts) facts = mc_variant_facts_new (manifest, variant, NULL);
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  mc_variant_facts_describe (facts, &dict);
  return g_variant_ref_sink (g_variant_builder_end (&dict));
}

static void
assert_text (GVariant *dict, const char *key, const char *expected)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (dict, key, G_VARIANT_TYPE_STRING);

  g_assert_nonnull (value);
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, expected);
}

static void
assert_number (GVariant *dict, const char *key, guint64 expected)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (dict, key, G_VARIANT_TYPE_UINT64);

  g_assert_nonnull (value);
  g_assert_cmpuint (g_variant_get_uint64 (value), ==, expected);
}

static void
assert_texts (GVariant *dict, const char *key, const char *expected)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (dict, key, G_VARIANT_TYPE_STRING_ARRAY);
  g_autofree const char **texts = NULL;
  g_autofree char *joined = NULL;

  g_assert_nonnull (value);
  texts = g_variant_get_strv (value, NULL);
  joined = g_strjoinv (", ", (char **) texts);
  g_assert_cmpstr (joined, ==, expected);
}

static gboolean
has (GVariant *dict, const char *key)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (dict, key, NULL);

  return value != NULL;
}

static void
test_facts (void)
{
  static const char *const lines[] = { "M-7B-Q4_K_M-00001-of-00003.gguf 2000000000",
                                       "M-7B-Q4_K_M-00003-of-00003.gguf 1000000000",
                                       "M-7B-Q8_0.gguf 7000000000", NULL };
  g_autoptr (McManifest) manifest = build_manifest ("a/M-7B-GGUF", lines);
  g_autoptr (GVariant) cut = describe (manifest, "gguf:Q4_K_M");
  g_autoptr (GVariant) whole = describe (manifest, "gguf:Q8_0");
  g_autoptr (GVariant) missing = g_variant_lookup_value (cut, "missing-shards", NULL);
  double bits = 0;

  assert_text (cut, "encoding", "Q4_K_M");
  assert_text (cut, "quality", "balanced");
  assert_texts (cut, "engines", "llama.cpp");
  assert_number (cut, "parameters", 7000000000);
  assert_number (cut, "weights", 3000000000);
  g_assert_cmpuint (g_variant_get_uint32 (missing), ==, 1);
  assert_texts (cut, "missing", "M-7B-Q4_K_M-00002-of-00003.gguf");
  assert_texts (cut, "notes", "incomplete");
  assert_text (whole, "quality", "near-lossless");
  g_assert_true (g_variant_lookup (whole, "bits-per-weight", "d", &bits));
  g_assert_cmpfloat_with_epsilon (bits, 8.5, 0.001);
  g_assert_false (has (whole, "missing-shards"));
  g_assert_false (has (whole, "notes"));
  g_assert_false (has (whole, "architecture"));
  g_assert_false (has (whole, "context-length"));
}

static void
test_fit (void)
{
  static const McMachine machine = { .ram = 16 * GIB };
  McVariantFacts facts = { 0 };
  McFit fit = mc_fit_judge (&facts, 4000000000, 8192, &machine);
  g_autoptr (GVariant) dict = g_variant_ref_sink (mc_fit_describe (&fit, &machine));

  assert_text (dict, "state", "fits");
  assert_number (dict, "context", 8192);
  assert_number (dict, "weights", 4000000000);
  assert_number (dict, "kv-cache", 500000000);
  assert_number (dict, "overhead", 700000000);
  assert_number (dict, "needed", 5200000000);
  assert_number (dict, "memory", 16 * GIB);
  g_assert_false (has (dict, "vram"));
}

/* All of them have a word and a sentence, and no word is there twice. */
static void
test_words (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = MC_QUALITY_UNKNOWN + 1; i <= MC_QUALITY_AS_TRAINED; i++)
    {
      g_assert_true (g_hash_table_add (seen, (gpointer) mc_quality_to_string (i)));
      g_assert_nonnull (mc_quality_get_phrase (i));
    }
  for (guint i = MC_SUGGEST_NONE + 1; i <= MC_SUGGEST_DEFAULT; i++)
    {
      g_assert_true (g_hash_table_add (seen, (gpointer) mc_suggest_reason_to_string (i)));
      g_assert_nonnull (mc_suggest_reason_get_phrase (i));
    }
  for (guint i = MC_NOTE_INCOMPLETE; i <= MC_NOTE_OVER_WASM; i <<= 1)
    {
      g_assert_true (g_hash_table_add (seen, (gpointer) mc_note_to_string (i)));
      g_assert_nonnull (mc_note_get_phrase (i));
    }
  g_assert_null (mc_quality_to_string (MC_QUALITY_UNKNOWN));
  g_assert_null (mc_suggest_reason_to_string (MC_SUGGEST_NONE));
  g_assert_null (mc_note_to_string (MC_NOTE_INCOMPLETE | MC_NOTE_BORROWED));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/variant-dict/facts", test_facts);
  g_test_add_func ("/variant-dict/fit", test_fit);
  g_test_add_func ("/variant-dict/words", test_words);
  return g_test_run ();
}
