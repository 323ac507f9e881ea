/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-content-reader.h"
#include "mc-error.h"
#include "mc-task.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether contents are in order. A check reads all of a content on a thread, and says in the
 * catalog and in memory what it found. Checks of one content wait for each other, since the second
 * would drop chunks that were brought again after the first. */

/* As in the kernel's linux/ioprio.h, which not every system installs. */
#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_IDLE (3 << 13)

typedef struct
{
  McDigest digest;
  guint64 size;
  gint64 now;
  int *progress; /* (nullable), the caller's */
  gboolean quiet;
  char *folder; /* (owned) */
  guint64 bad;  /* bytes */
} Check;

static void begin (GTask *task);
static void on_read (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_noted (GObject *source, GAsyncResult *result, gpointer user_data);

static void
check_free (gpointer data)
{
  Check *check = data;

  g_free (check->folder);
  g_free (check);
}

gboolean
mc_store_is_damaged (McStore *self, const McDigest *digest)
{
  const McContent *content = mc_store_get_content (self, digest);

  return content != NULL && content->state != MC_CONTENT_DELETING
         && (content->suspect
             || (content->state == MC_CONTENT_PARTIAL && content->verified_at > 0));
}

gboolean
mc_store_is_being_checked (McStore *self, const McDigest *digest)
{
  return g_hash_table_contains (self->checks, digest);
}

void
mc_store_suspect (McStore *self, const McDigest *digest)
{
  McContent *content = g_hash_table_lookup (self->contents, digest);

  if (content == NULL || content->state != MC_CONTENT_COMPLETE || content->suspect)
    return;
  content->suspect = TRUE;
  g_signal_emit_by_name (self, "damage-met", &content->digest);
}

static Check *
prepare (GTask *task, const McDigest *digest, gint64 now)
{
  Check *check = g_new0 (Check, 1);

  /* What was found is told even if nobody wants to know it any more. */
  g_task_set_check_cancellable (task, FALSE);
  check->digest = *digest;
  check->now = now;
  g_task_set_task_data (task, check, check_free);
  return check;
}

void
mc_store_check_async (McStore *self,
                      const McDigest *digest,
                      gint64 now,
                      int *progress,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = mc_task_new (self, cancellable, callback, user_data, mc_store_check_async);

  prepare (task, digest, now)->progress = progress;
  begin (task);
}

void
mc_store_check_quietly_async (McStore *self,
                              const McDigest *digest,
                              gint64 now,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = mc_task_new (self, cancellable, callback, user_data, mc_store_check_quietly_async);

  prepare (task, digest, now)->quiet = TRUE;
  begin (task);
}

gboolean
mc_store_check_finish (McStore *self, GAsyncResult *result, gboolean *good, GError **error)
{
  GError *local = NULL;

  *good = g_task_propagate_boolean (G_TASK (result), &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

static void
read_all (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Check *check = data;
  GError *error = NULL;

  if (mc_content_verify (check->folder, &check->digest, check->size, check->progress, cancellable,
                         &check->bad, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* A thread of its own, which nobody else gets afterwards: a priority that was given up cannot be
 * taken back. */
static gpointer
run_quietly (gpointer data)
{
  g_autoptr (GTask) task = data;

  if (syscall (SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE) != 0)
    g_debug ("The disk is read without giving way: %s", g_strerror (errno));
  if (setpriority (PRIO_PROCESS, (id_t) gettid (), 19) != 0)
    g_debug ("The processor is used without giving way: %s", g_strerror (errno));
  read_all (task, NULL, g_task_get_task_data (task), g_task_get_cancellable (task));
  return NULL;
}

static void
start (GTask *inner, gboolean quiet)
{
  if (quiet)
    g_thread_unref (g_thread_new ("mc-scrub", run_quietly, g_object_ref (inner)));
  else
    g_task_run_in_thread (inner, read_all);
}

/* Takes the reference to the task. */
static void
begin (GTask *task)
{
  g_autoptr (GTask) owned = task;
  McStore *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  const McContent *content = mc_store_get_content (self, &check->digest);
  GPtrArray *waiters = g_hash_table_lookup (self->checks, &check->digest);
  g_autoptr (GTask) inner = NULL;

  if (waiters != NULL)
    {
      g_ptr_array_add (waiters, g_steal_pointer (&owned));
      return;
    }
  if (content == NULL || content->state != MC_CONTENT_COMPLETE)
    {
      if (mc_store_is_damaged (self, &check->digest))
        g_task_return_boolean (task, FALSE);
      else
        g_task_return_new_error (task, MC_ERROR, MC_ERROR_NOT_DOWNLOADED,
                                 "The content is not here");
      return;
    }
  check->size = content->size;
  check->folder = g_strdup (mc_store_get_folder (self));
  g_hash_table_insert (self->checks, mc_digest_copy (&check->digest),
                       g_ptr_array_new_with_free_func (g_object_unref));
  mc_store_pin (self, &check->digest);
  /* Of no object: its thread lets go of it a little after the callback came. */
  inner =
      mc_task_new (NULL, g_task_get_cancellable (task), on_read, g_steal_pointer (&owned), begin);
  g_task_set_check_cancellable (inner, FALSE);
  g_task_set_task_data (inner, check, NULL);
  start (inner, check->quiet);
}

/* Those who waited get the same answer; after none, the first of them looks for itself. Takes the
 * reference to the task. */
static void
end (GTask *task, const GError *error)
{
  McStore *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  g_autoptr (GPtrArray) waiters =
      g_ptr_array_ref (g_hash_table_lookup (self->checks, &check->digest));

  g_hash_table_remove (self->checks, &check->digest);
  mc_store_unpin (self, &check->digest);
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, check->bad == 0);
  for (guint i = 0; i < waiters->len; i++)
    {
      GTask *waiter = g_ptr_array_index (waiters, i);

      if (error == NULL)
        g_task_return_boolean (waiter, check->bad == 0);
      else
        begin (g_object_ref (waiter));
    }
  g_object_unref (task);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  McStore *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  /* A pack that is gone or another's holds none of the bytes. */
  if (!g_task_propagate_boolean (G_TASK (result), &error)
      && (g_error_matches (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED)
          || g_error_matches (error, MC_ERROR, MC_ERROR_CORRUPT)))
    {
      g_clear_error (&error);
      check->bad = MAX (check->size, 1);
    }
  if (error != NULL)
    end (task, error);
  else
    mc_store_note_checked_async (self, &check->digest, check->size - MIN (check->bad, check->size),
                                 check->bad == 0, check->now, on_noted, task);
}

static void
on_noted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Check *check = g_task_get_task_data (user_data);
  g_autoptr (GError) error = NULL;

  if (mc_store_set_content_finish (MC_STORE (source), result, &error) && check->bad > 0)
    mc_store_suspect_related (MC_STORE (source), &check->digest);
  end (user_data, error);
}
