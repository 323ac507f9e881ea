/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

#include "mc-error.h"
#include "mc-task.h"

/* A verification of everything that is here, each content once, whatever repos have it. It belongs
 * to no repo, and ends with the process: the scrub goes on where it stopped. */

static void
file_free (gpointer data)
{
  McFile *file = data;

  g_free (file->path);
  g_free (file);
}

/* One name for each content: the first that a repo gives it. */
static GHashTable *
list_names (McStore *store)
{
  GPtrArray *repos = mc_store_get_repos (store);
  GHashTable *names = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, NULL, g_free);

  for (guint i = 0; i < repos->len; i++)
    {
      McManifest *manifest = ((McLibraryRepo *) g_ptr_array_index (repos, i))->manifest;

      for (guint j = 0; j < manifest->files->len; j++)
        {
          McFile *file = g_ptr_array_index (manifest->files, j);

          if (!g_hash_table_contains (names, &file->digest))
            g_hash_table_insert (names, &file->digest,
                                 g_strconcat (manifest->repo, "/", file->path, NULL));
        }
    }
  return names;
}

static GPtrArray *
list_everything (McStore *store)
{
  g_autoptr (GHashTable) names = list_names (store);
  g_autoptr (GPtrArray) contents = mc_store_list_contents (store);
  GPtrArray *files = g_ptr_array_new_with_free_func (file_free);

  for (guint i = 0; i < contents->len; i++)
    {
      const McContent *content = g_ptr_array_index (contents, i);
      const char *name = g_hash_table_lookup (names, &content->digest);
      McFile *file;

      if (content->state != MC_CONTENT_COMPLETE)
        continue;
      file = g_new0 (McFile, 1);
      file->digest = content->digest;
      file->size = content->size;
      file->path = name != NULL ? g_strdup (name) : mc_digest_to_hex (&content->digest);
      g_ptr_array_add (files, file);
    }
  return files;
}

void
mc_downloader_verify_all_async (McDownloader *self,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, NULL, callback, user_data, mc_downloader_verify_all_async);
  McTransfer *earlier = mc_downloader_find (self, MC_TRANSFER_VERIFY, 0, "", "");
  g_autoptr (GPtrArray) files = NULL;
  McTransfer *transfer;

  if (self->stopping)
    {
      g_task_return_error (task, mc_downloader_make_stopping_error ());
      return;
    }
  if (earlier != NULL && earlier->id != 0 && earlier->state != MC_TRANSFER_FAILED)
    {
      if (!mc_transfer_state_is_running (earlier->state))
        mc_downloader_set_state (self, earlier, MC_TRANSFER_QUEUED, NULL);
      mc_downloader_schedule (self);
      g_task_return_pointer (task, g_object_ref (earlier), g_object_unref);
      return;
    }
  files = list_everything (self->store);
  if (files->len == 0)
    {
      g_task_return_new_error (task, MC_ERROR, MC_ERROR_NOT_DOWNLOADED,
                               "Nothing is here to be verified");
      return;
    }
  transfer = mc_transfer_new (MC_TRANSFER_VERIFY, 0, NULL, "", "", files);
  transfer->listed = g_steal_pointer (&files);
  g_ptr_array_add (transfer->waiters, g_steal_pointer (&task));
  mc_downloader_add (self, transfer);
}
