/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-path-words.h"
#include "mc-variant-private.h"

#include <string.h>

/* Models that are a file or a pair of files: OpenVINO, ORT, TFLite, and the formats known by their
 * extension alone. */

static const struct
{
  const char *ext;
  const char *format;
} other_formats[] = {
  { "nemo", "nemo" },      { "pkl", "pickle" },       { "pickle", "pickle" },
  { "joblib", "pickle" },  { "skops", "skops" },      { "rknn", "rknn" },
  { "rkllm", "rkllm" },    { "engine", "tensorrt" },  { "plan", "tensorrt" },
  { "pdmodel", "paddle" }, { "pdiparams", "paddle" }, { "llamafile", "llamafile" },
  { "keras", "keras" },
};
static const char *const tflite_extensions[] = { "tflite", "task", "litertlm", NULL };

static gboolean
is_openvino_folder (const McFolder *folder, gpointer unused)
{
  return strcmp (folder->name, "openvino") == 0;
}

static gboolean
is_no_folder (const McFolder *folder, gpointer unused)
{
  return FALSE;
}

static gsize
stem_length (const McEntry *entry)
{
  gsize length = (gsize) (entry->ext - entry->name);

  return entry->ext[0] != '\0' ? length - 1 : length;
}

static const char *
keep_stem (McListing *listing, const McEntry *entry)
{
  return mc_listing_keep (listing, entry->path + (entry->name - entry->lower),
                          (gssize) stem_length (entry));
}

static guint
index_of (McListing *listing, const McEntry *entry)
{
  return (guint) (entry - listing->entries);
}

/* The file of the same stem and another extension that nobody has claimed. */
static McEntry *
find_partner (McListing *listing, const McEntry *entry, const char *ext)
{
  g_autofree char *name = g_strdup_printf ("%.*s.%s", (int) stem_length (entry), entry->name, ext);
  McEntry *partner = mc_listing_find_sibling (listing, entry, name, strlen (name));

  return partner != NULL && partner->state == MC_ENTRY_FREE ? partner : NULL;
}

/* The precision word the stem ends with, "" if it ends otherwise. */
static const char *
keep_last_precision (McListing *listing, const McEntry *entry)
{
  McPrecision precision;

  if (!mc_precision_find (entry->name, stem_length (entry), &precision)
      || precision.start + precision.length != stem_length (entry))
    return "";
  return mc_listing_keep (listing, precision.name, -1);
}

static void
place_openvino_pair (McListing *listing, GHashTable *drafts, McEntry *xml, McEntry *bin)
{
  const char *word = keep_last_precision (listing, xml);
  g_autofree char *key = g_strdup_printf ("%u/%s", xml->folder, word);
  McDraft *draft = g_hash_table_lookup (drafts, key);

  if (draft == NULL)
    {
      const char *path =
          mc_listing_folder_path_without (listing, xml->folder, is_openvino_folder, NULL);

      draft = mc_listing_add_draft (listing, "openvino",
                                    mc_listing_join_label (listing, path, word, NULL));
      g_hash_table_insert (drafts, g_steal_pointer (&key), draft);
    }
  mc_draft_add (draft, listing, index_of (listing, xml));
  mc_draft_add (draft, listing, index_of (listing, bin));
}

/* Tokenizers are graphs of their own here, and part of every variant. */
static void
spread_tokenizers (McListing *listing, GArray *files)
{
  g_autoptr (GPtrArray) takers = g_ptr_array_new ();

  for (guint i = 0; i < listing->drafts->len; i++)
    {
      McDraft *draft = g_ptr_array_index (listing->drafts, i);

      if (strcmp (draft->format, "openvino") == 0)
        g_ptr_array_add (takers, draft);
    }
  if (takers->len == 0 && files->len > 0)
    g_ptr_array_add (takers, mc_listing_add_draft (listing, "openvino", ""));
  mc_listing_spread (listing, takers, files);
}

void
mc_detect_openvino (McListing *listing)
{
  g_autoptr (GHashTable) drafts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) tokenizers = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < listing->n_entries; i++)
    {
      McEntry *xml = &listing->entries[i];
      McEntry *bin;

      if (xml->state != MC_ENTRY_FREE || strcmp (xml->ext, "xml") != 0)
        continue;
      bin = find_partner (listing, xml, "bin");
      if (bin == NULL)
        continue;
      if (strstr (xml->name, "tokenizer") == NULL)
        place_openvino_pair (listing, drafts, xml, bin);
      else
        {
          guint second = index_of (listing, bin);

          g_array_append_val (tokenizers, i);
          g_array_append_val (tokenizers, second);
        }
    }
  spread_tokenizers (listing, tokenizers);
}

/* A variant of one file; @label may be "". */
static McDraft *
add_file (McListing *listing, const char *format, const char *label, guint index)
{
  McEntry *entry = &listing->entries[index];
  McDraft *draft = mc_listing_add_draft (listing, format, label);

  draft->long_label = mc_listing_join_label (
      listing, mc_listing_folder_path_without (listing, entry->folder, is_no_folder, NULL),
      keep_stem (listing, entry), NULL);
  mc_draft_add (draft, listing, index);
  return draft;
}

/* "X.required_operators_and_types.config" says what a build of ONNX Runtime must be able to do. */
static void
place_operator_lists (McListing *listing, GHashTable *by_file)
{
  for (guint i = 0; i < listing->n_entries && g_hash_table_size (by_file) > 0; i++)
    {
      const McEntry *entry = &listing->entries[i];
      const char *at = strstr (entry->name, ".required_operators");
      g_autofree char *name = NULL;
      McEntry *ort;
      McDraft *draft;

      if (entry->state != MC_ENTRY_FREE || at == NULL || strcmp (entry->ext, "config") != 0)
        continue;
      name = g_strdup_printf ("%.*s.ort", (int) (at - entry->name), entry->name);
      ort = mc_listing_find_sibling (listing, entry, name, strlen (name));
      draft = ort != NULL ? g_hash_table_lookup (by_file, ort) : NULL;
      if (draft != NULL)
        mc_draft_add (draft, listing, i);
    }
}

static guint
count_free (McListing *listing, const char *const *extensions)
{
  guint count = 0;

  for (guint i = 0; i < listing->n_entries; i++)
    count += listing->entries[i].state == MC_ENTRY_FREE
             && mc_text_in (listing->entries[i].ext, strlen (listing->entries[i].ext), extensions);
  return count;
}

void
mc_detect_single_files (McListing *listing)
{
  g_autoptr (GHashTable) by_file = g_hash_table_new (NULL, NULL);
  guint n_tflite = count_free (listing, tflite_extensions);

  for (guint i = 0; i < listing->n_entries; i++)
    {
      McEntry *entry = &listing->entries[i];

      if (entry->state != MC_ENTRY_FREE)
        continue;
      if (strcmp (entry->ext, "ort") == 0)
        {
          McPrecision precision;
          const char *label = "";

          if (mc_precision_find (entry->name, stem_length (entry), &precision))
            label = mc_listing_keep (listing, precision.name, -1);
          g_hash_table_insert (by_file, entry, add_file (listing, "ort", label, i));
        }
      else if (mc_text_in (entry->ext, strlen (entry->ext), tflite_extensions))
        {
          const char *stem = keep_stem (listing, entry);

          add_file (listing, "tflite",
                    n_tflite == 1 || g_ascii_strcasecmp (stem, "model") == 0 ? "" : stem, i);
        }
    }
  place_operator_lists (listing, by_file);
}

static const char *
find_other_format (const McEntry *entry)
{
  /* MLX before it took to safetensors. */
  if (strcmp (entry->ext, "npz") == 0 && g_str_has_prefix (entry->name, "weights"))
    return "mlx";
  for (gsize i = 0; i < G_N_ELEMENTS (other_formats); i++)
    if (strcmp (entry->ext, other_formats[i].ext) == 0)
      return other_formats[i].format;
  return NULL;
}

void
mc_detect_other_formats (McListing *listing)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  guint first = listing->drafts->len;

  for (guint i = 0; i < listing->n_entries; i++)
    {
      McEntry *entry = &listing->entries[i];
      const char *format = entry->state == MC_ENTRY_FREE ? find_other_format (entry) : NULL;
      McEntry *partner = NULL;
      McDraft *draft;

      if (format == NULL)
        continue;
      /* Paddle keeps graph and weights apart. */
      if (strcmp (entry->ext, "pdiparams") == 0)
        partner = find_partner (listing, entry, "pdmodel");
      draft = add_file (listing, format, keep_stem (listing, entry), i);
      if (partner != NULL)
        mc_draft_add (draft, listing, index_of (listing, partner));
      g_hash_table_insert (
          counts, (gpointer) format,
          GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, format)) + 1));
    }
  for (guint i = first; i < listing->drafts->len; i++)
    {
      McDraft *draft = g_ptr_array_index (listing->drafts, i);

      if (GPOINTER_TO_UINT (g_hash_table_lookup (counts, draft->format)) == 1)
        draft->label = "";
    }
}
