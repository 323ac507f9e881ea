/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-native-frames.h"
#include "mc-native-host.h"

#include "mc-client-bus.h"
#include "mc-dbus-error.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A browser starts it with the extension's origin (Chromium) or the manifest and the extension's
 * name (Firefox), and talks to it by its standard input and output; it ends with its input. */

#define READ_BYTES (64 * 1024)

typedef struct
{
  McNativeHost *host;
  McNativeFrames frames;
  GInputStream *input;
  GOutputStream *output;
  GMainLoop *loop;
} Program;

/* A browser that reads slowly is waited for: it asks for no more meanwhile. */
static void
send (const char *text, gpointer user_data)
{
  Program *self = user_data;
  g_autoptr (GBytes) message = mc_native_frame_new (text);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    {
      g_warning ("An answer was longer than a message");
      return;
    }
  if (g_output_stream_write_all (self->output, g_bytes_get_data (message, NULL),
                                 g_bytes_get_size (message), NULL, NULL, &error))
    return;
  g_info ("The browser does not read any more: %s", error->message);
  g_main_loop_quit (self->loop);
}

static void
take_messages (Program *self)
{
  GBytes *message = NULL;
  McNativeFrame frame;

  while ((frame = mc_native_frames_take (&self->frames, &message)) != MC_NATIVE_NOTHING)
    if (frame == MC_NATIVE_TOO_LONG)
      mc_native_host_take_too_long (self->host);
    else
      {
        mc_native_host_take (self->host, message);
        g_clear_pointer (&message, g_bytes_unref);
      }
}

static void read_on (Program *self);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *self = user_data;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);

  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    {
      g_main_loop_quit (self->loop);
      return;
    }
  mc_native_frames_add (&self->frames, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  take_messages (self);
  read_on (self);
}

static void
read_on (Program *self)
{
  g_input_stream_read_bytes_async (self->input, READ_BYTES, G_PRIORITY_DEFAULT, NULL, read_cb,
                                   self);
}

/* "chrome-extension://ID/" as it is in requests: without the slash. Firefox gives the path of its
 * manifest and then the ID. */
static char *
make_origin (const char *argument, const char *id)
{
  char *origin;

  if (id != NULL && argument[0] == '/' && g_utf8_validate (id, -1, NULL))
    return g_strconcat ("moz-extension://", id, NULL);
  if (argument == NULL || !g_utf8_validate (argument, -1, NULL) || strstr (argument, "://") == NULL)
    return g_strdup ("");
  origin = g_strdup (argument);
  if (g_str_has_suffix (origin, "/"))
    origin[strlen (origin) - 1] = '\0';
  return origin;
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* The browser starts it again when it is needed. */
static void
on_bus_closed (GDBusConnection *bus, gboolean vanished, GError *error, Program *self)
{
  g_main_loop_quit (self->loop);
}

static GDBusConnection *
find_bus (Program *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus;

  mc_client_bus_get_async (MC_CLIENT_BUS_START, NULL, bus_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  bus = mc_client_bus_get_finish (result, &error);
  if (bus == NULL)
    g_info ("%s", error->message);
  else
    g_signal_connect (bus, "closed", G_CALLBACK (on_bus_closed), self);
  return bus;
}

int
main (int argc, char **argv)
{
  g_autofree char *origin = make_origin (argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL);
  g_autoptr (GDBusConnection) bus = NULL;
  Program self = { 0 };

  if (isatty (STDIN_FILENO))
    {
      g_printerr ("model-cache-native-host is started by browsers; mcache browser --help tells "
                  "how an extension is allowed.\n");
      return EXIT_FAILURE;
    }
  mc_dbus_error_register ();
  self.loop = g_main_loop_new (NULL, FALSE);
  bus = find_bus (&self);
  self.input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  self.output = g_unix_output_stream_new (STDOUT_FILENO, FALSE);
  mc_native_frames_init (&self.frames);
  self.host = mc_native_host_new (bus, origin, send, &self);
  read_on (&self);
  g_main_loop_run (self.loop);
  mc_native_host_free (self.host);
  /* Calls that were under way are told of it. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  if (bus != NULL)
    g_signal_handlers_disconnect_by_data (bus, &self);
  mc_native_frames_clear (&self.frames);
  g_object_unref (self.input);
  g_object_unref (self.output);
  g_main_loop_unref (self.loop);
  return EXIT_SUCCESS;
}
