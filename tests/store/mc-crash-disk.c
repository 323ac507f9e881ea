/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
/* Both names of a call, with and without 64, are defined below. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include "config.h"
#include "mc-crash-disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A change is made and recorded under one lock, so that the record has the order in which they
 * happened. Files are known by the descriptor they were opened with. */

#define MAX_DESCRIPTORS 1024

static struct
{
  GMutex lock;
  char *folder;    /* (owned) (nullable): NULL when nothing is watched */
  McCrashLog *log; /* borrowed (nullable) */
  McCrashDiskFault fault;
  guint at;
  guint passed;
  gboolean failed;
  guint files[MAX_DESCRIPTORS];      /* the file's number in the log; 0: not recorded */
  gboolean watched[MAX_DESCRIPTORS]; /* below the folder */
} disk;

#define NEXT(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

/* What libraries are to find must be seen. */
#pragma GCC visibility push(default)

/* Headers name some of them only with the other offset size. */
int open64 (const char *path, int flags, ...);
ssize_t pwrite64 (int fd, const void *bytes, size_t length, off64_t offset);
int ftruncate64 (int fd, off64_t size);
int fallocate64 (int fd, int mode, off64_t offset, off64_t length);
int posix_fallocate64 (int fd, off64_t offset, off64_t length);

/* --- watching --- */

void
mc_crash_disk_watch (const char *folder, McCrashLog *log, McCrashDiskFault fault, guint at)
{
  g_mutex_lock (&disk.lock);
  g_assert_null (disk.folder);
  disk.folder = g_strdup (folder);
  disk.log = log;
  disk.fault = fault;
  disk.at = at;
  disk.passed = 0;
  disk.failed = FALSE;
  g_mutex_unlock (&disk.lock);
}

void
mc_crash_disk_mend (void)
{
  g_mutex_lock (&disk.lock);
  disk.fault = MC_CRASH_DISK_SOUND;
  g_mutex_unlock (&disk.lock);
}

gboolean
mc_crash_disk_leave (void)
{
  g_mutex_lock (&disk.lock);
  for (guint i = 0; i < MAX_DESCRIPTORS; i++)
    g_assert_false (disk.watched[i]);
  g_clear_pointer (&disk.folder, g_free);
  disk.log = NULL;
  disk.fault = MC_CRASH_DISK_SOUND;
  g_mutex_unlock (&disk.lock);
  return disk.failed;
}

gboolean
mc_crash_disk_has_failed (void)
{
  gboolean failed;

  g_mutex_lock (&disk.lock);
  failed = disk.failed;
  g_mutex_unlock (&disk.lock);
  return failed;
}

gboolean
mc_crash_disk_is_sound (void)
{
  gboolean sound;

  g_mutex_lock (&disk.lock);
  sound = disk.fault == MC_CRASH_DISK_SOUND;
  g_mutex_unlock (&disk.lock);
  return sound;
}

guint
mc_crash_disk_get_length (void)
{
  guint length;

  g_mutex_lock (&disk.lock);
  length = disk.log == NULL ? 0 : mc_crash_log_get_length (disk.log);
  g_mutex_unlock (&disk.lock);
  return length;
}

/* --- with the lock held --- */

/* The path below the folder, or NULL. */
static const char *
below (const char *path)
{
  gsize length = disk.folder == NULL ? 0 : strlen (disk.folder);

  if (length == 0 || strncmp (path, disk.folder, length) != 0)
    return NULL;
  if (path[length] == '/')
    return path + length + 1;
  return path[length] == '\0' ? "" : NULL;
}

static gboolean
is_watched (int fd)
{
  return fd >= 0 && fd < MAX_DESCRIPTORS && disk.watched[fd];
}

/* Before each change: FALSE, with errno, if it fails. */
static gboolean
pass (gboolean takes_space)
{
  disk.passed++;
  if (disk.fault == MC_CRASH_DISK_FAULTY && disk.passed == disk.at)
    errno = EIO;
  else if (disk.fault == MC_CRASH_DISK_DEAD && disk.passed >= disk.at)
    errno = EIO;
  else if (disk.fault == MC_CRASH_DISK_FULL && disk.passed >= disk.at && takes_space)
    errno = ENOSPC;
  else
    return TRUE;
  disk.failed = TRUE;
  return FALSE;
}

/* --- opening and closing --- */

static void
note_opened (int fd, const char *path, gboolean made, gboolean emptied)
{
  const char *name = below (path);
  struct stat info;

  g_assert_cmpint (fd, <, MAX_DESCRIPTORS);
  disk.watched[fd] = TRUE;
  disk.files[fd] = 0;
  if (disk.log == NULL)
    return;
  g_assert_cmpint (fstat (fd, &info), ==, 0);
  if (made)
    disk.files[fd] = mc_crash_log_make (disk.log, name, info.st_mode & 07777, FALSE);
  else
    disk.files[fd] = mc_crash_log_find (disk.log, name);
  if (emptied && disk.files[fd] != 0)
    mc_crash_log_truncate (disk.log, disk.files[fd], 0);
}

static int
open_watched (const char *path, int flags, mode_t mode)
{
  static __typeof__ (&open64) next = NULL;
  gboolean made;
  gboolean emptied;
  gboolean nameless;
  int fd = -1;

  g_mutex_lock (&disk.lock);
  if (next == NULL)
    next = NEXT (open64);
  if (below (path) == NULL)
    {
      g_mutex_unlock (&disk.lock);
      return next (path, flags, mode);
    }
  made = (flags & O_CREAT) != 0 && access (path, F_OK) != 0;
  emptied = !made && (flags & O_TRUNC) != 0;
  nameless = (flags & O_TMPFILE) == O_TMPFILE;
  if ((!made && !emptied && !nameless) || pass (made || nameless))
    fd = next (path, flags, mode);
  if (fd >= 0 && !nameless)
    note_opened (fd, path, made, emptied);
  g_mutex_unlock (&disk.lock);
  return fd;
}

static mode_t
take_mode (int flags, va_list arguments)
{
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg (arguments, mode_t) : 0;
}

int
open (const char *path, int flags, ...)
{
  va_list arguments;
  int fd;

  va_start (arguments, flags);
  fd = open_watched (path, flags, take_mode (flags, arguments));
  va_end (arguments);
  return fd;
}

int
open64 (const char *path, int flags, ...)
{
  va_list arguments;
  int fd;

  va_start (arguments, flags);
  fd = open_watched (path, flags, take_mode (flags, arguments));
  va_end (arguments);
  return fd;
}

int
close (int fd)
{
  static __typeof__ (&close) next = NULL;
  int result;

  g_mutex_lock (&disk.lock);
  if (next == NULL)
    next = NEXT (close);
  if (is_watched (fd))
    disk.watched[fd] = FALSE;
  result = next (fd);
  g_mutex_unlock (&disk.lock);
  return result;
}

/* --- bytes --- */

/* What is written over takes none. */
static gboolean
takes_space (int fd, off64_t end)
{
  struct stat info;

  return fstat (fd, &info) != 0 || end > info.st_size;
}

static ssize_t
write_watched (int fd, const void *bytes, size_t length, off64_t offset)
{
  static __typeof__ (&pwrite64) next = NULL;
  ssize_t written = -1;

  g_mutex_lock (&disk.lock);
  if (next == NULL)
    next = NEXT (pwrite64);
  if (!is_watched (fd) || pass (takes_space (fd, offset + (off64_t) length)))
    written = next (fd, bytes, length, offset);
  if (written > 0 && is_watched (fd) && disk.files[fd] != 0)
    mc_crash_log_write (disk.log, disk.files[fd], (guint64) offset, bytes, (gsize) written);
  g_mutex_unlock (&disk.lock);
  return written;
}

ssize_t
pwrite (int fd, const void *bytes, size_t length, off_t offset)
{
  return write_watched (fd, bytes, length, offset);
}

ssize_t
pwrite64 (int fd, const void *bytes, size_t length, off64_t offset)
{
  return write_watched (fd, bytes, length, offset);
}

ssize_t
write (int fd, const void *bytes, size_t length)
{
  static __typeof__ (&write) next = NULL;

  if (is_watched (fd))
    {
      off64_t offset = lseek (fd, 0, SEEK_CUR);
      ssize_t written = write_watched (fd, bytes, length, offset);

      if (written > 0)
        lseek (fd, offset + written, SEEK_SET);
      return written;
    }
  if (next == NULL)
    next = NEXT (write);
  return next (fd, bytes, length);
}

static int
truncate_watched (int fd, off64_t size)
{
  static __typeof__ (&ftruncate64) next = NULL;
  int result = -1;

  g_mutex_lock (&disk.lock);
  if (next == NULL)
    next = NEXT (ftruncate64);
  if (!is_watched (fd) || pass (takes_space (fd, size)))
    result = next (fd, size);
  if (result == 0 && is_watched (fd) && disk.files[fd] != 0)
    mc_crash_log_truncate (disk.log, disk.files[fd], (guint64) size);
  g_mutex_unlock (&disk.lock);
  return result;
}

int
ftruncate (int fd, off_t size)
{
  return truncate_watched (fd, size);
}

int
ftruncate64 (int fd, off64_t size)
{
  return truncate_watched (fd, size);
}

/* Space that is asked for ahead makes the file longer, unless it is not to. */
static int
allocate_watched (int fd, int mode, off64_t offset, off64_t length)
{
  static __typeof__ (&fallocate64) next = NULL;
  struct stat info;
  int result = -1;

  g_mutex_lock (&disk.lock);
  if (next == NULL)
    next = NEXT (fallocate64);
  if (!is_watched (fd) || pass (TRUE))
    result = next (fd, mode, offset, length);
  if (result == 0 && is_watched (fd) && disk.files[fd] != 0 && fstat (fd, &info) == 0)
    mc_crash_log_truncate (disk.log, disk.files[fd], (guint64) info.st_size);
  g_mutex_unlock (&disk.lock);
  return result;
}

int
fallocate (int fd, int mode, off_t offset, off_t length)
{
  return allocate_watched (fd, mode, offset, length);
}

int
fallocate64 (int fd, int mode, off64_t offset, off64_t length)
{
  return allocate_watched (fd, mode, offset, length);
}

int
posix_fallocate (int fd, off_t offset, off_t length)
{
  return allocate_watched (fd, 0, offset, length) == 0 ? 0 : errno;
}

int
posix_fallocate64 (int fd, off64_t offset, off64_t length)
{
  return allocate_watched (fd, 0, offset, length) == 0 ? 0 : errno;
}

/* Nothing here is to outlive the machine: a watched sync is recorded, not done. */
static int
sync_watched (int fd, int (*next) (int fd))
{
  int result = -1;

  g_mutex_lock (&disk.lock);
  if (!is_watched (fd))
    result = next (fd);
  else if (pass (FALSE))
    {
      result = 0;
      if (disk.files[fd] != 0)
        mc_crash_log_sync (disk.log, disk.files[fd]);
    }
  g_mutex_unlock (&disk.lock);
  return result;
}

int
fsync (int fd)
{
  return sync_watched (fd, NEXT (fsync));
}

int
fdatasync (int fd)
{
  return sync_watched (fd, NEXT (fdatasync));
}

/* --- names --- */

int
unlink (const char *path)
{
  static __typeof__ (&unlink) next = NULL;
  const char *name;
  int result = -1;

  g_mutex_lock (&disk.lock);
  if (next == NULL)
    next = NEXT (unlink);
  name = below (path);
  if (name == NULL || access (path, F_OK) != 0 || pass (FALSE))
    result = next (path);
  if (result == 0 && name != NULL && disk.log != NULL)
    mc_crash_log_unlink (disk.log, name);
  g_mutex_unlock (&disk.lock);
  return result;
}

int
rename (const char *path, const char *to)
{
  static __typeof__ (&rename) next = NULL;
  const char *name;
  int result = -1;

  g_mutex_lock (&disk.lock);
  if (next == NULL)
    next = NEXT (rename);
  name = below (path);
  if (name == NULL || access (path, F_OK) != 0 || pass (FALSE))
    result = next (path, to);
  if (result == 0 && name != NULL && disk.log != NULL)
    mc_crash_log_rename (disk.log, name, below (to));
  g_mutex_unlock (&disk.lock);
  return result;
}

int
mkdir (const char *path, mode_t mode)
{
  static __typeof__ (&mkdir) next = NULL;
  const char *name;
  int result = -1;

  g_mutex_lock (&disk.lock);
  if (next == NULL)
    next = NEXT (mkdir);
  name = below (path);
  if (name == NULL || access (path, F_OK) == 0 || pass (TRUE))
    result = next (path, mode);
  if (result == 0 && name != NULL && disk.log != NULL)
    mc_crash_log_make (disk.log, name, mode, TRUE);
  g_mutex_unlock (&disk.lock);
  return result;
}

int
chmod (const char *path, mode_t mode)
{
  static __typeof__ (&chmod) next = NULL;
  const char *name;
  int result = -1;

  g_mutex_lock (&disk.lock);
  if (next == NULL)
    next = NEXT (chmod);
  name = below (path);
  if (name == NULL || access (path, F_OK) != 0 || pass (FALSE))
    result = next (path, mode);
  if (result == 0 && name != NULL && disk.log != NULL)
    mc_crash_log_set_mode (disk.log, mc_crash_log_find (disk.log, name), mode);
  g_mutex_unlock (&disk.lock);
  return result;
}

int
fchmod (int fd, mode_t mode)
{
  static __typeof__ (&fchmod) next = NULL;
  int result = -1;

  g_mutex_lock (&disk.lock);
  if (next == NULL)
    next = NEXT (fchmod);
  if (!is_watched (fd) || pass (FALSE))
    result = next (fd, mode);
  if (result == 0 && is_watched (fd) && disk.files[fd] != 0)
    mc_crash_log_set_mode (disk.log, disk.files[fd], mode);
  g_mutex_unlock (&disk.lock);
  return result;
}
