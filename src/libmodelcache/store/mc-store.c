/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-private.h"

#include "mc-catalog.h"
#include "mc-error.h"
#include "mc-pack.h"
#include "mc-reserve.h"
#include "mc-small.h"
#include "mc-task.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The object: opening, closing, and questions answered from memory. Changes are in
 * mc-store-changes.c, dropping in mc-store-drop.c, putting right after a crash in
 * mc-store-recover.c. */

G_DEFINE_FINAL_TYPE (McStore, mc_store, G_TYPE_OBJECT)

static void
mc_store_finalize (GObject *object)
{
  McStore *self = MC_STORE (object);

  mc_store_close (self);
  g_clear_pointer (&self->library, mc_library_free);
  g_clear_pointer (&self->contents, g_hash_table_unref);
  g_clear_pointer (&self->loans, g_array_unref);
  g_clear_pointer (&self->used, g_hash_table_unref);
  g_clear_pointer (&self->programs, g_hash_table_unref);
  g_clear_pointer (&self->pins, g_hash_table_unref);
  g_clear_pointer (&self->going, g_hash_table_unref);
  g_mutex_clear (&self->pin_lock);
  g_clear_pointer (&self->checks, g_hash_table_unref);
  g_clear_pointer (&self->headers, g_hash_table_unref);
  g_clear_pointer (&self->transfers, g_ptr_array_unref);
  g_clear_pointer (&self->former, g_ptr_array_unref);
  g_free (self->folder);
  G_OBJECT_CLASS (mc_store_parent_class)->finalize (object);
}

static void
mc_store_class_init (McStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mc_store_finalize;
  g_signal_new ("space-freed", MC_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                0);
  g_signal_new ("settings-changed", MC_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  g_signal_new ("moved", MC_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("damage-met", MC_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_POINTER);
}

static void
mc_store_init (McStore *self)
{
  self->lock = -1;
  self->former = g_ptr_array_new_with_free_func (g_free);
  self->used = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, NULL);
  self->programs =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) mc_program_use_free);
  self->library = mc_library_new ();
  self->contents = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, NULL, g_free);
  self->headers = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, NULL, g_free);
  self->loans = g_array_new (FALSE, FALSE, sizeof (McLoan));
  g_mutex_init (&self->pin_lock);
  self->pins = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, NULL);
  self->going = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, NULL);
  self->checks = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free,
                                        (GDestroyNotify) g_ptr_array_unref);
}

static gboolean
lock_folder (McStore *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, "lock", NULL);
  int code;

  if (g_mkdir_with_parents (self->folder, 0700) != 0)
    {
      code = errno;
      g_set_error (error, MC_ERROR, MC_ERROR_STORE, "Making %s: %s", self->folder,
                   g_strerror (code));
      return FALSE;
    }
  self->lock = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->lock < 0 || flock (self->lock, LOCK_EX | LOCK_NB) != 0)
    {
      code = errno;
      if (self->lock >= 0 && code == EWOULDBLOCK)
        g_set_error (error, MC_ERROR, MC_ERROR_BUSY, "Another service is using %s", self->folder);
      else
        g_set_error (error, MC_ERROR, MC_ERROR_STORE, "Locking %s: %s", path, g_strerror (code));
      return FALSE;
    }
  return TRUE;
}

static gboolean
claim_databases (gpointer data, GError **error)
{
  McStore *self = *(McStore **) data;

  mc_db_claim (self->catalog);
  mc_db_claim (self->small);
  return TRUE;
}

static void
close_databases (McStore *self)
{
  g_clear_pointer (&self->catalog, mc_db_close);
  g_clear_pointer (&self->small, mc_db_close);
}

/* Also on a disk that is full to the last byte: what would make space is asked of the store. */
static gboolean
open_even_if_full (McStore *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (mc_store_open_databases (self, &local))
    {
      mc_reserve_make (self->folder);
      return TRUE;
    }
  close_databases (self);
  if (mc_reserve_release (self->folder, local))
    return mc_store_open_databases (self, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

McStore *
mc_store_open (const char *folder, GError **error)
{
  g_autoptr (McStore) self = g_object_new (MC_TYPE_STORE, NULL);
  g_autoptr (GTask) claim = NULL;
  McStore **borrowed;

  self->folder = g_strdup (folder);
  if (!lock_folder (self, error))
    return NULL;
  if (!open_even_if_full (self, error))
    return NULL;

  self->worker = mc_worker_new ("mc-catalog");
  claim = mc_task_new (NULL, NULL, NULL, NULL, mc_store_open);
  borrowed = g_new (McStore *, 1);
  *borrowed = self;
  g_task_set_task_data (claim, borrowed, g_free);
  mc_worker_run (self->worker, claim, claim_databases);
  return g_steal_pointer (&self);
}

void
mc_store_close (McStore *self)
{
  g_clear_pointer (&self->worker, mc_worker_join);
  if (self->catalog != NULL)
    mc_db_claim (self->catalog);
  mc_store_keep_last_uses (self);
  if (self->small != NULL)
    mc_db_claim (self->small);
  close_databases (self);
  if (self->lock >= 0)
    close (self->lock);
  self->lock = -1;
}

const char *
mc_store_get_folder (McStore *self)
{
  return g_atomic_pointer_get (&self->folder);
}

guint64
mc_store_get_free_space (McStore *self)
{
  struct statvfs info;

  if (statvfs (self->folder, &info) != 0)
    return 0;
  return (guint64) info.f_bavail * info.f_frsize;
}

GPtrArray *
mc_store_get_repos (McStore *self)
{
  return self->library->repos;
}

McLibraryRepo *
mc_store_get_repo (McStore *self, gint64 id)
{
  return mc_library_get_repo (self->library, id);
}

McLibraryRepo *
mc_store_find_repo (McStore *self, const char *endpoint, const char *repo, const char *revision)
{
  return mc_library_find_repo (self->library, endpoint, repo, revision == NULL ? "main" : revision);
}

const McContent *
mc_store_get_content (McStore *self, const McDigest *digest)
{
  return g_hash_table_lookup (self->contents, digest);
}

McContent *
mc_store_ensure_content (McStore *self, const McDigest *digest, guint64 size)
{
  McContent *content = g_hash_table_lookup (self->contents, digest);

  if (content != NULL)
    return content;
  content = g_new0 (McContent, 1);
  content->digest = *digest;
  content->size = size;
  content->state = MC_CONTENT_PARTIAL;
  g_hash_table_insert (self->contents, &content->digest, content);
  return content;
}

void
mc_store_note_committed (McStore *self, const McDigest *digest, guint64 committed)
{
  McContent *content = g_hash_table_lookup (self->contents, digest);

  if (content != NULL)
    content->committed = MIN (committed, content->size);
}

gboolean
mc_store_has_file (McStore *self, const McFile *file)
{
  const McContent *content = mc_store_get_content (self, &file->digest);

  return content != NULL && content->state == MC_CONTENT_COMPLETE && !content->suspect
         && content->size == file->size;
}

guint64
mc_store_count_committed (McStore *self, GPtrArray *files)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  guint64 total = 0;

  for (guint i = 0; i < files->len; i++)
    {
      McFile *file = g_ptr_array_index (files, i);
      const McContent *content = mc_store_get_content (self, &file->digest);

      if (content != NULL && content->size == file->size && g_hash_table_add (seen, &file->digest))
        total += content->committed;
    }
  return total;
}

static guint
count_pins (McStore *self, const McDigest *digest)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->pins, digest));
}

static void
set_pins (McStore *self, const McDigest *digest, guint count)
{
  if (count == 0)
    g_hash_table_remove (self->pins, digest);
  else
    g_hash_table_insert (self->pins, mc_digest_copy (digest), GUINT_TO_POINTER (count));
}

gboolean
mc_store_is_pinned (McStore *self, const McDigest *digest)
{
  gboolean pinned;

  g_mutex_lock (&self->pin_lock);
  pinned = count_pins (self, digest) > 0;
  g_mutex_unlock (&self->pin_lock);
  return pinned;
}

void
mc_store_pin (McStore *self, const McDigest *digest)
{
  g_mutex_lock (&self->pin_lock);
  set_pins (self, digest, count_pins (self, digest) + 1);
  g_mutex_unlock (&self->pin_lock);
}

gboolean
mc_store_try_pin (McStore *self, const McDigest *digest)
{
  gboolean possible;

  g_mutex_lock (&self->pin_lock);
  possible = !g_hash_table_contains (self->going, digest);
  if (possible)
    set_pins (self, digest, count_pins (self, digest) + 1);
  g_mutex_unlock (&self->pin_lock);
  return possible;
}

void
mc_store_unpin (McStore *self, const McDigest *digest)
{
  guint count;

  g_mutex_lock (&self->pin_lock);
  count = count_pins (self, digest);
  if (count > 0)
    set_pins (self, digest, count - 1);
  g_mutex_unlock (&self->pin_lock);
  g_return_if_fail (count > 0);
}

gboolean
mc_store_close_pins (McStore *self, GArray *digests)
{
  gboolean possible = TRUE;

  g_mutex_lock (&self->pin_lock);
  for (guint i = 0; possible && i < digests->len; i++)
    possible = count_pins (self, &g_array_index (digests, McDigest, i)) == 0;
  for (guint i = 0; possible && i < digests->len; i++)
    g_hash_table_add (self->going, mc_digest_copy (&g_array_index (digests, McDigest, i)));
  g_mutex_unlock (&self->pin_lock);
  return possible;
}

void
mc_store_reopen_pins (McStore *self, GArray *digests)
{
  g_mutex_lock (&self->pin_lock);
  for (guint i = 0; i < digests->len; i++)
    g_hash_table_remove (self->going, &g_array_index (digests, McDigest, i));
  g_mutex_unlock (&self->pin_lock);
}

void
mc_store_adopt_library (McStore *self, McLibrary *library)
{
  mc_library_free (self->library);
  self->library = library;
  mc_store_count_holders (self);
}

void
mc_store_count_holders (McStore *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->contents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    ((McContent *) value)->holders = 0;
  for (guint i = 0; i < self->library->holdings->len; i++)
    {
      McHolding *holding = g_ptr_array_index (self->library->holdings, i);

      for (guint j = 0; j < holding->digests->len; j++)
        {
          McContent *content =
              g_hash_table_lookup (self->contents, &g_array_index (holding->digests, McDigest, j));

          if (content != NULL)
            content->holders++;
        }
    }
}

gboolean
mc_store_is_held (McStore *self, gint64 repo, const char *variant, const char *path)
{
  for (guint i = 0; i < self->library->holdings->len; i++)
    {
      McHolding *holding = g_ptr_array_index (self->library->holdings, i);

      if (holding->repo == repo && strcmp (holding->variant, variant) == 0
          && strcmp (holding->path, path) == 0)
        return TRUE;
    }
  return FALSE;
}

void
mc_store_get_totals (McStore *self, guint64 *complete, guint64 *partial)
{
  GHashTableIter iter;
  gpointer value;

  *complete = 0;
  *partial = 0;
  g_hash_table_iter_init (&iter, self->contents);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      McContent *content = value;

      *(content->state == MC_CONTENT_COMPLETE ? complete : partial) += content->committed;
    }
}

GPtrArray *
mc_store_take_transfers (McStore *self)
{
  return g_steal_pointer (&self->transfers);
}
