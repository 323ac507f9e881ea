/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-verify.h"

#include "mc-content-reader.h"
#include "mc-error.h"
#include "mc-pack.h"
#include "mc-task.h"

/* One content after the other: pinned, read back on a thread, marked if it is damaged, let go. All
 * but the reading is on the caller's thread. Nothing is mended here: that is for the next download.
 */

/* How many damaged files are named. */
#define NAMES 10

typedef struct
{
  GPtrArray *files; /* (owned): McFile, borrowed from a manifest the caller holds */
  guint next;
  McVerifyProgress *progress; /* borrowed from the caller */
  GString *damaged;           /* (owned): their paths */
  guint n_damaged;

  /* What the thread needs of the content under way. */
  char *folder; /* (owned) */
  McDigest digest;
  guint64 size;
  guint64 bad;     /* bytes */
  GError *stopped; /* (owned) (nullable): ends it when the content is marked */
} Verify;

static void check_next (GTask *task);
static void on_checked (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_marked (GObject *source, GAsyncResult *result, gpointer user_data);

static void
verify_free (gpointer data)
{
  Verify *verify = data;

  g_ptr_array_unref (verify->files);
  g_string_free (verify->damaged, TRUE);
  g_free (verify->folder);
  g_clear_error (&verify->stopped);
  g_free (verify);
}

guint64
mc_verify_progress_get (McVerifyProgress *progress)
{
  guint64 checked = (guint64) g_atomic_int_get (&progress->chunks) * MC_CHUNK_SIZE;

  return progress->before + MIN (checked, progress->size);
}

void
mc_verify_async (McStore *store,
                 GPtrArray *files,
                 McVerifyProgress *progress,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  GTask *task = mc_task_new (store, cancellable, callback, user_data, mc_verify_async);
  Verify *verify = g_new0 (Verify, 1);

  verify->files = g_ptr_array_ref (files);
  verify->progress = progress;
  verify->damaged = g_string_new (NULL);
  verify->folder = g_strdup (mc_store_get_folder (store));
  g_task_set_task_data (task, verify, verify_free);
  check_next (task);
}

static void
check_content (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Verify *verify = data;
  GError *error = NULL;

  if (mc_content_verify (verify->folder, &verify->digest, verify->size, &verify->progress->chunks,
                         cancellable, &verify->bad, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
finish (GTask *task, Verify *verify)
{
  if (verify->n_damaged > NAMES)
    g_string_append_printf (verify->damaged, " and %u more", verify->n_damaged - NAMES);
  if (verify->n_damaged > 0)
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_CORRUPT,
                             "Damaged on disk, and to be downloaded again in part: %s",
                             verify->damaged->str);
  else
    g_task_return_boolean (task, TRUE);
}

static void
note_damaged (Verify *verify, McFile *file)
{
  verify->n_damaged++;
  if (verify->n_damaged <= NAMES)
    g_string_append_printf (verify->damaged, "%s%s", verify->n_damaged > 1 ? ", " : "", file->path);
}

/* The next one that is here. What is here in part was found to be damaged before: by this
 * verification, before a pause, or by an earlier one. What is not known was deleted. */
static McFile *
find_next (McStore *store, Verify *verify)
{
  for (; verify->next < verify->files->len; verify->next++)
    {
      McFile *file = g_ptr_array_index (verify->files, verify->next);

      if (mc_store_has_file (store, file))
        return file;
      if (mc_store_get_content (store, &file->digest) != NULL)
        note_damaged (verify, file);
    }
  return NULL;
}

/* Takes the reference to the task. */
static void
check_next (GTask *task)
{
  g_autoptr (GTask) owned = task;
  McStore *store = g_task_get_source_object (task);
  Verify *verify = g_task_get_task_data (task);
  McFile *file = find_next (store, verify);
  g_autoptr (GTask) inner = NULL;

  if (file == NULL)
    {
      finish (task, verify);
      return;
    }
  verify->digest = file->digest;
  verify->size = file->size;
  verify->bad = 0;
  verify->progress->size = verify->size;
  mc_store_pin (store, &verify->digest);
  inner = mc_task_new (store, g_task_get_cancellable (task), on_checked, g_steal_pointer (&owned),
                       check_next);
  g_task_set_task_data (inner, verify, NULL);
  g_task_run_in_thread (inner, check_content);
}

/* Takes the reference to the task. */
static void
go_on (GTask *task)
{
  Verify *verify = g_task_get_task_data (task);

  if (verify->stopped == NULL)
    {
      check_next (task);
      return;
    }
  g_task_return_error (task, g_steal_pointer (&verify->stopped));
  g_object_unref (task);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McStore *store = MC_STORE (source);
  GTask *task = user_data;
  Verify *verify = g_task_get_task_data (task);
  McFile *file = g_ptr_array_index (verify->files, verify->next);
  GError *error = NULL;

  /* A pack that is gone or another's holds none of the bytes. */
  if (!g_task_propagate_boolean (G_TASK (result), &error)
      && (g_error_matches (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED)
          || g_error_matches (error, MC_ERROR, MC_ERROR_CORRUPT)))
    {
      g_clear_error (&error);
      verify->bad = verify->size;
    }
  verify->stopped = error;
  verify->progress->before += error == NULL ? verify->size : 0;
  verify->progress->size = 0;
  g_atomic_int_set (&verify->progress->chunks, 0);
  verify->next++;
  if (verify->bad == 0)
    {
      mc_store_unpin (store, &verify->digest);
      go_on (task);
      return;
    }
  note_damaged (verify, file);
  mc_store_set_content_async (store, &verify->digest,
                              verify->size - MIN (verify->bad, verify->size), FALSE, on_marked,
                              task);
}

static void
on_marked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Verify *verify = g_task_get_task_data (task);
  GError *error = NULL;

  if (!mc_store_set_content_finish (MC_STORE (source), result, &error))
    {
      g_clear_error (&verify->stopped);
      verify->stopped = error;
    }
  mc_store_unpin (MC_STORE (source), &verify->digest);
  go_on (task);
}

gboolean
mc_verify_finish (McStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
