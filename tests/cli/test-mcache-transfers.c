/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include "mc-test-wait.h"

#include <pty.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Downloads under way, caught by a slow Hub: status pause resume cancel retry, Ctrl-C, two at once,
 * a service that dies, a terminal. */

#define SLOW 200000 /* bytes a second: no chunk is complete before half a minute has passed */
#define FAST 2000000

static JsonObject *
get_only (JsonNode *node)
{
  JsonArray *array = json_node_get_array (node);

  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  return json_array_get_object_element (array, 0);
}

static void
assert_state (McacheFixture *f, const char *state)
{
  g_autoptr (JsonNode) status = mcache_run_json (f, 0, "status", NULL);

  g_assert_cmpstr (mcache_get_string (get_only (status), "state"), ==, state);
}

static void
interrupt (GSubprocess *process)
{
  g_subprocess_send_signal (process, SIGINT);
}

/* Ctrl-C ends the watching; the transfer goes on, can be joined, and fetches nothing twice. */
static void
test_interrupt (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) first = NULL;
  g_autoptr (GSubprocess) second = NULL;
  g_autofree char *begun = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *words = NULL;

  mc_test_hub_set_rate (f->hub, SLOW);
  first = mcache_start (f, "download", ONNX, "q4", NULL);
  begun = mcache_read_line (first);
  g_assert_true (g_str_has_prefix (begun, ONNX " onnx:q4: "));
  interrupt (first);
  words = mcache_read_line (first);
  g_assert_cmpint (mcache_end (first), ==, 130);
  g_assert_nonnull (strstr (words, "The download goes on in the service."));
  assert_state (f, "active");

  second = mcache_start (f, "download", ONNX, "onnx:q4", NULL);
  joined = mcache_read_line (second);
  mc_test_hub_set_rate (f->hub, 0);
  g_assert_cmpint (mcache_end (second), ==, 0);
  assert_state (f, "done");
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, ONNX, ONNX_WEIGHTS), ==, ONNX_SIZE);
}

static gboolean
was_asked (gpointer data)
{
  McacheFixture *f = data;

  return mc_test_hub_count (f->hub, "/api/models/" ONNX) > 0;
}

/* A call that waits for the Hub can be left, too. */
static void
test_interrupt_scan (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;

  mc_test_hub_script (f->hub, "/api/models/" ONNX, MC_TEST_SILENT, 0, 0);
  process = mcache_start (f, "scan", ONNX, NULL);
  g_assert_true (mc_test_wait_until (was_asked, f, 30000));
  interrupt (process);
  g_assert_cmpint (mcache_end (process), ==, 130);
  /* The service would wait for that Hub before it ends. */
  mc_test_bus_end_service (f->bus, SIGKILL);
}

static void
test_pause_resume_cancel (McacheFixture *f, gconstpointer data)
{
  g_autoptr (JsonNode) detached = NULL;
  g_autoptr (McacheRun) none = mcache_run (f, "status", NULL);
  g_autoptr (McacheRun) paused = NULL;
  g_autoptr (McacheRun) resumed = NULL;
  g_autoptr (JsonNode) cancelled = NULL;
  g_autofree char *number = NULL;

  g_assert_cmpstr (none->out, ==, "There are no transfers.\n");
  mc_test_hub_set_rate (f->hub, SLOW);
  detached = mcache_run_json (f, 0, "download", "--detach", ONNX, "q4", NULL);
  number = g_strdup_printf ("%" G_GUINT64_FORMAT,
                            mcache_get_int (json_node_get_object (detached), "id"));

  paused = mcache_run (f, "pause", NULL);
  g_assert_cmpint (paused->status, ==, 0);
  g_assert_cmpstr (paused->out, ==, "Paused: " ONNX " onnx:q4\n");
  assert_state (f, "paused");
  /* What is paused suits no second pause, but a resume. */
  mcache_assert_fails (f, 2, "Usage", (const char *const[]){ "pause", NULL });
  resumed = mcache_run (f, "resume", ONNX, NULL);
  g_assert_cmpstr (resumed->out, ==, "Resumed: " ONNX " onnx:q4\n");
  mcache_assert_fails (f, 3, "UnknownTransfer", (const char *const[]){ "cancel", "4711", NULL });

  cancelled = mcache_run_json (f, 0, "cancel", "--discard", number, NULL);
  g_assert_cmpstr (mcache_get_string (get_only (cancelled), "state"), ==, "cancelled");
  mcache_assert_works (f, "cancel", "--all", NULL);
}

/* Whoever watches a transfer that somebody else cancels is told. */
static void
test_cancelled_elsewhere (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *line = NULL;

  mc_test_hub_set_rate (f->hub, SLOW);
  process = mcache_start (f, "download", ONNX, "q4", NULL);
  line = mcache_read_line (process);
  mcache_assert_works (f, "cancel", ONNX ":q4", NULL);
  g_assert_cmpint (mcache_end (process), ==, 1);
}

/* Access is refused twice, once for each try; then it was granted. */
static void
test_retry (McacheFixture *f, gconstpointer data)
{
  mc_test_hub_script (f->hub, "/" ONNX "/resolve/main/" ONNX_WEIGHTS, MC_TEST_GATED, 0, 2);
  mcache_assert_fails (f, 4, "Gated", (const char *const[]){ "download", ONNX, "q4", NULL });
  assert_state (f, "failed");
  mcache_assert_works (f, "retry", NULL);
  mcache_assert_works (f, "download", ONNX, "q4", NULL);
}

/* The transfer outlives the service: mcache starts it again and goes on watching. */
static void
test_service_dies (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *begun = NULL;
  g_autofree char *said = NULL;

  mc_test_hub_set_rate (f->hub, SLOW);
  process = mcache_start (f, "download", ONNX, "q4", NULL);
  begun = mcache_read_line (process);
  mc_test_bus_end_service (f->bus, SIGKILL);
  mc_test_hub_set_rate (f->hub, 0);
  do
    {
      g_free (said);
      said = mcache_read_line (process);
    }
  while (strstr (said, "Starting it again") == NULL);
  g_assert_cmpint (mcache_end (process), ==, 0);
  mcache_assert_works (f, "verify", ONNX, "q4", NULL);
}

static void
test_watch (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) watched = NULL;
  g_auto (GStrv) lines = NULL;
  guint n;
  g_autoptr (JsonNode) last = NULL;

  mc_test_hub_set_rate (f->hub, FAST);
  mcache_assert_works (f, "download", "--detach", ONNX, "q4", NULL);
  watched = mcache_run (f, "status", "--watch", "--json", NULL);
  g_assert_cmpint (watched->status, ==, 0);
  lines = g_strsplit (g_strchomp (watched->out), "\n", -1);
  n = g_strv_length (lines);
  g_assert_cmpuint (n, >=, 2);
  last = json_from_string (lines[n - 1], NULL);
  g_assert_nonnull (last);
  g_assert_cmpstr (mcache_get_string (get_only (last), "state"), ==, "done");
}

/* All that a terminal of 40 columns got; NULL where no terminal can be had. */
static char *
run_on_terminal (McacheFixture *f, const char *term, const char *const *arguments)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) shown = g_string_new (NULL);
  struct winsize size = { .ws_row = 24, .ws_col = 40 };
  char block[4096];
  gssize got;
  int ours;
  int theirs;

  if (openpty (&ours, &theirs, NULL, NULL, &size) != 0)
    return NULL;
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS",
                                mc_test_bus_get_address (f->bus), TRUE);
  g_subprocess_launcher_setenv (launcher, "TERM", term, TRUE);
  g_subprocess_launcher_take_stdout_fd (launcher, dup (theirs));
  g_subprocess_launcher_take_stderr_fd (launcher, theirs);
  process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  g_subprocess_launcher_close (launcher);
  /* A terminal whose other end is closed ends with an error. */
  while ((got = read (ours, block, sizeof block)) > 0)
    g_string_append_len (shown, block, got);
  close (ours);
  g_assert_cmpint (mcache_end (process), ==, 0);
  return g_string_free (g_steal_pointer (&shown), FALSE);
}

static void
test_terminal (McacheFixture *f, gconstpointer data)
{
  const char *const arguments[] = { g_getenv ("MC_MCACHE"), "download", ONNX, "q4", NULL };
  const char *const status[] = { g_getenv ("MC_MCACHE"), "status", "--watch", NULL };
  g_autofree char *bars = run_on_terminal (f, "xterm", arguments);
  g_autofree char *told = run_on_terminal (f, "dumb", status);
  g_autoptr (GRegex) codes = g_regex_new ("\033\\[[0-9]*[A-Z]|\r", 0, 0, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (bars == NULL || told == NULL)
    {
      g_test_skip ("no terminal can be had here");
      return;
    }
  text = g_regex_replace_literal (codes, bars, -1, 0, "", 0, NULL);
  lines = g_strsplit (text, "\n", -1);
  g_assert_nonnull (strstr (bars, "\033[K"));
  g_assert_nonnull (strstr (bars, "█"));
  for (guint i = 0; lines[i] != NULL; i++)
    if (!g_str_has_prefix (lines[i], "Downloaded: "))
      g_assert_cmpint (g_utf8_strlen (lines[i], -1), <=, 40);
  g_assert_null (strchr (told, '\033'));
}

#define ADD(path, function)                                                                        \
  g_test_add (path, McacheFixture, NULL, mcache_set_up, function, mcache_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/mcache-transfers/interrupt-leaves-it-running", test_interrupt);
  ADD ("/mcache-transfers/interrupt-a-scan", test_interrupt_scan);
  ADD ("/mcache-transfers/pause-resume-cancel", test_pause_resume_cancel);
  ADD ("/mcache-transfers/cancelled-elsewhere", test_cancelled_elsewhere);
  ADD ("/mcache-transfers/retry", test_retry);
  ADD ("/mcache-transfers/service-dies", test_service_dies);
  ADD ("/mcache-transfers/watch-as-json", test_watch);
  ADD ("/mcache-transfers/terminal-of-40-columns", test_terminal);
  return g_test_run ();
}
