/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-application.h"

#include "mc-about.h"
#include "mc-access-asker.h"
#include "mc-background.h"
#include "mc-drag-out.h"
#include "mc-inventory.h"
#include "mc-news.h"
#include "mc-sandbox.h"
#include "mc-search-provider.h"
#include "mc-update-watch.h"
#include "mc-window.h"

#include <glib/gi18n.h>
#include <stdlib.h>

/* Actions of the program as a whole, the keys of all actions, and links that are opened with it. */

struct _McApplication
{
  AdwApplication parent_instance;
  McInventory *inventory;     /* (owned) (nullable): before startup */
  McNews *news;               /* (owned) (nullable) */
  McAccessAsker *asker;       /* (owned) (nullable) */
  McSearchProvider *overview; /* (owned) (nullable): on the bus */
  McUpdateWatch *updates;     /* (owned) (nullable): before the first window */
  McSandboxWatch *sandbox;    /* (owned) (nullable): before startup */
  gboolean quitting;          /* nothing keeps it any more */
  gboolean held;              /* no window is open, and downloads run that are to be told of */
};

G_DEFINE_FINAL_TYPE (McApplication, mc_application, ADW_TYPE_APPLICATION)

static const struct
{
  const char *action;
  const char *keys[3];
} accelerators[] = {
  { "app.quit", { "<primary>q" } },
  { "win.preferences", { "<primary>comma" } },
  { "win.show-view::library", { "<primary>1" } },
  { "win.show-view::discover", { "<primary>2" } },
  { "win.show-view::downloads", { "<primary>3" } },
  { "win.search", { "<primary>f" } },
  { "win.paste", { "<primary>l" } },
  { "win.undo", { "<primary>z" } },
  { "win.back", { "<alt>Left" } },
  { "win.menu", { "F10" } },
  { "win.show-shortcuts", { "<primary>question" } },
  { "window.close", { "<primary>w" } },
};

/* --- without a window --- */

/* A sandbox without a window is something that desktops watch: what it is for is told them. */
static void
tell_background (McApplication *self, gboolean begins)
{
  GDBusConnection *bus = g_application_get_dbus_connection (G_APPLICATION (self));
  guint n = self->inventory == NULL ? 0 : mc_inventory_get_active (self->inventory);
  g_autofree char *status = NULL;

  if (bus == NULL || !mc_sandbox_is_flatpak ())
    return;
  status = g_strdup_printf (ngettext ("%u download", "%u downloads", n), n);
  if (begins)
    mc_background_request (bus, _ ("Downloads of models go on when the window is closed."));
  mc_background_tell (bus, self->held ? status : "");
}

/* The service needs nobody for its downloads; whoever waits for them wants to hear of their end. */
static void
update_hold (McApplication *self)
{
  gboolean hold = !self->quitting && gtk_application_get_windows (GTK_APPLICATION (self)) == NULL
                  && self->inventory != NULL && mc_inventory_get_active (self->inventory) > 0;

  gboolean changed = hold != self->held;

  self->held = hold;
  if (changed || hold)
    tell_background (self, changed && hold);
  if (changed && hold)
    g_application_hold (G_APPLICATION (self));
  else if (changed)
    g_application_release (G_APPLICATION (self));
}

/* --- actions --- */

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  McApplication *self = user_data;
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (user_data));

  /* Each remembers its size when it is closed. */
  for (GList *item = windows; item != NULL; item = item->next)
    gtk_window_close (item->data);
  self->quitting = TRUE;
  update_hold (self);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  McApplication *self = user_data;

  mc_about_show (gtk_application_get_active_window (user_data), self->inventory);
}

static McWindow *
get_window (McApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  McWindow *made;

  if (window != NULL)
    return MC_WINDOW (window);
  made = mc_window_new (GTK_APPLICATION (self), self->inventory);
#ifdef MC_DEVEL
  /* The desktop's way to tell it from a release. */
  gtk_widget_add_css_class (GTK_WIDGET (made), "devel");
#endif
  return made;
}

static void
on_show_repo (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  McApplication *self = user_data;
  GtkWidget *window = GTK_WIDGET (get_window (self));

  gtk_widget_activate_action_variant (window, "win.show-repo", parameter);
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_show_view (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (get_window (user_data));

  gtk_widget_activate_action_variant (window, "win.show-view", parameter);
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_look_for (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (get_window (user_data));

  gtk_widget_activate_action_variant (window, "win.look-for", parameter);
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_retry (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWidget *window = GTK_WIDGET (get_window (user_data));

  gtk_widget_activate_action (window, "win.steer", "(ts)", g_variant_get_uint64 (parameter),
                              "Retry");
}

/* The button of an error: an action of the window, about a repo. */
static void
on_help (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  static const char *const about_repo[] = { "win.open-page", "win.look-up", NULL };
  static const char *const others[] = { "win.preferences", "win.reclaim", "win.go-online", NULL };
  GtkWidget *window = GTK_WIDGET (get_window (user_data));
  const char *name, *repo;

  g_variant_get (parameter, "(&s&s)", &name, &repo);
  gtk_window_present (GTK_WINDOW (window));
  if (g_strv_contains (about_repo, name))
    gtk_widget_activate_action (window, name, "s", repo);
  else if (g_strv_contains (others, name))
    gtk_widget_activate_action (window, name, NULL);
}

static const GActionEntry actions[] = {
  { .name = "quit", .activate = on_quit },
  { .name = "about", .activate = on_about },
  { .name = "show-repo", .activate = on_show_repo, .parameter_type = "s" },
  { .name = "show-view", .activate = on_show_view, .parameter_type = "s" },
  { .name = "look-for", .activate = on_look_for, .parameter_type = "s" },
  { .name = "retry", .activate = on_retry, .parameter_type = "t" },
  { .name = "help", .activate = on_help, .parameter_type = "(ss)" },
};

static void
mc_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (MC_APPLICATION (application))));
}

static void
mc_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  McWindow *window = get_window (MC_APPLICATION (application));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) addresses = NULL;

  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      g_strv_builder_add (builder, uri);
    }
  addresses = g_strv_builder_end (builder);
  mc_window_open (window, (const char *const *) addresses);
  gtk_window_present (GTK_WINDOW (window));
}

static void
mc_application_window_removed (GtkApplication *application, GtkWindow *window)
{
  GTK_APPLICATION_CLASS (mc_application_parent_class)->window_removed (application, window);
  update_hold (MC_APPLICATION (application));
}

static void
mc_application_window_added (GtkApplication *application, GtkWindow *window)
{
  McApplication *self = MC_APPLICATION (application);

  GTK_APPLICATION_CLASS (mc_application_parent_class)->window_added (application, window);
  if (self->updates == NULL && self->inventory != NULL)
    self->updates = mc_update_watch_new (self->inventory);
  update_hold (self);
}

/* --- the command line --- */

static int
mc_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("model-cache %s\n", MC_VERSION);
      return EXIT_SUCCESS;
    }
  if (gtk_init_check ())
    return -1;
  g_printerr (_ ("model-cache: there is no display to open a window on. Downloads go on without "
                 "one; mcache is the same for a terminal.\n"));
  return EXIT_FAILURE;
}

/* What is no text could not be passed on to the program that runs already. */
static gboolean
mc_application_local_command_line (GApplication *application, char ***arguments, int *status)
{
  for (char **argument = *arguments; *argument != NULL; argument++)
    if (!g_utf8_validate (*argument, -1, NULL))
      {
        g_printerr (_ ("model-cache: an argument is not UTF-8\n"));
        *status = EXIT_FAILURE;
        return TRUE;
      }
  return G_APPLICATION_CLASS (mc_application_parent_class)
      ->local_command_line (application, arguments, status);
}

static void
add_options (GApplication *self)
{
  static const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };

  g_application_add_main_option_entries (self, entries);
  g_application_set_option_context_parameter_string (self, _ ("[ADDRESS…]"));
  g_application_set_option_context_summary (
      self, _ ("Find, download and share AI models.\n\n"
               "An ADDRESS is modelcache:owner/name or that of a model’s page on the Hub, which is "
               "then shown, or a file or folder with models, to be adopted."));
}

/* Before the program has its name: who started it by that asks at once. */
static gboolean
mc_application_dbus_register (GApplication *application,
                              GDBusConnection *bus,
                              const char *path,
                              GError **error)
{
  McApplication *self = MC_APPLICATION (application);

  if (!G_APPLICATION_CLASS (mc_application_parent_class)
           ->dbus_register (application, bus, path, error))
    return FALSE;
  self->overview = mc_search_provider_new (application, bus, path, error);
  return self->overview != NULL;
}

static void
mc_application_dbus_unregister (GApplication *application, GDBusConnection *bus, const char *path)
{
  g_clear_object (&MC_APPLICATION (application)->overview);
  G_APPLICATION_CLASS (mc_application_parent_class)->dbus_unregister (application, bus, path);
}

static void
on_removed (gpointer user_data)
{
  g_action_group_activate_action (G_ACTION_GROUP (user_data), "quit", NULL);
}

static void
mc_application_startup (GApplication *application)
{
  McApplication *self = MC_APPLICATION (application);

  /* Before all else: the service looks up what there is while the window is built. */
  self->inventory = mc_inventory_new (g_application_get_dbus_connection (application));
  if (self->overview != NULL)
    mc_search_provider_set_inventory (self->overview, self->inventory);
  G_APPLICATION_CLASS (mc_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (MC_APP_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (gsize i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accelerators[i].action,
                                           (const char *const *) accelerators[i].keys);
  self->sandbox = mc_sandbox_watch_new (on_removed, self);
  mc_drag_out_tidy ();
  self->news = mc_news_new (GTK_APPLICATION (self), self->inventory);
  self->asker = mc_access_asker_new (GTK_APPLICATION (self), self->inventory);
  g_signal_connect_object (self->inventory, "notify::active", G_CALLBACK (update_hold), self,
                           G_CONNECT_SWAPPED);
}

static void
mc_application_shutdown (GApplication *application)
{
  McApplication *self = MC_APPLICATION (application);

  g_clear_pointer (&self->sandbox, mc_sandbox_watch_free);
  g_clear_object (&self->news);
  g_clear_object (&self->asker);
  g_clear_pointer (&self->updates, mc_update_watch_free);
  if (self->inventory != NULL)
    mc_inventory_close (self->inventory);
  g_clear_object (&self->inventory);
  G_APPLICATION_CLASS (mc_application_parent_class)->shutdown (application);
}

McApplication *
mc_application_new (void)
{
  return g_object_new (MC_TYPE_APPLICATION, "application-id", MC_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/com/tabagent/ModelCache",
                       NULL);
}

static void
mc_application_class_init (McApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);
  GtkApplicationClass *gtk_application_class = GTK_APPLICATION_CLASS (klass);

  application_class->startup = mc_application_startup;
  application_class->shutdown = mc_application_shutdown;
  application_class->activate = mc_application_activate;
  application_class->open = mc_application_open;
  application_class->dbus_register = mc_application_dbus_register;
  application_class->dbus_unregister = mc_application_dbus_unregister;
  application_class->handle_local_options = mc_application_handle_local_options;
  application_class->local_command_line = mc_application_local_command_line;
  gtk_application_class->window_added = mc_application_window_added;
  gtk_application_class->window_removed = mc_application_window_removed;
}

static void
mc_application_init (McApplication *self)
{
  add_options (G_APPLICATION (self));
}
