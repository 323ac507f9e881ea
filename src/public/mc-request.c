/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cache-private.h"

#include "mc-task.h"

/* The task owns the request, and goes home to be completed and released: what it holds, callbacks
 * of a language's runtime among others, must not be let go of by another thread. */

#define TELL_US (100 * 1000)

McRequest *
mc_request_new (McRequestKind kind, const char *repo, const char *name, McOpenFlags flags)
{
  McRequest *self = g_new0 (McRequest, 1);

  self->kind = kind;
  self->repo = g_strdup (repo);
  self->name = g_strdup (name);
  self->fetch = (flags & MC_OPEN_FETCH) != 0;
  g_mutex_init (&self->lock);
  return self;
}

void
mc_request_free (McRequest *self)
{
  if (self->progress_destroy != NULL)
    self->progress_destroy (self->progress_data);
  g_mutex_clear (&self->lock);
  g_free (self->repo);
  g_free (self->name);
  g_free (self);
}

void
mc_request_set_progress (McRequest *self,
                         McProgressCallback progress,
                         gpointer progress_data,
                         GDestroyNotify destroy)
{
  self->progress = progress;
  self->progress_data = progress_data;
  self->progress_destroy = destroy;
}

void
mc_request_start (McRequest *self,
                  McCache *cache,
                  gpointer tag,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  GTask *task =
      mc_task_new_named (cache, cancellable, callback, user_data, tag, "mc_request_start");

  self->task = task;
  g_task_set_task_data (task, self, (GDestroyNotify) mc_request_free);
  /* What was done was done, whatever was cancelled meanwhile. */
  g_task_set_check_cancellable (task, FALSE);
  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else
    MC_CACHE_GET_CLASS (cache)->start (cache, self);
}

GCancellable *
mc_request_get_cancellable (McRequest *self)
{
  return g_task_get_cancellable (self->task);
}

/* --- the way home --- */

static void
go_home (GTask *task, GSourceFunc function, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, function, data, destroy);
  g_source_set_static_name (source, "mc-request");
  g_source_attach (source, g_task_get_context (task));
}

/* Cleared by whoever takes what is in it. */
typedef struct
{
  GTask *task; /* (owned) */
  gpointer pointer;
  GDestroyNotify destroy;
  gint64 number;
  GError *error;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_error (&answer->error);
  if (answer->pointer != NULL)
    answer->destroy (answer->pointer);
  g_object_unref (answer->task);
  g_free (answer);
}

static gint64 *
box (gint64 number)
{
  return g_memdup2 (&number, sizeof number);
}

/* So that whoever shows it is not left with less than all. */
static void
tell_end (McRequest *self)
{
  if (self->progress != NULL && self->total > 0)
    self->progress (self->total, self->total, self->progress_data);
}

static gboolean
answer_cb (gpointer data)
{
  Answer *answer = data;

  if (answer->error != NULL)
    {
      g_task_return_error (answer->task, g_steal_pointer (&answer->error));
      return G_SOURCE_REMOVE;
    }
  tell_end (g_task_get_task_data (answer->task));
  if (answer->pointer != NULL)
    g_task_return_pointer (answer->task, g_steal_pointer (&answer->pointer), answer->destroy);
  else
    g_task_return_pointer (answer->task, box (answer->number), g_free);
  return G_SOURCE_REMOVE;
}

static void
send_answer (McRequest *self, Answer answer)
{
  answer.task = self->task;
  go_home (self->task, answer_cb, g_memdup2 (&answer, sizeof answer), answer_free);
}

void
mc_request_return_pointer (McRequest *self, gpointer pointer, GDestroyNotify destroy)
{
  send_answer (self, (Answer){ .pointer = pointer, .destroy = destroy });
}

void
mc_request_return_number (McRequest *self, gint64 number)
{
  send_answer (self, (Answer){ .number = number });
}

void
mc_request_return_error (McRequest *self, GError *error)
{
  send_answer (self, (Answer){ .error = error });
}

/* --- progress --- */

static gboolean
tell_cb (gpointer data)
{
  GTask *task = data;
  McRequest *self = g_task_get_task_data (task);
  guint64 done;
  guint64 total;

  g_mutex_lock (&self->lock);
  self->telling = FALSE;
  done = self->done;
  total = self->total;
  g_mutex_unlock (&self->lock);
  if (!g_task_get_completed (task))
    self->progress (done, total, self->progress_data);
  return G_SOURCE_REMOVE;
}

void
mc_request_tell (McRequest *self, guint64 done, guint64 total)
{
  gint64 now = g_get_monotonic_time ();
  gboolean due;

  if (self->progress == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->total = MAX (self->total, total);
  self->done = MAX (self->done, MIN (done, self->total));
  due = !self->telling && (self->told_at == 0 || now - self->told_at >= TELL_US);
  if (due)
    {
      self->telling = TRUE;
      self->told_at = now;
    }
  g_mutex_unlock (&self->lock);
  if (due)
    go_home (self->task, tell_cb, g_object_ref (self->task), g_object_unref);
}

/* --- at home again --- */

gpointer
mc_request_finish_pointer (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gint64
mc_request_finish_number (GAsyncResult *result, GError **error)
{
  g_autofree gint64 *number = g_task_propagate_pointer (G_TASK (result), error);

  return number == NULL ? -1 : *number;
}
