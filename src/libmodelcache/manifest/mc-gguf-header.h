/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-header-state.h"

G_BEGIN_DECLS

#define MC_GGUF_MAX_LAYERS 1024

/* What the header of a GGUF file says about the model. Numbers are 0 and texts NULL where it does
 * not, or says nonsense. */
typedef struct
{
  char *architecture; /* "qwen3": printable ASCII */
  char *name;
  char *size_label; /* "8x7B" */
  gboolean has_file_type;
  guint64 file_type;
  const char *quantization; /* static: "Q4_K_M", by the file type */

  guint64 block_count; /* layers */
  guint64 context_length;
  guint64 embedding_length;
  gboolean has_head_count;
  guint64 head_count;
  guint64 head_count_kv; /* the most of any layer */
  guint64 key_length;
  guint64 value_length;
  guint64 key_length_swa; /* of the layers with a sliding window */
  guint64 value_length_swa;
  guint64 sliding_window;
  gboolean has_window_period;
  guint64 window_period;           /* every so manieth layer sees everything */
  guint64 full_attention_interval; /* only every so manieth layer keeps a cache */
  guint64 shared_kv_layers;        /* so many at the end keep none of their own */
  gboolean is_not_causal;          /* reads its text at once and keeps no cache */
  guint64 expert_count;
  guint64 expert_used_count;
  guint64 vocabulary;
  gboolean has_chat_template;

  /* Layer by layer, where the header says so. */
  guint n_layer_kv_heads;
  guint n_layer_windows;
  guint16 layer_kv_heads[MC_GGUF_MAX_LAYERS];
  guint8 layer_has_window[MC_GGUF_MAX_LAYERS]; /* repeated if there are more layers than entries */

  guint64 split_no; /* which part of a set this file is, from 0 */
  guint64 split_count;
  guint64 n_tensors;  /* in this file */
  guint64 parameters; /* in this file; 0 if the prefix ended before the last tensor */
} McGgufHeader;

/* Reads the header from the first @length bytes of a file of @file_size bytes.
 *
 * MC_HEADER_READ: the keys are complete. The list of tensors, which only counts parameters, may not
 * be; then @needed is how long a prefix would show more of it, else 0.
 * MC_HEADER_NEEDS_MORE: @needed bytes are wanted; the header has what was read so far.
 * MC_HEADER_BAD: MC_ERROR_BAD_RESPONSE, no header.
 *
 * @needed grows in steps of 2 MiB, up to 50 MiB or the file. Pure, any thread. */
McHeaderState mc_gguf_header_parse (const guint8 *data,
                                    gsize length,
                                    guint64 file_size,
                                    McGgufHeader **header,
                                    guint64 *needed,
                                    GError **error);
void mc_gguf_header_free (McGgufHeader *self);

/* "Q4_K_M" of 15; NULL if there is no such type. Static. */
const char *mc_gguf_file_type_get_name (guint64 file_type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McGgufHeader, mc_gguf_header_free)

G_END_DECLS
