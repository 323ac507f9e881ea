/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "hub-calls.h"
#include "mc-error.h"
#include "mc-test-hub.h"

#include <string.h>

/* What the Hub finds, page by page, against the scripted Hub. */

#define PAGED "owner/paged-%02u"

typedef struct
{
  McTestHub *hub;
  McHubClient *client;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  static const McTestRepoFacts facts = {
    .task = "text-generation",
    .library = "gguf",
    .license = "mit",
    .parameters = 7000,
  };

  f->hub = mc_test_hub_new ();
  mc_test_hub_add_repo (f->hub, "org/model", &facts);
  mc_test_hub_add_file (f->hub, "org/model", "sub/model.gguf", "GGUF", 4, TRUE);
  f->client = make_client (mc_test_hub_get_url (f->hub), NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  finalize_client (&f->client);
  g_clear_pointer (&f->hub, mc_test_hub_free);
}

static void
test_search (Fixture *f, gconstpointer data)
{
  static const char *const filters[] = { "gguf", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hits = call_search (f->client, "MODEL", filters, NULL, &error);
  g_autoptr (GPtrArray) none = NULL;
  g_autofree char *target = mc_test_hub_seen (f->hub, "/api/models", 0, ":target");
  McSearchHit *hit;

  g_assert_no_error (error);
  g_assert_cmpuint (hits->len, ==, 1);
  hit = g_ptr_array_index (hits, 0);
  g_assert_cmpstr (hit->id, ==, "org/model");
  g_assert_cmpstr (hit->task, ==, "text-generation");
  g_assert_cmpstr (hit->license, ==, "mit");
  g_assert_nonnull (hit->last_modified);
  g_assert_true (g_str_has_prefix (
      target, "/api/models?search=MODEL&filter=gguf&sort=downloads&limit=20&expand="));

  none = call_search (f->client, "a&b=c #%+ü", NULL, "likes", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
  g_free (target);
  target = mc_test_hub_seen (f->hub, "/api/models", 1, ":target");
  g_assert_true (g_str_has_prefix (
      target, "/api/models?search=a%26b%3Dc%20%23%25%2B%C3%BC&sort=likes&limit=20&"));

  g_assert_null (call_search (f->client, "x", NULL, "size&limit=1", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
}

/* Every hit once, in the Hub's order, each page by the cursor of the one before. */
static void
test_search_pages (Fixture *f, gconstpointer data)
{
  McSearchQuery query = { .text = "paged", .limit = 2 };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *cursor = NULL;
  guint pages = 0;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf (PAGED, i);

      mc_test_hub_add_repo (f->hub, name, &(McTestRepoFacts){ .task = "text-generation" });
    }
  do
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) hits = NULL;
      char *next = NULL;

      query.cursor = cursor;
      hits = call_search_page (f->client, &query, &next, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < hits->len; i++)
        g_assert_true (
            g_hash_table_add (seen, g_strdup (((McSearchHit *) g_ptr_array_index (hits, i))->id)));
      g_free (cursor);
      cursor = next;
      pages++;
    }
  while (cursor != NULL);
  g_assert_cmpuint (pages, ==, 3);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 5);
}

/* What does not fit is left out, as the Hub wants to be told. */
static void
test_search_parameters (Fixture *f, gconstpointer data)
{
  const McSearchQuery query = { .text = "sized", .limit = 20, .most_parameters = 8200000000 };
  const McSearchQuery less = { .text = "sized", .limit = 20, .most_parameters = 999000000 };
  g_autofree char *next = NULL;
  g_autofree char *target = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) hits = NULL;
  g_autoptr (GPtrArray) none = NULL;

  mc_test_hub_add_repo (f->hub, "owner/sized-8b", &(McTestRepoFacts){ .parameters = 8000000000 });
  mc_test_hub_add_repo (f->hub, "owner/sized-9b", &(McTestRepoFacts){ .parameters = 9000000000 });
  mc_test_hub_add_repo (f->hub, "owner/sized-not", &(McTestRepoFacts){ .task = "text-generation" });
  hits = call_search_page (f->client, &query, &next, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (hits->len, ==, 1);
  g_assert_cmpstr (((McSearchHit *) g_ptr_array_index (hits, 0))->id, ==, "owner/sized-8b");
  none = call_search_page (f->client, &less, &next, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
  target = mc_test_hub_seen (f->hub, "/api/models", 1, ":target");
  g_assert_nonnull (strstr (target, "num_parameters=max%3A999M"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/hub-search/query", Fixture, NULL, set_up, test_search, tear_down);
  g_test_add ("/hub-search/pages", Fixture, NULL, set_up, test_search_pages, tear_down);
  g_test_add ("/hub-search/parameters", Fixture, NULL, set_up, test_search_parameters, tear_down);
  return g_test_run ();
}
