/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* A bounded number of buffers of one size, used again and again: memory that is new to the process
 * costs a good part of what hashing it does. Used from one thread, whose default main context was
 * the one at its making; what is lent may be let go on any. */
typedef struct _McBufferPool McBufferPool;

/* How many buffers several pools may have together. The first one a pool gets in any case, after a
 * while. Same thread. */
typedef struct _McBufferBudget McBufferBudget;

McBufferBudget *mc_buffer_budget_new (guint limit);
void mc_buffer_budget_set_limit (McBufferBudget *self, guint limit);
McBufferBudget *mc_buffer_budget_ref (McBufferBudget *self);
void mc_buffer_budget_unref (McBufferBudget *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McBufferBudget, mc_buffer_budget_unref)

/* size: bytes of a buffer. @came_back is called from the main context whenever one may be had
 * again, until the pool is closed. budget: (nullable): no limit but this one's. */
McBufferPool *mc_buffer_pool_new (gsize size,
                                  guint limit,
                                  McBufferBudget *budget,
                                  void (*came_back) (gpointer user_data),
                                  gpointer user_data);

/* Those that are too many go as they come back: limits that add up to the budget leave something to
 * each. */
void mc_buffer_pool_set_limit (McBufferPool *self, guint limit);

/* Buffers that were taken must be back, or lent: what is lent stays good. */
void mc_buffer_pool_close (McBufferPool *self);

/* Whether a buffer can be taken now; else one will come back. */
gboolean mc_buffer_pool_has_one (McBufferPool *self);

/* NULL if there is no memory. To be returned or lent. */
guint8 *mc_buffer_pool_take (McBufferPool *self);
void mc_buffer_pool_return (McBufferPool *self, guint8 *buffer);

/* The first bytes of the buffer; it comes back when they are let go. */
GBytes *mc_buffer_pool_lend (McBufferPool *self, guint8 *buffer, gsize length);

G_END_DECLS
