/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-window.h"

#include "mc-address.h"
#include "mc-announcer.h"
#include "mc-discover-view.h"
#include "mc-downloads-view.h"
#include "mc-drop.h"
#include "mc-error-text.h"
#include "mc-error.h"
#include "mc-library-view.h"
#include "mc-phrases.h"
#include "mc-preferences.h"
#include "mc-problem-bar.h"
#include "mc-reclaim-dialog.h"
#include "mc-repo-page.h"
#include "mc-status-bar.h"
#include "mc-whole-text.h"

#include <glib/gi18n.h>

/* The shell. What rows and pages want done goes through its actions, so that none of them knows
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
 *   win.open as          addresses of models, files and folders
 *   win.open-page s      of a repo, on the Hub
 *   win.go-online        ends offline mode
 *   win.reclaim          what could be deleted
 *   win.tell s           something that went well, for a moment
 *   win.announce s       for who hears the window instead of seeing it
 *   win.allow-transfers  whatever stands against them now
 *   win.back, win.search, win.paste, win.preferences, win.menu
 */

struct _McWindow
{
  AdwApplicationWindow parent_instance;
  McInventory *inventory;   /* (owned) */
  GSettings *settings;      /* (owned) */
  GCancellable *looking_up; /* (owned) (nullable) */
  char *looked_up;          /* (owned) (nullable): what for */
  char *wanted;             /* (owned) (nullable): a repo to be shown when it is known; forgotten
                               as soon as the person goes somewhere */
  AdwToast *undo_toast;     /* (owned) (nullable): of the last deletion */
  AdwToastOverlay *toasts;  /* template widgets from here on */
  AdwLeaflet *leaflet;
  AdwViewStack *views;
  AdwViewStackPage *downloads_page;
  GtkToggleButton *search_button;
  GtkMenuButton *menu_button;
  McAnnouncer *announcer; /* borrowed: beside the template */
  McStatusBar *status_bar;
  McProblemBar *problem_bar;
  McLibraryView *library_view;
  AdwBin *discover_place; /* these three are empty at first: see get_discover_view() */
  AdwBin *downloads_place;
  AdwBin *repo_place;
  guint making; /* source: of the views that were not wanted yet */
};

enum
{
  PROP_INVENTORY = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McWindow, mc_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- views --- */

/* A view takes as long to be made as a frame or two: none is before it is shown, or the window has
 * nothing else to do. */

static McDiscoverView *
get_discover_view (McWindow *self)
{
  if (adw_bin_get_child (self->discover_place) == NULL)
    {
      GtkWidget *view = g_object_new (MC_TYPE_DISCOVER_VIEW, NULL);

      mc_discover_view_set_inventory (MC_DISCOVER_VIEW (view), self->inventory);
      adw_bin_set_child (self->discover_place, view);
    }
  return MC_DISCOVER_VIEW (adw_bin_get_child (self->discover_place));
}

static void
ensure_downloads_view (McWindow *self)
{
  GtkWidget *view;

  if (adw_bin_get_child (self->downloads_place) != NULL)
    return;
  view = g_object_new (MC_TYPE_DOWNLOADS_VIEW, NULL);
  mc_downloads_view_set_inventory (MC_DOWNLOADS_VIEW (view), self->inventory);
  adw_bin_set_child (self->downloads_place, view);
}

static McRepoPage *
get_repo_page (McWindow *self)
{
  if (adw_bin_get_child (self->repo_place) == NULL)
    {
      GtkWidget *page = g_object_new (MC_TYPE_REPO_PAGE, NULL);

      mc_repo_page_set_inventory (MC_REPO_PAGE (page), self->inventory);
      adw_bin_set_child (self->repo_place, page);
    }
  return MC_REPO_PAGE (adw_bin_get_child (self->repo_place));
}

/* One at a time, so that nothing waits for more than one. */
static gboolean
make_view_cb (gpointer user_data)
{
  McWindow *self = user_data;

  if (adw_bin_get_child (self->repo_place) == NULL)
    get_repo_page (self);
  else if (adw_bin_get_child (self->discover_place) == NULL)
    get_discover_view (self);
  else
    {
      ensure_downloads_view (self);
      self->making = 0;
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_first_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  McWindow *self = MC_WINDOW (widget);

  self->making = g_idle_add_full (G_PRIORITY_LOW, make_view_cb, self, NULL);
  return G_SOURCE_REMOVE;
}

/* --- what goes wrong --- */

/* The page of a repo tells it as well, and that there is no network is always told above. */
static void
on_failed (McWindow *self, GError *error, const char *repo)
{
  if (g_error_matches (error, MC_ERROR, MC_ERROR_OFFLINE)
      && g_strcmp0 (adw_leaflet_get_visible_child_name (self->leaflet), "repo") == 0)
    return;
  mc_problem_bar_show (self->problem_bar, error, repo);
}

/* Of what was asked for elsewhere: wherever the person is now. */
static void
tell (McWindow *self, GError *error, const char *repo)
{
  on_failed (self, error, NULL);
  mc_repo_page_tell (get_repo_page (self), error, repo);
}

/* What Try Again means from here on, if it fails. */
static void
begin (McWindow *self, const char *action, GVariant *target)
{
  g_autoptr (GVariant) held = target == NULL ? NULL : g_variant_ref_sink (target);

  mc_problem_bar_try (self->problem_bar, action, held);
  mc_repo_page_try (get_repo_page (self), action, held);
}

static void
on_active (McWindow *self)
{
  guint active = mc_inventory_get_active (self->inventory);

  adw_view_stack_page_set_badge_number (self->downloads_page, active);
  adw_view_stack_page_set_needs_attention (self->downloads_page, active > 0);
}

/* --- moving about --- */

static void
show_views (McWindow *self, const char *view)
{
  g_clear_pointer (&self->wanted, g_free);
  adw_leaflet_set_visible_child_name (self->leaflet, "views");
  if (view != NULL)
    adw_view_stack_set_visible_child_name (self->views, view);
}

void
mc_window_show_repo (McWindow *self, McRepoItem *item)
{
  g_clear_pointer (&self->wanted, g_free);
  g_settings_set_string (self->settings, "repo", mc_repo_item_get_ref (item));
  mc_repo_page_set_item (get_repo_page (self), item);
  adw_leaflet_set_visible_child_name (self->leaflet, "repo");
}

static void
look_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (McRepoItem) item = mc_inventory_scan_finish (MC_INVENTORY (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->looking_up);
  mc_discover_view_set_busy (get_discover_view (self), FALSE);
  if (item != NULL)
    mc_window_show_repo (self, item);
  else
    tell (self, error, self->looked_up);
}

void
mc_window_look_up (McWindow *self, const char *text)
{
  g_clear_pointer (&self->wanted, g_free);
  g_cancellable_cancel (self->looking_up);
  g_clear_object (&self->looking_up);
  self->looking_up = g_cancellable_new ();
  g_free (self->looked_up);
  self->looked_up = g_strdup (text);
  begin (self, "win.look-up", g_variant_new_string (text));
  mc_discover_view_set_busy (get_discover_view (self), TRUE);
  mc_inventory_scan_async (self->inventory, text, self->looking_up, look_up_cb,
                           g_object_ref (self));
}

static void
on_view_changed (McWindow *self)
{
  const char *view = adw_view_stack_get_visible_child_name (self->views);

  g_clear_pointer (&self->wanted, g_free);
  gtk_widget_set_visible (GTK_WIDGET (self->search_button), g_strcmp0 (view, "library") == 0);
  if (g_strcmp0 (view, "discover") == 0)
    get_discover_view (self);
  else if (g_strcmp0 (view, "downloads") == 0)
    ensure_downloads_view (self);
}

/* A window that goes shows neither. */
static void
on_page_changed (McWindow *self)
{
  gboolean home = g_strcmp0 (adw_leaflet_get_visible_child_name (self->leaflet), "views") == 0;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.back", !home);
  if (home)
    g_settings_set_string (self->settings, "repo", "");
}

/* --- actions --- */

static void
show_view_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  show_views (MC_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

/* Before the service was reached nothing is known yet: it is shown when it is. */
static void
show_wanted (McWindow *self)
{
  McRepoItem *item = NULL;

  if (self->wanted == NULL)
    return;
  item = mc_inventory_find_repo (self->inventory, self->wanted);
  if (item != NULL)
    mc_window_show_repo (self, item);
  else if (mc_inventory_get_state (self->inventory) != MC_INVENTORY_CONNECTING)
    g_clear_pointer (&self->wanted, g_free);
}

static void
show_repo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  g_free (self->wanted);
  self->wanted = g_variant_dup_string (parameter, NULL);
  show_wanted (self);
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
  begin (self, name, parameter);
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
  begin (self, name, parameter);
  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (transfers, i);

      if (mc_transfer_item_get_number (item) == number)
        mc_inventory_steer (self->inventory, item, method);
    }
}

/* --- what was dropped, or opened with the program --- */

typedef struct
{
  McWindow *window; /* (owned) */
  GStrv paths;      /* (owned) */
} Adoption;

static void
adoption_free (Adoption *adoption)
{
  g_object_unref (adoption->window);
  g_strfreev (adoption->paths);
  g_free (adoption);
}

static void
on_adopt (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Adoption *adoption = user_data;
  McWindow *self = adoption->window;

  if (g_strcmp0 (response, "adopt") != 0)
    return;
  begin (self, NULL, NULL);
  for (guint i = 0; adoption->paths[i] != NULL; i++)
    mc_inventory_import (self->inventory, adoption->paths[i]);
  show_views (self, "downloads");
}

static void
ask_to_adopt (McWindow *self, char **paths)
{
  guint n = g_strv_length (paths);
  g_autofree char *name = g_path_get_basename (paths[0]);
  g_autofree char *heading =
      /* Translators: the name of a file or folder */
      n == 1 ? g_strdup_printf (_ ("Adopt “%s”?"), name)
             /* Translators: files and folders */
             : g_strdup_printf (ngettext ("Adopt %u Item?", "Adopt %u Items?", n), n);
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), heading,
      _ ("What belongs to models is copied into the library and need not be downloaded. Nothing is "
         "changed where it is now."));
  Adoption *adoption = g_new (Adoption, 1);

  *adoption = (Adoption){ g_object_ref (self), g_strdupv (paths) };
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "adopt",
                                    _ ("_Adopt"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "adopt",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_adopt), adoption,
                         (GClosureNotify) (void (*) (void)) adoption_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* An address that cannot be one is told where the person is. */
static char *
read_address (McWindow *self, const char *address, McAddressKind *kind)
{
  g_autoptr (GError) error = NULL;
  char *name = mc_address_read (address, kind, &error);

  if (name != NULL)
    return name;
  g_clear_pointer (&self->wanted, g_free);
  begin (self, NULL, NULL);
  tell (self, error, NULL);
  return NULL;
}

void
mc_window_open (McWindow *self, const char *const *addresses)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) paths = NULL;

  for (; *addresses != NULL; addresses++)
    {
      McAddressKind kind;
      g_autofree char *name = read_address (self, *addresses, &kind);

      if (name != NULL && kind == MC_ADDRESS_MODEL)
        mc_window_look_up (self, name);
      else if (name != NULL)
        g_strv_builder_add (builder, name);
    }
  paths = g_strv_builder_end (builder);
  if (paths[0] != NULL)
    ask_to_adopt (self, paths);
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

  begin (self, NULL, NULL);
  mc_inventory_configure (self->inventory, "offline", g_variant_new_boolean (FALSE));
}

/* Whoever comes back may come from the page where access is granted. */
static void
on_focus (McWindow *self)
{
  if (gtk_window_is_active (GTK_WINDOW (self)))
    mc_inventory_look_at_gates (self->inventory);
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
  begin (self, name, parameter);
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
  show_views (MC_WINDOW (widget), NULL);
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  adw_leaflet_set_visible_child_name (self->leaflet, "views");
  if (g_strcmp0 (adw_view_stack_get_visible_child_name (self->views), "discover") == 0)
    {
      mc_discover_view_focus (get_discover_view (self));
      return;
    }
  show_views (self, "library");
  gtk_toggle_button_set_active (self->search_button, TRUE);
}

static void
look_for_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  show_views (self, "discover");
  mc_discover_view_look_for (get_discover_view (self), g_variant_get_string (parameter, NULL));
}

static void
paste_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McWindow *self = MC_WINDOW (widget);

  show_views (self, "discover");
  mc_discover_view_paste (get_discover_view (self));
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

  show_views (self, NULL);
  gtk_menu_button_popup (self->menu_button);
}

/* --- its life --- */

McWindow *
mc_window_new (GtkApplication *application, McInventory *inventory)
{
  return g_object_new (MC_TYPE_WINDOW, "application", application, "inventory", inventory, NULL);
}

/* Beside all pages: what is out of sight is not listened to. */
static void
add_announcer (McWindow *self)
{
  GtkWidget *content =
      g_object_ref (adw_application_window_get_content (ADW_APPLICATION_WINDOW (self)));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), box);
  self->announcer = g_object_new (MC_TYPE_ANNOUNCER, NULL);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->announcer));
  gtk_widget_set_vexpand (content, TRUE);
  gtk_box_append (GTK_BOX (box), content);
  g_object_unref (content);
  mc_announcer_set_inventory (self->announcer, self->inventory);
}

/* Where the person was when the window was closed. What was nonsense in the settings is as if
 * nothing was there. */
static void
restore (McWindow *self)
{
  const GSettingsBindFlags both = G_SETTINGS_BIND_DEFAULT;

  g_settings_bind (self->settings, "width", self, "default-width", both);
  g_settings_bind (self->settings, "height", self, "default-height", both);
  g_settings_bind (self->settings, "maximized", self, "maximized", both);
  g_settings_bind (self->settings, "view", self->views, "visible-child-name", both);
  self->wanted = g_settings_get_string (self->settings, "repo");
  show_wanted (self);
}

static void
mc_window_constructed (GObject *object)
{
  McWindow *self = MC_WINDOW (object);

  G_OBJECT_CLASS (mc_window_parent_class)->constructed (object);
  add_announcer (self);
  mc_status_bar_set_inventory (self->status_bar, self->inventory);
  mc_library_view_set_inventory (self->library_view, self->inventory);
  g_signal_connect_object (self->inventory, "failed", G_CALLBACK (on_failed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->inventory, "notify::active", G_CALLBACK (on_active), self,
                           G_CONNECT_SWAPPED);
  g_object_bind_property (self->search_button, "active", self->library_view, "searching",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_object (self->inventory, "notify::state", G_CALLBACK (show_wanted), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (on_focus), NULL);
  gtk_widget_add_tick_callback (GTK_WIDGET (self), on_first_frame, NULL, NULL);
  on_active (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.back", FALSE);
  restore (self);
}

static void
mc_window_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  McWindow *self = MC_WINDOW (object);

  switch (id)
    {
    case PROP_INVENTORY:
      self->inventory = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_window_dispose (GObject *object)
{
  McWindow *self = MC_WINDOW (object);

  g_cancellable_cancel (self->looking_up);
  g_clear_object (&self->looking_up);
  g_clear_pointer (&self->looked_up, g_free);
  g_clear_pointer (&self->wanted, g_free);
  g_clear_object (&self->undo_toast);
  g_clear_handle_id (&self->making, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_WINDOW);
  g_clear_object (&self->settings);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_window_parent_class)->dispose (object);
}

static void
install_actions (GtkWidgetClass *widget_class)
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

static void
mc_window_class_init (McWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = mc_window_constructed;
  object_class->set_property = mc_window_set_property;
  object_class->dispose = mc_window_dispose;
  properties[PROP_INVENTORY] =
      g_param_spec_object ("inventory", NULL, NULL, MC_TYPE_INVENTORY,
                           G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (MC_TYPE_LIBRARY_VIEW);
  g_type_ensure (MC_TYPE_PROBLEM_BAR);
  g_type_ensure (MC_TYPE_STATUS_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/mc-window.ui");
  gtk_widget_class_bind_template_child (widget_class, McWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, McWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, McWindow, views);
  gtk_widget_class_bind_template_child (widget_class, McWindow, downloads_page);
  gtk_widget_class_bind_template_child (widget_class, McWindow, search_button);
  gtk_widget_class_bind_template_child (widget_class, McWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, McWindow, problem_bar);
  gtk_widget_class_bind_template_child (widget_class, McWindow, status_bar);
  gtk_widget_class_bind_template_child (widget_class, McWindow, library_view);
  gtk_widget_class_bind_template_child (widget_class, McWindow, discover_place);
  gtk_widget_class_bind_template_child (widget_class, McWindow, downloads_place);
  gtk_widget_class_bind_template_child (widget_class, McWindow, repo_place);
  gtk_widget_class_bind_template_callback (widget_class, on_view_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_page_changed);
  install_actions (widget_class);
}

static void
mc_window_init (McWindow *self)
{
  self->settings = g_settings_new ("com.tabagent.ModelCache");
  gtk_widget_init_template (GTK_WIDGET (self));
  mc_whole_text_offer (GTK_WINDOW (self));
  mc_drop_attach (GTK_WIDGET (self));
}
