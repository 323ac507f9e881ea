/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-update-watch.h"

#include <string.h>

#define HOUR (60 * 60) /* seconds */
#define DAY (24 * HOUR)
#define KEY "updates-checked"

struct _McUpdateWatch
{
  McInventory *inventory;    /* (owned) */
  GSettings *settings;       /* (owned) */
  GCancellable *cancellable; /* (owned) */
  guint source;
  gboolean asking;
};

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* A time that is still to come is nonsense. */
static gboolean
is_due (McUpdateWatch *self)
{
  gint64 last = g_settings_get_int64 (self->settings, KEY);

  return last > get_now () || get_now () - last >= DAY;
}

static gboolean
is_allowed (McUpdateWatch *self)
{
  McDbusManager *manager = mc_inventory_get_manager (self->inventory);

  return mc_inventory_get_state (self->inventory) == MC_INVENTORY_READY && manager != NULL
         && !mc_dbus_manager_get_offline (manager)
         && g_strcmp0 (mc_dbus_manager_get_transfers_allowed (manager), "allowed") == 0;
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McUpdateWatch *self = user_data;
  g_autoptr (GError) error = NULL;

  mc_inventory_check_updates_finish (MC_INVENTORY (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the watch is gone */
  self->asking = FALSE;
  if (error == NULL)
    g_settings_set_int64 (self->settings, KEY, get_now ());
  else
    g_info ("Looking for updates: %s", error->message);
}

static void
ask (McUpdateWatch *self)
{
  if (self->asking || !is_due (self) || !is_allowed (self))
    return;
  self->asking = TRUE;
  mc_inventory_check_updates_async (self->inventory, self->cancellable, checked_cb, self);
}

static gboolean
ask_cb (gpointer user_data)
{
  ask (user_data);
  return G_SOURCE_CONTINUE;
}

McUpdateWatch *
mc_update_watch_new (McInventory *inventory)
{
  McUpdateWatch *self = g_new0 (McUpdateWatch, 1);

  self->inventory = g_object_ref (inventory);
  self->settings = g_settings_new ("com.tabagent.ModelCache");
  self->cancellable = g_cancellable_new ();
  self->source = g_timeout_add_seconds (HOUR, ask_cb, self);
  g_signal_connect_swapped (inventory, "notify::state", G_CALLBACK (ask), self);
  ask (self);
  return self;
}

void
mc_update_watch_free (McUpdateWatch *self)
{
  g_signal_handlers_disconnect_by_data (self->inventory, self);
  g_source_remove (self->source);
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->settings);
  g_object_unref (self->inventory);
  g_free (self);
}
