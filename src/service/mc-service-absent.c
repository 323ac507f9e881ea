/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-absent.h"

#include "mc-dbus-error.h"
#include "mc-dbus-generated.h"
#include "mc-dbus-names.h"

#include "mc-location.h"
#include "modelcache.h"

#include <string.h>

struct _McServiceAbsent
{
  GPtrArray *places; /* (owned): Place */
  char *home;
  GError *why; /* (owned) */
  guint idle_ms;
  GSource *end; /* (owned) (nullable) */
  void (*ended) (gpointer user_data);
  gpointer user_data;
};

/* Where it stands. */
typedef struct
{
  GDBusConnection *connection;       /* (owned) */
  GDBusObjectManagerServer *objects; /* (owned): none, for clients that list them */
  guint registration;
} Place;

static void
place_free (gpointer data)
{
  Place *place = data;

  if (place->registration != 0)
    g_dbus_connection_unregister_object (place->connection, place->registration);
  g_object_unref (place->objects);
  g_object_unref (place->connection);
  g_free (place);
}

static gboolean
on_end (gpointer user_data)
{
  McServiceAbsent *self = user_data;

  g_clear_pointer (&self->end, g_source_unref);
  self->ended (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
clear_end (McServiceAbsent *self)
{
  if (self->end != NULL)
    g_source_destroy (self->end);
  g_clear_pointer (&self->end, g_source_unref);
}

static void
end_after (McServiceAbsent *self, guint ms)
{
  clear_end (self);
  self->end = g_timeout_source_new (ms);
  g_source_set_callback (self->end, on_end, self, NULL);
  g_source_attach (self->end, g_main_context_get_thread_default ());
}

static void
on_call (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  McServiceAbsent *self = user_data;
  g_autofree char *folder = mc_location_find (self->home, NULL);

  /* The name is given up before the answer is sent: who tries again at once must not come here. */
  if (folder != NULL || strcmp (method, "Quit") == 0)
    {
      clear_end (self);
      self->ended (self->user_data);
    }
  else
    end_after (self, self->idle_ms);
  if (strcmp (method, "Quit") == 0)
    g_dbus_method_invocation_return_value (invocation, NULL);
  else if (folder != NULL)
    mc_dbus_error_return (
        invocation, g_error_new_literal (MC_ERROR, MC_ERROR_BUSY, "The store is back: try again"));
  else
    mc_dbus_error_return (invocation, g_error_copy (self->why));
}

/* Those that say something, and of the others what stands for nothing. */
static GVariant *
on_get_property (GDBusConnection *connection,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *name,
                 GError **error,
                 gpointer user_data)
{
  GDBusPropertyInfo *info =
      g_dbus_interface_info_lookup_property (mc_dbus_manager_interface_info (), name);

  if (strcmp (name, "Version") == 0)
    return g_variant_new_string (mc_get_version ());
  if (strcmp (name, "InterfaceVersion") == 0)
    return g_variant_new_uint32 (MC_DBUS_INTERFACE_VERSION);
  if (strcmp (info->signature, "b") == 0)
    return g_variant_new_boolean (strcmp (name, "StoreAbsent") == 0);
  if (strcmp (info->signature, "s") == 0)
    return g_variant_new_string ("");
  if (info->signature[0] == 'a')
    return g_variant_new_array (G_VARIANT_TYPE (info->signature + 1), NULL, 0);
  g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_FAILED, "The store is away");
  return NULL;
}

void
mc_service_absent_show (McServiceAbsent *self, GDBusConnection *connection)
{
  static const GDBusInterfaceVTable table = { .method_call = on_call,
                                              .get_property = on_get_property };
  Place *place = g_new0 (Place, 1);
  g_autoptr (GError) error = NULL;

  place->connection = g_object_ref (connection);
  place->objects = g_dbus_object_manager_server_new (MC_DBUS_PATH);
  g_dbus_object_manager_server_set_connection (place->objects, connection);
  place->registration = g_dbus_connection_register_object (
      connection, MC_DBUS_PATH, mc_dbus_manager_interface_info (), &table, self, NULL, &error);
  if (place->registration == 0)
    g_warning ("%s", error->message);
  g_ptr_array_add (self->places, place);
}

void
mc_service_absent_hide (McServiceAbsent *self, GDBusConnection *connection)
{
  for (guint i = 0; i < self->places->len; i++)
    if (((Place *) g_ptr_array_index (self->places, i))->connection == connection)
      {
        g_ptr_array_remove_index_fast (self->places, i);
        return;
      }
}

McServiceAbsent *
mc_service_absent_new (const char *home,
                       const GError *why,
                       guint idle_ms,
                       void (*ended) (gpointer user_data),
                       gpointer user_data)
{
  McServiceAbsent *self = g_new0 (McServiceAbsent, 1);

  mc_dbus_error_register ();
  self->places = g_ptr_array_new_with_free_func (place_free);
  self->home = g_strdup (home);
  self->why = g_error_copy (why);
  self->idle_ms = idle_ms;
  self->ended = ended;
  self->user_data = user_data;
  end_after (self, idle_ms);
  return self;
}

void
mc_service_absent_free (McServiceAbsent *self)
{
  clear_end (self);
  g_ptr_array_unref (self->places);
  g_error_free (self->why);
  g_free (self->home);
  g_free (self);
}
