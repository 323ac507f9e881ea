/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fit.h"

#include "mc-kv-cache.h"

#include <string.h>

#include "listing-builder.h"

/* Memory of a variant against memory of a computer. */

#define GB G_GUINT64_CONSTANT (1000000000)
#define GIB (G_GUINT64_CONSTANT (1) << 30)

static const McMachine desktop = { .ram = 16 * GIB };
static const McMachine gamer = { .ram = 32 * GIB, .vram = 12 * GIB };
static const McMachine tablet = { .ram = 4 * GIB };
static const McMachine apple = { .ram = 16 * GIB, .unified = TRUE };
static const McMachine unknown = { 0 };

/* need = weights x 1.1 + 0.5 GB + 0.3 GB, where no header was read. */
static const struct
{
  const char *name;
  const McMachine *machine;
  guint64 weights;
  McFitState state;
} judgements[] = {
  /* 16 GiB less 4 GB: 13.18 GB. */
  { "desktop-fits", &desktop, 11200000000, MC_FIT_FITS },
  { "desktop-tight", &desktop, 11300000000, MC_FIT_TIGHT },
  { "desktop-tight-still", &desktop, 13000000000, MC_FIT_TIGHT },
  { "desktop-too-large", &desktop, 13100000000, MC_FIT_TOO_LARGE },
  /* 12 GiB less 1.2: 11.6 GB; and 32 GiB less 6.87: 27.5 GB. */
  { "gamer-fits", &gamer, 9800000000, MC_FIT_FITS },
  { "gamer-part", &gamer, 9900000000, MC_FIT_PART },
  { "gamer-part-still", &gamer, 34700000000, MC_FIT_PART },
  { "gamer-tight", &gamer, 34900000000, MC_FIT_TIGHT },
  { "gamer-tight-still", &gamer, 40100000000, MC_FIT_TIGHT },
  { "gamer-too-large", &gamer, 40300000000, MC_FIT_TOO_LARGE },
  /* Half of 4 GiB. */
  { "tablet-fits", &tablet, 1200000000, MC_FIT_FITS },
  { "tablet-tight", &tablet, 1300000000, MC_FIT_TIGHT },
  { "tablet-too-large", &tablet, 2 * GB, MC_FIT_TOO_LARGE },
  /* 70 of 100. */
  { "apple-fits", &apple, 10 * GB, MC_FIT_FITS },
  { "apple-tight", &apple, 11 * GB, MC_FIT_TIGHT },
  { "apple-too-large", &apple, 12 * GB, MC_FIT_TOO_LARGE },
  { "no-size", &desktop, 0, MC_FIT_UNKNOWN },
  { "no-memory", &unknown, GB, MC_FIT_UNKNOWN },
  { "no-file-is-so-large", &gamer, G_MAXUINT64, MC_FIT_TOO_LARGE },
};

static void
test_judges (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  McVariantFacts facts = { 0 };
  McFit fit = mc_fit_judge (&facts, judgements[i].weights, 0, judgements[i].machine);

  g_assert_cmpstr (mc_fit_state_to_string (fit.state), ==,
                   mc_fit_state_to_string (judgements[i].state));
  g_assert_cmpuint (fit.need, ==, fit.weights + fit.kv_cache + fit.overhead);
  g_assert_cmpuint (fit.context_length, ==, 4096);
}

static void
test_arithmetic (void)
{
  McVariantFacts facts = { 0 };
  McFit fit = mc_fit_judge (&facts, 5 * GB, 0, &gamer);

  g_assert_cmpuint (fit.weights, ==, 5 * GB);
  g_assert_cmpuint (fit.kv_cache, ==, GB / 2);
  g_assert_false (fit.kv_cache_is_known);
  g_assert_cmpuint (fit.overhead, ==, 800000000);
  g_assert_cmpuint (fit.need, ==, 6300000000);
  g_assert_cmpuint (fit.gpu_budget, ==, 12 * GIB - 12 * GIB / 10);
  g_assert_cmpuint (fit.ram_budget, ==, 32 * GIB - 32 * GIB / 5);
}

/* A card with next to nothing on it is no card. */
static void
test_small_card (void)
{
  McMachine machine = { .ram = 16 * GIB, .vram = GIB / 2 };
  McVariantFacts facts = { 0 };
  McFit fit = mc_fit_judge (&facts, 5 * GB, 0, &machine);

  g_assert_cmpuint (fit.gpu_budget, ==, 0);
  g_assert_cmpint (fit.state, ==, MC_FIT_FITS);
}

/* What the number of parameters alone says is what the judgement of such a variant would be. */
static void
test_most_parameters (void)
{
  const McMachine *const machines[] = { &desktop, &gamer, &tablet, &apple };

  for (guint i = 0; i < G_N_ELEMENTS (machines); i++)
    {
      guint64 most = mc_fit_get_most_parameters (machines[i]);
      McVariantFacts facts = { 0 };
      McFit fit = mc_fit_judge (&facts, (guint64) ((double) most * 4.85 / 8), 0, machines[i]);
      McFit more = mc_fit_judge (&facts, (guint64) ((double) most * 4.9 / 8), 0, machines[i]);

      g_assert_cmpuint (fit.need, <=, fit.gpu_budget + fit.ram_budget);
      g_assert_cmpuint (more.need, >, more.gpu_budget + more.ram_budget);
    }
  g_assert_cmpuint (mc_fit_get_most_parameters (&unknown), ==, 0);
}

/* --- the cache --- */

/* Known figures: 4096 tokens of Llama 3.1 8B are 512 MiB, as llama.cpp prints it. */
static McGgufHeader
make_llama (void)
{
  return (McGgufHeader){ .architecture = (char *) "llama",
                         .block_count = 32,
                         .context_length = 131072,
                         .embedding_length = 4096,
                         .has_head_count = TRUE,
                         .head_count = 32,
                         .head_count_kv = 8 };
}

static guint64
cache_size (const McGgufHeader *header, guint64 context_length)
{
  McKvCache cache = mc_kv_cache_from_gguf (header);

  g_assert_true (cache.is_known);
  return mc_kv_cache_get_size (&cache, context_length);
}

static void
test_cache_of_llama (void)
{
  McGgufHeader header = make_llama ();

  g_assert_cmpuint (cache_size (&header, 4096), ==, 512 << 20);
  g_assert_cmpuint (cache_size (&header, 131072), ==, GIB * 16);
  /* All heads, where the header does not say how many share. */
  header.head_count_kv = 0;
  g_assert_cmpuint (cache_size (&header, 4096), ==, GIB * 2);
  /* Longer keys than a share of the embedding. */
  header.head_count_kv = 8;
  header.key_length = 256;
  g_assert_cmpuint (cache_size (&header, 4096), ==, 768 << 20);
}

/* Gemma 3 4B: 34 layers, of each six the first five have a window of 1024. */
static void
test_cache_of_gemma (void)
{
  McGgufHeader header = { .architecture = (char *) "gemma3",
                          .block_count = 34,
                          .embedding_length = 2560,
                          .has_head_count = TRUE,
                          .head_count = 8,
                          .head_count_kv = 4,
                          .key_length = 256,
                          .value_length = 256,
                          .sliding_window = 1024 };
  guint64 token = 4 * 512 * 2;

  g_assert_cmpuint (cache_size (&header, 512), ==, 34 * token * 512);
  g_assert_cmpuint (cache_size (&header, 32768), ==, 5 * token * 32768 + 29 * token * 1024);
  /* The window of others is not used. */
  header.architecture = (char *) "phi3";
  g_assert_cmpuint (cache_size (&header, 32768), ==, 34 * token * 32768);
  header.has_window_period = TRUE;
  header.window_period = 2;
  g_assert_cmpuint (cache_size (&header, 32768), ==, 17 * token * 32768 + 17 * token * 1024);
  header.window_period = 0;
  g_assert_cmpuint (cache_size (&header, 32768), ==, 34 * token * 1024);
  header.window_period = 1;
  g_assert_cmpuint (cache_size (&header, 32768), ==, 34 * token * 32768);
}

/* Gemma 4: which layers have a window, how many heads and how long, all layer by layer; the last
 * two use the cache of others. */
static void
test_cache_by_layer (void)
{
  McGgufHeader header = { .architecture = (char *) "gemma4",
                          .block_count = 6,
                          .embedding_length = 1536,
                          .has_head_count = TRUE,
                          .head_count = 8,
                          .head_count_kv = 2,
                          .key_length = 512,
                          .value_length = 512,
                          .key_length_swa = 256,
                          .value_length_swa = 256,
                          .sliding_window = 512,
                          .shared_kv_layers = 2,
                          .n_layer_kv_heads = 6,
                          .n_layer_windows = 3,
                          .layer_kv_heads = { 1, 2, 1, 2, 4, 4 },
                          .layer_has_window = { 1, 1, 0 } };

  g_assert_cmpuint (cache_size (&header, 8192), ==,
                    5 * 512 * 2 * 512 + (guint64) 1 * 1024 * 2 * 8192);
}

/* Hybrids keep a cache in a few layers only, and some models none at all. */
static void
test_cache_of_hybrids (void)
{
  McGgufHeader header = make_llama ();

  header.full_attention_interval = 4;
  g_assert_cmpuint (cache_size (&header, 4096), ==, 128 << 20);
  header.full_attention_interval = 0;
  header.n_layer_kv_heads = 32;
  header.layer_kv_heads[7] = 8;
  g_assert_cmpuint (cache_size (&header, 4096), ==, 16 << 20);

  header = make_llama ();
  header.head_count = 0;
  header.head_count_kv = 0;
  g_assert_cmpuint (cache_size (&header, 4096), ==, 0);
  header = make_llama ();
  header.is_not_causal = TRUE;
  g_assert_cmpuint (cache_size (&header, 4096), ==, 0);
}

static void
test_cache_unknown (void)
{
  McGgufHeader header = make_llama ();

  header.block_count = 0;
  g_assert_false (mc_kv_cache_from_gguf (&header).is_known);
  header = make_llama ();
  header.has_head_count = FALSE;
  g_assert_false (mc_kv_cache_from_gguf (&header).is_known);
  header = make_llama ();
  header.embedding_length = 0;
  g_assert_false (mc_kv_cache_from_gguf (&header).is_known);
}

/* The largest numbers a header may have. */
static void
test_cache_of_monsters (void)
{
  McKvCache cache;
  McGgufHeader header = { .block_count = MC_GGUF_MAX_LAYERS,
                          .has_head_count = TRUE,
                          .head_count = G_MAXUINT16,
                          .key_length = 1 << 24,
                          .value_length = 1 << 24,
                          .sliding_window = (guint64) 1 << 40,
                          .has_window_period = TRUE,
                          .window_period = 2 };
  McVariantFacts facts = { 0 };
  McFit fit;

  facts.kv_cache = cache = mc_kv_cache_from_gguf (&header);
  g_assert_cmpuint (mc_kv_cache_get_size (&cache, G_MAXUINT64), ==, G_MAXUINT64);
  fit = mc_fit_judge (&facts, G_MAXUINT64, G_MAXUINT64, &gamer);
  g_assert_cmpint (fit.state, ==, MC_FIT_TOO_LARGE);
  g_assert_cmpuint (fit.need, >=, fit.weights);
}

/* A longer text makes the cache larger, up to what the model reads. */
static void
test_context (void)
{
  McGgufHeader header = make_llama ();
  McVariantFacts facts = { .context_length = 131072 };
  McFit fit;

  facts.kv_cache = mc_kv_cache_from_gguf (&header);
  fit = mc_fit_judge (&facts, 5 * GB, 0, &desktop);
  g_assert_true (fit.kv_cache_is_known);
  g_assert_cmpuint (fit.kv_cache, ==, 512 << 20);
  g_assert_cmpint (fit.state, ==, MC_FIT_FITS);
  fit = mc_fit_judge (&facts, 5 * GB, 131072, &desktop);
  g_assert_cmpint (fit.state, ==, MC_FIT_TOO_LARGE);
  fit = mc_fit_judge (&facts, 5 * GB, G_MAXUINT64, &desktop);
  g_assert_cmpuint (fit.context_length, ==, 131072);
  g_assert_cmpuint (fit.kv_cache, ==, 16 * GIB);
}

/* --- the suggestion --- */

static const char *const quants[] = {
  "M-8B-Q2_K.gguf 3200000000",
  "M-8B-Q4_K_M.gguf 5000000000",
  "M-8B-Q6_K.gguf 6600000000",
  "M-8B-Q8_0.gguf 8500000000",
  "M-8B-BF16.gguf 16000000000",
  "M-8B-F32.gguf 32000000000",
  "model.safetensors 400000000",
  "config.json 500",
  NULL,
};

static const char *const unquantized[] = {
  "M-8B-Q4_K_M.gguf 5000000000",
  "M-8B-BF16.gguf 16000000000",
  "M-8B-F32.gguf 32000000000",
  NULL,
};

static const char *const same_sizes[] = {
  "onnx/model.onnx 90000000000",
  "onnx/model_int8.onnx 1000000000",
  "onnx/model_quantized.onnx 990000000",
  "onnx/model_uint8.onnx 1000000000",
  "onnx/model_q4.onnx 700000000",
  "config.json 1",
  NULL,
};

static const char *const two_models[] = {
  "tiny-Q4_K_M.gguf 300000000",
  "tiny-Q8_0.gguf 600000000",
  "big-model-Q4_K_M.gguf 5000000000",
  "big-model-Q8_0.gguf 9000000000",
  NULL,
};

static const char *const broken[] = {
  "M-Q4_K_M.gguf 5000000000",
  "M-Q8_0-00001-of-00003.gguf 3000000000",
  "M-Q8_0-00002-of-00003.gguf 3000000000",
  NULL,
};

static const char *const sizeless[] = { "M-Q4_K_M.gguf 0", "M-Q8_0.gguf 0", NULL };
static const char *const alone[] = { "M-Q8_0.gguf 1000000000", NULL };
static const char *const nothing[] = { "README.md 10", NULL };

static const McMachine huge = { .ram = 512 * GIB };
static const McMachine tiny = { .ram = GIB };
static const McMachine small_card = { .ram = 32 * GIB, .vram = 3 * GIB };
static const McMachine small_card_and_ram = { .ram = 8 * GIB, .vram = 2 * GIB };

static const struct
{
  const char *name;
  const char *const *files;
  const McMachine *machine;
  const char *key;
  McSuggestReason reason;
} suggestions[] = {
  { "largest", quants, &desktop, "gguf:Q8_0", MC_SUGGEST_LARGEST_FITS },
  { "no-more-than-needed", quants, &huge, "gguf:Q8_0", MC_SUGGEST_LOSSLESS },
  { "no-padding", unquantized, &huge, "gguf:BF16", MC_SUGGEST_LARGEST_FITS },
  { "on-the-card", quants, &gamer, "gguf:Q8_0", MC_SUGGEST_LARGEST_FITS },
  { "default-partly", quants, &small_card, "gguf:Q4_K_M", MC_SUGGEST_DEFAULT_PART },
  { "largest-partly", quants, &small_card_and_ram, "gguf:Q2_K", MC_SUGGEST_LARGEST_PART },
  { "smallest", quants, &tiny, "gguf:Q2_K", MC_SUGGEST_SMALLEST },
  { "default-among-equals", same_sizes, &desktop, "onnx:q8", MC_SUGGEST_LARGEST_FITS },
  { "same-model", two_models, &huge, NULL, MC_SUGGEST_LARGEST_FITS },
  { "whole", broken, &huge, "gguf:Q4_K_M", MC_SUGGEST_ONLY },
  { "no-sizes", sizeless, &desktop, "gguf:Q4_K_M", MC_SUGGEST_DEFAULT },
  { "no-memory", quants, &unknown, "gguf:Q4_K_M", MC_SUGGEST_DEFAULT },
  { "only", alone, &desktop, "gguf:Q8_0", MC_SUGGEST_ONLY },
  { "only-and-too-large", alone, &tiny, "gguf:Q8_0", MC_SUGGEST_SMALLEST },
};

static void
test_suggests (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (McManifest) manifest = build_manifest ("a/b", suggestions[i].files);
  McSuggestion suggestion = mc_fit_suggest (manifest, NULL, suggestions[i].machine, 0);

  g_assert_nonnull (suggestion.variant);
  g_assert_cmpint (suggestion.reason, ==, suggestions[i].reason);
  if (suggestions[i].key != NULL)
    g_assert_cmpstr (suggestion.variant->key, ==, suggestions[i].key);
  else
    {
      g_autofree char *model = mc_variant_dup_model (suggestion.variant);

      g_assert_true (g_str_has_prefix (manifest->default_key + strlen ("gguf:"), model));
    }
  g_assert_nonnull (mc_suggest_reason_get_phrase (suggestion.reason));
}

static void
test_suggests_nothing (void)
{
  g_autoptr (McManifest) manifest = build_manifest ("a/b", nothing);
  McSuggestion suggestion = mc_fit_suggest (manifest, NULL, &desktop, 0);

  g_assert_null (suggestion.variant);
  g_assert_cmpint (suggestion.reason, ==, MC_SUGGEST_NONE);
  g_assert_null (mc_suggest_reason_get_phrase (MC_SUGGEST_NONE));
}

/* Thousands of variants of a model, and as many shared files: still a moment. */
static void
test_suggests_in_crowds (void)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (McManifest) manifest = NULL;
  McSuggestion suggestion;

  for (guint i = 0; i < 4000; i++)
    {
      g_ptr_array_add (lines, g_strdup_printf ("M-Q4_K_M-%05u.gguf %u", i, 1000000 + i));
      g_ptr_array_add (lines, g_strdup_printf ("vocab-%05u.json 1", i));
    }
  g_ptr_array_add (lines, NULL);
  manifest = build_manifest ("a/b", (const char *const *) lines->pdata);
  suggestion = mc_fit_suggest (manifest, NULL, &desktop, 0);
  g_assert_nonnull (suggestion.variant);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (judgements); i++)
    {
      g_autofree char *path = g_strdup_printf ("/fit/judges/%s", judgements[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_judges);
    }
  g_test_add_func ("/fit/arithmetic", test_arithmetic);
  g_test_add_func ("/fit/small-card", test_small_card);
  g_test_add_func ("/fit/most-parameters", test_most_parameters);
  g_test_add_func ("/fit/cache/llama", test_cache_of_llama);
  g_test_add_func ("/fit/cache/gemma", test_cache_of_gemma);
  g_test_add_func ("/fit/cache/by-layer", test_cache_by_layer);
  g_test_add_func ("/fit/cache/hybrids", test_cache_of_hybrids);
  g_test_add_func ("/fit/cache/unknown", test_cache_unknown);
  g_test_add_func ("/fit/cache/monsters", test_cache_of_monsters);
  g_test_add_func ("/fit/context", test_context);
  for (gsize i = 0; i < G_N_ELEMENTS (suggestions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/fit/suggests/%s", suggestions[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_suggests);
    }
  g_test_add_func ("/fit/suggests/nothing", test_suggests_nothing);
  g_test_add_func ("/fit/suggests/in-crowds", test_suggests_in_crowds);
  return g_test_run ();
}
