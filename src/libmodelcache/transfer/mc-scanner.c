/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-scanner.h"

#include "mc-manifest-build.h"
#include "mc-task.h"
#include "mc-variant-detect.h"

static void on_info (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_tree (GObject *source, GAsyncResult *result, gpointer user_data);

/* The task's data is the manifest under construction. */
void
mc_scan_async (McHubClient *hub,
               const char *repo,
               const char *revision,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  GTask *task = mc_task_new (hub, cancellable, callback, user_data, mc_scan_async);
  McManifest *manifest = mc_manifest_new ();

  manifest->endpoint = g_strdup (mc_hub_client_get_endpoint (hub));
  manifest->revision = g_strdup (revision == NULL ? "main" : revision);
  g_task_set_task_data (task, manifest, (GDestroyNotify) mc_manifest_unref);
  mc_hub_client_info_async (hub, repo, revision, cancellable, on_info, task);
}

static void
on_info (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McHubClient *hub = MC_HUB_CLIENT (source);
  g_autoptr (GTask) task = user_data;
  McManifest *manifest = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = mc_hub_client_info_finish (hub, result, &error);

  if (info == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  manifest->repo = g_steal_pointer (&info->id);
  manifest->hub_id = g_steal_pointer (&info->hub_id);
  manifest->commit = g_steal_pointer (&info->commit);
  manifest->task = g_steal_pointer (&info->task);
  manifest->library = g_steal_pointer (&info->library);
  manifest->license = g_steal_pointer (&info->license);
  manifest->last_modified = g_steal_pointer (&info->last_modified);
  manifest->architecture = g_steal_pointer (&info->architecture);
  manifest->dtype = g_steal_pointer (&info->dtype);
  manifest->gated = info->gated;
  manifest->is_private = info->is_private;
  manifest->parameters = info->parameters;
  manifest->context_length = info->context_length;
  manifest->downloads = info->downloads;
  manifest->likes = info->likes;
  mc_hub_client_tree_async (hub, manifest->repo, manifest->commit, g_task_get_cancellable (task),
                            on_tree, g_object_ref (task));
}

static void
group (McManifest *manifest)
{
  g_autofree const char **paths = g_new (const char *, manifest->files->len + 1);
  g_autoptr (McGrouping) grouping = NULL;

  for (guint i = 0; i < manifest->files->len; i++)
    paths[i] = ((McFile *) g_ptr_array_index (manifest->files, i))->path;
  grouping = mc_grouping_detect (paths, manifest->files->len);
  mc_manifest_apply_grouping (manifest, grouping);
}

static void
on_tree (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McManifest *manifest = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries =
      mc_hub_client_tree_finish (MC_HUB_CLIENT (source), result, &error);

  if (entries == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  for (guint i = 0; i < entries->len; i++)
    {
      McTreeEntry *entry = g_ptr_array_index (entries, i);

      mc_manifest_add_file (manifest, entry->path, entry->size, entry->digest);
    }
  group (manifest);
  manifest->scanned_at = g_get_real_time () / G_USEC_PER_SEC;
  g_task_return_pointer (task, mc_manifest_ref (manifest), (GDestroyNotify) mc_manifest_unref);
}

McManifest *
mc_scan_finish (McHubClient *hub, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
