/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-run.h"

#include "mc-cli-arguments.h"
#include "mc-cli-output.h"
#include "mc-sandbox.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A command of the person's, on what mcache got for it. */

#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127
#define EXIT_SIGNAL 128

static char **
substitute_all (char **command, const char *path)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; command[i] != NULL; i++)
    {
      g_autofree char *word = mc_cli_arguments_substitute (command[i], path);

      g_strv_builder_add (builder, word);
    }
  return g_strv_builder_end (builder);
}

/* What a shell would give for the same end. */
static int
get_status (GSubprocess *process)
{
  int status = g_subprocess_get_status (process);

  return WIFSIGNALED (status) ? EXIT_SIGNAL + WTERMSIG (status) : WEXITSTATUS (status);
}

/* GLib does not tell which of the two it was. */
static gboolean
exists (const char *program)
{
  g_autofree char *found = g_find_program_in_path (program);

  return found != NULL || (strchr (program, '/') != NULL && access (program, F_OK) == 0);
}

/* Whatever the command does is no error of mcache: its status is passed on. */
void
mc_cli_run (McCli *cli, const char *path, int fd, const char *folder)
{
  gboolean by_path = mc_cli_arguments_have_placeholder ((const char *const *) cli->command);
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) problem = NULL;
  g_auto (GStrv) words = substitute_all (cli->command, path);

  /* What mcache itself was given, the command gets too; our own descriptors close by themselves. */
  launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_INHERIT_FDS | (by_path || fd < 0 ? G_SUBPROCESS_FLAGS_STDIN_INHERIT : 0));
  if (folder != NULL)
    g_subprocess_launcher_set_cwd (launcher, folder);
  if (fd >= 0 && by_path)
    g_subprocess_launcher_take_fd (launcher, fd, fd);
  else if (fd >= 0)
    g_subprocess_launcher_take_stdin_fd (launcher, fd);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) words, &problem);
  g_subprocess_launcher_close (launcher);
  if (process == NULL)
    {
      mc_cli_print_error ("mcache: %s\n", problem->message);
      if (mc_sandbox_is_flatpak ())
        mc_cli_print_error (_ ("A Flatpak cannot run programs that are outside of it. Outside: "
                               "%s | (read -r folder && COMMAND \"$folder\"/FILE)\n"),
                            "flatpak run --command=mcache " MC_APP_ID " checkout REPO VARIANT");
      cli->status = exists (words[0]) ? EXIT_NOT_EXECUTABLE : EXIT_NOT_FOUND;
      return;
    }

  /* Ctrl-C is for the command, which decides what it means. */
  mc_cli_release_interrupt (cli);
  signal (SIGINT, SIG_IGN);
  signal (SIGQUIT, SIG_IGN);
  g_subprocess_wait_async (process, NULL, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  g_subprocess_wait_finish (process, result, NULL);
  cli->status = get_status (process);
}
