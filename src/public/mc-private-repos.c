/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-private-host.h"

#include "mc-repo-dict.h"
#include "mc-repo-private.h"
#include "mc-variant-dict.h"

/* Repos of a private cache: reading them from the Hub, telling what is known of them, deleting. */

static void scanned_cb (GObject *source, GAsyncResult *result, gpointer user_data);
static void saved_cb (GObject *source, GAsyncResult *result, gpointer user_data);

McLibraryRepo *
mc_private_work_find_repo (McPrivateWork *work)
{
  McStore *store = mc_private_host_get_store (work->host);

  if (work->repo != 0)
    return mc_store_get_repo (store, work->repo);
  return mc_store_find_repo (store,
                             mc_hub_client_get_endpoint (mc_private_host_get_hub (work->host)),
                             work->ref->repo, work->ref->revision);
}

/* What the argument names besides the repo counts where nothing else was named. */
McVariant *
mc_private_work_find_variant (McPrivateWork *work, McLibraryRepo *repo, GError **error)
{
  const char *name = work->request->name;
  McVariant *of_file = NULL;

  if (name != NULL && name[0] == '\0')
    name = NULL;
  if (name == NULL)
    name = work->ref->variant;
  if (name == NULL && work->ref->path != NULL)
    of_file = mc_manifest_find_variant (repo->manifest, work->ref->path, NULL);
  return of_file != NULL ? of_file : mc_manifest_find_variant (repo->manifest, name, error);
}

/* --- scanning --- */

void
mc_private_work_scan (McPrivateWork *work, void (*again) (McPrivateWork *work))
{
  work->again = again;
  mc_scan_async (mc_private_host_get_hub (work->host), work->ref->repo, work->ref->revision,
                 work->cancellable, scanned_cb, work);
}

static void
scanned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McPrivateWork *work = user_data;
  GError *error = NULL;
  g_autoptr (McManifest) manifest = mc_scan_finish (MC_HUB_CLIENT (source), result, &error);

  /* What is in the library was there: it is gone. */
  if (g_error_matches (error, MC_ERROR, MC_ERROR_NOT_FOUND)
      && mc_private_work_find_repo (work) != NULL)
    error->code = MC_ERROR_GONE;
  if (manifest == NULL)
    mc_private_work_fail (work, error);
  else
    mc_store_save_repo_async (mc_private_host_get_store (work->host), manifest, work->ref->repo,
                              saved_cb, work);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McPrivateWork *work = user_data;
  GError *error = NULL;

  work->repo = mc_store_save_repo_finish (MC_STORE (source), result, &error);
  if (error != NULL)
    {
      mc_private_work_fail (work, error);
      return;
    }
  mc_downloader_adopt (mc_private_host_get_downloader (work->host), work->repo);
  work->again (work);
}

/* --- telling --- */

static GVariant *
describe_variant (McPrivateHost *host, McLibraryRepo *repo, const McVariant *found)
{
  McStore *store = mc_private_host_get_store (host);
  g_autoptr (GPtrArray) files = mc_manifest_variant_files (repo->manifest, found);
  g_autoptr (McVariantFacts) facts = mc_variant_facts_new (repo->manifest, found, NULL);
  g_auto (GVariantBuilder) more = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  guint64 size = mc_files_total_size (files);
  guint64 here = mc_store_count_committed (store, files);
  gint64 verified_at = mc_find_verified_at (store, files);
  const char *status =
      mc_judge_variant (mc_private_host_get_downloader (host), store, repo->id, found, files);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (paths, ((McFile *) g_ptr_array_index (files, i))->path);
  mc_variant_facts_describe (facts, &more);
  g_variant_builder_add (&more, "{sv}", "key", g_variant_new_string (found->key));
  g_variant_builder_add (&more, "{sv}", "format", g_variant_new_string (found->format));
  g_variant_builder_add (&more, "{sv}", "status", g_variant_new_string (status));
  g_variant_builder_add (&more, "{sv}", "size", g_variant_new_uint64 (size));
  g_variant_builder_add (&more, "{sv}", "downloaded", g_variant_new_uint64 (here));
  g_variant_builder_add (&more, "{sv}", "remaining",
                         g_variant_new_uint64 (size - MIN (here, size)));
  if (verified_at > 1)
    g_variant_builder_add (&more, "{sv}", "verified_at", g_variant_new_int64 (verified_at));
  g_variant_builder_add (
      &more, "{sv}", "files",
      g_variant_new_strv ((const char *const *) paths->pdata, (gssize) paths->len));
  return g_variant_builder_end (&more);
}

static GVariant *
describe_repo (McPrivateHost *host, McLibraryRepo *repo)
{
  McStore *store = mc_private_host_get_store (host);
  McManifest *manifest = repo->manifest;
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder variants;
  GVariantBuilder files;

  g_variant_builder_init (&variants, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < manifest->variants->len; i++)
    g_variant_builder_add_value (
        &variants, describe_variant (host, repo, g_ptr_array_index (manifest->variants, i)));
  g_variant_builder_init (&files, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < manifest->files->len; i++)
    g_variant_builder_add_value (&files,
                                 mc_describe_file (store, g_ptr_array_index (manifest->files, i)));
  mc_describe_manifest (manifest, &dict);
  g_variant_builder_add (&dict, "{sv}", "variants", g_variant_builder_end (&variants));
  g_variant_builder_add (&dict, "{sv}", "files", g_variant_builder_end (&files));
  return g_variant_builder_end (&dict);
}

static GError *
make_not_scanned (McPrivateWork *work)
{
  return g_error_new (MC_ERROR, MC_ERROR_NOT_SCANNED, "%s was not scanned yet", work->ref->repo);
}

void
mc_private_do_lookup (McPrivateWork *work)
{
  McLibraryRepo *repo = mc_private_work_find_repo (work);

  if (repo == NULL)
    mc_private_work_fail (work, make_not_scanned (work));
  else
    mc_private_work_return (work, mc_repo_new (describe_repo (work->host, repo)), g_object_unref);
}

void
mc_private_do_scan (McPrivateWork *work)
{
  mc_private_work_scan (work, mc_private_do_lookup);
}

static gboolean
has_variant (McStore *store, McManifest *manifest, const McVariant *found)
{
  g_autoptr (GPtrArray) files = mc_manifest_variant_files (manifest, found);

  for (guint i = 0; i < files->len; i++)
    if (!mc_store_has_file (store, g_ptr_array_index (files, i)))
      return FALSE;
  return TRUE;
}

static gboolean
has_any (McStore *store, McManifest *manifest)
{
  for (guint i = 0; i < manifest->variants->len; i++)
    if (has_variant (store, manifest, g_ptr_array_index (manifest->variants, i)))
      return TRUE;
  return FALSE;
}

void
mc_private_do_list (McPrivateWork *work)
{
  McStore *store = mc_private_host_get_store (work->host);
  GPtrArray *repos = mc_store_get_repos (store);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < repos->len; i++)
    {
      McManifest *manifest = ((McLibraryRepo *) g_ptr_array_index (repos, i))->manifest;
      g_autofree char *name = g_strcmp0 (manifest->revision, "main") == 0
                                  ? g_strdup (manifest->repo)
                                  : g_strdup_printf ("%s@%s", manifest->repo, manifest->revision);

      if (has_any (store, manifest))
        g_strv_builder_add (names, name);
    }
  mc_private_work_return (work, g_strv_builder_end (names), (GDestroyNotify) g_strfreev);
}

void
mc_private_do_has_file (McPrivateWork *work)
{
  McLibraryRepo *repo = mc_private_work_find_repo (work);
  McFile *file = repo == NULL ? NULL : mc_manifest_find_file (repo->manifest, work->request->name);

  mc_private_work_return_number (
      work, file != NULL && mc_store_has_file (mc_private_host_get_store (work->host), file));
}

/* --- deleting --- */

static void
dropped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McPrivateWork *work = user_data;
  McDropResult dropped;
  GError *error = NULL;

  if (mc_store_drop_finish (MC_STORE (source), result, &dropped, &error))
    mc_private_work_return_number (work, (gint64) dropped.freed);
  else
    mc_private_work_fail (work, error);
}

/* found: (nullable): all of the repo. */
static gboolean
check_drop (McPrivateWork *work, McLibraryRepo *repo, const McVariant *found, GError **error)
{
  const char *key = found == NULL ? "" : found->key;
  McDropResult planned;

  if (mc_downloader_works_on (mc_private_host_get_downloader (work->host), repo->id,
                              found == NULL ? NULL : key))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_IN_USE,
                   "A download works on %s: cancel it or let it end", repo->manifest->repo);
      return FALSE;
    }
  if (!mc_store_plan_drop (mc_private_host_get_store (work->host), repo->id, key, "",
                           found == NULL ? MC_DROP_ALL : MC_DROP_ONE, &planned, error))
    return FALSE;
  if (found != NULL && planned.n_holdings == 0)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED,
                   "%s was not downloaded: there is nothing to delete", key);
      return FALSE;
    }
  return TRUE;
}

void
mc_private_do_delete (McPrivateWork *work)
{
  McLibraryRepo *repo = mc_private_work_find_repo (work);
  gboolean all = work->request->name == NULL && work->ref->variant == NULL;
  McVariant *found = NULL;
  GError *error = NULL;

  if (repo == NULL)
    error = make_not_scanned (work);
  else if (!all)
    found = mc_private_work_find_variant (work, repo, &error);
  if (error != NULL || !check_drop (work, repo, found, &error))
    {
      mc_private_work_fail (work, error);
      return;
    }
  mc_downloader_forget_ended (mc_private_host_get_downloader (work->host), repo->id,
                              found == NULL ? NULL : found->key);
  mc_store_drop_async (mc_private_host_get_store (work->host), repo->id,
                       found == NULL ? "" : found->key, "",
                       found == NULL ? MC_DROP_ALL : MC_DROP_ONE, dropped_cb, work);
}
