/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-onnx.h"

#include "mc-path-words.h"

#include <string.h>

/* Which ONNX graphs are parts of one model. What makes up its variants is decided in
 * mc-onnx-variants.c, what a name says in mc-onnx-name.c. */

static const char *const towers[] = { "text_model", "vision_model", "audio_model", NULL };

static gboolean
is_part_only (const McOnnxGraph *graph)
{
  return graph->rest[0] == '\0' && graph->role[0] != '\0';
}

/* In a folder of parts (encoder, decoder) a graph of another name is a part too. */
static void
join_strangers (McListing *listing, GPtrArray *graphs)
{
  enum
  {
    HAS_PARTS = 1,
    HAS_MODEL = 2
  };
  g_autofree guint8 *flags = g_new0 (guint8, listing->folders->len);

  for (guint i = 0; i < graphs->len; i++)
    {
      const McOnnxGraph *graph = g_ptr_array_index (graphs, i);

      if (is_part_only (graph))
        flags[graph->home] |= strcmp (graph->part, "model") == 0 ? HAS_MODEL : HAS_PARTS;
    }
  for (guint i = 0; i < graphs->len; i++)
    {
      McOnnxGraph *graph = g_ptr_array_index (graphs, i);

      if (flags[graph->home] == HAS_PARTS && graph->role[0] == '\0')
        graph->rest = graph->rest_id = "";
    }
}

static int
compare_graphs (gconstpointer a, gconstpointer b)
{
  const McOnnxGraph *one = *(McOnnxGraph *const *) a;
  const McOnnxGraph *two = *(McOnnxGraph *const *) b;
  int order = (one->home > two->home) - (one->home < two->home);

  if (order == 0)
    order = strcmp (one->rest_id, two->rest_id);
  if (order == 0)
    order = strcmp (one->part, two->part);
  if (order == 0)
    order = strcmp (one->precision, two->precision);
  if (order == 0)
    order = two->is_preferred - one->is_preferred;
  return order != 0 ? order : (one->entry > two->entry) - (one->entry < two->entry);
}

static guint
find_group_end (GPtrArray *graphs, guint first)
{
  const McOnnxGraph *graph = g_ptr_array_index (graphs, first);
  guint end = first + 1;

  while (end < graphs->len)
    {
      const McOnnxGraph *next = g_ptr_array_index (graphs, end);

      if (next->home != graph->home || strcmp (next->rest_id, graph->rest_id) != 0)
        break;
      end++;
    }
  return end;
}

/* Beside a whole model its towers can be used alone (CLIP, SigLIP, CLAP). */
static gboolean
split_towers (GPtrArray *graphs)
{
  gboolean split = FALSE;

  for (guint first = 0, end; first < graphs->len; first = end)
    {
      gboolean has_model = FALSE;

      end = find_group_end (graphs, first);
      for (guint i = first; i < end && !has_model; i++)
        has_model = strcmp (((McOnnxGraph *) g_ptr_array_index (graphs, i))->part, "model") == 0;
      for (guint i = first; i < end && has_model; i++)
        {
          McOnnxGraph *graph = g_ptr_array_index (graphs, i);

          if (!mc_text_in (graph->part, strlen (graph->part), towers))
            continue;
          graph->rest = graph->rest_id = graph->part;
          split = TRUE;
        }
    }
  return split;
}

static gboolean
is_onnx_folder (const McFolder *folder, gpointer unused)
{
  return strcmp (folder->name, "onnx") == 0;
}

static McOnnxQualifier
qualify (McListing *listing, GPtrArray *graphs, guint first, const guint *models_in)
{
  const McOnnxGraph *graph = g_ptr_array_index (graphs, first);
  const char *path =
      mc_listing_folder_path_without (listing, graph->home, mc_onnx_folder_is_plain, NULL);
  const char *whole = mc_listing_folder_path_without (listing, graph->home, is_onnx_folder, NULL);
  const char *rest = models_in[graph->home] > 1 ? graph->rest : "";
  McOnnxQualifier qualifier = {
    mc_listing_join_label (listing, path, rest, NULL),
    mc_listing_join_label (listing, whole, rest, NULL),
  };

  return qualifier;
}

static void
graph_free (McOnnxGraph *graph)
{
  g_array_unref (graph->files);
  g_free (graph);
}

void
mc_detect_onnx (McListing *listing)
{
  g_autoptr (GPtrArray) graphs = mc_onnx_collect (listing);
  g_autofree guint *models_in = g_new0 (guint, listing->folders->len);
  guint n_models = 0;

  g_ptr_array_set_free_func (graphs, (GDestroyNotify) graph_free);
  join_strangers (listing, graphs);
  g_ptr_array_sort (graphs, compare_graphs);
  if (split_towers (graphs))
    g_ptr_array_sort (graphs, compare_graphs);
  for (guint first = 0; first < graphs->len; first = find_group_end (graphs, first))
    {
      models_in[((McOnnxGraph *) g_ptr_array_index (graphs, first))->home]++;
      n_models++;
    }
  for (guint first = 0, end; first < graphs->len; first = end)
    {
      McOnnxQualifier qualifier = { "", NULL };

      if (n_models > 1)
        qualifier = qualify (listing, graphs, first, models_in);

      end = find_group_end (graphs, first);
      mc_onnx_add_variants (listing, graphs, first, end, &qualifier);
    }
}
