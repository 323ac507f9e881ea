/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

/* Adopting files of other programs, as a method of the Manager. */

/* A call under way: the service stays while there is one. */
typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
  McRepoRef *ref;                    /* (owned) (nullable) */
  char *path;
  gboolean dry_run;
} Call;

static void
call_free (Call *call)
{
  mc_service_release (call->service);
  g_object_unref (call->service);
  g_clear_pointer (&call->ref, mc_repo_ref_free);
  g_free (call->path);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static void
on_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  g_autoptr (McTransfer) transfer =
      mc_downloader_begin_finish (MC_DOWNLOADER (source), result, &error);

  mc_service_answer_begun (call->invocation, transfer, error);
}

static void
on_scanned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  gint64 id = mc_service_scan_finish (MC_SERVICE (source), result, &error);

  if (error != NULL)
    {
      mc_dbus_error_return (call->invocation, error);
      return;
    }
  mc_downloader_import_async (call->service->downloader, id, call->path, call->dry_run, on_begun,
                              call);
  g_steal_pointer (&call);
}

/* repo: of the call, or "": any. */
static void
begin (Call *call, const char *text)
{
  g_autoptr (Call) owned = call;
  McService *self = call->service;
  McLibraryRepo *repo = NULL;
  GError *error = NULL;

  if (text[0] != '\0' && !mc_service_find_repo (self, text, NULL, &call->ref, &repo, &error))
    mc_dbus_error_return (call->invocation, error);
  else if (text[0] != '\0' && repo == NULL)
    mc_service_scan_async (self, call->ref, on_scanned, g_steal_pointer (&owned));
  else
    mc_downloader_import_async (self->downloader, repo == NULL ? 0 : repo->id, call->path,
                                call->dry_run, on_begun, g_steal_pointer (&owned));
}

static gboolean
on_import (McDbusManager *manager,
           GDBusMethodInvocation *invocation,
           const char *path,
           const char *repo,
           GVariant *options,
           gpointer user_data)
{
  McService *self = user_data;
  gboolean dry_run;
  GError *error = NULL;
  Call *call;

  if (!mc_service_get_flag (options, "dry_run", &dry_run, &error))
    {
      mc_dbus_error_return (invocation, error);
      return TRUE;
    }
  call = g_new0 (Call, 1);
  call->service = g_object_ref (self);
  call->invocation = invocation;
  call->path = g_strdup (path);
  call->dry_run = dry_run;
  mc_service_hold (self);
  begin (call, repo);
  return TRUE;
}

void
mc_service_connect_import (McService *self)
{
  g_signal_connect (self->manager, "handle-import", G_CALLBACK (on_import), self);
}
