/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-path-words.h"
#include "mc-variant-private.h"

#include <stdlib.h>
#include <string.h>

/* What a repo keeps for people, for git and for the next training run: never needed to run the
 * model. Weights and whatever may be configuration are left to the other rules. */

/* Sorted, for bsearch(). Pictures, sound, video, documents, web pages, notebooks, tables, archives,
 * programs and sources other than Python, checksums, leftovers. */
static const char *const extensions[] = {
  "7z",      "aac",       "ai",     "apk",  "arpa",  "arrow", "asc",     "avi",   "avif",
  "bash",    "bat",       "bmp",    "bz2",  "c",     "cc",    "chk",     "cmake", "cmd",
  "cpp",     "cs",        "css",    "csv",  "cu",    "cuh",   "cxx",     "dat",   "deb",
  "dll",     "dmg",       "doc",    "docx", "dylib", "eps",   "exe",     "fish",  "flac",
  "gif",     "gitignore", "go",     "gz",   "h",     "heic",  "hpp",     "htm",   "html",
  "ico",     "ini",       "ipynb",  "jar",  "java",  "jpeg",  "jpg",     "js",    "jsonl",
  "jsx",     "kt",        "lock",   "log",  "lst",   "lua",   "m",       "m4a",   "map",
  "mapping", "md",        "md5",    "mdx",  "mkv",   "mm",    "mov",     "mp3",   "mp4",
  "mpeg",    "mpg",       "ndjson", "odt",  "ogg",   "opus",  "parquet", "patch", "pdf",
  "php",     "pl",        "png",    "ppt",  "pptx",  "ps1",   "psd",     "pyc",   "pyd",
  "r",       "rar",       "rb",     "rpm",  "rs",    "rst",   "rtf",     "scala", "sh",
  "sha1",    "sha256",    "sha512", "sig",  "so",    "svg",   "swift",   "tar",   "tex",
  "tgz",     "tif",       "tiff",   "toml", "ts",    "tsv",   "tsx",     "wav",   "webm",
  "webp",    "whl",       "wma",    "xls",  "xlsx",  "xz",    "zip",     "zst",
};

static const char *const document_prefixes[] = {
  "readme",       "license",        "licence",    "copying",   "notice",       "use_policy",
  "usage_policy", "acceptable_use", "model_card", "changelog", "contributing", "code_of_conduct",
  "security",     "citation",       "authors",    "news",      NULL,
};

/* What is no document although it is called like one. */
static const char *const weight_extensions[] = {
  "safetensors", "bin",   "pt",     "pth",     "ckpt",  "gguf",    "ggml",
  "onnx",        "ort",   "h5",     "msgpack", "ot",    "tflite",  "task",
  "litertlm",    "pkl",   "pickle", "joblib",  "npz",   "nemo",    "mlmodel",
  "skops",       "rknn",  "rkllm",  "engine",  "plan",  "pdmodel", "pdiparams",
  "llamafile",   "keras", "xml",    "pb",      "model", NULL,
};

/* What the Trainer, accelerate, DeepSpeed and the like leave. */
static const char *const residue_names[] = {
  "training_args.bin",  "scheduler.bin", "scheduler.pt",
  "trainer_state.json", "metrics.json",  "data_config.json",
  "zero_to_fp32.py",    "latest",        NULL,
};
static const char *const residue_prefixes[] = { "scaler.",    "rng_state", "random_states",
                                                "events.out", "wandb",     NULL };

static const char *const report_words[] = {
  "eval",    "evaluation", "result",    "results",    "metric",     "metrics",
  "score",   "scores",     "benchmark", "benchmarks", "prediction", "predictions",
  "targets", "log",        "logs",      "report",     "loss",       NULL,
};

/* A .txt with one of these in its name is something the model reads. */
static const char *const text_parts[] = {
  "vocab",   "merges",  "token",    "label",  "dict",  "lexicon",       "class",
  "categor", "unigram", "alphabet", "symbol", "words", "units",         "phone",
  "entit",   "lang",    "bpe",      "spm",    "codes", "sentencepiece", "prompt",
  "speaker", "lm",      "id2",      NULL,
};

static const char *const script_prefixes[] = {
  "train", "example",    "app",       "test",   "setup",    "demo",
  "run",   "eval",       "benchmark", "upload", "download", "convert",
  "infer", "quickstart", "sample",    "usage",  "conftest", NULL,
};

static const char *const project_names[] = {
  "environment.yml",
  "environment.yaml",
  "dockerfile",
  "makefile",
  "setup.cfg",
  "package.json",
  "huggingface-metadata.txt",
  "robots.txt",
  "sha256sums",
  "md5sums",
  "sha1sums",
  "checksums",
  NULL,
};
static const char *const project_prefixes[] = { "docker-compose", "tsconfig", "dockerfile.", NULL };
static const char *const checksum_parts[] = { "checksum", "sha256sum", "md5sum", "sha1sum", NULL };

static int
compare_extension (gconstpointer key, gconstpointer item)
{
  return strcmp (key, *(const char *const *) item);
}

static gboolean
has_extension (const McEntry *entry, const char *const *table)
{
  return mc_text_in (entry->ext, strlen (entry->ext), table);
}

static gboolean
is_hidden (const McEntry *entry, gboolean in_genai)
{
  for (const char *at = entry->lower; at != NULL;)
    {
      /* A model of onnxruntime-genai may bring what was compiled for the device. */
      if (at[0] == '.' && !(in_genai && g_str_has_prefix (at, ".cache/")))
        return TRUE;
      at = strchr (at, '/');
      if (at != NULL)
        at++;
    }
  return FALSE;
}

static gboolean
is_residue (const McEntry *entry)
{
  const char *name = entry->name;

  return mc_text_in (name, strlen (name), residue_names)
         || mc_name_has_prefix (name, residue_prefixes)
         || (g_str_has_prefix (name, "optimizer") && strchr (name, '.') != NULL)
         || g_str_has_suffix (name, "_results.json") || strstr (name, "eval_results") != NULL;
}

static gboolean
is_project_file (const McEntry *entry)
{
  const char *name = entry->name;

  return mc_text_in (name, strlen (name), project_names)
         || mc_name_has_prefix (name, project_prefixes)
         || (g_str_has_prefix (name, "requirements") && strcmp (entry->ext, "txt") == 0)
         || (strcmp (entry->ext, "txt") == 0 && mc_name_has_part (name, checksum_parts))
         || g_str_has_suffix (name, "_workflow.json");
}

static gboolean
is_report (const McEntry *entry)
{
  static const char *const text_extensions[] = { "json", "txt", "yaml", NULL };

  return has_extension (entry, text_extensions) && mc_name_has_word (entry->name, report_words);
}

/* GGUF ones are judged with their like. */
static gboolean
is_imatrix (const McEntry *entry)
{
  const char *name = entry->name;

  return strcmp (entry->ext, "gguf") != 0
         && (g_str_has_prefix (name, "imatrix") || g_str_has_suffix (name, "imatrix.dat")
             || strcmp (entry->ext, "imatrix") == 0)
         && !mc_name_has_strong_token (name, strlen (name));
}

gboolean
mc_entry_is_housekeeping (const McEntry *entry, gboolean in_genai)
{
  const char *name = entry->name;

  if (is_hidden (entry, in_genai))
    return TRUE;
  if (mc_name_has_prefix (name, document_prefixes) && strcmp (entry->ext, "json") != 0
      && !has_extension (entry, weight_extensions))
    return TRUE;
  if (bsearch (entry->ext, extensions, G_N_ELEMENTS (extensions), sizeof extensions[0],
               compare_extension)
      != NULL)
    return TRUE;
  if (is_residue (entry) || is_project_file (entry) || is_report (entry) || is_imatrix (entry))
    return TRUE;
  if (strcmp (entry->ext, "txt") == 0)
    return !mc_name_has_part (name, text_parts);
  return strcmp (entry->ext, "py") == 0 && mc_name_has_prefix (name, script_prefixes);
}

void
mc_detect_housekeeping (McListing *listing)
{
  g_autofree guint *decoders = mc_listing_find_above (listing, mc_folder_is_decoder_lm, NULL);

  for (guint i = 0; i < listing->n_entries; i++)
    {
      McEntry *entry = &listing->entries[i];

      /* The language model of a CTC decoder is an .arpa the model does need. */
      if (entry->state == MC_ENTRY_FREE && mc_entry_is_housekeeping (entry, FALSE)
          && !(decoders[entry->folder] != MC_NO_FOLDER && strcmp (entry->ext, "arpa") == 0))
        entry->state = MC_ENTRY_HOUSEKEEPING;
    }
}
