/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The files that tell a browser which extensions may start model-cache-native-host. Pure.
 * https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging
 * https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests */

typedef enum
{
  MC_BROWSER_CHROMIUM,
  MC_BROWSER_FIREFOX,
} McBrowserKind;

/* A browser that is known. */
typedef struct
{
  const char *name;
  McBrowserKind kind;
  gboolean config; /* its folder is in that of the user's settings, or else in the home folder */
  const char *folder;
  const char *hosts; /* where it looks for the files, in there */
} McBrowser;

const McBrowser *mc_browser_get_all (gsize *n);

/* FALSE: it is the name of no extension. Chromium's are 32 letters from a to p, Firefox's look like
 * an address or a UUID in braces. */
gboolean mc_browser_read_id (const char *id, McBrowserKind *kind);

/* What the service knows the extension's pages by; g_free() it. Chromium's send it as Origin,
 * Firefox makes up another one for each profile. */
char *mc_browser_make_origin (McBrowserKind kind, const char *id);

/* The other way round. g_free() it; NULL: it is of no extension. */
char *mc_browser_read_origin (const char *origin, McBrowserKind *kind);

/* How the file calls its list of extensions, and one in it; g_free() that. */
const char *mc_browser_get_member (McBrowserKind kind);
char *mc_browser_make_entry (McBrowserKind kind, const char *id);

/* The extensions in such a file, without what is nonsense; g_strfreev() them. before: (nullable).
 */
char **mc_browser_list (McBrowserKind kind, const char *before);

/* The file anew, with the extension or without it; g_free() it. NULL if none is left. */
char *mc_browser_edit (
    McBrowserKind kind, const char *before, const char *program, const char *id, gboolean allowed);

G_END_DECLS
