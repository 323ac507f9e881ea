/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include <string.h>

/* The store as a folder: it is there while the setting says so, and shows what is here. While it is
 * there the service stays: nobody calls it by D-Bus to look into a folder. */

/* Where it is unless the person says otherwise: short, and the same at every start. */
static char *
find_folder (const McSettings *settings)
{
  const char *chosen = mc_settings_get_text (settings, MC_SETTING_MOUNT_FOLDER);

  return chosen[0] != '\0' ? g_canonicalize_filename (chosen, "/")
                           : g_build_filename (g_get_user_runtime_dir (), MC_FOLDER, NULL);
}

static gboolean
is_within (const char *path, const char *folder)
{
  return g_str_has_prefix (path, folder)
         && (path[strlen (folder)] == '\0' || path[strlen (folder)] == '/');
}

gboolean
mc_service_check_mount (McService *self, const McSettings *settings, GError **error)
{
  const char *chosen = mc_settings_get_text (settings, MC_SETTING_MOUNT_FOLDER);
  g_autofree char *folder = find_folder (settings);
  const char *store = mc_store_get_folder (self->store);

  if (chosen[0] != '\0' && !g_path_is_absolute (chosen))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "“%s” is no whole path", chosen);
      return FALSE;
    }
  if (!is_within (folder, store) && !is_within (store, folder))
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
               "The store is in %s: it cannot be seen in the same place", store);
  return FALSE;
}

/* --- what it shows --- */

static gboolean
is_here (const McFile *file, gpointer user_data)
{
  return mc_store_has_file (user_data, file);
}

/* Differs if a repo or a content came, went or changed. */
static guint64
make_stamp (McService *self)
{
  g_autoptr (GPtrArray) contents = mc_store_list_contents (self->store);
  GPtrArray *repos = mc_store_get_repos (self->store);
  guint64 stamp = repos->len;

  for (guint i = 0; i < repos->len; i++)
    {
      const McLibraryRepo *repo = g_ptr_array_index (repos, i);

      stamp = stamp * 31 + (guint64) (gsize) repo->manifest + (guint64) repo->manifest->scanned_at
              + g_str_hash (repo->manifest->revision);
    }
  for (guint i = 0; i < contents->len; i++)
    {
      const McContent *content = g_ptr_array_index (contents, i);
      guint64 start;

      memcpy (&start, content->digest.bytes, sizeof start);
      if (content->state == MC_CONTENT_COMPLETE && !content->suspect)
        stamp ^= start;
    }
  return stamp;
}

void
mc_service_refresh_view (McService *self)
{
  GPtrArray *repos = mc_store_get_repos (self->store);
  const char *endpoint = mc_hub_client_get_endpoint (self->hub);
  McViewTree *tree;
  guint64 stamp;

  if (self->view == NULL || (stamp = make_stamp (self)) == self->view_stamp)
    return;
  self->view_stamp = stamp;
  tree = mc_view_tree_new ();
  for (guint i = 0; i < repos->len; i++)
    {
      McManifest *manifest = ((McLibraryRepo *) g_ptr_array_index (repos, i))->manifest;

      if (strcmp (manifest->endpoint, endpoint) == 0)
        mc_view_tree_add_repo (tree, mc_view_get_numbers (self->view), manifest, is_here,
                               self->store);
    }
  mc_view_show (self->view, tree);
}

/* --- whether it is there --- */

static void
show (McService *self, const char *folder, const char *problem)
{
  mc_dbus_manager_set_mounted_folder (self->manager, folder);
  mc_dbus_manager_set_mount_problem (self->manager, problem);
}

void
mc_service_stop_view (McService *self)
{
  if (self->view == NULL)
    return;
  mc_copies_set_view (self->copies, NULL);
  g_clear_pointer (&self->view, mc_view_stop);
  mc_service_release (self);
}

static void
on_gone (gpointer user_data)
{
  McService *self = user_data;

  if (self->view == NULL)
    return;
  mc_service_stop_view (self);
  show (self, "", "Somebody unmounted it: switch it on again");
}

static void
start (McService *self, const char *folder)
{
  g_autoptr (GError) error = NULL;

  self->view = mc_view_new (self->store, folder, on_gone, self, &error);
  if (self->view == NULL)
    {
      show (self, "", error->message);
      return;
    }
  mc_service_hold (self);
  mc_copies_set_view (self->copies, self->view);
  self->view_stamp = 0;
  mc_service_refresh_view (self);
  show (self, folder, "");
}

static void
configure (McService *self)
{
  const McSettings *settings = mc_store_get_settings (self->store);
  g_autofree char *folder = find_folder (settings);
  gboolean on = mc_settings_get_flag (settings, MC_SETTING_MOUNT) && !self->quitting;

  if (self->view != NULL && on && strcmp (mc_view_get_folder (self->view), folder) == 0)
    return;
  mc_service_stop_view (self);
  show (self, "", "");
  if (on)
    start (self, folder);
}

void
mc_service_connect_view (McService *self)
{
  configure (self);
  g_signal_connect_object (self->store, "settings-changed", G_CALLBACK (configure), self,
                           G_CONNECT_SWAPPED);
}
