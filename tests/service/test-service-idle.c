/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <signal.h>

/* A call meets the service in the moment in which it ends of idleness: it is answered as any
 * other. */

#define IDLE_MS 500
#define IDLE "MC_IDLE_MS=500"
#define TIMES 5

static gboolean
never (gpointer data)
{
  return FALSE;
}

/* Stopped, it finds both when it goes on: that it was idle for long enough, and the call. The
 * answer of the bus to the second question comes when it has passed the call on. */
static GAsyncResult *
call_as_it_ends (ServiceFixture *fixture)
{
  GPid pid = mc_test_bus_get_service_pid (fixture->bus);
  GAsyncResult *result = NULL;
  g_autoptr (GVariant) id = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (kill (pid, SIGSTOP), ==, 0);
  g_dbus_connection_call (fixture->connection, MC_DBUS_NAME, MC_DBUS_PATH,
                          "com.tabagent.ModelCache1.Manager", "Scan",
                          g_variant_new ("(s@a{sv})", BIG_REPO, service_options ()), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, mc_test_store_result, &result);
  id = g_dbus_connection_call_sync (fixture->connection, "org.freedesktop.DBus", "/",
                                    "org.freedesktop.DBus", "GetId", NULL, NULL,
                                    G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (mc_test_wait_until (never, NULL, IDLE_MS + 100));
  g_assert_cmpint (kill (pid, SIGCONT), ==, 0);
  return mc_test_await (&result);
}

static gboolean
is_gone (gpointer data)
{
  return mc_test_bus_get_service_pid (data) == 0;
}

static void
test_call_as_it_ends (void)
{
  static const char *const environment[] = { IDLE, NULL };
  g_autoptr (ServiceFixture) fixture = service_fixture_new (environment);

  service_fixture_add_big (fixture, 1000);
  for (guint i = 0; i < TIMES; i++)
    {
      g_autofree char *name = NULL;
      g_autoptr (GVariant) version G_GNUC_UNUSED =
          service_fixture_call (fixture, "Usage", NULL, &name);
      g_autoptr (GAsyncResult) result = call_as_it_ends (fixture);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) reply =
          g_dbus_connection_call_finish (fixture->connection, result, &error);

      g_assert_no_error (error);
      g_assert_nonnull (reply);
    }
  /* And then it does end. */
  g_assert_true (mc_test_wait_until (is_gone, fixture->bus, 60000));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-idle/call-as-it-ends", test_call_as_it_ends);
  return g_test_run ();
}
