/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-transfers.h"

#include <glib/gi18n.h>

/* mcache retry: failed or waiting transfers are tried again now. */

static void
start (McDbusTransfer *transfer, McCli *cli, gpointer user_data)
{
  mc_dbus_transfer_call_retry (transfer, cli->cancellable, mc_cli_result_cb, cli);
}

gboolean
mc_cli_retry (McCli *cli, GError **error)
{
  gboolean all = FALSE;
  const GOptionEntry entries[] = {
    { "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_ ("All that failed or wait"), NULL },
    { NULL },
  };
  static const McCliAllCall call = { mc_dbus_manager_call_retry_all,
                                     mc_dbus_manager_call_retry_all_finish };
  g_autoptr (GPtrArray) transfers = NULL;

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_connect (cli, error))
    return FALSE;
  transfers =
      mc_cli_transfers_select (cli, all, MC_CLI_TRANSFER_FAILED | MC_CLI_TRANSFER_WAITING, error);
  if (transfers == NULL)
    return FALSE;
  if (all)
    return mc_cli_transfers_act_on_all (cli, transfers, &call, mc_cli_no_options (),
                                        _ ("Trying again"), error);
  return mc_cli_transfers_act (cli, transfers, start, mc_dbus_transfer_call_retry_finish, NULL,
                               _ ("Trying again"), error);
}
