/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-browser-script.h"
#include "mc-cli-output.h"
#include "mc-cli.h"

#include "mc-error.h"
#include "mc-sandbox.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* mcache browser: which extensions of browsers may ask. Each browser has a file that says so; the
 * service knows those whose pages take files by HTTP. */

#define PROGRAM "model-cache-native-host"
#define FOLDER_MODE 0700
#define FILE_MODE 0644

static char *
make_folder_path (const McBrowser *browser)
{
  return g_build_filename (browser->config ? g_get_user_config_dir () : g_get_home_dir (),
                           browser->folder, NULL);
}

static char *
make_manifest_path (const McBrowser *browser)
{
  g_autofree char *folder = make_folder_path (browser);

  return g_build_filename (folder, browser->hosts, MC_BROWSER_HOST ".json", NULL);
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

/* --- in a Flatpak --- */

/* The extensions of that kind among the origins whose pages may ask. */
static char **
list_known (GVariant *origins, McBrowserKind kind)
{
  g_autofree const char **texts = g_variant_get_strv (origins, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; texts[i] != NULL; i++)
    {
      McBrowserKind found;
      g_autofree char *id = mc_browser_read_origin (texts[i], &found);

      if (id != NULL && found == kind)
        g_strv_builder_add (builder, id);
    }
  return g_strv_builder_end (builder);
}

static void
print_script_json (const char *script)
{
  g_autoptr (GVariant) values = NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "script", "s", script);
  values = g_variant_ref_sink (g_variant_dict_end (&dict));
  mc_cli_print_json_value (values, FALSE);
}

/* The rest is for a shell that sees the browsers' folders. */
static void
print_script (McCli *cli, GVariant *origins)
{
  g_auto (GStrv) chromium = list_known (origins, MC_BROWSER_CHROMIUM);
  g_auto (GStrv) firefox = list_known (origins, MC_BROWSER_FIREFOX);
  g_autofree char *script =
      mc_browser_write_script ((const char *const *) chromium, (const char *const *) firefox);

  if (cli->json)
    {
      print_script_json (script);
      return;
    }
  mc_cli_print ("%s", script);
  if (isatty (STDOUT_FILENO))
    mc_cli_print_error (
        _ ("A Flatpak cannot reach browsers: these lines do it, in a shell outside. "
           "Or say the same once more, with “| sh” behind it.\n"));
}

/* --- telling --- */

/* origins: (nullable): of a Flatpak */
static GVariant *
list_browser (const McBrowser *browser, GVariant *origins)
{
  g_autofree char *path = make_manifest_path (browser);
  g_autofree char *text = read_manifest (path);
  g_auto (GStrv) ids =
      origins != NULL ? list_known (origins, browser->kind) : mc_browser_list (browser->kind, text);

  return g_variant_new_strv ((const char *const *) ids, -1);
}

static void
tell_browser (McCli *cli, const McBrowser *browser, GVariant *origins, GVariantDict *dict)
{
  g_autoptr (GVariant) ids = g_variant_ref_sink (list_browser (browser, origins));
  g_autofree const char **texts = g_variant_get_strv (ids, NULL);

  for (guint n = 0; !cli->json && texts[n] != NULL; n++)
    mc_cli_print ("%s  %s\n", texts[n], browser->name);
  if (texts[0] != NULL)
    g_variant_dict_insert_value (dict, browser->name, ids);
}

/* NULL: the service has none. */
static GVariant *
get_origins (McCli *cli)
{
  GVariant *settings = mc_dbus_manager_get_settings (mc_cli_get_manager (cli));

  return settings == NULL
             ? NULL
             : g_variant_lookup_value (settings, "serve-origins", G_VARIANT_TYPE_STRING_ARRAY);
}

/* Those outside of a Flatpak are not seen from within: the first stands for all of its kind. */
static gboolean
list (McCli *cli, GError **error)
{
  g_autoptr (GVariant) origins = NULL;
  g_autoptr (GVariant) result = NULL;
  GVariantDict dict;
  gsize n;
  const McBrowser *all = mc_browser_get_all (&n);

  if (mc_sandbox_is_flatpak () && !mc_cli_connect (cli, error))
    return FALSE;
  if (mc_sandbox_is_flatpak ())
    origins = get_origins (cli);
  g_variant_dict_init (&dict, NULL);
  for (gsize i = 0; i < n; i++)
    if (origins == NULL || i == 0 || all[i].kind != all[i - 1].kind)
      tell_browser (cli, &all[i], origins, &dict);
  result = g_variant_ref_sink (g_variant_dict_end (&dict));
  if (cli->json)
    mc_cli_print_json_value (result, FALSE);
  return TRUE;
}

/* --- changing --- */

static GVariant *
edit_origins (GVariant *before, const char *origin, gboolean allowed)
{
  g_autofree const char **texts = before == NULL ? NULL : g_variant_get_strv (before, NULL);
  g_autoptr (GPtrArray) origins = g_ptr_array_new ();

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    if (strcmp (texts[i], origin) != 0)
      g_ptr_array_add (origins, (gpointer) texts[i]);
  if (allowed)
    g_ptr_array_add (origins, (gpointer) origin);
  return g_variant_new_strv ((const char *const *) origins->pdata, (gssize) origins->len);
}

/* The pages of an extension take files by HTTP only if the service lets them. Gives all that may;
 * NULL with an error. */
static GVariant *
configure_origin (McCli *cli, const char *origin, gboolean allowed, GError **error)
{
  g_autoptr (GVariant) before = get_origins (cli);
  g_autoptr (GVariant) origins = g_variant_ref_sink (edit_origins (before, origin, allowed));
  GVariantDict changes;

  g_variant_dict_init (&changes, NULL);
  g_variant_dict_insert_value (&changes, "serve-origins", origins);
  if (!mc_cli_configure (cli, g_variant_dict_end (&changes), error))
    return NULL;
  return g_steal_pointer (&origins);
}

/* Those that are here; if none is, the one that Debian has. */
static gboolean
is_meant (const McBrowser *browser, McBrowserKind kind, gboolean first)
{
  g_autofree char *folder = make_folder_path (browser);

  return browser->kind == kind && (first || g_file_test (folder, G_FILE_TEST_IS_DIR));
}

static gboolean
is_any_here (McBrowserKind kind)
{
  gsize n;
  const McBrowser *all = mc_browser_get_all (&n);

  for (gsize i = 0; i < n; i++)
    if (is_meant (&all[i], kind, FALSE))
      return TRUE;
  return FALSE;
}

static gboolean
edit_one (
    const McBrowser *browser, const char *program, const char *id, gboolean allowed, GError **error)
{
  g_autofree char *path = make_manifest_path (browser);
  g_autofree char *before = read_manifest (path);
  g_autofree char *text = mc_browser_edit (browser->kind, before, program, id, allowed);

  if (!write_manifest (path, text, error))
    return FALSE;
  if (allowed)
    /* Translators: the name of an extension, and of a browser */
    mc_cli_print_error (_ ("Extension %s of %s may ask now\n"), id, browser->name);
  return TRUE;
}

static gboolean
edit (McBrowserKind kind, const char *id, gboolean allowed, GError **error)
{
  const char *other = g_getenv ("MODEL_CACHE_NATIVE_HOST");
  g_autofree char *program = other != NULL ? g_canonicalize_filename (other, NULL)
                                           : g_build_filename (MC_LIBEXECDIR, PROGRAM, NULL);
  gboolean first = !is_any_here (kind);
  gsize n;
  const McBrowser *all = mc_browser_get_all (&n);

  if (allowed && !g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_FAILED, _ ("%s is not installed"), program);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    {
      if (!is_meant (&all[i], kind, first))
        continue;
      if (!edit_one (&all[i], program, id, allowed, error))
        return FALSE;
      first = FALSE;
    }
  return TRUE;
}

static gboolean
change (McCli *cli, const char *id, gboolean allowed, GError **error)
{
  g_autofree char *origin = NULL;
  g_autoptr (GVariant) origins = NULL;
  McBrowserKind kind;

  if (!mc_browser_read_id (id, &kind))
    return mc_cli_fail_usage (error,
                              _ ("“%s” is no extension: Chromium's are 32 letters from a to p, "
                                 "Firefox's look like name@example.org or {UUID}"),
                              id);
  origin = mc_browser_make_origin (kind, id);
  if (!mc_cli_connect (cli, error))
    return FALSE;
  origins = configure_origin (cli, origin, allowed, error);
  if (origins == NULL)
    return FALSE;
  if (!mc_sandbox_is_flatpak ())
    return edit (kind, id, allowed, error);
  print_script (cli, origins);
  return TRUE;
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
    return list (cli, error);
  if (id == NULL || (strcmp (deed, "allow") != 0 && strcmp (deed, "deny") != 0))
    return mc_cli_fail_usage (error, "%s", _ ("Say “allow ID” or “deny ID”, or nothing"));
  return change (cli, id, strcmp (deed, "allow") == 0, error);
}
