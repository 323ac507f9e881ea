/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-client.h"
#include "mc-repo-item.h"

G_BEGIN_DECLS

/* All that the window shows of the service: repos and transfers as items, whether it can be
 * reached, and the calls that change something. Main thread only.
 *
 * It holds no truth. When the service ends by itself, because it has nothing to do, what was known
 * last stays on the screen, and the next call starts it again. When it dies at work it is started
 * again at once. Items keep their identity over that, by the numbers of their objects. */
#define MC_TYPE_LIBRARY (mc_library_get_type ())
G_DECLARE_FINAL_TYPE (McLibrary, mc_library, MC, LIBRARY, GObject)

typedef enum
{
  MC_LIBRARY_CONNECTING,   /* for the first time */
  MC_LIBRARY_READY,        /* also while an idle service sleeps */
  MC_LIBRARY_RECONNECTING, /* it died at work */
  MC_LIBRARY_UNREACHABLE,
} McLibraryState;

#define MC_TYPE_LIBRARY_STATE (mc_library_state_get_type ())
GType mc_library_state_get_type (void);

/* Signals:
 *   failed (GError *error, const char *repo): something that was asked for did not work
 *   ended (McTransferItem *transfer): it is done or failed, seen while it happened */
McLibrary *mc_library_new (void);
/* Cancels all that is under way, which holds references, and lets go of the service. */
void mc_library_close (McLibrary *self);

/* "state" notifies. */
McLibraryState mc_library_get_state (McLibrary *self);
/* Begins connecting anew, if it could not. */
void mc_library_retry (McLibrary *self);

/* Of McRepoItem and McTransferItem, in no order. Borrowed. */
GListModel *mc_library_get_repos (McLibrary *self);
GListModel *mc_library_get_transfers (McLibrary *self);
McRepoItem *mc_library_find_repo (McLibrary *self, const char *ref); /* (nullable), borrowed */

/* Transfers that run or wait, and their bytes a second; "active" and "rate" notify. */
guint mc_library_get_active (McLibrary *self);
guint64 mc_library_get_rate (McLibrary *self);

/* The answer of Usage() that came last, NULL before; borrowed. "usage" notifies. */
GVariant *mc_library_get_usage (McLibrary *self);

/* The Manager's properties; NULL before it was reached. Borrowed. */
McDbusManager *mc_library_get_manager (McLibrary *self);

/* Any method of the Manager: arguments as it takes them (floating), a reply of that type. Starts
 * the service if it sleeps. Errors are those of MC_ERROR. */
void mc_library_call_async (McLibrary *self,
                            const char *method,
                            GVariant *arguments,
                            const char *reply_type,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
GVariant *mc_library_call_finish (McLibrary *self, GAsyncResult *result, GError **error);

/* Looks a repo up on the Hub; the item is in the list when it is through. */
void mc_library_scan_async (McLibrary *self,
                            const char *repo,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
McRepoItem *mc_library_scan_finish (McLibrary *self, GAsyncResult *result, GError **error);

/* These report through "failed". */
void mc_library_download (McLibrary *self, const char *repo, const char *variant);
void mc_library_delete (McLibrary *self, const char *repo, const char *variant);
/* method: "Pause", "Resume", "Cancel" or "Retry" of the interface Transfer. */
void mc_library_steer (McLibrary *self, McTransferItem *transfer, const char *method);
/* A method of the Manager without arguments but options: "PauseAll", "AllowTransfers" ... */
void mc_library_steer_all (McLibrary *self, const char *method);

G_END_DECLS
