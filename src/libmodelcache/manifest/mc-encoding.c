/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-encoding.h"

#include "mc-gguf-token.h"
#include "mc-path-words.h"

#include <string.h>

/* What the name of an encoding means. Pure, any thread. */

/* Bits of a weight.
 *
 * GGUF, whole files, measured on Llama 3.1 8B: llama.cpp, tools/quantize/README.md; Q3_K_M is
 * interpolated. Those without a size (Q4_K), the old ones and the rest: from the size of their
 * blocks in ggml (ggml-common.h; huggingface.js, packages/tasks/src/gguf.ts), and so those of
 * ik_llama.cpp (its pull requests 83, 85, 89, 602, 616).
 *
 * ONNX: transformers.js quantizes in blocks of 32 with a scale of 32 bits, or 16 in the f16
 * kinds (scripts/quantize.py); bnb4 in blocks of 64 with 32. onnxruntime-genai: int4 in blocks of
 * 32 with 16. MLX: groups of 64 with a scale and a bias of 16 each. MLC: groups of 32 with 16.
 * AWQ, GPTQ: groups of 128 with a scale of 16 and a zero of 4, the default of both. */
static const struct
{
  const char *name;
  double bits;
} bits_by_name[] = {
  { "iq1_s", 2.00 },   { "iq1_m", 2.15 },    { "iq2_xxs", 2.38 },  { "iq2_xs", 2.59 },
  { "iq2_s", 2.74 },   { "iq2_m", 2.93 },    { "q2_k_s", 2.97 },   { "q2_k", 3.16 },
  { "iq3_xxs", 3.25 }, { "iq3_xs", 3.50 },   { "q3_k_s", 3.64 },   { "iq3_s", 3.66 },
  { "iq3_m", 3.76 },   { "q3_k_m", 4.00 },   { "q3_k_l", 4.30 },   { "iq4_xs", 4.46 },
  { "q4_k_s", 4.67 },  { "iq4_nl", 4.68 },   { "q4_k_m", 4.89 },   { "q5_k_s", 5.57 },
  { "q5_k_m", 5.70 },  { "q6_k", 6.56 },     { "q8_0", 8.50 },

  { "q3_k", 3.4375 },  { "q4_k", 4.5 },      { "q5_k", 5.5 },      { "q8_k", 9.125 },
  { "q1_0", 1.125 },   { "q2_0", 2.25 },     { "q4_0", 4.5 },      { "q4_1", 5.0 },
  { "q5_0", 5.5 },     { "q5_1", 6.0 },      { "q8_1", 9.0 },      { "tq1_0", 1.69 },
  { "tq2_0", 2.06 },   { "mxfp4", 4.25 },    { "nvfp4", 4.5 },     { "f16", 16 },
  { "bf16", 16 },      { "f32", 32 },        { "f64", 64 },

  { "iq2_k", 2.375 },  { "iq3_k", 3.4375 },  { "iq4_k", 4.5 },     { "iq5_k", 5.5 },
  { "iq6_k", 6.625 },  { "iq2_ks", 2.1875 }, { "iq3_ks", 3.1875 }, { "iq4_ks", 4.25 },
  { "iq5_ks", 5.25 },  { "iq4_kss", 4.0 },   { "iq2_kl", 2.6875 }, { "iq1_kt", 1.75 },
  { "iq2_kt", 2.125 }, { "iq3_kt", 3.125 },  { "iq4_kt", 4.0 },

  { "fp32", 32 },      { "fp16", 16 },       { "o1", 32 },         { "o2", 32 },
  { "o3", 32 },        { "o4", 16 },         { "optimized", 32 },  { "q8", 8 },
  { "int8", 8 },       { "uint8", 8 },       { "qint8", 8 },       { "quint8", 8 },
  { "q4", 5.0 },       { "q4f32", 5.0 },     { "q4f16", 4.5 },     { "q2", 3.0 },
  { "q2f16", 2.5 },    { "q1", 2.0 },        { "q1f16", 1.5 },     { "bnb4", 4.5 },
  { "int4", 4.5 },     { "uint4", 4.5 },     { "qint4", 4.5 },     { "quint4", 4.5 },
  { "int8f16", 8 },    { "uint8f16", 8 },    { "q8f16", 8 },       { "q8f32", 8 },
  { "q3f16", 3.5 },    { "q0f16", 16 },      { "q0f32", 32 },      { "fp8", 8 },
  { "f8_e4m3", 8 },    { "f8_e5m2", 8 },     { "fp4", 4.5 },       { "nf4", 4.5 },
  { "2bit", 2.5 },     { "3bit", 3.5 },      { "4bit", 4.5 },      { "5bit", 5.5 },
  { "6bit", 6.5 },     { "8bit", 8.5 },      { "awq", 4.16 },      { "gptq", 4.16 },
};

/* BitNet and Bonsai: trained in one or two bits. With UD- it is a mix for models that were not. */
static const char *const trained_so[] = { "tq1_0", "tq2_0", "q1_0", "q1_0_g128", "q2_0", NULL };

/* Ways to quantize that only the name of a repo tells: AWQ, GPTQ, and compressed-tensors by the
 * bits of weights and activations. */
static const char *const methods[] = { "awq", "gptq", "w4a16", "w8a8", "w8a16", NULL };

static const char *const quality_words[] = {
  [MC_QUALITY_LAST_RESORT] = "last-resort", [MC_QUALITY_WEAKER] = "weaker",
  [MC_QUALITY_BALANCED] = "balanced",       [MC_QUALITY_CLOSE] = "close",
  [MC_QUALITY_VERY_CLOSE] = "very-close",   [MC_QUALITY_LOSSLESS] = "near-lossless",
  [MC_QUALITY_UNQUANTIZED] = "unquantized", [MC_QUALITY_AS_TRAINED] = "as-trained",
};

static const char *const phrases[] = {
  [MC_QUALITY_LAST_RESORT] = "only if nothing else fits",
  [MC_QUALITY_WEAKER] = "noticeably weaker",
  [MC_QUALITY_BALANCED] = "good balance of size and quality",
  [MC_QUALITY_CLOSE] = "close to the original",
  [MC_QUALITY_VERY_CLOSE] = "very close to the original",
  [MC_QUALITY_LOSSLESS] = "practically lossless",
  [MC_QUALITY_UNQUANTIZED] = "not quantized",
  [MC_QUALITY_AS_TRAINED] = "in the few bits it was trained in",
};

const char *
mc_quality_to_string (McQuality quality)
{
  return (gsize) quality < G_N_ELEMENTS (quality_words) ? quality_words[quality] : NULL;
}

const char *
mc_quality_get_phrase (McQuality quality)
{
  return (gsize) quality < G_N_ELEMENTS (phrases) ? phrases[quality] : NULL;
}

static double
find_bits (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bits_by_name); i++)
    if (strcmp (bits_by_name[i].name, name) == 0)
      return bits_by_name[i].bits;
  return 0;
}

/* Cuts the name short until it is in the table: of "q4_k_xl", a mix, most is "q4_k". Where the name
 * tells the bits, "iq4_ks-3.52bpw", it is believed. */
static double
guess_bits (char *name)
{
  double bits = find_bits (name);

  if (bits == 0 && g_str_has_suffix (name, "bpw") && strrchr (name, '-') != NULL)
    bits = g_ascii_strtod (strrchr (name, '-') + 1, NULL);
  while (!(bits > 0 && bits <= 64))
    {
      char *last = MAX (strrchr (name, '_'), strrchr (name, '-'));

      if (last == NULL)
        return 0;
      *last = '\0';
      bits = find_bits (name);
    }
  return bits;
}

/* The first number of the name: 4 of "iq4_nl", 8 of "qint8_arm64", 16 of "q0f16". */
static guint
read_width (const char *name)
{
  const char *digit = strpbrk (name, "123456789");

  return digit != NULL ? (guint) MIN (g_ascii_strtoull (digit, NULL, 10), 64) : 0;
}

static McQuality
judge_width (guint width)
{
  static const McQuality by_width[] = {
    MC_QUALITY_UNKNOWN,    MC_QUALITY_LAST_RESORT, MC_QUALITY_LAST_RESORT,
    MC_QUALITY_WEAKER,     MC_QUALITY_BALANCED,    MC_QUALITY_CLOSE,
    MC_QUALITY_VERY_CLOSE, MC_QUALITY_VERY_CLOSE,  MC_QUALITY_LOSSLESS,
  };

  if (width < G_N_ELEMENTS (by_width))
    return by_width[width];
  return width >= 16 ? MC_QUALITY_UNQUANTIZED : MC_QUALITY_UNKNOWN;
}

McEncoding
mc_encoding_from_name (const char *name)
{
  McEncoding encoding = { 0 };
  char lower[48];
  char *type = lower;
  double bits;

  g_strlcpy (encoding.name, name, sizeof encoding.name);
  for (gsize i = 0; i < sizeof lower; i++)
    lower[i] = g_ascii_tolower (encoding.name[i]);
  if (g_str_has_prefix (type, "ud-"))
    type += strlen ("ud-");
  bits = find_bits (type);
  if (type == lower && mc_text_in (type, strlen (type), trained_so))
    encoding.quality = MC_QUALITY_AS_TRAINED;
  /* O3 is no number of bits, and AWQ has none. */
  else if (bits >= 16 || read_width (type) == 0)
    encoding.quality = judge_width ((guint) bits);
  else
    encoding.quality = judge_width (read_width (type));
  encoding.nominal_bits = guess_bits (type);
  return encoding;
}

/* The types of ik_llama.cpp, ggml/include/ggml.h, that ggml-org's ggml.h lacks. */
gboolean
mc_encoding_is_of_ik (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  const char *type = g_str_has_prefix (lower, "ud-") ? lower + strlen ("ud-") : lower;
  const char *size = strchr (type, '_');

  if (size == NULL)
    return FALSE;
  if (g_str_has_prefix (type, "iq")
      && (g_str_has_prefix (size, "_k") || g_str_has_prefix (size, "_bn")))
    return TRUE;
  return g_str_has_suffix (size, "_r4") || g_str_has_suffix (size, "_r8");
}

/* "8bits" and "4-bit" are 8bit and 4bit. */
static McEncoding
from_weak_token (const char *lower, const McToken *token)
{
  g_autofree char *name = g_strndup (lower + token->start, token->length);

  if (g_str_has_suffix (name, "bits"))
    name[strlen (name) - 1] = '\0';
  if (g_str_has_suffix (name, "-bit") || g_str_has_suffix (name, "_bit"))
    memmove (name + 1, name + 2, strlen (name + 2) + 1);
  return mc_encoding_from_name (name);
}

/* In the way the format names them: GGUF by its tokens, the others by their precision words. *place
 * is where it stands. */
static McEncoding
find_in (const char *lower, gboolean is_gguf, McToken *place)
{
  gsize length = strlen (lower);
  McPrecision precision;

  *place = (McToken){ 0 };
  if (is_gguf)
    {
      g_autofree char *name = NULL;

      if (!mc_token_find_strong (lower, length, TRUE, place)
          && !mc_token_find_weak (lower, length, place))
        return (McEncoding){ 0 };
      name = mc_token_format (lower, place);
      return mc_encoding_from_name (name);
    }
  if (mc_precision_find (lower, length, &precision))
    {
      place->start = precision.start;
      place->length = precision.length;
      return mc_encoding_from_name (precision.name);
    }
  if (mc_token_find_weak (lower, length, place))
    return from_weak_token (lower, place);
  return (McEncoding){ 0 };
}

/* The label less the encoding in its last part; of GGUF, what follows the encoding is no model but
 * a way to quantize. */
static char *
cut_encoding (const char *label, gsize start, const McToken *place, gboolean is_gguf)
{
  g_autoptr (GString) model = g_string_new_len (label, (gssize) (start + place->start));

  while (model->len > 0 && strchr ("-_./", model->str[model->len - 1]) != NULL)
    g_string_truncate (model, model->len - 1);
  if (!is_gguf)
    g_string_append (model, label + start + place->start + place->length);
  while (model->len > 0 && strchr ("-_./", model->str[0]) != NULL)
    g_string_erase (model, 0, 1);
  return g_string_free (g_steal_pointer (&model), FALSE);
}

/* A llamafile is llama.cpp with a GGUF file in it, and named like one. */
static const char *const gguf_formats[] = { "gguf", "ggml", "llamafile", NULL };

McEncoding
mc_encoding_from_label (const char *format, const char *label, char **model)
{
  const char *slash = strrchr (label, '/');
  gsize start = slash != NULL ? (gsize) (slash + 1 - label) : 0;
  g_autofree char *lower = g_ascii_strdown (label + start, -1);
  gboolean is_gguf = mc_text_in (format, strlen (format), gguf_formats);
  McToken place;
  McEncoding encoding = find_in (lower, is_gguf, &place);

  if (model == NULL)
    return encoding;
  if (encoding.name[0] != '\0')
    *model = cut_encoding (label, start, &place, is_gguf);
  else
    *model = g_strdup (strcmp (label, "default") == 0 ? "" : label);
  return encoding;
}

/* The "58bit" of "1.58bit". */
static gboolean
is_fraction (const char *lower, const McWord *word)
{
  return word->start > 1 && lower[word->start - 1] == '.'
         && g_ascii_isdigit (lower[word->start - 2]) && g_ascii_isdigit (lower[word->start]);
}

/* Words like "half", "quantized" and "o1" mean other things in the names of repos. */
McEncoding
mc_encoding_from_repo (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autoptr (GArray) words = mc_words_split (lower, strlen (lower), MC_BREAK_ANY);
  const McWord *method = NULL;
  g_autofree char *method_name = NULL;

  for (guint i = 0; i < words->len; i++)
    {
      const McWord *word = &g_array_index (words, McWord, i);
      McPrecision precision;

      if (mc_word_in (lower, word, methods))
        method = word;
      else if (lower[word->start] != 'o' && !is_fraction (lower, word)
               && mc_precision_is (lower + word->start, word->length, &precision)
               && strpbrk (precision.name, "0123456789") != NULL
               && strcspn (lower + word->start, "0123456789") < word->length)
        return mc_encoding_from_name (precision.name);
    }
  if (method == NULL)
    return (McEncoding){ 0 };
  method_name = g_ascii_strup (lower + method->start, (gssize) method->length);
  return mc_encoding_from_name (method_name);
}

gboolean
mc_dtype_is_plain (const char *dtype)
{
  static const char *const plain[] = { "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F64", NULL };

  return mc_text_in (dtype, strlen (dtype), plain);
}
