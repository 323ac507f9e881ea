/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hit-row.h"

/* A repo that the Hub found. */

struct _McHitRow
{
  AdwBin parent_instance;
  McHitItem *item; /* (owned) (nullable) */
};

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McHitRow, mc_hit_row, ADW_TYPE_BIN)

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McHitRow *self = MC_HIT_ROW (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "win.look-up", "s", mc_hit_item_get_repo (self->item));
}

static void
set_item (McHitRow *self, McHitItem *item)
{
  if (!g_set_object (&self->item, item))
    return;
  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    mc_hit_item_get_spoken (item), -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

static void
mc_hit_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, MC_HIT_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_hit_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      set_item (MC_HIT_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_hit_row_dispose (GObject *object)
{
  McHitRow *self = MC_HIT_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_HIT_ROW);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (mc_hit_row_parent_class)->dispose (object);
}

static void
mc_hit_row_class_init (McHitRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_hit_row_get_property;
  object_class->set_property = mc_hit_row_set_property;
  object_class->dispose = mc_hit_row_dispose;
  properties[PROP_ITEM] =
      g_param_spec_object ("item", NULL, NULL, MC_TYPE_HIT_ITEM,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/discover/mc-hit-row.ui");
  gtk_widget_class_install_action (widget_class, "row.open", NULL, open_action);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
mc_hit_row_init (McHitRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
