/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-window-private.h"

#include "mc-phrases.h"
#include "mc-preferences.h"
#include "mc-reclaim-dialog.h"

#include <glib/gi18n.h>

/* What rows and pages want done goes through the window's actions, so that none of them knows
 * another:
 *   win.show-view s      one of the three views
 *   win.show-repo s      the page of a repo of the library
 *   win.look-up s        looks a name up on the Hub, then shows its page
 *   win.look-for s       searches the Hub for words
 *   win.download (ss)    repo, variant
 *   win.update s         repo: all that is here of it, to what is on the Hub
 *   win.steer (ts)       number of a transfer, method of the interface Transfer
 *   win.delete (ss)      repo, variant or "": after a while in which it can be undone
 *   win.undo-delete (ss) the same two; win.undo: the last one
 *   win.adopt aay        paths of files and folders
 *   win.open as          addresses of models, files and folders
 *   win.open-page s      of a repo, on the Hub
 *   win.go-online        ends offline mode
 *   win.reclaim          what could be deleted
 *   win.tell s           something that went well, for a moment
 *   win.announce s       for who hears the window instead of seeing it
 *   win.allow-transfers  whatever stands against them now
 *   win.back, win.search, win.paste, win.preferences, win.menu
 */

/* --- moving about --- */

static void
show_view_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mc_window_show_views (MC_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
show_repo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  g_free (self->wanted);
  self->wanted = g_variant_dup_string (parameter, NULL);
  mc_window_show_wanted (self);
}

static void
look_up_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mc_window_look_up (MC_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
download_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);
  const char *repo, *variant;

  g_variant_get (parameter, "(&s&s)", &repo, &variant);
  mc_window_begin (self, name, parameter);
  mc_inventory_download (self->inventory, repo, variant);
}

static void
update_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  mc_problem_bar_hide (self->problem_bar);
  mc_inventory_update (self->inventory, g_variant_get_string (parameter, NULL));
}

static void
steer_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);
  GListModel *transfers = mc_inventory_get_transfers (self->inventory);
  const char *method;
  guint64 number;

  g_variant_get (parameter, "(t&s)", &number, &method);
  mc_window_begin (self, name, parameter);
  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (transfers, i);

      if (mc_transfer_item_get_number (item) == number)
        mc_inventory_steer (self->inventory, item, method);
    }
}

static void
adopt_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);
  g_autofree const char **paths = g_variant_get_bytestring_array (parameter, NULL);

  mc_window_begin (self, NULL, NULL);
  for (gsize i = 0; paths[i] != NULL; i++)
    mc_inventory_import (self->inventory, paths[i]);
  mc_window_show_views (self, "downloads");
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree const char **addresses = g_variant_get_strv (parameter, NULL);

  mc_window_open (MC_WINDOW (widget), addresses);
}

/* --- what helps --- */

static void
open_page_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);
  const char *endpoint = manager == NULL ? NULL : mc_dbus_manager_get_endpoint (manager);
  g_autofree char *uri = NULL;

  if (endpoint == NULL)
    return;
  uri = g_strconcat (endpoint, "/", g_variant_get_string (parameter, NULL), NULL);
  gtk_show_uri (GTK_WINDOW (self), uri, GDK_CURRENT_TIME);
}

static void
reclaim_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  gtk_window_present (GTK_WINDOW (mc_reclaim_dialog_new (GTK_WINDOW (self), self->inventory)));
}

static void
go_online_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  mc_window_begin (self, NULL, NULL);
  mc_inventory_configure (self->inventory, "offline", g_variant_new_boolean (FALSE));
}

/* --- deleting, and undoing it --- */

static void
tell_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AdwToast *toast = adw_toast_new (g_variant_get_string (parameter, NULL));

  adw_toast_set_timeout (toast, 2);
  adw_toast_overlay_add_toast (MC_WINDOW (widget)->toasts, toast);
}

static void
delete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);
  g_autofree char *title = NULL;
  const char *repo, *variant;
  AdwToast *toast;

  g_variant_get (parameter, "(&s&s)", &repo, &variant);
  mc_window_begin (self, name, parameter);
  mc_inventory_delete_later (self->inventory, repo, variant);
  /* Translators: the name of a model or of a variant */
  title = g_strdup_printf (_ ("“%s” is deleted"),
                           variant[0] == '\0' ? repo : mc_phrase_variant_name (variant));
  toast = adw_toast_new (title);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  adw_toast_set_action_name (toast, "win.undo-delete");
  adw_toast_set_action_target_value (toast, parameter);
  adw_toast_set_timeout (toast, MAX (mc_inventory_get_undo_ms () / 1000, 1));
  g_set_object (&self->undo_toast, toast);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
undo (McWindow *self, const char *repo, const char *variant)
{
  if (mc_inventory_undo_delete (self->inventory, repo, variant) && self->undo_toast != NULL)
    adw_toast_dismiss (self->undo_toast);
}

static void
undo_delete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *repo, *variant;

  g_variant_get (parameter, "(&s&s)", &repo, &variant);
  undo (MC_WINDOW (widget), repo, variant);
}

static void
undo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  undo (MC_WINDOW (widget), NULL, NULL);
}

static void
announce_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mc_announcer_say (MC_WINDOW (widget)->announcer, g_variant_get_string (parameter, NULL));
}

static void
allow_transfers_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mc_inventory_steer_all (MC_WINDOW (widget)->inventory, "AllowTransfers");
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mc_window_show_views (MC_WINDOW (widget), NULL);
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  adw_leaflet_set_visible_child_name (self->leaflet, "views");
  if (g_strcmp0 (adw_view_stack_get_visible_child_name (self->views), "discover") == 0)
    {
      mc_discover_view_focus (mc_window_get_discover_view (self));
      return;
    }
  mc_window_show_views (self, "library");
  gtk_toggle_button_set_active (self->search_button, TRUE);
}

static void
look_for_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  mc_window_show_views (self, "discover");
  mc_discover_view_look_for (mc_window_get_discover_view (self),
                             g_variant_get_string (parameter, NULL));
}

static void
paste_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  mc_window_show_views (self, "discover");
  mc_discover_view_paste (mc_window_get_discover_view (self));
}

static void
preferences_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  gtk_window_present (GTK_WINDOW (mc_preferences_new (GTK_WINDOW (self), self->inventory)));
}

/* GTK would make it with the window, which then would take longer to be there. */
static void
show_shortcuts_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkApplicationWindow *window = GTK_APPLICATION_WINDOW (widget);

  if (gtk_application_window_get_help_overlay (window) == NULL)
    {
      g_autoptr (GtkBuilder) builder =
          gtk_builder_new_from_resource ("/com/tabagent/ModelCache/mc-shortcuts.ui");

      gtk_application_window_set_help_overlay (
          window, GTK_SHORTCUTS_WINDOW (gtk_builder_get_object (builder, "help_overlay")));
    }
  gtk_window_present (GTK_WINDOW (gtk_application_window_get_help_overlay (window)));
}

static void
menu_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  mc_window_show_views (self, NULL);
  gtk_menu_button_popup (self->menu_button);
}

void
mc_window_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.show-view", "s", show_view_action);
  gtk_widget_class_install_action (widget_class, "win.show-repo", "s", show_repo_action);
  gtk_widget_class_install_action (widget_class, "win.look-up", "s", look_up_action);
  gtk_widget_class_install_action (widget_class, "win.download", "(ss)", download_action);
  gtk_widget_class_install_action (widget_class, "win.update", "s", update_action);
  gtk_widget_class_install_action (widget_class, "win.steer", "(ts)", steer_action);
  gtk_widget_class_install_action (widget_class, "win.delete", "(ss)", delete_action);
  gtk_widget_class_install_action (widget_class, "win.undo-delete", "(ss)", undo_delete_action);
  gtk_widget_class_install_action (widget_class, "win.undo", NULL, undo_action);
  gtk_widget_class_install_action (widget_class, "win.adopt", "aay", adopt_action);
  gtk_widget_class_install_action (widget_class, "win.open", "as", open_action);
  gtk_widget_class_install_action (widget_class, "win.open-page", "s", open_page_action);
  gtk_widget_class_install_action (widget_class, "win.go-online", NULL, go_online_action);
  gtk_widget_class_install_action (widget_class, "win.reclaim", NULL, reclaim_action);
  gtk_widget_class_install_action (widget_class, "win.tell", "s", tell_action);
  gtk_widget_class_install_action (widget_class, "win.announce", "s", announce_action);
  gtk_widget_class_install_action (widget_class, "win.allow-transfers", NULL,
                                   allow_transfers_action);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_action);
  gtk_widget_class_install_action (widget_class, "win.look-for", "s", look_for_action);
  gtk_widget_class_install_action (widget_class, "win.paste", NULL, paste_action);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, preferences_action);
  gtk_widget_class_install_action (widget_class, "win.show-shortcuts", NULL, show_shortcuts_action);
  gtk_widget_class_install_action (widget_class, "win.menu", NULL, menu_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.back", NULL);
}
