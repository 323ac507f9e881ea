/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-service-private.h"

#include "mc-dbus-error.h"
#include "mc-dbus-names.h"

/* Transfers as bus objects. */

/* What one object needs; lives as long as its skeleton. */
typedef struct
{
  McService *service;   /* borrowed: it unexports the objects before it goes */
  McTransfer *transfer; /* (owned) */
} Shown;

char *
mc_service_make_transfer_path (gint64 id)
{
  return g_strdup_printf (MC_DBUS_PATH "/transfer/%" G_GINT64_FORMAT, id);
}

void
mc_service_answer_begun (GDBusMethodInvocation *invocation, McTransfer *transfer, GError *error)
{
  g_autofree char *path = NULL;

  if (transfer == NULL)
    {
      mc_dbus_error_return (invocation, error);
      return;
    }
  path = mc_service_make_transfer_path (mc_transfer_get_id (transfer));
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

/* The page where a person can do something about it; "" if there is none. */
static char *
make_page (const GError *error, McManifest *manifest)
{
  if (manifest == NULL)
    return g_strdup ("");
  if (g_error_matches (error, MC_ERROR, MC_ERROR_GATED)
      || g_error_matches (error, MC_ERROR, MC_ERROR_ACCESS_PENDING)
      || g_error_matches (error, MC_ERROR, MC_ERROR_ACCESS_REFUSED))
    return g_strconcat (manifest->endpoint, "/", manifest->repo, NULL);
  if (g_error_matches (error, MC_ERROR, MC_ERROR_SIGN_IN)
      || g_error_matches (error, MC_ERROR, MC_ERROR_TOKEN_REFUSED))
    return g_strconcat (manifest->endpoint, "/settings/tokens", NULL);
  return g_strdup ("");
}

static void
fill (McDbusTransfer *skeleton, McTransfer *transfer)
{
  const GError *error = mc_transfer_get_error (transfer);
  McManifest *manifest = mc_transfer_get_manifest (transfer);
  g_autofree char *page = make_page (error, manifest);
  GVariant *report = mc_transfer_get_report (transfer);

  mc_dbus_transfer_set_page (skeleton, page);
  mc_dbus_transfer_set_kind (skeleton,
                             mc_transfer_kind_to_string (mc_transfer_get_kind (transfer)));
  mc_dbus_transfer_set_state (skeleton,
                              mc_transfer_state_to_string (mc_transfer_get_state (transfer)));
  mc_dbus_transfer_set_error (skeleton, error == NULL ? "" : mc_error_get_name (error));
  mc_dbus_transfer_set_message (skeleton, error == NULL ? "" : error->message);
  mc_dbus_transfer_set_repo (skeleton, manifest == NULL ? "" : manifest->repo);
  mc_dbus_transfer_set_variant (skeleton, mc_transfer_get_variant (transfer));
  mc_dbus_transfer_set_path (skeleton, mc_transfer_get_path (transfer));
  mc_dbus_transfer_set_total (skeleton, mc_transfer_get_total (transfer));
  mc_dbus_transfer_set_verified (skeleton, mc_transfer_get_verified (transfer));
  mc_dbus_transfer_set_received (skeleton, mc_transfer_get_received (transfer));
  mc_dbus_transfer_set_rate (skeleton, mc_transfer_get_rate (transfer));
  mc_dbus_transfer_set_expected_end (skeleton, mc_transfer_get_expected_end (transfer));
  mc_dbus_transfer_set_phase (skeleton, mc_transfer_get_phase (transfer));
  mc_dbus_transfer_set_waits_until (skeleton, mc_transfer_get_waits_until (transfer));
  mc_dbus_transfer_set_created (skeleton, mc_transfer_get_created (transfer));
  mc_dbus_transfer_set_rate_limit (skeleton, mc_transfer_get_rate_limit (transfer));
  mc_dbus_transfer_set_place (skeleton, mc_transfer_get_place (transfer));
  mc_dbus_transfer_set_report (skeleton, report != NULL ? report : g_variant_new ("a{sv}", NULL));
}

static void
on_changed (McTransfer *transfer, gpointer user_data)
{
  McDbusTransfer *skeleton = user_data;
  Shown *shown = g_object_get_data (G_OBJECT (skeleton), "mc-shown");
  const char *state = mc_transfer_state_to_string (mc_transfer_get_state (transfer));
  gboolean same_state = g_strcmp0 (mc_dbus_transfer_get_state (skeleton), state) == 0;

  fill (skeleton, transfer);
  /* Progress may be shown late, a status may not. */
  if (same_state)
    mc_service_show_repos_soon (shown->service);
  /* Repos may have come and gone. */
  else if (mc_transfer_get_kind (transfer) == MC_TRANSFER_UPDATE
           || mc_transfer_get_kind (transfer) == MC_TRANSFER_IMPORT)
    mc_service_show_repos (shown->service);
  else
    mc_service_show_repo (shown->service, mc_transfer_get_repo (transfer));
}

static void
on_finished (McTransfer *transfer, gpointer user_data)
{
  static const guint results[] = {
    [MC_TRANSFER_DONE] = MC_DBUS_RESULT_DONE,
    [MC_TRANSFER_FAILED] = MC_DBUS_RESULT_FAILED,
    [MC_TRANSFER_CANCELLED] = MC_DBUS_RESULT_CANCELLED,
  };
  McDbusTransfer *skeleton = user_data;
  const GError *error = mc_transfer_get_error (transfer);

  /* Who hears of the end also sees it in the properties. */
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (skeleton));
  mc_dbus_transfer_emit_finished (skeleton, results[mc_transfer_get_state (transfer)],
                                  error == NULL ? "" : mc_error_get_name (error),
                                  error == NULL ? "" : error->message);
}

/* A method that was called: its result is known at once. */
static gboolean
answer (GDBusMethodInvocation *invocation, gboolean done, GError *error)
{
  if (done)
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    mc_dbus_error_return (invocation, error);
  return TRUE;
}

static gboolean
steer (Shown *shown,
       GDBusMethodInvocation *invocation,
       gboolean (*where) (McDownloader *downloader, McTransfer *transfer, GError **error))
{
  GError *error = NULL;
  gboolean done = where (shown->service->downloader, shown->transfer, &error);

  return answer (invocation, done, error);
}

static gboolean
on_pause (McDbusTransfer *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  return steer (user_data, invocation, mc_downloader_pause);
}

static gboolean
on_resume (McDbusTransfer *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  return steer (user_data, invocation, mc_downloader_resume);
}

static gboolean
on_retry (McDbusTransfer *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  return steer (user_data, invocation, mc_downloader_retry);
}

static gboolean
on_start_now (McDbusTransfer *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  return steer (user_data, invocation, mc_downloader_start_now);
}

static gboolean
on_start_next (McDbusTransfer *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  return steer (user_data, invocation, mc_downloader_start_next);
}

static gboolean
on_move_to (McDbusTransfer *skeleton,
            GDBusMethodInvocation *invocation,
            guint position,
            gpointer user_data)
{
  Shown *shown = user_data;
  GError *error = NULL;
  gboolean done =
      mc_downloader_move_to (shown->service->downloader, shown->transfer, position, &error);

  return answer (invocation, done, error);
}

static gboolean
on_set_rate_limit (McDbusTransfer *skeleton,
                   GDBusMethodInvocation *invocation,
                   guint64 rate,
                   gpointer user_data)
{
  Shown *shown = user_data;

  if (rate > G_MAXINT64)
    return answer (
        invocation, FALSE,
        g_error_new_literal (MC_ERROR, MC_ERROR_INVALID_NAME, "That is more than any network has"));
  mc_downloader_set_rate_limit (shown->service->downloader, shown->transfer, rate);
  return answer (invocation, TRUE, NULL);
}

/* A caller who asked for it beside others only takes that back. */
static gboolean
withdraw (Shown *shown, GDBusMethodInvocation *invocation)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);

  return sender != NULL && !mc_transfer_state_is_final (mc_transfer_get_state (shown->transfer))
         && mc_transfer_withdraw (shown->transfer, sender);
}

static gboolean
on_cancel (McDbusTransfer *skeleton,
           GDBusMethodInvocation *invocation,
           GVariant *options,
           gpointer user_data)
{
  Shown *shown = user_data;
  GError *error = NULL;
  gboolean discard;
  gboolean all;
  gboolean done =
      mc_service_get_flag (options, "discard", &discard, &error)
      && mc_service_get_flag (options, "all", &all, &error)
      && ((!all && withdraw (shown, invocation))
          || mc_downloader_cancel (shown->service->downloader, shown->transfer, discard, &error));

  return answer (invocation, done, error);
}

static void
shown_free (gpointer data)
{
  Shown *shown = data;

  g_object_unref (shown->transfer);
  g_free (shown);
}

static void
on_added (McDownloader *downloader, McTransfer *transfer, gpointer user_data)
{
  McService *self = user_data;
  g_autofree char *path = mc_service_make_transfer_path (mc_transfer_get_id (transfer));
  g_autoptr (McDbusTransfer) skeleton = mc_dbus_transfer_skeleton_new ();
  g_autoptr (McDbusObjectSkeleton) object = mc_dbus_object_skeleton_new (path);
  Shown *shown = g_new0 (Shown, 1);

  shown->service = self;
  shown->transfer = g_object_ref (transfer);
  g_object_set_data_full (G_OBJECT (skeleton), "mc-shown", shown, shown_free);
  fill (skeleton, transfer);
  g_signal_connect (skeleton, "handle-pause", G_CALLBACK (on_pause), shown);
  g_signal_connect (skeleton, "handle-resume", G_CALLBACK (on_resume), shown);
  g_signal_connect (skeleton, "handle-retry", G_CALLBACK (on_retry), shown);
  g_signal_connect (skeleton, "handle-start-now", G_CALLBACK (on_start_now), shown);
  g_signal_connect (skeleton, "handle-start-next", G_CALLBACK (on_start_next), shown);
  g_signal_connect (skeleton, "handle-move-to", G_CALLBACK (on_move_to), shown);
  g_signal_connect (skeleton, "handle-set-rate-limit", G_CALLBACK (on_set_rate_limit), shown);
  g_signal_connect (skeleton, "handle-cancel", G_CALLBACK (on_cancel), shown);
  g_signal_connect_object (transfer, "changed", G_CALLBACK (on_changed), skeleton, 0);
  g_signal_connect_object (transfer, "finished", G_CALLBACK (on_finished), skeleton, 0);
  mc_dbus_object_skeleton_set_transfer (object, skeleton);
  mc_objects_export (self->objects, G_DBUS_OBJECT_SKELETON (object));
}

static void
on_removed (McDownloader *downloader, McTransfer *transfer, gpointer user_data)
{
  McService *self = user_data;
  g_autofree char *path = mc_service_make_transfer_path (mc_transfer_get_id (transfer));

  mc_objects_unexport (self->objects, path);
}

static void
on_content_changed (McDownloader *downloader, gpointer user_data)
{
  mc_service_show_repos_soon (user_data);
}

void
mc_service_note_request (GDBusMethodInvocation *invocation, McTransfer *transfer)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);

  if (sender != NULL)
    mc_transfer_add_request (transfer, sender);
}

void
mc_service_connect_transfers (McService *self)
{
  g_signal_connect (self->downloader, "transfer-added", G_CALLBACK (on_added), self);
  g_signal_connect (self->downloader, "transfer-removed", G_CALLBACK (on_removed), self);
  g_signal_connect (self->downloader, "content-changed", G_CALLBACK (on_content_changed), self);
}
