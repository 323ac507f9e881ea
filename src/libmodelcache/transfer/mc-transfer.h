/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-manifest.h"
#include "mc-store.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* One piece of long work, as its requester sees it: what it is about, its state, how far it is. It
 * does nothing itself; the downloader drives it. Main thread.
 *
 * Signals: "changed": something that can be read changed; "finished": it came to an end, with the
 * state saying which; once for each time it ran. */

#define MC_TYPE_TRANSFER (mc_transfer_get_type ())
G_DECLARE_FINAL_TYPE (McTransfer, mc_transfer, MC, TRANSFER, GObject)

typedef enum
{
  MC_TRANSFER_DOWNLOAD,
  MC_TRANSFER_VERIFY,
  MC_TRANSFER_MOVE,    /* of the whole store to the folder that is its path */
  MC_TRANSFER_REPAIR,  /* fetches what is damaged of a file that was downloaded */
  MC_TRANSFER_EVICT,   /* it was deleted to make room: done, and its total is what that gave back */
  MC_TRANSFER_IMPORT,  /* adopts what is in the folder, or is the file, that is its path */
  MC_TRANSFER_PREVIEW, /* says what an import would adopt */
  MC_TRANSFER_UPDATE,  /* fetches what is newer, then lets the older go; its path is the revision */
} McTransferKind;

/* QUEUED, ACTIVE and WAITING are one on disk: work that goes on after a restart. */
typedef enum
{
  MC_TRANSFER_QUEUED,
  MC_TRANSFER_ACTIVE,
  MC_TRANSFER_WAITING, /* before the next try */
  MC_TRANSFER_PAUSED,  /* by a person; or, with MC_ERROR_NO_SPACE, until there is space */
  MC_TRANSFER_DONE,
  MC_TRANSFER_FAILED,
  MC_TRANSFER_CANCELLED,
} McTransferState;

const char *mc_transfer_kind_to_string (McTransferKind kind);
gboolean mc_transfer_kind_from_string (const char *text, McTransferKind *kind);
const char *mc_transfer_state_to_string (McTransferState state);
gboolean mc_transfer_state_from_string (const char *text, McTransferState *state);

/* Whether it has come to an end. */
gboolean mc_transfer_state_is_final (McTransferState state);

/* Whether it wants work done now. */
gboolean mc_transfer_state_is_running (McTransferState state);

/* Whether it is paused because the disk is full. */
gboolean mc_transfer_waits_for_space (McTransfer *self);

gint64 mc_transfer_get_id (McTransfer *self);
McTransferKind mc_transfer_get_kind (McTransfer *self);
McTransferState mc_transfer_get_state (McTransfer *self);
McManifest *
mc_transfer_get_manifest (McTransfer *self); /* (nullable), borrowed: none if it is of no repo */
gint64 mc_transfer_get_repo (McTransfer *self);
const char *mc_transfer_get_variant (McTransfer *self); /* key, or "" */
const char *mc_transfer_get_path (McTransfer *self);    /* or ""; the folder of a move or import */
const GError *
mc_transfer_get_error (McTransfer *self); /* (nullable): why it failed, waits or is paused */
guint64 mc_transfer_get_total (McTransfer *self);       /* bytes */
guint64 mc_transfer_get_verified (McTransfer *self);    /* bytes committed or checked */
guint64 mc_transfer_get_received (McTransfer *self);    /* bytes from the network */
guint64 mc_transfer_get_rate (McTransfer *self);        /* bytes a second, of the last seconds */
gint64 mc_transfer_get_expected_end (McTransfer *self); /* Unix seconds, 0: unknown */
/* What it does while it is active: "resolving", "transferring", "verifying", "finishing"; "waiting"
 * while it waits; else "". Static. It follows with the next tick. */
const char *mc_transfer_get_phase (McTransfer *self);
gint64 mc_transfer_get_waits_until (McTransfer *self); /* Unix seconds, 0: it does not wait */
gint64 mc_transfer_get_created (McTransfer *self);     /* Unix seconds */
/* (nullable), borrowed: what became of the files of an import, once it is done, as the interface
 * file says: a{sv} */
GVariant *mc_transfer_get_report (McTransfer *self);

/* In the queue: those with lower ones come first. */
gint64 mc_transfer_get_place (McTransfer *self);

guint64 mc_transfer_get_rate_limit (McTransfer *self); /* bytes a second; 0: none of its own */

/* Notes that somebody of that name asked for it, as many others may have. Whoever did can withdraw
 * that: TRUE if it was a request beside others, so that the transfer goes on for these. Names are
 * not kept over a restart. */
void mc_transfer_add_request (McTransfer *self, const char *name);
gboolean mc_transfer_withdraw (McTransfer *self, const char *name);

G_END_DECLS
