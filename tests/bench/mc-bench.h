/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* What is measured, with what, and what came out. One thread, but where a subject says so. */

#define MC_BENCH_PIECE (5 * 1024 * 1024) /* bytes of a chunk, and of a plain file's write */
#define MC_BENCH_SYNC_EVERY 8            /* pieces between two fdatasync() of a plain file */
#define MC_BENCH_PARALLEL 4              /* ingests at once */
#define MC_BENCH_SLICE (64 * 1024)       /* bytes of a random read */

typedef struct
{
  char *folder; /* (owned): made for this run, removed after it */
  guint64 size; /* bytes of the large content */
  guint rounds;
  guint64 rows;        /* chunk rows of the large store */
  GPtrArray *figures;  /* (owned): McBenchFigure, in the order they were begun */
  const char *subject; /* that runs */
} McBench;

/* The subjects. */
void mc_bench_ingest (McBench *bench);
void mc_bench_read (McBench *bench);
void mc_bench_parallel (McBench *bench);
void mc_bench_delete (McBench *bench);
void mc_bench_memory (McBench *bench);
void mc_bench_large (McBench *bench);
void mc_bench_limit (McBench *bench);
void mc_bench_download (McBench *bench);
void mc_bench_distance (McBench *bench);
void mc_bench_serve (McBench *bench);
void mc_bench_files (McBench *bench);
void mc_bench_codec (McBench *bench);
void mc_bench_variants (McBench *bench);
void mc_bench_window (McBench *bench);

/* A path in the folder of this run. */
char *mc_bench_make_path (McBench *bench, const char *name);

/* Says on the terminal how far it is. */
void mc_bench_say (McBench *bench, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Ends the run. */
void mc_bench_die (const char *format, ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

/* Ends the run if there is an error. */
void mc_bench_check (const char *doing, GError *error);
void mc_bench_check_errno (const char *doing, gboolean ok);

G_END_DECLS
