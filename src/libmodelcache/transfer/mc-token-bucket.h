/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* A limit in bytes a second, over whatever takes from it. Pure: the time, in microseconds of a
 * clock that only goes on, is given. Who reads asks first, and takes what came afterwards; several
 * readers may so take a little more than there is, and all wait until that is made up for. */
typedef struct
{
  guint64 rate; /* bytes a second; 0: no limit */
  double level; /* bytes that may be taken; below 0: taken too early */
  gint64 at;    /* when that was so */
} McTokenBucket;

/* All zero is a bucket without a limit. What was taken before counts on. */
void mc_token_bucket_set_rate (McTokenBucket *self, guint64 rate, gint64 now);

/* Microseconds until something may be taken; 0: now. */
gint64 mc_token_bucket_get_wait (McTokenBucket *self, gint64 now);

/* How much may be taken at once: so little that many readers get their turns. */
gsize mc_token_bucket_get_portion (const McTokenBucket *self);

void mc_token_bucket_take (McTokenBucket *self, gsize bytes, gint64 now);

G_END_DECLS
