/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-rate-gate.h"

#define SECOND G_USEC_PER_SEC
#define UNIX 1445412480 /* Wed, 21 Oct 2015 07:28:00 GMT */

typedef struct
{
  const char *what;
  guint status;
  const char *rate_limit;
  const char *retry_after;
  gint64 wait; /* milliseconds */
} Row;

static const Row rows[] = {
  { "success", 200, "\"api\";r=10;t=100", NULL, 0 },
  { "used up", 200, "\"resolvers\";r=0;t=100", NULL, 101 * 1000 },
  { "not meant", 301, NULL, "60", 0 },
  { "refused", 429, NULL, NULL, 1000 },
  { "seconds", 429, NULL, "5", 6000 },
  { "date", 429, NULL, "Wed, 21 Oct 2015 07:28:30 GMT", 31 * 1000 },
  { "past date", 429, NULL, "Wed, 21 Oct 2015 07:27:30 GMT", 1000 },
  { "limit", 429, "\"api\";r=0;t=30", "5", 31 * 1000 },
  { "nonsense", 429, "r=0;t=-1", "soon", 1000 },
  { "huge", 429, NULL, "999999999999", (24 * 60 * 60 + 1) * (gint64) 1000 },
  { "busy", 503, NULL, "5", 6000 },
  { "broken", 503, NULL, NULL, 0 },
  { "missing", 404, NULL, "5", 0 },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      McRateGate *gate = mc_rate_gate_new ();

      g_test_message ("%s", rows[i].what);
      mc_rate_gate_note (gate, "h", rows[i].status, rows[i].rate_limit, rows[i].retry_after, 1000,
                         7 * SECOND, UNIX);
      g_assert_cmpint (mc_rate_gate_get_wait (gate, "h", 7 * SECOND), ==, rows[i].wait * 1000);
      g_assert_cmpint (mc_rate_gate_get_wait (gate, "other", 7 * SECOND), ==, 0);
      g_assert_cmpint (mc_rate_gate_get_wait (gate, "h", 7 * SECOND + rows[i].wait * 1000), ==, 0);
      mc_rate_gate_free (gate);
    }
}

static void
refuse (McRateGate *gate, gint64 now)
{
  mc_rate_gate_note (gate, "h", 429, NULL, NULL, 1000, now, UNIX);
}

/* Refusals without a time: longer with each one, up to a minute, until a request succeeds. */
static void
test_backoff (void)
{
  static const int seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
  McRateGate *gate = mc_rate_gate_new ();
  gint64 now = 0;

  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      refuse (gate, now);
      g_assert_cmpint (mc_rate_gate_get_wait (gate, "h", now), ==, seconds[i] * SECOND);
      now += seconds[i] * SECOND;
    }
  mc_rate_gate_note (gate, "h", 206, NULL, NULL, 1000, now, UNIX);
  refuse (gate, now);
  g_assert_cmpint (mc_rate_gate_get_wait (gate, "h", now), ==, SECOND);
  mc_rate_gate_free (gate);
}

/* What was asked for first is not forgotten over a shorter wish. */
static void
test_longest (void)
{
  McRateGate *gate = mc_rate_gate_new ();

  mc_rate_gate_note (gate, "h", 429, NULL, "100", 1000, 0, UNIX);
  mc_rate_gate_note (gate, "h", 429, NULL, "1", 1000, 0, UNIX);
  mc_rate_gate_note (gate, "h", 200, NULL, NULL, 1000, 0, UNIX);
  g_assert_cmpint (mc_rate_gate_get_wait (gate, "h", 0), ==, 101 * SECOND);
  mc_rate_gate_free (gate);
}

static void
test_keys (void)
{
  static const char *const keys[][2] = {
    { "/api/models/o/n", "hub api" },
    { "/api/resolve-cache/models/o/n/c/f", "hub resolvers" },
    { "/o/n/resolve/main/f", "hub resolvers" },
    { "/o/n", "hub pages" },
  };
  g_autofree char *foreign = mc_rate_gate_make_key ("cdn", "/api/x", FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *key = mc_rate_gate_make_key ("hub", keys[i][0], TRUE);

      g_assert_cmpstr (key, ==, keys[i][1]);
    }
  g_assert_cmpstr (foreign, ==, "cdn");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-gate/table", test_table);
  g_test_add_func ("/rate-gate/backoff", test_backoff);
  g_test_add_func ("/rate-gate/longest", test_longest);
  g_test_add_func ("/rate-gate/keys", test_keys);
  return g_test_run ();
}
