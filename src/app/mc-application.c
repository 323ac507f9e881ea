/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-application.h"

#include "mc-error-text.h"
#include "mc-inventory.h"
#include "mc-phrases.h"
#include "mc-window.h"

#include <glib/gi18n.h>

/* Actions of the program as a whole, the keys of all actions, and links that are opened with it. */

#define SCHEME "modelcache:"

struct _McApplication
{
  AdwApplication parent_instance;
  McInventory *inventory; /* (owned) (nullable): before startup */
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
  { "win.show-help-overlay", { "<primary>question" } },
  { "window.close", { "<primary>w" } },
};

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (user_data));

  /* Each remembers its size when it is closed. */
  for (GList *item = windows; item != NULL; item = item->next)
    gtk_window_close (item->data);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  adw_show_about_window (
      gtk_application_get_active_window (user_data), "application-name", _ ("Model Cache"),
      "application-icon", MC_APP_ID, "version", MC_VERSION, "developer-name",
      _ ("The Model Cache authors"), "license-type", GTK_LICENSE_GPL_3_0, "comments",
      _ ("One place for AI models: found on the Hub, downloaded once, for every program."), NULL);
}

static McWindow *
get_window (McApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window != NULL)
    return MC_WINDOW (window);
  return mc_window_new (GTK_APPLICATION (self), self->inventory);
}

/* --- news, for those who look at something else --- */

static gboolean
is_looked_at (McApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  return window != NULL && gtk_window_is_active (window);
}

static char *
describe_end (McTransferItem *transfer, gboolean failed)
{
  const char *name = mc_phrase_variant_name (mc_transfer_item_get_variant (transfer));
  g_autofree char *what =
      mc_phrase_join ((const char *[]){ mc_transfer_item_get_repo (transfer), name }, 2);

  if (!failed)
    return g_steal_pointer (&what);
  return g_strdup_printf (
      "%s\n%s", what,
      mc_error_text_get_by_name (mc_transfer_item_get_error_name (transfer)).explanation);
}

/* What ended by itself, or was deleted to make room, is no news. */
static void
on_ended (McApplication *self, McTransferItem *transfer)
{
  gboolean failed = g_str_equal (mc_transfer_item_get_state (transfer), "failed");
  gboolean download = g_str_equal (mc_transfer_item_get_kind (transfer), "download");
  g_autofree char *id =
      g_strdup_printf ("transfer-%" G_GUINT64_FORMAT, mc_transfer_item_get_number (transfer));
  g_autofree char *body = describe_end (transfer, failed);
  g_autoptr (GNotification) news = NULL;

  if ((!failed && !download) || is_looked_at (self))
    return;
  news = g_notification_new (
      failed ? mc_error_text_get_by_name (mc_transfer_item_get_error_name (transfer)).title
             : _ ("Download Finished"));
  g_notification_set_body (news, body);
  g_notification_set_default_action_and_target (news, "app.show-repo", "s",
                                                mc_transfer_item_get_repo (transfer));
  g_application_send_notification (G_APPLICATION (self), id, news);
}

static void
on_show_repo (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  McApplication *self = user_data;
  McWindow *window = get_window (self);
  McRepoItem *item =
      mc_inventory_find_repo (self->inventory, g_variant_get_string (parameter, NULL));

  if (item != NULL)
    mc_window_show_repo (window, item);
  gtk_window_present (GTK_WINDOW (window));
}

static const GActionEntry actions[] = {
  { .name = "quit", .activate = on_quit },
  { .name = "about", .activate = on_about },
  { .name = "show-repo", .activate = on_show_repo, .parameter_type = "s" },
};

static void
mc_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (MC_APPLICATION (application))));
}

/* modelcache:owner/name, and addresses of pages. */
static void
mc_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  McWindow *window = get_window (MC_APPLICATION (application));

  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);
      const char *name = g_str_has_prefix (uri, SCHEME) ? uri + strlen (SCHEME) : uri;

      while (*name == '/')
        name++;
      mc_window_look_up (window, name);
    }
  gtk_window_present (GTK_WINDOW (window));
}

static void
mc_application_startup (GApplication *application)
{
  McApplication *self = MC_APPLICATION (application);

  G_APPLICATION_CLASS (mc_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (MC_APP_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (gsize i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accelerators[i].action,
                                           (const char *const *) accelerators[i].keys);
  self->inventory = mc_inventory_new ();
  g_signal_connect_object (self->inventory, "ended", G_CALLBACK (on_ended), self,
                           G_CONNECT_SWAPPED);
}

static void
mc_application_shutdown (GApplication *application)
{
  McApplication *self = MC_APPLICATION (application);

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

  application_class->startup = mc_application_startup;
  application_class->shutdown = mc_application_shutdown;
  application_class->activate = mc_application_activate;
  application_class->open = mc_application_open;
}

static void
mc_application_init (McApplication *self)
{
}
