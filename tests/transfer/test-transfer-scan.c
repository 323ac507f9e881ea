/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-scanner.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <string.h>

/* What a scan says of a repo. */

static McManifest *
scan (Fixture *f, const char *repo, const char *revision, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_scan_async (f->client, repo, revision, cancellable, mc_test_store_result, &result);
  return mc_scan_finish (f->client, mc_test_await (&result), error);
}

static McManifest *
scan_well (Fixture *f, const char *repo, const char *revision)
{
  g_autoptr (GError) error = NULL;
  McManifest *manifest = scan (f, repo, revision, NULL, &error);

  g_assert_no_error (error);
  return manifest;
}

static void
scan_badly (Fixture *f, const char *repo, const char *revision, McError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (scan (f, repo, revision, NULL, &error));
  g_assert_error (error, MC_ERROR, (int) code);
}

static void
test_facts (Fixture *f, gconstpointer data)
{
  static const McTestRepoFacts facts = { .task = "text-generation",
                                         .library = "gguf",
                                         .license = "apache-2.0",
                                         .parameters = 57000,
                                         .context_length = 4096,
                                         .architecture = "llama" };
  g_autoptr (McManifest) manifest = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  mc_test_hub_add_repo (f->hub, "org/chat", &facts);
  mc_test_hub_add_generated (f->hub, "org/chat", "chat-Q4_K_M.gguf", 1000, 7);
  manifest = scan_well (f, "org/chat", NULL);
  g_assert_cmpstr (manifest->endpoint, ==, mc_test_hub_get_url (f->hub));
  g_assert_cmpstr (manifest->repo, ==, "org/chat");
  g_assert_cmpstr (manifest->revision, ==, "main");
  g_assert_cmpstr (manifest->task, ==, "text-generation");
  g_assert_cmpstr (manifest->library, ==, "gguf");
  g_assert_cmpstr (manifest->license, ==, "apache-2.0");
  g_assert_cmpint (manifest->gated, ==, MC_GATED_NO);
  g_assert_cmpuint (manifest->parameters, ==, 57000);
  g_assert_cmpuint (manifest->context_length, ==, 4096);
  g_assert_cmpint (manifest->scanned_at, >=, now);
  g_assert_cmpint (manifest->scanned_at, <=, now + 60);
}

static void
test_files (Fixture *f, gconstpointer data)
{
  static const char *const paths[] = { "README.md", CONFIG,    "empty.txt", FP16,       INT8,
                                       Q4,          QUANTIZED, TOKENIZER,   VOCABULARY, NULL };
  g_autoptr (McManifest) manifest = scan_well (f, "org/model", NULL);

  g_assert_cmpuint (manifest->files->len, ==, g_strv_length ((char **) paths));
  for (guint i = 0; paths[i] != NULL; i++)
    {
      McFile *file = g_ptr_array_index (manifest->files, i);
      g_autofree char *expected = mc_test_hub_dup_hash (f->hub, "org/model", paths[i]);
      g_autofree char *hex = mc_digest_to_hex (&file->digest);

      g_assert_cmpstr (file->path, ==, paths[i]);
      g_assert_cmpstr (hex, ==, expected);
    }
  g_assert_cmpuint (mc_manifest_find_file (manifest, Q4)->size, ==, Q4_SIZE);
  g_assert_cmpuint (mc_manifest_find_file (manifest, CONFIG)->size, ==, strlen (CONFIG_TEXT));
  g_assert_cmpuint (mc_manifest_find_file (manifest, "empty.txt")->size, ==, 0);
}

static void
test_variants (Fixture *f, gconstpointer data)
{
  static const char *const keys[] = { "onnx:q4", "onnx:int8", "onnx:q8", "onnx:fp16" };
  g_autoptr (McManifest) manifest = scan_well (f, "org/model", NULL);

  g_assert_cmpuint (manifest->variants->len, ==, G_N_ELEMENTS (keys));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      McVariant *variant = mc_manifest_find_variant (manifest, keys[i], NULL);
      g_autoptr (GPtrArray) files = NULL;

      g_assert_nonnull (variant);
      g_assert_cmpstr (variant->key, ==, keys[i]);
      /* Its own file and the three that all share. */
      files = mc_manifest_variant_files (manifest, variant);
      g_assert_cmpuint (files->len, ==, 4);
    }
  g_assert_nonnull (manifest->default_key);
}

static void
test_pinned (Fixture *f, gconstpointer data)
{
  g_autofree char *commit = mc_test_hub_dup_commit (f->hub, "org/model");
  g_autoptr (McManifest) manifest = scan_well (f, "org/model", NULL);
  g_autofree char *target =
      mc_test_hub_seen (f->hub, "/api/models/org/model/tree/main", 0, ":target");

  g_assert_cmpstr (manifest->commit, ==, commit);
  /* The listing is that commit's, even if "main" moves between the two requests. */
  g_assert_nonnull (target);
  g_assert_nonnull (strstr (target, commit));
}

static void
test_moved (Fixture *f, gconstpointer data)
{
  g_autoptr (McManifest) before = scan_well (f, "org/model", NULL);
  g_autoptr (McManifest) after = NULL;
  g_autoptr (McManifest) again = NULL;

  mc_test_hub_add_file (f->hub, "org/model", "new.txt", "new", 3, FALSE);
  after = scan_well (f, "org/model", NULL);
  g_assert_cmpstr (after->commit, !=, before->commit);
  g_assert_nonnull (mc_manifest_find_file (after, "new.txt"));
  again = scan_well (f, "org/model", before->commit);
  g_assert_cmpstr (again->commit, ==, before->commit);
  g_assert_cmpstr (again->revision, ==, before->commit);
  g_assert_null (mc_manifest_find_file (again, "new.txt"));
}

static void
test_alias (Fixture *f, gconstpointer data)
{
  g_autoptr (McManifest) manifest = NULL;

  mc_test_hub_add_alias (f->hub, "old-name", "org/model");
  manifest = scan_well (f, "old-name", NULL);
  g_assert_cmpstr (manifest->repo, ==, "org/model");
  g_assert_nonnull (mc_manifest_find_file (manifest, Q4));
}

static void
test_pages (Fixture *f, gconstpointer data)
{
  g_autoptr (McManifest) manifest = NULL;

  mc_test_hub_set_page_size (f->hub, 2);
  manifest = scan_well (f, "org/model", NULL);
  g_assert_cmpuint (manifest->files->len, ==, 9);
  g_assert_cmpuint (mc_test_hub_count (f->hub, "/api/models/org/model/tree/main"), >=, 5);
}

static void
test_masked (Fixture *f, gconstpointer data)
{
  static const McTestRepoFacts facts = { .gated = "manual" };
  g_autoptr (McManifest) manifest = NULL;
  McFile *weights;

  mc_test_hub_add_repo (f->hub, "org/gated", &facts);
  mc_test_hub_add_file (f->hub, "org/gated", "README.md", "hi", 2, FALSE);
  mc_test_hub_add_generated (f->hub, "org/gated", "chat-Q4_K_M.gguf", 1000, 7);
  manifest = scan_well (f, "org/gated", NULL);
  g_assert_cmpint (manifest->gated, ==, MC_GATED_MANUAL);
  weights = mc_manifest_find_file (manifest, "chat-Q4_K_M.gguf");
  g_assert_nonnull (weights);
  g_assert_cmpint (weights->digest.kind, ==, MC_DIGEST_NONE);
  g_assert_cmpuint (weights->size, ==, 1000);
  g_assert_cmpuint (manifest->variants->len, ==, 1);
}

static void
test_unknown (Fixture *f, gconstpointer data)
{
  scan_badly (f, "org/none", NULL, MC_ERROR_NOT_FOUND);
  scan_badly (f, "org/model", "no-such-branch", MC_ERROR_NOT_FOUND);
  scan_badly (f, "../etc", NULL, MC_ERROR_INVALID_NAME);
}

static void
test_broken (Fixture *f, gconstpointer data)
{
  mc_test_hub_script (f->hub, "/api/models/org/model", MC_TEST_NOT_JSON, 0, 1);
  scan_badly (f, "org/model", NULL, MC_ERROR_BAD_RESPONSE);
  mc_test_hub_script (f->hub, "/api/models/org/model/tree/main", MC_TEST_NOT_JSON, 0, 1);
  scan_badly (f, "org/model", NULL, MC_ERROR_BAD_RESPONSE);
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_test_hub_script (f->hub, "/api/models/org/model/tree/main", MC_TEST_SILENT, 0, 1);
  mc_scan_async (f->client, "org/model", NULL, cancellable, mc_test_store_result, &result);
  g_cancellable_cancel (cancellable);
  g_assert_null (mc_scan_finish (f->client, mc_test_await (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/scan/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("facts", test_facts);
  ADD ("files", test_files);
  ADD ("variants", test_variants);
  ADD ("pinned", test_pinned);
  ADD ("moved", test_moved);
  ADD ("alias", test_alias);
  ADD ("pages", test_pages);
  ADD ("masked", test_masked);
  ADD ("unknown", test_unknown);
  ADD ("broken", test_broken);
  ADD ("cancelled", test_cancelled);
  return g_test_run ();
}
