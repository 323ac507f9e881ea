/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-endpoint-json.h"

#include "mc-error.h"
#include "mc-hasher.h"
#include "mc-json.h"

#include <string.h>

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  if (text == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
add_number (JsonBuilder *builder, const char *name, guint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) number);
}

static void
add_flag (JsonBuilder *builder, const char *name, gboolean flag)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, flag);
}

/* An array of texts; NULL ends it. */
static void
add_texts (JsonBuilder *builder, const char *name, const char *const *texts)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    json_builder_add_string_value (builder, texts[i]);
  json_builder_end_array (builder);
}

/* --- names of files in git --- */

char *
mc_endpoint_make_pointer (const McFile *file)
{
  g_autofree char *hex = NULL;

  if (file->digest.kind != MC_DIGEST_SHA256)
    return NULL;
  hex = mc_digest_to_hex (&file->digest);
  return g_strdup_printf ("version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize "
                          "%" G_GUINT64_FORMAT "\n",
                          hex, file->size);
}

char *
mc_endpoint_name_text (const char *text)
{
  gsize length = strlen (text);
  g_autoptr (McHasher) hasher = mc_hasher_new (MC_DIGEST_GIT_SHA1, length);
  McDigest digest;

  mc_hasher_update (hasher, text, length);
  digest = mc_hasher_finish (hasher);
  return mc_digest_to_hex (&digest);
}

/* git's name of what it has: of a large file that is the pointer. Where the Hub masks a file it is
 * one of the path's, so that it stays the same. */
static char *
name_file (const McFile *file)
{
  g_autofree char *pointer = mc_endpoint_make_pointer (file);

  if (pointer != NULL)
    return mc_endpoint_name_text (pointer);
  return file->digest.kind == MC_DIGEST_NONE ? mc_endpoint_name_text (file->path)
                                             : mc_digest_to_hex (&file->digest);
}

/* hash: what the Hub calls the SHA-256 in this answer. */
static void
add_lfs (JsonBuilder *builder, const McFile *file, const char *hash)
{
  g_autofree char *pointer = mc_endpoint_make_pointer (file);
  g_autofree char *hex = NULL;

  if (pointer == NULL)
    return;
  hex = mc_digest_to_hex (&file->digest);
  json_builder_set_member_name (builder, "lfs");
  json_builder_begin_object (builder);
  add_text (builder, hash, hex);
  add_number (builder, "size", file->size);
  add_number (builder, "pointerSize", strlen (pointer));
  json_builder_end_object (builder);
}

/* --- the tree --- */

/* An answer with few fields or many: clients that did not ask for these do not mind them. */
static void
add_commit (JsonBuilder *builder, const McManifest *manifest)
{
  json_builder_set_member_name (builder, "lastCommit");
  json_builder_begin_object (builder);
  add_text (builder, "id", manifest->commit);
  add_text (builder, "title", "");
  add_text (builder, "date", manifest->last_modified);
  json_builder_end_object (builder);
}

static void
add_entry (JsonBuilder *builder, const McManifest *manifest, const McFile *file)
{
  g_autofree char *oid = name_file (file);

  json_builder_begin_object (builder);
  add_text (builder, "type", "file");
  add_text (builder, "oid", oid);
  add_number (builder, "size", file->size);
  add_lfs (builder, file, "oid");
  add_text (builder, "path", file->path);
  add_commit (builder, manifest);
  json_builder_end_object (builder);
}

static void
add_folder (JsonBuilder *builder, const McManifest *manifest, const char *path)
{
  g_autofree char *oid = mc_endpoint_name_text (path);

  json_builder_begin_object (builder);
  add_text (builder, "type", "directory");
  add_text (builder, "oid", oid);
  add_number (builder, "size", 0);
  add_text (builder, "path", path);
  add_commit (builder, manifest);
  json_builder_end_object (builder);
}

/* What of a path is below the folder; NULL: it is not. */
static const char *
get_below (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  if (length == 0)
    return path;
  return strncmp (path, folder, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

/* The folders between @folder and the file, each once: the files of one follow each other. */
static void
add_folders (JsonBuilder *builder,
             const McManifest *manifest,
             const char *path,
             const char *below,
             gboolean recursive,
             GHashTable *seen)
{
  const char *slash = strchr (below, '/');

  for (; slash != NULL; slash = recursive ? strchr (slash + 1, '/') : NULL)
    {
      char *name = g_strndup (path, (gsize) (slash - path));

      if (g_hash_table_contains (seen, name))
        g_free (name);
      else
        {
          add_folder (builder, manifest, name);
          g_hash_table_add (seen, name);
        }
    }
}

JsonNode *
mc_endpoint_json_tree (McManifest *manifest, const char *folder, gboolean recursive)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean any = folder[0] == '\0';

  json_builder_begin_array (builder);
  for (guint i = 0; i < manifest->files->len; i++)
    {
      McFile *file = g_ptr_array_index (manifest->files, i);
      const char *below = get_below (file->path, folder);

      if (below != NULL)
        add_folders (builder, manifest, file->path, below, recursive, seen);
    }
  for (guint i = 0; i < manifest->files->len; i++)
    {
      McFile *file = g_ptr_array_index (manifest->files, i);
      const char *below = get_below (file->path, folder);

      any = any || below != NULL;
      if (below != NULL && (recursive || strchr (below, '/') == NULL))
        add_entry (builder, manifest, file);
    }
  json_builder_end_array (builder);
  return any ? json_builder_get_root (builder) : NULL;
}

static gboolean
is_folder (McManifest *manifest, const char *path)
{
  for (guint i = 0; path[0] != '\0' && i < manifest->files->len; i++)
    if (get_below (((McFile *) g_ptr_array_index (manifest->files, i))->path, path) != NULL)
      return TRUE;
  return FALSE;
}

GStrv
mc_endpoint_read_paths (const char *type, const char *text, gsize length)
{
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  g_autofree char *form = NULL;
  GUriParamsIter iter;
  char *name;
  char *value;

  if (g_strcmp0 (type, "application/json") == 0)
    {
      g_autoptr (JsonNode) node = mc_json_parse (text, (gssize) length, NULL);
      JsonObject *object = node == NULL ? NULL : mc_json_node_get_object (node);

      return object == NULL ? NULL : mc_json_get_strings (object, "paths");
    }
  form = g_strndup (text, length);
  g_uri_params_iter_init (&iter, form, -1, "&", G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &name, &value, NULL))
    {
      if (strcmp (name, "paths") == 0)
        g_strv_builder_add (paths, value);
      g_free (name);
      g_free (value);
    }
  return g_strv_builder_end (paths);
}

JsonNode *
mc_endpoint_json_paths (McManifest *manifest, const char *const *paths)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  json_builder_begin_array (builder);
  for (guint i = 0; paths[i] != NULL; i++)
    {
      McFile *file = mc_manifest_find_file (manifest, paths[i]);

      if (!g_hash_table_add (seen, (char *) paths[i]))
        continue;
      if (file != NULL)
        add_entry (builder, manifest, file);
      else if (is_folder (manifest, paths[i]))
        add_folder (builder, manifest, paths[i]);
    }
  json_builder_end_array (builder);
  return json_builder_get_root (builder);
}

/* --- the repo --- */

static void
add_sibling (JsonBuilder *builder, const McFile *file, gboolean sizes)
{
  g_autofree char *oid = sizes ? name_file (file) : NULL;

  json_builder_begin_object (builder);
  add_text (builder, "rfilename", file->path);
  if (sizes)
    {
      add_text (builder, "blobId", oid);
      add_number (builder, "size", file->size);
      add_lfs (builder, file, "sha256");
    }
  json_builder_end_object (builder);
}

static void
add_siblings (JsonBuilder *builder, McManifest *manifest, gboolean sizes)
{
  json_builder_set_member_name (builder, "siblings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < manifest->files->len; i++)
    add_sibling (builder, g_ptr_array_index (manifest->files, i), sizes);
  json_builder_end_array (builder);
}

/* false, "auto" or "manual". */
static void
add_gated (JsonBuilder *builder, McGated gated)
{
  if (gated == MC_GATED_NO)
    add_flag (builder, "gated", FALSE);
  else
    add_text (builder, "gated", mc_gated_to_string (gated));
}

static void
add_tags (JsonBuilder *builder, const McManifest *manifest)
{
  g_autofree char *license =
      manifest->license == NULL ? NULL : g_strconcat ("license:", manifest->license, NULL);
  const char *tags[4] = { NULL };
  guint n = 0;

  if (manifest->library != NULL)
    tags[n++] = manifest->library;
  if (manifest->task != NULL)
    tags[n++] = manifest->task;
  tags[n] = license;
  add_texts (builder, "tags", tags);
}

JsonNode *
mc_endpoint_json_info (McManifest *manifest, gboolean sizes)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const char *slash = strchr (manifest->repo, '/');
  g_autofree char *author =
      slash == NULL ? NULL : g_strndup (manifest->repo, (gsize) (slash - manifest->repo));

  json_builder_begin_object (builder);
  add_text (builder, "_id", manifest->hub_id);
  add_text (builder, "id", manifest->repo);
  add_text (builder, "modelId", manifest->repo);
  add_text (builder, "author", author);
  add_text (builder, "sha", manifest->commit);
  add_text (builder, "lastModified", manifest->last_modified);
  add_flag (builder, "private", manifest->is_private);
  add_gated (builder, manifest->gated);
  add_flag (builder, "disabled", FALSE);
  add_number (builder, "downloads", manifest->downloads);
  add_number (builder, "likes", manifest->likes);
  add_text (builder, "pipeline_tag", manifest->task);
  add_text (builder, "library_name", manifest->library);
  add_tags (builder, manifest);
  add_siblings (builder, manifest, sizes);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* A commit that was asked for by its name is no branch. */
static void
add_branch (JsonBuilder *builder, const McManifest *manifest)
{
  g_autofree char *ref = g_strconcat ("refs/heads/", manifest->revision, NULL);

  if (strcmp (manifest->revision, manifest->commit) == 0
      || g_str_has_prefix (manifest->revision, "refs/"))
    return;
  json_builder_begin_object (builder);
  add_text (builder, "name", manifest->revision);
  add_text (builder, "ref", ref);
  add_text (builder, "targetCommit", manifest->commit);
  json_builder_end_object (builder);
}

JsonNode *
mc_endpoint_json_refs (GPtrArray *manifests)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "branches");
  json_builder_begin_array (builder);
  for (guint i = 0; i < manifests->len; i++)
    add_branch (builder, g_ptr_array_index (manifests, i));
  json_builder_end_array (builder);
  add_texts (builder, "tags", NULL);
  add_texts (builder, "converts", NULL);
  add_texts (builder, "pullRequests", NULL);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* --- which file a tag means --- */

static void
add_named_file (JsonBuilder *builder, const char *name, const McFile *file)
{
  json_builder_set_member_name (builder, name);
  add_sibling (builder, file, TRUE);
}

static gboolean
is_gguf (const McFile *file)
{
  g_autofree char *lower = g_ascii_strdown (file->path, -1);

  return g_str_has_suffix (lower, ".gguf");
}

/* The first shard, where there are several: the others are found by its name. A file of the variant
 * that others have too is what goes with a model, and none itself. */
JsonNode *
mc_endpoint_json_manifest (McManifest *manifest, const char *tag, GError **error)
{
  McVariant *variant = mc_manifest_find_variant (manifest, tag, error);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  for (guint i = 0; variant != NULL && i < variant->files->len; i++)
    {
      guint place = g_array_index (variant->files, guint, i);
      McFile *file = g_ptr_array_index (manifest->files, place);

      if (!is_gguf (file) || strstr (file->path, "mmproj") != NULL)
        continue;
      json_builder_begin_object (builder);
      add_number (builder, "schemaVersion", 2);
      add_text (builder, "mediaType", "application/vnd.docker.distribution.manifest.v2+json");
      add_named_file (builder, "ggufFile", file);
      json_builder_end_object (builder);
      return json_builder_get_root (builder);
    }
  if (variant != NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_UNKNOWN_VARIANT, "%s has no GGUF file “%s”",
                 manifest->repo, tag);
  return NULL;
}
