/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-task.h"

/* What takes how much space: the loans are asked for on the database thread, the files are looked
 * at on another one, since a disk may take its time, and the sums are made at home. */

typedef struct
{
  McStore *store;         /* borrowed: the task holds it */
  char *folder;           /* (owned): the store may move meanwhile */
  McWorker *surveyor;     /* (owned) (nullable): while it looks */
  GArray *loans;          /* (owned): McLoan */
  McFootprint *footprint; /* (owned) */
} Survey;

static void
survey_free (gpointer data)
{
  Survey *survey = data;

  g_clear_pointer (&survey->loans, g_array_unref);
  g_free (survey->folder);
  g_clear_pointer (&survey->footprint, mc_footprint_free);
  g_free (survey);
}

static gboolean
list_loans (gpointer data, GError **error)
{
  Survey *survey = data;

  survey->loans = mc_catalog_list_loans (survey->store->catalog, error);
  return survey->loans != NULL;
}

static gboolean
measure (gpointer data, GError **error)
{
  Survey *survey = data;

  survey->footprint = mc_footprint_measure (survey->folder);
  return TRUE;
}

static void
on_measured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) outer = user_data;
  Survey *survey = g_task_get_task_data (outer);

  g_task_propagate_boolean (G_TASK (result), NULL);
  g_clear_pointer (&survey->surveyor, mc_worker_join);
  g_task_return_boolean (outer, TRUE);
}

static void
on_loans_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) outer = user_data;
  g_autoptr (GTask) inner = NULL;
  g_autoptr (GError) error = NULL;
  Survey *survey = g_task_get_task_data (outer);

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (outer, g_steal_pointer (&error));
      return;
    }
  inner = mc_task_new (source, NULL, on_measured, g_object_ref (outer), mc_store_survey_async);
  g_task_set_task_data (inner, survey, NULL);
  survey->folder = g_strdup (survey->store->folder);
  survey->surveyor = mc_worker_new ("mc-survey");
  mc_worker_run (survey->surveyor, inner, measure);
}

void
mc_store_survey_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *outer = mc_task_new (self, NULL, callback, user_data, mc_store_survey_async);
  g_autoptr (GTask) inner = mc_task_new (self, NULL, on_loans_listed, outer, mc_store_survey_async);
  Survey *survey = g_new0 (Survey, 1);

  survey->store = self;
  g_task_set_task_data (outer, survey, survey_free);
  g_task_set_task_data (inner, survey, NULL);
  mc_worker_run (self->worker, inner, list_loans);
}

McUsage *
mc_store_survey_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Survey *survey = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return mc_usage_new (self->library, self->contents, survey->footprint, survey->loans);
}
