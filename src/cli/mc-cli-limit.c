/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-arguments.h"
#include "mc-cli-transfers.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache limit: how many bytes a second one transfer may take. */

static void
start (McDbusTransfer *transfer, McCli *cli, gpointer user_data)
{
  const guint64 *rate = user_data;

  mc_dbus_transfer_call_set_rate_limit (transfer, *rate, cli->cancellable, mc_cli_result_cb, cli);
}

gboolean
mc_cli_limit (McCli *cli, GError **error)
{
  g_autoptr (GPtrArray) transfers = NULL;
  guint64 rate = 0;
  const char *text;

  if (!mc_cli_parse (cli, NULL, error))
    return FALSE;
  text = cli->arguments[1];
  if (strcmp (text, "none") != 0 && !mc_cli_arguments_parse_bytes (text, &rate))
    return mc_cli_fail_usage (error, _ ("“%s” is no number of bytes: write 2MB, or none"), text);
  if (!mc_cli_connect (cli, error))
    return FALSE;
  /* What remains is the transfer's name. */
  cli->n_arguments = 1;
  transfers = mc_cli_transfers_select (
      cli, FALSE, MC_CLI_TRANSFER_UNDER_WAY | MC_CLI_TRANSFER_PAUSED | MC_CLI_TRANSFER_FAILED,
      error);
  if (transfers == NULL)
    return FALSE;
  return mc_cli_transfers_act (cli, transfers, start, mc_dbus_transfer_call_set_rate_limit_finish,
                               &rate, rate == 0 ? _ ("Not limited") : _ ("Limited"), error);
}
