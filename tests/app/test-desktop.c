/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-desk.h"
#include "window-fixture.h"

#include "mc-test-wait.h"

#include <glib/gstdio.h>
#include <string.h>

/* The program among others: notifications, links, a second start, no display, no window. */

#define SLOW 20000 /* bytes a second: caught under way, however busy the computer is */

/* --- without a window --- */

static void
close_only (WindowFixture *f)
{
  mc_test_person_press (f->person, NULL, "Close");
  mc_test_person_miss (f->person, NULL, "Model Cache");
}

/* Downloads go on when the window is closed; when the last one has finished this is told, once, and
 * the program ends by itself. */
static void
test_batch (WindowFixture *f, gconstpointer data)
{
  g_autoptr (McTestDesk) desk = mc_test_desk_new (f->bus);
  g_autoptr (GError) error = NULL;

  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  mcache_assert_works (&f->mcache, "download", ONNX, "q4", "--detach", NULL);
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", "--detach", NULL);
  window_open (f, NULL);
  mc_test_person_press (f->person, NULL, "Downloads");
  mc_test_person_see (f->person, NULL, "Active 2");
  close_only (f);
  mc_test_hub_set_rate (f->mcache.hub, 0);
  mc_test_desk_await (desk, "*[2 Downloads Finished]*" ONNX " · q4*");
  g_assert_null (strstr (mc_test_desk_get_text (desk), "[Download Finished]"));
  g_subprocess_wait (f->window, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mcache_get_status (f->window), ==, 0);
  g_clear_object (&f->window);
}

/* What cannot go on without a person says so, with the button that helps. */
static void
test_problem (WindowFixture *f, gconstpointer data)
{
  g_autoptr (McTestDesk) desk = mc_test_desk_new (f->bus);

  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  mcache_assert_works (&f->mcache, "download", ONNX, "q4", "--detach", NULL);
  window_open (f, NULL);
  mc_test_person_press (f->person, NULL, "Downloads");
  mc_test_person_see (f->person, NULL, "Active 1");
  close_only (f);
  mc_test_hub_script (f->mcache.hub, "/" GGUF "/resolve/main/tiny-Q4_K_M.gguf", MC_TEST_GATED, 0,
                      1);
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", "--detach", NULL);
  mc_test_desk_await (desk, "*[Access Must Be Granted][" GGUF " · Q4_K_M\n*][*Open Page*]*");
  window_end (f);
}

/* It dies: the service does not care. */
static void
test_killed (WindowFixture *f, gconstpointer data)
{
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  mcache_assert_works (&f->mcache, "download", ONNX, "q4", "--detach", NULL);
  window_open (f, NULL);
  mc_test_person_press (f->person, NULL, "Downloads");
  mc_test_person_see (f->person, NULL, "Active 1");
  window_kill (f);
  mc_test_hub_set_rate (f->mcache.hub, 0);
  mcache_assert_works (&f->mcache, "download", ONNX, "q4", NULL);
  g_assert_cmpuint (mc_test_hub_count (f->mcache.hub, "storage:" ONNX "/" ONNX_WEIGHTS), >, 0);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->mcache.hub, ONNX, ONNX_WEIGHTS), ==, ONNX_SIZE);
}

static gboolean
is_activated (gpointer data)
{
  WindowFixture *f = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      f->bus, "com.tabagent.ModelCache", "/com/tabagent/ModelCache", "org.freedesktop.Application",
      "ActivateAction", g_variant_new_parsed ("('show-repo', [<%s>], @a{sv} {})", GGUF), NULL,
      G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, &error);

  return reply != NULL;
}

/* A notification's button is pressed when no window is open: the bus starts the program for it. */
static void
test_activated (WindowFixture *f, gconstpointer data)
{
  const char *const as_service[] = { "--gapplication-service", NULL };

  mcache_assert_works (&f->mcache, "scan", GGUF, NULL);
  mc_test_person_forget_program (f->person);
  f->window = window_start (f, as_service);
  g_assert_true (mc_test_wait_until (is_activated, f, 60000));
  mc_test_person_await_program (f->person);
  mc_test_person_see (f->person, "Model", GGUF);
}

/* --- the overview of the desktop --- */

static gboolean
has_name (gpointer data)
{
  WindowFixture *f = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      f->bus, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner",
      g_variant_new ("(s)", MC_APP_ID), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  gboolean has = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &has);
  return has;
}

static GVariant *
ask_overview (WindowFixture *f, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply =
      g_dbus_connection_call_sync (f->bus, MC_APP_ID, "/com/tabagent/ModelCache/SearchProvider",
                                   "org.gnome.Shell.SearchProvider2", method, arguments, NULL,
                                   G_DBUS_CALL_FLAGS_NONE, 60000, NULL, &error);

  g_assert_no_error (error);
  return reply;
}

static void
assert_overview (WindowFixture *f, const char *words, const char *expected)
{
  GVariant *arguments = g_variant_new ("(^as)", (const char *const[]){ "tiny", words, NULL });
  g_autoptr (GVariant) reply = ask_overview (f, "GetInitialResultSet", arguments);
  g_autofree char *text = g_variant_print (reply, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

/* Asked at once, as the shell does that has just started it; what is chosen there is opened. */
static void
test_overview (WindowFixture *f, gconstpointer data)
{
  const char *const as_service[] = { "--gapplication-service", NULL };
  g_autoptr (GVariant) metas = NULL;
  g_autofree char *text = NULL;

  mcache_assert_works (&f->mcache, "scan", GGUF, NULL);
  mc_test_person_forget_program (f->person);
  f->window = window_start (f, as_service);
  g_assert_true (mc_test_wait_until (has_name, f, 60000));
  assert_overview (f, "gguf", "(['repo:" GGUF "', 'hub:tiny gguf'],)");
  metas =
      ask_overview (f, "GetResultMetas", g_variant_new_parsed ("(['repo:" GGUF "', 'nonsense'],)"));
  text = g_variant_print (metas, FALSE);
  g_assert_nonnull (strstr (text, "'name': <'tiny-GGUF'>"));
  g_assert_null (strstr (text, "nonsense"));
  g_variant_unref (ask_overview (f, "ActivateResult",
                                 g_variant_new_parsed ("('repo:" GGUF "', ['tiny'], uint32 0)")));
  mc_test_person_await_program (f->person);
  mc_test_person_see (f->person, "Model", GGUF);
  g_variant_unref (
      ask_overview (f, "LaunchSearch", g_variant_new_parsed ("(['tiny', 'onnx'], uint32 0)")));
  mc_test_person_see (f->person, "Models on the Hub", ONNX);
}

/* --- how it is started --- */

static void
test_links (WindowFixture *f, gconstpointer data)
{
  const char *const link[] = { "modelcache:" GGUF, NULL };

  window_open (f, link);
  mc_test_person_see (f->person, "Model", GGUF);
}

/* Nothing comes of it but a sentence. */
static void
test_hostile_links (WindowFixture *f, gconstpointer data)
{
  g_autofree char *long_name = g_strnfill (5000, 'a');
  g_autofree char *huge = g_strconcat ("modelcache:", long_name, NULL);
  const char *const links[] = {
    "modelcache:", "modelcache:a%0Ab/c",    "modelcache:../../etc/passwd",
    huge,          "modelcache:%00owner/a", "modelcache:o/n;rm -rf"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (links); i++)
    {
      const char *const arguments[] = { links[i], NULL };

      window_open (f, arguments);
      mc_test_person_see (f->person, "Model Cache", "Not a Name of a Model");
      mc_test_person_see (f->person, "Model Cache", "Name it as owner/name, *");
      window_close (f);
    }
}

/* Told where the person is, who stays there. */
static void
test_hostile_link_on_page (WindowFixture *f, gconstpointer data)
{
  const char *const link[] = { "modelcache:..%2f../etc/passwd", NULL };
  g_autoptr (GSubprocess) second = NULL;
  int x, y;

  mcache_assert_works (&f->mcache, "scan", GGUF, NULL);
  window_open (f, NULL);
  mc_test_person_press (f->person, "Models in the library", "tiny-GGUF");
  mc_test_person_find_place (f->person, "Q4_K_M", "Download", &x, &y);
  second = window_start (f, link);
  g_assert_cmpint (mcache_end (second), ==, 0);
  mc_test_person_find_place (f->person, "Model", "Not a Name of a Model*", &x, &y);
  window_close (f);
  window_open (f, NULL);
  mc_test_person_find_place (f->person, "Q4_K_M", "Download", &x, &y);
}

/* The one that runs already does it. */
static void
test_second_start (WindowFixture *f, gconstpointer data)
{
  const char *const link[] = { "modelcache:" GGUF, NULL };
  g_autoptr (GSubprocess) second = NULL;

  window_open (f, NULL);
  mc_test_person_see (f->person, NULL, "No Models Yet");
  second = window_start (f, link);
  g_assert_cmpint (mcache_end (second), ==, 0);
  mc_test_person_see (f->person, "Model", GGUF);
}

/* A file is asked about, and adopted: it is not fetched then. */
static void
test_file (WindowFixture *f, gconstpointer data)
{
  g_autofree guint8 *bytes = g_malloc (GGUF_SIZE);
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "model.gguf", NULL);
  const char *const arguments[] = { path, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (g_get_user_data_dir (), 0700), ==, 0);
  mc_test_hub_generate (8, 0, bytes, GGUF_SIZE);
  g_file_set_contents (path, (const char *) bytes, GGUF_SIZE, &error);
  g_assert_no_error (error);
  mcache_assert_works (&f->mcache, "scan", GGUF, NULL);
  window_open (f, arguments);
  mc_test_person_see (f->person, NULL, "Adopt “model.gguf”?");
  mc_test_person_press (f->person, NULL, "Adopt");
  mc_test_person_see (f->person, "Downloads", "Adopted*");
  mc_test_person_press (f->person, NULL, "Library");
  mc_test_person_see (f->person, GGUF, "Ready");
  /* But for its header, when it was scanned. */
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->mcache.hub, GGUF, "tiny-Q4_K_M.gguf"), <, GGUF_SIZE);
}

static char *
run (WindowFixture *f, const char *display, const char *argument, int status, char **err)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char *out = NULL;

  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS",
                                mc_test_bus_get_address (f->mcache.bus), TRUE);
  g_subprocess_launcher_setenv (launcher, "DISPLAY", display, TRUE);
  g_subprocess_launcher_setenv (launcher, "GDK_BACKEND", "x11", TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("MC_WINDOW"), argument, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, err, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mcache_get_status (process), ==, status);
  return out;
}

static void
test_command_line (WindowFixture *f, gconstpointer data)
{
  g_autofree char *help_err = NULL;
  g_autofree char *version_err = NULL;
  g_autofree char *no_display_err = NULL;
  g_autofree char *no_text_err = NULL;
  g_autofree char *help = run (f, "", "--help", 0, &help_err);
  g_autofree char *version = run (f, "", "--version", 0, &version_err);
  g_autofree char *no_display = run (f, "", NULL, 1, &no_display_err);
  g_autofree char *no_text = run (f, "", "modelcache:\xff", 1, &no_text_err);

  g_assert_nonnull (strstr (help, "modelcache:owner/name"));
  g_assert_nonnull (strstr (help, "--version"));
  g_assert_true (g_str_has_prefix (version, "model-cache "));
  g_assert_cmpstr (no_display, ==, "");
  g_assert_cmpstr (no_text, ==, "");
  g_assert_nonnull (strstr (no_display_err, "there is no display"));
  g_assert_nonnull (strstr (no_text_err, "is not UTF-8"));
}

#define ADD(path, function)                                                                        \
  g_test_add (path, WindowFixture, NULL, window_set_up, function, window_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/desktop/batch", test_batch);
  ADD ("/desktop/problem", test_problem);
  ADD ("/desktop/killed", test_killed);
  ADD ("/desktop/activated", test_activated);
  ADD ("/desktop/overview", test_overview);
  ADD ("/desktop/links", test_links);
  ADD ("/desktop/hostile-links", test_hostile_links);
  ADD ("/desktop/hostile-link-on-page", test_hostile_link_on_page);
  ADD ("/desktop/second-start", test_second_start);
  ADD ("/desktop/file", test_file);
  ADD ("/desktop/command-line", test_command_line);
  return g_test_run ();
}
