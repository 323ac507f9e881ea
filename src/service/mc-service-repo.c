/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include <string.h>

/* Repos as the dictionaries that the interface file describes. */

static void
add_size (GVariantBuilder *dict, const char *key, guint64 size)
{
  if (size != 0)
    mc_service_add (dict, key, "t", size);
}

/* What is the case with some files of a variant. */
typedef struct
{
  gboolean missing;
  gboolean damaged; /* was here in full once */
  gboolean fetched; /* something that is damaged is being brought again */
} Lack;

static Lack
find_lack (McService *self, GPtrArray *files)
{
  Lack lack = { FALSE, FALSE, FALSE };

  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);

      if (mc_store_has_file (self->store, file))
        continue;
      if (!mc_store_is_damaged (self->store, &file->digest))
        lack.missing = TRUE;
      else
        lack.damaged = TRUE;
      if (lack.damaged && mc_downloader_is_fetching (self->downloader, &file->digest))
        lack.fetched = TRUE;
    }
  return lack;
}

/* Computed whenever it is asked for, from what is here and what runs. */
const char *
mc_service_judge_variant (McService *self,
                          McLibraryRepo *repo,
                          McVariant *variant,
                          GPtrArray *files)
{
  Lack lack = find_lack (self, files);
  McTransfer *transfer;

  if (!lack.missing && !lack.damaged)
    return "downloaded";
  if (!lack.missing)
    return lack.fetched ? "repairing" : "damaged";
  transfer =
      mc_downloader_find (self->downloader, MC_TRANSFER_DOWNLOAD, repo->id, variant->key, "");
  if (transfer == NULL)
    return "available";
  if (mc_transfer_state_is_running (mc_transfer_get_state (transfer)))
    return "downloading";
  return mc_transfer_get_state (transfer) == MC_TRANSFER_FAILED ? "failed" : "available";
}

gint64
mc_service_find_verified_at (McService *self, GPtrArray *files)
{
  gint64 oldest = files->len > 0 ? G_MAXINT64 : 0;

  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);
      const McContent *content = mc_store_get_content (self->store, &file->digest);

      oldest = content != NULL && mc_store_has_file (self->store, file)
                   ? MIN (oldest, content->verified_at)
                   : 0;
      if (oldest == 0)
        break;
    }
  return oldest;
}

static void
add_verified_at (McService *self, GVariantBuilder *dict, GPtrArray *files)
{
  gint64 verified_at = mc_service_find_verified_at (self, files);

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
  mc_service_add (&dict, "status", "s", mc_service_judge_variant (self, repo, variant, files));
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

static GVariant *
describe_file (McService *self, McFile *file)
{
  static const char *const roles[] = {
    [MC_FILE_VARIANT] = "variant",
    [MC_FILE_SHARED] = "shared",
    [MC_FILE_OTHER] = "other",
  };
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const McContent *content = mc_store_get_content (self->store, &file->digest);

  mc_service_add (&dict, "path", "s", file->path);
  mc_service_add (&dict, "size", "t", file->size);
  if (file->digest.kind != MC_DIGEST_NONE)
    {
      g_autofree char *hex = mc_digest_to_hex (&file->digest);

      mc_service_add (&dict, mc_digest_kind_get_name (file->digest.kind), "s", hex);
    }
  mc_service_add (&dict, "role", "s", roles[file->role]);
  mc_service_add (&dict, "downloaded", "t",
                  content != NULL && content->size == file->size ? content->committed : 0);
  if (mc_store_is_damaged (self->store, &file->digest))
    mc_service_add (&dict, "damaged", "b", TRUE);
  if (content != NULL && content->verified_at > 1 && mc_store_has_file (self->store, file))
    mc_service_add (&dict, "verified_at", "x", content->verified_at);
  return g_variant_builder_end (&dict);
}

GVariant *
mc_service_describe_files (McService *self, GPtrArray *files)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < files->len; i++)
    g_variant_builder_add_value (&builder, describe_file (self, g_ptr_array_index (files, i)));
  return g_variant_builder_end (&builder);
}

GVariant *
mc_service_describe_manifest (McService *self, McLibraryRepo *repo, guint64 context)
{
  McManifest *manifest = repo->manifest;
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  mc_service_add (&dict, "repo", "s", manifest->repo);
  mc_service_add (&dict, "revision", "s", manifest->revision);
  mc_service_add (&dict, "commit", "s", manifest->commit);
  mc_service_add_text (&dict, "task", manifest->task);
  mc_service_add_text (&dict, "library", manifest->library);
  mc_service_add_text (&dict, "license", manifest->license);
  mc_service_add (&dict, "gated", "s", mc_gated_to_string (manifest->gated));
  mc_service_add (&dict, "private", "b", manifest->is_private);
  add_size (&dict, "parameters", manifest->parameters);
  add_size (&dict, "context_length", manifest->context_length);
  mc_service_add_text (&dict, "last_modified", manifest->last_modified);
  mc_service_add (&dict, "scanned_at", "x", manifest->scanned_at);
  mc_service_add_text (&dict, "default", manifest->default_key);
  mc_service_add_value (&dict, "variants",
                        mc_service_describe_variants (self, repo, context, TRUE));
  mc_service_add_value (&dict, "files", mc_service_describe_files (self, manifest->files));
  return g_variant_builder_end (&dict);
}
