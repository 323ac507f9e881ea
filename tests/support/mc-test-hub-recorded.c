/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

#include <string.h>

#include "mc-json.h"

/* Serves recorded answers of the real Hub under the names of their repos. A recorded tree gives
 * names, sizes and hashes, and no bytes; its info is made up unless that was recorded too. A
 * recorded info with sizes gives a tree as well. One without sizes gets small made-up files, so
 * that its names can be scanned and downloaded. */

/* What each file records: its name has "-" where the repo has "/", so it cannot tell. */
static const struct
{
  const char *file;
  const char *repo;
} recordings[] = {
  { "tree-Qwen-Qwen3-0.6B-GGUF.json", "Qwen/Qwen3-0.6B-GGUF" },
  { "tree-Systran-faster-whisper-base.json", "Systran/faster-whisper-base" },
  { "tree-ggml-org-gemma-3-4b-it-GGUF.json", "ggml-org/gemma-3-4b-it-GGUF" },
  { "tree-google-gemma-3-4b-it-qat-q4_0-gguf-anonymous-gated.json",
    "google/gemma-3-4b-it-qat-q4_0-gguf" },
  { "tree-mlx-community-whisper-large-v3-turbo.json", "mlx-community/whisper-large-v3-turbo" },
  { "tree-unsloth-Qwen3-0.6B-GGUF.json", "unsloth/Qwen3-0.6B-GGUF" },
  { "synthetic/tree-onnx-encoder-decoder-all-dtypes.json", "synthetic/encoder-decoder-onnx" },
  { "synthetic/tree-onnx-multimodal-external-data.json", "synthetic/multimodal-onnx" },
  { "model-OpenMed-ElectraMed-33M-onnx-android.json",
    "OpenMed/OpenMed-NER-DiseaseDetect-ElectraMed-33M-v1-onnx-android" },
  { "model-distilbert-distilbert-base-uncased-finetuned-sst-2-english.json",
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english" },
  { "model-ggerganov-whisper.cpp-blobs-trimmed.json", "ggerganov/whisper.cpp" },
  { "model-ggml-org-gemma-3-12b-it-GGUF.json", "ggml-org/gemma-3-12b-it-GGUF" },
  { "model-ggml-org-gemma-3-1b-it-GGUF.json", "ggml-org/gemma-3-1b-it-GGUF" },
  { "model-google-bert-bert-base-uncased.json", "google-bert/bert-base-uncased" },
  { "model-google-flan-t5-xxl.json", "google/flan-t5-xxl" },
  { "model-mcpotato-42-eicar-street-blobs.json", "mcpotato/42-eicar-street" },
  { "model-meta-llama-Llama-3.1-8B-Instruct.json", "meta-llama/Llama-3.1-8B-Instruct" },
  { "model-openai-community-gpt2.json", "openai-community/gpt2" },
  { "model-sentence-transformers-paraphrase-albert-small-v2.json",
    "sentence-transformers/paraphrase-albert-small-v2" },
  { "model-stabilityai-stable-diffusion-2-1.json", "stabilityai/stable-diffusion-2-1" },
};

/* Redirects that were recorded. */
static const struct
{
  const char *old_name;
  const char *repo;
} renames[] = {
  { "bert-base-uncased", "google-bert/bert-base-uncased" },
  { "meta-llama/Meta-Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct" },
  { "gpt2", "openai-community/gpt2" },
};

static gboolean
is_weights (const char *path)
{
  static const char *const suffixes[] = { ".safetensors", ".bin", ".gguf",    ".onnx",
                                          ".onnx_data",   ".h5",  ".msgpack", ".ot",
                                          ".tflite",      ".pt",  ".pth",     ".ckpt",
                                          ".mlmodel",     ".zip", ".model",   ".pb",
                                          ".data" };

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (path, suffixes[i]))
      return TRUE;
  return FALSE;
}

static void
add_absent (McTestHub *self,
            const char *repo,
            const char *path,
            guint64 size,
            const char *oid,
            const char *sha256)
{
  McDigest digest = { 0 };
  g_autoptr (McTestContent) content = NULL;

  if (sha256 != NULL)
    mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, sha256); /* NONE if it is masked */
  else if (oid != NULL)
    mc_digest_parse_hex (&digest, MC_DIGEST_GIT_SHA1, oid);
  content = mc_test_content_new_absent (size, sha256 != NULL, &digest, oid);
  mc_test_hub_put (self, repo, path, content);
}

static void
add_tree (McTestHub *self, const char *repo, JsonArray *tree)
{
  for (guint i = 0; i < json_array_get_length (tree); i++)
    {
      JsonObject *entry = mc_json_node_get_object (json_array_get_element (tree, i));
      JsonObject *lfs = entry == NULL ? NULL : mc_json_get_object (entry, "lfs");
      guint64 size;

      if (entry == NULL || g_strcmp0 (mc_json_get_string (entry, "type"), "file") != 0)
        continue;
      mc_json_get_size (entry, "size", &size);
      add_absent (self, repo, mc_json_get_string (entry, "path"), size,
                  mc_json_get_string (entry, "oid"),
                  lfs == NULL ? NULL : mc_json_get_string (lfs, "oid"));
    }
}

static void
add_invented (McTestHub *self, const char *repo, const char *path)
{
  guint hash = g_str_hash (path);
  g_autofree char *text = g_strdup_printf ("{\"file\":\"%u\"}\n", hash);

  if (is_weights (path))
    mc_test_hub_add_generated (self, repo, path, 1000000 + hash % 7000000, hash);
  else
    mc_test_hub_add_file (self, repo, path, text, strlen (text), FALSE);
}

static void
add_siblings (McTestHub *self, const char *repo, JsonArray *siblings)
{
  for (guint i = 0; siblings != NULL && i < json_array_get_length (siblings); i++)
    {
      JsonObject *entry = mc_json_node_get_object (json_array_get_element (siblings, i));
      const char *path = entry == NULL ? NULL : mc_json_get_string (entry, "rfilename");
      JsonObject *lfs = entry == NULL ? NULL : mc_json_get_object (entry, "lfs");
      guint64 size;

      if (path == NULL)
        continue;
      if (mc_json_get_size (entry, "size", &size))
        add_absent (self, repo, path, size, mc_json_get_string (entry, "blobId"),
                    lfs == NULL ? NULL : mc_json_get_string (lfs, "sha256"));
      else
        add_invented (self, repo, path);
    }
}

/* The trimmed recordings lack members that every real answer has. */
static void
add_info (McTestHub *self, const char *repo, JsonObject *info)
{
  if (!json_object_has_member (info, "id"))
    json_object_set_string_member (info, "id", repo);
  if (!json_object_has_member (info, "gated"))
    json_object_set_boolean_member (info, "gated", FALSE);
  mc_test_hub_put_info (self, repo, info);
  add_siblings (self, repo, mc_json_get_array (info, "siblings"));
}

static void
add_listing (McTestHub *self, const char *repo, const char *file, JsonArray *tree)
{
  const char *slash = strrchr (file, '/');
  const McTestRepoFacts facts = { .gated = strstr (file, "-gated") != NULL ? "manual" : NULL,
                                  .task = slash != NULL ? NULL : "text-generation" };

  mc_test_hub_add_repo (self, repo, &facts);
  add_tree (self, repo, tree);
}

static gboolean
add_recording (McTestHub *self, const char *repo, const char *directory, const char *file)
{
  g_autofree char *path = g_build_filename (directory, file, NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return FALSE; /* not every copy of the samples has every file */
  node = mc_json_parse (text, length, &error);
  if (node == NULL)
    {
      g_printerr ("%s: %s\n", path, error->message);
      return FALSE;
    }
  if (mc_json_node_get_array (node) != NULL)
    add_listing (self, repo, file, mc_json_node_get_array (node));
  else
    add_info (self, repo, mc_json_node_get_object (node));
  return TRUE;
}

guint
mc_test_hub_add_hub_samples (McTestHub *self, const char *directory)
{
  guint n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (recordings); i++)
    n += add_recording (self, recordings[i].repo, directory, recordings[i].file);
  for (gsize i = 0; n > 0 && i < G_N_ELEMENTS (renames); i++)
    mc_test_hub_add_alias (self, renames[i].old_name, renames[i].repo);
  return n;
}

void
mc_test_hub_add_elsewhere (McTestHub *self,
                           const char *repo,
                           const char *path,
                           guint64 size,
                           const char *sha256,
                           const char *url)
{
  g_autoptr (McTestContent) content = NULL;
  McDigest digest;

  g_assert_true (mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, sha256));
  content = mc_test_content_new_absent (size, TRUE, &digest, NULL);
  content->url = g_strdup (url);
  mc_test_hub_put (self, repo, path, content);
}
