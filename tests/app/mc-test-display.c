/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-display.h"

#include "mc-test-wait.h"

#include <glib/gstdio.h>
#include <gtk/gtk.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Xvfb says on a pipe which number it chose, and when it is ready. It dies with the test. */

struct _McTestDisplay
{
  GSubprocess *server;  /* (owned) */
  GSubprocess *manager; /* (owned) (nullable): of windows */
  char *name;           /* (owned) */
  char *folder;         /* (owned): its memory, as a file */
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

  self->folder = g_dir_make_tmp ("mc-test-display-XXXXXX", &error);
  g_assert_no_error (error);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->server = g_subprocess_launcher_spawn (launcher, &error, "Xvfb", "-displayfd", "1",
                                              "-screen", "0", screen, "-fbdir", self->folder,
                                              "-dpi", "96", "-nolisten", "tcp", NULL);
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

/* What is drawn by cairo needs no GL, which takes long to start. The switch has another name in
 * newer GTK, which complains of the old one. */
#if GTK_CHECK_VERSION(4, 16, 0)
#define WITHOUT_GL "GDK_DISABLE=gl,vulkan"
#else
#define WITHOUT_GL "GDK_DEBUG=gl-disable"
#endif

char **
mc_test_display_dup_environment (McTestDisplay *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *display = g_strconcat ("DISPLAY=", self->name, NULL);

  g_strv_builder_add_many (builder, display, "GDK_BACKEND=x11", "GSK_RENDERER=cairo",
                           "GSETTINGS_BACKEND=memory", "ADW_DISABLE_PORTAL=1", "GTK_USE_PORTAL=0",
                           "GIO_USE_VFS=local", WITHOUT_GL,
                           "XDG_DATA_DIRS=/usr/local/share:/usr/share", NULL);
  return g_strv_builder_end (builder);
}

/* --- the window manager --- */

typedef struct
{
  GDBusConnection *bus; /* borrowed */
  const char *name;
} Owner;

static gboolean
is_owned (gpointer data)
{
  Owner *owner = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      owner->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "NameHasOwner", g_variant_new ("(s)", owner->name), G_VARIANT_TYPE ("(b)"),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  gboolean owned;

  g_assert_no_error (error);
  g_variant_get (reply, "(b)", &owned);
  return owned;
}

void
mc_test_display_manage (McTestDisplay *self, GDBusConnection *bus, const char *address)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  Owner owner = { bus, "org.gnome.Mutter.DisplayConfig" };
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "DISPLAY", self->name, TRUE);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  g_subprocess_launcher_setenv (launcher, "GSETTINGS_BACKEND", "keyfile", TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME", g_get_user_config_dir (), TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", g_get_user_runtime_dir (), TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_DIRS", "/usr/local/share:/usr/share", TRUE);
  g_subprocess_launcher_setenv (launcher, "LIBGL_ALWAYS_SOFTWARE", "1", TRUE);
  self->manager = g_subprocess_launcher_spawn (launcher, &error, "mutter", "--x11", NULL);
  g_assert_no_error (error);
  g_assert_true (mc_test_wait_until (is_owned, &owner, 60000));
}

static void
end_manager (McTestDisplay *self)
{
  if (self->manager == NULL)
    return;
  g_subprocess_send_signal (self->manager, SIGTERM);
  g_subprocess_wait (self->manager, NULL, NULL);
  g_clear_object (&self->manager);
}

/* --- pictures --- */

/* The memory is a file of the format XWD: a header of big-endian words, a table of colours, and the
 * pixels as they are, blue first. */
enum
{
  XWD_HEADER_SIZE = 0,
  XWD_WIDTH = 4,
  XWD_HEIGHT = 5,
  XWD_LINE_SIZE = 12,
  XWD_COLOURS = 19,
};

static guint32
get_word (const guint8 *data, guint index)
{
  guint32 word;

  memcpy (&word, data + 4 * index, sizeof word);
  return GUINT32_FROM_BE (word);
}

static GdkPixbuf *
read_picture (McTestDisplay *self)
{
  g_autofree char *path = g_build_filename (self->folder, "Xvfb_screen0", NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  const guint8 *header, *pixels;
  GdkPixbuf *picture;
  guint32 width, height, line;

  g_file_get_contents (path, &data, NULL, &error);
  g_assert_no_error (error);
  header = (const guint8 *) data;
  width = get_word (header, XWD_WIDTH);
  height = get_word (header, XWD_HEIGHT);
  line = get_word (header, XWD_LINE_SIZE);
  pixels = header + get_word (header, XWD_HEADER_SIZE) + 12 * get_word (header, XWD_COLOURS);
  picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, (int) width, (int) height);
  for (guint32 y = 0; y < height; y++)
    for (guint32 x = 0; x < width; x++)
      {
        const guint8 *from = pixels + y * line + 4 * x;
        guint8 *to = gdk_pixbuf_get_pixels (picture)
                     + y * (guint32) gdk_pixbuf_get_rowstride (picture) + 3 * x;

        to[0] = from[2];
        to[1] = from[1];
        to[2] = from[0];
      }
  return picture;
}

typedef struct
{
  McTestDisplay *display;
  GdkPixbuf *picture;
  guint equal;
} Stillness;

#define STILL 60 /* looks, some milliseconds apart */

static gboolean
is_still (gpointer data)
{
  Stillness *stillness = data;
  g_autoptr (GdkPixbuf) before = g_steal_pointer (&stillness->picture);
  g_autoptr (GBytes) was = before == NULL ? NULL : gdk_pixbuf_read_pixel_bytes (before);
  g_autoptr (GBytes) is = NULL;

  stillness->picture = read_picture (stillness->display);
  is = gdk_pixbuf_read_pixel_bytes (stillness->picture);
  stillness->equal = was != NULL && g_bytes_equal (was, is) ? stillness->equal + 1 : 0;
  return stillness->equal >= STILL;
}

void
mc_test_display_save (McTestDisplay *self, const char *path)
{
  Stillness stillness = { .display = self };
  g_autoptr (GError) error = NULL;

  /* What never comes to rest, a spinner for instance, is taken as it is. */
  mc_test_wait_until (is_still, &stillness, 3000);
  gdk_pixbuf_save (stillness.picture, path, "png", &error, NULL);
  g_assert_no_error (error);
  g_object_unref (stillness.picture);
}

static void
remove_folder (McTestDisplay *self)
{
  g_autofree char *path = g_build_filename (self->folder, "Xvfb_screen0", NULL);

  g_unlink (path);
  g_rmdir (self->folder);
}

void
mc_test_display_free (McTestDisplay *self)
{
  end_manager (self);
  g_subprocess_send_signal (self->server, SIGTERM);
  g_subprocess_wait (self->server, NULL, NULL);
  g_object_unref (self->server);
  remove_folder (self);
  g_free (self->folder);
  g_free (self->name);
  g_free (self);
}
