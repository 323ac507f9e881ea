/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Weight files with a real header and nothing in them but zeros, as small as they can be. */

/* A Llama-like model of 32 layers with 8 key-value heads of 128: 128 KiB of cache a token. */
#define MC_TEST_GGUF_CONTEXT 8192
#define MC_TEST_GGUF_CACHE (32 * 8 * (128 + 128) * 2)
#define MC_TEST_GGUF_PARAMETERS (4096 * 11008)

/* n_tokens: of the tokenizer, 16 bytes each, which is what makes headers long. */
GBytes *mc_test_make_gguf (guint n_tokens);

/* One tensor of that many numbers of 16 bits ("BF16"). */
GBytes *mc_test_make_safetensors (guint64 n_numbers);

G_END_DECLS
