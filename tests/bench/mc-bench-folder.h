/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-bench.h"

G_BEGIN_DECLS

/* The folder in which a run happens. */

/* Makes one that nobody else uses below @parent, which is made if absent, and runs @run in a
 * process of its own; removes the folder after it, however that ended: its end, a crash, Ctrl-C.
 * The result is an exit status. Ends the program if fewer than @needed bytes are free there. */
int mc_bench_folder_run (const char *parent,
                         guint64 needed,
                         int (*run) (const char *folder, gpointer data),
                         gpointer data);

/* Removes a file, or a folder with all that is in it. */
void mc_bench_folder_remove (const char *path);

G_END_DECLS
