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
  GTask *task; /* (owned) (nullable): NULL ends the thread */
  McWork work;
  gboolean result;
  GError *error; /* (owned) (nullable) */
} Job;

static gboolean
complete_job (gpointer data)
{
  Job *job = data;

  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else
    g_task_return_boolean (job->task, job->result);
  return G_SOURCE_REMOVE;
}

static void
free_job (gpointer data)
{
  Job *job = data;

  g_clear_object (&job->task);
  g_clear_error (&job->error);
  g_free (job);
}

static void
send_home (Job *job)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (job->task));
  g_source_set_callback (source, complete_job, job, free_job);
  g_source_attach (source, g_task_get_context (job->task));
}

static gpointer
run_thread (gpointer data)
{
  g_autoptr (GAsyncQueue) queue = data;

  while (TRUE)
    {
      Job *job = g_async_queue_pop (queue);

      if (job->task == NULL)
        {
          free_job (job);
          return NULL;
        }
      job->result = job->work (g_task_get_task_data (job->task), &job->error);
      g_assert (job->result == (job->error == NULL));
      send_home (job);
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
mc_worker_run (McWorker *self, GTask *task, McWork work)
{
  Job *job = g_new0 (Job, 1);

  job->task = g_object_ref (task);
  job->work = work;
  g_async_queue_push (self->queue, job);
}

void
mc_worker_join (McWorker *self)
{
  g_async_queue_push (self->queue, g_new0 (Job, 1));
  g_thread_join (self->thread);
  g_async_queue_unref (self->queue);
  g_free (self);
}
