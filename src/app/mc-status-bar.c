/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-status-bar.h"

#include <glib/gi18n.h>
#include <string.h>

struct _McStatusBar
{
  AdwBin parent_instance;
  McInventory *inventory; /* (owned) (nullable) */
  McDbusManager *manager; /* borrowed from the inventory: the one that is watched */
  const char *act;        /* static (nullable): what the button does */
  GtkLabel *label;        /* template widgets */
  GtkButton *button;
};

G_DEFINE_FINAL_TYPE (McStatusBar, mc_status_bar, ADW_TYPE_BIN)

/* --- what is the case --- */

static void
show (McStatusBar *self, const char *text, const char *button, const char *act)
{
  self->act = act;
  gtk_widget_set_visible (GTK_WIDGET (self), text != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->button), button != NULL);
  gtk_label_set_label (self->label, text == NULL ? "" : text);
  gtk_button_set_label (self->button, button == NULL ? "" : button);
}

static const char *
describe_ban (const char *allowed)
{
  if (strcmp (allowed, "schedule") == 0)
    return _ ("Downloads wait for the hours that were chosen.");
  if (g_str_has_suffix (allowed, "metered"))
    return _ ("Downloads wait, because the network is metered.");
  return _ ("Downloads wait, because the computer saves power.");
}

static void
show_manager (McStatusBar *self)
{
  const char *allowed = mc_dbus_manager_get_transfers_allowed (self->manager);

  if (mc_dbus_manager_get_offline (self->manager))
    show (self, _ ("Offline mode is on: only what is on this computer can be used."),
          _ ("Turn Off"), "offline");
  else if (allowed != NULL && strcmp (allowed, "allowed") != 0
           && mc_inventory_get_active (self->inventory) > 0)
    show (self, describe_ban (allowed), _ ("Start Anyway"), "allow");
  else
    show (self, NULL, NULL, NULL);
}

static void
update (McStatusBar *self)
{
  switch (mc_inventory_get_state (self->inventory))
    {
    case MC_INVENTORY_RECONNECTING:
      show (self, _ ("The service ended. Connecting to it again…"), NULL, NULL);
      break;
    case MC_INVENTORY_UNREACHABLE:
      show (self, _ ("The service cannot be reached. Nothing is lost."), _ ("Try Again"), "retry");
      break;
    case MC_INVENTORY_READY:
      show_manager (self);
      break;
    case MC_INVENTORY_CONNECTING:
    default:
      show (self, NULL, NULL, NULL);
    }
}

static void
on_state (McStatusBar *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);

  if (manager != NULL && manager != self->manager)
    {
      self->manager = manager;
      g_signal_connect_object (manager, "g-properties-changed", G_CALLBACK (update), self,
                               G_CONNECT_SWAPPED);
    }
  update (self);
}

void
mc_status_bar_set_inventory (McStatusBar *self, McInventory *inventory)
{
  self->inventory = g_object_ref (inventory);
  g_signal_connect_object (inventory, "notify::state", G_CALLBACK (on_state), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (inventory, "notify::active", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  on_state (self);
}

/* --- what is done about it --- */

static void
act_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  McStatusBar *self = MC_STATUS_BAR (widget);

  if (g_strcmp0 (self->act, "retry") == 0)
    mc_inventory_retry (self->inventory);
  else if (g_strcmp0 (self->act, "allow") == 0)
    mc_inventory_steer_all (self->inventory, "AllowTransfers");
  else if (g_strcmp0 (self->act, "offline") == 0)
    mc_inventory_configure (self->inventory, "offline", g_variant_new_boolean (FALSE));
}

static void
mc_status_bar_dispose (GObject *object)
{
  McStatusBar *self = MC_STATUS_BAR (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), MC_TYPE_STATUS_BAR);
  g_clear_object (&self->inventory);
  G_OBJECT_CLASS (mc_status_bar_parent_class)->dispose (object);
}

static void
mc_status_bar_class_init (McStatusBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mc_status_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/tabagent/ModelCache/mc-status-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, McStatusBar, label);
  gtk_widget_class_bind_template_child (widget_class, McStatusBar, button);
  gtk_widget_class_install_action (widget_class, "status.act", NULL, act_action);
}

static void
mc_status_bar_init (McStatusBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
