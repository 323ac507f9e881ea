/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-gguf-token.h"
#include "mc-path-words.h"
#include "mc-variant-gguf.h"

#include <string.h>

/* What the quantizations of a repo are called: as short as they can be told apart. */

char *
mc_gguf_model_id (const char *text)
{
  GString *id = g_string_sized_new (strlen (text));

  for (const char *at = text; *at != '\0'; at++)
    if (g_ascii_isalnum (*at) || (guchar) *at >= 0x80)
      g_string_append_c (id, g_ascii_tolower (*at));
    else if (id->len > 0 && id->str[id->len - 1] != '-')
      g_string_append_c (id, '-');
  if (id->len > 0 && id->str[id->len - 1] == '-')
    g_string_truncate (id, id->len - 1);
  return g_string_free (id, FALSE);
}

gboolean
mc_gguf_folder_has_token (const McFolder *folder, gpointer unused)
{
  gsize length = strlen (folder->name);
  McToken token;

  return mc_token_find_strong (folder->name, length, FALSE, &token)
         || mc_token_find_weak (folder->name, length, &token);
}

static gboolean
is_no_qualifier (const McFolder *folder, gpointer unused)
{
  return strcmp (folder->name, "gguf") == 0 || mc_gguf_folder_has_token (folder, NULL);
}

/* Whether the texts after the tokens are not all the same. */
static gboolean
modifiers_differ (GPtrArray *models)
{
  const McGgufSet *first = NULL;

  for (guint i = 0; i < models->len; i++)
    {
      const McGgufSet *set = g_ptr_array_index (models, i);

      if (set->token[0] == '\0')
        continue;
      if (first == NULL)
        first = set;
      else if (g_ascii_strcasecmp (first->modifier, set->modifier) != 0)
        return TRUE;
    }
  return FALSE;
}

static void
label_by_token (McListing *listing, GPtrArray *models)
{
  gboolean differ = modifiers_differ (models);

  for (guint i = 0; i < models->len; i++)
    {
      McGgufSet *set = g_ptr_array_index (models, i);
      g_autofree char *label = NULL;

      if (set->token[0] == '\0')
        set->label = models->len == 1 ? "" : set->model;
      else if (!differ || set->modifier[0] == '\0')
        set->label = set->token;
      else
        {
          label = g_strconcat (set->token, "-", set->modifier, NULL);
          set->label = mc_listing_keep (listing, label, -1);
        }
    }
}

/* Whether one label stands for two models. */
static gboolean
has_several_models (McListing *listing, GPtrArray *models)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < models->len; i++)
    {
      const McGgufSet *set = g_ptr_array_index (models, i);
      char *label = mc_listing_keep_lower (listing, set->label, -1);
      const char *model = g_hash_table_lookup (seen, label);

      if (model != NULL && strcmp (model, set->model_id) != 0)
        return TRUE;
      g_hash_table_replace (seen, label, (gpointer) set->model_id);
    }
  return FALSE;
}

static void
label_by_model (McListing *listing, GPtrArray *models)
{
  g_autoptr (GHashTable) spellings = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < models->len; i++)
    {
      McGgufSet *set = g_ptr_array_index (models, i);
      const char *spelling = g_hash_table_lookup (spellings, set->model_id);

      if (spelling == NULL)
        {
          spelling = set->model;
          g_hash_table_insert (spellings, (gpointer) set->model_id, (gpointer) spelling);
        }
      if (set->token[0] != '\0')
        set->label = mc_listing_join_label (listing, spelling, set->label, NULL);
    }
}

static gboolean
are_in_one_folder (GPtrArray *models)
{
  for (guint i = 1; i < models->len; i++)
    if (((McGgufSet *) g_ptr_array_index (models, i))->folder
        != ((McGgufSet *) g_ptr_array_index (models, i - 1))->folder)
      return FALSE;
  return TRUE;
}

/* The same name twice, in two folders: then the folders tell. */
static void
label_by_folder (McListing *listing, GPtrArray *models)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree const char **paths = g_new0 (const char *, listing->folders->len);
  gboolean differ = FALSE;

  for (guint i = 0; i < models->len; i++)
    {
      const McGgufSet *set = g_ptr_array_index (models, i);
      const char **path = &paths[set->folder];
      char *label = mc_listing_keep_lower (listing, set->label, -1);
      const char *other = g_hash_table_lookup (seen, label);

      if (*path == NULL)
        *path = mc_listing_folder_path_without (listing, set->folder, is_no_qualifier, NULL);
      differ = differ || (other != NULL && g_ascii_strcasecmp (other, *path) != 0);
      g_hash_table_replace (seen, label, (gpointer) *path);
    }
  for (guint i = 0; i < models->len && differ; i++)
    {
      McGgufSet *set = g_ptr_array_index (models, i);

      set->label = mc_listing_join_label (listing, paths[set->folder], set->label, NULL);
    }
}

void
mc_gguf_label (McListing *listing, GPtrArray *models, gboolean *several)
{
  label_by_token (listing, models);
  *several = has_several_models (listing, models);
  if (*several)
    label_by_model (listing, models);
  if (!are_in_one_folder (models))
    label_by_folder (listing, models);
}
