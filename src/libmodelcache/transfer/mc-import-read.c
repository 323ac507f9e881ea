/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-import-read.h"

#include "mc-chunk-hash.h"
#include "mc-error.h"
#include "mc-hasher.h"
#include "mc-pack.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file is read twice: to know what it is, and, if it is to be adopted, to be stored. Each chunk
 * of the second reading must be that of the first, so that no byte is put that was not hashed:
 * wrong ones would cost what is here of that content already. */

static gboolean
fail_errno (const McImportFile *file, GError **error)
{
  g_set_error (error, MC_ERROR, MC_ERROR_FAILED, "%s cannot be read: %s", file->name,
               g_strerror (errno));
  return FALSE;
}

static gboolean
fail_changed (const McImportFile *file, GError **error)
{
  g_set_error (error, MC_ERROR, MC_ERROR_CORRUPT, "%s changed while it was read", file->name);
  return FALSE;
}

static gboolean
check_same (const McImportFile *file, int fd, GError **error)
{
  struct stat info;
  gint64 modified;

  if (fstat (fd, &info) != 0)
    return fail_errno (file, error);
  modified = info.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + info.st_mtim.tv_nsec;
  if (S_ISREG (info.st_mode) && info.st_dev == file->device && info.st_ino == file->inode
      && (guint64) info.st_size == file->size && modified == file->modified_ns)
    return TRUE;
  return fail_changed (file, error);
}

int
mc_import_open (const McImportFile *file, GError **error)
{
  /* What has become a pipe meanwhile must not hold anybody up. */
  int fd = open (file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    {
      fail_errno (file, error);
      return -1;
    }
  if (!check_same (file, fd, error))
    {
      close (fd);
      return -1;
    }
  posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return fd;
}

static gboolean
read_exactly (
    const McImportFile *file, int fd, guint64 offset, guint8 *buffer, gsize length, GError **error)
{
  for (gsize have = 0; have < length;)
    {
      gssize n = pread (fd, buffer + have, length - have, (off_t) (offset + have));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail_errno (file, error);
      if (n == 0)
        return fail_changed (file, error);
      have += (gsize) n;
    }
  return TRUE;
}

static void
hash_chunk (const guint8 *bytes, gsize length, guint8 hash[MC_CHUNK_HASH_SIZE])
{
  gsize size = mc_chunk_count_blocks (length) * MC_CHECK_SIZE;
  g_autofree guint8 *checks = g_malloc (size);

  mc_chunk_make_checks (bytes, length, checks);
  mc_chunk_make_hash (checks, size, hash);
}

typedef struct
{
  McHasher *sha256; /* (owned) (nullable) */
  McHasher *git;    /* (owned) (nullable) */
} Hashers;

static void
hashers_clear (Hashers *hashers)
{
  g_clear_pointer (&hashers->sha256, mc_hasher_free);
  g_clear_pointer (&hashers->git, mc_hasher_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Hashers, hashers_clear)

static gboolean
hash_all (McImportFile *file,
          int fd,
          Hashers *hashers,
          int *progress,
          GCancellable *cancellable,
          GError **error)
{
  g_autofree guint8 *buffer = g_malloc (MC_CHUNK_SIZE);
  guint8 hash[MC_CHUNK_HASH_SIZE];

  for (guint64 offset = 0; offset < file->size; offset += MC_CHUNK_SIZE)
    {
      gsize length = (gsize) MIN (MC_CHUNK_SIZE, file->size - offset);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !read_exactly (file, fd, offset, buffer, length, error))
        return FALSE;
      hash_chunk (buffer, length, hash);
      g_byte_array_append (file->chunks, hash, sizeof hash);
      if (hashers->sha256 != NULL)
        mc_hasher_update (hashers->sha256, buffer, length);
      if (hashers->git != NULL)
        mc_hasher_update (hashers->git, buffer, length);
      g_atomic_int_inc (progress);
    }
  return check_same (file, fd, error);
}

gboolean
mc_import_hash (
    McImportFile *file, guint kinds, int *progress, GCancellable *cancellable, GError **error)
{
  g_auto (Hashers) hashers = { NULL, NULL };
  int fd = mc_import_open (file, error);
  gboolean done;

  if (fd < 0)
    return FALSE;
  g_clear_pointer (&file->chunks, g_byte_array_unref);
  file->chunks = g_byte_array_new ();
  if (kinds & (1u << MC_DIGEST_SHA256))
    hashers.sha256 = mc_hasher_new (MC_DIGEST_SHA256, file->size);
  if (kinds & (1u << MC_DIGEST_GIT_SHA1))
    hashers.git = mc_hasher_new (MC_DIGEST_GIT_SHA1, file->size);
  done = hash_all (file, fd, &hashers, progress, cancellable, error);
  close (fd);
  if (!done)
    return FALSE;
  if (hashers.sha256 != NULL)
    file->sha256 = mc_hasher_finish (hashers.sha256);
  if (hashers.git != NULL)
    file->git = mc_hasher_finish (hashers.git);
  file->hashed = TRUE;
  return TRUE;
}

GBytes *
mc_import_read_chunk (
    const McImportFile *file, int fd, guint64 offset, gsize length, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (MAX (length, 1));
  guint8 hash[MC_CHUNK_HASH_SIZE];
  gsize place = (gsize) (offset / MC_CHUNK_SIZE) * sizeof hash;

  if (!read_exactly (file, fd, offset, buffer, length, error))
    return NULL;
  hash_chunk (buffer, length, hash);
  if (length > 0
      && (place + sizeof hash > file->chunks->len
          || memcmp (file->chunks->data + place, hash, sizeof hash) != 0))
    {
      fail_changed (file, error);
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&buffer), length);
}
