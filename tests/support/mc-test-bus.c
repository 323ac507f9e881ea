/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-bus.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mc-dbus-names.h"

/* Runs on the test's main thread. The daemon is a child that dies with the test; the service is
 * the daemon's child, so it is waited for by a process descriptor. */

#define END_MS 10000

struct _McTestBus
{
  char *directory;         /* (owned): configuration and activation file */
  GSubprocess *daemon;     /* (owned) */
  char *address;           /* (owned) */
  GDBusConnection *asking; /* (owned): to find the service's process */
};

/* The limits of the session bus: dbus-daemon's built-in ones allow 16 descriptors a message. */
static char *
dup_limits (void)
{
  static const char *const files[] = { "/usr/share/dbus-1/session.conf",
                                       "/etc/dbus-1/session.conf" };
  g_autoptr (GRegex) regex = g_regex_new ("<limit name=\"[a-z_]+\">[0-9]+</limit>", 0, 0, NULL);
  g_autoptr (GString) limits = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (files) && limits->len == 0; i++)
    {
      g_autofree char *text = NULL;
      g_autoptr (GMatchInfo) match = NULL;

      if (!g_file_get_contents (files[i], &text, NULL, NULL))
        continue; /* distributions keep it in one of these places */
      g_regex_match (regex, text, 0, &match);
      for (; g_match_info_matches (match); g_match_info_next (match, NULL))
        {
          g_autofree char *limit = g_match_info_fetch (match, 0);

          g_string_append_printf (limits, "  %s\n", limit);
        }
    }
  return g_string_free (g_steal_pointer (&limits), FALSE);
}

static char *
write_file (McTestBus *self, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (self->directory, name, NULL);

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static char *
write_configuration (McTestBus *self)
{
  g_autofree char *limits = dup_limits ();
  g_autofree char *text = g_markup_printf_escaped (
      "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
      " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
      "<busconfig>\n"
      "  <type>session</type>\n"
      "  <listen>unix:dir=%s</listen>\n"
      "  <auth>EXTERNAL</auth>\n"
      "  <servicedir>%s</servicedir>\n"
      "  <policy context=\"default\">\n"
      "    <allow send_destination=\"*\" eavesdrop=\"true\"/>\n"
      "    <allow eavesdrop=\"true\"/>\n"
      "    <allow own=\"*\"/>\n"
      "  </policy>\n",
      self->directory, self->directory);
  g_autofree char *whole = g_strconcat (text, limits, "</busconfig>\n", NULL);

  return write_file (self, "bus.conf", whole);
}

static void
write_activation (McTestBus *self, const char *service_path)
{
  g_autofree char *quoted = g_shell_quote (service_path);
  g_autofree char *text =
      g_strdup_printf ("[D-BUS Service]\nName=%s\nExec=%s\n", MC_DBUS_NAME, quoted);

  g_free (write_file (self, MC_DBUS_NAME ".service", text));
}

/* In the child, before exec. */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

/* The daemon hands its environment to what it activates. */
static void
start (McTestBus *self, const char *configuration, const char *const *environment)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *option = g_strconcat ("--config-file=", configuration, NULL);
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_unsetenv (launcher, "DBUS_STARTER_ADDRESS");
  g_subprocess_launcher_unsetenv (launcher, "DBUS_STARTER_BUS_TYPE");
  for (; environment != NULL && *environment != NULL; environment++)
    {
      const char *equals = strchr (*environment, '=');
      g_autofree char *name = NULL;

      g_assert_nonnull (equals);
      name = g_strndup (*environment, equals - *environment);
      g_subprocess_launcher_setenv (launcher, name, equals + 1, TRUE);
    }
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->daemon = g_subprocess_launcher_spawn (launcher, &error, "dbus-daemon", option, "--nofork",
                                              "--nopidfile", "--print-address", NULL);
  g_assert_no_error (error);

  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->daemon));
  self->address = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (self->address);
}

McTestBus *
mc_test_bus_new (const char *service_path, const char *const *environment)
{
  McTestBus *self = g_new0 (McTestBus, 1);
  g_autofree char *configuration = NULL;
  g_autoptr (GError) error = NULL;

  self->directory = g_dir_make_tmp ("mc-test-bus-XXXXXX", &error);
  g_assert_no_error (error);
  configuration = write_configuration (self);
  if (service_path != NULL)
    write_activation (self, service_path);
  start (self, configuration, environment);
  self->asking = mc_test_bus_connect (self);
  return self;
}

const char *
mc_test_bus_get_address (McTestBus *self)
{
  return self->address;
}

GDBusConnection *
mc_test_bus_connect (McTestBus *self)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection =
      g_dbus_connection_new_for_address_sync (self->address,
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                  | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

GPid
mc_test_bus_get_service_pid (McTestBus *self)
{
  g_autoptr (GError) error = NULL;
  guint32 pid = 0;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      self->asking, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "GetConnectionUnixProcessID", g_variant_new ("(s)", MC_DBUS_NAME), G_VARIANT_TYPE ("(u)"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, END_MS, NULL, &error);

  if (reply != NULL)
    g_variant_get (reply, "(u)", &pid);
  else
    /* One that dies still has its name for a moment: newer buses say that there is no process. */
    g_assert_true (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
                   || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNIX_PROCESS_ID_UNKNOWN));
  return pid;
}

void
mc_test_bus_end_service (McTestBus *self, int signal_number)
{
  GPid pid = mc_test_bus_get_service_pid (self);
  struct pollfd poll_fd = { .events = POLLIN };
  int ready;

  if (pid == 0)
    return;
  poll_fd.fd = syscall (SYS_pidfd_open, pid, 0);
  if (poll_fd.fd < 0)
    {
      g_assert_cmpint (errno, ==, ESRCH); /* it went by itself */
      return;
    }
  kill (pid, signal_number);
  do
    ready = poll (&poll_fd, 1, END_MS);
  while (ready < 0 && errno == EINTR);
  if (ready != 1)
    kill (pid, SIGKILL);
  close (poll_fd.fd);
  g_assert_cmpint (ready, ==, 1);
  /* The daemon learns of it a moment later, and would not activate another until then. */
  while (mc_test_bus_get_service_pid (self) == pid)
    g_thread_yield ();
}

static void
remove_directory (McTestBus *self)
{
  g_autoptr (GDir) directory = g_dir_open (self->directory, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->directory, name, NULL);

      g_unlink (path);
    }
  g_rmdir (self->directory);
}

void
mc_test_bus_free (McTestBus *self)
{
  if (self == NULL)
    return;
  mc_test_bus_end_service (self, SIGTERM);
  g_dbus_connection_close_sync (self->asking, NULL, NULL);
  g_clear_object (&self->asking);
  g_subprocess_send_signal (self->daemon, SIGTERM);
  g_subprocess_wait (self->daemon, NULL, NULL);
  g_clear_object (&self->daemon);
  remove_directory (self);
  g_free (self->directory);
  g_free (self->address);
  g_free (self);
}
