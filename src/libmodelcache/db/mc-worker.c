/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-worker.h"

/* The task goes home to be completed and released: were the last reference dropped here, the source
 * object would be disposed of on the wrong thread. A source is attached even when nothing waits,
 * because g_main_context_invoke() may run its function in this thread when the loop is idle. */

struct _McWorker
{
  GThread *thread;    /* (owned) */
  GAsyncQueue *queue; /* (owned): Job */
};

typedef struct
{
  void (*step) (gpointer data); /* (nullable): NULL ends the thread */
  gpointer data;
} Job;

typedef struct
{
  GTask *task; /* (owned) */
  McWork work;
} Run;

typedef struct
{
  GTask *task;   /* (owned) */
  GError *error; /* (owned) (nullable) */
} Ending;

static gboolean
complete (gpointer data)
{
  Ending *ending = data;

  if (ending->error != NULL)
    g_task_return_error (ending->task, g_steal_pointer (&ending->error));
  else
    g_task_return_boolean (ending->task, TRUE);
  return G_SOURCE_REMOVE;
}

static void
ending_free (gpointer data)
{
  Ending *ending = data;

  g_object_unref (ending->task);
  g_clear_error (&ending->error);
  g_free (ending);
}

void
mc_worker_send_home (GTask *task, GError *error)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  GMainContext *context = g_task_get_context (task);
  Ending *ending = g_new0 (Ending, 1);

  ending->task = task;
  ending->error = error;
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, complete, ending, ending_free);
  g_source_attach (source, context);
}

static gpointer
run_thread (gpointer data)
{
  g_autoptr (GAsyncQueue) queue = data;

  while (TRUE)
    {
      g_autofree Job *job = g_async_queue_pop (queue);

      if (job->step == NULL)
        return NULL;
      job->step (job->data);
    }
}

McWorker *
mc_worker_new (const char *name)
{
  McWorker *self = g_new0 (McWorker, 1);

  self->queue = g_async_queue_new ();
  self->thread = g_thread_new (name, run_thread, g_async_queue_ref (self->queue));
  return self;
}

void
mc_worker_push (McWorker *self, void (*step) (gpointer data), gpointer data)
{
  Job *job = g_new (Job, 1);

  job->step = step;
  job->data = data;
  g_async_queue_push (self->queue, job);
}

static void
run_work (gpointer data)
{
  g_autofree Run *run = data;
  GError *error = NULL;
  gboolean result = run->work (g_task_get_task_data (run->task), &error);

  g_assert (result == (error == NULL));
  mc_worker_send_home (run->task, error);
}

void
mc_worker_run (McWorker *self, GTask *task, McWork work)
{
  Run *run = g_new (Run, 1);

  run->task = g_object_ref (task);
  run->work = work;
  mc_worker_push (self, run_work, run);
}

void
mc_worker_join (McWorker *self)
{
  mc_worker_push (self, NULL, NULL);
  g_thread_join (self->thread);
  g_async_queue_unref (self->queue);
  g_free (self);
}
