/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-plain-copy.h"

#include "mc-content-reader.h"
#include "mc-error.h"
#include "mc-fault.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static gboolean
fail (const char *doing, int code, GError **error)
{
  g_set_error (error, MC_ERROR,
               code == ENOSPC || code == EDQUOT ? MC_ERROR_NO_SPACE : MC_ERROR_STORE, "%s: %s",
               doing, g_strerror (code));
  return FALSE;
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
write_all (int fd, const guint8 *bytes, gsize length, GError **error)
{
  while (length > 0)
    {
      gssize n = write (fd, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail ("Writing a copy to hand out", errno, error);
      bytes += n;
      length -= (gsize) n;
    }
  return TRUE;
}

gboolean
mc_plain_copy_fill (int fd,
                    const char *folder,
                    const McDigest *digest,
                    guint64 size,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (McContentReader) reader = mc_content_reader_open (folder, digest, size, error);
  g_autofree guint8 *piece = g_malloc (MC_PIECE_SIZE);
  gsize length;

  if (reader == NULL)
    return FALSE;
  for (guint64 offset = 0; offset < size; offset += length)
    {
      length = (gsize) MIN (MC_PIECE_SIZE, size - offset);
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !mc_content_reader_read_into (reader, offset, piece, length, error)
          || !write_all (fd, piece, length, error))
        return FALSE;
    }
  return TRUE;
}
