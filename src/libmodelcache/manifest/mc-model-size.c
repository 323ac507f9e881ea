/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-model-size.h"

#include <string.h>

/* Sizes in names: "7B", "0.6b", "135M", "8x7B", "A3B", "E2B" (ggml-org/ggml, docs/gguf.md, and
 * what uploaders make of it). K is left out: it counts tokens of context ("128k"). */

/* No model has a number with more digits; a longer one would not be exact. */
#define MOST_DIGITS 6

typedef struct
{
  double number;
  double experts; /* 1 if there is no "8x" */
  char prefix;    /* 'a', 'e' or 0 */
  char unit;      /* 't', 'b', 'm', or 'e' for a number of experts */
} Size;

/* A word is letters and digits, and the dot of a number. */
static gsize
measure_word (const char *text)
{
  gsize length = 0;

  while (g_ascii_isalnum (text[length])
         || (text[length] == '.' && length > 0 && g_ascii_isdigit (text[length - 1])
             && g_ascii_isdigit (text[length + 1])))
    length++;
  return length;
}

/* Reads "0.6"; how many characters that is. */
static gsize
read_number (const char *text, double *number)
{
  double scale = 1;
  gsize length = 0;
  gboolean in_fraction = FALSE;

  *number = 0;
  while (g_ascii_isdigit (text[length])
         || (text[length] == '.' && !in_fraction && g_ascii_isdigit (text[length + 1])))
    {
      if (text[length] == '.')
        in_fraction = TRUE;
      else
        {
          scale *= in_fraction ? 10 : 1;
          *number = *number * 10 + (text[length] - '0');
        }
      if (++length > MOST_DIGITS + 1)
        return 0;
    }
  *number /= scale;
  return length;
}

static gboolean
read_size (const char *word, gsize length, Size *size)
{
  const char *end = word + length;
  gsize digits;

  *size = (Size){ .experts = 1 };
  if (g_ascii_isalpha (*word) && strchr ("aAeE", *word) != NULL)
    size->prefix = g_ascii_tolower (*word++);
  digits = read_number (word, &size->number);
  word += digits;
  if (digits > 0 && size->prefix == 0 && (*word == 'x' || *word == 'X'))
    {
      size->experts = size->number;
      word++;
      digits = read_number (word, &size->number);
      word += digits;
    }
  if (digits == 0 || word + 1 != end)
    return FALSE;
  size->unit = g_ascii_tolower (*word);
  return strchr ("tbme", size->unit) != NULL;
}

static guint64
count (const Size *size)
{
  static const double of_unit[] = { ['t'] = 1e12, ['b'] = 1e9, ['m'] = 1e6 };

  return (guint64) (size->experts * size->number * of_unit[(guchar) size->unit] + 0.5);
}

/* "1.1B-3T" was trained on 3T tokens, "7B-1M" reads 1M of them: B is the best witness, then M, then
 * T; of two the larger. */
static void
keep_better (Size *best, const Size *size)
{
  static const guint8 ranks[] = { ['b'] = 3, ['m'] = 2, ['t'] = 1 };
  guint rank = ranks[(guchar) size->unit];
  guint best_rank = best->unit != 0 ? ranks[(guchar) best->unit] : 0;

  if (rank > best_rank || (rank == best_rank && count (size) > count (best)))
    *best = *size;
}

McModelSize
mc_model_size_from_name (const char *name)
{
  McModelSize found = { 0 };
  Size best = { 0 };
  gboolean counts_experts = FALSE;

  while (*name != '\0')
    {
      gsize length = measure_word (name);
      Size size;

      if (length > 1 && read_size (name, length, &size))
        {
          if (size.unit == 'e')
            counts_experts = counts_experts || (size.prefix == 0 && size.experts == 1);
          else if (size.prefix == 'a')
            found.active = MAX (found.active, count (&size));
          else if (size.prefix == 'e')
            found.effective = MAX (found.effective, count (&size));
          else
            keep_better (&best, &size);
        }
      name += MAX (length, 1);
    }
  /* "17B-16E": one path through sixteen experts has 17B. */
  if (counts_experts && best.unit != 0)
    found.active = count (&best);
  else if (best.unit != 0)
    found.total = count (&best);
  return found;
}
