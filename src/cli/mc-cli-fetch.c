/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-fetch.h"

#include "mc-cli-follow.h"
#include "mc-cli-output.h"
#include "mc-cli-transfers.h"
#include "mc-error.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* A download that somebody waits for. It is the service's: it outlives this process, and asking
 * twice joins the one that runs. */

/* How often a service that ended under way is started again by asking once more. */
#define MAX_RESTARTS 3

static void
start (McCli *cli, const McCliWanted *wanted)
{
  McDbusManager *manager = mc_cli_get_manager (cli);

  if (wanted->file != NULL)
    mc_dbus_manager_call_download_file (manager, wanted->repo, wanted->file, mc_cli_no_options (),
                                        cli->cancellable, mc_cli_result_cb, cli);
  else
    mc_dbus_manager_call_download (manager, wanted->repo, wanted->variant, mc_cli_no_options (),
                                   cli->cancellable, mc_cli_result_cb, cli);
}

gboolean
mc_cli_fetch_begin (McCli *cli, const McCliWanted *wanted, char **path, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GError *local = NULL;
  gboolean ok;

  start (cli, wanted);
  result = mc_cli_await (cli);
  ok = wanted->file != NULL
           ? mc_dbus_manager_call_download_file_finish (manager, path, result, &local)
           : mc_dbus_manager_call_download_finish (manager, path, result, &local);
  if (ok)
    return TRUE;
  if (!mc_cli_was_interrupted (cli, local))
    return mc_cli_fail (error, local);
  g_error_free (local);
  g_set_error_literal (error, MC_CLI_ERROR, MC_CLI_ERROR_INTERRUPTED,
                       _ ("Interrupted. The service may begin the download all the same; see: "
                          "mcache status"));
  return FALSE;
}

static gboolean
watch (McCli *cli, const char *path, McDbusTransfer **transfer, GError **error)
{
  g_autoptr (McDbusTransfer) watched = NULL;
  g_autoptr (GError) local = NULL;

  if (mc_cli_follow (cli, path, &watched, &local))
    {
      *transfer = g_steal_pointer (&watched);
      return TRUE;
    }
  if (watched != NULL && mc_cli_was_interrupted (cli, local))
    g_set_error (error, MC_CLI_ERROR, MC_CLI_ERROR_INTERRUPTED,
                 _ ("The download goes on in the service. See how far it is with mcache status, "
                    "end it with mcache cancel %" PRIu64),
                 mc_cli_transfer_get_number (watched));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
mc_cli_fetch (McCli *cli, const McCliWanted *wanted, McDbusTransfer **transfer, GError **error)
{
  for (guint restarts = 0;; restarts++)
    {
      g_autoptr (GError) local = NULL;
      g_autofree char *path = NULL;

      if (!mc_cli_fetch_begin (cli, wanted, &path, error))
        return FALSE;
      if (watch (cli, path, transfer, &local))
        return TRUE;
      if (!g_error_matches (local, MC_ERROR, MC_ERROR_NO_SERVICE) || restarts == MAX_RESTARTS)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      mc_cli_print_error (_ ("The service ended under way. Starting it again.\n"));
    }
}
