/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-import-copy.h"

#include "mc-content-writer.h"
#include "mc-error.h"
#include "mc-import-read.h"
#include "mc-task.h"

#include <unistd.h>

/* One chunk is read on another thread while those before it are hashed and written; when as many as
 * that are on their way, it waits. Whatever happens, it ends after the last put came home. */

#define PUTS_AT_ONCE 2

typedef struct
{
  McStore *store;          /* borrowed: the task holds it */
  McImportFile *file;      /* borrowed from the caller */
  McContentWriter *writer; /* (owned) */
  int fd;
  int *progress;
  guint64 offset; /* of what is read */
  gsize length;
  guint puts;
  gboolean reading;
  gboolean finishing;
  GError *error; /* (owned) (nullable): why it ends */
} Copy;

static void go_on (GTask *task);

static void
copy_free (gpointer data)
{
  Copy *copy = data;

  if (copy->fd >= 0)
    close (copy->fd);
  g_clear_object (&copy->writer);
  g_clear_error (&copy->error);
  g_free (copy);
}

static void
trip (Copy *copy, GError *error)
{
  if (copy->error == NULL)
    copy->error = error;
  else
    g_error_free (error);
}

static void
on_put (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Copy *copy = g_task_get_task_data (task);
  GError *error = NULL;

  copy->puts--;
  if (mc_content_writer_put_finish (MC_CONTENT_WRITER (source), result, &error))
    g_atomic_int_inc (copy->progress);
  else
    trip (copy, error);
  go_on (task);
}

static void
read_chunk (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Copy *copy = data;
  GError *error = NULL;
  GBytes *bytes = NULL;

  if (copy->fd < 0)
    copy->fd = mc_import_open (copy->file, &error);
  if (copy->fd >= 0)
    bytes = mc_import_read_chunk (copy->file, copy->fd, copy->offset, copy->length, &error);
  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
on_chunk_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Copy *copy = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);

  copy->reading = FALSE;
  if (bytes == NULL)
    trip (copy, error);
  else if (copy->error == NULL)
    {
      copy->puts++;
      mc_content_writer_put_async (copy->writer, copy->offset, bytes, on_put, g_object_ref (task));
    }
  go_on (task);
}

static void
on_finished (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Copy *copy = g_task_get_task_data (task);
  GError *error = NULL;

  if (mc_content_writer_finish_finish (MC_CONTENT_WRITER (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  g_clear_object (&copy->writer);
}

static void
begin_reading (GTask *task, Copy *copy)
{
  /* Of no object: a thread lets go of its task a little after the callback came. */
  g_autoptr (GTask) inner =
      mc_task_new (NULL, NULL, on_chunk_read, g_object_ref (task), read_chunk);

  copy->reading = TRUE;
  copy->length = mc_content_writer_get_piece (copy->writer, copy->offset);
  g_task_set_task_data (inner, copy, NULL);
  g_task_run_in_thread (inner, read_chunk);
}

static void
go_on (GTask *task)
{
  Copy *copy = g_task_get_task_data (task);
  guint64 length;

  if (copy->error == NULL)
    g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &copy->error);
  if (copy->reading || copy->finishing)
    return;
  if (copy->error != NULL && copy->puts == 0)
    {
      g_clear_object (&copy->writer);
      copy->finishing = TRUE;
      g_task_return_error (task, g_steal_pointer (&copy->error));
    }
  if (copy->error != NULL || copy->finishing)
    return;
  if (copy->puts < PUTS_AT_ONCE
      && mc_content_writer_find_missing (copy->writer, 0, &copy->offset, &length))
    begin_reading (task, copy);
  else if (copy->puts == 0)
    {
      copy->finishing = TRUE;
      mc_content_writer_finish_async (copy->writer, on_finished, g_object_ref (task));
    }
}

static void
on_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Copy *copy = g_task_get_task_data (task);
  GError *error = NULL;

  if (!mc_content_writer_open_finish (MC_CONTENT_WRITER (source), result, &error))
    trip (copy, error);
  go_on (task);
}

void
mc_import_copy_async (McStore *store,
                      McImportFile *file,
                      int *progress,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (store, cancellable, callback, user_data, mc_import_copy_async);
  Copy *copy = g_new0 (Copy, 1);

  /* The result says itself whether it was cancelled: after the puts. */
  g_task_set_check_cancellable (task, FALSE);
  copy->store = store;
  copy->file = file;
  copy->progress = progress;
  copy->fd = -1;
  copy->writer = mc_content_writer_new (store, &file->match->digest);
  g_task_set_task_data (task, copy, copy_free);
  mc_content_writer_open_async (copy->writer, on_open, g_object_ref (task));
}

gboolean
mc_import_copy_finish (McStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
