/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-transfer-row.h"

#include "mc-transfer-bar.h"

/* A transfer in the list of downloads. */

struct _McTransferRow
{
  AdwBin parent_instance;
  McTransferItem *item; /* (owned) (nullable) */
};

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McTransferRow, mc_transfer_row, ADW_TYPE_BIN)

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McTransferRow *self = MC_TRANSFER_ROW (widget);

  if (self->item != NULL && mc_transfer_item_get_repo (self->item)[0] != '\0')
    gtk_widget_activate_action (widget, "win.show-repo", "s",
                                mc_transfer_item_get_repo (self->item));
}

static void
set_item (McTransferRow *self, McTransferItem *item)
{
  if (!g_set_object (&self->item, item))
    return;
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
  gtk_widget_class_install_action (widget_class, "row.open", NULL, open_action);
}

static void
mc_transfer_row_init (McTransferRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
