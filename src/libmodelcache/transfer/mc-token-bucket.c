/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-token-bucket.h"

/* So much of a second's bytes is saved up while nobody takes: enough for a main loop that is late,
 * and little beside what comes in ten seconds. */
#define SAVED_US (G_USEC_PER_SEC / 4)

#define LEAST_PORTION 1024
#define MOST_PORTION (256 * 1024)
#define PORTIONS_A_SECOND 32

static void
fill (McTokenBucket *self, gint64 now)
{
  double rate = (double) self->rate;

  if (now > self->at)
    self->level += rate * (double) (now - self->at) / G_USEC_PER_SEC;
  self->level = MIN (self->level, rate * SAVED_US / G_USEC_PER_SEC);
  self->at = now;
}

void
mc_token_bucket_set_rate (McTokenBucket *self, guint64 rate, gint64 now)
{
  if (rate == self->rate)
    return;
  fill (self, now);
  /* Nothing is owed from a time without a limit, nor waited for longer than a second. */
  self->level = CLAMP (self->level, -(double) rate, 0);
  self->rate = rate;
}

gint64
mc_token_bucket_get_wait (McTokenBucket *self, gint64 now)
{
  if (self->rate == 0)
    return 0;
  fill (self, now);
  if (self->level >= 0)
    return 0;
  return (gint64) (-self->level * G_USEC_PER_SEC / (double) self->rate) + 1;
}

gsize
mc_token_bucket_get_portion (const McTokenBucket *self)
{
  if (self->rate == 0)
    return G_MAXSIZE;
  return (gsize) CLAMP (self->rate / PORTIONS_A_SECOND, LEAST_PORTION, MOST_PORTION);
}

void
mc_token_bucket_take (McTokenBucket *self, gsize bytes, gint64 now)
{
  if (self->rate == 0)
    return;
  fill (self, now);
  self->level -= (double) bytes;
}
