/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-output.h"
#include "mc-cli-policy.h"
#include "mc-cli-text.h"
#include "mc-cli-transfers.h"

#include <glib/gi18n.h>

/* mcache status: the transfers, once or until they have ended. */

#define TICK_MS 1000

static const McCliColumn columns[] = {
  { N_ ("ID"), TRUE, 0 },     { N_ ("TRANSFER"), FALSE, 0 }, { N_ ("KIND"), FALSE, 4 },
  { N_ ("STATE"), FALSE, 0 }, { N_ ("DONE"), TRUE, 1 },      { N_ ("SIZE"), TRUE, 3 },
  { N_ ("RATE"), TRUE, 2 },   { N_ ("LEFT"), TRUE, 2 },
};

static void
add_row (McCliTable *table, McDbusTransfer *transfer)
{
  gboolean active = mc_cli_transfer_get_state (transfer) == MC_CLI_TRANSFER_ACTIVE;
  McCliTransferView view;

  mc_cli_transfer_view_init (&view, transfer);
  mc_cli_table_add (
      table, g_strdup_printf ("%" G_GUINT64_FORMAT, mc_cli_transfer_get_number (transfer)),
      g_strdup (view.label), g_strdup (mc_cli_transfer_name_kind (transfer)),
      g_strdup (view.state == NULL ? mc_cli_transfer_name_state (transfer) : view.state),
      g_strdup_printf ("%u%%", mc_cli_text_percent (view.view.done, view.view.total)),
      mc_cli_text_size (view.view.total),
      active ? mc_cli_text_rate (view.view.rate) : g_strdup (""),
      active && view.view.seconds_left >= 0
          ? mc_cli_text_duration ((guint64) view.view.seconds_left)
          : g_strdup (""));
  mc_cli_transfer_view_clear (&view);
}

static void
print_once (McCli *cli)
{
  g_autoptr (GPtrArray) transfers = mc_cli_transfers_list (cli, ~0u);
  g_autoptr (GPtrArray) running = mc_cli_transfers_list (cli, MC_CLI_TRANSFER_UNDER_WAY);
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));
  const char *phrase =
      mc_cli_policy_phrase (mc_dbus_manager_get_transfers_allowed (mc_cli_get_manager (cli)));

  if (cli->json)
    {
      g_autoptr (GVariant) dicts = g_variant_ref_sink (mc_cli_transfers_to_dicts (transfers));

      mc_cli_print_json_value (dicts, FALSE);
      return;
    }
  for (guint i = 0; i < transfers->len; i++)
    add_row (table, g_ptr_array_index (transfers, i));
  if (transfers->len == 0)
    mc_cli_print (_ ("There are no transfers.\n"));
  else
    mc_cli_table_print (table);
  if (phrase != NULL && running->len > 0)
    mc_cli_print ("%s\n", phrase);
}

static void
draw (McCliProgress *progress, GPtrArray *transfers)
{
  g_autofree McCliTransferView *views = g_new0 (McCliTransferView, transfers->len + 1);
  g_autofree McCliProgressView *lines = g_new0 (McCliProgressView, transfers->len + 1);

  for (guint i = 0; i < transfers->len; i++)
    {
      mc_cli_transfer_view_init (&views[i], g_ptr_array_index (transfers, i));
      lines[i] = views[i].view;
    }
  mc_cli_progress_update (progress, lines, transfers->len);
  for (guint i = 0; i < transfers->len; i++)
    mc_cli_transfer_view_clear (&views[i]);
}

/* One line for each change, so that a program can read them as they come. */
static void
print_json_line (GPtrArray *transfers, GVariant **last)
{
  GVariant *dicts = g_variant_ref_sink (mc_cli_transfers_to_dicts (transfers));

  if (*last != NULL && g_variant_equal (dicts, *last))
    {
      g_variant_unref (dicts);
      return;
    }
  mc_cli_print_json_value (dicts, TRUE);
  g_clear_pointer (last, g_variant_unref);
  *last = dicts;
}

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Until nothing is under way any more; what is paused is not waited for. */
static gboolean
watch (McCli *cli, GError **error)
{
  g_autoptr (McCliProgress) progress = mc_cli_progress_new ();
  g_autoptr (GVariant) last = NULL;
  guint tick_id = g_timeout_add (TICK_MS, on_tick, NULL);
  gboolean under_way = TRUE;
  gboolean ok = TRUE;

  while (under_way && ok)
    {
      g_autoptr (GPtrArray) transfers = mc_cli_transfers_list (cli, ~0u);
      g_autoptr (GPtrArray) running = mc_cli_transfers_list (cli, MC_CLI_TRANSFER_UNDER_WAY);

      if (cli->json)
        {
          print_json_line (transfers, &last);
          ok = mc_cli_output_flush (error);
        }
      else if (transfers->len > 0)
        draw (progress, transfers);
      under_way = running->len > 0;
      if (under_way && ok)
        g_main_context_iteration (NULL, TRUE);
      ok = ok && !g_cancellable_set_error_if_cancelled (cli->cancellable, error);
    }
  g_source_remove (tick_id);
  return ok;
}

gboolean
mc_cli_status (McCli *cli, GError **error)
{
  gboolean watching = FALSE;
  const GOptionEntry entries[] = {
    { "watch", 'w', 0, G_OPTION_ARG_NONE, &watching,
      N_ ("Keep showing them until none is under way"), NULL },
    { NULL },
  };

  if (!mc_cli_parse (cli, entries, error) || !mc_cli_connect (cli, error))
    return FALSE;
  if (watching)
    return watch (cli, error);
  print_once (cli);
  return TRUE;
}
