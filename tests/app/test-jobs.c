/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hands.h"
#include "window-fixture.h"

/* The whole job by the keyboard alone: events of the display, as a person's hands make them. What
 * came of it is seen by names. */

#define SLOW 20000 /* bytes a second */
#define RESULTS "Models on the Hub"

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
see (WindowFixture *f, const char *within, const char *name)
{
  mc_test_person_see (f->person, within, name);
}

static void
test_keyboard (WindowFixture *f, gconstpointer data)
{
  window_open (f, NULL);
  see (f, NULL, "No Models Yet");
  key (f, "ctrl+2");
  key (f, "ctrl+f");
  mc_test_hands_type (f->display, "tiny");
  see (f, RESULTS, ONNX);
  mc_test_hands_go_to (f->display, f->person, "Down", RESULTS, ONNX "*");
  key (f, "Return");
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  go_to (f, "q4", "Download");
  key (f, "Return");
  go_to (f, "q4", "Pause");
  key (f, "Return");
  see (f, "q4", "Paused*");
  go_to (f, "q4", "Resume");
  mc_test_hub_set_rate (f->mcache.hub, 0);
  key (f, "Return");
  see (f, "q4", "On this computer");
  key (f, "Escape");
  key (f, "ctrl+3");
  see (f, "Downloads", "Downloaded*");
  key (f, "ctrl+1");
  go_to (f, "Models in the library", ONNX);
  key (f, "Return");
  go_to (f, "q4", "Delete…");
  key (f, "Return");
  see (f, NULL, "This gives back*");
  mc_test_hands_focus (f->display);
  go_to (f, NULL, "Delete");
  key (f, "Return");
  mc_test_person_miss (f->person, "q4", "On this computer");
}

int
main (int argc, char **argv)
{
  g_setenv ("MC_UNDO_MS", "1", TRUE); /* nobody here regrets anything */
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/jobs/keyboard", WindowFixture, NULL, window_set_up, test_keyboard,
              window_tear_down);
  return g_test_run ();
}
