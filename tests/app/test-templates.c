/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-about.h"
#include "mc-announcer.h"
#include "mc-application.h"
#include "mc-copy-card.h"
#include "mc-discover-view.h"
#include "mc-download-details.h"
#include "mc-downloads-view.h"
#include "mc-file-row.h"
#include "mc-hit-row.h"
#include "mc-library-view.h"
#include "mc-problem-bar.h"
#include "mc-access-page.h"
#include "mc-endpoint-row.h"
#include "mc-network-page.h"
#include "mc-preferences.h"
#include "mc-recipe-row.h"
#include "mc-rate-graph.h"
#include "mc-reclaim-row.h"
#include "mc-repo-page.h"
#include "mc-repo-row.h"
#include "mc-serving-row.h"
#include "mc-test-bus.h"
#include "mc-test-display.h"
#include "mc-status-bar.h"
#include "mc-storage-bar.h"
#include "mc-transfer-bar.h"
#include "mc-transfer-row.h"
#include "mc-variant-row.h"
#include "mc-welcome.h"
#include "mc-window.h"
#include "mc-work-row.h"

#include <string.h>

/* Every template is built, shown and finalized: what GTK has to complain about, and what holds a
 * widget for ever, is found here. */

/* Rows of a list are nowhere else. */
static GtkWidget *
enclose (GtkWidget *widget)
{
  GtkWidget *list;

  if (!GTK_IS_LIST_BOX_ROW (widget))
    return widget;
  list = gtk_list_box_new ();
  gtk_list_box_append (GTK_LIST_BOX (list), widget);
  return list;
}

static void
show_and_finalize (gconstpointer data)
{
  GType type = *(const GType *) data;
  GtkWidget *window = gtk_window_new ();
  GtkWidget *widget = g_object_new (type, NULL);
  gpointer weak = widget;

  g_object_add_weak_pointer (G_OBJECT (widget), &weak);
  gtk_window_set_child (GTK_WINDOW (window), enclose (widget));
  gtk_window_present (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (weak);
}

/* The same of what is a window itself. */
static void
present_and_finalize (gconstpointer data)
{
  GType type = *(const GType *) data;
  GtkWindow *window = g_object_new (type, NULL);
  gpointer weak = window;

  g_object_add_weak_pointer (G_OBJECT (window), &weak);
  gtk_window_present (window);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  gtk_window_destroy (window);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (weak);
}

/* An item in all the states that it may have lies behind the rows of the other tests; here there is
 * none, as when a row waits to be used again. */
static void
add (const char *name, GType type)
{
  g_autofree char *path = g_strconcat ("/templates/", name, NULL);
  GType *copy = g_new (GType, 1);

  *copy = type;
  g_test_add_data_func_full (
      path, copy, g_type_is_a (type, GTK_TYPE_WINDOW) ? present_and_finalize : show_and_finalize,
      g_free);
}

/* --- About --- */

/* What a report is made of is shown, and tells nothing of the person. */
static void
test_about (void)
{
  g_autoptr (McTestBus) bus = mc_test_bus_new (NULL, NULL);
  g_autoptr (GDBusConnection) connection = mc_test_bus_connect (bus);
  g_autoptr (McInventory) inventory = mc_inventory_new (connection);
  g_autofree char *text = NULL;
  GtkWindow *about;

  mc_about_show (NULL, inventory);
  about = g_list_model_get_item (gtk_window_get_toplevels (), 0);
  g_object_get (about, "debug-info", &text, NULL);
  g_assert_true (g_str_has_prefix (text, "Model Cache " MC_VERSION " (" MC_APP_ID ")"));
  g_assert_nonnull (strstr (text, "\nService: does not run\n"));
  g_assert_null (strstr (text, g_get_home_dir ()));
  g_assert_null (strstr (text, "(null)"));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  gtk_window_destroy (about);
  g_object_unref (about);
  mc_inventory_close (inventory);
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
  g_autoptr (McApplication) application = NULL;

  set_environment (display);
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  /* Its icons and styles. */
  application = mc_application_new ();
  add ("copy-card", MC_TYPE_COPY_CARD);
  add ("discover-view", MC_TYPE_DISCOVER_VIEW);
  add ("announcer", MC_TYPE_ANNOUNCER);
  add ("download-details", MC_TYPE_DOWNLOAD_DETAILS);
  add ("downloads-view", MC_TYPE_DOWNLOADS_VIEW);
  add ("file-row", MC_TYPE_FILE_ROW);
  add ("hit-row", MC_TYPE_HIT_ROW);
  add ("access-page", MC_TYPE_ACCESS_PAGE);
  add ("endpoint-row", MC_TYPE_ENDPOINT_ROW);
  add ("network-page", MC_TYPE_NETWORK_PAGE);
  add ("serving-row", MC_TYPE_SERVING_ROW);
  add ("library-view", MC_TYPE_LIBRARY_VIEW);
  add ("preferences", MC_TYPE_PREFERENCES);
  add ("problem-bar", MC_TYPE_PROBLEM_BAR);
  add ("recipe-row", MC_TYPE_RECIPE_ROW);
  add ("rate-graph", MC_TYPE_RATE_GRAPH);
  add ("reclaim-row", MC_TYPE_RECLAIM_ROW);
  add ("repo-page", MC_TYPE_REPO_PAGE);
  add ("repo-row", MC_TYPE_REPO_ROW);
  add ("status-bar", MC_TYPE_STATUS_BAR);
  add ("storage-bar", MC_TYPE_STORAGE_BAR);
  add ("transfer-bar", MC_TYPE_TRANSFER_BAR);
  add ("transfer-row", MC_TYPE_TRANSFER_ROW);
  add ("variant-row", MC_TYPE_VARIANT_ROW);
  add ("welcome", MC_TYPE_WELCOME);
  add ("work-row", MC_TYPE_WORK_ROW);
  g_test_add_func ("/templates/about", test_about);
  return g_test_run ();
}
