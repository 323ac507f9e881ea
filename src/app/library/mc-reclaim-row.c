/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-reclaim-row.h"

/* What could be deleted, with a box to choose it by. It is also an action, because GTK 4.8 tells
 * those who do not see the box of none. */

struct _McReclaimRow
{
  AdwBin parent_instance;
  McReclaimItem *item;    /* (owned) (nullable) */
  GBindingGroup *choice;  /* (owned) */
  GtkCheckButton *button; /* template widget */
};

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McReclaimRow, mc_reclaim_row, ADW_TYPE_BIN)

static void
choose_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McReclaimRow *self = MC_RECLAIM_ROW (widget);

  gtk_check_button_set_active (self->button, !gtk_check_button_get_active (self->button));
}

static void
set_item (McReclaimRow *self, McReclaimItem *item)
{
  if (!g_set_object (&self->item, item))
    return;
  g_binding_group_set_source (self->choice, item);
  if (item != NULL)
    {
      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      mc_reclaim_item_get_title (item), -1);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      mc_reclaim_item_get_title (item), -1);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

static void
mc_reclaim_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, MC_RECLAIM_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_reclaim_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      set_item (MC_RECLAIM_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_reclaim_row_dispose (GObject *object)
{
  McReclaimRow *self = MC_RECLAIM_ROW (object);

  g_clear_object (&self->choice);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_RECLAIM_ROW);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (mc_reclaim_row_parent_class)->dispose (object);
}

static void
mc_reclaim_row_class_init (McReclaimRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_reclaim_row_get_property;
  object_class->set_property = mc_reclaim_row_set_property;
  object_class->dispose = mc_reclaim_row_dispose;
  properties[PROP_ITEM] =
      g_param_spec_object ("item", NULL, NULL, MC_TYPE_RECLAIM_ITEM,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/library/mc-reclaim-row.ui");
  gtk_widget_class_bind_template_child (widget_class, McReclaimRow, button);
  gtk_widget_class_install_action (widget_class, "row.choose", NULL, choose_action);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
mc_reclaim_row_init (McReclaimRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->choice = g_binding_group_new ();
  g_binding_group_bind (self->choice, "chosen", self->button, "active", G_BINDING_BIDIRECTIONAL);
}
