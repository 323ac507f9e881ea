/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

#include <string.h>

#include "mc-json.h"

/* What a search of the test Hub finds, over the infos of its repos. Takes no mutex. */

/* What a search answers without "full" or "expand". */
static const char *const brief_members[] = { "_id",       "id",     "likes",        "private",
                                             "downloads", "tags",   "pipeline_tag", "library_name",
                                             "createdAt", "modelId" };

static gboolean
contains_words (const char *text, const char *words)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);
  g_autofree char *sought = g_utf8_casefold (words != NULL ? words : "", -1);
  g_auto (GStrv) list = g_strsplit_set (sought, " \t+", -1);

  for (char **word = list; *word != NULL; word++)
    if (strstr (folded, *word) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
has_tag (JsonObject *info, const char *tag)
{
  g_auto (GStrv) tags = mc_json_get_strings (info, "tags");

  return g_strv_contains ((const char *const *) tags, tag)
         || g_strcmp0 (mc_json_get_string (info, "pipeline_tag"), tag) == 0
         || g_strcmp0 (mc_json_get_string (info, "library_name"), tag) == 0;
}

/* "max:13B": whether it is known to have no more. */
static gboolean
has_few_parameters (JsonObject *info, const char *range)
{
  static const char *const blocks[] = { "safetensors", "gguf" };
  const char *number = g_str_has_prefix (range, "max:") ? range + strlen ("max:") : "0";
  char *unit = NULL;
  guint64 most = g_ascii_strtoull (number, &unit, 10);
  guint64 total = 0;

  most *= unit[0] == 'B' ? G_GUINT64_CONSTANT (1000000000) : G_GUINT64_CONSTANT (1000000);
  for (guint i = 0; i < G_N_ELEMENTS (blocks) && total == 0; i++)
    mc_json_get_size (mc_json_get_object (info, blocks[i]), "total", &total);
  return total > 0 && total <= most;
}

static gboolean
matches (JsonObject *info, const char *raw_query)
{
  g_autofree char *search = mc_test_query_dup (raw_query, "search");
  g_autofree char *author = mc_test_query_dup (raw_query, "author");
  g_autofree char *task = mc_test_query_dup (raw_query, "pipeline_tag");
  g_autofree char *parameters = mc_test_query_dup (raw_query, "num_parameters");
  g_auto (GStrv) filters = mc_test_query_dup_all (raw_query, "filter");

  if (!contains_words (mc_json_get_string (info, "id"), search)
      || (task != NULL && !has_tag (info, task)))
    return FALSE;
  if (author != NULL && g_strcmp0 (mc_json_get_string (info, "author"), author) != 0)
    return FALSE;
  if (parameters != NULL && !has_few_parameters (info, parameters))
    return FALSE;
  for (char **filter = filters; *filter != NULL; filter++)
    {
      g_auto (GStrv) tags = g_strsplit (*filter, ",", -1);

      for (char **tag = tags; *tag != NULL; tag++)
        if (!has_tag (info, *tag))
          return FALSE;
    }
  return TRUE;
}

/* Always descending: dates as text, all else as numbers. */
static int
compare_infos (gconstpointer a, gconstpointer b, gpointer data)
{
  JsonObject *one = *(JsonObject *const *) a, *other = *(JsonObject *const *) b;
  const char *sort = data;
  guint64 mine, theirs;

  if (mc_json_get_string (one, sort) != NULL || mc_json_get_string (other, sort) != NULL)
    return g_strcmp0 (mc_json_get_string (other, sort), mc_json_get_string (one, sort));
  mc_json_get_size (one, sort, &mine);
  mc_json_get_size (other, sort, &theirs);
  return (theirs > mine) - (theirs < mine);
}

static gboolean
is_sort (const char *sort)
{
  static const char *const sorts[] = { "lastModified", "trendingScore", "createdAt", "downloads",
                                       "likes",        "likes30d",      NULL };

  return g_strv_contains (sorts, sort);
}

JsonArray *
mc_test_json_search (GPtrArray *repos, GPtrArray *commits, const char *raw_query)
{
  g_autofree char *sort = mc_test_query_dup (raw_query, "sort");
  g_autofree char *full = mc_test_query_dup (raw_query, "full");
  g_auto (GStrv) expand = mc_test_query_dup_all (raw_query, "expand");
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  JsonArray *answer;

  if (sort != NULL && !is_sort (sort))
    return NULL;
  for (guint i = 0; i < repos->len; i++)
    {
      g_autoptr (JsonObject) info = mc_test_json_dup_info (g_ptr_array_index (repos, i),
                                                           g_ptr_array_index (commits, i), NULL);

      if (matches (info, raw_query))
        g_ptr_array_add (found, g_steal_pointer (&info));
    }
  g_ptr_array_sort_with_data (found, compare_infos, sort != NULL ? sort : (char *) "downloads");

  answer = json_array_new ();
  for (guint i = 0; i < found->len; i++)
    {
      JsonObject *info = g_ptr_array_index (found, i);
      JsonObject *item;

      if (*expand != NULL)
        item = mc_test_json_pick (info, (const char *const *) expand, g_strv_length (expand));
      else if (g_strcmp0 (full, "true") == 0)
        item = json_object_ref (info);
      else
        item = mc_test_json_pick (info, brief_members, G_N_ELEMENTS (brief_members));
      json_array_add_object_element (answer, item);
    }
  return answer;
}
