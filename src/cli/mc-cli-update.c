/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-follow.h"
#include "mc-cli-output.h"
#include "mc-cli-transfers.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* mcache update: what was downloaded, as it is on the Hub now; by the service. */

static void
print_end (McCli *cli, McDbusTransfer *transfer)
{
  g_autofree char *label = mc_cli_transfer_dup_label (transfer);
  g_autoptr (GVariant) dict = NULL;

  if (!cli->json)
    {
      /* Translators: the name of a transfer. */
      mc_cli_print (_ ("Up to date: %s\n"), label);
      return;
    }
  dict = g_variant_ref_sink (mc_cli_transfer_to_dict (transfer));
  mc_cli_print_json_value (dict, FALSE);
}

static void
explain_interrupt (McDbusTransfer *transfer, GError **error)
{
  g_clear_error (error);
  g_set_error (error, MC_CLI_ERROR, MC_CLI_ERROR_INTERRUPTED,
               _ ("The update goes on in the service. See how far it is with mcache status, "
                  "end it with mcache cancel %" PRIu64),
               mc_cli_transfer_get_number (transfer));
}

gboolean
mc_cli_update (McCli *cli, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *path = NULL;
  GError *local = NULL;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  mc_dbus_manager_call_update (mc_cli_get_manager (cli), cli->arguments[0],
                               cli->n_arguments > 1 ? cli->arguments[1] : "", mc_cli_no_options (),
                               cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_update_finish (mc_cli_get_manager (cli), &path, result, &local))
    return mc_cli_fail (error, local);
  if (mc_cli_follow (cli, path, &transfer, &local))
    {
      print_end (cli, transfer);
      return TRUE;
    }
  if (transfer != NULL && mc_cli_was_interrupted (cli, local))
    explain_interrupt (transfer, &local);
  g_propagate_error (error, local);
  return FALSE;
}
