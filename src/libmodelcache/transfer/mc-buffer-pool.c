/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-buffer-pool.h"

#include <sys/mman.h>

/* The buffers are mapped, each by itself: as a part of the heap they would stay with the process
 * for as long as anything behind them does, and what is as large as they are would lie between
 * them. */

struct _McBufferPool
{
  gatomicrefcount ref_count; /* one for the owner, one for each buffer that is lent */
  GMainContext *context;     /* (owned) */
  gsize size;
  guint limit;
  guint n_made;
  GQueue free;                            /* (owned): guint8 * */
  void (*came_back) (gpointer user_data); /* (nullable): NULL once it is closed */
  gpointer user_data;
};

typedef struct
{
  McBufferPool *pool; /* (owned) */
  guint8 *buffer;     /* (owned) (nullable) */
} Loan;

static guint8 *
map_buffer (gsize size)
{
  void *buffer = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return buffer == MAP_FAILED ? NULL : buffer;
}

static void
unmap_buffer (guint8 *buffer, gsize size)
{
  if (buffer != NULL)
    munmap (buffer, size);
}

McBufferPool *
mc_buffer_pool_new (gsize size,
                    guint limit,
                    void (*came_back) (gpointer user_data),
                    gpointer user_data)
{
  McBufferPool *self = g_new0 (McBufferPool, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref_thread_default ();
  self->size = size;
  self->limit = limit;
  g_queue_init (&self->free);
  self->came_back = came_back;
  self->user_data = user_data;
  return self;
}

static void
unref (McBufferPool *self)
{
  guint8 *buffer;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  while ((buffer = g_queue_pop_head (&self->free)) != NULL)
    unmap_buffer (buffer, self->size);
  g_main_context_unref (self->context);
  g_free (self);
}

void
mc_buffer_pool_close (McBufferPool *self)
{
  self->came_back = NULL;
  unref (self);
}

gboolean
mc_buffer_pool_has_one (McBufferPool *self)
{
  return !g_queue_is_empty (&self->free) || self->n_made < self->limit;
}

guint8 *
mc_buffer_pool_take (McBufferPool *self)
{
  guint8 *buffer = g_queue_pop_head (&self->free);

  if (buffer != NULL)
    return buffer;
  g_assert (self->n_made < self->limit);
  buffer = map_buffer (self->size);
  self->n_made += buffer != NULL;
  return buffer;
}

void
mc_buffer_pool_set_limit (McBufferPool *self, guint limit)
{
  self->limit = limit;
  while (self->n_made > limit && !g_queue_is_empty (&self->free))
    {
      unmap_buffer (g_queue_pop_head (&self->free), self->size);
      self->n_made--;
    }
}

void
mc_buffer_pool_return (McBufferPool *self, guint8 *buffer)
{
  if (self->n_made > self->limit)
    {
      unmap_buffer (buffer, self->size);
      self->n_made--;
      return;
    }
  g_queue_push_head (&self->free, buffer);
}

static gboolean
take_back (gpointer data)
{
  Loan *loan = data;

  mc_buffer_pool_return (loan->pool, g_steal_pointer (&loan->buffer));
  if (loan->pool->came_back != NULL)
    loan->pool->came_back (loan->pool->user_data);
  return G_SOURCE_REMOVE;
}

static void
loan_free (gpointer data)
{
  Loan *loan = data;

  unmap_buffer (loan->buffer, loan->pool->size);
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
