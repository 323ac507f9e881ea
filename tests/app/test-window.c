/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

#include "mc-test-wait.h"

#include <signal.h>

/* What a person does with the window, from beginning to end. */

#define SLOW                                                                                       \
  20000 /* bytes a second: a download is caught under way, however busy the computer is */

static void
look_up (WindowFixture *f, const char *name)
{
  mc_test_person_press (f->person, NULL, "Discover");
  mc_test_person_type (f->person, "Search the Hub", name);
  mc_test_person_press (f->person, "Models on the Hub", name);
  mc_test_person_see (f->person, "Variants", "*");
}

/* Found by words, looked up, downloaded, deleted: the whole job. */
static void
test_whole_job (WindowFixture *f, gconstpointer data)
{
  window_open (f, NULL);
  mc_test_person_press (f->person, NULL, "Discover");
  mc_test_person_type (f->person, "Search the Hub", "tiny");
  mc_test_person_press (f->person, "Models on the Hub", GGUF);
  mc_test_person_press (f->person, "Q4_K_M", "Download");
  mc_test_person_see (f->person, "Q4_K_M", "On this computer");
  mc_test_person_press (f->person, "Q4_K_M", "Files");
  mc_test_person_see (f->person, "tiny-Q4_K_M.gguf", "*· here");
  mc_test_person_press (f->person, NULL, "Back");
  mc_test_person_press (f->person, NULL, "Library");
  mc_test_person_see (f->person, GGUF, "Ready");
  mc_test_person_see (f->person, GGUF, "1 of 2 variants*");
  mc_test_person_press (f->person, NULL, "Downloads");
  mc_test_person_see (f->person, "Downloads", "Downloaded*");
  mc_test_person_press (f->person, NULL, "Library");
  mc_test_person_press (f->person, "Models in the library", "tiny-GGUF");
  mc_test_person_press (f->person, "Q4_K_M", "Delete…");
  mc_test_person_see (f->person, NULL, "This gives back *");
  mc_test_person_press (f->person, NULL, "Delete");
  mc_test_person_miss (f->person, "Q4_K_M", "On this computer");
  mc_test_person_see (f->person, "Q4_K_M", "Download");
}

/* Paused, resumed, cancelled. */
static void
test_steering (WindowFixture *f, gconstpointer data)
{
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  window_open (f, NULL);
  look_up (f, ONNX);
  mc_test_person_press (f->person, "q4", "Download");
  mc_test_person_press (f->person, "q4", "Pause");
  mc_test_person_see (f->person, "q4", "Paused*");
  mc_test_person_press (f->person, "q4", "Resume");
  mc_test_person_see (f->person, "q4", "Pause");
  mc_test_person_press (f->person, "q4", "Cancel");
  mc_test_person_see (f->person, "Downloads", "Cancelled*");
  mc_test_person_see (f->person, "q4", "Download");
}

/* What may only be had with leave says so, and leads to the page where that is given. */
static void
test_gated (WindowFixture *f, gconstpointer data)
{
  window_open (f, NULL);
  mc_test_person_press (f->person, NULL, "Discover");
  mc_test_person_type (f->person, "Search the Hub", GATED);
  mc_test_person_press (f->person, "Models on the Hub", GATED);
  mc_test_person_see (f->person, NULL, "Gated: *");
  mc_test_person_press (f->person, "Q4_K_M", "Download");
  mc_test_person_see (f->person, "Model", "Access Must Be Granted");
  mc_test_person_see (f->person, "Model", "Open Page");
}

static gboolean
is_fetching (gpointer data)
{
  return mc_test_hub_bytes_sent (data, ONNX, ONNX_WEIGHTS) > 0;
}

/* The service dies in the middle: the window says so, finds it again, and the download goes on. */
static void
test_service_dies (WindowFixture *f, gconstpointer data)
{
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  window_open (f, NULL);
  look_up (f, ONNX);
  mc_test_person_press (f->person, "q4", "Download");
  mc_test_person_see (f->person, "q4", "Pause");
  g_assert_true (mc_test_wait_until (is_fetching, f->mcache.hub, 60000));
  mc_test_bus_end_service (f->mcache.bus, SIGKILL);
  mc_test_hub_set_rate (f->mcache.hub, 0);
  mc_test_person_see (f->person, "q4", "On this computer");
}

/* A preference is the service's, and holds at once. */
static void
test_preferences (WindowFixture *f, gconstpointer data)
{
  window_open (f, NULL);
  mc_test_person_see (f->person, NULL, "No Models Yet");
  mc_test_person_do (f->person, "Model Cache", "win.preferences");
  mc_test_person_press (f->person, "Preferences", "Network");
  mc_test_person_press (f->person, "Preferences", "Offline Mode");
  mc_test_person_see (f->person, "Model Cache", "Offline mode is on*");
  mc_test_person_press (f->person, "Model Cache", "Turn Off");
  mc_test_person_miss (f->person, "Model Cache", "Offline mode is on*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/window/whole-job", WindowFixture, NULL, window_set_up, test_whole_job,
              window_tear_down);
  g_test_add ("/window/steering", WindowFixture, NULL, window_set_up, test_steering,
              window_tear_down);
  g_test_add ("/window/gated", WindowFixture, NULL, window_set_up, test_gated, window_tear_down);
  g_test_add ("/window/service-dies", WindowFixture, NULL, window_set_up, test_service_dies,
              window_tear_down);
  g_test_add ("/window/preferences", WindowFixture, NULL, window_set_up, test_preferences,
              window_tear_down);
  return g_test_run ();
}
