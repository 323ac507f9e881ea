/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli.h"

/* What verbs have in common that switch something of the service on or off: a setting, and the
 * property that says what came of it. */

gboolean
mc_cli_configure (McCli *cli, GVariant *changes, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_configure (manager, changes, cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  return mc_dbus_manager_call_configure_finish (manager, result, &local)
         || mc_cli_fail (error, local);
}

char *
mc_cli_ask (McCli *cli, const char *property, GError **error)
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
