/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"

#include <glib/gi18n.h>

/* mcache scan: what the Hub has, read and kept by the service. */

/* The repo as the Hub spells it, at the revision that was scanned. */
static char *
dup_scanned_name (McCli *cli, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (McDbusRepo) repo = NULL;

  mc_client_get_repo_async (cli->client, path, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  repo = mc_client_get_repo_finish (cli->client, result, error);
  if (repo == NULL)
    return NULL;
  return g_strdup_printf ("%s@%s", mc_dbus_repo_get_id (repo), mc_dbus_repo_get_revision (repo));
}

static GVariant *
make_options (const char *revision)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (revision != NULL)
    g_variant_dict_insert (&options, "revision", "s", revision);
  return g_variant_dict_end (&options);
}

gboolean
mc_cli_scan (McCli *cli, GError **error)
{
  g_autofree char *revision = NULL;
  const GOptionEntry entries[] = {
    { "revision", 'r', 0, G_OPTION_ARG_FILENAME, &revision, N_ ("A branch, tag or commit"),
      N_ ("REVISION") },
    { NULL },
  };
  McDbusManager *manager;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GVariant) manifest = NULL;
  GError *local = NULL;

  if (!mc_cli_parse (cli, entries, error))
    return FALSE;
  if (revision != NULL && !g_utf8_validate (revision, -1, NULL))
    return mc_cli_fail_usage (error, _ ("An option's value is not valid UTF-8"));
  if (!mc_cli_connect (cli, error))
    return FALSE;

  manager = mc_cli_get_manager (cli);
  mc_dbus_manager_call_scan (manager, cli->arguments[0], make_options (revision), cli->cancellable,
                             mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_scan_finish (manager, &path, result, &local))
    return mc_cli_fail (error, local);

  name = dup_scanned_name (cli, path, error);
  manifest = name == NULL ? NULL : mc_cli_get_manifest (cli, name, error);
  if (manifest == NULL)
    return FALSE;
  if (cli->json)
    mc_cli_print_json_value (manifest, FALSE);
  else
    mc_cli_print_manifest (manifest, FALSE, FALSE);
  return TRUE;
}
