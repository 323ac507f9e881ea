/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include <string.h>

/* Each example does its job: a file that is not here, the same one again, a file that does not
 * exist. */

static char *
find_example (const char *name)
{
  return g_build_filename (g_getenv ("MC_TESTS_SRCDIR"), "..", "data", "examples", name, NULL);
}

/* The system's own interpreter has GLib's bindings, if any has. */
static gboolean
has_bindings (void)
{
  const char *const arguments[] = { "/usr/bin/python3", "-c", "from gi.repository import Gio",
                                    NULL };
  int status = 1;

  return g_spawn_sync (NULL, (char **) arguments, NULL,
                       G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                       NULL, &status, NULL)
         && status == 0;
}

/* What it printed; NULL if it failed. */
static char *
run_example (McacheFixture *f, const char *program, const char *repo, const char *path)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_path_get_dirname (g_getenv ("MC_MCACHE"));
  g_autofree char *search_path = g_strdup_printf ("%s:%s", folder, g_getenv ("PATH"));
  g_autofree char *out = NULL;

  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS",
                                mc_test_bus_get_address (f->bus), TRUE);
  g_subprocess_launcher_setenv (launcher, "PATH", search_path, TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, program, repo, path, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  return mcache_get_status (process) == 0 ? g_steal_pointer (&out) : NULL;
}

static void
check_example (McacheFixture *f, const char *program)
{
  g_autofree char *hash = mc_test_hub_dup_hash (f->hub, ONNX, ONNX_WEIGHTS);
  g_autofree char *expected = g_strdup_printf ("%s  %s\n", hash, ONNX_WEIGHTS);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *none = NULL;
  g_autofree char *odd = NULL;

  mcache_assert_works (f, "scan", ONNX, NULL);
  first = run_example (f, program, ONNX, ONNX_WEIGHTS);
  g_assert_cmpstr (first, ==, expected);
  second = run_example (f, program, ONNX, ONNX_WEIGHTS);
  g_assert_cmpstr (second, ==, expected);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, ONNX, ONNX_WEIGHTS), ==, ONNX_SIZE);
  none = run_example (f, program, ONNX, "none.bin");
  g_assert_null (none);
  odd = run_example (f, program, ONNX, "it's \"odd\" \\ {}");
  g_assert_null (odd);
}

static void
test_shell (McacheFixture *f, gconstpointer data)
{
  g_autofree char *example = find_example ("fetch-and-hash.sh");
  g_autofree char *gdbus = g_find_program_in_path ("gdbus");

  if (gdbus == NULL)
    g_test_skip ("gdbus is not installed");
  else
    check_example (f, example);
}

static void
test_python (McacheFixture *f, gconstpointer data)
{
  g_autofree char *example = find_example ("fetch_and_hash.py");

  if (!has_bindings ())
    g_test_skip ("GLib's bindings for Python (python3-gi) are not installed");
  else
    check_example (f, example);
}

static void
test_c (McacheFixture *f, gconstpointer data)
{
  check_example (f, g_getenv ("MC_EXAMPLE_C"));
}

#define ADD(path, function)                                                                        \
  g_test_add (path, McacheFixture, NULL, mcache_set_up, function, mcache_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/examples/shell", test_shell);
  ADD ("/examples/python", test_python);
  ADD ("/examples/c", test_c);
  return g_test_run ();
}
