/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-callers.h"

#include "mc-caller-app.h"
#include "mc-error.h"
#include "mc-peers.h"
#include "mc-task.h"

#include <gio/gunixfdlist.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD /* Linux 6.5 */
#define SO_PEERPIDFD 77
#endif

struct _McCallers
{
  GDBusConnection *bus; /* (owned) (nullable) */
  GHashTable *peers;    /* (owned): name -> Peer */
  GHashTable *watches;  /* (owned): number -> Watch */
  guint next;
};

typedef struct
{
  GDBusConnection *connection; /* (owned) */
  char *app;                   /* (nullable): it had ended by then */
} Peer;

static void
peer_free (gpointer data)
{
  Peer *peer = data;

  g_object_unref (peer->connection);
  g_free (peer->app);
  g_free (peer);
}

typedef struct
{
  McCallers *owner; /* borrowed */
  guint number;
  char *name;
  guint on_bus;    /* 0: it is a peer */
  GSource *absent; /* (owned) (nullable): it was gone already */
  void (*gone) (gpointer user_data);
  gpointer user_data;
} Watch;

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  if (watch->on_bus != 0)
    g_bus_unwatch_name (watch->on_bus);
  if (watch->absent != NULL)
    g_source_destroy (watch->absent);
  g_clear_pointer (&watch->absent, g_source_unref);
  g_free (watch->name);
  g_free (watch);
}

McCallers *
mc_callers_new (GDBusConnection *bus)
{
  McCallers *self = g_new0 (McCallers, 1);

  g_set_object (&self->bus, bus);
  self->peers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, peer_free);
  self->watches = g_hash_table_new_full (NULL, NULL, NULL, watch_free);
  return self;
}

void
mc_callers_free (McCallers *self)
{
  g_hash_table_unref (self->watches);
  g_hash_table_unref (self->peers);
  g_clear_object (&self->bus);
  g_free (self);
}

static guint32
get_pid (GDBusConnection *peer)
{
  GCredentials *credentials = g_dbus_connection_get_peer_credentials (peer);
  pid_t pid = credentials == NULL ? 0 : g_credentials_get_unix_pid (credentials, NULL);

  return pid > 0 ? (guint32) pid : 0;
}

/* -1: the kernel is too old for it. */
static int
open_pidfd (GDBusConnection *peer)
{
  GIOStream *stream = g_dbus_connection_get_stream (peer);
  socklen_t length = sizeof (int);
  int pidfd = -1;

  if (!G_IS_SOCKET_CONNECTION (stream)
      || getsockopt (
             g_socket_get_fd (g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream))),
             SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length)
             != 0)
    return -1;
  return pidfd;
}

void
mc_callers_add_peer (McCallers *self, GDBusConnection *connection, const char *name)
{
  Peer *peer = g_new0 (Peer, 1);
  int pidfd = open_pidfd (connection);

  peer->connection = g_object_ref (connection);
  peer->app = mc_caller_app_read (get_pid (connection), pidfd, NULL);
  if (pidfd >= 0)
    close (pidfd);
  g_hash_table_insert (self->peers, g_strdup (name), peer);
}

guint
mc_callers_count_peers (McCallers *self)
{
  return g_hash_table_size (self->peers);
}

static gboolean
is_peer (McCallers *self, const char *name)
{
  return self->bus == NULL || g_str_has_prefix (name, MC_PEERS_PREFIX);
}

/* --- their end --- */

static void
tell (Watch *watch)
{
  void (*gone) (gpointer) = watch->gone;
  gpointer user_data = watch->user_data;

  g_hash_table_remove (watch->owner->watches, GUINT_TO_POINTER (watch->number));
  gone (user_data);
}

/* One after the other, since each may end other watches as well. */
void
mc_callers_remove_peer (McCallers *self, const char *name)
{
  g_autofree char *kept = g_strdup (name);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_remove (self->peers, kept);
  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_str_equal (((Watch *) value)->name, kept))
      {
        tell (value);
        g_hash_table_iter_init (&iter, self->watches);
      }
}

static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  tell (user_data);
}

static gboolean
on_absent (gpointer user_data)
{
  tell (user_data);
  return G_SOURCE_REMOVE;
}

guint
mc_callers_watch (McCallers *self,
                  const char *name,
                  void (*gone) (gpointer user_data),
                  gpointer user_data)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->owner = self;
  watch->number = ++self->next;
  watch->name = g_strdup (name);
  watch->gone = gone;
  watch->user_data = user_data;
  g_hash_table_insert (self->watches, GUINT_TO_POINTER (watch->number), watch);
  if (!is_peer (self, name))
    watch->on_bus = g_bus_watch_name_on_connection (self->bus, name, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                    NULL, on_vanished, watch, NULL);
  else if (!g_hash_table_contains (self->peers, name))
    {
      watch->absent = g_idle_source_new ();
      g_source_set_callback (watch->absent, on_absent, watch, NULL);
      g_source_attach (watch->absent, g_main_context_get_thread_default ());
    }
  return watch->number;
}

void
mc_callers_unwatch (McCallers *self, guint watch)
{
  g_hash_table_remove (self->watches, GUINT_TO_POINTER (watch));
}

/* --- their process --- */

static void
return_gone (GTask *task)
{
  g_task_return_new_error (task, MC_ERROR, MC_ERROR_GONE, "The caller is gone");
}

static void
pid_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  guint32 pid = 0;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &pid);
  if (pid != 0)
    g_task_return_int (task, pid);
  else
    return_gone (task);
}

static void
return_peer (GTask *task, const Peer *peer)
{
  guint32 pid = peer == NULL ? 0 : get_pid (peer->connection);

  if (pid > 0)
    g_task_return_int (task, pid);
  else
    return_gone (task);
}

void
mc_callers_find_pid_async (McCallers *self,
                           const char *name,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (NULL, NULL, callback, user_data, mc_callers_find_pid_async);

  if (is_peer (self, name))
    return_peer (task, g_hash_table_lookup (self->peers, name));
  else
    g_dbus_connection_call (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                            g_variant_new ("(s)", name), G_VARIANT_TYPE ("(u)"),
                            G_DBUS_CALL_FLAGS_NONE, -1, NULL, pid_cb, g_steal_pointer (&task));
}

guint32
mc_callers_find_pid_finish (GAsyncResult *result, GError **error)
{
  gssize pid = g_task_propagate_int (G_TASK (result), error);

  return pid > 0 ? (guint32) pid : 0;
}

/* --- their app --- */

typedef struct
{
  GDBusConnection *bus; /* (owned) */
  char *name;
  char *app; /* (nullable): as it was read first */
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_object_unref (search->bus);
  g_free (search->name);
  g_free (search->app);
  g_free (search);
}

static void
ask_bus (GTask *task, const char *method, const char *type, GAsyncReadyCallback callback)
{
  Search *search = g_task_get_task_data (task);

  g_dbus_connection_call_with_unix_fd_list (
      search->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
      g_variant_new ("(s)", search->name), G_VARIANT_TYPE (type), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
      NULL, callback, g_object_ref (task));
}

/* It was connected all the time, so its process did not end before it was looked at. */
static void
still_there_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), NULL, result, NULL);
  gboolean there = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &there);
  if (there)
    g_task_return_pointer (task, g_steal_pointer (&search->app), g_free);
  else
    return_gone (task);
}

/* -1: the bus does not tell. */
static int
take_pidfd (GVariant *credentials, GUnixFDList *fds)
{
  gint32 handle;

  if (fds == NULL || !g_variant_lookup (credentials, "ProcessFD", "h", &handle))
    return -1;
  return g_unix_fd_list_get (fds, handle, NULL);
}

static void
credentials_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), &fds, result, NULL);
  g_autoptr (GVariant) credentials = NULL;
  guint32 pid = 0;
  int pidfd;

  if (reply == NULL)
    {
      return_gone (task);
      return;
    }
  credentials = g_variant_get_child_value (reply, 0);
  g_variant_lookup (credentials, "ProcessID", "u", &pid);
  pidfd = take_pidfd (credentials, fds);
  search->app = mc_caller_app_read (pid, pidfd, NULL);
  if (pidfd >= 0)
    close (pidfd);
  if (search->app == NULL)
    return_gone (task);
  else if (pidfd >= 0)
    g_task_return_pointer (task, g_steal_pointer (&search->app), g_free);
  else
    ask_bus (task, "NameHasOwner", "(b)", still_there_cb);
}

void
mc_callers_find_app_async (McCallers *self,
                           const char *name,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (NULL, NULL, callback, user_data, mc_callers_find_app_async);
  Peer *peer = g_hash_table_lookup (self->peers, name);
  Search *search;

  if (is_peer (self, name))
    {
      if (peer != NULL && peer->app != NULL)
        g_task_return_pointer (task, g_strdup (peer->app), g_free);
      else
        return_gone (task);
      return;
    }
  search = g_new0 (Search, 1);
  search->bus = g_object_ref (self->bus);
  search->name = g_strdup (name);
  g_task_set_task_data (task, search, search_free);
  ask_bus (task, "GetConnectionCredentials", "(a{sv})", credentials_cb);
}

char *
mc_callers_find_app_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
