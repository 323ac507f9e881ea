/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"

#include <glib/gi18n.h>

/* mcache usage: what takes how much space. */

static void
print_repos (GVariant *repos)
{
  static const McCliColumn columns[] = {
    { N_ ("REPO"), FALSE, 0 },
    { N_ ("SIZE"), TRUE, 0 },
    { N_ ("ALONE"), TRUE, 1 },
    { N_ ("SHARED"), TRUE, 2 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  for (gsize i = 0; i < g_variant_n_children (repos); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (repos, i);

      mc_cli_table_add (table, g_strdup (mc_cli_dict_get_string (row, "repo", "")),
                        mc_cli_text_size (mc_cli_dict_get_size (row, "size")),
                        mc_cli_text_size (mc_cli_dict_get_size (row, "alone")),
                        mc_cli_text_size (mc_cli_dict_get_size (row, "shared")));
    }
  mc_cli_table_print (table);
}

gboolean
mc_cli_usage (McCli *cli, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) usage = NULL;
  g_autoptr (GVariant) repos = NULL;
  GError *local = NULL;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  mc_dbus_manager_call_usage (mc_cli_get_manager (cli), cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_usage_finish (mc_cli_get_manager (cli), &usage, result, &local))
    return mc_cli_fail (error, local);
  if (cli->json)
    {
      mc_cli_print_json_value (usage, FALSE);
      return TRUE;
    }
  repos = mc_cli_dict_get_list (usage, "repos");
  if (g_variant_n_children (repos) > 0)
    {
      print_repos (repos);
      mc_cli_print ("\n");
    }
  mc_cli_print_fact_size (_ ("Complete:"), mc_cli_dict_get_size (usage, "stored"));
  mc_cli_print_fact_size (_ ("Unfinished:"), mc_cli_dict_get_size (usage, "partial"));
  mc_cli_print_fact_size (_ ("On disk:"), mc_cli_dict_get_size (usage, "on_disk"));
  mc_cli_print_fact_size (_ ("Free space:"), mc_cli_dict_get_size (usage, "free_space"));
  return TRUE;
}
