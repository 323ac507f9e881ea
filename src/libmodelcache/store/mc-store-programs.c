/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-task.h"

/* Who got bytes of which repo. Only read when somebody asks, so it stays in the catalog. */

typedef struct
{
  McStore *store;    /* borrowed: the task holds it */
  McProgramUse *use; /* (owned) (nullable): to be noted */
  GPtrArray *uses;   /* (owned) (nullable): that were found */
} Programs;

static void
programs_free (gpointer data)
{
  Programs *programs = data;

  g_clear_pointer (&programs->use, mc_program_use_free);
  g_clear_pointer (&programs->uses, g_ptr_array_unref);
  g_free (programs);
}

static gboolean
note (gpointer data, GError **error)
{
  Programs *programs = data;

  return mc_catalog_note_program (programs->store->catalog, programs->use, error);
}

static gboolean
list (gpointer data, GError **error)
{
  Programs *programs = data;

  programs->uses = mc_catalog_list_programs (programs->store->catalog, error);
  return programs->uses != NULL;
}

static GTask *
begin (McStore *self, GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  GTask *task = mc_task_new (self, NULL, callback, user_data, tag);
  Programs *programs = g_new0 (Programs, 1);

  programs->store = self;
  g_task_set_task_data (task, programs, programs_free);
  return task;
}

/* Nobody waits for it, and what cannot be noted is not worth an error. */
static void
noted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_info ("Noting who used a model: %s", error->message);
}

void
mc_store_note_program (McStore *self, const char *program, const char *repo)
{
  g_autoptr (GTask) task = begin (self, noted_cb, NULL, mc_store_note_program);
  Programs *programs = g_task_get_task_data (task);

  programs->use = g_new0 (McProgramUse, 1);
  programs->use->program = g_strdup (program);
  programs->use->repo = g_strdup (repo);
  programs->use->last_used = g_get_real_time () / G_USEC_PER_SEC;
  mc_worker_run (self->worker, task, note);
}

void
mc_store_list_programs_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = begin (self, callback, user_data, mc_store_list_programs_async);

  mc_worker_run (self->worker, task, list);
}

GPtrArray *
mc_store_list_programs_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Programs *programs = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&programs->uses)
                                                           : NULL;
}
