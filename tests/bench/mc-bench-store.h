/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-bench-source.h"

G_BEGIN_DECLS

/* The store as its own programs use it; no other file of the bench knows its functions. What fails
 * ends the run. */
typedef struct _McBenchStore McBenchStore;

McBenchStore *mc_bench_store_open (const char *folder);
void mc_bench_store_close (McBenchStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McBenchStore, mc_bench_store_close)

/* Makes the sources known as the files of one repo, which is held; what comes in stays as it is,
 * unless compression is turned on again. */
void mc_bench_store_hold (McBenchStore *self, McBenchSource *const *sources, guint n);

void mc_bench_store_compress (McBenchStore *self, gboolean compressed);

/* Brings them all in at once, each through a writer of its own, until their digests were checked
 * and they are complete. */
void mc_bench_store_ingest (McBenchStore *self, McBenchSource *const *sources, guint n);

/* Deletes the repo and all that it holds. */
void mc_bench_store_drop (McBenchStore *self);

/* Blocking, any thread: all of a content from the first byte to the last; slices of it at random
 * places; and its verification. */
void mc_bench_store_read (const char *folder, const McBenchSource *source);
/* The same chunks, past the reader, which compares them with their checks. */
void mc_bench_store_read_unchecked (const char *folder, const McBenchSource *source);
void
mc_bench_store_read_random (const char *folder, const McBenchSource *source, guint n, guint64 seed);
void mc_bench_store_verify (const char *folder, const McBenchSource *source);

/* Takes the content's bytes out of the page cache. */
void mc_bench_store_forget (const char *folder, const McBenchSource *source);

/* Asks for the state of every variant of every repo; says how many there were. */
guint mc_bench_store_list (McBenchStore *self);

/* Asks that many times whether a file is here, by the names of its repo and of the file; says how
 * often it was. */
guint mc_bench_store_has_files (McBenchStore *self, guint n);

G_END_DECLS
