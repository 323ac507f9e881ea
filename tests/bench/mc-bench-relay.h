/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-bench.h"

G_BEGIN_DECLS

/* A server that seems far away: what passes through it to a port of this computer takes its time,
 * there and back, and no connection brings more than so many bytes a second. A process of its own,
 * that ends with the run. */

typedef struct
{
  char *url; /* (owned): http://127.0.0.1:PORT */
  pid_t process;
} McBenchRelay;

/* round_trip: microseconds; the same again until a connection is made. Before any thread is begun.
 */
McBenchRelay *mc_bench_relay_start (guint port, gint64 round_trip, guint64 bytes_per_second);
void mc_bench_relay_stop (McBenchRelay *self);

G_END_DECLS
