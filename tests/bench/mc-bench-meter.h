/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What something costs: time, CPU, bytes to and from the disk, memory. */

typedef struct
{
  double wall;     /* seconds */
  double cpu;      /* seconds, of all threads, in the program and in the kernel */
  guint64 written; /* bytes, as the kernel counts them for this process */
  guint64 read;    /* bytes, likewise */
} McBenchUse;

/* What this process used since it began. */
McBenchUse mc_bench_meter_now (void);

/* And since then. */
McBenchUse mc_bench_meter_since (const McBenchUse *start);

/* Runs a program to its end, with its output thrown away; its failure ends the run. */
McBenchUse mc_bench_meter_program (const char *const *arguments);

/* Memory of this process: gives back what is free, forgets the peak, says what remains, bytes. */
guint64 mc_bench_meter_start_memory (void);
guint64 mc_bench_meter_get_peak (void); /* the most since then, bytes; files it maps included */

/* Waits until all that was written to that file system is on the disk. */
void mc_bench_meter_settle (const char *folder);

G_END_DECLS
