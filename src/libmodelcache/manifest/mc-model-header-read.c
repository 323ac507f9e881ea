/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-model-header-read.h"

#include "mc-error.h"
#include "mc-kv-cache.h"
#include "mc-path-words.h"
#include "mc-variant-facts.h"
#include "mc-variant-sources.h"

#include <string.h>

/* From the headers of weight files to what is kept of them. Pure, any thread. */

/* The type most of the bytes are in, if weights are not packed into it. */
static const char *
get_dtype (const McSafetensorsHeader *header)
{
  const McDtypeTotal *total;

  if (header->dtypes == NULL || header->dtypes->len == 0)
    return "";
  total = &g_array_index (header->dtypes, McDtypeTotal, 0);
  return mc_dtype_is_plain (total->dtype) ? total->dtype : "";
}

void
mc_model_header_take_gguf (McModelHeader *self, const McGgufHeader *header)
{
  if (header->architecture != NULL)
    g_strlcpy (self->architecture, header->architecture, sizeof self->architecture);
  if (header->quantization != NULL)
    g_strlcpy (self->encoding, header->quantization, sizeof self->encoding);
  /* One part of several counts that part. */
  self->parameters = header->split_count <= 1 ? header->parameters : 0;
  self->context_length = header->context_length;
  self->kv_cache = mc_kv_cache_from_gguf (header);
}

void
mc_model_header_take_safetensors (McModelHeader *self, const McSafetensorsHeader *header)
{
  g_strlcpy (self->encoding, get_dtype (header), sizeof self->encoding);
  self->parameters = header->parameters;
}

static McHeaderState
read_gguf (const guint8 *data,
           gsize length,
           guint64 size,
           gboolean counts,
           McModelHeader *header,
           guint64 *needed,
           GError **error)
{
  g_autoptr (McGgufHeader) found = NULL;
  McHeaderState state = mc_gguf_header_parse (data, length, size, &found, needed, error);
  gboolean is_enough;

  if (found == NULL)
    return state;
  mc_model_header_take_gguf (header, found);
  /* Programs that write GGUF put the tokens behind what describes the model. */
  is_enough = !counts && header->architecture[0] != '\0' && header->context_length > 0
              && header->kv_cache.is_known;
  if (*needed == 0 || is_enough || *needed > MC_MODEL_HEADER_MOST)
    return MC_HEADER_READ;
  return MC_HEADER_NEEDS_MORE;
}

static McHeaderState
read_safetensors (const guint8 *data,
                  gsize length,
                  guint64 size,
                  McModelHeader *header,
                  guint64 *needed,
                  GError **error)
{
  g_autoptr (McSafetensorsHeader) found = NULL;
  McHeaderState state = mc_safetensors_header_parse (data, length, size, &found, needed, error);

  if (found != NULL)
    mc_model_header_take_safetensors (header, found);
  if (state != MC_HEADER_NEEDS_MORE || *needed <= MC_MODEL_HEADER_MOST)
    return state;
  g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
               "Its header takes %" G_GUINT64_FORMAT " bytes: too many to read ahead", *needed);
  return MC_HEADER_BAD;
}

McHeaderState
mc_model_header_read (const McFile *file,
                      McHeaderFormat format,
                      gboolean counts,
                      const guint8 *data,
                      gsize length,
                      McModelHeader *header,
                      guint64 *needed,
                      GError **error)
{
  *header = (McModelHeader){ .digest = file->digest, .format = format };
  if (format == MC_HEADER_GGUF)
    return read_gguf (data, length, file->size, counts, header, needed, error);
  return read_safetensors (data, length, file->size, header, needed, error);
}

static McFile *
find_first_of_safetensors (McManifest *manifest)
{
  for (guint i = 0; i < manifest->variants->len; i++)
    {
      const McVariant *variant = g_ptr_array_index (manifest->variants, i);

      if (mc_variant_has_format (variant, "safetensors"))
        return mc_variant_find_header_file (manifest, variant);
    }
  return NULL;
}

McFile *
mc_manifest_find_header_file (McManifest *manifest, McHeaderFormat *format)
{
  const McVariant *usual = mc_manifest_find_variant (manifest, NULL, NULL);
  McFile *file = NULL;

  if (usual == NULL)
    return NULL;
  *format = mc_variant_has_format (usual, "gguf") ? MC_HEADER_GGUF : MC_HEADER_SAFETENSORS;
  if (*format == MC_HEADER_GGUF || mc_variant_has_format (usual, "safetensors"))
    file = mc_variant_find_header_file (manifest, usual);
  else
    file = find_first_of_safetensors (manifest);
  if (*format == MC_HEADER_SAFETENSORS && manifest->parameters > 0)
    return NULL;
  return file != NULL && file->digest.kind != MC_DIGEST_NONE ? file : NULL;
}
