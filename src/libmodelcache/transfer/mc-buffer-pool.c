/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-buffer-pool.h"

#include "mc-clock.h"

#include <sys/mman.h>

/* The buffers are mapped, each by itself: as a part of the heap they would stay with the process
 * for as long as anything behind them does, and what is as large as they are would lie between
 * them. */

/* So long a pool waits for its first buffer. */
#define PATIENCE (5 * G_USEC_PER_SEC)

struct _McBufferBudget
{
  guint limit;
  guint n_made;
  GPtrArray *pools; /* (owned): McBufferPool, borrowed: those that are open */
};

struct _McBufferPool
{
  gatomicrefcount ref_count; /* one for the owner, one for each buffer that is lent */
  McBufferBudget *budget;    /* (owned) (nullable) */
  GMainContext *context;     /* (owned) */
  gsize size;
  guint limit;
  guint n_made;
  gint64 waits_since; /* it has no buffer and the budget is used up; 0: it does not */
  GQueue free;        /* (owned): guint8 * */
  void (*came_back) (gpointer user_data); /* (nullable): NULL once it is closed */
  gpointer user_data;
};

typedef struct
{
  McBufferPool *pool; /* (owned) */
  guint8 *buffer;     /* (owned) (nullable) */
} Loan;

/* --- budgets --- */

McBufferBudget *
mc_buffer_budget_new (guint limit)
{
  McBufferBudget *self = g_rc_box_new0 (McBufferBudget);

  self->limit = limit;
  self->pools = g_ptr_array_new ();
  return self;
}

McBufferBudget *
mc_buffer_budget_ref (McBufferBudget *self)
{
  return g_rc_box_acquire (self);
}

void
mc_buffer_budget_set_limit (McBufferBudget *self, guint limit)
{
  self->limit = limit;
}

static void
budget_clear (gpointer data)
{
  McBufferBudget *self = data;

  g_ptr_array_unref (self->pools);
}

void
mc_buffer_budget_unref (McBufferBudget *self)
{
  g_rc_box_release_full (self, budget_clear);
}

/* --- buffers --- */

static guint8 *
map_buffer (McBufferPool *self)
{
  void *buffer =
      mmap (NULL, self->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (buffer == MAP_FAILED)
    return NULL;
  self->n_made++;
  if (self->budget != NULL)
    self->budget->n_made++;
  return buffer;
}

static void
unmap_buffer (McBufferPool *self, guint8 *buffer)
{
  munmap (buffer, self->size);
  self->n_made--;
  if (self->budget != NULL)
    self->budget->n_made--;
}

static void
tell (McBufferPool *self)
{
  if (self->came_back != NULL)
    self->came_back (self->user_data);
}

/* Of the pools that share the budget, too: any of them may have waited for this buffer. */
static void
tell_all (McBufferBudget *budget)
{
  g_autoptr (GPtrArray) pools = g_ptr_array_copy (budget->pools, NULL, NULL);

  for (guint i = 0; i < pools->len; i++)
    if (g_ptr_array_find (budget->pools, g_ptr_array_index (pools, i), NULL))
      tell (g_ptr_array_index (pools, i));
}

McBufferPool *
mc_buffer_pool_new (gsize size,
                    guint limit,
                    McBufferBudget *budget,
                    void (*came_back) (gpointer user_data),
                    gpointer user_data)
{
  McBufferPool *self = g_new0 (McBufferPool, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref_thread_default ();
  self->size = size;
  self->limit = limit;
  if (budget != NULL)
    {
      self->budget = mc_buffer_budget_ref (budget);
      g_ptr_array_add (budget->pools, self);
    }
  g_queue_init (&self->free);
  self->came_back = came_back;
  self->user_data = user_data;
  return self;
}

static void
drop_free (McBufferPool *self, guint limit)
{
  while (self->n_made > limit && !g_queue_is_empty (&self->free))
    unmap_buffer (self, g_queue_pop_head (&self->free));
}

static void
unref (McBufferPool *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->budget, mc_buffer_budget_unref);
  g_main_context_unref (self->context);
  g_free (self);
}

void
mc_buffer_pool_close (McBufferPool *self)
{
  McBufferBudget *budget = self->budget;

  self->came_back = NULL;
  self->limit = 0;
  drop_free (self, 0);
  if (budget != NULL)
    {
      g_ptr_array_remove (budget->pools, self);
      tell_all (budget);
    }
  unref (self);
}

/* Those who have the buffers may wait for a host for long. */
static gboolean
has_waited (McBufferPool *self)
{
  gint64 now = mc_clock_now ();

  if (self->waits_since == 0)
    self->waits_since = now;
  return now - self->waits_since >= PATIENCE;
}

gboolean
mc_buffer_pool_has_one (McBufferPool *self)
{
  if (!g_queue_is_empty (&self->free))
    return TRUE;
  if (self->n_made >= self->limit)
    return FALSE;
  if (self->budget == NULL || self->budget->n_made < self->budget->limit)
    return TRUE;
  return self->n_made == 0 && has_waited (self);
}

guint8 *
mc_buffer_pool_take (McBufferPool *self)
{
  g_assert (mc_buffer_pool_has_one (self));
  self->waits_since = 0;
  return g_queue_is_empty (&self->free) ? map_buffer (self) : g_queue_pop_head (&self->free);
}

void
mc_buffer_pool_set_limit (McBufferPool *self, guint limit)
{
  self->limit = limit;
  drop_free (self, limit);
}

void
mc_buffer_pool_return (McBufferPool *self, guint8 *buffer)
{
  if (self->n_made > self->limit)
    unmap_buffer (self, buffer);
  else
    g_queue_push_head (&self->free, buffer);
}

static gboolean
take_back (gpointer data)
{
  Loan *loan = data;

  mc_buffer_pool_return (loan->pool, g_steal_pointer (&loan->buffer));
  if (loan->pool->budget != NULL)
    tell_all (loan->pool->budget);
  else
    tell (loan->pool);
  return G_SOURCE_REMOVE;
}

static void
loan_free (gpointer data)
{
  Loan *loan = data;

  if (loan->buffer != NULL)
    unmap_buffer (loan->pool, loan->buffer);
  unref (loan->pool);
  g_free (loan);
}

/* On whichever thread needs the bytes last. */
static void
send_back (gpointer data)
{
  Loan *loan = data;
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, take_back, loan, loan_free);
  g_source_attach (source, loan->pool->context);
}

GBytes *
mc_buffer_pool_lend (McBufferPool *self, guint8 *buffer, gsize length)
{
  Loan *loan = g_new (Loan, 1);

  g_assert (length <= self->size);
  g_atomic_ref_count_inc (&self->ref_count);
  loan->pool = self;
  loan->buffer = buffer;
  return g_bytes_new_with_free_func (buffer, length, send_back, loan);
}
