/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

/* The Manager's methods that are about single files: HasFile, OpenFile. */

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
  McRepoRef *ref;                    /* (owned) */
  char *path;
  McManifest *manifest; /* (owned) (nullable): once the repo is known */
  McFile *file;         /* (nullable), borrowed from the manifest */
  gboolean fetch;
  McTransfer *transfer; /* (owned) (nullable): that fetches it */
  gulong watch;         /* of the transfer's end */
} Opening;

static void open_known (Opening *opening);
static void on_scanned (GObject *source, GAsyncResult *result, gpointer user_data);
static void find_file (Opening *opening, McLibraryRepo *repo);
static void on_begun (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_fetched (McTransfer *transfer, gpointer user_data);
static void on_copied (GObject *source, GAsyncResult *result, gpointer user_data);

static void
opening_free (Opening *opening)
{
  g_assert (opening->invocation == NULL);
  if (opening->transfer != NULL)
    g_clear_signal_handler (&opening->watch, opening->transfer);
  g_clear_object (&opening->transfer);
  g_clear_pointer (&opening->manifest, mc_manifest_unref);
  g_clear_pointer (&opening->ref, mc_repo_ref_free);
  mc_service_release (opening->service);
  g_object_unref (opening->service);
  g_free (opening->path);
  g_free (opening);
}

/* Takes the opening and the error. */
static void
fail (Opening *opening, GError *error)
{
  mc_dbus_error_return (g_steal_pointer (&opening->invocation), error);
  opening_free (opening);
}

/* Why the file is not to be had. */
GError *
mc_service_explain_absence (McService *self, McFile *file)
{
  if (!mc_store_is_damaged (self->store, &file->digest))
    return g_error_new (MC_ERROR, MC_ERROR_NOT_DOWNLOADED, "%s was not downloaded yet", file->path);
  if (mc_downloader_is_fetching (self->downloader, &file->digest)
      || mc_store_is_being_checked (self->store, &file->digest))
    return g_error_new (MC_ERROR, MC_ERROR_CORRUPT,
                        "%s is damaged on disk, and is being repaired: try again later",
                        file->path);
  return g_error_new (MC_ERROR, MC_ERROR_CORRUPT,
                      "%s is damaged on disk: download it again, which fetches what is damaged",
                      file->path);
}

static gboolean
on_open_file (McDbusManager *manager,
              GDBusMethodInvocation *invocation,
              GUnixFDList *fds,
              const char *text,
              const char *path,
              GVariant *options,
              gpointer user_data)
{
  Opening *opening = g_new0 (Opening, 1);
  GError *error = NULL;
  McLibraryRepo *repo;

  opening->service = g_object_ref (user_data);
  opening->invocation = invocation;
  opening->path = g_strdup (path);
  mc_service_hold (opening->service);
  if (!mc_service_get_flag (options, "fetch", &opening->fetch, &error)
      || !mc_service_find_repo (opening->service, text, NULL, &opening->ref, &repo, &error))
    fail (opening, error);
  else if (repo != NULL)
    find_file (opening, repo);
  else if (opening->fetch)
    mc_service_scan_async (opening->service, opening->ref, on_scanned, opening);
  else
    fail (opening, g_error_new (MC_ERROR, MC_ERROR_NOT_SCANNED, "%s was not scanned yet",
                                opening->ref->repo));
  return TRUE;
}

static void
on_scanned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Opening *opening = user_data;
  GError *error = NULL;
  gint64 id = mc_service_scan_finish (MC_SERVICE (source), result, &error);

  if (error != NULL)
    fail (opening, error);
  else
    find_file (opening, mc_store_get_repo (opening->service->store, id));
}

static void
find_file (Opening *opening, McLibraryRepo *repo)
{
  McService *self = opening->service;

  opening->manifest = mc_manifest_ref (repo->manifest);
  opening->file = mc_manifest_find_file (opening->manifest, opening->path);
  if (opening->file == NULL)
    fail (opening, g_error_new (MC_ERROR, MC_ERROR_UNKNOWN_FILE, "%s has no file “%s”",
                                repo->manifest->repo, opening->path));
  else if (mc_store_has_file (self->store, opening->file))
    open_known (opening);
  else if (opening->fetch)
    mc_downloader_download_async (self->downloader, repo->id, "", opening->path, on_begun, opening);
  else
    fail (opening, mc_service_explain_absence (self, opening->file));
}

static void
on_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Opening *opening = user_data;
  GError *error = NULL;

  opening->transfer = mc_downloader_begin_finish (MC_DOWNLOADER (source), result, &error);
  if (opening->transfer == NULL)
    {
      fail (opening, error);
      return;
    }
  mc_service_note_request (opening->invocation, opening->transfer);
  opening->watch =
      g_signal_connect (opening->transfer, "finished", G_CALLBACK (on_fetched), opening);
}

static void
on_fetched (McTransfer *transfer, gpointer user_data)
{
  Opening *opening = user_data;
  const GError *error = mc_transfer_get_error (transfer);

  g_clear_signal_handler (&opening->watch, transfer);
  if (mc_transfer_get_state (transfer) == MC_TRANSFER_DONE)
    open_known (opening);
  else if (error != NULL)
    fail (opening, g_error_copy (error));
  else
    fail (opening,
          g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The download was cancelled"));
}

static void
open_known (Opening *opening)
{
  mc_copies_open_async (opening->service->copies, &opening->file->digest, opening->file->size,
                        on_copied, opening);
}

GVariant *
mc_service_describe_copy (const McFile *file, McCopy *copy, gboolean with_path)
{
  g_autofree char *hex = mc_digest_to_hex (&file->digest);
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (with_path)
    mc_service_add (&dict, "path", "s", file->path);
  mc_service_add (&dict, "size", "t", file->size);
  mc_service_add (&dict, mc_digest_kind_get_name (file->digest.kind), "s", hex);
  mc_service_add (&dict, "kind", "s", mc_copy_get_kind (copy));
  return g_variant_builder_end (&dict);
}

/* Takes the copy. */
static char *
lease_file (Opening *opening, McCopy *copy, GError **error)
{
  g_autoptr (GArray) digests = g_array_new (FALSE, FALSE, sizeof (McDigest));
  GPtrArray *kept = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_copy_unref);
  const McLeased leased = { opening->manifest->repo, "", opening->path, digests };

  g_array_append_val (digests, opening->file->digest);
  g_ptr_array_add (kept, copy);
  return mc_leases_add (opening->service->leases,
                        g_dbus_method_invocation_get_sender (opening->invocation), &leased, kept,
                        error);
}

static void
on_copied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Opening *opening = user_data;
  McService *self = opening->service;
  GDBusMethodInvocation *invocation = opening->invocation;
  McCopy *copy = NULL;
  GError *error = NULL;
  int fd = mc_copies_open_finish (self->copies, result, &copy, &error);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autofree char *lease = NULL;

  if (fd < 0)
    {
      g_prefix_error (&error, "%s: ", opening->path);
      fail (opening, error);
      return;
    }
  fds = g_unix_fd_list_new_from_array (&fd, 1);
  details = g_variant_ref_sink (mc_service_describe_copy (opening->file, copy, FALSE));
  lease = lease_file (opening, copy, &error);
  if (lease == NULL)
    {
      fail (opening, error);
      return;
    }
  mc_service_note_program (self, invocation, opening->manifest->repo);
  g_dbus_method_invocation_return_value_with_unix_fd_list (
      g_steal_pointer (&opening->invocation), g_variant_new ("(ho@a{sv})", 0, lease, details), fds);
  opening_free (opening);
}

/* --- HasFile --- */

static gboolean
on_has_file (McDbusManager *manager,
             GDBusMethodInvocation *invocation,
             const char *text,
             const char *path,
             gpointer user_data)
{
  McService *self = user_data;
  g_autoptr (McRepoRef) ref = NULL;
  McLibraryRepo *repo;
  McFile *file;
  GError *error = NULL;

  mc_service_hold (self);
  if (!mc_service_find_repo (self, text, NULL, &ref, &repo, &error))
    mc_dbus_error_return (invocation, error);
  else
    {
      file = repo == NULL ? NULL : mc_manifest_find_file (repo->manifest, path);
      mc_dbus_manager_complete_has_file (manager, invocation,
                                         file != NULL && mc_store_has_file (self->store, file));
    }
  mc_service_release (self);
  return TRUE;
}

void
mc_service_connect_files (McService *self)
{
  g_signal_connect (self->manager, "handle-open-file", G_CALLBACK (on_open_file), self);
  g_signal_connect (self->manager, "handle-has-file", G_CALLBACK (on_has_file), self);
}
