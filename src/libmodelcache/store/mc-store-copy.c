/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-store-copy.h"

#include "mc-error.h"
#include "mc-fault.h"
#include "mc-pack.h"
#include "mc-sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MARK "incoming"

static gboolean
fail (const char *doing, const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, MC_ERROR,
               code == ENOSPC || code == EDQUOT ? MC_ERROR_NO_SPACE : MC_ERROR_STORE, "%s %s: %s",
               doing, path, g_strerror (code));
  return FALSE;
}

static gboolean
sync_folder (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean ok;

  if (fd < 0)
    return fail ("Opening", path, error);
  ok = fsync (fd) == 0 || fail ("Syncing", path, error);
  close (fd);
  return ok;
}

/* --- the target --- */

static gboolean
lies_in (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  return strncmp (path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Links on the way may hide that one lies in the other. */
static char *
resolve (const char *path)
{
  char *real = realpath (path, NULL);
  g_autofree char *parent = NULL;
  g_autofree char *name = NULL;
  g_autofree char *real_parent = NULL;
  char *result;

  if (real != NULL)
    {
      result = g_strdup (real);
      free (real);
      return result;
    }
  if (strcmp (path, "/") == 0)
    return g_strdup (path);
  parent = g_path_get_dirname (path);
  name = g_path_get_basename (path);
  real_parent = resolve (parent);
  return g_build_filename (real_parent, name, NULL);
}

static gboolean
fail_sandbox (const char *target, GError **error)
{
  g_autofree char *shown = mc_sandbox_describe (target);

  g_set_error (error, MC_ERROR, MC_ERROR_NOT_ALLOWED,
               "The Flatpak may not keep the store in %s: run “flatpak override --user "
               "--filesystem=FOLDER " MC_APP_ID "” outside, then “flatpak kill " MC_APP_ID
               "”, and try again",
               shown);
  return FALSE;
}

static gboolean
check_names (const char *source, const char *target, GError **error)
{
  g_autofree char *real_source = resolve (source);
  g_autofree char *real_target = resolve (target);

  if (!g_path_is_absolute (target) || strpbrk (target, "\n\r") != NULL)
    g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME,
                 "“%s” is no folder: give its whole path, from / on", target);
  else if (strcmp (real_target, real_source) == 0)
    g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "The store is in %s already", target);
  else if (lies_in (real_target, real_source))
    g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "%s lies in the store itself", target);
  else if (mc_sandbox_forgets (real_target) || mc_sandbox_is_lent (real_target))
    return fail_sandbox (real_target, error);
  else
    return TRUE;
  return FALSE;
}

/* What a home has beside the store. */
static gboolean
is_ours (const char *name)
{
  return strcmp (name, "location") == 0 || strcmp (name, "moving") == 0 || strcmp (name, MARK) == 0
         || strcmp (name, "lock") == 0 || strcmp (name, "reserve") == 0;
}

static gboolean
is_marked (const char *source, const char *target)
{
  g_autofree char *mark = g_build_filename (target, MARK, NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (mark, &text, NULL, NULL) && strcmp (text, source) == 0;
}

static gboolean
check_empty (const char *target, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (target, 0, NULL);
  const char *name;

  if (dir == NULL)
    return fail ("Opening", target, error);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (!is_ours (name))
      {
        g_set_error (error, MC_ERROR, MC_ERROR_IN_USE,
                     "%s is not empty: give a folder that is, or one to be made", target);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_space (const char *target, guint64 size, GError **error)
{
  g_autofree char *needed = g_format_size (size);
  g_autofree char *left = NULL;
  struct statvfs info;
  guint64 space;

  if (statvfs (target, &info) != 0)
    return fail ("Looking at", target, error);
  space = (guint64) info.f_bavail * info.f_frsize;
  if (size <= space)
    return TRUE;
  left = g_format_size (space);
  g_set_error (error, MC_ERROR, MC_ERROR_NO_SPACE, "%s are to be copied, and %s has room for %s",
               needed, target, left);
  return FALSE;
}

gboolean
mc_store_copy_prepare (const char *source, const char *target, guint64 size, GError **error)
{
  g_autofree char *mark = g_build_filename (target, MARK, NULL);
  gboolean marked;

  if (!check_names (source, target, error))
    return FALSE;
  if (g_mkdir_with_parents (target, 0700) != 0)
    return fail ("Making", target, error);
  marked = is_marked (source, target);
  if (!marked && (!check_empty (target, error) || !check_space (target, size, error)))
    return FALSE;
  return marked
         || g_file_set_contents_full (mark, source, -1, G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

void
mc_store_copy_unmark (const char *target)
{
  g_autofree char *mark = g_build_filename (target, MARK, NULL);

  if (g_unlink (mark) != 0 && errno != ENOENT)
    g_warning ("Removing %s: %s", mark, g_strerror (errno));
}

/* --- copying --- */

static gboolean
write_all (int fd, const char *path, const guint8 *bytes, gsize length, GError **error)
{
  while (length > 0)
    {
      gssize n = write (fd, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail ("Writing", path, error);
      bytes += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* As much as there is, up to a step; -1 on error. */
static gssize
read_step (int fd, const char *path, guint8 *bytes, GError **error)
{
  gsize filled = 0;

  while (filled < MC_COPY_STEP)
    {
      gssize n = read (fd, bytes + filled, MC_COPY_STEP - filled);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          fail ("Reading", path, error);
          return -1;
        }
      if (n == 0)
        break;
      filled += (gsize) n;
    }
  return (gssize) filled;
}

typedef struct
{
  const char *from;
  const char *to;
  int in;
  int out;
  guint8 *bytes;
  guint8 *again;
} Copy;

static void
copy_clear (Copy *copy)
{
  if (copy->in >= 0)
    close (copy->in);
  if (copy->out >= 0)
    close (copy->out);
  g_free (copy->bytes);
  g_free (copy->again);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Copy, copy_clear)

static gboolean
copy_bytes (Copy *copy, int *steps, GCancellable *cancellable, GError **error)
{
  gssize n;

  while ((n = read_step (copy->in, copy->from, copy->bytes, error)) > 0)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !write_all (copy->out, copy->to, copy->bytes, (gsize) n, error))
        return FALSE;
      if (steps != NULL)
        g_atomic_int_inc (steps);
    }
  if (n < 0 || !mc_fault_point ("move.copied", MC_ERROR, MC_ERROR_STORE, error))
    return FALSE;
  return fsync (copy->out) == 0 || fail ("Syncing", copy->to, error);
}

/* From the disk, as far as the kernel lets go of what it has in memory. */
static gboolean
compare_bytes (Copy *copy, GCancellable *cancellable, GError **error)
{
  gssize n = 0;
  gssize m = 0;

  posix_fadvise (copy->out, 0, 0, POSIX_FADV_DONTNEED);
  if (lseek (copy->in, 0, SEEK_SET) != 0 || lseek (copy->out, 0, SEEK_SET) != 0)
    return fail ("Reading", copy->to, error);
  do
    {
      n = read_step (copy->in, copy->from, copy->bytes, error);
      m = n < 0 ? -1 : read_step (copy->out, copy->to, copy->again, error);
      if (n < 0 || m < 0 || g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (n != m || memcmp (copy->bytes, copy->again, (gsize) n) != 0)
        {
          g_set_error (error, MC_ERROR, MC_ERROR_CORRUPT, "%s is not what was written to it",
                       copy->to);
          return FALSE;
        }
    }
  while (n > 0);
  return TRUE;
}

static gboolean
is_later (const struct timespec *one, const struct timespec *other)
{
  return one->tv_sec != other->tv_sec ? one->tv_sec > other->tv_sec : one->tv_nsec > other->tv_nsec;
}

/* A copy is read back after it was written, so what changed in the original since is later. */
static gboolean
is_same_file (const char *from, const char *to)
{
  GStatBuf a;
  GStatBuf b;

  return g_stat (from, &a) == 0 && g_stat (to, &b) == 0 && a.st_size == b.st_size
         && a.st_mode == b.st_mode && !is_later (&a.st_mtim, &b.st_mtim);
}

gboolean
mc_store_copy_is_current (const char *source, const char *target, const McDigest *digest)
{
  g_autofree char *from = mc_pack_make_path (source, digest);
  g_autofree char *to = mc_pack_make_path (target, digest);

  return is_same_file (from, to);
}

static gboolean
copy_open (Copy *copy, const char *working, GStatBuf *info, GError **error)
{
  copy->in = g_open (copy->from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
  if (copy->in < 0 || fstat (copy->in, info) != 0)
    return fail ("Opening", copy->from, error);
  if (g_unlink (working) != 0 && errno != ENOENT)
    return fail ("Removing", working, error);
  copy->out = g_open (working, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (copy->out < 0)
    return fail ("Making", working, error);
  copy->bytes = g_malloc (MC_COPY_STEP);
  copy->again = g_malloc (MC_COPY_STEP);
  return TRUE;
}

gboolean
mc_store_copy_file (
    const char *from, const char *to, int *steps, GCancellable *cancellable, GError **error)
{
  g_autofree char *working = g_strconcat (to, ".copying", NULL);
  g_autofree char *folder = g_path_get_dirname (to);
  g_auto (Copy) copy = { from, working, -1, -1, NULL, NULL };
  GStatBuf info;

  if (!copy_open (&copy, working, &info, error) || !copy_bytes (&copy, steps, cancellable, error)
      || !compare_bytes (&copy, cancellable, error))
    {
      g_unlink (working);
      return FALSE;
    }
  if (fchmod (copy.out, info.st_mode & 0777) != 0 || g_rename (working, to) != 0)
    return fail ("Naming", to, error);
  return sync_folder (folder, error);
}

gboolean
mc_store_copy_pack (const char *source,
                    const char *target,
                    const McDigest *digest,
                    int *steps,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *from = mc_pack_make_path (source, digest);
  g_autofree char *to = mc_pack_make_path (target, digest);

  /* A sealed pack hardly ever changes, so one that has its name mostly is this one. */
  if (mc_pack_is_sealed (source, digest) && is_same_file (from, to))
    return TRUE;
  return mc_pack_make_folder (target, digest, error)
         && mc_store_copy_file (from, to, steps, cancellable, error);
}

/* --- removing --- */

static void
remove_named (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (g_unlink (path) != 0 && errno != ENOENT)
    g_warning ("Removing %s: %s", path, g_strerror (errno));
}

static gboolean
is_of_database (const char *name)
{
  return g_str_has_prefix (name, "catalog.db") || g_str_has_prefix (name, "small.db");
}

/* What a copy that was stopped left among the packs. */
static void
remove_unfinished (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".pack.copying"))
      remove_named (folder, name);
}

static void
remove_pack_folders (const char *packs)
{
  g_autoptr (GDir) dir = g_dir_open (packs, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (packs, name, NULL);

      remove_unfinished (path);
      g_rmdir (path); /* stays if anything else is in it */
    }
  g_rmdir (packs);
}

/* FALSE if some had to stay. */
static gboolean
remove_listed (const char *folder, GHashTable *packs, GHashTable *keep)
{
  gboolean all = TRUE;
  GHashTableIter iter;
  gpointer digest;

  g_hash_table_iter_init (&iter, packs);
  while (g_hash_table_iter_next (&iter, &digest, NULL))
    {
      g_autoptr (GError) error = NULL;

      if (keep != NULL && g_hash_table_contains (keep, digest))
        all = FALSE;
      else if (!mc_pack_unlink (folder, digest, &error))
        {
          g_warning ("%s", error->message);
          all = FALSE;
        }
    }
  return all;
}

static gboolean
remove_packs (const char *folder, GHashTable *keep)
{
  g_autoptr (GHashTable) aside =
      g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, NULL);
  g_autoptr (GHashTable) packs = mc_pack_list (folder, aside);
  gboolean all = remove_listed (folder, packs, keep);

  return remove_listed (folder, aside, keep) && all;
}

gboolean
mc_store_copy_remove (const char *folder, GHashTable *keep)
{
  g_autofree char *packs = g_build_filename (folder, "packs", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  if (dir == NULL)
    return TRUE;
  if (!remove_packs (folder, keep))
    return FALSE;
  remove_pack_folders (packs);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (is_of_database (name) || strcmp (name, MARK) == 0 || strcmp (name, "reserve") == 0)
      remove_named (folder, name);
  remove_named (folder, "lock");
  if (g_rmdir (folder) != 0 && errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
    g_info ("Removing %s: %s", folder, g_strerror (errno));
  return TRUE;
}

gboolean
mc_store_copy_undo (const char *source, const char *target)
{
  return !is_marked (source, target) || mc_store_copy_remove (target, NULL);
}
