/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

#include <string.h>

/* The JSON of the test Hub's answers, from values. Nothing here takes the mutex or touches a
 * message. What no test sets (downloads, likes, dates) follows from the repo's name, so that lists
 * have some variety and every run is the same. */

#define MASK "****************************************************************"
#define DAY 86400
#define LATEST G_GINT64_CONSTANT (1790000000) /* September 2026 */

char **
mc_test_query_dup_all (const char *raw_query, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *listed = g_strconcat (name, "[]", NULL);
  GUriParamsIter iter;
  char *key, *value;

  g_uri_params_iter_init (&iter, raw_query != NULL ? raw_query : "", -1, "&",
                          G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &key, &value, NULL))
    {
      if (g_str_equal (key, name) || g_str_equal (key, listed))
        g_strv_builder_add (builder, value);
      g_free (key);
      g_free (value);
    }
  return g_strv_builder_end (builder);
}

char *
mc_test_query_dup (const char *raw_query, const char *name)
{
  g_auto (GStrv) values = mc_test_query_dup_all (raw_query, name);
  guint n = g_strv_length (values);

  return n == 0 ? NULL : g_strdup (values[n - 1]);
}

static void
set_string (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static char *
dup_date (const char *name, guint salt)
{
  g_autoptr (GDateTime) date =
      g_date_time_new_from_unix_utc (LATEST - (g_str_hash (name) + salt) % 400 * DAY);

  return g_date_time_format (date, "%Y-%m-%dT%H:%M:%S.000Z");
}

static gboolean
has_suffix (McTestCommit *commit, const char *suffix)
{
  GHashTableIter iter;
  gpointer path;

  g_hash_table_iter_init (&iter, commit->files);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    if (g_str_has_suffix (path, suffix))
      return TRUE;
  return FALSE;
}

static JsonArray *
build_tags (McTestRepo *repo, McTestCommit *commit)
{
  JsonArray *tags = json_array_new ();
  const McTestRepoFacts *facts = &repo->facts;

  if (facts->library != NULL && !g_str_equal (facts->library, "gguf"))
    json_array_add_string_element (tags, facts->library);
  if (has_suffix (commit, ".onnx"))
    json_array_add_string_element (tags, "onnx");
  if (has_suffix (commit, ".gguf"))
    json_array_add_string_element (tags, "gguf");
  if (has_suffix (commit, ".safetensors"))
    json_array_add_string_element (tags, "safetensors");
  if (facts->task != NULL)
    json_array_add_string_element (tags, facts->task);
  if (facts->license != NULL)
    {
      g_autofree char *tag = g_strconcat ("license:", facts->license, NULL);

      json_array_add_string_element (tags, tag);
    }
  json_array_add_string_element (tags, "region:us");
  return tags;
}

static JsonArray *
build_siblings (McTestCommit *commit, gboolean blobs)
{
  JsonArray *siblings = json_array_new ();
  g_autoptr (GPtrArray) paths = mc_test_commit_list (commit);

  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      McTestContent *content = g_hash_table_lookup (commit->files, path);
      JsonObject *sibling = json_object_new ();

      json_object_set_string_member (sibling, "rfilename", path);
      if (blobs)
        {
          g_autofree char *oid = mc_test_content_dup_oid (content);

          json_object_set_string_member (sibling, "blobId", oid);
          json_object_set_int_member (sibling, "size", content->size);
        }
      if (blobs && content->lfs)
        {
          g_autofree char *hash = mc_test_content_dup_hash (content);
          JsonObject *lfs = json_object_new ();

          json_object_set_string_member (lfs, "sha256", hash);
          json_object_set_int_member (lfs, "size", content->size);
          json_object_set_int_member (lfs, "pointerSize",
                                      mc_test_content_get_pointer_size (content));
          json_object_set_object_member (sibling, "lfs", lfs);
        }
      json_array_add_object_element (siblings, sibling);
    }
  return siblings;
}

/* Parameters stand in the block of the format; a repo with neither format but with such facts gets
 * the block that can carry them. */
static void
add_model_facts (JsonObject *info, McTestRepo *repo, McTestCommit *commit)
{
  const McTestRepoFacts *facts = &repo->facts;
  gboolean gguf = has_suffix (commit, ".gguf") || facts->context_length > 0;
  JsonObject *block = json_object_new ();

  if (gguf)
    {
      if (facts->parameters > 0)
        json_object_set_int_member (block, "total", facts->parameters);
      set_string (block, "architecture", facts->architecture);
      if (facts->context_length > 0)
        json_object_set_int_member (block, "context_length", facts->context_length);
      json_object_set_object_member (info, "gguf", block);
    }
  else if (facts->parameters > 0)
    {
      JsonObject *counts = json_object_new ();

      json_object_set_int_member (counts, "BF16", facts->parameters);
      json_object_set_object_member (block, "parameters", counts);
      json_object_set_int_member (block, "total", facts->parameters);
      json_object_set_object_member (info, "safetensors", block);
    }
  else
    json_object_unref (block);
}

static void
set_identity (JsonObject *info, McTestRepo *repo, McTestCommit *commit)
{
  const char *slash = strchr (repo->name, '/');
  g_autofree char *author =
      slash != NULL ? g_strndup (repo->name, slash - repo->name) : g_strdup ("");
  const char *first = repo->first_name != NULL ? repo->first_name : repo->name;
  g_autofree char *id = g_strdup_printf ("621ffdc0%016x", g_str_hash (first));
  g_autofree char *modified = dup_date (repo->name, 0);

  json_object_set_string_member (info, "_id", id);
  json_object_set_string_member (info, "id", repo->name);
  json_object_set_string_member (info, "modelId", repo->name);
  json_object_set_string_member (info, "author", author);
  json_object_set_string_member (info, "sha", commit->id);
  json_object_set_string_member (info, "lastModified", modified);
  json_object_set_string_member (info, "createdAt", "2022-03-02T23:29:04.000Z");
  json_object_set_boolean_member (info, "private", FALSE);
  json_object_set_boolean_member (info, "disabled", FALSE);
  if (repo->facts.gated != NULL)
    json_object_set_string_member (info, "gated", repo->facts.gated);
  else
    json_object_set_boolean_member (info, "gated", FALSE);
}

static JsonObject *
build_info (McTestRepo *repo, McTestCommit *commit, gboolean blobs)
{
  JsonObject *info = json_object_new ();
  JsonObject *card = json_object_new ();
  JsonObject *config = json_object_new ();
  guint hash = g_str_hash (repo->name);

  set_identity (info, repo, commit);
  json_object_set_int_member (info, "downloads", hash % 500009);
  json_object_set_int_member (info, "likes", hash % 1511);
  set_string (info, "pipeline_tag", repo->facts.task);
  set_string (info, "library_name", repo->facts.library);
  json_object_set_array_member (info, "tags", build_tags (repo, commit));
  json_object_set_null_member (info, "model-index");
  set_string (card, "license", repo->facts.license);
  json_object_set_object_member (info, "cardData", card);
  set_string (config, "model_type", repo->facts.architecture);
  json_object_set_object_member (info, "config", config);
  add_model_facts (info, repo, commit);
  json_object_set_array_member (info, "spaces", json_array_new ());
  json_object_set_array_member (info, "siblings", build_siblings (commit, blobs));
  return info;
}

/* The same object with only the named members, and those that are always there. */
JsonObject *
mc_test_json_pick (JsonObject *info, const char *const *names, gsize n)
{
  JsonObject *picked = json_object_new ();
  static const char *const always[] = { "_id", "id" };

  for (gsize i = 0; i < G_N_ELEMENTS (always); i++)
    if (json_object_has_member (info, always[i]))
      json_object_set_member (picked, always[i], json_object_dup_member (info, always[i]));
  for (gsize i = 0; i < n; i++)
    if (json_object_has_member (info, names[i]) && !json_object_has_member (picked, names[i]))
      json_object_set_member (picked, names[i], json_object_dup_member (info, names[i]));
  return picked;
}

JsonObject *
mc_test_json_dup_info (McTestRepo *repo, McTestCommit *commit, const char *raw_query)
{
  g_auto (GStrv) expand = mc_test_query_dup_all (raw_query, "expand");
  g_autofree char *blobs = mc_test_query_dup (raw_query, "blobs");
  g_autoptr (JsonObject) info = repo->info != NULL
                                    ? json_object_ref (repo->info)
                                    : build_info (repo, commit, g_strcmp0 (blobs, "true") == 0);

  if (*expand == NULL)
    return g_steal_pointer (&info);
  return mc_test_json_pick (info, (const char *const *) expand, g_strv_length (expand));
}

JsonNode *
mc_test_json_info (McTestRepo *repo, McTestCommit *commit, const char *raw_query)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, mc_test_json_dup_info (repo, commit, raw_query));
  return node;
}

/* --- the tree --- */

static void
add_directory (JsonArray *tree, const char *path)
{
  JsonObject *entry = json_object_new ();
  g_autofree char *oid = g_compute_checksum_for_string (G_CHECKSUM_SHA1, path, -1);

  json_object_set_string_member (entry, "type", "directory");
  json_object_set_string_member (entry, "oid", oid);
  json_object_set_int_member (entry, "size", 0);
  json_object_set_string_member (entry, "path", path);
  json_array_add_object_element (tree, entry);
}

static void
add_expanded (JsonObject *entry, McTestCommit *commit)
{
  JsonObject *last = json_object_new ();
  JsonObject *security = json_object_new ();

  json_object_set_string_member (last, "id", commit->id);
  json_object_set_string_member (last, "title", "Upload files");
  json_object_set_string_member (last, "date", "2026-09-01T10:00:00.000Z");
  json_object_set_object_member (entry, "lastCommit", last);
  json_object_set_string_member (security, "status", "safe");
  json_object_set_null_member (security, "pickleImportScan");
  json_object_set_object_member (entry, "securityFileStatus", security);
}

static JsonObject *
build_entry (const char *path, McTestContent *content, gboolean masked)
{
  JsonObject *entry = json_object_new ();
  g_autofree char *oid = mc_test_content_dup_oid (content);

  json_object_set_string_member (entry, "type", "file");
  json_object_set_string_member (entry, "oid", oid);
  json_object_set_int_member (entry, "size", content->size);
  if (content->lfs)
    {
      JsonObject *lfs = json_object_new ();
      g_autofree char *hash = mc_test_content_dup_hash (content);
      g_autofree char *xet = mc_test_content_dup_xet_hash (content);

      json_object_set_string_member (lfs, "oid", masked ? MASK : hash);
      json_object_set_int_member (lfs, "size", content->size);
      json_object_set_int_member (lfs, "pointerSize", mc_test_content_get_pointer_size (content));
      json_object_set_object_member (entry, "lfs", lfs);
      json_object_set_string_member (entry, "xetHash", masked ? MASK : xet);
    }
  json_object_set_string_member (entry, "path", path);
  return entry;
}

/* Folders come first, also in a recursive list. */
static guint
add_directories (JsonArray *tree, GPtrArray *paths, const char *prefix, gboolean recursive)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint under = 0;

  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      const char *slash = path + strlen (prefix);

      if (!g_str_has_prefix (path, prefix))
        continue;
      under++;
      while ((slash = strchr (slash, '/')) != NULL)
        {
          char *folder = g_strndup (path, slash - path);

          if (!g_hash_table_contains (seen, folder))
            add_directory (tree, folder);
          g_hash_table_add (seen, folder);
          if (!recursive)
            break;
          slash++;
        }
    }
  return under;
}

JsonArray *
mc_test_json_tree (
    McTestCommit *commit, const char *prefix, gboolean recursive, gboolean expand, gboolean masked)
{
  g_autoptr (JsonArray) tree = json_array_new ();
  g_autoptr (GPtrArray) paths = mc_test_commit_list (commit);

  if (add_directories (tree, paths, prefix, recursive) == 0 && *prefix != '\0')
    return NULL;
  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      JsonObject *entry;

      if (!g_str_has_prefix (path, prefix)
          || (!recursive && strchr (path + strlen (prefix), '/') != NULL))
        continue;
      entry = build_entry (path, g_hash_table_lookup (commit->files, path), masked);
      if (expand)
        add_expanded (entry, commit);
      json_array_add_object_element (tree, entry);
    }
  return g_steal_pointer (&tree);
}

/* --- small ones --- */

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  return node;
}

JsonNode *
mc_test_json_whoami (void)
{
  return parse ("{\"type\":\"user\",\"id\":\"000000000000000000000001\",\"name\":\"tester\","
                "\"fullname\":\"Test Person\",\"email\":\"tester@example.org\","
                "\"emailVerified\":true,\"isPro\":false,\"orgs\":[],"
                "\"auth\":{\"type\":\"access_token\",\"accessToken\":"
                "{\"displayName\":\"tests\",\"role\":\"read\"}}}");
}

JsonNode *
mc_test_json_refs (McTestCommit *commit)
{
  g_autofree char *text =
      g_strdup_printf ("{\"tags\":[],\"branches\":[{\"name\":\"main\","
                       "\"ref\":\"refs/heads/main\",\"targetCommit\":\"%s\"}],\"converts\":[]}",
                       commit->id);

  return parse (text);
}
