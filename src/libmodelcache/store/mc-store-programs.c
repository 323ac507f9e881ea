/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-task.h"

/* Who got bytes of which repo. It is noted as the use of contents is, see mc-store-care.c; what is
 * in the catalog stays there, since it is only read when somebody asks. */

typedef struct
{
  McStore *store;      /* borrowed: the task holds it */
  GPtrArray *unkept;   /* (owned): McProgramUse */
  GPtrArray *programs; /* (owned) (nullable): McProgramUse */
} List;

static void
list_free (gpointer data)
{
  List *list = data;

  g_ptr_array_unref (list->unkept);
  g_clear_pointer (&list->programs, g_ptr_array_unref);
  g_free (list);
}

void
mc_store_note_program (McStore *self, const char *program, const char *repo)
{
  g_autofree char *key = g_strconcat (program, "\n", repo, NULL);
  McProgramUse *use = g_hash_table_lookup (self->programs, key);

  if (self->worker == NULL)
    return;
  if (use == NULL)
    {
      use = g_new0 (McProgramUse, 1);
      use->program = g_strdup (program);
      use->repo = g_strdup (repo);
      g_hash_table_insert (self->programs, g_steal_pointer (&key), use);
    }
  use->uses++;
  use->last_used = g_get_real_time () / G_USEC_PER_SEC;
  mc_store_keep_uses_soon (self);
}

GPtrArray *
mc_store_take_programs (McStore *self)
{
  GPtrArray *uses = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_program_use_free);
  GHashTableIter iter;
  gpointer key;
  gpointer use;

  g_hash_table_iter_init (&iter, self->programs);
  while (g_hash_table_iter_next (&iter, &key, &use))
    {
      g_ptr_array_add (uses, use);
      g_hash_table_iter_steal (&iter);
      g_free (key);
    }
  return uses;
}

static gboolean
read_list (gpointer data, GError **error)
{
  List *list = data;
  McDb *catalog = list->store->catalog;
  g_autoptr (GError) local = NULL;

  if (!mc_catalog_note_programs (catalog, list->unkept, &local))
    g_info ("Which programs used a model was not kept: %s", local->message);
  list->programs = mc_catalog_list_programs (catalog, error);
  return list->programs != NULL;
}

void
mc_store_list_programs_async (McStore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, NULL, callback, user_data, mc_store_list_programs_async);
  List *list = g_new0 (List, 1);

  list->store = self;
  list->unkept = mc_store_take_programs (self);
  g_task_set_task_data (task, list, list_free);
  mc_worker_run (self->worker, task, read_list);
}

GPtrArray *
mc_store_list_programs_finish (McStore *self, GAsyncResult *result, GError **error)
{
  List *list = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&list->programs)
                                                           : NULL;
}
