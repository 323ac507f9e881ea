/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-browser-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli.h"

#include "mc-error.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

/* mcache browser: which extensions of browsers may ask. Each browser has a file that says so; the
 * service knows those whose pages take files by HTTP. */

#define PROGRAM "model-cache-native-host"
#define FOLDER_MODE 0700
#define FILE_MODE 0644

static const struct
{
  const char *name;
  McBrowserKind kind;
  gboolean config; /* its folder is in that of the user's settings, or else in the home folder */
  const char *folder;
  const char *hosts;
} browsers[] = {
  { "Chromium", MC_BROWSER_CHROMIUM, TRUE, "chromium", "NativeMessagingHosts" },
  { "Google Chrome", MC_BROWSER_CHROMIUM, TRUE, "google-chrome", "NativeMessagingHosts" },
  { "Brave", MC_BROWSER_CHROMIUM, TRUE, "BraveSoftware/Brave-Browser", "NativeMessagingHosts" },
  { "Edge", MC_BROWSER_CHROMIUM, TRUE, "microsoft-edge", "NativeMessagingHosts" },
  { "Vivaldi", MC_BROWSER_CHROMIUM, TRUE, "vivaldi", "NativeMessagingHosts" },
  { "Firefox", MC_BROWSER_FIREFOX, FALSE, ".mozilla", "native-messaging-hosts" },
};

static char *
make_folder_path (gsize browser)
{
  return g_build_filename (browsers[browser].config ? g_get_user_config_dir () : g_get_home_dir (),
                           browsers[browser].folder, NULL);
}

static char *
make_manifest_path (gsize browser)
{
  g_autofree char *folder = make_folder_path (browser);

  return g_build_filename (folder, browsers[browser].hosts, MC_BROWSER_HOST ".json", NULL);
}

/* What is not there or cannot be read is as if it were empty: it is made anew. */
static char *
read_manifest (const char *path)
{
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static gboolean
fail_errno (GError **error, const char *path)
{
  g_set_error (error, MC_ERROR, MC_ERROR_FAILED, "%s: %s", path, g_strerror (errno));
  return FALSE;
}

static gboolean
write_manifest (const char *path, const char *text, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) local = NULL;

  if (text == NULL)
    return g_unlink (path) == 0 || errno == ENOENT || fail_errno (error, path);
  if (g_mkdir_with_parents (folder, FOLDER_MODE) != 0)
    return fail_errno (error, folder);
  if (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, FILE_MODE, &local))
    return TRUE;
  g_set_error_literal (error, MC_ERROR, MC_ERROR_FAILED, local->message);
  return FALSE;
}

/* --- telling --- */

static GVariant *
list_browser (gsize browser)
{
  g_autofree char *path = make_manifest_path (browser);
  g_autofree char *text = read_manifest (path);
  g_auto (GStrv) ids = mc_browser_list (browsers[browser].kind, text);

  return g_variant_new_strv ((const char *const *) ids, -1);
}

static gboolean
list (McCli *cli)
{
  g_autoptr (GVariant) all = NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (browsers); i++)
    {
      g_autoptr (GVariant) ids = g_variant_ref_sink (list_browser (i));
      g_autofree const char **texts = g_variant_get_strv (ids, NULL);

      for (guint n = 0; !cli->json && texts[n] != NULL; n++)
        mc_cli_print ("%s  %s\n", texts[n], browsers[i].name);
      if (texts[0] != NULL)
        g_variant_dict_insert_value (&dict, browsers[i].name, ids);
    }
  all = g_variant_ref_sink (g_variant_dict_end (&dict));
  if (cli->json)
    mc_cli_print_json_value (all, FALSE);
  return TRUE;
}

/* --- changing --- */

/* The pages of an extension take files by HTTP only if the service lets them. */
static gboolean
configure_origin (McCli *cli, const char *origin, gboolean allowed, GError **error)
{
  GVariant *settings = mc_dbus_manager_get_settings (mc_cli_get_manager (cli));
  g_autofree const char **before = NULL;
  g_autoptr (GPtrArray) origins = g_ptr_array_new ();
  GVariantDict changes;

  if (settings != NULL)
    g_variant_lookup (settings, "serve-origins", "^a&s", &before);
  for (guint i = 0; before != NULL && before[i] != NULL; i++)
    if (strcmp (before[i], origin) != 0)
      g_ptr_array_add (origins, (gpointer) before[i]);
  if (allowed)
    g_ptr_array_add (origins, (gpointer) origin);
  g_variant_dict_init (&changes, NULL);
  g_variant_dict_insert_value (
      &changes, "serve-origins",
      g_variant_new_strv ((const char *const *) origins->pdata, (gssize) origins->len));
  return mc_cli_configure (cli, g_variant_dict_end (&changes), error);
}

/* Those that are here; if none is, the one that Debian has. */
static gboolean
is_meant (gsize browser, McBrowserKind kind, gboolean first)
{
  g_autofree char *folder = make_folder_path (browser);

  return browsers[browser].kind == kind && (first || g_file_test (folder, G_FILE_TEST_IS_DIR));
}

static gboolean
is_any_here (McBrowserKind kind)
{
  for (gsize i = 0; i < G_N_ELEMENTS (browsers); i++)
    if (is_meant (i, kind, FALSE))
      return TRUE;
  return FALSE;
}

static gboolean
edit (McBrowserKind kind, const char *id, gboolean allowed, GError **error)
{
  const char *other = g_getenv ("MODEL_CACHE_NATIVE_HOST");
  g_autofree char *program = other != NULL ? g_canonicalize_filename (other, NULL)
                                           : g_build_filename (MC_LIBEXECDIR, PROGRAM, NULL);
  gboolean first = !is_any_here (kind);

  if (allowed && !g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_FAILED, _ ("%s is not installed"), program);
      return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (browsers); i++)
    {
      g_autofree char *path = make_manifest_path (i);
      g_autofree char *before = NULL;
      g_autofree char *text = NULL;

      if (!is_meant (i, kind, first))
        continue;
      before = read_manifest (path);
      text = mc_browser_edit (kind, before, program, id, allowed);
      if (!write_manifest (path, text, error))
        return FALSE;
      if (allowed)
        /* Translators: the name of an extension, and of a browser */
        mc_cli_print_error (_ ("Extension %s of %s may ask now\n"), id, browsers[i].name);
      first = FALSE;
    }
  return TRUE;
}

static gboolean
change (McCli *cli, const char *id, gboolean allowed, GError **error)
{
  g_autofree char *origin = NULL;
  McBrowserKind kind;

  if (!mc_browser_read_id (id, &kind))
    return mc_cli_fail_usage (error,
                              _ ("“%s” is no extension: Chromium's are 32 letters from a to p, "
                                 "Firefox's look like name@example.org or {UUID}"),
                              id);
  origin = mc_browser_make_origin (kind, id);
  if (!mc_cli_connect (cli, error) || !configure_origin (cli, origin, allowed, error))
    return FALSE;
  return edit (kind, id, allowed, error);
}

gboolean
mc_cli_browser (McCli *cli, GError **error)
{
  const char *deed, *id;

  if (!mc_cli_parse (cli, NULL, error))
    return FALSE;
  deed = mc_cli_get_argument (cli, 0);
  id = mc_cli_get_argument (cli, 1);
  if (deed == NULL)
    return list (cli);
  if (id == NULL || (strcmp (deed, "allow") != 0 && strcmp (deed, "deny") != 0))
    return mc_cli_fail_usage (error, "%s", _ ("Say “allow ID” or “deny ID”, or nothing"));
  return change (cli, id, strcmp (deed, "allow") == 0, error);
}
