/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

/* Settings, and what takes how much space, over the bus. */

static GVariant *
changes (const char *text)
{
  return g_variant_new ("(@a{sv})", g_variant_new_parsed (text));
}

static guint64
get_limit (GVariant *settings)
{
  guint64 limit = 0;

  g_assert_true (g_variant_lookup (settings, "size-limit", "t", &limit));
  return limit;
}

/* The fixture's own one does not load properties. */
static McDbusManager *
watch_manager (ServiceFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  McDbusManager *manager = mc_dbus_manager_proxy_new_sync (
      fixture->connection, G_DBUS_PROXY_FLAGS_NONE, MC_DBUS_NAME, MC_DBUS_PATH, NULL, &error);

  g_assert_no_error (error);
  return manager;
}

static void
test_settings (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autoptr (McDbusManager) manager = watch_manager (fixture);
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = NULL;

  g_assert_cmpuint (get_limit (mc_dbus_manager_get_settings (manager)), ==, 0);
  value = service_fixture_call (fixture, "Configure", changes ("{'size-limit': <uint64 5000>}"),
                                &error_name);
  g_assert_cmpstr (error_name, ==, "");
  while (get_limit (mc_dbus_manager_get_settings (manager)) != 5000)
    g_main_context_iteration (NULL, TRUE);
  service_fixture_expect_error (fixture, "Configure", changes ("{'size-limit': <true>}"),
                                "InvalidName");
  service_fixture_expect_error (fixture, "Configure",
                                changes ("{'size-limit': <uint64 6000>, 'colour': <'red'>}"),
                                "InvalidName");
  g_assert_cmpuint (get_limit (mc_dbus_manager_get_settings (manager)), ==, 5000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/space/settings", test_settings);
  return g_test_run ();
}
