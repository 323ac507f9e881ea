/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-transfer.h"
#include "mc-limiter.h"
#include "mc-verify.h"

G_BEGIN_DECLS

/* A rate is the bytes of ten seconds, at most: of so many ticks, counted from their ends. */
#define MC_TRANSFER_TICK_MS 250
#define MC_TRANSFER_SAMPLES 41

struct _McTransfer
{
  GObject parent_instance;

  gint64 id; /* 0: not kept yet */
  McTransferKind kind;
  McTransferState state;
  gint64 repo;
  McManifest *manifest; /* (owned) (nullable): of the repo; none if it is about the whole store */
  char *variant;
  char *path;
  gint64 created;
  const char *phase;  /* static (nullable): while it is active */
  gint64 waits_until; /* Unix seconds, while it waits */
  GError *error;      /* (owned) (nullable) */

  GPtrArray *files;   /* (owned): McFile of the manifest, each content once */
  GPtrArray *listed;  /* (owned) (nullable): the files, where they are of no manifest */
  GHashTable *wanted; /* (owned): the same by McDigest */
  guint64 total;
  guint64 verified;
  guint64 received;
  gboolean discard;     /* cancelled, and its unfinished bytes are to go */
  gboolean holding;     /* its files are being held anew */
  gboolean runs;        /* it is among those that may fetch */
  gboolean untold;      /* it ended, and the history does not have that yet */
  guint64 rate_limit;   /* bytes a second; 0: none of its own */
  McLimiter *limiter;   /* (owned) (nullable): NULL until it is on the list */
  gint64 place;         /* in the queue */
  GHashTable *requests; /* (owned): names of those who asked for it */

  guint64 space_seen; /* free when it was paused for space */

  guint64 samples[MC_TRANSFER_SAMPLES]; /* received at each tick */
  guint n_samples;

  GPtrArray *waiters;         /* (owned): GTask of those who asked for it before it was kept */
  GCancellable *cancellable;  /* (owned) (nullable): of a running verification */
  McVerifyProgress *progress; /* (nullable), borrowed from it */
  GVariant *report;           /* (owned) (nullable) */
};

McTransfer *mc_transfer_new (McTransferKind kind,
                             gint64 repo,
                             McManifest *manifest,
                             const char *variant,
                             const char *path,
                             GPtrArray *files);

/* The only way to change the state: asserts that the step is one a transfer may take, and emits the
 * signals. Takes the error (nullable). */
void mc_transfer_set_state (McTransfer *self, McTransferState state, GError *error);

/* Unix seconds of the next try. */
void mc_transfer_set_waits_until (McTransfer *self, gint64 moment);

/* Something that can be read changed. */
void mc_transfer_emit_changed (McTransfer *self);

/* Whether its kind brings bytes from the Hub. */
gboolean mc_transfer_fetches (McTransfer *self);

/* Whether it brings what is in a folder, or looks at it. */
gboolean mc_transfer_imports (McTransfer *self);

/* Every MC_TRANSFER_TICK_MS while it runs. */
void mc_transfer_tick (McTransfer *self, guint64 verified, const char *phase);

/* Takes a floating reference. */
void mc_transfer_take_report (McTransfer *self, GVariant *report);

McTransferRecord *mc_transfer_make_record (McTransfer *self);

G_END_DECLS
