/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-pack.h"

#include "mc-error.h"
#include "mc-fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* A pack as a file: its name, its place, its permissions. Nothing here looks into it. */

char *
mc_pack_make_path (const char *folder, const McDigest *digest)
{
  g_autofree char *hex = mc_digest_to_hex (digest);

  return g_strdup_printf ("%s/packs/%.2s/%s.pack", folder, hex, hex);
}

gboolean
mc_pack_parse_name (const char *name, McDigest *digest)
{
  g_autofree char *hex = NULL;

  if (!g_str_has_suffix (name, ".pack"))
    return FALSE;
  hex = g_strndup (name, strlen (name) - strlen (".pack"));
  return mc_digest_parse_hex (digest, MC_DIGEST_SHA256, hex)
         || mc_digest_parse_hex (digest, MC_DIGEST_GIT_SHA1, hex);
}

/* Sets @error from errno. */
static gboolean
fail (const char *doing, const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, MC_ERROR,
               code == ENOSPC || code == EDQUOT ? MC_ERROR_NO_SPACE : MC_ERROR_STORE, "%s %s: %s",
               doing, path, g_strerror (code));
  return FALSE;
}

/* Waits until what was changed of a file, or of the names in a folder, is on the disk. */
static gboolean
sync_path (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gboolean ok;

  if (fd < 0)
    return fail ("Opening", path, error);
  ok = fsync (fd) == 0 || fail ("Syncing", path, error);
  close (fd);
  return ok;
}

/* A folder that is not there has no names to be kept. */
static gboolean
sync_parent (const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);

  return !g_file_test (parent, G_FILE_TEST_IS_DIR) || sync_path (parent, error);
}

static gboolean
make_folder (const char *path, const char *parent, GError **error)
{
  if (g_mkdir (path, 0700) != 0 && errno != EEXIST)
    return fail ("Making", path, error);
  return sync_path (parent, error);
}

gboolean
mc_pack_make_folder (const char *folder, const McDigest *digest, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *packs = g_path_get_dirname (parent);

  /* Whoever made the pack got past this; whoever made a folder alone may have ended before it was
   * on the disk. */
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  return make_folder (packs, folder, error) && make_folder (parent, packs, error);
}

static gboolean
is_sealed (const struct stat *info)
{
  return S_ISREG (info->st_mode) && (info->st_mode & S_IWUSR) == 0;
}

static gboolean
parse_aside (const char *name, McDigest *digest)
{
  g_autofree char *pack = NULL;

  if (!g_str_has_suffix (name, ".damaged"))
    return FALSE;
  pack = g_strndup (name, strlen (name) - strlen (".damaged"));
  return mc_pack_parse_name (pack, digest);
}

/* @name: the folder's, the first two digits of all packs in it. */
static void
list_folder (int fd, const char *name, GHashTable *packs, GHashTable *aside)
{
  DIR *dir = fdopendir (fd);
  struct dirent *entry;
  struct stat info;
  McDigest digest;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (strncmp (entry->d_name, name, 2) != 0)
      continue;
    else if (parse_aside (entry->d_name, &digest))
      {
        if (aside != NULL)
          g_hash_table_add (aside, mc_digest_copy (&digest));
      }
    else if (mc_pack_parse_name (entry->d_name, &digest)
             && fstatat (fd, entry->d_name, &info, 0) == 0)
      g_hash_table_insert (packs, mc_digest_copy (&digest), GINT_TO_POINTER (is_sealed (&info)));
  if (dir == NULL)
    close (fd);
  else
    closedir (dir);
}

GHashTable *
mc_pack_list (const char *folder, GHashTable *aside)
{
  GHashTable *packs = g_hash_table_new_full (mc_digest_hash, mc_digest_equal, g_free, NULL);
  g_autofree char *path = g_strconcat (folder, "/packs", NULL);
  DIR *dir = opendir (path);
  struct dirent *entry;

  if (dir == NULL && errno != ENOENT)
    g_warning ("Opening %s: %s", path, g_strerror (errno));
  while (dir != NULL && (entry = readdir (dir)) != NULL)
    {
      int fd;

      if (strlen (entry->d_name) != 2 || strcmp (entry->d_name, "..") == 0)
        continue;
      fd = openat (dirfd (dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (fd >= 0)
        list_folder (fd, entry->d_name, packs, aside);
      else if (errno != ENOTDIR)
        g_warning ("Opening %s/%s: %s", path, entry->d_name, g_strerror (errno));
    }
  if (dir != NULL)
    closedir (dir);
  return packs;
}

gboolean
mc_pack_is_sealed (const char *folder, const McDigest *digest)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);
  GStatBuf info;

  return g_stat (path, &info) == 0 && is_sealed (&info);
}

void
mc_pack_seal (const char *folder, const McDigest *digest)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);

  if (g_chmod (path, 0400) != 0)
    g_info ("%s stays writable: %s", path, g_strerror (errno));
}

gboolean
mc_pack_settle (const char *folder, const McDigest *digest, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);
  g_autofree char *journal = g_strconcat (path, "-journal", NULL);

  return sync_path (path, error)
         && (!g_file_test (journal, G_FILE_TEST_EXISTS) || sync_path (journal, error));
}

gboolean
mc_pack_unseal (const char *folder, const McDigest *digest, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);

  if (!mc_pack_is_sealed (folder, digest))
    return TRUE;
  if (g_chmod (path, 0600) != 0)
    return fail ("Making writable", path, error);
  return sync_path (path, error);
}

/* --- growing --- */

/* Bytes of a stretch: little enough not to be missed if the download rests. */
#define STRETCH (64 * 1024 * 1024)

void
mc_pack_grow_begin (McPackGrowth *growth, const char *path, guint64 content_size)
{
  GStatBuf info;

  /* Its own descriptor, which stays open as long as SQLite's: closing one gives up the locks of
   * all.
   */
  growth->fd = g_open (path, O_RDWR | O_CLOEXEC, 0);
  growth->most = content_size + content_size / 1024 + 1024 * 1024;
  if (growth->fd >= 0 && fstat (growth->fd, &info) == 0)
    growth->reserved = growth->pushed = (guint64) info.st_size;
}

void
mc_pack_grow_reserve (McPackGrowth *growth, gsize length)
{
  GStatBuf info;
  guint64 end;

  if (growth->fd < 0 || fstat (growth->fd, &info) != 0)
    return;
  end = (guint64) info.st_size + length + length / 1024;
  if (end <= growth->reserved || (guint64) info.st_size >= growth->most)
    return;
  /* The size stays: it is SQLite's. A file system that cannot do it, or is full, will show. */
  end = MAX (end, MIN ((guint64) info.st_size + STRETCH, growth->most));
  fallocate (growth->fd, FALLOC_FL_KEEP_SIZE, info.st_size, (off_t) end - info.st_size);
  growth->reserved = end;
}

void
mc_pack_grow_push (McPackGrowth *growth)
{
  GStatBuf info;

  if (growth->fd < 0 || fstat (growth->fd, &info) != 0 || (guint64) info.st_size <= growth->pushed)
    return;
  sync_file_range (growth->fd, (off_t) growth->pushed, info.st_size - (off_t) growth->pushed,
                   SYNC_FILE_RANGE_WRITE);
  growth->pushed = (guint64) info.st_size;
}

void
mc_pack_grow_end (McPackGrowth *growth)
{
  GStatBuf info;

  if (growth->fd < 0)
    return;
  if (fstat (growth->fd, &info) == 0 && (guint64) info.st_size < growth->reserved
      && ftruncate (growth->fd, info.st_size) != 0)
    g_info ("The room that was reserved for a pack stays: %s", g_strerror (errno));
  close (growth->fd);
  growth->fd = -1;
}

static gboolean
remove_file (const char *path, const char *suffix, GError **error)
{
  g_autofree char *name = g_strconcat (path, suffix, NULL);

  return g_unlink (name) == 0 || errno == ENOENT || fail ("Removing", name, error);
}

gboolean
mc_pack_unlink (const char *folder, const McDigest *digest, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);

  /* The journal goes first: it must never be rolled into a later pack of that name. */
  return mc_fault_point ("pack.unlink", MC_ERROR, MC_ERROR_STORE, error)
         && remove_file (path, ".damaged", error) && remove_file (path, "-journal", error)
         && remove_file (path, "", error) && sync_parent (path, error);
}

gboolean
mc_pack_put_aside (const char *folder, const McDigest *digest, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);
  g_autofree char *aside = g_strconcat (path, ".damaged", NULL);

  /* A journal that a crash leaves between the two is not rolled into an empty file. */
  if (g_rename (path, aside) != 0 && errno != ENOENT)
    return fail ("Renaming", path, error);
  return remove_file (path, "-journal", error);
}

gboolean
mc_pack_remove_aside (const char *folder, const McDigest *digest, GError **error)
{
  g_autofree char *path = mc_pack_make_path (folder, digest);
  g_autofree char *aside = g_strconcat (path, ".damaged", NULL);

  return !g_file_test (aside, G_FILE_TEST_EXISTS)
         || (remove_file (aside, "", error) && sync_parent (aside, error));
}
