/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-path-words.h"
#include "mc-variant-gguf.h"

#include <string.h>

/* Which projector goes with which model. llama.cpp takes the one with the longest common folder,
 * then the nearest bits; names decide where a repo holds several models. */

/* More steps than any repo needs; beyond it only the first projectors are looked at, so that a
 * listing made of nothing else costs no square. */
#define MAX_STEPS 4000000
#define FEW_PROJECTORS 32

static const char *const projector_parts[] = { "mmproj", "mm-proj", NULL };
static const char *const projector_words[] = { "projector", NULL };

/* Longest first. */
static const char *const erased[] = { "mmprojector", "mmproj",    "mm-projector",
                                      "mm-proj",     "projector", NULL };

typedef struct
{
  McGgufSet *set;
  const char *own_name; /* kept by the listing */
  gboolean is_related;  /* to some model of the repo */
} Projector;

gboolean
mc_gguf_names_projector (const char *lower)
{
  return mc_name_has_part (lower, projector_parts) || mc_name_has_word (lower, projector_words);
}

static char *
trim_word (char *id, const char *word)
{
  gsize length = strlen (word);
  gsize whole = strlen (id);

  if (strcmp (id, word) == 0)
    id[0] = '\0';
  else if (g_str_has_prefix (id, word) && id[length] == '-')
    memmove (id, id + length + 1, whole - length);
  else if (g_str_has_suffix (id, word) && id[whole - length - 1] == '-')
    id[whole - length - 1] = '\0';
  else
    return NULL;
  return id;
}

/* What is left of its name is the model it was made for: "" in "mmproj-model-f16". */
static const char *
read_own_name (McListing *listing, const McGgufSet *set)
{
  g_autoptr (GString) name = g_string_new (set->model_id);
  g_autofree char *id = NULL;

  for (gsize i = 0; erased[i] != NULL; i++)
    if (g_string_replace (name, erased[i], "-", 1) > 0)
      break;
  id = mc_gguf_model_id (name->str);
  while (trim_word (id, "model") != NULL || trim_word (id, "vision") != NULL)
    ;
  return mc_listing_keep (listing, id, -1);
}

/* Equal, or one goes on where the other ends. */
static gboolean
are_related (const char *a, const char *b)
{
  gsize length = MIN (strlen (a), strlen (b));

  if (length == 0)
    return a[0] == b[0];
  return strncmp (a, b, length) == 0 && (a[length] == '\0' || a[length] == '-')
         && (b[length] == '\0' || b[length] == '-');
}

/* Half precision is what everyone can run and loses nothing that counts. */
static guint
rank_token (const char *token)
{
  static const char *const order[] = { "F16", "BF16", "Q8_0" };

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (strcmp (token, order[i]) == 0)
      return i;
  return strcmp (token, "F32") == 0 ? G_N_ELEMENTS (order) + 1 : G_N_ELEMENTS (order);
}

typedef struct
{
  McListing *listing;
  GArray *projectors; /* Projector, best first but for the folder */
  gboolean several;
} Matching;

static gboolean
is_in_reach (McListing *listing, guint folder, const Projector *projector)
{
  guint home = projector->set->folder;

  return mc_listing_is_below (listing, folder, home)
         || strstr (mc_listing_get_folder (listing, home)->name, "mmproj") != NULL;
}

/* 2: made for this model; 1: for no other one; 0: for another one. */
static guint
judge_relation (const Matching *matching, const McGgufSet *model, const Projector *projector)
{
  if (!matching->several)
    return 1;
  if (are_related (projector->own_name, model->model_id))
    return 2;
  return projector->is_related ? 0 : 1;
}

static Projector *
choose (const Matching *matching, const McGgufSet *model, gboolean in_reach, gboolean *any)
{
  Projector *best = NULL;
  guint best_relation = 0;
  guint best_depth = 0;

  *any = FALSE;
  for (guint i = 0; i < matching->projectors->len; i++)
    {
      Projector *projector = &g_array_index (matching->projectors, Projector, i);
      guint depth = mc_listing_get_folder (matching->listing, projector->set->folder)->depth;
      guint relation;

      if (in_reach && !is_in_reach (matching->listing, model->folder, projector))
        continue;
      *any = TRUE;
      relation = judge_relation (matching, model, projector);
      if (relation == 0 || relation < best_relation
          || (relation == best_relation && best != NULL && depth <= best_depth))
        continue;
      best = projector;
      best_relation = relation;
      best_depth = depth;
    }
  return best;
}

static int
compare_projectors (gconstpointer a, gconstpointer b)
{
  const McGgufSet *one = ((const Projector *) a)->set;
  const McGgufSet *two = ((const Projector *) b)->set;
  guint first = rank_token (one->token);
  guint second = rank_token (two->token);

  if (first != second)
    return first < second ? -1 : 1;
  first = g_array_index (one->files, guint, 0);
  second = g_array_index (two->files, guint, 0);
  return (first > second) - (first < second);
}

static GArray *
collect_projectors (McListing *listing, GPtrArray *models, GPtrArray *sets, gboolean several)
{
  GArray *projectors = g_array_new (FALSE, TRUE, sizeof (Projector));
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  guint64 steps = 0;

  for (guint i = 0; i < models->len; i++)
    {
      const McGgufSet *model = g_ptr_array_index (models, i);

      g_hash_table_add (ids, (gpointer) model->model_id);
      steps += mc_listing_get_folder (listing, model->folder)->depth + 1;
    }
  for (guint i = 0; i < sets->len; i++)
    {
      McGgufSet *set = g_ptr_array_index (sets, i);
      Projector projector = { set, read_own_name (listing, set), FALSE };

      g_array_append_val (projectors, projector);
    }
  g_array_sort (projectors, compare_projectors);
  if (projectors->len > FEW_PROJECTORS && steps * projectors->len > MAX_STEPS)
    g_array_set_size (projectors, FEW_PROJECTORS);
  for (guint i = 0; several && i < projectors->len; i++)
    {
      Projector *projector = &g_array_index (projectors, Projector, i);
      GHashTableIter iter;
      gpointer id;

      g_hash_table_iter_init (&iter, ids);
      while (!projector->is_related && g_hash_table_iter_next (&iter, &id, NULL))
        projector->is_related = are_related (projector->own_name, id);
    }
  return projectors;
}

void
mc_gguf_place_projectors (McListing *listing,
                          GPtrArray *models,
                          GPtrArray *projectors,
                          gboolean several)
{
  Matching matching = { listing, NULL, several };
  g_autoptr (GArray) array = NULL;

  for (guint i = 0; i < projectors->len; i++)
    {
      McGgufSet *set = g_ptr_array_index (projectors, i);

      for (guint j = 0; j < set->files->len; j++)
        listing->entries[g_array_index (set->files, guint, j)].state = MC_ENTRY_OTHER;
    }
  if (projectors->len == 0)
    return;
  array = collect_projectors (listing, models, projectors, several);
  matching.projectors = array;
  for (guint i = 0; i < models->len; i++)
    {
      McGgufSet *model = g_ptr_array_index (models, i);
      gboolean any;
      Projector *best = choose (&matching, model, TRUE, &any);

      if (!any)
        best = choose (&matching, model, FALSE, &any);
      for (guint j = 0; best != NULL && j < best->set->files->len; j++)
        {
          guint entry = g_array_index (best->set->files, guint, j);

          mc_draft_add (model->draft, listing, entry);
          listing->entries[entry].goes_shared = TRUE;
        }
    }
}
