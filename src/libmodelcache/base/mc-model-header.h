/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

G_BEGIN_DECLS

/* What a model keeps of the text it has read, in bytes for each token: keys and values of 16 bits.
 * Layers with a sliding window keep no more tokens than that. */
typedef struct
{
  gboolean is_known;
  guint64 bytes;         /* a token, in the layers that keep all */
  guint64 sliding_bytes; /* a token, in those with a window */
  guint64 window;        /* tokens */
} McKvCache;

typedef enum
{
  MC_HEADER_GGUF,
  MC_HEADER_SAFETENSORS,
} McHeaderFormat;

#define MC_MODEL_HEADER_MAX_ARCHITECTURE 64
#define MC_MODEL_HEADER_MAX_ENCODING 15

/* What is kept of the header of a weight file: what it says of the model, in few bytes. Numbers are
 * 0 and texts "" where it says nothing, and all of them where the file is not what its name says.
 * A plain value. */
typedef struct
{
  McDigest digest; /* of the file */
  McHeaderFormat format;
  char architecture[MC_MODEL_HEADER_MAX_ARCHITECTURE + 1]; /* "qwen3": printable ASCII */
  char encoding[MC_MODEL_HEADER_MAX_ENCODING + 1]; /* "Q4_K_M", "BF16"; "" also for packed ones */
  guint64 parameters;                              /* 0 also where the file is part of a model */
  guint64 context_length;                          /* tokens */
  McKvCache kv_cache;
} McModelHeader;

/* Whether all of it is within what a reader of headers lets pass. Pure. */
gboolean mc_model_header_is_sane (const McModelHeader *self);

G_END_DECLS
