/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include "mc-range-news.h"

G_BEGIN_DECLS

/* Ranges of contents, written into pipes, each by a thread of its own, since the reader decides how
 * fast. Main thread. */
typedef struct _McRangePumps McRangePumps;

/* Pipes that are filled at once. */
#define MC_RANGE_PUMPS_AT_ONCE 16

McRangePumps *
mc_range_pumps_new (McStore *store, void (*changed) (gpointer user_data), gpointer user_data);

/* None may be under way: stop, and wait for the count to be 0. */
void mc_range_pumps_free (McRangePumps *self);

/* The threads end within a second. */
void mc_range_pumps_stop (McRangePumps *self);
guint mc_range_pumps_count (McRangePumps *self);

/* The reading end, which the caller closes; -1 on error: MC_ERROR_BUSY if there are too many. The
 * range must lie within the content. news: (nullable): taken: what becomes of a content that is not
 * here yet: its bytes follow as they come, the last chunk when all of it was verified. */
int mc_range_pumps_add (McRangePumps *self,
                        const McDigest *digest,
                        guint64 size,
                        guint64 offset,
                        guint64 length,
                        McRangeNews *news,
                        GError **error);

G_END_DECLS
