/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-token-bucket.h"

/* Readers against a clock that is given: what they get in a time, and that each gets its share. */

#define SECOND ((gint64) G_USEC_PER_SEC)

typedef struct
{
  const char *name;
  guint64 rate;    /* bytes a second */
  guint n_readers; /* who read whatever they may */
  gint64 late;     /* microseconds: how late the main loop comes, each time */
} Case;

static const Case cases[] = {
  { "ten-megabytes", 10000000, 4, 0 },      { "one-reader", 10000000, 1, 0 },
  { "late-main-loop", 10000000, 4, 30000 }, { "slow", 100000, 4, 1000 },
  { "many-readers", 1000000, 64, 1000 },    { "fast", 1000000000, 8, 200 },
};

/* A round: whoever may reads a portion; then the time goes on until somebody may. */
static guint64
run (const Case *test, McTokenBucket *bucket, gint64 *now, gint64 duration, guint64 *shares)
{
  gint64 end = *now + duration;
  guint64 sum = 0;
  guint next = 0;

  while (*now < end)
    {
      for (guint i = 0; i < test->n_readers; i++, next = (next + 1) % test->n_readers)
        {
          gsize portion = mc_token_bucket_get_portion (bucket);

          if (mc_token_bucket_get_wait (bucket, *now) > 0)
            break;
          mc_token_bucket_take (bucket, portion, *now);
          shares[next] += portion;
          sum += portion;
        }
      *now += mc_token_bucket_get_wait (bucket, *now) + test->late + 1;
    }
  return sum;
}

static void
test_rate (gconstpointer data)
{
  const Case *test = data;
  McTokenBucket bucket = { 0 };
  gint64 now = 12345;
  g_autofree guint64 *shares = g_new0 (guint64, test->n_readers);
  guint64 sum;

  mc_token_bucket_set_rate (&bucket, test->rate, now);
  sum = run (test, &bucket, &now, 10 * SECOND, shares);
  g_test_message ("%.3f of the rate", (double) sum / ((double) test->rate * 10));
  g_assert_cmpuint (sum, >=, test->rate * 10 * 95 / 100);
  g_assert_cmpuint (sum, <=, test->rate * 10 * 105 / 100);
  for (guint i = 0; i < test->n_readers; i++)
    g_assert_cmpuint (shares[i], >=, sum / test->n_readers * 8 / 10);
}

/* A pause does not pay for a burst after it. */
static void
test_idle (void)
{
  static const Case one = { "", 1000000, 1, 0 };
  McTokenBucket bucket = { 0 };
  gint64 now = 0;
  guint64 share = 0;
  guint64 sum;

  mc_token_bucket_set_rate (&bucket, one.rate, now);
  now += 3600 * SECOND;
  sum = run (&one, &bucket, &now, 10 * SECOND, &share);
  g_assert_cmpuint (sum, <=, one.rate * 10 * 105 / 100);
}

static void
test_no_limit (void)
{
  McTokenBucket bucket = { 0 };

  g_assert_cmpint (mc_token_bucket_get_wait (&bucket, 5), ==, 0);
  g_assert_cmpuint (mc_token_bucket_get_portion (&bucket), ==, G_MAXSIZE);
  mc_token_bucket_take (&bucket, 1000000000, 5);
  g_assert_cmpint (mc_token_bucket_get_wait (&bucket, 5), ==, 0);
  /* What came before the limit is not owed. */
  mc_token_bucket_set_rate (&bucket, 1000, 6);
  g_assert_cmpint (mc_token_bucket_get_wait (&bucket, 6), ==, 0);
}

/* Nobody waits for an hour because the limit became lower, and a clock that stands is no harm. */
static void
test_change (void)
{
  McTokenBucket bucket = { 0 };

  mc_token_bucket_set_rate (&bucket, 100000000, 0);
  mc_token_bucket_take (&bucket, 50000000, 0);
  mc_token_bucket_set_rate (&bucket, 1000, 0);
  g_assert_cmpint (mc_token_bucket_get_wait (&bucket, 0), <=, SECOND + 1);
  g_assert_cmpint (mc_token_bucket_get_wait (&bucket, -SECOND), <=, SECOND + 1);
  mc_token_bucket_set_rate (&bucket, 0, 0);
  g_assert_cmpint (mc_token_bucket_get_wait (&bucket, 0), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/token-bucket/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_rate);
    }
  g_test_add_func ("/token-bucket/idle", test_idle);
  g_test_add_func ("/token-bucket/no-limit", test_no_limit);
  g_test_add_func ("/token-bucket/change", test_change);
  return g_test_run ();
}
