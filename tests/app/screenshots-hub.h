/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-test-hub.h"

G_BEGIN_DECLS

/* Models as a person would look for them, so that pictures show what the window shows in use. Most
 * files can be listed, but not downloaded; those that can are these. */
#define CHAT "Qwen/Qwen2.5-1.5B-Instruct-GGUF"     /* Q4_K_M, which takes long */
#define SMALL "unsloth/SmolLM2-135M-Instruct-GGUF" /* Q4_K_M, Q8_0 */
#define SMALL_WEIGHTS "SmolLM2-135M-Instruct-Q4_K_M.gguf"
#define EMBEDDING "Xenova/all-MiniLM-L6-v2"         /* onnx:quantized */
#define SPEECH "onnx-community/whisper-base"        /* onnx:quantized, which takes some time */
#define LOCKED "google/gemma-3-1b-it-qat-q4_0-gguf" /* gated */

void mc_screenshots_fill_hub (McTestHub *hub);

G_END_DECLS
