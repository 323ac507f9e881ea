/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-manifest.h"
#include "mc-cli-output.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache access: what sandboxed apps may do. */

static const struct
{
  const char *deed;
  const char *access; /* on the bus */
} deeds[] = {
  { "allow", "all" },
  { "read-only", "read" },
  { "refuse", "none" },
  { "forget", "ask" },
};

static void
print_table (GVariant *apps)
{
  static const McCliColumn columns[] = {
    { N_ ("APP"), FALSE, 0 },
    { N_ ("ACCESS"), FALSE, 0 },
  };
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));

  for (gsize i = 0; i < g_variant_n_children (apps); i++)
    {
      g_autoptr (GVariant) app = g_variant_get_child_value (apps, i);

      mc_cli_table_add (table, g_strdup (mc_cli_dict_get_string (app, "app", "")),
                        g_strdup (mc_cli_dict_get_string (app, "access", "")));
    }
  mc_cli_table_print (table);
}

static gboolean
list (McCli *cli, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) apps = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_list_access (manager, mc_cli_no_options (), cli->cancellable,
                                    mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_list_access_finish (manager, &apps, result, &local))
    return mc_cli_fail (error, local);
  if (cli->json)
    mc_cli_print_json_value (apps, FALSE);
  else if (g_variant_n_children (apps) == 0)
    mc_cli_print ("%s\n", _ ("No sandboxed app was allowed or refused yet. All other programs of "
                             "yours may use what is here."));
  else
    print_table (apps);
  return TRUE;
}

static gboolean
change (McCli *cli, const char *app, const char *access, GError **error)
{
  McDbusManager *manager = mc_cli_get_manager (cli);
  g_autoptr (GAsyncResult) result = NULL;
  GError *local = NULL;

  mc_dbus_manager_call_set_access (manager, app, access, mc_cli_no_options (), cli->cancellable,
                                   mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  return mc_dbus_manager_call_set_access_finish (manager, result, &local)
         || mc_cli_fail (error, local);
}

static const char *
find_access (const char *deed)
{
  for (gsize i = 0; i < G_N_ELEMENTS (deeds); i++)
    if (strcmp (deeds[i].deed, deed) == 0)
      return deeds[i].access;
  return NULL;
}

gboolean
mc_cli_access (McCli *cli, GError **error)
{
  const char *deed;
  const char *app;

  if (!mc_cli_parse (cli, NULL, error))
    return FALSE;
  deed = mc_cli_get_argument (cli, 0);
  app = mc_cli_get_argument (cli, 1);
  if (deed != NULL && (find_access (deed) == NULL || app == NULL))
    return mc_cli_fail_usage (error, "%s",
                              _ ("Say allow, read-only, refuse or forget, and an app; or nothing"));
  if (!mc_cli_connect (cli, error))
    return FALSE;
  return deed == NULL ? list (cli, error) : change (cli, app, find_access (deed), error);
}
