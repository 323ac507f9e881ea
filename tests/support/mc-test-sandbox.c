/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-sandbox.h"

/* All that is here, but for one file more. */
static void
add_root (GStrvBuilder *words)
{
  g_autoptr (GDir) root = g_dir_open ("/", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (root)) != NULL)
    {
      g_autofree char *path = g_strconcat ("/", name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      if (target != NULL)
        g_strv_builder_add_many (words, "--symlink", target, path, NULL);
      else if (g_file_test (path, G_FILE_TEST_IS_DIR))
        g_strv_builder_add_many (words, "--dev-bind", path, path, NULL);
    }
}

GSubprocess *
mc_test_sandbox_start (const char *info, const char *bus, const char *const *command)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                 | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_auto (GStrv) words = NULL;

  if (bus != NULL)
    g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", bus, TRUE);
  g_strv_builder_add_many (builder, "bwrap", "--tmpfs", "/", NULL);
  add_root (builder);
  g_strv_builder_add_many (builder, "--ro-bind", info, "/.flatpak-info", "--die-with-parent", "--",
                           NULL);
  g_strv_builder_addv (builder, (const char **) command);
  words = g_strv_builder_end (builder);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *) words, NULL);
}

gboolean
mc_test_sandbox_is_possible (const char *info)
{
  g_autoptr (GSubprocess) process = mc_test_sandbox_start (
      info, NULL, (const char *const[]){ "test", "-e", "/.flatpak-info", NULL });

  if (process != NULL && g_subprocess_wait_check (process, NULL, NULL))
    return TRUE;
  g_test_skip ("there can be no sandbox here (bwrap)");
  return FALSE;
}
