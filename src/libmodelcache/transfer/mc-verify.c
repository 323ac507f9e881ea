/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-verify.h"

#include "mc-error.h"
#include "mc-pack.h"
#include "mc-task.h"

/* One content after the other is checked by the store. Nothing is mended here: see mc-repair.c. */

/* How many damaged files are named. */
#define NAMES 10

typedef struct
{
  GPtrArray *files; /* (owned): McFile, borrowed from a manifest the caller holds */
  guint next;
  McVerifyProgress *progress; /* borrowed from the caller */
  GString *damaged;           /* (owned): their paths */
  guint n_damaged;
} Verify;

static void check_next (GTask *task);
static void on_checked (GObject *source, GAsyncResult *result, gpointer user_data);

static void
verify_free (gpointer data)
{
  Verify *verify = data;

  g_ptr_array_unref (verify->files);
  g_string_free (verify->damaged, TRUE);
  g_free (verify);
}

guint64
mc_verify_progress_get (McVerifyProgress *progress)
{
  guint64 unit = progress->unit == 0 ? MC_CHUNK_SIZE : progress->unit;
  guint64 checked = (guint64) g_atomic_int_get (&progress->chunks) * unit;

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
  g_task_set_task_data (task, verify, verify_free);
  check_next (task);
}

static void
finish (GTask *task, Verify *verify)
{
  if (verify->n_damaged > NAMES)
    g_string_append_printf (verify->damaged, " and %u more", verify->n_damaged - NAMES);
  if (verify->n_damaged > 0)
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_CORRUPT,
                             "Damaged on disk: %s. Only what is damaged is downloaded again",
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

  if (file == NULL)
    {
      finish (task, verify);
      return;
    }
  verify->progress->size = file->size;
  mc_store_check_async (store, &file->digest, g_get_real_time () / G_USEC_PER_SEC,
                        &verify->progress->chunks, g_task_get_cancellable (task), on_checked,
                        g_steal_pointer (&owned));
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Verify *verify = g_task_get_task_data (task);
  McFile *file = g_ptr_array_index (verify->files, verify->next);
  GError *error = NULL;
  gboolean good;

  if (!mc_store_check_finish (MC_STORE (source), result, &good, &error)
      && !g_error_matches (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED))
    {
      verify->progress->size = 0;
      g_task_return_error (task, error);
      return;
    }
  if (error == NULL && !good)
    note_damaged (verify, file);
  g_clear_error (&error);
  verify->progress->before += file->size;
  verify->progress->size = 0;
  g_atomic_int_set (&verify->progress->chunks, 0);
  verify->next++;
  check_next (g_steal_pointer (&task));
}

gboolean
mc_verify_finish (McStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
