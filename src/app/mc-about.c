/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-about.h"

#include "mc-sandbox.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* --- what is told with a report --- */

static const char *
get_variable (const char *name)
{
  const char *value = g_getenv (name);

  return value == NULL || value[0] == '\0' ? "not set" : value;
}

static void
add_program (GString *text)
{
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);

  g_string_append_printf (text, "Model Cache %s (%s)%s\n", MC_VERSION, MC_APP_ID,
                          mc_sandbox_is_flatpak () ? ", in a Flatpak" : "");
  g_string_append_printf (text, "System: %s\n", system == NULL ? "unknown" : system);
  g_string_append_printf (text, "Desktop: %s, %s\n", get_variable ("XDG_CURRENT_DESKTOP"),
                          get_variable ("XDG_SESSION_TYPE"));
  g_string_append_printf (text, "Display: %s\n", G_OBJECT_TYPE_NAME (gdk_display_get_default ()));
  g_string_append_printf (text, "Language: %s\n", g_get_language_names ()[0]);
  g_string_append_printf (text, "GTK %u.%u.%u, libadwaita %u.%u.%u, GLib %u.%u.%u\n",
                          gtk_get_major_version (), gtk_get_minor_version (),
                          gtk_get_micro_version (), adw_get_major_version (),
                          adw_get_minor_version (), adw_get_micro_version (), glib_major_version,
                          glib_minor_version, glib_micro_version);
}

/* Without what may be secret in an address: who asks, and the key of another Model Cache. */
static char *
dup_host (const char *endpoint)
{
  g_autoptr (GUri) uri = g_uri_parse (endpoint, G_URI_FLAGS_NONE, NULL);

  return g_strdup (uri == NULL ? "an address that is none" : g_uri_get_host (uri));
}

static void
add_service (GString *text, McInventory *inventory)
{
  McDbusManager *manager = mc_inventory_get_manager (inventory);
  g_autofree char *hub = NULL;

  /* While nobody has its name the proxy knows nothing. */
  if (manager == NULL || mc_dbus_manager_get_version (manager) == NULL)
    {
      g_string_append (text, "Service: does not run\n");
      return;
    }
  g_string_append_printf (text, "Service: %s, interface %u\n",
                          mc_dbus_manager_get_version (manager),
                          mc_dbus_manager_get_interface_version (manager));
  hub = dup_host (mc_dbus_manager_get_endpoint (manager));
  g_string_append_printf (text, "Hub: %s%s\n", hub,
                          mc_dbus_manager_get_offline (manager) ? ", offline mode" : "");
  g_string_append_printf (text, "Storage: %s\n",
                          mc_dbus_manager_get_store_absent (manager) ? "absent" : "there");
  g_string_append_printf (text, "Library: %u repos, %u transfers, %u of them active\n",
                          g_list_model_get_n_items (mc_inventory_get_repos (inventory)),
                          g_list_model_get_n_items (mc_inventory_get_transfers (inventory)),
                          mc_inventory_get_active (inventory));
}

/* In English, since others read it, and without paths, names or tokens, since it is shown to all.
 */
static char *
dup_debug_info (McInventory *inventory)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add_program (text);
  add_service (text, inventory);
  g_string_append (text, "Way to the Hub: mcache doctor\n");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- the window --- */

static const char *const authors[] = { "The Model Cache authors", NULL };

static const char *const libraries[] = {
  "GTK https://gtk.org",
  "libadwaita https://gnome.pages.gitlab.gnome.org/libadwaita/",
  "GLib https://docs.gtk.org/glib/",
  "libsoup https://libsoup.gnome.org",
  "JSON-GLib https://gnome.pages.gitlab.gnome.org/json-glib/",
  "libsecret https://gnome.pages.gitlab.gnome.org/libsecret/",
  "SQLite https://sqlite.org",
  "OpenSSL https://openssl.org",
  "Zstandard https://facebook.github.io/zstd/",
  "xxHash https://xxhash.com",
  "libfuse https://github.com/libfuse/libfuse",
  NULL,
};

void
mc_about_show (GtkWindow *parent, McInventory *inventory)
{
  g_autofree char *debug_info = dup_debug_info (inventory);
  AdwAboutWindow *about = ADW_ABOUT_WINDOW (adw_about_window_new ());

  g_object_set (
      about, "application-name", _ ("Model Cache"), "application-icon", MC_APP_ID, "version",
      MC_VERSION, "developer-name", _ ("The Model Cache authors"), "developers", authors,
      "license-type", GTK_LICENSE_GPL_3_0, "comments",
      _ ("One place for AI models: found on the Hub, downloaded once, for every program."),
      /* Translators: your name, or the names of all who translated into your language, a line each
       */
      "translator-credits", _ ("translator-credits"), "debug-info", debug_info,
      "debug-info-filename", "model-cache.txt", NULL);
  adw_about_window_add_acknowledgement_section (about, _ ("Built With"), (const char **) libraries);
  gtk_window_set_transient_for (GTK_WINDOW (about), parent);
  gtk_window_present (GTK_WINDOW (about));
}
