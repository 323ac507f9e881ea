/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

#include "mc-test-wait.h"

/* What a person finds on the Hub, and what is shown when nothing can be found. */

#define FIELD "Search the Hub"
#define HITS "Models on the Hub"
#define VIEW "Discover"
#define PAGE 40

static void
open_discover (WindowFixture *f)
{
  window_open (f, NULL);
  mc_test_person_press (f->person, NULL, "Discover");
}

static void
add_many (WindowFixture *f, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("owner/many-%03u", i);

      mc_test_hub_add_repo (f->mcache.hub, name, &(McTestRepoFacts){ .library = "gguf" });
    }
}

static guint
count_searches (WindowFixture *f)
{
  return mc_test_hub_count (f->mcache.hub, "/api/models");
}

static gboolean
has_searched_thrice (gpointer data)
{
  return count_searches (data) >= 3;
}

/* The next page is asked for when its place comes near, and the last one is the last. */
static void
test_pages (WindowFixture *f, gconstpointer data)
{
  add_many (f, 2 * PAGE + 5);
  open_discover (f);
  mc_test_person_type (f->person, FIELD, "many");
  mc_test_person_see (f->person, HITS, "owner/many-*");
  g_assert_cmpuint (count_searches (f), ==, 1);
  mc_test_person_do (f->person, VIEW, "discover.go-on");
  while (!mc_test_wait_until (has_searched_thrice, f, 200))
    mc_test_person_do (f->person, VIEW, "discover.go-on");
  /* Of a page that is not there nobody is asked. */
  mc_test_person_do (f->person, VIEW, "discover.go-on");
  mc_test_person_do (f->person, VIEW, "discover.go-on");
  mc_test_person_type (f->person, FIELD, "tiny");
  mc_test_person_see (f->person, HITS, ONNX);
  g_assert_cmpuint (count_searches (f), ==, 4);
}

/* Where a page fails those before it stay, and one goes on from there. */
static void
test_page_fails (WindowFixture *f, gconstpointer data)
{
  add_many (f, PAGE + 5);
  open_discover (f);
  mc_test_person_type (f->person, FIELD, "many");
  mc_test_person_see (f->person, HITS, "owner/many-*");
  mc_test_hub_script (f->mcache.hub, "/api/models", MC_TEST_NOT_JSON, 0, 1);
  mc_test_person_do (f->person, VIEW, "discover.go-on");
  mc_test_person_see (f->person, VIEW, "The Hub’s Answer Made No Sense");
  mc_test_person_see (f->person, HITS, "owner/many-*");
  mc_test_person_press (f->person, VIEW, "Go On");
  mc_test_person_type (f->person, FIELD, "tiny");
  mc_test_person_see (f->person, HITS, ONNX);
  mc_test_person_miss (f->person, HITS, "owner/many-*");
}

static gboolean
has_searched (gpointer data)
{
  return count_searches (data) >= 1;
}

static gboolean
has_searched_twice (gpointer data)
{
  return count_searches (data) >= 2;
}

/* The answer to what was asked first comes last, and changes nothing. */
static void
test_late_answer (WindowFixture *f, gconstpointer data)
{
  open_discover (f);
  mc_test_hub_script (f->mcache.hub, "/api/models", MC_TEST_LATE, 0, 1);
  mc_test_person_type (f->person, FIELD, "tiny");
  mc_test_person_see (f->person, VIEW, "Searching…");
  g_assert_true (mc_test_wait_until (has_searched, f, 60000));
  mc_test_person_press (f->person, VIEW, "Any Format");
  mc_test_person_press (f->person, NULL, "GGUF");
  mc_test_person_see (f->person, HITS, GGUF);
  g_assert_true (mc_test_wait_until (has_searched_twice, f, 60000));
  mc_test_person_miss (f->person, HITS, ONNX);
  /* That answer is through when a later one is: they come the same way. */
  mc_test_person_press (f->person, HITS, GGUF);
  mc_test_person_see (f->person, "Q4_K_M", "Download");
  mc_test_person_press (f->person, NULL, "Back");
  mc_test_person_see (f->person, HITS, GGUF);
  mc_test_person_miss (f->person, HITS, ONNX);
}

/* Filters hold without words, and with them; all go at once. */
static void
test_filters (WindowFixture *f, gconstpointer data)
{
  open_discover (f);
  mc_test_person_press (f->person, VIEW, "Any Format");
  mc_test_person_press (f->person, NULL, "GGUF");
  mc_test_person_see (f->person, HITS, GGUF);
  mc_test_person_miss (f->person, HITS, ONNX);
  mc_test_person_press (f->person, VIEW, "Any Task");
  mc_test_person_press (f->person, NULL, "Translation");
  mc_test_person_see (f->person, VIEW, "Nothing Found on the Hub");
  mc_test_person_press (f->person, VIEW, "Remove Filters");
  mc_test_person_see (f->person, VIEW, "Find Models on the Hub");
  mc_test_person_press (f->person, VIEW, "Fits This Computer");
  mc_test_person_see (f->person, HITS, ONNX);
  mc_test_person_miss (f->person, HITS, "owner/large");
  mc_test_person_press (f->person, VIEW, "Fits This Computer");
  mc_test_person_type (f->person, FIELD, "large");
  mc_test_person_see (f->person, HITS, "owner/large");
}

static void
set_up_large (WindowFixture *f, gconstpointer data)
{
  static const McTestRepoFacts large = { .parameters = G_GUINT64_CONSTANT (900000000000000) };

  window_set_up (f, data);
  mc_test_hub_add_repo (f->mcache.hub, "owner/large", &large);
}

/* What went wrong, and the one thing to do about it. */
static void
test_errors (WindowFixture *f, gconstpointer data)
{
  open_discover (f);
  mc_test_hub_script (f->mcache.hub, "/api/models", MC_TEST_NOT_JSON, 0, 1);
  mc_test_person_type (f->person, FIELD, "tiny");
  mc_test_person_see (f->person, VIEW, "The Hub’s Answer Made No Sense");
  mc_test_person_press (f->person, VIEW, "Try Again");
  mc_test_person_see (f->person, HITS, ONNX);
  mc_test_person_type (f->person, FIELD, "nothing like this");
  mc_test_person_see (f->person, VIEW, "Nothing Found on the Hub");
  mcache_assert_works (&f->mcache, "settings", "offline", "true", NULL);
  mc_test_person_type (f->person, FIELD, "tiny");
  mc_test_person_see (f->person, VIEW, "Offline Mode Is On");
  mc_test_person_press (f->person, VIEW, "Turn Off Offline Mode");
  mc_test_person_see (f->person, HITS, ONNX);
}

/* An address that was pasted is looked up by itself, and its page opens. */
static void
test_address (WindowFixture *f, gconstpointer data)
{
  g_autofree char *address =
      g_strconcat (mc_test_hub_get_url (f->mcache.hub), "/" GGUF "/tree/main", NULL);

  open_discover (f);
  mc_test_person_type (f->person, FIELD, address);
  mc_test_person_see (f->person, HITS, "Look up this name on the Hub");
  mc_test_person_press (f->person, HITS, "Look up this name on the Hub");
  mc_test_person_see (f->person, "Q4_K_M", "Download");
  mc_test_person_press (f->person, NULL, "Back");
  mc_test_person_type (f->person, FIELD, "https://example.com/owner/name");
  mc_test_person_press (f->person, HITS, "Look up this name on the Hub");
  mc_test_person_see (f->person, "Model Cache", "Not a Name of a Model");
  g_assert_cmpuint (count_searches (f), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/discover/pages", WindowFixture, NULL, window_set_up, test_pages, window_tear_down);
  g_test_add ("/discover/page-fails", WindowFixture, NULL, window_set_up, test_page_fails,
              window_tear_down);
  g_test_add ("/discover/late-answer", WindowFixture, NULL, window_set_up, test_late_answer,
              window_tear_down);
  g_test_add ("/discover/filters", WindowFixture, NULL, set_up_large, test_filters,
              window_tear_down);
  g_test_add ("/discover/errors", WindowFixture, NULL, window_set_up, test_errors,
              window_tear_down);
  g_test_add ("/discover/address", WindowFixture, NULL, window_set_up, test_address,
              window_tear_down);
  return g_test_run ();
}
