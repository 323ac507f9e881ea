/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-crash-log-private.h"

#include <fts.h>
#include <string.h>
#include <sys/stat.h>

/* What is written down. What comes of it is mc-crash-cut.c. */

static void
change_clear (gpointer data)
{
  McCrashChange *change = data;

  g_clear_pointer (&change->bytes, g_bytes_unref);
  g_free (change->path);
  g_free (change->to);
}

static guint
add_file (McCrashLog *self, const char *path)
{
  guint number = ++self->n_files;

  g_hash_table_insert (self->names, g_strdup (path), GUINT_TO_POINTER (number));
  return number;
}

/* The index of a WAL is memory, not a file: whoever opens the database first makes it anew. */
static gboolean
is_memory (const char *path)
{
  return g_str_has_suffix (path, "-shm");
}

static void
take_entry (McCrashLog *self, const char *path, FTSENT *entry)
{
  McCrashInode *file =
      mc_crash_inode_new (entry->fts_info == FTS_D, entry->fts_statp->st_mode & 07777);
  g_autofree char *text = NULL;
  gsize length = 0;

  if (!file->is_folder)
    g_assert_true (g_file_get_contents (entry->fts_accpath, &text, &length, NULL));
  g_byte_array_append (file->bytes, (guint8 *) text, (guint) length);
  g_ptr_array_add (self->start->files, file);
  g_hash_table_insert (self->start->names, g_strdup (path),
                       GUINT_TO_POINTER (add_file (self, path)));
}

McCrashLog *
mc_crash_log_new (const char *folder)
{
  McCrashLog *self = g_new0 (McCrashLog, 1);
  char *paths[] = { (char *) folder, NULL };
  FTS *tree = fts_open (paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
  FTSENT *entry;

  self->start = mc_crash_state_new ();
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->changes = g_array_new (FALSE, FALSE, sizeof (McCrashChange));
  g_array_set_clear_func (self->changes, change_clear);
  while ((entry = fts_read (tree)) != NULL)
    {
      const char *path = entry->fts_path + strlen (folder);

      path += path[0] == '/';
      if ((entry->fts_info == FTS_D || entry->fts_info == FTS_F) && !is_memory (path))
        take_entry (self, path, entry);
    }
  fts_close (tree);
  return self;
}

void
mc_crash_log_free (McCrashLog *self)
{
  mc_crash_state_free (self->start);
  g_array_unref (self->changes);
  g_hash_table_unref (self->names);
  g_free (self);
}

guint
mc_crash_log_find (McCrashLog *self, const char *path)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->names, path));
}

static void
add_change (McCrashLog *self, McCrashChange change)
{
  g_array_append_val (self->changes, change);
}

guint
mc_crash_log_make (McCrashLog *self, const char *path, guint mode, gboolean is_folder)
{
  guint number;

  if (is_memory (path))
    return 0;
  number = add_file (self, path);
  /* What kind it is goes where a mode has no bits. */
  add_change (self, (McCrashChange){ .kind = CHANGE_MAKE,
                                     .file = number,
                                     .offset = mode | (is_folder ? S_IFDIR : 0),
                                     .path = g_strdup (path) });
  return number;
}

void
mc_crash_log_write (McCrashLog *self, guint file, guint64 offset, const void *bytes, gsize length)
{
  add_change (self, (McCrashChange){ .kind = CHANGE_WRITE,
                                     .file = file,
                                     .offset = offset,
                                     .bytes = g_bytes_new (bytes, length) });
}

void
mc_crash_log_truncate (McCrashLog *self, guint file, guint64 size)
{
  add_change (self, (McCrashChange){ .kind = CHANGE_TRUNCATE, .file = file, .offset = size });
}

void
mc_crash_log_set_mode (McCrashLog *self, guint file, guint mode)
{
  add_change (self, (McCrashChange){ .kind = CHANGE_MODE, .file = file, .offset = mode });
}

void
mc_crash_log_sync (McCrashLog *self, guint file)
{
  add_change (self, (McCrashChange){ .kind = CHANGE_SYNC, .file = file });
}

void
mc_crash_log_unlink (McCrashLog *self, const char *path)
{
  if (is_memory (path))
    return;
  g_hash_table_remove (self->names, path);
  add_change (self, (McCrashChange){ .kind = CHANGE_UNLINK, .path = g_strdup (path) });
}

void
mc_crash_log_rename (McCrashLog *self, const char *path, const char *to)
{
  gpointer number = g_hash_table_lookup (self->names, path);

  g_hash_table_remove (self->names, path);
  g_hash_table_insert (self->names, g_strdup (to), number);
  add_change (
      self, (McCrashChange){ .kind = CHANGE_RENAME, .path = g_strdup (path), .to = g_strdup (to) });
}

guint
mc_crash_log_get_length (McCrashLog *self)
{
  return self->changes->len;
}

const char *
mc_crash_log_get_path (McCrashLog *self, guint file)
{
  GHashTableIter iter;
  gpointer path;
  gpointer number;

  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &path, &number))
    if (GPOINTER_TO_UINT (number) == file)
      return path;
  for (guint i = 0; i < self->changes->len; i++)
    {
      const McCrashChange *change = &g_array_index (self->changes, McCrashChange, i);

      if (change->kind == CHANGE_MAKE && change->file == file)
        return change->path;
    }
  return "a file that is gone since";
}

char *
mc_crash_log_describe (McCrashLog *self, guint change)
{
  static const char *const names[] = { "write",  "truncate", "mode", "make",
                                       "unlink", "rename",   "sync" };
  const McCrashChange *at = &g_array_index (self->changes, McCrashChange, change);

  return g_strdup_printf ("%s %s at %" G_GUINT64_FORMAT ", %" G_GSIZE_FORMAT " bytes",
                          names[at->kind],
                          at->path != NULL ? at->path : mc_crash_log_get_path (self, at->file),
                          at->offset, at->bytes == NULL ? 0 : g_bytes_get_size (at->bytes));
}
