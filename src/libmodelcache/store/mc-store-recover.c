/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-error.h"
#include "mc-pack.h"
#include "mc-small.h"

#include <string.h>

/* When the store is opened: packs and the small-content database say what is here, and the catalog
 * is corrected where it says otherwise. Nothing is removed but what was being deleted; a pack that
 * is damaged is put aside. Damaged databases are for mc-store-rebuild.c. */

gboolean
mc_store_remove_content (McStore *self, const McDigest *digest, GError **error)
{
  return mc_store_end_loans (self, digest, error) && mc_pack_unlink (self->folder, digest, error)
         && mc_small_drop (self->small, digest, error)
         && mc_catalog_forget_content (self->catalog, digest, error);
}

/* What cannot be removed now is in nobody's way, and is tried again at the next start. */
static void
finish_delete (McStore *self, const McContent *listed)
{
  g_autoptr (GError) error = NULL;

  if (mc_store_remove_content (self, &listed->digest, &error))
    g_hash_table_remove (self->contents, &listed->digest);
  else
    g_warning ("A deleted content stays on the disk: %s", error->message);
}

/* What the pack holds of the content: nothing if it is damaged or another content's. If it cannot
 * be read for another reason, it stays as it is, and whoever wants it is told. */
static gboolean
probe_pack (McStore *self, const McContent *content, McPackState *state)
{
  g_autofree char *path = mc_pack_make_path (self->folder, &content->digest);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) aside_error = NULL;
  McDigest digest;
  guint64 size;

  if (mc_pack_probe (path, &digest, &size, state, &error)
      && (digest.kind == MC_DIGEST_NONE
          || (mc_digest_equal (&digest, &content->digest) && size == content->size)))
    {
      if (state->complete && mc_pack_settle (self->folder, &content->digest, &error))
        mc_pack_seal (self->folder, &content->digest);
      if (error != NULL)
        g_warning ("%s", error->message);
      return TRUE;
    }
  *state = (McPackState){ 0, FALSE };
  if (error == NULL)
    g_set_error (&error, MC_ERROR, MC_ERROR_CORRUPT, "%s is another content's", path);
  g_warning ("A pack cannot be used: %s", error->message);
  if (g_error_matches (error, MC_ERROR, MC_ERROR_CORRUPT)
      && !mc_pack_put_aside (self->folder, &content->digest, &aside_error))
    g_warning ("%s", aside_error->message);
  return FALSE;
}

/* A pack that was opened is asked what it lends and borrows: when all contents are known, since a
 * loan is between two. Only then the catalog may say that it is complete and need not be asked. */
static gboolean
index_probed (McStore *self, GArray *probed, GError **error)
{
  for (guint i = 0; i < probed->len; i++)
    {
      McContent *content =
          g_hash_table_lookup (self->contents, &g_array_index (probed, McDigest, i));
      gboolean complete = content->state == MC_CONTENT_COMPLETE;
      g_autoptr (GArray) rows =
          mc_store_list_rows (self->folder, &content->digest, content->size, complete, error);

      if (rows == NULL)
        return FALSE;
      if (!complete && rows->len == 0)
        continue;
      if (!mc_catalog_index_content (self->catalog, &content->digest, rows, error)
          || (complete
              && !mc_catalog_set_content_state (self->catalog, &content->digest, content->state,
                                                error)))
        return FALSE;
    }
  return TRUE;
}

/* A sealed pack is not opened: it is complete, and its chunks are checked whenever they are read.
 */
static gboolean
check_content (McStore *self,
               const McContent *listed,
               GHashTable *packs,
               GHashTable *small,
               GArray *probed,
               GError **error)
{
  gboolean asked = FALSE;
  gpointer sealed;
  McContent *content;
  McPackState state = { 0, FALSE };

  content = mc_store_ensure_content (self, &listed->digest, listed->size);
  content->state = listed->state;
  if (listed->state == MC_CONTENT_DELETING)
    return TRUE;
  if (content->size < MC_SMALL_LIMIT)
    state.complete = g_hash_table_contains (small, &content->digest);
  else if (g_hash_table_lookup_extended (packs, &content->digest, NULL, &sealed))
    {
      state.complete = listed->state == MC_CONTENT_COMPLETE && GPOINTER_TO_INT (sealed);
      if (!state.complete)
        asked = probe_pack (self, content, &state);
    }
  if (asked)
    g_array_append_val (probed, content->digest);
  content->committed = state.complete ? content->size : state.committed;
  content->state = state.complete ? MC_CONTENT_COMPLETE : MC_CONTENT_PARTIAL;
  content->verified_at = listed->verified_at;
  content->last_used = listed->last_used;
  /* It was here in full when it was looked at last: that some is missing is damage. */
  if (listed->state == MC_CONTENT_COMPLETE && !state.complete)
    {
      content->verified_at = MAX (content->verified_at, 1);
      return mc_catalog_note_checked (self->catalog, &content->digest, MC_CONTENT_PARTIAL, 0, NULL,
                                      error);
    }
  return content->state == listed->state || asked
         || mc_catalog_set_content_state (self->catalog, &content->digest, content->state, error);
}

/* One with a pack is not said to be complete yet: see index_probed(). */
static gboolean
adopt (
    McStore *self, const McDigest *digest, guint64 size, const McPackState *state, GError **error)
{
  McContent *content = mc_store_ensure_content (self, digest, size);

  content->committed = state->committed;
  content->state = state->complete ? MC_CONTENT_COMPLETE : MC_CONTENT_PARTIAL;
  return mc_catalog_add_content (self->catalog, digest, size,
                                 size < MC_SMALL_LIMIT ? content->state : MC_CONTENT_PARTIAL,
                                 error);
}

/* A pack the catalog does not know, after the catalog was lost: its bytes are known again, and the
 * next download that wants them finds them. */
static gboolean
adopt_pack (McStore *self, const McDigest *named, GArray *probed, GError **error)
{
  g_autofree char *path = mc_pack_make_path (self->folder, named);
  g_autoptr (GError) local = NULL;
  McDigest digest;
  guint64 size;
  McPackState state = { 0, FALSE };

  if (mc_pack_probe (path, &digest, &size, &state, &local) && mc_digest_equal (&digest, named)
      && size >= MC_SMALL_LIMIT && size <= MC_CONTENT_MAX_SIZE)
    {
      g_array_append_val (probed, digest);
      return adopt (self, &digest, size, &state, error);
    }
  g_info ("Passing over %s: %s", path, local != NULL ? local->message : "it is another content's");
  return TRUE;
}

static gboolean
adopt_packs (McStore *self, GHashTable *packs, GArray *probed, GError **error)
{
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, packs);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    if (mc_store_get_content (self, digest) == NULL && !adopt_pack (self, digest, probed, error))
      return FALSE;
  return TRUE;
}

/* What was put aside and could not be removed when the content was complete again. */
static void
sweep_aside (McStore *self, GHashTable *aside)
{
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, aside);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    {
      const McContent *content = mc_store_get_content (self, digest);

      if (content != NULL && content->state == MC_CONTENT_COMPLETE)
        mc_pack_remove_aside (self->folder, digest, NULL);
    }
}

/* The catalog's contents are compared with what is here, then what is here with the catalog's. */
static gboolean
check_contents (McStore *self, GArray *contents, GArray *entries, GError **error)
{
  g_autoptr (GHashTable) small = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  g_autoptr (GHashTable) aside =
      g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, NULL);
  g_autoptr (GHashTable) packs = mc_pack_list (self->folder, aside);
  g_autoptr (GArray) probed = g_array_new (FALSE, FALSE, sizeof (McDigest));

  for (guint i = 0; i < entries->len; i++)
    g_hash_table_add (small, &g_array_index (entries, McSmallEntry, i).digest);
  for (guint i = 0; i < contents->len; i++)
    if (!check_content (self, &g_array_index (contents, McContent, i), packs, small, probed, error))
      return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      McSmallEntry *entry = &g_array_index (entries, McSmallEntry, i);
      McPackState whole = { entry->size, TRUE };

      if (mc_store_get_content (self, &entry->digest) == NULL && entry->size < MC_SMALL_LIMIT
          && !adopt (self, &entry->digest, entry->size, &whole, error))
        return FALSE;
    }
  sweep_aside (self, aside);
  return adopt_packs (self, packs, probed, error) && index_probed (self, probed, error);
}

gboolean
mc_store_recover (McStore *self, GError **error)
{
  g_autoptr (GArray) contents = mc_catalog_list_contents (self->catalog, error);
  g_autoptr (GArray) entries = NULL;
  g_autoptr (GArray) loans = NULL;
  McLibrary *library;

  if (contents != NULL)
    entries = mc_small_list (self->small, error);
  if (entries == NULL || !check_contents (self, contents, entries, error))
    return FALSE;
  for (guint i = 0; i < contents->len; i++)
    if (g_array_index (contents, McContent, i).state == MC_CONTENT_DELETING)
      finish_delete (self, &g_array_index (contents, McContent, i));
  loans = mc_catalog_list_loans (self->catalog, error);
  if (loans == NULL)
    return FALSE;
  g_array_append_vals (self->loans, loans->data, loans->len);
  library = mc_catalog_load (self->catalog, 0, error);
  if (library == NULL)
    return FALSE;
  mc_store_adopt_library (self, library);
  self->transfers = mc_catalog_list_transfers (self->catalog, error);
  return self->transfers != NULL;
}
