/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hands.h"
#include "mc-test-wait.h"
#include "window-fixture.h"

#include <glib/gstdio.h>

/* The keys of the window, and what it remembers. */

#define LIMIT_MS 60000
#define SLOW 10000 /* bytes a second */
#define HUB_ENTRY "Search the Hub"
#define LIBRARY "Models in the library"
#define BOTTOM 500  /* pixels: what is below is at the bottom of a narrow window */
#define SCREEN 1200 /* pixels */

static void
key (WindowFixture *f, const char *name)
{
  mc_test_hands_key (f->display, name);
}

static void
see (WindowFixture *f, const char *within, const char *name)
{
  mc_test_person_see (f->person, within, name);
}

static void
open_window (WindowFixture *f)
{
  window_open (f, NULL);
  mc_test_hands_focus (f->display, 1);
}

/* --- what is waited for --- */

typedef struct
{
  WindowFixture *f;
  const char *within;
  const char *name;
  const char *value;
} Hope;

static gboolean
has_focus (gpointer data)
{
  Hope *hope = data;

  return mc_test_person_has_focus (hope->f->person, hope->within, hope->name);
}

static void
await_focus (WindowFixture *f, const char *within, const char *name)
{
  Hope hope = { .f = f, .within = within, .name = name };

  g_assert_true (mc_test_wait_until (has_focus, &hope, LIMIT_MS));
}

static char *
dup_habits_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "glib-2.0", "settings", "keyfile", NULL);
}

/* (nullable): it was never set */
static char *
read_habit (const char *name)
{
  g_autofree char *path = dup_habits_path ();
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL);
  return g_key_file_get_string (file, "com/tabagent/ModelCache", name, NULL);
}

static gboolean
has_habit (gpointer data)
{
  Hope *hope = data;
  g_autofree char *value = read_habit (hope->name);

  return g_strcmp0 (value, hope->value) == 0;
}

static void
await_habit (const char *name, const char *value)
{
  Hope hope = { .name = name, .value = value };

  g_assert_true (mc_test_wait_until (has_habit, &hope, LIMIT_MS));
}

/* --- keys --- */

static void
test_views (WindowFixture *f, gconstpointer data)
{
  open_window (f);
  see (f, NULL, "No Models Yet");
  key (f, "ctrl+2");
  await_habit ("view", "'discover'");
  key (f, "ctrl+f");
  await_focus (f, NULL, HUB_ENTRY);
  key (f, "ctrl+3");
  await_habit ("view", "'downloads'");
  key (f, "ctrl+1");
  await_habit ("view", "'library'");
}

static void
test_windows (WindowFixture *f, gconstpointer data)
{
  open_window (f);
  see (f, NULL, "No Models Yet");
  key (f, "ctrl+comma");
  see (f, "Preferences", "Downloads at Once");
  mc_test_hands_focus (f->display, 2);
  key (f, "Escape");
  mc_test_hands_focus (f->display, 1);
  key (f, "ctrl+question");
  see (f, NULL, "Moving About");
  mc_test_hands_focus (f->display, 2);
  key (f, "Escape");
  mc_test_hands_focus (f->display, 1);
}

/* It comes with the keyboard in it, and leads on. */
static void
test_menu (WindowFixture *f, gconstpointer data)
{
  open_window (f);
  see (f, NULL, "No Models Yet");
  key (f, "F10");
  await_focus (f, NULL, "Preferences");
  key (f, "Down");
  await_focus (f, NULL, "Keyboard Shortcuts");
  key (f, "Up");
  await_focus (f, NULL, "Preferences");
  key (f, "Return");
  mc_test_hands_focus (f->display, 2);
  see (f, "Preferences", "Downloads at Once");
  key (f, "Escape");
  mc_test_hands_focus (f->display, 1);
}

/* Out of the search, and from a page back to where one was. */
static void
test_escape (WindowFixture *f, gconstpointer data)
{
  mcache_assert_works (&f->mcache, "scan", GGUF, NULL);
  mcache_assert_works (&f->mcache, "scan", ONNX, NULL);
  open_window (f);
  see (f, LIBRARY, "tiny-GGUF");
  see (f, LIBRARY, "tiny-onnx");
  key (f, "ctrl+f");
  await_focus (f, "Library", "Search*");
  mc_test_hands_type (f->display, "gguf");
  mc_test_person_miss (f->person, LIBRARY, "tiny-onnx");
  key (f, "Escape");
  see (f, LIBRARY, "tiny-onnx");
  mc_test_hands_go_to (f->display, f->person, "Tab", LIBRARY, GGUF);
  key (f, "Return");
  await_habit ("repo", "'" GGUF "'");
  key (f, "Escape");
  await_habit ("repo", "''");
}

/* A link that was copied anywhere. */
static void
test_paste (WindowFixture *f, gconstpointer data)
{
  mcache_assert_works (&f->mcache, "scan", ONNX, NULL);
  open_window (f);
  see (f, LIBRARY, "tiny-onnx");
  key (f, "ctrl+f");
  await_focus (f, "Library", "Search*");
  mc_test_hands_type (f->display, "modelcache:" GGUF);
  see (f, NULL, "Nothing Found in the Library");
  key (f, "ctrl+a");
  key (f, "ctrl+x");
  key (f, "ctrl+l");
  see (f, "Q4_K_M", "Download");
  await_habit ("repo", "'" GGUF "'");
}

/* --- what is remembered --- */

static void
set_up_small (WindowFixture *f, gconstpointer data)
{
  f->width = 700;
  f->height = 500;
  window_set_up (f, data);
}

/* The page, the view, the size; not of what is gone. */
static void
test_place (WindowFixture *f, gconstpointer data)
{
  int x, y;

  mcache_assert_works (&f->mcache, "scan", GGUF, NULL);
  open_window (f);
  key (f, "ctrl+3");
  await_habit ("view", "'downloads'");
  key (f, "ctrl+1");
  mc_test_person_press (f->person, LIBRARY, "tiny-GGUF");
  await_habit ("repo", "'" GGUF "'");
  window_close (f);
  open_window (f);
  see (f, "Q4_K_M", "Download");
  key (f, "Escape");
  await_habit ("repo", "''");
  key (f, "ctrl+3");
  await_habit ("view", "'downloads'");
  window_close (f);
  open_window (f);
  mc_test_person_find_place (f->person, NULL, "No Downloads", &x, &y);
}

/* As it was left, to the pixel. */
static void
test_size (WindowFixture *f, gconstpointer data)
{
  g_autofree char *width = NULL;
  int x, y, left_x, left_y, found_x, found_y;

  open_window (f);
  mc_test_person_find_place (f->person, NULL, "Close", &x, &y);
  width = read_habit ("width");
  g_assert_cmpstr (width, ==, "700");
  mc_test_hands_resize (f->display, "640", "480");
  do
    mc_test_person_find_place (f->person, NULL, "Close", &left_x, &left_y);
  while (left_x == x);
  window_close (f);
  open_window (f);
  mc_test_person_find_place (f->person, NULL, "Close", &found_x, &found_y);
  g_assert_cmpint (found_x, ==, left_x);
  g_assert_cmpint (found_y, ==, left_y);
}

/* What is nonsense is as if it had never been set; what is gone is not waited for. */
static void
test_nonsense (WindowFixture *f, gconstpointer data)
{
  g_autofree char *path = dup_habits_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;
  int x, y;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (path,
                       "[com/tabagent/ModelCache]\nwidth=-7\nheight=2000000000\nmaximized='far'\n"
                       "view='../../nowhere'\nrepo='owner/gone'\n",
                       -1, &error);
  g_assert_no_error (error);
  open_window (f);
  mc_test_person_find_place (f->person, NULL, "No Models Yet", &x, &y);
  g_assert_cmpint (x, <, SCREEN);
  key (f, "ctrl+2");
  await_habit ("view", "'discover'");
}

/* --- what is seen --- */

static void
set_up_narrow (WindowFixture *f, gconstpointer data)
{
  f->width = 360;
  f->height = 640;
  window_set_up (f, data);
}

/* The switcher is at the bottom, and says how many downloads there are. */
static void
test_narrow (WindowFixture *f, gconstpointer data)
{
  int x, y;

  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  mcache_assert_works (&f->mcache, "download", ONNX, "q4", "--detach", NULL);
  open_window (f);
  mc_test_person_find_place (f->person, NULL, "Downloads", &x, &y);
  g_assert_cmpint (y, >, BOTTOM);
  see (f, "Downloads", "1");
  mc_test_hands_click (f->display, f->person, NULL, "Downloads");
  await_habit ("view", "'downloads'");
  /* Not by the pointer: the row moves as it learns more about its download. */
  mc_test_person_press (f->person, ONNX " · q4", "Cancel");
  mc_test_person_miss (f->person, "Downloads", "1");
}

#define ADD(path, set_up, function)                                                                \
  g_test_add (path, WindowFixture, NULL, set_up, function, window_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/shell/views", window_set_up, test_views);
  ADD ("/shell/windows", window_set_up, test_windows);
  ADD ("/shell/menu", window_set_up, test_menu);
  ADD ("/shell/escape", window_set_up, test_escape);
  ADD ("/shell/paste", window_set_up, test_paste);
  ADD ("/shell/place", window_set_up, test_place);
  ADD ("/shell/size", set_up_small, test_size);
  ADD ("/shell/nonsense", window_set_up, test_nonsense);
  ADD ("/shell/narrow", set_up_narrow, test_narrow);
  return g_test_run ();
}
