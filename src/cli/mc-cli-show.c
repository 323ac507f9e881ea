/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"

#include <glib/gi18n.h>

/* mcache show: what is known of a scanned repo. */

gboolean
mc_cli_show (McCli *cli, GError **error)
{
  gboolean with_files = FALSE;
  const GOptionEntry entries[] = {
    { "files", 0, 0, G_OPTION_ARG_NONE, &with_files, N_ ("List the files too"), NULL },
    { NULL },
  };
  g_autoptr (GVariant) manifest = NULL;
  g_autoptr (GVariant) files = NULL;

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_connect (cli, error))
    return FALSE;
  manifest = mc_cli_get_manifest (cli, cli->arguments[0], error);
  if (manifest == NULL)
    return FALSE;
  if (cli->json)
    {
      mc_cli_print_json_value (manifest, FALSE);
      return TRUE;
    }
  mc_cli_print_manifest (manifest);
  if (with_files)
    {
      files = mc_cli_dict_get_list (manifest, "files");
      mc_cli_print ("\n");
      mc_cli_print_files (files);
    }
  return TRUE;
}
