/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include <string.h>

/* What goes wrong: a sentence, a name and an exit status for each. */

#define FAILS(f, status, name, ...)                                                                \
  mcache_assert_fails (f, status, name, (const char *const[]){ __VA_ARGS__, NULL })

static void
test_names (McacheFixture *f, gconstpointer data)
{
  FAILS (f, 3, "NotFound", "scan", "owner/none");
  FAILS (f, 2, "InvalidName", "scan", "no/such/name/at/all");
  FAILS (f, 2, "InvalidName", "show", "../etc");
  FAILS (f, 3, "NotScanned", "show", ONNX);
  FAILS (f, 3, "NotScanned", "plan", ONNX, "q4");
  mcache_assert_works (f, "scan", ONNX, NULL);
  FAILS (f, 3, "UnknownVariant", "plan", ONNX, "q9");
  FAILS (f, 3, "UnknownVariant", "download", ONNX ":q9");
  FAILS (f, 3, "UnknownFile", "open", ONNX, "none.bin");
  FAILS (f, 3, "UnknownFile", "download", ONNX, "--file", "../../etc/passwd");
  FAILS (f, 3, "NotDownloaded", "open", ONNX, "config.json");
}

static void
test_access (McacheFixture *f, gconstpointer data)
{
  FAILS (f, 4, "Gated", "download", GATED);
}

static void
test_hub (McacheFixture *f, gconstpointer data)
{
  mc_test_hub_script (f->hub, "/api/models/" GGUF, MC_TEST_NOT_JSON, 0, 0);
  FAILS (f, 5, "BadResponse", "scan", GGUF);
  mc_test_hub_script (f->hub, "storage:" ONNX "/" ONNX_WEIGHTS, MC_TEST_FLIP_BYTE, 1000, 0);
  FAILS (f, 7, "Corrupt", "download", ONNX, "q4");
}

/* The message names the file, and --verbose shows the details of the others. */
static void
test_words (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) brief = mcache_run (f, "scan", "owner/none", NULL);
  g_autoptr (McacheRun) verbose = mcache_run (f, "-v", "scan", "owner/none", NULL);
  g_autoptr (McacheRun) unknown = NULL;

  g_assert_nonnull (strstr (brief->err, "owner/none"));
  g_assert_cmpuint (strlen (verbose->err), >, strlen (brief->err));
  g_assert_true (g_str_has_prefix (verbose->err, brief->err));
  mcache_assert_works (f, "scan", ONNX, NULL);
  unknown = mcache_run (f, "plan", ONNX, "q9", NULL);
  g_assert_nonnull (strstr (unknown->err, "onnx:q4"));
}

static void
test_no_network (McacheFixture *f, gconstpointer data)
{
  FAILS (f, 5, "Network", "scan", ONNX);
  FAILS (f, 5, "Network", "download", ONNX);
  FAILS (f, 5, "Network", "search", "tiny");
}

static void
assert_status (McacheFixture *f,
               int status,
               const char *const *environment,
               const char *const *arguments)
{
  g_autoptr (McacheRun) done = mcache_run_with (f, environment, NULL, arguments);

  g_assert_cmpint (done->status, ==, status);
  g_assert_cmpstr (done->err, !=, "");
}

static void
test_no_service (McacheFixture *f, gconstpointer data)
{
  static const char *const no_bus[] = { "DBUS_SESSION_BUS_ADDRESS", "DISPLAY",
                                        "WAYLAND_DISPLAY",          "XDG_RUNTIME_DIR",
                                        "MC_SERVICE=/nonexistent",  NULL };
  static const char *const dead_bus[] = { "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent", NULL };
  static const char *const arguments[] = { "list", NULL };
  g_autoptr (McTestBus) bare = mc_test_bus_new (NULL, NULL);
  g_autofree char *address =
      g_strconcat ("DBUS_SESSION_BUS_ADDRESS=", mc_test_bus_get_address (bare), NULL);
  const char *const no_service[] = { address, "MC_SERVICE=/nonexistent", NULL };

  assert_status (f, 8, no_bus, arguments);
  assert_status (f, 8, dead_bus, arguments);
  assert_status (f, 8, no_service, arguments);
}

/* None of these starts the service. */
static void
test_usage (McacheFixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) help = mcache_run (f, "--help", NULL);
  g_autoptr (McacheRun) version = mcache_run (f, "--version", NULL);
  g_autoptr (McacheRun) help_of = mcache_run (f, "help", "download", NULL);
  g_autoptr (McacheRun) option = mcache_run (f, "download", "--help", NULL);
  g_autoptr (McacheRun) typo = mcache_run (f, "shxow", ONNX, NULL);

  g_assert_cmpint (help->status, ==, 0);
  g_assert_cmpstr (help->err, ==, "");
  g_assert_nonnull (strstr (help->out, "\n  download  "));
  g_assert_cmpstr (version->out, ==, "mcache " MC_VERSION "\n");
  g_assert_cmpint (help_of->status, ==, 0);
  g_assert_cmpstr (help_of->out, ==, option->out);
  g_assert_cmpint (typo->status, ==, 2);
  g_assert_nonnull (strstr (typo->err, "“show”"));
  FAILS (f, 2, "Usage", "");
  FAILS (f, 2, "Usage", "show");
  FAILS (f, 2, "Usage", "show", "");
  FAILS (f, 2, "Usage", "show", "a", "b", "c");
  FAILS (f, 2, "Usage", "show", "--frobnicate", ONNX);
  FAILS (f, 2, "Usage", "show", "\xff");
  FAILS (f, 2, "Usage", "search", "x", "--limit", "0");
  FAILS (f, 2, "Usage", "search", "x", "--limit", "many");
  FAILS (f, 2, "Usage", "cat", ONNX, "config.json", "--offset", "-1");
  FAILS (f, 2, "Usage", "download", ONNX, "q4", "--file", "config.json");
  FAILS (f, 2, "Usage", "service", "dance");
  g_assert_cmpint (mc_test_bus_get_service_pid (f->bus), ==, 0);
}

/* Every verb explains itself. */
static void
test_help_of_all (McacheFixture *f, gconstpointer data)
{
  static const char *const verbs[] = { "search",   "scan",     "show",   "list",   "plan",
                                       "download", "status",   "pause",  "resume", "cancel",
                                       "retry",    "cat",      "open",   "verify", "delete",
                                       "usage",    "variants", "service" };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autoptr (McacheRun) help = mcache_run (f, verbs[i], "-h", NULL);
      g_autofree char *usage = g_strdup_printf ("Usage:\n  mcache %s [OPTION", verbs[i]);

      g_assert_cmpint (help->status, ==, 0);
      g_assert_true (g_str_has_prefix (help->out, usage));
    }
}

/* Where only ASCII can be shown, only ASCII is. */
static void
test_ascii (McacheFixture *f, gconstpointer data)
{
  static const char *const environment[] = { "LC_ALL=C", NULL };
  g_autoptr (McacheRun) typo =
      mcache_run_with (f, environment, NULL, (const char *const[]){ "shxow", NULL });
  g_autoptr (McacheRun) unknown = NULL;

  mcache_assert_works (f, "scan", ONNX, NULL);
  unknown =
      mcache_run_with (f, environment, NULL, (const char *const[]){ "plan", ONNX, "q9", NULL });
  g_assert_true (g_str_is_ascii (typo->err));
  g_assert_nonnull (strstr (typo->err, "\"show\""));
  g_assert_true (g_str_is_ascii (unknown->err));
}

/* Without a standard output the number of the bus's socket is another one. */
static void
test_closed_output (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS",
                                mc_test_bus_get_address (f->bus), TRUE);
  process =
      g_subprocess_launcher_spawn (launcher, &error, "sh", "-c", "exec \"$0\" service <&- >&- 2>&-",
                                   g_getenv ("MC_MCACHE"), NULL);
  g_assert_no_error (error);
  g_assert_cmpint (mcache_end (process), ==, 0);
}

/* A full disk behind standard output is an error. */
static void
test_full_output (McacheFixture *f, gconstpointer data)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_stdout_file_path (launcher, "/dev/full");
  process = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("MC_MCACHE"), "--help", NULL);
  g_assert_no_error (error);
  g_assert_cmpint (mcache_end (process), ==, 1);
}

#define ADD(path, function)                                                                        \
  g_test_add (path, McacheFixture, NULL, mcache_set_up, function, mcache_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/mcache-errors/names", test_names);
  ADD ("/mcache-errors/access", test_access);
  ADD ("/mcache-errors/hub", test_hub);
  ADD ("/mcache-errors/words", test_words);
  g_test_add ("/mcache-errors/no-network", McacheFixture, "http://127.0.0.1:1", mcache_set_up,
              test_no_network, mcache_tear_down);
  ADD ("/mcache-errors/no-service", test_no_service);
  ADD ("/mcache-errors/usage", test_usage);
  ADD ("/mcache-errors/help-of-all-verbs", test_help_of_all);
  ADD ("/mcache-errors/ascii", test_ascii);
  ADD ("/mcache-errors/closed-output", test_closed_output);
  ADD ("/mcache-errors/full-output", test_full_output);
  return g_test_run ();
}
