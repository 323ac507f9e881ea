/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

/* What calls about all files of a variant have in common: finding it, having it fetched where that
 * was asked for, and going on once all of it is here. */

static void on_scanned (GObject *source, GAsyncResult *result, gpointer user_data);
static void find_variant (McVariantCall *call, McLibraryRepo *repo);
static void on_begun (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_fetched (McTransfer *transfer, gpointer user_data);

void
mc_variant_call_free (McVariantCall *call)
{
  g_assert (call->invocation == NULL);
  if (call->free_more != NULL)
    call->free_more (call);
  if (call->transfer != NULL)
    g_clear_signal_handler (&call->watch, call->transfer);
  g_clear_object (&call->transfer);
  g_clear_pointer (&call->files, g_ptr_array_unref);
  g_clear_pointer (&call->manifest, mc_manifest_unref);
  g_clear_pointer (&call->ref, mc_repo_ref_free);
  mc_service_release (call->service);
  g_object_unref (call->service);
  g_free (call->name);
  g_free (call);
}

void
mc_variant_call_fail (McVariantCall *call, GError *error)
{
  mc_dbus_error_return (g_steal_pointer (&call->invocation), error);
  mc_variant_call_free (call);
}

void
mc_variant_call_begin (McVariantCall *call,
                       McService *service,
                       GDBusMethodInvocation *invocation,
                       const char *text,
                       const char *variant,
                       GVariant *options)
{
  GError *error = NULL;
  McLibraryRepo *repo;

  call->service = g_object_ref (service);
  call->invocation = invocation;
  call->name = g_strdup (variant);
  mc_service_hold (service);
  if (!mc_service_get_flag (options, "fetch", &call->fetch, &error)
      || !mc_service_find_repo (service, text, NULL, &call->ref, &repo, &error))
    mc_variant_call_fail (call, error);
  else if (repo != NULL)
    find_variant (call, repo);
  else if (call->fetch)
    mc_service_scan_async (service, call->ref, on_scanned, call);
  else
    mc_variant_call_fail (call, g_error_new (MC_ERROR, MC_ERROR_NOT_SCANNED,
                                             "%s was not scanned yet", call->ref->repo));
}

static void
on_scanned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McVariantCall *call = user_data;
  GError *error = NULL;
  gint64 id = mc_service_scan_finish (MC_SERVICE (source), result, &error);

  if (error != NULL)
    mc_variant_call_fail (call, error);
  else
    find_variant (call, mc_store_get_repo (call->service->store, id));
}

/* (nullable) */
static McFile *
find_missing (McVariantCall *call)
{
  for (guint i = 0; i < call->files->len; i++)
    if (!mc_store_has_file (call->service->store, g_ptr_array_index (call->files, i)))
      return g_ptr_array_index (call->files, i);
  return NULL;
}

static void
go_if_here (McVariantCall *call)
{
  McFile *missing = find_missing (call);

  if (missing == NULL)
    call->go (call);
  else
    mc_variant_call_fail (call, mc_service_explain_absence (call->service, missing));
}

static void
find_variant (McVariantCall *call, McLibraryRepo *repo)
{
  GError *error = NULL;

  call->repo = repo->id;
  call->manifest = mc_manifest_ref (repo->manifest);
  call->variant = mc_service_find_variant (call->ref, repo, call->name, &error);
  if (call->variant == NULL)
    {
      mc_variant_call_fail (call, error);
      return;
    }
  call->files = mc_manifest_variant_files (call->manifest, call->variant);
  if (call->fetch && find_missing (call) != NULL)
    mc_downloader_download_async (call->service->downloader, repo->id, call->variant->key, "",
                                  on_begun, call);
  else
    go_if_here (call);
}

static void
on_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McVariantCall *call = user_data;
  GError *error = NULL;

  call->transfer = mc_downloader_begin_finish (MC_DOWNLOADER (source), result, &error);
  if (call->transfer == NULL)
    {
      mc_variant_call_fail (call, error);
      return;
    }
  mc_service_note_request (call->invocation, call->transfer);
  call->watch = g_signal_connect (call->transfer, "finished", G_CALLBACK (on_fetched), call);
}

static void
on_fetched (McTransfer *transfer, gpointer user_data)
{
  McVariantCall *call = user_data;
  const GError *error = mc_transfer_get_error (transfer);

  g_clear_signal_handler (&call->watch, transfer);
  if (mc_transfer_get_state (transfer) == MC_TRANSFER_DONE)
    go_if_here (call);
  else if (error != NULL)
    mc_variant_call_fail (call, g_error_copy (error));
  else
    mc_variant_call_fail (
        call, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The download was cancelled"));
}

char *
mc_variant_call_lease (McVariantCall *call, guint first, guint n, GPtrArray *kept, GError **error)
{
  g_autoptr (GArray) digests = g_array_new (FALSE, FALSE, sizeof (McDigest));
  const McLeased leased = { call->manifest->repo, call->variant->key, "", digests };

  for (guint i = first; i < first + n; i++)
    g_array_append_val (digests, ((McFile *) g_ptr_array_index (call->files, i))->digest);
  return mc_leases_add (call->service->leases,
                        g_dbus_method_invocation_get_sender (call->invocation), &leased, kept,
                        error);
}
