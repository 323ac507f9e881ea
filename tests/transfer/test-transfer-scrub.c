/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-pack.h"
#include "mc-scrub.h"
#include "mc-test-wait.h"
#include "mc-transfer-private.h"
#include "transfer-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

/* Contents read back when there is nothing else to do, by a clock of the test's own. */

#define DAY (24 * 60 * 60)

typedef struct
{
  gint64 now;
  guint ended;
} World;

static gint64
get_now (gpointer user_data)
{
  return ((World *) user_data)->now;
}

static void
on_ended (gpointer user_data)
{
  ((World *) user_data)->ended++;
}

static gboolean
has_ended (gpointer data)
{
  return ((World *) data)->ended > 0;
}

/* A run to its end. */
static void
run (McScrub *scrub, World *world)
{
  world->ended = 0;
  g_assert_true (mc_scrub_start (scrub));
  g_assert_true (mc_scrub_is_running (scrub));
  g_assert_true (mc_test_wait_until (has_ended, world, 60000));
  g_assert_cmpuint (world->ended, ==, 1);
  g_assert_false (mc_scrub_is_running (scrub));
}

static gint64
verified_at (Fixture *f, gint64 repo, const char *path)
{
  return mc_store_get_content (f->store, &fixture_find_file (f, repo, path)->digest)->verified_at;
}

static void
test_due (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  World world = { verified_at (f, repo, Q4), 0 };
  McScrub *scrub = mc_scrub_new (f->store, f->downloader, 60000, get_now, on_ended, &world);

  world.now += 29 * DAY;
  g_assert_false (mc_scrub_start (scrub));
  world.now += 2 * DAY;
  run (scrub, &world);
  g_assert_cmpint (verified_at (f, repo, Q4), ==, world.now);
  g_assert_cmpint (verified_at (f, repo, CONFIG), ==, world.now);
  g_assert_false (mc_scrub_start (scrub));
  g_assert_cmpuint (fixture_sent (f, Q4), ==, Q4_SIZE);
  mc_scrub_free (scrub);
}

/* Whatever the budget, each run gets on by one, the oldest first. */
static void
test_budget (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", INT8);
  World world = { verified_at (f, repo, INT8) + 31 * DAY, 0 };
  McScrub *scrub = mc_scrub_new (f->store, f->downloader, 0, get_now, on_ended, &world);
  gint64 first = world.now;

  run (scrub, &world);
  world.now += 10 * DAY;
  fixture_have (f, repo, "", FP16);
  fixture_have (f, repo, "", Q4);
  world.now += 31 * DAY;
  run (scrub, &world);
  g_assert_cmpint (verified_at (f, repo, INT8), ==, first);
  run (scrub, &world);
  g_assert_cmpint (verified_at (f, repo, INT8), ==, first);
  g_assert_cmpint (verified_at (f, repo, Q4), ==, world.now);
  g_assert_cmpint (verified_at (f, repo, FP16), ==, world.now);
  run (scrub, &world);
  g_assert_cmpint (verified_at (f, repo, INT8), ==, world.now);
  g_assert_false (mc_scrub_start (scrub));
  mc_scrub_free (scrub);
}

/* The clock was set back: what was verified in the future is due, once. */
static void
test_clock_set_back (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", INT8);
  World world = { verified_at (f, repo, INT8) - 400 * DAY, 0 };
  McScrub *scrub = mc_scrub_new (f->store, f->downloader, 60000, get_now, on_ended, &world);

  run (scrub, &world);
  g_assert_cmpint (verified_at (f, repo, INT8), ==, world.now);
  g_assert_false (mc_scrub_start (scrub));
  mc_scrub_free (scrub);
}

static void
test_off (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", INT8);
  World world = { verified_at (f, repo, INT8) + 4000 * DAY, 0 };
  McScrub *scrub = mc_scrub_new (f->store, f->downloader, 60000, get_now, on_ended, &world);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_store_configure_async (f->store, g_variant_new_parsed ("{'scrub-days': <uint32 0>}"),
                            mc_test_store_result, &result);
  g_assert_true (mc_store_configure_finish (f->store, mc_test_await (&result), &error));
  g_assert_false (mc_scrub_start (scrub));
  mc_scrub_free (scrub);
}

/* Work comes: it ends in the middle, and what was under way is due as before. */
static void
test_stop (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", Q4);
  gint64 before = verified_at (f, repo, Q4);
  World world = { before + 31 * DAY, 0 };
  McScrub *scrub = mc_scrub_new (f->store, f->downloader, 60000, get_now, on_ended, &world);

  g_assert_true (mc_scrub_start (scrub));
  mc_scrub_stop (scrub);
  g_assert_true (mc_test_wait_until (has_ended, &world, 60000));
  g_assert_false (mc_scrub_is_running (scrub));
  g_assert_cmpint (verified_at (f, repo, Q4), ==, before);
  g_assert_true (fixture_has (f, repo, Q4));
  run (scrub, &world);
  g_assert_cmpint (verified_at (f, repo, Q4), ==, world.now);
  mc_scrub_free (scrub);
}

/* What it finds damaged is repaired. */
static void
test_damage (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", Q4);
  World world = { verified_at (f, repo, Q4) + 31 * DAY, 0 };
  McScrub *scrub = mc_scrub_new (f->store, f->downloader, 60000, get_now, on_ended, &world);
  g_autofree char *pack = mc_pack_make_path (f->folder, &fixture_find_file (f, repo, Q4)->digest);
  g_autofree char *bytes = NULL;
  guint8 needle[32];
  gsize size;
  char *found;

  mc_test_hub_generate (Q4_SEED, 6 * MIB, needle, sizeof needle);
  g_assert_true (g_file_get_contents (pack, &bytes, &size, NULL));
  found = memmem (bytes, size, needle, sizeof needle);
  g_assert_nonnull (found);
  found[0] ^= 1;
  g_assert_true (g_file_set_contents (pack, bytes, (gssize) size, NULL));
  g_assert_cmpint (g_chmod (pack, 0400), ==, 0);
  run (scrub, &world);
  g_assert_false (fixture_has (f, repo, Q4));
  fixture_wait_idle (f);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
  g_assert_cmpuint (fixture_sent (f, Q4), ==, Q4_SIZE + 5 * MIB);
  mc_scrub_free (scrub);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/scrub/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("due", test_due);
  ADD ("budget", test_budget);
  ADD ("clock-set-back", test_clock_set_back);
  ADD ("off", test_off);
  ADD ("stop", test_stop);
  ADD ("damage", test_damage);
  return g_test_run ();
}
