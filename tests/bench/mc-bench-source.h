/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

G_BEGIN_DECLS

/* The bytes that are brought into the store: a range of a file of random bytes, which do not
 * compress. */

typedef struct
{
  char *path; /* (owned) */
  guint64 offset;
  guint64 size;
  McDigest digest; /* SHA-256 of the range */
} McBenchSource;

/* Makes the file and takes all of it. */
McBenchSource *mc_bench_source_make (const char *path, guint64 size);

/* Part @index of @n parts of another, without its ends and off its chunks, so that the two have no
 * chunk in common. */
McBenchSource *mc_bench_source_split (const McBenchSource *whole, guint index, guint n);
void mc_bench_source_free (McBenchSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McBenchSource, mc_bench_source_free)

/* Reads exactly that range of a descriptor. */
void mc_bench_source_read (int fd, void *buffer, gsize length, guint64 offset);

/* A number that depends on the state alone, and the state after it. */
guint64 mc_bench_source_draw (guint64 *state);

G_END_DECLS
