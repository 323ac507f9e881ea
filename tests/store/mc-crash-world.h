/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-test-store.h"

G_BEGIN_DECLS

/* A repo, its contents, what is done with them, and what the store promised meanwhile: each step
 * that was reported as done is noted, and must be true from then on, whatever happens to the
 * machine.
 *
 * A step that is done already does nothing, so that what was interrupted can be done again. */

typedef enum
{
  MC_CRASH_KEPT,        /* a pack of one chunk, there before and after whatever happens */
  MC_CRASH_LARGE,       /* two chunks */
  MC_CRASH_TWIN,        /* two chunks, of which the first is LARGE's */
  MC_CRASH_TEXT,        /* one chunk that compresses well; git's SHA-1 */
  MC_CRASH_SMALL,       /* no pack; git's SHA-1 */
  MC_CRASH_EMPTY,       /* no bytes */
  MC_CRASH_OLD_WHOLE,   /* of the old store: see mc_crash_unpack_old() */
  MC_CRASH_OLD_PARTIAL, /* three chunks */
  MC_CRASH_OLD_SMALL,
  MC_CRASH_N_CONTENTS
} McCrashContent;

#define MC_CRASH_MAX_CHUNKS 3

typedef struct
{
  const char *path;
  GBytes *bytes; /* (owned) */
  McDigest digest;
} McCrashFile;

typedef struct
{
  McCrashFile files[MC_CRASH_N_CONTENTS];
  char *folder;                          /* (owned) (nullable) */
  McStore *store;                        /* (owned) (nullable): while it is open */
  GArray *notes;                         /* (owned): what was promised, in order */
  gboolean damaged[MC_CRASH_N_CONTENTS]; /* so was something of its bytes */
} McCrashWorld;

McCrashWorld *mc_crash_world_new (void);
void mc_crash_world_free (McCrashWorld *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McCrashWorld, mc_crash_world_free)

/* FALSE if the store cannot be opened; closing is also fine when it is not open. */
gboolean mc_crash_open (McCrashWorld *world, const char *folder, GError **error);
void mc_crash_close (McCrashWorld *world);

/* --- steps --- */

gboolean mc_crash_scan (McCrashWorld *world, char commit, GError **error);
gboolean mc_crash_hold (McCrashWorld *world, McCrashContent which, GError **error);

/* Brings in what is missing, the first chunks last if backwards; n_chunks: how many at most, 0:
 * all, and then it is finished. */
gboolean mc_crash_fill (
    McCrashWorld *world, McCrashContent which, gboolean backwards, guint n_chunks, GError **error);

gboolean mc_crash_drop (McCrashWorld *world, McCrashContent which, GError **error);
gboolean mc_crash_drop_repo (McCrashWorld *world, GError **error);

/* Reads it back, and notes in the store what is damaged. */
gboolean mc_crash_verify (McCrashWorld *world, McCrashContent which, GError **error);

/* Changes a byte of a chunk, or the head of the pack; the store must be closed. What was promised
 * of it is not any more. */
void mc_crash_damage (McCrashWorld *world, McCrashContent which, guint chunk);
void mc_crash_damage_head (McCrashWorld *world, McCrashContent which);

/* Damages the catalog: names are lost, bytes are not. */
void mc_crash_damage_catalog (McCrashWorld *world);

/* The chunk is not promised any more: another content, which lends it, was damaged. */
void mc_crash_take_back (McCrashWorld *world, McCrashContent which, guint chunk);

/* Fills the empty folder with the store that version 1 wrote: two contents, and one of which the
 * middle chunk is missing. */
void mc_crash_unpack_old (McCrashWorld *world);

/* --- what must be so: each adds sentences to @wrong --- */

/* The promises that were made up to that change of the disk's log. */
void mc_crash_check_promises (McCrashWorld *world, guint n_changes, GPtrArray *wrong);
guint mc_crash_count_promises (McCrashWorld *world, guint n_changes);

/* The invariants, deep, and what the store says from memory. settled: nothing failed since it was
 * opened. damaged: findings about contents that were damaged are not told. */
void
mc_crash_check_store (McCrashWorld *world, gboolean settled, gboolean damaged, GPtrArray *wrong);

/* Here with all its bytes; or not known, and no file of it left. */
void mc_crash_check_whole (McCrashWorld *world, McCrashContent which, GPtrArray *wrong);
void mc_crash_check_gone (McCrashWorld *world, McCrashContent which, GPtrArray *wrong);

G_END_DECLS
