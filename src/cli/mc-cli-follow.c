/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-cli-follow.h"

#include "mc-cli-transfers.h"
#include "mc-dbus-names.h"
#include "mc-error.h"

/* A transfer from its first sight to its end. Main thread; the transfer is the service's and goes
 * on whatever happens here. */

#define REDRAW_MS 200

typedef struct
{
  gboolean finished; /* the signal came; the properties may follow it */
  guint result;
  char *name;
  char *message;
} Outcome;

static void
outcome_clear (Outcome *outcome)
{
  g_free (outcome->name);
  g_free (outcome->message);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

static void
on_finished (
    McDbusTransfer *transfer, guint result, const char *name, const char *message, Outcome *outcome)
{
  outcome_clear (outcome);
  outcome->finished = TRUE;
  outcome->result = result;
  outcome->name = g_strdup (name);
  outcome->message = g_strdup (message);
}

/* Wakes the waiting loop. */
static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
draw (McCliProgress *progress, McDbusTransfer *transfer)
{
  McCliTransferView view;

  mc_cli_transfer_view_init (&view, transfer);
  mc_cli_progress_update (progress, &view.view, 1);
  mc_cli_transfer_view_clear (&view);
}

/* A transfer that had ended before it was looked at has told its outcome to others. */
static void
outcome_from_properties (Outcome *outcome, McDbusTransfer *transfer)
{
  McCliTransferStates state = mc_cli_transfer_get_state (transfer);

  outcome_clear (outcome);
  outcome->finished = (state & MC_CLI_TRANSFER_ENDED) != 0;
  outcome->result = state == MC_CLI_TRANSFER_DONE     ? MC_DBUS_RESULT_DONE
                    : state == MC_CLI_TRANSFER_FAILED ? MC_DBUS_RESULT_FAILED
                                                      : MC_DBUS_RESULT_CANCELLED;
  outcome->name = mc_dbus_transfer_dup_error (transfer);
  outcome->message = mc_dbus_transfer_dup_message (transfer);
}

static gboolean
conclude (const Outcome *outcome, McDbusTransfer *transfer, GError **error)
{
  g_autofree char *label = mc_cli_transfer_dup_label (transfer);
  McError code = MC_ERROR_FAILED;

  if (outcome->result == MC_DBUS_RESULT_DONE)
    return TRUE;
  if (outcome->result == MC_DBUS_RESULT_CANCELLED)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s was cancelled", label);
      return FALSE;
    }
  mc_error_from_name (outcome->name, &code);
  g_set_error_literal (error, MC_ERROR, (int) code,
                       outcome->message == NULL || outcome->message[0] == '\0' ? label
                                                                               : outcome->message);
  return FALSE;
}

/* Until it ended, Ctrl-C, or the service is gone. */
static gboolean
wait_for_end (McCli *cli,
              McDbusTransfer *transfer,
              McCliProgress *progress,
              const Outcome *outcome,
              GError **error)
{
  guint tick_id = g_timeout_add (REDRAW_MS, on_tick, NULL);
  gboolean gone = FALSE;

  while (!outcome->finished && !gone && !g_cancellable_is_cancelled (cli->cancellable)
         && (mc_cli_transfer_get_state (transfer) & MC_CLI_TRANSFER_ENDED) == 0)
    {
      g_autofree char *owner = NULL;

      draw (progress, transfer);
      g_main_context_iteration (NULL, TRUE);
      owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (transfer));
      gone = owner == NULL || !mc_client_get_running (cli->client);
    }
  g_source_remove (tick_id);
  if (gone && !outcome->finished)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_NO_SERVICE,
                           "The service ended before the transfer did");
      return FALSE;
    }
  return !g_cancellable_set_error_if_cancelled (cli->cancellable, error);
}

gboolean
mc_cli_follow (McCli *cli, const char *path, McDbusTransfer **transfer, GError **error)
{
  g_autoptr (McDbusTransfer) watched = mc_cli_transfer_load (cli, path, error);
  g_autoptr (McCliProgress) progress = mc_cli_progress_new ();
  g_auto (Outcome) outcome = { FALSE };
  gulong finished_id;
  McDbusTransfer *last;

  *transfer = NULL;
  if (watched == NULL)
    return FALSE;
  *transfer = g_object_ref (watched);
  finished_id = g_signal_connect (watched, "finished", G_CALLBACK (on_finished), &outcome);
  if (!wait_for_end (cli, watched, progress, &outcome, error))
    {
      g_signal_handler_disconnect (watched, finished_id);
      return FALSE;
    }
  g_signal_handler_disconnect (watched, finished_id);
  if (!outcome.finished)
    outcome_from_properties (&outcome, watched);

  /* The signal may overtake the last change of the properties: read them once more. */
  last = mc_cli_transfer_load (cli, path, NULL);
  if (last != NULL)
    {
      g_object_unref (*transfer);
      *transfer = last;
    }
  draw (progress, *transfer);
  return conclude (&outcome, *transfer, error);
}
