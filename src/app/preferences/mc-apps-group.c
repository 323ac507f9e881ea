/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-apps-group.h"

#include "mc-access-asker.h"
#include "mc-dict.h"

#include <glib/gi18n.h>
#include <string.h>

/* A row an app. Asked for once: whoever wants to see it anew opens the preferences again. */

#define APP "mc-app"

struct _McAppsGroup
{
  AdwPreferencesGroup parent_instance;
  McInventory *inventory;    /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
};

G_DEFINE_FINAL_TYPE (McAppsGroup, mc_apps_group, ADW_TYPE_PREFERENCES_GROUP)

static const struct
{
  const char *access; /* on the bus */
  const char *label;
} choices[] = {
  { "all", N_ ("Everything") },
  { "read", N_ ("Only Reading") },
  { "none", N_ ("Nothing") },
  { "ask", N_ ("Ask Again") },
};

static guint
find_choice (const char *access)
{
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (strcmp (choices[i].access, access) == 0)
      return i;
  return G_N_ELEMENTS (choices) - 1;
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);

  if (reply == NULL)
    g_signal_emit_by_name (source, "failed", error, NULL);
}

static void
on_selected (McAppsGroup *self, GParamSpec *pspec, AdwComboRow *row)
{
  guint selected = MIN (adw_combo_row_get_selected (row), G_N_ELEMENTS (choices) - 1);

  mc_inventory_call_async (self->inventory, "SetAccess",
                           g_variant_new ("(ssa{sv})", g_object_get_data (G_OBJECT (row), APP),
                                          choices[selected].access, NULL),
                           "()", NULL, changed_cb, NULL);
}

static void
add_app (McAppsGroup *self, GVariant *dict)
{
  const char *app = mc_dict_get_string (dict, "app");
  g_autofree char *name = mc_access_dup_app_name (app);
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);
  GtkWidget *row = adw_combo_row_new ();

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    gtk_string_list_append (labels, _ (choices[i].label));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  if (strcmp (name, app) != 0)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), app);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (labels));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row),
                              find_choice (mc_dict_get_string (dict, "access")));
  g_object_set_data_full (G_OBJECT (row), APP, g_strdup (app), g_free);
  g_signal_connect_object (row, "notify::selected", G_CALLBACK (on_selected), self,
                           G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
}

static void
apps_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McAppsGroup) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) apps = NULL;

  if (reply == NULL)
    {
      g_debug ("Apps: %s", error->message);
      return;
    }
  apps = g_variant_get_child_value (reply, 0);
  for (gsize i = 0; i < g_variant_n_children (apps); i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (apps, i);

      add_app (self, dict);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), g_variant_n_children (apps) > 0);
}

void
mc_apps_group_set_inventory (McAppsGroup *self, McInventory *inventory)
{
  self->inventory = g_object_ref (inventory);
  mc_inventory_call_async (inventory, "ListAccess", g_variant_new ("(a{sv})", NULL), "(aa{sv})",
                           self->cancellable, apps_cb, g_object_ref (self));
}

/* The window closes: what is under way holds references. */
static void
mc_apps_group_unroot (GtkWidget *widget)
{
  g_cancellable_cancel (MC_APPS_GROUP (widget)->cancellable);
  GTK_WIDGET_CLASS (mc_apps_group_parent_class)->unroot (widget);
}

static void
mc_apps_group_dispose (GObject *object)
{
  McAppsGroup *self = MC_APPS_GROUP (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_apps_group_parent_class)->dispose (object);
}

static void
mc_apps_group_class_init (McAppsGroupClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mc_apps_group_dispose;
  GTK_WIDGET_CLASS (klass)->unroot = mc_apps_group_unroot;
}

static void
mc_apps_group_init (McAppsGroup *self)
{
  self->cancellable = g_cancellable_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self), _ ("Sandboxed Apps"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self),
                                         _ ("What you allowed each of them to do with models."));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
