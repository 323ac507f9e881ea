/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-gguf-token.h"

#include "mc-path-words.h"

#include <string.h>

/* A token is a run of whole words: "q4", "k", "m" joined by underscores. */

static const char *const floats[] = { "bf16", "f16", "fp16", "f32", "fp32", NULL };

/* llama.cpp, bartowski (_L), Unsloth (_XL), ik_llama.cpp (_R4), ARM layouts (_4_4), groups (_g128).
 */
static const char *const sizes[] = { "xxs", "xs", "s", "m", "l", "xl", "xxl", "p", NULL };

static const char *const weak_words[] = { "int2", "int4", "int8", "fp4", "fp8", "nf4", NULL };

static const McWord *
word_at (GArray *words, guint i)
{
  return &g_array_index (words, McWord, i);
}

/* "q4" or, @glued, "devq4": where the part begins that a letter code and a number make up. */
static gboolean
ends_with_code (
    const char *text, const McWord *word, const char *code, gboolean glued, gsize *start)
{
  gsize digits = mc_count_digits_at_end (text + word->start, word->length);
  gsize length = strlen (code);
  gsize before = word->length - digits;

  if (digits == 0 || before < length || (!glued && before != length)
      || memcmp (text + word->start + before - length, code, length) != 0)
    return FALSE;
  *start = word->start + before - length;
  return TRUE;
}

static gboolean
is_letters (const char *text, const McWord *word, gsize most)
{
  if (word->length > most)
    return FALSE;
  for (gsize i = 0; i < word->length; i++)
    if (!g_ascii_isalpha (text[word->start + i]))
      return FALSE;
  return TRUE;
}

/* "r4", "g128". */
static gboolean
is_numbered (const char *text, const McWord *word, char letter)
{
  return text[word->start] == letter && mc_is_number (text + word->start + 1, word->length - 1);
}

/* "mxfp4", "mxfp4_moe" and "nvfp4" come in one size: what follows is the publisher's own
 * ("_XL-exp", noctrex). */
static gboolean
match_fixed (
    const char *text, GArray *words, guint first, gboolean glued, gsize *start, guint *last)
{
  const McWord *head = word_at (words, first);

  *last = first;
  if (ends_with_code (text, head, "mxfp", glued, start))
    {
      if (mc_words_get_break (text, words, first) == '_'
          && mc_word_equal (text, word_at (words, first + 1), "moe"))
        *last = first + 1;
      return TRUE;
    }
  if (head->length < 5 || (!glued && head->length > 5)
      || memcmp (text + head->start + head->length - 5, "nvfp4", 5) != 0)
    return FALSE;
  *start = head->start + head->length - 5;
  return TRUE;
}

/* Whether what follows the first word makes it a token; *last is then the last word of it. */
static gboolean
match_sized (
    const char *text, GArray *words, guint first, gboolean glued, gsize *start, guint *last)
{
  const McWord *head = word_at (words, first);
  const McWord *next;

  if (mc_words_get_break (text, words, first) != '_')
    return FALSE;
  next = word_at (words, first + 1);
  *last = first + 1;
  if (ends_with_code (text, head, "tq", glued, start))
    return TRUE;
  if (ends_with_code (text, head, "iq", glued, start) && is_letters (text, next, 4))
    return TRUE;
  return ends_with_code (text, head, "q", glued, start)
         && (mc_word_equal (text, next, "k") || mc_word_equal (text, next, "0")
             || mc_word_equal (text, next, "1"));
}

static guint
skip_sizes (const char *text, GArray *words, guint last)
{
  while (mc_words_get_break (text, words, last) == '_')
    {
      const McWord *next = word_at (words, last + 1);

      if (mc_word_in (text, next, sizes) || is_numbered (text, next, 'r')
          || is_numbered (text, next, 'g'))
        last++;
      else if (mc_is_number (text + next->start, next->length)
               && mc_words_get_break (text, words, last + 1) == '_'
               && mc_is_number (text + word_at (words, last + 2)->start,
                                word_at (words, last + 2)->length))
        last += 2;
      else
        break;
    }
  return last;
}

/* "-3.52bpw". */
static guint
skip_bits_per_weight (const char *text, GArray *words, guint last)
{
  const McWord *whole;
  const McWord *rest;

  if (mc_words_get_break (text, words, last) != '-'
      || mc_words_get_break (text, words, last + 1) != '.')
    return last;
  whole = word_at (words, last + 1);
  rest = word_at (words, last + 2);
  if (!mc_is_number (text + whole->start, whole->length) || rest->length < 4
      || memcmp (text + rest->start + rest->length - 3, "bpw", 3) != 0
      || !mc_is_number (text + rest->start, rest->length - 3))
    return last;
  return last + 2;
}

static gboolean
follows_ud (const char *text, GArray *words, guint i)
{
  return i > 0 && mc_word_equal (text, word_at (words, i - 1), "ud")
         && mc_words_get_break (text, words, i - 1) == '-';
}

/* Fills in a token from its first character to its last word; @first is the word it begins in. */
static void
set_token (McToken *token,
           McTokenKind kind,
           const char *text,
           GArray *words,
           guint first,
           gsize start,
           guint last)
{
  const McWord *end = word_at (words, last);

  token->kind = kind;
  token->start = start;
  if (start == word_at (words, first)->start && kind != MC_TOKEN_FLOAT
      && follows_ud (text, words, first))
    token->start = word_at (words, first - 1)->start;
  token->length = end->start + end->length - token->start;
}

static void
scan_strong (const char *text, GArray *words, gboolean glued, McToken *token)
{
  for (guint i = 0; i < words->len; i++)
    {
      gsize start = word_at (words, i)->start;
      guint last = i;

      gboolean is_fixed = match_fixed (text, words, i, glued, &start, &last);

      if (is_fixed || match_sized (text, words, i, glued, &start, &last))
        {
          guint first = i;

          if (!is_fixed)
            last = skip_bits_per_weight (text, words, skip_sizes (text, words, last));
          set_token (token, MC_TOKEN_STRONG, text, words, first, start, last);
          i = last;
        }
      else if (!glued && token->kind != MC_TOKEN_STRONG
               && mc_word_in (text, word_at (words, i), floats))
        set_token (token, MC_TOKEN_FLOAT, text, words, i, start, i);
    }
}

/* Whether one of these letters is there: most names are ruled out by it. */
static gboolean
has_letter (const char *text, gsize length, const char *letters)
{
  for (; *letters != '\0'; letters++)
    if (memchr (text, *letters, length) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
mc_token_find_strong (const char *text, gsize length, gboolean glued, McToken *token)
{
  g_autoptr (GArray) words = NULL;

  *token = (McToken){ 0 };
  /* "q4_k", "tq1", "mxfp4", "f16". */
  if (!has_letter (text, length, "qf"))
    return FALSE;
  words = mc_words_split (text, length, MC_BREAK_ANY);
  scan_strong (text, words, FALSE, token);
  if (token->kind == MC_TOKEN_NONE && glued)
    scan_strong (text, words, TRUE, token);
  return token->kind != MC_TOKEN_NONE;
}

/* "q4" and "iq3": one digit, 1 to 8. */
static gboolean
is_short_code (const char *word, gsize length)
{
  if (length > 0 && word[0] == 'i')
    {
      word++;
      length--;
    }
  return length == 2 && word[0] == 'q' && word[1] >= '1' && word[1] <= '8';
}

/* How many words from the i-th say "4bit", "4-bit" or "4bits". */
static guint
match_bits (const char *text, GArray *words, guint i)
{
  static const char *const units[] = { "bit", "bits", NULL };
  const McWord *word = word_at (words, i);
  char digit = text[word->start];
  char gap;

  if (digit < '2' || digit > '8')
    return 0;
  if (word->length > 1)
    return mc_text_in (text + word->start + 1, word->length - 1, units) ? 1 : 0;
  gap = mc_words_get_break (text, words, i);
  return (gap == '-' || gap == '_') && mc_word_in (text, word_at (words, i + 1), units) ? 2 : 0;
}

gboolean
mc_token_find_weak (const char *text, gsize length, McToken *token)
{
  g_autoptr (GArray) words = NULL;

  *token = (McToken){ 0 };
  /* "q4", "int8", "4bit", "fp8", "nf4". */
  if (!has_letter (text, length, "qif"))
    return FALSE;
  words = mc_words_split (text, length, MC_BREAK_ANY);
  for (guint i = 0; i < words->len; i++)
    {
      const McWord *word = word_at (words, i);
      guint count = match_bits (text, words, i);

      if (count == 0
          && (mc_word_in (text, word, weak_words)
              || is_short_code (text + word->start, word->length)))
        count = 1;
      if (count == 0)
        continue;
      set_token (token, MC_TOKEN_WEAK, text, words, i, word->start, i + count - 1);
      i += count - 1;
    }
  return token->kind != MC_TOKEN_NONE;
}

char *
mc_token_format (const char *text, const McToken *token)
{
  char *name = g_ascii_strup (text + token->start, (gssize) token->length);

  if (g_str_has_suffix (name, "BPW"))
    memcpy (name + strlen (name) - 3, "bpw", 3);
  if (g_str_has_prefix (name, "FP16") || g_str_has_prefix (name, "FP32"))
    memmove (name + 1, name + 2, strlen (name + 2) + 1);
  return name;
}
