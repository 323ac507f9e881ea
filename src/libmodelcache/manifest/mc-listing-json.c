/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-listing-json.h"

#include "mc-error.h"
#include "mc-json.h"
#include "mc-manifest-build.h"
#include "mc-repo-ref.h"
#include "mc-variant-detect.h"

#include <string.h>

/* A listing from a stranger to a grouping anyone can read. */

/* --- reading --- */

void
mc_sized_listing_free (McSizedListing *self)
{
  mc_manifest_unref (self->manifest);
  g_hash_table_unref (self->unsized);
  g_free (self);
}

static gboolean
check_path (const char *path, guint number, GError **error)
{
  g_autofree char *shown = NULL;

  if (path == NULL)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                   "Entry %u of “files” has no “path”: each must be an object like "
                   "{\"path\": \"model.gguf\", \"size\": 123}",
                   number);
      return FALSE;
    }
  if (mc_repo_path_is_valid (path))
    return TRUE;
  shown = g_strescape (path, NULL);
  g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
               "Entry %u of “files” has a path that no repo can have: \"%.200s\"", number, shown);
  return FALSE;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  JsonObject *const *one = a;
  JsonObject *const *two = b;

  return strcmp (mc_json_get_string (*one, "path"), mc_json_get_string (*two, "path"));
}

/* Sorted by path, the first of each. Borrowed JsonObject. */
static GPtrArray *
collect_entries (JsonArray *files, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < json_array_get_length (files); i++)
    {
      JsonObject *file = mc_json_node_get_object (json_array_get_element (files, i));
      const char *path = mc_json_get_string (file, "path");

      if (!check_path (path, i + 1, error))
        return NULL;
      if (g_hash_table_add (seen, (gpointer) path))
        g_ptr_array_add (entries, file);
    }
  g_ptr_array_sort (entries, compare_entries);
  return g_steal_pointer (&entries);
}

static McDigest
read_digest (JsonObject *entry)
{
  McDigest digest = { MC_DIGEST_NONE };

  for (McDigestKind kind = MC_DIGEST_SHA256; kind <= MC_DIGEST_GIT_SHA1; kind++)
    {
      const char *hex = mc_json_get_string (entry, mc_digest_kind_get_name (kind));

      if (hex != NULL && mc_digest_parse_hex (&digest, kind, hex))
        return digest;
    }
  return (McDigest){ MC_DIGEST_NONE };
}

static void
add_files (McSizedListing *self, GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (entries, i);
      guint64 size;
      gboolean has_size = mc_json_get_size (entry, "size", &size);
      McFile *file = mc_manifest_add_file (self->manifest, mc_json_get_string (entry, "path"), size,
                                           read_digest (entry));

      if (!has_size)
        g_hash_table_add (self->unsized, file);
    }
}

static void
group (McManifest *manifest)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_sized_new (manifest->files->len);
  g_autoptr (McGrouping) grouping = NULL;

  for (guint i = 0; i < manifest->files->len; i++)
    g_ptr_array_add (paths, ((McFile *) g_ptr_array_index (manifest->files, i))->path);
  grouping = mc_grouping_detect ((const char *const *) paths->pdata, paths->len);
  mc_manifest_apply_grouping (manifest, grouping);
}

static char *
dup_text (JsonObject *root, const char *name, const char *fallback)
{
  const char *text = mc_json_get_string (root, name);

  return g_strdup (text != NULL ? text : fallback);
}

static McSizedListing *
make_listing (JsonObject *root, GPtrArray *entries)
{
  McSizedListing *self = g_new0 (McSizedListing, 1);
  McManifest *manifest = mc_manifest_new ();

  self->manifest = manifest;
  self->unsized = g_hash_table_new (NULL, NULL);
  manifest->repo = dup_text (root, "repo", "");
  manifest->revision = dup_text (root, "revision", "main");
  manifest->task = dup_text (root, "task", NULL);
  manifest->library = dup_text (root, "library", NULL);
  mc_json_get_size (root, "parameters", &manifest->parameters);
  mc_json_get_size (root, "context_length", &manifest->context_length);
  add_files (self, entries);
  group (manifest);
  return self;
}

McSizedListing *
mc_listing_json_read (const char *json, gssize length, GError **error)
{
  g_autoptr (JsonNode) root = mc_json_parse (json, length, error);
  g_autoptr (GPtrArray) entries = NULL;
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
  entries = collect_entries (files, error);
  if (entries == NULL)
    return NULL;
  return make_listing (mc_json_node_get_object (root), entries);
}

/* --- writing --- */

static GVariant *
lookup_list (GVariant *dict, const char *key)
{
  GVariant *list = g_variant_lookup_value (dict, key, G_VARIANT_TYPE ("aa{sv}"));

  if (list == NULL)
    list = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARDICT, NULL, 0));
  return list;
}

/* The paths of files that are in no variant's own list, borrowed from the manifest. */
typedef struct
{
  GHashTable *shared;  /* of char *, as a set */
  GPtrArray *in_order; /* char *: the shared ones */
  GPtrArray *others;   /* char * */
} Elsewhere;

static void
elsewhere_clear (Elsewhere *self)
{
  g_hash_table_unref (self->shared);
  g_ptr_array_unref (self->in_order);
  g_ptr_array_unref (self->others);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Elsewhere, elsewhere_clear)

static Elsewhere
find_elsewhere (GVariant *files)
{
  Elsewhere self = { g_hash_table_new (g_str_hash, g_str_equal), g_ptr_array_new (),
                     g_ptr_array_new () };

  for (gsize i = 0; i < g_variant_n_children (files); i++)
    {
      g_autoptr (GVariant) file = g_variant_get_child_value (files, i);
      const char *path;
      const char *role;

      if (!g_variant_lookup (file, "role", "&s", &role) || strcmp (role, "variant") == 0
          || !g_variant_lookup (file, "path", "&s", &path))
        continue;
      if (strcmp (role, "shared") == 0 && g_hash_table_add (self.shared, (gpointer) path))
        g_ptr_array_add (self.in_order, (gpointer) path);
      else if (strcmp (role, "other") == 0)
        g_ptr_array_add (self.others, (gpointer) path);
    }
  return self;
}

static void
write_paths (JsonBuilder *builder, const char *name, GPtrArray *paths)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < paths->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (paths, i));
  json_builder_end_array (builder);
}

static void
write_own_files (JsonBuilder *builder, GVariant *dict, GHashTable *shared)
{
  g_autofree const char **paths = NULL;

  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  if (g_variant_lookup (dict, "files", "^a&s", &paths))
    for (guint i = 0; paths[i] != NULL; i++)
      if (!g_hash_table_contains (shared, paths[i]))
        json_builder_add_string_value (builder, paths[i]);
  json_builder_end_array (builder);
}

/* A manifest's variants hold the shared files too; a grouping lists them once. */
static void
write_variant (JsonBuilder *builder, GVariant *dict, GHashTable *shared)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  json_builder_begin_object (builder);
  g_variant_iter_init (&iter, dict);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    if (strcmp (name, "files") == 0)
      write_own_files (builder, dict, shared);
    else if (strcmp (name, "key") != 0)
      {
        json_builder_set_member_name (builder, name);
        json_builder_add_value (builder, json_gvariant_serialize (value));
      }
  json_builder_end_object (builder);
}

JsonNode *
mc_listing_json_write (GVariant *manifest)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GVariant) variants = lookup_list (manifest, "variants");
  g_autoptr (GVariant) files = lookup_list (manifest, "files");
  g_auto (Elsewhere) elsewhere = find_elsewhere (files);
  const char *chosen;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "variants");
  json_builder_begin_object (builder);
  for (gsize i = 0; i < g_variant_n_children (variants); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (variants, i);
      const char *key;

      if (!g_variant_lookup (dict, "key", "&s", &key))
        continue;
      json_builder_set_member_name (builder, key);
      write_variant (builder, dict, elsewhere.shared);
    }
  json_builder_end_object (builder);
  write_paths (builder, "shared", elsewhere.in_order);
  write_paths (builder, "other", elsewhere.others);
  if (g_variant_lookup (manifest, "default", "&s", &chosen))
    {
      json_builder_set_member_name (builder, "default");
      json_builder_add_string_value (builder, chosen);
    }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

char *
mc_listing_json_group (const char *json, gssize length, GError **error)
{
  static const McMachine unknown = { 0 };
  g_autoptr (McSizedListing) listing = mc_listing_json_read (json, length, error);
  g_autoptr (GVariant) manifest = NULL;
  g_autoptr (JsonNode) answer = NULL;

  if (listing == NULL)
    return NULL;
  manifest = g_variant_ref_sink (mc_sized_listing_describe (listing, &unknown, 0));
  answer = mc_listing_json_write (manifest);
  return json_to_string (answer, TRUE);
}
