/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-gguf-header.h"

#include "mc-error.h"
#include "mc-gguf-reader.h"

#include <string.h>

/* GGUF headers, put together byte by byte, good ones and hostile ones. What is given to the parser
 * lies at the end of a buffer of its own, so that a sanitizer sees one byte read too many. */

#define FILE_SIZE (G_GUINT64_CONSTANT (1) << 33)
/* Of the processor: what else the machine does must not fail a test. */

enum
{
  U8,
  I8,
  U16,
  I16,
  U32,
  I32,
  F32,
  BOOL,
  STRING,
  ARRAY,
  U64,
  I64,
  F64,
};

typedef struct
{
  GByteArray *bytes;
  gboolean big;
  guint32 version;
} Builder;

static void
put (Builder *builder, guint64 value, guint size)
{
  for (guint i = 0; i < size; i++)
    {
      guint shift = builder->big ? size - 1 - i : i;
      guint8 byte = (guint8) (value >> (8 * shift));

      g_byte_array_append (builder->bytes, &byte, 1);
    }
}

static void
put_count (Builder *builder, guint64 count)
{
  put (builder, count, builder->version == 1 ? 4 : 8);
}

static void
put_text (Builder *builder, const char *text)
{
  put_count (builder, strlen (text));
  g_byte_array_append (builder->bytes, (const guint8 *) text, (guint) strlen (text));
}

static void
begin (Builder *builder, guint32 version, gboolean big, guint64 n_tensors, guint64 n_keys)
{
  builder->bytes = g_byte_array_new ();
  builder->big = big;
  builder->version = version;
  g_byte_array_append (builder->bytes, (const guint8 *) "GGUF", 4);
  put (builder, version, 4);
  put_count (builder, n_tensors);
  put_count (builder, n_keys);
}

static void
put_u32_key (Builder *builder, const char *key, guint32 value)
{
  put_text (builder, key);
  put (builder, U32, 4);
  put (builder, value, 4);
}

static void
put_text_key (Builder *builder, const char *key, const char *value)
{
  put_text (builder, key);
  put (builder, STRING, 4);
  put_text (builder, value);
}

static void
put_array_key (Builder *builder, const char *key, guint32 type, guint64 count)
{
  put_text (builder, key);
  put (builder, ARRAY, 4);
  put (builder, type, 4);
  put_count (builder, count);
}

static void
put_tensor (Builder *builder, const char *name, guint64 rows, guint64 columns)
{
  put_text (builder, name);
  put (builder, 2, 4);
  put_count (builder, rows);
  put_count (builder, columns);
  put (builder, 12, 4);
  put (builder, 4096, 8);
}

/* A small model of the kind llama.cpp writes. */
static GBytes *
build_model (guint32 version, gboolean big)
{
  static const char *const tokens[] = { "<s>", "</s>", "a", "", "the" };
  Builder builder;

  begin (&builder, version, big, 2, 17);
  put_text_key (&builder, "general.name", "Tiny é");
  put_u32_key (&builder, "tiny.context_length", 32768);
  put_text_key (&builder, "general.architecture", "tiny");
  put_text_key (&builder, "general.size_label", "8x7B");
  put_u32_key (&builder, "general.file_type", 15);
  put_u32_key (&builder, "tiny.block_count", 4);
  put_u32_key (&builder, "tiny.embedding_length", 256);
  put_u32_key (&builder, "tiny.attention.head_count", 8);
  put_array_key (&builder, "tiny.attention.head_count_kv", I32, 4);
  for (guint i = 0; i < 4; i++)
    put (&builder, i == 3 ? 0 : 2, 4);
  put_u32_key (&builder, "tiny.attention.key_length", 64);
  put_u32_key (&builder, "tiny.attention.sliding_window", 1024);
  put_array_key (&builder, "tiny.attention.sliding_window_pattern", BOOL, 4);
  for (guint i = 0; i < 4; i++)
    put (&builder, i % 2 == 0, 1);
  put_text (&builder, "tiny.expert_count");
  put (&builder, U16, 4);
  put (&builder, 8, 2);
  put_text (&builder, "split.count");
  put (&builder, U64, 4);
  put (&builder, 3, 8);
  put_array_key (&builder, "tokenizer.ggml.tokens", STRING, G_N_ELEMENTS (tokens));
  for (gsize i = 0; i < G_N_ELEMENTS (tokens); i++)
    put_text (&builder, tokens[i]);
  put_text_key (&builder, "tokenizer.chat_template", "{{ messages }}");
  put_text (&builder, "tiny.rope.freq_base");
  put (&builder, F32, 4);
  put (&builder, 0x461c4000, 4);
  put_tensor (&builder, "token_embd.weight", 256, 5);
  put_tensor (&builder, "blk.0.attn_q.weight", 256, 256);
  return g_byte_array_free_to_bytes (builder.bytes);
}

/* Parses the first bytes, at the end of memory of their own. */
static McHeaderState
parse (GBytes *bytes, gsize length, guint64 file_size, McGgufHeader **header, GError **error)
{
  g_autofree guint8 *prefix = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
  guint64 needed;
  McHeaderState state = mc_gguf_header_parse (prefix, length, file_size, header, &needed, error);

  g_assert_cmpint (*header != NULL, ==, state != MC_HEADER_BAD);
  if (state == MC_HEADER_NEEDS_MORE)
    {
      g_assert_cmpuint (needed, >, length);
      g_assert_true (needed == file_size || needed % MC_GGUF_STEP == 0);
    }
  g_assert_cmpuint (needed, <=, MIN (file_size, MC_GGUF_MAX_HEADER));
  return state;
}

static void
assert_bad (Builder *builder, guint64 file_size, const char *says)
{
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (builder->bytes);
  g_autoptr (McGgufHeader) header = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (parse (bytes, g_bytes_get_size (bytes), file_size, &header, &error), ==,
                   MC_HEADER_BAD);
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  g_assert_nonnull (strstr (error->message, says));
}

static void
assert_is_model (const McGgufHeader *header)
{
  g_assert_cmpstr (header->architecture, ==, "tiny");
  g_assert_cmpstr (header->name, ==, "Tiny é");
  g_assert_cmpstr (header->size_label, ==, "8x7B");
  g_assert_cmpuint (header->file_type, ==, 15);
  g_assert_cmpstr (header->quantization, ==, "Q4_K_M");
  g_assert_cmpuint (header->block_count, ==, 4);
  g_assert_cmpuint (header->context_length, ==, 32768);
  g_assert_cmpuint (header->embedding_length, ==, 256);
  g_assert_cmpuint (header->head_count, ==, 8);
  g_assert_cmpuint (header->head_count_kv, ==, 2);
  g_assert_cmpuint (header->n_layer_kv_heads, ==, 4);
  g_assert_cmpuint (header->layer_kv_heads[0], ==, 2);
  g_assert_cmpuint (header->layer_kv_heads[3], ==, 0);
  g_assert_cmpuint (header->key_length, ==, 64);
  g_assert_cmpuint (header->value_length, ==, 0);
  g_assert_cmpuint (header->sliding_window, ==, 1024);
  g_assert_cmpuint (header->n_layer_windows, ==, 4);
  g_assert_cmpuint (header->layer_has_window[0], ==, 1);
  g_assert_cmpuint (header->layer_has_window[1], ==, 0);
  g_assert_cmpuint (header->expert_count, ==, 8);
  g_assert_cmpuint (header->split_count, ==, 3);
  g_assert_cmpuint (header->vocabulary, ==, 5);
  g_assert_true (header->has_chat_template);
  g_assert_false (header->is_not_causal);
}

static const struct
{
  const char *name;
  guint32 version;
  gboolean big;
} kinds[] = {
  { "version-1", 1, FALSE },
  { "version-2", 2, FALSE },
  { "version-3", 3, FALSE },
  { "version-3-big-endian", 3, TRUE },
};

static void
test_reads (gconstpointer data)
{
  gsize kind = GPOINTER_TO_SIZE (data);
  g_autoptr (GBytes) bytes = build_model (kinds[kind].version, kinds[kind].big);
  g_autoptr (McGgufHeader) header = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (parse (bytes, g_bytes_get_size (bytes), FILE_SIZE, &header, &error), ==,
                   MC_HEADER_READ);
  g_assert_no_error (error);
  assert_is_model (header);
  g_assert_cmpuint (header->n_tensors, ==, 2);
  g_assert_cmpuint (header->parameters, ==, 256 * 5 + 256 * 256);
}

/* However short the prefix: more is wanted, or the keys are there. And a file that really ends
 * there is bad. */
static void
test_cut_anywhere (gconstpointer data)
{
  gsize kind = GPOINTER_TO_SIZE (data);
  g_autoptr (GBytes) bytes = build_model (kinds[kind].version, kinds[kind].big);
  gsize length = g_bytes_get_size (bytes);
  guint n_read = 0;

  for (gsize cut = 0; cut < length; cut++)
    {
      g_autoptr (McGgufHeader) header = NULL;
      g_autoptr (McGgufHeader) none = NULL;
      g_autoptr (GError) error = NULL;
      McHeaderState state = parse (bytes, cut, FILE_SIZE, &header, &error);

      g_assert_no_error (error);
      g_assert_cmpint (state, !=, MC_HEADER_BAD);
      if (state == MC_HEADER_READ)
        {
          assert_is_model (header);
          g_assert_cmpuint (header->parameters, ==, 0);
          n_read++;
        }
      g_assert_cmpint (parse (bytes, cut, cut, &none, &error), ==, MC_HEADER_BAD);
      g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
    }
  /* From behind the keys to before the end of the tensors. */
  g_assert_cmpuint (n_read, >, 40);
  g_assert_cmpuint (n_read, <, 160);
}

static void
test_keys_so_far (void)
{
  g_autoptr (GBytes) bytes = build_model (3, FALSE);
  g_autoptr (McGgufHeader) header = NULL;
  g_autoptr (GError) error = NULL;

  /* The tokens are missing, what comes before them is not. */
  g_assert_cmpint (parse (bytes, 560, FILE_SIZE, &header, &error), ==, MC_HEADER_NEEDS_MORE);
  g_assert_no_error (error);
  g_assert_cmpstr (header->architecture, ==, "tiny");
  g_assert_cmpuint (header->context_length, ==, 32768);
  g_assert_false (header->has_chat_template);
}

static void
test_no_gguf (void)
{
  static const char *const texts[] = { "<html>", "\177ELF", "GGU<", "g", "ggml" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      Builder builder = { .bytes = g_byte_array_new () };

      g_byte_array_append (builder.bytes, (const guint8 *) texts[i], (guint) strlen (texts[i]));
      assert_bad (&builder, FILE_SIZE, "GGUF");
    }
}

static void
test_hostile_counts (void)
{
  Builder builder;

  begin (&builder, 4, FALSE, 0, 0);
  assert_bad (&builder, FILE_SIZE, "version");
  begin (&builder, 3, FALSE, 0, MC_GGUF_MAX_KEYS + 1);
  assert_bad (&builder, FILE_SIZE, "number");
  begin (&builder, 3, FALSE, MC_GGUF_MAX_TENSORS + 1, 0);
  assert_bad (&builder, FILE_SIZE, "number");
  begin (&builder, 3, FALSE, G_MAXUINT64, G_MAXUINT64);
  assert_bad (&builder, FILE_SIZE, "number");
  /* More than the file has room for. */
  begin (&builder, 3, FALSE, 1000, 0);
  assert_bad (&builder, 1000, "number");
  begin (&builder, 3, FALSE, 0, 1000);
  assert_bad (&builder, 1000, "number");

  begin (&builder, 3, FALSE, 0, 1);
  put (&builder, G_MAXUINT64, 8);
  assert_bad (&builder, FILE_SIZE, "too long");
  begin (&builder, 3, FALSE, 0, 1);
  put (&builder, MC_GGUF_MAX_NAME, 8);
  assert_bad (&builder, 1000, "ends");
  begin (&builder, 3, FALSE, 0, 1);
  put_text (&builder, "a");
  put (&builder, 13, 4);
  assert_bad (&builder, FILE_SIZE, "unknown type");
  begin (&builder, 3, FALSE, 0, 1);
  put_array_key (&builder, "a", U8, MC_GGUF_MAX_ITEMS + 1);
  assert_bad (&builder, FILE_SIZE, "too many");
  begin (&builder, 3, FALSE, 0, 1);
  put_array_key (&builder, "a", U64, G_MAXUINT64);
  assert_bad (&builder, FILE_SIZE, "too many");
  begin (&builder, 3, FALSE, 0, 1);
  put_array_key (&builder, "a", 99, 1);
  assert_bad (&builder, FILE_SIZE, "unknown type");
}

static void
test_nesting (void)
{
  for (guint depth = 1; depth < 40; depth++)
    {
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (McGgufHeader) header = NULL;
      g_autoptr (GError) error = NULL;
      Builder builder;
      McHeaderState state;

      begin (&builder, 3, FALSE, 0, 1);
      put_text (&builder, "a");
      put (&builder, ARRAY, 4);
      for (guint i = 1; i < depth; i++)
        {
          put (&builder, ARRAY, 4);
          put_count (&builder, 1);
        }
      put (&builder, U8, 4);
      put_count (&builder, 0);
      bytes = g_byte_array_free_to_bytes (builder.bytes);
      state = parse (bytes, g_bytes_get_size (bytes), FILE_SIZE, &header, &error);
      g_assert_cmpint (state, ==, depth <= MC_GGUF_MAX_NESTING ? MC_HEADER_READ : MC_HEADER_BAD);
    }
}

static void
test_hostile_tensors (void)
{
  static const guint64 many = G_GUINT64_CONSTANT (1) << 31;
  Builder builder;

  begin (&builder, 3, FALSE, 1, 0);
  put_text (&builder, "t");
  put (&builder, MC_GGUF_MAX_DIMENSIONS + 1, 4);
  assert_bad (&builder, FILE_SIZE, "number");
  begin (&builder, 3, FALSE, 1, 0);
  put_tensor (&builder, "t", many, many);
  assert_bad (&builder, FILE_SIZE, "number");
  begin (&builder, 3, FALSE, 1, 0);
  put_tensor (&builder, "t", G_MAXUINT64, G_MAXUINT64);
  assert_bad (&builder, FILE_SIZE, "number");
  begin (&builder, 3, FALSE, 2, 0);
  put_tensor (&builder, "t", many, many / 4);
  put_tensor (&builder, "u", many, many / 4);
  assert_bad (&builder, FILE_SIZE, "number");
  /* Data behind the end of the file. */
  begin (&builder, 3, FALSE, 1, 0);
  put_tensor (&builder, "t", 2, 2);
  assert_bad (&builder, 100, "number");
}

/* Wrong types and absurd values are as good as no value. */
static void
test_nonsense_values (void)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (McGgufHeader) header = NULL;
  g_autoptr (GError) error = NULL;
  Builder builder;

  begin (&builder, 3, FALSE, 0, 10);
  put_text_key (&builder, "general.architecture", "a");
  put_text_key (&builder, "a.block_count", "many");
  put_u32_key (&builder, "general.name", 7);
  put_text_key (&builder, "general.size_label", "7\nB");
  put_u32_key (&builder, "general.file_type", 5000);
  put_u32_key (&builder, "a.embedding_length", G_MAXUINT32);
  put_text (&builder, "a.context_length");
  put (&builder, I64, 4);
  put (&builder, G_MAXUINT64, 8);
  put_u32_key (&builder, "a.attention.head_count", 1000000);
  put_array_key (&builder, "a.attention.head_count_kv", STRING, 1);
  put_text (&builder, "8");
  put_u32_key (&builder, "ab.attention.key_length", 8);
  bytes = g_byte_array_free_to_bytes (builder.bytes);
  g_assert_cmpint (parse (bytes, g_bytes_get_size (bytes), FILE_SIZE, &header, &error), ==,
                   MC_HEADER_READ);
  g_assert_no_error (error);
  g_assert_cmpuint (header->block_count, ==, 0);
  g_assert_null (header->name);
  g_assert_null (header->size_label);
  g_assert_null (header->quantization);
  g_assert_cmpuint (header->embedding_length, ==, 0);
  g_assert_cmpuint (header->context_length, ==, 0);
  g_assert_cmpuint (header->head_count, ==, 0);
  g_assert_cmpuint (header->head_count_kv, ==, 0);
  g_assert_cmpuint (header->n_layer_kv_heads, ==, 0);
  g_assert_cmpuint (header->key_length, ==, 0);
}

static void
test_architecture_is_text (void)
{
  static const char *const refused[] = { "", "two words", "new\nline", "\xff", "é" };

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (McGgufHeader) header = NULL;
      Builder builder;

      begin (&builder, 3, FALSE, 0, 2);
      put_text_key (&builder, "general.architecture", refused[i]);
      put_u32_key (&builder, ".block_count", 4);
      bytes = g_byte_array_free_to_bytes (builder.bytes);
      g_assert_cmpint (parse (bytes, g_bytes_get_size (bytes), FILE_SIZE, &header, NULL), ==,
                       MC_HEADER_READ);
      g_assert_null (header->architecture);
      g_assert_cmpuint (header->block_count, ==, 0);
    }
}

/* A header that never ends costs no more than 50 MiB. */
static void
test_too_large (void)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (McGgufHeader) header = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *fill = g_malloc0 (MC_GGUF_MAX_STRING);
  Builder builder;

  begin (&builder, 3, FALSE, 0, 100);
  for (guint i = 0; i < 5; i++)
    {
      put_text (&builder, "a");
      put (&builder, STRING, 4);
      put_count (&builder, MC_GGUF_MAX_STRING - (i == 4 ? 200 : 0));
      if (i < 4)
        g_byte_array_append (builder.bytes, fill, MC_GGUF_MAX_STRING);
    }
  bytes = g_byte_array_free_to_bytes (builder.bytes);
  g_assert_cmpint (parse (bytes, g_bytes_get_size (bytes), FILE_SIZE, &header, &error), ==,
                   MC_HEADER_NEEDS_MORE);
  g_assert_no_error (error);
  g_clear_pointer (&header, mc_gguf_header_free);

  /* Six million empty texts: twice 50 MiB of arrays, and no more than a moment. */
  begin (&builder, 3, FALSE, 0, 100);
  for (guint i = 0; i < 5; i++)
    {
      put_array_key (&builder, "a", STRING, MC_GGUF_MAX_ITEMS);
      g_byte_array_append (builder.bytes, fill, 8 * MC_GGUF_MAX_ITEMS);
    }
  put_text (&builder, "b");
  put (&builder, STRING, 4);
  put_count (&builder, MC_GGUF_MAX_STRING);
  g_byte_array_append (builder.bytes, fill, MC_GGUF_MAX_STRING);
  put_text (&builder, "c");
  put (&builder, STRING, 4);
  put_count (&builder, MC_GGUF_MAX_STRING);
  assert_bad (&builder, FILE_SIZE, "50 MiB");
}

/* Every byte of a good header made another, one at a time. */
static void
test_flipped_bytes (void)
{
  g_autoptr (GBytes) bytes = build_model (3, FALSE);
  gsize length = g_bytes_get_size (bytes);

  for (gsize i = 0; i < length; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), length);
        g_autoptr (McGgufHeader) header = NULL;
        g_autoptr (GError) error = NULL;
        guint64 needed;

        copy[i] ^= (guint8) (1 << bit);
        if (mc_gguf_header_parse (copy, length, length, &header, &needed, &error) == MC_HEADER_BAD)
          g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
        else
          g_assert_no_error (error);
      }
}

static void
test_file_types (void)
{
  g_assert_cmpstr (mc_gguf_file_type_get_name (0), ==, "F32");
  g_assert_cmpstr (mc_gguf_file_type_get_name (7), ==, "Q8_0");
  g_assert_cmpstr (mc_gguf_file_type_get_name (30), ==, "IQ4_XS");
  g_assert_cmpstr (mc_gguf_file_type_get_name (41), ==, "Q2_0");
  g_assert_null (mc_gguf_file_type_get_name (4));
  g_assert_null (mc_gguf_file_type_get_name (42));
  g_assert_null (mc_gguf_file_type_get_name (G_MAXUINT64));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *reads = g_strdup_printf ("/gguf-header/reads/%s", kinds[i].name);
      g_autofree char *cuts = g_strdup_printf ("/gguf-header/cut-anywhere/%s", kinds[i].name);

      g_test_add_data_func (reads, GSIZE_TO_POINTER (i), test_reads);
      g_test_add_data_func (cuts, GSIZE_TO_POINTER (i), test_cut_anywhere);
    }
  g_test_add_func ("/gguf-header/keys-so-far", test_keys_so_far);
  g_test_add_func ("/gguf-header/no-gguf", test_no_gguf);
  g_test_add_func ("/gguf-header/hostile-counts", test_hostile_counts);
  g_test_add_func ("/gguf-header/nesting", test_nesting);
  g_test_add_func ("/gguf-header/hostile-tensors", test_hostile_tensors);
  g_test_add_func ("/gguf-header/nonsense-values", test_nonsense_values);
  g_test_add_func ("/gguf-header/architecture-is-text", test_architecture_is_text);
  g_test_add_func ("/gguf-header/too-large", test_too_large);
  g_test_add_func ("/gguf-header/flipped-bytes", test_flipped_bytes);
  g_test_add_func ("/gguf-header/file-types", test_file_types);
  return g_test_run ();
}
