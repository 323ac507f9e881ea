/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

/* Looking after the store: what is left of a catalog that was damaged, and moving. */

/* The first file of a scanned repo that has the content. */
static McFile *
find_name (McService *self, const McContent *content, const char **repo)
{
  GPtrArray *repos = mc_store_get_repos (self->store);

  for (guint i = 0; i < repos->len; i++)
    {
      McManifest *manifest = ((McLibraryRepo *) g_ptr_array_index (repos, i))->manifest;

      for (guint j = 0; j < manifest->files->len; j++)
        {
          McFile *file = g_ptr_array_index (manifest->files, j);

          if (file->size != content->size || !mc_digest_equal (&file->digest, &content->digest))
            continue;
          *repo = manifest->repo;
          return file;
        }
    }
  return NULL;
}

static GVariant *
describe_unnamed (McService *self, const McContent *content)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *hex = mc_digest_to_hex (&content->digest);
  const char *repo;
  McFile *file = find_name (self, content, &repo);

  mc_service_add (&dict, mc_digest_kind_get_name (content->digest.kind), "s", hex);
  mc_service_add (&dict, "size", "t", content->size);
  mc_service_add (&dict, "downloaded", "t", content->committed);
  if (file != NULL)
    {
      mc_service_add (&dict, "repo", "s", repo);
      mc_service_add (&dict, "path", "s", file->path);
    }
  return g_variant_builder_end (&dict);
}

void
mc_service_add_leftovers (McService *self, GVariantBuilder *usage)
{
  g_autoptr (GPtrArray) unnamed = mc_store_list_unnamed (self->store);
  g_auto (GStrv) aside = mc_store_list_set_aside (self->store);
  GVariantBuilder rows;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < unnamed->len; i++)
    g_variant_builder_add_value (&rows, describe_unnamed (self, g_ptr_array_index (unnamed, i)));
  mc_service_add_value (usage, "unnamed", g_variant_builder_end (&rows));
  mc_service_add_value (usage, "set_aside", g_variant_new_strv ((const char *const *) aside, -1));
}

/* --- calls --- */

/* A call under way: the service stays while there is one. */
typedef struct
{
  McService *service; /* (owned) */
  GDBusMethodInvocation *invocation;
} Call;

static Call *
call_new (McService *service, GDBusMethodInvocation *invocation)
{
  Call *call = g_new (Call, 1);

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

/* --- DeleteUnnamed --- */

static void
answer (GDBusMethodInvocation *invocation, guint64 freed)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  mc_service_add (&dict, "freed", "t", freed);
  g_dbus_method_invocation_return_value (invocation,
                                         g_variant_new ("(@a{sv})", g_variant_builder_end (&dict)));
}

static void
on_dropped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  McDropResult dropped;
  GError *error = NULL;

  if (mc_store_drop_finish (MC_STORE (source), result, &dropped, &error))
    answer (call->invocation, dropped.freed);
  else
    mc_dbus_error_return (call->invocation, error);
  mc_service_show_repos (call->service);
  call_free (call);
}

static guint64
measure_unnamed (McService *self)
{
  g_autoptr (GPtrArray) unnamed = mc_store_list_unnamed (self->store);
  guint64 total = 0;

  for (guint i = 0; i < unnamed->len; i++)
    total += ((McContent *) g_ptr_array_index (unnamed, i))->committed;
  return total;
}

static gboolean
on_delete_unnamed (McDbusManager *manager,
                   GDBusMethodInvocation *invocation,
                   GVariant *options,
                   gpointer user_data)
{
  McService *self = user_data;
  gboolean dry_run;
  GError *error = NULL;

  if (!mc_service_get_flag (options, "dry_run", &dry_run, &error))
    {
      mc_dbus_error_return (invocation, error);
      return TRUE;
    }
  if (dry_run)
    {
      answer (invocation, measure_unnamed (self));
      return TRUE;
    }
  mc_store_drop_unnamed_async (self->store, on_dropped, call_new (self, invocation));
  return TRUE;
}

/* --- Move --- */

static void
on_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  g_autoptr (McTransfer) transfer =
      mc_downloader_begin_finish (MC_DOWNLOADER (source), result, &error);

  mc_service_answer_begun (call->invocation, transfer, error);
  call_free (call);
}

static gboolean
on_move (McDbusManager *manager,
         GDBusMethodInvocation *invocation,
         const char *folder,
         GVariant *options,
         gpointer user_data)
{
  McService *self = user_data;

  mc_downloader_move_async (self->downloader, folder, on_begun, call_new (self, invocation));
  return TRUE;
}

static void
on_moved (McStore *store, gpointer user_data)
{
  McService *self = user_data;

  mc_dbus_manager_set_data_folder (self->manager, mc_store_get_folder (store));
}

void
mc_service_connect_care (McService *self)
{
  g_signal_connect (self->manager, "handle-move", G_CALLBACK (on_move), self);
  g_signal_connect_object (self->store, "moved", G_CALLBACK (on_moved), self, 0);
  g_signal_connect (self->manager, "handle-delete-unnamed", G_CALLBACK (on_delete_unnamed), self);
}
