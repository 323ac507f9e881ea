/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-hub-failure.h"
#include "mc-hub-headers.h"
#include "mc-hub-parse.h"
#include "mc-hub-url.h"

#include <string.h>

/* What the Hub may say, and what somebody in its place may say. */

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define SHA1 "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
#define SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define STARS "****************************************************************"

/* --- info --- */

static McModelInfo *
parse_info (const char *text)
{
  g_autoptr (GError) error = NULL;
  McModelInfo *info = mc_hub_parse_info (text, strlen (text), "asked/name", &error);

  g_assert_no_error (error);
  return info;
}

static void
test_info (void)
{
  g_autoptr (McModelInfo) info = parse_info (
      "{\"_id\":\"621ffdc136468d709f17ddb4\",\"id\":\"o/n\",\"sha\":\"" COMMIT
      "\",\"gated\":\"auto\","
      "\"private\":true,\"pipeline_tag\":\"text-generation\",\"library_name\":\"gguf\","
      "\"downloads\":10,\"likes\":3,\"lastModified\":\"2026-01-01T00:00:00.000Z\","
      "\"cardData\":{\"license\":\"mit\"},\"tags\":[\"license:apache-2.0\"],"
      "\"gguf\":{\"total\":1000,\"context_length\":4096},\"safetensors\":{\"total\":7}}");

  g_assert_cmpstr (info->id, ==, "o/n");
  g_assert_cmpstr (info->hub_id, ==, "621ffdc136468d709f17ddb4");
  g_assert_cmpstr (info->commit, ==, COMMIT);
  g_assert_cmpstr (info->task, ==, "text-generation");
  g_assert_cmpstr (info->library, ==, "gguf");
  g_assert_cmpstr (info->license, ==, "mit");
  g_assert_cmpstr (info->last_modified, ==, "2026-01-01T00:00:00.000Z");
  g_assert_cmpint (info->gated, ==, MC_GATED_AUTO);
  g_assert_true (info->is_private);
  g_assert_cmpuint (info->parameters, ==, 1000);
  g_assert_cmpuint (info->context_length, ==, 4096);
  g_assert_cmpuint (info->downloads, ==, 10);
  g_assert_cmpuint (info->likes, ==, 3);
}

/* Null, missing, empty and the wrong type all mean none. */
static void
test_info_sparse (void)
{
  static const char *const sparse[] = {
    "{\"sha\":\"" COMMIT "\"}",
    "{\"sha\":\"" COMMIT "\",\"gated\":null,\"pipeline_tag\":null,\"cardData\":null,\"tags\":null,"
    "\"gguf\":null,\"safetensors\":null,\"config\":null,\"downloads\":null}",
    "{\"sha\":\"" COMMIT
    "\",\"gated\":false,\"pipeline_tag\":\"\",\"library_name\":5,\"cardData\":[],"
    "\"tags\":\"license:x\",\"gguf\":[1],\"safetensors\":{\"total\":-5},\"likes\":-1,"
    "\"downloads\":1e400,\"config\":{\"max_position_embeddings\":\"512\"},\"private\":\"yes\"}",
    "{\"sha\":\"" COMMIT
    "\",\"gated\":\"\",\"pipeline_tag\":\"a\\nb\",\"cardData\":{\"license\":[]},"
    "\"gguf\":{\"total\":9223372036854775807,\"context_length\":1.5}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (sparse); i++)
    {
      g_autoptr (McModelInfo) info = parse_info (sparse[i]);

      g_assert_cmpstr (info->id, ==, "asked/name");
      g_assert_cmpstr (info->commit, ==, COMMIT);
      g_assert_null (info->task);
      g_assert_null (info->library);
      g_assert_null (info->license);
      g_assert_null (info->last_modified);
      g_assert_null (info->hub_id);
      g_assert_cmpint (info->gated, ==, MC_GATED_NO);
      g_assert_false (info->is_private);
      g_assert_cmpuint (info->parameters, ==, 0);
      g_assert_cmpuint (info->context_length, ==, 0);
      g_assert_cmpuint (info->downloads, ==, 0);
      g_assert_cmpuint (info->likes, ==, 0);
    }
}

static void
test_info_places (void)
{
  g_autoptr (McModelInfo) list = parse_info (
      "{\"sha\":\"" COMMIT "\",\"cardData\":{\"license\":[\"gpl\",\"mit\"]},\"gated\":\"manual\"}");
  g_autoptr (McModelInfo) tag =
      parse_info ("{\"modelId\":\"o/m\",\"sha\":\"" COMMIT "\",\"tags\":[\"x\",\"license:gemma\"],"
                  "\"safetensors\":{\"total\":77},\"config\":{\"max_position_embeddings\":512},"
                  "\"gated\":true}");

  g_assert_cmpstr (list->license, ==, "gpl");
  g_assert_cmpint (list->gated, ==, MC_GATED_MANUAL);
  g_assert_cmpstr (tag->id, ==, "o/m");
  g_assert_cmpstr (tag->license, ==, "gemma");
  g_assert_cmpuint (tag->parameters, ==, 77);
  g_assert_cmpuint (tag->context_length, ==, 512);
  g_assert_cmpint (tag->gated, ==, MC_GATED_MANUAL);
}

/* Of the types of numbers the one that takes most room; weights may be packed into it. */
static void
test_info_model (void)
{
  static const struct
  {
    const char *members;
    const char *architecture;
    const char *dtype;
  } models[] = {
    { "\"gguf\":{\"architecture\":\"qwen3\"},\"config\":{\"model_type\":\"other\"}", "qwen3",
      NULL },
    { "\"config\":{\"model_type\":\"bert\"},\"safetensors\":{\"parameters\":{\"F32\":5}}", "bert",
      "F32" },
    { "\"safetensors\":{\"parameters\":{\"I64\":512,\"BF16\":8030261248}}", NULL, "BF16" },
    { "\"safetensors\":{\"parameters\":{\"I32\":700,\"F16\":1000}}", NULL, "I32" },
    { "\"gguf\":{\"architecture\":\"two words\"},\"safetensors\":{\"parameters\":[1]}", NULL,
      NULL },
    { "\"gguf\":{\"architecture\":7},\"safetensors\":{\"parameters\":{\"F32\":-1,\"F16\":\"9\"}}",
      NULL, NULL },
    { "\"safetensors\":{\"parameters\":{\"A_TYPE_THAT_IS_TOO_LONG_8\":9}}", NULL, NULL },
    { "\"safetensors\":{\"parameters\":{\"F64\":4611686018427387904}}", NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autofree char *text =
          g_strconcat ("{\"sha\":\"" COMMIT "\",", models[i].members, "}", NULL);
      g_autoptr (McModelInfo) info = parse_info (text);

      g_assert_cmpstr (info->architecture, ==, models[i].architecture);
      g_assert_cmpstr (info->dtype, ==, models[i].dtype);
    }
}

static void
test_info_refused (void)
{
  static const char *const refused[] = {
    "",
    "[]",
    "null",
    "\"text\"",
    "<html>",
    "{}",
    "{\"sha\":null}",
    "{\"sha\":\"main\"}",
    "{\"sha\":\"../../../../../../../../../../../../../../\"}",
    "{\"sha\":\"" COMMIT "0\"}",
    "{\"sha\":\"0123456789ABCDEF0123456789abcdef01234567\"}",
    "{\"id\":\"../evil\",\"sha\":\"" COMMIT "\"}",
    "{\"id\":\"a/b/c\",\"sha\":\"" COMMIT "\"}",
    "{\"id\":\"\",\"sha\":\"" COMMIT "\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (McModelInfo) info =
          mc_hub_parse_info (refused[i], strlen (refused[i]), "o/n", &error);

      g_test_message ("%s", refused[i]);
      g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
      g_assert_null (info);
    }
}

/* --- the listing --- */

static GPtrArray *
list (const char *first, const char *second, GError **error)
{
  g_autoptr (McHubListing) listing = mc_hub_listing_new (MC_HUB_MAX_FILES, MC_HUB_MAX_PAGES);

  if (!mc_hub_listing_add_page (listing, first, strlen (first), error))
    return NULL;
  if (second != NULL && !mc_hub_listing_add_page (listing, second, strlen (second), error))
    return NULL;
  return mc_hub_listing_finish (listing, error);
}

static McTreeEntry *
entry_at (GPtrArray *entries, guint i)
{
  g_assert_cmpuint (i, <, entries->len);
  return g_ptr_array_index (entries, i);
}

static void
test_tree (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *hex = NULL;
  g_autoptr (GPtrArray) entries =
      list ("[{\"type\":\"directory\",\"oid\":\"" SHA1 "\",\"size\":0,\"path\":\"onnx\"},"
            "{\"type\":\"file\",\"oid\":\"" SHA1 "\",\"size\":12,\"path\":\"b\"},"
            "{\"type\":\"file\",\"oid\":\"" SHA1 "\",\"size\":9,\"path\":\"a\","
            "\"lfs\":{\"oid\":\"" SHA256 "\",\"size\":5000000000,\"pointerSize\":135}}]",
            "[{\"type\":\"file\",\"oid\":\"" SHA1 "\",\"size\":1,\"path\":\"B\",\"lfs\":null},"
            "{\"type\":\"file\",\"oid\":\"" SHA1 "\",\"size\":12,\"path\":\"b\"},"
            "{\"type\":\"submodule\",\"oid\":\"" SHA1 "\",\"path\":\"dep\"},"
            "{\"type\":\"unknown\",\"oid\":\"" SHA1 "\",\"size\":4,\"path\":\"link\"},"
            "{\"type\":\"file\",\"oid\":\"" SHA1 "\",\"size\":77,\"path\":\"masked\","
            "\"lfs\":{\"oid\":\"" STARS "\",\"size\":77}},"
            "{\"type\":\"file\",\"size\":0,\"path\":\"no-hash\"}]",
            &error);

  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 6);
  g_assert_cmpstr (entry_at (entries, 0)->path, ==, "B");
  g_assert_cmpstr (entry_at (entries, 1)->path, ==, "a");
  g_assert_cmpuint (entry_at (entries, 1)->size, ==, 5000000000);
  g_assert_cmpint (entry_at (entries, 1)->digest.kind, ==, MC_DIGEST_SHA256);
  hex = mc_digest_to_hex (&entry_at (entries, 1)->digest);
  g_assert_cmpstr (hex, ==, SHA256);
  g_assert_cmpstr (entry_at (entries, 2)->path, ==, "b");
  g_assert_cmpint (entry_at (entries, 2)->digest.kind, ==, MC_DIGEST_GIT_SHA1);
  g_assert_cmpstr (entry_at (entries, 3)->path, ==, "link");
  g_assert_cmpstr (entry_at (entries, 4)->path, ==, "masked");
  g_assert_cmpuint (entry_at (entries, 4)->size, ==, 77);
  g_assert_cmpint (entry_at (entries, 4)->digest.kind, ==, MC_DIGEST_NONE);
  g_assert_cmpint (entry_at (entries, 5)->digest.kind, ==, MC_DIGEST_NONE);
}

#define ENTRY(path, size) "[{\"type\":\"file\",\"path\":" path ",\"size\":" size "}]"
#define TWO_ENTRIES(path, size, other, other_size)                                                 \
  "[{\"type\":\"file\",\"path\":" path ",\"size\":" size "},{\"type\":\"file\",\"path\":" other    \
  ",\"size\":" other_size "}]"

static void
test_tree_refused (void)
{
  static const char *const refused[] = {
    "",
    "{}",
    "[1]",
    "[[]]",
    "[null]",
    "[{\"type\":\"file\",\"size\":1}]",
    "[{\"type\":\"file\",\"path\":\"a\"}]",
    ENTRY ("5", "1"),
    ENTRY ("\"\"", "1"),
    ENTRY ("\"/etc/passwd\"", "1"),
    ENTRY ("\"../a\"", "1"),
    ENTRY ("\"a/../b\"", "1"),
    ENTRY ("\"a//b\"", "1"),
    ENTRY ("\"a\\u0000b\"", "1"),
    ENTRY ("\"\\\\\\u0000\"", "1"),
    ENTRY ("\"a\"", "-1"),
    ENTRY ("\"a\"", "1.5"),
    ENTRY ("\"a\"", "\"1\""),
    ENTRY ("\"a\"", "null"),
    ENTRY ("\"a\"", "[]"),
    ENTRY ("\"a\"", "4611686018427387905"),
    ENTRY ("\"a\"", "9223372036854775808"),
    ENTRY ("\"a\"", "1e300"),
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"oid\":\"xyz\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"oid\":\"" SHA256 "\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"lfs\":{\"oid\":\"" SHA1 "\"}}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"lfs\":\"x\"}]",
    "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"lfs\":{\"size\":-1}}]",
    TWO_ENTRIES ("\"a\"", "4611686018427387904", "\"b\"", "1"),
    TWO_ENTRIES ("\"a\"", "1", "\"a\"", "2"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) entries = NULL;

      g_test_message ("%s", refused[i]);
      entries = list (refused[i], NULL, &error);
      g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
      g_assert_null (entries);
    }
}

/* Git can have them, so they are listed, under a name that is safe to show. */
static void
test_tree_odd_names (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries =
      list ("[{\"type\":\"file\",\"path\":\"Icon\\r\",\"size\":1},"
            "{\"type\":\"file\",\"path\":\"a b#?%+\",\"size\":1},"
            "{\"type\":\"file\",\"path\":\"back\\\\u0000slash\",\"size\":1},"
            "{\"type\":\"file\",\"path\":\"\xc3\xa4\",\"size\":1}]",
            NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 4);
  g_assert_cmpstr (entry_at (entries, 0)->path, ==, "Icon\xe2\x90\x8d");
  g_assert_cmpstr (entry_at (entries, 1)->path, ==, "a b#?%+");
  g_assert_cmpstr (entry_at (entries, 2)->path, ==, "back\\u0000slash");
}

static void
test_tree_limits (void)
{
  g_autoptr (McHubListing) files = mc_hub_listing_new (5, 100);
  g_autoptr (McHubListing) pages = mc_hub_listing_new (100, 5);
  static const char two[] = TWO_ENTRIES ("\"a\"", "1", "\"b\"", "1");
  g_autoptr (GError) error = NULL;

  g_assert_true (mc_hub_listing_add_page (files, two, strlen (two), NULL));
  g_assert_true (mc_hub_listing_add_page (files, two, strlen (two), NULL));
  g_assert_false (mc_hub_listing_add_page (files, two, strlen (two), &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  g_clear_error (&error);

  for (guint i = 0; i < 5; i++)
    g_assert_true (mc_hub_listing_add_page (pages, "[]", 2, NULL));
  g_assert_false (mc_hub_listing_add_page (pages, "[]", 2, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
}

/* --- search, whoami --- */

static void
test_search (void)
{
  const char *text =
      "[{\"id\":\"o/n\",\"pipeline_tag\":\"t\",\"library_name\":\"l\",\"downloads\":5,"
      "\"likes\":6,\"gated\":\"manual\",\"tags\":[\"license:mit\"]},5,null,{},"
      "{\"id\":\"..\"},{\"modelId\":\"p/q\"}]";
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hits = mc_hub_parse_search (text, strlen (text), &error);
  McSearchHit *hit;

  g_assert_no_error (error);
  g_assert_cmpuint (hits->len, ==, 2);
  hit = g_ptr_array_index (hits, 0);
  g_assert_cmpstr (hit->id, ==, "o/n");
  g_assert_cmpstr (hit->task, ==, "t");
  g_assert_cmpstr (hit->library, ==, "l");
  g_assert_cmpstr (hit->license, ==, "mit");
  g_assert_cmpint (hit->gated, ==, MC_GATED_MANUAL);
  g_assert_cmpuint (hit->downloads, ==, 5);
  g_assert_cmpuint (hit->likes, ==, 6);
  hit = g_ptr_array_index (hits, 1);
  g_assert_cmpstr (hit->id, ==, "p/q");
  g_assert_null (hit->task);

  g_assert_null (mc_hub_parse_search ("{}", 2, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
}

static void
test_whoami (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = mc_hub_parse_whoami ("{\"name\":\"me\"}", 13, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "me");
  g_assert_null (mc_hub_parse_whoami ("{\"name\":5}", 10, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
}

/* --- header fields --- */

static void
test_links (void)
{
  static const struct
  {
    const char *header;
    const char *next;
  } links[] = {
    { NULL, NULL },
    { "", NULL },
    { "<https://h/a?cursor=x>; rel=\"next\"", "https://h/a?cursor=x" },
    { "<https://h/a>; rel=next", "https://h/a" },
    { "</api/x?c=1,2>;rel=\"prev next\"", "/api/x?c=1,2" },
    { "<https://h/p>; rel=\"prev\", <https://h/n>; rel=\"next\"", "https://h/n" },
    { "<https://h/p>; title=\"a, b\"; rel=\"next\"", "https://h/p" },
    { "<https://h/x>; rel=\"xet-auth\", <https://h/y>; rel=\"xet-reconstruction-info\"", NULL },
    { "<https://h/x>; rel=\"nextish\"", NULL },
    { "<https://h/x>", NULL },
    { "<>; rel=\"next\"", NULL },
    { "<https://h/x; rel=\"next\"", NULL },
    { "https://h/x; rel=\"next\"", NULL },
    { ",,,;;;===\"", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autofree char *next = mc_hub_parse_next_link (links[i].header);

      g_assert_cmpstr (next, ==, links[i].next);
    }
}

static void
test_content_range (void)
{
  static const char *const refused[] = {
    NULL,
    "",
    "bytes",
    "bytes */177",
    "bytes 0-9/*",
    "bytes 9-0/10",
    "bytes 0-10/10",
    "bytes 0-9",
    "bytes -1-9/10",
    "bytes 0-9/10x",
    "items 0-9/10",
    "bytes 0 -9/10",
    "bytes 0-9/99999999999999999999",
  };
  guint64 first, last, total;

  g_assert_true (mc_hub_parse_content_range ("bytes 5-9/10", &first, &last, &total));
  g_assert_cmpuint (first, ==, 5);
  g_assert_cmpuint (last, ==, 9);
  g_assert_cmpuint (total, ==, 10);
  g_assert_true (
      mc_hub_parse_content_range ("Bytes 0-4999999999/5000000000", &first, &last, &total));
  g_assert_cmpuint (total, ==, 5000000000);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    g_assert_false (mc_hub_parse_content_range (refused[i], &first, &last, &total));

  g_assert_true (mc_hub_parse_length ("17", &first));
  g_assert_cmpuint (first, ==, 17);
  g_assert_true (mc_hub_parse_length ("4611686018427387904", &first));
  g_assert_false (mc_hub_parse_length ("4611686018427387905", &first));
  g_assert_false (mc_hub_parse_length ("18446744073709551617", &first));
  g_assert_false (mc_hub_parse_length ("-1", &first));
  g_assert_false (mc_hub_parse_length ("1 2", &first));
  g_assert_false (mc_hub_parse_length (NULL, &first));
}

static void
test_etag (void)
{
  g_assert_cmpint (mc_hub_parse_etag ("\"" SHA256 "\"").kind, ==, MC_DIGEST_SHA256);
  g_assert_cmpint (mc_hub_parse_etag (SHA256).kind, ==, MC_DIGEST_SHA256);
  g_assert_cmpint (mc_hub_parse_etag ("W/\"" SHA1 "\"").kind, ==, MC_DIGEST_GIT_SHA1);
  g_assert_cmpint (mc_hub_parse_etag (" \"" SHA1 "\" ").kind, ==, MC_DIGEST_GIT_SHA1);
  g_assert_cmpint (mc_hub_parse_etag (NULL).kind, ==, MC_DIGEST_NONE);
  g_assert_cmpint (mc_hub_parse_etag ("\"").kind, ==, MC_DIGEST_NONE);
  g_assert_cmpint (mc_hub_parse_etag ("\"\"").kind, ==, MC_DIGEST_NONE);
  g_assert_cmpint (mc_hub_parse_etag ("W/\"c7ec157d...\"").kind, ==, MC_DIGEST_NONE);
  g_assert_cmpint (mc_hub_parse_etag ("\"" STARS "\"").kind, ==, MC_DIGEST_NONE);
}

static void
test_wait (void)
{
  const gint64 now = 1445412480 - 30; /* half a minute before the date below */

  g_assert_cmpuint (mc_hub_parse_wait (NULL, NULL, now), ==, 0);
  g_assert_cmpuint (mc_hub_parse_wait (NULL, "30", now), ==, 31);
  g_assert_cmpuint (mc_hub_parse_wait (NULL, "Wed, 21 Oct 2015 07:28:00 GMT", now), ==, 31);
  g_assert_cmpuint (mc_hub_parse_wait (NULL, "Wed, 21 Oct 2015 07:28:00 GMT", now + 60), ==, 0);
  g_assert_cmpuint (mc_hub_parse_wait (NULL, "soon", now), ==, 0);
  g_assert_cmpuint (mc_hub_parse_wait (NULL, "Wed, 99 Oct 2015 99:28:00 GMT", now), ==, 0);
  g_assert_cmpuint (mc_hub_parse_wait (NULL, "Wed, 21", now), ==, 0);
  g_assert_cmpuint (mc_hub_parse_wait ("\"api\";r=0;t=120", "30", now), ==, 121);
  g_assert_cmpuint (mc_hub_parse_wait ("\"api\";r=5;t=120", "30", now), ==, 31);
  g_assert_cmpuint (mc_hub_parse_wait ("\"api\";r=5;t=120", NULL, now), ==, 0);
  g_assert_cmpuint (mc_hub_parse_wait (NULL, "999999999999", now), ==, 86401);
}

/* --- refusals --- */

#define ANY_PHRASE ""

typedef struct
{
  McHubAsk ask;
  McHubTokenUse token;
  guint status;
  const char *code;
  const char *message;
  const char *body;
  int expected;       /* McError */
  const char *phrase; /* is in the message */
} Refusal;

static const Refusal refusals[] = {
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 401, NULL, NULL,
    "{\"error\":\"Invalid username or password.\"}", MC_ERROR_NOT_FOUND,
    "no repo o/n, or it is private" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_SENT, 404, "RepoNotFound", "Repository not found", NULL,
    MC_ERROR_NOT_FOUND, "no repo o/n" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_SENT, 401, NULL, NULL,
    "{\"error\":\"Invalid credentials in Authorization header\"}", MC_ERROR_TOKEN_REFUSED,
    "did not accept the token" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_REFUSED, 401, NULL, NULL,
    "{\"error\":\"Invalid username or password.\"}", MC_ERROR_TOKEN_REFUSED,
    "did not accept the token" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_REFUSED, 401, "GatedRepo", "restricted", NULL,
    MC_ERROR_TOKEN_REFUSED, "did not accept the token" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_NONE, 401, "GatedRepo", "Access to model o/n is restricted.",
    NULL, MC_ERROR_GATED, "https://hub.example/o/n, then sign in" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_SENT, 403, "GatedRepo", "not in the authorized list", NULL,
    MC_ERROR_GATED, "https://hub.example/o/n" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_SENT, 403, "GatedRepo",
    "Your request to access model o/n is awaiting a review from the repo authors.", NULL,
    MC_ERROR_ACCESS_PENDING, "https://hub.example/o/n" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_SENT, 403, "GatedRepo", NULL,
    "Your request to access model o/n has been rejected by the repo's authors.",
    MC_ERROR_ACCESS_REFUSED, "https://hub.example/o/n" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_SENT, 404, "RepoNotFound", "Repository not found", NULL,
    MC_ERROR_GONE, "no longer has o/n" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_NONE, 401, NULL, "Invalid username or password.", NULL,
    MC_ERROR_GONE, "sign in if it is yours" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 404, "RevisionNotFound", NULL,
    "{\"error\":\"Invalid rev id: nope\"}", MC_ERROR_NOT_FOUND, "no revision “nope”" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 404, NULL, NULL, "{\"error\":\"Invalid rev id: nope\"}",
    MC_ERROR_NOT_FOUND, "no revision" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_NONE, 404, "EntryNotFound", NULL, "Entry not found",
    MC_ERROR_UNKNOWN_FILE, "no file “a/b”" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_NONE, 404, NULL, NULL, "Entry not found", MC_ERROR_UNKNOWN_FILE,
    "no file" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_NONE, 404, NULL, NULL, "<html>Entry not found</html>",
    MC_ERROR_GONE, "no longer has o/n" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 403, NULL, "Access to this resource is disabled.", NULL,
    MC_ERROR_GONE, "disabled" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_SENT, 403, NULL, NULL, "{\"error\":[\"no scope\"]}",
    MC_ERROR_ACCESS_REFUSED, "no scope" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 403, NULL, NULL, NULL, MC_ERROR_SIGN_IN, "sign in" },
  { MC_HUB_ASK_SEARCH, MC_HUB_TOKEN_NONE, 400, NULL, NULL,
    "{\"error\":\"sort parameter not supported\",\"errors\":[{\"message\":\"one\"}]}",
    MC_ERROR_INVALID_NAME, "sort parameter not supported" },
  { MC_HUB_ASK_SEARCH, MC_HUB_TOKEN_NONE, 400, NULL, NULL, "{\"errors\":[{\"message\":\"one\"}]}",
    MC_ERROR_INVALID_NAME, "one" },
  { MC_HUB_ASK_SEARCH, MC_HUB_TOKEN_NONE, 400, NULL, NULL, "{\"error_description\":\"why\"}",
    MC_ERROR_INVALID_NAME, "why" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_NONE, 400, NULL, NULL, NULL, MC_ERROR_BAD_RESPONSE, "400" },
  { MC_HUB_ASK_WHOAMI, MC_HUB_TOKEN_NONE, 401, NULL, NULL, NULL, MC_ERROR_SIGN_IN, "token" },
  { MC_HUB_ASK_WHOAMI, MC_HUB_TOKEN_SENT, 401, NULL, NULL, NULL, MC_ERROR_TOKEN_REFUSED, "token" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 429, NULL, NULL, "We had to rate limit you",
    MC_ERROR_RATE_LIMITED, "wait 31 seconds" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 500, NULL, NULL, "<html>", MC_ERROR_NETWORK, "500" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 502, NULL, NULL, NULL, MC_ERROR_NETWORK, "502" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 503, NULL, NULL, NULL, MC_ERROR_NETWORK, "503" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 504, NULL, NULL, NULL, MC_ERROR_NETWORK, "504" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 408, NULL, NULL, NULL, MC_ERROR_NETWORK, "408" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 407, NULL, NULL, NULL, MC_ERROR_NETWORK, "proxy" },
  { MC_HUB_ASK_FILE, MC_HUB_TOKEN_NONE, 416, NULL, NULL, NULL, MC_ERROR_BAD_RESPONSE, "shorter" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 451, NULL, NULL, NULL, MC_ERROR_GONE, ANY_PHRASE },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 410, NULL, NULL, NULL, MC_ERROR_GONE, "removed" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 304, NULL, NULL, NULL, MC_ERROR_BAD_RESPONSE, "304" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 204, NULL, NULL, NULL, MC_ERROR_BAD_RESPONSE, "204" },
  { MC_HUB_ASK_REPO, MC_HUB_TOKEN_NONE, 418, NULL, NULL, "\x1b[31mteapot\nagain \xff",
    MC_ERROR_BAD_RESPONSE, "says: [31mteapot again" },
};

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      const Refusal *r = &refusals[i];
      g_autoptr (GError) error = NULL;
      McHubFailure failure = {
        .ask = r->ask,
        .token = r->token,
        .repo = r->ask == MC_HUB_ASK_REPO || r->ask == MC_HUB_ASK_FILE ? "o/n" : NULL,
        .revision = "nope",
        .path = "a/b",
        .host = "hub.example",
        .endpoint = "https://hub.example",
        .status = r->status,
        .code = r->code,
        .message = r->message,
        .retry_after = "30",
        .body = r->body,
        .length = r->body == NULL ? 0 : strlen (r->body),
      };

      error = mc_hub_failure_to_error (&failure);
      g_test_message ("%u: %s", r->status, error->message);
      g_assert_error (error, MC_ERROR, r->expected);
      g_assert_nonnull (strstr (error->message, r->phrase));
      g_assert_null (strchr (error->message, '\n'));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_refusal_hostile (void)
{
  g_autofree char *body = g_strnfill (1000000, 'x');
  g_autofree char *deep = g_strnfill (1000000, '[');
  McHubFailure failure = {
    .status = 418, .host = "h", .endpoint = "e", .body = body, .length = 1000000
  };
  g_autoptr (GError) large = mc_hub_failure_to_error (&failure);
  g_autoptr (GError) nested = NULL;
  g_autoptr (GError) nothing = NULL;

  g_assert_cmpuint (strlen (large->message), <, 600);
  failure.body = deep;
  nested = mc_hub_failure_to_error (&failure);
  g_assert_error (nested, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  failure = (McHubFailure){ .status = 404, .host = "h", .endpoint = "e", .body = "", .length = 0 };
  nothing = mc_hub_failure_to_error (&failure);
  g_assert_error (nothing, MC_ERROR, MC_ERROR_NOT_FOUND);
}

static void
test_bad_token (void)
{
  McHubFailure failure = { .status = 401, .token = MC_HUB_TOKEN_SENT };

  g_assert_true (mc_hub_failure_is_bad_token (&failure));
  failure.code = "GatedRepo";
  g_assert_false (mc_hub_failure_is_bad_token (&failure));
  failure.code = NULL;
  failure.status = 403;
  g_assert_false (mc_hub_failure_is_bad_token (&failure));
  failure.status = 401;
  failure.token = MC_HUB_TOKEN_NONE;
  g_assert_false (mc_hub_failure_is_bad_token (&failure));
}

/* --- addresses --- */

static void
test_endpoint (void)
{
  static const char *const refused[] = {
    "",
    "huggingface.co",
    "ftp://huggingface.co",
    "https://",
    "https:///path",
    "https://user@huggingface.co",
    "https://user:pw@huggingface.co",
    "https://huggingface.co?x=1",
    "https://huggingface.co/?",
    "https://huggingface.co#x",
    "file:///etc",
    "https://h h",
    "https://huggingface.co:99999",
  };
  static const struct
  {
    const char *text;
    const char *endpoint;
    const char *host;
  } taken[] = {
    { "https://huggingface.co", "https://huggingface.co", "huggingface.co" },
    { "https://huggingface.co/", "https://huggingface.co", "huggingface.co" },
    { "https://huggingface.co:443", "https://huggingface.co", "huggingface.co" },
    { "http://127.0.0.1:8080//", "http://127.0.0.1:8080", "127.0.0.1:8080" },
    { "http://[::1]:80/hf/", "http://[::1]/hf", "[::1]" },
    { "https://[::1]:80", "https://[::1]:80", "[::1]:80" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", refused[i]);
      g_assert_null (mc_hub_url_parse_endpoint (refused[i], &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
    }
  for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GUri) uri = mc_hub_url_parse_endpoint (taken[i].text, &error);
      g_autofree char *endpoint = NULL;
      g_autofree char *host = NULL;

      g_assert_no_error (error);
      endpoint = mc_hub_url_to_endpoint (uri);
      host = mc_hub_url_get_host (uri);
      g_assert_cmpstr (endpoint, ==, taken[i].endpoint);
      g_assert_cmpstr (host, ==, taken[i].host);
    }
}

static gboolean
may_carry (const char *endpoint, const char *target)
{
  g_autoptr (GUri) a = mc_hub_url_parse_endpoint (endpoint, NULL);
  g_autoptr (GUri) b = mc_hub_url_follow (a, target, NULL);

  return b != NULL && mc_hub_url_may_carry_token (a, b);
}

static void
test_token_rule (void)
{
  g_assert_true (may_carry ("https://huggingface.co", "https://huggingface.co/x?y=z"));
  g_assert_true (may_carry ("https://huggingface.co", "https://HUGGINGFACE.co:443/x"));
  g_assert_true (may_carry ("https://huggingface.co", "/x"));
  g_assert_true (may_carry ("http://127.0.0.1:80", "http://127.0.0.1/x"));
  g_assert_true (may_carry ("http://127.9.9.9:81", "/x"));
  g_assert_true (may_carry ("http://[::1]:8080", "/x"));
  g_assert_true (may_carry ("http://localhost:8080", "/x"));

  g_assert_false (may_carry ("https://huggingface.co", "https://huggingface.co:444/x"));
  g_assert_false (may_carry ("https://huggingface.co", "https://huggingface.co.evil.com/x"));
  g_assert_false (may_carry ("https://huggingface.co", "https://evil.com/huggingface.co"));
  g_assert_false (may_carry ("https://huggingface.co", "//evil.com/x"));
  g_assert_false (may_carry ("https://huggingface.co", "https://cdn.huggingface.co/x"));
  g_assert_false (may_carry ("https://huggingface.co", "https://huggingface.co./x"));
  g_assert_false (may_carry ("http://huggingface.co", "/x"));
  g_assert_false (may_carry ("http://localhost.evil.com", "/x"));
  g_assert_false (may_carry ("http://127.0.0.1.evil.com", "/x"));
  g_assert_false (may_carry ("http://127.0.0.1:80", "http://127.0.0.1:81/x"));
  g_assert_false (may_carry ("http://127.0.0.1:80", "http://localhost/x"));
  g_assert_false (may_carry ("http://127.0.0.1", "https://127.0.0.1/x"));
}

static void
test_follow (void)
{
  static const char *const refused[] = {
    "http://huggingface.co/x",
    "http://cdn.example/x",
    "ftp://cdn.example/x",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,x",
    "https://",
    "https://user:pw@cdn.example/x",
    "https://\xff/x",
    "https://cdn.example:99999/x",
  };
  g_autoptr (GUri) hub = mc_hub_url_parse_endpoint ("https://huggingface.co", NULL);
  g_autoptr (GUri) page = mc_hub_url_follow (hub, "/o/n/resolve/main/a%20b?x=%2F", NULL);
  g_autoptr (GUri) cdn =
      mc_hub_url_follow (page, "https://cdn.example/f?Signature=a%2Bb&E=1", NULL);
  g_autofree char *page_text = g_uri_to_string (page);
  g_autofree char *cdn_text = g_uri_to_string (cdn);
  g_autofree char *shown = mc_hub_url_describe (hub, cdn);
  g_autofree char *own = mc_hub_url_describe (hub, page);

  g_assert_cmpstr (page_text, ==, "https://huggingface.co/o/n/resolve/main/a%20b?x=%2F");
  g_assert_cmpstr (cdn_text, ==, "https://cdn.example/f?Signature=a%2Bb&E=1");
  g_assert_cmpstr (shown, ==, "https://cdn.example/f?...");
  g_assert_cmpstr (own, ==, "/o/n/resolve/main/a%20b?x=%2F");
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (mc_hub_url_follow (hub, refused[i], &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
    }
}

static void
assert_page (const char *endpoint, const char *link, const char *expected)
{
  g_autoptr (GUri) base = mc_hub_url_parse_endpoint (endpoint, NULL);
  g_autoptr (GUri) page = mc_hub_url_next_page (base, base, link, NULL);
  g_autofree char *text = page == NULL ? NULL : g_uri_to_string (page);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_next_page (void)
{
  assert_page ("https://huggingface.co", "https://huggingface.co/api/x?cursor=a%3D",
               "https://huggingface.co/api/x?cursor=a%3D");
  assert_page ("http://127.0.0.1:8080", "https://huggingface.co/api/x?cursor=a",
               "http://127.0.0.1:8080/api/x?cursor=a");
  assert_page ("http://127.0.0.1:8080", "/api/x?cursor=a", "http://127.0.0.1:8080/api/x?cursor=a");
  assert_page ("https://m.example/hf/", "https://huggingface.co/api/x?c=1",
               "https://m.example/hf/api/x?c=1");
  assert_page ("https://m.example/hf", "https://m.example/hf/api/x?c=1",
               "https://m.example/hf/api/x?c=1");
  assert_page ("https://m.example/hf", "https://m.example/hfx/api", "https://m.example/hf/hfx/api");
  assert_page ("https://huggingface.co", "mailto:x", NULL);
  assert_page ("https://huggingface.co", "https://\xff/", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hub-parse/info", test_info);
  g_test_add_func ("/hub-parse/info-sparse", test_info_sparse);
  g_test_add_func ("/hub-parse/info-places", test_info_places);
  g_test_add_func ("/hub-parse/info-model", test_info_model);
  g_test_add_func ("/hub-parse/info-refused", test_info_refused);
  g_test_add_func ("/hub-parse/tree", test_tree);
  g_test_add_func ("/hub-parse/tree-refused", test_tree_refused);
  g_test_add_func ("/hub-parse/tree-odd-names", test_tree_odd_names);
  g_test_add_func ("/hub-parse/tree-limits", test_tree_limits);
  g_test_add_func ("/hub-parse/search", test_search);
  g_test_add_func ("/hub-parse/whoami", test_whoami);
  g_test_add_func ("/hub-parse/links", test_links);
  g_test_add_func ("/hub-parse/content-range", test_content_range);
  g_test_add_func ("/hub-parse/etag", test_etag);
  g_test_add_func ("/hub-parse/wait", test_wait);
  g_test_add_func ("/hub-parse/refusals", test_refusals);
  g_test_add_func ("/hub-parse/refusal-hostile", test_refusal_hostile);
  g_test_add_func ("/hub-parse/bad-token", test_bad_token);
  g_test_add_func ("/hub-parse/endpoint", test_endpoint);
  g_test_add_func ("/hub-parse/token-rule", test_token_rule);
  g_test_add_func ("/hub-parse/follow", test_follow);
  g_test_add_func ("/hub-parse/next-page", test_next_page);
  return g_test_run ();
}
