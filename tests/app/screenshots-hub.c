/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "screenshots-hub.h"

#include <string.h>

#define KB 1000
#define MB (1000 * KB)
#define NOWHERE "http://127.0.0.1:9/" /* discards */

typedef struct
{
  const char *repo;
  McTestRepoFacts facts;
} Model;

typedef struct
{
  const char *repo;
  const char *path;
  guint64 size;
  guint32 seed; /* 0: only listed */
} Weights;

static const Model models[] = {
  { CHAT,
    { .task = "text-generation",
      .library = "gguf",
      .license = "apache-2.0",
      .parameters = 1543 * MB,
      .context_length = 32768,
      .architecture = "qwen2" } },
  { "Qwen/Qwen3-0.6B-GGUF",
    { .task = "text-generation",
      .library = "gguf",
      .license = "apache-2.0",
      .parameters = 596 * MB,
      .context_length = 40960,
      .architecture = "qwen3" } },
  { "Qwen/Qwen3-Embedding-0.6B-GGUF",
    { .task = "feature-extraction", .library = "gguf", .license = "apache-2.0" } },
  { "onnx-community/Qwen3-0.6B-ONNX",
    { .task = "text-generation", .library = "transformers.js", .license = "apache-2.0" } },
  { "unsloth/Qwen2.5-VL-3B-Instruct-GGUF",
    { .task = "image-text-to-text", .library = "gguf", .license = "other" } },
  { SMALL,
    { .task = "text-generation",
      .library = "gguf",
      .license = "apache-2.0",
      .parameters = 135 * MB,
      .context_length = 8192,
      .architecture = "llama" } },
  { EMBEDDING,
    { .task = "feature-extraction", .library = "transformers.js", .license = "apache-2.0" } },
  { SPEECH,
    { .task = "automatic-speech-recognition", .library = "transformers.js", .license = "mit" } },
  { LOCKED,
    { .task = "image-text-to-text",
      .library = "gguf",
      .license = "gemma",
      .gated = "manual",
      .parameters = 1000 * MB,
      .context_length = 32768,
      .architecture = "gemma3" } },
};

static const Weights weights[] = {
  { CHAT, "Qwen2.5-1.5B-Instruct-Q2_K.gguf", 753 * MB, 0 },
  { CHAT, "Qwen2.5-1.5B-Instruct-Q4_K_M.gguf", 1117 * MB, 1 },
  { CHAT, "Qwen2.5-1.5B-Instruct-Q8_0.gguf", 1895 * MB, 0 },
  { CHAT, "Qwen2.5-1.5B-Instruct-F16.gguf", 3561ull * MB, 0 },
  { "Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf", 639 * MB, 0 },
  { SMALL, "SmolLM2-135M-Instruct-Q2_K.gguf", 88 * MB, 8 },
  { SMALL, SMALL_WEIGHTS, 105 * MB, 2 },
  { SMALL, "SmolLM2-135M-Instruct-Q8_0.gguf", 145 * MB, 3 },
  { SMALL, "SmolLM2-135M-Instruct-F16.gguf", 271 * MB, 9 },
  { EMBEDDING, "onnx/model.onnx", 90 * MB, 10 },
  { EMBEDDING, "onnx/model_fp16.onnx", 45 * MB, 4 },
  { EMBEDDING, "onnx/model_quantized.onnx", 23 * MB, 5 },
  { SPEECH, "onnx/encoder_model.onnx", 82 * MB, 11 },
  { SPEECH, "onnx/decoder_model_merged.onnx", 208 * MB, 12 },
  { SPEECH, "onnx/encoder_model_quantized.onnx", 23 * MB, 6 },
  { SPEECH, "onnx/decoder_model_merged_quantized.onnx", 53 * MB, 7 },
  { LOCKED, "gemma-3-1b-it-q4_0.gguf", 1003 * MB, 0 },
};

static void
add_text (McTestHub *hub, const char *repo, const char *path, const char *text)
{
  mc_test_hub_add_file (hub, repo, path, text, strlen (text), FALSE);
}

static void
add_weights (McTestHub *hub, const Weights *file)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, file->path, -1);

  if (file->seed == 0)
    mc_test_hub_add_elsewhere (hub, file->repo, file->path, file->size, hash, NOWHERE);
  else
    mc_test_hub_add_generated (hub, file->repo, file->path, file->size, file->seed);
}

void
mc_screenshots_fill_hub (McTestHub *hub)
{
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    mc_test_hub_add_repo (hub, models[i].repo, &models[i].facts);
  for (gsize i = 0; i < G_N_ELEMENTS (weights); i++)
    add_weights (hub, &weights[i]);
  add_text (hub, EMBEDDING, "config.json", "{\"model_type\":\"bert\"}\n");
  add_text (hub, EMBEDDING, "tokenizer_config.json", "{\"model_max_length\":512}\n");
  add_text (hub, SPEECH, "config.json", "{\"model_type\":\"whisper\"}\n");
  add_text (hub, SPEECH, "generation_config.json", "{\"max_length\":448}\n");
}
