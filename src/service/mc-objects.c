/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-objects.h"

#include "mc-dbus-names.h"

#define INTERFACE "org.freedesktop.DBus.ObjectManager"

struct _McObjects
{
  GHashTable *objects; /* (owned): path -> GDBusObjectSkeleton */
  GPtrArray *places;   /* (owned): Place */
  void (*guard) (gpointer skeleton, gpointer user_data);
  gpointer user_data;
};

/* A connection that all of them are on. */
typedef struct
{
  GDBusConnection *connection; /* (owned) */
  guint registration;          /* of the object manager */
} Place;

static const char xml[] = "<node><interface name='" INTERFACE "'>"
                          "<method name='GetManagedObjects'>"
                          "<arg name='objects' type='a{oa{sa{sv}}}' direction='out'/></method>"
                          "<signal name='InterfacesAdded'><arg name='path' type='o'/>"
                          "<arg name='interfaces' type='a{sa{sv}}'/></signal>"
                          "<signal name='InterfacesRemoved'><arg name='path' type='o'/>"
                          "<arg name='interfaces' type='as'/></signal>"
                          "</interface></node>";

static void
place_free (gpointer data)
{
  Place *place = data;

  if (place->registration != 0)
    g_dbus_connection_unregister_object (place->connection, place->registration);
  g_object_unref (place->connection);
  g_free (place);
}

McObjects *
mc_objects_new (void (*guard) (gpointer skeleton, gpointer user_data), gpointer user_data)
{
  McObjects *self = g_new0 (McObjects, 1);

  self->objects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->guard = guard;
  self->user_data = user_data;
  self->places = g_ptr_array_new_with_free_func (place_free);
  return self;
}

void
mc_objects_free (McObjects *self)
{
  g_ptr_array_unref (self->places);
  g_hash_table_unref (self->objects);
  g_free (self);
}

/* --- describing --- */

/* a{sa{sv}}, floating. */
static GVariant *
describe (GDBusObject *object)
{
  g_autolist (GDBusInterface) interfaces = g_dbus_object_get_interfaces (object);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sa{sv}}"));
  for (GList *link = interfaces; link != NULL; link = link->next)
    {
      g_autoptr (GVariant) properties = g_dbus_interface_skeleton_get_properties (link->data);

      g_variant_builder_add (&builder, "{s@a{sv}}", g_dbus_interface_get_info (link->data)->name,
                             properties);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
list_interfaces (GDBusObject *object)
{
  g_autolist (GDBusInterface) interfaces = g_dbus_object_get_interfaces (object);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  for (GList *link = interfaces; link != NULL; link = link->next)
    g_variant_builder_add (&builder, "s", g_dbus_interface_get_info (link->data)->name);
  return g_variant_builder_end (&builder);
}

GVariant *
mc_objects_describe (McObjects *self)
{
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer key;
  gpointer value;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_variant_builder_add (&builder, "{o@a{sa{sv}}}", key, describe (value));
  return g_variant_builder_end (&builder);
}

static void
on_get_managed_objects (GDBusConnection *connection,
                        const char *sender,
                        const char *path,
                        const char *interface,
                        const char *method,
                        GVariant *parameters,
                        GDBusMethodInvocation *invocation,
                        gpointer user_data)
{
  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(@a{oa{sa{sv}}})", mc_objects_describe (user_data)));
}

/* --- showing --- */

static void
show_on (GDBusObject *object, GDBusConnection *connection)
{
  g_autolist (GDBusInterface) interfaces = g_dbus_object_get_interfaces (object);

  for (GList *link = interfaces; link != NULL; link = link->next)
    {
      g_autoptr (GError) error = NULL;

      if (!g_dbus_interface_skeleton_export (link->data, connection,
                                             g_dbus_object_get_object_path (object), &error))
        g_warning ("%s", error->message);
    }
}

static void
hide_on (GDBusObject *object, GDBusConnection *connection)
{
  g_autolist (GDBusInterface) interfaces = g_dbus_object_get_interfaces (object);

  for (GList *link = interfaces; link != NULL; link = link->next)
    if (g_dbus_interface_skeleton_has_connection (link->data, connection))
      g_dbus_interface_skeleton_unexport_from_connection (link->data, connection);
}

gboolean
mc_objects_connect (McObjects *self,
                    GDBusConnection *connection,
                    GDBusInterfaceSkeleton *root,
                    GError **error)
{
  static const GDBusInterfaceVTable table = { .method_call = on_get_managed_objects };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);
  GHashTableIter iter;
  gpointer object;
  Place *place;
  guint registration;

  registration = g_dbus_connection_register_object (connection, MC_DBUS_PATH, node->interfaces[0],
                                                    &table, self, NULL, error);
  if (registration == 0)
    return FALSE;
  place = g_new0 (Place, 1);
  place->connection = g_object_ref (connection);
  place->registration = registration;
  g_ptr_array_add (self->places, place);
  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, &object))
    show_on (object, connection);
  return g_dbus_interface_skeleton_export (root, connection, MC_DBUS_PATH, error);
}

void
mc_objects_disconnect (McObjects *self, GDBusConnection *connection, GDBusInterfaceSkeleton *root)
{
  GHashTableIter iter;
  gpointer object;

  if (g_dbus_interface_skeleton_has_connection (root, connection))
    g_dbus_interface_skeleton_unexport_from_connection (root, connection);
  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, &object))
    hide_on (object, connection);
  for (guint i = 0; i < self->places->len; i++)
    if (((Place *) g_ptr_array_index (self->places, i))->connection == connection)
      {
        g_ptr_array_remove_index_fast (self->places, i);
        return;
      }
}

void
mc_objects_disconnect_all (McObjects *self, GDBusInterfaceSkeleton *root)
{
  while (self->places->len > 0)
    {
      Place *place = g_ptr_array_index (self->places, 0);
      g_autoptr (GDBusConnection) connection = g_object_ref (place->connection);

      mc_objects_disconnect (self, connection, root);
    }
}

void
mc_objects_export (McObjects *self, GDBusObjectSkeleton *object)
{
  const char *path = g_dbus_object_get_object_path (G_DBUS_OBJECT (object));
  g_autolist (GDBusInterface) interfaces = g_dbus_object_get_interfaces (G_DBUS_OBJECT (object));

  for (GList *link = interfaces; link != NULL; link = link->next)
    self->guard (link->data, self->user_data);
  g_hash_table_insert (self->objects, g_strdup (path), g_object_ref (object));
  for (guint i = 0; i < self->places->len; i++)
    show_on (G_DBUS_OBJECT (object), ((Place *) g_ptr_array_index (self->places, i))->connection);
  mc_objects_emit (self, MC_DBUS_PATH, INTERFACE, "InterfacesAdded",
                   g_variant_new ("(o@a{sa{sv}})", path, describe (G_DBUS_OBJECT (object))));
}

void
mc_objects_unexport (McObjects *self, const char *path)
{
  g_autoptr (GDBusObject) object = mc_objects_get (self, path);

  if (object == NULL)
    return;
  for (guint i = 0; i < self->places->len; i++)
    hide_on (object, ((Place *) g_ptr_array_index (self->places, i))->connection);
  mc_objects_emit (self, MC_DBUS_PATH, INTERFACE, "InterfacesRemoved",
                   g_variant_new ("(o@as)", path, list_interfaces (object)));
  g_hash_table_remove (self->objects, path);
}

GDBusObject *
mc_objects_get (McObjects *self, const char *path)
{
  GDBusObject *object = g_hash_table_lookup (self->objects, path);

  return object == NULL ? NULL : g_object_ref (object);
}

GList *
mc_objects_list (McObjects *self)
{
  GList *list = g_hash_table_get_values (self->objects);

  for (GList *link = list; link != NULL; link = link->next)
    g_object_ref (link->data);
  return list;
}

void
mc_objects_emit (McObjects *self,
                 const char *path,
                 const char *interface,
                 const char *signal,
                 GVariant *parameters)
{
  g_autoptr (GVariant) kept = g_variant_ref_sink (parameters);

  for (guint i = 0; i < self->places->len; i++)
    g_dbus_connection_emit_signal (((Place *) g_ptr_array_index (self->places, i))->connection,
                                   NULL, path, interface, signal, kept, NULL);
}
