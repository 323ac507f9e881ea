/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-model-header.h"

#include <string.h>

/* The bounds that the readers of headers have, and what follows from them: no sum of these wraps
 * around. */
#define MOST_PARAMETERS (G_GUINT64_CONSTANT (1) << 60)
#define MOST_TOKENS (G_GUINT64_CONSTANT (1) << 40)
#define MOST_BYTES_A_TOKEN (G_GUINT64_CONSTANT (1) << 53)

static gboolean
is_word (const char *text, gsize most)
{
  gsize length = strnlen (text, most + 1);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]))
      return FALSE;
  return length <= most;
}

gboolean
mc_model_header_is_sane (const McModelHeader *self)
{
  return self->digest.kind != MC_DIGEST_NONE
         && (self->format == MC_HEADER_GGUF || self->format == MC_HEADER_SAFETENSORS)
         && is_word (self->architecture, MC_MODEL_HEADER_MAX_ARCHITECTURE)
         && is_word (self->encoding, MC_MODEL_HEADER_MAX_ENCODING)
         && self->parameters <= MOST_PARAMETERS && self->context_length <= MOST_TOKENS
         && self->kv_cache.bytes <= MOST_BYTES_A_TOKEN
         && self->kv_cache.sliding_bytes <= MOST_BYTES_A_TOKEN
         && self->kv_cache.window <= MOST_TOKENS;
}
