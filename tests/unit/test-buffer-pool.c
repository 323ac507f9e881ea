/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-buffer-pool.h"
#include "mc-clock.h"

#define SIZE 4096
#define PATIENCE (5 * G_USEC_PER_SEC)

static void
count (gpointer user_data)
{
  ++*(guint *) user_data;
}

static gpointer
let_go (gpointer bytes)
{
  g_bytes_unref (bytes);
  return NULL;
}

/* On another thread, as a writer does. */
static void
bring_back (GBytes *bytes, const guint *told)
{
  guint before = *told;

  g_thread_join (g_thread_new ("writer", let_go, bytes));
  while (*told == before)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_limit (void)
{
  guint told = 0;
  McBufferPool *pool = mc_buffer_pool_new (SIZE, 2, NULL, count, &told);
  guint8 *one = mc_buffer_pool_take (pool);
  guint8 *two = mc_buffer_pool_take (pool);
  GBytes *bytes;

  g_assert_false (mc_buffer_pool_has_one (pool));
  one[SIZE - 1] = 7;
  bytes = mc_buffer_pool_lend (pool, one, SIZE);
  g_assert_cmpuint (((const guint8 *) g_bytes_get_data (bytes, NULL))[SIZE - 1], ==, 7);
  bring_back (bytes, &told);
  g_assert_true (mc_buffer_pool_has_one (pool));
  g_assert_true (mc_buffer_pool_take (pool) == one);
  /* One too many goes as it comes back. */
  mc_buffer_pool_set_limit (pool, 1);
  mc_buffer_pool_return (pool, one);
  g_assert_false (mc_buffer_pool_has_one (pool));
  mc_buffer_pool_return (pool, two);
  g_assert_true (mc_buffer_pool_has_one (pool));
  mc_buffer_pool_close (pool);
}

/* What one pool has is missing to the other, which is told when it comes back. */
static void
test_budget (void)
{
  g_autoptr (McBufferBudget) budget = mc_buffer_budget_new (2);
  guint told = 0;
  guint told_other = 0;
  McBufferPool *pool = mc_buffer_pool_new (SIZE, 2, budget, count, &told);
  McBufferPool *other = mc_buffer_pool_new (SIZE, 2, budget, count, &told_other);
  guint8 *one = mc_buffer_pool_take (pool);
  guint8 *two = mc_buffer_pool_take (pool);
  guint8 *taken;

  g_assert_false (mc_buffer_pool_has_one (other));
  mc_buffer_pool_set_limit (pool, 1);
  bring_back (mc_buffer_pool_lend (pool, one, SIZE), &told);
  g_assert_cmpuint (told_other, ==, 1);
  g_assert_false (mc_buffer_pool_has_one (pool));
  taken = mc_buffer_pool_take (other);
  g_assert_false (mc_buffer_pool_has_one (other));
  mc_buffer_pool_return (pool, two);
  /* A pool that goes leaves what it had to the others. */
  mc_buffer_pool_close (pool);
  g_assert_cmpuint (told_other, ==, 2);
  g_assert_true (mc_buffer_pool_has_one (other));
  mc_buffer_pool_return (other, taken);
  mc_buffer_pool_close (other);
}

/* Whoever has the buffers may keep them for long: nobody waits for ever for a first one. */
static void
test_patience (void)
{
  g_autoptr (McBufferBudget) budget = mc_buffer_budget_new (1);
  guint told = 0;
  McBufferPool *pool = mc_buffer_pool_new (SIZE, 1, budget, count, &told);
  McBufferPool *other = mc_buffer_pool_new (SIZE, 2, budget, count, &told);
  guint8 *kept = mc_buffer_pool_take (pool);
  guint8 *taken;

  g_assert_false (mc_buffer_pool_has_one (other));
  mc_clock_advance (PATIENCE / 2);
  g_assert_false (mc_buffer_pool_has_one (other));
  mc_clock_advance (PATIENCE / 2);
  g_assert_true (mc_buffer_pool_has_one (other));
  taken = mc_buffer_pool_take (other);
  mc_clock_advance (2 * PATIENCE);
  g_assert_false (mc_buffer_pool_has_one (other));
  mc_buffer_pool_return (other, taken);
  mc_buffer_pool_close (other);
  mc_buffer_pool_return (pool, kept);
  mc_buffer_pool_close (pool);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/buffer-pool/limit", test_limit);
  g_test_add_func ("/buffer-pool/budget", test_budget);
  g_test_add_func ("/buffer-pool/patience", test_patience);
  return g_test_run ();
}
