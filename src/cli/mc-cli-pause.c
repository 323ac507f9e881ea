/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-transfers.h"

#include <glib/gi18n.h>

/* mcache pause: transfers stop and keep what they have. */

static void
start (McDbusTransfer *transfer, McCli *cli, gpointer user_data)
{
  mc_dbus_transfer_call_pause (transfer, cli->cancellable, mc_cli_result_cb, cli);
}

gboolean
mc_cli_pause (McCli *cli, GError **error)
{
  gboolean all = FALSE;
  const GOptionEntry entries[] = {
    { "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_ ("All that are under way"), NULL },
    { NULL },
  };
  static const McCliAllCall call = { mc_dbus_manager_call_pause_all,
                                     mc_dbus_manager_call_pause_all_finish };
  g_autoptr (GPtrArray) transfers = NULL;

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_connect (cli, error))
    return FALSE;
  transfers = mc_cli_transfers_select (cli, all, MC_CLI_TRANSFER_UNDER_WAY, error);
  if (transfers == NULL)
    return FALSE;
  if (all)
    return mc_cli_transfers_act_on_all (cli, transfers, &call, mc_cli_no_options (), _ ("Paused"),
                                        error);
  return mc_cli_transfers_act (cli, transfers, start, mc_dbus_transfer_call_pause_finish, NULL,
                               _ ("Paused"), error);
}
