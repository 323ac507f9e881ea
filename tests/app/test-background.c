/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-background.h"

#include "mc-test-bus.h"

#include <string.h>

/* What the portal for background is told; it is played here. */

static const char PORTAL[] =
    "<node><interface name='org.freedesktop.portal.Background'>"
    "<method name='RequestBackground'><arg type='s' direction='in'/>"
    "<arg type='a{sv}' direction='in'/><arg type='o' direction='out'/></method>"
    "<method name='SetStatus'><arg type='a{sv}' direction='in'/></method>"
    "</interface></node>";

typedef struct
{
  McTestBus *bus;
  GDBusConnection *portal;
  GDBusConnection *program;
  GString *heard;
  gboolean named;
} Fixture;

static void
on_call (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *arguments,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  Fixture *f = user_data;
  g_autofree char *text = g_variant_print (arguments, FALSE);

  g_string_append_printf (f->heard, "%s%s\n", method, text);
  g_dbus_method_invocation_return_value (
      invocation, strcmp (method, "SetStatus") == 0 ? NULL : g_variant_new ("(o)", "/request"));
}

static void
on_name (GDBusConnection *connection, const char *name, gpointer user_data)
{
  ((Fixture *) user_data)->named = TRUE;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  static const GDBusInterfaceVTable table = { on_call, NULL, NULL, { 0 } };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (PORTAL, NULL);
  g_autoptr (GError) error = NULL;

  f->bus = mc_test_bus_new (g_getenv ("MC_SERVICE"), NULL);
  f->portal = mc_test_bus_connect (f->bus);
  f->program = mc_test_bus_connect (f->bus);
  f->heard = g_string_new (NULL);
  g_dbus_connection_register_object (f->portal, "/org/freedesktop/portal/desktop",
                                     node->interfaces[0], &table, f, NULL, &error);
  g_assert_no_error (error);
  g_bus_own_name_on_connection (f->portal, "org.freedesktop.portal.Desktop",
                                G_BUS_NAME_OWNER_FLAGS_NONE, on_name, NULL, f, NULL);
  while (!f->named)
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_unref (f->portal);
  g_object_unref (f->program);
  mc_test_bus_free (f->bus);
  g_string_free (f->heard, TRUE);
}

static void
await (Fixture *f, const char *expected)
{
  while (strchr (f->heard->str, '\n') == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (f->heard->str, ==, expected);
  g_string_truncate (f->heard, 0);
}

static void
test_background (Fixture *f, gconstpointer data)
{
  g_autofree char *long_text = g_strnfill (300, 'x');
  g_autofree char *cut = g_strnfill (95, 'x');
  g_autofree char *expected = g_strdup_printf ("SetStatus({'message': <'%s'>},)\n", cut);

  mc_background_request (f->program, "Downloads go on");
  await (f, "RequestBackground('', {'reason': <'Downloads go on'>, 'autostart': <false>})\n");
  mc_background_tell (f->program, "2 downloads");
  await (f, "SetStatus({'message': <'2 downloads'>},)\n");
  mc_background_tell (f->program, "");
  await (f, "SetStatus({'message': <''>},)\n");
  mc_background_tell (f->program, long_text);
  await (f, expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/background/tells", Fixture, NULL, set_up, test_background, tear_down);
  return g_test_run ();
}
