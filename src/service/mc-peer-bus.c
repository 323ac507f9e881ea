/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-peer-bus.h"

#include "mc-dbus-names.h"
#include "mc-peers.h"

#include <string.h>
#include <unistd.h>

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define SERVICE MC_PEERS_PREFIX "0"
#define ALREADY_RUNNING 2u

static const char xml[] =
    "<node><interface name='org.freedesktop.DBus'>"
    "<method name='Hello'><arg type='s' direction='out'/></method>"
    "<method name='AddMatch'><arg type='s' direction='in'/></method>"
    "<method name='RemoveMatch'><arg type='s' direction='in'/></method>"
    "<method name='ListNames'><arg type='as' direction='out'/></method>"
    "<method name='NameHasOwner'><arg type='s' direction='in'/><arg type='b' "
    "direction='out'/></method>"
    "<method name='GetNameOwner'><arg type='s' direction='in'/><arg type='s' "
    "direction='out'/></method>"
    "<method name='StartServiceByName'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='u' direction='out'/></method>"
    "<method name='GetConnectionUnixProcessID'><arg type='s' direction='in'/>"
    "<arg type='u' direction='out'/></method>"
    "<method name='GetConnectionUnixUser'><arg type='s' direction='in'/>"
    "<arg type='u' direction='out'/></method>"
    "<signal name='NameOwnerChanged'><arg type='s'/><arg type='s'/><arg type='s'/></signal>"
    "</interface></node>";

/* NULL: nobody has that name. */
static const char *
find_owner (const char *name, const char *caller)
{
  if (strcmp (name, MC_DBUS_NAME) == 0 || strcmp (name, SERVICE) == 0)
    return SERVICE;
  if (strcmp (name, BUS_NAME) == 0)
    return BUS_NAME;
  return strcmp (name, caller) == 0 ? caller : NULL;
}

/* All the same for the service and its caller but the process. */
static GVariant *
answer_about (GDBusConnection *peer, const char *method, const char *owner)
{
  GCredentials *credentials = g_dbus_connection_get_peer_credentials (peer);
  gboolean is_caller = strcmp (owner, SERVICE) != 0 && strcmp (owner, BUS_NAME) != 0;
  pid_t pid = getpid ();

  if (strcmp (method, "GetNameOwner") == 0)
    return g_variant_new ("(s)", owner);
  if (strcmp (method, "StartServiceByName") == 0)
    return g_variant_new ("(u)", ALREADY_RUNNING);
  if (strcmp (method, "GetConnectionUnixUser") == 0)
    return g_variant_new ("(u)", (guint32) geteuid ());
  if (is_caller && credentials != NULL)
    pid = g_credentials_get_unix_pid (credentials, NULL);
  return g_variant_new ("(u)", (guint32) pid);
}

static void
on_call (GDBusConnection *peer,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  const char *caller = user_data;
  const char *names[] = { BUS_NAME, MC_DBUS_NAME, SERVICE, caller, NULL };
  const char *name = NULL;
  const char *owner = NULL;

  if (g_variant_n_children (parameters) > 0)
    {
      g_variant_get_child (parameters, 0, "&s", &name);
      owner = find_owner (name, caller);
    }
  if (strcmp (method, "Hello") == 0)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", caller));
  else if (strcmp (method, "ListNames") == 0)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(^as)", names));
  else if (g_str_has_suffix (method, "Match"))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else if (strcmp (method, "NameHasOwner") == 0)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(b)", owner != NULL));
  else if (owner != NULL)
    g_dbus_method_invocation_return_value (invocation, answer_about (peer, method, owner));
  else
    g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR,
                                           g_str_equal (method, "StartServiceByName")
                                               ? G_DBUS_ERROR_SERVICE_UNKNOWN
                                               : G_DBUS_ERROR_NAME_HAS_NO_OWNER,
                                           "Nobody has the name “%s” here", name);
}

/* GDBus's own thread. Who calls is what the socket says, whatever the message does; what the
 * service sends comes from its name. Messages are not ours to change. NULL: there are no
 * descriptors left for those that it has, and it is lost. */
static GDBusMessage *
name_sender (GDBusConnection *peer, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  GDBusMessage *named;

  if (!incoming && g_dbus_message_get_sender (message) != NULL)
    return message;
  named = g_dbus_message_copy (message, NULL);
  if (named != NULL)
    g_dbus_message_set_sender (named, incoming ? user_data : SERVICE);
  g_object_unref (message);
  return named;
}

void
mc_peer_bus_show (GDBusConnection *peer, const char *name)
{
  static const GDBusInterfaceVTable table = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);
  guint registration;

  g_dbus_connection_add_filter (peer, name_sender, g_strdup (name), g_free);
  registration = g_dbus_connection_register_object (peer, BUS_PATH, node->interfaces[0], &table,
                                                    g_strdup (name), g_free, NULL);
  g_assert (registration != 0);
}

void
mc_peer_bus_tell_end (GDBusConnection *peer)
{
  g_autoptr (GDBusMessage) signal =
      g_dbus_message_new_signal (BUS_PATH, BUS_NAME, "NameOwnerChanged");

  g_dbus_message_set_sender (signal, BUS_NAME);
  g_dbus_message_set_body (signal, g_variant_new ("(sss)", MC_DBUS_NAME, SERVICE, ""));
  g_dbus_connection_send_message (peer, signal, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}
