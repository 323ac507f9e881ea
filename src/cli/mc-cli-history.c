/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"
#include "mc-cli-text.h"
#include "mc-cli.h"

#include <glib/gi18n.h>

/* mcache history: what became of transfers. */

static char *
dup_label (GVariant *row)
{
  const char *repo = mc_cli_dict_get_string (row, "repo", "");
  const char *variant = mc_cli_dict_get_string (row, "variant", "");
  const char *path = mc_cli_dict_get_string (row, "path", "");
  const char *part = path[0] != '\0' ? path : variant;

  if (repo[0] == '\0' && part[0] == '\0')
    return g_strdup (_ ("everything"));
  return g_strdup_printf ("%s%s%s", repo, repo[0] == '\0' || part[0] == '\0' ? "" : " ", part);
}

static char *
dup_ago (GVariant *row)
{
  gint64 seconds = 0;

  g_variant_lookup (row, "ended", "x", &seconds);
  return mc_cli_text_ago (g_get_real_time () / G_USEC_PER_SEC - seconds);
}

static char *
dup_outcome (GVariant *row)
{
  const char *error = mc_cli_dict_get_string (row, "error", "");
  const char *state = mc_cli_dict_get_string (row, "state", "");

  return error[0] == '\0' ? g_strdup (state) : g_strdup_printf ("%s (%s)", state, error);
}

static void
print_entries (GVariant *entries)
{
  static const McCliColumn columns[] = {
    { N_ ("ENDED"), FALSE, 1 },   { N_ ("TRANSFER"), FALSE, 0 }, { N_ ("KIND"), FALSE, 4 },
    { N_ ("OUTCOME"), FALSE, 0 }, { N_ ("SIZE"), TRUE, 3 },      { N_ ("FETCHED"), TRUE, 2 },
    { N_ ("MESSAGE"), FALSE, 5 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  for (gsize i = 0; i < g_variant_n_children (entries); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (entries, i);

      mc_cli_table_add (table, dup_ago (row), dup_label (row),
                        g_strdup (mc_cli_dict_get_string (row, "kind", "")), dup_outcome (row),
                        mc_cli_text_size (mc_cli_dict_get_size (row, "total")),
                        mc_cli_text_size (mc_cli_dict_get_size (row, "received")),
                        g_strdup (mc_cli_dict_get_string (row, "message", "")));
    }
  mc_cli_table_print (table);
}

static gboolean
clear (McCli *cli, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_clear_history (manager, mc_cli_no_options (), cli->cancellable,
                                      mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_clear_history_finish (manager, result, &local))
    return mc_cli_fail (error, local);
  if (!cli->json)
    mc_cli_print (_ ("The history is empty.\n"));
  return TRUE;
}

static gboolean
show (McCli *cli, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) entries = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_list_history (manager, mc_cli_no_options (), cli->cancellable,
                                     mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_list_history_finish (manager, &entries, result, &local))
    return mc_cli_fail (error, local);
  if (cli->json)
    mc_cli_print_json_value (entries, FALSE);
  else if (g_variant_n_children (entries) == 0)
    mc_cli_print (_ ("The history is empty.\n"));
  else
    print_entries (entries);
  return TRUE;
}

gboolean
mc_cli_history (McCli *cli, GError **error)
{
  gboolean clearing = FALSE;
  const GOptionEntry entries[] = {
    { "clear", 0, 0, G_OPTION_ARG_NONE, &clearing, N_ ("Forget all of it"), NULL },
    { NULL },
  };

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_connect (cli, error))
    return FALSE;
  return clearing ? clear (cli, error) : show (cli, error);
}
