/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-lane-pace.h"
#include "mc-lane-watch.h"
#include "mc-range-plan.h"

/* How the bytes of a file are shared among connections: which range, how many, which is too slow.
 * A chunk is 10 bytes here. */

#define CHUNK 10
#define SECOND ((gint64) G_USEC_PER_SEC)

typedef struct
{
  const char *what;
  McRange gap;
  McRange taken[3];
  guint64 most;
  McRange found; /* end 0: none */
} Free;

static const Free frees[] = {
  { "all", { 0, 100 }, { { 0 } }, 1000, { 0, 100 } },
  { "at most", { 0, 100 }, { { 0 } }, 20, { 0, 20 } },
  { "behind", { 0, 100 }, { { 0, 30 } }, 1000, { 30, 100 } },
  { "before", { 0, 100 }, { { 40, 60 } }, 1000, { 0, 40 } },
  { "between", { 20, 100 }, { { 60, 100 }, { 20, 30 } }, 1000, { 30, 60 } },
  { "chain", { 0, 100 }, { { 30, 50 }, { 0, 30 }, { 50, 90 } }, 1000, { 90, 100 } },
  { "none", { 0, 50 }, { { 30, 60 }, { 0, 30 } }, 1000, { 0, 0 } },
  { "inside", { 20, 30 }, { { 0, 100 } }, 1000, { 0, 0 } },
  { "elsewhere", { 20, 30 }, { { 30, 100 }, { 0, 20 } }, 1000, { 20, 30 } },
};

static void
test_find (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (frees); i++)
    {
      const Free *row = &frees[i];
      McRange found = { 0, 0 };
      gboolean any = mc_range_plan_find (row->gap, row->taken, 3, row->most, &found);

      g_test_message ("%s", row->what);
      g_assert_cmpint (any, ==, row->found.end > 0);
      g_assert_cmpuint (found.offset, ==, row->found.offset);
      g_assert_cmpuint (found.end, ==, row->found.end);
    }
}

static void
test_stripe (void)
{
  g_assert_cmpuint (mc_range_plan_get_stripe (1000, 1, CHUNK), ==, G_MAXUINT64);
  g_assert_cmpuint (mc_range_plan_get_stripe (1000, 4, CHUNK), ==, 8 * CHUNK);
  g_assert_cmpuint (mc_range_plan_get_stripe (160, 4, CHUNK), ==, 2 * CHUNK);
  g_assert_cmpuint (mc_range_plan_get_stripe (5, 4, CHUNK), ==, CHUNK);
}

static void
test_split (void)
{
  static const struct
  {
    McRange range;
    guint64 stripe;
    guint64 end;
  } rows[] = {
    { { 0, 1000 }, 40, 50 },  /* the chunk it is in, and its stripe */
    { { 0, 60 }, 1000, 30 },  /* the middle of what is left */
    { { 0, 30 }, 1000, 20 },  /* each gets a chunk */
    { { 0, 20 }, 1000, 20 },  /* one chunk is not worth a new connection */
    { { 90, 95 }, 1000, 95 }, /* the last chunk */
    { { 0, 1000 }, G_MAXUINT64, 500 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpuint (mc_range_plan_split (rows[i].range, rows[i].stripe, CHUNK), ==, rows[i].end);
}

/* --- how many --- */

/* A line that gives so many bytes a second to each connection, up to so many in all. */
static guint
run_pace (guint64 each, guint64 all, guint seconds, guint most)
{
  McLanePace pace;
  guint64 received = 0;
  gint64 now = 0;

  mc_lane_pace_init (&pace, 100000, CHUNK, now);
  g_assert_cmpuint (pace.lanes, ==, MC_LANES_FIRST);
  for (guint i = 0; i < seconds * 2; i++)
    {
      now += SECOND / 2;
      received += MIN (pace.lanes * each, all) / 2;
      mc_lane_pace_tick (&pace, now, received, FALSE, most);
    }
  return pace.lanes;
}

static void
test_pace (void)
{
  g_assert_cmpuint (run_pace (1000, 1000 * 1000, 5, MC_LANES_MOST), ==, MC_LANES_MOST);
  g_assert_cmpuint (run_pace (1000, 1000 * 1000, 5, 3), ==, 3);
  /* More do not help: it goes back, and leaves it at that for a while. */
  g_assert_cmpuint (run_pace (1000, 4000, 5, MC_LANES_MOST), ==, 4);
  g_assert_cmpuint (run_pace (1000, 6000, 5, MC_LANES_MOST), ==, 6);
}

static void
test_pace_small (void)
{
  McLanePace pace;

  mc_lane_pace_init (&pace, 3 * CHUNK, CHUNK, 0);
  g_assert_cmpuint (pace.lanes, ==, 1);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, SECOND, 10, FALSE, MC_LANES_MOST), ==, 1);
  mc_lane_pace_init (&pace, 8 * CHUNK, CHUNK, 0);
  g_assert_cmpuint (pace.lanes, ==, 2);
}

/* One bad moment does not say that more are of no use. */
static void
test_pace_trial (void)
{
  McLanePace pace;

  mc_lane_pace_init (&pace, 100000, CHUNK, 0);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, SECOND / 2, 2000, FALSE, MC_LANES_MOST), ==, 6);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, SECOND, 2100, FALSE, MC_LANES_MOST), ==, 6);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, SECOND * 3 / 2, 7000, FALSE, MC_LANES_MOST), ==, 8);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, SECOND * 2, 8000, FALSE, MC_LANES_MOST), ==, 8);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, SECOND * 3, 10000, FALSE, MC_LANES_MOST), ==, 6);
}

static void
test_pace_hurts (void)
{
  McLanePace pace;

  mc_lane_pace_init (&pace, 100000, CHUNK, 0);
  /* The disk is what is slow, and not for a moment only. */
  g_assert_cmpuint (mc_lane_pace_tick (&pace, SECOND, 1000, TRUE, 4), ==, 4);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, 2 * SECOND, 2000, FALSE, 4), ==, 4);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, 3 * SECOND, 3000, TRUE, 4), ==, 4);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, 4 * SECOND, 4000, TRUE, 4), ==, 2);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, 5 * SECOND, 5000, TRUE, 4), ==, 1);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, 6 * SECOND, 6000, FALSE, 4), ==, 1);
  /* After a while it is tried again. */
  g_assert_cmpuint (mc_lane_pace_tick (&pace, 40 * SECOND, 7000, FALSE, MC_LANES_MOST), ==, 2);
  mc_lane_pace_note_trouble (&pace, 41 * SECOND);
  g_assert_cmpuint (mc_lane_pace_tick (&pace, 42 * SECOND, 9000, FALSE, MC_LANES_MOST), ==, 1);
}

/* --- too slow --- */

typedef struct
{
  const char *what;
  double age; /* seconds */
  guint64 bytes;
  guint restarts;
  guint64 left;
  double typical;
  gboolean slow;
  double silence;  /* seconds */
  double patience; /* likewise; 0: 30 */
} Watch;

static const Watch watches[] = {
  { "as fast as the others", 5, 5000, 0, 10000, 1000, FALSE },
  { "half as fast", 5, 2500, 0, 10000, 1000, FALSE },
  { "a tenth", 5, 500, 0, 10000, 1000, TRUE },
  { "silent", 5, 0, 0, 10000, 1000, TRUE },
  { "silent, too early", 1, 0, 0, 10000, 1000, FALSE },
  { "silent, asked anew just now", 5, 0, 2, 10000, 1000, FALSE },
  { "silent, asked anew", 9, 0, 2, 10000, 1000, TRUE },
  { "silent, asked anew often", 64, 0, 99, 1000000, 1e6, TRUE },
  { "nearly there", 5, 500, 0, 100, 1000, FALSE },
  { "alone", 5, 500, 0, 10000, 0, FALSE },
  { "alone and silent", 31, 0, 0, 10000, 0, TRUE },
  { "alone, next to nothing", 31, 5000, 0, 10000, 0, TRUE },
  { "alone, little patience", 0.2, 1000, 0, 10000, 0, FALSE, 0, 0.1 },
  { "alone, slow", 31, 50000, 0, 10000, 0, FALSE },
  { "fast, and silent now", 9, 90000, 0, 100, 1000, TRUE, 6 },
  { "fast, silent for a moment", 9, 90000, 0, 100, 1000, FALSE, 3 },
  { "fast, and silent again", 9, 90000, 1, 100, 1000, FALSE, 6 },
  { "fast, silent, and others took as long", 9, 90000, 0, 10000, 1000, FALSE, 6 },
  { "fast, silent and alone", 9, 90000, 0, 100, 0, FALSE, 6 },
};

static void
test_watch (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (watches); i++)
    {
      const Watch *row = &watches[i];
      gint64 now = 7 * SECOND + (gint64) (row->age * G_USEC_PER_SEC);
      McLaneWatch watch = { 7 * SECOND, row->bytes, row->restarts,
                            now - (gint64) (row->silence * G_USEC_PER_SEC) };
      gint64 patience = (gint64) ((row->patience > 0 ? row->patience : 30) * G_USEC_PER_SEC);

      g_test_message ("%s", row->what);
      g_assert_cmpint (mc_lane_watch_is_slow (&watch, now, row->left, row->typical, patience), ==,
                       row->slow);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/range-plan/find", test_find);
  g_test_add_func ("/range-plan/stripe", test_stripe);
  g_test_add_func ("/range-plan/split", test_split);
  g_test_add_func ("/range-plan/pace", test_pace);
  g_test_add_func ("/range-plan/pace-small", test_pace_small);
  g_test_add_func ("/range-plan/pace-trial", test_pace_trial);
  g_test_add_func ("/range-plan/pace-hurts", test_pace_hurts);
  g_test_add_func ("/range-plan/watch", test_watch);
  return g_test_run ();
}
