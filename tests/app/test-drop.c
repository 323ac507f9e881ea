/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-drop.h"
#include "mc-test-display.h"

/* What becomes of that which is dropped on the window. The pointer's way is GTK's: here the drop
 * target gets what it would get. */

typedef struct
{
  GtkWidget *window;
  char *opened; /* (owned) (nullable) */
} Fixture;

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  Fixture *f = user_data;
  g_autofree const char **addresses = g_variant_get_strv (parameter, NULL);

  g_free (f->opened);
  f->opened = g_strjoinv (" ", (char **) addresses);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GSimpleAction) action = g_simple_action_new ("open", G_VARIANT_TYPE ("as"));

  g_signal_connect (action, "activate", G_CALLBACK (on_open), f);
  g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
  f->window = gtk_window_new ();
  gtk_widget_insert_action_group (f->window, "win", G_ACTION_GROUP (group));
  mc_drop_attach (f->window);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_free (f->opened);
}

static GtkDropTarget *
find_target (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        return GTK_DROP_TARGET (controller); /* the widget holds it */
    }
  g_assert_not_reached ();
}

static void
drop (Fixture *f, const GValue *value)
{
  gboolean taken = FALSE;

  g_clear_pointer (&f->opened, g_free);
  g_signal_emit_by_name (find_target (f->window), "drop", value, 0.0, 0.0, &taken);
  g_assert_true (taken);
}

static void
test_text (Fixture *f, gconstpointer data)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, "https://huggingface.co/owner/name\nThe title");
  drop (f, &value);
  g_assert_cmpstr (f->opened, ==, "https://huggingface.co/owner/name");
  g_value_set_string (&value, " \n");
  drop (f, &value);
  g_assert_null (f->opened);
  g_value_set_string (&value, NULL);
  drop (f, &value);
  g_assert_null (f->opened);
}

static void
test_files (Fixture *f, gconstpointer data)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GFile) file = g_file_new_for_path ("/tmp/a b.gguf");
  g_autoptr (GFile) page = g_file_new_for_uri ("https://huggingface.co/owner/name");
  GFile *files[] = { file, page };

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_array (files, G_N_ELEMENTS (files)));
  drop (f, &value);
  g_assert_cmpstr (f->opened, ==, "file:///tmp/a%20b.gguf https://huggingface.co/owner/name");
}

static void
set_environment (McTestDisplay *display)
{
  g_auto (GStrv) environment = mc_test_display_dup_environment (display);

  for (char **pair = environment; *pair != NULL; pair++)
    {
      g_auto (GStrv) parts = g_strsplit (*pair, "=", 2);

      g_setenv (parts[0], parts[1], TRUE);
    }
  g_setenv ("GTK_A11Y", "none", TRUE);
}

int
main (int argc, char **argv)
{
  g_autoptr (McTestDisplay) display = mc_test_display_new (800, 600);

  set_environment (display);
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add ("/drop/text", Fixture, NULL, set_up, test_text, tear_down);
  g_test_add ("/drop/files", Fixture, NULL, set_up, test_files, tear_down);
  return g_test_run ();
}
