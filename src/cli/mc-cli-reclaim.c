/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-arguments.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

/* mcache reclaim: says what would go to make room, asks, and lets it go. */

static GVariant *
call_reclaim (McCli *cli, guint64 bytes, gboolean dry_run, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *evicted = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_reclaim (manager, bytes, mc_cli_flag_option ("dry_run", dry_run),
                                cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_reclaim_finish (manager, &evicted, result, &local))
    mc_cli_fail (error, local);
  return evicted;
}

static guint64
sum_returns (GVariant *evicted)
{
  guint64 sum = 0;

  for (gsize i = 0; i < g_variant_n_children (evicted); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (evicted, i);

      sum += mc_cli_dict_get_size (row, "returns");
    }
  return sum;
}

static char *
dup_ago (GVariant *row)
{
  gint64 seconds = 0;

  g_variant_lookup (row, "last_used", "x", &seconds);
  return mc_cli_text_ago (g_get_real_time () / G_USEC_PER_SEC - seconds);
}

static void
print_evicted (GVariant *evicted)
{
  static const McCliColumn columns[] = {
    { N_ ("REPO"), FALSE, 0 },
    { N_ ("VARIANT"), FALSE, 0 },
    { N_ ("LAST USED"), FALSE, 1 },
    { N_ ("RETURNS"), TRUE, 0 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  for (gsize i = 0; i < g_variant_n_children (evicted); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (evicted, i);
      const char *path = mc_cli_dict_get_string (row, "path", "");

      mc_cli_table_add (table, g_strdup (mc_cli_dict_get_string (row, "repo", "")),
                        g_strdup (mc_cli_dict_get_string (row, "variant", path)), dup_ago (row),
                        mc_cli_text_size (mc_cli_dict_get_size (row, "returns")));
    }
  mc_cli_table_print (table);
}

static void
print_outcome (McCli *cli, GVariant *evicted, gboolean dry_run)
{
  g_autofree char *sum = mc_cli_text_size (sum_returns (evicted));

  if (cli->json)
    {
      mc_cli_print_json_value (evicted, FALSE);
      return;
    }
  if (g_variant_n_children (evicted) == 0)
    {
      mc_cli_print (_ ("Nothing has to go, or nothing may.\n"));
      return;
    }
  print_evicted (evicted);
  mc_cli_print ("\n");
  if (dry_run)
    mc_cli_print (_ ("Would free %s.\n"), sum);
  else
    mc_cli_print (_ ("Freed %s.\n"), sum);
}

/* The question goes to standard error, so that it is seen wherever the output goes. TRUE without
 * one if there is nothing to ask. */
static gboolean
ask (McCli *cli, guint64 bytes, gboolean *yes, GError **error)
{
  g_autoptr (GVariant) preview = call_reclaim (cli, bytes, TRUE, error);
  g_autofree char *sum = NULL;
  char line[16] = "";

  if (preview == NULL)
    return FALSE;
  *yes = g_variant_n_children (preview) == 0;
  if (*yes)
    return TRUE;
  if (!cli->json)
    print_evicted (preview);
  mc_cli_output_flush (NULL);
  sum = mc_cli_text_size (sum_returns (preview));
  /* Translators: a size. The answer y stays y in all languages. */
  mc_cli_print_error (_ ("Delete these and free %s? [y/N] "), sum);
  mc_cli_release_interrupt (cli);
  *yes = fgets (line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y');
  return TRUE;
}

static gboolean
parse_size (McCli *cli, guint64 *bytes, GError **error)
{
  g_autofree char *text = g_strjoinv (" ", cli->arguments);

  *bytes = 0;
  if (cli->n_arguments == 0 || (mc_cli_arguments_parse_bytes (text, bytes) && *bytes > 0))
    return TRUE;
  return mc_cli_fail_usage (error, _ ("“%s” is no size"), text);
}

gboolean
mc_cli_reclaim (McCli *cli, GError **error)
{
  gboolean dry_run = FALSE;
  gboolean yes = FALSE;
  const GOptionEntry entries[] = {
    { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, N_ ("Only tell what would happen"), NULL },
    { "yes", 'y', 0, G_OPTION_ARG_NONE, &yes, N_ ("Do not ask"), NULL },
    { NULL },
  };
  g_autoptr (GVariant) evicted = NULL;
  guint64 bytes;

  if (!mc_cli_parse (cli, entries, error) || !parse_size (cli, &bytes, error))
    return FALSE;
  if (!dry_run && !yes && isatty (STDIN_FILENO) != 1)
    return mc_cli_fail_usage (error, _ ("Nobody can be asked here: give --yes to delete"));
  if (!mc_cli_connect (cli, error))
    return FALSE;
  if (!dry_run && !yes && !ask (cli, bytes, &yes, error))
    return FALSE;
  if (!dry_run && !yes)
    {
      g_set_error_literal (error, MC_CLI_ERROR, MC_CLI_ERROR_DECLINED, _ ("Nothing was deleted."));
      return FALSE;
    }
  evicted = call_reclaim (cli, bytes, dry_run, error);
  if (evicted == NULL)
    return FALSE;
  print_outcome (cli, evicted, dry_run);
  return TRUE;
}
