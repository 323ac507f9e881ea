/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-dbus-generated.h"

G_BEGIN_DECLS

/* A transfer as a row shows it: every property is what is bound to, nothing is left to compute.
 * It outlives the service: while that is away the item shows what was known last. */
#define MC_TYPE_TRANSFER_ITEM (mc_transfer_item_get_type ())
G_DECLARE_FINAL_TYPE (McTransferItem, mc_transfer_item, MC, TRANSFER_ITEM, GObject)

McTransferItem *mc_transfer_item_new (guint64 number);

/* proxy: (nullable): NULL while the service is away. */
void mc_transfer_item_set_proxy (McTransferItem *self, McDbusTransfer *proxy);
McDbusTransfer *mc_transfer_item_get_proxy (McTransferItem *self); /* (nullable) */
/* The service's TransfersAllowed: part of the sentence of those that wait. */
void mc_transfer_item_set_allowed (McTransferItem *self, const char *allowed);

guint64 mc_transfer_item_get_number (McTransferItem *self);
const char *mc_transfer_item_get_repo (McTransferItem *self);
const char *mc_transfer_item_get_variant (McTransferItem *self);
const char *mc_transfer_item_get_kind (McTransferItem *self);
const char *mc_transfer_item_get_state (McTransferItem *self);
const char *mc_transfer_item_get_error_name (McTransferItem *self);
const char *mc_transfer_item_get_page (McTransferItem *self);
/* "active", "waiting" (or queued, or paused), "done" or "failed"; "" for what was cancelled. */
const char *mc_transfer_item_get_group (McTransferItem *self);
/* Among those that are open: lower ones begin first. */
gint64 mc_transfer_item_get_place (McTransferItem *self);
/* Queued, active, waiting or paused. */
gboolean mc_transfer_item_get_open (McTransferItem *self);
gboolean mc_transfer_item_get_pausable (McTransferItem *self);
gboolean mc_transfer_item_get_resumable (McTransferItem *self);
gboolean mc_transfer_item_get_retryable (McTransferItem *self);
/* Its name and its state, to the tenth of the way: what a screen reader says when that changes. */
const char *mc_transfer_item_get_spoken (McTransferItem *self);
guint64 mc_transfer_item_get_rate (McTransferItem *self);

G_END_DECLS
