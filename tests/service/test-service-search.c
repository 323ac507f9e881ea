/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "service-fixture.h"

/* What the Hub finds, page by page, as callers get it. */

static GVariant *
make_options (guint limit, const char *cursor, gboolean fits)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "limit", "u", limit);
  g_variant_dict_insert (&options, "cursor", "s", cursor);
  g_variant_dict_insert (&options, "fits", "b", fits);
  return g_variant_dict_end (&options);
}

/* How many hits; *next is the cursor of the next page. */
static gsize
search (ServiceFixture *fixture, const char *text, guint limit, gboolean fits, char **next)
{
  g_autofree char *error_name = NULL;
  g_autoptr (GVariant) value = service_fixture_call (
      fixture, "SearchPage", g_variant_new ("(s@a{sv})", text, make_options (limit, *next, fits)),
      &error_name);
  g_autoptr (GVariant) hits = NULL;

  g_assert_cmpstr (error_name, ==, "");
  g_clear_pointer (next, g_free);
  g_variant_get (value, "(@aa{sv}s)", &hits, next);
  return g_variant_n_children (hits);
}

static void
add (ServiceFixture *fixture, const char *repo, guint64 parameters)
{
  mc_test_hub_add_repo (fixture->hub, repo, &(McTestRepoFacts){ .parameters = parameters });
}

static void
test_pages (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *next = g_strdup ("");

  add (fixture, "test/page-a", 1000000);
  add (fixture, "test/page-b", 1000000);
  add (fixture, "test/page-c", 1000000);
  g_assert_cmpuint (search (fixture, "page", 2, FALSE, &next), ==, 2);
  g_assert_cmpstr (next, !=, "");
  g_assert_cmpuint (search (fixture, "page", 2, FALSE, &next), ==, 1);
  g_assert_cmpstr (next, ==, "");
}

/* What nobody's computer runs is left out, and what is not known. */
static void
test_fits (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *next = g_strdup ("");

  add (fixture, "test/fit-small", 1000000);
  add (fixture, "test/fit-huge", G_GUINT64_CONSTANT (900000000000000));
  add (fixture, "test/fit-unknown", 0);
  g_assert_cmpuint (search (fixture, "fit", 20, FALSE, &next), ==, 3);
  g_assert_cmpuint (search (fixture, "fit", 20, TRUE, &next), ==, 1);
}

static void
test_bad_options (void)
{
  g_autoptr (ServiceFixture) fixture = service_fixture_new (NULL);
  g_autofree char *longest = g_strnfill (5000, 'c');
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);

  service_fixture_expect_error (fixture, "SearchPage",
                                g_variant_new ("(s@a{sv})", "x", make_options (1, longest, FALSE)),
                                "InvalidName");
  g_variant_dict_insert (&options, "fits", "s", "yes");
  service_fixture_expect_error (fixture, "SearchPage",
                                g_variant_new ("(s@a{sv})", "x", g_variant_dict_end (&options)),
                                "InvalidName");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/service-search/pages", test_pages);
  g_test_add_func ("/service-search/fits", test_fits);
  g_test_add_func ("/service-search/bad-options", test_bad_options);
  return g_test_run ();
}
