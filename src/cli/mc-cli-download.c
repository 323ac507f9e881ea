/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-fetch.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"
#include "mc-cli-transfers.h"

#include <glib/gi18n.h>
#include <inttypes.h>

/* mcache download: a variant or a file, watched until it is here or left to the service. */

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

static gboolean
begin (McCli *cli, const McCliWanted *wanted, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (McDbusTransfer) transfer = NULL;
  g_autofree char *label = NULL;

  if (!mc_cli_fetch_begin (cli, wanted, &path, error))
    return FALSE;
  transfer = mc_cli_transfer_load (cli, path, error);
  if (transfer == NULL)
    return FALSE;
  if (cli->json || mc_cli_transfer_get_state (transfer) == MC_CLI_TRANSFER_DONE)
    {
      print_end (cli, transfer);
      return TRUE;
    }
  label = mc_cli_transfer_dup_label (transfer);
  /* Translators: the number and the name of a transfer. */
  mc_cli_print (_ ("Transfer %" PRIu64 " is under way: %s\n"),
                mc_cli_transfer_get_number (transfer), label);
  return TRUE;
}

static gboolean
fetch (McCli *cli, const McCliWanted *wanted, GError **error)
{
  g_autoptr (McDbusTransfer) transfer = NULL;

  if (!mc_cli_fetch (cli, wanted, &transfer, error))
    return FALSE;
  print_end (cli, transfer);
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
  McCliWanted wanted;

  if (!mc_cli_parse (cli, entries, error))
    return FALSE;
  if (file != NULL && (file[0] == '\0' || !g_utf8_validate (file, -1, NULL)))
    return mc_cli_fail_usage (error, _ ("--file takes a path in the repo, in UTF-8"));
  if (file != NULL && cli->n_arguments > 1)
    return mc_cli_fail_usage (error, _ ("Name a variant or a --file, not both"));
  if (!mc_cli_connect (cli, error))
    return FALSE;
  wanted.repo = cli->arguments[0];
  wanted.variant = cli->n_arguments > 1 ? cli->arguments[1] : "";
  wanted.file = file;
  return detach ? begin (cli, &wanted, error) : fetch (cli, &wanted, error);
}
