/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-output.h"
#include "mc-cli.h"

/* mcache pin, mcache unpin: what the size limit must never take. */

static gboolean
set_pinned (McCli *cli, gboolean pinned, GError **error)
{
  McDbusManager *manager;
  g_autoptr (GAsyncResult) result = NULL;
  GError *local = NULL;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  manager = mc_cli_get_manager (cli);
  mc_dbus_manager_call_set_pinned (manager, cli->arguments[0],
                                   cli->n_arguments > 1 ? cli->arguments[1] : "", pinned,
                                   cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_set_pinned_finish (manager, result, &local))
    return mc_cli_fail (error, local);
  if (cli->json)
    {
      g_autoptr (GVariant) said =
          g_variant_ref_sink (g_variant_new_parsed ("{'pinned': <%b>}", pinned));

      mc_cli_print_json_value (said, FALSE);
    }
  return TRUE;
}

gboolean
mc_cli_pin (McCli *cli, GError **error)
{
  return set_pinned (cli, TRUE, error);
}

gboolean
mc_cli_unpin (McCli *cli, GError **error)
{
  return set_pinned (cli, FALSE, error);
}
