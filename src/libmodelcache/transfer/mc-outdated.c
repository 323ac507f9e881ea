/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-outdated.h"

#include "mc-scanner.h"
#include "mc-task.h"

#include <string.h>

/* One question for each repo that something is held of; only if its commit is another one its files
 * are listed. */

typedef struct
{
  McHubClient *hub; /* (owned) */
  GPtrArray *repos; /* (owned): McManifest, of what something is held */
  GArray *ids;      /* (owned): gint64: theirs */
  guint next;
  GHashTable *fresh;  /* (owned): "REVISION REPO" => McManifest, of those that were listed */
  GPtrArray *results; /* (owned): McOutdated */
} Check;

static void ask_next (GTask *task);

static void
outdated_free (gpointer data)
{
  McOutdated *outdated = data;

  mc_manifest_unref (outdated->manifest);
  g_free (outdated->commit);
  g_free (outdated->variant);
  g_free (outdated->path);
  g_clear_error (&outdated->error);
  g_free (outdated);
}

static void
check_free (gpointer data)
{
  Check *check = data;

  g_object_unref (check->hub);
  g_ptr_array_unref (check->repos);
  g_array_unref (check->ids);
  g_hash_table_unref (check->fresh);
  g_ptr_array_unref (check->results);
  g_free (check);
}

static McManifest *
get_current (Check *check)
{
  return g_ptr_array_index (check->repos, check->next);
}

static McOutdated *
add_result (Check *check)
{
  McOutdated *outdated = g_new0 (McOutdated, 1);

  outdated->repo = g_array_index (check->ids, gint64, check->next);
  outdated->manifest = mc_manifest_ref (get_current (check));
  g_ptr_array_add (check->results, outdated);
  return outdated;
}

static char *
make_key (McManifest *manifest)
{
  return g_strconcat (mc_update_get_line (manifest), " ", manifest->repo, NULL);
}

static void
compare (McStore *store, Check *check, McManifest *fresh)
{
  g_autoptr (GPtrArray) holdings =
      mc_store_list_holdings (store, g_array_index (check->ids, gint64, check->next));

  for (guint i = 0; i < holdings->len; i++)
    {
      const McHolding *holding = g_ptr_array_index (holdings, i);
      McOutdated *outdated = add_result (check);
      g_autoptr (GPtrArray) files = NULL;

      outdated->commit = g_strdup (fresh->commit);
      outdated->variant = g_strdup (holding->variant);
      outdated->path = g_strdup (holding->path);
      outdated->change =
          mc_update_compare (outdated->manifest, fresh, holding->variant, holding->path, &files);
      if (files == NULL)
        continue;
      outdated->size = mc_files_total_size (files);
      outdated->fetch =
          outdated->size - MIN (mc_store_count_committed (store, files), outdated->size);
    }
}

static void
on_scanned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (McManifest) fresh = mc_scan_finish (MC_HUB_CLIENT (source), result, &error);

  if (fresh == NULL)
    add_result (check)->error = error;
  else
    {
      compare (g_task_get_source_object (task), check, fresh);
      g_hash_table_insert (check->fresh, make_key (get_current (check)), g_steal_pointer (&fresh));
    }
  check->next++;
  ask_next (task);
}

static void
on_info (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  McManifest *manifest = get_current (check);
  GError *error = NULL;
  g_autoptr (McModelInfo) info = mc_hub_client_info_finish (MC_HUB_CLIENT (source), result, &error);

  if (info != NULL && strcmp (info->commit, manifest->commit) != 0)
    {
      mc_scan_async (check->hub, info->id, info->commit, g_task_get_cancellable (task), on_scanned,
                     g_object_ref (task));
      return;
    }
  if (info == NULL)
    add_result (check)->error = error;
  check->next++;
  ask_next (task);
}

static void
ask_next (GTask *task)
{
  Check *check = g_task_get_task_data (task);

  if (g_task_return_error_if_cancelled (task))
    return;
  for (; check->next < check->repos->len; check->next++)
    {
      McManifest *manifest = get_current (check);
      g_autofree char *key = make_key (manifest);
      McManifest *fresh = g_hash_table_lookup (check->fresh, key);

      if (fresh == NULL)
        {
          mc_hub_client_info_async (check->hub, manifest->repo, mc_update_get_line (manifest),
                                    g_task_get_cancellable (task), on_info, g_object_ref (task));
          return;
        }
      if (strcmp (fresh->commit, manifest->commit) != 0)
        compare (g_task_get_source_object (task), check, fresh);
    }
  g_task_return_pointer (task, g_ptr_array_ref (check->results),
                         (GDestroyNotify) g_ptr_array_unref);
}

static void
list_repos (McStore *store, Check *check, const char *repo)
{
  GPtrArray *repos = mc_store_get_repos (store);
  const char *endpoint = mc_hub_client_get_endpoint (check->hub);

  for (guint i = 0; i < repos->len; i++)
    {
      McLibraryRepo *row = g_ptr_array_index (repos, i);

      if (strcmp (row->manifest->endpoint, endpoint) != 0
          || (repo != NULL && strcmp (row->manifest->repo, repo) != 0)
          || mc_store_count_holdings (store, row->id, NULL) == 0)
        continue;
      g_ptr_array_add (check->repos, mc_manifest_ref (row->manifest));
      g_array_append_val (check->ids, row->id);
    }
}

void
mc_outdated_check_async (McStore *store,
                         McHubClient *hub,
                         const char *repo,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (store, cancellable, callback, user_data, mc_outdated_check_async);
  Check *check = g_new0 (Check, 1);

  check->hub = g_object_ref (hub);
  check->repos = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_manifest_unref);
  check->ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  check->fresh =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) mc_manifest_unref);
  check->results = g_ptr_array_new_with_free_func (outdated_free);
  list_repos (store, check, repo);
  g_task_set_task_data (task, check, check_free);
  ask_next (task);
}

GPtrArray *
mc_outdated_check_finish (McStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
