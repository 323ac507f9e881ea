/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fit.h"
#include "mc-listing-json.h"
#include "mc-variant-dict.h"
#include "mc-variant-sources.h"

/* What is known of a listing, as dictionaries of the bus interface. Pure, any thread. */

/* Files that are looked at for the facts of all variants: a listing may have 100,000 files, and as
 * many variants. */
#define MOST_LOOKED_AT 50000000

/* One description under way. */
typedef struct
{
  const McSizedListing *listing;
  const McMachine *machine;
  guint64 context_length;
  McSuggestion suggestion;
  guint64 looked_at;
} Describing;

static void
add_text (GVariantBuilder *dict, const char *key, const char *text)
{
  if (text != NULL && text[0] != '\0')
    g_variant_builder_add (dict, "{sv}", key, g_variant_new_string (text));
}

static void
add_number (GVariantBuilder *dict, const char *key, guint64 number)
{
  if (number != 0)
    g_variant_builder_add (dict, "{sv}", key, g_variant_new_uint64 (number));
}

/* --- files --- */

static GVariant *
describe_file (Describing *self, McFile *file)
{
  static const char *const roles[] = {
    [MC_FILE_VARIANT] = "variant",
    [MC_FILE_SHARED] = "shared",
    [MC_FILE_OTHER] = "other",
  };
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add_text (&dict, "path", file->path);
  if (!g_hash_table_contains (self->listing->unsized, file))
    g_variant_builder_add (&dict, "{sv}", "size", g_variant_new_uint64 (file->size));
  add_text (&dict, "role", roles[file->role]);
  return g_variant_builder_end (&dict);
}

static GVariant *
describe_files (Describing *self)
{
  McManifest *manifest = self->listing->manifest;
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < manifest->files->len; i++)
    g_variant_builder_add_value (&list,
                                 describe_file (self, g_ptr_array_index (manifest->files, i)));
  return g_variant_builder_end (&list);
}

static GVariant *
list_paths (GPtrArray *files)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < files->len; i++)
    g_variant_builder_add (&list, "s", ((McFile *) g_ptr_array_index (files, i))->path);
  return g_variant_builder_end (&list);
}

/* --- variants --- */

/* Whether the sizes of all files, and of all weights, are known. */
static void
check_sizes (Describing *self, GPtrArray *files, gboolean *all, gboolean *weights)
{
  *all = TRUE;
  *weights = TRUE;
  for (guint i = 0; i < files->len; i++)
    if (g_hash_table_contains (self->listing->unsized, g_ptr_array_index (files, i)))
      {
        *all = FALSE;
        *weights = *weights && !mc_file_is_weight (g_ptr_array_index (files, i));
      }
}

static void
add_suggestion (Describing *self, McVariant *variant, GVariantBuilder *dict)
{
  if (self->suggestion.variant != variant)
    return;
  g_variant_builder_add (dict, "{sv}", "suggested", g_variant_new_boolean (TRUE));
  add_text (dict, "suggested-reason", mc_suggest_reason_to_string (self->suggestion.reason));
}

static void
add_facts (Describing *self, McVariant *variant, gboolean has_weights, GVariantBuilder *dict)
{
  g_autoptr (McVariantFacts) facts = mc_variant_facts_new (self->listing->manifest, variant, NULL);
  McFit fit;

  if (!has_weights)
    {
      facts->weight_bytes = 0;
      facts->measured_bits = 0;
    }
  mc_variant_facts_describe (facts, dict);
  fit = mc_fit_judge (facts, facts->weight_bytes, self->context_length, self->machine);
  if (fit.state != MC_FIT_UNKNOWN)
    g_variant_builder_add (dict, "{sv}", "fit", mc_fit_describe (&fit, self->machine));
  add_suggestion (self, variant, dict);
}

static GVariant *
describe_variant (Describing *self, McVariant *variant)
{
  g_autoptr (GPtrArray) files = mc_manifest_variant_files (self->listing->manifest, variant);
  GVariantBuilder dict;
  gboolean has_sizes;
  gboolean has_weights;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add_text (&dict, "key", variant->key);
  add_text (&dict, "format", variant->format);
  check_sizes (self, files, &has_sizes, &has_weights);
  if (has_sizes)
    add_number (&dict, "size", mc_files_total_size (files));
  self->looked_at += files->len;
  if (self->looked_at <= MOST_LOOKED_AT)
    add_facts (self, variant, has_weights, &dict);
  g_variant_builder_add (&dict, "{sv}", "files", list_paths (files));
  return g_variant_builder_end (&dict);
}

static GVariant *
describe_variants (Describing *self)
{
  McManifest *manifest = self->listing->manifest;
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < manifest->variants->len; i++)
    g_variant_builder_add_value (
        &list, describe_variant (self, g_ptr_array_index (manifest->variants, i)));
  return g_variant_builder_end (&list);
}

/* Sizes that are not known are 0: a suggestion by them would be wrong. */
static void
find_suggestion (Describing *self)
{
  static const McMachine unknown = { 0 };
  const McMachine *machine = self->machine;
  GHashTableIter iter;
  gpointer file;

  g_hash_table_iter_init (&iter, self->listing->unsized);
  while (g_hash_table_iter_next (&iter, &file, NULL))
    if (mc_file_is_weight (file) && ((McFile *) file)->role != MC_FILE_OTHER)
      machine = &unknown;
  self->suggestion = mc_fit_suggest (self->listing->manifest, NULL, machine, self->context_length);
}

GVariant *
mc_sized_listing_describe (const McSizedListing *self,
                           const McMachine *machine,
                           guint64 context_length)
{
  Describing describing = { self, machine, context_length };
  const McManifest *manifest = self->manifest;
  GVariantBuilder dict;

  find_suggestion (&describing);
  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add_text (&dict, "repo", manifest->repo);
  add_text (&dict, "task", manifest->task);
  add_text (&dict, "library", manifest->library);
  add_number (&dict, "parameters", manifest->parameters);
  add_number (&dict, "context_length", manifest->context_length);
  add_text (&dict, "default", manifest->default_key);
  g_variant_builder_add (&dict, "{sv}", "variants", describe_variants (&describing));
  g_variant_builder_add (&dict, "{sv}", "files", describe_files (&describing));
  return g_variant_builder_end (&dict);
}
