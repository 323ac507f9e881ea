/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-gguf-header.h"

#include "mc-error.h"
#include "mc-gguf-reader.h"

#include <string.h>

/* The keys of a GGUF header that say what a model is and how much memory it takes
 * (ggml-org/ggml, docs/gguf.md; llama.cpp, src/llama-arch.cpp). Pure, any thread. A key that is not
 * of the expected type says nothing; a header that cannot be followed is bad as a whole. */

/* Numbers above these are nonsense. They keep whatever is computed from them far from overflow. */
#define MOST_TOKENS (G_GUINT64_CONSTANT (1) << 40)
#define MOST_UNITS (G_GUINT64_CONSTANT (1) << 24)
#define MOST_HEADS G_MAXUINT16
#define MOST_TEXT 256
#define MOST_ARCHITECTURE 64
#define MOST_PARAMETERS (G_GUINT64_CONSTANT (1) << 60)

/* The smallest key with its value, and the smallest tensor, in bytes of version 1. */
#define LEAST_KEY 9
#define LEAST_TENSOR 20

/* llama.cpp adds this to a file type that it guessed. */
#define FILE_TYPE_GUESSED 1024

/* By number: enum llama_ftype. Gaps were withdrawn before GGUF. */
static const char *const file_types[] = {
  [0] = "F32",        [1] = "F16",       [2] = "Q4_0",      [3] = "Q4_1",    [7] = "Q8_0",
  [8] = "Q5_0",       [9] = "Q5_1",      [10] = "Q2_K",     [11] = "Q3_K_S", [12] = "Q3_K_M",
  [13] = "Q3_K_L",    [14] = "Q4_K_S",   [15] = "Q4_K_M",   [16] = "Q5_K_S", [17] = "Q5_K_M",
  [18] = "Q6_K",      [19] = "IQ2_XXS",  [20] = "IQ2_XS",   [21] = "Q2_K_S", [22] = "IQ3_XS",
  [23] = "IQ3_XXS",   [24] = "IQ1_S",    [25] = "IQ4_NL",   [26] = "IQ3_S",  [27] = "IQ3_M",
  [28] = "IQ2_S",     [29] = "IQ2_M",    [30] = "IQ4_XS",   [31] = "IQ1_M",  [32] = "BF16",
  [33] = "Q4_0_4_4",  [34] = "Q4_0_4_8", [35] = "Q4_0_8_8", [36] = "TQ1_0",  [37] = "TQ2_0",
  [38] = "MXFP4_MOE", [39] = "NVFP4",    [40] = "Q1_0",     [41] = "Q2_0",
};

/* Keys with a number. "{}" stands for the architecture. */
static const struct
{
  const char *key;
  gsize offset; /* of the field */
  guint64 most;
} numbers[] = {
  { "{}.block_count", G_STRUCT_OFFSET (McGgufHeader, block_count), MC_GGUF_MAX_LAYERS },
  { "{}.context_length", G_STRUCT_OFFSET (McGgufHeader, context_length), MOST_TOKENS },
  { "{}.embedding_length", G_STRUCT_OFFSET (McGgufHeader, embedding_length), MOST_UNITS },
  { "{}.attention.key_length", G_STRUCT_OFFSET (McGgufHeader, key_length), MOST_UNITS },
  { "{}.attention.value_length", G_STRUCT_OFFSET (McGgufHeader, value_length), MOST_UNITS },
  { "{}.attention.key_length_swa", G_STRUCT_OFFSET (McGgufHeader, key_length_swa), MOST_UNITS },
  { "{}.attention.value_length_swa", G_STRUCT_OFFSET (McGgufHeader, value_length_swa), MOST_UNITS },
  { "{}.attention.sliding_window", G_STRUCT_OFFSET (McGgufHeader, sliding_window), MOST_TOKENS },
  { "{}.attention.shared_kv_layers", G_STRUCT_OFFSET (McGgufHeader, shared_kv_layers),
    MC_GGUF_MAX_LAYERS },
  { "{}.full_attention_interval", G_STRUCT_OFFSET (McGgufHeader, full_attention_interval),
    MC_GGUF_MAX_LAYERS },
  { "{}.expert_count", G_STRUCT_OFFSET (McGgufHeader, expert_count), MOST_HEADS },
  { "{}.expert_used_count", G_STRUCT_OFFSET (McGgufHeader, expert_used_count), MOST_HEADS },
  { "{}.vocab_size", G_STRUCT_OFFSET (McGgufHeader, vocabulary), MOST_UNITS },
  { "split.no", G_STRUCT_OFFSET (McGgufHeader, split_no), G_MAXUINT16 },
  { "split.count", G_STRUCT_OFFSET (McGgufHeader, split_count), G_MAXUINT16 },
};

typedef struct
{
  const char *text;
  gsize length;
} Key;

/* Whether a key is this pattern with the model's architecture in it. */
static gboolean
key_is (const Key *key, const char *pattern, const char *architecture)
{
  gsize skipped = 0;

  if (g_str_has_prefix (pattern, "{}"))
    {
      if (architecture == NULL)
        return FALSE;
      skipped = strlen (architecture);
      if (key->length < skipped || memcmp (key->text, architecture, skipped) != 0)
        return FALSE;
      pattern += 2;
    }
  return key->length - skipped == strlen (pattern)
         && memcmp (key->text + skipped, pattern, key->length - skipped) == 0;
}

/* NULL unless it can be shown to a person in one line. */
static char *
dup_line (const McGgufValue *value)
{
  if (value->text == NULL || value->text_length == 0 || value->text_length > MOST_TEXT
      || !g_utf8_validate_len (value->text, value->text_length, NULL))
    return NULL;
  for (const char *at = value->text; at < value->text + value->text_length;
       at = g_utf8_next_char (at))
    if (!g_unichar_isprint (g_utf8_get_char (at)))
      return NULL;
  return g_strndup (value->text, value->text_length);
}

static char *
dup_architecture (const McGgufValue *value)
{
  if (value->text == NULL || value->text_length == 0 || value->text_length > MOST_ARCHITECTURE)
    return NULL;
  for (gsize i = 0; i < value->text_length; i++)
    if (!g_ascii_isgraph (value->text[i]))
      return NULL;
  return g_strndup (value->text, value->text_length);
}

/* A number for all layers, or one for each: then the largest. */
static void
read_head_count (const McGgufReader *reader, const McGgufValue *value, guint64 *heads)
{
  guint64 number;

  if (value->is_number && value->number <= MOST_HEADS)
    *heads = value->number;
  for (guint64 i = 0; i < MIN (value->count, MC_GGUF_MAX_LAYERS); i++)
    if (mc_gguf_reader_get_item (reader, value, i, &number) && number <= MOST_HEADS)
      *heads = MAX (*heads, number);
}

static void
read_layer_kv_heads (const McGgufReader *reader, const McGgufValue *value, McGgufHeader *header)
{
  guint64 number;

  if (value->count > MC_GGUF_MAX_LAYERS)
    return;
  for (guint i = 0; i < (guint) value->count; i++)
    {
      if (!mc_gguf_reader_get_item (reader, value, i, &number) || number > MOST_HEADS)
        return;
      header->layer_kv_heads[i] = (guint16) number;
    }
  header->n_layer_kv_heads = (guint) value->count;
}

static void
read_window_pattern (const McGgufReader *reader, const McGgufValue *value, McGgufHeader *header)
{
  guint64 number;

  if (value->is_number && value->number <= MC_GGUF_MAX_LAYERS)
    {
      header->has_window_period = TRUE;
      header->window_period = value->number;
    }
  if (value->count > MC_GGUF_MAX_LAYERS)
    return;
  for (guint i = 0; i < (guint) value->count; i++)
    {
      if (!mc_gguf_reader_get_item (reader, value, i, &number))
        return;
      header->layer_has_window[i] = number != 0;
    }
  header->n_layer_windows = (guint) value->count;
}

/* TRUE if the key was one of the numbers. Of doubles the first that says something counts. */
static gboolean
read_number (const Key *key, const McGgufValue *value, McGgufHeader *header)
{
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (key_is (key, numbers[i].key, header->architecture))
      {
        guint64 *field = G_STRUCT_MEMBER_P (header, numbers[i].offset);

        if (*field == 0 && value->is_number && value->number <= numbers[i].most)
          *field = value->number;
        return TRUE;
      }
  return FALSE;
}

static void
read_key (const McGgufReader *reader,
          const Key *key,
          const McGgufValue *value,
          McGgufHeader *header)
{
  const char *architecture = header->architecture;

  if (read_number (key, value, header))
    return;
  if (key_is (key, "general.name", NULL) && header->name == NULL)
    header->name = dup_line (value);
  else if (key_is (key, "general.size_label", NULL) && header->size_label == NULL)
    header->size_label = dup_line (value);
  else if (key_is (key, "general.file_type", NULL) && value->is_number)
    {
      header->has_file_type = TRUE;
      header->file_type = value->number & ~(guint64) FILE_TYPE_GUESSED;
      header->quantization = mc_gguf_file_type_get_name (header->file_type);
    }
  else if (key_is (key, "{}.attention.head_count", architecture))
    {
      header->has_head_count = TRUE;
      read_head_count (reader, value, &header->head_count);
    }
  else if (key_is (key, "{}.attention.head_count_kv", architecture))
    {
      read_head_count (reader, value, &header->head_count_kv);
      read_layer_kv_heads (reader, value, header);
    }
  else if (key_is (key, "{}.attention.sliding_window_pattern", architecture))
    read_window_pattern (reader, value, header);
  else if (key_is (key, "{}.attention.causal", architecture))
    header->is_not_causal = value->is_number && value->number == 0;
  else if (key_is (key, "tokenizer.ggml.tokens", NULL) && value->is_array)
    header->vocabulary = value->count;
  else if (key_is (key, "tokenizer.chat_template", NULL))
    header->has_chat_template = value->text_length > 0;
}

/* The other keys begin with it, and it need not come first. */
static gboolean
find_architecture (McGgufReader *reader, guint64 n_keys, char **architecture)
{
  for (guint64 i = 0; i < n_keys; i++)
    {
      McGgufValue value;
      Key key;

      if (!mc_gguf_reader_string (reader, MC_GGUF_MAX_NAME, &key.text, &key.length)
          || !mc_gguf_reader_value (reader, &value))
        return FALSE;
      if (!key_is (&key, "general.architecture", NULL))
        continue;
      *architecture = dup_architecture (&value);
      return TRUE;
    }
  return TRUE;
}

static gboolean
read_keys (McGgufReader *reader, guint64 n_keys, McGgufHeader *header)
{
  for (guint64 i = 0; i < n_keys; i++)
    {
      McGgufValue value;
      Key key;

      if (!mc_gguf_reader_string (reader, MC_GGUF_MAX_NAME, &key.text, &key.length)
          || !mc_gguf_reader_value (reader, &value))
        return FALSE;
      read_key (reader, &key, &value, header);
    }
  return TRUE;
}

/* Multiplies the dimensions; FALSE if no model can be so large. */
static gboolean
read_dimensions (McGgufReader *reader, guint32 n_dimensions, guint64 *product, gboolean *sane)
{
  *product = 1;
  for (guint32 i = 0; i < n_dimensions; i++)
    {
      guint64 dimension;

      if (!mc_gguf_reader_count (reader, &dimension))
        return FALSE;
      if (!g_uint64_checked_mul (product, *product, dimension) || *product > MOST_PARAMETERS)
        {
          *sane = FALSE;
          return FALSE;
        }
    }
  return TRUE;
}

/* *sane is only ever made FALSE. */
static gboolean
count_parameters (McGgufReader *reader, guint64 n_tensors, guint64 *parameters, gboolean *sane)
{
  guint64 sum = 0;

  for (guint64 i = 0; i < n_tensors; i++)
    {
      const char *name;
      gsize name_length;
      guint32 n_dimensions;
      guint32 type;
      guint64 product;
      guint64 offset;

      if (!mc_gguf_reader_string (reader, MC_GGUF_MAX_NAME, &name, &name_length)
          || !mc_gguf_reader_u32 (reader, &n_dimensions))
        return FALSE;
      *sane = n_dimensions <= MC_GGUF_MAX_DIMENSIONS;
      if (!*sane || !read_dimensions (reader, n_dimensions, &product, sane)
          || !mc_gguf_reader_u32 (reader, &type) || !mc_gguf_reader_u64 (reader, &offset))
        return FALSE;
      sum += product;
      *sane = sum <= MOST_PARAMETERS && offset <= reader->file_size;
      if (!*sane)
        return FALSE;
    }
  *parameters = sum;
  return TRUE;
}

/* How much to ask for, so that the prefix grows by whole steps. */
static guint64
round_up (const McGgufReader *reader)
{
  guint64 steps = (reader->wanted + MC_GGUF_STEP - 1) / MC_GGUF_STEP;

  return MIN (MIN (steps * MC_GGUF_STEP, MC_GGUF_MAX_HEADER), reader->file_size);
}

/* Everything after the version. FALSE: the keys ended too early, or were bad. */
static gboolean
read_all (McGgufReader *reader, McGgufHeader *header, gboolean *sane)
{
  guint64 n_keys;
  guint64 keys_at;

  if (!mc_gguf_reader_count (reader, &header->n_tensors) || !mc_gguf_reader_count (reader, &n_keys))
    return FALSE;
  *sane = n_keys <= MC_GGUF_MAX_KEYS && n_keys <= reader->file_size / LEAST_KEY
          && header->n_tensors <= MC_GGUF_MAX_TENSORS
          && header->n_tensors <= reader->file_size / LEAST_TENSOR;
  if (!*sane)
    return FALSE;
  keys_at = reader->at;
  if (!find_architecture (reader, n_keys, &header->architecture))
    return FALSE;
  reader->at = keys_at;
  if (!read_keys (reader, n_keys, header))
    return FALSE;
  /* Where the prefix ends among the tensors, the keys are still worth having. */
  count_parameters (reader, header->n_tensors, &header->parameters, sane);
  return *sane && reader->error == NULL;
}

McHeaderState
mc_gguf_header_parse (const guint8 *data,
                      gsize length,
                      guint64 file_size,
                      McGgufHeader **header,
                      guint64 *needed,
                      GError **error)
{
  g_auto (McGgufReader) reader = { 0 };
  g_autoptr (McGgufHeader) found = g_new0 (McGgufHeader, 1);
  gboolean sane = TRUE;
  gboolean is_read =
      mc_gguf_reader_open (&reader, data, length, file_size) && read_all (&reader, found, &sane);

  *header = NULL;
  *needed = 0;
  if (!sane && reader.error == NULL)
    g_set_error (&reader.error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                 "A number makes no sense, before byte %" G_GUINT64_FORMAT " of the GGUF header",
                 reader.at);
  if (reader.error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reader.error));
      return MC_HEADER_BAD;
    }
  if (reader.wanted > 0)
    *needed = round_up (&reader);
  *header = g_steal_pointer (&found);
  return is_read ? MC_HEADER_READ : MC_HEADER_NEEDS_MORE;
}

void
mc_gguf_header_free (McGgufHeader *self)
{
  g_free (self->architecture);
  g_free (self->name);
  g_free (self->size_label);
  g_free (self);
}

const char *
mc_gguf_file_type_get_name (guint64 file_type)
{
  return file_type < G_N_ELEMENTS (file_types) ? file_types[file_type] : NULL;
}
