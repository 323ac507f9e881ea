/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-manifest.h"

#include "mc-error.h"
#include "mc-manifest-build.h"

#include <string.h>

/* Finding things in a manifest by what a person typed, adding up sizes, and how a grouping gets
 * into it. */

static McDigest
digest_of (guint8 seed)
{
  guint8 bytes[MC_SHA256_SIZE] = { 0 };

  bytes[0] = seed;
  return mc_digest_from_bytes (MC_DIGEST_SHA256, bytes);
}

static McManifest *
manifest_new (void)
{
  McManifest *manifest = mc_manifest_new ();

  manifest->repo = g_strdup ("owner/name");
  return manifest;
}

/* A manifest whose variants have these keys and no files; the first is the default. */
static McManifest *
manifest_with_keys (const char *const *keys)
{
  McManifest *manifest = manifest_new ();

  for (gsize i = 0; keys[i] != NULL; i++)
    {
      g_autofree char *format = g_strndup (keys[i], strcspn (keys[i], ":"));

      mc_manifest_add_variant (manifest, keys[i], format);
    }
  manifest->default_key = g_strdup (keys[0]);
  return manifest;
}

static void
assert_finds (McManifest *manifest, const char *name, const char *key)
{
  g_autoptr (GError) error = NULL;
  McVariant *variant = mc_manifest_find_variant (manifest, name, &error);

  g_assert_no_error (error);
  g_assert_nonnull (variant);
  g_assert_cmpstr (variant->key, ==, key);
}

static void
assert_refuses (McManifest *manifest, const char *name, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mc_manifest_find_variant (manifest, name, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_UNKNOWN_VARIANT);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_find_variant (void)
{
  static const char *const keys[] = {
    "gguf:M/Q4_K_M", "gguf:M/UD-Q4_K_M",     "gguf:Q8_0", "gguf:M/Q8_0",
    "onnx:q8",       "onnx:text_model/fp32", NULL
  };
  g_autoptr (McManifest) manifest = manifest_with_keys (keys);

  assert_finds (manifest, NULL, "gguf:M/Q4_K_M");
  assert_finds (manifest, "", "gguf:M/Q4_K_M");
  assert_finds (manifest, "gguf:M/Q8_0", "gguf:M/Q8_0");
  assert_finds (manifest, "GGUF:m/q8_0", "gguf:M/Q8_0");
  /* A whole label wins over the end of another, */
  assert_finds (manifest, "q8_0", "gguf:Q8_0");
  assert_finds (manifest, "m/q8_0", "gguf:M/Q8_0");
  /* an end at a slash over any other end, */
  assert_finds (manifest, "Q4_K_M", "gguf:M/Q4_K_M");
  /* and any end is better than none. */
  assert_finds (manifest, "D-Q4_K_M", "gguf:M/UD-Q4_K_M");
  assert_finds (manifest, "fp32", "onnx:text_model/fp32");
  assert_finds (manifest, "8", "onnx:q8");
}

static void
test_find_variant_by_case (void)
{
  static const char *const keys[] = { "safetensors:Model-A", "safetensors:model-a", NULL };
  g_autoptr (McManifest) manifest = manifest_with_keys (keys);

  assert_finds (manifest, "safetensors:Model-A", "safetensors:Model-A");
  assert_finds (manifest, "safetensors:model-a", "safetensors:model-a");
  assert_refuses (manifest, "SAFETENSORS:MODEL-A",
                  "“SAFETENSORS:MODEL-A” fits several variants of owner/name: "
                  "safetensors:Model-A, safetensors:model-a");
}

static void
test_find_variant_refusals (void)
{
  static const char *const keys[] = { "gguf:A/Q4_0", "gguf:B/Q4_0", "onnx:fp32", NULL };
  g_autoptr (McManifest) manifest = manifest_with_keys (keys);
  g_autoptr (McManifest) empty = manifest_new ();

  assert_refuses (manifest, "q4_0",
                  "“q4_0” fits several variants of owner/name: gguf:A/Q4_0, gguf:B/Q4_0");
  assert_refuses (
      manifest, "Q5_K_M",
      "owner/name has no variant “Q5_K_M”; it has: gguf:A/Q4_0, gguf:B/Q4_0, onnx:fp32");
  /* Longer than any key. */
  assert_refuses (
      manifest, "xgguf:A/Q4_0",
      "owner/name has no variant “xgguf:A/Q4_0”; it has: gguf:A/Q4_0, gguf:B/Q4_0, onnx:fp32");
  assert_refuses (empty, NULL, "owner/name has no variants");
}

/* What no key has: names of files, and what llama.cpp takes for a tag in them. */
static void
test_find_variant_by_file (void)
{
  static const char *const paths[] = { "IQ4/x-IQ4_K-f16.gguf", "x-Q4_K-f16.gguf",
                                       "x-fp16-00001-of-2.gguf", "x-latest.gguf" };
  static const char *const keys[] = { "gguf:IQ4_K-f16", "gguf:Q4_K-f16", "gguf:F16",
                                      "gguf:x-latest" };
  g_autoptr (McManifest) manifest = manifest_new ();

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      mc_manifest_add_file (manifest, paths[i], 1, (McDigest){ 0 });
      g_array_append_val (mc_manifest_add_variant (manifest, keys[i], "gguf")->files, i);
    }
  manifest->default_key = g_strdup (keys[1]);
  assert_finds (manifest, "q4_k", "gguf:Q4_K-f16");
  assert_finds (manifest, "iq4_K", "gguf:IQ4_K-f16");
  assert_finds (manifest, "FP16", "gguf:F16");
  assert_finds (manifest, "X-q4_k-F16.gguf", "gguf:Q4_K-f16");
  assert_finds (manifest, "IQ4/x-IQ4_K-f16.gguf", "gguf:IQ4_K-f16");
  /* The end of a key comes first. */
  assert_finds (manifest, "F16", "gguf:F16");
  assert_refuses (manifest, "x",
                  "“x” fits several variants of owner/name: gguf:IQ4_K-f16, gguf:Q4_K-f16, "
                  "gguf:F16, gguf:x-latest");
  assert_refuses (manifest, "4_K",
                  "owner/name has no variant “4_K”; it has: gguf:IQ4_K-f16, gguf:Q4_K-f16, "
                  "gguf:F16, gguf:x-latest");
}

static void
test_find_variant_latest (void)
{
  static const char *const keys[] = { "gguf:Q4_K_M", "gguf:Q8_0", NULL };
  static const char *const own[] = { "gguf:A", "gguf:latest", NULL };
  g_autoptr (McManifest) manifest = manifest_with_keys (keys);
  g_autoptr (McManifest) named = manifest_with_keys (own);

  assert_finds (manifest, "latest", "gguf:Q4_K_M");
  assert_finds (manifest, "LATEST", "gguf:Q4_K_M");
  assert_finds (named, "latest", "gguf:latest");
}

static void
test_find_variant_among_many (void)
{
  g_autoptr (McManifest) manifest = manifest_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *key = g_strdup_printf ("gguf:M%02u/Q4_0", i);

      mc_manifest_add_variant (manifest, key, "gguf");
    }
  g_assert_null (mc_manifest_find_variant (manifest, "nothing", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_UNKNOWN_VARIANT);
  g_assert_true (g_str_has_suffix (error->message, "gguf:M11/Q4_0, …"));
}

static void
test_find_file (void)
{
  static const char *const paths[] = { "A", "B/c", "a", "b", "b/c" };
  g_autoptr (McManifest) manifest = manifest_new ();

  g_assert_null (mc_manifest_find_file (manifest, "a"));
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    mc_manifest_add_file (manifest, paths[i], i, digest_of ((guint8) i));
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      McFile *file = mc_manifest_find_file (manifest, paths[i]);

      g_assert_nonnull (file);
      g_assert_cmpstr (file->path, ==, paths[i]);
      g_assert_cmpuint (file->size, ==, i);
    }
  g_assert_null (mc_manifest_find_file (manifest, ""));
  g_assert_null (mc_manifest_find_file (manifest, "b/"));
  g_assert_null (mc_manifest_find_file (manifest, "z"));
}

/* Two files of one content are downloaded once; those whose hash is masked may be anything. */
static void
test_total_size (void)
{
  g_autoptr (McManifest) manifest = manifest_new ();
  const McDigest none = { MC_DIGEST_NONE };

  g_assert_cmpuint (mc_files_total_size (manifest->files), ==, 0);
  mc_manifest_add_file (manifest, "a", 100, digest_of (1));
  mc_manifest_add_file (manifest, "b", 100, digest_of (1));
  mc_manifest_add_file (manifest, "c", 7, digest_of (2));
  g_assert_cmpuint (mc_files_total_size (manifest->files), ==, 107);
  mc_manifest_add_file (manifest, "d", 5, none);
  mc_manifest_add_file (manifest, "e", 5, none);
  g_assert_cmpuint (mc_files_total_size (manifest->files), ==, 117);
}

/* Paths and what the grouping of them makes of each. */
static const struct
{
  const char *path;
  McFileRole role;
} grouped[] = {
  { "README.md", MC_FILE_OTHER },
  { "config.json", MC_FILE_SHARED },
  { "m-Q4_K_M.gguf", MC_FILE_VARIANT },
  { "m-Q8_0-00001-of-00002.gguf", MC_FILE_VARIANT },
  { "m-Q8_0-00002-of-00002.gguf", MC_FILE_VARIANT },
  { "model.safetensors", MC_FILE_VARIANT },
};

static McManifest *
manifest_with_grouping (void)
{
  McManifest *manifest = manifest_new ();
  const char *paths[G_N_ELEMENTS (grouped)];
  g_autoptr (McGrouping) grouping = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (grouped); i++)
    {
      paths[i] = grouped[i].path;
      mc_manifest_add_file (manifest, paths[i], (guint64) 1 << i, digest_of ((guint8) i));
    }
  grouping = mc_grouping_detect (paths, G_N_ELEMENTS (paths));
  mc_manifest_apply_grouping (manifest, grouping);
  return manifest;
}

static void
test_apply_grouping (void)
{
  static const char *const keys[] = { "gguf:Q4_K_M", "gguf:Q8_0", "safetensors:default" };
  g_autoptr (McManifest) manifest = manifest_with_grouping ();
  McVariant *variant;

  for (gsize i = 0; i < G_N_ELEMENTS (grouped); i++)
    g_assert_cmpint (((McFile *) g_ptr_array_index (manifest->files, i))->role, ==,
                     grouped[i].role);
  g_assert_cmpuint (manifest->variants->len, ==, G_N_ELEMENTS (keys));
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    g_assert_cmpstr (((McVariant *) g_ptr_array_index (manifest->variants, i))->key, ==, keys[i]);
  g_assert_cmpstr (manifest->default_key, ==, "gguf:Q4_K_M");
  variant = mc_manifest_find_variant (manifest, "Q8_0", NULL);
  g_assert_nonnull (variant);
  g_assert_cmpstr (variant->format, ==, "gguf");
  g_assert_cmpuint (variant->files->len, ==, 2);
  g_assert_cmpuint (g_array_index (variant->files, guint, 0), ==, 3);
  g_assert_cmpuint (g_array_index (variant->files, guint, 1), ==, 4);
}

static void
test_apply_empty_grouping (void)
{
  g_autoptr (McManifest) manifest = manifest_new ();
  g_autoptr (McGrouping) grouping = mc_grouping_detect (NULL, 0);

  mc_manifest_apply_grouping (manifest, grouping);
  g_assert_cmpuint (manifest->variants->len, ==, 0);
  g_assert_null (manifest->default_key);
}

/* The variant's own files and the shared ones, by path. */
static void
test_variant_files (void)
{
  static const char *const expected[] = { "config.json", "m-Q8_0-00001-of-00002.gguf",
                                          "m-Q8_0-00002-of-00002.gguf" };
  g_autoptr (McManifest) manifest = manifest_with_grouping ();
  McVariant *variant = mc_manifest_find_variant (manifest, "gguf:Q8_0", NULL);
  g_autoptr (GPtrArray) files = mc_manifest_variant_files (manifest, variant);

  g_assert_cmpuint (files->len, ==, G_N_ELEMENTS (expected));
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (((McFile *) g_ptr_array_index (files, i))->path, ==, expected[i]);
  g_assert_cmpuint (mc_files_total_size (files), ==, 2 + 8 + 16);
}

static void
test_gated_names (void)
{
  g_assert_cmpstr (mc_gated_to_string (MC_GATED_NO), ==, "no");
  g_assert_cmpstr (mc_gated_to_string (MC_GATED_AUTO), ==, "auto");
  g_assert_cmpstr (mc_gated_to_string (MC_GATED_MANUAL), ==, "manual");
}

static void
test_shared_by_reference (void)
{
  McManifest *manifest = manifest_with_grouping ();

  g_assert_true (mc_manifest_ref (manifest) == manifest);
  mc_manifest_unref (manifest);
  g_assert_cmpstr (manifest->repo, ==, "owner/name");
  mc_manifest_unref (manifest);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/manifest/find-variant", test_find_variant);
  g_test_add_func ("/manifest/find-variant/by-case", test_find_variant_by_case);
  g_test_add_func ("/manifest/find-variant/refusals", test_find_variant_refusals);
  g_test_add_func ("/manifest/find-variant/by-file", test_find_variant_by_file);
  g_test_add_func ("/manifest/find-variant/latest", test_find_variant_latest);
  g_test_add_func ("/manifest/find-variant/among-many", test_find_variant_among_many);
  g_test_add_func ("/manifest/find-file", test_find_file);
  g_test_add_func ("/manifest/total-size", test_total_size);
  g_test_add_func ("/manifest/variant-files", test_variant_files);
  g_test_add_func ("/manifest/apply-grouping", test_apply_grouping);
  g_test_add_func ("/manifest/apply-empty-grouping", test_apply_empty_grouping);
  g_test_add_func ("/manifest/gated-names", test_gated_names);
  g_test_add_func ("/manifest/shared-by-reference", test_shared_by_reference);
  return g_test_run ();
}
