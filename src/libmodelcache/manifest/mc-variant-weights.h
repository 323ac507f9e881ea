/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-variant-private.h"

G_BEGIN_DECLS

/* What the name of a weight file says, for safetensors, PyTorch, TensorFlow, Flax and Rust. */
typedef struct
{
  const char *format; /* static */
  char stem[256];     /* small letters; longer ones are cut, with their hash at the end */
  gsize stem_length;  /* of the stem in the name itself, from its beginning */
  char infix[64];     /* "fp16" in model.fp16.safetensors, "" if there is none */
  gboolean is_index;  /* the list of a set's shards, no weights */
  gboolean is_standard;
} McWeightName;

/* FALSE if the name is no weight file of these formats. */
gboolean mc_weight_name_parse (const McEntry *entry, McWeightName *weight);

G_END_DECLS
