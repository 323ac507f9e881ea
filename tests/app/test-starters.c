/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-starters.h"

#include "mc-repo-ref.h"

/* What is offered to begin with. */

#define GB G_GUINT64_CONSTANT (1000000000)

static void
assert_first (guint64 memory, guint n, guint64 least, guint64 most)
{
  McStarter starters[MC_STARTERS_MOST];

  g_assert_cmpuint (mc_starters_choose (memory, starters), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (mc_repo_id_is_valid (starters[i].repo));
      g_assert_cmpuint (starters[i].size, <=, most);
    }
  g_assert_cmpuint (starters[0].size, >=, least);
}

static void
test_choose (void)
{
  assert_first (64 * GB, 4, 15 * GB, 48 * GB);
  assert_first (16 * GB, 4, 5 * GB, 12 * GB);
  assert_first (8 * GB, 4, 1 * GB, 4 * GB);
  assert_first (4 * GB, 3, 400000000, GB);
  assert_first (2 * GB, 2, 50000000, GB);
  /* Unknown. */
  assert_first (0, 4, 1 * GB, 3 * GB);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/starters/choose", test_choose);
  return g_test_run ();
}
