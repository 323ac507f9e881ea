/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli.h"

#include "mc-cli-output.h"
#include "mc-error.h"

#include <glib/gi18n.h>

/* mcache serve: programs that speak to the Hub take their files from here. It is a setting: the
 * service serves, and goes on when this program has ended. */

static gboolean
configure (McCli *cli, GVariant *changes, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_configure (manager, changes, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  return mc_dbus_manager_call_configure_finish (manager, result, &local)
         || mc_cli_fail (error, local);
}

/* As it is now: the client hears of changes later. */
static char *
ask (McCli *cli, const char *property, GError **error)
{
  GDBusProxy *proxy = G_DBUS_PROXY (mc_cli_get_manager (cli));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) value = NULL;
  GError *local = NULL;

  g_dbus_proxy_call (proxy, "org.freedesktop.DBus.Properties.Get",
                     g_variant_new ("(ss)", g_dbus_proxy_get_interface_name (proxy), property),
                     G_DBUS_CALL_FLAGS_NONE, -1, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  answer = g_dbus_proxy_call_finish (proxy, result, &local);
  if (answer == NULL)
    {
      mc_cli_fail (error, local);
      return NULL;
    }
  g_variant_get (answer, "(v)", &value);
  return g_variant_dup_string (value, NULL);
}

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
  g_autofree char *address = ask (cli, "ServingAddress", error);
  g_autofree char *problem = address == NULL ? NULL : ask (cli, "ServingProblem", error);

  if (problem == NULL)
    return FALSE;
  if (address[0] == '\0')
    {
      g_set_error (error, MC_ERROR, MC_ERROR_BUSY, "%s", problem);
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
  if (!configure (cli, g_variant_dict_end (&changes), error))
    return FALSE;
  return off || show (cli, error);
}
