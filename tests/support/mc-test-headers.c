/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-headers.h"

#include <string.h>

/* As llama.cpp and safetensors write them; see mc-gguf-header.c and mc-safetensors-header.c. */

enum
{
  GGUF_U32 = 4,
  GGUF_STRING = 8,
  GGUF_ARRAY = 9,
};

static void
put (GByteArray *bytes, guint64 value, guint size)
{
  guint64 little = GUINT64_TO_LE (value);

  g_byte_array_append (bytes, (const guint8 *) &little, size);
}

static void
put_text (GByteArray *bytes, const char *text)
{
  put (bytes, strlen (text), 8);
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
}

static void
put_text_key (GByteArray *bytes, const char *key, const char *text)
{
  put_text (bytes, key);
  put (bytes, GGUF_STRING, 4);
  put_text (bytes, text);
}

static void
put_number_key (GByteArray *bytes, const char *key, guint32 number)
{
  put_text (bytes, key);
  put (bytes, GGUF_U32, 4);
  put (bytes, number, 4);
}

GBytes *
mc_test_make_gguf (guint n_tokens)
{
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) "GGUF", 4);
  put (bytes, 3, 4);
  put (bytes, 1, 8);
  put (bytes, 8, 8);
  put_text_key (bytes, "general.architecture", "llama");
  put_number_key (bytes, "llama.context_length", MC_TEST_GGUF_CONTEXT);
  put_number_key (bytes, "llama.embedding_length", 4096);
  put_number_key (bytes, "llama.block_count", 32);
  put_number_key (bytes, "llama.attention.head_count", 32);
  put_number_key (bytes, "llama.attention.head_count_kv", 8);
  put_text (bytes, "tokenizer.ggml.tokens");
  put (bytes, GGUF_ARRAY, 4);
  put (bytes, GGUF_STRING, 4);
  put (bytes, n_tokens, 8);
  for (guint i = 0; i < n_tokens; i++)
    put_text (bytes, "a token!");
  put_number_key (bytes, "general.file_type", 15);
  put_text (bytes, "blk.0.ffn_up.weight");
  put (bytes, 2, 4);
  put (bytes, 4096, 8);
  put (bytes, 11008, 8);
  put (bytes, 12, 4);
  put (bytes, 0, 8);
  return g_byte_array_free_to_bytes (bytes);
}

GBytes *
mc_test_make_safetensors (guint64 n_numbers)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autofree char *json =
      g_strdup_printf ("{\"weight\":{\"dtype\":\"BF16\",\"shape\":[%" G_GUINT64_FORMAT
                       "],\"data_offsets\":[0,%" G_GUINT64_FORMAT "]}}",
                       n_numbers, n_numbers * 2);
  guint header = (guint) strlen (json);

  put (bytes, header, 8);
  g_byte_array_append (bytes, (const guint8 *) json, header);
  g_byte_array_set_size (bytes, (guint) (8 + header + n_numbers * 2));
  memset (bytes->data + 8 + header, 0, n_numbers * 2);
  return g_byte_array_free_to_bytes (bytes);
}
