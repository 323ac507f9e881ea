/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-names.h"

#include <string.h>

/* Repos as bus objects, and as the dictionaries that the interface file describes. */

#define REFRESH_MS 250

char *
mc_service_make_repo_path (gint64 id)
{
  return g_strdup_printf (MC_DBUS_PATH "/repo/%" G_GINT64_FORMAT, id);
}

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

/* The status is computed whenever it is asked for, from what is here and what runs. */
static const char *
judge_variant (McService *self, McLibraryRepo *repo, McVariant *variant, GPtrArray *files)
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

/* When the one that was verified longest ago was; 0 if one never was, or is not here. */
static gint64
find_verified_at (McService *self, GPtrArray *files)
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
  gint64 verified_at = find_verified_at (self, files);

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
  mc_service_add (&dict, "status", "s", judge_variant (self, repo, variant, files));
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

static GVariant *
describe_variants (McService *self, McLibraryRepo *repo, guint64 context, gboolean with_files)
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
  mc_service_add_value (&dict, "variants", describe_variants (self, repo, context, TRUE));
  mc_service_add_value (&dict, "files", mc_service_describe_files (self, manifest->files));
  return g_variant_builder_end (&dict);
}

static const char *
or_empty (const char *text)
{
  return text == NULL ? "" : text;
}

static void
fill (McService *self, McDbusRepo *skeleton, McLibraryRepo *repo)
{
  McManifest *manifest = repo->manifest;

  mc_dbus_repo_set_id (skeleton, manifest->repo);
  mc_dbus_repo_set_endpoint (skeleton, manifest->endpoint);
  mc_dbus_repo_set_revision (skeleton, manifest->revision);
  mc_dbus_repo_set_commit (skeleton, manifest->commit);
  mc_dbus_repo_set_task (skeleton, or_empty (manifest->task));
  mc_dbus_repo_set_library (skeleton, or_empty (manifest->library));
  mc_dbus_repo_set_license (skeleton, or_empty (manifest->license));
  mc_dbus_repo_set_gated (skeleton, mc_gated_to_string (manifest->gated));
  mc_dbus_repo_set_parameters (skeleton, manifest->parameters);
  mc_dbus_repo_set_context_length (skeleton, manifest->context_length);
  mc_dbus_repo_set_last_modified (skeleton, or_empty (manifest->last_modified));
  mc_dbus_repo_set_scanned_at (skeleton, manifest->scanned_at);
  mc_dbus_repo_set_default_variant (skeleton, or_empty (manifest->default_key));
  mc_dbus_repo_set_variants (skeleton, describe_variants (self, repo, 0, FALSE));
}

static void
show_repo (McService *self, McLibraryRepo *repo)
{
  g_autofree char *path = mc_service_make_repo_path (repo->id);
  g_autoptr (GDBusObject) shown =
      g_dbus_object_manager_get_object (G_DBUS_OBJECT_MANAGER (self->objects), path);
  g_autoptr (McDbusRepo) skeleton = NULL;
  g_autoptr (McDbusObjectSkeleton) object = NULL;

  if (shown != NULL)
    {
      skeleton = mc_dbus_object_get_repo (MC_DBUS_OBJECT (shown));
      fill (self, skeleton, repo);
      return;
    }
  skeleton = mc_dbus_repo_skeleton_new ();
  fill (self, skeleton, repo);
  object = mc_dbus_object_skeleton_new (path);
  mc_dbus_object_skeleton_set_repo (object, skeleton);
  g_dbus_object_manager_server_export (self->objects, G_DBUS_OBJECT_SKELETON (object));
}

void
mc_service_show_repos (McService *self)
{
  GPtrArray *repos = mc_store_get_repos (self->store);
  g_autolist (GDBusObject) shown =
      g_dbus_object_manager_get_objects (G_DBUS_OBJECT_MANAGER (self->objects));
  g_autoptr (GHashTable) present = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < repos->len; i++)
    {
      McLibraryRepo *repo = g_ptr_array_index (repos, i);

      g_hash_table_add (present, mc_service_make_repo_path (repo->id));
      show_repo (self, repo);
    }
  for (GList *link = shown; link != NULL; link = link->next)
    {
      const char *path = g_dbus_object_get_object_path (link->data);

      if (strncmp (path, MC_DBUS_PATH "/repo/", strlen (MC_DBUS_PATH "/repo/")) == 0
          && !g_hash_table_contains (present, path))
        g_dbus_object_manager_server_unexport (self->objects, path);
    }
  mc_service_forget_facts (self);
}

void
mc_service_show_repo (McService *self, gint64 id)
{
  McLibraryRepo *repo = mc_store_get_repo (self->store, id);

  if (repo != NULL)
    show_repo (self, repo);
}

static gboolean
on_refresh (gpointer user_data)
{
  McService *self = user_data;

  g_clear_pointer (&self->refresh, g_source_unref);
  mc_service_show_repos (self);
  return G_SOURCE_REMOVE;
}

void
mc_service_show_repos_soon (McService *self)
{
  if (self->refresh != NULL || self->quitting)
    return;
  self->refresh = g_timeout_source_new (REFRESH_MS);
  g_source_set_callback (self->refresh, on_refresh, self, NULL);
  g_source_attach (self->refresh, g_main_context_get_thread_default ());
}
