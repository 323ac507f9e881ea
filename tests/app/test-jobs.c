/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hands.h"
#include "window-fixture.h"

#include "mc-test-wait.h"

/* The whole job, by the keyboard alone and by the pointer alone: events of the display, as a
 * person's hands make them. What came of it is seen by names. */

#define SLOW 20000 /* bytes a second */
#define RESULTS "Models on the Hub"
#define LIBRARY "Models in the library"
#define TRANSFER ONNX " · q4"

static void
see (WindowFixture *f, const char *within, const char *name)
{
  mc_test_person_see (f->person, within, name);
}

/* With a window that can be used, and a Hub where a download is caught under way. */
static void
begin (WindowFixture *f)
{
  window_install_file_manager ();
  window_open (f, NULL);
  see (f, NULL, "No Models Yet");
  mc_test_hands_focus (f->display, 1);
}

/* --- by keys --- */

static void
key (WindowFixture *f, const char *name)
{
  mc_test_hands_key (f->display, name);
}

static void
go_to (WindowFixture *f, const char *within, const char *name)
{
  mc_test_hands_go_to (f->display, f->person, "Tab", within, name);
}

static void
press (WindowFixture *f, const char *within, const char *name)
{
  go_to (f, within, name);
  key (f, "Return");
}

/* In a dialog that is said to be there. */
static void
answer (WindowFixture *f, const char *name)
{
  mc_test_hands_focus (f->display, 2);
  press (f, NULL, name);
  mc_test_hands_focus (f->display, 1);
}

static void
search_by_keys (WindowFixture *f)
{
  key (f, "ctrl+2");
  key (f, "ctrl+f");
  mc_test_hands_type (f->display, "tiny");
  see (f, RESULTS, ONNX);
  mc_test_hands_go_to (f->display, f->person, "Down", RESULTS, ONNX "*");
  key (f, "Return");
}

static void
download_by_keys (WindowFixture *f)
{
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  press (f, "q4", "Download");
  see (f, "q4", "Pause");
  key (f, "ctrl+3");
  see (f, TRANSFER, "* of 6.0*MB*");
  press (f, TRANSFER, "Pause");
  see (f, TRANSFER, "Paused*");
  go_to (f, TRANSFER, "Resume");
  mc_test_hub_set_rate (f->mcache.hub, 0);
  key (f, "Return");
  see (f, TRANSFER, "Downloaded*");
}

static void
test_keyboard (WindowFixture *f, gconstpointer data)
{
  begin (f);
  search_by_keys (f);
  download_by_keys (f);
  key (f, "ctrl+1");
  press (f, LIBRARY, ONNX);
  see (f, "q4", "On this computer");
  press (f, "q4", "Open Location…");
  see (f, NULL, "Kept in Pieces");
  answer (f, "Open Storage Folder");
  window_await_folder ("model-cache");
  press (f, "q4", "Delete…");
  see (f, NULL, "This gives back*");
  answer (f, "Delete");
  mc_test_person_miss (f->person, "q4", "On this computer");
}

/* --- by the pointer --- */

static void
click (WindowFixture *f, const char *within, const char *name)
{
  mc_test_hands_click (f->display, f->person, within, name);
}

/* A page that is being left may still take a click that was meant for what is behind it: whoever
 * sees that nothing came of it clicks again. */
static void
go (WindowFixture *f, const char *view)
{
  do
    click (f, NULL, view);
  while (!mc_test_person_is_chosen (f->person, NULL, view));
}

static gboolean
is_looked_up (gpointer data)
{
  WindowFixture *f = data;

  return mc_test_hub_count (f->mcache.hub, "/api/models/" ONNX) > 0;
}

/* Whoever has no keyboard finds models by what they are good for. The results before may still be
 * there, and go in the middle of a click: then one does it again. */
static void
search_by_pointer (WindowFixture *f)
{
  go (f, "Discover");
  click (f, NULL, "Fits This Computer");
  do
    click (f, RESULTS, ONNX "*");
  while (!mc_test_wait_until (is_looked_up, f, 3000));
}

static void
download_by_pointer (WindowFixture *f)
{
  see (f, "q4", "Download");
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  click (f, "q4", "Download");
  see (f, "q4", "Pause");
  click (f, "Model", "Back");
  go (f, "Downloads");
  see (f, TRANSFER, "* of 6.0*MB*");
  click (f, TRANSFER, "Pause");
  see (f, TRANSFER, "Paused*");
  mc_test_hub_set_rate (f->mcache.hub, 0);
  click (f, TRANSFER, "Resume");
  see (f, TRANSFER, "Downloaded*");
}

static void
test_pointer (WindowFixture *f, gconstpointer data)
{
  begin (f);
  search_by_pointer (f);
  download_by_pointer (f);
  go (f, "Library");
  click (f, LIBRARY, "tiny-onnx");
  see (f, "q4", "On this computer");
  click (f, "q4", "Open Location…");
  see (f, NULL, "Kept in Pieces");
  mc_test_hands_focus (f->display, 2);
  click (f, NULL, "Open Storage Folder");
  window_await_folder ("model-cache");
  mc_test_hands_focus (f->display, 1);
  click (f, "q4", "Delete…");
  see (f, NULL, "This gives back*");
  mc_test_hands_focus (f->display, 2);
  click (f, NULL, "Delete");
  mc_test_person_miss (f->person, "q4", "On this computer");
}

int
main (int argc, char **argv)
{
  g_setenv ("MC_UNDO_MS", "1", TRUE); /* nobody here regrets anything */
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/jobs/keyboard", WindowFixture, NULL, window_set_up, test_keyboard,
              window_tear_down);
  g_test_add ("/jobs/pointer", WindowFixture, NULL, window_set_up, test_pointer, window_tear_down);
  return g_test_run ();
}
