/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-phrases.h"

#include "mc-error-text.h"

#include "mc-error.h"

#include <string.h>

/* Sentences, with the facts that make them. */

#define DAY (24 * 60 * 60)
#define NOW 1000000
#define GB G_GUINT64_CONSTANT (1000000000)

static void
assert_says (McTransferFacts facts, const char *expected)
{
  g_autofree char *said = NULL;

  facts.kind = facts.kind == NULL ? "download" : facts.kind;
  facts.phase = facts.phase == NULL ? "" : facts.phase;
  facts.error = facts.error == NULL ? "" : facts.error;
  facts.allowed = facts.allowed == NULL ? "allowed" : facts.allowed;
  said = mc_phrase_transfer (&facts, NOW);
  /* The numbers' blanks do not break. */
  for (char *blank; (blank = strstr (said, "\302\240")) != NULL;)
    {
      *blank = ' ';
      memmove (blank + 1, blank + 2, strlen (blank + 2) + 1);
    }
  g_assert_cmpstr (said, ==, expected);
}

static void
test_transfer (void)
{
  assert_says ((McTransferFacts){ .state = "active",
                                  .phase = "transferring",
                                  .total = 9 * GB,
                                  .verified = 3 * GB,
                                  .rate = 18000000,
                                  .end = NOW + 333 },
               "3.0 GB of 9.0 GB · 18.0 MB/s · 6 minutes left");
  assert_says ((McTransferFacts){ .state = "active", .phase = "resolving" }, "Asking the Hub");
  assert_says (
      (McTransferFacts){ .state = "active", .phase = "finishing", .total = GB, .verified = GB },
      "Checking the whole · 1.0 GB of 1.0 GB");
  assert_says ((McTransferFacts){ .state = "queued", .total = GB },
               "Waiting for its turn · 0 bytes of 1.0 GB");
  assert_says ((McTransferFacts){ .state = "queued", .allowed = "ask-metered" },
               "Waiting: the network is metered");
  assert_says ((McTransferFacts){ .state = "queued", .allowed = "schedule" },
               "Waiting for the hours that were chosen");
  assert_says ((McTransferFacts){ .state = "waiting", .error = "Network", .next_try = NOW + 5 },
               "The Hub Cannot Be Reached · trying again in 5 seconds");
  assert_says ((McTransferFacts){ .state = "paused", .total = GB, .verified = GB / 2 },
               "Paused · 500.0 MB of 1.0 GB");
  assert_says ((McTransferFacts){ .state = "paused", .error = "NoSpace" }, "Not Enough Space");
  assert_says ((McTransferFacts){ .state = "failed", .error = "Gated" }, "Access Must Be Granted");
  assert_says ((McTransferFacts){ .state = "done", .total = GB }, "Downloaded · 1.0 GB");
  assert_says ((McTransferFacts){ .state = "done", .kind = "verify" }, "All is in order");
  assert_says ((McTransferFacts){ .state = "cancelled" }, "Cancelled");
  /* What a newer service may say is not an empty line. */
  assert_says ((McTransferFacts){ .state = "failed", .error = "OfTomorrow" },
               "Something Went Wrong");
}

static void
assert_left (gint64 seconds, const char *expected)
{
  g_autofree char *said = mc_phrase_time_left (seconds);

  g_assert_cmpstr (said, ==, expected);
}

static void
test_time_left (void)
{
  assert_left (-5, "less than a minute left");
  assert_left (59, "less than a minute left");
  assert_left (60, "1 minute left");
  assert_left (61, "2 minutes left");
  assert_left (2 * 3600 + 60, "2 h 1 min left");
  assert_left (50 * 3600, "2 days left");
}

static void
assert_count (guint64 count, const char *expected)
{
  g_autofree char *said = mc_phrase_count (count);

  g_assert_cmpstr (said, ==, expected);
}

static void
test_count (void)
{
  assert_count (0, "0");
  assert_count (999, "999");
  assert_count (1000, "1.0k");
  assert_count (999949, "1.0M");
  assert_count (1234567, "1.2M");
  assert_count (235 * GB, "235B");
}

static void
test_names (void)
{
  g_autofree char *task = mc_phrase_task ("text-generation");
  g_autofree char *none = mc_phrase_task ("");
  g_autofree char *joined = mc_phrase_join ((const char *[]){ "", "a", NULL, "b" }, 4);

  g_assert_cmpstr (mc_phrase_variant_name ("onnx:q4f16"), ==, "q4f16");
  g_assert_cmpstr (mc_phrase_variant_name ("plain"), ==, "plain");
  g_assert_cmpstr (mc_phrase_variant_name ("odd:"), ==, "odd:");
  g_assert_cmpstr (task, ==, "Text generation");
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpstr (joined, ==, "a · b");
}

/* Each code has words of its own. */
static void
test_errors (void)
{
  for (int code = 0; code < MC_N_ERRORS; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (MC_ERROR, code, "for logs");
      McErrorText text = mc_error_text_get (error);

      g_assert_cmpstr (text.title, !=, NULL);
      g_assert_cmpstr (text.explanation, !=, NULL);
      g_assert_cmpstr (mc_error_text_get_by_name (mc_error_get_name (error)).title, ==, text.title);
    }
}

static void
test_deletion (void)
{
  g_autofree char *all = mc_phrase_deletion (5 * GB, 0);
  g_autofree char *some = mc_phrase_deletion (5 * GB, GB);
  g_autofree char *nothing = mc_phrase_deletion (0, GB);

  g_assert_cmpstr (all, ==, "This gives back 5.0\302\240GB of space on the disk.");
  g_assert_true (g_str_has_suffix (some, "stay, because other models or variants need them."));
  g_assert_true (g_str_has_prefix (nothing, "This gives back no space. 1.0"));
}

static void
test_changed (void)
{
  g_autofree char *days = mc_phrase_changed ("1970-01-01T00:00:00.000Z", NOW);
  g_autofree char *today = mc_phrase_changed ("1970-01-12T13:00:00Z", NOW);
  g_autofree char *months = mc_phrase_changed ("1970-01-01T00:00:00Z", 14 * 31 * DAY);
  g_autofree char *years = mc_phrase_changed ("1970-01-01T00:00:00Z", 3 * 366 * DAY);
  g_autofree char *none = mc_phrase_changed ("yesterday", NOW);

  g_assert_cmpstr (days, ==, "Changed on the Hub 11 days ago");
  g_assert_cmpstr (today, ==, "Changed on the Hub today");
  g_assert_cmpstr (months, ==, "Changed on the Hub 14 months ago");
  g_assert_cmpstr (years, ==, "Changed on the Hub 3 years ago");
  g_assert_null (none);
}

static void
assert_state (McRepoFacts facts, const char *expected)
{
  g_autofree char *said = mc_phrase_repo_state (&facts);

  for (char *blank; (blank = strstr (said, "\302\240")) != NULL;)
    {
      *blank = ' ';
      memmove (blank + 1, blank + 2, strlen (blank + 2) + 1);
    }
  g_assert_cmpstr (said, ==, expected);
}

static void
test_repo_state (void)
{
  assert_state ((McRepoFacts){ .n_here = 1 }, "Ready");
  assert_state ((McRepoFacts){ .n_here = 1, .fraction = 0.5 }, "Ready");
  assert_state ((McRepoFacts){ .fraction = 0.625 }, "Incomplete · 62 %");
  assert_state ((McRepoFacts){ .fraction = 0.0001 }, "Incomplete · 1 %");
  assert_state ((McRepoFacts){ .fraction = 1 }, "Incomplete · 99 %");
  assert_state ((McRepoFacts){ .fraction = 0 }, "Not Downloaded");
  assert_state ((McRepoFacts){ .n_here = 1, .has_update = TRUE, .fetch = 1200000000 },
                "Update · 1.2 GB");
  assert_state ((McRepoFacts){ .n_here = 1, .has_update = TRUE }, "Update");
  assert_state ((McRepoFacts){ .n_here = 1, .n_damaged = 1, .has_update = TRUE }, "Damaged");
  assert_state ((McRepoFacts){ .n_failed = 1, .fraction = 0.5 }, "Failed");
  assert_state ((McRepoFacts){ .active = TRUE, .n_failed = 1 }, "");
  assert_state ((McRepoFacts){ .doomed = TRUE, .n_here = 1 }, "Removed in a Moment");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phrases/repo-state", test_repo_state);
  g_test_add_func ("/phrases/transfer", test_transfer);
  g_test_add_func ("/phrases/time-left", test_time_left);
  g_test_add_func ("/phrases/count", test_count);
  g_test_add_func ("/phrases/names", test_names);
  g_test_add_func ("/phrases/errors", test_errors);
  g_test_add_func ("/phrases/deletion", test_deletion);
  g_test_add_func ("/phrases/changed", test_changed);
  return g_test_run ();
}
