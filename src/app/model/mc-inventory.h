/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-link.h"
#include "mc-repo-item.h"

G_BEGIN_DECLS

/* All that the window shows of the service: repos and transfers as items, whether it can be
 * reached, and the calls that change something. Main thread only.
 *
 * It holds no truth. When the service ends by itself, because it has nothing to do, what was known
 * last stays on the screen, and the next call starts it again. When it dies at work it is started
 * again at once. Items keep their identity over that, by the numbers of their objects. */
#define MC_TYPE_INVENTORY (mc_inventory_get_type ())
G_DECLARE_FINAL_TYPE (McInventory, mc_inventory, MC, INVENTORY, GObject)

typedef enum
{
  MC_INVENTORY_CONNECTING,   /* for the first time */
  MC_INVENTORY_READY,        /* also while an idle service sleeps */
  MC_INVENTORY_RECONNECTING, /* it died at work */
  MC_INVENTORY_UNREACHABLE,
} McInventoryState;

#define MC_TYPE_INVENTORY_STATE (mc_inventory_state_get_type ())
GType mc_inventory_state_get_type (void);

/* bus: (nullable): the session bus, if it is connected to already.
 *
 * Signals:
 *   failed (GError *error, const char *repo): something that was asked for did not work
 *   ended (McTransferItem *transfer): it is done or failed, seen while it happened
 *   blocked (McTransferItem *transfer): it cannot go on without the person */
McInventory *mc_inventory_new (GDBusConnection *bus);
/* Cancels all that is under way, which holds references, and lets go of the service. */
void mc_inventory_close (McInventory *self);

/* "state" notifies. */
McInventoryState mc_inventory_get_state (McInventory *self);
/* Begins connecting anew, if it could not. */
void mc_inventory_retry (McInventory *self);

/* Of McRepoItem and McTransferItem, in no order. Borrowed. */
GListModel *mc_inventory_get_repos (McInventory *self);
GListModel *mc_inventory_get_transfers (McInventory *self);
McRepoItem *mc_inventory_find_repo (McInventory *self, const char *ref); /* (nullable), borrowed */

/* Transfers that run or wait, and their bytes a second; "active" and "rate" notify. */
guint mc_inventory_get_active (McInventory *self);
guint64 mc_inventory_get_rate (McInventory *self);

/* The answer of Usage() that came last, NULL before; borrowed. "usage" notifies. */
GVariant *mc_inventory_get_usage (McInventory *self);

/* The Manager's properties; NULL before it was reached. Borrowed. */
McDbusManager *mc_inventory_get_manager (McInventory *self);

/* Any method of the Manager: arguments as it takes them (floating), a reply of that type. Starts
 * the service if it sleeps. Errors are those of MC_ERROR. */
void mc_inventory_call_async (McInventory *self,
                              const char *method,
                              GVariant *arguments,
                              const char *reply_type,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
GVariant *mc_inventory_call_finish (McInventory *self, GAsyncResult *result, GError **error);

/* Looks a repo up on the Hub; the item is in the list when it is through. */
void mc_inventory_scan_async (McInventory *self,
                              const char *repo,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
McRepoItem *mc_inventory_scan_finish (McInventory *self, GAsyncResult *result, GError **error);

/* Asks the Hub what is newer of what is here; repos are marked. The result is how many are; -1 on
 * error. */
void mc_inventory_check_updates_async (McInventory *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
int mc_inventory_check_updates_finish (McInventory *self, GAsyncResult *result, GError **error);

/* These report through "failed". */
void mc_inventory_update (McInventory *self, const char *repo);
/* Goes on by itself where access must be granted first, and is. */
void mc_inventory_download (McInventory *self, const char *repo, const char *variant);
/* The person is back: perhaps from the page where access is asked for. */
void mc_inventory_look_at_gates (McInventory *self);
/* No download of that repo goes on by itself any more. */
void mc_inventory_stop_waiting (McInventory *self, const char *repo);
/* Deletes it after a while in which that can be undone: until then the service knows nothing of it.
 * variant: "": the repo leaves the library. */
void mc_inventory_delete_later (McInventory *self, const char *repo, const char *variant);
/* FALSE: it is too late. repo: (nullable): then the deletion that was asked for last. */
gboolean mc_inventory_undo_delete (McInventory *self, const char *repo, const char *variant);
guint mc_inventory_get_undo_ms (void);
/* method: of the interface Transfer, without arguments but options: "Pause", "StartNow" ... */
void mc_inventory_steer (McInventory *self, McTransferItem *transfer, const char *method);
/* Adopts what models have of a file or folder of this computer. */
void mc_inventory_import (McInventory *self, const char *path);
/* The same, by its number; nothing if there is none such. */
void mc_inventory_steer_number (McInventory *self, guint64 number, const char *method);
/* 0: before all others that are open. */
void mc_inventory_move_to (McInventory *self, McTransferItem *transfer, guint position);
/* A method of the Manager without arguments but options: "PauseAll", "AllowTransfers" ... */
void mc_inventory_steer_all (McInventory *self, const char *method);
/* A method of the Manager that begins a transfer, whatever it is of. */
void mc_inventory_begin (McInventory *self, const char *method, GVariant *arguments);
/* One setting of the service, by its name there; value is floating. */
void mc_inventory_configure (McInventory *self, const char *setting, GVariant *value);

G_END_DECLS
