/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

/* The bench does its work with little data: it must not rot. What it measures is not looked at. */

typedef struct
{
  char *folder; /* (owned): where it works */
  char *json;   /* (owned): what it writes, elsewhere */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("mc-test-bench-XXXXXX", &error);
  g_assert_no_error (error);
  f->json = g_strconcat (f->folder, ".json", NULL);
}

/* Nothing is left in the folder, or it could not be removed. */
static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_unlink (f->json);
  g_free (f->folder);
  g_free (f->json);
}

static GSubprocess *
start (Fixture *f, const char *subject)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error,
                        g_getenv ("MC_BENCH"), "--any-build", "--size=8M", "--rounds=1",
                        "--rows=1000", "--folder", f->folder, "--json", f->json, subject, NULL);

  g_assert_no_error (error);
  return process;
}

static void
test_subject (Fixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) process = start (f, data);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL;
  JsonArray *figures;

  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &said, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_successful (process))
    g_test_message ("%s", said);
  g_assert_true (g_subprocess_get_successful (process));

  json_parser_load_from_file (parser, f->json, &error);
  g_assert_no_error (error);
  figures = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                          "figures");
  if (json_array_get_length (figures) == 0 && strstr (said, "skipped: ") != NULL)
    {
      g_test_skip (said);
      return;
    }
  g_assert_cmpuint (json_array_get_length (figures), >, 0);
  for (guint i = 0; i < json_array_get_length (figures); i++)
    {
      JsonObject *figure = json_array_get_object_element (figures, i);

      g_assert_cmpstr (json_object_get_string_member (figure, "subject"), ==, data);
      g_assert_true (json_object_has_member (figure, "store"));
    }
}

/* Stopped when it says that it has begun, whatever it is doing then. */
static void
test_signal (Fixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) process = start (f, "read");
  g_autoptr (GDataInputStream) said =
      g_data_input_stream_new (g_subprocess_get_stderr_pipe (process));
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line (said, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (line);
  g_subprocess_send_signal (process, SIGTERM);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 128 + SIGTERM);
}

int
main (int argc, char **argv)
{
  static const char *const subjects[] = { "ingest",   "read",     "parallel", "delete",
                                          "memory",   "large",    "limit",    "download",
                                          "distance", "variants", "window",   "files" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    {
      g_autofree char *path = g_strdup_printf ("/bench/%s", subjects[i]);

      g_test_add (path, Fixture, subjects[i], set_up, test_subject, tear_down);
    }
  g_test_add ("/bench/removes-its-folder-when-stopped", Fixture, NULL, set_up, test_signal,
              tear_down);
  return g_test_run ();
}
