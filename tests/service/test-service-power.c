/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

/* The service and the system bus: a computer that saves power, and one that must not suspend. What
 * is behind that bus is played here, by a thread, since the service asks it while the test waits
 * for the service. */

typedef struct
{
  McTestBus *bus;   /* (owned) (nullable): the system bus */
  McTestBus *users; /* borrowed: the bus that names are offered on, that one or the session's */
  GThread *thread;
  GMainContext *context; /* (owned) */
  GMainLoop *loop;       /* (owned) */
  GDBusConnection *connection;
  int inhibitions;                /* atomic: how often it was asked for */
  int held;                       /* the other end of the descriptor that was given; -1: none */
  int closed;                     /* atomic: how often the portal's object was */
  int saving;                     /* atomic */
  int ready;                      /* atomic: names still to come */
  gboolean slow;                  /* the portal answers when it is told to */
  GDBusMethodInvocation *waiting; /* (owned) (nullable): that it did not answer yet */
} System;

static const char LOGIND[] = "<node><interface name='org.freedesktop.login1.Manager'>"
                             "<method name='Inhibit'><arg type='s' direction='in'/>"
                             "<arg type='s' direction='in'/><arg type='s' direction='in'/>"
                             "<arg type='s' direction='in'/><arg type='h' direction='out'/>"
                             "</method></interface></node>";
/* The daemon has its old name as well as its new one, which newer GLib asks for. */
#define OLD_PROFILES "net.hadess.PowerProfiles"
#define OLD_PROFILES_PATH "/net/hadess/PowerProfiles"
#define NEW_PROFILES "org.freedesktop.UPower.PowerProfiles"
#define NEW_PROFILES_PATH "/org/freedesktop/UPower/PowerProfiles"
#define PROFILES(name)                                                                             \
  "<node><interface name='" name "'><property name='ActiveProfile' type='s' access='read'/>"       \
  "</interface></node>"

static const char PORTAL[] = "<node><interface name='org.freedesktop.portal.Inhibit'>"
                             "<method name='Inhibit'><arg type='s' direction='in'/>"
                             "<arg type='u' direction='in'/><arg type='a{sv}' direction='in'/>"
                             "<arg type='o' direction='out'/></method></interface></node>";
static const char REQUEST[] = "<node><interface name='org.freedesktop.portal.Request'>"
                              "<method name='Close'/></interface></node>";
#define REQUEST_PATH "/org/freedesktop/portal/desktop/request/1_1/t"

static void
on_portal (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *method,
           GVariant *arguments,
           GDBusMethodInvocation *invocation,
           gpointer user_data)
{
  System *system = user_data;
  guint flags;

  if (strcmp (method, "Close") == 0)
    {
      g_dbus_method_invocation_return_value (invocation, NULL);
      g_atomic_int_inc (&system->closed);
      return;
    }
  g_variant_get (arguments, "(&su@a{sv})", NULL, &flags, NULL);
  g_assert_cmpuint (flags, ==, 12);
  if (system->slow)
    system->waiting = invocation;
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", REQUEST_PATH));
  g_atomic_int_inc (&system->inhibitions);
}

static void
on_inhibit (GDBusConnection *connection,
            const char *sender,
            const char *path,
            const char *interface,
            const char *method,
            GVariant *arguments,
            GDBusMethodInvocation *invocation,
            gpointer user_data)
{
  System *system = user_data;
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  const char *what;
  const char *mode;
  int ends[2];

  g_variant_get (arguments, "(&s&s&s&s)", &what, NULL, NULL, &mode);
  g_assert_cmpstr (what, ==, "sleep:idle");
  g_assert_cmpstr (mode, ==, "block");
  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  g_assert_cmpint (g_unix_fd_list_append (fds, ends[1], NULL), ==, 0);
  close (ends[1]);
  system->held = ends[0];
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           fds);
  g_atomic_int_inc (&system->inhibitions);
}

static GVariant *
get_profile (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *property,
             GError **error,
             gpointer user_data)
{
  System *system = user_data;

  return g_variant_new_string (g_atomic_int_get (&system->saving) ? "power-saver" : "balanced");
}

static void
on_name (GDBusConnection *connection, const char *name, gpointer user_data)
{
  g_atomic_int_add (&((System *) user_data)->ready, -1);
}

static void
offer (System *system, const char *xml, const char *path, const char *name)
{
  static const GDBusInterfaceVTable system_table = { on_inhibit, get_profile, NULL, { 0 } };
  static const GDBusInterfaceVTable portal_table = { on_portal, NULL, NULL, { 0 } };
  const GDBusInterfaceVTable *table = system->bus != NULL ? &system_table : &portal_table;
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);
  g_autoptr (GError) error = NULL;

  g_dbus_connection_register_object (system->connection, path, node->interfaces[0], table, system,
                                     NULL, &error);
  g_assert_no_error (error);
  g_bus_own_name_on_connection (system->connection, name, G_BUS_NAME_OWNER_FLAGS_NONE, on_name,
                                NULL, system, NULL);
}

static gpointer
play (gpointer data)
{
  System *system = data;

  g_main_context_push_thread_default (system->context);
  system->connection = mc_test_bus_connect (system->users);
  if (system->bus != NULL)
    {
      offer (system, LOGIND, "/org/freedesktop/login1", "org.freedesktop.login1");
      offer (system, PROFILES (OLD_PROFILES), OLD_PROFILES_PATH, OLD_PROFILES);
      offer (system, PROFILES (NEW_PROFILES), NEW_PROFILES_PATH, NEW_PROFILES);
    }
  else
    {
      offer (system, REQUEST, REQUEST_PATH, "org.freedesktop.portal.Documents");
      offer (system, PORTAL, "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Desktop");
    }
  g_main_loop_run (system->loop);
  g_clear_object (&system->connection);
  g_main_context_pop_thread_default (system->context);
  return NULL;
}

static gboolean
is_ready (gpointer data)
{
  return g_atomic_int_get (&((System *) data)->ready) == 0;
}

/* session: (nullable): of which portals are played, instead of a system bus. */
static System *
system_new (McTestBus *session)
{
  System *system = g_new0 (System, 1);

  system->held = -1;
  system->ready = session == NULL ? 3 : 2;
  if (session == NULL)
    system->bus = mc_test_bus_new (g_getenv ("MC_SERVICE"), NULL);
  system->users = session == NULL ? system->bus : session;
  system->context = g_main_context_new ();
  system->loop = g_main_loop_new (system->context, FALSE);
  system->thread = g_thread_new ("system", play, system);
  g_assert_true (mc_test_wait_until (is_ready, system, 60000));
  return system;
}

static void
system_free (System *system)
{
  g_main_loop_quit (system->loop);
  g_thread_join (system->thread);
  g_main_loop_unref (system->loop);
  g_main_context_unref (system->context);
  g_clear_pointer (&system->bus, mc_test_bus_free);
  if (system->held >= 0)
    close (system->held);
  g_free (system);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (System, system_free)

static void
tell_profile (System *system, const char *path, const char *interface)
{
  g_assert_true (g_dbus_connection_emit_signal (
      system->connection, NULL, path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
      g_variant_new_parsed ("(%s, {'ActiveProfile': <'power-saver'>}, @as [])", interface), NULL));
}

static void
system_save_power (System *system)
{
  g_atomic_int_set (&system->saving, 1);
  tell_profile (system, OLD_PROFILES_PATH, OLD_PROFILES);
  tell_profile (system, NEW_PROFILES_PATH, NEW_PROFILES);
}

static ServiceFixture *
make_fixture (System *system)
{
  g_autofree char *address =
      g_strconcat ("DBUS_SYSTEM_BUS_ADDRESS=", mc_test_bus_get_address (system->bus), NULL);
  const char *const environment[] = { address, NULL };
  ServiceFixture *fixture = service_fixture_new (environment);

  service_fixture_add_big (fixture, 6 * 1000 * 1000);
  return fixture;
}

static void
configure (ServiceFixture *fixture, const char *changes)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value G_GNUC_UNUSED = service_fixture_call (
      fixture, "Configure", g_variant_new ("(@a{sv})", g_variant_new_parsed (changes)),
      &error_name);

  g_assert_cmpstr (error_name, ==, "");
}

static gboolean
was_asked (gpointer data)
{
  return g_atomic_int_get (&((System *) data)->inhibitions) > 0;
}

/* While something is fetched the descriptor is held, and no longer. */
static void
test_suspend (void)
{
  g_autoptr (System) system = system_new (NULL);
  g_autoptr (ServiceFixture) fixture = make_fixture (system);
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *path = NULL;
  char byte;

  configure (fixture, "{'inhibit-suspend': <true>}");
  mc_test_hub_script (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_STALL_AFTER, 1, 1);
  path = service_fixture_download (fixture, BIG_REPO, "", "active");
  g_assert_true (mc_test_wait_until (was_asked, system, 60000));
  transfer = service_fixture_watch (fixture, path);
  g_assert_true (mc_dbus_transfer_call_pause_sync (transfer, NULL, NULL));
  /* It ends when nobody has the other end any more. */
  g_assert_cmpint (read (system->held, &byte, 1), ==, 0);
}

static gboolean
was_closed (gpointer data)
{
  return g_atomic_int_get (&((System *) data)->closed) > 0;
}

/* As in a Flatpak: no logind, but a portal. */
static void
test_portal (void)
{
  const char *const environment[] = { "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent", NULL };
  g_autoptr (ServiceFixture) fixture = service_fixture_new (environment);
  g_autoptr (System) system = system_new (fixture->bus);
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *path = NULL;

  service_fixture_add_big (fixture, 6 * 1000 * 1000);
  configure (fixture, "{'inhibit-suspend': <true>}");
  mc_test_hub_script (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_STALL_AFTER, 1, 1);
  path = service_fixture_download (fixture, BIG_REPO, "", "active");
  g_assert_true (mc_test_wait_until (was_asked, system, 60000));
  g_assert_cmpint (g_atomic_int_get (&system->closed), ==, 0);
  transfer = service_fixture_watch (fixture, path);
  g_assert_true (mc_dbus_transfer_call_pause_sync (transfer, NULL, NULL));
  g_assert_true (mc_test_wait_until (was_closed, system, 60000));
  g_assert_cmpint (g_atomic_int_get (&system->inhibitions), ==, 1);
}

static gboolean
answer (gpointer data)
{
  System *system = data;

  g_dbus_method_invocation_return_value (g_steal_pointer (&system->waiting),
                                         g_variant_new ("(o)", REQUEST_PATH));
  return G_SOURCE_REMOVE;
}

/* Who does not want it any more when the portal answers gives it back all the same. */
static void
test_portal_late (void)
{
  const char *const environment[] = { "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent", NULL };
  g_autoptr (ServiceFixture) fixture = service_fixture_new (environment);
  g_autoptr (System) system = system_new (fixture->bus);
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *path = NULL;

  system->slow = TRUE;
  service_fixture_add_big (fixture, 6 * 1000 * 1000);
  configure (fixture, "{'inhibit-suspend': <true>}");
  mc_test_hub_script (fixture->hub, "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_STALL_AFTER, 1, 1);
  path = service_fixture_download (fixture, BIG_REPO, "", "active");
  g_assert_true (mc_test_wait_until (was_asked, system, 60000));
  transfer = service_fixture_watch (fixture, path);
  g_assert_true (mc_dbus_transfer_call_pause_sync (transfer, NULL, NULL));
  configure (fixture, "{'inhibit-suspend': <false>}");
  g_assert_cmpint (g_atomic_int_get (&system->closed), ==, 0);
  g_main_context_invoke (system->context, answer, system);
  g_assert_true (mc_test_wait_until (was_closed, system, 60000));
}

/* Without the setting nobody is asked. */
static void
test_no_suspend (void)
{
  g_autoptr (System) system = system_new (NULL);
  g_autoptr (ServiceFixture) fixture = make_fixture (system);

  g_free (service_fixture_download (fixture, BIG_REPO, "", "done"));
  g_assert_cmpint (g_atomic_int_get (&system->inhibitions), ==, 0);
}

static gboolean
waits (gpointer data)
{
  return g_strcmp0 (mc_dbus_manager_get_transfers_allowed (data), "power-saver") == 0;
}

static void
test_power_saver (void)
{
  g_autoptr (System) system = system_new (NULL);
  g_autoptr (ServiceFixture) fixture = make_fixture (system);
  g_autoptr (McDbusManager) manager = NULL;
  g_autoptr (GError) error = NULL;

  configure (fixture, "{'power-saver': <'wait'>}");
  manager = mc_dbus_manager_proxy_new_sync (fixture->connection, G_DBUS_PROXY_FLAGS_NONE,
                                            MC_DBUS_NAME, MC_DBUS_PATH, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mc_dbus_manager_get_transfers_allowed (manager), ==, "allowed");
  system_save_power (system);
  g_assert_true (mc_test_wait_until (waits, manager, 60000));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/power/suspend", test_suspend);
  g_test_add_func ("/service/power/portal", test_portal);
  g_test_add_func ("/service/power/portal-late", test_portal_late);
  g_test_add_func ("/service/power/no-suspend", test_no_suspend);
  g_test_add_func ("/service/power/power-saver", test_power_saver);
  return g_test_run ();
}
