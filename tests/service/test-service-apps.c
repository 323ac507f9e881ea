/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"
#include "mc-test-sandbox.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* What sandboxed apps may do: real sandboxes by bubblewrap, with the file that Flatpak puts into
 * them. Where there can be none, these are skipped. */

#define APP "org.example.Sandboxed"
#define SIZE 300000
#define LIMIT_MS 60000
#define MANAGER "com.tabagent.ModelCache1.Manager."
#define ALLOWED(f) set_access (f, "all")

typedef struct
{
  ServiceFixture *service;
  char *folder;
  char *info;    /* the file that says which app it is */
  char *address; /* of the private socket */
} Fixture;

static void
set_up (Fixture *f, gconstpointer info)
{
  g_autofree char *socket = NULL;
  g_autofree char *variable = NULL;

  f->folder = g_dir_make_tmp ("mca-XXXXXX", NULL);
  f->info = g_build_filename (f->folder, "info", NULL);
  socket = g_build_filename (f->folder, "socket", NULL);
  variable = g_strconcat ("MODEL_CACHE_SOCKET=", socket, NULL);
  f->address = g_strconcat ("unix:path=", socket, NULL);
  f->service = service_fixture_new ((const char *const[]){ variable, NULL });
  service_fixture_add_big (f->service, SIZE);
  g_assert_true (g_file_set_contents (
      f->info, info == NULL ? "[Application]\nname=" APP "\n" : info, -1, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *lock = g_build_filename (f->folder, "socket.lock", NULL);

  service_fixture_free (f->service);
  g_unlink (f->info);
  g_unlink (lock);
  g_rmdir (f->folder);
  g_free (f->folder);
  g_free (f->info);
  g_free (f->address);
}

static GSubprocess *
start (Fixture *f, const char *const *command)
{
  return mc_test_sandbox_start (f->info, mc_test_bus_get_address (f->service->bus), command);
}

/* A call of the Manager from within; arguments: as gdbus reads them, parted by blanks. */
static GSubprocess *
start_call (Fixture *f, const char *address, const char *method, const char *arguments)
{
  g_auto (GStrv) parts = g_strsplit (arguments, " ", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;

  g_strv_builder_add_many (builder, "gdbus", "call", "--address", address, "--dest", MC_DBUS_NAME,
                           "--object-path", MC_DBUS_PATH, "--method", method, NULL);
  if (arguments[0] != '\0')
    g_strv_builder_addv (builder, (const char **) parts);
  words = g_strv_builder_end (builder);
  return start (f, (const char *const *) words);
}

/* "": it worked; else the error's name, or all that was said. */
static char *
end_call (GSubprocess *process)
{
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  const char *name;

  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &out, &err, NULL));
  g_test_message ("%s%s", out, err);
  name = strstr (err, MC_DBUS_ERROR_PREFIX);
  if (name != NULL)
    return g_strndup (name + strlen (MC_DBUS_ERROR_PREFIX),
                      strcspn (name + strlen (MC_DBUS_ERROR_PREFIX), ":"));
  return g_strdup (g_subprocess_get_successful (process) ? "" : err);
}

static void
expect_at (Fixture *f,
           const char *address,
           const char *method,
           const char *arguments,
           const char *expected)
{
  g_autoptr (GSubprocess) process = start_call (f, address, method, arguments);
  g_autofree char *found = end_call (process);

  g_assert_cmpstr (found, ==, expected);
}

static void
expect (Fixture *f, const char *method, const char *arguments, const char *expected)
{
  expect_at (f, mc_test_bus_get_address (f->service->bus), method, arguments, expected);
}

/* By the person, who is in no sandbox. */
static void
set_access (Fixture *f, const char *word)
{
  service_fixture_expect_error (f->service, "SetAccess",
                                g_variant_new ("(ss@a{sv})", APP, word, service_options ()), "");
}

static guint
count_questions (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      f->service->connection, MC_DBUS_NAME, MC_DBUS_PATH, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", "com.tabagent.ModelCache1.Manager", "AccessQuestions"),
      G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_autoptr (GVariant) value = NULL;

  g_assert_no_error (error);
  g_variant_get (reply, "(v)", &value);
  return (guint) g_variant_n_children (value);
}

static gboolean
is_asked (gpointer data)
{
  return count_questions (data) == 1;
}

/* --- cases --- */

/* Nobody can ask: it is refused at once, whatever it wants, and all it could look at. */
static void
test_nobody_asks (Fixture *f, gconstpointer data)
{
  if (!mc_test_sandbox_is_possible (f->info))
    return;
  expect (f, MANAGER "HasFile", BIG_REPO " " BIG_FILE, "NotAllowed");
  expect (f, MANAGER "Download", BIG_REPO " big {}", "NotAllowed");
  expect (f, "org.freedesktop.DBus.Properties.GetAll", "com.tabagent.ModelCache1.Manager",
          "NotAllowed");
  expect (f, "org.freedesktop.DBus.Properties.Get",
          "com.tabagent.ModelCache1.Manager ServingAddress", "NotAllowed");
  expect (f, "org.freedesktop.DBus.ObjectManager.GetManagedObjects", "", "NotAllowed");
  expect_at (f, f->address, MANAGER "HasFile", BIG_REPO " " BIG_FILE, "NotAllowed");
  g_assert_cmpuint (count_questions (f), ==, 0);
}

static void
test_levels (Fixture *f, gconstpointer data)
{
  if (!mc_test_sandbox_is_possible (f->info))
    return;
  set_access (f, "read");
  expect (f, MANAGER "HasFile", BIG_REPO " " BIG_FILE, "");
  expect (f, MANAGER "Download", BIG_REPO " big {}", "NotAllowed");
  expect (f, MANAGER "OpenFile", BIG_REPO " " BIG_FILE " {'fetch':<true>}", "NotAllowed");
  expect (f, "org.freedesktop.DBus.Properties.GetAll", "com.tabagent.ModelCache1.Manager", "");
  expect_at (f, f->address, MANAGER "HasFile", BIG_REPO " " BIG_FILE, "");
  expect_at (f, f->address, MANAGER "Download", BIG_REPO " big {}", "NotAllowed");
  ALLOWED (f);
  expect (f, MANAGER "Download", BIG_REPO " big {}", "");
  expect (f, MANAGER "Configure", "{'offline':<false>}", "");
  /* It never decides for itself, nor sees what others do. */
  expect (f, MANAGER "SetAccess", "org.example.Other all {}", "NotAllowed");
  expect (f, MANAGER "Configure", "{'apps':<['org.example.Other=all']>}", "NotAllowed");
  expect (f, MANAGER "OfferToAsk", "{}", "NotAllowed");
  expect (f, MANAGER "ListPrograms", "{}", "NotAllowed");
  set_access (f, "none");
  expect (f, MANAGER "HasFile", BIG_REPO " " BIG_FILE, "NotAllowed");
  set_access (f, "ask");
  expect (f, MANAGER "HasFile", BIG_REPO " " BIG_FILE, "NotAllowed");
}

/* Two calls of one app are one question, and go on when it is answered. */
static void
test_asked (Fixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) first = NULL;
  g_autoptr (GSubprocess) second = NULL;
  g_autoptr (GSubprocess) later = NULL;
  g_autofree char *of_first = NULL;
  g_autofree char *of_second = NULL;
  g_autofree char *of_later = NULL;
  const char *bus = mc_test_bus_get_address (f->service->bus);

  if (!mc_test_sandbox_is_possible (f->info))
    return;
  service_fixture_expect_error (f->service, "OfferToAsk",
                                g_variant_new ("(@a{sv})", service_options ()), "");
  first = start_call (f, bus, MANAGER "HasFile", BIG_REPO " " BIG_FILE);
  second = start_call (f, f->address, MANAGER "Download", BIG_REPO " big {}");
  g_assert_true (mc_test_wait_until (is_asked, f, LIMIT_MS));
  set_access (f, "read");
  of_first = end_call (first);
  of_second = end_call (second);
  g_assert_cmpstr (of_first, ==, "");
  g_assert_cmpstr (of_second, ==, "NotAllowed");
  g_assert_cmpuint (count_questions (f), ==, 0);
  set_access (f, "ask");
  later = start_call (f, bus, MANAGER "HasFile", BIG_REPO " " BIG_FILE);
  g_assert_true (mc_test_wait_until (is_asked, f, LIMIT_MS));
  set_access (f, "not-now");
  of_later = end_call (later);
  g_assert_cmpstr (of_later, ==, "NotAllowed");
  expect (f, MANAGER "HasFile", BIG_REPO " " BIG_FILE, "NotAllowed");
}

static gboolean
has_no_lease (gpointer data)
{
  Fixture *f = data;
  g_autofree char *text = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      f->service->connection, MC_DBUS_NAME, MC_DBUS_PATH, "org.freedesktop.DBus.ObjectManager",
      "GetManagedObjects", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  text = g_variant_print (reply, FALSE);
  return strstr (text, "/lease/") == NULL;
}

/* What it has open is no longer its, and its next call is refused. */
static void
test_revoked (Fixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) holder = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *transfer = NULL;
  g_autofree char *line = NULL;

  if (!mc_test_sandbox_is_possible (f->info))
    return;
  transfer = service_fixture_download (f->service, BIG_REPO, "", "done");
  set_access (f, "read");
  holder = start (f, (const char *const[]){ g_getenv ("MC_MCACHE"), "open", BIG_REPO, BIG_FILE,
                                            "--", "sh", "-c", "echo {}; cat", NULL });
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (holder));
  line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  g_assert_nonnull (line);
  g_assert_false (has_no_lease (f));
  set_access (f, "none");
  g_assert_true (mc_test_wait_until (has_no_lease, f, LIMIT_MS));
  expect (f, MANAGER "HasFile", BIG_REPO " " BIG_FILE, "NotAllowed");
  g_output_stream_close (g_subprocess_get_stdin_pipe (holder), NULL, NULL);
  g_subprocess_wait (holder, NULL, NULL);
}

/* What a sandbox says of itself is not believed blindly, nor is the person asked about it. */
static void
test_malformed (Fixture *f, gconstpointer data)
{
  if (!mc_test_sandbox_is_possible (f->info))
    return;
  ALLOWED (f);
  service_fixture_expect_error (f->service, "OfferToAsk",
                                g_variant_new ("(@a{sv})", service_options ()), "");
  expect (f, MANAGER "HasFile", BIG_REPO " " BIG_FILE, "NotAllowed");
  g_assert_cmpuint (count_questions (f), ==, 0);
}

/* Our own window and mcache, as a Flatpak. */
static void
test_ours (Fixture *f, gconstpointer data)
{
  if (!mc_test_sandbox_is_possible (f->info))
    return;
  expect (f, MANAGER "HasFile", BIG_REPO " " BIG_FILE, "");
  expect (f, MANAGER "ListPrograms", "{}", "");
}

/* Apps are ids and nothing else. */
static void
test_names (Fixture *f, gconstpointer data)
{
  static const char *const bad[] = { "", "app", "org.example.App=all", "org.example. App", "?" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    service_fixture_expect_error (f->service, "SetAccess",
                                  g_variant_new ("(ss@a{sv})", bad[i], "all", service_options ()),
                                  "InvalidName");
  service_fixture_expect_error (f->service, "SetAccess",
                                g_variant_new ("(ss@a{sv})", APP, "some", service_options ()),
                                "InvalidName");
}

int
main (int argc, char **argv)
{
  static char long_name[70000];

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  memset (long_name, 'a', sizeof long_name - 1);
#define ADD(name, info, test) g_test_add ("/apps/" name, Fixture, info, set_up, test, tear_down)
  ADD ("nobody-asks", NULL, test_nobody_asks);
  ADD ("levels", NULL, test_levels);
  ADD ("asked", NULL, test_asked);
  ADD ("revoked", NULL, test_revoked);
  ADD ("malformed/empty", "", test_malformed);
  ADD ("malformed/group", "[Other]\nname=" APP "\n", test_malformed);
  ADD ("malformed/name", "[Application]\nname=" APP "=all org\n", test_malformed);
  ADD ("malformed/bytes", "\xff\xfe[", test_malformed);
  ADD ("malformed/long", long_name, test_malformed);
  ADD ("ours", "[Application]\nname=" MC_APP_ID "\n", test_ours);
  ADD ("names", NULL, test_names);
  return g_test_run ();
}
