/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

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
  g_autoptr (GVariant) value = service_fixture_call (fixture, method, arguments, &error_name);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-access/gate", test_gate);
  g_test_add_func ("/service-access/expired-token", test_expired_token);
  g_test_add_func ("/service-access/reasons", test_reasons);
  g_test_add_func ("/service-access/gone", test_gone);
  g_test_add_func ("/service-access/renamed", test_renamed);
  return g_test_run ();
}
