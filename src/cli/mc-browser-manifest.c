/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-browser-manifest.h"

#include "mc-json.h"

#include <string.h>

#define SCHEME "chrome-extension://"
#define FIREFOX_SCHEME "moz-extension://"
#define CHROMIUM_LENGTH 32
#define FIREFOX_LENGTH 255

static const McBrowser all[] = {
  { "Chromium", MC_BROWSER_CHROMIUM, TRUE, "chromium", "NativeMessagingHosts" },
  { "Google Chrome", MC_BROWSER_CHROMIUM, TRUE, "google-chrome", "NativeMessagingHosts" },
  { "Brave", MC_BROWSER_CHROMIUM, TRUE, "BraveSoftware/Brave-Browser", "NativeMessagingHosts" },
  { "Edge", MC_BROWSER_CHROMIUM, TRUE, "microsoft-edge", "NativeMessagingHosts" },
  { "Vivaldi", MC_BROWSER_CHROMIUM, TRUE, "vivaldi", "NativeMessagingHosts" },
  { "Firefox", MC_BROWSER_FIREFOX, FALSE, ".mozilla", "native-messaging-hosts" },
};

const McBrowser *
mc_browser_get_all (gsize *n)
{
  *n = G_N_ELEMENTS (all);
  return all;
}

static gboolean
is_made_of (const char *text, const char *characters)
{
  return text[0] != '\0' && text[strspn (text, characters)] == '\0';
}

gboolean
mc_browser_read_id (const char *id, McBrowserKind *kind)
{
  gboolean chromium = strlen (id) == CHROMIUM_LENGTH && is_made_of (id, "abcdefghijklmnop");
  gboolean firefox = strlen (id) <= FIREFOX_LENGTH && (strchr (id, '@') != NULL || id[0] == '{')
                     && is_made_of (id, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-@{}");

  *kind = chromium ? MC_BROWSER_CHROMIUM : MC_BROWSER_FIREFOX;
  return chromium || firefox;
}

char *
mc_browser_make_origin (McBrowserKind kind, const char *id)
{
  return g_strconcat (kind == MC_BROWSER_CHROMIUM ? SCHEME : FIREFOX_SCHEME, id, NULL);
}

char *
mc_browser_read_origin (const char *origin, McBrowserKind *kind)
{
  McBrowserKind expected =
      g_str_has_prefix (origin, SCHEME) ? MC_BROWSER_CHROMIUM : MC_BROWSER_FIREFOX;
  const char *scheme = expected == MC_BROWSER_CHROMIUM ? SCHEME : FIREFOX_SCHEME;

  if (!g_str_has_prefix (origin, scheme))
    return NULL;
  return mc_browser_read_id (origin + strlen (scheme), kind) && *kind == expected
             ? g_strdup (origin + strlen (scheme))
             : NULL;
}

const char *
mc_browser_get_member (McBrowserKind kind)
{
  return kind == MC_BROWSER_CHROMIUM ? "allowed_origins" : "allowed_extensions";
}

/* "chrome-extension://ID/" -> "ID"; NULL if there is none. */
static char *
read_entry (McBrowserKind kind, const char *entry)
{
  g_autofree char *id = g_strdup (entry);
  McBrowserKind found;

  if (kind == MC_BROWSER_CHROMIUM)
    {
      if (!g_str_has_prefix (entry, SCHEME) || !g_str_has_suffix (entry, "/"))
        return NULL;
      g_free (id);
      id = g_strndup (entry + strlen (SCHEME), strlen (entry) - strlen (SCHEME) - 1);
    }
  return mc_browser_read_id (id, &found) && found == kind ? g_steal_pointer (&id) : NULL;
}

char **
mc_browser_list (McBrowserKind kind, const char *before)
{
  g_autoptr (JsonNode) node = before == NULL ? NULL : mc_json_parse (before, -1, NULL);
  JsonObject *object = node == NULL ? NULL : mc_json_node_get_object (node);
  g_auto (GStrv) entries =
      object == NULL ? NULL : mc_json_get_strings (object, mc_browser_get_member (kind));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; entries != NULL && entries[i] != NULL; i++)
    {
      g_autofree char *id = read_entry (kind, entries[i]);

      if (id != NULL)
        g_strv_builder_add (builder, id);
    }
  return g_strv_builder_end (builder);
}

char *
mc_browser_make_entry (McBrowserKind kind, const char *id)
{
  return kind == MC_BROWSER_CHROMIUM ? g_strconcat (SCHEME, id, "/", NULL) : g_strdup (id);
}

static void
add_entry (JsonArray *array, McBrowserKind kind, const char *id)
{
  g_autofree char *entry = mc_browser_make_entry (kind, id);

  json_array_add_string_element (array, entry);
}

static JsonArray *
edit_list (McBrowserKind kind, char **ids, const char *id, gboolean allowed)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; ids[i] != NULL; i++)
    if (strcmp (ids[i], id) != 0)
      add_entry (array, kind, ids[i]);
  if (allowed)
    add_entry (array, kind, id);
  return array;
}

char *
mc_browser_edit (
    McBrowserKind kind, const char *before, const char *program, const char *id, gboolean allowed)
{
  g_auto (GStrv) ids = mc_browser_list (kind, before);
  g_autoptr (JsonArray) list = edit_list (kind, ids, id, allowed);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", MC_BROWSER_HOST);
  json_object_set_string_member (object, "description", "Models from Model Cache");
  json_object_set_string_member (object, "path", program);
  json_object_set_string_member (object, "type", "stdio");
  json_object_set_array_member (object, mc_browser_get_member (kind), json_array_ref (list));
  json_node_take_object (node, object);
  return json_array_get_length (list) == 0 ? NULL : json_to_string (node, TRUE);
}
