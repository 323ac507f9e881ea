/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-preferences.h"

#include "mc-dict.h"
#include "mc-account-page.h"
#include "mc-whole-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* Each control is one setting of the service: filled from its property Settings, and sent by
 * Configure() when a person changes it. */

#define MEGA 1000000.0
#define GIGA 1000000000.0

struct _McPreferences
{
  AdwPreferencesWindow parent_instance;
  McInventory *inventory; /* (owned) */
  gboolean filling;       /* what changes now was not changed by a person */
  AdwActionRow *folder;   /* template widgets from here on */
  GtkWidget *active_transfers;
  GtkWidget *bandwidth_limit;
  GtkWidget *metered;
  GtkWidget *power_saver;
  GtkWidget *inhibit_suspend;
  GtkWidget *offline;
  GtkWidget *all_hosts_match;
  GtkWidget *size_limit;
  GtkWidget *compression;
  GtkWidget *scrub_days;
  McAccountPage *account_page;
};

G_DEFINE_FINAL_TYPE (McPreferences, mc_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static const char *const choices[] = { "ask", "wait", "go-on" };

static const struct
{
  const char *setting;
  const char *type; /* on the bus */
  gsize offset;
  double unit; /* of a number in a spin button */
} controls[] = {
  { "active-transfers", "u", G_STRUCT_OFFSET (McPreferences, active_transfers), 1 },
  { "bandwidth-limit", "t", G_STRUCT_OFFSET (McPreferences, bandwidth_limit), MEGA },
  { "metered", "s", G_STRUCT_OFFSET (McPreferences, metered), 0 },
  { "power-saver", "s", G_STRUCT_OFFSET (McPreferences, power_saver), 0 },
  { "inhibit-suspend", "b", G_STRUCT_OFFSET (McPreferences, inhibit_suspend), 0 },
  { "offline", "b", G_STRUCT_OFFSET (McPreferences, offline), 0 },
  { "all-hosts-match", "b", G_STRUCT_OFFSET (McPreferences, all_hosts_match), 0 },
  { "size-limit", "t", G_STRUCT_OFFSET (McPreferences, size_limit), GIGA },
  { "compression", "b", G_STRUCT_OFFSET (McPreferences, compression), 0 },
  { "scrub-days", "u", G_STRUCT_OFFSET (McPreferences, scrub_days), 1 },
};

static GtkWidget *
get_control (McPreferences *self, gsize i)
{
  return G_STRUCT_MEMBER (GtkWidget *, self, controls[i].offset);
}

/* --- from the service --- */

static guint
find_choice (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (strcmp (choices[i], word) == 0)
      return i;
  return 0;
}

static void
fill_control (GtkWidget *widget, gsize i, GVariant *value)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (controls[i].type)))
    return;
  switch (controls[i].type[0])
    {
    case 'b':
      gtk_switch_set_active (GTK_SWITCH (widget), g_variant_get_boolean (value));
      break;
    case 's':
      adw_combo_row_set_selected (ADW_COMBO_ROW (widget),
                                  find_choice (g_variant_get_string (value, NULL)));
      break;
    case 'u':
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (widget), g_variant_get_uint32 (value));
      break;
    default:
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (widget),
                                 (double) g_variant_get_uint64 (value) / controls[i].unit);
    }
}

static void
fill (McPreferences *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);
  GVariant *settings = manager == NULL ? NULL : mc_dbus_manager_get_settings (manager);

  gtk_widget_set_sensitive (GTK_WIDGET (self), settings != NULL);
  if (settings == NULL)
    return;
  self->filling = TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (controls); i++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (settings, controls[i].setting, NULL);

      if (value != NULL)
        fill_control (get_control (self, i), i, value);
    }
  adw_action_row_set_subtitle (self->folder, mc_dbus_manager_get_data_folder (manager));
  self->filling = FALSE;
}

/* --- to the service --- */

static GVariant *
read_control (GtkWidget *widget, gsize i)
{
  switch (controls[i].type[0])
    {
    case 'b':
      return g_variant_new_boolean (gtk_switch_get_active (GTK_SWITCH (widget)));
    case 's':
      return g_variant_new_string (choices[MIN (adw_combo_row_get_selected (ADW_COMBO_ROW (widget)),
                                                G_N_ELEMENTS (choices) - 1)]);
    case 'u':
      return g_variant_new_uint32 (
          (guint32) gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (widget)));
    default:
      return g_variant_new_uint64 (
          (guint64) (gtk_spin_button_get_value (GTK_SPIN_BUTTON (widget)) * controls[i].unit));
    }
}

static void
on_changed (McPreferences *self, GParamSpec *pspec, GtkWidget *widget)
{
  if (self->filling)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (controls); i++)
    if (get_control (self, i) == widget)
      mc_inventory_configure (self->inventory, controls[i].setting, read_control (widget, i));
}

/* --- its life --- */

McPreferences *
mc_preferences_new (GtkWindow *parent, McInventory *inventory)
{
  McPreferences *self = g_object_new (MC_TYPE_PREFERENCES, "transient-for", parent, NULL);
  McDbusManager *manager = mc_inventory_get_manager (inventory);

  self->inventory = g_object_ref (inventory);
  if (manager != NULL)
    g_signal_connect_object (manager, "notify::settings", G_CALLBACK (fill), self,
                             G_CONNECT_SWAPPED);
  fill (self);
  mc_account_page_set_inventory (self->account_page, inventory);
  return self;
}

static void
mc_preferences_dispose (GObject *object)
{
  McPreferences *self = MC_PREFERENCES (object);

  self->filling = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_PREFERENCES);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_preferences_parent_class)->dispose (object);
}

static void
mc_preferences_class_init (McPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_preferences_dispose;
  g_type_ensure (MC_TYPE_ACCOUNT_PAGE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/preferences/mc-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, McPreferences, folder);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, active_transfers);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, bandwidth_limit);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, metered);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, power_saver);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, inhibit_suspend);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, offline);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, all_hosts_match);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, size_limit);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, compression);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, scrub_days);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, account_page);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
}

static void
mc_preferences_init (McPreferences *self)
{
  self->filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  mc_whole_text_offer (GTK_WINDOW (self));
}
