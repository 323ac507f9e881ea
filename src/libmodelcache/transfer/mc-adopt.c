/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloader-private.h"

/* After the catalog was lost, contents are here that nobody asked for, as far as is known. When a
 * repo is scanned that has them under names, what is here in full counts as asked for again: it is
 * shown, found, and deleted by its name. */

static void
on_adopted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McDownloader) self = user_data;
  g_autoptr (GError) error = NULL;

  /* It stays without a name then, and can be deleted as such. */
  if (!mc_store_hold_finish (MC_STORE (source), result, &error))
    g_warning ("A name did not come back: %s", error->message);
  self->changes--;
  mc_downloader_emit_content_changed (self);
  mc_downloader_check_stop (self);
}

/* Whether all of the files are here, and nobody asked for some of them. */
static gboolean
is_orphaned (McStore *store, GPtrArray *files)
{
  gboolean any = FALSE;

  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);

      if (!mc_store_has_file (store, file))
        return FALSE;
      any = any || mc_store_get_content (store, &file->digest)->holders == 0;
    }
  return any;
}

static void
adopt (McDownloader *self, gint64 repo, const char *variant, const char *path, GPtrArray *files)
{
  if (!is_orphaned (self->store, files))
    return;
  self->changes++;
  mc_store_hold_async (self->store, repo, variant, path, files, on_adopted, g_object_ref (self));
}

void
mc_downloader_adopt (McDownloader *self, gint64 repo)
{
  McLibraryRepo *found = mc_store_get_repo (self->store, repo);
  g_autoptr (McManifest) manifest = found == NULL ? NULL : mc_manifest_ref (found->manifest);

  if (manifest == NULL || self->stopping)
    return;
  for (guint i = 0; i < manifest->variants->len; i++)
    {
      McVariant *variant = g_ptr_array_index (manifest->variants, i);
      g_autoptr (GPtrArray) files = mc_manifest_variant_files (manifest, variant);

      adopt (self, repo, variant->key, "", files);
    }
  for (guint i = 0; i < manifest->files->len; i++)
    {
      McFile *file = g_ptr_array_index (manifest->files, i);
      g_autoptr (GPtrArray) files = g_ptr_array_new ();

      g_ptr_array_add (files, file);
      if (file->role == MC_FILE_OTHER)
        adopt (self, repo, "", file->path, files);
    }
}
