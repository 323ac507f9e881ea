/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-native-watch.h"

#include "mc-client.h"
#include "mc-dbus-names.h"
#include "mc-native-request.h"

#include <string.h>

#define TRANSFER "com.tabagent.ModelCache1.Transfer"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define EVENT_MS 250 /* between two events of a transfer */

struct _McNativeWatch
{
  GDBusConnection *bus; /* (owned) */
  McNativeSend send;
  gpointer user_data;
  GCancellable *cancellable; /* (owned) */
  GHashTable *transfers;     /* (owned): path => source that tells of it soon, or 0 */
  guint subscription;
};

static void
tell_of (McNativeWatch *self, const char *path, GVariant *properties)
{
  static const char *const names[][2] = {
    { "State", "state" },       { "Error", "error" }, { "Message", "message" },
    { "Repo", "repo" },         { "Path", "path" },   { "Variant", "variant" },
    { "Verified", "verified" }, { "Total", "total" }, { "Received", "received" },
    { "Rate", "rate" },
  };
  g_autoptr (GVariant) event = NULL;
  g_autofree char *text = NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "transfer", "t", mc_client_object_number (path));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (properties, names[i][0], NULL);

      if (value != NULL)
        g_variant_dict_insert_value (&dict, names[i][1], value);
    }
  event = g_variant_ref_sink (g_variant_dict_end (&dict));
  text = mc_native_event ("transfer", event);
  self->send (text, self->user_data);
}

static gboolean
is_over (GVariant *properties)
{
  const char *state = "";

  g_variant_lookup (properties, "State", "&s", &state);
  return strcmp (state, "done") == 0 || strcmp (state, "failed") == 0
         || strcmp (state, "cancelled") == 0;
}

typedef struct
{
  McNativeWatch *self;
  char *path;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_free (look->path);
  g_free (look);
}

static Look *
look_new (McNativeWatch *self, const char *path)
{
  Look *look = g_new0 (Look, 1);

  look->self = self;
  look->path = g_strdup (path);
  return look;
}

static void
forget (McNativeWatch *self, const char *path)
{
  gpointer source = g_hash_table_lookup (self->transfers, path);

  if (source != NULL)
    g_source_remove (GPOINTER_TO_UINT (source));
  g_hash_table_remove (self->transfers, path);
}

/* One that is not there any more was cancelled by somebody. Of a service that went nothing is
 * known: it goes on with its transfers when it is back, and tells of them then. */
static GVariant *
read_properties (GVariant *reply, const GError *error)
{
  if (reply != NULL)
    return g_variant_get_child_value (reply, 0);
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT))
    return g_variant_ref_sink (g_variant_new_parsed ("{'State': <'cancelled'>}"));
  return NULL;
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Look *look = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) properties = read_properties (reply, error);

  /* With none it may have been closed, and is not to be touched. */
  if (properties != NULL && g_hash_table_contains (look->self->transfers, look->path))
    {
      tell_of (look->self, look->path, properties);
      if (is_over (properties))
        forget (look->self, look->path);
    }
  look_free (look);
}

static void
look_at (McNativeWatch *self, const char *path)
{
  g_dbus_connection_call (self->bus, MC_DBUS_NAME, path, PROPERTIES, "GetAll",
                          g_variant_new ("(s)", TRANSFER), G_VARIANT_TYPE ("(a{sv})"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, self->cancellable, looked_cb,
                          look_new (self, path));
}

static gboolean
look_cb (gpointer user_data)
{
  Look *look = user_data;

  g_hash_table_insert (look->self->transfers, g_strdup (look->path), NULL);
  look_at (look->self, look->path);
  return G_SOURCE_REMOVE;
}

static void
on_changed (GDBusConnection *bus,
            const char *sender,
            const char *path,
            const char *interface,
            const char *signal,
            GVariant *parameters,
            gpointer user_data)
{
  McNativeWatch *self = user_data;
  gpointer source;

  if (!g_hash_table_lookup_extended (self->transfers, path, NULL, &source) || source != NULL)
    return;
  source = GUINT_TO_POINTER (
      g_timeout_add_full (G_PRIORITY_DEFAULT, EVENT_MS, look_cb, look_new (self, path), look_free));
  g_hash_table_insert (self->transfers, g_strdup (path), source);
}

void
mc_native_watch_add (McNativeWatch *self, const char *path)
{
  if (!g_hash_table_contains (self->transfers, path))
    g_hash_table_insert (self->transfers, g_strdup (path), NULL);
  look_at (self, path);
}

/* --- its life --- */

static void
drop_source (gpointer key, gpointer source, gpointer user_data)
{
  if (source != NULL)
    g_source_remove (GPOINTER_TO_UINT (source));
}

McNativeWatch *
mc_native_watch_new (GDBusConnection *bus, McNativeSend send, gpointer user_data)
{
  McNativeWatch *self = g_new0 (McNativeWatch, 1);

  self->bus = g_object_ref (bus);
  self->send = send;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->transfers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->subscription = g_dbus_connection_signal_subscribe (
      bus, MC_DBUS_NAME, PROPERTIES, "PropertiesChanged", NULL, TRANSFER, G_DBUS_SIGNAL_FLAGS_NONE,
      on_changed, self, NULL);
  return self;
}

void
mc_native_watch_free (McNativeWatch *self)
{
  g_cancellable_cancel (self->cancellable);
  g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  g_hash_table_foreach (self->transfers, drop_source, NULL);
  g_hash_table_unref (self->transfers);
  g_clear_object (&self->bus);
  g_clear_object (&self->cancellable);
  g_free (self);
}
