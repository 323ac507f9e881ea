/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-digest.h"

G_BEGIN_DECLS

/* What the files of a store take on the disk, as its file system counts: in blocks, holes and all.
 * Every file and folder in it is counted once. All in bytes. */
typedef struct
{
  GHashTable *packs; /* (owned): McDigest => guint64 *: the pack, its journal, what was put aside */
  guint64 catalog;   /* with its log */
  guint64 small;     /* the small-content database, with its journal */
  guint64 other;     /* folders, the lock, and what is not the store's */
} McFootprint;

/* Goes through the folder: blocking, on any thread. It may change meanwhile. */
McFootprint *mc_footprint_measure (const char *folder);
void mc_footprint_free (McFootprint *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McFootprint, mc_footprint_free)

guint64 mc_footprint_get_pack (const McFootprint *self,
                               const McDigest *digest); /* 0: there is none */
guint64 mc_footprint_get_total (const McFootprint *self);

G_END_DECLS
