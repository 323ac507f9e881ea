/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Programs and libraries that load models, as bits. */
typedef enum
{
  MC_ENGINE_LLAMA_CPP = 1 << 0,
  MC_ENGINE_STABLE_DIFFUSION_CPP = 1 << 1,
  MC_ENGINE_WHISPER_CPP = 1 << 2,
  MC_ENGINE_KOBOLDCPP = 1 << 3,
  MC_ENGINE_TRANSFORMERS_JS = 1 << 4,
  MC_ENGINE_ONNX_RUNTIME = 1 << 5,
  MC_ENGINE_ONNXRUNTIME_GENAI = 1 << 6,
  MC_ENGINE_TRANSFORMERS = 1 << 7,
  MC_ENGINE_SENTENCE_TRANSFORMERS = 1 << 8,
  MC_ENGINE_DIFFUSERS = 1 << 9,
  MC_ENGINE_PEFT = 1 << 10,
  MC_ENGINE_PYTORCH = 1 << 11,
  MC_ENGINE_TENSORFLOW = 1 << 12,
  MC_ENGINE_FLAX = 1 << 13,
  MC_ENGINE_RUST_BERT = 1 << 14,
  MC_ENGINE_MLX = 1 << 15,
  MC_ENGINE_LITERT = 1 << 16,
  MC_ENGINE_OPENVINO = 1 << 17,
  MC_ENGINE_CTRANSLATE2 = 1 << 18,
  MC_ENGINE_CORE_ML = 1 << 19,
  MC_ENGINE_MLC_LLM = 1 << 20,
  MC_ENGINE_NEMO = 1 << 21,
  MC_ENGINE_SCIKIT_LEARN = 1 << 22,
  MC_ENGINE_RKNN = 1 << 23,
  MC_ENGINE_TENSORRT = 1 << 24,
  MC_ENGINE_PADDLE = 1 << 25,
  MC_ENGINE_LLAMAFILE = 1 << 26,
  MC_ENGINE_KERAS = 1 << 27,
  MC_ENGINE_IK_LLAMA_CPP = 1 << 28,
} McEngine;

/* What the files of a variant, its repo's name and its metadata tell about how it is laid out. */
typedef enum
{
  MC_LAYOUT_GENAI = 1 << 0,
  MC_LAYOUT_TRANSFORMERS_JS = 1 << 1,
  MC_LAYOUT_DIFFUSERS = 1 << 2, /* a pipeline, or a part of one */
  MC_LAYOUT_ADAPTER = 1 << 3,
  MC_LAYOUT_DIFFUSERS_LORA = 1 << 4,
  MC_LAYOUT_MLX = 1 << 5,
  MC_LAYOUT_CONFIG = 1 << 6, /* config.json */
  MC_LAYOUT_SENTENCE = 1 << 7,
  MC_LAYOUT_IMAGES = 1 << 8, /* makes pictures or films */
  MC_LAYOUT_WHISPER = 1 << 9,
  MC_LAYOUT_SKLEARN = 1 << 10,
  MC_LAYOUT_CONSOLIDATED = 1 << 11, /* as the maker trained it, not as transformers has it */
  MC_LAYOUT_IK = 1 << 12,           /* in an encoding of ik_llama.cpp's own */
  MC_LAYOUT_STANDARD = 1 << 13,     /* weights called as transformers looks for them */
} McLayout;

/* McEngine that load a variant of the format, laid out like that. */
guint mc_engines_for (const char *format, guint layout);

/* "llama.cpp": a proper name, not to be translated; NULL if it is not one bit of McEngine. */
const char *mc_engine_get_name (McEngine engine);

G_END_DECLS
