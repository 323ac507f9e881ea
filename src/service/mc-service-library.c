/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-names.h"
#include "mc-repo-dict.h"

#include <string.h>

/* Repos as bus objects, and in short, for those who show a whole library. A library may have tens
 * of thousands of variants, whose dictionaries are large: they are made when somebody asks for
 * them, or when they changed, and are not kept. */

#define REFRESH_MS 250
#define REPOS MC_DBUS_PATH "/repo/"
#define TRANSFERS MC_DBUS_PATH "/transfer/"
#define VARIANTS "variants"

/* --- the object --- */

#define MC_TYPE_SERVICE_REPO (mc_service_repo_get_type ())
G_DECLARE_FINAL_TYPE (McServiceRepo, mc_service_repo, MC, SERVICE_REPO, McDbusRepoSkeleton)

struct _McServiceRepo
{
  McDbusRepoSkeleton parent_instance;
  McService *service; /* borrowed: it unexports the objects before it goes */
  gint64 id;
  guint64 stamp; /* of what was shown last */
};

enum
{
  PROP_VARIANTS = 1,
};

G_DEFINE_FINAL_TYPE (McServiceRepo, mc_service_repo, MC_DBUS_TYPE_REPO_SKELETON)

static void
mc_service_repo_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McServiceRepo *self = MC_SERVICE_REPO (object);
  McLibraryRepo *repo = mc_store_get_repo (self->service->store, self->id);

  g_assert (id == PROP_VARIANTS);
  g_value_take_variant (
      value, g_variant_ref_sink (
                 repo == NULL ? g_variant_new ("aa{sv}", NULL)
                              : mc_service_describe_variants (self->service, repo, 0, FALSE)));
}

/* Nobody sets it, but it is declared so. */
static void
mc_service_repo_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mc_service_repo_class_init (McServiceRepoClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_service_repo_get_property;
  object_class->set_property = mc_service_repo_set_property;
  g_object_class_override_property (object_class, PROP_VARIANTS, VARIANTS);
}

static void
mc_service_repo_init (McServiceRepo *self)
{
}

char *
mc_service_make_repo_path (gint64 id)
{
  return g_strdup_printf (REPOS "%" G_GINT64_FORMAT, id);
}

/* --- in short --- */

typedef struct
{
  guint here;
  guint damaged;
  guint failed;
  double fraction; /* of the one of those that are not whole which lacks least */
  guint64 stamp;   /* differs if anything about the variants does */
} Sum;

static guint64
mix (guint64 stamp, guint64 value)
{
  return (stamp ^ value) * G_GUINT64_CONSTANT (1099511628211);
}

static void
add_variant (McService *self, McLibraryRepo *repo, McVariant *variant, Sum *sum)
{
  g_autoptr (GPtrArray) files = mc_manifest_variant_files (repo->manifest, variant);
  const char *status = mc_judge_variant (self->downloader, self->store, repo->id, variant, files);
  guint64 size = mc_files_total_size (files);
  guint64 here = mc_store_count_committed (self->store, files);

  sum->stamp = mix (sum->stamp, g_str_hash (status));
  sum->stamp = mix (sum->stamp, here);
  sum->stamp = mix (sum->stamp, (guint64) mc_find_verified_at (self->store, files));
  if (strcmp (status, "downloaded") == 0)
    sum->here++;
  else if (strcmp (status, "damaged") == 0 || strcmp (status, "repairing") == 0)
    sum->damaged++;
  else if (strcmp (status, "failed") == 0)
    sum->failed++;
  else if (size > 0)
    sum->fraction = MAX (sum->fraction, MIN ((double) here / (double) size, 1));
}

static Sum
add_up (McService *self, McLibraryRepo *repo)
{
  Sum sum = { .stamp = (guint64) repo->manifest->scanned_at };

  if (repo->manifest->commit != NULL)
    sum.stamp = mix (sum.stamp, g_str_hash (repo->manifest->commit));
  for (guint i = 0; i < repo->manifest->variants->len; i++)
    add_variant (self, repo, g_ptr_array_index (repo->manifest->variants, i), &sum);
  return sum;
}

static GVariant *
list_formats (McManifest *manifest)
{
  g_autoptr (GPtrArray) formats = g_ptr_array_new ();

  for (guint i = 0; i < manifest->variants->len; i++)
    {
      McVariant *variant = g_ptr_array_index (manifest->variants, i);

      if (!g_ptr_array_find_with_equal_func (formats, variant->format, g_str_equal, NULL))
        g_ptr_array_add (formats, variant->format);
    }
  return g_variant_new_strv ((const char *const *) formats->pdata, formats->len);
}

static GVariant *
describe (McLibraryRepo *repo, const Sum *sum)
{
  McManifest *manifest = repo->manifest;
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *path = mc_service_make_repo_path (repo->id);

  mc_service_add (&dict, "path", "o", path);
  mc_service_add (&dict, "repo", "s", manifest->repo);
  mc_service_add (&dict, "endpoint", "s", manifest->endpoint);
  mc_service_add (&dict, "revision", "s", manifest->revision);
  mc_service_add (&dict, "commit", "s", manifest->commit);
  mc_service_add_text (&dict, "task", manifest->task);
  mc_service_add_text (&dict, "license", manifest->license);
  mc_service_add (&dict, "gated", "s", mc_gated_to_string (manifest->gated));
  if (manifest->parameters > 0)
    mc_service_add (&dict, "parameters", "t", manifest->parameters);
  if (manifest->context_length > 0)
    mc_service_add (&dict, "context_length", "t", manifest->context_length);
  mc_service_add_text (&dict, "last_modified", manifest->last_modified);
  mc_service_add_value (&dict, "formats", list_formats (manifest));
  mc_service_add (&dict, "variants", "u", manifest->variants->len);
  mc_service_add (&dict, "downloaded", "u", sum->here);
  mc_service_add (&dict, "damaged", "u", sum->damaged);
  mc_service_add (&dict, "failed", "u", sum->failed);
  mc_service_add (&dict, "fraction", "d", sum->fraction);
  return g_variant_builder_end (&dict);
}

/* --- showing --- */

static const char *
or_empty (const char *text)
{
  return text == NULL ? "" : text;
}

static void
fill (McDbusRepo *skeleton, McManifest *manifest)
{
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
}

/* The skeleton would do so if it knew the variants. */
static void
tell_variants (McService *self, const char *path, McLibraryRepo *repo)
{
  GVariantBuilder changed;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "Variants",
                         mc_service_describe_variants (self, repo, 0, FALSE));
  mc_objects_emit (
      self->objects, path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
      g_variant_new ("(sa{sv}as)", mc_dbus_repo_interface_info ()->name, &changed, NULL));
}

static void
tell_change (McService *self, const char *path, McLibraryRepo *repo, const Sum *sum)
{
  if (self->manager != NULL)
    mc_dbus_manager_emit_repo_changed (self->manager, path, describe (repo, sum));
}

static void
add_object (McService *self, const char *path, McLibraryRepo *repo)
{
  g_autoptr (McServiceRepo) skeleton = g_object_new (MC_TYPE_SERVICE_REPO, NULL);
  g_autoptr (McDbusObjectSkeleton) object = mc_dbus_object_skeleton_new (path);
  Sum sum = add_up (self, repo);

  skeleton->service = self;
  skeleton->id = repo->id;
  skeleton->stamp = sum.stamp;
  fill (MC_DBUS_REPO (skeleton), repo->manifest);
  mc_dbus_object_skeleton_set_repo (object, MC_DBUS_REPO (skeleton));
  mc_objects_export (self->objects, G_DBUS_OBJECT_SKELETON (object));
  tell_change (self, path, repo, &sum);
}

/* told: even if nothing that is added up here changed. */
static void
show_repo (McService *self, McLibraryRepo *repo, gboolean told)
{
  g_autofree char *path = mc_service_make_repo_path (repo->id);
  g_autoptr (GDBusObject) shown = mc_objects_get (self->objects, path);
  g_autoptr (McDbusRepo) skeleton = NULL;
  Sum sum;

  if (shown == NULL)
    {
      add_object (self, path, repo);
      return;
    }
  skeleton = mc_dbus_object_get_repo (MC_DBUS_OBJECT (shown));
  fill (skeleton, repo->manifest);
  sum = add_up (self, repo);
  if (MC_SERVICE_REPO (skeleton)->stamp == sum.stamp && !told)
    return;
  MC_SERVICE_REPO (skeleton)->stamp = sum.stamp;
  tell_variants (self, path, repo);
  tell_change (self, path, repo, &sum);
}

static void
remove_object (McService *self, const char *path)
{
  mc_objects_unexport (self->objects, path);
  if (self->manager != NULL)
    mc_dbus_manager_emit_repo_removed (self->manager, path);
}

void
mc_service_show_repos (McService *self)
{
  GPtrArray *repos = mc_store_get_repos (self->store);
  g_autolist (GDBusObject) shown = mc_objects_list (self->objects);
  g_autoptr (GHashTable) present = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < repos->len; i++)
    {
      McLibraryRepo *repo = g_ptr_array_index (repos, i);

      g_hash_table_add (present, mc_service_make_repo_path (repo->id));
      show_repo (self, repo, FALSE);
    }
  for (GList *link = shown; link != NULL; link = link->next)
    {
      const char *path = g_dbus_object_get_object_path (link->data);

      if (g_str_has_prefix (path, REPOS) && !g_hash_table_contains (present, path))
        remove_object (self, path);
    }
  mc_service_forget_facts (self);
  mc_service_refresh_view (self);
}

void
mc_service_show_repo (McService *self, gint64 id)
{
  McLibraryRepo *repo = mc_store_get_repo (self->store, id);

  if (repo != NULL)
    show_repo (self, repo, TRUE);
  mc_service_refresh_view (self);
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

/* --- the methods --- */

static gboolean
on_list_repos (McDbusManager *manager,
               GDBusMethodInvocation *invocation,
               GVariant *options,
               gpointer user_data)
{
  McService *self = user_data;
  GPtrArray *repos = mc_store_get_repos (self->store);
  GVariantBuilder dicts;

  g_variant_builder_init (&dicts, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < repos->len; i++)
    {
      McLibraryRepo *repo = g_ptr_array_index (repos, i);
      Sum sum = add_up (self, repo);

      g_variant_builder_add_value (&dicts, describe (repo, &sum));
    }
  mc_dbus_manager_complete_list_repos (manager, invocation, g_variant_builder_end (&dicts));
  return TRUE;
}

static gboolean
on_list_transfers (McDbusManager *manager,
                   GDBusMethodInvocation *invocation,
                   GVariant *options,
                   gpointer user_data)
{
  McService *self = user_data;
  g_autolist (GDBusObject) shown = mc_objects_list (self->objects);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  for (GList *link = shown; link != NULL; link = link->next)
    {
      const char *path = g_dbus_object_get_object_path (link->data);

      if (g_str_has_prefix (path, TRANSFERS))
        g_ptr_array_add (paths, (gpointer) path);
    }
  g_ptr_array_add (paths, NULL);
  mc_dbus_manager_complete_list_transfers (manager, invocation, (const char *const *) paths->pdata);
  return TRUE;
}

void
mc_service_connect_library (McService *self)
{
  g_signal_connect (self->manager, "handle-list-repos", G_CALLBACK (on_list_repos), self);
  g_signal_connect (self->manager, "handle-list-transfers", G_CALLBACK (on_list_transfers), self);
}
