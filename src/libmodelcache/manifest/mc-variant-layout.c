/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-layout.h"

#include "mc-engine.h"
#include "mc-path-words.h"
#include "mc-variant-weights.h"

#include <string.h>

/* What the files of a variant, and what is known of its repo, say about its layout. Pure. */

/* Files that give it away, by the end of the path. */
static const struct
{
  const char *name;
  guint layout;
} marks[] = {
  { "genai_config.json", MC_LAYOUT_GENAI },
  { "model_index.json", MC_LAYOUT_DIFFUSERS },
  { "adapter_config.json", MC_LAYOUT_ADAPTER },
  { "adapter_model.safetensors", MC_LAYOUT_ADAPTER },
  { "adapter_model.bin", MC_LAYOUT_ADAPTER },
  { "pytorch_lora_weights.safetensors", MC_LAYOUT_ADAPTER | MC_LAYOUT_DIFFUSERS_LORA },
  { "pytorch_lora_weights.bin", MC_LAYOUT_ADAPTER | MC_LAYOUT_DIFFUSERS_LORA },
  { "config.json", MC_LAYOUT_CONFIG },
  { "modules.json", MC_LAYOUT_SENTENCE },
};

/* Suffixes transformers.js knows (utils/dtypes.js). */
static const char *const browser_dtypes[] = { "fp32", "fp16",  "int8",  "uint8", "q8",   "q4", "q2",
                                              "q1",   "q4f16", "q2f16", "q1f16", "bnb4", NULL };

static const char *const image_tasks[] = {
  "text-to-image",       "image-to-image",      "text-to-video",
  "image-to-video",      "video-to-video",      "unconditional-image-generation",
  "image-text-to-image", "image-text-to-video", NULL
};

/* general.architecture of GGUF files that llama.cpp does not load (city96/ComfyUI-GGUF,
 * leejet/stable-diffusion.cpp). */
static const char *const image_architectures[] = { "flux", "sd1",    "sd3",     "sdxl",
                                                   "ltxv", "wan",    "hyvid",   "hidream",
                                                   "aura", "cosmos", "lumina2", "qwen_image",
                                                   NULL };

static gboolean
is_named (const char *path, const char *name)
{
  const char *slash = strrchr (path, '/');

  return g_ascii_strcasecmp (slash != NULL ? slash + 1 : path, name) == 0;
}

/* What is called otherwise transformers does not find, whatever lies beside it
 * (transformers/utils/__init__.py; gptq_model is AutoGPTQ's). What diffusers writes
 * (diffusers/utils/constants.py) is for diffusers alone too: ControlNets come without a pipeline.
 */
static guint
read_weight_marks (const char *path)
{
  const char *slash = strrchr (path, '/');
  g_autofree char *name = g_ascii_strdown (slash != NULL ? slash + 1 : path, -1);
  const char *dot = strrchr (name, '.');
  const McEntry entry = {
    .path = name, .lower = name, .name = name, .ext = dot != NULL ? dot + 1 : ""
  };
  McWeightName weight;

  if (!mc_weight_name_parse (&entry, &weight) || weight.is_index)
    return 0;
  /* Llama's and Mistral's own files: "consolidated.00.pth", "consolidated.safetensors". */
  if (strcmp (weight.stem, "consolidated") == 0)
    return MC_LAYOUT_CONSOLIDATED;
  if (weight.is_standard && g_str_has_prefix (weight.stem, "diffusion_"))
    return MC_LAYOUT_DIFFUSERS;
  return weight.is_standard || g_str_has_prefix (weight.stem, "gptq_model") ? MC_LAYOUT_STANDARD
                                                                            : 0;
}

static guint
read_marks (GPtrArray *files)
{
  guint layout = 0;

  for (guint i = 0; i < files->len; i++)
    {
      const McFile *file = g_ptr_array_index (files, i);

      layout |= read_weight_marks (file->path);
      for (gsize j = 0; j < G_N_ELEMENTS (marks); j++)
        if (is_named (file->path, marks[j].name))
          layout |= marks[j].layout;
    }
  return layout;
}

static gboolean
text_is_in (const char *text, const char *const *table)
{
  return text != NULL && mc_text_in (text, strlen (text), table);
}

/* transformers.js looks in "onnx/", in names it knows, and reads config.json beside that folder. */
static gboolean
is_for_browsers (const McVariant *variant, GPtrArray *files)
{
  const char *label = strchr (variant->key, ':');
  const char *slash = strrchr (variant->key, '/');
  gboolean has_graph = FALSE;

  if (label == NULL || !text_is_in ((slash != NULL ? slash : label) + 1, browser_dtypes))
    return FALSE;
  for (guint i = 0; i < files->len && !has_graph; i++)
    {
      const McFile *file = g_ptr_array_index (files, i);

      has_graph = g_str_has_prefix (file->path, "onnx/") && g_str_has_suffix (file->path, ".onnx");
    }
  return has_graph;
}

static gboolean
is_for_mlx (McManifest *manifest)
{
  static const char *const words[] = { "mlx", NULL };
  g_autofree char *lower = g_ascii_strdown (manifest->repo, -1);

  return g_strcmp0 (manifest->library, "mlx") == 0 || mc_name_has_word (lower, words);
}

guint
mc_variant_layout_detect (McManifest *manifest,
                          const McVariant *variant,
                          GPtrArray *files,
                          const char *architecture)
{
  g_autofree char *lower = g_ascii_strdown (manifest->repo, -1);
  guint layout = read_marks (files);

  if ((layout & MC_LAYOUT_CONFIG) != 0 && is_for_browsers (variant, files))
    layout |= MC_LAYOUT_TRANSFORMERS_JS;
  if (is_for_mlx (manifest))
    layout |= MC_LAYOUT_MLX;
  if (g_strcmp0 (manifest->library, "sentence-transformers") == 0)
    layout |= MC_LAYOUT_SENTENCE;
  if (g_strcmp0 (manifest->library, "sklearn") == 0)
    layout |= MC_LAYOUT_SKLEARN;
  if (text_is_in (manifest->task, image_tasks) || text_is_in (architecture, image_architectures))
    layout |= MC_LAYOUT_IMAGES;
  if (g_strcmp0 (manifest->task, "automatic-speech-recognition") == 0
      || strstr (lower, "whisper") != NULL)
    layout |= MC_LAYOUT_WHISPER;
  return layout;
}
