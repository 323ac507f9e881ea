/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-listing-json.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* mcache variants: how files are grouped. For a repo the service tells; for a listing on standard
 * input it is computed here, without network or service. */

#define LISTING_MAX ((gsize) 256 * 1024 * 1024)

/* --- a listing --- */

static GString *
read_listing (GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char block[65536];
  gssize got;

  while ((got = read (STDIN_FILENO, block, sizeof block)) != 0)
    {
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          int number = errno;

          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
                       _ ("Reading standard input failed: %s"), g_strerror (number));
          return NULL;
        }
      if (text->len + (gsize) got > LISTING_MAX)
        {
          mc_cli_fail_usage (error, _ ("The listing is larger than 256 MiB"));
          return NULL;
        }
      g_string_append_len (text, block, got);
    }
  return g_steal_pointer (&text);
}

static gboolean
group_listing (McCli *cli, GError **error)
{
  g_autoptr (GString) listing = NULL;
  g_autofree char *grouping = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) node = NULL;

  listing = read_listing (error);
  if (listing == NULL)
    return FALSE;
  grouping = mc_listing_json_group (listing->str, (gssize) listing->len, &local);
  if (grouping == NULL)
    return mc_cli_fail_usage (error, "%s", local->message);
  node = json_from_string (grouping, error);
  if (node == NULL)
    return FALSE;
  mc_cli_print_json (node, FALSE);
  return TRUE;
}

/* --- a repo --- */

static void
add_paths_of_role (JsonBuilder *builder, GVariant *files, const char *role)
{
  json_builder_set_member_name (builder, role);
  json_builder_begin_array (builder);
  for (gsize i = 0; i < g_variant_n_children (files); i++)
    {
      g_autoptr (GVariant) file = g_variant_get_child_value (files, i);

      if (strcmp (mc_cli_dict_get_string (file, "role", ""), role) == 0)
        json_builder_add_string_value (builder, mc_cli_dict_get_string (file, "path", ""));
    }
  json_builder_end_array (builder);
}

static GHashTable *
collect_shared (GVariant *files)
{
  GHashTable *shared = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < g_variant_n_children (files); i++)
    {
      g_autoptr (GVariant) file = g_variant_get_child_value (files, i);

      if (strcmp (mc_cli_dict_get_string (file, "role", ""), "shared") == 0)
        g_hash_table_add (shared, g_strdup (mc_cli_dict_get_string (file, "path", "")));
    }
  return shared;
}

/* A manifest's variants hold the shared files too; a grouping lists them once. */
static void
add_variant (JsonBuilder *builder, GVariant *dict, GHashTable *shared)
{
  g_autofree const char **paths = NULL;

  json_builder_set_member_name (builder, mc_cli_dict_get_string (dict, "key", ""));
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "format");
  json_builder_add_string_value (builder, mc_cli_dict_get_string (dict, "format", ""));
  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  if (g_variant_lookup (dict, "files", "^a&s", &paths))
    for (guint i = 0; paths[i] != NULL; i++)
      if (!g_hash_table_contains (shared, paths[i]))
        json_builder_add_string_value (builder, paths[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static JsonNode *
write_grouping (GVariant *manifest)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GVariant) variants = mc_cli_dict_get_list (manifest, "variants");
  g_autoptr (GVariant) files = mc_cli_dict_get_list (manifest, "files");
  g_autoptr (GHashTable) shared = collect_shared (files);
  const char *chosen = mc_cli_dict_get_string (manifest, "default", NULL);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "variants");
  json_builder_begin_object (builder);
  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (variants, i);

      add_variant (builder, dict, shared);
    }
  json_builder_end_object (builder);
  add_paths_of_role (builder, files, "shared");
  add_paths_of_role (builder, files, "other");
  if (chosen != NULL)
    {
      json_builder_set_member_name (builder, "default");
      json_builder_add_string_value (builder, chosen);
    }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
print_variants (GVariant *manifest)
{
  g_autoptr (GVariant) variants = mc_cli_dict_get_list (manifest, "variants");

  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (variants, i);

      mc_cli_print ("%s\n", mc_cli_dict_get_string (dict, "key", ""));
    }
}

gboolean
mc_cli_variants (McCli *cli, GError **error)
{
  g_autoptr (GVariant) manifest = NULL;
  g_autoptr (JsonNode) grouping = NULL;

  if (!mc_cli_parse (cli, NULL, error))
    return FALSE;
  if (strcmp (cli->arguments[0], "-") == 0)
    return group_listing (cli, error);
  if (!mc_cli_connect (cli, error))
    return FALSE;
  manifest = mc_cli_get_manifest (cli, cli->arguments[0], error);
  if (manifest == NULL)
    return FALSE;
  if (!cli->json)
    {
      print_variants (manifest);
      return TRUE;
    }
  grouping = write_grouping (manifest);
  mc_cli_print_json (grouping, FALSE);
  return TRUE;
}
