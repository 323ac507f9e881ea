/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

/* What takes how much space. */

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

/* Parts of a repo follow it in the rows: @at is moved behind them. */
static GVariant *
describe_parts (const McUsage *usage, guint *at)
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
      mc_service_add_value (&dict, "parts", describe_parts (usage, &i));
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

void
mc_service_connect_space (McService *self)
{
  g_signal_connect (self->manager, "handle-usage", G_CALLBACK (on_usage), self);
}
