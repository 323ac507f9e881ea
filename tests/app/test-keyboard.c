/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hands.h"
#include "mc-test-wait.h"
#include "window-fixture.h"

#include <string.h>

/* Whatever can be used is reached by Tab and the arrows, in each view and dialog. */

#define SLOW 10000 /* bytes a second */
#define MOST 150   /* controls of a screen */

static void
key (WindowFixture *f, const char *name)
{
  mc_test_hands_key (f->display, name);
}

/* --- where the keyboard gets --- */

/* The window's own buttons have keys of the window manager, as everywhere; what only scrolls has
 * nothing to be used; and a row without a name is the value that is shown by one to choose from. */
static gboolean
is_for_keys (const char *control)
{
  static const char *const others[] = { "group *", "list item “” *", "*“Minimize”*", "*“Maximize”*",
                                        "*“Close”*" };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_pattern_match_simple (others[i], control))
      return FALSE;
  return TRUE;
}

static gboolean
is_row (const char *control)
{
  return g_str_has_prefix (control, "list item");
}

static GHashTable *
new_set (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

typedef struct
{
  WindowFixture *f;
  char *focus; /* (owned) (nullable) */
} Step;

static gboolean
has_moved (gpointer data)
{
  Step *step = data;
  g_autofree char *focus = mc_test_person_dup_focus (step->f->person);

  if (focus == NULL || g_strcmp0 (focus, step->focus) == 0)
    return FALSE;
  g_free (step->focus);
  step->focus = g_steal_pointer (&focus);
  return TRUE;
}

/* At the end of a list nothing moves. */
static char *
move (WindowFixture *f, const char *by)
{
  Step step = { f, mc_test_person_dup_focus (f->person) };

  key (f, by);
  mc_test_wait_until (has_moved, &step, 1000);
  return step.focus;
}

/* Whether that led to something new. */
static gboolean
take (WindowFixture *f, GHashTable *reached, const char *by)
{
  char *focus = move (f, by);

  return focus != NULL && g_hash_table_add (reached, focus);
}

static gboolean
is_at (WindowFixture *f, const char *control)
{
  g_autofree char *focus = mc_test_person_dup_focus (f->person);

  return g_strcmp0 (focus, control) == 0;
}

/* Into the row and back to it. */
static void
look_into_row (WindowFixture *f, GHashTable *reached, const char *row)
{
  guint n = 1;

  while (take (f, reached, "Tab") && n < MOST)
    n++;
  for (; n > 0 && !is_at (f, row); n--)
    g_free (move (f, "shift+Tab"));
}

/* From the row that has the focus down to the last one. */
static void
walk_down (WindowFixture *f, GHashTable *reached)
{
  gboolean more = TRUE;

  while (more)
    {
      g_autofree char *row = mc_test_person_dup_focus (f->person);

      if (row == NULL || !is_row (row))
        return;
      look_into_row (f, reached, row);
      more = is_at (f, row) && take (f, reached, "Down");
    }
}

/* With newer libadwaita, Tab leads to one of the tabs, and the arrows lead to the others. */
static void
walk_along_tabs (WindowFixture *f, GHashTable *reached)
{
  gboolean more = TRUE;

  while (more)
    {
      g_autofree char *focus = mc_test_person_dup_focus (f->person);

      more = focus != NULL && g_str_has_prefix (focus, "tab “") && take (f, reached, "Right");
    }
}

/* Once around, until nothing new comes; added to what was reached elsewhere. */
static void
walk (WindowFixture *f, GHashTable *all)
{
  g_autoptr (GHashTable) reached = new_set ();
  GHashTableIter iter;
  gpointer control;
  guint idle = 0;

  for (guint i = 0; i < MOST && idle < 3; i++)
    if (take (f, reached, "Tab"))
      {
        idle = 0;
        walk_down (f, reached);
        walk_along_tabs (f, reached);
      }
    else
      idle++;
  g_hash_table_iter_init (&iter, reached);
  while (g_hash_table_iter_next (&iter, &control, NULL))
    g_hash_table_add (all, g_strdup (control));
}

static void
assert_reached (WindowFixture *f, GHashTable *reached, const char *within)
{
  g_auto (GStrv) controls = mc_test_person_list_controls (f->person, within);
  guint n_missed = 0;

  for (char **control = controls; *control != NULL; control++)
    if (is_for_keys (*control) && !g_hash_table_contains (reached, *control))
      {
        g_test_message ("Not reached: %s, after %s", *control,
                        control > controls ? control[-1] : "nothing");
        n_missed++;
      }
  g_test_message ("%u reached of %u", g_hash_table_size (reached), g_strv_length (controls));
  g_assert_cmpuint (n_missed, ==, 0);
  g_assert_cmpuint (g_strv_length (controls), >, 1);
}

static void
assert_all_reached (WindowFixture *f, const char *within)
{
  g_autoptr (GHashTable) reached = new_set ();

  walk (f, reached);
  assert_reached (f, reached, within);
}

/* --- screens --- */

static void
open_at (WindowFixture *f, const char *view)
{
  window_open (f, NULL);
  mc_test_hands_focus (f->display, 1);
  key (f, view);
}

static void
test_library (WindowFixture *f, gconstpointer data)
{
  mcache_assert_works (&f->mcache, "scan", ONNX, NULL);
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", NULL);
  open_at (f, "ctrl+1");
  mc_test_person_see (f->person, "Models in the library", "tiny-GGUF");
  assert_all_reached (f, NULL);
}

static void
test_first_run (WindowFixture *f, gconstpointer data)
{
  open_at (f, "ctrl+1");
  mc_test_person_see (f->person, NULL, "No Models Yet");
  assert_all_reached (f, NULL);
}

static void
test_discover (WindowFixture *f, gconstpointer data)
{
  open_at (f, "ctrl+2");
  key (f, "ctrl+f");
  mc_test_hands_type (f->display, "tiny");
  mc_test_person_see (f->person, "Models on the Hub", ONNX);
  assert_all_reached (f, "Discover");
}

static void
test_downloads (WindowFixture *f, gconstpointer data)
{
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  mcache_assert_works (&f->mcache, "settings", "active-transfers", "1", NULL);
  mcache_assert_works (&f->mcache, "download", ONNX, "q4", "--detach", NULL);
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", "--detach", NULL);
  open_at (f, "ctrl+3");
  mc_test_person_see (f->person, "Downloads", GGUF "*");
  assert_all_reached (f, "Downloads");
}

static void
test_repo_page (WindowFixture *f, gconstpointer data)
{
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", NULL);
  open_at (f, "ctrl+1");
  mc_test_person_press (f->person, "Models in the library", "tiny-GGUF");
  mc_test_person_press (f->person, "Q4_K_M", "Files");
  mc_test_person_see (f->person, "tiny-Q4_K_M.gguf", "*· here");
  mc_test_person_press (f->person, "Q4_K_M", "Use With");
  mc_test_person_see (f->person, "Lines for other programs", "llama.cpp");
  assert_all_reached (f, "Model");
}

#define ADD(path, function)                                                                        \
  g_test_add (path, WindowFixture, NULL, window_set_up, function, window_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/keyboard/first-run", test_first_run);
  ADD ("/keyboard/library", test_library);
  ADD ("/keyboard/discover", test_discover);
  ADD ("/keyboard/downloads", test_downloads);
  ADD ("/keyboard/repo-page", test_repo_page);
  return g_test_run ();
}
