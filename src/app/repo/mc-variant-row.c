/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-row.h"

#include "mc-transfer-bar.h"

/* A variant on the page of its repo: what it is, and its one button, which becomes the
 * progress. */

struct _McVariantRow
{
  GtkListBoxRow parent_instance;
  McVariantItem *item; /* (owned) (nullable) */
};

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McVariantRow, mc_variant_row, GTK_TYPE_LIST_BOX_ROW)

static gboolean
is_text (GObject *object, const char *text)
{
  return text != NULL && text[0] != '\0';
}

static void
download_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McVariantRow *self = MC_VARIANT_ROW (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "win.download", "(ss)",
                                mc_variant_item_get_repo (self->item),
                                mc_variant_item_get_key (self->item));
}

static void
delete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McVariantRow *self = MC_VARIANT_ROW (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "repo.delete", "s", mc_variant_item_get_key (self->item));
}

/* They are asked for each time they are unfolded: their states change. */
static void
on_files_toggled (McVariantRow *self, GtkToggleButton *button)
{
  if (self->item != NULL && gtk_toggle_button_get_active (button))
    gtk_widget_activate_action (GTK_WIDGET (self), "repo.list-files", "s",
                                mc_variant_item_get_key (self->item));
}

static void
set_item (McVariantRow *self, McVariantItem *item)
{
  if (!g_set_object (&self->item, item))
    return;
  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    mc_variant_item_get_name (item), -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

static void
mc_variant_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, MC_VARIANT_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_variant_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      set_item (MC_VARIANT_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_variant_row_dispose (GObject *object)
{
  McVariantRow *self = MC_VARIANT_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_VARIANT_ROW);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (mc_variant_row_parent_class)->dispose (object);
}

static void
mc_variant_row_class_init (McVariantRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_variant_row_get_property;
  object_class->set_property = mc_variant_row_set_property;
  object_class->dispose = mc_variant_row_dispose;
  properties[PROP_ITEM] =
      g_param_spec_object ("item", NULL, NULL, MC_TYPE_VARIANT_ITEM,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  g_type_ensure (MC_TYPE_TRANSFER_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/repo/mc-variant-row.ui");
  gtk_widget_class_bind_template_callback (widget_class, is_text);
  gtk_widget_class_bind_template_callback (widget_class, on_files_toggled);
  gtk_widget_class_install_action (widget_class, "variant.download", NULL, download_action);
  gtk_widget_class_install_action (widget_class, "variant.delete", NULL, delete_action);
}

static void
mc_variant_row_init (McVariantRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
