/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli.h"

#include "mc-cli-output.h"
#include "mc-error.h"

#include <glib/gi18n.h>

/* mcache mount: the store as a folder. It is a setting: the service has the folder, and goes on
 * when this program has ended. */

static void
print_json (const char *folder)
{
  g_autoptr (GVariant) values = NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "folder", "s", folder);
  values = g_variant_ref_sink (g_variant_dict_end (&dict));
  mc_cli_print_json_value (values, FALSE);
}

static gboolean
show (McCli *cli, GError **error)
{
  g_autofree char *folder = mc_cli_ask (cli, "MountedFolder", error);
  g_autofree char *problem = folder == NULL ? NULL : mc_cli_ask (cli, "MountProblem", error);

  if (problem == NULL)
    return FALSE;
  if (folder[0] == '\0')
    {
      g_set_error (error, MC_ERROR, MC_ERROR_FAILED, "%s", problem);
      return FALSE;
    }
  if (cli->json)
    print_json (folder);
  else
    mc_cli_print ("%s\n", folder);
  return TRUE;
}

gboolean
mc_cli_mount (McCli *cli, GError **error)
{
  gboolean off = FALSE;
  const GOptionEntry entries[] = {
    { "off", 0, 0, G_OPTION_ARG_NONE, &off, N_ ("Do not any longer"), NULL },
    { NULL },
  };
  GVariantDict changes;

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_connect (cli, error))
    return FALSE;
  g_variant_dict_init (&changes, NULL);
  g_variant_dict_insert (&changes, "mount", "b", !off);
  if (mc_cli_get_argument (cli, 0) != NULL)
    {
      g_autofree char *folder = g_canonicalize_filename (mc_cli_get_argument (cli, 0), NULL);

      g_variant_dict_insert (&changes, "mount-folder", "s", folder);
    }
  if (!mc_cli_configure (cli, g_variant_dict_end (&changes), error))
    return FALSE;
  return off || show (cli, error);
}
