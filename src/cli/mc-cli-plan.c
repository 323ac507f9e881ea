/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"

#include <glib/gi18n.h>

/* mcache plan: what a download would do. */

static void
print_plan (GVariant *plan, gboolean with_files)
{
  guint64 missing = mc_cli_dict_get_size (plan, "missing");
  guint64 free_space = mc_cli_dict_get_size (plan, "free_space");

  mc_cli_print ("%s %s\n", mc_cli_dict_get_string (plan, "repo", ""),
                mc_cli_dict_get_string (plan, "variant", ""));
  mc_cli_print_fact_size (_ ("Size:"), mc_cli_dict_get_size (plan, "size"));
  mc_cli_print_fact_size (_ ("Here already:"), mc_cli_dict_get_size (plan, "downloaded"));
  mc_cli_print_fact_size (_ ("To download:"), missing);
  mc_cli_print_fact_size (_ ("Free space:"), free_space);
  if (!mc_cli_dict_get_flag (plan, "fits"))
    mc_cli_print (_ ("It does not fit on the disk.\n"));
  else if (missing == 0)
    mc_cli_print (_ ("Nothing is left to download.\n"));
  if (with_files)
    {
      g_autoptr (GVariant) files = mc_cli_dict_get_list (plan, "files");

      mc_cli_print ("\n");
      mc_cli_print_files (files);
    }
}

gboolean
mc_cli_plan (McCli *cli, GError **error)
{
  gboolean with_files = FALSE;
  const GOptionEntry entries[] = {
    { "files", 0, 0, G_OPTION_ARG_NONE, &with_files, N_ ("List the files too"), NULL },
    { NULL },
  };
  const char *variant;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) plan = NULL;
  GError *local = NULL;

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_connect (cli, error))
    return FALSE;
  variant = cli->n_arguments > 1 ? cli->arguments[1] : "";
  mc_dbus_manager_call_plan (mc_cli_get_manager (cli), cli->arguments[0], variant,
                             mc_cli_no_options (), cli->cancellable, mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_plan_finish (mc_cli_get_manager (cli), &plan, result, &local))
    return mc_cli_fail (error, local);
  if (cli->json)
    mc_cli_print_json_value (plan, FALSE);
  else
    print_plan (plan, with_files);
  return TRUE;
}
