/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-follow.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"
#include "mc-cli-transfers.h"
#include "mc-error.h"

#include <glib/gi18n.h>

/* mcache download: asks the service for a transfer and watches it. The download is the service's:
 * it outlives this process, and asking twice joins the one that runs. */

/* How often a service that ended under way is started again by asking once more. */
#define MAX_RESTARTS 3

/* The path of the transfer's object. */
static char *
start (McCli *cli, const char *file, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  const char *repo = cli->arguments[0];
  const char *variant = cli->n_arguments > 1 ? cli->arguments[1] : "";
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *path = NULL;
  GError *local = NULL;
  gboolean ok;

  if (file != NULL)
    mc_dbus_manager_call_download_file (manager, repo, file, mc_cli_no_options (), cli->cancellable,
                                        mc_cli_result_cb, cli);
  else
    mc_dbus_manager_call_download (manager, repo, variant, mc_cli_no_options (), cli->cancellable,
                                   mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  ok = file != NULL ? mc_dbus_manager_call_download_file_finish (manager, &path, result, &local)
                    : mc_dbus_manager_call_download_finish (manager, &path, result, &local);
  if (ok)
    return g_steal_pointer (&path);
  if (mc_cli_was_interrupted (cli, local))
    {
      g_error_free (local);
      g_set_error_literal (error, MC_CLI_ERROR, MC_CLI_ERROR_INTERRUPTED,
                           _ ("Interrupted. The service may begin the download all the same; see: "
                              "mcache status"));
    }
  else
    mc_cli_fail (error, local);
  return NULL;
}

static void
print_end (McCli *cli, McDbusTransfer *transfer)
{
  g_autofree char *label = mc_cli_transfer_dup_label (transfer);
  g_autofree char *size = mc_cli_text_size (mc_dbus_transfer_get_total (transfer));

  if (cli->json)
    {
      g_autoptr (GVariant) dict = g_variant_ref_sink (mc_cli_transfer_to_dict (transfer));

      mc_cli_print_json_value (dict, FALSE);
    }
  else
    /* Translators: %s is the name of a transfer, then a size. */
    mc_cli_print (_ ("Downloaded: %s (%s)\n"), label, size);
}

static void
say_interrupted (McDbusTransfer *transfer, GError **error)
{
  guint64 number = mc_cli_transfer_get_number (transfer);

  g_clear_error (error);
  g_set_error (error, MC_CLI_ERROR, MC_CLI_ERROR_INTERRUPTED,
               _ ("The download goes on in the service. See how far it is with mcache status, end "
                  "it with mcache cancel %" G_GUINT64_FORMAT),
               number);
}

static gboolean
watch (McCli *cli, const char *path, GError **error)
{
  g_autoptr (McDbusTransfer) transfer = NULL;
  GError *local = NULL;

  if (mc_cli_follow (cli, path, &transfer, &local))
    {
      print_end (cli, transfer);
      return TRUE;
    }
  if (transfer != NULL && mc_cli_was_interrupted (cli, local))
    say_interrupted (transfer, &local);
  g_propagate_error (error, local);
  return FALSE;
}

static gboolean
print_detached (McCli *cli, const char *path, GError **error)
{
  g_autoptr (McDbusTransfer) transfer = mc_cli_transfer_load (cli, path, error);
  g_autofree char *label = NULL;

  if (transfer == NULL)
    return FALSE;
  if (cli->json || mc_cli_transfer_get_state (transfer) == MC_CLI_TRANSFER_DONE)
    {
      print_end (cli, transfer);
      return TRUE;
    }
  label = mc_cli_transfer_dup_label (transfer);
  /* Translators: the number and the name of a transfer. */
  mc_cli_print (_ ("Transfer %" G_GUINT64_FORMAT " is under way: %s\n"),
                mc_cli_transfer_get_number (transfer), label);
  return TRUE;
}

gboolean
mc_cli_download (McCli *cli, GError **error)
{
  g_autofree char *file = NULL;
  gboolean detach = FALSE;
  const GOptionEntry entries[] = {
    { "file", 'f', 0, G_OPTION_ARG_FILENAME, &file, N_ ("Download one file instead of a variant"),
      N_ ("PATH") },
    { "detach", 'd', 0, G_OPTION_ARG_NONE, &detach, N_ ("Do not wait until it is finished"), NULL },
    { NULL },
  };

  if (!mc_cli_parse (cli, entries, error))
    return FALSE;
  if (file != NULL && (file[0] == '\0' || !g_utf8_validate (file, -1, NULL)))
    return mc_cli_fail_usage (error, _ ("--file takes a path in the repo, in UTF-8"));
  if (file != NULL && cli->n_arguments > 1)
    return mc_cli_fail_usage (error, _ ("Name a variant or a --file, not both"));
  if (!mc_cli_connect (cli, error))
    return FALSE;

  for (guint restarts = 0;; restarts++)
    {
      g_autoptr (GError) local = NULL;
      g_autofree char *path = start (cli, file, error);

      if (path == NULL)
        return FALSE;
      if (detach)
        return print_detached (cli, path, error);
      if (watch (cli, path, &local))
        return TRUE;
      if (!g_error_matches (local, MC_ERROR, MC_ERROR_NO_SERVICE) || restarts == MAX_RESTARTS)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      mc_cli_print_error (_ ("The service ended under way. Starting it again.\n"));
    }
}
