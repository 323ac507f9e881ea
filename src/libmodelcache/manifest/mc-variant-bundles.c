/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-path-words.h"
#include "mc-variant-private.h"

#include <string.h>

/* Models that are folders: onnxruntime-genai builds, SavedModel, Core ML, MLC, CTranslate2. */

/* Drafts made on the way, one for each folder and word. */
static McDraft *
obtain_draft (
    McListing *listing, GHashTable *drafts, const char *format, guint folder, const char *word)
{
  g_autofree char *key = g_ascii_strdown (word, -1);
  g_autofree char *whole = g_strdup_printf ("%s/%u/%s", format, folder, key);
  McDraft *draft = g_hash_table_lookup (drafts, whole);

  if (draft == NULL)
    {
      draft = mc_listing_add_draft (listing, format, NULL);
      g_hash_table_insert (drafts, g_steal_pointer (&whole), draft);
    }
  return draft;
}

static GHashTable *
drafts_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
add_to_folder_draft (
    McListing *listing, GHashTable *drafts, const char *format, guint folder, guint entry)
{
  McDraft *draft = obtain_draft (listing, drafts, format, folder, "");

  if (draft->label == NULL)
    draft->label = mc_listing_folder_path (listing, folder);
  mc_draft_add (draft, listing, entry);
}

static gboolean
folder_is_genai (const McFolder *folder)
{
  const guint both = MC_HOLDS_GENAI_CONFIG | MC_HOLDS_GRAPH;

  return (folder->holds & both) == both;
}

/* A build is one flat folder, made to be downloaded with --include folder/X: all of it is needed.
 */
void
mc_detect_genai (McListing *listing)
{
  g_autoptr (GHashTable) drafts = drafts_new ();
  g_autofree guint *builds = g_new (guint, listing->folders->len);
  gboolean any = FALSE;

  for (guint i = 0; i < listing->folders->len; i++)
    {
      const McFolder *folder = mc_listing_get_folder (listing, i);

      builds[i] = i > 0 ? builds[folder->parent] : MC_NO_FOLDER;
      if (builds[i] == MC_NO_FOLDER && folder_is_genai (folder))
        builds[i] = i;
      any = any || builds[i] != MC_NO_FOLDER;
    }
  for (guint i = 0; i < listing->n_entries && any; i++)
    {
      McEntry *entry = &listing->entries[i];
      guint build = builds[entry->folder];

      if (build == MC_NO_FOLDER)
        continue;
      if (mc_entry_is_housekeeping (entry, TRUE))
        entry->state = MC_ENTRY_HOUSEKEEPING;
      else
        add_to_folder_draft (listing, drafts, "onnx", build, i);
    }
}

static const char *const saved_model_files[] = { "saved_model.pb", "keras_metadata.pb",
                                                 "fingerprint.pb", NULL };
static const char *const saved_model_folders[] = { "variables", "assets", "assets.extra", NULL };

static gboolean
folder_is_saved_model_part (const McFolder *folder, gpointer data)
{
  const McFolder *parent = mc_listing_get_folder (data, folder->parent);

  return (parent->holds & MC_HOLDS_SAVED_MODEL) != 0
         && mc_text_in (folder->name, strlen (folder->name), saved_model_folders);
}

/* The folder of the SavedModel the entry belongs to; @part is the part of one it is in. */
static guint
find_saved_model (McListing *listing, const McEntry *entry, guint part)
{
  if ((mc_listing_get_folder (listing, entry->folder)->holds & MC_HOLDS_SAVED_MODEL) != 0
      && mc_text_in (entry->name, strlen (entry->name), saved_model_files))
    return entry->folder;
  return part != MC_NO_FOLDER ? mc_listing_get_folder (listing, part)->parent : MC_NO_FOLDER;
}

static gboolean
is_mlc_file (const McEntry *entry)
{
  const char *name = entry->name;

  return strcmp (name, "mlc-chat-config.json") == 0 || strcmp (entry->ext, "wasm") == 0
         || (g_str_has_prefix (name, "params_shard_") && strcmp (entry->ext, "bin") == 0)
         || ((g_str_has_prefix (name, "ndarray-cache") || g_str_has_prefix (name, "tensor-cache"))
             && strcmp (entry->ext, "json") == 0);
}

static gboolean
is_core_ml_bundle (const McFolder *folder)
{
  return g_str_has_suffix (folder->name, ".mlpackage")
         || g_str_has_suffix (folder->name, ".mlmodelc");
}

static gboolean
is_core_ml_folder (const McFolder *folder, gpointer unused)
{
  return strcmp (folder->name, "coreml") == 0;
}

/* For each folder the outermost bundle it is in: a bundle is a folder that looks like a file. */
static guint *
find_core_ml_bundles (McListing *listing)
{
  guint *bundles = g_new (guint, listing->folders->len);

  for (guint i = 0; i < listing->folders->len; i++)
    {
      const McFolder *folder = mc_listing_get_folder (listing, i);

      bundles[i] = i > 0 ? bundles[folder->parent] : MC_NO_FOLDER;
      if (bundles[i] == MC_NO_FOLDER && is_core_ml_bundle (folder))
        bundles[i] = i;
    }
  return bundles;
}

/* Bundles of one folder and precision are parts of one model: "float32_model.mlpackage". */
static gboolean
place_core_ml (McListing *listing, GHashTable *drafts, guint index, guint bundle)
{
  const McEntry *entry = &listing->entries[index];
  guint home = entry->folder;
  const char *name = entry->name;
  const char *spelled = entry->path + (entry->name - entry->lower);
  const char *word = "";
  McPrecision precision;
  McDraft *draft;

  if (bundle != MC_NO_FOLDER)
    {
      const McFolder *folder = mc_listing_get_folder (listing, bundle);

      home = folder->parent;
      name = folder->name;
      spelled = folder->sample + folder->sample_length - strlen (name);
    }
  else if (strcmp (entry->ext, "mlmodel") != 0)
    return FALSE;
  if (mc_precision_find (name, (gsize) (strrchr (name, '.') - name), &precision))
    word = mc_listing_keep (listing, spelled + precision.start, (gssize) precision.length);
  draft = obtain_draft (listing, drafts, "coreml", home, word);
  if (draft->label == NULL)
    draft->label = mc_listing_join_label (
        listing, mc_listing_folder_path_without (listing, home, is_core_ml_folder, NULL), word,
        NULL);
  mc_draft_add (draft, listing, index);
  return TRUE;
}

void
mc_detect_bundles (McListing *listing)
{
  g_autoptr (GHashTable) drafts = drafts_new ();
  g_autofree guint *parts = mc_listing_find_above (listing, folder_is_saved_model_part, listing);
  g_autofree guint *bundles = find_core_ml_bundles (listing);

  for (guint i = 0; i < listing->n_entries; i++)
    {
      const McEntry *entry = &listing->entries[i];
      guint holds = mc_listing_get_folder (listing, entry->folder)->holds;
      guint saved_model;

      if (entry->state != MC_ENTRY_FREE)
        continue;
      saved_model = find_saved_model (listing, entry, parts[entry->folder]);
      if (saved_model != MC_NO_FOLDER)
        add_to_folder_draft (listing, drafts, "tensorflow", saved_model, i);
      else if (place_core_ml (listing, drafts, i, bundles[entry->folder]))
        continue;
      else if ((holds & MC_HOLDS_MLC) != 0 && is_mlc_file (entry))
        add_to_folder_draft (listing, drafts, "mlc", entry->folder, i);
      else if ((holds & MC_HOLDS_VOCABULARY) != 0 && strcmp (entry->name, "model.bin") == 0)
        add_to_folder_draft (listing, drafts, "ctranslate2", entry->folder, i);
    }
}
