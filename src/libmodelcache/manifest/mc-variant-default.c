/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-private.h"

#include <string.h>

/* Which variant to take when nobody says: the choice from names alone. */

static const char *const pipeline_order[] = { "safetensors:fp16", "safetensors:bf16",
                                              "safetensors:default", "pytorch:fp16",
                                              "pytorch:default" };
static const char *const format_order[] = { "gguf", "onnx", "safetensors", "openvino", "pytorch" };

/* Good balance first: what llama.cpp, Ollama and the uploaders recommend. */
static const char *const gguf_order[] = { "Q4_K_M",    "UD-Q4_K_XL", "Q4_K_XL", "Q4_K_S",
                                          "IQ4_XS",    "Q4_0",       "Q5_K_M",  "MXFP4",
                                          "MXFP4_MOE", "Q6_K",       "Q8_0" };

/* transformers.js takes q8 on wasm. */
static const char *const onnx_order[] = { "q8", "int8", "uint8", "q4", "q4f16", "fp16", "fp32" };

static const char *const gguf_floats[] = { "F16", "BF16", "F32" };

static McDraft *
draft_at (McListing *listing, guint i)
{
  return g_ptr_array_index (listing->drafts, i);
}

/* Its place in a list; the list's length if it is not there. */
static gsize
find_rank (const char *text, const char *const *order, gsize n)
{
  gsize rank = 0;

  while (rank < n && strcmp (text, order[rank]) != 0)
    rank++;
  return rank;
}

static const char *
choose_format (McListing *listing)
{
  const char *best = NULL;
  gsize best_rank = 0;

  for (guint j = 0; j < listing->drafts->len; j++)
    {
      const char *format = draft_at (listing, j)->format;
      gsize rank;

      if (format == best)
        continue;
      rank = find_rank (format, format_order, G_N_ELEMENTS (format_order));
      if (best == NULL || rank < best_rank || (rank == best_rank && strcmp (format, best) < 0))
        {
          best = format;
          best_rank = rank;
        }
    }
  return best;
}

/* The last part of a label, and whether it is the wanted token, perhaps with something behind. */
static const char *
last_part (const McDraft *draft)
{
  const char *slash = strrchr (draft->label, '/');

  return slash != NULL ? slash + 1 : draft->label;
}

static gboolean
has_token (const McDraft *draft, const char *token)
{
  const char *part = last_part (draft);
  gsize length = strlen (token);

  return strncmp (part, token, length) == 0 && (part[length] == '\0' || part[length] == '-');
}

/* The shortest key, then the first. */
static gboolean
is_shorter (const McDraft *draft, const McDraft *best)
{
  gsize length = strlen (draft->key);
  gsize shortest = best != NULL ? strlen (best->key) : 0;

  return best == NULL || length < shortest
         || (length == shortest && strcmp (draft->key, best->key) < 0);
}

static gboolean
is_float (const McDraft *draft)
{
  for (gsize i = 0; i < G_N_ELEMENTS (gguf_floats); i++)
    if (has_token (draft, gguf_floats[i]))
      return TRUE;
  return FALSE;
}

static gsize
rank_gguf (const McDraft *draft)
{
  gsize rank = 0;

  while (rank < G_N_ELEMENTS (gguf_order) && !has_token (draft, gguf_order[rank]))
    rank++;
  return rank;
}

static const char *
choose_gguf (McListing *listing)
{
  const McDraft *best = NULL;
  gsize best_rank = G_N_ELEMENTS (gguf_order);

  for (guint j = 0; j < listing->drafts->len; j++)
    {
      const McDraft *draft = draft_at (listing, j);
      gsize rank;

      if (strcmp (draft->format, "gguf") != 0)
        continue;
      rank = rank_gguf (draft);
      if (rank < best_rank
          || (rank == best_rank && rank < G_N_ELEMENTS (gguf_order) && is_shorter (draft, best)))
        {
          best = draft;
          best_rank = rank;
        }
    }
  for (guint j = 0; j < listing->drafts->len && best == NULL; j++)
    if (strcmp (draft_at (listing, j)->format, "gguf") == 0 && !is_float (draft_at (listing, j)))
      best = draft_at (listing, j);
  return best != NULL ? best->key : NULL;
}

/* Unqualified ones first. */
static const char *
choose_onnx (McListing *listing)
{
  const gsize n = G_N_ELEMENTS (onnx_order);
  const McDraft *best = NULL;
  gsize best_rank = 2 * n;

  for (guint j = 0; j < listing->drafts->len; j++)
    {
      const McDraft *draft = draft_at (listing, j);
      const char *part;
      gsize rank;

      if (strcmp (draft->format, "onnx") != 0)
        continue;
      part = last_part (draft);
      rank = find_rank (part, onnx_order, n);
      if (rank == n)
        continue;
      rank += part != draft->label ? n : 0;
      if (rank < best_rank)
        {
          best = draft;
          best_rank = rank;
        }
    }
  return best != NULL ? best->key : NULL;
}

static const char *
find_key (McListing *listing, const char *key)
{
  for (guint j = 0; j < listing->drafts->len; j++)
    if (strcmp (draft_at (listing, j)->key, key) == 0)
      return draft_at (listing, j)->key;
  return NULL;
}

/* A checkpoint beside a pipeline may have one of these keys too: it is not what the repo is about.
 */
static const char *
choose_pipeline (McListing *listing)
{
  const char *best = NULL;
  gsize best_rank = G_N_ELEMENTS (pipeline_order);

  for (guint j = 0; j < listing->drafts->len; j++)
    {
      const McDraft *draft = draft_at (listing, j);
      gsize rank =
          draft->is_pipeline ? find_rank (draft->key, pipeline_order, best_rank) : best_rank;

      if (rank >= best_rank)
        continue;
      best = draft->key;
      best_rank = rank;
    }
  return best;
}

/* The default one, else the first by its key. */
static const char *
choose_first (McListing *listing, const char *format)
{
  g_autofree char *key = g_strconcat (format, ":default", NULL);
  const char *first = find_key (listing, key);

  if (first != NULL)
    return first;
  for (guint j = 0; j < listing->drafts->len; j++)
    {
      const McDraft *draft = draft_at (listing, j);

      if (strcmp (draft->format, format) == 0 && (first == NULL || strcmp (draft->key, first) < 0))
        first = draft->key;
    }
  return first;
}

const char *
mc_choose_default (McListing *listing)
{
  const char *format = choose_format (listing);
  const char *key = NULL;

  if (format == NULL)
    return NULL;
  key = choose_pipeline (listing);
  if (key == NULL && strcmp (format, "gguf") == 0)
    key = choose_gguf (listing);
  if (key == NULL && strcmp (format, "onnx") == 0)
    key = choose_onnx (listing);
  return key != NULL ? key : choose_first (listing, format);
}
