/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-bench-source.h"

G_BEGIN_DECLS

/* The plain file that the store is compared with. Blocking; any thread. */

/* Writes the source's bytes to a new file in pieces, with an fdatasync() after each so many of them
 * and at the end. */
void mc_bench_rival_write (const McBenchSource *source, const char *path);

/* Reads the range with read(), 1 MiB at a time. */
void mc_bench_rival_read (const McBenchSource *source);

/* Reads that many slices at random places, the same ones for the same seed. */
void mc_bench_rival_read_random (const McBenchSource *source, guint n, guint64 seed);

/* Takes the file's bytes out of the page cache. */
void mc_bench_rival_forget (const char *path);

G_END_DECLS
