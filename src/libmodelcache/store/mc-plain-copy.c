/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-plain-copy.h"

#include "mc-content-reader.h"
#include "mc-error.h"
#include "mc-fault.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* Little enough to be in the processor's cache when it is written; that many fit an int. */
#define PIECE (512 * 1024)
#define LARGE (8 * 1024 * 1024) /* bytes that a second thread is worth its while for */

static gboolean
fail (const char *doing, int code, GError **error)
{
  g_set_error (error, MC_ERROR,
               code == ENOSPC || code == EDQUOT ? MC_ERROR_NO_SPACE : MC_ERROR_STORE, "%s: %s",
               doing, g_strerror (code));
  return FALSE;
}

int
mc_plain_copy_open (const char *folder, GError **error)
{
  g_autofree char *template = NULL;
  int fd = g_open (folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0400);

  if (fd >= 0)
    return fd;
  /* Not every file system has them. */
  template = g_build_filename (folder, "copy-XXXXXX", NULL);
  fd = g_mkstemp_full (template, O_RDWR | O_CLOEXEC, 0400);
  if (fd < 0)
    fail ("Making a copy to hand out", errno, error);
  else
    g_unlink (template);
  return fd;
}

gboolean
mc_plain_copy_make_room (int fd, guint64 size, GError **error)
{
  int code = size > 0 ? posix_fallocate (fd, 0, (off_t) size) : 0;

  if (code != 0)
    return fail ("Making a copy to hand out", code, error);
  return mc_fault_point ("copy.space", MC_ERROR, MC_ERROR_NO_SPACE, error);
}

static gboolean
write_all (int fd, const guint8 *bytes, gsize length, guint64 offset, GError **error)
{
  while (length > 0)
    {
      gssize n = pwrite (fd, bytes, length, (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail ("Writing a copy to hand out", errno, error);
      bytes += n;
      offset += (guint64) n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* What two threads work on, each piece after piece: reading with its checks and writing take about
 * as long as each other. They stay together, so that the disk reads in order. */
typedef struct
{
  int fd;
  const char *folder;
  const McDigest *digest;
  guint64 size;
  GCancellable *cancellable;
  int next;      /* atomic: the piece that nobody took yet */
  int failed;    /* atomic: one of them did */
  GError *error; /* (owned) (nullable): of the second one */
} Fill;

static gboolean
fill_pieces (Fill *fill, GError **error)
{
  g_autoptr (McContentReader) reader =
      mc_content_reader_open (fill->folder, fill->digest, fill->size, error);
  g_autofree guint8 *piece = g_malloc (PIECE);
  guint64 offset;

  while (reader != NULL && !g_atomic_int_get (&fill->failed)
         && (offset = (guint64) g_atomic_int_add (&fill->next, 1) * PIECE) < fill->size)
    {
      gsize length = (gsize) MIN (PIECE, fill->size - offset);

      if (g_cancellable_set_error_if_cancelled (fill->cancellable, error)
          || !mc_content_reader_read_into (reader, offset, piece, length, error)
          || !write_all (fill->fd, piece, length, offset, error))
        {
          g_atomic_int_set (&fill->failed, TRUE);
          return FALSE;
        }
    }
  return reader != NULL;
}

static gpointer
run_second (gpointer data)
{
  Fill *fill = data;

  fill_pieces (fill, &fill->error);
  return NULL;
}

gboolean
mc_plain_copy_fill (int fd,
                    const char *folder,
                    const McDigest *digest,
                    guint64 size,
                    GCancellable *cancellable,
                    GError **error)
{
  Fill fill = { fd, folder, digest, size, cancellable };
  GThread *second = size >= LARGE ? g_thread_new ("mc-copy", run_second, &fill) : NULL;
  gboolean ok = fill_pieces (&fill, error);

  if (second != NULL)
    g_thread_join (second);
  if (ok && fill.error != NULL)
    {
      g_propagate_error (error, fill.error);
      return FALSE;
    }
  g_clear_error (&fill.error);
  return ok;
}
