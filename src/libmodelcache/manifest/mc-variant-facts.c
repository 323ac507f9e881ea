/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-facts.h"

#include "mc-engine.h"
#include "mc-model-size.h"
#include "mc-path-words.h"
#include "mc-repo-ref.h"
#include "mc-shard-gaps.h"
#include "mc-variant-layout.h"
#include "mc-variant-sources.h"

#include <string.h>

/* What is known of a variant, put together: from names, from what the Hub says of the repo, and,
 * once somebody has read it, from the header of a file. Pure, any thread. The header is believed
 * over the Hub, the Hub over names, except where the Hub is known to count something else. */

/* Bits of a weight outside of these mean that parameters and files are not of the same thing. */
#define LEAST_BITS 0.5
#define MOST_BITS 40.0

/* WebAssembly has 32-bit addresses. */
#define WASM_BYTES (G_GUINT64_CONSTANT (4) << 30)

static const struct
{
  const char *word;
  const char *phrase;
} notes[] = {
  { "incomplete", "parts of it are missing from the repo" },
  { "borrowed", "some parts are of another precision" },
  { "adapter", "an adapter: it needs the model it was made for" },
  { "runs-code", "loading it runs code that is in the file" },
  { "join-parts", "cut into pieces: putting them together takes its room on the disk twice" },
  { "shader-f16", "in a browser it needs WebGPU with shader-f16" },
  { "over-wasm", "too large for WebAssembly in a browser" },
};
G_STATIC_ASSERT (MC_NOTE_OVER_WASM == 1 << (G_N_ELEMENTS (notes) - 1));

/* Its place in the table; the table's length if it is not one bit. */
static gsize
find_note (McNote note)
{
  gsize i = 0;

  while (i < G_N_ELEMENTS (notes) && (guint) note != 1u << i)
    i++;
  return i;
}

const char *
mc_note_to_string (McNote note)
{
  gsize i = find_note (note);

  return i < G_N_ELEMENTS (notes) ? notes[i].word : NULL;
}

const char *
mc_note_get_phrase (McNote note)
{
  gsize i = find_note (note);

  return i < G_N_ELEMENTS (notes) ? notes[i].phrase : NULL;
}

static const char *
get_label (const McVariant *variant)
{
  const char *colon = strchr (variant->key, ':');

  return colon != NULL ? colon + 1 : variant->key;
}

/* The label without the "@2" of a second one of its name. */
static char *
dup_plain_label (const McVariant *variant)
{
  char *label = g_strdup (get_label (variant));
  char *at = strrchr (label, '@');

  if (at != NULL && at > label && mc_is_number (at + 1, strlen (at + 1)))
    *at = '\0';
  return label;
}

char *
mc_variant_dup_model (const McVariant *variant)
{
  g_autofree char *label = dup_plain_label (variant);
  char *model = NULL;

  mc_encoding_from_label (variant->format, label, &model);
  return model;
}

/* Never wraps around. */
static guint64
sum_sizes (GPtrArray *files)
{
  guint64 sum = 0;

  for (guint i = 0; i < files->len; i++)
    if (!g_uint64_checked_add (&sum, sum, ((McFile *) g_ptr_array_index (files, i))->size))
      return G_MAXUINT64;
  return sum;
}

/* --- its encoding --- */

/* Some repos keep each precision on a branch of its own. */
static gboolean
is_telling_branch (const char *revision)
{
  return revision != NULL && strcmp (revision, "main") != 0 && !mc_revision_is_commit (revision);
}

/* What the Hub says the weights of a plain repo are kept in; NULL if it does not, or of packed
 * ones. */
static const char *
get_dtype (const McVariantSources *sources)
{
  const char *dtype = sources->manifest->dtype;

  return dtype != NULL && mc_variant_has_format (sources->variant, "safetensors")
                 && mc_dtype_is_plain (dtype)
             ? dtype
             : NULL;
}

static McEncoding
find_encoding (const McVariantSources *sources)
{
  const McManifest *manifest = sources->manifest;
  const char *dtype = get_dtype (sources);
  g_autofree char *label = dup_plain_label (sources->variant);
  McEncoding encoding = mc_encoding_from_label (sources->variant->format, label, NULL);
  const char *slash = strrchr (manifest->repo, '/');

  if (encoding.name[0] == '\0' && sources->is_own)
    encoding = mc_encoding_from_name (sources->header->encoding);
  if (encoding.name[0] == '\0' && is_telling_branch (manifest->revision))
    encoding = mc_encoding_from_repo (manifest->revision);
  if (encoding.name[0] == '\0')
    encoding = mc_encoding_from_repo (slash != NULL ? slash + 1 : manifest->repo);
  /* Last: of the repo of an MLX model it says in what the scales of the weights are kept. */
  if (encoding.name[0] == '\0' && dtype != NULL)
    encoding = mc_encoding_from_name (dtype);
  return encoding;
}

/* --- its size --- */

/* Four-bit weights lie eight in a number of 32 bits, or two in one of 8: then who counts numbers
 * counts too few. */
static gboolean
is_packed (const McVariantSources *sources, const McVariantFacts *facts)
{
  if (!mc_variant_has_format (sources->variant, "safetensors")
      && !mc_variant_has_format (sources->variant, "pytorch"))
    return FALSE;
  if (facts->nominal_bits > 0 && facts->nominal_bits < 8)
    return TRUE;
  if (sources->is_own)
    return sources->header->parameters > 0 && sources->header->encoding[0] == '\0';
  return sources->manifest->dtype != NULL && !mc_dtype_is_plain (sources->manifest->dtype);
}

/* From the most telling name to the least. */
static McModelSize
read_names (const McVariantSources *sources)
{
  const McFile *file = mc_variant_sources_find_main (sources);
  const char *repo = sources->manifest->repo;
  const char *slash = strrchr (repo, '/');
  const char *const names[] = { file != NULL ? file->path : "", get_label (sources->variant),
                                slash != NULL ? slash + 1 : repo };
  McModelSize size = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      McModelSize found = mc_model_size_from_name (names[i]);

      if (size.total == 0)
        size.total = found.total;
      if (size.active == 0)
        size.active = found.active;
    }
  return size;
}

static void
set_parameters (McVariantFacts *facts, guint64 parameters, McFactSource source)
{
  if (facts->parameters > 0 || parameters == 0)
    return;
  facts->parameters = parameters;
  facts->parameters_source = source;
}

static void
find_parameters (McVariantFacts *facts, const McVariantSources *sources, guint layout)
{
  McModelSize named = read_names (sources);
  g_autofree char *model = mc_variant_dup_model (sources->variant);
  gboolean is_counted_right = !is_packed (sources, facts);

  /* The header of a shard counts that shard. */
  if (sources->header != NULL && is_counted_right
      && (sources->header->format == MC_HEADER_GGUF || sources->weights->len == 1))
    set_parameters (facts, sources->header->parameters, MC_SOURCE_HEADER);
  /* Where there are several models, the Hub speaks of one of them. */
  if (model[0] == '\0' && is_counted_right)
    set_parameters (facts, sources->manifest->parameters, MC_SOURCE_API);
  /* An adapter is called after the model it was made for. */
  if ((layout & MC_LAYOUT_ADAPTER) != 0)
    return;
  facts->active_parameters = named.active;
  set_parameters (facts, named.total, MC_SOURCE_NAME);
}

/* A name is too rounded to divide by. */
static void
measure_bits (McVariantFacts *facts, const McVariantSources *sources)
{
  guint64 bytes = facts->weight_bytes;
  double bits;

  if (facts->parameters_source < MC_SOURCE_API)
    return;
  for (guint i = 0; i < sources->weights->len; i++)
    {
      const McFile *file = g_ptr_array_index (sources->weights, i);

      if (mc_file_is_projector (file))
        bytes -= MIN (bytes, file->size);
    }
  bits = (double) bytes * 8 / (double) facts->parameters;
  if (bits >= LEAST_BITS && bits <= MOST_BITS)
    facts->measured_bits = bits;
}

/* --- what is missing, and what is not what it seems --- */

static void
find_gaps (McVariantFacts *facts, const McVariantSources *sources)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (McShardGaps) gaps = NULL;

  for (guint i = 0; i < sources->weights->len; i++)
    g_ptr_array_add (paths, ((McFile *) g_ptr_array_index (sources->weights, i))->path);
  gaps = mc_shard_gaps_find ((const char *const *) paths->pdata, paths->len);
  facts->n_missing = gaps->n_missing;
  facts->missing = g_ptr_array_ref (gaps->names);
}

/* The precision a graph's name, or the folder it is in, has. */
static void
read_graph_precision (const char *path, McPrecision *precision)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  char *slash = strrchr (lower, '/');
  const char *name = slash != NULL ? slash + 1 : lower;

  if (mc_precision_find (name, strlen (name) - strlen (".onnx"), precision))
    return;
  while (slash != NULL)
    {
      const char *folder;

      *slash = '\0';
      slash = strrchr (lower, '/');
      folder = slash != NULL ? slash + 1 : lower;
      if (mc_precision_is (folder, strlen (folder), precision))
        return;
    }
  g_strlcpy (precision->name, "fp32", sizeof precision->name);
}

static void
find_borrowed (McVariantFacts *facts, const McVariantSources *sources)
{
  const McVariant *variant = sources->variant;
  g_autofree char *label = dup_plain_label (variant);
  McEncoding wanted = mc_encoding_from_label (variant->format, label, NULL);

  if (wanted.name[0] == '\0')
    return;
  for (guint i = 0; i < variant->files->len; i++)
    {
      const McFile *file =
          g_ptr_array_index (sources->manifest->files, g_array_index (variant->files, guint, i));
      McPrecision precision;

      if (g_ascii_strcasecmp (mc_path_get_extension (file->path), "onnx") != 0)
        continue;
      read_graph_precision (file->path, &precision);
      if (strcmp (precision.name, wanted.name) != 0)
        g_ptr_array_add (facts->borrowed, g_strdup (file->path));
    }
}

static gboolean
is_cut_by_bytes (GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      const McFile *file = g_ptr_array_index (files, i);
      g_autofree char *lower = g_ascii_strdown (file->path, -1);

      if (strstr (lower, ".gguf.part") != NULL || strstr (lower, ".gguf-split-") != NULL
          || strstr (lower, ".gguf-part-") != NULL)
        return TRUE;
    }
  return FALSE;
}

static guint
collect_notes (const McVariantFacts *facts, const McVariantSources *sources, guint layout)
{
  const McVariant *variant = sources->variant;
  gboolean is_torch = mc_variant_has_format (variant, "pytorch");
  guint found = 0;

  if (facts->n_missing > 0)
    found |= MC_NOTE_INCOMPLETE;
  if (facts->borrowed->len > 0)
    found |= MC_NOTE_BORROWED;
  if ((layout & MC_LAYOUT_ADAPTER) != 0
      && (is_torch || mc_variant_has_format (variant, "safetensors")))
    found |= MC_NOTE_ADAPTER;
  if (is_torch || mc_variant_has_format (variant, "pickle"))
    found |= MC_NOTE_RUNS_CODE;
  if (mc_variant_has_format (variant, "gguf") && is_cut_by_bytes (sources->weights))
    found |= MC_NOTE_JOIN_PARTS;
  if ((facts->engines & MC_ENGINE_TRANSFORMERS_JS) == 0)
    return found;
  if (g_str_has_suffix (facts->encoding, "f16") || strcmp (facts->encoding, "fp16") == 0)
    found |= MC_NOTE_SHADER_F16;
  if (facts->weight_bytes > WASM_BYTES)
    found |= MC_NOTE_OVER_WASM;
  return found;
}

/* --- all of it --- */

static void
describe_model (McVariantFacts *facts, const McVariantSources *sources)
{
  const McModelHeader *header = sources->header;
  const McManifest *manifest = sources->manifest;

  if (header != NULL)
    {
      facts->kv_cache = header->kv_cache;
      facts->context_length = header->context_length;
    }
  if (header != NULL && header->architecture[0] != '\0')
    facts->architecture = g_strdup (header->architecture);
  else
    facts->architecture = g_strdup (manifest->architecture);
  if (facts->context_length > 0)
    facts->context_source = MC_SOURCE_HEADER;
  else if (manifest->context_length > 0)
    {
      facts->context_length = manifest->context_length;
      facts->context_source = MC_SOURCE_API;
    }
}

McVariantFacts *
mc_variant_facts_new (McManifest *manifest, const McVariant *variant, const McModelHeader *header)
{
  McVariantFacts *facts = g_new0 (McVariantFacts, 1);
  g_auto (McVariantSources) sources = mc_variant_sources_collect (manifest, variant, header);
  McEncoding encoding = find_encoding (&sources);
  guint layout;

  facts->borrowed = g_ptr_array_new_with_free_func (g_free);
  facts->encoding = encoding.name[0] != '\0' ? g_strdup (encoding.name) : NULL;
  facts->nominal_bits = encoding.nominal_bits;
  facts->quality = encoding.quality;
  facts->total_bytes = mc_files_total_size (sources.files);
  facts->weight_bytes = sum_sizes (sources.weights);
  describe_model (facts, &sources);
  layout = mc_variant_layout_detect (manifest, variant, sources.files, facts->architecture);
  if (mc_encoding_is_of_ik (encoding.name))
    layout |= MC_LAYOUT_IK;
  find_parameters (facts, &sources, layout);
  measure_bits (facts, &sources);
  find_gaps (facts, &sources);
  facts->engines = mc_engines_for (variant->format, layout);
  if (mc_variant_has_format (variant, "onnx")
      && (facts->engines & MC_ENGINE_ONNXRUNTIME_GENAI) == 0)
    find_borrowed (facts, &sources);
  facts->notes = collect_notes (facts, &sources, layout);
  return facts;
}

void
mc_variant_facts_free (McVariantFacts *self)
{
  g_free (self->encoding);
  g_free (self->architecture);
  g_ptr_array_unref (self->missing);
  g_ptr_array_unref (self->borrowed);
  g_free (self);
}
