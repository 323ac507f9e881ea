/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include "mc-dbus-names.h"

#include <unistd.h>

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

/* What a client has open stays; its lease is a use. */
static void
test_reclaim (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *error_name = NULL;
  g_autofree char *transfer = NULL;
  g_autofree char *lease = NULL;
  g_autoptr (GVariant) nothing = NULL;
  g_autoptr (GVariant) evicted = NULL;
  g_autoptr (GVariant) list = NULL;
  g_autoptr (GVariant) kept = NULL;
  int fd;

  service_fixture_add_big (fixture, 6 * 1000 * 1000);
  transfer = service_fixture_download (fixture, BIG_REPO, "", "done");
  fd = service_fixture_open (fixture, BIG_REPO, BIG_FILE, &lease);
  service_fixture_expect_error (
      fixture, "Reclaim", g_variant_new_parsed ("(@t 1, {'dry_run': <'yes'>})"), "InvalidName");
  service_fixture_expect_error (
      fixture, "SetPinned", g_variant_new ("(ssb)", BIG_REPO, "no-such", TRUE), "UnknownVariant");
  nothing = service_fixture_call (fixture, "Reclaim", g_variant_new_parsed ("(@t 1, @a{sv} {})"),
                                  &error_name);
  list = g_variant_get_child_value (nothing, 0);
  g_assert_cmpuint (g_variant_n_children (list), ==, 0);
  g_clear_pointer (&error_name, g_free);
  kept = g_dbus_connection_call_sync (fixture->connection, MC_DBUS_NAME, lease,
                                      "com.tabagent.ModelCache1.Lease", "Release", NULL, NULL,
                                      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (kept);
  close (fd);
  evicted = service_fixture_call (fixture, "Reclaim", g_variant_new_parsed ("(@t 1, @a{sv} {})"),
                                  &error_name);
  g_clear_pointer (&list, g_variant_unref);
  list = g_variant_get_child_value (evicted, 0);
  g_assert_cmpuint (g_variant_n_children (list), ==, 1);
}

static guint64
get_size (GVariant *value, const char *key)
{
  g_autoptr (GVariant) dict = g_variant_get_child_value (value, 0);
  guint64 size = G_MAXUINT64;

  g_variant_lookup (dict, key, "t", &size);
  return size;
}

static guint
count_failed (GVariant *value)
{
  g_autoptr (GVariant) dict = g_variant_get_child_value (value, 0);
  g_autoptr (GVariant) failed = g_variant_lookup_value (dict, "failed", G_VARIANT_TYPE ("aa{sv}"));

  return (guint) g_variant_n_children (failed);
}

/* What was told before is what comes back; what is not there, or open, is not deleted. */
static void
test_delete_parts (void)
{
  static const char PARTS[] = "([{'repo': <'" BIG_REPO "'>, 'variant': <'gguf:Q4_0'>}], %s)";
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *error_name = NULL;
  g_autofree char *transfer = NULL;
  g_autofree char *lease = NULL;
  g_autofree char *status = NULL;
  g_autofree char *dry = g_strdup_printf (PARTS, "{'dry_run': <true>}");
  g_autofree char *really = g_strdup_printf (PARTS, "@a{sv} {}");
  g_autoptr (GVariant) told = NULL;
  g_autoptr (GVariant) held = NULL;
  g_autoptr (GVariant) done = NULL;
  guint64 downloaded;
  int fd;

  service_fixture_add_big (fixture, 6 * 1000 * 1000);
  transfer = service_fixture_download (fixture, BIG_REPO, "", "done");
  service_fixture_expect_error (
      fixture, "DeleteParts",
      g_variant_new_parsed ("([{'repo': <'" BIG_REPO "'>, 'variant': <'gguf:Q9'>}], @a{sv} {})"),
      "NotDownloaded");
  service_fixture_expect_error (fixture, "DeleteParts",
                                g_variant_new_parsed ("([@a{sv} {}], @a{sv} {})"), "InvalidName");
  told = service_fixture_call (fixture, "DeleteParts", g_variant_new_parsed (dry), &error_name);
  g_assert_cmpstr (error_name, ==, "");
  g_assert_cmpuint (get_size (told, "returns"), >, 5 * 1000 * 1000);
  g_clear_pointer (&error_name, g_free);
  fd = service_fixture_open (fixture, BIG_REPO, BIG_FILE, &lease);
  held = service_fixture_call (fixture, "DeleteParts", g_variant_new_parsed (really), &error_name);
  g_assert_cmpuint (count_failed (held), ==, 1);
  g_assert_cmpuint (get_size (held, "returns"), ==, 0);
  g_clear_pointer (&error_name, g_free);
  g_variant_unref (g_dbus_connection_call_sync (fixture->connection, MC_DBUS_NAME, lease,
                                                "com.tabagent.ModelCache1.Lease", "Release", NULL,
                                                NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL));
  close (fd);
  done = service_fixture_call (fixture, "DeleteParts", g_variant_new_parsed (really), &error_name);
  g_assert_cmpuint (count_failed (done), ==, 0);
  g_assert_cmpuint (get_size (done, "returns"), ==, get_size (told, "returns"));
  status = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", &downloaded);
  g_assert_cmpstr (status, ==, "available");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/space/settings", test_settings);
  g_test_add_func ("/service/space/reclaim", test_reclaim);
  g_test_add_func ("/service/space/delete-parts", test_delete_parts);
  return g_test_run ();
}
