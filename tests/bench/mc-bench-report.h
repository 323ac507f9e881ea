/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-bench-figure.h"

G_BEGIN_DECLS

/* What came out, for people and for programs. */

/* Table for a terminal, or of Markdown. Free with g_free(). */
char *mc_bench_report_make_table (McBench *bench);
char *mc_bench_report_make_markdown (McBench *bench);

/* Writes everything, each round's figures too, as one object. */
gboolean mc_bench_report_write_json (McBench *bench, const char *path, GError **error);

/* One line about this computer and one about what the figures depend on. Free with g_free(). */
char *mc_bench_report_describe_machine (McBench *bench);
char *mc_bench_report_describe_versions (void);

G_END_DECLS
