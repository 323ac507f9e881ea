/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-gguf-header.h"

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

McKvCache mc_kv_cache_from_gguf (const McGgufHeader *header);

/* For that many tokens; never wraps around. Pure. */
guint64 mc_kv_cache_get_size (const McKvCache *self, guint64 context_length);

G_END_DECLS
