/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-task.h"

/* What became of transfers. It is only read when somebody asks, so it stays in the catalog. */

typedef struct
{
  McStore *store;     /* borrowed: the task holds it */
  GPtrArray *records; /* (owned) (nullable) */
} History;

static void
history_free (gpointer data)
{
  History *history = data;

  g_clear_pointer (&history->records, g_ptr_array_unref);
  g_free (history);
}

static GTask *
begin (McStore *self, GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  GTask *task = mc_task_new (self, NULL, callback, user_data, tag);
  History *history = g_new0 (History, 1);

  history->store = self;
  g_task_set_task_data (task, history, history_free);
  return task;
}

static gboolean
list (gpointer data, GError **error)
{
  History *history = data;

  history->records = mc_catalog_list_history (history->store->catalog, error);
  return history->records != NULL;
}

static gboolean
clear (gpointer data, GError **error)
{
  return mc_catalog_clear_history (((History *) data)->store->catalog, error);
}

void
mc_store_list_history_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = begin (self, callback, user_data, mc_store_list_history_async);

  mc_worker_run (self->worker, task, list);
}

GPtrArray *
mc_store_list_history_finish (McStore *self, GAsyncResult *result, GError **error)
{
  History *history = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&history->records)
                                                           : NULL;
}

void
mc_store_clear_history_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = begin (self, callback, user_data, mc_store_clear_history_async);

  mc_worker_run (self->worker, task, clear);
}

gboolean
mc_store_clear_history_finish (McStore *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
