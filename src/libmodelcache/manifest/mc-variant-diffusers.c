/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-weights.h"

#include "mc-path-words.h"

#include <string.h>

/* Diffusers pipelines: a folder with model_index.json, and below it a folder for each component.
 * When a component lacks the variant asked for, diffusers takes the plain file and says so
 * (pipeline_loading_utils.py); the same happens here. ONNX components are placed with the graphs.
 */

static const char *const component_stems[] = {
  "model", "pytorch_model", "diffusion_pytorch_model", "flax_model", "diffusion_flax_model", NULL
};

/* The formats a pipeline comes in, and where a component that is missing is taken from. */
static const struct
{
  const char *format;
  const char *fallback;
} pipeline_formats[] = {
  { "safetensors", "pytorch" },
  { "pytorch", "safetensors" },
  { "flax", NULL },
  { "openvino", NULL },
};

/* The files of one component in one format and infix. */
typedef struct
{
  guint pipeline; /* folder */
  guint component;
  const char *format; /* static */
  const char *infix;  /* kept by the listing */
  gboolean has_weights;
  GArray *files; /* (owned) guint */
} Piece;

static void
piece_free (Piece *piece)
{
  g_array_unref (piece->files);
  g_free (piece);
}

gboolean
mc_folder_is_pipeline_component (McListing *listing, guint folder)
{
  guint parent = mc_listing_get_folder (listing, folder)->parent;

  return folder != 0
         && (mc_listing_get_folder (listing, parent)->holds & MC_HOLDS_MODEL_INDEX) != 0;
}

static gboolean
parse_piece (const McEntry *entry, McWeightName *name)
{
  if (strcmp (entry->name, "openvino_model.xml") == 0
      || strcmp (entry->name, "openvino_model.bin") == 0)
    {
      memset (name, 0, sizeof *name);
      name->format = "openvino";
      return TRUE;
    }
  return mc_weight_name_parse (entry, name)
         && mc_text_in (name->stem, strlen (name->stem), component_stems)
         && strcmp (name->format, "tensorflow") != 0 && strcmp (name->format, "rust") != 0;
}

/* "vae_1_0": how much of the name is that of the component it could stand in for; 0 if it is no
 * spare. "text_encoder_2" is none: pipelines do have two. */
static gsize
measure_spared (const char *name)
{
  gsize length = strlen (name);
  guint numbers = 0;

  for (;;)
    {
      gsize digits = mc_count_digits_at_end (name, length);

      if (digits == 0 || length < digits + 2 || name[length - digits - 1] != '_')
        break;
      length -= digits + 1;
      numbers++;
    }
  return numbers >= 2 ? length : 0;
}

/* Spares are left to the rule for plain weights. */
static gboolean
is_spare (McListing *listing, GHashTable *components, guint folder)
{
  const McFolder *at = mc_listing_get_folder (listing, folder);
  gsize length = measure_spared (at->name);
  g_autofree char *key = NULL;

  if (length == 0)
    return FALSE;
  key = g_strdup_printf ("%u/%.*s", at->parent, (int) length, at->name);
  return g_hash_table_contains (components, key);
}

static GPtrArray *
collect_pieces (McListing *listing)
{
  GPtrArray *pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) piece_free);
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) components = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < listing->n_entries; i++)
    {
      const McEntry *entry = &listing->entries[i];
      const McFolder *folder = mc_listing_get_folder (listing, entry->folder);
      g_autofree char *key = NULL;
      McWeightName name;
      Piece *piece;

      if (entry->state != MC_ENTRY_FREE || !mc_folder_is_pipeline_component (listing, entry->folder)
          || !parse_piece (entry, &name))
        continue;
      key = g_strdup_printf ("%u/%s/%s", entry->folder, name.format, name.infix);
      piece = g_hash_table_lookup (known, key);
      if (piece == NULL)
        {
          piece = g_new0 (Piece, 1);
          piece->pipeline = folder->parent;
          piece->component = entry->folder;
          piece->format = name.format;
          piece->infix = mc_listing_keep (listing, name.infix, -1);
          piece->files = g_array_new (FALSE, FALSE, sizeof (guint));
          g_ptr_array_add (pieces, piece);
          g_hash_table_insert (known, g_steal_pointer (&key), piece);
          g_hash_table_add (components, g_strdup_printf ("%u/%s", folder->parent, folder->name));
        }
      piece->has_weights = piece->has_weights || !name.is_index;
      g_array_append_val (piece->files, i);
    }
  /* From the end, so that none is passed over. */
  for (guint i = pieces->len; i > 0; i--)
    {
      const Piece *piece = g_ptr_array_index (pieces, i - 1);

      if (!piece->has_weights || is_spare (listing, components, piece->component))
        g_ptr_array_remove_index_fast (pieces, i - 1);
    }
  return pieces;
}

static int
compare_pieces (gconstpointer a, gconstpointer b)
{
  const Piece *one = *(Piece *const *) a;
  const Piece *two = *(Piece *const *) b;
  int order = (one->pipeline > two->pipeline) - (one->pipeline < two->pipeline);

  if (order == 0)
    order = (one->component > two->component) - (one->component < two->component);
  if (order == 0)
    order = strcmp (one->format, two->format);
  return order != 0 ? order : strcmp (one->infix, two->infix);
}

static Piece *
piece_at (GPtrArray *pieces, guint i)
{
  return g_ptr_array_index (pieces, i);
}

/* Of the pieces [first, end) of a component that of a format: in the infix, else plain, else the
 * first, which is the plain one if there is one, since they are sorted. */
static Piece *
choose_piece (GPtrArray *pieces, guint first, guint end, const char *format, const char *infix)
{
  Piece *best = NULL;

  for (guint i = first; i < end; i++)
    {
      Piece *piece = piece_at (pieces, i);

      if (strcmp (piece->format, format) != 0)
        continue;
      if (strcmp (piece->infix, infix) == 0)
        return piece;
      if (best == NULL)
        best = piece;
    }
  return best;
}

static void
add_piece (McListing *listing, McDraft *draft, const Piece *piece)
{
  for (guint i = 0; i < piece->files->len; i++)
    mc_draft_add (draft, listing, g_array_index (piece->files, guint, i));
}

static void
fill_draft (McListing *listing,
            GPtrArray *pieces,
            guint first,
            guint end,
            McDraft *draft,
            const char *infix,
            const char *fallback)
{
  for (guint next; first < end; first = next)
    {
      const Piece *piece = NULL;

      next = first;
      while (next < end
             && piece_at (pieces, next)->component == piece_at (pieces, first)->component)
        next++;
      piece = choose_piece (pieces, first, next, draft->format, infix);
      if (piece == NULL && fallback != NULL)
        piece = choose_piece (pieces, first, next, fallback, infix);
      if (piece != NULL)
        add_piece (listing, draft, piece);
    }
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The infixes the pieces of a pipeline have in a format, sorted. */
static GPtrArray *
find_infixes (GPtrArray *pieces, guint first, guint end, const char *format)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *infixes = g_ptr_array_new ();

  for (guint i = first; i < end; i++)
    {
      const Piece *piece = piece_at (pieces, i);

      if (strcmp (piece->format, format) == 0 && g_hash_table_add (seen, (gpointer) piece->infix))
        g_ptr_array_add (infixes, (gpointer) piece->infix);
    }
  g_ptr_array_sort (infixes, compare_texts);
  return infixes;
}

/* More infixes and components than any repo has: each infix gets what is its own, and the plain
 * pieces are shared. */
static void
fill_sparsely (McListing *listing, GPtrArray *pieces, guint first, guint end, GHashTable *drafts)
{
  for (guint i = first; i < end; i++)
    {
      const Piece *piece = piece_at (pieces, i);
      McDraft *draft = g_hash_table_lookup (drafts, piece->infix);

      if (draft == NULL || strcmp (piece->format, draft->format) != 0)
        continue;
      add_piece (listing, draft, piece);
      for (guint j = 0; j < piece->files->len && piece->infix[0] == '\0'; j++)
        listing->entries[g_array_index (piece->files, guint, j)].state = MC_ENTRY_SHARED;
    }
}

static void
add_pipeline (McListing *listing, GPtrArray *pieces, guint first, guint end)
{
  const char *path = mc_listing_folder_path (listing, piece_at (pieces, first)->pipeline);
  guint64 n_files = end - first;

  for (guint i = first; i < end; i++)
    n_files += piece_at (pieces, i)->files->len;
  for (gsize i = 0; i < G_N_ELEMENTS (pipeline_formats); i++)
    {
      g_autoptr (GPtrArray) infixes = find_infixes (pieces, first, end, pipeline_formats[i].format);
      g_autoptr (GHashTable) drafts = g_hash_table_new (g_str_hash, g_str_equal);
      guint64 cost = infixes->len * n_files;
      gboolean fits = cost <= listing->budget;

      for (guint j = 0; j < infixes->len; j++)
        {
          const char *infix = g_ptr_array_index (infixes, j);
          McDraft *draft =
              mc_listing_add_draft (listing, pipeline_formats[i].format,
                                    mc_listing_join_label (listing, path, infix, NULL));

          draft->is_pipeline = TRUE;
          g_hash_table_insert (drafts, (gpointer) infix, draft);
          if (fits)
            fill_draft (listing, pieces, first, end, draft, infix, pipeline_formats[i].fallback);
        }
      if (fits)
        listing->budget -= cost;
      else
        fill_sparsely (listing, pieces, first, end, drafts);
    }
}

void
mc_detect_pipelines (McListing *listing)
{
  g_autoptr (GPtrArray) pieces = collect_pieces (listing);

  g_ptr_array_sort (pieces, compare_pieces);
  for (guint first = 0, end; first < pieces->len; first = end)
    {
      end = first;
      while (end < pieces->len
             && piece_at (pieces, end)->pipeline == piece_at (pieces, first)->pipeline)
        end++;
      add_pipeline (listing, pieces, first, end);
    }
}
