/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-shard-gaps.h"

#include <string.h>

/* Whether the sets among some files are whole, by their names. Pure, any thread. */

typedef struct
{
  const char *path;
  gsize number_at; /* where the number begins in the path */
  gsize number_length;
  gsize rest_at; /* what follows the number: "-of-00003.gguf" */
  guint64 number;
  guint64 total; /* 0: the names do not tell */
  char *set;     /* (owned): the path without the number, in small letters: equal in a set */
} Part;

static void
part_clear (gpointer data)
{
  g_free (((Part *) data)->set);
}

/* Up to six digits; 0 if there are none, or more. */
static gsize
read_digits (const char *text, guint64 *number)
{
  gsize length = 0;

  *number = 0;
  while (g_ascii_isdigit (text[length]) && length < 7)
    *number = *number * 10 + (guint64) (text[length++] - '0');
  return length < 7 ? length : 0;
}

/* "00001-of-00003" (@least digits or more) or "part1of2", of which the number begins at @text. */
static gboolean
read_counted (const char *text, const char *between, gsize least, Part *part)
{
  gsize digits = read_digits (text, &part->number);
  const char *rest = text + digits;

  if (digits < least || digits == 0 || g_ascii_strncasecmp (rest, between, strlen (between)) != 0)
    return FALSE;
  part->number_length = digits;
  digits = read_digits (rest + strlen (between), &part->total);
  return digits >= least && digits > 0 && part->total > 0;
}

/* Where the last of these texts ends in the name; NULL if it has none. */
static const char *
find_last_behind (const char *name, const char *const *texts)
{
  const char *best = NULL;

  for (gsize i = 0; texts[i] != NULL; i++)
    for (const char *at = name; *at != '\0'; at++)
      if (g_ascii_strncasecmp (at, texts[i], strlen (texts[i])) == 0
          && at + strlen (texts[i]) > best)
        best = at + strlen (texts[i]);
  return best;
}

/* Shards: "-00001-of-00003" anywhere in the name. Kimi K2 has "-1-of-61"; a GGUF file called like
 * that is whole. */
static const char *
find_shard (const char *name, Part *part)
{
  gsize length = strlen (name);
  gboolean is_gguf = length > 5 && g_ascii_strcasecmp (name + length - 5, ".gguf") == 0;

  for (const char *at = name; *at != '\0'; at++)
    if (at > name && strchr ("-_.", at[-1]) != NULL
        && read_counted (at, "-of-", is_gguf ? 3 : 1, part))
      return at;
  return NULL;
}

/* What goes on without a total: "consolidated.03.pth", "model.onnx_data_2", "x.gguf-split-b". The
 * first part of external data has no number. */
static const char *
find_uncounted (const char *name, Part *part)
{
  static const char *const consolidated[] = { "consolidated.", NULL };
  static const char *const data[] = { ".onnx_data_", ".onnx.data_", NULL };
  static const char *const splits[] = { "-split-", "-part-", ".part-", NULL };
  const char *at = find_last_behind (name, consolidated);
  gsize digits;

  if (at == name + strlen ("consolidated.") && read_digits (at, &part->number) == 2)
    {
      part->number_length = 2;
      return at;
    }
  at = find_last_behind (name, data);
  if (at == NULL)
    at = find_last_behind (name, splits);
  if (at == NULL)
    return NULL;
  digits = read_digits (at, &part->number);
  if (digits > 0 && at[digits] == '\0')
    {
      part->number_length = digits;
      return at;
    }
  /* Letters, as split(1) has them: "a" or "aa". */
  for (digits = 0; g_ascii_isalpha (at[digits]); digits++)
    part->number = part->number * 26 + (guint64) (g_ascii_tolower (at[digits]) - 'a');
  if (digits == 0 || digits > 2 || at[digits] != '\0')
    return NULL;
  part->number_length = digits;
  return at;
}

static gboolean
read_part (const char *path, Part *part)
{
  static const char *const parts[] = { ".part", NULL };
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  const char *at;

  *part = (Part){ .path = path };
  at = find_shard (name, part);
  if (at == NULL)
    {
      at = find_last_behind (name, parts);
      if (at != NULL && !read_counted (at, "of", 1, part))
        at = NULL;
    }
  if (at == NULL)
    {
      *part = (Part){ .path = path };
      at = find_uncounted (name, part);
    }
  if (at == NULL)
    return FALSE;
  part->number_at = (gsize) (at - path);
  part->rest_at = part->number_at + part->number_length;
  part->set = g_strdup_printf ("%.*s\n%s", (int) part->number_at, path, path + part->rest_at);
  for (char *c = part->set; *c != '\0'; c++)
    *c = g_ascii_tolower (*c);
  return TRUE;
}

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  const Part *one = a;
  const Part *two = b;
  int order = strcmp (one->set, two->set);

  if (order != 0)
    return order;
  return one->number < two->number ? -1 : one->number > two->number;
}

/* The name a part of that number would have. */
static char *
format_name (const Part *like, guint64 number)
{
  g_autoptr (GString) name = g_string_new_len (like->path, (gssize) like->number_at);

  if (g_ascii_isdigit (like->path[like->number_at]))
    g_string_append_printf (name, "%0*" G_GUINT64_FORMAT, (int) like->number_length, number);
  else
    for (gsize i = 0; i < like->number_length; i++)
      {
        guint64 digit = i + 1 < like->number_length ? number / 26 : number % 26;

        g_string_append_c (name, (char) ('a' + (char) digit));
      }
  g_string_append (name, like->path + like->rest_at);
  return g_string_free (g_steal_pointer (&name), FALSE);
}

/* Those of [from, to) are missing. */
static void
add_gap (McShardGaps *self, const Part *like, guint64 from, guint64 to)
{
  if (to <= from)
    return;
  self->n_missing += to - from;
  for (guint64 number = from; number < to && self->names->len < MC_SHARD_GAPS_NAMES; number++)
    g_ptr_array_add (self->names, format_name (like, number));
}

/* Parts [first, end) are one set, by number. Counting begins at 1, or at 0 if that is there; of
 * external data the first part has no number. */
static void
check_set (McShardGaps *self, GArray *parts, guint first, guint end)
{
  const Part *head = &g_array_index (parts, Part, first);
  gboolean is_lettered = !g_ascii_isdigit (head->path[head->number_at]);
  gboolean starts_at_0 = head->number == 0 || is_lettered
                         || (head->total == 0 && strstr (head->set, "consolidated.") != NULL);
  guint64 next = starts_at_0 ? 0 : 1;

  for (guint i = first; i < end; i++)
    {
      const Part *part = &g_array_index (parts, Part, i);

      add_gap (self, head, next, part->number);
      next = part->number + 1;
    }
  if (head->total > 0)
    add_gap (self, head, next, head->total + (starts_at_0 ? 0 : 1));
}

McShardGaps *
mc_shard_gaps_find (const char *const *paths, guint n_paths)
{
  McShardGaps *self = g_new0 (McShardGaps, 1);
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (Part));
  guint first = 0;

  self->names = g_ptr_array_new_with_free_func (g_free);
  g_array_set_clear_func (parts, part_clear);
  for (guint i = 0; i < n_paths; i++)
    {
      Part part;

      if (read_part (paths[i], &part))
        g_array_append_val (parts, part);
    }
  g_array_sort (parts, compare_parts);
  for (guint i = 1; i <= parts->len; i++)
    if (i == parts->len
        || strcmp (g_array_index (parts, Part, i).set, g_array_index (parts, Part, first).set) != 0)
      {
        check_set (self, parts, first, i);
        first = i;
      }
  return self;
}

void
mc_shard_gaps_free (McShardGaps *self)
{
  g_ptr_array_unref (self->names);
  g_free (self);
}
