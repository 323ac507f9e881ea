/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

/* What takes how much space, and what goes when it is needed. */

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
} Call;

static Call *
call_new (McService *service, GDBusMethodInvocation *invocation)
{
  Call *call = g_new0 (Call, 1);

  call->service = g_object_ref (service);
  call->invocation = invocation;
  mc_service_hold (service);
  return call;
}

static void
call_free (Call *call)
{
  mc_service_release (call->service);
  g_object_unref (call->service);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* --- Usage --- */

static void
add_sums (GVariantBuilder *dict, const McUsageRow *row)
{
  mc_service_add (dict, "size", "t", row->size);
  mc_service_add (dict, "alone", "t", row->alone);
  mc_service_add (dict, "shared", "t", row->shared);
  mc_service_add (dict, "compression", "t", row->compression);
  mc_service_add (dict, "borrowed", "t", row->borrowed);
  mc_service_add (dict, "returns", "t", row->returns);
}

/* Whether all of it is here. */
static gboolean
is_whole (McService *self, const McHolding *holding)
{
  for (guint i = 0; i < holding->digests->len; i++)
    {
      const McContent *content =
          mc_store_get_content (self->store, &g_array_index (holding->digests, McDigest, i));

      if (content == NULL || content->state != MC_CONTENT_COMPLETE)
        return FALSE;
    }
  return TRUE;
}

static void
add_care (McService *self, const McUsageRow *row, GVariantBuilder *dict)
{
  const McHolding *holding = mc_store_find_holding (self->store, row->holding);

  if (holding == NULL)
    return;
  mc_service_add (dict, "last_used", "x", mc_store_get_last_use (self->store, holding));
  mc_service_add (dict, "pinned", "b", holding->pinned);
  mc_service_add (dict, "whole", "b", is_whole (self, holding));
}

/* Parts of a repo follow it in the rows: @at is moved behind them. */
static GVariant *
describe_parts (McService *self, const McUsage *usage, guint *at)
{
  GVariantBuilder parts;

  g_variant_builder_init (&parts, G_VARIANT_TYPE ("aa{sv}"));
  for (; *at < usage->rows->len; (*at)++)
    {
      const McUsageRow *row = g_ptr_array_index (usage->rows, *at);
      g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

      if (row->variant == NULL)
        break;
      if (row->path[0] == '\0')
        mc_service_add (&dict, "variant", "s", row->variant);
      else
        mc_service_add (&dict, "path", "s", row->path);
      add_sums (&dict, row);
      add_care (self, row, &dict);
      g_variant_builder_add_value (&parts, g_variant_builder_end (&dict));
    }
  return g_variant_builder_end (&parts);
}

static GVariant *
describe_repos (McService *self, const McUsage *usage)
{
  GVariantBuilder repos;

  g_variant_builder_init (&repos, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < usage->rows->len;)
    {
      const McUsageRow *row = g_ptr_array_index (usage->rows, i++);
      McLibraryRepo *repo = mc_store_get_repo (self->store, row->repo);
      g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

      mc_service_add (&dict, "repo", "s", repo->manifest->repo);
      mc_service_add (&dict, "revision", "s", repo->manifest->revision);
      add_sums (&dict, row);
      mc_service_add_value (&dict, "parts", describe_parts (self, usage, &i));
      g_variant_builder_add_value (&repos, g_variant_builder_end (&dict));
    }
  return g_variant_builder_end (&repos);
}

static GVariant *
describe_usage (McService *self, const McUsage *usage)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  guint64 complete;
  guint64 partial;

  mc_store_get_totals (self->store, &complete, &partial);
  mc_service_add (&dict, "stored", "t", complete);
  mc_service_add (&dict, "partial", "t", partial);
  mc_service_add (&dict, "on_disk", "t", mc_usage_get_total (usage));
  mc_service_add (&dict, "free_space", "t", mc_store_get_free_space (self->store));
  mc_service_add (&dict, "models", "t", usage->models);
  mc_service_add (&dict, "unfinished", "t", usage->unfinished);
  mc_service_add (&dict, "small", "t", usage->small);
  mc_service_add (&dict, "catalog", "t", usage->catalog);
  mc_service_add (&dict, "other", "t", usage->other);
  mc_service_add (&dict, "shared", "t", usage->shared);
  mc_service_add (&dict, "unclaimed", "t", usage->unclaimed);
  mc_service_add (&dict, "overhead", "t", usage->overhead);
  mc_service_add_value (&dict, "repos", describe_repos (self, usage));
  mc_service_add_leftovers (self, &dict);
  return g_variant_builder_end (&dict);
}

static void
on_surveyed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  g_autoptr (McUsage) usage = mc_store_survey_finish (MC_STORE (source), result, &error);

  if (usage != NULL)
    mc_dbus_manager_complete_usage (call->service->manager, call->invocation,
                                    describe_usage (call->service, usage));
  else
    mc_dbus_error_return (call->invocation, error);
}

static gboolean
on_usage (McDbusManager *manager, GDBusMethodInvocation *invocation, gpointer user_data)
{
  McService *self = user_data;

  mc_store_survey_async (self->store, on_surveyed, call_new (self, invocation));
  return TRUE;
}

/* --- Reclaim --- */

static GVariant *
describe_evicted (GPtrArray *evicted)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < evicted->len; i++)
    {
      const McEvicted *one = g_ptr_array_index (evicted, i);
      g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

      mc_service_add (&dict, "repo", "s", one->manifest->repo);
      mc_service_add (&dict, "revision", "s", one->manifest->revision);
      if (one->path[0] == '\0')
        mc_service_add (&dict, "variant", "s", one->variant);
      else
        mc_service_add (&dict, "path", "s", one->path);
      mc_service_add (&dict, "last_used", "x", one->last_used);
      mc_service_add (&dict, "returns", "t", one->returns);
      g_variant_builder_add_value (&builder, g_variant_builder_end (&dict));
    }
  return g_variant_builder_end (&builder);
}

static void
on_reclaimed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) evicted =
      mc_downloader_reclaim_finish (MC_DOWNLOADER (source), result, &error);

  if (evicted != NULL)
    mc_dbus_manager_complete_reclaim (call->service->manager, call->invocation,
                                      describe_evicted (evicted));
  else
    mc_dbus_error_return (call->invocation, error);
}

static gboolean
on_reclaim (McDbusManager *manager,
            GDBusMethodInvocation *invocation,
            guint64 bytes,
            GVariant *options,
            gpointer user_data)
{
  McService *self = user_data;
  GError *error = NULL;
  gboolean dry_run;

  if (mc_service_get_flag (options, "dry_run", &dry_run, &error))
    mc_downloader_reclaim_async (self->downloader, bytes, dry_run, on_reclaimed,
                                 call_new (self, invocation));
  else
    mc_dbus_error_return (invocation, error);
  return TRUE;
}

/* --- SetPinned --- */

static void
on_pinned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;

  if (mc_store_set_pinned_finish (MC_STORE (source), result, &error))
    mc_dbus_manager_complete_set_pinned (call->service->manager, call->invocation);
  else
    mc_dbus_error_return (call->invocation, error);
}

/* What is meant: *variant is NULL for all that is held of the repo. */
static gboolean
find_held (McService *self,
           const char *text,
           const char *name,
           McLibraryRepo **repo,
           McVariant **variant,
           GError **error)
{
  g_autoptr (McRepoRef) ref = NULL;

  *variant = NULL;
  if (!mc_service_find_repo (self, text, NULL, &ref, repo, error))
    return FALSE;
  if (*repo == NULL)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_NOT_SCANNED, "%s was not scanned yet", ref->repo);
      return FALSE;
    }
  if (name[0] == '\0' && ref->variant != NULL)
    name = ref->variant;
  if (name[0] != '\0'
      && (*variant = mc_manifest_find_variant ((*repo)->manifest, name, error)) == NULL)
    return FALSE;
  if (mc_store_count_holdings (self->store, (*repo)->id, *variant == NULL ? NULL : (*variant)->key)
      > 0)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED, "Nothing of %s %s was downloaded",
               (*repo)->manifest->repo, name);
  return FALSE;
}

static gboolean
on_set_pinned (McDbusManager *manager,
               GDBusMethodInvocation *invocation,
               const char *text,
               const char *name,
               gboolean pinned,
               gpointer user_data)
{
  McService *self = user_data;
  GError *error = NULL;
  McLibraryRepo *repo;
  McVariant *variant;

  if (find_held (self, text, name, &repo, &variant, &error))
    mc_store_set_pinned_async (self->store, repo->id, variant == NULL ? NULL : variant->key, pinned,
                               on_pinned, call_new (self, invocation));
  else
    mc_dbus_error_return (invocation, error);
  return TRUE;
}

void
mc_service_connect_space (McService *self)
{
  g_signal_connect (self->manager, "handle-reclaim", G_CALLBACK (on_reclaim), self);
  g_signal_connect (self->manager, "handle-set-pinned", G_CALLBACK (on_set_pinned), self);
  g_signal_connect (self->manager, "handle-usage", G_CALLBACK (on_usage), self);
}
