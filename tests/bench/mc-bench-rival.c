/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-rival.h"

#include "mc-bench.h"

#include <fcntl.h>
#include <unistd.h>

#define READ_AT_ONCE (1024 * 1024) /* bytes */

static int
open_file (const char *path, int flags)
{
  int fd = open (path, flags | O_CLOEXEC, 0600);

  mc_bench_check_errno (path, fd >= 0);
  return fd;
}

void
mc_bench_rival_write (const McBenchSource *source, const char *path)
{
  g_autofree guint8 *buffer = g_malloc (MC_BENCH_PIECE);
  int from = open_file (source->path, O_RDONLY);
  int to = open_file (path, O_WRONLY | O_CREAT | O_EXCL);
  guint n = 0;

  for (guint64 done = 0; done < source->size;)
    {
      gsize length = (gsize) MIN (MC_BENCH_PIECE, source->size - done);

      mc_bench_source_read (from, buffer, length, source->offset + done);
      mc_bench_check_errno (path, write (to, buffer, length) == (ssize_t) length);
      if (++n % MC_BENCH_SYNC_EVERY == 0)
        mc_bench_check_errno (path, fdatasync (to) == 0);
      done += length;
    }
  mc_bench_check_errno (path, fdatasync (to) == 0);
  close (to);
  close (from);
}

void
mc_bench_rival_read (const McBenchSource *source)
{
  g_autofree guint8 *buffer = g_malloc (READ_AT_ONCE);
  int fd = open_file (source->path, O_RDONLY);
  guint64 left = source->size;

  mc_bench_check_errno (source->path, lseek (fd, (off_t) source->offset, SEEK_SET) >= 0);
  while (left > 0)
    {
      ssize_t n = read (fd, buffer, (gsize) MIN (READ_AT_ONCE, left));

      mc_bench_check_errno (source->path, n > 0);
      left -= (guint64) n;
    }
  close (fd);
}

void
mc_bench_rival_read_random (const McBenchSource *source, guint n, guint64 seed)
{
  g_autofree guint8 *buffer = g_malloc (MC_BENCH_SLICE);
  int fd = open_file (source->path, O_RDONLY);

  for (guint i = 0; i < n; i++)
    {
      guint64 slice = mc_bench_source_draw (&seed) % (source->size / MC_BENCH_SLICE);

      mc_bench_source_read (fd, buffer, MC_BENCH_SLICE, source->offset + slice * MC_BENCH_SLICE);
    }
  close (fd);
}

void
mc_bench_rival_forget (const char *path)
{
  int fd = open_file (path, O_RDONLY);

  mc_bench_check_errno (path, fdatasync (fd) == 0);
  mc_bench_check_errno (path, posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
  close (fd);
}
