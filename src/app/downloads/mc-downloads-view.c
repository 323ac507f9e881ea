/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-downloads-view.h"

#include "mc-dict.h"
#include "mc-download-details.h"
#include "mc-keep-top.h"
#include "mc-phrases.h"
#include "mc-queue-order.h"
#include "mc-rate-graph.h"
#include "mc-transfer-row.h"
#include "mc-wrap.h"

#include <glib/gi18n.h>
#include <string.h>

/* Which transfers are shown, in the order of the queue, and what is done with all of them. Its
 * actions:
 *   downloads.show s       "" for all, else a group of McTransferItem
 *   downloads.limit u      kB a second; 0: none
 *   downloads.move (ti)    number of a transfer, how many places it moves down the queue
 *   downloads.drop (ttb)   number of a transfer, of another, whether it goes after that one
 *   downloads.details t    number of a transfer
 *   downloads.pause-all, downloads.resume-all
 */

#define KB 1000

static const struct
{
  const char *group;
  const char *label;
} groups[] = {
  /* Translators: which downloads are shown, and how many there are */
  { "", N_ ("All %u") },          { "active", N_ ("Active %u") }, { "waiting", N_ ("Waiting %u") },
  { "done", N_ ("Finished %u") }, { "failed", N_ ("Failed %u") },
};

#define N_GROUPS G_N_ELEMENTS (groups)

struct _McDownloadsView
{
  AdwBin parent_instance;
  McInventory *inventory; /* (owned) */
  GtkFilter *filter;      /* (owned) */
  GtkSorter *sorter;      /* (owned) */
  GListModel *shown;      /* (owned) */
  char *group;            /* (owned): that is shown */
  guint64 limit;          /* bytes a second */
  guint updating;         /* source */
  gboolean pausable;
  gboolean resumable;
  GtkToggleButton *buttons[N_GROUPS]; /* borrowed */
  GtkStack *stack;                    /* template widgets from here on */
  GtkStack *list_stack;
  GtkLabel *rate;
  McRateGraph *graph;
  GtkLabel *limit_label;
  McWrap *groups;
  GtkListView *list;
};

enum
{
  PROP_SHOW = 1,
  PROP_LIMIT,
  PROP_PAUSABLE,
  PROP_RESUMABLE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McDownloadsView, mc_downloads_view, ADW_TYPE_BIN)

/* --- which, and how many --- */

static gboolean
is_shown (gpointer item, gpointer user_data)
{
  McDownloadsView *self = user_data;

  return self->group[0] == '\0' || strcmp (mc_transfer_item_get_group (item), self->group) == 0;
}

static void
set_flag (McDownloadsView *self, guint id, gboolean *place, gboolean value)
{
  if (*place == value)
    return;
  *place = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[id]);
}

static void
count (McDownloadsView *self, guint counts[N_GROUPS])
{
  GListModel *transfers = mc_inventory_get_transfers (self->inventory);
  gboolean pausable = FALSE;
  gboolean resumable = FALSE;

  counts[0] = g_list_model_get_n_items (transfers);
  for (guint i = 0; i < counts[0]; i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (transfers, i);

      for (guint g = 1; g < N_GROUPS; g++)
        if (strcmp (mc_transfer_item_get_group (item), groups[g].group) == 0)
          counts[g]++;
      pausable = pausable || mc_transfer_item_get_pausable (item);
      resumable = resumable || mc_transfer_item_get_resumable (item);
    }
  set_flag (self, PROP_PAUSABLE, &self->pausable, pausable);
  set_flag (self, PROP_RESUMABLE, &self->resumable, resumable && !pausable);
}

static void
update_counts (McDownloadsView *self)
{
  guint counts[N_GROUPS] = { 0 };

  count (self, counts);
  for (guint g = 0; g < N_GROUPS; g++)
    {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      g_autofree char *label = g_strdup_printf (_ (groups[g].label), counts[g]);
#pragma GCC diagnostic pop

      gtk_button_set_label (GTK_BUTTON (self->buttons[g]), label);
    }
}

static void
update_page (McDownloadsView *self)
{
  guint all = g_list_model_get_n_items (mc_inventory_get_transfers (self->inventory));

  gtk_stack_set_visible_child_name (self->stack, all > 0 ? "list" : "empty");
  gtk_stack_set_visible_child_name (self->list_stack,
                                    g_list_model_get_n_items (self->shown) > 0 ? "list" : "none");
}

static void
update_rate (McDownloadsView *self)
{
  g_autofree char *text = mc_phrase_rate (mc_inventory_get_rate (self->inventory));

  gtk_label_set_label (self->rate, text);
}

static void
update_limit (McDownloadsView *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);
  GVariant *settings = manager == NULL ? NULL : mc_dbus_manager_get_settings (manager);
  g_autofree char *rate = NULL;
  g_autofree char *text = NULL;

  /* While the service sleeps the last one stays. */
  if (settings != NULL)
    self->limit = mc_dict_get_size (settings, "bandwidth-limit");
  rate = mc_phrase_rate (self->limit);
  /* Translators: %s is a speed, "5 MB/s" */
  text =
      self->limit == 0 ? g_strdup (_ ("No speed limit")) : g_strdup_printf (_ ("Limit %s"), rate);
  gtk_label_set_label (self->limit_label, text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIMIT]);
}

static void
on_inventory_state (McDownloadsView *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);

  if (manager == NULL)
    return;
  g_signal_handlers_disconnect_by_func (manager, update_limit, self);
  g_signal_connect_object (manager, "notify::settings", G_CALLBACK (update_limit), self,
                           G_CONNECT_SWAPPED);
  update_limit (self);
}

static gboolean
update_cb (gpointer user_data)
{
  McDownloadsView *self = user_data;

  self->updating = 0;
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  update_counts (self);
  update_page (self);
  return G_SOURCE_REMOVE;
}

/* Once for whatever came meanwhile. */
static void
update_soon (McDownloadsView *self)
{
  if (self->updating == 0)
    self->updating = g_idle_add (update_cb, self);
}

/* Filters and sorters do not watch the items. */
static void
on_transfers (McDownloadsView *self, guint position, guint removed, guint added, GListModel *list)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (list, position + i);

      g_signal_connect_object (item, "notify::group", G_CALLBACK (update_soon), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (item, "notify::pausable", G_CALLBACK (update_soon), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (item, "notify::place", G_CALLBACK (update_soon), self,
                               G_CONNECT_SWAPPED);
    }
  update_soon (self);
}

/* --- one of them --- */

/* That has the focus, itself or something in it. */
static McTransferItem *
get_focused (McDownloadsView *self)
{
  GtkWidget *widget = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkWidget *row = widget == NULL ? NULL : gtk_widget_get_ancestor (widget, MC_TYPE_TRANSFER_ROW);

  if (row == NULL && widget != NULL)
    row = gtk_widget_get_first_child (widget);
  return MC_IS_TRANSFER_ROW (row) ? mc_transfer_row_get_item (MC_TRANSFER_ROW (row)) : NULL;
}

static void
move_to (McDownloadsView *self, McTransferItem *item, guint position)
{
  guint count = mc_queue_order_count (mc_inventory_get_transfers (self->inventory));
  g_autofree char *text = NULL;
  g_autofree char *title = NULL;

  g_object_get (item, "title", &title, NULL);
  /* Translators: the name of a model, its place in the queue, and how many are in the queue */
  text = g_strdup_printf (_ ("%s is now %u of %u"), title, position + 1, count);
  mc_inventory_move_to (self->inventory, item, position);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.announce", "s", text);
}

static void
move (McDownloadsView *self, McTransferItem *item, int places)
{
  guint position;

  if (mc_queue_order_move (mc_inventory_get_transfers (self->inventory), item, places, &position))
    move_to (self, item, position);
}

static gboolean
move_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (widget);
  McTransferItem *item = get_focused (self);

  if (item == NULL)
    return GDK_EVENT_PROPAGATE;
  move (self, item, g_variant_get_int32 (arguments));
  return GDK_EVENT_STOP;
}

static gboolean
pause_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (widget);
  McTransferItem *item = get_focused (self);

  if (item == NULL || !mc_transfer_item_get_open (item))
    return GDK_EVENT_PROPAGATE;
  mc_inventory_steer (self->inventory, item,
                      mc_transfer_item_get_pausable (item) ? "Pause" : "Resume");
  return GDK_EVENT_STOP;
}

static gboolean
retry_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (widget);
  McTransferItem *item = get_focused (self);

  if (item == NULL || !mc_transfer_item_get_retryable (item))
    return GDK_EVENT_PROPAGATE;
  mc_inventory_steer (self->inventory, item, "Retry");
  return GDK_EVENT_STOP;
}

static gboolean
cancel_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (widget);
  McTransferItem *item = get_focused (self);

  if (item == NULL || !mc_transfer_item_get_open (item))
    return GDK_EVENT_PROPAGATE;
  mc_inventory_steer (self->inventory, item, "Cancel");
  return GDK_EVENT_STOP;
}

static gboolean
pause_all_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (widget);

  mc_inventory_steer_all (self->inventory, self->pausable ? "PauseAll" : "ResumeAll");
  return GDK_EVENT_STOP;
}

/* --- actions --- */

/* (nullable), owned by the list */
static McTransferItem *
find (McDownloadsView *self, guint64 number)
{
  GListModel *transfers = mc_inventory_get_transfers (self->inventory);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (transfers, i);

      if (mc_transfer_item_get_number (item) == number)
        return item;
    }
  return NULL;
}

static void
move_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (widget);
  McTransferItem *item;
  guint64 number;
  int places;

  g_variant_get (parameter, "(ti)", &number, &places);
  item = find (self, number);
  if (item != NULL)
    move (self, item, places);
}

static void
drop_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (widget);
  McTransferItem *item, *target;
  guint64 number, other;
  gboolean after;
  guint position;

  g_variant_get (parameter, "(ttb)", &number, &other, &after);
  item = find (self, number);
  target = find (self, other);
  if (item != NULL && target != NULL
      && mc_queue_order_drop (mc_inventory_get_transfers (self->inventory), item, target, after,
                              &position))
    move_to (self, item, position);
}

static void
show_details (McDownloadsView *self, McTransferItem *item)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));

  gtk_window_present (GTK_WINDOW (mc_download_details_new (window, self->inventory, item)));
}

static void
details_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (widget);
  McTransferItem *item = find (self, g_variant_get_uint64 (parameter));

  if (item != NULL)
    show_details (self, item);
}

static void
on_activate (McDownloadsView *self, guint position)
{
  g_autoptr (McTransferItem) item = g_list_model_get_item (self->shown, position);

  show_details (self, item);
}

static void
pause_all_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mc_inventory_steer_all (MC_DOWNLOADS_VIEW (widget)->inventory, "PauseAll");
}

static void
resume_all_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  mc_inventory_steer_all (MC_DOWNLOADS_VIEW (widget)->inventory, "ResumeAll");
}

/* --- its life --- */

static void
watch (McDownloadsView *self)
{
  GListModel *transfers = mc_inventory_get_transfers (self->inventory);

  g_signal_connect_object (transfers, "items-changed", G_CALLBACK (on_transfers), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->inventory, "notify::rate", G_CALLBACK (update_rate), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->inventory, "notify::state", G_CALLBACK (on_inventory_state), self,
                           G_CONNECT_SWAPPED);
  on_transfers (self, 0, 0, g_list_model_get_n_items (transfers), transfers);
}

void
mc_downloads_view_set_inventory (McDownloadsView *self, McInventory *inventory)
{
  GtkFilterListModel *found;
  GtkSortListModel *sorted;
  g_autoptr (GtkNoSelection) selection = NULL;

  self->inventory = g_object_ref (inventory);
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_shown, self, NULL));
  self->sorter = GTK_SORTER (gtk_custom_sorter_new (mc_queue_order_compare, NULL, NULL));
  found = gtk_filter_list_model_new (g_object_ref (mc_inventory_get_transfers (inventory)),
                                     g_object_ref (self->filter));
  sorted = gtk_sort_list_model_new (G_LIST_MODEL (found), g_object_ref (self->sorter));
  self->shown = g_object_ref (G_LIST_MODEL (sorted));
  selection = gtk_no_selection_new (G_LIST_MODEL (sorted));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  mc_keep_top (self->list);
  watch (self);
  mc_rate_graph_set_inventory (self->graph, inventory);
  update_rate (self);
  update_limit (self);
  on_inventory_state (self);
  update_page (self);
}

static void
mc_downloads_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (object);

  switch (id)
    {
    case PROP_SHOW:
      g_value_set_string (value, self->group);
      break;
    case PROP_LIMIT:
      g_value_set_uint (value, (guint) MIN (self->limit / KB, G_MAXUINT));
      break;
    case PROP_PAUSABLE:
      g_value_set_boolean (value, self->pausable);
      break;
    case PROP_RESUMABLE:
      g_value_set_boolean (value, self->resumable);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
show_group (McDownloadsView *self, const char *group)
{
  g_free (self->group);
  self->group = g_strdup (group);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW]);
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update_page (self);
}

static void
mc_downloads_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (object);

  switch (id)
    {
    case PROP_SHOW:
      show_group (self, g_value_get_string (value));
      break;
    case PROP_LIMIT:
      mc_inventory_configure (self->inventory, "bandwidth-limit",
                              g_variant_new_uint64 ((guint64) g_value_get_uint (value) * KB));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_downloads_view_dispose (GObject *object)
{
  McDownloadsView *self = MC_DOWNLOADS_VIEW (object);

  g_clear_handle_id (&self->updating, g_source_remove);
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  /* A bound child would be taken from under the bin. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_DOWNLOADS_VIEW);
  g_clear_object (&self->shown);
  g_clear_object (&self->filter);
  g_clear_object (&self->sorter);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_downloads_view_parent_class)->dispose (object);
}

static void
mc_downloads_view_finalize (GObject *object)
{
  g_free (MC_DOWNLOADS_VIEW (object)->group);
  G_OBJECT_CLASS (mc_downloads_view_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  properties[PROP_SHOW] = g_param_spec_string ("show", NULL, NULL, "", flags | G_PARAM_READWRITE);
  properties[PROP_LIMIT] =
      g_param_spec_uint ("limit", NULL, NULL, 0, G_MAXUINT, 0, flags | G_PARAM_READWRITE);
  properties[PROP_PAUSABLE] =
      g_param_spec_boolean ("pausable", NULL, NULL, FALSE, flags | G_PARAM_READABLE);
  properties[PROP_RESUMABLE] =
      g_param_spec_boolean ("resumable", NULL, NULL, FALSE, flags | G_PARAM_READABLE);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  const GdkModifierType control = GDK_CONTROL_MASK;

  gtk_widget_class_install_property_action (widget_class, "downloads.show", "show");
  gtk_widget_class_install_property_action (widget_class, "downloads.limit", "limit");
  gtk_widget_class_install_action (widget_class, "downloads.move", "(ti)", move_action);
  gtk_widget_class_install_action (widget_class, "downloads.drop", "(ttb)", drop_action);
  gtk_widget_class_install_action (widget_class, "downloads.details", "t", details_action);
  gtk_widget_class_install_action (widget_class, "downloads.pause-all", NULL, pause_all_action);
  gtk_widget_class_install_action (widget_class, "downloads.resume-all", NULL, resume_all_action);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Up, GDK_ALT_MASK, move_key, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Down, GDK_ALT_MASK, move_key, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_p, control, pause_key, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_P, control | GDK_SHIFT_MASK, pause_all_key,
                                NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_r, control, retry_key, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Delete, 0, cancel_key, NULL);
}

static void
mc_downloads_view_class_init (McDownloadsViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_downloads_view_get_property;
  object_class->set_property = mc_downloads_view_set_property;
  object_class->dispose = mc_downloads_view_dispose;
  object_class->finalize = mc_downloads_view_finalize;
  install_properties (object_class);
  install_actions (widget_class);
  g_type_ensure (MC_TYPE_RATE_GRAPH);
  g_type_ensure (MC_TYPE_TRANSFER_ROW);
  g_type_ensure (MC_TYPE_WRAP);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/downloads/mc-downloads-view.ui");
  gtk_widget_class_bind_template_child (widget_class, McDownloadsView, stack);
  gtk_widget_class_bind_template_child (widget_class, McDownloadsView, list_stack);
  gtk_widget_class_bind_template_child (widget_class, McDownloadsView, rate);
  gtk_widget_class_bind_template_child (widget_class, McDownloadsView, graph);
  gtk_widget_class_bind_template_child (widget_class, McDownloadsView, limit_label);
  gtk_widget_class_bind_template_child (widget_class, McDownloadsView, groups);
  gtk_widget_class_bind_template_child (widget_class, McDownloadsView, list);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
}

static void
add_buttons (McDownloadsView *self)
{
  for (guint g = 0; g < N_GROUPS; g++)
    {
      self->buttons[g] = GTK_TOGGLE_BUTTON (gtk_toggle_button_new ());
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->buttons[g]), "downloads.show");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (self->buttons[g]), "s", groups[g].group);
      gtk_widget_set_parent (GTK_WIDGET (self->buttons[g]), GTK_WIDGET (self->groups));
    }
}

static void
mc_downloads_view_init (McDownloadsView *self)
{
  self->group = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
  add_buttons (self);
}
