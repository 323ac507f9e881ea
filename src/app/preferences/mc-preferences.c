/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-preferences.h"

#include "mc-access-page.h"
#include "mc-dict.h"
#include "mc-network-page.h"
#include "mc-problem-bar.h"
#include "mc-sandbox.h"
#include "mc-serving-row.h"
#include "mc-work-row.h"
#include "mc-whole-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* Each control is one setting of the service: filled from its property Settings, and sent by
 * Configure() when a person changes it. What fails is shown on the page where it was tried. */

#define MEGA 1000000.0
#define GIGA 1000000000.0
#define FOLDER "model-cache"

struct _McPreferences
{
  AdwPreferencesWindow parent_instance;
  McInventory *inventory;        /* (owned) */
  gboolean filling;              /* what changes now was not changed by a person */
  GtkFileChooserNative *chooser; /* (owned) (nullable) */
  AdwActionRow *folder;          /* template widgets from here on */
  GtkWidget *active_transfers;
  GtkWidget *bandwidth_limit;
  GtkWidget *schedule_from;
  GtkWidget *schedule_to;
  GtkWidget *metered;
  GtkWidget *power_saver;
  GtkWidget *inhibit_suspend;
  GtkWidget *offline;
  GtkWidget *all_hosts_match;
  GtkWidget *serve;
  GtkWidget *size_limit;
  GtkWidget *compression;
  GtkWidget *scrub_days;
  McProblemBar *downloads_problem;
  McProblemBar *storage_problem;
  McWorkRow *moving;
  McWorkRow *checking;
  McServingRow *serving;
  McNetworkPage *network_page;
  McAccessPage *access_page;
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
  { "schedule-from", "u", G_STRUCT_OFFSET (McPreferences, schedule_from), 1 },
  { "schedule-to", "u", G_STRUCT_OFFSET (McPreferences, schedule_to), 1 },
  { "metered", "s", G_STRUCT_OFFSET (McPreferences, metered), 0 },
  { "power-saver", "s", G_STRUCT_OFFSET (McPreferences, power_saver), 0 },
  { "inhibit-suspend", "b", G_STRUCT_OFFSET (McPreferences, inhibit_suspend), 0 },
  { "offline", "b", G_STRUCT_OFFSET (McPreferences, offline), 0 },
  { "all-hosts-match", "b", G_STRUCT_OFFSET (McPreferences, all_hosts_match), 0 },
  { "serve", "b", G_STRUCT_OFFSET (McPreferences, serve), 0 },
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
  g_autofree char *shown = NULL;

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
  shown = mc_sandbox_describe (mc_dbus_manager_get_data_folder (manager));
  adw_action_row_set_subtitle (self->folder, shown);
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

/* 7 as “07:00”. */
static gboolean
on_hour_output (McPreferences *self, GtkSpinButton *button)
{
  g_autofree char *text = g_strdup_printf ("%02d:00", gtk_spin_button_get_value_as_int (button));

  if (strcmp (gtk_editable_get_text (GTK_EDITABLE (button)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (button), text);
  return TRUE;
}

static int
on_hour_input (McPreferences *self, double *value, GtkSpinButton *button)
{
  *value = (double) g_ascii_strtoull (gtk_editable_get_text (GTK_EDITABLE (button)), NULL, 10);
  return TRUE;
}

/* --- what goes wrong --- */

/* A control goes back to what holds. */
static void
on_failed (McPreferences *self, GError *error, const char *repo)
{
  fill (self);
  if (repo != NULL && repo[0] != '\0')
    return;
  if (gtk_widget_get_mapped (GTK_WIDGET (self->downloads_problem)))
    mc_problem_bar_show_setting (self->downloads_problem, error);
  if (gtk_widget_get_mapped (GTK_WIDGET (self->storage_problem)))
    mc_problem_bar_show_setting (self->storage_problem, error);
}

/* --- long work --- */

static void
steer_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *method;
  guint64 number;

  g_variant_get (parameter, "(t&s)", &number, &method);
  mc_inventory_steer_number (MC_PREFERENCES (widget)->inventory, number, method);
}

static void
check_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McPreferences *self = MC_PREFERENCES (widget);

  mc_problem_bar_hide (self->storage_problem);
  mc_inventory_begin (self->inventory, "Verify", g_variant_new ("(ssa{sv})", "", "", NULL));
}

/* A folder of ours in the one that was chosen: the service wants an empty one. */
static void
on_folder_chosen (McPreferences *self, int response, GtkFileChooserNative *chooser)
{
  g_autoptr (GFile) parent = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  g_autoptr (GFile) folder = parent == NULL ? NULL : g_file_get_child (parent, FOLDER);
  g_autofree char *path = folder == NULL ? NULL : g_file_get_path (folder);

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    mc_inventory_begin (self->inventory, "Move", g_variant_new ("(sa{sv})", path, NULL));
  g_clear_object (&self->chooser);
}

static void
move_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McPreferences *self = MC_PREFERENCES (widget);

  mc_problem_bar_hide (self->storage_problem);
  g_clear_object (&self->chooser);
  self->chooser =
      gtk_file_chooser_native_new (_ ("Where to Keep the Models"), GTK_WINDOW (self),
                                   GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Move Here"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_folder_chosen), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
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
  if (manager != NULL)
    g_signal_connect_object (manager, "notify::data-folder", G_CALLBACK (fill), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (inventory, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  fill (self);
  mc_work_row_set_inventory (self->moving, inventory);
  mc_work_row_set_inventory (self->checking, inventory);
  mc_serving_row_set_inventory (self->serving, inventory);
  mc_network_page_set_inventory (self->network_page, inventory);
  mc_access_page_set_inventory (self->access_page, inventory);
  return self;
}

static void
mc_preferences_dispose (GObject *object)
{
  McPreferences *self = MC_PREFERENCES (object);

  self->filling = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_PREFERENCES);
  g_clear_object (&self->chooser);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_preferences_parent_class)->dispose (object);
}

static void
mc_preferences_class_init (McPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_preferences_dispose;
  g_type_ensure (MC_TYPE_ACCESS_PAGE);
  g_type_ensure (MC_TYPE_NETWORK_PAGE);
  g_type_ensure (MC_TYPE_PROBLEM_BAR);
  g_type_ensure (MC_TYPE_SERVING_ROW);
  g_type_ensure (MC_TYPE_WORK_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/com/tabagent/ModelCache/preferences/mc-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, McPreferences, folder);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, active_transfers);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, bandwidth_limit);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, schedule_from);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, schedule_to);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, metered);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, power_saver);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, inhibit_suspend);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, offline);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, all_hosts_match);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, serve);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, serving);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, size_limit);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, compression);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, scrub_days);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, downloads_problem);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, storage_problem);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, moving);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, checking);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, network_page);
  gtk_widget_class_bind_template_child (widget_class, McPreferences, access_page);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_hour_output);
  gtk_widget_class_bind_template_callback (widget_class, on_hour_input);
  gtk_widget_class_install_action (widget_class, "win.steer", "(ts)", steer_action);
  gtk_widget_class_install_action (widget_class, "preferences.check", NULL, check_action);
  gtk_widget_class_install_action (widget_class, "preferences.move", NULL, move_action);
}

static void
mc_preferences_init (McPreferences *self)
{
  self->filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  mc_whole_text_offer (GTK_WINDOW (self));
}
