/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-repo-dict.h"

static void
add (GVariantBuilder *dict, const char *key, GVariant *value)
{
  g_variant_builder_add (dict, "{sv}", key, value);
}

static void
add_text (GVariantBuilder *dict, const char *key, const char *text)
{
  if (text != NULL)
    add (dict, key, g_variant_new_string (text));
}

static void
add_number (GVariantBuilder *dict, const char *key, guint64 number)
{
  if (number != 0)
    add (dict, key, g_variant_new_uint64 (number));
}

/* What is the case with some files of a variant. */
typedef struct
{
  gboolean missing;
  gboolean damaged; /* was here in full once */
  gboolean fetched; /* something that is damaged is being brought again */
} Lack;

static Lack
find_lack (McDownloader *downloader, McStore *store, GPtrArray *files)
{
  Lack lack = { FALSE, FALSE, FALSE };

  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);

      if (mc_store_has_file (store, file))
        continue;
      if (!mc_store_is_damaged (store, &file->digest))
        lack.missing = TRUE;
      else
        lack.damaged = TRUE;
      if (lack.damaged && mc_downloader_is_fetching (downloader, &file->digest))
        lack.fetched = TRUE;
    }
  return lack;
}

/* Computed whenever it is asked for, from what is here and what runs. */
const char *
mc_judge_variant (McDownloader *downloader,
                  McStore *store,
                  gint64 repo,
                  const McVariant *variant,
                  GPtrArray *files)
{
  Lack lack = find_lack (downloader, store, files);
  McTransfer *transfer;

  if (!lack.missing && !lack.damaged)
    return "downloaded";
  if (!lack.missing)
    return lack.fetched ? "repairing" : "damaged";
  transfer = mc_downloader_find (downloader, MC_TRANSFER_DOWNLOAD, repo, variant->key, "");
  if (transfer == NULL)
    return "available";
  if (mc_transfer_state_is_running (mc_transfer_get_state (transfer)))
    return "downloading";
  return mc_transfer_get_state (transfer) == MC_TRANSFER_FAILED ? "failed" : "available";
}

gint64
mc_find_verified_at (McStore *store, GPtrArray *files)
{
  gint64 oldest = files->len > 0 ? G_MAXINT64 : 0;

  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);
      const McContent *content = mc_store_get_content (store, &file->digest);

      oldest = content != NULL && mc_store_has_file (store, file)
                   ? MIN (oldest, content->verified_at)
                   : 0;
      if (oldest == 0)
        break;
    }
  return oldest;
}

GVariant *
mc_describe_file (McStore *store, const McFile *file)
{
  static const char *const roles[] = {
    [MC_FILE_VARIANT] = "variant",
    [MC_FILE_SHARED] = "shared",
    [MC_FILE_OTHER] = "other",
  };
  const McContent *content = mc_store_get_content (store, &file->digest);
  guint64 here = content != NULL && content->size == file->size ? content->committed : 0;
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_text (&dict, "path", file->path);
  add (&dict, "size", g_variant_new_uint64 (file->size));
  if (file->digest.kind != MC_DIGEST_NONE)
    {
      g_autofree char *hex = mc_digest_to_hex (&file->digest);

      add_text (&dict, mc_digest_kind_get_name (file->digest.kind), hex);
    }
  add_text (&dict, "role", roles[file->role]);
  add (&dict, "downloaded", g_variant_new_uint64 (here));
  if (mc_store_is_damaged (store, &file->digest))
    add (&dict, "damaged", g_variant_new_boolean (TRUE));
  if (content != NULL && content->verified_at > 1 && mc_store_has_file (store, file))
    add (&dict, "verified_at", g_variant_new_int64 (content->verified_at));
  return g_variant_builder_end (&dict);
}

void
mc_describe_manifest (McManifest *manifest, GVariantBuilder *dict)
{
  add_text (dict, "repo", manifest->repo);
  add_text (dict, "revision", manifest->revision);
  add_text (dict, "commit", manifest->commit);
  add_text (dict, "task", manifest->task);
  add_text (dict, "library", manifest->library);
  add_text (dict, "license", manifest->license);
  add_text (dict, "gated", mc_gated_to_string (manifest->gated));
  add (dict, "private", g_variant_new_boolean (manifest->is_private));
  add_number (dict, "parameters", manifest->parameters);
  add_number (dict, "context_length", manifest->context_length);
  add_text (dict, "last_modified", manifest->last_modified);
  add (dict, "scanned_at", g_variant_new_int64 (manifest->scanned_at));
  add_text (dict, "default", manifest->default_key);
}
