/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-weights.h"

#include "mc-path-words.h"

#include <string.h>

/* Reading the names transformers, diffusers and their like give to weights. */

static const struct
{
  const char *ext;
  const char *format;
} formats[] = {
  { "safetensors", "safetensors" },
  { "bin", "pytorch" },
  { "pt", "pytorch" },
  { "pth", "pytorch" },
  { "ckpt", "pytorch" },
  { "h5", "tensorflow" },
  { "msgpack", "flax" },
  { "ot", "rust" },
};

/* Names the libraries give: they say nothing about the model. */
static const struct
{
  const char *format;
  const char *stem;
} standards[] = {
  { "safetensors", "model" },
  { "safetensors", "pytorch_model" },
  { "safetensors", "diffusion_pytorch_model" },
  { "pytorch", "pytorch_model" },
  { "pytorch", "diffusion_pytorch_model" },
  { "tensorflow", "tf_model" },
  { "flax", "flax_model" },
  { "flax", "diffusion_flax_model" },
  { "rust", "rust_model" },
};

/* Precisions and kinds of weights diffusers knows as "variant"; behind a standard name any word is
 * one. */
static const char *const infixes[] = { "fp16",    "bf16", "fp32",     "fp8",
                                       "non_ema", "ema",  "ema_only", NULL };

/* A .bin may be anything; these are PyTorch's. */
static const char *const pytorch_prefixes[] = { "pytorch_model",
                                                "adapter_model",
                                                "diffusion_pytorch_model",
                                                "consolidated",
                                                "pytorch_lora",
                                                "ip_adapter",
                                                NULL };
static const char *const pytorch_parts[] = { "pytorch", "lora", NULL };

static const char *
find_format (const char *ext, gsize length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (strlen (formats[i].ext) == length && memcmp (formats[i].ext, ext, length) == 0)
      return formats[i].format;
  return NULL;
}

static gboolean
is_standard (const char *format, const char *stem, gsize length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (standards); i++)
    if (strcmp (standards[i].format, format) == 0 && strlen (standards[i].stem) == length
        && memcmp (standards[i].stem, stem, length) == 0)
      return TRUE;
  return FALSE;
}

/* "model-00001-of-00002.bin" beside the names above. */
static gboolean
is_pytorch_bin (const char *name)
{
  gsize digits;

  if (mc_name_has_prefix (name, pytorch_prefixes) || mc_name_has_part (name, pytorch_parts))
    return TRUE;
  if (!g_str_has_prefix (name, "model-"))
    return FALSE;
  digits = mc_count_digits (name + 6, strlen (name + 6));
  return digits > 0 && g_str_has_prefix (name + 6 + digits, "-of-");
}

/* Where the last dot before the end is; 0 if there is none behind the first character. */
static gsize
find_dot (const char *name, gsize length)
{
  while (length > 1)
    if (name[--length] == '.')
      return length;
  return 0;
}

/* Cuts ".index.json" and ".index.fp16.json". */
static gboolean
strip_index (const char *name, gsize *length, McWeightName *weight)
{
  gsize end = *length;
  gsize dot;

  if (end <= 5 || memcmp (name + end - 5, ".json", 5) != 0)
    return FALSE;
  end -= 5;
  if (end > 6 && memcmp (name + end - 6, ".index", 6) == 0)
    {
      *length = end - 6;
      return TRUE;
    }
  dot = find_dot (name, end);
  if (dot <= 6 || end - dot - 1 >= sizeof weight->infix
      || memcmp (name + dot - 6, ".index", 6) != 0)
    return FALSE;
  memcpy (weight->infix, name + dot + 1, end - dot - 1);
  weight->infix[end - dot - 1] = '\0';
  *length = dot - 6;
  return TRUE;
}

static void
strip_infix (const char *name, gsize *length, McWeightName *weight)
{
  gsize dot = find_dot (name, *length);
  gsize size = *length - dot - 1;

  if (dot == 0 || size == 0 || size >= sizeof weight->infix)
    return;
  if (!mc_text_in (name + dot + 1, size, infixes) && !is_standard (weight->format, name, dot))
    return;
  memcpy (weight->infix, name + dot + 1, size);
  weight->infix[size] = '\0';
  *length = dot;
}

/* "consolidated.00": one file for each GPU Meta ran it on. */
static void
strip_consolidated (const char *name, gsize *length)
{
  if (*length == 15 && memcmp (name, "consolidated.", 13) == 0 && mc_is_number (name + 13, 2))
    *length = 12;
}

static void
set_stem (McWeightName *weight, const char *name, gsize length)
{
  weight->stem_length = length;
  if (length < sizeof weight->stem - 16)
    {
      memcpy (weight->stem, name, length);
      weight->stem[length] = '\0';
    }
  else
    {
      g_autofree char *whole = g_strndup (name, length);

      g_snprintf (weight->stem, sizeof weight->stem, "%.200s-%x-%u", whole, g_str_hash (whole),
                  (guint) length);
    }
}

gboolean
mc_weight_name_parse (const McEntry *entry, McWeightName *weight)
{
  const char *name = entry->name;
  gsize length = strlen (name);
  gsize dot;
  gsize second;

  memset (weight, 0, sizeof *weight);
  if (find_format (entry->ext, strlen (entry->ext)) == NULL && strcmp (entry->ext, "json") != 0)
    return FALSE;
  weight->is_index = strip_index (name, &length, weight);
  dot = find_dot (name, length);
  if (dot == 0)
    return FALSE;
  weight->format = find_format (name + dot + 1, length - dot - 1);
  if (weight->format == NULL
      || (memcmp (name + dot + 1, "bin", 3) == 0 && length - dot == 4 && !is_pytorch_bin (name)))
    return FALSE;
  length = dot;
  /* model.safetensors-00001-of-00002.safetensors; and Kimi K2's model-1-of-61.safetensors. */
  if (mc_split_strip_shard (name, &length, 1))
    {
      second = find_dot (name, length);
      if (second > 0 && find_format (name + second + 1, length - second - 1) == weight->format)
        length = second;
    }
  if (weight->infix[0] == '\0')
    strip_infix (name, &length, weight);
  mc_split_strip_shard (name, &length, 1);
  strip_consolidated (name, &length);
  set_stem (weight, name, length);
  weight->is_standard = is_standard (weight->format, name, length);
  return TRUE;
}
