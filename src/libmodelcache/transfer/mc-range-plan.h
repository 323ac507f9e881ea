/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Which bytes of a content a connection should bring next. Pure. All places are multiples of a
 * chunk, or the end of the content. */

typedef struct
{
  guint64 offset;
  guint64 end; /* behind the last byte */
} McRange;

/* The first part of @gap that is in none of the ranges @taken, at most @most bytes of it. FALSE if
 * all of it is taken. */
gboolean
mc_range_plan_find (McRange gap, const McRange *taken, guint n_taken, guint64 most, McRange *found);

/* How many bytes a connection should ask for at once, when @free bytes are to be had and so many
 * connections share them: all of them for one, since that keeps the order; else a few chunks, and
 * fewer towards the end, so that all get there together. */
guint64 mc_range_plan_get_stripe (guint64 free, guint connections, guint64 chunk);

/* Where a connection that brings [offset, end) and is within the chunk at @offset should stop, so
 * that another can help: after its stripe, in the middle if that is sooner; @end if there is too
 * little to share. */
guint64 mc_range_plan_split (McRange range, guint64 stripe, guint64 chunk);

G_END_DECLS
