/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-sources.h"

#include "mc-variant-facts.h"
#include "mc-variant-gguf.h"

#include <string.h>

/* Which of a variant's files are its weights. By names: a listing has nothing else. Pure, any
 * thread. */

/* What is read once and not kept in memory, or is small. */
static const char *const not_weights[] = { "json", "txt",   "yaml", "yml", "md",       "py",
                                           "cfg",  "model", "spm",  "bpe", "tiktoken", "jinja",
                                           "xml",  "vocab", "html", "csv", "codes",    NULL };

gboolean
mc_variant_has_format (const McVariant *variant, const char *format)
{
  return strcmp (variant->format, format) == 0;
}

const char *
mc_path_get_extension (const char *path)
{
  const char *dot = strrchr (path, '.');

  return dot != NULL && strchr (dot, '/') == NULL ? dot + 1 : "";
}

gboolean
mc_file_is_weight (const McFile *file)
{
  const char *extension = mc_path_get_extension (file->path);

  for (gsize i = 0; not_weights[i] != NULL; i++)
    if (g_ascii_strcasecmp (extension, not_weights[i]) == 0)
      return FALSE;
  return TRUE;
}

gboolean
mc_file_is_projector (const McFile *file)
{
  g_autofree char *lower = g_ascii_strdown (file->path, -1);

  return g_str_has_suffix (lower, ".gguf") && mc_gguf_names_projector (lower);
}

void
mc_variant_sources_clear (McVariantSources *self)
{
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->weights, g_ptr_array_unref);
}

static gboolean
has_content (GPtrArray *files, const McDigest *digest)
{
  for (guint i = 0; i < files->len; i++)
    if (mc_digest_equal (&((McFile *) g_ptr_array_index (files, i))->digest, digest))
      return TRUE;
  return FALSE;
}

/* The header that is read of a GGUF repo is that of the usual variant. What it says of the model is
 * true for all encodings of that. */
static gboolean
is_of_usual_model (McManifest *manifest, const McVariant *variant, const McModelHeader *header)
{
  const McVariant usual = { .key = manifest->default_key, .format = (char *) "gguf" };
  g_autofree char *one = NULL;
  g_autofree char *other = NULL;

  if (header->format != MC_HEADER_GGUF || !mc_variant_has_format (variant, "gguf")
      || usual.key == NULL || !g_str_has_prefix (usual.key, "gguf:"))
    return FALSE;
  one = mc_variant_dup_model (variant);
  other = mc_variant_dup_model (&usual);
  return g_ascii_strcasecmp (one, other) == 0;
}

McVariantSources
mc_variant_sources_collect (McManifest *manifest,
                            const McVariant *variant,
                            const McModelHeader *header)
{
  McVariantSources sources = { .manifest = manifest, .variant = variant };

  sources.files = mc_manifest_variant_files (manifest, variant);
  sources.weights = g_ptr_array_new ();
  for (guint i = 0; i < sources.files->len; i++)
    {
      McFile *file = g_ptr_array_index (sources.files, i);

      if (mc_file_is_weight (file))
        g_ptr_array_add (sources.weights, file);
    }
  if (header == NULL)
    return sources;
  sources.is_own = has_content (sources.weights, &header->digest);
  if (sources.is_own || is_of_usual_model (manifest, variant, header))
    sources.header = header;
  return sources;
}

/* The first of the largest that is no projector. */
McFile *
mc_variant_sources_find_main (const McVariantSources *self)
{
  McFile *largest = NULL;

  for (guint i = 0; i < self->weights->len; i++)
    {
      McFile *file = g_ptr_array_index (self->weights, i);

      if ((largest == NULL || file->size > largest->size) && !mc_file_is_projector (file))
        largest = file;
    }
  return largest;
}

/* Parts of one file have names that differ in digits only. */
static gboolean
differ_in_digits (const char *one, const char *two)
{
  for (; *one != '\0' && *two != '\0'; one++, two++)
    if (*one != *two && !(g_ascii_isdigit (*one) && g_ascii_isdigit (*two)))
      return FALSE;
  return *one == *two;
}

McFile *
mc_variant_find_header_file (McManifest *manifest, const McVariant *variant)
{
  g_auto (McVariantSources) sources = mc_variant_sources_collect (manifest, variant, NULL);
  const McFile *main_weight = mc_variant_sources_find_main (&sources);

  if (main_weight == NULL
      || (!mc_variant_has_format (variant, "gguf")
          && !mc_variant_has_format (variant, "safetensors")))
    return NULL;
  for (guint i = 0; i < sources.weights->len; i++)
    {
      McFile *file = g_ptr_array_index (sources.weights, i);

      if (differ_in_digits (file->path, main_weight->path))
        return file;
    }
  return NULL;
}
