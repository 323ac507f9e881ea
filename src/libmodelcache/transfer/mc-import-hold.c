/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-import-private.h"

#include "mc-error.h"
#include "mc-task.h"

/* What is adopted counts as asked for: that is said before its first byte is stored, as for a
 * download. */

typedef struct
{
  McManifest *manifest; /* (owned) */
  GPtrArray *holdings;  /* (owned): McImportHolding */
  guint next;
  gint64 repo; /* 0: not in the library yet */
} Step;

static void next_step (GTask *task);
static void on_saved (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_held (GObject *source, GAsyncResult *result, gpointer user_data);

static void
step_free (gpointer data)
{
  Step *step = data;

  g_ptr_array_unref (step->holdings);
  mc_manifest_unref (step->manifest);
  g_free (step);
}

static gboolean
is_here (const McFile *file, gpointer user_data)
{
  return file->digest.kind != MC_DIGEST_NONE && mc_store_has_file (user_data, file);
}

/* Those that are to be stored, or were here without a name. */
static gboolean
needs_holding (McImport *self, const McImportFile *file)
{
  if (file->match == NULL)
    return FALSE;
  if (file->outcome == MC_IMPORT_HERE)
    return mc_store_get_content (self->owner->store, &file->match->digest)->holders == 0;
  return file->outcome == MC_IMPORT_ADOPTED;
}

static GPtrArray *
list_of (McImport *self, McManifest *manifest)
{
  GPtrArray *files = g_ptr_array_new ();

  for (guint i = 0; i < self->tree->files->len; i++)
    {
      McImportFile *file = g_ptr_array_index (self->tree->files, i);

      if (file->manifest == manifest && needs_holding (self, file))
        g_ptr_array_add (files, file->match);
    }
  return files;
}

static GPtrArray *
list_steps (McImport *self)
{
  GPtrArray *steps = g_ptr_array_new_with_free_func (step_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->tree->files->len; i++)
    {
      McImportFile *file = g_ptr_array_index (self->tree->files, i);
      g_autoptr (GPtrArray) files = NULL;
      Step *step;

      if (!needs_holding (self, file) || !g_hash_table_add (seen, file->manifest))
        continue;
      files = list_of (self, file->manifest);
      step = g_new0 (Step, 1);
      step->manifest = mc_manifest_ref (file->manifest);
      step->holdings =
          mc_import_choose_holdings (file->manifest, files, is_here, self->owner->store);
      g_ptr_array_add (steps, step);
    }
  return steps;
}

void
mc_import_hold_async (McImport *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (NULL, NULL, callback, user_data, mc_import_hold_async);

  g_clear_pointer (&self->steps, g_ptr_array_unref);
  self->steps = list_steps (self);
  self->next = 0;
  g_task_set_task_data (task, self, NULL);
  next_step (task);
}

static void
hold_next (GTask *task, McImport *self, Step *step)
{
  McImportHolding *holding = g_ptr_array_index (step->holdings, step->next);

  mc_store_hold_async (self->owner->store, step->repo, holding->variant, holding->path,
                       holding->files, on_held, g_object_ref (task));
}

static void
next_step (GTask *task)
{
  McImport *self = g_task_get_task_data (task);
  McStore *store = self->owner->store;
  McLibraryRepo *found;
  Step *step;

  if (self->next == self->steps->len)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  step = g_ptr_array_index (self->steps, self->next);
  if (step->next == step->holdings->len)
    {
      self->next++;
      next_step (task);
      return;
    }
  /* At that very commit: what the files were compared with. */
  found = mc_store_find_repo (store, step->manifest->endpoint, step->manifest->repo,
                              step->manifest->commit);
  if (found == NULL
      && mc_store_find_repo (store, step->manifest->endpoint, step->manifest->repo,
                             step->manifest->revision)
             != NULL)
    {
      g_task_return_new_error (task, MC_ERROR, MC_ERROR_BUSY,
                               "%s was scanned anew meanwhile: import once more",
                               step->manifest->repo);
      return;
    }
  if (found == NULL)
    {
      mc_store_save_repo_async (store, step->manifest, NULL, on_saved, g_object_ref (task));
      return;
    }
  step->repo = found->id;
  hold_next (task, self, step);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McImport *self = g_task_get_task_data (task);
  Step *step = g_ptr_array_index (self->steps, self->next);
  GError *error = NULL;

  step->repo = mc_store_save_repo_finish (MC_STORE (source), result, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    hold_next (task, self, step);
}

static void
on_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McImport *self = g_task_get_task_data (task);
  Step *step = g_ptr_array_index (self->steps, self->next);
  GError *error = NULL;

  if (!mc_store_hold_finish (MC_STORE (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  step->next++;
  next_step (task);
}

gboolean
mc_import_hold_finish (McImport *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
