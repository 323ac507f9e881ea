/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-display.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Xvfb says on a pipe which number it chose, and when it is ready. It dies with the test. */

struct _McTestDisplay
{
  GSubprocess *server; /* (owned) */
  char *name;          /* (owned) */
};

/* In the child, before exec. */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

McTestDisplay *
mc_test_display_new (guint width, guint height)
{
  McTestDisplay *self = g_new0 (McTestDisplay, 1);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *screen = g_strdup_printf ("%ux%ux24", width, height);
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *number = NULL;

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->server =
      g_subprocess_launcher_spawn (launcher, &error, "Xvfb", "-displayfd", "1", "-screen", "0",
                                   screen, "-dpi", "96", "-nolisten", "tcp", NULL);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->server));
  number = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (number);
  self->name = g_strconcat (":", number, NULL);
  return self;
}

const char *
mc_test_display_get_name (McTestDisplay *self)
{
  return self->name;
}

char **
mc_test_display_dup_environment (McTestDisplay *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *display = g_strconcat ("DISPLAY=", self->name, NULL);

  g_strv_builder_add_many (builder, display, "GDK_BACKEND=x11", "GSK_RENDERER=cairo",
                           "GSETTINGS_BACKEND=memory", "ADW_DISABLE_PORTAL=1", "GTK_USE_PORTAL=0",
                           "GIO_USE_VFS=local", "GDK_DEBUG=gl-disable",
                           "XDG_DATA_DIRS=/usr/local/share:/usr/share", NULL);
  return g_strv_builder_end (builder);
}

void
mc_test_display_free (McTestDisplay *self)
{
  g_subprocess_send_signal (self->server, SIGTERM);
  g_subprocess_wait (self->server, NULL, NULL);
  g_object_unref (self->server);
  g_free (self->name);
  g_free (self);
}
