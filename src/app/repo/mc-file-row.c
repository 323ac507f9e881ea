/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-file-row.h"

#include <glib/gi18n.h>

/* A file of a variant: where it is in the repo, its state, its hash. */

struct _McFileRow
{
  GtkListBoxRow parent_instance;
  McFileItem *item; /* (owned) (nullable) */
};

enum
{
  PROP_ITEM = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McFileRow, mc_file_row, GTK_TYPE_LIST_BOX_ROW)

static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McFileRow *self = MC_FILE_ROW (widget);

  if (self->item == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), mc_file_item_get_hash (self->item));
  gtk_widget_activate_action (widget, "win.tell", "s", _ ("Hash Copied"));
}

McFileItem *
mc_file_row_get_item (McFileRow *self)
{
  return self->item;
}

static void
set_item (McFileRow *self, McFileItem *item)
{
  if (!g_set_object (&self->item, item))
    return;
  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    mc_file_item_get_path (item), -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

static void
mc_file_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      g_value_set_object (value, MC_FILE_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_file_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ITEM:
      set_item (MC_FILE_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_file_row_dispose (GObject *object)
{
  McFileRow *self = MC_FILE_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_FILE_ROW);
  g_clear_object (&self->item);
  G_OBJECT_CLASS (mc_file_row_parent_class)->dispose (object);
}

static void
mc_file_row_class_init (McFileRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = mc_file_row_get_property;
  object_class->set_property = mc_file_row_set_property;
  object_class->dispose = mc_file_row_dispose;
  properties[PROP_ITEM] =
      g_param_spec_object ("item", NULL, NULL, MC_TYPE_FILE_ITEM,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/repo/mc-file-row.ui");
  gtk_widget_class_install_action (widget_class, "file.copy-hash", NULL, copy_action);
}

static void
mc_file_row_init (McFileRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
