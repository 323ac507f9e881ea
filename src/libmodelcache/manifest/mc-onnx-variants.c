/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-path-words.h"
#include "mc-variant-onnx.h"

#include <string.h>

/* The variants of one ONNX model: its leading part sets the precisions, every other part comes in
 * the same or in the nearest one. */

static const char *const leading_parts[] = {
  "decoder_model_merged", "language_model", "model", "decoder_model", "unet", "transformer"
};

/* Among equally near precisions the earlier one. */
static const char *const precision_order[] = { "q8",    "int8", "uint8", "q4",
                                               "q4f16", "bnb4", "fp16",  "fp32" };

/* The graphs of one part, as places in the array of graphs: [first, end). */
typedef struct
{
  guint first;
  guint end;
} Part;

static McOnnxGraph *
graph_at (GPtrArray *graphs, guint i)
{
  return g_ptr_array_index (graphs, i);
}

static GArray *
find_parts (GPtrArray *graphs, guint first, guint end)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (Part));

  while (first < end)
    {
      Part part = { first, first + 1 };

      while (part.end < end
             && strcmp (graph_at (graphs, part.end)->part, graph_at (graphs, first)->part) == 0)
        part.end++;
      g_array_append_val (parts, part);
      first = part.end;
    }
  return parts;
}

static guint
find_leading (GPtrArray *graphs, GArray *parts)
{
  for (gsize i = 0; i < G_N_ELEMENTS (leading_parts); i++)
    for (guint j = 0; j < parts->len; j++)
      if (strcmp (graph_at (graphs, g_array_index (parts, Part, j).first)->role, leading_parts[i])
          == 0)
        return j;
  for (guint j = 0; j < parts->len; j++)
    if (strstr (graph_at (graphs, g_array_index (parts, Part, j).first)->part, "decod") != NULL)
      return j;
  return 0;
}

static gboolean
has_role (GPtrArray *graphs, const Part *part, const char *role)
{
  return strcmp (graph_at (graphs, part->first)->role, role) == 0;
}

/* The merged decoder does what the two others do together. */
static void
drop_unmerged (GPtrArray *graphs, GArray *parts)
{
  gboolean is_merged = FALSE;
  guint kept = 0;

  for (guint i = 0; i < parts->len && !is_merged; i++)
    is_merged = has_role (graphs, &g_array_index (parts, Part, i), "decoder_model_merged");
  if (!is_merged)
    return;
  for (guint i = 0; i < parts->len; i++)
    {
      const Part part = g_array_index (parts, Part, i);

      if (!has_role (graphs, &part, "decoder_model")
          && !has_role (graphs, &part, "decoder_with_past_model"))
        g_array_index (parts, Part, kept++) = part;
    }
  g_array_set_size (parts, kept);
}

static gboolean
is_half (const char *precision)
{
  return g_str_has_suffix (precision, "f16");
}

static guint
rank_precision (const char *precision)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (precision_order) && strcmp (precision, precision_order[i]) != 0)
    i++;
  return i;
}

/* How far a precision is from the wanted one: as many bits or the fewest more, then the fewest
 * less, then the same kind of float, then the order above. */
static guint
measure_distance (const char *wanted, const char *precision)
{
  guint want = mc_precision_get_bits (wanted);
  guint have = mc_precision_get_bits (precision);
  guint bits = have >= want ? have - want : 1000 + want - have;

  if (strcmp (wanted, precision) == 0)
    return 0;
  return 1 + bits * 100 + (is_half (wanted) != is_half (precision) ? 50 : 0)
         + rank_precision (precision);
}

/* The graphs of a part that are not a second file for a precision. */
static McOnnxGraph *
choose_nearest (GPtrArray *graphs, const Part *part, const char *wanted)
{
  McOnnxGraph *best = NULL;
  guint best_distance = 0;

  for (guint i = part->first; i < part->end; i++)
    {
      McOnnxGraph *graph = graph_at (graphs, i);
      guint distance = measure_distance (wanted, graph->precision);

      if (best != NULL && distance >= best_distance)
        continue;
      best = graph;
      best_distance = distance;
    }
  return best;
}

static void
add_graph (McListing *listing, McDraft *draft, const McOnnxGraph *graph)
{
  for (guint i = 0; i < graph->files->len; i++)
    mc_draft_add (draft, listing, g_array_index (graph->files, guint, i));
}

static void
add_other_parts (McListing *listing,
                 GPtrArray *graphs,
                 GArray *parts,
                 guint leading,
                 McDraft *draft,
                 const char *wanted)
{
  for (guint i = 0; i < parts->len; i++)
    if (i != leading)
      add_graph (listing, draft, choose_nearest (graphs, &g_array_index (parts, Part, i), wanted));
}

/* The number of files that got a new state. */
static guint
set_state (McListing *listing, const McOnnxGraph *graph, McEntryState from, McEntryState to)
{
  guint count = 0;

  for (guint i = 0; i < graph->files->len; i++)
    {
      McEntry *entry = &listing->entries[g_array_index (graph->files, guint, i)];

      if (entry->state != from)
        continue;
      entry->state = to;
      count++;
    }
  return count;
}

/* A listing made to have very many precisions and very many parts gets the parts once, for all. */
static void
share_other_parts (McListing *listing, GPtrArray *graphs, GArray *parts)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const Part *part = &g_array_index (parts, Part, i);

      for (guint j = part->first; j < part->end; j++)
        set_state (listing, graph_at (graphs, j), MC_ENTRY_OTHER, MC_ENTRY_SHARED);
    }
}

/* Of equals: what transformers.js would load, which looks in "onnx/" first. */
static guint
rank_graph (McListing *listing, const McOnnxGraph *graph)
{
  const McFolder *folder = mc_listing_get_folder (listing, listing->entries[graph->entry].folder);

  if (!graph->is_preferred)
    return 2;
  return strcmp (folder->name, "onnx") == 0 ? 0 : 1;
}

void
mc_onnx_add_variants (
    McListing *listing, GPtrArray *graphs, guint first, guint end, const McOnnxQualifier *qualifier)
{
  g_autoptr (GArray) parts = find_parts (graphs, first, end);
  const Part *lead;
  guint leading;
  guint64 cost = 0;
  gboolean too_many;

  for (guint i = first; i < end; i++)
    cost += set_state (listing, graph_at (graphs, i), MC_ENTRY_FREE, MC_ENTRY_OTHER);
  drop_unmerged (graphs, parts);
  leading = find_leading (graphs, parts);
  lead = &g_array_index (parts, Part, leading);
  cost *= parts->len > 1 ? lead->end - lead->first : 0;
  too_many = cost > listing->budget;
  if (!too_many)
    listing->budget -= cost;
  for (guint i = lead->first; i < lead->end; i++)
    {
      const McOnnxGraph *graph = graph_at (graphs, i);
      McDraft *draft = mc_listing_add_draft (
          listing, "onnx",
          mc_listing_join_label (listing, qualifier->name, graph->precision, NULL));

      if (qualifier->long_name != NULL)
        draft->long_label =
            mc_listing_join_label (listing, qualifier->long_name, graph->precision, NULL);
      draft->rank = rank_graph (listing, graph);
      add_graph (listing, draft, graph);
      if (!too_many)
        add_other_parts (listing, graphs, parts, leading, draft, graph->precision);
    }
  if (too_many)
    share_other_parts (listing, graphs, parts);
}
