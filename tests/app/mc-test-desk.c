/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-desk.h"

#include "mc-test-wait.h"

#include <string.h>

static const char notifications_xml[] =
    "<node>"
    "  <interface name='org.freedesktop.Notifications'>"
    "    <method name='Notify'>"
    "      <arg type='s' direction='in'/><arg type='u' direction='in'/>"
    "      <arg type='s' direction='in'/><arg type='s' direction='in'/>"
    "      <arg type='s' direction='in'/><arg type='as' direction='in'/>"
    "      <arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
    "      <arg type='u' direction='out'/>"
    "    </method>"
    "    <method name='CloseNotification'><arg type='u' direction='in'/></method>"
    "  </interface>"
    "</node>";

struct _McTestDesk
{
  GString *text; /* (owned): title, body and buttons of all that came */
  GDBusNodeInfo *node;
  guint registration;
  guint name;
  GDBusConnection *bus; /* borrowed */
  const char *awaited;
};

static void
on_call (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  McTestDesk *desk = user_data;
  g_autofree const char **buttons = NULL;
  g_autofree char *line = NULL;
  const char *title, *body;

  if (strcmp (method, "Notify") != 0)
    {
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }
  g_variant_get (parameters, "(&su&s&s&s^a&sa{sv}i)", NULL, NULL, NULL, &title, &body, &buttons,
                 NULL, NULL);
  line = g_strjoinv ("|", (char **) buttons);
  g_string_append_printf (desk->text, "[%s][%s][%s]\n", title, body, line);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 1u));
}

static const GDBusInterfaceVTable desk_vtable = { .method_call = on_call };

McTestDesk *
mc_test_desk_new (GDBusConnection *bus)
{
  McTestDesk *desk = g_new0 (McTestDesk, 1);
  g_autoptr (GError) error = NULL;

  desk->bus = bus;
  desk->text = g_string_new (NULL);
  desk->node = g_dbus_node_info_new_for_xml (notifications_xml, &error);
  g_assert_no_error (error);
  desk->registration = g_dbus_connection_register_object (bus, "/org/freedesktop/Notifications",
                                                          desk->node->interfaces[0], &desk_vtable,
                                                          desk, NULL, &error);
  g_assert_no_error (error);
  desk->name = g_bus_own_name_on_connection (bus, "org.freedesktop.Notifications",
                                             G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  return desk;
}

void
mc_test_desk_free (McTestDesk *desk)
{
  g_bus_unown_name (desk->name);
  g_dbus_connection_unregister_object (desk->bus, desk->registration);
  g_dbus_node_info_unref (desk->node);
  g_string_free (desk->text, TRUE);
  g_free (desk);
}

static gboolean
has_come (gpointer data)
{
  McTestDesk *desk = data;

  return g_pattern_match_simple (desk->awaited, desk->text->str);
}

void
mc_test_desk_await (McTestDesk *desk, const char *pattern)
{
  desk->awaited = pattern;
  if (!mc_test_wait_until (has_come, desk, 60000))
    g_error ("There is no %s, but: %s", pattern, desk->text->str);
}

const char *
mc_test_desk_get_text (McTestDesk *desk)
{
  return desk->text->str;
}
