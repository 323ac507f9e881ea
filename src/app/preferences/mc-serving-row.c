/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-serving-row.h"

#include <glib/gi18n.h>

struct _McServingRow
{
  AdwActionRow parent_instance;
  McDbusManager *manager; /* (owned) (nullable): before it is connected */
  GtkWidget *copy_button; /* template widget */
};

G_DEFINE_FINAL_TYPE (McServingRow, mc_serving_row, ADW_TYPE_ACTION_ROW)

/* (nullable): that is not known, or nothing */
static const char *
get_text (const char *text)
{
  return text == NULL || text[0] == '\0' ? NULL : text;
}

static void
update (McServingRow *self)
{
  const char *address = get_text (mc_dbus_manager_get_serving_address (self->manager));
  const char *problem = get_text (mc_dbus_manager_get_serving_problem (self->manager));
  const char *shown = problem != NULL ? problem : address;

  gtk_widget_set_visible (GTK_WIDGET (self), shown != NULL);
  gtk_widget_set_visible (self->copy_button, problem == NULL);
  /* Translators: HF_ENDPOINT is the name of a variable */
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self),
                                 problem != NULL ? _ ("They Cannot Be Answered")
                                                 : _ ("Their Address, as HF_ENDPOINT"));
  if (shown != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self), shown);
}

void
mc_serving_row_set_inventory (McServingRow *self, McInventory *inventory)
{
  McDbusManager *manager = mc_inventory_get_manager (inventory);

  if (manager == NULL)
    return;
  self->manager = g_object_ref (manager);
  g_signal_connect_object (manager, "notify::serving-address", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::serving-problem", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McServingRow *self = MC_SERVING_ROW (widget);
  GtkRoot *window = gtk_widget_get_root (widget);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget),
                          adw_action_row_get_subtitle (ADW_ACTION_ROW (self)));
  if (ADW_IS_PREFERENCES_WINDOW (window))
    adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (window),
                                      adw_toast_new (_ ("Address Copied")));
}

static void
mc_serving_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), MC_TYPE_SERVING_ROW);
  g_clear_object (&MC_SERVING_ROW (object)->manager);
  G_OBJECT_CLASS (mc_serving_row_parent_class)->dispose (object);
}

static void
mc_serving_row_class_init (McServingRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_serving_row_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/preferences/mc-serving-row.ui");
  gtk_widget_class_bind_template_child (widget_class, McServingRow, copy_button);
  gtk_widget_class_install_action (widget_class, "serving.copy", NULL, copy_action);
}

static void
mc_serving_row_init (McServingRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
}
