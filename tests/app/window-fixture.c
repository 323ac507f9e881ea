/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

#include "mc-test-wait.h"

#include <glib/gstdio.h>
#include <string.h>

#define LIMIT_MS 60000
/* GTK draws a frame of that width where no window manager does. */
#define FRAME 10
#define ROOM 80 /* pixels, for shadows on both sides */

static void
write_file (const char *folder, const char *name, const char *text, int mode)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, mode, &error);
  g_assert_no_error (error);
}

/* Nothing moves that need not, nothing is asked that nobody wants to know, and the window has the
 * size that was asked for. */
static void
write_habits (WindowFixture *f)
{
  g_autoptr (GString) habits = g_string_new ("[com/tabagent/ModelCache]\n");

  if (f->width > 0)
    g_string_append_printf (habits, "width=%u\nheight=%u\n", f->width, f->height);
  if (!f->due)
    g_string_append_printf (habits, "updates-checked=int64 %" G_GINT64_FORMAT "\n",
                            g_get_real_time () / G_USEC_PER_SEC);
  if (f->managed)
    g_string_append (habits, "\n[org/gnome/mutter]\nauto-maximize=false\n"
                             "center-new-windows=true\nattach-modal-dialogs=false\n");
  write_file (g_get_user_config_dir (), "gtk-4.0/settings.ini",
              "[Settings]\ngtk-enable-animations=false\ngtk-cursor-blink=false\n"
              "gtk-font-name=Cantarell 11\ngtk-decoration-layout=:close\n",
              0600);
  write_file (g_get_user_config_dir (), "glib-2.0/settings/keyfile", habits->str, 0600);
}

static GSubprocessLauncher *
make_launcher (WindowFixture *f)
{
  GSubprocessLauncher *launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_auto (GStrv) environment = mc_test_display_dup_environment (f->display);
  const char *address = mc_test_bus_get_address (f->mcache.bus);

  for (char **pair = environment; *pair != NULL; pair++)
    {
      g_auto (GStrv) parts = g_strsplit (*pair, "=", 2);

      g_subprocess_launcher_setenv (launcher, parts[0], parts[1], TRUE);
    }
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  g_subprocess_launcher_setenv (launcher, "AT_SPI_BUS_ADDRESS", address, TRUE);
  if (g_getenv ("MC_WINDOW_ASAN_OPTIONS") != NULL)
    g_subprocess_launcher_setenv (launcher, "ASAN_OPTIONS", g_getenv ("MC_WINDOW_ASAN_OPTIONS"),
                                  TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME", g_get_user_config_dir (), TRUE);
  g_subprocess_launcher_setenv (launcher, "GSETTINGS_BACKEND", "keyfile", TRUE);
  if (f->contrast)
    g_subprocess_launcher_setenv (launcher, "ADW_DEBUG_HIGH_CONTRAST", "1", TRUE);
  if (f->dark)
    g_subprocess_launcher_setenv (launcher, "ADW_DEBUG_COLOR_SCHEME", "prefer-dark", TRUE);
  return launcher;
}

GSubprocess *
window_start (WindowFixture *f, const char *const *arguments)
{
  g_autoptr (GSubprocessLauncher) launcher = make_launcher (f);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_strv_builder_add (builder, g_getenv ("MC_WINDOW"));
  if (arguments != NULL)
    g_strv_builder_addv (builder, (const char **) arguments);
  all = g_strv_builder_end (builder);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) all, &error);
  g_assert_no_error (error);
  return process;
}

void
window_open (WindowFixture *f, const char *const *arguments)
{
  mc_test_person_forget_program (f->person);
  f->window = window_start (f, arguments);
  mc_test_person_await_program (f->person);
}

/* It stays without a window as long as something is downloaded. No answer: it has gone. */
static void
quit (WindowFixture *f)
{
  GVariant *reply = g_dbus_connection_call_sync (
      f->bus, "com.tabagent.ModelCache", "/com/tabagent/ModelCache", "org.gtk.Actions", "Activate",
      g_variant_new_parsed ("('quit', @av [], @a{sv} {})"), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
      -1, NULL, NULL);

  g_clear_pointer (&reply, g_variant_unref);
}

void
window_close (WindowFixture *f)
{
  if (f->window == NULL)
    return;
  mc_test_person_press (f->person, NULL, "Close");
  mc_test_person_miss (f->person, NULL, "Model Cache");
  window_end (f);
}

/* libadwaita 1.7 measures the labels of its own AdwMessageDialog below their least width, and GTK
 * 4.18 says so. Owned. */
static char *
dup_complaints (GBytes *bytes)
{
  g_autofree char *text =
      g_strndup (g_bytes_get_data (bytes, NULL) == NULL ? "" : g_bytes_get_data (bytes, NULL),
                 g_bytes_get_size (bytes));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *complaints = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0' && strstr (*line, ": Trying to measure GtkLabel ") == NULL)
      g_string_append_printf (complaints, "%s\n", *line);
  return g_string_free (complaints, FALSE);
}

void
window_end (WindowFixture *f)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  quit (f);
  g_subprocess_communicate (f->window, NULL, NULL, NULL, &bytes, &error);
  g_assert_no_error (error);
  text = dup_complaints (bytes);
  g_assert_cmpstr (text, ==, "");
  g_assert_cmpint (mcache_get_status (f->window), ==, 0);
  g_clear_object (&f->window);
}

void
window_kill (WindowFixture *f)
{
  g_subprocess_force_exit (f->window);
  g_subprocess_wait (f->window, NULL, NULL);
  g_clear_object (&f->window);
}

void
window_set_up (WindowFixture *f, gconstpointer data)
{
  guint room = f->managed ? ROOM : FRAME;

  mcache_set_up (&f->mcache, data);
  write_habits (f);
  f->display = mc_test_display_new (f->width > 0 ? f->width + room : 1200,
                                    f->height > 0 ? f->height + room : 900);
  f->bus = mc_test_bus_connect (f->mcache.bus);
  if (f->managed)
    mc_test_display_manage (f->display, f->bus, mc_test_bus_get_address (f->mcache.bus));
  f->person = mc_test_person_new (f->bus);
}

char *
window_dup_file (const char *name)
{
  return g_build_filename (g_get_user_data_dir (), name, NULL);
}

/* --- a file manager that only notes what it is to show --- */

void
window_install_file_manager (void)
{
  const char *data = g_get_user_data_dir ();
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\nprintf %%s \"$1\" > '%s/shown.part'\n"
                                             "mv '%s/shown.part' '%s/shown'\n",
                                             data, data, data);
  g_autofree char *entry =
      g_strdup_printf ("[Desktop Entry]\nType=Application\nName=Files\nExec='%s/files' %%f\n"
                       "MimeType=inode/directory;\n",
                       data);

  write_file (data, "files", script, 0700);
  write_file (data, "applications/files.desktop", entry, 0600);
  write_file (g_get_user_config_dir (), "mimeapps.list",
              "[Default Applications]\ninode/directory=files.desktop\n", 0600);
  g_setenv ("XDG_DATA_HOME", data, TRUE);
}

static gboolean
is_shown (gpointer data)
{
  g_autofree char *path = window_dup_file ("shown");
  char **shown = data;

  return g_file_get_contents (path, shown, NULL, NULL);
}

void
window_await_folder (const char *name)
{
  g_autofree char *shown = NULL;
  g_autofree char *seen = NULL;

  g_assert_true (mc_test_wait_until (is_shown, &shown, LIMIT_MS));
  seen = g_path_get_basename (shown);
  g_assert_cmpstr (seen, ==, name);
}

void
window_set_up_breakable (WindowFixture *f, gconstpointer data)
{
  g_autofree char *service = g_strdup (g_getenv ("MC_SERVICE"));
  g_autofree char *script = window_dup_file ("service");
  g_autofree char *held = window_dup_file ("held");
  g_autofree char *broken = window_dup_file ("broken");
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\n"
                                           "[ ! -e '%s' ] || exit 1\n"
                                           "[ ! -e '%s' ] || read line < '%s'\n"
                                           "exec '%s' \"$@\"\n",
                                           broken, held, held, service);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (g_get_user_data_dir (), 0700), ==, 0);
  g_file_set_contents_full (script, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, &error);
  g_assert_no_error (error);
  g_setenv ("MC_SERVICE", script, TRUE);
  window_set_up (f, data);
  g_setenv ("MC_SERVICE", service, TRUE);
}

void
window_tear_down (WindowFixture *f, gconstpointer data)
{
  window_close (f);
  g_clear_pointer (&f->person, mc_test_person_free);
  g_dbus_connection_close_sync (f->bus, NULL, NULL);
  g_clear_object (&f->bus);
  g_clear_pointer (&f->display, mc_test_display_free);
  mcache_tear_down (&f->mcache, data);
}
