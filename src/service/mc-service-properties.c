/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-access.h"
#include "mc-dbus-error.h"
#include "mc-dbus-names.h"
#include "mc-error.h"

#include <string.h>

/* Properties and the list of objects are answered by GDBus itself, which asks nobody. So a filter
 * in GDBus's own thread lets pass what comes from callers that are known here, and hands anything
 * else to the main thread, which finds out who it is, and answers in GDBus's place. */

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define OBJECTS "org.freedesktop.DBus.ObjectManager"
#define MOST 256

struct _McGate
{
  GMutex mutex;
  GHashTable *open;   /* (owned): callers that may read; under the mutex */
  McService *service; /* borrowed (nullable); main thread only */
};

typedef struct
{
  McGate *gate;                /* (owned) */
  GDBusConnection *connection; /* (owned) */
  GDBusMessage *message;       /* (owned) */
} Held;

static void
gate_clear (gpointer data)
{
  McGate *gate = data;

  g_mutex_clear (&gate->mutex);
  g_hash_table_unref (gate->open);
}

static void
gate_release (gpointer gate)
{
  g_atomic_rc_box_release_full (gate, gate_clear);
}

static void
held_free (gpointer data)
{
  Held *held = data;

  gate_release (held->gate);
  g_object_unref (held->connection);
  g_object_unref (held->message);
  g_free (held);
}

/* --- answering --- */

static GDBusInterface *
find_interface (McService *self, const char *path, const char *name)
{
  g_autoptr (GDBusObject) object = NULL;

  if (strcmp (path, MC_DBUS_PATH) == 0)
    return strcmp (name, mc_dbus_manager_interface_info ()->name) == 0
               ? g_object_ref (G_DBUS_INTERFACE (self->manager))
               : NULL;
  object = mc_objects_get (self->objects, path);
  return object == NULL ? NULL : g_dbus_object_get_interface (object, name);
}

/* What the call is answered, floating; NULL: there is no such thing, or it is for nobody to do. */
static GVariant *
make_answer (McService *self, GDBusMessage *message)
{
  const char *member = g_dbus_message_get_member (message);
  GVariant *body = g_dbus_message_get_body (message);
  gboolean one = strcmp (member, "Get") == 0;
  g_autoptr (GDBusInterface) interface = NULL;
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariant) value = NULL;
  const char *name;
  const char *property = NULL;

  if (strcmp (member, "GetManagedObjects") == 0)
    return g_variant_new ("(@a{oa{sa{sv}}})", mc_objects_describe (self->objects));
  if ((!one && strcmp (member, "GetAll") != 0) || body == NULL
      || !g_variant_is_of_type (body, G_VARIANT_TYPE (one ? "(ss)" : "(s)")))
    return NULL;
  g_variant_get_child (body, 0, "&s", &name);
  if (one)
    g_variant_get_child (body, 1, "&s", &property);
  interface = find_interface (self, g_dbus_message_get_path (message), name);
  if (interface == NULL)
    return NULL;
  properties = g_dbus_interface_skeleton_get_properties (G_DBUS_INTERFACE_SKELETON (interface));
  if (!one)
    return g_variant_new ("(@a{sv})", properties);
  value = g_variant_lookup_value (properties, property, NULL);
  return value == NULL ? NULL : g_variant_new ("(v)", value);
}

static void
answer (Held *held, const GError *refusal)
{
  GDBusMessage *call = held->message;
  GVariant *body = refusal != NULL ? NULL : make_answer (held->gate->service, call);
  g_autoptr (GDBusMessage) reply = NULL;

  if ((g_dbus_message_get_flags (call) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0)
    {
      g_clear_pointer (&body, g_variant_unref);
      return;
    }
  if (body != NULL)
    {
      reply = g_dbus_message_new_method_reply (call);
      g_dbus_message_set_body (reply, body);
    }
  else if (refusal != NULL)
    reply = g_dbus_message_new_method_error_literal (call, MC_DBUS_ERROR_PREFIX "NotAllowed",
                                                     refusal->message);
  else
    reply = g_dbus_message_new_method_error_literal (call, "org.freedesktop.DBus.Error.InvalidArgs",
                                                     "There is no such property");
  g_dbus_connection_send_message (held->connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL,
                                  NULL);
}

static void
checked (GError *refusal, gpointer data)
{
  Held *held = data;
  McGate *gate = held->gate;

  if (refusal == NULL)
    {
      g_mutex_lock (&gate->mutex);
      if (g_hash_table_size (gate->open) >= MOST)
        g_hash_table_remove_all (gate->open);
      g_hash_table_add (gate->open, g_strdup (g_dbus_message_get_sender (held->message)));
      g_mutex_unlock (&gate->mutex);
    }
  if (gate->service != NULL)
    answer (held, refusal);
  g_clear_error (&refusal);
  held_free (held);
}

static gboolean
check_held (gpointer data)
{
  Held *held = data;

  if (held->gate->service == NULL)
    held_free (held);
  else
    mc_access_check (held->gate->service->access, g_dbus_message_get_sender (held->message),
                     MC_NEED_READ, checked, held);
  return G_SOURCE_REMOVE;
}

/* --- the filter --- */

static gboolean
is_about_properties (GDBusMessage *message)
{
  const char *interface = g_dbus_message_get_interface (message);
  const char *path = g_dbus_message_get_path (message);

  return g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL
         && g_dbus_message_get_sender (message) != NULL && path != NULL
         && g_str_has_prefix (path, MC_DBUS_PATH)
         && (g_strcmp0 (interface, PROPERTIES) == 0 || g_strcmp0 (interface, OBJECTS) == 0);
}

static gboolean
is_open (McGate *gate, const char *caller)
{
  gboolean open;

  g_mutex_lock (&gate->mutex);
  open = g_hash_table_contains (gate->open, caller);
  g_mutex_unlock (&gate->mutex);
  return open;
}

static GDBusMessage *
filter (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  McGate *gate = user_data;
  Held *held;

  if (!incoming || !is_about_properties (message)
      || is_open (gate, g_dbus_message_get_sender (message)))
    return message;
  held = g_new0 (Held, 1);
  held->gate = g_atomic_rc_box_acquire (gate);
  held->connection = g_object_ref (connection);
  held->message = message;
  g_idle_add_full (G_PRIORITY_DEFAULT, check_held, held, NULL);
  return NULL;
}

void
mc_service_guard_properties (McService *self, GDBusConnection *connection)
{
  if (self->gate == NULL)
    {
      self->gate = g_atomic_rc_box_new0 (McGate);
      g_mutex_init (&self->gate->mutex);
      self->gate->open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      self->gate->service = self;
    }
  g_dbus_connection_add_filter (connection, filter, g_atomic_rc_box_acquire (self->gate),
                                gate_release);
}

void
mc_service_close_properties (McService *self)
{
  if (self->gate == NULL)
    return;
  g_mutex_lock (&self->gate->mutex);
  g_hash_table_remove_all (self->gate->open);
  g_mutex_unlock (&self->gate->mutex);
}

void
mc_service_end_properties (McService *self)
{
  if (self->gate == NULL)
    return;
  self->gate->service = NULL;
  g_clear_pointer (&self->gate, gate_release);
}
