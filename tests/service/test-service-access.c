/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

#include <unistd.h>

/* Who may have what: each reason has a name of its own, and says what can be done. */

#define GATED "test/gated"
#define GATED_FILE "gated-Q4_0.gguf"
#define SIZE 300000

static GVariant *
two_and_options (const char *first, const char *second)
{
  return g_variant_new ("(ss@a{sv})", first, second, service_options ());
}

static void
add_gated (ServiceFixture *fixture)
{
  static const McTestRepoFacts facts = { .gated = "manual" };

  mc_test_hub_add_repo (fixture->hub, GATED, &facts);
  mc_test_hub_add_generated (fixture->hub, GATED, GATED_FILE, SIZE, 3);
}

static char *
call_for_path (ServiceFixture *fixture, const char *method, GVariant *arguments)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value G_GNUC_UNUSED =
      service_fixture_call (fixture, method, arguments, &error_name);
  char *path;

  g_assert_cmpstr (error_name, ==, "");
  g_variant_get (value, "(o)", &path);
  return path;
}

/* From “ask for it” over “wait” and “no” to “here it is”, without being told to scan again. */
static void
test_gate (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *transfer = NULL;

  add_gated (fixture);
  service_fixture_expect_error (fixture, "Download", two_and_options (GATED, ""), "Gated");
  mc_test_hub_set_review (fixture->hub, MC_TEST_REVIEW_PENDING);
  service_fixture_expect_error (fixture, "Download", two_and_options (GATED, ""), "AccessPending");
  mc_test_hub_set_review (fixture->hub, MC_TEST_REVIEW_REJECTED);
  service_fixture_expect_error (fixture, "Download", two_and_options (GATED, ""), "AccessRefused");
  mc_test_hub_set_granted (fixture->hub, TRUE);
  transfer = service_fixture_download (fixture, GATED, "", "done");
}

/* A token that expired: what is public comes, what is not says why. */
static void
test_expired_token (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *transfer = NULL;

  add_gated (fixture);
  service_fixture_add_big (fixture, SIZE);
  mc_test_hub_set_token (fixture->hub, "hf_another");
  transfer = service_fixture_download (fixture, BIG_REPO, "", "done");
  service_fixture_expect_error (fixture, "Download", two_and_options (GATED, ""), "TokenRefused");
  service_fixture_expect_error (fixture, "WhoAmI", NULL, "TokenRefused");
}

/* What goes wrong in a transfer names the page that helps. */
static void
test_reasons (void)
{
  static const struct
  {
    McTestFault fault;
    guint64 argument;
    const char *error;
    const char *page;
  } rows[] = {
    { MC_TEST_GATED, 0, "Gated", "/" BIG_REPO },
    { MC_TEST_STATUS, 403, "AccessRefused", "/" BIG_REPO },
    { MC_TEST_STATUS, 404, "Gone", NULL },
    { MC_TEST_STATUS, 401, "TokenRefused", "/settings/tokens" },
  };
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);

  service_fixture_add_big (fixture, SIZE);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = NULL;
      g_autoptr (McDbusTransfer) transfer = NULL;
      g_autofree char *page = NULL;

      mc_test_hub_script (fixture->hub, "/" BIG_REPO "/resolve/main/" BIG_FILE, rows[i].fault,
                          rows[i].argument, rows[i].argument == 401 ? 2 : 1);
      path = service_fixture_download (fixture, BIG_REPO, "", "failed");
      transfer = service_fixture_watch (fixture, path);
      g_assert_cmpstr (mc_dbus_transfer_get_error (transfer), ==, rows[i].error);
      if (rows[i].page != NULL)
        page = g_strconcat (mc_test_hub_get_url (fixture->hub), rows[i].page, NULL);
      g_assert_cmpstr (mc_dbus_transfer_get_page (transfer), ==, page == NULL ? "" : page);
    }
}

/* A repo that was there and is not any more is another matter than one that never was. */
static void
test_gone (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *repo = NULL;

  service_fixture_add_big (fixture, SIZE);
  repo = call_for_path (fixture, "Scan", g_variant_new ("(s@a{sv})", BIG_REPO, service_options ()));
  mc_test_hub_script (fixture->hub, "/api/models/" BIG_REPO, MC_TEST_STATUS, 404, 1);
  service_fixture_expect_error (fixture, "Scan",
                                g_variant_new ("(s@a{sv})", BIG_REPO, service_options ()), "Gone");
  service_fixture_expect_error (
      fixture, "Scan", g_variant_new ("(s@a{sv})", "test/never", service_options ()), "NotFound");
}

/* A renamed repo is followed, and what is here of it is here under both names. */
static void
test_renamed (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *transfer = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *under_old = NULL;
  g_autofree char *under_new = NULL;
  g_autofree char *file_transfer = NULL;
  guint64 downloaded;

  service_fixture_add_big (fixture, SIZE);
  transfer = service_fixture_download (fixture, BIG_REPO, "", "done");
  before =
      call_for_path (fixture, "Scan", g_variant_new ("(s@a{sv})", BIG_REPO, service_options ()));
  mc_test_hub_rename_repo (fixture->hub, BIG_REPO, "other/large");
  /* A file that is still missing comes by the old name ... */
  file_transfer =
      call_for_path (fixture, "DownloadFile", two_and_options (BIG_REPO, "config.json"));
  /* ... and the next scan learns the new one, for the same object. */
  after =
      call_for_path (fixture, "Scan", g_variant_new ("(s@a{sv})", BIG_REPO, service_options ()));
  g_assert_cmpstr (after, ==, before);
  under_new = service_fixture_get_status (fixture, "other/large", "gguf:Q4_0", &downloaded);
  g_assert_cmpstr (under_new, ==, "downloaded");
  under_old = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", &downloaded);
  g_assert_cmpstr (under_old, ==, "downloaded");
  /* A restart remembers both. */
  mc_test_bus_end_service (fixture->bus, 9);
  g_clear_pointer (&under_old, g_free);
  under_old = service_fixture_get_status (fixture, BIG_REPO, "gguf:Q4_0", &downloaded);
  g_assert_cmpstr (under_old, ==, "downloaded");
}

/* --- offline --- */

static void
configure (ServiceFixture *fixture, const char *changes)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value G_GNUC_UNUSED = service_fixture_call (
      fixture, "Configure",
      g_variant_new ("(@a{sv})", g_variant_parse (NULL, changes, NULL, NULL, NULL)), &error_name);

  g_assert_cmpstr (error_name, ==, "");
}

static void
assert_works (ServiceFixture *fixture, const char *method, GVariant *arguments)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value G_GNUC_UNUSED =
      service_fixture_call (fixture, method, arguments, &error_name);

  g_test_message ("%s", method);
  g_assert_cmpstr (error_name, ==, "");
}

static void
open_file (ServiceFixture *fixture)
{
  g_autofree char *lease = NULL;
  int fd = service_fixture_open (fixture, BIG_REPO, BIG_FILE, &lease);

  service_assert_generated (fd, BIG_SEED, 0, SIZE);
  close (fd);
}

/* Whatever only reads works, and nobody is asked. */
static void
read_everything (ServiceFixture *fixture)
{
  g_autofree char *verification = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;

  assert_works (fixture, "HasFile", g_variant_new ("(ss)", BIG_REPO, BIG_FILE));
  assert_works (fixture, "GetManifest", g_variant_new ("(s)", BIG_REPO));
  assert_works (fixture, "Plan", two_and_options (BIG_REPO, ""));
  assert_works (fixture, "Usage", NULL);
  assert_works (fixture, "GetComputer", NULL);
  assert_works (fixture, "Download", two_and_options (BIG_REPO, ""));
  verification = call_for_path (fixture, "Verify", two_and_options (BIG_REPO, ""));
  transfer = service_fixture_watch (fixture, verification);
  service_wait_for_state (transfer, "done", 60000);
}

static void
refuse_everything (ServiceFixture *fixture)
{
  service_fixture_expect_error (
      fixture, "Scan", g_variant_new ("(s@a{sv})", BIG_REPO, service_options ()), "Offline");
  service_fixture_expect_error (fixture, "Search",
                                g_variant_new ("(s@a{sv})", "x", service_options ()), "Offline");
  service_fixture_expect_error (fixture, "WhoAmI", NULL, "Offline");
  service_fixture_expect_error (fixture, "Download", two_and_options ("test/never", ""), "Offline");
  service_fixture_expect_error (fixture, "OpenFile",
                                g_variant_new ("(ss@a{sv})", BIG_REPO, "notes.txt",
                                               g_variant_new_parsed ("{'fetch': <true>}")),
                                "Offline");
}

static void
test_offline (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *transfer = NULL;
  guint before;

  mc_test_hub_add_repo (fixture->hub, BIG_REPO, NULL);
  mc_test_hub_add_generated (fixture->hub, BIG_REPO, BIG_FILE, SIZE, BIG_SEED);
  mc_test_hub_add_file (fixture->hub, BIG_REPO, "notes.txt", "-", 1, FALSE);
  transfer = service_fixture_download (fixture, BIG_REPO, "", "done");
  configure (fixture, "{'offline': <true>}");
  before = mc_test_hub_count (fixture->hub, "");
  open_file (fixture);
  read_everything (fixture);
  refuse_everything (fixture);
  /* A restart remembers it. */
  mc_test_bus_end_service (fixture->bus, 9);
  read_everything (fixture);
  refuse_everything (fixture);
  g_assert_cmpuint (mc_test_hub_count (fixture->hub, ""), ==, before);
  configure (fixture, "{'offline': <false>}");
  assert_works (fixture, "Scan", g_variant_new ("(s@a{sv})", BIG_REPO, service_options ()));
}

static void
test_offline_by_environment (void)
{
  static const char *const environment[] = { "HF_HUB_OFFLINE=YES", NULL };
  g_autoptr (ServiceFixture) fixture = service_fixture_new (environment);

  service_fixture_add_big (fixture, SIZE);
  configure (fixture, "{'offline': <false>}");
  service_fixture_expect_error (
      fixture, "Scan", g_variant_new ("(s@a{sv})", BIG_REPO, service_options ()), "Offline");
  g_assert_cmpuint (mc_test_hub_count (fixture->hub, ""), ==, 0);
}

/* What is under way when it is turned on stops with all it has, over a restart too. */
static void
test_offline_meanwhile (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *path = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;
  guint before;

  service_fixture_add_big (fixture, 20 * 1024 * 1024);
  mc_test_hub_set_rate (fixture->hub, 4 * 1024 * 1024);
  path = call_for_path (fixture, "Download", two_and_options (BIG_REPO, ""));
  transfer = service_fixture_watch (fixture, path);
  service_wait_for_state (transfer, "active", 60000);
  configure (fixture, "{'offline': <true>}");
  service_wait_for_state (transfer, "paused", 60000);
  g_assert_cmpstr (mc_dbus_transfer_get_error (transfer), ==, "Offline");
  mc_test_bus_end_service (fixture->bus, 9);
  before = mc_test_hub_count (fixture->hub, "");
  assert_works (fixture, "Usage", NULL);
  g_assert_cmpuint (mc_test_hub_count (fixture->hub, ""), ==, before);
  mc_test_hub_set_rate (fixture->hub, 0);
  configure (fixture, "{'offline': <false>}");
  g_clear_object (&transfer);
  transfer = service_fixture_watch (fixture, path);
  service_wait_for_state (transfer, "done", 60000);
}

/* Settings of the network are checked before they are kept. */
static void
test_bad_settings (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  static const char *const bad[] = {
    "{'endpoints': <['ftp://x']>}",
    "{'endpoints': <['https://x', 'http://u:p@x']>}",
    "{'endpoints': <['https://x https://y']>}",
    "{'endpoints': <'https://x'>}",
    "{'ca-file': <'/nowhere/at all'>}",
    "{'offline': <1>}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    service_fixture_expect_error (
        fixture, "Configure",
        g_variant_new ("(@a{sv})", g_variant_parse (NULL, bad[i], NULL, NULL, NULL)),
        "InvalidName");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-access/gate", test_gate);
  g_test_add_func ("/service-access/expired-token", test_expired_token);
  g_test_add_func ("/service-access/reasons", test_reasons);
  g_test_add_func ("/service-access/gone", test_gone);
  g_test_add_func ("/service-access/renamed", test_renamed);
  g_test_add_func ("/service-access/offline", test_offline);
  g_test_add_func ("/service-access/offline-by-environment", test_offline_by_environment);
  g_test_add_func ("/service-access/offline-meanwhile", test_offline_meanwhile);
  g_test_add_func ("/service-access/bad-settings", test_bad_settings);
  return g_test_run ();
}
