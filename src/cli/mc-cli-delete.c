/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

/* mcache delete: says what would go, asks, and deletes. */

static GVariant *
call_delete_unnamed (McCli *cli, gboolean dry_run, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *outcome = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_delete_unnamed (mc_cli_get_manager (cli),
                                       mc_cli_flag_option ("dry_run", dry_run), cli->cancellable,
                                       mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_delete_unnamed_finish (mc_cli_get_manager (cli), &outcome, result,
                                                   &local))
    mc_cli_fail (error, local);
  return outcome;
}

/* Without an argument, what has no name. */
static GVariant *
call_delete (McCli *cli, gboolean dry_run, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *outcome = NULL;
  GError *local = NULL;

  if (cli->n_arguments == 0)
    return call_delete_unnamed (cli, dry_run, error);
  mc_dbus_manager_call_delete (
      manager, cli->arguments[0], cli->n_arguments > 1 ? cli->arguments[1] : "",
      mc_cli_flag_option ("dry_run", dry_run), cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_delete_finish (manager, &outcome, result, &local))
    mc_cli_fail (error, local);
  return outcome;
}

static void
print_outcome (McCli *cli, GVariant *outcome, gboolean dry_run)
{
  g_autofree char *freed = mc_cli_text_size (mc_cli_dict_get_size (outcome, "freed"));
  g_autofree char *kept = mc_cli_text_size (mc_cli_dict_get_size (outcome, "kept"));

  if (cli->json)
    {
      mc_cli_print_json_value (outcome, FALSE);
      return;
    }
  if (dry_run)
    mc_cli_print (_ ("Would free %s.\n"), freed);
  else
    mc_cli_print (_ ("Freed %s.\n"), freed);
  if (mc_cli_dict_get_size (outcome, "kept") > 0)
    mc_cli_print (_ ("%s stay, because other variants or repos need them.\n"), kept);
}

/* What is to go, as it was typed. */
static char *
dup_label (McCli *cli)
{
  if (cli->n_arguments == 0)
    return g_strdup (_ ("everything without a name"));
  return g_strjoinv (" ", cli->arguments);
}

/* The question goes to standard error, so that it is seen wherever the output goes. */
static gboolean
ask (McCli *cli, gboolean *yes, GError **error)
{
  g_autoptr (GVariant) preview = call_delete (cli, TRUE, error);
  g_autofree char *freed = NULL;
  g_autofree char *label = dup_label (cli);
  char line[16] = "";

  if (preview == NULL)
    return FALSE;
  freed = mc_cli_text_size (mc_cli_dict_get_size (preview, "freed"));
  /* Translators: what is to be deleted, then a size. The answer y stays y in all languages. */
  mc_cli_print_error (_ ("Delete %s and free %s? [y/N] "), label, freed);
  mc_cli_release_interrupt (cli);
  *yes = fgets (line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y');
  return TRUE;
}

gboolean
mc_cli_delete (McCli *cli, GError **error)
{
  gboolean dry_run = FALSE;
  gboolean yes = FALSE;
  gboolean unnamed = FALSE;
  const GOptionEntry entries[] = {
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, N_ ("Only tell what would happen"), NULL },
    { "unnamed", 0, 0, G_OPTION_ARG_NONE, &unnamed,
      N_ ("What is left of a damaged catalog and has no name"), NULL },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &yes, N_ ("Do not ask"), NULL },
    { NULL },
  };
  g_autoptr (GVariant) outcome = NULL;

  if (!mc_cli_parse (cli, entries, error))
    return FALSE;
  if (unnamed != (cli->n_arguments == 0))
    return mc_cli_fail_usage (error, _ ("Name a repo, or give --unnamed"));
  if (!dry_run && !yes && isatty (STDIN_FILENO) != 1)
    return mc_cli_fail_usage (error, _ ("Nobody can be asked here: give --yes to delete"));
  if (!mc_cli_connect (cli, error))
    return FALSE;
  if (!dry_run && !yes && !ask (cli, &yes, error))
    return FALSE;
  if (!dry_run && !yes)
    {
      g_set_error_literal (error, MC_CLI_ERROR, MC_CLI_ERROR_DECLINED, _ ("Nothing was deleted."));
      return FALSE;
    }
  outcome = call_delete (cli, dry_run, error);
  if (outcome == NULL)
    return FALSE;
  print_outcome (cli, outcome, dry_run);
  return TRUE;
}
