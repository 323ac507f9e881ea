/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-overview.h"

#include "mc-library-order.h"
#include "mc-starters.h"

#include <glib/gi18n.h>
#include <string.h>

#define MOST 8 /* of the library; the overview shows fewer */

/* As the names of repos begin. */
static const char *const families[] = {
  "bert",
  "codellama",
  "command-r",
  "deepseek",
  "devstral",
  "embed",
  "exaone",
  "falcon",
  "flux",
  "gemma",
  "glm",
  "gpt-oss",
  "granite",
  "kimi",
  "kokoro",
  "llama",
  "llava",
  "minicpm",
  "minilm",
  "ministral",
  "mistral",
  "mixtral",
  "nemotron",
  "olmo",
  "phi",
  "qwen",
  "qwq",
  "smollm",
  "stable-diffusion",
  "starcoder",
  "tinyllama",
  "whisper",
  "yi",
  "gguf",
  "onnx",
  "safetensors",
};

const char *
mc_overview_get (const char *result, const char *kind)
{
  gsize length = strlen (kind);

  return strncmp (result, kind, length) == 0 && result[length] == ':' ? result + length + 1 : NULL;
}

/* --- what is meant --- */

/* "4b", "0.6B", "270m": so many parameters. */
static gboolean
is_parameters (const char *word)
{
  const char *end = word;

  while (g_ascii_isdigit (*end) || (*end == '.' && end > word))
    end++;
  return end > word && strchr ("bBmM", *end) != NULL && *end != '\0' && end[1] == '\0';
}

/* A family, with or without a number behind it: "qwen", "Qwen3", "gemma-3". */
static gboolean
is_family (const char *word)
{
  g_autofree char *folded = g_ascii_strdown (word, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    {
      gsize length = strlen (families[i]);

      if (strncmp (folded, families[i], length) == 0
          && strspn (folded + length, "0123456789.-") == strlen (folded + length))
        return TRUE;
    }
  return FALSE;
}

gboolean
mc_overview_means_model (const char *const *words)
{
  for (; *words != NULL; words++)
    if (is_parameters (*words) || is_family (*words))
      return TRUE;
  return FALSE;
}

/* --- finding --- */

static gboolean
has_words (const char *text, char **folded)
{
  for (; *folded != NULL; folded++)
    if (strstr (text, *folded) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
matches (McRepoItem *item, char **folded)
{
  for (; *folded != NULL; folded++)
    if (!mc_repo_item_matches (item, *folded))
      return FALSE;
  return TRUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return mc_library_order_compare (*(McRepoItem *const *) a, *(McRepoItem *const *) b,
                                   MC_LIBRARY_BY_LAST_USED);
}

/* As the library shows them: what is here before what is only listed. */
static void
find_repos (GListModel *repos, char **folded, GStrvBuilder *results)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (repos); i++)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (repos, i);

      if (matches (item, folded))
        g_ptr_array_add (found, g_steal_pointer (&item));
    }
  g_ptr_array_sort (found, compare);
  for (guint i = 0; i < MIN (found->len, MOST); i++)
    {
      g_autofree char *result = g_strconcat ("repo:", mc_repo_item_get_ref (found->pdata[i]), NULL);

      g_strv_builder_add (results, result);
    }
}

static McRepoItem *
find_repo (GListModel *repos, const char *ref)
{
  for (guint i = 0; i < g_list_model_get_n_items (repos); i++)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (repos, i);

      if (strcmp (mc_repo_item_get_ref (item), ref) == 0)
        return g_steal_pointer (&item);
    }
  return NULL;
}

static void
find_starters (GListModel *repos, char **folded, GStrvBuilder *results)
{
  McStarter starters[MC_STARTERS_MOST];
  guint n = mc_starters_choose (0, starters);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_utf8_casefold (starters[i].repo, -1);
      g_autofree char *result =
          g_strconcat ("start:", starters[i].repo, ":", starters[i].variant, NULL);
      g_autoptr (McRepoItem) known = find_repo (repos, starters[i].repo);

      if (known == NULL && has_words (text, folded))
        g_strv_builder_add (results, result);
    }
}

/* Nothing shorter says anything. */
static gboolean
is_enough (const char *const *words)
{
  gsize length = 0;

  for (; *words != NULL; words++)
    length += strlen (*words);
  return length >= 2;
}

char **
mc_overview_find (GListModel *repos, const char *const *words)
{
  g_autoptr (GStrvBuilder) results = g_strv_builder_new ();
  g_autoptr (GPtrArray) folded = g_ptr_array_new_with_free_func (g_free);

  if (!is_enough (words))
    return g_strv_builder_end (results);
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (folded, g_utf8_casefold (words[i], -1));
  g_ptr_array_add (folded, NULL);
  find_repos (repos, (char **) folded->pdata, results);
  find_starters (repos, (char **) folded->pdata, results);
  if (mc_overview_means_model (words))
    {
      g_autofree char *text = g_strjoinv (" ", (char **) words);
      g_autofree char *result = g_strconcat ("hub:", text, NULL);

      g_strv_builder_add (results, result);
    }
  return g_strv_builder_end (results);
}

/* --- describing --- */

static gboolean
describe_repo (GListModel *repos, const char *ref, char **name, char **details)
{
  g_autoptr (McRepoItem) item = find_repo (repos, ref);
  g_autofree char *state = NULL;

  if (item == NULL)
    return FALSE;
  g_object_get (item, "state-text", &state, NULL);
  *name = g_strdup (mc_repo_item_get_title (item));
  *details = g_strdup_printf ("%s · %s", mc_repo_item_get_ref (item), state);
  return TRUE;
}

static gboolean
describe_starter (const char *address, char **name, char **details)
{
  McStarter starters[MC_STARTERS_MOST];
  guint n = mc_starters_choose (0, starters);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *own = g_strconcat (starters[i].repo, ":", starters[i].variant, NULL);
      g_autofree char *size = NULL;

      if (strcmp (own, address) != 0)
        continue;
      size = g_format_size (starters[i].size);
      *name = g_strdup (strchr (starters[i].repo, '/') + 1);
      /* Translators: a model that can be downloaded: what it is for, its size */
      *details = g_strdup_printf (_ ("%s · download, %s"), starters[i].phrase, size);
      return TRUE;
    }
  return FALSE;
}

gboolean
mc_overview_describe (GListModel *repos, const char *result, char **name, char **details)
{
  const char *rest;

  if ((rest = mc_overview_get (result, "repo")) != NULL)
    return describe_repo (repos, rest, name, details);
  if ((rest = mc_overview_get (result, "start")) != NULL)
    return describe_starter (rest, name, details);
  rest = mc_overview_get (result, "hub");
  if (rest == NULL)
    return FALSE;
  *name = g_strdup_printf (_ ("“%s” on the Hub"), rest);
  *details = g_strdup (_ ("Look for models with that name"));
  return TRUE;
}
