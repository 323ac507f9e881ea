/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mcache-fixture.h"

#include <string.h>

/* The library in other languages: each case is one run of scenario.py or scenario.js, with the
 * shared cache (the real service on a bus of its own) and with a private one, against the scripted
 * Hub. */

static const char *const python[] = { "/usr/bin/python3", "scenario.py", NULL };
static const char *const javascript[] = { "gjs", "-m", "scenario.js", NULL };

typedef struct
{
  const char *path;
  const char *const *program;
  const char *kind;
  const char *name;
} Case;

static const Case cases[] = {
  { "/python/shared/whole", python, "shared", "whole" },
  { "/python/shared/async", python, "shared", "async" },
  { "/python/shared/errors", python, "shared", "errors" },
  { "/python/shared/cancelled", python, "shared", "cancelled" },
  { "/python/shared/throws", python, "shared", "throws" },
  { "/python/shared/fetches", python, "shared", "fetches" },
  { "/python/shared/several", python, "shared", "several" },
  { "/python/shared/unreachable", python, "shared", "unreachable" },
  { "/python/shared/absent", python, "shared", "absent" },
  { "/python/shared/socket", python, "shared", "socket" },
  { "/python/private/whole", python, "private", "whole" },
  { "/python/private/async", python, "private", "async" },
  { "/python/private/errors", python, "private", "errors" },
  { "/python/private/cancelled", python, "private", "cancelled" },
  { "/python/private/throws", python, "private", "throws" },
  { "/python/private/fetches", python, "private", "fetches" },
  { "/python/private/several", python, "private", "several" },
  { "/python/private/unreachable", python, "private", "unreachable" },
  { "/python/private/absent", python, "private", "absent" },
  { "/python/private/closes", python, "private", "closes" },
  { "/javascript/shared/whole", javascript, "shared", "whole" },
  { "/javascript/shared/async", javascript, "shared", "async" },
  { "/javascript/shared/errors", javascript, "shared", "errors" },
  { "/javascript/shared/cancelled", javascript, "shared", "cancelled" },
  { "/javascript/shared/throws", javascript, "shared", "throws" },
  { "/javascript/shared/fetches", javascript, "shared", "fetches" },
  { "/javascript/shared/several", javascript, "shared", "several" },
  { "/javascript/private/whole", javascript, "private", "whole" },
  { "/javascript/private/async", javascript, "private", "async" },
  { "/javascript/private/errors", javascript, "private", "errors" },
  { "/javascript/private/cancelled", javascript, "private", "cancelled" },
  { "/javascript/private/throws", javascript, "private", "throws" },
  { "/javascript/private/fetches", javascript, "private", "fetches" },
  { "/javascript/private/several", javascript, "private", "several" },
};

#define NOWHERE "http://127.0.0.1:1"

static gboolean
is (const Case *which, const char *name)
{
  return strcmp (which->name, name) == 0;
}

/* Whoever is not there cannot be reached. */
static const char *
get_endpoint (McacheFixture *f, const Case *which)
{
  return is (which, "unreachable") ? NOWHERE : mc_test_hub_get_url (f->hub);
}

static const char *
get_bus (McacheFixture *f, const Case *which)
{
  return is (which, "absent") ? "unix:path=/dev/null" : mc_test_bus_get_address (f->bus);
}

static void
set_up (McacheFixture *f, gconstpointer data)
{
  const Case *which = data;

  mcache_set_up (f, is (which, "unreachable") ? NOWHERE : NULL);
  if (is (which, "cancelled") || is (which, "closes"))
    mc_test_hub_script (f->hub, "storage:" ONNX "/" ONNX_WEIGHTS, MC_TEST_STALL_AFTER, 100000, 0);
}

/* Its client starts the service then. */
static void
take_bus_away (GSubprocessLauncher *launcher)
{
  g_autofree char *path = g_build_filename (g_get_user_runtime_dir (), "socket", NULL);
  g_autofree char *store = g_build_filename (g_get_user_cache_dir (), "store", NULL);

  g_subprocess_launcher_unsetenv (launcher, "DBUS_SESSION_BUS_ADDRESS");
  g_subprocess_launcher_setenv (launcher, "MODEL_CACHE_SOCKET", path, TRUE);
  g_subprocess_launcher_setenv (launcher, "MODEL_CACHE_DATA_DIR", store, TRUE);
}

static GSubprocess *
start (McacheFixture *f, const Case *which)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "private", NULL);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  for (const char *const *part = which->program; *part != NULL; part++)
    g_ptr_array_add (arguments, g_str_has_prefix (*part, "scenario.") ? g_build_filename (
                                    g_getenv ("MC_TESTS_SRCDIR"), "bindings", *part, NULL)
                                                                      : g_strdup (*part));
  g_ptr_array_add (arguments, g_strdup (which->kind));
  g_ptr_array_add (arguments, g_strdup (which->name));
  g_ptr_array_add (arguments, g_steal_pointer (&folder));
  g_ptr_array_add (arguments, NULL);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", get_bus (f, which), TRUE);
  g_subprocess_launcher_setenv (launcher, "HF_ENDPOINT", get_endpoint (f, which), TRUE);
  g_subprocess_launcher_setenv (launcher, "HF_HOME", g_get_user_config_dir (), TRUE);
  if (is (which, "socket"))
    take_bus_away (launcher);
  /* What a callback throws is a critical warning of gjs's. */
  if (is (which, "throws"))
    g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) arguments->pdata, &error);
  g_assert_no_error (error);
  return process;
}

static void
run_case (McacheFixture *f, gconstpointer data)
{
  const Case *which = data;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL;
  g_autofree char *program = g_find_program_in_path (which->program[0]);

  if (program == NULL)
    {
      g_test_skip_printf ("%s is not installed", which->program[0]);
      return;
    }
  process = start (f, which);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("%s", out);
  g_assert_cmpint (mcache_get_status (process), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, McacheFixture, &cases[i], set_up, run_case, mcache_tear_down);
  return g_test_run ();
}
