/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli.h"
#include "mc-cli-output.h"
#include "mc-client-bus.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache doctor: which hop on the way of a download fails, as a report that can be pasted. Hops and
 * states keep their names in all languages, since others will read them. */

static const char *
look_up (GVariant *dict, const char *name)
{
  const char *text = "";

  g_variant_lookup (dict, name, "&s", &text);
  return text;
}

static char *
dup_time (GVariant *hop)
{
  guint32 milliseconds = 0;

  g_variant_lookup (hop, "milliseconds", "u", &milliseconds);
  return g_strdup_printf ("%u ms", milliseconds);
}

static void
print_table (GVariant *hops)
{
  static const McCliColumn columns[] = {
    { N_ ("HOP"), FALSE, 0 },    { N_ ("STATE"), FALSE, 0 },    { N_ ("TIME"), TRUE, 2 },
    { N_ ("DETAIL"), FALSE, 0 }, { N_ ("ENDPOINT"), FALSE, 1 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  for (gsize i = 0; i < g_variant_n_children (hops); i++)
    {
      g_autoptr (GVariant) hop = g_variant_get_child_value (hops, i);

      mc_cli_table_add (table, g_strdup (look_up (hop, "hop")), g_strdup (look_up (hop, "state")),
                        dup_time (hop), g_strdup (look_up (hop, "detail")),
                        g_strdup (look_up (hop, "endpoint")));
    }
  mc_cli_table_print (table);
}

/* The first that failed; floating references are none. NULL: none did. */
static GVariant *
find_failure (GVariant *hops)
{
  for (gsize i = 0; i < g_variant_n_children (hops); i++)
    {
      g_autoptr (GVariant) hop = g_variant_get_child_value (hops, i);

      if (strcmp (look_up (hop, "state"), "failed") == 0)
        return g_steal_pointer (&hop);
    }
  return NULL;
}

static void
print_report (McCli *cli, GVariant *hops, GVariant *failure)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  const char *socket = mc_client_bus_get_socket (mc_client_get_bus (cli->client));

  mc_cli_print ("Model Cache %s, Hub %s%s\nService by %s\n\n",
                mc_dbus_manager_get_version (manager), mc_dbus_manager_get_endpoint (manager),
                mc_dbus_manager_get_offline (manager) ? ", offline" : "",
                socket == NULL ? "the session bus" : socket);
  print_table (hops);
  mc_cli_print ("\n");
  if (failure == NULL)
    mc_cli_print ("%s\n", _ ("Every hop works."));
  else
    /* Translators: the name of a hop, and what is wrong with it. */
    mc_cli_print (_ ("It fails at the hop “%s”: %s\n"), look_up (failure, "hop"),
                  look_up (failure, "detail"));
}

gboolean
mc_cli_doctor (McCli *cli, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) hops = NULL;
  g_autoptr (GVariant) failure = NULL;
  GError *local = NULL;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  mc_dbus_manager_call_diagnose (mc_cli_get_manager (cli), mc_cli_no_options (), cli->cancellable,
                                 mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_diagnose_finish (mc_cli_get_manager (cli), &hops, result, &local))
    return mc_cli_fail (error, local);
  failure = find_failure (hops);
  if (cli->json)
    mc_cli_print_json_value (hops, FALSE);
  else
    print_report (cli, hops, failure);
  cli->status = failure == NULL ? MC_CLI_EXIT_OK : MC_CLI_EXIT_FAILED;
  return TRUE;
}
