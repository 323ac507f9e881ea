/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-weights.h"

#include "mc-path-words.h"

#include <string.h>

/* Weights that are no bundle, graph or pipeline: one set for each folder, stem and infix, and one
 * variant for each set. Folders that hold a component of the model above (an audio tokenizer, a
 * dense layer) join its variants. */

static const char *const component_folders[] = { "codec",         "vocoder",        "vae",
                                                 "vision_tower",  "vision_encoder", "audio_encoder",
                                                 "image_encoder", "text_encoder",   NULL };

typedef struct
{
  const char *format;
  guint folder;
  const char *stem;  /* kept by the listing, as the repo spells it */
  const char *lower; /* the same in small letters, or what stands for it */
  const char *infix;
  gboolean is_standard;
  gboolean has_weights; /* not only an index */
  GArray *files;        /* (owned) guint */
} WeightSet;

static void
set_free (WeightSet *set)
{
  g_array_unref (set->files);
  g_free (set);
}

/* Sets and how many each folder has of a format. */
typedef struct
{
  GPtrArray *sets;   /* WeightSet, in order of their first path */
  GHashTable *known; /* borrowed WeightSet by format, folder, stem, infix */
  GHashTable *count; /* by format and folder of the borrowed WeightSet that is the key */
} Weights;

static guint
hash_place (gconstpointer key)
{
  const WeightSet *set = key;

  return g_str_hash (set->format) ^ (set->folder * 2654435761u);
}

static gboolean
places_equal (gconstpointer a, gconstpointer b)
{
  const WeightSet *one = a;
  const WeightSet *two = b;

  return one->folder == two->folder && strcmp (one->format, two->format) == 0;
}

static guint
hash_set (gconstpointer key)
{
  const WeightSet *set = key;

  return hash_place (key) ^ (g_str_hash (set->lower) * 33 + g_str_hash (set->infix));
}

static gboolean
sets_equal (gconstpointer a, gconstpointer b)
{
  const WeightSet *one = a;
  const WeightSet *two = b;

  return places_equal (a, b) && strcmp (one->lower, two->lower) == 0
         && strcmp (one->infix, two->infix) == 0;
}

static WeightSet *
obtain_set (McListing *listing, Weights *weights, const McEntry *entry, const McWeightName *name)
{
  const WeightSet wanted = {
    .format = name->format, .folder = entry->folder, .lower = name->stem, .infix = name->infix
  };
  WeightSet *set = g_hash_table_lookup (weights->known, &wanted);

  if (set != NULL)
    return set;
  set = g_memdup2 (&wanted, sizeof wanted);
  set->stem = mc_listing_keep (listing, entry->path + (entry->name - entry->lower),
                               (gssize) name->stem_length);
  set->lower = mc_listing_keep (listing, name->stem, -1);
  set->infix = mc_listing_keep (listing, name->infix, -1);
  set->is_standard = name->is_standard;
  set->files = g_array_new (FALSE, FALSE, sizeof (guint));
  g_ptr_array_add (weights->sets, set);
  g_hash_table_add (weights->known, set);
  return set;
}

/* All the checkpoints hyperparams.yaml names are one model (SpeechBrain). */
static gboolean
is_speechbrain (McListing *listing, const McEntry *entry)
{
  return strcmp (entry->ext, "ckpt") == 0
         && (mc_listing_get_folder (listing, entry->folder)->holds & MC_HOLDS_HYPERPARAMS) != 0;
}

/* "x.ckpt.index", "x.ckpt.meta", "x.ckpt.data-00000-of-00001": TensorFlow 1. */
static gboolean
parse_checkpoint (const McEntry *entry, McWeightName *weight)
{
  const char *at = strstr (entry->name, ".ckpt");
  const char *end = strrchr (entry->name, '.');

  memset (weight, 0, sizeof *weight);
  if (at == NULL || end == at || at == entry->name
      || !(strcmp (end, ".index") == 0 || strcmp (end, ".meta") == 0
           || g_str_has_prefix (end, ".data-")))
    return FALSE;
  weight->format = "tensorflow";
  weight->stem_length = (gsize) (end - entry->name);
  g_snprintf (weight->stem, sizeof weight->stem, "%.*s", (int) MIN (weight->stem_length, 250),
              entry->name);
  return TRUE;
}

static void
collect_sets (McListing *listing, Weights *weights)
{
  for (guint i = 0; i < listing->n_entries; i++)
    {
      const McEntry *entry = &listing->entries[i];
      McWeightName name;
      WeightSet *set;

      if (entry->state != MC_ENTRY_FREE
          || (!mc_weight_name_parse (entry, &name) && !parse_checkpoint (entry, &name)))
        continue;
      if (is_speechbrain (listing, entry))
        {
          g_strlcpy (name.stem, "", sizeof name.stem);
          name.infix[0] = '\0';
        }
      set = obtain_set (listing, weights, entry, &name);
      set->has_weights = set->has_weights || !name.is_index;
      g_array_append_val (set->files, i);
    }
}

static guint
count_sets (const Weights *weights, WeightSet *set, guint more)
{
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (weights->count, set)) + more;

  if (more > 0)
    g_hash_table_insert (weights->count, set, GUINT_TO_POINTER (count));
  return count;
}

static gboolean
is_component_name (const char *name)
{
  gsize length = strlen (name);
  gsize digits = mc_count_digits (name, length);

  if ((digits > 0 && name[digits] == '_') || g_str_has_suffix (name, "tokenizer"))
    return TRUE;
  if (mc_text_in (name, length, component_folders))
    return TRUE;
  return g_str_has_prefix (name, "text_encoder_") && mc_is_number (name + 13, length - 13);
}

static void
add_variant (McListing *listing, const Weights *weights, WeightSet *set)
{
  const char *path = mc_listing_folder_path (listing, set->folder);
  const char *stem = set->stem;
  McDraft *draft;

  if (g_ascii_strcasecmp (stem, "adapter_model") == 0)
    stem = "adapter";
  else if (set->is_standard || count_sets (weights, set, 0) < 2)
    stem = "";
  draft = mc_listing_add_draft_of (listing, set->format,
                                   mc_listing_join_label (listing, path, stem, set->infix, NULL),
                                   set->files);
  if (stem[0] == '\0')
    draft->long_label = mc_listing_join_label (listing, path, set->stem, set->infix, NULL);
}

/* For a component folder and a format, the files of all its sets. */
static GArray *
files_of_folder (GPtrArray *sets, const char *format)
{
  GArray *files = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < sets->len; i++)
    {
      const WeightSet *set = g_ptr_array_index (sets, i);

      if (set->has_weights && strcmp (set->format, format) == 0)
        g_array_append_vals (files, set->files->data, set->files->len);
    }
  return files;
}

/* The drafts of a folder by their format. */
static GHashTable *
sort_by_format (GPtrArray *drafts)
{
  GHashTable *by_format =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < drafts->len; i++)
    {
      McDraft *draft = g_ptr_array_index (drafts, i);
      GPtrArray *list = g_hash_table_lookup (by_format, draft->format);

      if (list == NULL)
        {
          list = g_ptr_array_new ();
          g_hash_table_insert (by_format, (gpointer) draft->format, list);
        }
      g_ptr_array_add (list, draft);
    }
  return by_format;
}

/* Each variant of the folder above takes the component in its own format, else in one that every
 * program reads. */
static void
join_component (McListing *listing, GPtrArray *sets, GHashTable *takers)
{
  static const char *const fallbacks[] = { "safetensors", "pytorch", NULL };
  GHashTableIter iter;
  gpointer format;
  gpointer drafts;

  g_hash_table_iter_init (&iter, takers);
  while (g_hash_table_iter_next (&iter, &format, &drafts))
    {
      g_autoptr (GArray) files = files_of_folder (sets, format);

      for (guint i = 0; fallbacks[i] != NULL && files->len == 0; i++)
        {
          g_array_unref (files);
          files = files_of_folder (sets, fallbacks[i]);
        }
      mc_listing_spread (listing, drafts, files);
    }
}

/* For each folder the drafts with files right in it, or in its onnx or openvino folder. */
static GPtrArray **
find_drafts_of_folders (McListing *listing)
{
  GPtrArray **drafts = g_new0 (GPtrArray *, listing->folders->len);

  for (guint i = 0; i < listing->drafts->len; i++)
    {
      McDraft *draft = g_ptr_array_index (listing->drafts, i);

      for (guint j = 0; j < draft->files->len; j++)
        {
          guint folder = listing->entries[g_array_index (draft->files, guint, j)].folder;
          const McFolder *at = mc_listing_get_folder (listing, folder);
          GPtrArray **list;

          if (strcmp (at->name, "onnx") == 0 || strcmp (at->name, "openvino") == 0)
            folder = at->parent;
          list = &drafts[folder];
          if (*list == NULL)
            *list = g_ptr_array_new ();
          if ((*list)->len == 0 || g_ptr_array_index (*list, (*list)->len - 1) != draft)
            g_ptr_array_add (*list, draft);
        }
    }
  return drafts;
}

static void
free_lists (GPtrArray **lists, guint count)
{
  for (guint i = 0; i < count; i++)
    g_clear_pointer (&lists[i], g_ptr_array_unref);
  g_free (lists);
}

/* The sets of each component folder, NULL for all other folders; *n_components counts those sets.
 */
static GPtrArray **
find_components (McListing *listing, const Weights *weights, guint *n_components)
{
  GPtrArray **components = g_new0 (GPtrArray *, listing->folders->len);
  GPtrArray **drafts = find_drafts_of_folders (listing);
  g_autofree gboolean *has_own = g_new0 (gboolean, listing->folders->len);

  for (guint i = 0; i < listing->folders->len; i++)
    has_own[i] = drafts[i] != NULL;
  for (guint i = 0; i < weights->sets->len; i++)
    {
      const WeightSet *set = g_ptr_array_index (weights->sets, i);

      has_own[set->folder] = has_own[set->folder] || set->has_weights;
    }
  for (guint i = 0; i < weights->sets->len; i++)
    {
      WeightSet *set = g_ptr_array_index (weights->sets, i);
      const McFolder *folder = mc_listing_get_folder (listing, set->folder);

      if (set->folder == 0 || !has_own[folder->parent] || !is_component_name (folder->name))
        continue;
      if (components[set->folder] == NULL)
        components[set->folder] = g_ptr_array_new ();
      g_ptr_array_add (components[set->folder], set);
      *n_components += 1;
    }
  free_lists (drafts, listing->folders->len);
  return components;
}

static void
set_state (McListing *listing, const WeightSet *set, McEntryState state)
{
  for (guint i = 0; i < set->files->len; i++)
    listing->entries[g_array_index (set->files, guint, i)].state = state;
}

/* Component folders join what the folder above has by now. */
static void
place_components (McListing *listing, GPtrArray **components)
{
  GPtrArray **drafts = find_drafts_of_folders (listing);
  g_autoptr (GHashTable) takers_of =
      g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_hash_table_unref);

  for (guint i = 0; i < listing->folders->len; i++)
    {
      guint parent = mc_listing_get_folder (listing, i)->parent;
      GHashTable *takers = g_hash_table_lookup (takers_of, GUINT_TO_POINTER (parent));

      if (components[i] == NULL || drafts[parent] == NULL)
        continue;
      if (takers == NULL)
        {
          takers = sort_by_format (drafts[parent]);
          g_hash_table_insert (takers_of, GUINT_TO_POINTER (parent), takers);
        }
      join_component (listing, components[i], takers);
    }
  free_lists (drafts, listing->folders->len);
}

/* What lies in a folder like vae or tts, with no model of another format above it, is there for the
 * GGUF models (ComfyUI repos keep it as safetensors). Such sets get no variant of their own. */
static gboolean *
find_gguf_parts (McListing *listing, const Weights *weights, GPtrArray *takers)
{
  gboolean *found = g_new0 (gboolean, listing->folders->len);
  g_autofree gboolean *has_own = g_new0 (gboolean, listing->folders->len);
  g_autofree guint *parts = mc_listing_find_above (listing, mc_gguf_folder_is_part, NULL);

  for (guint i = 0; i < listing->drafts->len; i++)
    if (strcmp (((McDraft *) g_ptr_array_index (listing->drafts, i))->format, "gguf") == 0)
      g_ptr_array_add (takers, g_ptr_array_index (listing->drafts, i));
  for (guint i = 0; i < weights->sets->len; i++)
    has_own[((WeightSet *) g_ptr_array_index (weights->sets, i))->folder] = TRUE;
  for (guint i = 0; i < listing->folders->len && takers->len > 0; i++)
    found[i] = parts[i] != MC_NO_FOLDER && !mc_folder_is_pipeline_component (listing, parts[i])
               && !has_own[mc_listing_get_folder (listing, parts[i])->parent];
  return found;
}

static void
place_sets (McListing *listing, Weights *weights)
{
  guint n_components = 0;
  GPtrArray **components = find_components (listing, weights, &n_components);
  g_autoptr (GPtrArray) gguf_drafts = g_ptr_array_new ();
  g_autofree gboolean *is_gguf_part = find_gguf_parts (listing, weights, gguf_drafts);

  for (guint i = 0; i < weights->sets->len; i++)
    {
      WeightSet *set = g_ptr_array_index (weights->sets, i);

      if (set->has_weights)
        count_sets (weights, set, 1);
    }
  for (guint i = 0; i < weights->sets->len; i++)
    {
      WeightSet *set = g_ptr_array_index (weights->sets, i);

      /* A list of shards that are not there is no use to anybody. */
      if (components[set->folder] != NULL || !set->has_weights)
        set_state (listing, set, MC_ENTRY_OTHER);
      else if (is_gguf_part[set->folder])
        mc_listing_spread (listing, gguf_drafts, set->files);
      else
        add_variant (listing, weights, set);
    }
  if (n_components > 0)
    place_components (listing, components);
  free_lists (components, listing->folders->len);
}

void
mc_detect_weights (McListing *listing)
{
  g_autoptr (GPtrArray) sets = g_ptr_array_new_with_free_func ((GDestroyNotify) set_free);
  g_autoptr (GHashTable) known = g_hash_table_new (hash_set, sets_equal);
  g_autoptr (GHashTable) count = g_hash_table_new (hash_place, places_equal);
  Weights weights = { sets, known, count };

  collect_sets (listing, &weights);
  if (sets->len > 0)
    place_sets (listing, &weights);
}
