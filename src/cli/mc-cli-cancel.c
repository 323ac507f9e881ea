/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-transfers.h"

#include <glib/gi18n.h>

/* mcache cancel: transfers end; what they fetched stays unless it is to be discarded. */

static void
start (McDbusTransfer *transfer, McCli *cli, gpointer user_data)
{
  const gboolean *discard = user_data;

  mc_dbus_transfer_call_cancel (transfer, mc_cli_flag_option ("discard", *discard),
                                cli->cancellable, mc_cli_result_cb, cli);
}

gboolean
mc_cli_cancel (McCli *cli, GError **error)
{
  gboolean all = FALSE;
  gboolean discard = FALSE;
  const GOptionEntry entries[] = {
    { "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_ ("All that have not ended"), NULL },
    { "discard", 0, 0, G_OPTION_ARG_NONE, &discard, N_ ("Also drop what was fetched so far"),
      NULL },
    { NULL },
  };
  static const McCliAllCall call = { mc_dbus_manager_call_cancel_all,
                                     mc_dbus_manager_call_cancel_all_finish };
  g_autoptr (GPtrArray) transfers = NULL;

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_connect (cli, error))
    return FALSE;
  transfers =
      mc_cli_transfers_select (cli, all, MC_CLI_TRANSFER_UNDER_WAY | MC_CLI_TRANSFER_PAUSED, error);
  if (transfers == NULL)
    return FALSE;
  if (all)
    return mc_cli_transfers_act_on_all (
        cli, transfers, &call, mc_cli_flag_option ("discard", discard), _ ("Cancelled"), error);
  return mc_cli_transfers_act (cli, transfers, start, mc_dbus_transfer_call_cancel_finish, &discard,
                               _ ("Cancelled"), error);
}
