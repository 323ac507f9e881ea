/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-follow.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"
#include "mc-cli-transfers.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* mcache verify: bytes are read back and compared with their hashes, by the service. */

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
    mc_cli_print (_ ("All bytes are right: %s (%s)\n"), label, size);
}

/* The whole store, not what a repo has of it. */
static gboolean
check_store (McCli *cli, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) dict = NULL;
  g_auto (GStrv) findings = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_check_store (mc_cli_get_manager (cli), mc_cli_flag_option ("deep", TRUE),
                                    cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_check_store_finish (mc_cli_get_manager (cli), &findings, result,
                                                &local))
    return mc_cli_fail (error, local);
  if (findings[0] != NULL)
    cli->status = MC_CLI_EXIT_CORRUPT;
  dict = g_variant_ref_sink (g_variant_new_parsed ("{'findings': <%^as>}", findings));
  if (cli->json)
    mc_cli_print_json_value (dict, FALSE);
  else if (findings[0] == NULL)
    mc_cli_print (_ ("The store is in order\n"));
  for (guint i = 0; !cli->json && findings[i] != NULL; i++)
    mc_cli_print ("%s\n", findings[i]);
  return TRUE;
}

static gboolean
parse (McCli *cli, gboolean *all, gboolean *deep, GError **error)
{
  const GOptionEntry entries[] = {
    { "all", 'a', 0, G_OPTION_ARG_NONE, all, N_ ("Everything that is here"), NULL },
    { "deep", 0, 0, G_OPTION_ARG_NONE, deep,
      N_ ("Check the whole store: every byte, and that all its parts agree"), NULL },
    { NULL },
  };

  if (!mc_cli_parse (cli, entries, error))
    return FALSE;
  if (*deep && cli->n_arguments > 0)
    return mc_cli_fail_usage (error, _ ("--deep is for the whole store: leave out “%s”"),
                              cli->arguments[0]);
  if (*all && (*deep || cli->n_arguments > 0))
    return mc_cli_fail_usage (error, _ ("--all is for everything: leave out what you named"));
  if (!*deep && !*all && (cli->n_arguments == 0 || cli->arguments[0][0] == '\0'))
    return mc_cli_fail_usage (
        error, _ ("Name a repo, or verify everything with --all, or the store itself with --deep"));
  return TRUE;
}

gboolean
mc_cli_verify (McCli *cli, GError **error)
{
  gboolean all = FALSE;
  gboolean deep = FALSE;
  McDbusManager *manager;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *path = NULL;
  GError *local = NULL;

  if (!parse (cli, &all, &deep, error) || !mc_cli_connect (cli, error))
    return FALSE;
  if (deep)
    return check_store (cli, error);
  manager = mc_cli_get_manager (cli);
  mc_dbus_manager_call_verify (manager, all ? "" : cli->arguments[0],
                               cli->n_arguments > 1 ? cli->arguments[1] : "", mc_cli_no_options (),
                               cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_verify_finish (manager, &path, result, &local))
    return mc_cli_fail (error, local);
  if (mc_cli_follow (cli, path, &transfer, &local))
    {
      print_end (cli, transfer);
      return TRUE;
    }
  if (transfer != NULL && mc_cli_was_interrupted (cli, local))
    {
      g_clear_error (&local);
      g_set_error (&local, MC_CLI_ERROR, MC_CLI_ERROR_INTERRUPTED,
                   _ ("The check goes on in the service. End it with: mcache cancel "
                      "%" PRIu64),
                   mc_cli_transfer_get_number (transfer));
    }
  g_propagate_error (error, local);
  return FALSE;
}
