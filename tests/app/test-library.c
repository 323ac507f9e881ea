/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

#include "mc-test-wait.h"

#include <glib/gstdio.h>
#include <string.h>

/* What a person does in the view of the library. */

#define SLOW 10000 /* bytes a second: nothing ends meanwhile, however slow this machine is */
#define LIST "Models in the library"
#define HERE "On This Computer"
#define LISTED "Not Downloaded"

static void
download_two (WindowFixture *f)
{
  mcache_assert_works (&f->mcache, "download", ONNX, "q4", NULL);
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", NULL);
}

typedef struct
{
  WindowFixture *fixture;
  const char *first;
  const char *second;
} Order;

/* In the text of the list, which is read from above. */
static gboolean
is_in_order (gpointer data)
{
  Order *order = data;
  g_autofree char *all = mc_test_person_describe (order->fixture->person);
  const char *list = strstr (all, LIST);
  const char *first = list == NULL ? NULL : strstr (list, order->first);
  const char *second = list == NULL ? NULL : strstr (list, order->second);

  return first != NULL && second != NULL && first < second;
}

static void
assert_order (WindowFixture *f, const char *first, const char *second)
{
  Order order = { f, first, second };

  g_assert_true (mc_test_wait_until (is_in_order, &order, 60000));
}

/* The order is chosen, and remembered. */
static void
test_order (WindowFixture *f, gconstpointer data)
{
  download_two (f);
  window_open (f, NULL);
  mc_test_person_see (f->person, GGUF, HERE);
  assert_order (f, GGUF, ONNX);
  mc_test_person_press (f->person, NULL, "By Name");
  mc_test_person_press (f->person, NULL, "By Size");
  assert_order (f, ONNX, GGUF);
  mc_test_person_see (f->person, ONNX, HERE);
  window_close (f);
  window_open (f, NULL);
  mc_test_person_see (f->person, NULL, "By Size");
  assert_order (f, ONNX, GGUF);
}

/* What begins to run moves up, though it was in the list before. */
static void
test_sections (WindowFixture *f, gconstpointer data)
{
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", NULL);
  mcache_assert_works (&f->mcache, "scan", ONNX, NULL);
  window_open (f, NULL);
  mc_test_person_see (f->person, GGUF, HERE);
  mc_test_person_see (f->person, ONNX, LISTED);
  assert_order (f, GGUF, ONNX);
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  mcache_assert_works (&f->mcache, "download", ONNX, "q4", "--detach", NULL);
  mc_test_person_see (f->person, ONNX, "Active");
  assert_order (f, ONNX, GGUF);
  mcache_assert_works (&f->mcache, "cancel", "--all", NULL);
  mc_test_person_miss (f->person, ONNX, "Active");
  assert_order (f, GGUF, ONNX);
}

/* By format, and by words. */
static void
test_filter (WindowFixture *f, gconstpointer data)
{
  download_two (f);
  window_open (f, NULL);
  mc_test_person_see (f->person, LIST, ONNX);
  mc_test_person_press (f->person, NULL, "All Formats");
  mc_test_person_press (f->person, NULL, "onnx");
  mc_test_person_miss (f->person, LIST, GGUF);
  mc_test_person_see (f->person, LIST, ONNX);
  mc_test_person_press (f->person, NULL, "onnx");
  mc_test_person_press (f->person, NULL, "All Formats");
  mc_test_person_see (f->person, LIST, GGUF);
  mc_test_person_press (f->person, NULL, "Search the Library");
  mc_test_person_type (f->person, "Search the library", "GGUF");
  mc_test_person_miss (f->person, LIST, ONNX);
  mc_test_person_type (f->person, "Search the library", "no such thing");
  mc_test_person_miss (f->person, LIST, GGUF);
}

/* What takes how much, and freeing some of it: exactly as much as was said. */
static void
test_reclaim (WindowFixture *f, gconstpointer data)
{
  download_two (f);
  window_open (f, NULL);
  mc_test_person_see (f->person, NULL, "* models · * other · * free");
  mc_test_person_press (f->person, NULL, "Free up space. *");
  mc_test_person_see (f->person, "Free Up Space", "Returns *kB*");
  mc_test_person_press (f->person, "Free Up Space", GGUF " · Q4_K_M");
  mc_test_person_see (f->person, "Free Up Space", "This gives back *kB*");
  mc_test_person_press (f->person, "Free Up Space", "Delete and Free *kB");
  mc_test_person_see (f->person, "Model Cache", "* are free again");
  mc_test_person_see (f->person, GGUF, LISTED);
  mc_test_person_see (f->person, ONNX, "Ready");
}

/* What is newer on the Hub is looked for, comes first, and is fetched. */
static void
test_update (WindowFixture *f, gconstpointer data)
{
  download_two (f);
  window_open (f, NULL);
  assert_order (f, GGUF, ONNX);
  mc_test_hub_add_generated (f->mcache.hub, ONNX, ONNX_WEIGHTS, ONNX_SIZE, ONNX_SEED + 100);
  mc_test_person_do (f->person, "Library", "library.check-updates");
  mc_test_person_see (f->person, NULL, "1 model is newer on the Hub");
  mc_test_person_see (f->person, ONNX, "Updates");
  mc_test_person_see (f->person, ONNX, "Update · 6.0*");
  assert_order (f, ONNX, GGUF);
  mc_test_person_press (f->person, ONNX, "Update");
  mc_test_person_miss (f->person, ONNX, "Updates");
  mc_test_person_see (f->person, ONNX, "Ready");
  mc_test_person_do (f->person, "Library", "library.check-updates");
  mc_test_person_see (f->person, NULL, "Everything is as it is on the Hub");
}

static void
set_up_due (WindowFixture *f, gconstpointer data)
{
  f->due = TRUE;
  window_set_up (f, data);
}

static guint
count_questions (WindowFixture *f)
{
  return mc_test_hub_count (f->mcache.hub, "/api/models/" ONNX "/revision/main");
}

/* Looked for without being asked to, once a day: what is asked for later has been answered when all
 * that came before it was asked. */
static void
test_update_unasked (WindowFixture *f, gconstpointer data)
{
  guint before;
  guint once;

  download_two (f);
  before = count_questions (f);
  mc_test_hub_add_generated (f->mcache.hub, ONNX, ONNX_WEIGHTS, ONNX_SIZE, ONNX_SEED + 100);
  window_open (f, NULL);
  mc_test_person_see (f->person, ONNX, "Update · 6.0*");
  window_close (f);
  once = count_questions (f) - before;
  g_assert_cmpuint (once, >, 0);
  window_open (f, NULL);
  mc_test_person_see (f->person, ONNX, "Ready");
  mc_test_person_do (f->person, "Library", "library.check-updates");
  mc_test_person_see (f->person, NULL, "1 model is newer on the Hub");
  g_assert_cmpuint (count_questions (f), ==, before + 2 * once);
}

/* The disk with the models is away when the window opens, and is connected then. */
static void
test_away (WindowFixture *f, gconstpointer data)
{
  g_autofree char *disk = g_build_filename (g_get_user_cache_dir (), "disk", NULL);
  g_autofree char *unplugged = g_build_filename (g_get_user_cache_dir (), "unplugged", NULL);

  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", NULL);
  mcache_assert_works (&f->mcache, "move", disk, NULL);
  mcache_assert_works (&f->mcache, "service", "stop", NULL);
  g_assert_cmpint (g_rename (disk, unplugged), ==, 0);
  window_open (f, NULL);
  mc_test_person_see (f->person, NULL, "The Models Are Not Connected");
  mc_test_person_press (f->person, NULL, "Try Again");
  mc_test_person_see (f->person, NULL, "The Models Are Not Connected");
  /* It ends while nobody asks, and that changes nothing of it. */
  mcache_assert_works (&f->mcache, "service", "stop", NULL);
  g_assert_cmpint (g_rename (unplugged, disk), ==, 0);
  mc_test_person_press (f->person, NULL, "Try Again");
  mc_test_person_see (f->person, GGUF, HERE);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (WindowFixture *f, gconstpointer data);
  } cases[] = {
    { "/library/order", test_order },   { "/library/sections", test_sections },
    { "/library/filter", test_filter }, { "/library/reclaim", test_reclaim },
    { "/library/update", test_update }, { "/library/away", test_away },
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].path, WindowFixture, NULL, window_set_up, cases[i].test, window_tear_down);
  g_test_add ("/library/update-unasked", WindowFixture, NULL, set_up_due, test_update_unasked,
              window_tear_down);
  return g_test_run ();
}
