/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-library-private.h"

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
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

/* clang-format off */
G_DEFINE_ENUM_TYPE (McLibraryState, mc_library_state,
                    G_DEFINE_ENUM_VALUE (MC_LIBRARY_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (MC_LIBRARY_READY, "ready"),
                    G_DEFINE_ENUM_VALUE (MC_LIBRARY_RECONNECTING, "reconnecting"),
                    G_DEFINE_ENUM_VALUE (MC_LIBRARY_UNREACHABLE, "unreachable"))
/* clang-format on */
G_DEFINE_FINAL_TYPE (McLibrary, mc_library, G_TYPE_OBJECT)

static void
set_state (McLibrary *self, McLibraryState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* --- a service that died at work --- */

static void restart (McLibrary *self);

static gboolean
restart_cb (gpointer user_data)
{
  McLibrary *self = user_data;

  self->restarting = 0;
  restart (self);
  return G_SOURCE_REMOVE;
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McLibrary) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_info ("Starting the service: %s", error->message);
  set_state (self, MC_LIBRARY_UNREACHABLE);
  if (self->restarting == 0)
    self->restarting = g_timeout_add_seconds (RESTART_SECONDS, restart_cb, self);
}

static void
restart (McLibrary *self)
{
  g_dbus_connection_call (mc_client_get_bus (self->client), "org.freedesktop.DBus",
                          "/org/freedesktop/DBus", "org.freedesktop.DBus", "StartServiceByName",
                          g_variant_new ("(su)", MC_DBUS_NAME, 0u), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, self->cancellable, started_cb,
                          g_object_ref (self));
}

static void
on_running (McLibrary *self)
{
  if (mc_client_get_running (self->client))
    {
      g_clear_handle_id (&self->restarting, g_source_remove);
      mc_library_drop_stale (self);
      set_state (self, MC_LIBRARY_READY);
      mc_library_reckon_soon (self);
    }
  else if (self->active > 0)
    {
      set_state (self, MC_LIBRARY_RECONNECTING);
      restart (self);
    }
}

static void
hand_out_allowed (McLibrary *self)
{
  const char *allowed = mc_dbus_manager_get_transfers_allowed (mc_library_get_manager (self));

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
  g_autoptr (McLibrary) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (McClient) client = mc_client_connect_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (client == NULL)
    {
      g_info ("%s", error->message);
      set_state (self, MC_LIBRARY_UNREACHABLE);
      return;
    }
  self->client = g_steal_pointer (&client);
  g_signal_connect_object (self->client, "notify::running", G_CALLBACK (on_running), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (mc_library_get_manager (self), "notify::transfers-allowed",
                           G_CALLBACK (hand_out_allowed), self, G_CONNECT_SWAPPED);
  mc_library_take_lists (self);
  set_state (self, MC_LIBRARY_READY);
}

void
mc_library_retry (McLibrary *self)
{
  if (self->state != MC_LIBRARY_UNREACHABLE)
    return;
  set_state (self, MC_LIBRARY_CONNECTING);
  if (self->client != NULL)
    restart (self);
  else
    mc_client_connect_async (self->cancellable, connect_cb, g_object_ref (self));
}

McLibrary *
mc_library_new (void)
{
  McLibrary *self = g_object_new (MC_TYPE_LIBRARY, NULL);

  mc_client_connect_async (self->cancellable, connect_cb, g_object_ref (self));
  return self;
}

/* --- what is told --- */

McLibraryState
mc_library_get_state (McLibrary *self)
{
  return self->state;
}

GListModel *
mc_library_get_repos (McLibrary *self)
{
  return G_LIST_MODEL (self->repos);
}

GListModel *
mc_library_get_transfers (McLibrary *self)
{
  return G_LIST_MODEL (self->transfers);
}

McRepoItem *
mc_library_find_repo (McLibrary *self, const char *ref)
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
mc_library_get_active (McLibrary *self)
{
  return self->active;
}

guint64
mc_library_get_rate (McLibrary *self)
{
  return self->rate;
}

GVariant *
mc_library_get_usage (McLibrary *self)
{
  return self->usage;
}

McDbusManager *
mc_library_get_manager (McLibrary *self)
{
  return self->client == NULL ? NULL : mc_client_get_manager (self->client);
}

void
mc_library_set_sums (McLibrary *self, guint active, guint64 rate)
{
  mc_property_set_size (self, properties[PROP_RATE], &self->rate, rate);
  if (self->active == active)
    return;
  self->active = active;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
}

void
mc_library_take_usage (McLibrary *self, GVariant *usage)
{
  g_clear_pointer (&self->usage, g_variant_unref);
  self->usage = g_variant_ref (usage);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_USAGE]);
}

void
mc_library_emit_ended (McLibrary *self, McTransferItem *transfer)
{
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, transfer);
}

void
mc_library_emit_failed (McLibrary *self, const GError *error, const char *repo)
{
  g_info ("%s: %s", repo == NULL ? "-" : repo, error->message);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error, repo);
}

/* --- its life --- */

static void
mc_library_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McLibrary *self = MC_LIBRARY (object);

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
mc_library_close (McLibrary *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->relating, g_source_remove);
  g_clear_handle_id (&self->reckoning, g_source_remove);
  g_clear_handle_id (&self->restarting, g_source_remove);
  if (self->client == NULL)
    return;
  g_signal_handlers_disconnect_by_data (mc_client_get_repos (self->client), self);
  g_signal_handlers_disconnect_by_data (mc_client_get_transfers (self->client), self);
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
}

static void
mc_library_dispose (GObject *object)
{
  mc_library_close (MC_LIBRARY (object));
  G_OBJECT_CLASS (mc_library_parent_class)->dispose (object);
}

static void
mc_library_finalize (GObject *object)
{
  McLibrary *self = MC_LIBRARY (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->busy_repos, g_hash_table_unref);
  g_clear_pointer (&self->repo_index, g_hash_table_unref);
  g_clear_pointer (&self->transfer_index, g_hash_table_unref);
  g_clear_object (&self->repos);
  g_clear_object (&self->transfers);
  g_array_unref (self->repo_numbers);
  g_array_unref (self->transfer_numbers);
  g_clear_pointer (&self->usage, g_variant_unref);
  G_OBJECT_CLASS (mc_library_parent_class)->finalize (object);
}

static void
mc_library_class_init (McLibraryClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_library_get_property;
  object_class->dispose = mc_library_dispose;
  object_class->finalize = mc_library_finalize;
  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, MC_TYPE_LIBRARY_STATE, MC_LIBRARY_CONNECTING, flags);
  properties[PROP_ACTIVE] = g_param_spec_uint ("active", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_RATE] = mc_property_new_size ("rate");
  properties[PROP_USAGE] =
      g_param_spec_variant ("usage", NULL, NULL, G_VARIANT_TYPE_VARDICT, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", MC_TYPE_LIBRARY, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 2, G_TYPE_ERROR, G_TYPE_STRING);
  signals[SIGNAL_ENDED] = g_signal_new ("ended", MC_TYPE_LIBRARY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 1, MC_TYPE_TRANSFER_ITEM);
}

static void
mc_library_init (McLibrary *self)
{
  self->cancellable = g_cancellable_new ();
  self->repos = g_list_store_new (MC_TYPE_REPO_ITEM);
  self->transfers = g_list_store_new (MC_TYPE_TRANSFER_ITEM);
  self->repo_index = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->transfer_index = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->busy_repos = g_hash_table_new (NULL, NULL);
  self->repo_numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->transfer_numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
}
