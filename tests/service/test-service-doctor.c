/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

/* Each fault is found at the hop where it is, and nowhere else; the report shows no secret. */

#define SIZE 300000
#define FILE_PATH "/" BIG_REPO "/resolve/main/" BIG_FILE

static GVariant *
diagnose (ServiceFixture *fixture)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (
      fixture, "Diagnose", g_variant_new ("(@a{sv})", service_options ()), &error_name);
  g_autofree char *text = NULL;

  g_assert_cmpstr (error_name, ==, "");
  text = g_variant_print (value, FALSE);
  g_test_message ("%s", text);
  g_assert_null (strstr (text, SERVICE_TOKEN));
  return g_variant_get_child_value (value, 0);
}

/* The state of a hop at the endpoint of that number, from 0. */
static char *
get_state (GVariant *hops, const char *name, guint endpoint)
{
  for (gsize i = 0; i < g_variant_n_children (hops); i++)
    {
      g_autoptr (GVariant) hop = g_variant_get_child_value (hops, i);
      const char *found = NULL;
      char *state = NULL;

      g_assert_true (g_variant_lookup (hop, "hop", "&s", &found));
      if (strcmp (found, name) != 0 || endpoint-- > 0)
        continue;
      g_assert_true (g_variant_lookup (hop, "state", "s", &state));
      return state;
    }
  g_assert_not_reached ();
}

static void
assert_state (GVariant *hops, const char *name, guint endpoint, const char *expected)
{
  g_autofree char *state = get_state (hops, name, endpoint);

  g_test_message ("%s", name);
  g_assert_cmpstr (state, ==, expected);
}

static const char *const names[] = { "name",     "connection", "api", "token",
                                     "resolver", "storage",    "disk" };

/* The one hop fails, those before it are in order. */
static void
assert_failing (GVariant *hops, const char *failing)
{
  gboolean after = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gboolean is_it = g_strcmp0 (names[i], failing) == 0;
      g_autofree char *state = get_state (hops, names[i], 0);

      g_test_message ("%s: %s", names[i], state);
      if (is_it)
        g_assert_cmpstr (state, ==, "failed");
      else if (!after)
        g_assert_cmpstr (state, ==, "ok");
      else
        g_assert_cmpstr (state, !=, "failed");
      after = after || is_it;
    }
}

static ServiceFixture *
new_fixture (const char *variable)
{
  const char *const environment[] = { variable, NULL };
  ServiceFixture *fixture = service_fixture_new (environment);

  service_fixture_add_big (fixture, SIZE);
  return fixture;
}

static void
test_healthy (void)
{
  g_autoptr (ServiceFixture) fixture = new_fixture (NULL);
  g_autoptr (GVariant) hops = diagnose (fixture);

  assert_failing (hops, NULL);
}

static const struct
{
  const char *failing;
  const char *path;
  McTestFault fault;
  guint64 argument;
} faults[] = {
  { "api", "/api/models", MC_TEST_STATUS, 500 },
  { "api", "/api/models", MC_TEST_HTML, 0 },
  { "token", "/api/whoami-v2", MC_TEST_STATUS, 401 },
  { "resolver", FILE_PATH, MC_TEST_STATUS, 500 },
  { "resolver", FILE_PATH, MC_TEST_REDIRECT_LOOP, 0 },
  { "storage", "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_STATUS, 503 },
  { "storage", "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_EXPIRED, 0 },
  { "storage", "storage:" BIG_REPO "/" BIG_FILE, MC_TEST_HANG_UP, 0 },
};

static void
test_fault (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (ServiceFixture) fixture = new_fixture (NULL);
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) scanned = service_fixture_call (
      fixture, "Scan", g_variant_new ("(s@a{sv})", BIG_REPO, service_options ()), &error_name);
  g_autoptr (GVariant) hops = NULL;

  g_assert_cmpstr (error_name, ==, "");
  g_assert_nonnull (scanned);
  mc_test_hub_script (fixture->hub, faults[i].path, faults[i].fault, faults[i].argument, 0);
  hops = diagnose (fixture);
  assert_failing (hops, faults[i].failing);
}

static void
test_environment (gconstpointer data)
{
  const char *const *row = data;
  g_autoptr (ServiceFixture) fixture = new_fixture (row[1]);
  g_autoptr (GVariant) hops = diagnose (fixture);

  assert_failing (hops, row[0]);
}

/* A mirror that is away is named as such, and the Hub behind it is in order. */
static void
test_mirror (void)
{
  g_autoptr (ServiceFixture) fixture = new_fixture (NULL);
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) done G_GNUC_UNUSED = NULL;
  g_autoptr (GVariant) hops = NULL;
  GVariantDict changes;
  const char *endpoints[] = { "http://127.0.0.1:1", mc_test_hub_get_url (fixture->hub), NULL };

  g_variant_dict_init (&changes, NULL);
  g_variant_dict_insert_value (&changes, "endpoints", g_variant_new_strv (endpoints, -1));
  done = service_fixture_call (
      fixture, "Configure", g_variant_new ("(@a{sv})", g_variant_dict_end (&changes)), &error_name);
  g_assert_cmpstr (error_name, ==, "");
  hops = diagnose (fixture);
  assert_state (hops, "name", 0, "ok");
  assert_state (hops, "connection", 0, "failed");
  assert_state (hops, "api", 0, "skipped");
  assert_state (hops, "connection", 1, "ok");
  assert_state (hops, "api", 1, "ok");
  assert_state (hops, "token", 1, "ok");
  assert_state (hops, "storage", 1, "ok");
  assert_state (hops, "disk", 0, "ok");
}

int
main (int argc, char **argv)
{
  /* A name that is too long to be one is not asked for. */
  static const char *const rows[][2] = {
    { "name", "HF_ENDPOINT=http://"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaa.invalid" },
    { "connection", "HF_ENDPOINT=http://127.0.0.1:1" },
    { "disk", "MC_FAULT=doctor.disk" },
    { "name", "HF_HUB_OFFLINE=1" },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-doctor/healthy", test_healthy);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *name =
          g_strdup_printf ("/service-doctor/faults/%s-%u", faults[i].failing, i);

      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_fault);
    }
  g_test_add_data_func ("/service-doctor/name", rows[0], test_environment);
  g_test_add_data_func ("/service-doctor/connection", rows[1], test_environment);
  g_test_add_data_func ("/service-doctor/disk", rows[2], test_environment);
  g_test_add_data_func ("/service-doctor/offline", rows[3], test_environment);
  g_test_add_func ("/service-doctor/mirror", test_mirror);
  return g_test_run ();
}
