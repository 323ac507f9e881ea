/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-path-words.h"
#include "mc-variant-onnx.h"

#include <string.h>

/* What the name of an ONNX graph says: precision, part of a model, model; and which files hold
 * the weights that did not go into the graph. */

/* The parts of transformers.js (models/session_config.js), Optimum, sherpa-onnx, diffusers. */
static const char *const part_words[] = {
  "encoder",    "decoder",      "joiner",      "model",      "merged",    "with",     "past",
  "embed",      "embeds",       "embedding",   "embeddings", "tokens",    "vision",   "text",
  "audio",      "speech",       "image",       "language",   "lm",        "head",     "prompt",
  "mask",       "prepare",      "inputs",      "vocoder",    "unet",      "vae",      "transformer",
  "init",       "step",         "gen",         "img",        "decode",    "encode",   "encodec",
  "denoiser",   "latent",       "conditional", "voice",      "flow",      "prefill",  "decoding",
  "preprocess", "preprocessor", "postprocess", "acoustic",   "predictor", "duration", "projector",
  "projection", "proj",         "uncached",    "cached",     "backbone",  "vector",   "estimator",
  NULL,
};

static gboolean
is_all_part_words (const char *name)
{
  McWord word = { 0 };
  guint count = 0;

  for (; mc_words_next (name, strlen (name), MC_BREAK_PART, &word); count++)
    if (!mc_word_in (name, &word, part_words))
      return FALSE;
  return count > 0;
}

gboolean
mc_onnx_folder_is_plain (const McFolder *folder, gpointer unused)
{
  McPrecision precision;

  return strcmp (folder->name, "onnx") == 0
         || mc_precision_is (folder->name, strlen (folder->name), &precision)
         || is_all_part_words (folder->name);
}

/* The text without the precision and the separator before it, or behind it at the beginning. */
static char *
cut_precision (const char *stem, const McPrecision *precision)
{
  GString *name = g_string_new (stem);
  gsize start = precision->start;
  gsize length = precision->length;

  if (start > 0)
    {
      start--;
      length++;
    }
  else if (length < name->len)
    length++;
  g_string_erase (name, (gssize) start, (gssize) length);
  return g_string_free (name, FALSE);
}

/* Of the words those that name parts; or, as they are @spelled, the others. */
static const char *
keep_words (McListing *listing, const char *name, const char *spelled)
{
  GString *text = g_string_truncate (listing->text, 0);
  McWord word = { 0 };

  while (mc_words_next (name, strlen (name), MC_BREAK_PART, &word))
    {
      if (mc_word_in (name, &word, part_words) == (spelled != NULL))
        continue;
      if (text->len > 0)
        g_string_append_c (text, spelled == NULL ? '_' : name[word.start - 1]);
      g_string_append_len (text, (spelled == NULL ? name : spelled) + word.start, word.length);
    }
  return mc_listing_keep (listing, text->str, (gssize) text->len);
}

/* Splits a name into its part words and the rest. */
static void
read_role (McListing *listing, McOnnxGraph *graph, const char *name, const char *spelled)
{
  graph->role = keep_words (listing, name, NULL);
  graph->rest = keep_words (listing, name, spelled);
  graph->rest_id = mc_listing_keep_lower (listing, graph->rest, -1);
}

/* "text_encoder/model.onnx": the folder names the part. A folder that is a precision is skipped
 * before and after. */
static void
find_home (McListing *listing, McOnnxGraph *graph, const char **part, const char *precision_name)
{
  McPrecision precision;
  gboolean is_generic = g_str_has_prefix (*part, "model");

  graph->home = listing->entries[graph->entry].folder;
  while (graph->home != 0)
    {
      const McFolder *folder = mc_listing_get_folder (listing, graph->home);

      if (mc_precision_is (folder->name, strlen (folder->name), &precision))
        {
          if (precision_name == NULL && graph->precision == NULL)
            graph->precision = mc_listing_keep (listing, precision.name, -1);
        }
      else if (is_generic
               && (is_all_part_words (folder->name)
                   || mc_folder_is_pipeline_component (listing, graph->home)))
        {
          *part = folder->name;
          is_generic = FALSE;
        }
      else
        break;
      graph->home = folder->parent;
    }
}

/* Whether the name is the one transformers.js makes of the part and the precision
 * (utils/dtypes.js): of the words for one precision it knows one, behind "_". Without a word it is
 * its fp32. */
static gboolean
has_browser_suffix (const char *stem, gsize length, const McPrecision *precision)
{
  static const char *const same[] = { "fp16",  "int8",  "uint8", "q4",   "q2", "q1",
                                      "q4f16", "q2f16", "q1f16", "bnb4", NULL };
  const char *word = stem + precision->start;

  if (precision->start == 0 || word[-1] != '_' || precision->start + precision->length != length)
    return FALSE;
  if (strcmp (precision->name, "q8") == 0)
    return strcmp (word, "quantized") == 0;
  return strcmp (precision->name, word) == 0 && mc_text_in (word, precision->length, same);
}

static McOnnxGraph *
graph_new (McListing *listing, guint index)
{
  McEntry *entry = &listing->entries[index];
  McOnnxGraph *graph = g_new0 (McOnnxGraph, 1);
  gsize length = strlen (entry->name) - strlen (".onnx");
  g_autofree char *stem = g_strndup (entry->name, length);
  g_autofree char *spelled = g_strndup (entry->path + (entry->name - entry->lower), length);
  McPrecision precision;
  gboolean has_precision = mc_precision_find (stem, length, &precision);
  const char *part;

  graph->entry = index;
  graph->files = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (graph->files, index);
  if (has_precision)
    {
      g_autofree char *name = cut_precision (stem, &precision);
      g_autofree char *display = cut_precision (spelled, &precision);

      graph->precision = mc_listing_keep (listing, precision.name, -1);
      graph->is_preferred = has_browser_suffix (stem, length, &precision);
      g_free (g_steal_pointer (&stem));
      g_free (g_steal_pointer (&spelled));
      stem = g_steal_pointer (&name);
      spelled = g_steal_pointer (&display);
    }
  part = stem;
  find_home (listing, graph, &part, graph->precision);
  if (part != stem && !is_all_part_words (part))
    {
      /* A component of a pipeline is a part whatever it is called. */
      graph->role = part;
      graph->rest = graph->rest_id = "";
    }
  else
    read_role (listing, graph, part, part == stem ? spelled : part);
  graph->part = mc_listing_keep (listing, part, -1);
  if (graph->precision == NULL)
    {
      graph->precision = "fp32";
      graph->is_preferred = TRUE;
    }
  return graph;
}

/* What a graph's weights may be called: its stem with one of these. Optimum, onnxruntime-genai,
 * sherpa-onnx. */
static const char *const data_exts[] = { "data", "weights", "onnx_data", "bin", NULL };

/* The graph a file is the external data or the description of; NULL if it is none. */
static McEntry *
find_graph_of (McListing *listing, const McEntry *entry)
{
  const char *end = entry->name;
  g_autofree char *name = NULL;

  for (const char *next; (next = strstr (end, ".onnx")) != NULL; end = next + 5)
    {
      const char *behind = next + 5;

      if (g_str_has_prefix (behind, "_data") || g_str_has_prefix (behind, ".data")
          || strcmp (behind, ".json") == 0)
        return mc_listing_find_sibling (listing, entry, entry->name,
                                        (gsize) (behind - entry->name));
    }
  if (!mc_text_in (entry->ext, strlen (entry->ext), data_exts))
    return NULL;
  name = g_strdup_printf ("%.*sonnx", (int) (entry->ext - entry->name), entry->name);
  return mc_listing_find_sibling (listing, entry, name, strlen (name));
}

GPtrArray *
mc_onnx_collect (McListing *listing)
{
  GPtrArray *graphs = g_ptr_array_new ();
  g_autofree McOnnxGraph **by_entry = g_new0 (McOnnxGraph *, MAX (listing->n_entries, 1));
  g_autofree McOnnxGraph **by_folder = g_new0 (McOnnxGraph *, listing->folders->len);

  for (guint i = 0; i < listing->n_entries; i++)
    {
      McEntry *entry = &listing->entries[i];

      if (entry->state != MC_ENTRY_FREE || strcmp (entry->ext, "onnx") != 0)
        continue;
      by_entry[i] = graph_new (listing, i);
      if (by_folder[entry->folder] == NULL)
        by_folder[entry->folder] = by_entry[i];
      g_ptr_array_add (graphs, by_entry[i]);
    }
  for (guint i = 0; i < listing->n_entries && graphs->len > 0; i++)
    {
      McEntry *entry = &listing->entries[i];
      McOnnxGraph *owner = NULL;

      if (entry->state != MC_ENTRY_FREE || by_entry[i] != NULL)
        continue;
      if (strcmp (entry->name, "weights.pb") == 0)
        owner = by_folder[entry->folder];
      else if ((mc_listing_get_folder (listing, entry->folder)->holds & MC_HOLDS_GRAPH) != 0)
        {
          McEntry *graph = find_graph_of (listing, entry);

          owner = graph != NULL ? by_entry[graph - listing->entries] : NULL;
        }
      if (owner != NULL)
        g_array_append_val (owner->files, i);
    }
  return graphs;
}
