/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-folder.h"

#include <errno.h>
#include <fts.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t stopped_by;
static volatile pid_t runner;

static void
check_space (const char *folder, guint64 needed)
{
  struct statvfs info;
  g_autofree char *wanted = g_format_size (needed);
  g_autofree char *there = NULL;
  guint64 available;

  mc_bench_check_errno (folder, statvfs (folder, &info) == 0);
  available = (guint64) info.f_bavail * info.f_frsize;
  there = g_format_size (available);
  if (available < needed)
    mc_bench_die ("%s are needed in %s, and %s are free", wanted, folder, there);
}

void
mc_bench_folder_remove (const char *path)
{
  char *paths[] = { (char *) path, NULL };
  FTS *tree = fts_open (paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
  FTSENT *entry;

  mc_bench_check_errno (path, tree != NULL);
  while ((entry = fts_read (tree)) != NULL)
    if (entry->fts_info != FTS_D)
      g_remove (entry->fts_accpath);
  fts_close (tree);
}

static void
on_signal (int number)
{
  stopped_by = number;
  if (runner > 0)
    kill (runner, SIGKILL);
}

static void
set_handlers (void (*handler) (int))
{
  struct sigaction action = { .sa_handler = handler };

  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  sigaction (SIGHUP, &action, NULL);
}

/* The process that runs; it does not outlive this one. */
static pid_t
start (const char *folder, int (*run) (const char *folder, gpointer data), gpointer data)
{
  pid_t child = fork ();

  mc_bench_check_errno ("fork", child >= 0);
  if (child != 0)
    return child;
  set_handlers (SIG_DFL);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  exit (run (folder, data));
}

int
mc_bench_folder_run (const char *parent,
                     guint64 needed,
                     int (*run) (const char *folder, gpointer data),
                     gpointer data)
{
  g_autofree char *folder = g_build_filename (parent, "mc-bench-XXXXXX", NULL);
  int status = 0;

  mc_bench_check_errno (parent, g_mkdir_with_parents (parent, 0755) == 0);
  check_space (parent, needed);
  set_handlers (on_signal);
  mc_bench_check_errno (folder, g_mkdtemp (folder) != NULL);
  runner = start (folder, run, data);
  if (stopped_by != 0)
    kill (runner, SIGKILL);
  while (waitpid (runner, &status, 0) < 0 && errno == EINTR)
    ;
  mc_bench_folder_remove (folder);
  if (stopped_by != 0)
    return 128 + stopped_by;
  return WIFSIGNALED (status) ? 128 + WTERMSIG (status) : WEXITSTATUS (status);
}
