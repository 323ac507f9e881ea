/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-arguments.h"

#include <string.h>

/* What is done to arguments before any option is read, and to those of a command. Pure. */

/* How the commands begin that model pages offer for copying. */
static const struct
{
  const char *program;
  const char *second;
} pasted[] = {
  { "hf", "download" },   { "huggingface-cli", "download" }, { "ollama", "run" },
  { "ollama", "pull" },   { "llama-server", "-hf" },         { "llama-server", "--hf-repo" },
  { "llama-cli", "-hf" }, { "llama-cli", "--hf-repo" },      { "git", "clone" },
};

static char **
copy_from (const char *const *arguments, guint first, guint n)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < n; i++)
    g_strv_builder_add (builder, arguments[first + i]);
  return g_strv_builder_end (builder);
}

void
mc_cli_arguments_split (const char *const *arguments, char ***before, char ***after)
{
  guint n = g_strv_length ((char **) arguments);
  guint at = 0;

  while (at < n && strcmp (arguments[at], "--") != 0)
    at++;
  *before = copy_from (arguments, 0, at);
  *after = at < n ? copy_from (arguments, at + 1, n - at - 1) : NULL;
}

static gboolean
begins_pasted (const char *program, const char *second)
{
  for (guint i = 0; i < G_N_ELEMENTS (pasted); i++)
    if (strcmp (pasted[i].program, program) == 0 && strcmp (pasted[i].second, second) == 0)
      return TRUE;
  return FALSE;
}

char **
mc_cli_arguments_join_pasted (const char *const *arguments)
{
  guint n = g_strv_length ((char **) arguments);
  guint first = 0;
  g_auto (GStrv) joined = NULL;

  while (first + 1 < n && !begins_pasted (arguments[first], arguments[first + 1]))
    first++;
  if (first + 1 >= n)
    return copy_from (arguments, 0, n);
  joined = copy_from (arguments, 0, first + 1);
  g_free (joined[first]);
  joined[first] = g_strjoinv (" ", (char **) arguments + first);
  return g_steal_pointer (&joined);
}

/* Letters to insert, delete, replace or swap with their neighbour to make b of a. */
static guint
measure_distance (const char *a, const char *b)
{
  gsize width = strlen (b) + 1;
  g_autofree guint *rows = g_new0 (guint, 3 * width);
  guint *older = rows;
  guint *last = rows + width;
  guint *row = rows + 2 * width;

  for (gsize j = 0; j < width; j++)
    last[j] = (guint) j;
  for (gsize i = 1; i <= strlen (a); i++)
    {
      guint *unused = older;

      row[0] = (guint) i;
      for (gsize j = 1; j < width; j++)
        {
          guint change = last[j - 1] + (a[i - 1] != b[j - 1]);

          row[j] = MIN (change, MIN (last[j], row[j - 1]) + 1);
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = MIN (row[j], older[j - 2] + 1);
        }
      older = last;
      last = row;
      row = unused;
    }
  return last[width - 1];
}

const char *
mc_cli_arguments_nearest (const char *word, const char *const *words)
{
  const char *best = NULL;
  guint best_distance = 3;

  /* Longer ones are near nothing, and need not be measured. */
  if (strlen (word) > 32)
    return NULL;
  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean begins = strlen (word) >= 2 && g_str_has_prefix (words[i], word);
      guint distance = begins ? 1 : measure_distance (word, words[i]);

      if (distance < best_distance && distance < strlen (words[i]) / 2 + 1)
        {
          best = words[i];
          best_distance = distance;
        }
    }
  return best;
}

char *
mc_cli_arguments_substitute (const char *argument, const char *replacement)
{
  g_autoptr (GString) result = g_string_new (argument);

  g_string_replace (result, "{}", replacement, 0);
  return g_string_free (g_steal_pointer (&result), FALSE);
}

gboolean
mc_cli_arguments_have_placeholder (const char *const *arguments)
{
  for (guint i = 0; arguments[i] != NULL; i++)
    if (strstr (arguments[i], "{}") != NULL)
      return TRUE;
  return FALSE;
}

gboolean
mc_cli_arguments_parse_bytes (const char *text, guint64 *bytes)
{
  static const char letters[] = "kmgt";
  g_autofree char *digits = NULL;
  gsize n_digits = strspn (text, "0123456789");
  const char *unit = text + n_digits + (text[n_digits] == ' ' && text[n_digits + 1] != '\0');
  guint64 factor = 1;

  digits = g_strndup (text, n_digits);
  if (!g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT64, bytes, NULL))
    return FALSE;
  if (*unit != '\0' && strchr (letters, g_ascii_tolower (*unit)) != NULL)
    {
      gsize power = (gsize) (strchr (letters, g_ascii_tolower (*unit)) - letters) + 1;
      guint64 base = unit[1] == 'i' ? 1024 : 1000;

      while (power-- > 0)
        factor *= base;
      unit += base == 1024 ? 2 : 1;
    }
  if (*unit == 'B')
    unit++;
  return *unit == '\0' && g_uint64_checked_mul (bytes, *bytes, factor);
}
