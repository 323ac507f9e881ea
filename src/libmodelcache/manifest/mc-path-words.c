/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-path-words.h"

#include <string.h>

/* Cutting names into words and finding the words that name a precision. Pure; looks at each
 * character a fixed number of times, so that a name of any length costs what reading it costs. */

/* Few names have more. */
#define USUAL_WORDS 16

static gboolean
breaks (char c, McWordBreak break_at)
{
  if (break_at == MC_BREAK_PART)
    return c == '-' || c == '_' || c == '.';
  return !g_ascii_isalnum (c);
}

gboolean
mc_words_next (const char *text, gsize length, McWordBreak break_at, McWord *word)
{
  gsize at = word->start + word->length;

  while (at < length && breaks (text[at], break_at))
    at++;
  word->start = (guint) at;
  while (at < length && !breaks (text[at], break_at))
    at++;
  word->length = (guint) at - word->start;
  return word->length > 0;
}

GArray *
mc_words_split (const char *text, gsize length, McWordBreak break_at)
{
  GArray *words = g_array_sized_new (FALSE, FALSE, sizeof (McWord), USUAL_WORDS);
  McWord word = { 0 };

  while (mc_words_next (text, length, break_at, &word))
    g_array_append_val (words, word);
  return words;
}

char
mc_words_get_break (const char *text, GArray *words, guint left)
{
  const McWord *a;
  const McWord *b;

  if (left + 1 >= words->len)
    return 0;
  a = &g_array_index (words, McWord, left);
  b = &g_array_index (words, McWord, left + 1);
  return b->start == a->start + a->length + 1 ? text[b->start - 1] : 0;
}

gboolean
mc_word_equal (const char *text, const McWord *word, const char *other)
{
  /* Words are not empty, and most differ at once. */
  return other[0] == text[word->start] && strlen (other) == word->length
         && memcmp (text + word->start, other, word->length) == 0;
}

gboolean
mc_text_in (const char *text, gsize length, const char *const *table)
{
  for (gsize i = 0; length > 0 && table[i] != NULL; i++)
    if (table[i][0] == text[0] && strlen (table[i]) == length
        && memcmp (table[i], text, length) == 0)
      return TRUE;
  return FALSE;
}

gboolean
mc_word_in (const char *text, const McWord *word, const char *const *table)
{
  return mc_text_in (text + word->start, word->length, table);
}

gboolean
mc_name_has_word (const char *name, const char *const *table)
{
  const char *at = name;

  while (*at != '\0')
    {
      const char *start = at;

      while (g_ascii_isalnum (*at))
        at++;
      if (mc_text_in (start, (gsize) (at - start), table))
        return TRUE;
      if (*at != '\0')
        at++;
    }
  return FALSE;
}

gboolean
mc_name_has_prefix (const char *name, const char *const *table)
{
  for (gsize i = 0; table[i] != NULL; i++)
    if (table[i][0] == name[0] && g_str_has_prefix (name, table[i]))
      return TRUE;
  return FALSE;
}

gboolean
mc_name_has_part (const char *name, const char *const *table)
{
  for (gsize i = 0; table[i] != NULL; i++)
    if (strstr (name, table[i]) != NULL)
      return TRUE;
  return FALSE;
}

gsize
mc_count_digits (const char *text, gsize length)
{
  gsize count = 0;

  while (count < length && g_ascii_isdigit (text[count]))
    count++;
  return count;
}

gsize
mc_count_digits_at_end (const char *text, gsize length)
{
  gsize count = 0;

  while (count < length && g_ascii_isdigit (text[length - 1 - count]))
    count++;
  return count;
}

gboolean
mc_is_number (const char *text, gsize length)
{
  return length > 0 && mc_count_digits (text, length) == length;
}

/* How files say it, and how keys do (NULL: in the same way). The suffixes of transformers.js
 * (utils/dtypes.js), those of Optimum and of the publishers who made up their own. */
static const struct
{
  const char *word;
  const char *name;
} precisions[] = {
  { "fp32", NULL },      { "f32", "fp32" },     { "float32", "fp32" }, { "fp16", NULL },
  { "f16", "fp16" },     { "float16", "fp16" }, { "half", "fp16" },    { "quantized", "q8" },
  { "quant", "q8" },     { "bf16", NULL },      { "fp8", NULL },       { "fp4", NULL },
  { "nf4", NULL },       { "bnb4", NULL },      { "int8", NULL },      { "uint8", NULL },
  { "int4", NULL },      { "uint4", NULL },     { "int8f16", NULL },   { "uint8f16", NULL },
  { "optimized", NULL }, { "o1", "O1" },        { "o2", "O2" },        { "o3", "O3" },
  { "o4", "O4" },        { "qint8", NULL },     { "quint8", NULL },    { "qint4", NULL },
  { "quint4", NULL },
};

/* What may go on after qint8 and its like: the instruction set it was made for (Optimum,
 * sentence-transformers) or, in OpenVINO exports, that it is quantized. */
static const char *const precision_targets[] = { "arm64",   "avx2",     "avx512",    "vnni",
                                                 "ppc64le", "tensorrt", "quantized", NULL };

/* q4, q4f16, q8f32 and 4bit: a digit or two, so that a number of thousands of digits is none. */
static gboolean
is_counted_precision (const char *word, gsize length)
{
  gsize digits;

  if (length >= 4 && memcmp (word + length - 3, "bit", 3) == 0)
    return length <= 5 && mc_is_number (word, length - 3);
  if (word[0] != 'q')
    return FALSE;
  digits = mc_count_digits (word + 1, length - 1);
  if (digits == 0 || digits > 2)
    return FALSE;
  word += 1 + digits;
  length -= 1 + digits;
  return length == 0
         || (length == 3 && (memcmp (word, "f16", 3) == 0 || memcmp (word, "f32", 3) == 0));
}

#define MOST_LETTERS 12

static gboolean
read_precision (const char *text, const McWord *word, McPrecision *precision)
{
  const char *start = text + word->start;
  const char *name = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (precisions) && name == NULL; i++)
    if (mc_word_equal (text, word, precisions[i].word))
      name = precisions[i].name != NULL ? precisions[i].name : precisions[i].word;
  if (name == NULL && !is_counted_precision (start, word->length))
    return FALSE;
  precision->start = word->start;
  precision->length = word->length;
  if (name != NULL)
    g_strlcpy (precision->name, name, sizeof precision->name);
  else
    g_strlcpy (precision->name, start, word->length + 1);
  return TRUE;
}

static gboolean
takes_target (const char *name)
{
  static const char *const bases[] = { "qint8", "quint8", "qint4", "quint4", NULL };

  return mc_text_in (name, strlen (name), bases);
}

gboolean
mc_precision_find (const char *text, gsize length, McPrecision *precision)
{
  g_autoptr (GArray) words = mc_words_split (text, length, MC_BREAK_PART);
  gboolean found = FALSE;

  *precision = (McPrecision){ 0 };
  for (guint i = 0; i < words->len; i++)
    {
      const McWord *word = &g_array_index (words, McWord, i);

      if (word->length > MOST_LETTERS || !read_precision (text, word, precision))
        continue;
      found = TRUE;
      if (!takes_target (precision->name))
        continue;
      while (i + 1 < words->len && strlen (precision->name) < 32)
        {
          const McWord *next = &g_array_index (words, McWord, i + 1);

          if (mc_words_get_break (text, words, i) == 0
              || !mc_word_in (text, next, precision_targets))
            break;
          g_strlcat (precision->name, "_", sizeof precision->name);
          strncat (precision->name, text + next->start, next->length);
          precision->length = next->start + next->length - precision->start;
          i++;
        }
    }
  return found;
}

gboolean
mc_precision_is (const char *text, gsize length, McPrecision *precision)
{
  McWord first = { 0 };

  /* Most are not, and their first word tells. */
  return length > 0 && length < sizeof precision->name
         && mc_words_next (text, length, MC_BREAK_PART, &first) && first.length <= MOST_LETTERS
         && read_precision (text, &first, precision) && mc_precision_find (text, length, precision)
         && precision->start == 0 && precision->length == length;
}

guint
mc_precision_get_bits (const char *name)
{
  if (strcmp (name, "O4") == 0)
    return 16;
  if (name[0] == 'O')
    return 32;
  for (const char *at = name; *at != '\0'; at++)
    if (g_ascii_isdigit (*at))
      return (guint) g_ascii_strtoull (at, NULL, 10);
  return 32;
}
