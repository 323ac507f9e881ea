/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-output.h"
#include "mc-cli-policy.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache allow: transfers go on though the network is metered, or whatever else they wait for. */

static const struct
{
  const char *word;
  const char *phrase;
} phrases[] = {
  { "schedule", N_ ("Transfers wait for their hours. They go on with: mcache allow") },
  { "metered",
    N_ ("Transfers wait, because the network is metered. They go on with: mcache allow") },
  { "ask-metered",
    N_ ("The network is metered: shall transfers go on? They do with: mcache allow") },
  { "power-saver",
    N_ ("Transfers wait, because the computer saves power. They go on with: mcache allow") },
  { "ask-power-saver",
    N_ ("The computer saves power: shall transfers go on? They do with: mcache allow") },
};

const char *
mc_cli_policy_phrase (const char *word)
{
  for (gsize i = 0; word != NULL && i < G_N_ELEMENTS (phrases); i++)
    if (strcmp (phrases[i].word, word) == 0)
      return _ (phrases[i].phrase);
  return NULL;
}

gboolean
mc_cli_allow (McCli *cli, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  McDbusManager *manager;
  GError *local = NULL;

  if (!mc_cli_parse (cli, NULL, error) || !mc_cli_connect (cli, error))
    return FALSE;
  manager = mc_cli_get_manager (cli);
  mc_dbus_manager_call_allow_transfers (manager, mc_cli_no_options (), cli->cancellable,
                                        mc_cli_result_cb, cli);
  result = mc_cli_await (cli);
  if (!mc_dbus_manager_call_allow_transfers_finish (manager, result, &local))
    return mc_cli_fail (error, local);
  if (!cli->json)
    mc_cli_print (_ ("Transfers go on.\n"));
  return TRUE;
}
