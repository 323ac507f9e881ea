/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-import-tree.h"

#include "mc-error.h"
#include "mc-import-layout.h"
#include "mc-sandbox.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

/* A folder of strangers: what is in it is only looked at here, by stat(), so that a pipe or a
 * device cannot hold anything up, and everything is bounded. */

#define MAX_DEPTH 32
#define MAX_FILES 100000
#define MAX_ENTRIES 1000000
#define MAX_REPOS 200

typedef struct
{
  McImportTree *tree; /* (owned) */
  GHashTable *seen;   /* (owned): "DEVICE:INODE" => McImportFile */
  const char *root;
  const char *avoid;
  guint n_entries;
  GCancellable *cancellable;
} Walk;

static const char *const outcome_names[] = {
  [MC_IMPORT_UNKNOWN] = "unknown", [MC_IMPORT_ADOPTED] = "adopted",
  [MC_IMPORT_HERE] = "here",       [MC_IMPORT_IN_USE] = "in-use",
  [MC_IMPORT_CHANGED] = "changed", [MC_IMPORT_UNREADABLE] = "unreadable",
};

const char *
mc_import_outcome_to_string (McImportOutcome outcome)
{
  return outcome_names[outcome];
}

static void
file_free (gpointer data)
{
  McImportFile *file = data;

  g_clear_pointer (&file->chunks, g_byte_array_unref);
  g_clear_pointer (&file->manifest, mc_manifest_unref);
  g_free (file->path);
  g_free (file->name);
  g_free (file->repo);
  g_free (file);
}

void
mc_import_tree_free (McImportTree *self)
{
  g_ptr_array_unref (self->files);
  g_hash_table_unref (self->repos);
  g_free (self);
}

static McImportTree *
tree_new (void)
{
  McImportTree *self = g_new0 (McImportTree, 1);

  self->files = g_ptr_array_new_with_free_func (file_free);
  self->repos = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/* The same file under another name may tell more. */
static void
take_hint (Walk *walk, McImportFile *file, const char *relative)
{
  McImportHint hint;

  mc_import_layout_read (walk->root, relative, &hint);
  if (hint.repo != NULL && g_hash_table_size (walk->tree->repos) < MAX_REPOS)
    g_hash_table_add (walk->tree->repos, g_strdup (hint.repo));
  if (hint.commit != NULL && g_hash_table_size (walk->tree->repos) < MAX_REPOS)
    g_hash_table_add (walk->tree->repos, g_strconcat (hint.repo, "@", hint.commit, NULL));
  if (file->repo == NULL)
    file->repo = g_steal_pointer (&hint.repo);
  if (file->claimed.kind == MC_DIGEST_NONE)
    file->claimed = hint.claimed;
  mc_import_hint_clear (&hint);
}

static void
take_file (Walk *walk, const char *path, const char *relative, const struct stat *info)
{
  g_autofree char *key = g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
                                          (guint64) info->st_dev, (guint64) info->st_ino);
  McImportFile *file = g_hash_table_lookup (walk->seen, key);

  if (file == NULL && walk->tree->files->len >= MAX_FILES)
    {
      walk->tree->cut = TRUE;
      return;
    }
  if (file == NULL)
    {
      file = g_new0 (McImportFile, 1);
      file->path = g_strdup (path);
      file->name = g_filename_display_name (relative);
      file->size = (guint64) info->st_size;
      file->device = info->st_dev;
      file->inode = info->st_ino;
      file->modified_ns =
          info->st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + info->st_mtim.tv_nsec;
      g_ptr_array_add (walk->tree->files, file);
      g_hash_table_insert (walk->seen, g_steal_pointer (&key), file);
    }
  take_hint (walk, file, relative);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorted, so that what is found does not depend on the file system. */
static GPtrArray *
list_folder (Walk *walk, const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (dir == NULL)
    walk->tree->skipped++;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (walk->n_entries == MAX_ENTRIES)
        {
          walk->tree->cut = TRUE;
          break;
        }
      walk->n_entries++;
      g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
is_same (const char *path, const struct stat *info)
{
  struct stat other;

  return stat (path, &other) == 0 && other.st_dev == info->st_dev && other.st_ino == info->st_ino;
}

static gboolean walk_folder (Walk *walk, const char *path, const char *relative, guint depth);

/* A link is what it leads to if that is a file. */
static gboolean
take_entry (Walk *walk, const char *path, const char *relative, guint depth)
{
  struct stat info;
  struct stat target;

  if (lstat (path, &info) != 0)
    walk->tree->skipped++;
  else if (S_ISREG (info.st_mode))
    take_file (walk, path, relative, &info);
  else if (S_ISLNK (info.st_mode) && stat (path, &target) == 0 && S_ISREG (target.st_mode))
    take_file (walk, path, relative, &target);
  else if (!S_ISDIR (info.st_mode) || is_same (walk->avoid, &info))
    walk->tree->skipped++;
  else if (depth == MAX_DEPTH)
    walk->tree->cut = TRUE;
  else
    return walk_folder (walk, path, relative, depth + 1);
  return TRUE;
}

static gboolean
walk_folder (Walk *walk, const char *path, const char *relative, guint depth)
{
  g_autoptr (GPtrArray) names = list_folder (walk, path);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *below = g_build_filename (path, name, NULL);
      g_autofree char *inner =
          relative[0] == '\0' ? g_strdup (name) : g_strconcat (relative, "/", name, NULL);

      if (g_cancellable_is_cancelled (walk->cancellable) || !take_entry (walk, below, inner, depth))
        return FALSE;
    }
  return TRUE;
}

static gboolean
fail (const char *root, int number, GError **error)
{
  g_autofree char *shown = g_filename_display_name (root);

  if (number == ENOENT && mc_sandbox_is_flatpak ())
    {
      g_set_error (error, MC_ERROR, MC_ERROR_NOT_ALLOWED,
                   "The Flatpak cannot see %s: drop it on the window, or run “flatpak override "
                   "--user --filesystem=FOLDER:ro " MC_APP_ID "” outside, and then “flatpak "
                   "kill " MC_APP_ID "”",
                   shown);
      return FALSE;
    }
  g_set_error (error, MC_ERROR, MC_ERROR_FAILED, "%s cannot be read: %s", shown,
               g_strerror (number));
  return FALSE;
}

static gboolean
read_root (Walk *walk, GError **error)
{
  g_autofree char *name = g_path_get_basename (walk->root);
  struct stat info;

  if (stat (walk->root, &info) != 0)
    return fail (walk->root, errno, error);
  if (S_ISREG (info.st_mode))
    {
      take_file (walk, walk->root, name, &info);
      return TRUE;
    }
  if (!S_ISDIR (info.st_mode))
    return fail (walk->root, ENOTDIR, error);
  if (g_access (walk->root, R_OK | X_OK) != 0)
    return fail (walk->root, errno, error);
  return walk_folder (walk, walk->root, "", 0)
         || !g_cancellable_set_error_if_cancelled (walk->cancellable, error);
}

McImportTree *
mc_import_tree_read (const char *root, const char *avoid, GCancellable *cancellable, GError **error)
{
  g_autoptr (McImportTree) tree = tree_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Walk walk = { tree, seen, root, avoid, 0, cancellable };

  return read_root (&walk, error) ? g_steal_pointer (&tree) : NULL;
}
