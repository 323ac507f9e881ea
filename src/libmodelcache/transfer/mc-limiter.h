/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Where readers of the network ask how much they may read now: for each transfer, and above those
 * one for all. Main thread. */
typedef struct _McLimiter McLimiter;

/* Ask again now. */
typedef void (*McLimiterReady) (gpointer data);

/* parent: (nullable): its limit holds as well. */
McLimiter *mc_limiter_new (McLimiter *parent);
McLimiter *mc_limiter_ref (McLimiter *self);
void mc_limiter_unref (McLimiter *self);

/* Bytes a second; 0: no limit of its own. */
void mc_limiter_set_rate (McLimiter *self, guint64 rate);
guint64 mc_limiter_get_rate (McLimiter *self);

/* How many of @wanted bytes, over 0, may be read now. 0: none yet; @ready is called once, from the
 * main loop, unless its data is forgotten before. */
gsize mc_limiter_ask (McLimiter *self, gsize wanted, McLimiterReady ready, gpointer data);
void mc_limiter_forget (McLimiter *self, gpointer data);

/* So many bytes were read. */
void mc_limiter_take (McLimiter *self, gsize bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (McLimiter, mc_limiter_unref)

G_END_DECLS
