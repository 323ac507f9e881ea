/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-work-row.h"

#include "mc-transfer-bar.h"

struct _McWorkRow
{
  AdwPreferencesRow parent_instance;
  char *kind;           /* (owned): of a transfer */
  McTransferItem *item; /* (owned) (nullable) */
};

enum
{
  PROP_KIND = 1,
  PROP_ITEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McWorkRow, mc_work_row, ADW_TYPE_PREFERENCES_ROW)

static gboolean
is_mine (McWorkRow *self, McTransferItem *item)
{
  return g_strcmp0 (mc_transfer_item_get_kind (item), self->kind) == 0
         && mc_transfer_item_get_repo (item)[0] == '\0';
}

static void
take (McWorkRow *self, McTransferItem *item)
{
  if (!is_mine (self, item) || !g_set_object (&self->item, item))
    return;
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

/* What has ended stays until there is another, so that it is seen how it ended. */
static void
on_transfers (McWorkRow *self, guint position, guint removed, guint added, GListModel *list)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (list, position + i);

      take (self, item);
    }
}

void
mc_work_row_set_inventory (McWorkRow *self, McInventory *inventory)
{
  GListModel *transfers = mc_inventory_get_transfers (inventory);

  g_signal_connect_object (transfers, "items-changed", G_CALLBACK (on_transfers), self,
                           G_CONNECT_SWAPPED);
  /* What ended before is nobody's concern any more. */
  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (transfers, i);

      if (mc_transfer_item_get_open (item))
        take (self, item);
    }
}

static void
mc_work_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McWorkRow *self = MC_WORK_ROW (object);

  switch (id)
    {
    case PROP_KIND:
      g_value_set_string (value, self->kind);
      break;
    case PROP_ITEM:
      g_value_set_object (value, self->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_work_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  McWorkRow *self = MC_WORK_ROW (object);

  switch (id)
    {
    case PROP_KIND:
      self->kind = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_work_row_dispose (GObject *object)
{
  McWorkRow *self = MC_WORK_ROW (object);

  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_WORK_ROW);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (mc_work_row_parent_class)->dispose (object);
}

static void
mc_work_row_finalize (GObject *object)
{
  g_free (MC_WORK_ROW (object)->kind);
  G_OBJECT_CLASS (mc_work_row_parent_class)->finalize (object);
}

static void
mc_work_row_class_init (McWorkRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_work_row_get_property;
  object_class->set_property = mc_work_row_set_property;
  object_class->dispose = mc_work_row_dispose;
  object_class->finalize = mc_work_row_finalize;
  properties[PROP_KIND] =
      g_param_spec_string ("kind", NULL, NULL, NULL,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_ITEM] =
      g_param_spec_object ("item", NULL, NULL, MC_TYPE_TRANSFER_ITEM,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_type_ensure (MC_TYPE_TRANSFER_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/preferences/mc-work-row.ui");
}

static void
mc_work_row_init (McWorkRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
