/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-source.h"

#include "mc-bench.h"
#include "mc-hasher.h"

#include <fcntl.h>
#include <unistd.h>

#define MARGIN (1024 * 1024) /* bytes left out at either end of what is split */

guint64
mc_bench_source_draw (guint64 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void
write_random (int fd, guint64 size, McHasher *hasher)
{
  g_autofree guint64 *words = g_malloc (MC_BENCH_PIECE);
  guint64 state = 0x9e3779b97f4a7c15;

  for (guint64 done = 0; done < size;)
    {
      gsize length = (gsize) MIN (MC_BENCH_PIECE, size - done);

      for (gsize i = 0; i < MC_BENCH_PIECE / sizeof (guint64); i++)
        words[i] = mc_bench_source_draw (&state);
      mc_bench_check_errno ("Writing the source", write (fd, words, length) == (ssize_t) length);
      mc_hasher_update (hasher, words, length);
      done += length;
    }
}

McBenchSource *
mc_bench_source_make (const char *path, guint64 size)
{
  McBenchSource *self = g_new0 (McBenchSource, 1);
  g_autoptr (McHasher) hasher = mc_hasher_new (MC_DIGEST_SHA256, size);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  mc_bench_check_errno (path, fd >= 0);
  write_random (fd, size, hasher);
  mc_bench_check_errno (path, fdatasync (fd) == 0);
  close (fd);
  self->path = g_strdup (path);
  self->size = size;
  self->digest = mc_hasher_finish (hasher);
  return self;
}

static McDigest
hash_range (const char *path, guint64 offset, guint64 size)
{
  g_autoptr (McHasher) hasher = mc_hasher_new (MC_DIGEST_SHA256, size);
  g_autofree guint8 *buffer = g_malloc (MC_BENCH_PIECE);
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  mc_bench_check_errno (path, fd >= 0);
  for (guint64 done = 0; done < size;)
    {
      gsize length = (gsize) MIN (MC_BENCH_PIECE, size - done);

      mc_bench_source_read (fd, buffer, length, offset + done);
      mc_hasher_update (hasher, buffer, length);
      done += length;
    }
  close (fd);
  return mc_hasher_finish (hasher);
}

McBenchSource *
mc_bench_source_split (const McBenchSource *whole, guint index, guint n)
{
  McBenchSource *self = g_new0 (McBenchSource, 1);

  self->path = g_strdup (whole->path);
  self->size = (whole->size - 2 * MARGIN) / n;
  self->offset = whole->offset + MARGIN + index * self->size;
  self->digest = hash_range (self->path, self->offset, self->size);
  return self;
}

void
mc_bench_source_free (McBenchSource *self)
{
  g_free (self->path);
  g_free (self);
}

void
mc_bench_source_read (int fd, void *buffer, gsize length, guint64 offset)
{
  gsize done = 0;

  while (done < length)
    {
      ssize_t n = pread (fd, (char *) buffer + done, length - done, (off_t) (offset + done));

      mc_bench_check_errno ("Reading the source", n > 0);
      done += (gsize) n;
    }
}
