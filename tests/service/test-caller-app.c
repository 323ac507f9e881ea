/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-access-rules.h"
#include "mc-caller-app.h"

#include "mc-error.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whose process it is, and what its calls need. */

static pid_t
start_child (int *pidfd)
{
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      pause ();
      _exit (0);
    }
  *pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  return pid;
}

static void
end_child (pid_t pid)
{
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
}

static void
test_in_no_sandbox (void)
{
  g_autoptr (GError) error = NULL;
  int pidfd;
  pid_t pid = start_child (&pidfd);
  g_autofree char *app = mc_caller_app_read ((guint32) pid, pidfd, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (app, ==, "");
  end_child (pid);
  close (pidfd);
}

/* The number is another's now: what that one is says nothing of the caller. */
static void
test_number_again (void)
{
  g_autoptr (GError) error = NULL;
  int pidfd;
  pid_t pid = start_child (&pidfd);
  g_autofree char *app = NULL;

  if (pidfd < 0)
    {
      end_child (pid);
      g_test_skip ("this system has no descriptors of processes");
      return;
    }
  end_child (pid);
  app = mc_caller_app_read ((guint32) getpid (), pidfd, &error);
  g_assert_error (error, MC_ERROR, MC_ERROR_GONE);
  g_assert_null (app);
  close (pidfd);
}

static void
test_ended (void)
{
  g_autoptr (GError) error = NULL;
  int pidfd;
  pid_t pid = start_child (&pidfd);

  end_child (pid);
  g_assert_null (mc_caller_app_read ((guint32) pid, -1, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_GONE);
  close (pidfd);
}

static void
test_needs (void)
{
  static const struct
  {
    const char *interface;
    const char *method;
    const char *parameters;
    McNeed need;
  } rows[] = {
    { "Manager", "HasFile", "('a/b', 'c')", MC_NEED_READ },
    { "Manager", "OpenFile", "('a/b', 'c', @a{sv} {})", MC_NEED_READ },
    { "Manager", "OpenFile", "('a/b', 'c', {'fetch': <true>})", MC_NEED_ALL },
    { "Manager", "OpenFile", "('a/b', 'c', {'fetch': <'odd'>})", MC_NEED_ALL },
    { "Manager", "Download", "('a/b', 'c', @a{sv} {})", MC_NEED_ALL },
    { "Manager", "Quit", "()", MC_NEED_ALL },
    { "Manager", "NotInventedYet", "()", MC_NEED_ALL },
    { "Manager", "Configure", "({'offline': <true>},)", MC_NEED_ALL },
    { "Manager", "Configure", "({'apps': <['x']>},)", MC_NEED_PERSON },
    { "Manager", "SetAccess", "('a', 'all', @a{sv} {})", MC_NEED_PERSON },
    { "Manager", "ListPrograms", "(@a{sv} {},)", MC_NEED_PERSON },
    { "Transfer", "Cancel", "(@a{sv} {},)", MC_NEED_ALL },
    { "Lease", "Release", "()", MC_NEED_READ },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GVariant) parameters =
          g_variant_parse (NULL, rows[i].parameters, NULL, NULL, NULL);

      g_test_message ("%s %s", rows[i].method, rows[i].parameters);
      g_assert_nonnull (parameters);
      g_assert_cmpint (mc_access_need (rows[i].interface, rows[i].method, parameters), ==,
                       rows[i].need);
    }
}

static void
test_list (void)
{
  char *before[] = { (char *) "org.example.App=read", (char *) "org.example.Application=none",
                     (char *) "junk", (char *) "org.example.Odd=some", NULL };
  g_auto (GStrv) changed = mc_access_change (before, "org.example.App", MC_ACCESS_ALL);
  g_auto (GStrv) without = mc_access_change (changed, "org.example.Application", MC_ACCESS_ASK);

  g_assert_cmpint (mc_access_find (before, "org.example.App"), ==, MC_ACCESS_READ);
  g_assert_cmpint (mc_access_find (before, "org.example.Application"), ==, MC_ACCESS_NONE);
  g_assert_cmpint (mc_access_find (before, "org.example"), ==, MC_ACCESS_ASK);
  g_assert_cmpint (mc_access_find (before, "junk"), ==, MC_ACCESS_ASK);
  g_assert_cmpint (mc_access_find (before, "org.example.Odd"), ==, MC_ACCESS_ASK);
  g_assert_cmpint (mc_access_find (changed, "org.example.App"), ==, MC_ACCESS_ALL);
  g_assert_cmpint (mc_access_find (changed, "org.example.Application"), ==, MC_ACCESS_NONE);
  g_assert_cmpint (mc_access_find (without, "org.example.Application"), ==, MC_ACCESS_ASK);
  g_assert_cmpint (mc_access_find (without, "org.example.App"), ==, MC_ACCESS_ALL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/caller-app/in-no-sandbox", test_in_no_sandbox);
  g_test_add_func ("/caller-app/number-again", test_number_again);
  g_test_add_func ("/caller-app/ended", test_ended);
  g_test_add_func ("/caller-app/needs", test_needs);
  g_test_add_func ("/caller-app/list", test_list);
  return g_test_run ();
}
