/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-variant-row.h"

#include "mc-file-row.h"
#include "mc-recipe-row.h"
#include "mc-transfer-bar.h"
#include "mc-wrap.h"

#include <string.h>

/* A variant on the page of its repo: what it is, and its one button, which becomes the
 * progress. */

struct _McVariantRow
{
  GtkListBoxRow parent_instance;
  McVariantItem *item;           /* (owned) (nullable) */
  GSignalGroup *watch;           /* (owned): of the item */
  GtkToggleButton *files_button; /* template widgets */
  GtkToggleButton *recipes_button;
  GtkListBox *files;
  GtkListBox *recipes;
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

static void
open_location_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McVariantRow *self = MC_VARIANT_ROW (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "repo.open-location", "s",
                                mc_variant_item_get_key (self->item));
}

static void
undo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McVariantRow *self = MC_VARIANT_ROW (widget);

  if (self->item != NULL)
    gtk_widget_activate_action (widget, "win.undo-delete", "(ss)",
                                mc_variant_item_get_repo (self->item),
                                mc_variant_item_get_key (self->item));
}

/* They are asked for whenever they are unfolded, and while they are when something changed. */
static void
list_files (McVariantRow *self)
{
  gboolean here =
      self->item != NULL && strcmp (mc_variant_item_get_status (self->item), "downloaded") == 0;
  gboolean unfolded;

  if (!here)
    gtk_toggle_button_set_active (self->recipes_button, FALSE);
  unfolded = gtk_toggle_button_get_active (self->files_button)
             || gtk_toggle_button_get_active (self->recipes_button);

  if (self->item != NULL && unfolded)
    gtk_widget_activate_action (GTK_WIDGET (self), "repo.list-files", "s",
                                mc_variant_item_get_key (self->item));
}

static GtkWidget *
create_file_row (gpointer item, gpointer user_data)
{
  return g_object_new (MC_TYPE_FILE_ROW, "item", item, NULL);
}

static GtkWidget *
create_recipe_row (gpointer item, gpointer user_data)
{
  return g_object_new (MC_TYPE_RECIPE_ROW, "recipe", item, NULL);
}

static void
set_item (McVariantRow *self, McVariantItem *item)
{
  if (!g_set_object (&self->item, item))
    return;
  g_signal_group_set_target (self->watch, item);
  gtk_list_box_bind_model (self->files, item == NULL ? NULL : mc_variant_item_get_files (item),
                           create_file_row, NULL, NULL);
  gtk_list_box_bind_model (self->recipes, item == NULL ? NULL : mc_variant_item_get_recipes (item),
                           create_recipe_row, NULL, NULL);
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
  g_clear_object (&self->watch);
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
  g_type_ensure (MC_TYPE_WRAP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/repo/mc-variant-row.ui");
  gtk_widget_class_bind_template_callback (widget_class, is_text);
  gtk_widget_class_bind_template_callback (widget_class, list_files);
  gtk_widget_class_bind_template_child (widget_class, McVariantRow, files_button);
  gtk_widget_class_bind_template_child (widget_class, McVariantRow, recipes_button);
  gtk_widget_class_bind_template_child (widget_class, McVariantRow, files);
  gtk_widget_class_bind_template_child (widget_class, McVariantRow, recipes);
  gtk_widget_class_install_action (widget_class, "variant.download", NULL, download_action);
  gtk_widget_class_install_action (widget_class, "variant.delete", NULL, delete_action);
  gtk_widget_class_install_action (widget_class, "variant.undo", NULL, undo_action);
  gtk_widget_class_install_action (widget_class, "variant.open-location", NULL,
                                   open_location_action);
}

static void
mc_variant_row_init (McVariantRow *self)
{
  self->watch = g_signal_group_new (MC_TYPE_VARIANT_ITEM);
  g_signal_group_connect_swapped (self->watch, "notify::status", G_CALLBACK (list_files), self);
  gtk_widget_init_template (GTK_WIDGET (self));
}
