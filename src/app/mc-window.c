/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-window-private.h"

#include "mc-address.h"
#include "mc-adoption.h"
#include "mc-downloads-view.h"
#include "mc-drop.h"
#include "mc-error.h"
#include "mc-whole-text.h"

/* The shell: three views and the page of a repo, what is shown of them, and what goes wrong. */

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

McDiscoverView *
mc_window_get_discover_view (McWindow *self)
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
    mc_window_get_discover_view (self);
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

void
mc_window_begin (McWindow *self, const char *action, GVariant *target)
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

void
mc_window_show_views (McWindow *self, const char *view)
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
  mc_discover_view_set_busy (mc_window_get_discover_view (self), FALSE);
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
  mc_window_begin (self, "win.look-up", g_variant_new_string (text));
  mc_discover_view_set_busy (mc_window_get_discover_view (self), TRUE);
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
    mc_window_get_discover_view (self);
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

/* Before the service was reached nothing is known yet: it is shown when it is. */
void
mc_window_show_wanted (McWindow *self)
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

/* An address that cannot be one is told where the person is. */
static char *
read_address (McWindow *self, const char *address, McAddressKind *kind)
{
  g_autoptr (GError) error = NULL;
  char *name = mc_address_read (address, kind, &error);

  if (name != NULL)
    return name;
  g_clear_pointer (&self->wanted, g_free);
  mc_window_begin (self, NULL, NULL);
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
    mc_adoption_ask (GTK_WINDOW (self), (const char *const *) paths);
}

/* Whoever comes back may come from the page where access is granted. */
static void
on_focus (McWindow *self)
{
  if (gtk_window_is_active (GTK_WINDOW (self)))
    mc_inventory_look_at_gates (self->inventory);
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
  mc_window_show_wanted (self);
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
  g_signal_connect_object (self->inventory, "notify::state", G_CALLBACK (mc_window_show_wanted),
                           self, G_CONNECT_SWAPPED);
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
  mc_window_install_actions (widget_class);
}

static void
mc_window_init (McWindow *self)
{
  self->settings = g_settings_new ("com.tabagent.ModelCache");
  gtk_widget_init_template (GTK_WIDGET (self));
  mc_whole_text_offer (GTK_WINDOW (self));
  mc_drop_attach (GTK_WIDGET (self));
}
