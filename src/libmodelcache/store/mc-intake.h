/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-chunk-finder.h"
#include "mc-hasher.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The chunks of one content on their way into its pack, on two threads that work side by side: one
 * hashes (and encodes), the other writes. Chunks that come quickly are committed several at a time;
 * a chunk that comes alone, at once.
 *
 * Used from one thread. Each function takes a task, whose data is an McIntakeWork, and completes it
 * in its own context when what it asks for is done. The tasks must be home before it is freed. */
typedef struct _McIntake McIntake;

typedef struct
{
  guint position;     /* of the chunk that is put */
  GBytes *bytes;      /* (owned) (nullable): of that chunk; let go when it is written and hashed */
  gboolean compress;  /* is wished for */
  gint64 arrived;     /* when the bytes did; set by put */
  guint8 *present;    /* (owned) (nullable): what was found: one flag a chunk */
  guint64 committed;  /* bytes that are here for good by this */
  McDigest lender;    /* in whose pack they are; NONE: in this one */
  gboolean discarded; /* all that was here is gone */
} McIntakeWork;

void mc_intake_work_clear (McIntakeWork *work);

McIntake *mc_intake_new (const char *folder, const McDigest *digest, guint64 size);
void mc_intake_free (McIntake *self);

/* Before chunks are put: chunks it finds elsewhere are not kept again. Borrowed. */
void mc_intake_set_finder (McIntake *self, McChunkFinder *finder);

/* Looks up what is here already, and reads it back: damaged chunks are dropped. */
void mc_intake_open (McIntake *self, GTask *task);

/* Ends when the chunk is committed. If that fails, it fails for all that were to be committed with
 * it, and none of them is here. */
void mc_intake_put (McIntake *self, GTask *task);

/* Checks the digest and makes the pack complete, or discards it; then it is closed. */
void mc_intake_finish (McIntake *self, GTask *task);

/* Ends the hash: MC_ERROR_CORRUPT, with a sentence for a person, unless it is as expected. */
gboolean mc_intake_check (McHasher *hasher, const McDigest *expected, GError **error);

G_END_DECLS
