/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-inventory-private.h"

#include "mc-dbus-names.h"
#include "mc-property.h"

/* The connection, and what is told of it. */

#define RESTART_SECONDS 2

enum
{
  PROP_STATE = 1,
  PROP_ACTIVE,
  PROP_RATE,
  PROP_USAGE,
  N_PROPS
};

enum
{
  SIGNAL_FAILED,
  SIGNAL_ENDED,
  SIGNAL_BLOCKED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

/* clang-format off */
G_DEFINE_ENUM_TYPE (McInventoryState, mc_inventory_state,
                    G_DEFINE_ENUM_VALUE (MC_INVENTORY_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (MC_INVENTORY_READY, "ready"),
                    G_DEFINE_ENUM_VALUE (MC_INVENTORY_RECONNECTING, "reconnecting"),
                    G_DEFINE_ENUM_VALUE (MC_INVENTORY_UNREACHABLE, "unreachable"))
/* clang-format on */
G_DEFINE_FINAL_TYPE (McInventory, mc_inventory, G_TYPE_OBJECT)

static void
set_state (McInventory *self, McInventoryState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* --- a service that died at work --- */

static void restart (McInventory *self);
static void connect_to_service (McInventory *self);

static gboolean
restart_cb (gpointer user_data)
{
  McInventory *self = user_data;

  self->restarting = 0;
  restart (self);
  return G_SOURCE_REMOVE;
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McInventory) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_info ("Starting the service: %s", error->message);
  set_state (self, MC_INVENTORY_UNREACHABLE);
  if (self->restarting == 0)
    self->restarting = g_timeout_add_seconds (RESTART_SECONDS, restart_cb, self);
}

static void
restart (McInventory *self)
{
  g_dbus_connection_call (mc_link_get_bus (self->link), "org.freedesktop.DBus",
                          "/org/freedesktop/DBus", "org.freedesktop.DBus", "StartServiceByName",
                          g_variant_new ("(su)", MC_DBUS_NAME, 0u), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, self->cancellable, started_cb,
                          g_object_ref (self));
}

/* It is ready again when its repos were placed. */
static void
on_running (McInventory *self)
{
  if (mc_link_get_running (self->link))
    {
      g_clear_handle_id (&self->restarting, g_source_remove);
      return;
    }
  mc_inventory_let_go (self);
  if (mc_inventory_get_manager (self) == NULL)
    {
      set_state (self, MC_INVENTORY_CONNECTING);
      connect_to_service (self);
      return;
    }
  if (self->active == 0)
    return;
  set_state (self, MC_INVENTORY_RECONNECTING);
  restart (self);
}

void
mc_inventory_set_ready (McInventory *self)
{
  set_state (self, MC_INVENTORY_READY);
}

static void
hand_out_allowed (McInventory *self)
{
  const char *allowed = mc_dbus_manager_get_transfers_allowed (mc_inventory_get_manager (self));

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->transfers)); i++)
    {
      g_autoptr (McTransferItem) item = g_list_model_get_item (G_LIST_MODEL (self->transfers), i);

      if (allowed != NULL)
        mc_transfer_item_set_allowed (item, allowed);
    }
}

/* --- connecting for the first time --- */

static void
connect_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McInventory) self = user_data;
  g_autoptr (GError) error = NULL;

  if (mc_link_connect_finish (MC_LINK (source), result, &error))
    {
      g_signal_connect_object (mc_inventory_get_manager (self), "notify::transfers-allowed",
                               G_CALLBACK (hand_out_allowed), self, G_CONNECT_SWAPPED);
      mc_inventory_send_calls (self);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_info ("%s", error->message);
  set_state (self, MC_INVENTORY_UNREACHABLE);
  mc_inventory_send_calls (self);
}

static void
connect_to_service (McInventory *self)
{
  mc_link_connect_async (self->link, self->bus, self->cancellable, connect_cb, g_object_ref (self));
}

void
mc_inventory_retry (McInventory *self)
{
  if (self->state != MC_INVENTORY_UNREACHABLE)
    return;
  set_state (self, MC_INVENTORY_CONNECTING);
  if (mc_inventory_get_manager (self) != NULL)
    restart (self);
  else
    connect_to_service (self);
}

McInventory *
mc_inventory_new (GDBusConnection *bus)
{
  McInventory *self = g_object_new (MC_TYPE_INVENTORY, NULL);

  g_set_object (&self->bus, bus);
  connect_to_service (self);
  return self;
}

/* --- what is told --- */

McInventoryState
mc_inventory_get_state (McInventory *self)
{
  return self->state;
}

GListModel *
mc_inventory_get_repos (McInventory *self)
{
  return G_LIST_MODEL (self->repos);
}

GListModel *
mc_inventory_get_transfers (McInventory *self)
{
  return G_LIST_MODEL (self->transfers);
}

McRepoItem *
mc_inventory_find_repo (McInventory *self, const char *ref)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->repos)); i++)
    {
      g_autoptr (McRepoItem) item = g_list_model_get_item (G_LIST_MODEL (self->repos), i);

      if (g_str_equal (mc_repo_item_get_ref (item), ref))
        return item; /* the list holds it */
    }
  return NULL;
}

guint
mc_inventory_get_active (McInventory *self)
{
  return self->active;
}

guint64
mc_inventory_get_rate (McInventory *self)
{
  return self->rate;
}

GVariant *
mc_inventory_get_usage (McInventory *self)
{
  return self->usage;
}

McDbusManager *
mc_inventory_get_manager (McInventory *self)
{
  return mc_link_get_manager (self->link);
}

void
mc_inventory_set_sums (McInventory *self, guint active, guint64 rate)
{
  mc_property_set_size (self, properties[PROP_RATE], &self->rate, rate);
  if (self->active == active)
    return;
  self->active = active;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
}

void
mc_inventory_take_usage (McInventory *self, GVariant *usage)
{
  g_clear_pointer (&self->usage, g_variant_unref);
  self->usage = g_variant_ref (usage);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_USAGE]);
}

void
mc_inventory_emit_ended (McInventory *self, McTransferItem *transfer)
{
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, transfer);
}

void
mc_inventory_emit_blocked (McInventory *self, McTransferItem *transfer)
{
  g_signal_emit (self, signals[SIGNAL_BLOCKED], 0, transfer);
}

void
mc_inventory_emit_failed (McInventory *self, const GError *error, const char *repo)
{
  g_info ("%s: %s", repo == NULL ? "-" : repo, error->message);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error, repo);
}

/* --- its life --- */

static void
mc_inventory_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McInventory *self = MC_INVENTORY (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_ACTIVE:
      g_value_set_uint (value, self->active);
      break;
    case PROP_RATE:
      g_value_set_uint64 (value, self->rate);
      break;
    case PROP_USAGE:
      g_value_set_variant (value, self->usage);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

void
mc_inventory_close (McInventory *self)
{
  mc_inventory_carry_out_deletions (self);
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->sharing, g_source_remove);
  g_clear_handle_id (&self->relating, g_source_remove);
  g_clear_handle_id (&self->reckoning, g_source_remove);
  g_clear_handle_id (&self->restarting, g_source_remove);
  g_clear_handle_id (&self->looking, g_source_remove);
  mc_inventory_send_calls (self);
  mc_inventory_stop_placing (self);
  g_signal_handlers_disconnect_by_data (self->link, self);
  mc_link_close (self->link);
}

static void
mc_inventory_dispose (GObject *object)
{
  mc_inventory_close (MC_INVENTORY (object));
  G_OBJECT_CLASS (mc_inventory_parent_class)->dispose (object);
}

static void
mc_inventory_finalize (GObject *object)
{
  McInventory *self = MC_INVENTORY (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->bus);
  g_clear_pointer (&self->busy_repos, g_hash_table_unref);
  g_clear_pointer (&self->repo_index, g_hash_table_unref);
  g_clear_pointer (&self->transfer_index, g_hash_table_unref);
  g_clear_object (&self->repos);
  g_clear_object (&self->transfers);
  g_ptr_array_unref (self->deletions);
  g_clear_object (&self->link);
  g_queue_free (self->arrivals);
  g_ptr_array_unref (self->fresh);
  g_ptr_array_unref (self->wishes);
  g_ptr_array_unref (self->calls);
  g_clear_pointer (&self->usage, g_variant_unref);
  g_clear_pointer (&self->shares, g_hash_table_unref);
  G_OBJECT_CLASS (mc_inventory_parent_class)->finalize (object);
}

static void
mc_inventory_class_init (McInventoryClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_inventory_get_property;
  object_class->dispose = mc_inventory_dispose;
  object_class->finalize = mc_inventory_finalize;
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, MC_TYPE_INVENTORY_STATE,
                                              MC_INVENTORY_CONNECTING, flags);
  properties[PROP_ACTIVE] = g_param_spec_uint ("active", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_RATE] = mc_property_new_size ("rate");
  properties[PROP_USAGE] =
      g_param_spec_variant ("usage", NULL, NULL, G_VARIANT_TYPE_VARDICT, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", MC_TYPE_INVENTORY, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 2, G_TYPE_ERROR, G_TYPE_STRING);
  signals[SIGNAL_ENDED] = g_signal_new ("ended", MC_TYPE_INVENTORY, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, MC_TYPE_TRANSFER_ITEM);
  signals[SIGNAL_BLOCKED] = g_signal_new ("blocked", MC_TYPE_INVENTORY, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, MC_TYPE_TRANSFER_ITEM);
}

static void
mc_inventory_init (McInventory *self)
{
  self->deletions = mc_inventory_new_deletions ();
  self->wishes = mc_inventory_new_wishes ();
  self->calls = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
  self->repos = g_list_store_new (MC_TYPE_REPO_ITEM);
  self->transfers = g_list_store_new (MC_TYPE_TRANSFER_ITEM);
  self->repo_index = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->transfer_index = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->busy_repos = g_hash_table_new (NULL, NULL);
  self->arrivals = g_queue_new ();
  self->fresh = g_ptr_array_new_with_free_func (g_object_unref);
  self->link = mc_link_new ();
  g_signal_connect_object (self->link, "notify::running", G_CALLBACK (on_running), self,
                           G_CONNECT_SWAPPED);
  mc_inventory_follow_link (self);
}
