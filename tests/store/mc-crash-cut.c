/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-crash-log-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

/* A state is made by doing all changes again from the start, on copies in memory: what a sync
 * covers at once, the rest as luck has it. */

/* --- states --- */

static void
file_free (gpointer data)
{
  McCrashInode *file = data;

  g_byte_array_unref (file->bytes);
  g_array_unref (file->pending);
  g_free (file);
}

McCrashInode *
mc_crash_inode_new (gboolean is_folder, guint mode)
{
  McCrashInode *file = g_new0 (McCrashInode, 1);

  file->is_folder = is_folder;
  file->mode = mode;
  file->bytes = g_byte_array_new ();
  file->pending = g_array_new (FALSE, FALSE, sizeof (guint));
  return file;
}

McCrashState *
mc_crash_state_new (void)
{
  McCrashState *self = g_new0 (McCrashState, 1);

  self->files = g_ptr_array_new_with_free_func (file_free);
  g_ptr_array_add (self->files, mc_crash_inode_new (FALSE, 0)); /* number 0 is no file */
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->pending = g_array_new (FALSE, FALSE, sizeof (guint));
  return self;
}

void
mc_crash_state_free (McCrashState *self)
{
  g_ptr_array_unref (self->files);
  g_hash_table_unref (self->names);
  g_array_unref (self->pending);
  g_free (self);
}

static void
copy_names (GHashTable *from, GHashTable *to)
{
  GHashTableIter iter;
  gpointer path;
  gpointer number;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &path, &number))
    g_hash_table_insert (to, g_strdup (path), number);
}

static McCrashState *
state_copy (McCrashState *from)
{
  McCrashState *self = mc_crash_state_new ();

  for (guint i = 1; i < from->files->len; i++)
    {
      McCrashInode *file = g_ptr_array_index (from->files, i);
      McCrashInode *copy = mc_crash_inode_new (file->is_folder, file->mode);

      g_byte_array_append (copy->bytes, file->bytes->data, file->bytes->len);
      g_ptr_array_add (self->files, copy);
    }
  copy_names (from->names, self->names);
  return self;
}

static int
compare_paths (const void *one, const void *other)
{
  return strcmp (*(char *const *) one, *(char *const *) other);
}

/* Paths whose folders are there, in order: a folder comes before what is in it. Borrowed. */
static GPtrArray *
list_paths (McCrashState *self)
{
  guint n;
  g_autofree gpointer *all = g_hash_table_get_keys_as_array (self->names, &n);
  GPtrArray *reachable = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  qsort (all, n, sizeof (gpointer), compare_paths);
  for (guint i = 0; i < n; i++)
    {
      char *path = all[i];
      g_autofree char *parent = g_path_get_dirname (path);

      if (path[0] != '\0' && strcmp (parent, ".") != 0 && !g_hash_table_contains (seen, parent))
        continue;
      g_hash_table_add (seen, path);
      g_ptr_array_add (reachable, path);
    }
  return reachable;
}

static McCrashInode *
get_file (McCrashState *self, const char *path)
{
  return g_ptr_array_index (self->files,
                            GPOINTER_TO_UINT (g_hash_table_lookup (self->names, path)));
}

char *
mc_crash_state_identify (McCrashState *self)
{
  g_autoptr (GPtrArray) paths = list_paths (self);
  guint64 sum = 0;

  for (guint i = 0; i < paths->len; i++)
    {
      char *path = g_ptr_array_index (paths, i);
      McCrashInode *file = get_file (self, path);
      g_autofree char *head = g_strdup_printf ("%s/%o/%u/", path, file->mode, file->bytes->len);

      sum = XXH3_64bits_withSeed (head, strlen (head), sum);
      sum = XXH3_64bits_withSeed (file->bytes->data, file->bytes->len, sum);
    }
  return g_strdup_printf ("%" G_GINT64_MODIFIER "x", sum);
}

static void
write_file (const char *path, McCrashInode *file)
{
  int fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  gsize done = 0;

  g_assert_cmpint (fd, >=, 0);
  while (done < file->bytes->len)
    {
      gssize n = write (fd, file->bytes->data + done, file->bytes->len - done);

      g_assert_cmpint (n, >, 0);
      done += (gsize) n;
    }
  g_assert_cmpint (fchmod (fd, file->mode), ==, 0);
  close (fd);
}

void
mc_crash_state_write (McCrashState *self, const char *folder)
{
  g_autoptr (GPtrArray) paths = list_paths (self);

  for (guint i = 0; i < paths->len; i++)
    {
      char *path = g_ptr_array_index (paths, i);
      g_autofree char *full =
          path[0] == '\0' ? g_strdup (folder) : g_build_filename (folder, path, NULL);
      McCrashInode *file = get_file (self, path);

      if (file->is_folder)
        g_assert_cmpint (g_mkdir (full, 0700), ==, 0);
      else
        write_file (full, file);
    }
}

/* --- doing it again --- */

typedef struct
{
  McCrashLog *log; /* borrowed */
  McCrashState *state;
  GRand *rand;   /* (owned) */
  guint sector;  /* bytes that are written as one */
  gboolean junk; /* what was not written of a file that grew is not zeros */
} Replay;

static void
grow (Replay *replay, GByteArray *bytes, gsize size)
{
  gsize old = bytes->len;

  if (old >= size)
    return;
  g_byte_array_set_size (bytes, (guint) size);
  memset (bytes->data + old, replay->junk ? 0xa5 : 0, size - old);
}

static void
put_bytes (Replay *replay, McCrashInode *file, guint64 offset, const guint8 *bytes, gsize length)
{
  grow (replay, file->bytes, offset + length);
  memcpy (file->bytes->data + offset, bytes, length);
}

static void
apply (Replay *replay, McCrashInode *file, const McCrashChange *change)
{
  gsize length;
  const guint8 *bytes;

  switch (change->kind)
    {
    case CHANGE_WRITE:
      bytes = g_bytes_get_data (change->bytes, &length);
      put_bytes (replay, file, change->offset, bytes, length);
      break;
    case CHANGE_TRUNCATE:
      grow (replay, file->bytes, change->offset);
      g_byte_array_set_size (file->bytes, (guint) change->offset);
      break;
    default:
      file->mode = (guint) change->offset;
      break;
    }
}

/* Some sectors of a write. */
static void
apply_torn (Replay *replay, McCrashInode *file, const McCrashChange *change)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (change->bytes, &length);

  if (g_rand_boolean (replay->rand))
    grow (replay, file->bytes, change->offset + length);
  for (guint64 at = 0; at < length;)
    {
      guint64 end = (change->offset + at) / replay->sector * replay->sector + replay->sector;
      gsize n = (gsize) MIN (end - change->offset - at, length - at);

      if (g_rand_boolean (replay->rand))
        put_bytes (replay, file, change->offset + at, bytes + at, n);
      at += n;
    }
}

static const McCrashChange *
get_change (Replay *replay, GArray *pending, guint i)
{
  return &g_array_index (replay->log->changes, McCrashChange, g_array_index (pending, guint, i));
}

static void
settle_bytes (Replay *replay, McCrashInode *file, McCrashLuck luck)
{
  for (guint i = 0; luck != MC_CRASH_NONE && i < file->pending->len; i++)
    {
      const McCrashChange *change = get_change (replay, file->pending, i);
      int fate = luck == MC_CRASH_ALL ? 0 : g_rand_int_range (replay->rand, 0, 3);

      if (fate == 1 && change->kind == CHANGE_WRITE)
        apply_torn (replay, file, change);
      else if (fate == 0)
        apply (replay, file, change);
    }
  g_array_set_size (file->pending, 0);
}

static void
apply_name (McCrashState *state, const McCrashChange *change)
{
  gpointer number;

  switch (change->kind)
    {
    case CHANGE_MAKE:
      g_hash_table_insert (state->names, g_strdup (change->path), GUINT_TO_POINTER (change->file));
      break;
    case CHANGE_RENAME:
      number = g_hash_table_lookup (state->names, change->path);
      g_hash_table_remove (state->names, change->path);
      if (number != NULL)
        g_hash_table_insert (state->names, g_strdup (change->to), number);
      break;
    default:
      g_hash_table_remove (state->names, change->path);
      break;
    }
}

static gboolean
is_in (const char *path, const char *folder)
{
  g_autofree char *parent = g_path_get_dirname (path);

  return path[0] != '\0' && strcmp (parent, folder[0] == '\0' ? "." : folder) == 0;
}

static void
sync_folder (Replay *replay, const char *folder)
{
  GArray *pending = replay->state->pending;
  guint kept = 0;

  for (guint i = 0; i < pending->len; i++)
    {
      const McCrashChange *change = get_change (replay, pending, i);

      if (is_in (change->path, folder))
        apply_name (replay->state, change);
      else
        g_array_index (pending, guint, kept++) = g_array_index (pending, guint, i);
    }
  g_array_set_size (pending, kept);
}

static void
settle_names (Replay *replay, McCrashLuck luck)
{
  GArray *pending = replay->state->pending;
  guint n = luck == MC_CRASH_NONE ? 0 : pending->len;

  if (luck == MC_CRASH_SOME)
    n = (guint) g_rand_int_range (replay->rand, 0, (gint32) pending->len + 1);
  for (guint i = 0; i < n; i++)
    apply_name (replay->state, get_change (replay, pending, i));
  g_array_set_size (pending, 0);
}

static void
do_again (Replay *replay, guint i)
{
  const McCrashChange *change = &g_array_index (replay->log->changes, McCrashChange, i);
  McCrashInode *file;

  if (change->kind == CHANGE_MAKE)
    {
      g_assert_cmpuint (change->file, ==, replay->state->files->len);
      g_ptr_array_add (replay->state->files, mc_crash_inode_new ((change->offset & S_IFDIR) != 0,
                                                                 (guint) (change->offset & 07777)));
    }
  if (change->kind == CHANGE_MAKE || change->kind == CHANGE_UNLINK || change->kind == CHANGE_RENAME)
    {
      g_array_append_val (replay->state->pending, i);
      return;
    }
  file = g_ptr_array_index (replay->state->files, change->file);
  if (change->kind != CHANGE_SYNC)
    g_array_append_val (file->pending, i);
  else if (file->is_folder)
    sync_folder (replay, mc_crash_log_get_path (replay->log, change->file));
  else
    settle_bytes (replay, file, MC_CRASH_ALL);
}

McCrashState *
mc_crash_log_cut (McCrashLog *self, guint n_changes, const McCrashCut *cut)
{
  Replay replay = { self, state_copy (self->start), g_rand_new_with_seed (cut->seed), 0, FALSE };

  for (guint i = 0; i < n_changes; i++)
    do_again (&replay, i);
  replay.sector = g_rand_boolean (replay.rand) ? 512 : 4096;
  replay.junk = cut->bytes == MC_CRASH_SOME && g_rand_boolean (replay.rand);
  for (guint i = 1; i < replay.state->files->len; i++)
    settle_bytes (&replay, g_ptr_array_index (replay.state->files, i), cut->bytes);
  settle_names (&replay, cut->names);
  g_rand_free (replay.rand);
  return replay.state;
}
