/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "window-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

/* Pictures of the window in all its states, light and dark, wide and narrow, for whoever wants to
 * see what it looks like: make screenshots. The folder is MC_SCREENSHOTS. */

#define SLOW 100000

typedef struct
{
  const char *name;
  guint width;
  guint height;
  gboolean dark;
} Look;

static const Look looks[] = {
  { "light-wide", 900, 680, FALSE },
  { "dark-wide", 900, 680, TRUE },
  { "light-narrow", 360, 640, FALSE },
  { "dark-narrow", 360, 640, TRUE },
};

static void
save (WindowFixture *f, const Look *look, const char *state)
{
  const char *folder = g_getenv ("MC_SCREENSHOTS");
  g_autofree char *name = g_strdup_printf ("%s-%s.png", state, look->name);
  g_autofree char *path = g_build_filename (folder == NULL ? "." : folder, name, NULL);

  if (folder != NULL)
    g_mkdir_with_parents (folder, 0755);
  mc_test_display_save (f->display, path);
}

static void
take_first_states (WindowFixture *f, const Look *look)
{
  mc_test_person_see (f->person, NULL, "No Models Yet");
  save (f, look, "01-empty");
  mc_test_person_press (f->person, NULL, "Discover");
  save (f, look, "02-discover");
  mc_test_person_type (f->person, "Search the Hub", "nothing like this");
  mc_test_person_see (f->person, NULL, "Nothing Found on the Hub");
  save (f, look, "03-nothing-found");
  mc_test_person_press (f->person, "McDiscoverView", "Any Task");
  mc_test_person_see (f->person, NULL, "Object Detection");
  save (f, look, "03-filter");
  mc_test_person_press (f->person, NULL, "Translation");
  mc_test_person_see (f->person, NULL, "Remove Filters");
  save (f, look, "03-nothing-with-filters");
  mc_test_person_press (f->person, NULL, "Remove Filters");
  mc_test_person_type (f->person, "Search the Hub", "");
  mc_test_person_see (f->person, NULL, "Find Models on the Hub");
  mc_test_hub_script (f->mcache.hub, "/api/models", MC_TEST_NOT_JSON, 0, 1);
  mc_test_person_type (f->person, "Search the Hub", "tiny-");
  mc_test_person_see (f->person, NULL, "The Hub’s Answer Made No Sense");
  save (f, look, "03-search-failed");
  mc_test_person_type (f->person, "Search the Hub", "tiny");
  mc_test_person_see (f->person, "Models on the Hub", ONNX);
  save (f, look, "04-found");
}

static void
take_repo (WindowFixture *f, const Look *look)
{
  mc_test_person_press (f->person, "Models on the Hub", ONNX);
  mc_test_person_see (f->person, "q4", "Download");
  mc_test_person_press (f->person, "fp32", "Files");
  mc_test_person_see (f->person, "fp32", "onnx/model.onnx");
  save (f, look, "05-repo");
  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  mc_test_person_press (f->person, "q4", "Download");
  mc_test_person_see (f->person, "q4", "Pause");
  save (f, look, "06-repo-downloading");
}

/* A variant that is here: who can use it, and what becomes of it. */
static void
take_variant (WindowFixture *f, const Look *look)
{
  mc_test_person_press (f->person, "Models on the Hub", GGUF);
  mc_test_person_press (f->person, "Q4_K_M", "Download");
  mc_test_person_see (f->person, "Q4_K_M", "On this computer");
  mc_test_person_press (f->person, "Q4_K_M", "Use With");
  mc_test_person_see (f->person, "Lines for other programs", "llama.cpp");
  save (f, look, "11-use-with");
  mc_test_person_press (f->person, "Q4_K_M", "Use With");
  mc_test_person_press (f->person, "Q4_K_M", "Delete…");
  mc_test_person_see (f->person, NULL, "This gives back *");
  save (f, look, "12-delete");
  mc_test_person_press (f->person, NULL, "Delete");
  mc_test_person_see (f->person, "Q4_K_M", "Deleted in a moment");
  save (f, look, "13-undo");
  mc_test_person_press (f->person, "Q4_K_M", "Undo");
  mc_test_person_see (f->person, "Q4_K_M", "On this computer");
  mc_test_person_press (f->person, NULL, "Back");
  mc_test_person_press (f->person, NULL, "Library");
  mc_test_person_press (f->person, NULL, "Discover");
}

/* Nothing may run now. */
static void
take_held (WindowFixture *f, const Look *look)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  int hour = g_date_time_get_hour (now);
  g_autofree char *from = g_strdup_printf ("%d", (hour + 12) % 24);
  g_autofree char *to = g_strdup_printf ("%d", (hour + 13) % 24);

  mcache_assert_works (&f->mcache, "settings", "schedule-from", from, NULL);
  mcache_assert_works (&f->mcache, "settings", "schedule-to", to, NULL);
  mc_test_person_see (f->person, ONNX " · q4", "Waiting for the hours*");
  save (f, look, "07-downloads-held");
  mcache_assert_works (&f->mcache, "settings", "schedule-from", to, NULL);
}

static void
take_transfers (WindowFixture *f, const Look *look)
{
  mc_test_person_press (f->person, NULL, "Back");
  mc_test_person_press (f->person, NULL, "Downloads");
  mcache_assert_works (&f->mcache, "settings", "active-transfers", "1", NULL);
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", "--detach", NULL);
  mcache_assert_works (&f->mcache, "download", GGUF, "Q8_0", "--detach", NULL);
  mc_test_person_press (f->person, GGUF " · Q8_0", "Pause");
  mc_test_person_see (f->person, GGUF " · Q8_0", "Paused*");
  save (f, look, "07-downloads");
  mc_test_person_press (f->person, ONNX " · q4", "More");
  mc_test_person_press (f->person, ONNX " · q4", "Details");
  mc_test_person_see (f->person, "Files of the download", ONNX_WEIGHTS);
  save (f, look, "07-download-details");
  mc_test_person_press (f->person, "Details", "Close");
  take_held (f, look);
  mc_test_person_press (f->person, NULL, "Library");
  save (f, look, "08-library");
  mc_test_person_press (f->person, NULL, "Free up space. *");
  mc_test_person_see (f->person, "Free Up Space", "Returns *");
  save (f, look, "08-reclaim");
  mc_test_person_do (f->person, "Free Up Space", "window.close");
  mc_test_person_miss (f->person, NULL, "Free Up Space");
}

static void
take_preferences (WindowFixture *f, const Look *look)
{
  mcache_assert_works (&f->mcache, "download", GGUF, "Q4_K_M", NULL);
  mcache_assert_works (&f->mcache, "open", GGUF, "tiny-Q4_K_M.gguf", "--", "true", NULL);
  mc_test_person_do (f->person, "Model Cache", "win.preferences");
  mc_test_person_see (f->person, "Preferences", "Hours");
  save (f, look, "09-preferences");
  mc_test_person_press (f->person, "Preferences", "Storage");
  mc_test_person_press (f->person, "Preferences", "Check All");
  mc_test_person_see (f->person, "Preferences", "All is in order*");
  save (f, look, "09-preferences-storage");
  mc_test_person_press (f->person, "Preferences", "Access");
  mc_test_person_see (f->person, "Programs that used models", "mcache");
  save (f, look, "09-preferences-access");
  mc_test_person_press (f->person, "Preferences", "Network");
  mc_test_person_press (f->person, NULL, "Check Now");
  mc_test_person_see (f->person, "Addresses of the Hub", "The Hub · In order");
  save (f, look, "09-preferences-network");
  mc_test_person_press (f->person, "Preferences", "Offline Mode");
  mc_test_person_see (f->person, "Model Cache", "Offline mode is on*");
  mc_test_person_do (f->person, "Preferences", "window.close");
  mc_test_person_miss (f->person, NULL, "Offline Mode");
  save (f, look, "10-offline");
}

/* --- when things are not as usual --- */

/* Nothing is shown twice: each begins where the one before has ended. */
static void
take_refusals (WindowFixture *f, const Look *look)
{
  mc_test_person_press (f->person, "Models in the library", "gated");
  mc_test_person_press (f->person, "Q4_K_M", "Download");
  mc_test_person_see (f->person, "McRepoPage", "Waiting for access. *");
  save (f, look, "20-gated");
  mc_test_person_press (f->person, "McRepoPage", "Stop Waiting");
  mc_test_person_press (f->person, NULL, "Back");
  mc_test_person_press (f->person, NULL, "Library");
  mcache_assert_works (&f->mcache, "settings", "size-limit", "1MB", NULL);
  mc_test_person_press (f->person, "Models in the library", "tiny-onnx");
  mc_test_person_press (f->person, "q4", "Download");
  mc_test_person_see (f->person, "McRepoPage", "Not Enough Space");
  save (f, look, "21-no-space");
  mcache_assert_works (&f->mcache, "settings", "size-limit", "none", NULL);
  mcache_assert_works (&f->mcache, "settings", "offline", "on", NULL);
  mc_test_person_press (f->person, "q4", "Download");
  mc_test_person_see (f->person, "McRepoPage", "Offline Mode Is On");
  save (f, look, "22-refused-offline");
  mc_test_person_press (f->person, "McRepoPage", "Go Online");
  mc_test_person_miss (f->person, "McRepoPage", "Offline mode is on*");
}

static void
take_location (WindowFixture *f, const Look *look)
{
  mc_test_person_press (f->person, "fp32", "Download");
  mc_test_person_press (f->person, "fp32", "Open Location…");
  mc_test_person_see (f->person, NULL, "Kept in Pieces");
  save (f, look, "23-location");
  mc_test_person_do (f->person, "Kept in Pieces", "window.close");
  mc_test_person_miss (f->person, NULL, "Kept in Pieces");
}

static void
take_service_away (WindowFixture *f, const Look *look)
{
  g_autofree char *broken = window_dup_file ("broken");

  mc_test_hub_set_rate (f->mcache.hub, SLOW);
  mc_test_person_press (f->person, "q4", "Download");
  mc_test_person_see (f->person, "q4", "Pause");
  g_assert_true (g_file_set_contents (broken, "", 0, NULL));
  mc_test_bus_end_service (f->mcache.bus, SIGKILL);
  mc_test_person_see (f->person, NULL, "The service cannot be reached. Nothing is lost.");
  mc_test_person_press (f->person, NULL, "Back");
  save (f, look, "24-service-away");
  g_unlink (broken);
  mc_test_person_miss (f->person, NULL, "The service cannot be reached. *");
}

static void
take_bad_link (WindowFixture *f, const Look *look)
{
  const char *const link[] = { "modelcache:../../etc/passwd", NULL };
  g_autoptr (GSubprocess) second = window_start (f, link);

  g_assert_cmpint (mcache_end (second), ==, 0);
  mc_test_person_see (f->person, "Model Cache", "Not a Name of a Model");
  save (f, look, "25-bad-link");
}

static void
take_troubles (gconstpointer data)
{
  const Look *look = data;
  WindowFixture fixture = { 0 };

  fixture.width = look->width;
  fixture.height = look->height;
  fixture.dark = look->dark;
  window_set_up_breakable (&fixture, NULL);
  mcache_assert_works (&fixture.mcache, "scan", GATED, NULL);
  mcache_assert_works (&fixture.mcache, "scan", ONNX, NULL);
  window_open (&fixture, NULL);
  take_refusals (&fixture, look);
  take_location (&fixture, look);
  take_service_away (&fixture, look);
  take_bad_link (&fixture, look);
  window_tear_down (&fixture, NULL);
}

static void
take_all (gconstpointer data)
{
  const Look *look = data;
  WindowFixture fixture = { 0 };

  fixture.width = look->width;
  fixture.height = look->height;
  fixture.dark = look->dark;
  window_set_up (&fixture, NULL);
  window_open (&fixture, NULL);
  take_first_states (&fixture, look);
  take_variant (&fixture, look);
  take_repo (&fixture, look);
  take_transfers (&fixture, look);
  take_preferences (&fixture, look);
  window_tear_down (&fixture, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      g_autofree char *path = g_strconcat ("/screenshots/", looks[i].name, NULL);

      g_autofree char *troubles = g_strconcat ("/troubles/", looks[i].name, NULL);

      g_test_add_data_func (path, &looks[i], take_all);
      g_test_add_data_func (troubles, &looks[i], take_troubles);
    }
  return g_test_run ();
}
