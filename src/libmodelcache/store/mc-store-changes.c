/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-error.h"
#include "mc-pack.h"
#include "mc-small.h"
#include "mc-task.h"

#include <string.h>

/* What changes the store: an operation is filled in on the caller's thread, done on the database
 * thread, and noted in memory when it comes home. */

typedef struct
{
  McStore *store; /* borrowed: the task holds it */
  gint64 repo;
  char *variant; /* or a revision */
  char *path;
  char *alias;
  McManifest *manifest;     /* (owned) (nullable) */
  GArray *files;            /* (owned) (nullable): McFile, with their paths */
  McTransferRecord *record; /* (owned) (nullable) */
  McDigest digest;
  guint64 size;
  guint64 committed;
  McContentState state;
  gint64 now;
  McLibrary *library; /* (owned) (nullable): the repo as it is afterwards */
} Change;

static void
change_free (gpointer data)
{
  Change *change = data;

  g_free (change->variant);
  g_free (change->path);
  g_free (change->alias);
  g_clear_pointer (&change->files, g_array_unref);
  g_clear_pointer (&change->manifest, mc_manifest_unref);
  g_clear_pointer (&change->record, mc_transfer_record_free);
  g_clear_pointer (&change->library, mc_library_free);
  g_free (change);
}

static Change *
change_new (McStore *self)
{
  Change *change = g_new0 (Change, 1);

  change->store = self;
  return change;
}

/* The task that carries a change; it is done even if nobody waits any more. */
static GTask *
begin (
    McStore *self, Change *change, GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, change, change_free);
  return task;
}

static gboolean
reload (Change *change, GError **error)
{
  change->library = mc_catalog_load (change->store->catalog, change->repo, error);
  return change->library != NULL;
}

/* --- repos --- */

static gboolean
save_repo (gpointer data, GError **error)
{
  Change *change = data;

  return mc_catalog_save_repo (change->store->catalog, change->manifest, change->alias,
                               &change->repo, error)
         && reload (change, error);
}

void
mc_store_save_repo_async (McStore *self,
                          McManifest *manifest,
                          const char *alias,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  Change *change = change_new (self);
  g_autoptr (GTask) task = begin (self, change, callback, user_data, mc_store_save_repo_async);

  change->manifest = mc_manifest_ref (manifest);
  change->alias = g_strdup (alias);
  mc_worker_run (self->worker, task, save_repo);
}

gint64
mc_store_save_repo_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Change *change = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return 0;
  mc_library_update (self->library, change->library);
  mc_store_count_holders (self);
  return change->repo;
}

static gboolean
rename_repo (gpointer data, GError **error)
{
  Change *change = data;

  return mc_catalog_rename_repo (change->store->catalog, change->repo, change->variant, error)
         && reload (change, error);
}

void
mc_store_rename_repo_async (McStore *self,
                            gint64 repo,
                            const char *revision,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  Change *change = change_new (self);
  g_autoptr (GTask) task = begin (self, change, callback, user_data, mc_store_rename_repo_async);

  change->repo = repo;
  change->variant = g_strdup (revision);
  mc_worker_run (self->worker, task, rename_repo);
}

gboolean
mc_store_rename_repo_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Change *change = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  mc_library_update (self->library, change->library);
  mc_store_count_holders (self);
  return TRUE;
}

/* --- contents --- */

static gboolean
set_content (gpointer data, GError **error)
{
  Change *change = data;
  gboolean complete = change->state == MC_CONTENT_COMPLETE;
  g_autoptr (GArray) rows =
      mc_store_list_rows (change->store->folder, &change->digest, change->size, complete, error);

  return rows != NULL
         && mc_catalog_note_checked (change->store->catalog, &change->digest, change->state,
                                     change->now, rows, error);
}

void
mc_store_set_content_async (McStore *self,
                            const McDigest *digest,
                            guint64 committed,
                            gboolean complete,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  mc_store_note_checked_async (self, digest, committed, complete,
                               g_get_real_time () / G_USEC_PER_SEC, callback, user_data);
}

void
mc_store_note_checked_async (McStore *self,
                             const McDigest *digest,
                             guint64 committed,
                             gboolean complete,
                             gint64 now,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  const McContent *content = mc_store_get_content (self, digest);
  Change *change = change_new (self);
  g_autoptr (GTask) task = begin (self, change, callback, user_data, mc_store_set_content_async);

  change->digest = *digest;
  change->size = content == NULL ? 0 : content->size;
  change->committed = committed;
  change->state = complete ? MC_CONTENT_COMPLETE : MC_CONTENT_PARTIAL;
  change->now = MAX (now, 1);
  mc_worker_run (self->worker, task, set_content);
}

gboolean
mc_store_set_content_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Change *change = g_task_get_task_data (G_TASK (result));
  McContent *content;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  content = g_hash_table_lookup (self->contents, &change->digest);
  if (content != NULL)
    {
      /* What comes to be complete was wanted now. */
      if (change->state == MC_CONTENT_COMPLETE && content->state != MC_CONTENT_COMPLETE)
        mc_store_note_use (self, &change->digest);
      content->state = change->state;
      content->committed = MIN (change->committed, content->size);
      content->verified_at =
          change->state == MC_CONTENT_COMPLETE ? change->now : MAX (content->verified_at, 1);
      content->suspect = FALSE;
    }
  return TRUE;
}

/* --- holdings --- */

static gboolean
hold (gpointer data, GError **error)
{
  Change *change = data;

  return mc_catalog_add_holding (change->store->catalog, change->repo, change->variant,
                                 change->path, change->files, error)
         && reload (change, error);
}

static void
clear_file (gpointer data)
{
  g_free (((McFile *) data)->path);
}

/* Copies: the manifest they are of may be replaced meanwhile. */
static GArray *
copy_files (GPtrArray *files, GError **error)
{
  g_autoptr (GArray) copies = g_array_new (FALSE, FALSE, sizeof (McFile));

  g_array_set_clear_func (copies, clear_file);
  for (guint i = 0; i < files->len; i++)
    {
      McFile copy = *(McFile *) g_ptr_array_index (files, i);

      if (copy.size > MC_CONTENT_MAX_SIZE)
        {
          g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE, "%s is too large to be true",
                       copy.path);
          return NULL;
        }
      copy.path = g_strdup (copy.path);
      g_array_append_val (copies, copy);
    }
  return g_steal_pointer (&copies);
}

void
mc_store_hold_async (McStore *self,
                     gint64 repo,
                     const char *variant,
                     const char *path,
                     GPtrArray *files,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  Change *change = change_new (self);
  g_autoptr (GTask) task = begin (self, change, callback, user_data, mc_store_hold_async);
  g_autoptr (GError) error = NULL;

  if (mc_store_get_repo (self, repo) == NULL)
    {
      g_task_return_new_error (task, MC_ERROR, MC_ERROR_NOT_SCANNED, "The repo is gone");
      return;
    }
  change->files = copy_files (files, &error);
  if (change->files == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  change->repo = repo;
  change->variant = g_strdup (variant);
  change->path = g_strdup (path);
  mc_worker_run (self->worker, task, hold);
}

gboolean
mc_store_hold_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Change *change = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  for (guint i = 0; i < change->files->len; i++)
    {
      McFile *file = &g_array_index (change->files, McFile, i);
      McContent *content = mc_store_ensure_content (self, &file->digest, file->size);

      /* It was to go, and is wanted again: what is still there of it will be found. */
      if (content->state == MC_CONTENT_DELETING)
        content->state = MC_CONTENT_PARTIAL;
    }
  mc_library_update (self->library, change->library);
  mc_store_count_holders (self);
  return TRUE;
}

/* --- transfers --- */

static gboolean
put_transfer (gpointer data, GError **error)
{
  Change *change = data;

  return mc_catalog_put_transfer (change->store->catalog, change->record, error);
}

void
mc_store_put_transfer_async (McStore *self,
                             const McTransferRecord *record,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  Change *change = change_new (self);
  g_autoptr (GTask) task = begin (self, change, callback, user_data, mc_store_put_transfer_async);

  change->record = mc_transfer_record_copy (record);
  mc_worker_run (self->worker, task, put_transfer);
}

gint64
mc_store_put_transfer_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Change *change = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? change->record->id : 0;
}

static gboolean
forget_transfer (gpointer data, GError **error)
{
  Change *change = data;

  return mc_catalog_forget_transfer (change->store->catalog, change->repo, error);
}

static void
on_transfer_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  /* It would be shown once more after the next start; that is all. */
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_warning ("Forgetting a transfer: %s", error->message);
}

void
mc_store_forget_transfer (McStore *self, gint64 id)
{
  Change *change = change_new (self);
  g_autoptr (GTask) task =
      begin (self, change, on_transfer_forgotten, NULL, mc_store_forget_transfer);

  change->repo = id;
  mc_worker_run (self->worker, task, forget_transfer);
}
