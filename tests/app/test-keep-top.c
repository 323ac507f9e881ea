/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-keep-top.h"
#include "mc-test-display.h"
#include "mc-test-wait.h"

/* Where a list is when rows come at its beginning. */

#define N_ROWS 50
#define HEIGHT 200 /* pixels */

typedef struct
{
  GtkWidget *window;
  GtkListView *list;
  GtkStringList *rows; /* borrowed */
} Fixture;

static void
on_setup (GtkListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, gtk_label_new ("Row"));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  f->rows = gtk_string_list_new (NULL);
  for (guint i = 0; i < N_ROWS; i++)
    gtk_string_list_append (f->rows, "");
  f->list = GTK_LIST_VIEW (gtk_list_view_new (
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (f->rows))), factory));
  mc_keep_top (f->list);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (f->list));
  f->window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (f->window), scrolled);
  gtk_window_set_default_size (GTK_WINDOW (f->window), HEIGHT, HEIGHT);
  gtk_window_present (GTK_WINDOW (f->window));
  gtk_test_widget_wait_for_draw (f->window);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (f->window));
}

static GtkAdjustment *
get_place (Fixture *f)
{
  return gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (f->list));
}

static gboolean
has_all_rows (gpointer data)
{
  GtkAdjustment *place = get_place (data);

  return gtk_adjustment_get_upper (place) > HEIGHT && g_main_context_pending (NULL) == FALSE;
}

static void
insert (Fixture *f)
{
  gtk_string_list_splice (f->rows, 0, 0, (const char *const[]){ "", "", "", NULL });
  gtk_test_widget_wait_for_draw (f->window);
  gtk_test_widget_wait_for_draw (f->window);
  g_assert_true (mc_test_wait_until (has_all_rows, f, 60000));
}

static void
test_top (Fixture *f, gconstpointer data)
{
  insert (f);
  g_assert_cmpfloat (gtk_adjustment_get_value (get_place (f)), ==, 0);
}

/* Whoever has scrolled away stays there. */
static void
test_elsewhere (Fixture *f, gconstpointer data)
{
  gtk_adjustment_set_value (get_place (f), HEIGHT);
  gtk_test_widget_wait_for_draw (f->window);
  insert (f);
  g_assert_cmpfloat (gtk_adjustment_get_value (get_place (f)), >=, HEIGHT);
}

int
main (int argc, char **argv)
{
  g_autoptr (McTestDisplay) display = mc_test_display_new (400, 400);
  g_auto (GStrv) environment = mc_test_display_dup_environment (display);

  for (char **pair = environment; *pair != NULL; pair++)
    {
      g_auto (GStrv) parts = g_strsplit (*pair, "=", 2);

      g_setenv (parts[0], parts[1], TRUE);
    }
  g_setenv ("GTK_A11Y", "none", TRUE);
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add ("/keep-top/top", Fixture, NULL, set_up, test_top, tear_down);
  g_test_add ("/keep-top/elsewhere", Fixture, NULL, set_up, test_elsewhere, tear_down);
  return g_test_run ();
}
