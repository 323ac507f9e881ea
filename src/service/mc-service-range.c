/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"

#include <gio/gunixfdlist.h>

/* ReadRange and ReadRangeWithOptions: bytes through a pipe, which may begin before all of the file
 * is here. */

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
  McRepoRef *ref;                    /* (owned) (nullable) */
  char *path;
  guint64 offset;
  guint64 length;
  gboolean fetch;
  gboolean with_details; /* of the answer */
  McManifest *manifest;  /* (owned) (nullable): once the repo is known */
  McFile *file;          /* (nullable), borrowed from the manifest */
} Reading;

static void on_scanned (GObject *source, GAsyncResult *result, gpointer user_data);
static void find_file (Reading *reading, McLibraryRepo *repo);
static void on_begun (GObject *source, GAsyncResult *result, gpointer user_data);

static void
reading_free (Reading *reading)
{
  g_assert (reading->invocation == NULL);
  g_clear_pointer (&reading->manifest, mc_manifest_unref);
  g_clear_pointer (&reading->ref, mc_repo_ref_free);
  mc_service_release (reading->service);
  g_object_unref (reading->service);
  g_free (reading->path);
  g_free (reading);
}

/* Takes the reading and the error. */
static void
fail (Reading *reading, GError *error)
{
  mc_dbus_error_return (g_steal_pointer (&reading->invocation), error);
  reading_free (reading);
}

static GVariant *
describe (Reading *reading, McTransfer *transfer)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *path =
      transfer == NULL ? NULL : mc_service_make_transfer_path (mc_transfer_get_id (transfer));

  mc_service_add (&dict, "size", "t", reading->file->size);
  if (path != NULL)
    mc_service_add (&dict, "transfer", "o", path);
  return g_variant_builder_end (&dict);
}

/* transfer: (nullable): that brings it. Takes the reading. */
static void
pump (Reading *reading, McTransfer *transfer)
{
  McService *self = reading->service;
  const McFile *file = reading->file;
  guint64 rest = file->size - reading->offset;
  guint64 length = reading->length == 0 ? rest : MIN (reading->length, rest);
  McRangeNews *news =
      transfer == NULL ? NULL
                       : mc_range_news_new (self->store, self->downloader, transfer, &file->digest,
                                            file->size, reading->offset, self->serve_patience_ms);
  g_autoptr (GUnixFDList) fds = NULL;
  GError *error = NULL;
  int fd = mc_range_pumps_add (self->pumps, &file->digest, file->size, reading->offset, length,
                               news, &error);

  if (fd < 0)
    {
      fail (reading, error);
      return;
    }
  mc_service_note_program (self, reading->invocation, reading->manifest->repo);
  fds = g_unix_fd_list_new_from_array (&fd, 1);
  g_dbus_method_invocation_return_value_with_unix_fd_list (
      g_steal_pointer (&reading->invocation),
      reading->with_details ? g_variant_new ("(h@a{sv})", 0, describe (reading, transfer))
                            : g_variant_new ("(h)", 0),
      fds);
  reading_free (reading);
}

/* Takes the reading. */
static void
begin (Reading *reading, const char *text)
{
  GError *error = NULL;
  McLibraryRepo *repo;

  if (!mc_service_find_repo (reading->service, text, NULL, &reading->ref, &repo, &error))
    fail (reading, error);
  else if (repo != NULL)
    find_file (reading, repo);
  else if (reading->fetch)
    mc_service_scan_async (reading->service, reading->ref, on_scanned, reading);
  else
    fail (reading, g_error_new (MC_ERROR, MC_ERROR_NOT_SCANNED, "%s was not scanned yet",
                                reading->ref->repo));
}

static void
on_scanned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reading *reading = user_data;
  GError *error = NULL;
  gint64 id = mc_service_scan_finish (MC_SERVICE (source), result, &error);

  if (error != NULL)
    fail (reading, error);
  else
    find_file (reading, mc_store_get_repo (reading->service->store, id));
}

static GError *
explain_end (Reading *reading)
{
  return g_error_new (MC_ERROR, MC_ERROR_INVALID_NAME,
                      "%s ends at byte %" G_GUINT64_FORMAT ", before the range begins",
                      reading->path, reading->file->size);
}

static void
find_file (Reading *reading, McLibraryRepo *repo)
{
  McService *self = reading->service;

  reading->manifest = mc_manifest_ref (repo->manifest);
  reading->file = mc_manifest_find_file (reading->manifest, reading->path);
  if (reading->file == NULL)
    fail (reading, g_error_new (MC_ERROR, MC_ERROR_UNKNOWN_FILE, "%s has no file “%s”",
                                repo->manifest->repo, reading->path));
  else if (reading->offset > reading->file->size)
    fail (reading, explain_end (reading));
  else if (mc_store_has_file (self->store, reading->file))
    pump (reading, NULL);
  else if (reading->fetch)
    mc_downloader_download_async (self->downloader, repo->id, "", reading->path, on_begun, reading);
  else
    fail (reading, mc_service_explain_absence (self, reading->file));
}

static void
on_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reading *reading = user_data;
  GError *error = NULL;
  g_autoptr (McTransfer) transfer =
      mc_downloader_begin_finish (MC_DOWNLOADER (source), result, &error);

  if (transfer == NULL)
    {
      fail (reading, error);
      return;
    }
  mc_service_note_request (reading->invocation, transfer);
  /* A program waits for it. One that cannot go ahead of others still comes. */
  mc_downloader_start_next (MC_DOWNLOADER (source), transfer, NULL);
  pump (reading, transfer);
}

static Reading *
reading_new (McService *service,
             GDBusMethodInvocation *invocation,
             const char *path,
             guint64 offset,
             guint64 length)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->service = g_object_ref (service);
  reading->invocation = invocation;
  reading->path = g_strdup (path);
  reading->offset = offset;
  reading->length = length;
  mc_service_hold (service);
  return reading;
}

static gboolean
on_read_range (McDbusManager *manager,
               GDBusMethodInvocation *invocation,
               GUnixFDList *fds,
               const char *text,
               const char *path,
               guint64 offset,
               guint64 length,
               gpointer user_data)
{
  begin (reading_new (user_data, invocation, path, offset, length), text);
  return TRUE;
}

static gboolean
on_read_range_with_options (McDbusManager *manager,
                            GDBusMethodInvocation *invocation,
                            GUnixFDList *fds,
                            const char *text,
                            const char *path,
                            guint64 offset,
                            guint64 length,
                            GVariant *options,
                            gpointer user_data)
{
  Reading *reading = reading_new (user_data, invocation, path, offset, length);
  GError *error = NULL;

  reading->with_details = TRUE;
  if (mc_service_get_flag (options, "fetch", &reading->fetch, &error))
    begin (reading, text);
  else
    fail (reading, error);
  return TRUE;
}

void
mc_service_connect_ranges (McService *self)
{
  g_signal_connect (self->manager, "handle-read-range", G_CALLBACK (on_read_range), self);
  g_signal_connect (self->manager, "handle-read-range-with-options",
                    G_CALLBACK (on_read_range_with_options), self);
}
