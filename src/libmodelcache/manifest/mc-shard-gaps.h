/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The parts of sets that ought to be there and are not: shard 2 where there are "-00001-of-00003"
 * and "-00003-of-00003". */
typedef struct
{
  guint64 n_missing;
  GPtrArray *names; /* char *: paths of the first of them */
} McShardGaps;

/* How many names are kept: a set may claim to have 999,999 parts. */
#define MC_SHARD_GAPS_NAMES 16

/* Any paths, in any order. Pure, any thread. */
McShardGaps *mc_shard_gaps_find (const char *const *paths, guint n_paths);
void mc_shard_gaps_free (McShardGaps *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McShardGaps, mc_shard_gaps_free)

G_END_DECLS
