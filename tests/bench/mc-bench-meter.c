/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-meter.h"

#include "mc-bench.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The number behind that name in a file of /proc. */
static guint64
read_number (const char *path, const char *name)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL))
    lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], name))
      return g_ascii_strtoull (lines[i] + strlen (name), NULL, 10);
  mc_bench_die ("%s does not say %s", path, name);
}

static double
add_times (const struct rusage *usage)
{
  return (double) (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec)
         + (double) (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

McBenchUse
mc_bench_meter_now (void)
{
  struct rusage usage;
  McBenchUse use = { 0 };

  getrusage (RUSAGE_SELF, &usage);
  use.cpu = add_times (&usage);
  use.written = read_number ("/proc/self/io", "write_bytes: ");
  use.read = read_number ("/proc/self/io", "read_bytes: ");
  use.wall = (double) g_get_monotonic_time () / 1e6;
  return use;
}

McBenchUse
mc_bench_meter_since (const McBenchUse *start)
{
  double now = (double) g_get_monotonic_time () / 1e6;
  McBenchUse use = mc_bench_meter_now ();

  use.wall = now - start->wall;
  use.cpu -= start->cpu;
  use.written -= start->written;
  use.read -= start->read;
  return use;
}

static void
become (const char *const *arguments)
{
  int nothing = open ("/dev/null", O_RDWR);

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  dup2 (nothing, STDIN_FILENO);
  dup2 (nothing, STDOUT_FILENO);
  dup2 (nothing, STDERR_FILENO);
  execvp (arguments[0], (char **) arguments);
  _exit (127);
}

McBenchUse
mc_bench_meter_program (const char *const *arguments)
{
  gint64 start = g_get_monotonic_time ();
  pid_t child = fork ();
  struct rusage usage;
  int status = 0;
  McBenchUse use = { 0 };

  if (child == 0)
    become (arguments);
  mc_bench_check_errno (arguments[0], child > 0 && wait4 (child, &status, 0, &usage) == child);
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    mc_bench_die ("%s did not end well", arguments[0]);
  use.wall = (double) (g_get_monotonic_time () - start) / 1e6;
  use.cpu = add_times (&usage);
  use.written = (guint64) usage.ru_oublock * 512;
  use.read = (guint64) usage.ru_inblock * 512;
  return use;
}

guint64
mc_bench_meter_start_memory (void)
{
  int fd = open ("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

  malloc_trim (0);
  mc_bench_check_errno ("/proc/self/clear_refs", fd >= 0 && write (fd, "5", 1) == 1);
  close (fd);
  return read_number ("/proc/self/status", "VmRSS:") * 1024;
}

guint64
mc_bench_meter_get_peak (void)
{
  return read_number ("/proc/self/status", "VmHWM:") * 1024;
}

void
mc_bench_meter_settle (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  mc_bench_check_errno (folder, fd >= 0 && syncfs (fd) == 0);
  close (fd);
}
