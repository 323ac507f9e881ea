/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

#include "mc-dbus-names.h"
#include "mc-test-desk.h"
#include "mc-test-sandbox.h"

#include <glib/gstdio.h>
#include <string.h>

/* The window asks the person about sandboxed apps. */

#define APP "org.example.Sandboxed"
#define QUESTION "Allow “" APP "” to Use Models?"

typedef struct
{
  WindowFixture window;
  McTestDesk *desk;
  char *folder;
  char *info;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  window_set_up (&f->window, NULL);
  f->desk = mc_test_desk_new (f->window.bus);
  f->folder = g_dir_make_tmp ("mcw-XXXXXX", NULL);
  f->info = g_build_filename (f->folder, "info", NULL);
  g_assert_true (g_file_set_contents (f->info, "[Application]\nname=" APP "\n", -1, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  /* What the desk was told is not answered any more, but by then nobody listens. */
  if (f->window.window != NULL)
    window_close (&f->window);
  g_clear_pointer (&f->desk, mc_test_desk_free);
  window_tear_down (&f->window, NULL);
  g_unlink (f->info);
  g_rmdir (f->folder);
  g_free (f->info);
  g_free (f->folder);
}

static GSubprocess *
start_call (Fixture *f, const char *method, const char *second, const char *options)
{
  const char *bus = mc_test_bus_get_address (f->window.mcache.bus);

  return mc_test_sandbox_start (
      f->info, bus,
      (const char *const[]){ "gdbus", "call", "--session", "--dest", MC_DBUS_NAME, "--object-path",
                             MC_DBUS_PATH, "--method", method, GGUF, second, options, NULL });
}

static gboolean
works (GSubprocess *process)
{
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;

  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &out, &err, NULL));
  g_test_message ("%s%s", out, err);
  return g_subprocess_get_successful (process);
}

static void
answer (Fixture *f, const char *button, gboolean reads, gboolean downloads)
{
  g_autoptr (GSubprocess) asked =
      start_call (f, "com.tabagent.ModelCache1.Manager.HasFile", "config.json", NULL);
  g_autoptr (GSubprocess) more = NULL;

  mc_test_person_see (f->window.person, NULL, QUESTION);
  mc_test_person_press (f->window.person, QUESTION, button);
  g_assert_cmpint (works (asked), ==, reads);
  mc_test_person_miss (f->window.person, NULL, QUESTION);
  more = start_call (f, "com.tabagent.ModelCache1.Manager.Download", "Q4_K_M", "{}");
  g_assert_cmpint (works (more), ==, downloads);
}

static void
test_allow (Fixture *f, gconstpointer data)
{
  if (!mc_test_sandbox_is_possible (f->info))
    return;
  window_open (&f->window, NULL);
  answer (f, "Allow", TRUE, TRUE);
}

/* And what was answered can be changed in the preferences. */
static void
test_only_read (Fixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) once_more = NULL;
  g_autoptr (McacheRun) listed = NULL;

  if (!mc_test_sandbox_is_possible (f->info))
    return;
  window_open (&f->window, NULL);
  answer (f, "Only Read", TRUE, FALSE);
  listed = mcache_run (&f->window.mcache, "access", NULL);
  g_assert_nonnull (strstr (listed->out, APP));
  mc_test_person_do (f->window.person, "Model Cache", "win.preferences");
  mc_test_person_press (f->window.person, "Preferences", "Access");
  mc_test_person_see (f->window.person, "Preferences", APP);
  mcache_assert_works (&f->window.mcache, "access", "refuse", APP, NULL);
  once_more = start_call (f, "com.tabagent.ModelCache1.Manager.HasFile", "config.json", NULL);
  g_assert_false (works (once_more));
}

static void
test_refuse (Fixture *f, gconstpointer data)
{
  if (!mc_test_sandbox_is_possible (f->info))
    return;
  window_open (&f->window, NULL);
  answer (f, "Refuse", FALSE, FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/apps/allow", Fixture, NULL, set_up, test_allow, tear_down);
  g_test_add ("/apps/only-read", Fixture, NULL, set_up, test_only_read, tear_down);
  g_test_add ("/apps/refuse", Fixture, NULL, set_up, test_refuse, tear_down);
  return g_test_run ();
}
