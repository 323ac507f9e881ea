/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-task.h"

/* What the person chose, as the store's other changes: done on the database thread, noted in memory
 * when it comes home. */

typedef struct
{
  McStore *store;    /* borrowed: the task holds it */
  GVariant *changes; /* (owned): a{sv} */
  McSettings settings;
} Configuration;

static void
configuration_free (gpointer data)
{
  Configuration *configuration = data;

  g_variant_unref (configuration->changes);
  g_free (configuration);
}

gboolean
mc_store_load_settings (McStore *self, GError **error)
{
  return mc_catalog_load_settings (self->catalog, &self->settings, error);
}

const McSettings *
mc_store_get_settings (McStore *self)
{
  return &self->settings;
}

static gboolean
change_settings (gpointer data, GError **error)
{
  Configuration *configuration = data;

  return mc_catalog_change_settings (configuration->store->catalog, configuration->changes,
                                     &configuration->settings, error);
}

void
mc_store_configure_async (McStore *self,
                          GVariant *changes,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (self, NULL, callback, user_data, mc_store_configure_async);
  Configuration *configuration = g_new0 (Configuration, 1);

  configuration->store = self;
  configuration->changes = g_variant_ref_sink (changes);
  g_task_set_task_data (task, configuration, configuration_free);
  mc_worker_run (self->worker, task, change_settings);
}

gboolean
mc_store_configure_finish (McStore *self, GAsyncResult *result, GError **error)
{
  Configuration *configuration = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  self->settings = configuration->settings;
  g_signal_emit_by_name (self, "settings-changed");
  return TRUE;
}
