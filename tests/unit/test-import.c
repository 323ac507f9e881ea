/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-import-layout.h"
#include "mc-import-match.h"
#include "mc-model-places.h"

#include <string.h>

/* What an import decides from values. */

#define HEX40 "0123456789012345678901234567890123456789"
#define HEX64 HEX40 "012345678901234567890123"

static void
test_layout (void)
{
  static const struct
  {
    const char *root;
    const char *relative;
    const char *repo;
    McDigestKind kind;
  } cases[] = {
    { "/h/hub", "models--o--n/blobs/" HEX64, "o/n", MC_DIGEST_SHA256 },
    { "/h/hub", "models--o--n/blobs/" HEX40, "o/n", MC_DIGEST_GIT_SHA1 },
    { "/h/hub/models--o--n", "snapshots/" HEX40 "/a/b.bin", "o/n", MC_DIGEST_NONE },
    { "/h/hub/models--gpt2", "refs/main", "gpt2", MC_DIGEST_NONE },
    { "/h/hub", "models--o--n--m/x", NULL, MC_DIGEST_NONE },
    { "/h/hub", "models--../x", NULL, MC_DIGEST_NONE },
    { "/h/hub", "datasets--o--n/blobs/" HEX64, NULL, MC_DIGEST_SHA256 },
    { "/h/hub", "models--o--n", NULL, MC_DIGEST_NONE },
    { "/o", "blobs/sha256-" HEX64, NULL, MC_DIGEST_SHA256 },
    { "/o", "blobs/sha256-" HEX64 "-partial", NULL, MC_DIGEST_NONE },
    { "/o", "manifests/hf.co/o/n/Q4", "o/n", MC_DIGEST_NONE },
    { "/o", "manifests/registry.ollama.ai/library/n/Q4", NULL, MC_DIGEST_NONE },
    { "/o/manifests", "huggingface.co/o/n/Q4", "o/n", MC_DIGEST_NONE },
    { "/l", "o/n/file.gguf", "o/n", MC_DIGEST_NONE },
    { "/l", "o/n/file.txt", NULL, MC_DIGEST_NONE },
    { "/l", "deeper/o/n/file.gguf", NULL, MC_DIGEST_NONE },
    { "/l", "n/file.gguf", NULL, MC_DIGEST_NONE },
    { "/l", "o/n\377/file.gguf", NULL, MC_DIGEST_NONE },
    { "", "x", NULL, MC_DIGEST_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      McImportHint hint;

      mc_import_layout_read (cases[i].root, cases[i].relative, &hint);
      g_assert_cmpstr (hint.repo, ==, cases[i].repo);
      g_assert_cmpint (hint.claimed.kind, ==, cases[i].kind);
      g_assert_cmpint (hint.commit != NULL, ==,
                       strstr (cases[i].relative, "snapshots/" HEX40) != NULL);
      mc_import_hint_clear (&hint);
    }
}

static void
check_places (const char *const *environment, const char *expected)
{
  g_autoptr (GPtrArray) places = mc_model_places_list ("/u", environment);
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < places->len; i++)
    g_string_append_printf (found, "%s ", ((McModelPlace *) g_ptr_array_index (places, i))->path);
  g_assert_cmpstr (found->str, ==, expected);
}

static void
test_places (void)
{
  static const char *const none[] = { NULL };
  static const char *const all[] = { "HF_HOME=/hf", "OLLAMA_MODELS=/om", "XDG_CACHE_HOME=/c",
                                     NULL };
  static const char *const odd[] = { "HF_HOME=", "OLLAMA_MODELS=relative", "XDG_CACHE_HOME=/c",
                                     NULL };

  check_places (none, "/u/.cache/huggingface/hub /u/.ollama/models /u/.lmstudio/models "
                      "/u/.cache/lm-studio/models ");
  check_places (all, "/hf/hub /u/.cache/huggingface/hub /om /u/.ollama/models "
                     "/u/.lmstudio/models /u/.cache/lm-studio/models ");
  check_places (odd, "/c/huggingface/hub /u/.cache/huggingface/hub /u/.ollama/models "
                     "/u/.lmstudio/models /u/.cache/lm-studio/models ");
}

static McDigest
make_digest (guint8 byte)
{
  guint8 bytes[MC_SHA256_SIZE];

  memset (bytes, byte, sizeof bytes);
  return mc_digest_from_bytes (MC_DIGEST_SHA256, bytes);
}

/* "a" and "b" have a file of their own each, "s" is shared, "m" is masked in the second repo. */
static McManifest *
make_manifest (const char *repo, gboolean masked)
{
  McManifest *manifest = mc_manifest_new ();
  McDigest none = { MC_DIGEST_NONE, { 0 } };
  guint places[] = { 0, 1 };

  manifest->repo = g_strdup (repo);
  mc_manifest_add_file (manifest, "a", 10, make_digest (1))->role = MC_FILE_VARIANT;
  mc_manifest_add_file (manifest, "b", 20, make_digest (2))->role = MC_FILE_VARIANT;
  mc_manifest_add_file (manifest, "s", 30, masked ? none : make_digest (3))->role = MC_FILE_SHARED;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      McVariant *variant = mc_manifest_add_variant (manifest, i == 0 ? "x:a" : "x:b", "x");

      g_array_append_val (variant->files, places[i]);
    }
  return manifest;
}

static void
test_index (void)
{
  g_autoptr (McImportIndex) index = mc_import_index_new ();
  g_autoptr (McManifest) first = make_manifest ("o/first", FALSE);
  g_autoptr (McManifest) second = make_manifest ("o/second", TRUE);
  McDigest digest = make_digest (1);
  McManifest *found = NULL;

  mc_import_index_add (index, first);
  mc_import_index_add (index, second);
  g_assert_cmpuint (mc_import_index_get_kinds (index, 10), ==, 1u << MC_DIGEST_SHA256);
  g_assert_cmpuint (mc_import_index_get_kinds (index, 11), ==, 0);
  g_assert_nonnull (mc_import_index_find (index, &digest, 10, NULL, &found));
  g_assert_true (found == first);
  g_assert_nonnull (mc_import_index_find (index, &digest, 10, "O/second", &found));
  g_assert_true (found == second);
  /* A hash of another size cannot be right. */
  g_assert_null (mc_import_index_find (index, &digest, 11, NULL, &found));
}

static gboolean
is_here (const McFile *file, gpointer user_data)
{
  return g_strcmp0 (file->path, user_data) == 0;
}

static void
check_holdings (McManifest *manifest, const char *here, const char *paths, const char *expected)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (GPtrArray) holdings = NULL;
  g_autoptr (GString) said = g_string_new (NULL);
  g_auto (GStrv) names = g_strsplit (paths, " ", -1);

  for (guint i = 0; names[i] != NULL; i++)
    g_ptr_array_add (files, mc_manifest_find_file (manifest, names[i]));
  holdings = mc_import_choose_holdings (manifest, files, is_here, (gpointer) here);
  for (guint i = 0; i < holdings->len; i++)
    {
      McImportHolding *holding = g_ptr_array_index (holdings, i);

      g_string_append_printf (said, "%s%s%u ", holding->variant, holding->path,
                              holding->files->len);
    }
  g_assert_cmpstr (said->str, ==, expected);
}

static void
test_holdings (void)
{
  g_autoptr (McManifest) manifest = make_manifest ("o/n", FALSE);
  g_autoptr (McManifest) masked = make_manifest ("o/n", TRUE);

  check_holdings (manifest, NULL, "a", "x:a2 ");
  check_holdings (manifest, NULL, "a b s", "x:a2 x:b2 ");
  check_holdings (manifest, NULL, "s", "s1 ");
  /* What the Hub hides is not asked for. */
  check_holdings (masked, "s", "a", "a1 ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/layout", test_layout);
  g_test_add_func ("/import/places", test_places);
  g_test_add_func ("/import/index", test_index);
  g_test_add_func ("/import/holdings", test_holdings);
  return g_test_run ();
}
