/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-desk.h"
#include "mc-test-hands.h"
#include "mc-test-sandbox.h"
#include "screenshots-hub.h"
#include "window-fixture.h"

#include "mc-dbus-names.h"

#include <glib/gstdio.h>
#include <signal.h>

/* Pictures of the window in all its states, light and dark, wide and narrow, for whoever wants to
 * see what it looks like: make screenshots. The folder is MC_SCREENSHOTS.
 *
 * A state that is taken stays until the next step ends it: downloads are so large and slow that
 * none of them comes to its end, and what fails does so for ever. */

#define MB 1000000
#define RESULTS "Models on the Hub"
#define LIST "Models in the library"
#define PAGE "Model"
#define WINDOW "Model Cache"
#define APP "org.example.Chat"
#define QUESTION "Allow “" APP "” to Use Models?"
#define FAILING "/" EMBEDDING "/resolve/main/onnx/model_fp16.onnx"

typedef struct
{
  const char *name;
  guint width;
  guint height;
  gboolean dark;
  gboolean contrast;
} Look;

typedef struct
{
  WindowFixture window;
  const Look *look;
  McTestDesk *desk; /* (owned) */
} Scene;

static const Look looks[] = {
  { "light-wide", 900, 680, FALSE, FALSE },   { "dark-wide", 900, 680, TRUE, FALSE },
  { "light-narrow", 360, 680, FALSE, FALSE }, { "dark-narrow", 360, 680, TRUE, FALSE },
  { "contrast-wide", 900, 680, FALSE, TRUE },
};

/* --- what a person does --- */

static void
save (Scene *s, const char *state)
{
  const char *folder = g_getenv ("MC_SCREENSHOTS");
  g_autofree char *name = g_strdup_printf ("%s-%s.png", state, s->look->name);
  g_autofree char *path = g_build_filename (folder == NULL ? "." : folder, name, NULL);

  if (folder != NULL)
    g_mkdir_with_parents (folder, 0755);
  mc_test_display_save (s->window.display, path);
}

static void
see (Scene *s, const char *within, const char *name)
{
  mc_test_person_see (s->window.person, within, name);
}

static void
press (Scene *s, const char *within, const char *name)
{
  mc_test_person_press (s->window.person, within, name);
}

static void
type (Scene *s, const char *name, const char *text)
{
  mc_test_person_type (s->window.person, name, text);
}

static void
act (Scene *s, const char *action)
{
  mc_test_person_do (s->window.person, WINDOW, action);
}

/* As a notification does: at once, and however far away the row of the library is. */
static void
activate (Scene *s, const char *action, const char *target)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_string (target));
  g_autoptr (GVariant) reply G_GNUC_UNUSED = g_dbus_connection_call_sync (
      s->window.bus, "com.tabagent.ModelCache", "/com/tabagent/ModelCache", "org.gtk.Actions",
      "Activate", g_variant_new_parsed ("(%s, [%v], @a{sv} {})", action, value), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  g_assert_no_error (error);
}

static void
open_page (Scene *s, const char *repo)
{
  activate (s, "show-repo", repo);
  see (s, PAGE, repo);
}

/* name: of the window; text: what only it has. */
static void
close_dialog (Scene *s, const char *name, const char *text)
{
  mc_test_person_do (s->window.person, name, "window.close");
  mc_test_person_miss (s->window.person, NULL, text);
}

#define MCACHE(...) mcache_assert_works (&s->window.mcache, __VA_ARGS__, NULL)

/* --- nothing is here --- */

/* As a cache of huggingface_hub, where the service's HF_HOME says. */
static void
put_something_to_adopt (void)
{
  g_autofree char *blobs =
      g_build_filename (g_get_user_config_dir (), "hub", "models--owner--tiny-GGUF", "blobs", NULL);
  g_autofree char *path = g_build_filename (
      blobs, "0123456789012345678901234567890123456789012345678901234567890123", NULL);
  g_autofree char *bytes = g_malloc0 (42 * MB);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (blobs, 0700), ==, 0);
  g_file_set_contents (path, bytes, 42 * MB, &error);
  g_assert_no_error (error);
}

static void
take_first_run (Scene *s)
{
  see (s, NULL, "No Models Yet");
  see (s, "Found on this computer", "1 file · *");
  save (s, "01-first-run");
  activate (s, "show-view", "downloads");
  see (s, NULL, "No Downloads");
  save (s, "40-downloads-empty");
}

static void
take_search (Scene *s)
{
  activate (s, "show-view", "discover");
  see (s, NULL, "Find Models on the Hub");
  save (s, "20-discover");
  type (s, "Search the Hub", "nothing like this");
  see (s, NULL, "Nothing Found on the Hub");
  save (s, "21-nothing-found");
  press (s, "Discover", "Any Task");
  see (s, NULL, "Object Detection");
  save (s, "22-filter");
  press (s, NULL, "Translation");
  see (s, NULL, "Remove Filters");
  save (s, "23-nothing-with-filters");
  press (s, NULL, "Remove Filters");
  type (s, "Search the Hub", "");
  see (s, NULL, "Find Models on the Hub");
  mc_test_hub_script (s->window.mcache.hub, "/api/models", MC_TEST_NOT_JSON, 0, 0);
  type (s, "Search the Hub", "qwen");
  see (s, NULL, "The Hub’s Answer Made No Sense");
  save (s, "24-search-failed");
  mc_test_hub_forget_scripts (s->window.mcache.hub);
}

static void
take_results (Scene *s)
{
  type (s, "Search the Hub", "");
  see (s, NULL, "Find Models on the Hub");
  type (s, "Search the Hub", "qwen");
  see (s, RESULTS, CHAT);
  save (s, "25-found");
}

/* --- one model --- */

static void
take_page (Scene *s)
{
  press (s, RESULTS, CHAT);
  see (s, "Q4_K_M", "Download");
  see (s, PAGE, "★ Suggested");
  save (s, "30-repo");
  press (s, "Q2_K", "Files");
  see (s, "Q2_K", "Qwen2.5-1.5B-Instruct-Q2_K.gguf");
  save (s, "31-repo-files");
  press (s, "Q2_K", "Files");
}

/* Fast until something can be seen, then so slow that it takes many minutes. */
static void
take_downloading (Scene *s)
{
  mc_test_hub_set_rate (s->window.mcache.hub, 3 * MB);
  press (s, "Q4_K_M", "Download");
  see (s, "Q4_K_M", "???.??MB of *");
  mc_test_hub_set_rate (s->window.mcache.hub, MB / 8);
  see (s, "Q4_K_M", "* left");
  save (s, "32-repo-downloading");
  act (s, "win.back");
}

/* Files that other models have are fetched at full speed. */
static void
fill_library (Scene *s)
{
  MCACHE ("download", SMALL, "Q4_K_M");
  MCACHE ("download", EMBEDDING, "quantized");
  MCACHE ("scan", LOCKED);
}

/* A variant that is here: who can use it, and what becomes of it. */
static void
take_variant (Scene *s)
{
  activate (s, "show-view", "library");
  open_page (s, SMALL);
  see (s, "Q4_K_M", "On this computer");
  save (s, "33-repo-here");
  press (s, "Q4_K_M", "Use With");
  see (s, "Lines for other programs", "llama.cpp");
  save (s, "34-use-with");
  press (s, "Q4_K_M", "Use With");
  press (s, "Q4_K_M", "Open Location…");
  see (s, NULL, "Kept in Pieces");
  save (s, "35-location");
  close_dialog (s, "Kept in Pieces", "Kept in Pieces");
  press (s, "Q4_K_M", "Delete…");
  see (s, NULL, "This gives back *");
  save (s, "36-delete");
  press (s, NULL, "Delete");
  see (s, "Q4_K_M", "Deleted in a moment");
  save (s, "37-undo");
  press (s, "Q4_K_M", "Undo");
  see (s, "Q4_K_M", "On this computer");
  act (s, "win.back");
}

/* --- downloads --- */

/* One that runs, one that waits for it, one that was paused, one that failed, and those that are
 * through. */
static void
begin_downloads (Scene *s)
{
  MCACHE ("settings", "active-transfers", "1");
  MCACHE ("download", SPEECH, "quantized", "--detach");
  MCACHE ("download", SMALL, "Q8_0", "--detach");
  MCACHE ("pause", SMALL);
}

static void
take_downloads (Scene *s)
{
  activate (s, "show-view", "downloads");
  begin_downloads (s);
  see (s, SMALL " · Q8_0", "Paused*");
  see (s, SPEECH " · q8", "Waiting*");
  see (s, NULL, "Failed 1");
  save (s, "41-downloads");
  press (s, CHAT " · Q4_K_M", "More");
  press (s, CHAT " · Q4_K_M", "Details");
  see (s, "Files of the download", "Qwen2.5-1.5B-Instruct-Q4_K_M.gguf");
  save (s, "42-download-details");
  press (s, "Details", "Close");
  mc_test_person_miss (s->window.person, NULL, "Files of the download");
  press (s, NULL, "Failed 1");
  mc_test_person_miss (s->window.person, "Downloads", CHAT " · Q4_K_M");
  save (s, "43-downloads-failed");
  press (s, NULL, "All ?");
}

/* Nothing may run now. */
static void
take_held (Scene *s)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  int hour = g_date_time_get_hour (now);
  g_autofree char *from = g_strdup_printf ("%d", (hour + 12) % 24);
  g_autofree char *to = g_strdup_printf ("%d", (hour + 13) % 24);

  MCACHE ("settings", "schedule-from", from);
  MCACHE ("settings", "schedule-to", to);
  see (s, CHAT " · Q4_K_M", "Waiting for the hours*");
  save (s, "44-downloads-held");
  MCACHE ("settings", "schedule-from", to);
  see (s, CHAT " · Q4_K_M", "* left");
}

/* --- the library --- */

static void
take_library (Scene *s)
{
  activate (s, "show-view", "library");
  see (s, LIST, "whisper-base");
  save (s, "10-library");
  press (s, NULL, "Search the Library");
  type (s, "Search the library", "no such thing");
  see (s, NULL, "Nothing Found in the Library");
  save (s, "11-library-nothing-found");
  type (s, "Search the library", "");
  press (s, NULL, "Search the Library");
  press (s, NULL, "Free up space. *");
  see (s, "Free Up Space", "Returns *");
  save (s, "12-reclaim");
  press (s, "Free Up Space", SMALL " · Q4_K_M");
  see (s, "Free Up Space", "Delete and Free *");
  save (s, "12-reclaim-chosen");
  close_dialog (s, "Free Up Space", "Free Up Space");
}

/* --- preferences --- */

/* A sandboxed app asks for something. */
static void
take_question (Scene *s)
{
  g_autofree char *info = g_build_filename (g_get_user_config_dir (), "flatpak-info", NULL);
  const char *bus = mc_test_bus_get_address (s->window.mcache.bus);
  g_autoptr (GSubprocess) asked = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (info, "[Application]\nname=" APP "\n", -1, NULL));
  if (!mc_test_sandbox_is_possible (info))
    return;
  asked = mc_test_sandbox_start (
      info, bus,
      (const char *const[]){ "gdbus", "call", "--session", "--dest", MC_DBUS_NAME, "--object-path",
                             MC_DBUS_PATH, "--method", "com.tabagent.ModelCache1.Manager.HasFile",
                             SMALL, SMALL_WEIGHTS, NULL });
  see (s, NULL, QUESTION);
  save (s, "54-question");
  press (s, QUESTION, "Only Read");
  g_subprocess_wait_check (asked, NULL, &error);
  g_assert_no_error (error);
}

static void
take_preferences (Scene *s)
{
  MCACHE ("open", SMALL, SMALL_WEIGHTS, "--", "true");
  act (s, "win.preferences");
  see (s, "Preferences", "Hours");
  save (s, "50-preferences");
  press (s, "Preferences", "Storage");
  press (s, "Preferences", "Check All");
  see (s, "Preferences", "All is in order*");
  save (s, "51-preferences-storage");
  press (s, "Preferences", "Access");
  see (s, "Programs that used models", "mcache");
  save (s, "53-preferences-access");
  press (s, "Preferences", "Network");
  press (s, NULL, "Check Now");
  see (s, "Addresses of the Hub", "The Hub · In order");
  save (s, "52-preferences-network");
  close_dialog (s, "Preferences", "Addresses of the Hub");
}

/* --- when things are not as usual --- */

static void
take_gated (Scene *s)
{
  open_page (s, LOCKED);
  see (s, "Q4_0", "Download");
  press (s, "Q4_0", "Download");
  see (s, PAGE, "Waiting for access. *");
  save (s, "60-gated");
  press (s, PAGE, "Stop Waiting");
  mc_test_person_miss (s->window.person, PAGE, "Waiting for access. *");
  act (s, "win.back");
}

/* Each begins where the one before has ended, so that nothing is shown twice. */
static void
take_refusals (Scene *s)
{
  MCACHE ("pin", SMALL);
  MCACHE ("pin", EMBEDDING);
  MCACHE ("settings", "size-limit", "1MB");
  open_page (s, SMALL);
  see (s, "F16", "Download");
  press (s, "F16", "Download");
  see (s, PAGE, "Not Enough Space");
  save (s, "61-no-space");
  MCACHE ("settings", "size-limit", "none");
  MCACHE ("settings", "offline", "on");
  press (s, "F16", "Download");
  see (s, PAGE, "Offline Mode Is On");
  save (s, "62-refused-offline");
  act (s, "win.back");
}

static void
take_offline (Scene *s)
{
  see (s, WINDOW, "Offline mode is on*");
  save (s, "63-offline");
  activate (s, "show-view", "discover");
  type (s, "Search the Hub", "llama");
  see (s, "Discover", "Offline Mode Is On");
  save (s, "64-discover-offline");
  press (s, WINDOW, "Turn Off");
  mc_test_person_miss (s->window.person, NULL, "Offline mode is on*");
  activate (s, "show-view", "library");
}

static void
take_bad_link (Scene *s)
{
  const char *const link[] = { "modelcache:../../etc/passwd", NULL };
  g_autoptr (GSubprocess) second = window_start (&s->window, link);

  g_assert_cmpint (mcache_end (second), ==, 0);
  see (s, WINDOW, "Not a Name of a Model");
  save (s, "65-bad-link");
}

static void
take_adoption (Scene *s)
{
  const char *const folder[] = { g_get_user_config_dir (), NULL };
  g_autoptr (GSubprocess) second = window_start (&s->window, folder);

  g_assert_cmpint (mcache_end (second), ==, 0);
  see (s, NULL, "Adopt “*");
  save (s, "66-adopt");
  press (s, "Adopt “*", "Cancel");
  mc_test_person_miss (s->window.person, NULL, "Adopt “*");
}

static void
take_help (Scene *s)
{
  activate (s, "show-view", "library");
  press (s, NULL, "Main Menu");
  see (s, NULL, "About Model Cache");
  save (s, "70-menu");
  press (s, NULL, "Keyboard Shortcuts");
  see (s, NULL, "Moving About");
  save (s, "71-shortcuts");
  mc_test_hands_key (s->window.display, "Escape");
  mc_test_person_miss (s->window.person, NULL, "Moving About");
  press (s, NULL, "Main Menu");
  press (s, NULL, "About Model Cache");
  see (s, "About", "The Model Cache authors");
  save (s, "72-about");
  mc_test_hands_key (s->window.display, "Escape");
  mc_test_person_miss (s->window.person, NULL, "The Model Cache authors");
}

static void
take_service_away (Scene *s)
{
  g_autofree char *broken = window_dup_file ("broken");

  g_assert_true (g_file_set_contents (broken, "", 0, NULL));
  mc_test_bus_end_service (s->window.mcache.bus, SIGKILL);
  see (s, NULL, "The service cannot be reached. Nothing is lost.");
  save (s, "67-service-away");
  g_unlink (broken);
  mc_test_person_miss (s->window.person, NULL, "The service cannot be reached. *");
}

/* The disk with the models is unplugged. */
static void
take_disk_away (Scene *s)
{
  g_autofree char *disk = g_build_filename (g_get_user_cache_dir (), "disk", NULL);
  g_autofree char *unplugged = g_build_filename (g_get_user_cache_dir (), "unplugged", NULL);

  MCACHE ("cancel", "--all");
  window_close (&s->window);
  MCACHE ("move", disk);
  MCACHE ("service", "stop");
  g_assert_cmpint (g_rename (disk, unplugged), ==, 0);
  window_open (&s->window, NULL);
  see (s, NULL, "The Models Are Not Connected");
  save (s, "68-disk-away");
}

/* --- --- */

static void
begin_scene (Scene *s, const Look *look)
{
  s->look = look;
  s->window = (WindowFixture){ .width = look->width,
                               .height = look->height,
                               .dark = look->dark,
                               .contrast = look->contrast,
                               .managed = TRUE };
  put_something_to_adopt ();
  window_set_up_breakable (&s->window, NULL);
  mc_screenshots_fill_hub (s->window.mcache.hub);
  s->desk = mc_test_desk_new (s->window.bus);
  mc_test_hands_leave (s->window.display);
}

static void
take_all (gconstpointer data)
{
  Scene scene, *s = &scene;

  begin_scene (s, data);
  window_open (&s->window, NULL);
  take_first_run (s);
  take_search (s);
  take_results (s);
  fill_library (s);
  mc_test_hub_script (s->window.mcache.hub, FAILING, MC_TEST_STATUS, 404, 0);
  MCACHE ("download", EMBEDDING, "fp16", "--detach");
  take_page (s);
  take_downloading (s);
  take_variant (s);
  take_downloads (s);
  take_held (s);
  take_library (s);
  take_question (s);
  take_preferences (s);
  take_gated (s);
  take_refusals (s);
  take_offline (s);
  take_bad_link (s);
  take_adoption (s);
  take_help (s);
  take_service_away (s);
  take_disk_away (s);
  mc_test_desk_free (s->desk);
  window_tear_down (&s->window, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      g_autofree char *path = g_strconcat ("/screenshots/", looks[i].name, NULL);

      g_test_add_data_func (path, &looks[i], take_all);
    }
  return g_test_run ();
}
