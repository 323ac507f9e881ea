/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-kv-cache.h"

#include <string.h>

/* The size of the key-value cache: over all layers, key-value heads x (key length + value length) x
 * 2 bytes x tokens (llama.cpp, src/llama-kv-cache.cpp, with the types it takes by default). Pure,
 * any thread. What llama.cpp adds for padding and the batch is part of the overhead of mc-fit. */

#define BYTES_PER_NUMBER 2

/* Of models whose header does not say which layers have a sliding window, every so manieth layer
 * has none. Only these: llama.cpp reads the window of others and does not use it (src/models/). */
static const struct
{
  const char *architecture;
  guint64 period;
} window_periods[] = {
  { "gemma2", 2 },  { "gemma3", 6 },  { "gemma3n", 5 }, { "gpt-oss", 2 },
  { "cohere2", 4 }, { "exaone4", 4 }, { "olmo2", 4 },   { "plamo3", 8 },
};

/* How llama_hparams::set_swa_pattern() has it: the last of each period sees everything; 0 is a
 * window for all, 1 for none. */
static gboolean
slides (const McGgufHeader *header, guint64 layer)
{
  guint64 period = header->window_period;

  if (header->sliding_window == 0)
    return FALSE;
  if (header->n_layer_windows > 0)
    return header->layer_has_window[layer % header->n_layer_windows] != 0;
  if (header->has_window_period)
    return period == 0 || layer % period + 1 < period;
  for (gsize i = 0; i < G_N_ELEMENTS (window_periods); i++)
    if (g_strcmp0 (header->architecture, window_periods[i].architecture) == 0)
      return layer % window_periods[i].period + 1 < window_periods[i].period;
  return FALSE;
}

/* 0 for layers without a cache: recurrent ones, and those that share that of a layer before. */
static guint64
count_kv_heads (const McGgufHeader *header, guint64 layer)
{
  guint64 interval = header->full_attention_interval;

  if (layer + header->shared_kv_layers >= header->block_count)
    return 0;
  if (interval > 0 && (layer + 1) % interval != 0)
    return 0;
  if (header->n_layer_kv_heads > 0)
    return layer < header->n_layer_kv_heads ? header->layer_kv_heads[layer] : 0;
  return header->head_count_kv > 0 ? header->head_count_kv : header->head_count;
}

McKvCache
mc_kv_cache_from_gguf (const McGgufHeader *header)
{
  McKvCache cache = { .window = header->sliding_window };
  guint64 head = header->head_count > 0 ? header->embedding_length / header->head_count : 0;
  guint64 key = header->key_length > 0 ? header->key_length : head;
  guint64 value = header->value_length > 0 ? header->value_length : head;
  guint64 sliding_key = header->key_length_swa > 0 ? header->key_length_swa : key;
  guint64 sliding_value = header->value_length_swa > 0 ? header->value_length_swa : value;

  cache.is_known = header->is_not_causal
                   || (header->block_count > 0 && header->has_head_count
                       && (header->head_count == 0 || (key > 0 && value > 0)));
  if (!cache.is_known || header->is_not_causal)
    return cache;
  /* Far from overflow: the header keeps its numbers small. */
  for (guint64 layer = 0; layer < header->block_count; layer++)
    {
      guint64 heads = count_kv_heads (header, layer);

      if (slides (header, layer))
        cache.sliding_bytes += heads * (sliding_key + sliding_value) * BYTES_PER_NUMBER;
      else
        cache.bytes += heads * (key + value) * BYTES_PER_NUMBER;
    }
  return cache;
}

guint64
mc_kv_cache_get_size (const McKvCache *self, guint64 context_length)
{
  guint64 all;
  guint64 sliding;

  if (!g_uint64_checked_mul (&all, self->bytes, context_length)
      || !g_uint64_checked_mul (&sliding, self->sliding_bytes, MIN (context_length, self->window))
      || !g_uint64_checked_add (&all, all, sliding))
    return G_MAXUINT64;
  return all;
}
