/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

#include <string.h>

/* The Manager's methods about repos and transfers; those about files are in mc-service-files.c,
 * those that people choose by in mc-service-ask.c. Each checks its arguments, calls the library and
 * completes its invocation exactly once on every path. */

/* A call under way: the service stays while there is one. */
typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
  McRepoRef *ref;                    /* (owned) (nullable) */
  char *variant;                     /* as the caller named it */
  char *path;                        /* of a file, or "" */
  gboolean checked;                  /* a closed gate was looked at once more */
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
  g_assert (call->invocation == NULL);
  mc_service_release (call->service);
  g_object_unref (call->service);
  g_clear_pointer (&call->ref, mc_repo_ref_free);
  g_free (call->variant);
  g_free (call->path);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static void
call_fail (Call *call, GError *error)
{
  mc_dbus_error_return (g_steal_pointer (&call->invocation), error);
}

static void
call_answer (Call *call, GVariant *value)
{
  g_dbus_method_invocation_return_value (g_steal_pointer (&call->invocation), value);
}

static McHubClient *
get_hub (Call *call)
{
  return call->service->hub;
}

/* The part of a scanned repo that a call means: *variant is NULL for all of it. */
static McLibraryRepo *
find_part (Call *call, const char *text, const char *name, McVariant **variant, GError **error)
{
  McLibraryRepo *repo = mc_service_find_scanned (call->service, text, &call->ref, error);

  *variant = NULL;
  if (repo == NULL || (name[0] == '\0' && call->ref->variant == NULL))
    return repo;
  *variant = mc_service_find_variant (call->ref, repo, name, error);
  return *variant == NULL ? NULL : repo;
}

/* --- Scan --- */

static void
on_scanned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  gint64 id = mc_service_scan_finish (MC_SERVICE (source), result, &error);
  g_autofree char *path = NULL;

  if (error != NULL)
    {
      call_fail (call, error);
      return;
    }
  mc_service_read_header (call->service, id);
  path = mc_service_make_repo_path (id);
  call_answer (call, g_variant_new ("(o)", path));
}

static gboolean
on_scan (McDbusManager *manager,
         GDBusMethodInvocation *invocation,
         const char *text,
         GVariant *options,
         gpointer user_data)
{
  g_autoptr (Call) call = call_new (user_data, invocation);
  g_autoptr (GVariant) revision = NULL;
  GError *error = NULL;
  McLibraryRepo *repo;

  if (!mc_service_get_option (options, "revision", "s", &revision, &error)
      || !mc_service_find_repo (call->service, text,
                                revision == NULL ? NULL : g_variant_get_string (revision, NULL),
                                &call->ref, &repo, &error))
    {
      call_fail (call, error);
      return TRUE;
    }
  mc_service_scan_async (call->service, call->ref, on_scanned, call);
  g_steal_pointer (&call);
  return TRUE;
}

/* --- WhoAmI --- */

static void
on_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  g_autofree char *name = mc_hub_client_whoami_finish (MC_HUB_CLIENT (source), result, &error);

  if (name == NULL)
    call_fail (call, error);
  else
    call_answer (call, g_variant_new ("(s)", name));
}

static gboolean
on_who_am_i (McDbusManager *manager, GDBusMethodInvocation *invocation, gpointer user_data)
{
  Call *call = call_new (user_data, invocation);

  mc_hub_client_whoami_async (get_hub (call), call->service->cancellable, on_known, call);
  return TRUE;
}

/* --- Download, DownloadFile, Verify --- */

static void on_scanned_for_download (GObject *source, GAsyncResult *result, gpointer user_data);

/* Takes the call. */
static void
scan_for_download (Call *call)
{
  mc_service_scan_async (call->service, call->ref, on_scanned_for_download, call);
}

static void
on_access_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;

  if (mc_hub_client_check_access_finish (MC_HUB_CLIENT (source), result, &error))
    scan_for_download (g_steal_pointer (&call));
  else
    call_fail (call, error);
}

/* Hashes are hidden as the gate was at the last scan. It may be open by now; if not, the Hub says
 * why. Takes the call. */
static void
look_at_gate (Call *call)
{
  const char *repo = call->ref->repo;

  call->checked = TRUE;
  mc_hub_client_check_access_async (get_hub (call), repo, call->service->cancellable,
                                    on_access_checked, call);
}

static void
on_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  GError *error = NULL;
  g_autoptr (McTransfer) transfer =
      mc_downloader_begin_finish (MC_DOWNLOADER (source), result, &error);
  g_autofree char *path = NULL;

  if (g_error_matches (error, MC_ERROR, MC_ERROR_GATED) && !call->checked)
    {
      g_error_free (error);
      look_at_gate (g_steal_pointer (&call));
      return;
    }
  if (transfer == NULL)
    {
      call_fail (call, error);
      return;
    }
  mc_service_note_request (call->invocation, transfer);
  path = mc_service_make_transfer_path (mc_transfer_get_id (transfer));
  call_answer (call, g_variant_new ("(o)", path));
}

/* Takes the call. */
static void
begin_download (Call *call, McLibraryRepo *repo)
{
  McVariant *variant = NULL;
  GError *error = NULL;

  if (call->path[0] == '\0')
    variant = mc_service_find_variant (call->ref, repo, call->variant, &error);
  if (error != NULL)
    {
      call_fail (call, error);
      call_free (call);
      return;
    }
  mc_downloader_download_async (call->service->downloader, repo->id,
                                variant == NULL ? "" : variant->key, call->path, on_begun, call);
}

static void
on_scanned_for_download (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;
  gint64 id = mc_service_scan_finish (MC_SERVICE (source), result, &error);

  if (error == NULL)
    {
      begin_download (call, mc_store_get_repo (call->service->store, id));
      return;
    }
  call_fail (call, error);
  call_free (call);
}

/* variant: NULL for a single file: the one of @path, else the one that the repo argument names. */
static gboolean
download (McService *self,
          GDBusMethodInvocation *invocation,
          const char *text,
          const char *variant,
          const char *path)
{
  g_autoptr (Call) call = call_new (self, invocation);
  GError *error = NULL;
  McLibraryRepo *repo;

  if (mc_service_find_repo (self, text, NULL, &call->ref, &repo, &error) && variant == NULL
      && path[0] == '\0')
    path = call->ref->path;
  if (path == NULL)
    g_set_error_literal (&error, MC_ERROR, MC_ERROR_UNKNOWN_FILE, "The path of a file is missing");
  if (error != NULL)
    {
      call_fail (call, error);
      return TRUE;
    }
  call->variant = g_strdup (variant);
  call->path = g_strdup (path);
  if (repo != NULL)
    begin_download (g_steal_pointer (&call), repo);
  else
    scan_for_download (g_steal_pointer (&call));
  return TRUE;
}

static gboolean
on_download (McDbusManager *manager,
             GDBusMethodInvocation *invocation,
             const char *text,
             const char *variant,
             GVariant *options,
             gpointer user_data)
{
  return download (user_data, invocation, text, variant, "");
}

static gboolean
on_download_file (McDbusManager *manager,
                  GDBusMethodInvocation *invocation,
                  const char *text,
                  const char *path,
                  GVariant *options,
                  gpointer user_data)
{
  return download (user_data, invocation, text, NULL, path);
}

static gboolean
on_verify (McDbusManager *manager,
           GDBusMethodInvocation *invocation,
           const char *text,
           const char *name,
           GVariant *options,
           gpointer user_data)
{
  g_autoptr (Call) call = call_new (user_data, invocation);
  GError *error = NULL;
  McVariant *variant;
  McLibraryRepo *repo;

  if (text[0] == '\0')
    {
      McDownloader *downloader = call->service->downloader;

      mc_downloader_verify_all_async (downloader, on_begun, g_steal_pointer (&call));
      return TRUE;
    }
  repo = find_part (call, text, name, &variant, &error);
  if (repo == NULL)
    {
      call_fail (call, error);
      return TRUE;
    }
  mc_downloader_verify_async (call->service->downloader, repo->id,
                              variant == NULL ? "" : variant->key, on_begun, call);
  g_steal_pointer (&call);
  return TRUE;
}

/* --- Delete --- */

static GVariant *
describe_drop (const McDropResult *result)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  mc_service_add (&dict, "freed", "t", result->freed);
  mc_service_add (&dict, "kept", "t", result->kept);
  return g_variant_new ("(@a{sv})", g_variant_builder_end (&dict));
}

static void
on_dropped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  McDropResult dropped;
  GError *error = NULL;

  if (mc_store_drop_finish (MC_STORE (source), result, &dropped, &error))
    call_answer (call, describe_drop (&dropped));
  else
    call_fail (call, error);
  mc_service_show_repos (call->service);
}

/* variant: NULL for all of the repo. */
static gboolean
plan_delete (
    Call *call, McLibraryRepo *repo, McVariant *variant, McDropResult *result, GError **error)
{
  const char *key = variant == NULL ? "" : variant->key;

  if (mc_downloader_works_on (call->service->downloader, repo->id, variant == NULL ? NULL : key))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_IN_USE,
                   "A transfer works on %s: cancel it or let it end", repo->manifest->repo);
      return FALSE;
    }
  if (!mc_store_plan_drop (call->service->store, repo->id, key, "",
                           variant == NULL ? MC_DROP_ALL : MC_DROP_ONE, result, error))
    return FALSE;
  if (variant != NULL && result->n_holdings == 0)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED,
                   "%s was not downloaded: there is nothing to delete", key);
      return FALSE;
    }
  return TRUE;
}

static gboolean
on_delete (McDbusManager *manager,
           GDBusMethodInvocation *invocation,
           const char *text,
           const char *name,
           GVariant *options,
           gpointer user_data)
{
  g_autoptr (Call) call = call_new (user_data, invocation);
  GError *error = NULL;
  McVariant *variant;
  McLibraryRepo *repo = find_part (call, text, name, &variant, &error);
  McDropResult planned;
  gboolean dry_run = FALSE;
  gint64 id;

  if (repo == NULL || !mc_service_get_flag (options, "dry_run", &dry_run, &error)
      || !plan_delete (call, repo, variant, &planned, &error))
    {
      call_fail (call, error);
      return TRUE;
    }
  if (dry_run)
    {
      call_answer (call, describe_drop (&planned));
      return TRUE;
    }
  id = repo->id;
  mc_downloader_forget_ended (call->service->downloader, id, variant == NULL ? NULL : variant->key);
  mc_store_drop_async (call->service->store, id, variant == NULL ? "" : variant->key, "",
                       variant == NULL ? MC_DROP_ALL : MC_DROP_ONE, on_dropped, call);
  g_steal_pointer (&call);
  return TRUE;
}

void
mc_service_connect_manager (McService *self)
{
  static const struct
  {
    const char *signal;
    GCallback handler;
  } methods[] = {
    { "handle-scan", G_CALLBACK (on_scan) },
    { "handle-who-am-i", G_CALLBACK (on_who_am_i) },
    { "handle-download", G_CALLBACK (on_download) },
    { "handle-download-file", G_CALLBACK (on_download_file) },
    { "handle-verify", G_CALLBACK (on_verify) },
    { "handle-delete", G_CALLBACK (on_delete) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    g_signal_connect (self->manager, methods[i].signal, methods[i].handler, self);
}
