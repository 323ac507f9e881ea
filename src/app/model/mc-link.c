/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-link.h"

#include "mc-client-bus.h"
#include "mc-dbus-error.h"
#include "mc-dbus-names.h"
#include "mc-dbus-socket.h"
#include "mc-error.h"
#include "mc-task.h"

#include <string.h>

#define MANAGER "com.tabagent.ModelCache1.Manager"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define REPO MC_DBUS_PATH "/repo/%" G_GUINT64_FORMAT
#define TRANSFERS MC_DBUS_PATH "/transfer/"

/* A service that comes is asked for its transfers, then for its repos; signals that come in between
 * are of things that the lists may have as well. The first time, its repos are asked for before all
 * else, while the window is still being built. */

struct _McLink
{
  GObject parent_instance;
  GCancellable *cancellable; /* (owned): of all that is asked */
  GDBusConnection *bus;      /* (owned) (nullable) */
  McDbusManager *manager;    /* (owned) (nullable) */
  char *owner;               /* (owned) (nullable): of the service's name, as it was listed last */
  GHashTable *transfers;     /* (owned): paths that are there */
  GDBusMessage *early;       /* (owned) (nullable): the answer of a service not known as yet */
  guint subscriptions[4];
  guint reading;        /* transfers, under way */
  gboolean early_asked; /* and not answered yet */
  gboolean early_due;   /* the service is known, and its answer waited for */
  gboolean list_read;   /* all of them were asked for, and not yet told of */
  gboolean running;
};

enum
{
  PROP_RUNNING = 1,
  N_PROPS
};

enum
{
  SIGNAL_LISTED,
  SIGNAL_REPO,
  SIGNAL_REPO_REMOVED,
  SIGNAL_TRANSFER,
  SIGNAL_TRANSFER_REMOVED,
  SIGNAL_TRANSFERS_LISTED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (McLink, mc_link, G_TYPE_OBJECT)

static void
set_running (McLink *self, gboolean running)
{
  if (self->running == running)
    return;
  self->running = running;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
}

/* --- transfers --- */

static void
tell_of_end (McLink *self)
{
  if (self->reading > 0 || !self->list_read)
    return;
  self->list_read = FALSE;
  g_signal_emit (self, signals[SIGNAL_TRANSFERS_LISTED], 0);
}

typedef struct
{
  McLink *link; /* (owned) */
  gboolean came;
} Reading;

static void
transfer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Reading *reading = user_data;
  g_autoptr (McLink) self = reading->link;
  g_autoptr (GError) error = NULL;
  g_autoptr (McDbusTransfer) proxy = mc_dbus_transfer_proxy_new_finish (result, &error);
  const char *path = proxy == NULL ? NULL : g_dbus_proxy_get_object_path (G_DBUS_PROXY (proxy));

  self->reading--;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (proxy == NULL)
    g_debug ("A transfer went before it was read: %s", error->message);
  else if (mc_dbus_transfer_get_state (proxy) != NULL
           && g_hash_table_contains (self->transfers, path))
    g_signal_emit (self, signals[SIGNAL_TRANSFER], 0, mc_client_object_number (path), proxy,
                   reading->came);
  tell_of_end (self);
}

static void
add_transfer (McLink *self, const char *path, gboolean came)
{
  Reading *reading;

  if (!g_hash_table_add (self->transfers, g_strdup (path)))
    return;
  self->reading++;
  reading = g_new0 (Reading, 1);
  reading->link = g_object_ref (self);
  reading->came = came;
  mc_dbus_transfer_proxy_new (self->bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, self->owner, path,
                              self->cancellable, transfer_cb, reading);
}

/* --- what the service tells --- */

static void
on_objects (GDBusConnection *bus,
            const char *sender,
            const char *object_path,
            const char *interface,
            const char *signal,
            GVariant *parameters,
            gpointer user_data)
{
  McLink *self = user_data;
  g_autoptr (GVariant) first = g_variant_get_child_value (parameters, 0);
  const char *path;

  if (g_strcmp0 (sender, self->owner) != 0
      || !g_variant_is_of_type (first, G_VARIANT_TYPE_OBJECT_PATH))
    return;
  path = g_variant_get_string (first, NULL);
  if (g_str_equal (signal, "InterfacesAdded"))
    add_transfer (self, path, TRUE);
  else if (g_hash_table_remove (self->transfers, path))
    g_signal_emit (self, signals[SIGNAL_TRANSFER_REMOVED], 0, mc_client_object_number (path));
}

static void
on_repos (GDBusConnection *bus,
          const char *sender,
          const char *object_path,
          const char *interface,
          const char *signal,
          GVariant *parameters,
          gpointer user_data)
{
  McLink *self = user_data;
  g_autoptr (GVariant) repo = NULL;
  const char *path;

  g_clear_object (&self->early); /* it is no longer true */
  if (!self->running || g_strcmp0 (sender, self->owner) != 0)
    return;
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oa{sv})")))
    {
      repo = g_variant_get_child_value (parameters, 1);
      g_signal_emit (self, signals[SIGNAL_REPO], 0, repo);
    }
  else if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(o)")))
    {
      g_variant_get (parameters, "(&o)", &path);
      g_signal_emit (self, signals[SIGNAL_REPO_REMOVED], 0, mc_client_object_number (path));
    }
}

/* Of objects only what is about transfers: the bus does not even send the rest. GDBus itself looks
 * for an arg0path in strings alone. */
static void
subscribe (McLink *self)
{
  static const char *const names[] = { "InterfacesAdded", "InterfacesRemoved" };
  static const char *const repo_names[] = { "RepoChanged", "RepoRemoved" };

  if (self->subscriptions[0] != 0)
    return;

  g_dbus_connection_call (
      self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "AddMatch",
      g_variant_new ("(s)", "type='signal',sender='" MC_DBUS_NAME "',interface='" OBJECT_MANAGER
                            "',path='" MC_DBUS_PATH "',arg0path='" TRANSFERS "'"),
      NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    self->subscriptions[i] = g_dbus_connection_signal_subscribe (
        self->bus, NULL, OBJECT_MANAGER, names[i], MC_DBUS_PATH, NULL,
        G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE, on_objects, self, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (repo_names); i++)
    self->subscriptions[G_N_ELEMENTS (names) + i] = g_dbus_connection_signal_subscribe (
        self->bus, MC_DBUS_NAME, MANAGER, repo_names[i], MC_DBUS_PATH, NULL,
        G_DBUS_SIGNAL_FLAGS_NONE, on_repos, self, NULL);
}

static void
leave_bus (McLink *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->subscriptions); i++)
    if (self->subscriptions[i] != 0)
      g_dbus_connection_signal_unsubscribe (self->bus, self->subscriptions[i]);
  memset (self->subscriptions, 0, sizeof self->subscriptions);
  g_clear_object (&self->bus);
}

/* --- listing --- */

static void
take_repos (McLink *self, GVariant *repos)
{
  if (self->owner == NULL)
    return;
  set_running (self, TRUE);
  g_signal_emit (self, signals[SIGNAL_LISTED], 0, repos);
}

static void
repos_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McLink) self = user_data;
  g_autoptr (GVariant) repos = NULL;
  g_autoptr (GError) error = NULL;

  if (!mc_dbus_manager_call_list_repos_finish (MC_DBUS_MANAGER (source), &repos, result, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      /* One whose disk is away has none, and says so by StoreAbsent. */
      g_debug ("Repos: %s", error->message);
      repos = g_variant_ref_sink (g_variant_new ("aa{sv}", NULL));
    }
  take_repos (self, repos);
}

/* The answer that is here already, if it is this service's and nothing changed since. */
static GVariant *
take_early (McLink *self)
{
  g_autoptr (GDBusMessage) answer = g_steal_pointer (&self->early);
  GVariant *body = answer == NULL ? NULL : g_dbus_message_get_body (answer);

  if (body == NULL || !g_variant_is_of_type (body, G_VARIANT_TYPE ("(aa{sv})"))
      || g_strcmp0 (g_dbus_message_get_sender (answer), self->owner) != 0)
    return NULL;
  return g_variant_get_child_value (body, 0);
}

static void
list_repos (McLink *self)
{
  g_autoptr (GVariant) early = take_early (self);

  self->early_due = self->early_asked;
  if (early != NULL)
    take_repos (self, early);
  else if (!self->early_due)
    mc_dbus_manager_call_list_repos (self->manager, g_variant_new ("a{sv}", NULL),
                                     self->cancellable, repos_cb, g_object_ref (self));
}

static void
early_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McLink) self = user_data;
  g_autoptr (GError) error = NULL;

  self->early_asked = FALSE;
  self->early =
      g_dbus_connection_send_message_with_reply_finish (G_DBUS_CONNECTION (source), result, &error);
  if (self->early_due && self->owner != NULL
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    list_repos (self);
}

/* Starts the service as well, if need be; whether that failed is known of StartServiceByName. */
static void
ask_early (McLink *self)
{
  g_autoptr (GDBusMessage) call =
      g_dbus_message_new_method_call (MC_DBUS_NAME, MC_DBUS_PATH, MANAGER, "ListRepos");

  g_dbus_message_set_body (call, g_variant_new ("(a{sv})", NULL));
  self->early_asked = TRUE;
  g_dbus_connection_send_message_with_reply (self->bus, call, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                             G_MAXINT, NULL, self->cancellable, early_cb,
                                             g_object_ref (self));
}

static void
transfers_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McLink) self = user_data;
  g_auto (GStrv) paths = NULL;
  g_autoptr (GError) error = NULL;

  if (!mc_dbus_manager_call_list_transfers_finish (MC_DBUS_MANAGER (source), &paths, result,
                                                   &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      g_debug ("Transfers: %s", error->message);
    }
  for (char **path = paths; path != NULL && *path != NULL; path++)
    if (self->owner != NULL)
      add_transfer (self, *path, FALSE);
  self->list_read = self->owner != NULL;
  tell_of_end (self);
}

static void
list (McLink *self)
{
  mc_dbus_manager_call_list_transfers (self->manager, g_variant_new ("a{sv}", NULL),
                                       self->cancellable, transfers_cb, g_object_ref (self));
  list_repos (self);
}

static void
on_owner (McLink *self)
{
  g_autofree char *owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (self->manager));

  if (g_strcmp0 (owner, self->owner) == 0)
    return;
  g_hash_table_remove_all (self->transfers);
  g_free (self->owner);
  self->owner = g_steal_pointer (&owner);
  set_running (self, FALSE);
  if (self->owner != NULL)
    list (self);
}

/* --- connecting --- */

static void
manager_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McLink *self = g_task_get_source_object (task);
  GError *error = NULL;
  McDbusManager *manager = mc_dbus_manager_proxy_new_finish (result, &error);

  if (manager == NULL)
    {
      g_task_return_error (
          task, mc_client_receive_absence (error, "Reading the manager of " MC_DBUS_NAME));
      return;
    }
  self->manager = manager;
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (manager), G_MAXINT);
  g_signal_connect_object (manager, "notify::g-name-owner", G_CALLBACK (on_owner), self,
                           G_CONNECT_SWAPPED);
  g_task_return_boolean (task, TRUE);
  on_owner (self);
}

static void
start_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McLink *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    g_task_return_error (task, mc_client_receive_absence (error, "Starting " MC_DBUS_NAME));
  else
    mc_dbus_manager_proxy_new (self->bus, G_DBUS_PROXY_FLAGS_NONE, MC_DBUS_NAME, MC_DBUS_PATH,
                               g_task_get_cancellable (task), manager_cb, g_object_ref (task));
}

/* Started by name and not by the proxy, which takes a missing service for a silent one. */
static void
start_service (GTask *task)
{
  McLink *self = g_task_get_source_object (task);

  g_dbus_connection_call (
      self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "StartServiceByName", g_variant_new ("(su)", MC_DBUS_NAME, 0u), G_VARIANT_TYPE ("(u)"),
      G_DBUS_CALL_FLAGS_NONE, -1, g_task_get_cancellable (task), start_cb, g_object_ref (task));
  subscribe (self);
  if (!self->early_asked)
    ask_early (self);
}

/* A private socket ends with its service: the next one has another. */
static void
on_closed (McLink *self, gboolean vanished, GError *error, GDBusConnection *bus)
{
  if (bus != self->bus)
    return;
  leave_bus (self);
  if (self->manager != NULL)
    g_signal_handlers_disconnect_by_data (self->manager, self);
  g_clear_object (&self->manager);
  g_clear_pointer (&self->owner, g_free);
  g_hash_table_remove_all (self->transfers);
  set_running (self, FALSE);
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McLink *self = g_task_get_source_object (task);
  GError *error = NULL;
  GDBusConnection *bus = mc_client_bus_get_finish (result, &error);

  if (bus == NULL)
    {
      g_task_return_error (task, mc_client_receive_absence (error, "Connecting to the service"));
      return;
    }
  self->bus = bus;
  if (mc_client_bus_get_socket (bus) != NULL)
    g_signal_connect_object (bus, "closed", G_CALLBACK (on_closed), self, G_CONNECT_SWAPPED);
  start_service (task);
}

void
mc_link_connect_async (McLink *self,
                       GDBusConnection *bus,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_link_connect_async);

  mc_dbus_error_register ();
  if (self->bus != NULL && g_dbus_connection_is_closed (self->bus))
    leave_bus (self);
  if (self->bus == NULL && bus != NULL && !g_dbus_connection_is_closed (bus)
      && !mc_dbus_socket_is_forced ())
    self->bus = g_object_ref (bus);
  if (self->bus != NULL)
    start_service (task);
  else
    mc_client_bus_get_async (MC_CLIENT_BUS_START, cancellable, bus_cb, g_steal_pointer (&task));
}

gboolean
mc_link_connect_finish (McLink *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- one repo --- */

static void
repo_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (McDbusRepo) proxy = mc_dbus_repo_proxy_new_finish (result, &error);

  if (proxy == NULL)
    g_task_return_error (task, mc_client_receive_error (error));
  else if (mc_dbus_repo_get_id (proxy) == NULL)
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_NOT_SCANNED, "The service has no object %s",
                             g_dbus_proxy_get_object_path (G_DBUS_PROXY (proxy)));
  else
    g_task_return_pointer (task, g_steal_pointer (&proxy), g_object_unref);
}

void
mc_link_get_repo_async (McLink *self,
                        guint64 number,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_link_get_repo_async);
  g_autofree char *path = g_strdup_printf (REPO, number);

  if (self->owner == NULL)
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_NO_SERVICE, "The service has ended");
  else
    mc_dbus_repo_proxy_new (self->bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, self->owner, path,
                            cancellable, repo_cb, g_steal_pointer (&task));
}

McDbusRepo *
mc_link_get_repo_finish (McLink *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- its life --- */

GDBusConnection *
mc_link_get_bus (McLink *self)
{
  return self->bus;
}

McDbusManager *
mc_link_get_manager (McLink *self)
{
  return self->manager;
}

gboolean
mc_link_get_running (McLink *self)
{
  return self->running;
}

void
mc_link_close (McLink *self)
{
  g_cancellable_cancel (self->cancellable);
  leave_bus (self);
  if (self->manager != NULL)
    g_signal_handlers_disconnect_by_data (self->manager, self);
  g_clear_object (&self->manager);
}

McLink *
mc_link_new (void)
{
  return g_object_new (MC_TYPE_LINK, NULL);
}

static void
mc_link_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_RUNNING:
      g_value_set_boolean (value, MC_LINK (object)->running);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_link_finalize (GObject *object)
{
  McLink *self = MC_LINK (object);

  mc_link_close (self);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->early);
  g_clear_pointer (&self->transfers, g_hash_table_unref);
  g_free (self->owner);
  G_OBJECT_CLASS (mc_link_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, guint n, GType first, GType second, GType third)
{
  return g_signal_new (name, MC_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, n,
                       first, second, third);
}

static void
mc_link_class_init (McLinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_link_get_property;
  object_class->finalize = mc_link_finalize;
  properties[PROP_RUNNING] =
      g_param_spec_boolean ("running", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_LISTED] = add_signal ("listed", 1, G_TYPE_VARIANT, 0, 0);
  signals[SIGNAL_REPO] = add_signal ("repo", 1, G_TYPE_VARIANT, 0, 0);
  signals[SIGNAL_REPO_REMOVED] = add_signal ("repo-removed", 1, G_TYPE_UINT64, 0, 0);
  signals[SIGNAL_TRANSFER] =
      add_signal ("transfer", 3, G_TYPE_UINT64, MC_DBUS_TYPE_TRANSFER, G_TYPE_BOOLEAN);
  signals[SIGNAL_TRANSFER_REMOVED] = add_signal ("transfer-removed", 1, G_TYPE_UINT64, 0, 0);
  signals[SIGNAL_TRANSFERS_LISTED] = add_signal ("transfers-listed", 0, 0, 0, 0);
}

static void
mc_link_init (McLink *self)
{
  self->cancellable = g_cancellable_new ();
  self->transfers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
