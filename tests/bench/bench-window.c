/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-figure.h"
#include "mc-bench-folder.h"
#include "mc-bench-library.h"
#include "mc-dbus-names.h"
#include "mc-test-bus.h"
#include "mc-test-display.h"
#include "mc-test-hub.h"
#include "mc-test-person.h"

#include <string.h>

/* The window on a library of 2,000 repos with ten variants each, all of them here, beside the
 * window on an empty one: the real service, the real window in a process that measures itself (see
 * window-probe.c), a display in memory. Somebody listens to what screen readers are told, as on a
 * desktop. */

#define FILES_EACH 10
#define MOST_REPOS 2000
#define ROWS_A_REPO 500 /* of the large store's */
#define PARTS 4         /* contents that come in at once */
#define OWNER "bench"
#define MANAGER "com.tabagent.ModelCache1.Manager"
#define TRANSFER "com.tabagent.ModelCache1.Transfer"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define LIMIT_RATIO 1.5
#define LIMIT_BARE 1.3
#define LIMIT_MS 50
#define LIMIT_MEMORY 250 /* MiB */
#define TICK_US (50 * G_TIME_SPAN_MILLISECOND)
#define AFTERMATH_US (2 * G_TIME_SPAN_SECOND) /* until all is reckoned up */
#define IDLE_MS "3600000"                     /* the service does not end, and reads nothing back */

/* A service with a library, on a bus of its own. */
typedef struct
{
  McTestBus *bus;
  GDBusConnection *connection;
  McTestPerson *person;
} Side;

typedef struct
{
  McBench *bench;
  McTestHub *hub;
  McTestDisplay *display;
  Side many;
  Side empty;
  guint64 size; /* of what comes in at once */
} Job;

/* --- services --- */

static char *
make_variable (const char *name, const char *value)
{
  return g_strconcat (name, "=", value, NULL);
}

static char *
make_folder (McBench *bench, const char *side, const char *name)
{
  g_autofree char *parent = mc_bench_make_path (bench, side);
  char *path = g_build_filename (parent, name, NULL);

  mc_bench_check_errno (path, g_mkdir_with_parents (path, 0700) == 0);
  return path;
}

static void
start_side (Job *job, Side *side, const char *name)
{
  g_autofree char *store = mc_bench_make_path (job->bench, name);
  g_autofree char *home = make_folder (job->bench, "homes", name);
  g_auto (GStrv) environment = g_new0 (char *, 6);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  environment[0] = make_variable ("HF_ENDPOINT", mc_test_hub_get_url (job->hub));
  environment[1] = make_variable ("MODEL_CACHE_DATA_DIR", store);
  environment[2] = make_variable ("HF_HOME", home);
  environment[3] = make_variable ("XDG_RUNTIME_DIR", home);
  environment[4] = make_variable ("MC_IDLE_MS", IDLE_MS);
  side->bus = mc_test_bus_new (MC_BENCH_SERVICE, (const char *const *) environment);
  side->connection = mc_test_bus_connect (side->bus);
  side->person = mc_test_person_new (side->connection);
  reply = g_dbus_connection_call_sync (side->connection, MC_DBUS_NAME, MC_DBUS_PATH, PROPERTIES,
                                       "GetAll", g_variant_new ("(s)", MANAGER), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, &error);
  mc_bench_check ("starting the service", error);
}

static void
end_side (Side *side)
{
  g_clear_pointer (&side->person, mc_test_person_free);
  g_dbus_connection_close_sync (side->connection, NULL, NULL);
  g_clear_object (&side->connection);
  g_clear_pointer (&side->bus, mc_test_bus_free);
}

/* --- the window --- */

static void
set_environment (GSubprocessLauncher *launcher, char **environment)
{
  for (char **pair = environment; *pair != NULL; pair++)
    {
      g_auto (GStrv) parts = g_strsplit (*pair, "=", 2);

      g_subprocess_launcher_setenv (launcher, parts[0], parts[1], TRUE);
    }
}

static GSubprocess *
start_window (Job *job, Side *side, const char *mode, const char *view)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE);
  g_auto (GStrv) environment = mc_test_display_dup_environment (job->display);
  g_autofree char *home = make_folder (job->bench, "homes", "window");
  const char *address = mc_test_bus_get_address (side->bus);
  g_autofree char *now = NULL;
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  set_environment (launcher, environment);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  g_subprocess_launcher_setenv (launcher, "AT_SPI_BUS_ADDRESS", address, TRUE);
  g_subprocess_launcher_setenv (launcher, "GSETTINGS_SCHEMA_DIR", MC_BENCH_SCHEMAS, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME", home, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", home, TRUE);
  now = g_strdup_printf ("%" G_GINT64_FORMAT, g_get_monotonic_time ());
  g_subprocess_launcher_setenv (launcher, "MC_BENCH_SPAWNED", now, TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, MC_BENCH_PROBE, mode, view, NULL);
  mc_bench_check (MC_BENCH_PROBE, error);
  return process;
}

typedef struct
{
  GSubprocess *process;
  GDataInputStream *lines;
  GHashTable *numbers; /* (owned): name -> double */
  gboolean ended;
} Talk;

static void read_line (Talk *talk);

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Talk *talk = user_data;
  g_autofree char *line =
      g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  char *space = line == NULL ? NULL : strchr (line, ' ');

  if (line == NULL)
    {
      talk->ended = TRUE;
      return;
    }
  if (space != NULL)
    {
      double number = g_ascii_strtod (space, NULL);

      g_hash_table_insert (talk->numbers, g_strndup (line, (gsize) (space - line)),
                           g_memdup2 (&number, sizeof number));
    }
  read_line (talk);
}

static void
read_line (Talk *talk)
{
  g_data_input_stream_read_line_async (talk->lines, G_PRIORITY_DEFAULT, NULL, line_cb, talk);
}

static void
begin_talk (Talk *talk, GSubprocess *process)
{
  talk->process = process;
  talk->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  talk->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  talk->ended = FALSE;
  read_line (talk);
}

/* The person behind the screen reader is to be answered meanwhile. */
static void
wait_for (Talk *talk, const char *name)
{
  while (!talk->ended && (name == NULL || !g_hash_table_contains (talk->numbers, name)))
    g_main_context_iteration (NULL, TRUE);
}

static void
end_talk (Talk *talk)
{
  g_autoptr (GError) error = NULL;

  wait_for (talk, NULL);
  g_subprocess_wait_check (talk->process, NULL, &error);
  mc_bench_check ("the window", error);
  g_clear_object (&talk->lines);
  g_clear_object (&talk->process);
}

static double
get_number (Talk *talk, const char *name)
{
  const double *number = g_hash_table_lookup (talk->numbers, name);

  if (number == NULL)
    mc_bench_die ("The window did not say “%s”", name);
  return *number;
}

static Talk
run_window (Job *job, Side *side, const char *mode)
{
  Talk talk;

  begin_talk (&talk, start_window (job, side, mode, NULL));
  end_talk (&talk);
  return talk;
}

/* --- opening --- */

static void
measure_opening (Job *job)
{
  McBench *bench = job->bench;
  McBenchFigure *first = mc_bench_figure_new (bench, "first frame", "ms", "an empty library",
                                              MC_BENCH_RATIO_AT_MOST, LIMIT_RATIO);
  McBenchFigure *shown = mc_bench_figure_new (
      bench, "the library is shown", "ms", "an empty library", MC_BENCH_RATIO_AT_MOST, LIMIT_RATIO);
  McBenchFigure *bare =
      mc_bench_figure_new (bench, "first frame, an empty library", "ms", "libadwaita alone",
                           MC_BENCH_RATIO_AT_MOST, LIMIT_BARE);

  for (guint round = 0; round <= bench->rounds; round++)
    {
      Talk many = run_window (job, &job->many, "open");
      Talk empty = run_window (job, &job->empty, "open");
      Talk nothing = run_window (job, &job->empty, "bare");

      /* The first one fills the page cache. */
      if (round > 0)
        {
          mc_bench_figure_add (first, get_number (&many, "first"), get_number (&empty, "first"));
          mc_bench_figure_add (shown, get_number (&many, "shown"), get_number (&empty, "shown"));
          mc_bench_figure_add (bare, get_number (&empty, "first"), get_number (&nothing, "first"));
        }
      g_hash_table_unref (many.numbers);
      g_hash_table_unref (empty.numbers);
      g_hash_table_unref (nothing.numbers);
      mc_bench_say (bench, "opening, round %u of %u", round, bench->rounds);
    }
}

/* --- scrolling --- */

static void
measure_scrolling (Job *job)
{
  McBench *bench = job->bench;
  McBenchFigure *opening =
      mc_bench_figure_new (bench, "longest stall while opening", "ms", NULL, MC_BENCH_NO_TARGET, 0);
  McBenchFigure *frame = mc_bench_figure_new (bench, "longest frame while the list goes by", "ms",
                                              NULL, MC_BENCH_VALUE_AT_MOST, LIMIT_MS);
  McBenchFigure *work = mc_bench_figure_new (bench, "the most CPU in one of these frames", "ms",
                                             NULL, MC_BENCH_NO_TARGET, 0);
  McBenchFigure *memory = mc_bench_figure_new (bench, "memory of the window (Pss)", "MiB", NULL,
                                               MC_BENCH_VALUE_AT_MOST, LIMIT_MEMORY);

  for (guint round = 0; round < bench->rounds; round++)
    {
      Talk talk = run_window (job, &job->many, "scroll");

      mc_bench_figure_add (opening, get_number (&talk, "opening"), 0);
      mc_bench_figure_add (frame, get_number (&talk, "frame"), 0);
      mc_bench_figure_add (work, get_number (&talk, "frame-work"), 0);
      mc_bench_figure_add (memory, get_number (&talk, "memory"), 0);
      g_hash_table_unref (talk.numbers);
      mc_bench_say (bench, "scrolling, round %u of %u", round + 1, bench->rounds);
    }
}

/* --- while much comes in --- */

static GVariant *
ask (Side *side, const char *path, const char *interface, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply =
      g_dbus_connection_call_sync (side->connection, MC_DBUS_NAME, path, interface, method,
                                   arguments, NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, &error);

  mc_bench_check (method, error);
  return reply;
}

static void
add_repo (Job *job, const char *repo, guint seed)
{
  mc_test_hub_add_repo (job->hub, repo, &(McTestRepoFacts){ .task = "text-generation" });
  for (guint i = 0; i < PARTS; i++)
    {
      g_autofree char *name = g_strdup_printf ("model-Q%u_K_M.gguf", i + 2);
      guint64 size = job->size / PARTS;

      mc_test_hub_hash_generated (size, seed * PARTS + i);
      mc_test_hub_add_generated (job->hub, repo, name, size, seed * PARTS + i);
    }
}

static gboolean
is_done (Side *side, const char *path)
{
  g_autoptr (GVariant) reply =
      ask (side, path, PROPERTIES, "Get", g_variant_new ("(ss)", TRANSFER, "State"));
  g_autoptr (GVariant) value = NULL;
  const char *state;

  g_variant_get (reply, "(v)", &value);
  state = g_variant_get_string (value, NULL);
  if (strcmp (state, "failed") == 0)
    mc_bench_die ("A download failed");
  return strcmp (state, "done") == 0;
}

static void
rest (gint64 duration)
{
  gint64 until = g_get_monotonic_time () + duration;

  while (g_get_monotonic_time () < until)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static void
ingest (Job *job, const char *repo)
{
  Side *side = &job->many;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  g_variant_unref (
      ask (side, MC_DBUS_PATH, MANAGER, "Scan", g_variant_new ("(sa{sv})", repo, NULL)));
  for (guint i = 0; i < PARTS; i++)
    {
      g_autofree char *variant = g_strdup_printf ("Q%u_K_M", i + 2);
      g_autoptr (GVariant) reply = ask (side, MC_DBUS_PATH, MANAGER, "Download",
                                        g_variant_new ("(ssa{sv})", repo, variant, NULL));
      char *path;

      g_variant_get (reply, "(o)", &path);
      g_ptr_array_add (paths, path);
    }
  for (guint i = 0; i < paths->len; i++)
    while (!is_done (side, g_ptr_array_index (paths, i)))
      rest (TICK_US);
}

static void
measure_view (Job *job, const char *view, McBenchFigure *stall, McBenchFigure *work)
{
  McBench *bench = job->bench;

  for (guint round = 0; round < bench->rounds; round++)
    {
      g_autofree char *repo = g_strdup_printf (OWNER "/%s-%u", view, round);
      Talk talk;

      add_repo (job, repo, (guint) g_str_hash (repo) % 1000000);
      begin_talk (&talk, start_window (job, &job->many, "watch", view));
      wait_for (&talk, "ready");
      ingest (job, repo);
      rest (AFTERMATH_US);
      g_output_stream_close (g_subprocess_get_stdin_pipe (talk.process), NULL, NULL);
      end_talk (&talk);
      mc_bench_figure_add (stall, get_number (&talk, "stall"), 0);
      mc_bench_figure_add (work, get_number (&talk, "work"), 0);
      g_hash_table_unref (talk.numbers);
      mc_bench_say (bench, "%s while much comes in, round %u of %u", view, round + 1,
                    bench->rounds);
    }
}

static void
measure_ingest (Job *job)
{
  McBench *bench = job->bench;
  McBenchFigure *stalls[2], *work[2];

  stalls[0] = mc_bench_figure_new (bench, "longest stall of the library while much comes in", "ms",
                                   NULL, MC_BENCH_VALUE_AT_MOST, LIMIT_MS);
  work[0] = mc_bench_figure_new (bench, "the most CPU in such a stall", "ms", NULL,
                                 MC_BENCH_NO_TARGET, 0);
  stalls[1] = mc_bench_figure_new (bench, "longest stall of the downloads, likewise", "ms", NULL,
                                   MC_BENCH_VALUE_AT_MOST, LIMIT_MS);
  work[1] = mc_bench_figure_new (bench, "the most CPU in such a stall", "ms", NULL,
                                 MC_BENCH_NO_TARGET, 0);
  measure_view (job, "library", stalls[0], work[0]);
  measure_view (job, "downloads", stalls[1], work[1]);
}

/* --- --- */

void
mc_bench_window (McBench *bench)
{
  Job job = { .bench = bench, .size = bench->size / 2 };
  guint n_repos = (guint) MIN (MOST_REPOS, bench->rows / ROWS_A_REPO);
  g_autofree char *program = g_find_program_in_path ("Xvfb");
  g_autofree char *many = mc_bench_make_path (bench, "many");

  if (program == NULL)
    {
      mc_bench_say (bench, "skipped: there is no Xvfb");
      return;
    }
  mc_bench_say (bench, "making %u repos", n_repos);
  mc_bench_library_make (many, n_repos * FILES_EACH, FILES_EACH, 1);
  job.hub = mc_test_hub_new ();
  job.display = mc_test_display_new (1200, 900);
  start_side (&job, &job.many, "many");
  start_side (&job, &job.empty, "empty");
  measure_opening (&job);
  measure_scrolling (&job);
  measure_ingest (&job);
  end_side (&job.many);
  end_side (&job.empty);
  mc_test_display_free (job.display);
  mc_test_hub_free (job.hub);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *path =
          mc_bench_make_path (bench, ((const char *[]){ "many", "empty", "homes" })[i]);

      mc_bench_folder_remove (path);
    }
}
