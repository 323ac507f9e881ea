/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-client.h"

#include "mc-client-bus.h"
#include "mc-dbus-error.h"
#include "mc-dbus-names.h"
#include "mc-error.h"
#include "mc-task.h"

#include <string.h>

/* Owns the connection to the service: its manager, its object manager and two sorted lists made of
 * the latter. Main thread only. It caches nothing beyond what the proxies cache, retries nothing
 * and asks nobody: that is up to the program. */

struct _McClient
{
  GObject parent_instance;
  GDBusConnection *bus;        /* (owned) */
  McDbusManager *manager;      /* (owned) */
  GDBusObjectManager *objects; /* (owned) */
  GListStore *transfers;       /* (owned) McDbusTransfer */
  GListStore *repos;           /* (owned) McDbusRepo */
};

enum
{
  PROP_RUNNING = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McClient, mc_client, G_TYPE_OBJECT)

static void connect_bus_cb (GObject *source, GAsyncResult *result, gpointer user_data);
static void connect_start_cb (GObject *source, GAsyncResult *result, gpointer user_data);
static void connect_look_cb (GObject *source, GAsyncResult *result, gpointer user_data);
static void connect_objects_cb (GObject *source, GAsyncResult *result, gpointer user_data);
static void connect_manager_cb (GObject *source, GAsyncResult *result, gpointer user_data);

/* --- the lists --- */

guint64
mc_client_object_number (const char *path)
{
  const char *slash = path == NULL ? NULL : strrchr (path, '/');
  guint64 number = 0;

  if (slash == NULL || !g_ascii_string_to_unsigned (slash + 1, 10, 1, G_MAXUINT64, &number, NULL))
    return 0;
  return number;
}

static int
compare_numbers (gconstpointer a, gconstpointer b, gpointer user_data)
{
  guint64 left = mc_client_object_number (g_dbus_proxy_get_object_path ((GDBusProxy *) a));
  guint64 right = mc_client_object_number (g_dbus_proxy_get_object_path ((GDBusProxy *) b));

  return left < right ? -1 : left > right;
}

/* Where such an interface is shown; NULL for those that are not, leases for instance. */
static GListStore *
choose_list (McClient *self, GDBusInterface *interface)
{
  if (MC_DBUS_IS_TRANSFER (interface))
    return self->transfers;
  return MC_DBUS_IS_REPO (interface) ? self->repos : NULL;
}

static void
add_proxy (McClient *self, GDBusInterface *interface)
{
  GListStore *list = choose_list (self, interface);

  if (list != NULL)
    g_list_store_insert_sorted (list, interface, compare_numbers, NULL);
}

static void
remove_proxy (McClient *self, GDBusInterface *interface)
{
  GListStore *list = choose_list (self, interface);
  guint position;

  if (list != NULL && g_list_store_find (list, interface, &position))
    g_list_store_remove (list, position);
}

static void
on_interface_added (McClient *self, GDBusObject *object, GDBusInterface *interface)
{
  add_proxy (self, interface);
}

static void
on_interface_removed (McClient *self, GDBusObject *object, GDBusInterface *interface)
{
  remove_proxy (self, interface);
}

/* An object comes with its interfaces, without a signal for each of them. */
static void
on_object_added (McClient *self, GDBusObject *object)
{
  g_autolist (GDBusInterface) interfaces = g_dbus_object_get_interfaces (object);

  for (GList *item = interfaces; item != NULL; item = item->next)
    add_proxy (self, item->data);
}

static void
on_object_removed (McClient *self, GDBusObject *object)
{
  g_autolist (GDBusInterface) interfaces = g_dbus_object_get_interfaces (object);

  for (GList *item = interfaces; item != NULL; item = item->next)
    remove_proxy (self, item->data);
}

static void
on_owner_changed (McClient *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
}

static void
take_objects (McClient *self, GDBusObjectManager *objects)
{
  g_autolist (GDBusObject) known = NULL;

  self->objects = objects;
  g_signal_connect_object (objects, "object-added", G_CALLBACK (on_object_added), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (objects, "object-removed", G_CALLBACK (on_object_removed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (objects, "interface-added", G_CALLBACK (on_interface_added), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (objects, "interface-removed", G_CALLBACK (on_interface_removed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (objects, "notify::name-owner", G_CALLBACK (on_owner_changed), self,
                           G_CONNECT_SWAPPED);
  known = g_dbus_object_manager_get_objects (objects);
  for (GList *item = known; item != NULL; item = item->next)
    on_object_added (self, item->data);
}

/* --- connecting --- */

GError *
mc_client_receive_error (GError *error)
{
  error = mc_dbus_error_receive (error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    {
      error->domain = MC_ERROR;
      error->code = MC_ERROR_NO_SERVICE;
    }
  return error;
}

GError *
mc_client_receive_absence (GError *error, const char *context)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return error;
  g_dbus_error_strip_remote_error (error);
  if (g_error_matches (error, MC_ERROR, MC_ERROR_NOT_ALLOWED))
    return error;
  g_prefix_error (&error, "%s: ", context);
  error->domain = MC_ERROR;
  error->code = MC_ERROR_NO_SERVICE;
  return error;
}

static void
return_no_service (GTask *task, GError *error, const char *context)
{
  g_task_return_error (task, mc_client_receive_absence (error, context));
}

void
mc_client_connect_async (GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (NULL, cancellable, callback, user_data, mc_client_connect_async);

  mc_dbus_error_register ();
  g_task_set_task_data (task, g_object_new (MC_TYPE_CLIENT, NULL), g_object_unref);
  mc_client_bus_get_async (MC_CLIENT_BUS_START, cancellable, connect_bus_cb,
                           g_steal_pointer (&task));
}

static void
connect_bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McClient *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->bus = mc_client_bus_get_finish (result, &error);
  if (self->bus == NULL)
    {
      return_no_service (task, error, "Connecting to the service");
      return;
    }
  g_signal_connect_object (self->bus, "closed", G_CALLBACK (on_owner_changed), self,
                           G_CONNECT_SWAPPED);

  /* Started by name and not by the proxies below, which take a missing service for a silent one. */
  g_dbus_connection_call (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "StartServiceByName",
                          g_variant_new ("(su)", MC_DBUS_NAME, 0u), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, g_task_get_cancellable (task),
                          connect_start_cb, g_object_ref (task));
}

static void
read_objects (GTask *task)
{
  McClient *self = g_task_get_task_data (task);

  mc_dbus_object_manager_client_new (self->bus, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE,
                                     MC_DBUS_NAME, MC_DBUS_PATH, g_task_get_cancellable (task),
                                     connect_objects_cb, g_object_ref (task));
}

/* Somebody may have started it by hand; else there is the private socket. */
static void
look_elsewhere (GTask *task)
{
  McClient *self = g_task_get_task_data (task);

  g_dbus_connection_call (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "NameHasOwner",
                          g_variant_new ("(s)", MC_DBUS_NAME), G_VARIANT_TYPE ("(b)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, g_task_get_cancellable (task),
                          connect_look_cb, g_object_ref (task));
}

static void
connect_start_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McClient *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (self->bus, result, &error);

  if (reply != NULL)
    read_objects (task);
  else if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))
    {
      g_error_free (error);
      look_elsewhere (task);
    }
  else
    return_no_service (task, error, "Starting " MC_DBUS_NAME);
}

/* The bus cannot start it: it was not installed for that. */
static void
connect_look_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McClient *self = g_task_get_task_data (task);
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (self->bus, result, NULL);
  gboolean owned = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &owned);
  if (owned)
    {
      read_objects (task);
      return;
    }
  g_clear_object (&self->bus);
  mc_client_bus_get_async (MC_CLIENT_BUS_START | MC_CLIENT_BUS_PRIVATE,
                           g_task_get_cancellable (task), connect_bus_cb, g_object_ref (task));
}

static void
connect_objects_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McClient *self = g_task_get_task_data (task);
  GError *error = NULL;
  GDBusObjectManager *objects = mc_dbus_object_manager_client_new_finish (result, &error);

  if (objects == NULL)
    {
      return_no_service (task, error, "Reading the objects of " MC_DBUS_NAME);
      return;
    }
  take_objects (self, objects);
  mc_dbus_manager_proxy_new (self->bus, G_DBUS_PROXY_FLAGS_NONE, MC_DBUS_NAME, MC_DBUS_PATH,
                             g_task_get_cancellable (task), connect_manager_cb,
                             g_object_ref (task));
}

static void
connect_manager_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McClient *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->manager = mc_dbus_manager_proxy_new_finish (result, &error);
  if (self->manager == NULL)
    {
      return_no_service (task, error, "Reading the manager of " MC_DBUS_NAME);
      return;
    }
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->manager), G_MAXINT);
  g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

McClient *
mc_client_connect_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- one object --- */

/* A proxy of an object that does not exist is made without complaint and has no properties. */
static void
return_proxy (GTask *task, GDBusProxy *proxy, GError *error)
{
  g_auto (GStrv) names = proxy == NULL ? NULL : g_dbus_proxy_get_cached_property_names (proxy);
  g_autofree char *owner = proxy == NULL ? NULL : g_dbus_proxy_get_name_owner (proxy);

  if (proxy == NULL)
    g_task_return_error (task, mc_client_receive_error (error));
  else if (names != NULL)
    g_task_return_pointer (task, g_object_ref (proxy), g_object_unref);
  else if (owner == NULL)
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_NO_SERVICE, "The service has ended");
  else
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_FAILED, "The service has no object %s",
                             g_dbus_proxy_get_object_path (proxy));
  g_clear_object (&proxy);
}

static void
get_transfer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  McDbusTransfer *transfer = mc_dbus_transfer_proxy_new_finish (result, &error);

  return_proxy (task, (GDBusProxy *) transfer, error);
}

void
mc_client_get_transfer_async (McClient *self,
                              const char *path,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_client_get_transfer_async);

  g_return_if_fail (g_variant_is_object_path (path));
  mc_dbus_transfer_proxy_new (self->bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, MC_DBUS_NAME, path,
                              cancellable, get_transfer_cb, g_steal_pointer (&task));
}

McDbusTransfer *
mc_client_get_transfer_finish (McClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
get_repo_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  McDbusRepo *repo = mc_dbus_repo_proxy_new_finish (result, &error);

  return_proxy (task, (GDBusProxy *) repo, error);
}

void
mc_client_get_repo_async (McClient *self,
                          const char *path,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_client_get_repo_async);

  g_return_if_fail (g_variant_is_object_path (path));
  mc_dbus_repo_proxy_new (self->bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, MC_DBUS_NAME, path,
                          cancellable, get_repo_cb, g_steal_pointer (&task));
}

McDbusRepo *
mc_client_get_repo_finish (McClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- the object --- */

McDbusManager *
mc_client_get_manager (McClient *self)
{
  return self->manager;
}

GDBusConnection *
mc_client_get_bus (McClient *self)
{
  return self->bus;
}

gboolean
mc_client_get_running (McClient *self)
{
  g_autofree char *owner =
      g_dbus_object_manager_client_get_name_owner (G_DBUS_OBJECT_MANAGER_CLIENT (self->objects));

  return owner != NULL && !g_dbus_connection_is_closed (self->bus);
}

GListModel *
mc_client_get_transfers (McClient *self)
{
  return G_LIST_MODEL (self->transfers);
}

GListModel *
mc_client_get_repos (McClient *self)
{
  return G_LIST_MODEL (self->repos);
}

static void
mc_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_RUNNING:
      g_value_set_boolean (value, mc_client_get_running (MC_CLIENT (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_client_dispose (GObject *object)
{
  McClient *self = MC_CLIENT (object);

  g_clear_object (&self->transfers);
  g_clear_object (&self->repos);
  g_clear_object (&self->manager);
  g_clear_object (&self->objects);
  g_clear_object (&self->bus);
  G_OBJECT_CLASS (mc_client_parent_class)->dispose (object);
}

static void
mc_client_class_init (McClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_client_get_property;
  object_class->dispose = mc_client_dispose;
  properties[PROP_RUNNING] =
      g_param_spec_boolean ("running", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_client_init (McClient *self)
{
  self->transfers = g_list_store_new (MC_DBUS_TYPE_TRANSFER);
  self->repos = g_list_store_new (MC_DBUS_TYPE_REPO);
}
