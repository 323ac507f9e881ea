/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"
#include "mc-outdated.h"

#include <string.h>

/* What is newer on the Hub, and going over to it, as methods of the Manager. */

/* A call under way: the service stays while there is one. */
typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
  char *repo;                        /* (nullable): as the Hub spells it */
  char *line;                        /* (nullable): the revision */
  char *variant;                     /* (nullable): key, or "" */
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
  g_free (call->repo);
  g_free (call->line);
  g_free (call->variant);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* The row that the caller named, or, where only older ones are held, one of these. */
static McLibraryRepo *
find_row (McService *self, const char *text, McRepoRef **ref, GError **error)
{
  GPtrArray *repos = mc_store_get_repos (self->store);
  McLibraryRepo *repo;

  if (!mc_service_find_repo (self, text, NULL, ref, &repo, error) || repo != NULL)
    return repo;
  for (guint i = 0; i < repos->len; i++)
    {
      McLibraryRepo *row = g_ptr_array_index (repos, i);

      if ((*ref)->revision == NULL && g_ascii_strcasecmp (row->manifest->repo, (*ref)->repo) == 0
          && strcmp (row->manifest->endpoint, mc_hub_client_get_endpoint (self->hub)) == 0)
        return row;
    }
  g_set_error (error, MC_ERROR, MC_ERROR_NOT_SCANNED, "%s was not scanned yet", (*ref)->repo);
  return NULL;
}

/* --- CheckUpdates --- */

static GVariant *
describe (const McOutdated *outdated)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  mc_service_add (&dict, "repo", "s", outdated->manifest->repo);
  mc_service_add (&dict, "revision", "s", outdated->manifest->revision);
  mc_service_add (&dict, "commit", "s", outdated->manifest->commit);
  if (outdated->error != NULL)
    {
      g_autofree char *message = g_utf8_make_valid (outdated->error->message, -1);

      mc_service_add (&dict, "error", "s", mc_error_get_name (outdated->error));
      mc_service_add (&dict, "message", "s", message);
      return g_variant_builder_end (&dict);
    }
  mc_service_add (&dict, "new_commit", "s", outdated->commit);
  if (outdated->variant[0] != '\0')
    mc_service_add (&dict, "variant", "s", outdated->variant);
  else
    mc_service_add (&dict, "path", "s", outdated->path);
  mc_service_add (&dict, "change", "s", mc_update_change_to_string (outdated->change));
  mc_service_add (&dict, "size", "t", outdated->size);
  mc_service_add (&dict, "fetch", "t", outdated->fetch);
  return g_variant_builder_end (&dict);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) found = mc_outdated_check_finish (MC_STORE (source), result, &error);
  GVariantBuilder rows;

  if (found == NULL)
    {
      mc_dbus_error_return (call->invocation, error);
      return;
    }
  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < found->len; i++)
    g_variant_builder_add_value (&rows, describe (g_ptr_array_index (found, i)));
  g_dbus_method_invocation_return_value (
      call->invocation, g_variant_new ("(@aa{sv})", g_variant_builder_end (&rows)));
}

static gboolean
on_check_updates (McDbusManager *manager,
                  GDBusMethodInvocation *invocation,
                  const char *text,
                  GVariant *options,
                  gpointer user_data)
{
  McService *self = user_data;
  g_autoptr (McRepoRef) ref = NULL;
  GError *error = NULL;
  McLibraryRepo *row = text[0] == '\0' ? NULL : find_row (self, text, &ref, &error);

  if (error != NULL)
    mc_dbus_error_return (invocation, error);
  else
    mc_outdated_check_async (self->store, self->hub, row == NULL ? NULL : row->manifest->repo,
                             self->cancellable, on_checked, call_new (self, invocation));
  return TRUE;
}

/* --- Update --- */

static void
on_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  g_autoptr (McTransfer) transfer =
      mc_downloader_begin_finish (MC_DOWNLOADER (source), result, &error);

  mc_service_answer_begun (call->invocation, transfer, error);
}

/* Takes the call. */
static void
begin (Call *call, gint64 id)
{
  mc_downloader_update_async (call->service->downloader, id, call->variant, call->line, on_begun,
                              call);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  gint64 id = mc_store_save_repo_finish (MC_STORE (source), result, &error);

  if (error != NULL)
    {
      mc_dbus_error_return (call->invocation, error);
      return;
    }
  mc_service_show_repos (call->service);
  begin (g_steal_pointer (&call), id);
}

/* The new one is in the library by its commit; what it was asked for as still means the old one. */
static void
on_scanned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  McStore *store = call->service->store;
  GError *error = NULL;
  g_autoptr (McManifest) fresh = mc_scan_finish (MC_HUB_CLIENT (source), result, &error);
  McLibraryRepo *known;

  if (fresh == NULL)
    {
      mc_dbus_error_return (call->invocation, error);
      return;
    }
  known = mc_store_find_repo (store, fresh->endpoint, fresh->repo, fresh->commit);
  if (known != NULL)
    {
      begin (g_steal_pointer (&call), known->id);
      return;
    }
  g_free (fresh->revision);
  fresh->revision = g_strdup (fresh->commit);
  mc_store_save_repo_async (store, fresh, call->repo, on_saved, call);
  g_steal_pointer (&call);
}

/* "": all that is held. */
static char *
find_variant (const McRepoRef *ref, McLibraryRepo *row, const char *name, GError **error)
{
  McVariant *variant;

  if (name[0] == '\0' && ref->variant == NULL)
    return g_strdup ("");
  variant = mc_service_find_variant (ref, row, name, error);
  return variant == NULL ? NULL : g_strdup (variant->key);
}

static gboolean
on_update (McDbusManager *manager,
           GDBusMethodInvocation *invocation,
           const char *text,
           const char *name,
           GVariant *options,
           gpointer user_data)
{
  McService *self = user_data;
  g_autoptr (McRepoRef) ref = NULL;
  g_autofree char *variant = NULL;
  GError *error = NULL;
  McLibraryRepo *row = find_row (self, text, &ref, &error);
  Call *call;

  if (row != NULL)
    variant = find_variant (ref, row, name, &error);
  if (variant == NULL)
    {
      mc_dbus_error_return (invocation, error);
      return TRUE;
    }
  call = call_new (self, invocation);
  call->repo = g_strdup (row->manifest->repo);
  call->line = g_strdup (mc_update_get_line (row->manifest));
  call->variant = g_steal_pointer (&variant);
  mc_scan_async (self->hub, call->repo, call->line, self->cancellable, on_scanned, call);
  return TRUE;
}

void
mc_service_connect_updates (McService *self)
{
  g_signal_connect (self->manager, "handle-check-updates", G_CALLBACK (on_check_updates), self);
  g_signal_connect (self->manager, "handle-update", G_CALLBACK (on_update), self);
}
