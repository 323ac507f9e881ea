/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-import-private.h"

#include "mc-error.h"
#include "mc-import-copy.h"
#include "mc-import-read.h"
#include "mc-pack.h"
#include "mc-scanner.h"
#include "mc-task.h"

#include <string.h>

/* Files that are on this computer become contents of the store, in these steps:
 *
 *   look through the folder -> ask the Hub for the repos that names in it hint at -> hash what has
 *   the size of a file of some repo -> hold -> store what matched, one file after the other
 *
 * A preview ends before anything is held. Nothing is ever written where the files are. What was
 * stored counts whenever it ends; a pause keeps the hashes, a restart begins anew and finds what
 * was stored. */

#define TREE "mc-import-tree"

static void look_up_next (McImport *self);
static void hash_next (McImport *self);
static void store_next (McImport *self);
static void finish (McImport *self, GError *error);

gboolean
mc_downloader_is_importing (McDownloader *self, const McDigest *digest)
{
  return self->import != NULL && self->import->target != NULL
         && mc_digest_equal (self->import->target, digest);
}

/* Half of a file's bytes count when it is hashed, the other half when it is stored. */
static void
end_half (McImport *self, guint64 bytes)
{
  self->progress.before += bytes;
  self->progress.size = 0;
  g_atomic_int_set (&self->progress.chunks, 0);
}

static guint64
get_first_half (const McImportFile *file)
{
  return file->size / 2;
}

static guint64
get_second_half (const McImportFile *file)
{
  return file->size - file->size / 2;
}

/* --- looking through the folder --- */

typedef struct
{
  char *root;
  char *avoid;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_free (reading->root);
  g_free (reading->avoid);
  g_free (reading);
}

static void
read_tree (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  GError *error = NULL;
  McImportTree *tree = mc_import_tree_read (reading->root, reading->avoid, cancellable, &error);

  if (tree != NULL)
    g_task_return_pointer (task, tree, (GDestroyNotify) mc_import_tree_free);
  else
    g_task_return_error (task, error);
}

/* Without a repo, whatever is scanned counts, and what names hint at. */
static void
fill_index (McImport *self)
{
  GPtrArray *repos = mc_store_get_repos (self->owner->store);

  if (self->transfer->manifest != NULL)
    mc_import_index_add (self->index, self->transfer->manifest);
  for (guint i = 0; self->transfer->manifest == NULL && i < repos->len; i++)
    mc_import_index_add (self->index, ((McLibraryRepo *) g_ptr_array_index (repos, i))->manifest);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
list_lookups (McImport *self)
{
  const char *endpoint = mc_hub_client_get_endpoint (self->owner->hub);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->tree->repos);
  while (self->transfer->manifest == NULL && g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_auto (GStrv) parts = g_strsplit (name, "@", 2);

      if (mc_store_find_repo (self->owner->store, endpoint, parts[0], parts[1]) == NULL)
        g_ptr_array_add (self->lookups, g_strdup (name));
    }
  g_ptr_array_sort (self->lookups, compare_names);
}

static void
use_tree (McImport *self)
{
  fill_index (self);
  list_lookups (self);
  look_up_next (self);
}

static void
on_tree_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McImport *self = user_data;
  GError *error = NULL;

  self->tree = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->tree == NULL)
    finish (self, error);
  else
    use_tree (self);
}

void
mc_downloader_run_import (McDownloader *self, McTransfer *transfer)
{
  McImport *import = g_new0 (McImport, 1);
  g_autoptr (GTask) task = NULL;
  Reading *reading;

  import->owner = g_object_ref (self);
  import->transfer = g_object_ref (transfer);
  import->preview = transfer->kind == MC_TRANSFER_PREVIEW;
  import->index = mc_import_index_new ();
  import->lookups = g_ptr_array_new_with_free_func (g_free);
  import->failures =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_error_free);
  import->adopted = g_ptr_array_new ();
  import->wanted = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  import->progress.unit = MC_CHUNK_SIZE / 2;
  transfer->cancellable = g_cancellable_new ();
  transfer->progress = &import->progress;
  self->import = import;
  self->verifications++;
  mc_downloader_set_state (self, transfer, MC_TRANSFER_ACTIVE, NULL);
  import->tree = g_object_steal_data (G_OBJECT (transfer), TREE);
  if (import->tree != NULL)
    {
      use_tree (import);
      return;
    }
  reading = g_new (Reading, 1);
  reading->root = g_filename_from_utf8 (transfer->path, -1, NULL, NULL, NULL);
  if (reading->root == NULL)
    reading->root = g_strdup (transfer->path);
  reading->avoid = g_strdup (mc_store_get_folder (self->store));
  task = mc_task_new (NULL, transfer->cancellable, on_tree_read, import, read_tree);
  g_task_set_task_data (task, reading, reading_free);
  g_task_run_in_thread (task, read_tree);
}

/* --- asking the Hub --- */

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McImport *self = user_data;
  const char *repo = g_ptr_array_index (self->lookups, self->next);
  GError *error = NULL;
  g_autoptr (McManifest) manifest = mc_scan_finish (MC_HUB_CLIENT (source), result, &error);

  if (manifest != NULL)
    mc_import_index_add (self->index, manifest);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      finish (self, error);
      return;
    }
  else
    g_hash_table_replace (self->failures, g_strdup (repo), error);
  self->next++;
  look_up_next (self);
}

/* Whether the network is to blame: the other repos will not be found either. */
static gboolean
is_offline (McImport *self)
{
  GHashTableIter iter;
  gpointer error;

  g_hash_table_iter_init (&iter, self->failures);
  while (g_hash_table_iter_next (&iter, NULL, &error))
    if (g_error_matches (error, MC_ERROR, MC_ERROR_NETWORK))
      return TRUE;
  return FALSE;
}

static void
measure (McImport *self)
{
  guint64 total = 0;

  for (guint i = 0; i < self->tree->files->len; i++)
    {
      McImportFile *file = g_ptr_array_index (self->tree->files, i);

      if (mc_import_index_get_kinds (self->index, file->size) != 0)
        total += file->size;
    }
  self->transfer->total = total;
}

/* A commit is asked for only if the repo has moved on since. FALSE if it has not. */
static gboolean
look_up (McImport *self, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "@", 2);

  if (parts[1] != NULL && mc_import_index_has (self->index, parts[0], parts[1]))
    return FALSE;
  mc_scan_async (self->owner->hub, parts[0], parts[1], self->transfer->cancellable, on_looked_up,
                 self);
  return TRUE;
}

static void
look_up_next (McImport *self)
{
  for (; self->next < self->lookups->len && !is_offline (self); self->next++)
    if (look_up (self, g_ptr_array_index (self->lookups, self->next)))
      return;
  for (; self->next < self->lookups->len; self->next++)
    g_hash_table_replace (
        self->failures, g_strdup (g_ptr_array_index (self->lookups, self->next)),
        g_error_new_literal (MC_ERROR, MC_ERROR_NETWORK, "It was not looked up: no network"));
  measure (self);
  self->next = 0;
  hash_next (self);
}

/* --- hashing --- */

static gboolean
find_match (McImport *self, McImportFile *file, const McDigest *digest)
{
  McManifest *manifest;

  if (digest->kind == MC_DIGEST_NONE)
    return FALSE;
  file->match = mc_import_index_find (self->index, digest, file->size, file->repo, &manifest);
  if (file->match == NULL)
    return FALSE;
  g_clear_pointer (&file->manifest, mc_manifest_unref);
  file->manifest = mc_manifest_ref (manifest);
  return TRUE;
}

static void
judge (McImport *self, McImportFile *file)
{
  gboolean before = file->outcome == MC_IMPORT_ADOPTED;
  gboolean found = find_match (self, file, &file->sha256) || find_match (self, file, &file->git);

  file->outcome = MC_IMPORT_UNKNOWN;
  if (!found)
    return;
  if (mc_store_has_file (self->owner->store, file->match))
    file->outcome = before ? MC_IMPORT_ADOPTED : MC_IMPORT_HERE;
  /* The same bytes are to be stored already, from another file. */
  else if (!g_hash_table_add (self->wanted, &file->match->digest))
    file->outcome = MC_IMPORT_HERE;
  else
    {
      file->outcome = MC_IMPORT_ADOPTED;
      g_ptr_array_add (self->adopted, file);
    }
}

/* What is named by its hash, and here, need not be read. */
static gboolean
is_here_by_name (McImport *self, McImportFile *file)
{
  if (file->hashed || !find_match (self, file, &file->claimed))
    return FALSE;
  if (mc_store_has_file (self->owner->store, file->match))
    {
      file->outcome = MC_IMPORT_HERE;
      return TRUE;
    }
  file->match = NULL;
  return FALSE;
}

static void
hash_file (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  McImport *self = data;
  McImportFile *file = g_ptr_array_index (self->tree->files, self->next);
  GError *error = NULL;

  if (mc_import_hash (file, mc_import_index_get_kinds (self->index, file->size),
                      &self->progress.chunks, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Of a file that could not be read; FALSE if that is not the file's fault. */
static gboolean
note_failure (McImportFile *file, GError *error)
{
  if (g_error_matches (error, MC_ERROR, MC_ERROR_CORRUPT))
    file->outcome = MC_IMPORT_CHANGED;
  else if (g_error_matches (error, MC_ERROR, MC_ERROR_FAILED))
    file->outcome = MC_IMPORT_UNREADABLE;
  else
    return FALSE;
  g_info ("Not adopted: %s", error->message);
  g_error_free (error);
  return TRUE;
}

static void
on_hashed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McImport *self = user_data;
  McImportFile *file = g_ptr_array_index (self->tree->files, self->next);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    judge (self, file);
  else if (!note_failure (file, error))
    {
      finish (self, error);
      return;
    }
  end_half (self, get_first_half (file));
  self->next++;
  hash_next (self);
}

/* Hashing goes at the file's own pace: each on a thread, one after the other. */
static void
begin_hash (McImport *self, McImportFile *file)
{
  g_autoptr (GTask) task =
      mc_task_new (NULL, self->transfer->cancellable, on_hashed, self, hash_file);

  self->progress.size = get_first_half (file);
  g_task_set_task_data (task, self, NULL);
  /* Else it could end before the thread does, which uses what is freed then. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, hash_file);
}

/* --- storing --- */

static void
file_free (gpointer data)
{
  McFile *file = data;

  g_free (file->path);
  g_free (file);
}

/* Copies: they outlive the run, for whoever looks for space. */
static void
list_needs (McImport *self)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (file_free);

  for (guint i = 0; i < self->adopted->len; i++)
    {
      McFile *match = ((McImportFile *) g_ptr_array_index (self->adopted, i))->match;
      McFile *copy = g_memdup2 (match, sizeof *match);

      copy->path = g_strdup (match->path);
      g_ptr_array_add (files, copy);
    }
  g_ptr_array_unref (self->transfer->files);
  self->transfer->files = g_ptr_array_ref (files);
  g_clear_pointer (&self->transfer->listed, g_ptr_array_unref);
  self->transfer->listed = files;
}

static void
on_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McImport *self = user_data;
  GError *error = NULL;

  if (!mc_import_hold_finish (self, result, &error))
    {
      finish (self, error);
      return;
    }
  mc_downloader_emit_content_changed (self->owner);
  self->next = 0;
  store_next (self);
}

static void
on_room_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McImport *self = user_data;
  GError *error = NULL;

  if (mc_downloader_make_room_finish (self->owner, result, &error))
    mc_import_hold_async (self, on_held, self);
  else
    finish (self, error);
}

static void
begin_storing (McImport *self)
{
  GError *error = NULL;

  list_needs (self);
  if (self->preview)
    finish (self, NULL);
  else if (!mc_downloader_check_space (self->owner, self->transfer->files, &error))
    finish (self, error);
  else
    mc_downloader_make_room_async (self->owner, on_room_made, self);
}

static void
hash_next (McImport *self)
{
  for (; self->next < self->tree->files->len; self->next++)
    {
      McImportFile *file = g_ptr_array_index (self->tree->files, self->next);

      if (mc_import_index_get_kinds (self->index, file->size) == 0)
        continue;
      if (!file->hashed && !is_here_by_name (self, file))
        {
          begin_hash (self, file);
          return;
        }
      if (file->hashed)
        judge (self, file);
      end_half (self, get_first_half (file));
    }
  /* What is not to be stored is through. */
  self->progress.before = self->transfer->total;
  for (guint i = 0; i < self->adopted->len; i++)
    self->progress.before -= get_second_half (g_ptr_array_index (self->adopted, i));
  begin_storing (self);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McImport *self = user_data;
  McImportFile *file = g_ptr_array_index (self->adopted, self->next);
  GError *error = NULL;

  self->target = NULL;
  if (!mc_import_copy_finish (MC_STORE (source), result, &error) && !note_failure (file, error))
    {
      finish (self, error);
      return;
    }
  end_half (self, get_second_half (file));
  mc_downloader_emit_content_changed (self->owner);
  self->next++;
  store_next (self);
}

/* Nobody else may be writing it. */
static gboolean
is_free (McImport *self, const McDigest *digest)
{
  return !g_hash_table_contains (self->owner->fetches, digest)
         && !mc_store_is_being_checked (self->owner->store, digest);
}

static void
store_next (McImport *self)
{
  McStore *store = self->owner->store;

  for (; self->next < self->adopted->len; self->next++)
    {
      McImportFile *file = g_ptr_array_index (self->adopted, self->next);
      const McDigest *digest = &file->match->digest;

      if (!mc_store_has_file (store, file->match) && mc_store_get_content (store, digest) != NULL
          && is_free (self, digest))
        {
          self->target = digest;
          self->progress.size = get_second_half (file);
          mc_import_copy_async (store, file, &self->progress.chunks, self->transfer->cancellable,
                                on_stored, self);
          return;
        }
      file->outcome = mc_store_has_file (store, file->match) ? MC_IMPORT_HERE : MC_IMPORT_IN_USE;
      end_half (self, get_second_half (file));
    }
  finish (self, NULL);
}

/* --- the end --- */

static void
import_free (McImport *self)
{
  g_clear_pointer (&self->tree, mc_import_tree_free);
  mc_import_index_free (self->index);
  g_ptr_array_unref (self->lookups);
  g_hash_table_unref (self->failures);
  g_hash_table_unref (self->wanted);
  g_ptr_array_unref (self->adopted);
  g_clear_pointer (&self->steps, g_ptr_array_unref);
  g_object_unref (self->transfer);
  g_object_unref (self->owner);
  g_free (self);
}

static void
conclude (McImport *self, const GError *error)
{
  McDownloader *owner = self->owner;
  McTransfer *transfer = self->transfer;

  if (!mc_transfer_state_is_running (transfer->state)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    {
      mc_downloader_stop_for (owner, transfer, error);
      return;
    }
  mc_transfer_take_report (transfer, mc_import_report (self->tree, self->failures, self->preview));
  transfer->verified = transfer->total;
  mc_downloader_set_state (owner, transfer, MC_TRANSFER_DONE, NULL);
}

/* What was hashed is not hashed again if it goes on in this process. */
static void
keep_tree (McImport *self)
{
  if (!mc_transfer_state_is_final (self->transfer->state))
    g_object_set_data_full (G_OBJECT (self->transfer), TREE, g_steal_pointer (&self->tree),
                            (GDestroyNotify) mc_import_tree_free);
}

/* Takes the import and the error. */
static void
finish (McImport *self, GError *error)
{
  g_autoptr (McDownloader) owner = g_object_ref (self->owner);

  owner->import = NULL;
  owner->verifications--;
  self->transfer->progress = NULL;
  g_clear_object (&self->transfer->cancellable);
  conclude (self, error);
  if (self->tree != NULL)
    keep_tree (self);
  g_clear_error (&error);
  import_free (self);
  mc_downloader_emit_content_changed (owner);
  mc_downloader_schedule (owner);
  mc_downloader_check_stop (owner);
}
