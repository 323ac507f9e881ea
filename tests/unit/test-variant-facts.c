/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-facts.h"

#include "mc-engine.h"
#include "mc-model-header-read.h"
#include "mc-model-size.h"
#include "mc-shard-gaps.h"

#include <string.h>

#include "listing-builder.h"

/* What names, sizes and headers say about a variant. */

/* --- encodings --- */

static const struct
{
  const char *format;
  const char *label;
  const char *encoding;
  const char *model;
  double bits;
  McQuality quality;
} labels[] = {
  { "gguf", "Q4_K_M", "Q4_K_M", "", 4.89, MC_QUALITY_BALANCED },
  { "gguf", "Q3_K_S", "Q3_K_S", "", 3.64, MC_QUALITY_WEAKER },
  { "gguf", "IQ2_XXS", "IQ2_XXS", "", 2.38, MC_QUALITY_LAST_RESORT },
  { "gguf", "IQ4_KS_R4", "IQ4_KS_R4", "", 4.25, MC_QUALITY_BALANCED },
  { "gguf", "IQ4_NL", "IQ4_NL", "", 4.68, MC_QUALITY_BALANCED },
  { "gguf", "Q5_K_M", "Q5_K_M", "", 5.70, MC_QUALITY_CLOSE },
  { "gguf", "Q6_K", "Q6_K", "", 6.56, MC_QUALITY_VERY_CLOSE },
  { "gguf", "Q8_0", "Q8_0", "", 8.50, MC_QUALITY_LOSSLESS },
  { "gguf", "BF16", "BF16", "", 16, MC_QUALITY_UNQUANTIZED },
  { "gguf", "F32", "F32", "", 32, MC_QUALITY_UNQUANTIZED },
  { "gguf", "UD-Q4_K_XL", "UD-Q4_K_XL", "", 4.5, MC_QUALITY_BALANCED },
  { "gguf", "UD-IQ1_M", "UD-IQ1_M", "", 2.15, MC_QUALITY_LAST_RESORT },
  { "gguf", "Q4_K_M-imat", "Q4_K_M", "", 4.89, MC_QUALITY_BALANCED },
  { "gguf", "IQ4_KS-4.35bpw", "IQ4_KS-4.35bpw", "", 4.35, MC_QUALITY_BALANCED },
  { "gguf", "MXFP4_MOE", "MXFP4_MOE", "", 4.25, MC_QUALITY_BALANCED },
  { "gguf", "TQ1_0", "TQ1_0", "", 1.69, MC_QUALITY_AS_TRAINED },
  { "gguf", "UD-TQ1_0", "UD-TQ1_0", "", 1.69, MC_QUALITY_LAST_RESORT },
  { "gguf", "Q4_0_4_4", "Q4_0_4_4", "", 4.5, MC_QUALITY_BALANCED },
  { "gguf", "INT4", "INT4", "", 4.5, MC_QUALITY_BALANCED },
  { "gguf", "phi-4-mini/Q4_K_M", "Q4_K_M", "phi-4-mini", 4.89, MC_QUALITY_BALANCED },
  { "gguf", "Qwen3.6-DYNAMIC", "", "Qwen3.6-DYNAMIC", 0, MC_QUALITY_UNKNOWN },
  { "gguf", "default", "", "", 0, MC_QUALITY_UNKNOWN },
  { "ggml", "base.en", "", "base.en", 0, MC_QUALITY_UNKNOWN },
  { "ggml", "base.en/Q5_1", "Q5_1", "base.en", 6.0, MC_QUALITY_CLOSE },
  { "onnx", "q4f16", "q4f16", "", 4.5, MC_QUALITY_BALANCED },
  { "onnx", "q8", "q8", "", 8, MC_QUALITY_LOSSLESS },
  { "onnx", "fp32", "fp32", "", 32, MC_QUALITY_UNQUANTIZED },
  { "onnx", "O4", "O4", "", 16, MC_QUALITY_UNQUANTIZED },
  { "onnx", "qint8_avx512_vnni", "qint8_avx512_vnni", "", 8, MC_QUALITY_LOSSLESS },
  { "onnx", "text_model/bnb4", "bnb4", "text_model", 4.5, MC_QUALITY_BALANCED },
  { "onnx", "cpu_and_mobile/cpu-int4-rtn-block-32", "int4", "cpu_and_mobile/cpu-rtn-block-32", 4.5,
    MC_QUALITY_BALANCED },
  { "safetensors", "fp16", "fp16", "", 16, MC_QUALITY_UNQUANTIZED },
  { "safetensors", "hsxl_temporal_layers.f16", "fp16", "hsxl_temporal_layers", 16,
    MC_QUALITY_UNQUANTIZED },
  { "safetensors", "v1-5-pruned", "", "v1-5-pruned", 0, MC_QUALITY_UNKNOWN },
  { "safetensors", "default", "", "", 0, MC_QUALITY_UNKNOWN },
  { "coreml", "fill-mask/float32", "fp32", "fill-mask", 32, MC_QUALITY_UNQUANTIZED },
  { "tflite", "64-8bits", "8bit", "64", 8.5, MC_QUALITY_LOSSLESS },
  { "llamafile", "Llama-3.2-1B.Q4_K_M", "Q4_K_M", "Llama-3.2-1B", 4.89, MC_QUALITY_BALANCED },
  { "openvino", "qint8_quantized", "qint8_quantized", "", 8, MC_QUALITY_LOSSLESS },
};

static void
test_labels (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      g_autofree char *model = NULL;
      McEncoding encoding = mc_encoding_from_label (labels[i].format, labels[i].label, &model);

      g_test_message ("%s:%s", labels[i].format, labels[i].label);
      g_assert_cmpstr (encoding.name, ==, labels[i].encoding);
      g_assert_cmpstr (model, ==, labels[i].model);
      g_assert_cmpfloat_with_epsilon (encoding.nominal_bits, labels[i].bits, 0.001);
      g_assert_cmpint (encoding.quality, ==, labels[i].quality);
      g_assert_cmpint (mc_quality_get_phrase (encoding.quality) == NULL, ==,
                       encoding.quality == MC_QUALITY_UNKNOWN);
    }
}

static const struct
{
  const char *repo;
  const char *encoding;
} repo_names[] = {
  { "DiscoLM-120b-AWQ", "AWQ" },
  { "Qwen2.5-7B-Instruct-GPTQ-Int4", "int4" },
  { "Llama-3.1-8B-Instruct-FP8", "fp8" },
  { "Mellum2-12B-A2.5B-Thinking-mlx-4bit", "4bit" },
  { "gptq-3bit--1g-actorder_True", "3bit" },
  { "ReaderLM-v2-q4f16_1-MLC", "q4f16" },
  { "Kokoro-82M-bf16", "bf16" },
  { "Llama-3.3-70B-Instruct-quantized.w4a16", "W4A16" },
  { "Falcon3-7B-Instruct-1.58bit-GGUF", "" },
  { "Marco-o1", "" },
  { "all-MiniLM-L6-v2", "" },
  { "half-life", "" },
  { "", "" },
};

static void
test_repo_names (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (repo_names); i++)
    g_assert_cmpstr (mc_encoding_from_repo (repo_names[i].repo).name, ==, repo_names[i].encoding);
}

/* --- sizes in names --- */

#define MILLION G_GUINT64_CONSTANT (1000000)

static const struct
{
  const char *name;
  guint64 total; /* millions */
  guint64 active;
  guint64 effective;
} sizes[] = {
  { "Llama-2-7B-Chat", 7000, 0, 0 },
  { "Qwen3-0.6B", 600, 0, 0 },
  { "SmolLM2-135M-Instruct", 135, 0, 0 },
  { "Mixtral-8x7B-Instruct-v0.1", 56000, 0, 0 },
  { "Qwen3-30B-A3B-Q4_K_M.gguf", 30000, 3000, 0 },
  { "Mellum2-12B-A2.5B", 12000, 2500, 0 },
  { "gemma-3n-E2B-it", 0, 0, 2000 },
  { "Llama-4-Scout-17B-16E-Instruct", 0, 17000, 0 },
  { "llama-3.1-8b.Q4_K_M", 8000, 0, 0 },
  { "TinyLlama-1.1B-intermediate-step-1431k-3T", 1100, 0, 0 },
  { "Qwen2.5-7B-Instruct-1M", 7000, 0, 0 },
  { "Ling-1T", 1000000, 0, 0 },
  { "m2-bert-80M-8k-retrieval", 80, 0, 0 },
  { "gpt2", 0, 0, 0 },
  { "Phi-3-mini-128k-instruct", 0, 0, 0 },
  { "x-4bit-128g", 0, 0, 0 },
  { "a3b", 0, 3000, 0 },
  { "99999999999999999999B", 0, 0, 0 },
  { "1234567890B", 0, 0, 0 },
  { "0B", 0, 0, 0 },
  { "1.B", 0, 0, 0 },
  { "x7x7B", 0, 0, 0 },
  { "", 0, 0, 0 },
};

static void
test_sizes (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      McModelSize size = mc_model_size_from_name (sizes[i].name);

      g_test_message ("%s", sizes[i].name);
      g_assert_cmpuint (size.total, ==, sizes[i].total * MILLION);
      g_assert_cmpuint (size.active, ==, sizes[i].active * MILLION);
      g_assert_cmpuint (size.effective, ==, sizes[i].effective * MILLION);
    }
}

/* --- what is missing --- */

static const struct
{
  const char *paths; /* one a line */
  guint64 n_missing;
  const char *first;
} gaps[] = {
  { "a.gguf\nconfig.json", 0, NULL },
  { "m-00001-of-00002.gguf\nm-00002-of-00002.gguf", 0, NULL },
  { "m-00001-of-00003.gguf\nm-00003-of-00003.gguf", 1, "m-00002-of-00003.gguf" },
  { "m-00002-of-00003.gguf", 2, "m-00001-of-00003.gguf" },
  { "x/m-00001-of-00002.gguf\ny/m-00002-of-00002.gguf", 2, "x/m-00002-of-00002.gguf" },
  { "M-00001-of-00002.gguf\nm-00002-of-00002.gguf", 0, NULL },
  { "m.safetensors-00001-of-00001.safetensors", 0, NULL },
  { "m-00001-of-00002.fp16.safetensors", 1, "m-00002-of-00002.fp16.safetensors" },
  { "v.data-00000-of-00002\nv.data-00001-of-00002", 0, NULL },
  { "v.data-00000-of-00002", 1, "v.data-00001-of-00002" },
  { "m.gguf.part1of2", 1, "m.gguf.part2of2" },
  { "m.gguf.part1of2\nm.gguf.part2of2", 0, NULL },
  { "m.gguf-split-a\nm.gguf-split-c", 1, "m.gguf-split-b" },
  { "m.gguf.part-aa\nm.gguf.part-ac", 1, "m.gguf.part-ab" },
  { "m.gguf-split-b", 1, "m.gguf-split-a" },
  { "consolidated.00.pth\nconsolidated.02.pth", 1, "consolidated.01.pth" },
  { "m.onnx_data\nm.onnx_data_1\nm.onnx_data_3", 1, "m.onnx_data_2" },
  { "m-00001-of-999999.gguf", 999998, "m-00002-of-999999.gguf" },
  { "m-1-of-2.gguf", 0, NULL },
  { "m-1-of-11.safetensors\nm-11-of-11.safetensors", 9, "m-2-of-11.safetensors" },
  { "m-00001-of-.gguf\n-of-00001\n-00001-of-00000.gguf", 0, NULL },
};

static void
test_gaps (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (gaps); i++)
    {
      g_auto (GStrv) paths = g_strsplit (gaps[i].paths, "\n", -1);
      g_autoptr (McShardGaps) found =
          mc_shard_gaps_find ((const char *const *) paths, g_strv_length (paths));

      g_test_message ("%s", gaps[i].paths);
      g_assert_cmpuint (found->n_missing, ==, gaps[i].n_missing);
      g_assert_cmpuint (found->names->len, ==, MIN (found->n_missing, MC_SHARD_GAPS_NAMES));
      if (gaps[i].first != NULL)
        g_assert_cmpstr (g_ptr_array_index (found->names, 0), ==, gaps[i].first);
    }
}

/* --- engines --- */

static const struct
{
  const char *repo;
  const char *task;
  const char *library;
  const char *key;
  guint engines;
  const char *files[8];
} engine_cases[] = {
  { "a/M-GGUF", "text-generation", NULL, "gguf:Q8_0", MC_ENGINE_LLAMA_CPP, { "M-Q8_0.gguf 9" } },
  { "a/M-GGUF", NULL, NULL, "gguf:IQ4_KS", MC_ENGINE_IK_LLAMA_CPP, { "M-IQ4_KS.gguf 9" } },
  { "a/M-GGUF", NULL, NULL, "gguf:Q4_K_R4", MC_ENGINE_IK_LLAMA_CPP, { "M-Q4_K_R4.gguf 9" } },
  { "a/M-GGUF", NULL, NULL, "gguf:UD-IQ2_K", MC_ENGINE_IK_LLAMA_CPP, { "M-UD-IQ2_K.gguf 9" } },
  { "a/M-GGUF", NULL, NULL, "gguf:IQ4_NL", MC_ENGINE_LLAMA_CPP, { "M-IQ4_NL.gguf 9" } },
  { "a/LTX-GGUF",
    "text-to-video",
    NULL,
    "gguf:Q8_0",
    MC_ENGINE_STABLE_DIFFUSION_CPP,
    { "ltx-Q8_0.gguf 9" } },
  { "a/whisper.cpp",
    "automatic-speech-recognition",
    NULL,
    "ggml:base",
    MC_ENGINE_WHISPER_CPP,
    { "ggml-base.bin 9", "ggml-small.bin 9" } },
  { "a/b",
    "fill-mask",
    "transformers.js",
    "onnx:q8",
    MC_ENGINE_TRANSFORMERS_JS | MC_ENGINE_ONNX_RUNTIME,
    { "onnx/model.onnx 9", "onnx/model_quantized.onnx 9", "config.json 1" } },
  { "a/b",
    NULL,
    NULL,
    "onnx:O2",
    MC_ENGINE_ONNX_RUNTIME,
    { "onnx/model_O2.onnx 9", "onnx/model.onnx 9", "config.json 1" } },
  { "a/b", NULL, NULL, "onnx:fp32", MC_ENGINE_ONNX_RUNTIME, { "model.onnx 9", "config.json 1" } },
  { "a/b",
    NULL,
    NULL,
    "onnx:cpu-int4",
    MC_ENGINE_ONNXRUNTIME_GENAI,
    { "cpu-int4/model.onnx 9", "cpu-int4/genai_config.json 1", "cuda-fp16/model.onnx 9",
      "cuda-fp16/genai_config.json 1" } },
  { "a/b",
    "text-generation",
    "transformers",
    "safetensors:default",
    MC_ENGINE_TRANSFORMERS,
    { "model.safetensors 9", "config.json 1" } },
  { "mlx-community/b-4bit",
    NULL,
    NULL,
    "safetensors:default",
    MC_ENGINE_MLX,
    { "model.safetensors 9", "config.json 1" } },
  { "a/b",
    "sentence-similarity",
    "sentence-transformers",
    "safetensors:default",
    MC_ENGINE_TRANSFORMERS | MC_ENGINE_SENTENCE_TRANSFORMERS,
    { "model.safetensors 9", "config.json 1", "modules.json 1" } },
  { "a/sd",
    "text-to-image",
    "diffusers",
    "safetensors:fp16",
    MC_ENGINE_DIFFUSERS,
    { "model_index.json 1", "unet/diffusion_pytorch_model.fp16.safetensors 9", "unet/config.json 1",
      "vae/diffusion_pytorch_model.safetensors 9" } },
  { "a/controlnet",
    NULL,
    NULL,
    "safetensors:fp16",
    MC_ENGINE_DIFFUSERS,
    { "diffusion_pytorch_model.safetensors 9", "diffusion_pytorch_model.fp16.safetensors 9",
      "config.json 1" } },
  { "a/bge-m3",
    NULL,
    "sentence-transformers",
    "pytorch:colbert_linear",
    MC_ENGINE_PYTORCH,
    { "pytorch_model.bin 9", "colbert_linear.pt 1", "config.json 1", "modules.json 1" } },
  { "a/kokoro",
    NULL,
    NULL,
    "pytorch:default",
    MC_ENGINE_PYTORCH,
    { "kokoro-v1_0.pth 9", "config.json 1" } },
  { "a/sam2",
    NULL,
    NULL,
    "safetensors:default",
    MC_ENGINE_TRANSFORMERS,
    { "sam2.1_hiera_large.pt 9", "model.safetensors 9", "config.json 1" } },
  { "a/sam2",
    NULL,
    NULL,
    "pytorch:default",
    MC_ENGINE_PYTORCH,
    { "sam2.1_hiera_large.pt 9", "model.safetensors 9", "config.json 1" } },
  { "a/exl2",
    NULL,
    NULL,
    "safetensors:default",
    MC_ENGINE_PYTORCH,
    { "output-00001-of-00002.safetensors 9", "output-00002-of-00002.safetensors 9",
      "model.safetensors.index.json 1", "config.json 1" } },
  { "a/b",
    NULL,
    "transformers",
    "pytorch:fp16",
    MC_ENGINE_TRANSFORMERS,
    { "pytorch_model.bin 9", "pytorch_model.fp16-00001-of-00001.bin 9", "config.json 1" } },
  { "a/lora",
    NULL,
    "peft",
    "safetensors:adapter",
    MC_ENGINE_PEFT,
    { "adapter_model.safetensors 9", "adapter_config.json 1" } },
  { "a/b",
    NULL,
    NULL,
    "openvino:default",
    MC_ENGINE_OPENVINO,
    { "openvino_model.xml 1", "openvino_model.bin 9" } },
  { "a/b",
    NULL,
    NULL,
    "ctranslate2:default",
    MC_ENGINE_CTRANSLATE2,
    { "model.bin 9", "vocabulary.txt 1", "config.json 1" } },
  { "a/b", NULL, NULL, "tflite:default", MC_ENGINE_LITERT, { "model.tflite 9" } },
};

static void
test_engines (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (engine_cases); i++)
    {
      g_autoptr (McManifest) manifest =
          build_manifest (engine_cases[i].repo, engine_cases[i].files);
      g_autoptr (McVariantFacts) facts = NULL;

      g_test_message ("%s %s", engine_cases[i].repo, engine_cases[i].key);
      manifest->task = g_strdup (engine_cases[i].task);
      manifest->library = g_strdup (engine_cases[i].library);
      facts = mc_variant_facts_new (manifest, get_variant (manifest, engine_cases[i].key), NULL);
      g_assert_cmphex (facts->engines, ==, engine_cases[i].engines);
    }
}

static void
test_names_of_bits (void)
{
  for (guint bit = 0; bit < 32; bit++)
    {
      g_assert_cmpint (mc_engine_get_name ((McEngine) (1u << bit)) != NULL, ==,
                       1u << bit <= MC_ENGINE_IK_LLAMA_CPP);
      g_assert_cmpint (mc_note_get_phrase ((McNote) (1u << bit)) != NULL, ==,
                       1u << bit <= MC_NOTE_OVER_WASM);
    }
  g_assert_null (mc_engine_get_name (0));
  g_assert_null (mc_note_get_phrase (3));
}

/* --- all together --- */

static const char *const gguf_repo[] = {
  "Qwen3-8B-Q4_K_M.gguf 5000000000",
  "Qwen3-8B-Q8_0-00001-of-00002.gguf 3500000000",
  "Qwen3-8B-BF16-00001-of-00003.gguf 6000000000",
  "Qwen3-8B-BF16-00003-of-00003.gguf 4000000000",
  "Qwen3-8B-Q8_0-00002-of-00002.gguf 5000000000",
  "mmproj-F16.gguf 1000000000",
  "config.json 2000",
  "README.md 500",
  NULL,
};

static void
test_gguf (void)
{
  g_autoptr (McManifest) manifest = build_manifest ("a/Qwen3-8B-GGUF", gguf_repo);
  McVariant *variant = get_variant (manifest, "gguf:Q4_K_M");
  g_autoptr (McVariantFacts) facts = NULL;
  g_autoptr (McVariantFacts) read = NULL;
  McGgufHeader header = { .architecture = (char *) "qwen3",
                          .context_length = 40960,
                          .block_count = 36,
                          .has_head_count = TRUE,
                          .head_count = 32,
                          .head_count_kv = 8,
                          .key_length = 128,
                          .value_length = 128,
                          .parameters = 8190735360 };
  McModelHeader kept = { .format = MC_HEADER_GGUF };

  facts = mc_variant_facts_new (manifest, variant, NULL);
  g_assert_cmpstr (facts->encoding, ==, "Q4_K_M");
  g_assert_cmpuint (facts->total_bytes, ==, 6000002000);
  g_assert_cmpuint (facts->weight_bytes, ==, 6000000000);
  g_assert_cmpuint (facts->parameters, ==, 8000000000);
  g_assert_cmpint (facts->parameters_source, ==, MC_SOURCE_NAME);
  g_assert_cmpfloat (facts->measured_bits, ==, 0);
  g_assert_cmpuint (facts->context_length, ==, 0);
  g_assert_false (facts->kv_cache.is_known);
  g_assert_cmpuint (facts->notes, ==, 0);

  mc_model_header_take_gguf (&kept, &header);
  read = mc_variant_facts_new (manifest, variant, &kept);
  g_assert_cmpstr (read->architecture, ==, "qwen3");
  g_assert_cmpuint (read->parameters, ==, 8190735360);
  g_assert_cmpint (read->parameters_source, ==, MC_SOURCE_HEADER);
  g_assert_cmpuint (read->context_length, ==, 40960);
  g_assert_cmpint (read->context_source, ==, MC_SOURCE_HEADER);
  /* The projector does not count. */
  g_assert_cmpfloat_with_epsilon (read->measured_bits, 5e9 * 8 / 8190735360.0, 0.001);
  g_assert_true (read->kv_cache.is_known);
  g_assert_cmpuint (read->kv_cache.bytes, ==, 36 * 8 * 256 * 2);
}

static void
test_api (void)
{
  g_autoptr (McManifest) manifest = build_manifest ("a/Qwen3-8B-GGUF", gguf_repo);
  g_autoptr (McVariantFacts) facts = NULL;

  manifest->parameters = 8200000000;
  manifest->context_length = 32768;
  facts = mc_variant_facts_new (manifest, get_variant (manifest, "gguf:Q8_0"), NULL);
  g_assert_cmpuint (facts->parameters, ==, 8200000000);
  g_assert_cmpint (facts->parameters_source, ==, MC_SOURCE_API);
  g_assert_cmpfloat_with_epsilon (facts->measured_bits, 8.29, 0.01);
  g_assert_cmpuint (facts->context_length, ==, 32768);
  g_assert_cmpint (facts->context_source, ==, MC_SOURCE_API);
}

static void
test_incomplete (void)
{
  g_autoptr (McManifest) manifest = build_manifest ("a/Qwen3-8B-GGUF", gguf_repo);
  g_autoptr (McVariantFacts) facts =
      mc_variant_facts_new (manifest, get_variant (manifest, "gguf:BF16"), NULL);

  g_assert_cmpuint (facts->n_missing, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (facts->missing, 0), ==, "Qwen3-8B-BF16-00002-of-00003.gguf");
  g_assert_cmpuint (facts->notes, ==, MC_NOTE_INCOMPLETE);
}

/* A part in another precision is told, and that only transformers.js minds 16 bits in browsers. */
static void
test_borrowed (void)
{
  static const char *const files[] = { "onnx/decoder_model_merged_q4f16.onnx 4000000000",
                                       "onnx/decoder_model_merged.onnx 9",
                                       "onnx/vision_encoder_fp16.onnx 500000000",
                                       "onnx/vision_encoder.onnx 9",
                                       "config.json 1",
                                       NULL };
  g_autoptr (McManifest) manifest = build_manifest ("a/b", files);
  g_autoptr (McVariantFacts) facts =
      mc_variant_facts_new (manifest, get_variant (manifest, "onnx:q4f16"), NULL);
  g_autoptr (McVariantFacts) plain =
      mc_variant_facts_new (manifest, get_variant (manifest, "onnx:fp32"), NULL);

  g_assert_cmpuint (facts->borrowed->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (facts->borrowed, 0), ==, "onnx/vision_encoder_fp16.onnx");
  g_assert_cmpuint (facts->notes, ==, MC_NOTE_BORROWED | MC_NOTE_SHADER_F16 | MC_NOTE_OVER_WASM);
  g_assert_cmpuint (plain->borrowed->len, ==, 0);
  g_assert_cmpuint (plain->notes, ==, 0);
}

static void
test_notes (void)
{
  static const char *const lora[] = { "adapter_model.safetensors 9", "adapter_config.json 1",
                                      NULL };
  static const char *const torch[] = { "pytorch_model.bin 9", "config.json 1", NULL };
  static const char *const pieces[] = { "M.Q8_0.gguf.part1of2 9", "M.Q8_0.gguf.part2of2 9", NULL };
  static const struct
  {
    const char *const *files;
    guint notes;
  } cases[] = {
    { lora, MC_NOTE_ADAPTER },
    { torch, MC_NOTE_RUNS_CODE },
    { pieces, MC_NOTE_JOIN_PARTS },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (McManifest) manifest = build_manifest ("a/b-7B", cases[i].files);
      g_autoptr (McVariantFacts) facts =
          mc_variant_facts_new (manifest, get_variant (manifest, manifest->default_key), NULL);

      g_assert_cmpuint (facts->notes, ==, cases[i].notes);
      /* The 7B in the name of an adapter's repo is another model's. */
      g_assert_cmpuint (facts->parameters, ==, cases[i].files == lora ? 0 : 7000000000);
    }
}

/* Weights packed into larger numbers: neither the Hub's count nor the header's is believed. */
static void
test_packed (void)
{
  static const char *const files[] = { "model.safetensors 4000000000", "config.json 1", NULL };
  McDtypeTotal totals[] = { { "I32", 900000000, 3600000000 }, { "F16", 200000000, 400000000 } };
  g_autoptr (McManifest) named = build_manifest ("a/Llama-7B-AWQ", files);
  g_autoptr (McManifest) unnamed = build_manifest ("a/Llama", files);
  g_autoptr (McVariantFacts) facts = NULL;
  g_autoptr (McVariantFacts) read = NULL;
  McSafetensorsHeader header = { .parameters = 1100000000 };
  McModelHeader kept = { .format = MC_HEADER_SAFETENSORS };

  named->parameters = 1100000000;
  facts = mc_variant_facts_new (named, get_variant (named, "safetensors:default"), NULL);
  g_assert_cmpstr (facts->encoding, ==, "AWQ");
  g_assert_cmpint (facts->quality, ==, MC_QUALITY_BALANCED);
  g_assert_cmpuint (facts->parameters, ==, 7000000000);
  g_assert_cmpint (facts->parameters_source, ==, MC_SOURCE_NAME);

  header.dtypes = g_array_new (FALSE, FALSE, sizeof (McDtypeTotal));
  g_array_append_vals (header.dtypes, totals, G_N_ELEMENTS (totals));
  unnamed->parameters = 1100000000;
  mc_model_header_take_safetensors (&kept, &header);
  read = mc_variant_facts_new (unnamed, get_variant (unnamed, "safetensors:default"), &kept);
  g_assert_null (read->encoding);
  g_assert_cmpuint (read->parameters, ==, 0);
  g_array_unref (header.dtypes);
}

static void
test_safetensors_header (void)
{
  static const char *const files[] = { "model.safetensors 2000000000", "config.json 1", NULL };
  McDtypeTotal total = { "BF16", 1000000000, 2000000000 };
  g_autoptr (McManifest) manifest = build_manifest ("a/b", files);
  g_autoptr (McVariantFacts) facts = NULL;
  McSafetensorsHeader header = { .parameters = 1000000000 };
  McModelHeader kept = { .format = MC_HEADER_SAFETENSORS };

  header.dtypes = g_array_new (FALSE, FALSE, sizeof (McDtypeTotal));
  g_array_append_val (header.dtypes, total);
  mc_model_header_take_safetensors (&kept, &header);
  facts = mc_variant_facts_new (manifest, get_variant (manifest, "safetensors:default"), &kept);
  g_assert_cmpstr (facts->encoding, ==, "BF16");
  g_assert_cmpuint (facts->parameters, ==, 1000000000);
  g_assert_cmpfloat_with_epsilon (facts->measured_bits, 16, 0.001);
  g_array_unref (header.dtypes);
}

/* Several models in a repo: the Hub's count is of one of them. */
static void
test_several_models (void)
{
  static const char *const files[] = { "phi-4-Q4_K_M.gguf 9", "phi-4-mini-3.8B-Q4_K_M.gguf 2",
                                       NULL };
  g_autoptr (McManifest) manifest = build_manifest ("a/phi", files);
  McVariant *variant;

  manifest->parameters = 14000000000;
  for (guint i = 0; i < manifest->variants->len; i++)
    {
      g_autoptr (McVariantFacts) facts = NULL;

      variant = g_ptr_array_index (manifest->variants, i);
      facts = mc_variant_facts_new (manifest, variant, NULL);
      g_assert_cmpuint (facts->parameters, ==,
                        strstr (variant->key, "mini") != NULL ? 3800000000 : 0);
    }
}

static void
test_header_file (void)
{
  g_autoptr (McManifest) manifest = build_manifest ("a/Qwen3-8B-GGUF", gguf_repo);
  static const char *const torch[] = { "pytorch_model.bin 9", "config.json 1", NULL };
  g_autoptr (McManifest) other = build_manifest ("a/b", torch);

  g_assert_cmpstr (
      mc_variant_find_header_file (manifest, get_variant (manifest, "gguf:Q8_0"))->path, ==,
      "Qwen3-8B-Q8_0-00001-of-00002.gguf");
  g_assert_cmpstr (
      mc_variant_find_header_file (manifest, get_variant (manifest, "gguf:Q4_K_M"))->path, ==,
      "Qwen3-8B-Q4_K_M.gguf");
  g_assert_null (mc_variant_find_header_file (other, get_variant (other, "pytorch:default")));
}

/* Sizes that no file has must not wrap around. */
static void
test_huge (void)
{
  static const char *const files[] = { "m-Q8_0-00001-of-00002.gguf 18446744073709551615",
                                       "m-Q8_0-00002-of-00002.gguf 18446744073709551615", NULL };
  g_autoptr (McManifest) manifest = build_manifest ("a/b", files);
  g_autoptr (McVariantFacts) facts = NULL;

  manifest->parameters = 1;
  facts = mc_variant_facts_new (manifest, get_variant (manifest, "gguf:Q8_0"), NULL);
  g_assert_cmpuint (facts->weight_bytes, ==, G_MAXUINT64);
  g_assert_cmpfloat (facts->measured_bits, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/variant-facts/labels", test_labels);
  g_test_add_func ("/variant-facts/repo-names", test_repo_names);
  g_test_add_func ("/variant-facts/sizes-in-names", test_sizes);
  g_test_add_func ("/variant-facts/gaps", test_gaps);
  g_test_add_func ("/variant-facts/engines", test_engines);
  g_test_add_func ("/variant-facts/names-of-bits", test_names_of_bits);
  g_test_add_func ("/variant-facts/gguf", test_gguf);
  g_test_add_func ("/variant-facts/api", test_api);
  g_test_add_func ("/variant-facts/incomplete", test_incomplete);
  g_test_add_func ("/variant-facts/borrowed", test_borrowed);
  g_test_add_func ("/variant-facts/notes", test_notes);
  g_test_add_func ("/variant-facts/packed", test_packed);
  g_test_add_func ("/variant-facts/safetensors-header", test_safetensors_header);
  g_test_add_func ("/variant-facts/several-models", test_several_models);
  g_test_add_func ("/variant-facts/header-file", test_header_file);
  g_test_add_func ("/variant-facts/huge", test_huge);
  return g_test_run ();
}
