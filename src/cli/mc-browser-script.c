/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-browser-script.h"

/* What the names in it are made of was read by mc_browser_read_id(): nothing that a shell or JSON
 * would have to be told to leave alone. */

static const char head[] =
    "set -eu\n"
    "config=${XDG_CONFIG_HOME:-$HOME/.config}\n"
    "host=${XDG_DATA_HOME:-$HOME/.local/share}/" MC_APP_ID "/native-host\n"
    "mkdir -p \"${host%/*}\"\n"
    "cat >\"$host\" <<'END'\n"
    "#!/bin/sh\n"
    "exec flatpak run --command=" MC_LIBEXECDIR "/model-cache-native-host " MC_APP_ID " \"$@\"\n"
    "END\n"
    "chmod +x \"$host\"\n"
    "tell() {\n"
    "  [ -d \"$1\" ] || return 0\n"
    "  file=$1/$2/" MC_BROWSER_HOST ".json\n"
    "  if [ -z \"$4\" ]; then rm -f \"$file\"; return; fi\n"
    "  mkdir -p \"$1/$2\"\n"
    "  printf '{\"name\": \"%s\", \"description\": \"Models from Model Cache\", \"path\": "
    "\"%s\",\\n'"
    " " MC_BROWSER_HOST " \"$host\" >\"$file\"\n"
    "  printf ' \"type\": \"stdio\", \"%s\": [%s]}\\n' \"$3\" \"$4\" >>\"$file\"\n"
    "  echo \"$file\"\n"
    "}\n";

static char *
list_entries (McBrowserKind kind, const char *const *ids)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autofree char *entry = mc_browser_make_entry (kind, ids[i]);

      g_string_append_printf (text, "%s\"%s\"", i == 0 ? "" : ", ", entry);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
mc_browser_write_script (const char *const *chromium, const char *const *firefox)
{
  g_autoptr (GString) text = g_string_new (head);
  gsize n;
  const McBrowser *browsers = mc_browser_get_all (&n);

  for (gsize i = 0; i < n; i++)
    {
      McBrowserKind kind = browsers[i].kind;
      g_autofree char *entries =
          list_entries (kind, kind == MC_BROWSER_CHROMIUM ? chromium : firefox);

      g_string_append_printf (text, "tell \"%s/%s\" %s %s '%s'\n",
                              browsers[i].config ? "$config" : "$HOME", browsers[i].folder,
                              browsers[i].hosts, mc_browser_get_member (kind), entries);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
