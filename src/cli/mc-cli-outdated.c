/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"
#include "mc-error.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache outdated: what is newer on the Hub, and what an update would fetch. */

static GVariant *
check (McCli *cli, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *rows = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_check_updates (manager, cli->n_arguments > 0 ? cli->arguments[0] : "",
                                      mc_cli_no_options (), cli->cancellable, mc_cli_result_cb,
                                      cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_check_updates_finish (manager, &rows, result, &local))
    mc_cli_fail (error, local);
  return rows;
}

static const char *
name_change (const char *change)
{
  if (strcmp (change, "same") == 0)
    return C_ ("update", "same files");
  if (strcmp (change, "changed") == 0)
    return C_ ("update", "changed");
  if (strcmp (change, "gone") == 0)
    return C_ ("update", "not there any more");
  return change;
}

/* What the Hub could not be asked about decides the exit status. */
static void
note_failure (McCli *cli, GVariant *row)
{
  McError code = MC_ERROR_FAILED;
  g_autoptr (GError) failure = NULL;

  mc_error_from_name (mc_cli_dict_get_string (row, "error", ""), &code);
  failure = g_error_new_literal (MC_ERROR, (int) code, "");
  cli->status = (int) mc_cli_errors_get_exit (failure);
  if (!cli->json)
    /* Translators: the name of a repo, then why. */
    mc_cli_print_error (_ ("%s could not be compared with the Hub: %s\n"),
                        mc_cli_dict_get_string (row, "repo", ""),
                        mc_cli_dict_get_string (row, "message", ""));
}

static void
add_row (McCliTable *table, GVariant *row)
{
  const char *path = mc_cli_dict_get_string (row, "path", "");
  const char *change = mc_cli_dict_get_string (row, "change", "");
  gboolean gone = strcmp (change, "gone") == 0;

  mc_cli_table_add (table, g_strdup (mc_cli_dict_get_string (row, "repo", "")),
                    g_strdup (mc_cli_dict_get_string (row, "variant", path)),
                    g_strdup (name_change (change)),
                    gone ? g_strdup ("-") : mc_cli_text_size (mc_cli_dict_get_size (row, "size")),
                    gone ? g_strdup ("-") : mc_cli_text_size (mc_cli_dict_get_size (row, "fetch")));
}

static void
print_rows (McCli *cli, GVariant *rows)
{
  static const McCliColumn columns[] = {
    { N_ ("REPO"), FALSE, 0 }, { N_ ("VARIANT"), FALSE, 0 }, { N_ ("ON THE HUB"), FALSE, 0 },
    { N_ ("SIZE"), TRUE, 1 },  { N_ ("TO FETCH"), TRUE, 0 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));
  guint n = 0;

  for (gsize i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);

      if (mc_cli_dict_get_string (row, "error", NULL) != NULL)
        {
          note_failure (cli, row);
          continue;
        }
      add_row (table, row);
      n++;
    }
  if (cli->json)
    mc_cli_print_json_value (rows, FALSE);
  else if (n > 0)
    mc_cli_table_print (table);
  else if (cli->status == 0)
    mc_cli_print (_ ("Everything is as it is on the Hub.\n"));
}

gboolean
mc_cli_outdated (McCli *cli, GError **error)
{
  g_autoptr (GVariant) rows = NULL;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  rows = check (cli, error);
  if (rows == NULL)
    return FALSE;
  print_rows (cli, rows);
  return TRUE;
}
