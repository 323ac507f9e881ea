/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli.h"

#include "mc-cli-output.h"
#include "mc-error.h"

#include <glib/gi18n.h>

/* mcache serve: programs that speak to the Hub take their files from here. It is a setting: the
 * service serves, and goes on when this program has ended. */

static void
print_json (const char *address)
{
  g_autoptr (GVariant) values = NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "address", "s", address);
  values = g_variant_ref_sink (g_variant_dict_end (&dict));
  mc_cli_print_json_value (values, FALSE);
}

static gboolean
show (McCli *cli, GError **error)
{
  g_autofree char *address = mc_cli_ask (cli, "ServingAddress", error);
  g_autofree char *problem = address == NULL ? NULL : mc_cli_ask (cli, "ServingProblem", error);

  if (problem == NULL)
    return FALSE;
  if (address[0] == '\0')
    {
      g_set_error (error, MC_ERROR, MC_ERROR_FAILED, "%s", problem);
      return FALSE;
    }
  if (cli->json)
    print_json (address);
  else
    mc_cli_print ("HF_ENDPOINT=%s\n", address);
  return TRUE;
}

gboolean
mc_cli_serve (McCli *cli, GError **error)
{
  g_auto (GStrv) origins = NULL;
  gboolean off = FALSE;
  int port = -1;
  const GOptionEntry entries[] = {
    { "port", 'p', 0, G_OPTION_ARG_INT, &port, N_ ("There; 0 for any that is free"), N_ ("PORT") },
    { "allow-origin", 'o', 0, G_OPTION_ARG_STRING_ARRAY, &origins,
      N_ ("Let pages of ORIGIN ask, such as https://example.org; others cannot any more"),
      N_ ("ORIGIN") },
    { "off", 0, 0, G_OPTION_ARG_NONE, &off, N_ ("Do not any longer"), NULL },
    { NULL },
  };
  GVariantDict changes;

  if (!mc_cli_parse (cli, entries, error))
    return FALSE;
  if (port < -1 || port > G_MAXUINT16)
    return mc_cli_fail_usage (error, _ ("%d is no port"), port);
  if (!mc_cli_connect (cli, error))
    return FALSE;
  g_variant_dict_init (&changes, NULL);
  g_variant_dict_insert (&changes, "serve", "b", !off);
  if (port >= 0)
    g_variant_dict_insert (&changes, "serve-port", "u", (guint) port);
  if (origins != NULL)
    g_variant_dict_insert_value (&changes, "serve-origins",
                                 g_variant_new_strv ((const char *const *) origins, -1));
  if (!mc_cli_configure (cli, g_variant_dict_end (&changes), error))
    return FALSE;
  return off || show (cli, error);
}
