/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-browser-manifest.h"
#include "mc-test-sandbox.h"
#include "mcache-fixture.h"

#include "mc-json.h"

#include <glib/gstdio.h>
#include <string.h>

/* mcache browser: the files of browsers, and what the service lets extensions do. */

#define CHROMIUM "abcdefghijklmnopabcdefghijklmnop"
#define OTHER "ponmlkjihgfedcbaponmlkjihgfedcba"
#define FIREFOX "models@example.org"

static void
test_ids (void)
{
  static const char *const bad[] = {
    "",
    "a",
    "abcdefghijklmnopabcdefghijklmnoq",
    "abcdefghijklmnopabcdefghijklmno",
    "a@b/../c",
    "a\"b@c",
    "*",
    "<all_urls>",
  };
  McBrowserKind kind;

  g_assert_true (mc_browser_read_id (CHROMIUM, &kind));
  g_assert_cmpint (kind, ==, MC_BROWSER_CHROMIUM);
  g_assert_true (mc_browser_read_id (FIREFOX, &kind));
  g_assert_cmpint (kind, ==, MC_BROWSER_FIREFOX);
  g_assert_true (mc_browser_read_id ("{01234567-89ab-cdef-0123-456789abcdef}", &kind));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (mc_browser_read_id (bad[i], &kind));
}

static void
test_nonsense (void)
{
  static const char *const before[] = {
    NULL,
    "",
    "{",
    "[]",
    "{\"allowed_origins\": 5}",
    "{\"allowed_origins\": [\"https://evil.example/\", 7, \"chrome-extension://*/\"]}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (before); i++)
    {
      g_autofree char *text =
          mc_browser_edit (MC_BROWSER_CHROMIUM, before[i], "/bin/host", CHROMIUM, TRUE);
      g_auto (GStrv) ids = mc_browser_list (MC_BROWSER_CHROMIUM, text);

      g_assert_cmpuint (g_strv_length (ids), ==, 1);
      g_assert_cmpstr (ids[0], ==, CHROMIUM);
      g_assert_null (strstr (text, "evil"));
    }
}

/* --- the verb --- */

typedef struct
{
  McacheFixture mcache;
  char *home;
  char *environment[4]; /* ended by NULL */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  mcache_set_up (&f->mcache, NULL);
  f->home = g_build_filename (g_get_user_runtime_dir (), "home", NULL);
  f->environment[0] = g_strconcat ("HOME=", f->home, NULL);
  f->environment[1] = g_strconcat ("XDG_CONFIG_HOME=", f->home, "/.config", NULL);
  f->environment[2] = g_strconcat ("MODEL_CACHE_NATIVE_HOST=", g_getenv ("MC_NATIVE_HOST"), NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    g_free (f->environment[i]);
  g_free (f->home);
  mcache_tear_down (&f->mcache, NULL);
}

static McacheRun *
browser (Fixture *f, int status, const char *deed, const char *id)
{
  const char *arguments[] = { "browser", deed, id, NULL };
  McacheRun *run =
      mcache_run_with (&f->mcache, (const char *const *) f->environment, NULL, arguments);

  if (run->status != status)
    g_test_message ("%s", run->err);
  g_assert_cmpint (run->status, ==, status);
  return run;
}

static void
assert_ends (Fixture *f, int status, const char *deed, const char *id)
{
  g_autoptr (McacheRun) run = browser (f, status, deed, id);

  g_assert_true (status == 0 || run->err[0] != '\0');
}

static char *
read_file (Fixture *f, const char *folder)
{
  g_autofree char *path = g_build_filename (f->home, folder, MC_BROWSER_HOST ".json", NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static void
test_allow (Fixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) list = NULL;
  g_autofree char *text = NULL;
  g_autofree char *firefox = NULL;
  g_autofree char *gone = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_auto (GStrv) origins = NULL;

  assert_ends (f, 0, "allow", CHROMIUM);
  assert_ends (f, 0, "allow", CHROMIUM);
  assert_ends (f, 0, "allow", OTHER);
  assert_ends (f, 0, "allow", FIREFOX);
  list = browser (f, 0, NULL, NULL);
  g_assert_cmpstr (list->out, ==,
                   CHROMIUM "  Chromium\n" OTHER "  Chromium\n" FIREFOX "  Firefox\n");
  assert_ends (f, 0, "deny", CHROMIUM);
  text = read_file (f, ".config/chromium/NativeMessagingHosts");
  node = mc_json_parse (text, -1, NULL);
  origins = mc_json_get_strings (mc_json_node_get_object (node), "allowed_origins");
  g_assert_cmpstr (mc_json_get_string (mc_json_node_get_object (node), "path"), ==,
                   g_getenv ("MC_NATIVE_HOST"));
  g_assert_cmpstr (mc_json_get_string (mc_json_node_get_object (node), "type"), ==, "stdio");
  g_assert_cmpuint (g_strv_length (origins), ==, 1);
  g_assert_cmpstr (origins[0], ==, "chrome-extension://" OTHER "/");
  firefox = read_file (f, ".mozilla/native-messaging-hosts");
  g_assert_nonnull (strstr (firefox, FIREFOX));
  assert_ends (f, 0, "deny", OTHER);
  gone = read_file (f, ".config/chromium/NativeMessagingHosts");
  g_assert_null (gone);
}

/* The service lets the extension's pages ask, and does not forget others. */
static void
test_origins (Fixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) with = NULL;
  g_autoptr (McacheRun) without = NULL;

  mcache_assert_works (&f->mcache, "serve", "--allow-origin", "https://example.org", NULL);
  assert_ends (f, 0, "allow", CHROMIUM);
  assert_ends (f, 0, "allow", FIREFOX);
  with = mcache_run (&f->mcache, "settings", "serve-origins", NULL);
  g_assert_nonnull (strstr (with->out, "https://example.org"));
  g_assert_nonnull (strstr (with->out, "chrome-extension://" CHROMIUM));
  g_assert_nonnull (strstr (with->out, "moz-extension://" FIREFOX));
  assert_ends (f, 0, "deny", CHROMIUM);
  assert_ends (f, 0, "deny", FIREFOX);
  without = mcache_run (&f->mcache, "settings", "serve-origins", NULL);
  g_assert_nonnull (strstr (without->out, "https://example.org"));
  g_assert_null (strstr (without->out, CHROMIUM));
  g_assert_null (strstr (without->out, FIREFOX));
}

/* --- in a Flatpak, from which no browser can be reached --- */

static char *
make_info (Fixture *f)
{
  char *info = g_build_filename (f->home, "info", NULL);

  g_assert_cmpint (g_mkdir_with_parents (f->home, 0700), ==, 0);
  g_assert_true (g_file_set_contents (info, "[Application]\nname=" MC_APP_ID "\n", -1, NULL));
  return info;
}

static char *
run_within (Fixture *f, const char *info, const char *deed, const char *id)
{
  const char *command[] = { g_getenv ("MC_MCACHE"), "browser", deed, id, NULL };
  g_autoptr (GSubprocess) process =
      mc_test_sandbox_start (info, mc_test_bus_get_address (f->mcache.bus), command);
  g_autoptr (GError) error = NULL;
  char *out = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  return out;
}

/* As "| sh" does. */
static void
run_outside (Fixture *f, const char *script)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GSubprocess) shell = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "HOME", f->home, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "XDG_CONFIG_HOME");
  g_subprocess_launcher_unsetenv (launcher, "XDG_DATA_HOME");
  shell = g_subprocess_launcher_spawn (launcher, &error, "sh", NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (shell, script, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (shell), ==, 0);
}

static void
make_browser (Fixture *f, const char *folder)
{
  g_autofree char *path = g_build_filename (f->home, folder, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
}

static void
assert_host (Fixture *f, const char *text)
{
  g_autoptr (JsonNode) node = mc_json_parse (text, -1, NULL);
  g_autofree char *expected =
      g_build_filename (f->home, ".local/share", MC_APP_ID, "native-host", NULL);
  const char *host = mc_json_get_string (mc_json_node_get_object (node), "path");
  g_autofree char *program = NULL;

  g_assert_cmpstr (host, ==, expected);
  g_assert_true (g_file_test (host, G_FILE_TEST_IS_EXECUTABLE));
  g_assert_true (g_file_get_contents (host, &program, NULL, NULL));
  g_assert_nonnull (strstr (program, "exec flatpak run --command=" MC_LIBEXECDIR
                                     "/model-cache-native-host " MC_APP_ID " \"$@\"\n"));
}

static void
test_flatpak (Fixture *f, gconstpointer data)
{
  g_autofree char *info = make_info (f);
  g_autofree char *second = NULL;
  g_autofree char *told = NULL;
  g_autofree char *third = NULL;
  g_autofree char *chromium = NULL;
  g_autofree char *firefox = NULL;
  g_autofree char *gone = NULL;
  g_auto (GStrv) ids = NULL;

  if (!mc_test_sandbox_is_possible (info))
    return;
  make_browser (f, ".config/chromium");
  make_browser (f, ".mozilla");
  g_free (run_within (f, info, "allow", CHROMIUM));
  g_free (run_within (f, info, "allow", OTHER));
  second = run_within (f, info, "allow", FIREFOX);
  g_assert_null (read_file (f, ".config/chromium/NativeMessagingHosts"));
  run_outside (f, second);
  chromium = read_file (f, ".config/chromium/NativeMessagingHosts");
  ids = mc_browser_list (MC_BROWSER_CHROMIUM, chromium);
  g_assert_cmpstr (ids[0], ==, CHROMIUM);
  g_assert_cmpstr (ids[1], ==, OTHER);
  assert_host (f, chromium);
  firefox = read_file (f, ".mozilla/native-messaging-hosts");
  g_assert_nonnull (strstr (firefox, "\"allowed_extensions\": [\"" FIREFOX "\"]"));
  g_assert_null (read_file (f, ".config/google-chrome/NativeMessagingHosts"));
  told = run_within (f, info, NULL, NULL);
  g_assert_cmpstr (told, ==, CHROMIUM "  Chromium\n" OTHER "  Chromium\n" FIREFOX "  Firefox\n");
  third = run_within (f, info, "deny", FIREFOX);
  run_outside (f, third);
  gone = read_file (f, ".mozilla/native-messaging-hosts");
  g_assert_null (gone);
}

static void
test_usage (Fixture *f, gconstpointer data)
{
  g_autoptr (McacheRun) nobody = browser (f, 2, "allow", "nobody");

  g_assert_nonnull (strstr (nobody->err, "nobody"));
  assert_ends (f, 2, "remove", CHROMIUM);
  assert_ends (f, 2, "allow", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/native-browsers/ids", test_ids);
  g_test_add_func ("/native-browsers/nonsense", test_nonsense);
  g_test_add ("/native-browsers/allow", Fixture, NULL, set_up, test_allow, tear_down);
  g_test_add ("/native-browsers/origins", Fixture, NULL, set_up, test_origins, tear_down);
  g_test_add ("/native-browsers/flatpak", Fixture, NULL, set_up, test_flatpak, tear_down);
  g_test_add ("/native-browsers/usage", Fixture, NULL, set_up, test_usage, tear_down);
  return g_test_run ();
}
