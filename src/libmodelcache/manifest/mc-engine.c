/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-engine.h"

#include <string.h>

/* Which engine loads what. A table: each row that fits adds its engine. Pure, any thread. */

static const struct
{
  const char *format;
  guint needs; /* all of these */
  guint lacks; /* none of these */
  McEngine engine;
} rules[] = {
  { "gguf", 0, MC_LAYOUT_IMAGES | MC_LAYOUT_IK, MC_ENGINE_LLAMA_CPP },
  { "gguf", MC_LAYOUT_IK, MC_LAYOUT_IMAGES, MC_ENGINE_IK_LLAMA_CPP },
  { "gguf", MC_LAYOUT_IMAGES, 0, MC_ENGINE_STABLE_DIFFUSION_CPP },
  { "ggml", MC_LAYOUT_WHISPER, 0, MC_ENGINE_WHISPER_CPP },
  /* llama.cpp gave up files from before GGUF in August 2023. */
  { "ggml", 0, MC_LAYOUT_WHISPER, MC_ENGINE_KOBOLDCPP },
  { "onnx", MC_LAYOUT_GENAI, 0, MC_ENGINE_ONNXRUNTIME_GENAI },
  { "onnx", MC_LAYOUT_TRANSFORMERS_JS, MC_LAYOUT_GENAI, MC_ENGINE_TRANSFORMERS_JS },
  { "onnx", 0, MC_LAYOUT_GENAI, MC_ENGINE_ONNX_RUNTIME },
  { "ort", 0, 0, MC_ENGINE_ONNX_RUNTIME },
  { "openvino", 0, 0, MC_ENGINE_OPENVINO },

  { "safetensors", MC_LAYOUT_DIFFUSERS, 0, MC_ENGINE_DIFFUSERS },
  { "safetensors", MC_LAYOUT_DIFFUSERS_LORA, 0, MC_ENGINE_DIFFUSERS },
  { "safetensors", MC_LAYOUT_ADAPTER, MC_LAYOUT_DIFFUSERS_LORA, MC_ENGINE_PEFT },
  { "safetensors", MC_LAYOUT_MLX, 0, MC_ENGINE_MLX },
  { "safetensors", MC_LAYOUT_SENTENCE | MC_LAYOUT_STANDARD, MC_LAYOUT_MLX,
    MC_ENGINE_SENTENCE_TRANSFORMERS },
  { "safetensors", MC_LAYOUT_CONFIG | MC_LAYOUT_STANDARD,
    MC_LAYOUT_DIFFUSERS | MC_LAYOUT_ADAPTER | MC_LAYOUT_MLX | MC_LAYOUT_CONSOLIDATED,
    MC_ENGINE_TRANSFORMERS },
  { "safetensors", MC_LAYOUT_CONSOLIDATED, 0, MC_ENGINE_PYTORCH },
  { "safetensors", 0,
    MC_LAYOUT_DIFFUSERS | MC_LAYOUT_ADAPTER | MC_LAYOUT_DIFFUSERS_LORA | MC_LAYOUT_MLX
        | MC_LAYOUT_SENTENCE | MC_LAYOUT_CONFIG,
    MC_ENGINE_PYTORCH },
  { "safetensors", MC_LAYOUT_CONFIG,
    MC_LAYOUT_STANDARD | MC_LAYOUT_DIFFUSERS | MC_LAYOUT_ADAPTER | MC_LAYOUT_DIFFUSERS_LORA
        | MC_LAYOUT_MLX,
    MC_ENGINE_PYTORCH },
  { "pytorch", MC_LAYOUT_DIFFUSERS, 0, MC_ENGINE_DIFFUSERS },
  { "pytorch", MC_LAYOUT_DIFFUSERS_LORA, 0, MC_ENGINE_DIFFUSERS },
  { "pytorch", MC_LAYOUT_ADAPTER, MC_LAYOUT_DIFFUSERS_LORA, MC_ENGINE_PEFT },
  { "pytorch", MC_LAYOUT_SENTENCE | MC_LAYOUT_STANDARD, 0, MC_ENGINE_SENTENCE_TRANSFORMERS },
  { "pytorch", MC_LAYOUT_CONFIG | MC_LAYOUT_STANDARD,
    MC_LAYOUT_DIFFUSERS | MC_LAYOUT_ADAPTER | MC_LAYOUT_CONSOLIDATED, MC_ENGINE_TRANSFORMERS },
  { "pytorch", MC_LAYOUT_CONSOLIDATED, 0, MC_ENGINE_PYTORCH },
  { "pytorch", 0, MC_LAYOUT_DIFFUSERS | MC_LAYOUT_ADAPTER | MC_LAYOUT_CONFIG, MC_ENGINE_PYTORCH },
  { "pytorch", MC_LAYOUT_CONFIG, MC_LAYOUT_STANDARD | MC_LAYOUT_DIFFUSERS | MC_LAYOUT_ADAPTER,
    MC_ENGINE_PYTORCH },
  { "flax", MC_LAYOUT_DIFFUSERS, 0, MC_ENGINE_DIFFUSERS },
  { "flax", 0, 0, MC_ENGINE_FLAX },
  { "tensorflow", 0, 0, MC_ENGINE_TENSORFLOW },
  { "rust", 0, 0, MC_ENGINE_RUST_BERT },

  { "mlx", 0, 0, MC_ENGINE_MLX },
  { "tflite", 0, 0, MC_ENGINE_LITERT },
  { "ctranslate2", 0, 0, MC_ENGINE_CTRANSLATE2 },
  { "coreml", 0, 0, MC_ENGINE_CORE_ML },
  { "mlc", 0, 0, MC_ENGINE_MLC_LLM },
  { "nemo", 0, 0, MC_ENGINE_NEMO },
  { "pickle", MC_LAYOUT_SKLEARN, 0, MC_ENGINE_SCIKIT_LEARN },
  { "skops", 0, 0, MC_ENGINE_SCIKIT_LEARN },
  { "rknn", 0, 0, MC_ENGINE_RKNN },
  { "rkllm", 0, 0, MC_ENGINE_RKNN },
  { "tensorrt", 0, 0, MC_ENGINE_TENSORRT },
  { "paddle", 0, 0, MC_ENGINE_PADDLE },
  { "llamafile", 0, 0, MC_ENGINE_LLAMAFILE },
  { "keras", 0, 0, MC_ENGINE_KERAS },
};

/* By bit. */
static const char *const names[] = {
  "llama.cpp",
  "stable-diffusion.cpp",
  "whisper.cpp",
  "KoboldCpp",
  "transformers.js",
  "ONNX Runtime",
  "onnxruntime-genai",
  "transformers",
  "sentence-transformers",
  "diffusers",
  "PEFT",
  "PyTorch",
  "TensorFlow",
  "Flax",
  "rust-bert",
  "MLX",
  "LiteRT",
  "OpenVINO",
  "CTranslate2",
  "Core ML",
  "MLC LLM",
  "NeMo",
  "scikit-learn",
  "RKNN",
  "TensorRT",
  "PaddlePaddle",
  "llamafile",
  "Keras",
  "ik_llama.cpp",
};
G_STATIC_ASSERT (MC_ENGINE_IK_LLAMA_CPP == 1 << (G_N_ELEMENTS (names) - 1));

guint
mc_engines_for (const char *format, guint layout)
{
  guint engines = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    if (strcmp (rules[i].format, format) == 0 && (layout & rules[i].needs) == rules[i].needs
        && (layout & rules[i].lacks) == 0)
      engines |= rules[i].engine;
  return engines;
}

const char *
mc_engine_get_name (McEngine engine)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if ((guint) engine == 1u << i)
      return names[i];
  return NULL;
}
