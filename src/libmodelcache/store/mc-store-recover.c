/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-error.h"
#include "mc-pack.h"
#include "mc-small.h"

#include <glib/gstdio.h>

/* When the store is opened: packs and the small-content database say what is here, and the catalog
 * is corrected where it says otherwise. Nothing is removed but what was being deleted. */

/* What a pack holds of the content; a pack that is unreadable or another content's holds nothing
 * and is put aside, for its bytes can be fetched again. */
static void
probe_pack (McStore *self, McContent *content, McPackState *state)
{
  g_autofree char *path = mc_pack_make_path (self->folder, &content->digest);
  g_autofree char *aside = g_strconcat (path, ".damaged", NULL);
  g_autoptr (GError) error = NULL;
  McDigest digest;
  guint64 size;

  state->committed = 0;
  state->complete = FALSE;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return;
  if (mc_pack_probe (path, &digest, &size, state, &error)
      && (digest.kind == MC_DIGEST_NONE
          || (mc_digest_equal (&digest, &content->digest) && size == content->size)))
    return;
  g_warning ("%s cannot be used and was renamed: %s", path,
             error != NULL ? error->message : "it is another content's");
  state->committed = 0;
  state->complete = FALSE;
  if (g_rename (path, aside) != 0)
    g_warning ("Renaming %s failed", path);
}

static gboolean
finish_delete (McStore *self, const McDigest *digest, GError **error)
{
  return mc_pack_unlink (self->folder, digest, error) && mc_small_drop (self->small, digest, error)
         && mc_catalog_forget_content (self->catalog, digest, error);
}

/* Complete packs are not opened: a look at their name is enough, and their chunks are checked
 * whenever they are read. */
static gboolean
check_content (McStore *self, const McContent *listed, GHashTable *small, GError **error)
{
  McContent *content;
  McPackState state = { 0, FALSE };

  if (listed->state == MC_CONTENT_DELETING)
    return finish_delete (self, &listed->digest, error);
  content = mc_store_ensure_content (self, &listed->digest, listed->size);
  if (content->size < MC_SMALL_LIMIT)
    {
      state.complete = g_hash_table_contains (small, &content->digest);
      state.committed = state.complete ? content->size : 0;
    }
  else if (listed->state == MC_CONTENT_COMPLETE)
    {
      g_autofree char *path = mc_pack_make_path (self->folder, &content->digest);

      state.complete = g_file_test (path, G_FILE_TEST_IS_REGULAR);
      state.committed = state.complete ? content->size : 0;
    }
  else
    probe_pack (self, content, &state);
  content->committed = state.committed;
  content->state = state.complete ? MC_CONTENT_COMPLETE : MC_CONTENT_PARTIAL;
  return content->state == listed->state
         || mc_catalog_set_content_state (self->catalog, &content->digest, content->state, error);
}

/* A pack the catalog does not know, after the catalog was lost: its bytes are known again, and the
 * next download that wants them finds them. */
static gboolean
adopt_pack (McStore *self, const char *path, const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  McDigest named;
  McDigest digest;
  guint64 size;
  McPackState state;
  McContent *content;

  if (!mc_pack_parse_name (name, &named) || mc_store_get_content (self, &named) != NULL)
    return TRUE;
  if (!mc_pack_probe (path, &digest, &size, &state, &local) || !mc_digest_equal (&digest, &named))
    {
      g_info ("Passing over %s: %s", path, local != NULL ? local->message : "wrong name");
      return TRUE;
    }
  content = mc_store_ensure_content (self, &digest, size);
  content->committed = state.committed;
  content->state = state.complete ? MC_CONTENT_COMPLETE : MC_CONTENT_PARTIAL;
  return mc_catalog_add_content (self->catalog, &digest, size, content->state, error);
}

static gboolean
adopt_packs (McStore *self, GError **error)
{
  g_autofree char *packs = g_build_filename (self->folder, "packs", NULL);
  g_autoptr (GDir) folders = g_dir_open (packs, 0, NULL);
  const char *folder;

  while (folders != NULL && (folder = g_dir_read_name (folders)) != NULL)
    {
      g_autofree char *parent = g_build_filename (packs, folder, NULL);
      g_autoptr (GDir) files = g_dir_open (parent, 0, NULL);
      const char *name;

      while (files != NULL && (name = g_dir_read_name (files)) != NULL)
        {
          g_autofree char *path = g_build_filename (parent, name, NULL);

          if (!adopt_pack (self, path, name, error))
            return FALSE;
        }
    }
  return TRUE;
}

gboolean
mc_store_recover (McStore *self, GError **error)
{
  g_autoptr (GArray) contents = mc_catalog_list_contents (self->catalog, error);
  g_autoptr (GArray) small_digests = NULL;
  g_autoptr (GHashTable) small = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  McLibrary *library;

  if (contents == NULL)
    return FALSE;
  small_digests = mc_small_list (self->small, error);
  if (small_digests == NULL)
    return FALSE;
  for (guint i = 0; i < small_digests->len; i++)
    g_hash_table_add (small, &g_array_index (small_digests, McDigest, i));
  for (guint i = 0; i < contents->len; i++)
    if (!check_content (self, &g_array_index (contents, McContent, i), small, error))
      return FALSE;
  if (!adopt_packs (self, error))
    return FALSE;
  library = mc_catalog_load (self->catalog, error);
  if (library == NULL)
    return FALSE;
  mc_store_adopt_library (self, library);
  self->transfers = mc_catalog_list_transfers (self->catalog, error);
  return self->transfers != NULL;
}
