/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-callers.h"

#include "mc-error.h"
#include "mc-peers.h"
#include "mc-task.h"

struct _McCallers
{
  GDBusConnection *bus; /* (owned) (nullable) */
  GHashTable *peers;    /* (owned): name -> GDBusConnection */
  GHashTable *watches;  /* (owned): number -> Watch */
  guint next;
};

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
  self->peers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
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

void
mc_callers_add_peer (McCallers *self, GDBusConnection *peer, const char *name)
{
  g_hash_table_insert (self->peers, g_strdup (name), g_object_ref (peer));
}

guint
mc_callers_count_peers (McCallers *self)
{
  return g_hash_table_size (self->peers);
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
  if (self->bus != NULL && !g_str_has_prefix (name, MC_PEERS_PREFIX))
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
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_GONE, "The caller is gone");
}

static void
return_peer (GTask *task, GDBusConnection *peer)
{
  GCredentials *credentials = peer == NULL ? NULL : g_dbus_connection_get_peer_credentials (peer);
  pid_t pid = credentials == NULL ? 0 : g_credentials_get_unix_pid (credentials, NULL);

  if (pid > 0)
    g_task_return_int (task, pid);
  else
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_GONE, "The caller is gone");
}

void
mc_callers_find_pid_async (McCallers *self,
                           const char *name,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (NULL, NULL, callback, user_data, mc_callers_find_pid_async);

  if (self->bus == NULL || g_str_has_prefix (name, MC_PEERS_PREFIX))
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
