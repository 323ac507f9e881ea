/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-listing-json.h"

#include "mc-error.h"
#include "mc-json.h"
#include "mc-repo-ref.h"
#include "mc-variant-detect.h"

/* A listing from a stranger to a grouping anyone can read. */

static GPtrArray *
read_paths (JsonArray *files, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < json_array_get_length (files); i++)
    {
      JsonObject *file = mc_json_node_get_object (json_array_get_element (files, i));
      const char *path = mc_json_get_string (file, "path");

      if (path == NULL)
        {
          g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                       "Entry %u of “files” has no “path”: each must be an object like "
                       "{\"path\": \"model.gguf\", \"size\": 123}",
                       i + 1);
          return NULL;
        }
      if (!mc_repo_path_is_valid (path))
        {
          g_autofree char *shown = g_strescape (path, NULL);

          g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                       "Entry %u of “files” has a path that no repo can have: \"%.200s\"", i + 1,
                       shown);
          return NULL;
        }
      if (g_hash_table_add (seen, (gpointer) path))
        g_ptr_array_add (paths, (gpointer) path);
    }
  return g_steal_pointer (&paths);
}

static void
write_paths (JsonBuilder *builder, const char *name, GPtrArray *paths, GArray *places)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < places->len; i++)
    json_builder_add_string_value (builder,
                                   g_ptr_array_index (paths, g_array_index (places, guint, i)));
  json_builder_end_array (builder);
}

static JsonNode *
write_grouping (const McGrouping *grouping, GPtrArray *paths)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "variants");
  json_builder_begin_object (builder);
  for (guint i = 0; i < grouping->variants->len; i++)
    {
      const McVariantGroup *group = g_ptr_array_index (grouping->variants, i);

      json_builder_set_member_name (builder, group->key);
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "format");
      json_builder_add_string_value (builder, group->format);
      write_paths (builder, "files", paths, group->files);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  write_paths (builder, "shared", paths, grouping->shared);
  write_paths (builder, "other", paths, grouping->other);
  if (grouping->default_key != NULL)
    {
      json_builder_set_member_name (builder, "default");
      json_builder_add_string_value (builder, grouping->default_key);
    }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

char *
mc_listing_json_group (const char *json, gssize length, GError **error)
{
  g_autoptr (JsonNode) root = mc_json_parse (json, length, error);
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (McGrouping) grouping = NULL;
  g_autoptr (JsonNode) answer = NULL;
  JsonArray *files;

  if (root == NULL)
    {
      g_prefix_error (error, "Reading the listing: ");
      return NULL;
    }
  files = mc_json_get_array (mc_json_node_get_object (root), "files");
  if (files == NULL)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                           "The listing has no “files”: it must be an object like "
                           "{\"files\": [{\"path\": \"model.gguf\", \"size\": 123}]}");
      return NULL;
    }
  paths = read_paths (files, error);
  if (paths == NULL)
    return NULL;
  grouping = mc_grouping_detect ((const char *const *) paths->pdata, paths->len);
  answer = write_grouping (grouping, paths);
  return json_to_string (answer, TRUE);
}
