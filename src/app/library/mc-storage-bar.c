/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-storage-bar.h"

#include "mc-dict.h"
#include "mc-phrases.h"
#include "mc-reclaim-dialog.h"
#include "mc-storage-meter.h"

#include <glib/gi18n.h>

struct _McStorageBar
{
  AdwBin parent_instance;
  McInventory *inventory; /* (owned) */
  GtkButton *button;      /* template widgets from here on */
  McStorageMeter *meter;
  GtkLabel *legend;
};

G_DEFINE_FINAL_TYPE (McStorageBar, mc_storage_bar, ADW_TYPE_BIN)

static void
update (McStorageBar *self)
{
  GVariant *usage = mc_inventory_get_usage (self->inventory);
  guint64 models, unfinished, other, free_space;
  g_autofree char *text = NULL;
  g_autofree char *spoken = NULL;

  if (usage == NULL)
    return;
  models = mc_dict_get_size (usage, "models") + mc_dict_get_size (usage, "small");
  unfinished = mc_dict_get_size (usage, "unfinished");
  other = mc_dict_get_size (usage, "catalog") + mc_dict_get_size (usage, "other");
  free_space = mc_dict_get_size (usage, "free_space");
  mc_storage_meter_set (self->meter, models, unfinished, other,
                        models + unfinished + other + free_space);
  text = mc_phrase_storage (models, unfinished, other, free_space);
  gtk_label_set_label (self->legend, text);
  /* Translators: %s is “9.4 GB models · 120 GB free” */
  spoken = g_strdup_printf (_ ("Free up space. %s"), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken, -1);
}

static void
reclaim_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McStorageBar *self = MC_STORAGE_BAR (widget);
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (widget));

  gtk_window_present (GTK_WINDOW (mc_reclaim_dialog_new (window, self->inventory)));
}

void
mc_storage_bar_set_inventory (McStorageBar *self, McInventory *inventory)
{
  self->inventory = g_object_ref (inventory);
  g_signal_connect_object (inventory, "notify::usage", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

static void
mc_storage_bar_dispose (GObject *object)
{
  McStorageBar *self = MC_STORAGE_BAR (object);

  /* A bound child would be taken from under the bin. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_STORAGE_BAR);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_storage_bar_parent_class)->dispose (object);
}

static void
mc_storage_bar_class_init (McStorageBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_storage_bar_dispose;
  g_type_ensure (MC_TYPE_STORAGE_METER);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/library/mc-storage-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, McStorageBar, button);
  gtk_widget_class_bind_template_child (widget_class, McStorageBar, meter);
  gtk_widget_class_bind_template_child (widget_class, McStorageBar, legend);
  gtk_widget_class_install_action (widget_class, "storage.reclaim", NULL, reclaim_action);
}

static void
mc_storage_bar_init (McStorageBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
