/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-application.h"
#include "mc-downloads-view.h"
#include "mc-repo-page.h"
#include "mc-test-display.h"
#include "mc-test-folder.h"
#include "mc-test-layout.h"
#include "mc-test-wait.h"
#include "mcache-fixture.h"

#include <adwaita.h>
#include <libintl.h>
#include <locale.h>

/* All screens, narrow and wide, in large letters, from right to left, in German and in a language
 * of long words, with the longest names that there are. Pictures of them are kept where
 * MC_SCREENSHOTS says. The window is in this process, so that its widgets can be looked at; the
 * service and the Hub are the real and the scripted one. */

#define LIMIT_MS 60000
#define SLOW 10000 /* bytes a second */
#define NARROW 360
#define FRAME 10 /* GTK draws one of that width where no window manager does */
#define PREFERRED_HEIGHT 640
#define WORD "quite-a-long-name-for-somebody-who-has-to-read-it-aloud-twice-before-dinner-every-day"
#define LONG_OWNER "owner-" WORD
#define LONG_REPO LONG_OWNER "/model-" WORD
#define LONG_FILE                                                                                                                     \
  "weights/一個非常長的檔案名稱沒有任何空格所以無處可以換行一個非常長的檔案名稱沒有任何空格/" \
  "اسم-ملف-طويل-جدا-لا-يمكن-كسره-في-أي-مكان-اسم-ملف-طويل-جدا-" WORD "-Q4_K_M.gguf"
#define LONG_LICENSE "رخصة-مفتوحة-جدا-" WORD

typedef struct
{
  const char *name;
  int width;
  int text; /* percent */
  gboolean rtl;
  const char *language; /* "": as the program is written */
} Case;

static const Case cases[] = {
  { "narrow", NARROW, 100, FALSE, "" },
  { "wide", 1000, 100, FALSE, "" },
  { "large-text", NARROW, 200, FALSE, "" },
  { "right-to-left", NARROW, 200, TRUE, "" },
  { "german", NARROW, 100, FALSE, "de" },
  { "german-large", NARROW, 200, FALSE, "de" },
  { "long-words", NARROW, 100, FALSE, "en_XA" },
  { "long-words-large", NARROW, 200, FALSE, "en_XA" },
  { "long-words-right-to-left", 1000, 100, TRUE, "en_XA" },
};

/* For all cases: starting the programs takes longer than the looking. */
static struct
{
  McTestDisplay *display;
  char *folder;
  McacheFixture mcache;
  McApplication *application;
} world;

typedef struct
{
  const Case *data;
  GtkWidget *window;
  GString *wrong;
} Walk;

/* --- the world --- */

static void
set_folder (const char *variable, const char *name)
{
  g_autofree char *path = g_build_filename (world.folder, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_setenv (variable, path, TRUE);
}

static void
set_environment (void)
{
  g_auto (GStrv) environment = mc_test_display_dup_environment (world.display);

  for (char **pair = environment; *pair != NULL; pair++)
    {
      g_auto (GStrv) parts = g_strsplit (*pair, "=", 2);

      g_setenv (parts[0], parts[1], TRUE);
    }
  set_folder ("XDG_DATA_HOME", "data");
  set_folder ("XDG_CONFIG_HOME", "config");
  set_folder ("XDG_CACHE_HOME", "cache");
  set_folder ("XDG_RUNTIME_DIR", "run");
  g_setenv ("GTK_A11Y", "test", TRUE);
}

static void
await_state (const char *state, guint count)
{
  for (guint found = 0; found < count;)
    {
      g_autoptr (JsonNode) node = mcache_run_json (&world.mcache, 0, "status", NULL);
      g_autofree char *text = json_to_string (node, FALSE);
      g_auto (GStrv) parts = g_strsplit (text, state, -1);

      found = g_strv_length (parts) - 1;
    }
}

/* Downloads that are done, failed, paused and under way. */
static void
fill (void)
{
  static const McTestRepoFacts facts = { .task = "automatic-speech-recognition",
                                         .library = "gguf",
                                         .license = LONG_LICENSE,
                                         .parameters = 7600000000,
                                         .context_length = 1048576 };
  McTestHub *hub = world.mcache.hub;

  mc_test_hub_add_repo (hub, LONG_REPO, &facts);
  mc_test_hub_add_generated (hub, LONG_REPO, LONG_FILE, GGUF_SIZE, 20);
  mc_test_hub_add_generated (hub, LONG_REPO, "x-Q8_0.gguf", 9 * GGUF_SIZE, 21);
  mc_test_hub_script (hub, "/" GGUF "/resolve/main/tiny-Q8_0.gguf", MC_TEST_GATED, 0, 0);
  mcache_assert_works (&world.mcache, "download", LONG_REPO, "Q4_K_M", NULL);
  mcache_assert_works (&world.mcache, "download", GGUF, "Q8_0", "--detach", NULL);
  await_state ("\"failed\"", 1);
  mc_test_hub_set_rate (hub, SLOW);
  mcache_assert_works (&world.mcache, "download", LONG_REPO, "Q8_0", "--detach", NULL);
  mcache_assert_works (&world.mcache, "download", ONNX, "q4", "--detach", NULL);
  mcache_assert_works (&world.mcache, "pause", ONNX, NULL);
}

static void
make_languages (void)
{
  g_autofree char *script =
      g_build_filename (g_getenv ("MC_TESTS_SRCDIR"), "app", "languages", NULL);
  g_autofree char *folder = g_build_filename (world.folder, "locale", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, script, folder, NULL);

  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

static void
begin_world (void)
{
  g_autoptr (GError) error = NULL;

  world.display = mc_test_display_new (1400, 1000);
  world.folder = g_dir_make_tmp ("mc-test-layout-XXXXXX", &error);
  g_assert_no_error (error);
  set_environment ();
  setlocale (LC_ALL, "");
  make_languages ();
  mcache_set_up (&world.mcache, NULL);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", mc_test_bus_get_address (world.mcache.bus), TRUE);
  fill ();
  world.application = mc_application_new ();
  g_application_register (G_APPLICATION (world.application), NULL, &error);
  g_assert_no_error (error);
}

static void
end_world (void)
{
  G_APPLICATION_GET_CLASS (world.application)->shutdown (G_APPLICATION (world.application));
  mcache_tear_down (&world.mcache, NULL);
  mc_test_display_free (world.display);
  mc_test_remove_tree (world.folder);
  g_free (world.folder);
}

/* --- waiting --- */

static void
settle (GtkWidget *window)
{
  for (guint i = 0; i < 3; i++)
    gtk_test_widget_wait_for_draw (window);
}

typedef struct
{
  GtkWidget *root;
  const char *text;
} Search;

static gboolean
is_found (gpointer data)
{
  Search *search = data;

  return mc_test_layout_find_text (search->root, search->text) != NULL;
}

static void
await_text (GtkWidget *root, const char *text)
{
  Search search = { root, text };

  if (!mc_test_wait_until (is_found, &search, LIMIT_MS))
    g_test_message ("“%s” does not appear", text);
  g_assert_true (is_found (&search));
}

/* --- looking --- */

static void
save (Walk *walk, const char *screen)
{
  const char *folder = g_getenv ("MC_SCREENSHOTS");
  g_autofree char *name = g_strdup_printf ("layout-%s-%s.png", walk->data->name, screen);
  g_autofree char *path = folder == NULL ? NULL : g_build_filename (folder, name, NULL);

  if (folder == NULL)
    return;
  g_mkdir_with_parents (folder, 0755);
  mc_test_display_save (world.display, path);
}

static void
judge_window (Walk *walk, GtkWidget *window, const char *screen)
{
  g_autoptr (GString) wrong = g_string_new (NULL);

  settle (window);
  save (walk, screen);
  mc_test_layout_judge (window, NARROW + FRAME, wrong);
  mc_test_layout_judge_names (window, wrong);
  mc_test_layout_judge_focus (window, wrong);
  if (wrong->len > 0)
    g_string_append_printf (walk->wrong, "--- %s ---\n%s", screen, wrong->str);
}

static void
judge (Walk *walk, const char *screen)
{
  judge_window (walk, walk->window, screen);
}

static void
act (Walk *walk, const char *action, const char *target)
{
  gboolean done = target == NULL ? gtk_widget_activate_action (walk->window, action, NULL)
                                 : gtk_widget_activate_action (walk->window, action, "s", target);

  g_assert_true (done);
}

/* What an action opened, besides the window. */
static GtkWidget *
find_dialog (Walk *walk)
{
  GListModel *all = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (all, i);

      if (window != walk->window && gtk_widget_get_mapped (window))
        return window;
    }
  return NULL;
}

static gboolean
has_dialog (gpointer walk)
{
  return find_dialog (walk) != NULL;
}

static gboolean
has_no_dialog (gpointer walk)
{
  return find_dialog (walk) == NULL;
}

static GtkWidget *
await_dialog (Walk *walk)
{
  g_assert_true (mc_test_wait_until (has_dialog, walk, LIMIT_MS));
  return find_dialog (walk);
}

static void
judge_dialog (Walk *walk, const char *screen)
{
  GtkWidget *dialog = await_dialog (walk);

  judge_window (walk, dialog, screen);
  gtk_window_close (GTK_WINDOW (dialog));
  g_assert_true (mc_test_wait_until (has_no_dialog, walk, LIMIT_MS));
}

/* --- screens --- */

static void
walk_library (Walk *walk)
{
  act (walk, "win.show-view", "library");
  act (walk, "win.show-view", "library");
  await_text (walk->window, "model-" WORD);
  judge (walk, "library");
  act (walk, "win.search", NULL);
  judge (walk, "library, searching");
}

static void
walk_discover (Walk *walk)
{
  act (walk, "win.show-view", "discover");
  judge (walk, "discover");
}

/* All that can be unfolded is. */
static void
unfold (GtkWidget *widget)
{
  if (GTK_IS_TOGGLE_BUTTON (widget) && gtk_widget_get_mapped (widget)
      && !GTK_IS_MENU_BUTTON (gtk_widget_get_parent (widget)))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (widget), TRUE);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    unfold (child);
}

static void
walk_repo (Walk *walk)
{
  act (walk, "win.show-repo", LONG_REPO);
  await_text (walk->window, "Q4_K_M");
  judge (walk, "repo");
  unfold (mc_test_layout_find_type (walk->window, MC_TYPE_REPO_PAGE));
  await_text (walk->window, LONG_FILE);
  judge (walk, "repo, unfolded");
  act (walk, "win.show-repo", GGUF);
  await_text (walk->window, "Q8_0");
  judge (walk, "repo with a failure");
  act (walk, "win.back", NULL);
}

static void
walk_downloads (Walk *walk)
{
  act (walk, "win.show-view", "downloads");
  await_text (walk->window, LONG_REPO "*");
  judge (walk, "downloads");
  gtk_widget_activate_action (mc_test_layout_find_type (walk->window, MC_TYPE_DOWNLOADS_VIEW),
                              "downloads.details", "t", G_GUINT64_CONSTANT (1));
  judge_dialog (walk, "details");
}

static void
walk_preferences (Walk *walk)
{
  GtkWidget *dialog;
  GtkWidget *stack;
  g_autoptr (GListModel) pages = NULL;

  act (walk, "win.preferences", NULL);
  dialog = await_dialog (walk);
  gtk_window_set_default_size (GTK_WINDOW (dialog), walk->data->width, PREFERRED_HEIGHT);
  settle (dialog);
  stack = mc_test_layout_find_type (dialog, ADW_TYPE_VIEW_STACK);
  pages = G_LIST_MODEL (adw_view_stack_get_pages (ADW_VIEW_STACK (stack)));
  for (guint i = 0; i < g_list_model_get_n_items (pages); i++)
    {
      g_autofree char *screen = g_strdup_printf ("preferences, page %u", i + 1);

      gtk_selection_model_select_item (GTK_SELECTION_MODEL (pages), i, TRUE);
      judge_window (walk, dialog, screen);
    }
  judge_dialog (walk, "preferences");
}

/* --- --- */

static void
apply (const Case *data)
{
  GtkSettings *settings = gtk_settings_get_default ();

  g_setenv ("LANGUAGE", data->language, TRUE);
  setlocale (LC_ALL, ""); /* lets go of what was translated */
  gtk_widget_set_default_direction (data->rtl ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
  g_object_set (settings, "gtk-xft-dpi", 96 * 1024 * data->text / 100, "gtk-enable-animations",
                FALSE, NULL);
}

static void
walk_all (gconstpointer data)
{
  g_autoptr (GString) wrong = g_string_new (NULL);
  Walk walk = { .data = data, .wrong = wrong };

  apply (data);
  g_application_activate (G_APPLICATION (world.application));
  walk.window =
      GTK_WIDGET (gtk_application_get_active_window (GTK_APPLICATION (world.application)));
  gtk_window_set_default_size (GTK_WINDOW (walk.window), walk.data->width, PREFERRED_HEIGHT);
  walk_library (&walk);
  walk_discover (&walk);
  walk_repo (&walk);
  walk_downloads (&walk);
  walk_preferences (&walk);
  gtk_window_destroy (GTK_WINDOW (walk.window));
  if (wrong->len == 0)
    return;
  g_test_message ("%s", wrong->str);
  g_test_fail ();
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  begin_world ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/layout/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], walk_all);
    }
  status = g_test_run ();
  end_world ();
  return status;
}
