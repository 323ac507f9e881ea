/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-peers.h"

#include "mc-dbus-names.h"
#include "mc-dbus-socket.h"
#include "mc-error.h"
#include "mc-peer-bus.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define GLANCE_MS 50
#define MOST 256 /* at once */

struct _McPeers
{
  char *path;
  int lock;            /* who holds it may make and remove the socket */
  GDBusServer *server; /* (owned) (nullable): while it listens */
  GHashTable *peers;   /* (owned): GDBusConnection -> its name */
  guint64 next;
  McPeersFunc came;
  McPeersFunc gone;
  gpointer user_data;
};

gboolean
mc_peers_is_served (const char *path)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketConnection) connection = NULL;

  g_socket_client_set_enable_proxy (client, FALSE);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
  return connection != NULL;
}

/* -1: another process has it, or the error is set. The file stays: to remove it would give two
 * processes one each. */
static int
take_lock (const char *path, guint patience_ms, GError **error)
{
  g_autofree char *name = g_strconcat (path, ".lock", NULL);
  int fd = open (name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_FAILED, "“%s” cannot be written: %s", name,
                   g_strerror (errno));
      return -1;
    }
  for (guint waited = 0; flock (fd, LOCK_EX | LOCK_NB) != 0; waited += GLANCE_MS)
    {
      if (waited >= patience_ms || mc_peers_is_served (path))
        {
          g_set_error (error, MC_ERROR, MC_ERROR_BUSY, "Another service has “%s”", path);
          close (fd);
          return -1;
        }
      g_usleep (GLANCE_MS * 1000);
    }
  return fd;
}

McPeers *
mc_peers_new (const char *path, guint patience_ms, GError **error)
{
  McPeers *self;
  int lock;

  if (!mc_dbus_socket_check_folder (path, TRUE, error))
    return NULL;
  lock = take_lock (path, patience_ms, error);
  if (lock < 0)
    return NULL;
  self = g_new0 (McPeers, 1);
  self->path = g_strdup (path);
  self->lock = lock;
  self->peers = g_hash_table_new_full (NULL, NULL, g_object_unref, g_free);
  return self;
}

void
mc_peers_connect (McPeers *self, McPeersFunc came, McPeersFunc gone, gpointer user_data)
{
  self->came = came;
  self->gone = gone;
  self->user_data = user_data;
}

static void
on_closed (GDBusConnection *peer, gboolean vanished, GError *error, gpointer user_data)
{
  McPeers *self = user_data;
  g_autofree char *name = NULL;

  g_signal_handlers_disconnect_by_data (peer, self);
  if (!g_hash_table_steal_extended (self->peers, peer, NULL, (gpointer *) &name))
    return;
  self->gone (peer, name, self->user_data);
  g_object_unref (peer);
}

static gboolean
on_connection (GDBusServer *server, GDBusConnection *peer, gpointer user_data)
{
  McPeers *self = user_data;
  char *name;

  if (g_hash_table_size (self->peers) >= MOST)
    return FALSE;
  name = g_strdup_printf (MC_PEERS_PREFIX "%" G_GUINT64_FORMAT, ++self->next);
  g_hash_table_insert (self->peers, g_object_ref (peer), name);
  mc_peer_bus_show (peer, name);
  g_signal_connect (peer, "closed", G_CALLBACK (on_closed), self);
  self->came (peer, name, self->user_data);
  return TRUE;
}

static gboolean
on_allow_mechanism (GDBusAuthObserver *observer, const char *mechanism, gpointer user_data)
{
  return strcmp (mechanism, "EXTERNAL") == 0;
}

/* By the credentials that the kernel gives; without any nobody is let in. */
static gboolean
on_authorize (GDBusAuthObserver *observer,
              GIOStream *stream,
              GCredentials *credentials,
              gpointer user_data)
{
  return credentials != NULL && g_credentials_get_unix_user (credentials, NULL) == geteuid ();
}

gboolean
mc_peers_listen (McPeers *self, GError **error)
{
  g_autofree char *escaped = g_dbus_address_escape_value (self->path);
  g_autofree char *address = g_strconcat ("unix:path=", escaped, NULL);
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr (GDBusAuthObserver) observer = g_dbus_auth_observer_new ();
  mode_t mask;

  if (self->server != NULL)
    return TRUE;
  g_signal_connect (observer, "allow-mechanism", G_CALLBACK (on_allow_mechanism), NULL);
  g_signal_connect (observer, "authorize-authenticated-peer", G_CALLBACK (on_authorize), NULL);
  g_unlink (self->path);
  mask = umask (0177);
  self->server =
      g_dbus_server_new_sync (address, G_DBUS_SERVER_FLAGS_NONE, guid, observer, NULL, error);
  umask (mask);
  if (self->server == NULL)
    return FALSE;
  g_signal_connect (self->server, "new-connection", G_CALLBACK (on_connection), self);
  g_dbus_server_start (self->server);
  return TRUE;
}

void
mc_peers_stop_listening (McPeers *self)
{
  if (self->server == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->server, self);
  g_dbus_server_stop (self->server);
  g_clear_object (&self->server);
  g_unlink (self->path);
}

void
mc_peers_free (McPeers *self)
{
  g_autoptr (GList) peers = g_hash_table_get_keys (self->peers);

  mc_peers_stop_listening (self);
  for (GList *link = peers; link != NULL; link = link->next)
    {
      g_signal_handlers_disconnect_by_data (link->data, self);
      mc_peer_bus_tell_end (link->data);
      g_dbus_connection_flush_sync (link->data, NULL, NULL);
      g_dbus_connection_close_sync (link->data, NULL, NULL);
    }
  g_hash_table_unref (self->peers);
  close (self->lock);
  g_free (self->path);
  g_free (self);
}
