/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-bench.h"

G_BEGIN_DECLS

/* A web server that is not the bottleneck: nginx with a configuration of its own, all of it in the
 * folder of the run. It ends with the run. */

typedef struct
{
  char *folder;    /* (owned): of what it serves */
  char *url;       /* (owned): http://127.0.0.1:PORT */
  char *secure;    /* (owned): the same over TLS */
  char *authority; /* (owned): path of the certificate that stands for it, PEM */
  guint port;      /* of the first of them */
  pid_t process;
} McBenchNginx;

/* The programs it takes and those, NULL at the end, that are here to be compared with; says what
 * to install if one is not here. */
gboolean mc_bench_nginx_is_possible (McBench *bench, const char *const *rivals);

McBenchNginx *mc_bench_nginx_start (McBench *bench);

/* Also removes what it served. */
void mc_bench_nginx_stop (McBenchNginx *self);

G_END_DECLS
