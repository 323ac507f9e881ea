/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "codec-samples.h"

#include <math.h>
#include <string.h>

/* Weights are normally distributed around zero, with a scale that differs from row to row, and a
 * few that are far out; that is what training leaves. */

#define ROW 2048
#define SMALLEST_NORMAL_HALF 0x1p-112f

static float
draw_normal (GRand *rand)
{
  double u = 1.0 - g_rand_double (rand);

  return (float) (sqrt (-2 * log (u)) * cos (2 * G_PI * g_rand_double (rand)));
}

static void
draw_weights (GRand *rand, float *weights, gsize n)
{
  float scale = 0.02f;

  for (gsize i = 0; i < n; i++)
    {
      if (i % ROW == 0)
        scale = 0.02f * (float) (0.5 + g_rand_double (rand));
      weights[i] = draw_normal (rand) * (i % 1000 == 999 ? 8 * scale : scale);
    }
}

static guint16
round_to_bf16 (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return (guint16) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/* Scaled, so that the exponent of a float is that of a half, with its subnormal values too. */
static guint16
round_to_half (float value)
{
  float scaled = fabsf (value) * SMALLEST_NORMAL_HALF;
  guint32 bits;

  memcpy (&bits, &scaled, sizeof bits);
  bits = (bits + 0xfff + ((bits >> 13) & 1)) >> 13;
  return (guint16) (bits | (value < 0 ? 0x8000 : 0));
}

static void
put_16 (guint8 *bytes, guint16 value)
{
  value = GUINT16_TO_LE (value);
  memcpy (bytes, &value, sizeof value);
}

static void
put_32 (guint8 *bytes, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (bytes, &value, sizeof value);
}

static void
fill_f32 (GRand *rand, guint8 *bytes, gsize length)
{
  g_autofree float *weights = g_new (float, length / 4 + 1);

  draw_weights (rand, weights, length / 4);
  memcpy (bytes, weights, length / 4 * 4);
}

static void
fill_f32_of_bf16 (GRand *rand, guint8 *bytes, gsize length)
{
  g_autofree float *weights = g_new (float, length / 4 + 1);

  draw_weights (rand, weights, length / 4);
  for (gsize i = 0; i < length / 4; i++)
    put_32 (bytes + 4 * i, (guint32) round_to_bf16 (weights[i]) << 16);
}

static void
fill_16 (GRand *rand, guint8 *bytes, gsize length, guint16 (*round) (float))
{
  g_autofree float *weights = g_new (float, length / 2 + 1);

  draw_weights (rand, weights, length / 2);
  for (gsize i = 0; i < length / 2; i++)
    put_16 (bytes + 2 * i, round (weights[i]));
}

static void
fill_bf16 (GRand *rand, guint8 *bytes, gsize length)
{
  fill_16 (rand, bytes, length, round_to_bf16);
}

static void
fill_f16 (GRand *rand, guint8 *bytes, gsize length)
{
  fill_16 (rand, bytes, length, round_to_half);
}

/* Q8_0: 32 weights as a half scale and 32 bytes. */
static void
fill_q8_0 (GRand *rand, guint8 *bytes, gsize length)
{
  for (; length >= 34; length -= 34, bytes += 34)
    {
      float weights[32];
      float most = 0;

      draw_weights (rand, weights, 32);
      for (guint i = 0; i < 32; i++)
        most = MAX (most, fabsf (weights[i]));
      put_16 (bytes, round_to_half (most / 127));
      for (guint i = 0; i < 32; i++)
        bytes[2 + i] = (guint8) (gint8) lrintf (weights[i] / most * 127);
    }
}

/* A part of Q4_K: 32 weights between the lowest and the highest of them, as numbers up to 15. */
static void
quantize_part (GRand *rand, guint8 *numbers, float *scale, float *lowest)
{
  float weights[32];
  float most;

  draw_weights (rand, weights, 32);
  *lowest = 0;
  most = weights[0];
  for (guint i = 0; i < 32; i++)
    {
      *lowest = MIN (*lowest, weights[i]);
      most = MAX (most, weights[i]);
    }
  *scale = (most - *lowest) / 15;
  for (guint i = 0; i < 32; i++)
    numbers[i] = (guint8) CLAMP (lrintf ((weights[i] - *lowest) / *scale), 0, 15);
}

/* Q4_K: 256 weights as two half scales, 12 bytes of scales of 6 bits, and 128 of numbers. How the 6
 * bits are packed makes no difference to the statistics. */
static void
fill_q4_k (GRand *rand, guint8 *bytes, gsize length)
{
  for (; length >= 144; length -= 144, bytes += 144)
    {
      guint8 numbers[8][32];
      float scales[8];
      float lowest[8];
      float most_scale = 0;
      float most_lowest = 0;

      for (guint i = 0; i < 8; i++)
        {
          quantize_part (rand, numbers[i], &scales[i], &lowest[i]);
          most_scale = MAX (most_scale, scales[i]);
          most_lowest = MAX (most_lowest, -lowest[i]);
        }
      put_16 (bytes, round_to_half (most_scale / 63));
      put_16 (bytes + 2, round_to_half (most_lowest / 63));
      for (guint i = 0; i < 4; i++)
        {
          guint32 first = (guint32) lrintf (63 * scales[2 * i] / most_scale);
          guint32 second = (guint32) lrintf (63 * scales[2 * i + 1] / most_scale);
          guint32 third = (guint32) lrintf (-63 * lowest[2 * i] / most_lowest);
          guint32 fourth = (guint32) lrintf (-63 * lowest[2 * i + 1] / most_lowest);
          guint32 packed = first | second << 6 | third << 12 | fourth << 18;

          for (guint j = 0; j < 3; j++)
            bytes[4 + 3 * i + j] = (guint8) (packed >> (8 * j));
          for (guint j = 0; j < 32; j++)
            bytes[16 + 32 * i + j] = numbers[2 * i][j] | (guint8) (numbers[2 * i + 1][j] << 4);
        }
    }
}

static void
fill_zeros (GRand *rand, guint8 *bytes, gsize length)
{
  memset (bytes, 0, length);
}

static void
fill_random (GRand *rand, guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8) g_rand_int (rand);
}

/* Text until it is full. */
static void
fill_text (GRand *rand,
           guint8 *bytes,
           gsize length,
           void (*add) (GRand *rand, GString *text, guint n))
{
  g_autoptr (GString) text = g_string_new ("{\n");

  for (guint n = 0; text->len < length; n++)
    add (rand, text, n);
  memcpy (bytes, text->str, length);
}

/* An index of tensors, as beside weights in several files. */
static void
add_tensor (GRand *rand, GString *text, guint n)
{
  static const char *const parts[] = { "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
                                       "self_attn.o_proj", "mlp.gate_proj",    "mlp.up_proj",
                                       "mlp.down_proj",    "input_layernorm" };

  g_string_append_printf (
      text,
      "    \"model.layers.%u.%s.weight\": {\"dtype\": \"BF16\", \"shape\": [%u, "
      "%u], \"file\": \"model-%05u-of-00191.safetensors\"},\n",
      n / 8, parts[n % 8], 1u << g_rand_int_range (rand, 8, 14),
      1u << g_rand_int_range (rand, 8, 14), n / 100);
}

static void
fill_json (GRand *rand, guint8 *bytes, gsize length)
{
  fill_text (rand, bytes, length, add_tensor);
}

/* A line of a vocabulary: syllables, and the number that counts on. */
static void
add_token (GRand *rand, GString *text, guint n)
{
  static const char *const syllables[] = { "in", "er", "tion", "al", "re",  "st", "con", "ma",
                                           "de", "le", "ing",  "ed", "pro", "ve", "ra",  "li",
                                           "un", "th", "or",   "an", "es",  "is", "ti",  "ar" };

  g_string_append (text, g_rand_boolean (rand) ? "      \"\xc4\xa0" : "      \"");
  for (guint i = (guint) g_rand_int_range (rand, 1, 4); i > 0; i--)
    g_string_append (text, syllables[g_rand_int_range (rand, 0, G_N_ELEMENTS (syllables))]);
  g_string_append_printf (text, "%c\": %u,\n", (char) g_rand_int_range (rand, 'a', 'z' + 1), n);
}

static void
fill_tokenizer (GRand *rand, guint8 *bytes, gsize length)
{
  fill_text (rand, bytes, length, add_token);
}

const CodecSample codec_samples[] = {
  { "JSON", fill_json, MC_CODEC_ZSTD },
  { "tokenizer", fill_tokenizer, MC_CODEC_ZSTD },
  { "f32", fill_f32, MC_CODEC_PLANES_32 },
  { "f32 that holds bf16", fill_f32_of_bf16, MC_CODEC_PLANES_32 },
  { "bf16", fill_bf16, MC_CODEC_PLANES_16 },
  { "f16", fill_f16, MC_CODEC_PLANES_16 },
  { "Q8_0", fill_q8_0, MC_CODEC_RAW },
  { "Q4_K", fill_q4_k, MC_CODEC_RAW },
  { "zeros", fill_zeros, MC_CODEC_ZSTD },
  { "random", fill_random, MC_CODEC_RAW },
};
const guint n_codec_samples = G_N_ELEMENTS (codec_samples);

guint8 *
codec_sample_make (const CodecSample *sample, gsize length)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261123);
  guint8 *bytes = g_malloc0 (length + 1);

  sample->fill (rand, bytes, length);
  return bytes;
}
