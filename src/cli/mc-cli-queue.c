/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-output.h"
#include "mc-cli-transfers.h"

#include <glib/gi18n.h>
#include <string.h>

/* mcache queue: shows in which order transfers run, or puts one elsewhere in it. */

#define IN_QUEUE (MC_CLI_TRANSFER_UNDER_WAY | MC_CLI_TRANSFER_PAUSED)

static int
compare_places (gconstpointer a, gconstpointer b)
{
  gint64 first = mc_dbus_transfer_get_place (*(McDbusTransfer *const *) a);
  gint64 second = mc_dbus_transfer_get_place (*(McDbusTransfer *const *) b);

  return (first > second) - (first < second);
}

static GPtrArray *
list_queue (McCli *cli)
{
  GPtrArray *transfers = mc_cli_transfers_list (cli, IN_QUEUE);

  for (guint i = transfers->len; i > 0; i--)
    {
      const char *kind = mc_dbus_transfer_get_kind (g_ptr_array_index (transfers, i - 1));

      if (g_strcmp0 (kind, "download") != 0 && g_strcmp0 (kind, "repair") != 0)
        g_ptr_array_remove_index (transfers, i - 1);
    }
  g_ptr_array_sort (transfers, compare_places);
  return transfers;
}

static void
print_queue (McCli *cli)
{
  static const McCliColumn columns[] = {
    { N_ ("POSITION"), TRUE, 0 },
    { N_ ("ID"), TRUE, 0 },
    { N_ ("TRANSFER"), FALSE, 0 },
    { N_ ("STATE"), FALSE, 0 },
  };
  g_autoptr (GPtrArray) transfers = list_queue (cli);
  g_autoptr (McCliTable) table = mc_cli_table_new (columns, G_N_ELEMENTS (columns));
  g_autoptr (GVariant) dicts = NULL;

  if (cli->json)
    {
      dicts = g_variant_ref_sink (mc_cli_transfers_to_dicts (transfers));
      mc_cli_print_json_value (dicts, FALSE);
      return;
    }
  for (guint i = 0; i < transfers->len; i++)
    {
      McDbusTransfer *transfer = g_ptr_array_index (transfers, i);

      mc_cli_table_add (
          table, g_strdup_printf ("%u", i + 1),
          g_strdup_printf ("%" G_GUINT64_FORMAT, mc_cli_transfer_get_number (transfer)),
          mc_cli_transfer_dup_label (transfer), g_strdup (mc_cli_transfer_name_state (transfer)));
    }
  if (transfers->len == 0)
    mc_cli_print (_ ("There is no transfer in the queue.\n"));
  else
    mc_cli_table_print (table);
}

/* Where one is to go; position counts from 1, and 0 is one of the words. */
typedef struct
{
  const char *word;
  guint position;
} Where;

static void
start (McDbusTransfer *transfer, McCli *cli, gpointer user_data)
{
  const Where *where = user_data;

  if (strcmp (where->word, "now") == 0)
    mc_dbus_transfer_call_start_now (transfer, cli->cancellable, mc_cli_result_cb, cli);
  else if (strcmp (where->word, "next") == 0)
    mc_dbus_transfer_call_start_next (transfer, cli->cancellable, mc_cli_result_cb, cli);
  else
    mc_dbus_transfer_call_move_to (transfer, where->position - 1, cli->cancellable,
                                   mc_cli_result_cb, cli);
}

/* The three calls answer alike. */
static gboolean
finish (McDbusTransfer *transfer, GAsyncResult *result, GError **error)
{
  return mc_dbus_transfer_call_move_to_finish (transfer, result, error);
}

static gboolean
parse_where (const char *word, Where *where)
{
  guint64 number;

  where->word = word;
  where->position = G_MAXUINT32;
  if (strcmp (word, "now") == 0 || strcmp (word, "next") == 0 || strcmp (word, "last") == 0)
    return TRUE;
  if (!g_ascii_string_to_unsigned (word, 10, 1, G_MAXINT32, &number, NULL))
    return FALSE;
  where->position = (guint) number;
  return TRUE;
}

gboolean
mc_cli_queue (McCli *cli, GError **error)
{
  g_autoptr (GPtrArray) transfers = NULL;
  Where where;

  if (!mc_cli_parse (cli, NULL, error))
    return FALSE;
  if (cli->n_arguments == 1 || (cli->n_arguments == 2 && !parse_where (cli->arguments[1], &where)))
    return mc_cli_fail_usage (error, _ ("Say where it is to go: now, next, last, or a position"));
  if (!mc_cli_connect (cli, error))
    return FALSE;
  if (cli->n_arguments == 0)
    {
      print_queue (cli);
      return TRUE;
    }
  /* What remains is the transfer's name. */
  cli->n_arguments = 1;
  transfers = mc_cli_transfers_select (cli, FALSE, IN_QUEUE | MC_CLI_TRANSFER_FAILED, error);
  if (transfers == NULL)
    return FALSE;
  return mc_cli_transfers_act (cli, transfers, start, finish, &where, _ ("Moved"), error);
}
