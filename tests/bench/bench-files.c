/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-meter.h"
#include "mc-bench-rival.h"
#include "mc-bench-store.h"

#include "mc-dbus-generated.h"
#include "mc-dbus-names.h"
#include "mc-test-bus.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* What other programs get of the service over D-Bus: descriptors, files of the folder view, ranges.
 * The rival is a plain file of the same bytes on the same file system. */

#define REPO "bench/model"
#define FILE_NAME "part-00"
#define CALLS 300 /* a round */

typedef struct
{
  McBench *bench;
  const McBenchSource *source; /* borrowed */
  const char *folder;          /* borrowed: of the store */
  McTestBus *bus;              /* (owned) */
  GDBusConnection *connection; /* (owned) */
  char *view;                  /* where the folder view is to be */
  char *seen;                  /* the file in it */
  char *copy;                  /* where cp writes */
} Job;

/* --- calls --- */

static GVariant *
call (Job *job,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *arguments,
      GUnixFDList **fds)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_with_unix_fd_list_sync (
      job->connection, MC_DBUS_NAME, path, interface, method, arguments, NULL,
      G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, fds, NULL, &error);

  mc_bench_check (method, error);
  return reply;
}

static const char *
get_manager (void)
{
  return mc_dbus_manager_interface_info ()->name;
}

/* The descriptor; *lease is to be released. */
static int
open_file (Job *job, char **lease)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = call (job, MC_DBUS_PATH, get_manager (), "OpenFile",
                                     g_variant_new ("(ssa{sv})", REPO, FILE_NAME, NULL), &fds);

  g_variant_get_child (reply, 1, "o", lease);
  return g_unix_fd_list_get (fds, 0, NULL);
}

static void
close_file (Job *job, int fd, const char *lease)
{
  close (fd);
  g_variant_unref (call (job, lease, mc_dbus_lease_interface_info ()->name, "Release", NULL, NULL));
}

static gboolean
mount_view (Job *job)
{
  g_autofree char *text =
      g_strdup_printf ("({'mount': <true>, 'mount-folder': <'%s'>},)", job->view);

  g_variant_unref (call (job, MC_DBUS_PATH, get_manager (), "Configure",
                         g_variant_parse (NULL, text, NULL, NULL, NULL), NULL));
  return g_access (job->seen, R_OK) == 0;
}

/* --- reading --- */

static double
get_rate (Job *job, double seconds)
{
  return (double) job->source->size / 1e9 / seconds;
}

static double
cat (Job *job, const char *path)
{
  const char *const words[] = { "cat", path, NULL };

  return get_rate (job, mc_bench_meter_program (words).wall);
}

static double
cat_cold (Job *job, const char *path)
{
  mc_bench_store_forget (job->folder, job->source);
  mc_bench_rival_forget (path);
  return cat (job, path);
}

/* Every page of it, once. */
static double
touch (Job *job, const char *path)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gint64 start = g_get_monotonic_time ();
  volatile const guint8 *bytes =
      mmap (NULL, (gsize) job->source->size, PROT_READ, MAP_SHARED, fd, 0);
  double seconds;

  mc_bench_check_errno (path, bytes != MAP_FAILED);
  for (guint64 i = 0; i < job->source->size; i += 4096)
    (void) bytes[i];
  munmap ((void *) bytes, (gsize) job->source->size);
  seconds = (double) (g_get_monotonic_time () - start) / 1e6;
  close (fd);
  return get_rate (job, seconds);
}

/* All of it, once. */
static double
add_up (Job *job, const char *path)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gint64 start = g_get_monotonic_time ();
  const guint64 *bytes = mmap (NULL, (gsize) job->source->size, PROT_READ, MAP_SHARED, fd, 0);
  guint64 sum = 0;
  double seconds;

  mc_bench_check_errno (path, bytes != MAP_FAILED);
  for (guint64 i = 0; i < job->source->size / sizeof *bytes; i++)
    sum += bytes[i];
  munmap ((void *) bytes, (gsize) job->source->size);
  seconds = (double) (g_get_monotonic_time () - start) / 1e6;
  close (fd);
  return get_rate (job, seconds) + (sum == 1 ? 1e-9 : 0);
}

typedef double (*Step) (Job *job, const char *path);

/* The first and the second of the two in turn. */
static void
race (Job *job,
      const char *name,
      const char *rival_name,
      double least,
      Step step,
      Step rival,
      const char *path)
{
  McBenchFigure *figure =
      mc_bench_figure_new (job->bench, name, "GB/s", rival_name,
                           least > 0 ? MC_BENCH_RATIO_AT_LEAST : MC_BENCH_NO_TARGET, least);

  for (guint round = 0; round < job->bench->rounds; round++)
    {
      double theirs = round % 2 == 1 ? rival (job, job->source->path) : 0;
      double ours = step (job, path);

      mc_bench_say (job->bench, "%s, round %u of %u", name, round + 1, job->bench->rounds);
      if (round % 2 == 0)
        theirs = rival (job, job->source->path);
      mc_bench_figure_add (figure, ours, theirs);
    }
}

static void
measure_copy (Job *job)
{
  g_autofree char *lease = NULL;
  int fd = open_file (job, &lease);
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd/%d", getpid (), fd);

  race (job, "descriptor of a plain copy", "cat of a plain file", 0.9, cat, cat, path);
  close_file (job, fd, lease);
}

static void
measure_view (Job *job)
{
  if (!mount_view (job))
    {
      mc_bench_say (job->bench, "skipped: no folder view without FUSE");
      return;
    }
  race (job, "folder view, cold", "cat of a plain file", 0.8, cat_cold, cat_cold, job->seen);
  race (job, "folder view, cached", "cat of a plain file", 0.5, cat, cat, job->seen);
  race (job, "folder view, mapped, pages", "cat of a plain file", 0.7, touch, cat, job->seen);
  race (job, "folder view, mapped, bytes", "a plain file, mapped", 0, add_up, add_up, job->seen);
}

/* --- making --- */

static double
make_copy (Job *job)
{
  g_autofree char *lease = NULL;
  gint64 start;
  double seconds;
  int fd;

  mc_bench_meter_settle (job->bench->folder);
  start = g_get_monotonic_time ();
  fd = open_file (job, &lease);
  seconds = (double) (g_get_monotonic_time () - start) / 1e6;
  close_file (job, fd, lease);
  return get_rate (job, seconds);
}

static double
run_cp (Job *job)
{
  const char *const words[] = { "cp", job->source->path, job->copy, NULL };
  double seconds;

  mc_bench_meter_settle (job->bench->folder);
  seconds = mc_bench_meter_program (words).wall;
  g_unlink (job->copy);
  return get_rate (job, seconds);
}

static void
measure_making (Job *job)
{
  McBenchFigure *figure = mc_bench_figure_new (job->bench, "making a plain copy", "GB/s", "cp",
                                               MC_BENCH_RATIO_AT_LEAST, 0.8);

  for (guint round = 0; round < job->bench->rounds; round++)
    {
      double theirs = round % 2 == 1 ? run_cp (job) : 0;
      double ours = make_copy (job);

      mc_bench_say (job->bench, "making a copy, round %u of %u", round + 1, job->bench->rounds);
      if (round % 2 == 0)
        theirs = run_cp (job);
      mc_bench_figure_add (figure, ours, theirs);
    }
}

/* --- calls --- */

static double
get_first_byte (Job *job)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply G_GNUC_UNUSED = call (
      job, MC_DBUS_PATH, get_manager (), "ReadRange",
      g_variant_new ("(sstt)", REPO, FILE_NAME, G_GUINT64_CONSTANT (0), G_GUINT64_CONSTANT (1)),
      &fds);
  int fd = g_unix_fd_list_get (fds, 0, NULL);
  char byte;

  mc_bench_check_errno ("Reading a byte", read (fd, &byte, 1) == 1);
  close (fd);
  return (double) (g_get_monotonic_time () - start) / 1e3;
}

static double
ask (Job *job, const char *interface, const char *method, GVariant *arguments)
{
  gint64 start = g_get_monotonic_time ();

  g_variant_unref (call (job, MC_DBUS_PATH, interface, method, arguments, NULL));
  return (double) (g_get_monotonic_time () - start);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static double
get_median (double *values)
{
  qsort (values, CALLS, sizeof *values, compare);
  return values[CALLS / 2];
}

/* An empty call is one that the service's main thread answers without doing anything, since nothing
 * is under way. The two take turns, so that what else the computer does meets both. */
static void
measure_calls (Job *job)
{
  McBenchFigure *first =
      mc_bench_figure_new (job->bench, "first byte, median", "ms", NULL, MC_BENCH_VALUE_AT_MOST, 5);
  McBenchFigure *has = mc_bench_figure_new (job->bench, "HasFile, median", "µs", "an empty call",
                                            MC_BENCH_RATIO_AT_MOST, 1.3);
  double firsts[CALLS];
  double ours[CALLS];
  double empty[CALLS];

  for (guint round = 0; round < job->bench->rounds; round++)
    {
      for (guint i = 0; i < CALLS; i++)
        firsts[i] = get_first_byte (job);
      for (guint i = 0; i < CALLS; i++)
        {
          ours[i] = ask (job, get_manager (), "HasFile", g_variant_new ("(ss)", REPO, FILE_NAME));
          empty[i] = ask (job, get_manager (), "PauseAll", g_variant_new ("(a{sv})", NULL));
        }
      mc_bench_say (job->bench, "calls, round %u of %u", round + 1, job->bench->rounds);
      mc_bench_figure_add (first, get_median (firsts), 0);
      mc_bench_figure_add (has, get_median (ours), get_median (empty));
    }
}

/* --- the whole --- */

static void
start (Job *job)
{
  g_autofree char *data = g_strconcat ("MODEL_CACHE_DATA_DIR=", job->folder, NULL);
  const char *const environment[] = { data, "HF_ENDPOINT=https://hub.test", "HF_HUB_OFFLINE=1",
                                      "MC_IDLE_MS=3600000", NULL };

  job->bus = mc_test_bus_new (MC_BENCH_SERVICE, environment);
  job->connection = mc_test_bus_connect (job->bus);
}

static void
finish (Job *job)
{
  g_dbus_connection_close_sync (job->connection, NULL, NULL);
  g_clear_object (&job->connection);
  g_clear_pointer (&job->bus, mc_test_bus_free);
  g_free (job->view);
  g_free (job->seen);
  g_free (job->copy);
}

void
mc_bench_files (McBench *bench)
{
  g_autofree char *path = mc_bench_make_path (bench, "source");
  g_autofree char *folder = mc_bench_make_path (bench, "store");
  g_autoptr (McBenchSource) source = mc_bench_source_make (path, bench->size);
  McBenchStore *store = mc_bench_store_open (folder);
  Job job = { bench, source, folder };

  mc_bench_store_hold (store, &source, 1);
  mc_bench_store_ingest (store, &source, 1);
  mc_bench_store_close (store);
  mc_bench_meter_settle (bench->folder);
  job.view = mc_bench_make_path (bench, "view");
  job.seen = g_build_filename (job.view, REPO, FILE_NAME, NULL);
  job.copy = mc_bench_make_path (bench, "copy");
  /* Hot is what was read from the disk before. */
  mc_bench_store_forget (folder, source);
  mc_bench_rival_forget (path);
  mc_bench_store_read (folder, source);
  mc_bench_rival_read (source);
  start (&job);
  measure_calls (&job);
  measure_making (&job);
  measure_copy (&job);
  measure_view (&job);
  finish (&job);
  mc_bench_folder_remove (folder);
  mc_bench_folder_remove (path);
}
