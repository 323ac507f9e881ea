/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-hub-failure.h"
#include "mc-hub-parse.h"
#include "mc-json.h"
#include "mc-repo-ref.h"

#include <string.h>

/* Recorded answers of the real Hub: all are understood, and nothing of them is lost. */

#define MASK "****************************************************************"

typedef void (*SampleFunc) (const char *name, const char *text, gsize length);

/* Runs the function on each file of that kind; skips the test where there are no samples. */
static void
for_each_sample (const char *folder, const char *prefix, SampleFunc function)
{
  const char *shared = g_getenv ("MC_SHARED_DIR");
  g_autofree char *directory =
      shared == NULL ? NULL : g_build_filename (shared, "hub-samples", folder, NULL);
  g_autoptr (GDir) dir = directory == NULL ? NULL : g_dir_open (directory, 0, NULL);
  const char *name;
  guint count = 0;

  if (dir == NULL)
    {
      g_test_skip ("The recorded answers are not here (MC_SHARED_DIR)");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;
      gsize length;

      if (!g_str_has_prefix (name, prefix) || !g_str_has_suffix (name, ".json"))
        continue;
      g_file_get_contents (path, &text, &length, &error);
      g_assert_no_error (error);
      g_test_message ("%s", name);
      function (name, text, length);
      count++;
    }
  g_assert_cmpuint (count, >, 0);
}

static JsonNode *
parse (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = mc_json_parse (text, (gssize) length, &error);

  g_assert_no_error (error);
  return node;
}

/* --- trees --- */

static McTreeEntry *
find_entry (GPtrArray *entries, const char *path)
{
  for (guint i = 0; i < entries->len; i++)
    {
      McTreeEntry *entry = g_ptr_array_index (entries, i);

      if (strcmp (entry->path, path) == 0)
        return entry;
    }
  return NULL;
}

static void
check_entry (GPtrArray *entries, JsonObject *object)
{
  JsonObject *lfs = mc_json_get_object (object, "lfs");
  const char *oid = mc_json_get_string (lfs != NULL ? lfs : object, "oid");
  McTreeEntry *entry = find_entry (entries, mc_json_get_string (object, "path"));
  g_autofree char *hex = NULL;
  guint64 size;

  g_assert_nonnull (entry);
  g_assert_true (mc_json_get_size (lfs != NULL ? lfs : object, "size", &size));
  g_assert_cmpuint (entry->size, ==, size);
  hex = mc_digest_to_hex (&entry->digest);
  g_assert_cmpstr (hex, ==, strcmp (oid, MASK) == 0 ? "" : oid);
  if (entry->digest.kind != MC_DIGEST_NONE)
    g_assert_cmpint (entry->digest.kind, ==, lfs != NULL ? MC_DIGEST_SHA256 : MC_DIGEST_GIT_SHA1);
}

static void
check_tree (const char *name, const char *text, gsize length)
{
  g_autoptr (JsonNode) node = parse (text, length);
  JsonArray *array = mc_json_node_get_array (node);
  g_autoptr (McHubListing) listing = mc_hub_listing_new (MC_HUB_MAX_FILES, MC_HUB_MAX_PAGES);
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;
  guint files = 0;
  guint masked = 0;

  g_assert_true (mc_hub_listing_add_page (listing, text, length, &error));
  g_assert_no_error (error);
  entries = mc_hub_listing_finish (listing, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = mc_json_node_get_object (json_array_get_element (array, i));

      if (g_strcmp0 (mc_json_get_string (object, "type"), "directory") == 0)
        continue;
      files++;
      check_entry (entries, object);
    }
  g_assert_cmpuint (entries->len, ==, files);
  for (guint i = 0; i < entries->len; i++)
    {
      McTreeEntry *entry = g_ptr_array_index (entries, i);

      masked += entry->digest.kind == MC_DIGEST_NONE;
    }
  if (strstr (name, "anonymous-gated") != NULL)
    g_assert_cmpuint (masked, ==, 2);
  else
    g_assert_cmpuint (masked, ==, 0);
}

static void
test_trees (void)
{
  for_each_sample ("", "tree-", check_tree);
}

static void
test_synthetic_trees (void)
{
  for_each_sample ("synthetic", "tree-", check_tree);
}

/* --- infos --- */

static void
check_info (const char *name, const char *text, gsize length)
{
  g_autoptr (JsonNode) node = parse (text, length);
  JsonObject *object = mc_json_node_get_object (node);
  JsonObject *gguf = mc_json_get_object (object, "gguf");
  JsonObject *safetensors = mc_json_get_object (object, "safetensors");
  const char *gated = mc_json_get_string (object, "gated");
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = mc_hub_parse_info (text, length, "asked/name", &error);
  guint64 number;

  /* One sample is of a question that we never ask, and has no commit. */
  if (mc_json_get_string (object, "sha") == NULL)
    {
      g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (info->commit, ==, mc_json_get_string (object, "sha"));
  if (mc_json_get_string (object, "id") != NULL)
    g_assert_cmpstr (info->id, ==, mc_json_get_string (object, "id"));
  g_assert_cmpstr (info->task, ==, mc_json_get_string (object, "pipeline_tag"));
  g_assert_cmpstr (info->library, ==, mc_json_get_string (object, "library_name"));
  g_assert_cmpstr (info->last_modified, ==, mc_json_get_string (object, "lastModified"));
  g_assert_cmpstr (mc_gated_to_string (info->gated), ==, gated != NULL ? gated : "no");
  if (mc_json_get_object (object, "cardData") != NULL)
    g_assert_nonnull (info->license);
  if (gguf != NULL)
    {
      g_assert_true (mc_json_get_size (gguf, "total", &number));
      g_assert_cmpuint (info->parameters, ==, number);
      g_assert_cmpuint (info->context_length, >, 0);
    }
  else if (safetensors != NULL)
    {
      g_assert_true (mc_json_get_size (safetensors, "total", &number));
      g_assert_cmpuint (info->parameters, ==, number);
    }
  mc_json_get_size (object, "downloads", &number);
  g_assert_cmpuint (info->downloads, ==, number);
}

static void
test_infos (void)
{
  for_each_sample ("", "model-", check_info);
}

/* --- search, whoami --- */

static void
check_search (const char *name, const char *text, gsize length)
{
  g_autoptr (JsonNode) node = parse (text, length);
  JsonArray *array = mc_json_node_get_array (node);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hits = mc_hub_parse_search (text, length, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (hits->len, ==, json_array_get_length (array));
  for (guint i = 0; i < hits->len; i++)
    {
      McSearchHit *hit = g_ptr_array_index (hits, i);
      JsonObject *object = mc_json_node_get_object (json_array_get_element (array, i));
      const char *gated = mc_json_get_string (object, "gated");
      guint64 number;

      g_assert_cmpstr (hit->id, ==, mc_json_get_string (object, "id"));
      g_assert_cmpstr (hit->task, ==, mc_json_get_string (object, "pipeline_tag"));
      g_assert_cmpstr (mc_gated_to_string (hit->gated), ==, gated != NULL ? gated : "no");
      mc_json_get_size (object, "downloads", &number);
      g_assert_cmpuint (hit->downloads, ==, number);
    }
}

static void
test_searches (void)
{
  for_each_sample ("", "search-", check_search);
}

static void
check_whoami (const char *name, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *account = mc_hub_parse_whoami (text, length, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (account, ==, "example-user");
}

static void
test_whoami (void)
{
  for_each_sample ("synthetic", "whoami-", check_whoami);
}

/* --- refusals --- */

static int
expect_code (guint status, const char *code, gboolean has_token)
{
  if (g_strcmp0 (code, "GatedRepo") == 0)
    return MC_ERROR_GATED;
  if (g_strcmp0 (code, "EntryNotFound") == 0)
    return MC_ERROR_UNKNOWN_FILE;
  if (status == 429)
    return MC_ERROR_RATE_LIMITED;
  if (status == 400)
    return MC_ERROR_INVALID_NAME;
  return has_token ? MC_ERROR_TOKEN_REFUSED : MC_ERROR_NOT_FOUND;
}

/* What an anonymous probe was told, row by row. */
static void
check_refusals (const char *name, const char *text, gsize length)
{
  g_autoptr (JsonNode) node = parse (text, length);
  JsonArray *rows = mc_json_get_array (mc_json_node_get_object (node), "rows");
  guint refused = 0;

  g_assert_nonnull (rows);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = mc_json_node_get_object (json_array_get_element (rows, i));
      const char *body = mc_json_get_string (row, "message_or_body");
      McHubFailure failure = {
        .ask = MC_HUB_ASK_FILE,
        .repo = "o/n",
        .path = "f",
        .host = "huggingface.co",
        .endpoint = "https://huggingface.co",
        .code = mc_json_get_string (row, "x_error_code"),
        .body = body,
        .length = body != NULL ? strlen (body) : 0,
      };
      g_autoptr (GError) error = NULL;
      guint64 status;
      int expected;

      g_assert_true (mc_json_get_size (row, "status", &status));
      if (status < 400)
        continue;
      failure.status = (guint) status;
      error = mc_hub_failure_to_error (&failure);
      g_test_message ("%u %s: %s", failure.status, mc_json_get_string (row, "request"),
                      error->message);
      expected = expect_code (failure.status, failure.code, FALSE);
      /* Of a file one knew that the repo was there. */
      expected = expected == MC_ERROR_NOT_FOUND ? MC_ERROR_GONE : expected;
      g_assert_error (error, MC_ERROR, expected);
      refused++;
    }
  g_assert_cmpuint (refused, >, 5);
}

static void
test_refusals (void)
{
  for_each_sample ("", "errors-", check_refusals);
}

static void
check_bodies (const char *name, const char *text, gsize length)
{
  g_autoptr (JsonNode) node = parse (text, length);
  JsonArray *rows = mc_json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = mc_json_node_get_object (json_array_get_element (rows, i));
      JsonNode *member = json_object_get_member (row, "body");
      const char *when = mc_json_get_string (row, "when");
      gboolean has_token = strstr (when, "token") != NULL && strstr (when, "no token") == NULL;
      g_autofree char *body = mc_json_get_string (row, "body") != NULL
                                  ? g_strdup (mc_json_get_string (row, "body"))
                                  : json_to_string (member, FALSE);
      McHubFailure failure = {
        .ask = MC_HUB_ASK_REPO,
        .token = has_token ? MC_HUB_TOKEN_SENT : MC_HUB_TOKEN_NONE,
        .repo = "o/n",
        .host = "huggingface.co",
        .endpoint = "https://huggingface.co",
        .code = mc_json_get_string (row, "x_error_code"),
        .message = mc_json_get_string (row, "x_error_message"),
        .rate_limit = mc_json_get_string (row, "ratelimit"),
        .retry_after = mc_json_get_string (row, "retry_after"),
        .body = body,
        .length = strlen (body),
      };
      g_autoptr (GError) error = NULL;
      guint64 status;
      int expected;

      g_assert_true (mc_json_get_size (row, "status", &status));
      failure.status = (guint) status;
      error = mc_hub_failure_to_error (&failure);
      g_test_message ("%s: %s", when, error->message);
      expected = expect_code (failure.status, failure.code, has_token && failure.status == 401);
      if (strstr (body, "disabled") != NULL)
        expected = MC_ERROR_GONE;
      g_assert_error (error, MC_ERROR, expected);
    }
}

static void
test_error_bodies (void)
{
  for_each_sample ("synthetic", "error-bodies", check_bodies);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hub-samples/trees", test_trees);
  g_test_add_func ("/hub-samples/synthetic-trees", test_synthetic_trees);
  g_test_add_func ("/hub-samples/infos", test_infos);
  g_test_add_func ("/hub-samples/searches", test_searches);
  g_test_add_func ("/hub-samples/whoami", test_whoami);
  g_test_add_func ("/hub-samples/refusals", test_refusals);
  g_test_add_func ("/hub-samples/error-bodies", test_error_bodies);
  return g_test_run ();
}
