/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-welcome.h"

#include "mc-adopt-row.h"
#include "mc-dict.h"
#include "mc-phrases.h"
#include "mc-starters.h"

#include <glib/gi18n.h>

/* Asks the service once what there is, when the page is first shown. */

struct _McWelcome
{
  AdwBin parent_instance;
  McInventory *inventory;    /* (owned) */
  GCancellable *cancellable; /* (owned) */
  gboolean begun;
  AdwActionRow *folder; /* template widgets from here on */
  GtkWidget *found_group;
  GtkListBox *found;
  GtkWidget *starters_group;
  GtkListBox *starters;
};

G_DEFINE_FINAL_TYPE (McWelcome, mc_welcome, ADW_TYPE_BIN)

/* --- where they will be --- */

static void
update_folder (McWelcome *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);
  GVariant *usage = mc_inventory_get_usage (self->inventory);
  const char *folder = manager == NULL ? NULL : mc_dbus_manager_get_data_folder (manager);
  g_autofree char *size = NULL;
  g_autofree char *room = NULL;
  g_autofree char *text = NULL;

  if (folder == NULL)
    return;
  if (usage != NULL)
    {
      size = g_format_size (mc_dict_get_size (usage, "free_space"));
      /* Translators: %s is a size: of the disk */
      room = g_strdup_printf (_ ("%s free"), size);
    }
  text = mc_phrase_join ((const char *[]){ folder, room }, 2);
  adw_action_row_set_subtitle (self->folder, text);
}

/* --- what is on this computer --- */

static void
show_places (McWelcome *self, GVariant *places)
{
  for (gsize i = 0; i < g_variant_n_children (places); i++)
    {
      g_autoptr (GVariant) place = g_variant_get_child_value (places, i);

      gtk_list_box_append (self->found, GTK_WIDGET (mc_adopt_row_new (self->inventory, place)));
    }
  gtk_widget_set_visible (self->found_group, g_variant_n_children (places) > 0);
}

static void
places_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McWelcome) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) places = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      /* The page does without. */
      g_info ("Looking for models of other programs: %s", error->message);
      return;
    }
  places = g_variant_get_child_value (reply, 0);
  show_places (self, places);
}

/* --- what to begin with --- */

static GtkWidget *
make_starter_row (const McStarter *starter)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");
  g_autofree char *size = g_format_size (starter->size);
  g_autofree char *subtitle = mc_phrase_join ((const char *[]){ starter->repo, size }, 2);

  gtk_widget_add_css_class (arrow, "dim-label");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), starter->phrase);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), arrow);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.look-up");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", starter->repo);
  return row;
}

static void
computer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McWelcome) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = mc_inventory_call_finish (MC_INVENTORY (source), result, &error);
  g_autoptr (GVariant) computer = NULL;
  McStarter starters[MC_STARTERS_MOST];
  guint64 memory = 0;
  guint n;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply != NULL)
    {
      computer = g_variant_get_child_value (reply, 0);
      memory = MAX (mc_dict_get_size (computer, "memory"), mc_dict_get_size (computer, "vram"));
    }
  n = mc_starters_choose (memory, starters);
  for (guint i = 0; i < n; i++)
    gtk_list_box_append (self->starters, make_starter_row (&starters[i]));
  gtk_widget_set_visible (self->starters_group, n > 0);
}

/* --- its life --- */

void
mc_welcome_begin (McWelcome *self)
{
  update_folder (self);
  if (self->begun)
    return;
  self->begun = TRUE;
  mc_inventory_call_async (self->inventory, "FindModels", g_variant_new ("(a{sv})", NULL),
                           "(aa{sv})", self->cancellable, places_cb, g_object_ref (self));
  mc_inventory_call_async (self->inventory, "GetComputer", NULL, "(a{sv})", self->cancellable,
                           computer_cb, g_object_ref (self));
}

void
mc_welcome_set_inventory (McWelcome *self, McInventory *inventory)
{
  self->inventory = g_object_ref (inventory);
  g_signal_connect_object (inventory, "notify::usage", G_CALLBACK (update_folder), self,
                           G_CONNECT_SWAPPED);
}

static void
mc_welcome_dispose (GObject *object)
{
  McWelcome *self = MC_WELCOME (object);

  g_cancellable_cancel (self->cancellable);
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_WELCOME);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_welcome_parent_class)->dispose (object);
}

static void
mc_welcome_class_init (McWelcomeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_welcome_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/library/mc-welcome.ui");
  gtk_widget_class_bind_template_child (widget_class, McWelcome, folder);
  gtk_widget_class_bind_template_child (widget_class, McWelcome, found_group);
  gtk_widget_class_bind_template_child (widget_class, McWelcome, found);
  gtk_widget_class_bind_template_child (widget_class, McWelcome, starters_group);
  gtk_widget_class_bind_template_child (widget_class, McWelcome, starters);
}

static void
mc_welcome_init (McWelcome *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
