/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-repo-dict.h"

/* Repos as the dictionaries that the interface file describes. */

static void
add_verified_at (McService *self, GVariantBuilder *dict, GPtrArray *files)
{
  gint64 verified_at = mc_find_verified_at (self->store, files);

  if (verified_at > 1)
    mc_service_add (dict, "verified_at", "x", verified_at);
}

static GVariant *
describe_variant (
    McService *self, McLibraryRepo *repo, guint place, const McChoice *choice, gboolean with_files)
{
  McVariant *variant = g_ptr_array_index (repo->manifest->variants, place);
  g_autoptr (GPtrArray) files = mc_manifest_variant_files (repo->manifest, variant);
  guint64 size = mc_files_total_size (files);
  guint64 here = mc_store_count_committed (self->store, files);
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  mc_service_add (&dict, "key", "s", variant->key);
  mc_service_add (&dict, "format", "s", variant->format);
  mc_service_add (&dict, "status", "s",
                  mc_judge_variant (self->downloader, self->store, repo->id, variant, files));
  mc_service_add (&dict, "size", "t", size);
  mc_service_add (&dict, "downloaded", "t", here);
  mc_service_add (&dict, "remaining", "t", size - MIN (here, size));
  add_verified_at (self, &dict, files);
  mc_service_add_facts (self, repo, place, choice, &dict);
  if (with_files)
    {
      GVariantBuilder paths;

      g_variant_builder_init (&paths, G_VARIANT_TYPE_STRING_ARRAY);
      for (guint i = 0; i < files->len; i++)
        g_variant_builder_add (&paths, "s", ((McFile *) g_ptr_array_index (files, i))->path);
      mc_service_add_value (&dict, "files", g_variant_builder_end (&paths));
    }
  return g_variant_builder_end (&dict);
}

GVariant *
mc_service_describe_variants (McService *self,
                              McLibraryRepo *repo,
                              guint64 context,
                              gboolean with_files)
{
  McChoice choice = mc_service_choose (self, repo, context);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < repo->manifest->variants->len; i++)
    g_variant_builder_add_value (&builder, describe_variant (self, repo, i, &choice, with_files));
  return g_variant_builder_end (&builder);
}

GVariant *
mc_service_describe_files (McService *self, GPtrArray *files)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < files->len; i++)
    g_variant_builder_add_value (&builder,
                                 mc_describe_file (self->store, g_ptr_array_index (files, i)));
  return g_variant_builder_end (&builder);
}

GVariant *
mc_service_describe_manifest (McService *self, McLibraryRepo *repo, guint64 context)
{
  McManifest *manifest = repo->manifest;
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  mc_describe_manifest (manifest, &dict);
  mc_service_add_value (&dict, "variants",
                        mc_service_describe_variants (self, repo, context, TRUE));
  mc_service_add_value (&dict, "files", mc_service_describe_files (self, manifest->files));
  return g_variant_builder_end (&dict);
}
