/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"
#include "mc-import-tree.h"
#include "mc-model-places.h"
#include "mc-task.h"

/* What other programs have on this computer: looked at by name and size alone, in a thread, and as
 * bounded as an import. */

typedef struct
{
  McService *service;                /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned), handed over when it is answered */
  char *avoid;                       /* (owned): the store's own folder */
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  mc_service_release (call->service);
  g_object_unref (call->service);
  g_free (call->avoid);
  g_free (call);
}

static void
add_place (GVariantBuilder *places, const McModelPlace *place, const McImportTree *tree)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *path = g_filename_to_utf8 (place->path, -1, NULL, NULL, NULL);
  guint64 size = 0;

  for (guint i = 0; i < tree->files->len; i++)
    size += ((McImportFile *) g_ptr_array_index (tree->files, i))->size;
  if (path == NULL || size == 0)
    return; /* it could not be named to Import(), or has nothing */
  mc_service_add (&dict, "program", "s", place->program);
  mc_service_add (&dict, "path", "s", path);
  mc_service_add (&dict, "files", "u", tree->files->len);
  mc_service_add (&dict, "size", "t", size);
  mc_service_add (&dict, "cut", "b", tree->cut);
  g_variant_builder_add_value (places, g_variant_builder_end (&dict));
}

static void
look (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Call *call = task_data;
  g_auto (GStrv) environment = g_get_environ ();
  g_autoptr (GPtrArray) list =
      mc_model_places_list (g_get_home_dir (), (const char *const *) environment);
  GVariantBuilder places;

  g_variant_builder_init (&places, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < list->len; i++)
    {
      const McModelPlace *place = g_ptr_array_index (list, i);
      g_autoptr (GError) error = NULL;
      g_autoptr (McImportTree) tree =
          mc_import_tree_read (place->path, call->avoid, cancellable, &error);

      if (tree != NULL)
        add_place (&places, place, tree);
      else
        g_debug ("%s: %s", place->program, error->message); /* most are not there */
    }
  g_task_return_pointer (task, g_variant_ref_sink (g_variant_builder_end (&places)),
                         (GDestroyNotify) g_variant_unref);
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;
  g_autoptr (GVariant) places = g_task_propagate_pointer (G_TASK (result), &error);

  if (places != NULL)
    mc_dbus_manager_complete_find_models (call->service->manager, call->invocation, places);
  else
    mc_dbus_error_return (call->invocation, error);
}

static gboolean
on_find_models (McDbusManager *manager,
                GDBusMethodInvocation *invocation,
                GVariant *options,
                gpointer user_data)
{
  McService *self = user_data;
  g_autoptr (GTask) task = mc_task_new (self, self->cancellable, on_looked, NULL, on_find_models);
  Call *call = g_new0 (Call, 1);

  call->service = g_object_ref (self);
  call->invocation = invocation;
  call->avoid = g_strdup (mc_store_get_folder (self->store));
  mc_service_hold (self);
  g_task_set_task_data (task, call, call_free);
  g_task_run_in_thread (task, look);
  return TRUE;
}

void
mc_service_connect_find (McService *self)
{
  g_signal_connect (self->manager, "handle-find-models", G_CALLBACK (on_find_models), self);
}
