/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"
#include "mc-task.h"

/* How an import comes to be; what it does is in mc-import.c. */

static gboolean
check_begin (McDownloader *self, gint64 repo, const char *path, GError **error)
{
  if (self->stopping)
    g_propagate_error (error, mc_downloader_make_stopping_error ());
  else if (repo != 0 && mc_store_get_repo (self->store, repo) == NULL)
    g_set_error_literal (error, MC_ERROR, MC_ERROR_NOT_SCANNED, "The repo is gone");
  else if (!g_path_is_absolute (path))
    g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                 "“%s” is no folder: give its whole path, from / on", path);
  else
    return TRUE;
  return FALSE;
}

static gboolean
join_import (McDownloader *self, GTask *task, McTransfer *earlier)
{
  if (earlier == NULL || earlier->state == MC_TRANSFER_FAILED)
    return FALSE;
  if (earlier->id == 0)
    {
      g_ptr_array_add (earlier->waiters, g_object_ref (task));
      return TRUE;
    }
  if (!mc_transfer_state_is_running (earlier->state))
    mc_downloader_set_state (self, earlier, MC_TRANSFER_QUEUED, NULL);
  mc_downloader_schedule (self);
  g_task_return_pointer (task, g_object_ref (earlier), g_object_unref);
  return TRUE;
}

void
mc_downloader_import_async (McDownloader *self,
                            gint64 repo,
                            const char *path,
                            gboolean preview,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, NULL, callback, user_data, mc_downloader_import_async);
  McTransferKind kind = preview ? MC_TRANSFER_PREVIEW : MC_TRANSFER_IMPORT;
  McLibraryRepo *found = repo == 0 ? NULL : mc_store_get_repo (self->store, repo);
  g_autofree char *canonical = g_canonicalize_filename (path, "/");
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  GError *error = NULL;
  McTransfer *transfer;

  if (!check_begin (self, repo, path, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (join_import (self, task, mc_downloader_find (self, kind, repo, "", canonical)))
    return;
  transfer =
      mc_transfer_new (kind, repo, found == NULL ? NULL : found->manifest, "", canonical, none);
  g_ptr_array_add (transfer->waiters, g_steal_pointer (&task));
  mc_downloader_add (self, transfer);
}
