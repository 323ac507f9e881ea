/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-private-host.h"

/* Downloads of a private cache. What two requests want is one transfer, which goes on as long as
 * one of them waits for it. */

static void begin_download (McPrivateWork *work);
static void begun_cb (GObject *source, GAsyncResult *result, gpointer user_data);
static void access_checked_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static char *
dup_name (McPrivateWork *work)
{
  return g_strdup_printf ("%p", (gpointer) work);
}

static GError *
make_cancelled (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The download was cancelled");
}

/* Takes the error. */
static void
leave (McPrivateWork *work, GError *error)
{
  g_autoptr (McTransfer) transfer = g_object_ref (work->transfer);
  McDownloader *downloader = mc_private_host_get_downloader (work->host);
  g_autofree char *name = dup_name (work);

  if (!mc_transfer_withdraw (transfer, name)
      && !mc_transfer_state_is_final (mc_transfer_get_state (transfer)))
    mc_downloader_cancel (downloader, transfer, FALSE, NULL);
  mc_private_work_fail (work, error);
}

void
mc_private_work_leave_transfer (McPrivateWork *work)
{
  for (guint i = 0; i < G_N_ELEMENTS (work->watches); i++)
    g_clear_signal_handler (&work->watches[i], work->transfer);
  leave (work, make_cancelled ());
}

static void
let_go_of_transfer (McPrivateWork *work)
{
  for (guint i = 0; i < G_N_ELEMENTS (work->watches); i++)
    g_clear_signal_handler (&work->watches[i], work->transfer);
  g_clear_object (&work->transfer);
}

static void
tell (McPrivateWork *work)
{
  guint64 total = mc_transfer_get_total (work->transfer);

  if (total > 0)
    mc_request_tell (work->request, mc_transfer_get_verified (work->transfer), total);
}

/* Once it is in a state that does not change by itself. One that waits for space on the disk may do
 * so for ever: its requester is told. */
static void
look_at (McPrivateWork *work)
{
  McTransferState state = mc_transfer_get_state (work->transfer);
  const GError *error = mc_transfer_get_error (work->transfer);

  if (state == MC_TRANSFER_DONE)
    {
      tell (work);
      let_go_of_transfer (work);
      work->then (work);
    }
  else if (state == MC_TRANSFER_CANCELLED)
    mc_private_work_leave_transfer (work);
  else if (state == MC_TRANSFER_FAILED || mc_transfer_waits_for_space (work->transfer))
    leave (work, error != NULL
                     ? g_error_copy (error)
                     : g_error_new_literal (MC_ERROR, MC_ERROR_FAILED, "The download failed"));
}

static void
on_changed (McTransfer *transfer, McPrivateWork *work)
{
  tell (work);
  if (mc_transfer_waits_for_space (transfer))
    look_at (work);
}

static void
on_finished (McTransfer *transfer, McPrivateWork *work)
{
  look_at (work);
}

/* A variant, or the file of a path. */
static gboolean
is_of_variant (McPrivateWork *work)
{
  return work->request->kind == MC_REQUEST_DOWNLOAD || work->request->kind == MC_REQUEST_CHECKOUT;
}

static void
begin_download (McPrivateWork *work)
{
  McLibraryRepo *repo = mc_private_work_find_repo (work);
  McVariant *found = NULL;
  GError *error = NULL;

  if (repo == NULL)
    {
      mc_private_work_scan (work, begin_download);
      return;
    }
  if (is_of_variant (work))
    found = mc_private_work_find_variant (work, repo, &error);
  else if (mc_manifest_find_file (repo->manifest, work->request->name) == NULL)
    error = g_error_new (MC_ERROR, MC_ERROR_UNKNOWN_FILE, "%s has no file “%s”",
                         repo->manifest->repo, work->request->name);
  if (error != NULL)
    mc_private_work_fail (work, error);
  else
    mc_downloader_download_async (mc_private_host_get_downloader (work->host), repo->id,
                                  found == NULL ? "" : found->key,
                                  found == NULL ? work->request->name : "", begun_cb, work);
}

/* Hashes are hidden as the gate was at the last scan. It may be open by now; if not, the Hub says
 * why. */
static void
look_at_gate (McPrivateWork *work)
{
  work->checked = TRUE;
  mc_hub_client_check_access_async (mc_private_host_get_hub (work->host), work->ref->repo,
                                    work->cancellable, access_checked_cb, work);
}

static void
access_checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McPrivateWork *work = user_data;
  GError *error = NULL;

  if (mc_hub_client_check_access_finish (MC_HUB_CLIENT (source), result, &error))
    mc_private_work_scan (work, begin_download);
  else
    mc_private_work_fail (work, error);
}

static void
begun_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McPrivateWork *work = user_data;
  GError *error = NULL;
  g_autofree char *name = dup_name (work);

  work->transfer = mc_downloader_begin_finish (MC_DOWNLOADER (source), result, &error);
  if (g_error_matches (error, MC_ERROR, MC_ERROR_GATED) && !work->checked)
    {
      g_error_free (error);
      look_at_gate (work);
      return;
    }
  if (work->transfer == NULL)
    {
      mc_private_work_fail (work, error);
      return;
    }
  mc_transfer_add_request (work->transfer, name);
  work->watches[0] = g_signal_connect (work->transfer, "changed", G_CALLBACK (on_changed), work);
  work->watches[1] = g_signal_connect (work->transfer, "finished", G_CALLBACK (on_finished), work);
  tell (work);
  if (g_cancellable_is_cancelled (work->cancellable))
    mc_private_work_leave_transfer (work);
  else
    look_at (work);
}

void
mc_private_work_download (McPrivateWork *work, void (*then) (McPrivateWork *work))
{
  work->then = then;
  begin_download (work);
}

static void
return_here (McPrivateWork *work)
{
  mc_private_work_return_number (work, 1);
}

void
mc_private_do_download (McPrivateWork *work)
{
  mc_private_work_download (work, return_here);
}
