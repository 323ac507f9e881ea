/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-endpoint-guard.h"
#include "mc-endpoint-json.h"
#include "mc-endpoint-range.h"
#include "mc-endpoint-target.h"
#include "mc-error.h"

#include <string.h>

/* What a request means, who may make it, which bytes it gets: as values. */

/* --- what is asked for --- */

typedef struct
{
  const char *path;
  int kind; /* -1: nothing that is answered */
  const char *repo;
  const char *revision;
  const char *below;
} Target;

static const Target targets[] = {
  { "/ada/small/resolve/main/a.gguf", MC_TARGET_FILE, "ada/small", "main", "a.gguf" },
  { "/gpt2/resolve/main/a.gguf", MC_TARGET_FILE, "gpt2", "main", "a.gguf" },
  { "/ada/small/resolve/main/on%20nx/m%2Bx.onnx", MC_TARGET_FILE, "ada/small", "main",
    "on nx/m+x.onnx" },
  { "/ada/small/resolve/main/onnx%2Fm.onnx", MC_TARGET_FILE, "ada/small", "main", "onnx/m.onnx" },
  { "/ada/small/resolve/main/a+b.onnx", MC_TARGET_FILE, "ada/small", "main", "a+b.onnx" },
  { "/ada/small/resolve/refs%2Fpr%2F1/f", MC_TARGET_FILE, "ada/small", "refs/pr/1", "f" },
  { "/ada/small/resolve/refs/pr/1/f", MC_TARGET_FILE, "ada/small", "refs/pr/1", "f" },
  { "/ada/resolve/resolve/main/f", MC_TARGET_FILE, "ada/resolve", "main", "f" },
  { "/ada/small/raw/main/f", MC_TARGET_RAW, "ada/small", "main", "f" },
  { "/api/models/ada/small", MC_TARGET_INFO, "ada/small", "main", "" },
  { "/api/models/gpt2", MC_TARGET_INFO, "gpt2", "main", "" },
  { "/api/models/ada/small/revision/HEAD", MC_TARGET_INFO, "ada/small", "main", "" },
  { "/api/models/ada/small/revision/v1", MC_TARGET_INFO, "ada/small", "v1", "" },
  { "/api/models/gpt2/tree/main", MC_TARGET_TREE, "gpt2", "main", "" },
  { "/api/models/ada/small/tree/main/on/nx", MC_TARGET_TREE, "ada/small", "main", "on/nx" },
  { "/api/models/ada/small/refs", MC_TARGET_REFS, "ada/small", "main", "" },
  { "/api/models/ada/small/paths-info/main", MC_TARGET_PATHS, "ada/small", "main", "" },
  { "/v2/ada/small/manifests/Q4_K_M", MC_TARGET_MANIFEST, "ada/small", "main", "Q4_K_M" },
  { "/v2/ada/small/manifests/latest", MC_TARGET_MANIFEST, "ada/small", "main", "latest" },
  { "", -1, NULL, NULL, NULL },
  { "/", -1, NULL, NULL, NULL },
  { "ada/small/resolve/main/f", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/main", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/main/", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/main/../f", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/main/%2e%2e/f", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/main/..%2Ff", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/main//f", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/main/f%00", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/main/f%0d%0aX: y", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/main/%ff%fe", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/main/%zz", -1, NULL, NULL, NULL },
  { "/../small/resolve/main/f", -1, NULL, NULL, NULL },
  { "/ada/sm all/resolve/main/f", -1, NULL, NULL, NULL },
  { "/ada/small/resolve/-..-/f", -1, NULL, NULL, NULL },
  { "/datasets/ada/small/resolve/main/f", -1, NULL, NULL, NULL },
  { "/api/models", -1, NULL, NULL, NULL },
  { "/api/models/", -1, NULL, NULL, NULL },
  { "/api/models/a/b/c", -1, NULL, NULL, NULL },
  { "/api/models/ada/small/tree", -1, NULL, NULL, NULL },
  { "/api/models/ada/small/refs/x", -1, NULL, NULL, NULL },
  { "/api/models/ada/small/revision/main/x", -1, NULL, NULL, NULL },
  { "/api/whoami-v2", -1, NULL, NULL, NULL },
  { "/v2/ada/small/manifests", -1, NULL, NULL, NULL },
  { "/v2/ada/small/manifests/a/b", -1, NULL, NULL, NULL },
};

static void
test_target (gconstpointer data)
{
  const Target *expected = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (McTarget) target = mc_target_parse (expected->path, &error);

  if (expected->kind < 0)
    {
      g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
      g_assert_null (target);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpint (target->kind, ==, expected->kind);
  g_assert_cmpstr (target->repo, ==, expected->repo);
  g_assert_cmpstr (target->revision, ==, expected->revision);
  g_assert_cmpstr (target->path, ==, expected->below);
}

static void
test_target_long (void)
{
  g_autofree char *name = g_strnfill (20000, 'x');
  g_autofree char *path = g_strconcat ("/ada/small/resolve/main/", name, NULL);
  g_autofree char *slashes = g_strnfill (20000, '/');

  g_assert_null (mc_target_parse (path, NULL));
  g_assert_null (mc_target_parse (slashes, NULL));
}

/* --- which bytes --- */

#define ETAG "\"abc\""

typedef struct
{
  McRangeFields fields;
  guint64 size;
  McSlice slice;
} Slice;

static const Slice slices[] = {
  { { NULL, NULL, NULL }, 100, { 200, 0, 100 } },
  { { "bytes=0-0", NULL, NULL }, 100, { 206, 0, 1 } },
  { { "bytes=10-19", NULL, NULL }, 100, { 206, 10, 10 } },
  { { "Bytes= 10-19 ", NULL, NULL }, 100, { 206, 10, 10 } },
  { { "bytes=10-", NULL, NULL }, 100, { 206, 10, 90 } },
  { { "bytes=0-", NULL, NULL }, 100, { 206, 0, 100 } },
  { { "bytes=-10", NULL, NULL }, 100, { 206, 90, 10 } },
  { { "bytes=-1000", NULL, NULL }, 100, { 206, 0, 100 } },
  { { "bytes=99-1000", NULL, NULL }, 100, { 206, 99, 1 } },
  { { "bytes=0-18446744073709551615", NULL, NULL }, 100, { 206, 0, 100 } },
  { { "bytes=100-", NULL, NULL }, 100, { 416, 0, 0 } },
  { { "bytes=100-200", NULL, NULL }, 100, { 416, 0, 0 } },
  { { "bytes=-0", NULL, NULL }, 100, { 416, 0, 0 } },
  { { "bytes=18446744073709551615-", NULL, NULL }, 100, { 416, 0, 0 } },
  { { "bytes=18446744073709551616-", NULL, NULL }, 100, { 200, 0, 100 } },
  { { "bytes=20-10", NULL, NULL }, 100, { 200, 0, 100 } },
  { { "bytes=1-2,4-5", NULL, NULL }, 100, { 200, 0, 100 } },
  { { "bytes=-", NULL, NULL }, 100, { 200, 0, 100 } },
  { { "bytes=", NULL, NULL }, 100, { 200, 0, 100 } },
  { { "bytes=a-b", NULL, NULL }, 100, { 200, 0, 100 } },
  { { "bytes=+1-2", NULL, NULL }, 100, { 200, 0, 100 } },
  { { "bytes=0x1-2", NULL, NULL }, 100, { 200, 0, 100 } },
  { { "lines=0-1", NULL, NULL }, 100, { 200, 0, 100 } },
  { { "", NULL, NULL }, 100, { 200, 0, 100 } },
  { { "bytes=0-0", NULL, NULL }, 0, { 200, 0, 0 } },
  { { "bytes=5-9", ETAG, NULL }, 100, { 206, 5, 5 } },
  { { "bytes=5-9", "\"other\"", NULL }, 100, { 200, 0, 100 } },
  { { "bytes=5-9", "W/" ETAG, NULL }, 100, { 200, 0, 100 } },
  { { "bytes=5-9", "Wed, 21 Oct 2015 07:28:00 GMT", NULL }, 100, { 200, 0, 100 } },
  { { NULL, NULL, ETAG }, 100, { 304, 0, 0 } },
  { { "bytes=0-0", NULL, ETAG }, 100, { 304, 0, 0 } },
  { { NULL, NULL, "W/" ETAG }, 100, { 304, 0, 0 } },
  { { NULL, NULL, "\"x\", " ETAG " ,\"y\"" }, 100, { 304, 0, 0 } },
  { { NULL, NULL, "*" }, 100, { 304, 0, 0 } },
  { { NULL, NULL, "abc" }, 100, { 200, 0, 100 } },
  { { "bytes=1-1", NULL, "\"x\"" }, 100, { 206, 1, 1 } },
  { { "bytes=4294967296-4294967299", NULL, NULL },
    G_GUINT64_CONSTANT (8000000000),
    { 206, G_GUINT64_CONSTANT (4294967296), 4 } },
};

static void
test_slice (gconstpointer data)
{
  const Slice *expected = data;
  McSlice slice = mc_slice_choose (&expected->fields, expected->size, ETAG);

  g_assert_cmpuint (slice.status, ==, expected->slice.status);
  g_assert_cmpuint (slice.offset, ==, expected->slice.offset);
  g_assert_cmpuint (slice.length, ==, expected->slice.length);
}

/* --- who may ask --- */

#define KEY "0123456789abcdef0123456789abcdef"

static void
test_key (void)
{
  g_assert_cmpstr (mc_endpoint_strip_key ("/" KEY "/a/b", KEY), ==, "/a/b");
  g_assert_cmpstr (mc_endpoint_strip_key ("/" KEY, KEY), ==, "");
  g_assert_null (mc_endpoint_strip_key ("/" KEY "x/a", KEY));
  g_assert_null (mc_endpoint_strip_key ("/x" KEY "/a", KEY));
  g_assert_null (mc_endpoint_strip_key ("/0123456789abcdef0123456789abcdee/a", KEY));
  g_assert_null (mc_endpoint_strip_key ("/1123456789abcdef0123456789abcdef/a", KEY));
  g_assert_null (mc_endpoint_strip_key ("/0123456789abcdef0123456789abcde/a", KEY));
  g_assert_null (mc_endpoint_strip_key ("//a", KEY));
  g_assert_null (mc_endpoint_strip_key ("", KEY));
  g_assert_null (mc_endpoint_strip_key (KEY "/a", KEY));
  g_assert_true (mc_endpoint_key_is_valid (KEY));
  g_assert_true (mc_endpoint_key_is_valid ("My-long_key-1234"));
  g_assert_false (mc_endpoint_key_is_valid (""));
  g_assert_false (mc_endpoint_key_is_valid ("tooshort"));
  g_assert_false (mc_endpoint_key_is_valid ("0123456789abcdef/../x"));
  g_assert_false (mc_endpoint_key_is_valid ("0123456789abcdef\n0123"));
}

static void
test_host (void)
{
  static const char *const own[] = { "127.0.0.1:80", "localhost:80", "LocalHost:80", "[::1]:80" };
  static const char *const others[] = { "127.0.0.1",
                                        "127.0.0.1:81",
                                        "127.0.0.1:080x",
                                        "127.0.0.2:80",
                                        "localhost.evil.org:80",
                                        "evil.org:80",
                                        "evil.org",
                                        "",
                                        "127.0.0.1:80@evil.org",
                                        "127.0.0.1.evil.org:80" };

  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    g_assert_true (mc_endpoint_host_is_own (own[i], 80));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (mc_endpoint_host_is_own (others[i], 80));
  g_assert_false (mc_endpoint_host_is_own (NULL, 80));
}

static void
test_origin (void)
{
  static const char *const good[] = { "https://example.org",   "http://localhost:8080",
                                      "http://[::1]:80",       "chrome-extension://abcdefgh",
                                      "moz-extension://1-2-3", "moz-extension://a@example.org",
                                      "moz-extension://{1-2}" };
  static const char *const bad[] = { "",
                                     "*",
                                     "null",
                                     "example.org",
                                     "https://",
                                     "://x",
                                     "https://example.org/",
                                     "https://a b",
                                     "https://a\nb",
                                     "https://a?b",
                                     "https://u@example.org",
                                     "moz-extension://a@b/c" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (mc_endpoint_origin_is_valid (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mc_endpoint_origin_is_valid (bad[i]));
}

/* Firefox sends a UUID for what was allowed by its ID. */
static void
test_origin_is (void)
{
  g_assert_true (mc_endpoint_origin_is ("https://a.org", "https://a.org"));
  g_assert_true (mc_endpoint_origin_is ("moz-extension://1-2-3", "moz-extension://a@b.org"));
  g_assert_false (mc_endpoint_origin_is ("https://b.org", "https://a.org"));
  g_assert_false (mc_endpoint_origin_is ("moz-extension://1-2-3", "https://a.org"));
  g_assert_false (mc_endpoint_origin_is ("https://a.org", "moz-extension://a@b.org"));
  g_assert_false (mc_endpoint_origin_is ("chrome-extension://aa", "chrome-extension://ab"));
  g_assert_false (mc_endpoint_origin_is ("null", "moz-extension://a@b.org"));
}

static void
test_wrong_keys (void)
{
  McWrongKeys wrong = { 0, 0 };
  gint64 now = 1000 * G_USEC_PER_SEC;

  for (guint i = 0; i < MC_WRONG_KEYS; i++)
    g_assert_false (mc_wrong_keys_add (&wrong, now + i));
  g_assert_true (mc_wrong_keys_add (&wrong, now + MC_WRONG_KEYS));
  g_assert_true (mc_wrong_keys_add (&wrong, now + (MC_WRONG_KEYS_SECONDS - 1) * G_USEC_PER_SEC));
  g_assert_false (mc_wrong_keys_add (&wrong, now + MC_WRONG_KEYS_SECONDS * G_USEC_PER_SEC));
}

/* --- listings --- */

static McDigest
digest_of (const char *hex)
{
  McDigest digest;

  g_assert_true (mc_digest_parse_hex (
      &digest, strlen (hex) == 64 ? MC_DIGEST_SHA256 : MC_DIGEST_GIT_SHA1, hex));
  return digest;
}

#define GIT "1a2d4a39f9133a69a90ac6c66e72f459cf853b54"
#define SHA "882e8d2db44dc554fb0ea5077cb7e4bc49e7342a1f0da57901c0802ea21a0863"

/* The large file and its two names are those of a file of the Hub. */
static McManifest *
make_manifest (void)
{
  McManifest *manifest = mc_manifest_new ();
  McVariant *variant;
  guint place = 3;

  manifest->endpoint = g_strdup ("https://huggingface.co");
  manifest->repo = g_strdup ("ada/small-GGUF");
  manifest->revision = g_strdup ("main");
  manifest->commit = g_strdup ("0123456789012345678901234567890123456789");
  mc_manifest_add_file (manifest, "README.md", 5, digest_of (GIT));
  mc_manifest_add_file (manifest, "a/b/deep.txt", 6, digest_of (GIT));
  mc_manifest_add_file (manifest, "a/flat.txt", 7, digest_of (GIT));
  mc_manifest_add_file (manifest, "small-Q4_K_M.gguf", 2489757856, digest_of (SHA));
  variant = mc_manifest_add_variant (manifest, "gguf:q4_k_m", "gguf");
  g_array_append_val (variant->files, place);
  manifest->default_key = g_strdup ("gguf:q4_k_m");
  return manifest;
}

static char *
list_paths (JsonNode *node)
{
  JsonArray *array = json_node_get_array (node);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *entry = json_array_get_object_element (array, i);

      g_string_append_printf (text, "%s%c", json_object_get_string_member (entry, "path"),
                              json_object_get_string_member (entry, "type")[0]);
      g_string_append_c (text, ' ');
    }
  json_node_unref (node);
  return g_string_free (text, FALSE);
}

static void
test_tree (void)
{
  g_autoptr (McManifest) manifest = make_manifest ();
  g_autofree char *all = list_paths (mc_endpoint_json_tree (manifest, "", TRUE));
  g_autofree char *top = list_paths (mc_endpoint_json_tree (manifest, "", FALSE));
  g_autofree char *below = list_paths (mc_endpoint_json_tree (manifest, "a", FALSE));
  g_autofree char *deep = list_paths (mc_endpoint_json_tree (manifest, "a/b", TRUE));

  g_assert_cmpstr (all, ==, "ad a/bd README.mdf a/b/deep.txtf a/flat.txtf small-Q4_K_M.gguff ");
  g_assert_cmpstr (top, ==, "ad README.mdf small-Q4_K_M.gguff ");
  g_assert_cmpstr (below, ==, "a/bd a/flat.txtf ");
  g_assert_cmpstr (deep, ==, "a/b/deep.txtf ");
  g_assert_null (mc_endpoint_json_tree (manifest, "b", TRUE));
  g_assert_null (mc_endpoint_json_tree (manifest, "README", TRUE));
}

static void
test_large_file (void)
{
  g_autoptr (McManifest) manifest = make_manifest ();
  const char *const paths[] = { "small-Q4_K_M.gguf", "none", "a/b", NULL };
  g_autoptr (JsonNode) node = mc_endpoint_json_paths (manifest, paths);
  JsonArray *array = json_node_get_array (node);
  JsonObject *entry = json_array_get_object_element (array, 0);
  JsonObject *lfs = json_object_get_object_member (entry, "lfs");
  g_autofree char *pointer =
      mc_endpoint_make_pointer (mc_manifest_find_file (manifest, "small-Q4_K_M.gguf"));

  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (entry, "oid"), ==, GIT);
  g_assert_cmpint (json_object_get_int_member (entry, "size"), ==, 2489757856);
  g_assert_cmpstr (json_object_get_string_member (lfs, "oid"), ==, SHA);
  g_assert_cmpint (json_object_get_int_member (lfs, "pointerSize"), ==, 135);
  g_assert_cmpuint (strlen (pointer), ==, 135);
  g_assert_null (mc_endpoint_make_pointer (mc_manifest_find_file (manifest, "README.md")));
}

static void
test_tag (void)
{
  static const char *const tags[] = { "Q4_K_M", "q4_k_m", "latest" };
  g_autoptr (McManifest) manifest = make_manifest ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      g_autoptr (JsonNode) node = mc_endpoint_json_manifest (manifest, tags[i], &error);
      JsonObject *file = json_object_get_object_member (json_node_get_object (node), "ggufFile");

      g_assert_no_error (error);
      g_assert_cmpstr (json_object_get_string_member (file, "rfilename"), ==, "small-Q4_K_M.gguf");
    }
  g_assert_null (mc_endpoint_json_manifest (manifest, "Q2_K", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_UNKNOWN_VARIANT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *name = g_strdup_printf ("/endpoint/target/%02u", i);

      g_test_add_data_func (name, &targets[i], test_target);
    }
  for (guint i = 0; i < G_N_ELEMENTS (slices); i++)
    {
      g_autofree char *name = g_strdup_printf ("/endpoint/slice/%02u", i);

      g_test_add_data_func (name, &slices[i], test_slice);
    }
  g_test_add_func ("/endpoint/target/long", test_target_long);
  g_test_add_func ("/endpoint/key", test_key);
  g_test_add_func ("/endpoint/host", test_host);
  g_test_add_func ("/endpoint/origin", test_origin);
  g_test_add_func ("/endpoint/origin-is", test_origin_is);
  g_test_add_func ("/endpoint/wrong-keys", test_wrong_keys);
  g_test_add_func ("/endpoint/tree", test_tree);
  g_test_add_func ("/endpoint/large-file", test_large_file);
  g_test_add_func ("/endpoint/tag", test_tag);
  return g_test_run ();
}
