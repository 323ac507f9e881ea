/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

#include "mc-test-wait.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the window shows when things are not as usual, and how they become usual again. */

#define SLOW 20000 /* bytes a second: caught under way, however busy the computer is */
#define TOKEN "hf_of_a_person"

static void
open_page (WindowFixture *f, const char *repo, const char *title)
{
  mcache_assert_works (&f->mcache, "scan", repo, NULL);
  window_open (f, NULL);
  mc_test_person_press (f->person, "Models in the library", title);
  mc_test_person_see (f->person, "Model", repo);
}

/* --- what the Hub says --- */

/* Access is asked for and granted elsewhere: the download then begins, and nobody pressed it. */
static void
test_gated (WindowFixture *f, gconstpointer data)
{
  g_autofree char *token = g_build_filename (g_get_user_config_dir (), "token", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (token, TOKEN, -1, &error);
  g_assert_no_error (error);
  mc_test_hub_set_token (f->mcache.hub, TOKEN);
  g_setenv ("MC_ACCESS_MS", "20", TRUE);
  open_page (f, GATED, "gated");
  mc_test_person_press (f->person, "Q4_K_M", "Download");
  mc_test_person_see (f->person, "Model", "Access Must Be Granted");
  mc_test_person_see (f->person, "Model", "Waiting for access. *");
  mc_test_hub_set_review (f->mcache.hub, MC_TEST_REVIEW_PENDING);
  mc_test_hub_set_granted (f->mcache.hub, TRUE);
  mc_test_person_see (f->person, "Q4_K_M", "On this computer");
  mc_test_person_see (f->person, "Model", "Gated: its owner grants access on the Hub.");
  g_unsetenv ("MC_ACCESS_MS");
}

/* Nobody has to wait for ever. */
static void
test_stop_waiting (WindowFixture *f, gconstpointer data)
{
  open_page (f, GATED, "gated");
  mc_test_person_press (f->person, "Q4_K_M", "Download");
  mc_test_person_see (f->person, "Model", "Waiting for access. *");
  mc_test_person_press (f->person, "Model", "Stop Waiting");
  mc_test_person_see (f->person, "Model", "Gated: its owner grants access on the Hub.");
}

/* One thing to do is offered, and does it. */
static void
test_try_again (WindowFixture *f, gconstpointer data)
{
  const char *const link[] = { "modelcache:" GGUF, NULL };

  mc_test_hub_script (f->mcache.hub, "/api/models/" GGUF, MC_TEST_NOT_JSON, 0, 1);
  window_open (f, link);
  mc_test_person_see (f->person, "Model Cache", "The Hub’s Answer Made No Sense");
  mc_test_person_press (f->person, "Model Cache", "Try Again");
  mc_test_person_see (f->person, "Model", GGUF);
}

static void
test_no_space (WindowFixture *f, gconstpointer data)
{
  mcache_assert_works (&f->mcache, "settings", "size-limit", "1MB", NULL);
  open_page (f, ONNX, "tiny-onnx");
  mc_test_person_press (f->person, "q4", "Download");
  mc_test_person_see (f->person, "Model", "Not Enough Space");
  mc_test_person_press (f->person, "Model", "Free Space…");
  mc_test_person_see (f->person, NULL, "Free Up Space");
  mc_test_person_do (f->person, "Free Up Space", "window.close");
}

/* What is known stays on the screen; what needs the network leads back to it. */
static void
test_offline (WindowFixture *f, gconstpointer data)
{
  mcache_assert_works (&f->mcache, "scan", GGUF, NULL);
  mcache_assert_works (&f->mcache, "settings", "offline", "on", NULL);
  window_open (f, NULL);
  mc_test_person_see (f->person, NULL, "Offline mode is on*");
  mc_test_person_press (f->person, "Models in the library", "tiny-GGUF");
  mc_test_person_press (f->person, "Q4_K_M", "Download");
  mc_test_person_see (f->person, "Model", "Offline Mode Is On");
  mc_test_person_press (f->person, "Model", "Go Online");
  mc_test_person_miss (f->person, NULL, "Offline mode is on*");
}

/* --- a service that dies --- */

static gboolean
is_fetching (gpointer data)
{
  return mc_test_hub_bytes_sent (data, ONNX, ONNX_WEIGHTS) > 0;
}

static void
begin_download (WindowFixture *f)
{
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  open_page (f, ONNX, "tiny-onnx");
  mc_test_person_press (f->person, "q4", "Files");
  mc_test_person_see (f->person, ONNX_WEIGHTS, "*· not here");
  mc_test_person_press (f->person, "q4", "Download");
  mc_test_person_see (f->person, "q4", "Pause");
  g_assert_true (mc_test_wait_until (is_fetching, f->mcache.hub, 60000));
}

/* The window says so and keeps what it shows; then the transfer goes on, and what was unfolded
 * still is. */
static void
test_service_dies (WindowFixture *f, gconstpointer data)
{
  g_autofree char *held = window_dup_file ("held");
  int gate;

  begin_download (f);
  g_assert_cmpint (mkfifo (held, 0600), ==, 0);
  mc_test_bus_end_service (f->mcache.bus, SIGKILL);
  mc_test_person_see (f->person, NULL, "The service ended. Connecting to it again…");
  mc_test_person_see (f->person, "q4", "* of 6.0*MB*");
  mc_test_person_see (f->person, "q4", ONNX_WEIGHTS);
  mc_test_hub_set_rate (f->mcache.hub, 0);
  gate = open (held, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (gate, >=, 0);
  g_unlink (held);
  g_assert_cmpint (write (gate, "\n", 1), ==, 1);
  close (gate);
  mc_test_person_miss (f->person, NULL, "The service ended.*");
  mc_test_person_see (f->person, "q4", "On this computer");
  mc_test_person_see (f->person, ONNX_WEIGHTS, "*· here");
}

/* One that cannot be started is tried again, by itself and by the person. */
static void
test_service_unreachable (WindowFixture *f, gconstpointer data)
{
  g_autofree char *broken = window_dup_file ("broken");
  g_autoptr (GError) error = NULL;

  begin_download (f);
  g_file_set_contents (broken, "", 0, &error);
  g_assert_no_error (error);
  mc_test_bus_end_service (f->mcache.bus, SIGKILL);
  mc_test_person_see (f->person, NULL, "The service cannot be reached. Nothing is lost.");
  mc_test_person_see (f->person, NULL, "Try Again");
  mc_test_hub_set_rate (f->mcache.hub, 0);
  g_unlink (broken);
  mc_test_person_see (f->person, "q4", "On this computer");
  mc_test_person_miss (f->person, NULL, "The service cannot be reached.*");
}

#define ADD(path, set_up, function)                                                                \
  g_test_add (path, WindowFixture, NULL, set_up, function, window_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("/states/gated", window_set_up, test_gated);
  ADD ("/states/stop-waiting", window_set_up, test_stop_waiting);
  ADD ("/states/try-again", window_set_up, test_try_again);
  ADD ("/states/no-space", window_set_up, test_no_space);
  ADD ("/states/offline", window_set_up, test_offline);
  ADD ("/states/service-dies", window_set_up_breakable, test_service_dies);
  ADD ("/states/service-unreachable", window_set_up_breakable, test_service_unreachable);
  return g_test_run ();
}
