/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-transfer-row.h"

#include "mc-gestures.h"
#include "mc-phrases.h"
#include "mc-transfer-bar.h"

#include <string.h>

/* A transfer in the list of downloads. Its menu asks the window or the view, which know the others.
 * What is in the queue can be dragged to another place in it. */

#define DROP_BEFORE "mc-drop-before"
#define DROP_AFTER "mc-drop-after"

struct _McTransferRow
{
  AdwBin parent_instance;
  McTransferItem *item; /* (owned) (nullable) */
  GSignalGroup *watch;  /* (owned): of the item */
};

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McTransferRow, mc_transfer_row, ADW_TYPE_BIN)

static void
show_repo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McTransferRow *self = MC_TRANSFER_ROW (widget);

  if (self->item != NULL && mc_transfer_item_get_repo (self->item)[0] != '\0')
    gtk_widget_activate_action (widget, "win.show-repo", "s",
                                mc_transfer_item_get_repo (self->item));
}

static void
steer (GtkWidget *widget, const char *method)
{
  McTransferRow *self = MC_TRANSFER_ROW (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "win.steer", "(ts)",
                                mc_transfer_item_get_number (self->item), method);
}

static void
start_now_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  steer (widget, "StartNow");
}

static void
start_next_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  steer (widget, "StartNext");
}

static void
move (GtkWidget *widget, int places)
{
  McTransferRow *self = MC_TRANSFER_ROW (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "downloads.move", "(ti)",
                                mc_transfer_item_get_number (self->item), places);
}

static void
move_up_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  move (widget, -1);
}

static void
move_down_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  move (widget, 1);
}

static void
details_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McTransferRow *self = MC_TRANSFER_ROW (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "downloads.details", "t",
                                mc_transfer_item_get_number (self->item));
}

/* What has ended has no place in the queue. */
static void
update_actions (McTransferRow *self)
{
  gboolean open = self->item != NULL && mc_transfer_item_get_open (self->item);
  gboolean begun =
      self->item != NULL && strcmp (mc_transfer_item_get_state (self->item), "active") == 0;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "row.start-now", open && !begun);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "row.start-next", open && !begun);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "row.move-up", open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "row.move-down", open);
}

/* What a screen reader says of the row as a whole. */
static void
update_name (McTransferRow *self)
{
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;
  g_autofree char *name = NULL;

  if (self->item == NULL)
    return;
  g_object_get (self->item, "title", &title, "subtitle", &subtitle, NULL);
  name = mc_phrase_join ((const char *[]){ title, subtitle }, 2);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

/* The list's own widget around the row has the focus: without a name it would be read piece by
 * piece. It changes with the state and each tenth of the way, which is spoken where the focus is.
 */
static void
update_spoken (McTransferRow *self)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));

  if (parent != NULL && self->item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (parent), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    mc_transfer_item_get_spoken (self->item), -1);
}

/* --- dragging --- */

static gboolean
is_movable (McTransferRow *self)
{
  return self->item != NULL && mc_transfer_item_get_open (self->item);
}

static GdkContentProvider *
on_drag_prepare (McTransferRow *self, double x, double y)
{
  return is_movable (self) ? gdk_content_provider_new_typed (MC_TYPE_TRANSFER_ITEM, self->item)
                           : NULL;
}

/* As it looks now: without the mark of where it would be dropped. */
static void
on_drag_begin (McTransferRow *self, GdkDrag *drag, GtkDragSource *source)
{
  g_autoptr (GdkPaintable) row = gtk_widget_paintable_new (GTK_WIDGET (self));
  g_autoptr (GdkPaintable) picture = gdk_paintable_get_current_image (row);

  gtk_drag_source_set_icon (source, picture, 0, 0);
}

static void
on_drop_leave (McTransferRow *self)
{
  gtk_widget_remove_css_class (GTK_WIDGET (self), DROP_BEFORE);
  gtk_widget_remove_css_class (GTK_WIDGET (self), DROP_AFTER);
}

static gboolean
is_in_lower_half (McTransferRow *self, double y)
{
  return y > gtk_widget_get_height (GTK_WIDGET (self)) / 2.0;
}

static GdkDragAction
on_drop_motion (McTransferRow *self, double x, double y)
{
  on_drop_leave (self);
  if (!is_movable (self))
    return 0;
  gtk_widget_add_css_class (GTK_WIDGET (self),
                            is_in_lower_half (self, y) ? DROP_AFTER : DROP_BEFORE);
  return GDK_ACTION_MOVE;
}

static gboolean
on_drop (McTransferRow *self, const GValue *value, double x, double y)
{
  McTransferItem *dropped = g_value_get_object (value);

  on_drop_leave (self);
  if (!is_movable (self) || dropped == NULL)
    return FALSE;
  return gtk_widget_activate_action (
      GTK_WIDGET (self), "downloads.drop", "(ttb)", mc_transfer_item_get_number (dropped),
      mc_transfer_item_get_number (self->item), is_in_lower_half (self, y));
}

static void
add_dragging (McTransferRow *self)
{
  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (MC_TYPE_TRANSFER_ITEM, GDK_ACTION_MOVE);

  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect_object (source, "prepare", G_CALLBACK (on_drag_prepare), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "drag-begin", G_CALLBACK (on_drag_begin), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (source, "drag-end", G_CALLBACK (mc_gestures_let_go), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "motion", G_CALLBACK (on_drop_motion), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "leave", G_CALLBACK (on_drop_leave), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

McTransferItem *
mc_transfer_row_get_item (McTransferRow *self)
{
  return self->item;
}

static void
set_item (McTransferRow *self, McTransferItem *item)
{
  if (!g_set_object (&self->item, item))
    return;
  g_signal_group_set_target (self->watch, item);
  update_name (self);
  update_spoken (self);
  update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

static void
mc_transfer_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, MC_TRANSFER_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_transfer_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      set_item (MC_TRANSFER_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_transfer_row_dispose (GObject *object)
{
  McTransferRow *self = MC_TRANSFER_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_TRANSFER_ROW);
  g_clear_object (&self->watch);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (mc_transfer_row_parent_class)->dispose (object);
}

static void
mc_transfer_row_class_init (McTransferRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_transfer_row_get_property;
  object_class->set_property = mc_transfer_row_set_property;
  object_class->dispose = mc_transfer_row_dispose;
  properties[PROP_ITEM] =
      g_param_spec_object ("item", NULL, NULL, MC_TYPE_TRANSFER_ITEM,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_type_ensure (MC_TYPE_TRANSFER_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/downloads/mc-transfer-row.ui");
  gtk_widget_class_install_action (widget_class, "row.show-repo", NULL, show_repo_action);
  gtk_widget_class_install_action (widget_class, "row.details", NULL, details_action);
  gtk_widget_class_install_action (widget_class, "row.start-now", NULL, start_now_action);
  gtk_widget_class_install_action (widget_class, "row.start-next", NULL, start_next_action);
  gtk_widget_class_install_action (widget_class, "row.move-up", NULL, move_up_action);
  gtk_widget_class_install_action (widget_class, "row.move-down", NULL, move_down_action);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
mc_transfer_row_init (McTransferRow *self)
{
  self->watch = g_signal_group_new (MC_TYPE_TRANSFER_ITEM);
  g_signal_group_connect_swapped (self->watch, "notify::state", G_CALLBACK (update_actions), self);
  g_signal_group_connect_swapped (self->watch, "notify::spoken", G_CALLBACK (update_spoken), self);
  g_signal_connect (self, "notify::parent", G_CALLBACK (update_spoken), NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  add_dragging (self);
}
