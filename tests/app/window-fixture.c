/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

#include <string.h>

void
window_open (WindowFixture *f, const char *const *arguments)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_auto (GStrv) environment = mc_test_display_dup_environment (f->display);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;
  g_autoptr (GError) error = NULL;
  const char *address = mc_test_bus_get_address (f->mcache.bus);

  for (char **pair = environment; *pair != NULL; pair++)
    {
      g_auto (GStrv) parts = g_strsplit (*pair, "=", 2);

      g_subprocess_launcher_setenv (launcher, parts[0], parts[1], TRUE);
    }
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  g_subprocess_launcher_setenv (launcher, "AT_SPI_BUS_ADDRESS", address, TRUE);
  g_strv_builder_add (builder, g_getenv ("MC_WINDOW"));
  if (arguments != NULL)
    g_strv_builder_addv (builder, (const char **) arguments);
  all = g_strv_builder_end (builder);
  mc_test_person_forget_program (f->person);
  f->window = g_subprocess_launcher_spawnv (launcher, (const char *const *) all, &error);
  g_assert_no_error (error);
  mc_test_person_await_program (f->person);
}

void
window_close (WindowFixture *f)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (f->window == NULL)
    return;
  mc_test_person_press (f->person, NULL, "Close");
  g_subprocess_communicate (f->window, NULL, NULL, NULL, &bytes, &error);
  g_assert_no_error (error);
  if (g_bytes_get_size (bytes) > 0)
    text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_assert_cmpstr (text, ==, NULL);
  g_assert_cmpint (mcache_get_status (f->window), ==, 0);
  g_clear_object (&f->window);
}

void
window_set_up (WindowFixture *f, gconstpointer data)
{
  mcache_set_up (&f->mcache, data);
  f->display = mc_test_display_new (1200, 900);
  f->bus = mc_test_bus_connect (f->mcache.bus);
  f->person = mc_test_person_new (f->bus);
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
