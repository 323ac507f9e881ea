/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <string.h>

/* Everything a Hub and a network can do wrong, on the q4 weights: three chunks. Each fault either
 * is got over, or ends in an error that names the file, with the store as true as before. */

#define RESOLVE "/org/model/resolve/main/" Q4
#define STORAGE "storage:org/model/" Q4

typedef struct
{
  const char *name;
  const char *place;
  McTestFault fault;
  guint64 argument;
  guint repeat;          /* as often as it is tried, where it is not got over */
  guint read_timeout_ms; /* 0: the default */
  int code;              /* -1: it is got over */
  guint count;           /* requests for that place in all; 0: libsoup may repeat some */
} Case;

static const Case cases[] = {
  /* Got over. */
  { "cut", STORAGE, MC_TEST_CUT_AFTER, 6 * MIB, 1, 0, -1, 2 },
  { "cut-at-once", STORAGE, MC_TEST_CUT_AFTER, 0, 3, 0, -1, 4 },
  { "cut-often", STORAGE, MC_TEST_CUT_AFTER, 5 * MIB + 1, 2, 0, -1, 3 },
  { "stall", STORAGE, MC_TEST_STALL_AFTER, 6 * MIB, 1, 500, -1, 2 },
  { "hang-up", STORAGE, MC_TEST_HANG_UP, 0, 1, 0, -1, 0 },
  { "server-error", STORAGE, MC_TEST_STATUS, 503, 3, 0, -1, 4 },
  { "web-page-once", STORAGE, MC_TEST_HTML, 0, 1, 0, -1, 2 },
  { "limited-once", STORAGE, MC_TEST_RATE_LIMITED, 0, 2, 0, -1, 3 },
  { "expired", STORAGE, MC_TEST_EXPIRED, 0, 2, 0, -1, 3 },
  { "resolve-error", RESOLVE, MC_TEST_STATUS, 500, 2, 0, -1, 3 },
  { "resolve-limited", RESOLVE, MC_TEST_RATE_LIMITED, 0, 2, 0, -1, 3 },
  { "resolve-hang-up", RESOLVE, MC_TEST_HANG_UP, 0, 3, 0, -1, 0 },
  /* Not. */
  { "cut-for-ever", STORAGE, MC_TEST_CUT_AFTER, 1000, 30, 0, MC_ERROR_NETWORK, 30 },
  { "stall-for-ever", STORAGE, MC_TEST_STALL_AFTER, 1000, 30, 150, MC_ERROR_NETWORK, 30 },
  { "limited", STORAGE, MC_TEST_RATE_LIMITED, 0, 11, 0, MC_ERROR_RATE_LIMITED, 11 },
  { "flipped", STORAGE, MC_TEST_FLIP_BYTE, 7 * MIB, 1, 0, MC_ERROR_CORRUPT, 1 },
  { "flipped-last", STORAGE, MC_TEST_FLIP_BYTE, 12 * MIB - 1, 1, 0, MC_ERROR_CORRUPT, 1 },
  { "web-page", STORAGE, MC_TEST_HTML, 0, 2, 0, MC_ERROR_BAD_RESPONSE, 2 },
  { "wrong-length", STORAGE, MC_TEST_WRONG_LENGTH, 0, 2, 0, MC_ERROR_BAD_RESPONSE, 2 },
  { "wrong-range", STORAGE, MC_TEST_WRONG_RANGE, 0, 2, 0, MC_ERROR_BAD_RESPONSE, 2 },
  { "missing", STORAGE, MC_TEST_STATUS, 404, 2, 0, MC_ERROR_BAD_RESPONSE, 2 },
  { "always-expired", STORAGE, MC_TEST_EXPIRED, 0, 4, 0, MC_ERROR_BAD_RESPONSE, 4 },
  { "storage-gated", STORAGE, MC_TEST_GATED, 0, 4, 0, MC_ERROR_BAD_RESPONSE, 4 },
  { "storage-loop", STORAGE, MC_TEST_REDIRECT_LOOP, 0, 22, 0, MC_ERROR_BAD_RESPONSE, 22 },
  { "resolve-missing", RESOLVE, MC_TEST_STATUS, 404, 1, 0, MC_ERROR_GONE, 1 },
  { "resolve-refused", RESOLVE, MC_TEST_STATUS, 401, 2, 0, MC_ERROR_TOKEN_REFUSED, 2 },
  { "resolve-gated", RESOLVE, MC_TEST_GATED, 0, 1, 0, MC_ERROR_GATED, 1 },
  { "resolve-loop", RESOLVE, MC_TEST_REDIRECT_LOOP, 0, 22, 0, MC_ERROR_BAD_RESPONSE, 22 },
};

/* Whatever went wrong, the next try after it is gone succeeds. */
static void
check_repair (Fixture *f, gint64 repo, McTransfer *transfer)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (mc_downloader_retry (f->downloader, transfer, &error));
  g_assert_no_error (error);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
}

static void
test_case (Fixture *f, gconstpointer data)
{
  const Case *row = data;
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  fixture_reopen (f, row->read_timeout_ms, 1);
  repo = fixture_scan (f, "org/model");
  mc_test_hub_script (f->hub, row->place, row->fault, row->argument, row->repeat);
  transfer = fixture_download (f, repo, "", Q4);
  if (row->code < 0)
    {
      fixture_wait (transfer, MC_TRANSFER_DONE);
      fixture_check_seed (f, repo, Q4, Q4_SEED);
    }
  else
    {
      fixture_check_failed (transfer, (McError) row->code, Q4);
      fixture_wait_idle (f);
      g_assert_false (fixture_has (f, repo, Q4));
      g_assert_cmpuint (fixture_committed (f, repo, Q4), ==, 0);
    }
  if (row->count > 0)
    g_assert_cmpuint (mc_test_hub_count (f->hub, row->place), ==, row->count);
  if (row->code >= 0)
    check_repair (f, repo, transfer);
}

/* By range, from the first byte that did not come: nothing is sent again but what was under way
 * when the line broke. */
static void
test_ranges (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  fixture_script (f, Q4, MC_TEST_CUT_AFTER, 6 * MIB, 1);
  transfer = fixture_download_all (f, repo, "", Q4);
  g_assert_cmpuint (fixture_range_start (f, Q4, 0), ==, 0);
  g_assert_cmpuint (fixture_range_start (f, Q4, 1), >=, 5 * MIB);
  g_assert_cmpuint (fixture_range_start (f, Q4, 1), <=, 6 * MIB);
  g_assert_cmpuint (fixture_sent (f, Q4), ==, 6 * MIB + Q4_SIZE - fixture_range_start (f, Q4, 1));
  g_assert_cmpuint (mc_transfer_get_verified (transfer), ==, Q4_SIZE);
}

/* A signed address serves all ranges of a file until it is refused. */
static void
test_resolved_once (Fixture *f, gconstpointer data)
{
  fixture_get (f, "", Q4);
  g_assert_cmpuint (mc_test_hub_count (f->hub, RESOLVE), ==, 1);
  g_assert_cmpuint (mc_test_hub_count (f->hub, STORAGE), ==, 1);
}

static void
test_resolved_again (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  fixture_script (f, Q4, MC_TEST_EXPIRED, 0, 1);
  transfer = fixture_download_all (f, repo, "", Q4);
  g_assert_cmpuint (mc_test_hub_count (f->hub, RESOLVE), ==, 2);
}

/* The whole file in answer to a range is only right if the range is the whole file. */
static void
test_ignored_range (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) whole = NULL;
  g_autoptr (McTransfer) transfer = NULL;

  fixture_script (f, INT8, MC_TEST_IGNORE_RANGE, 0, 1);
  whole = fixture_download_all (f, repo, "", INT8);
  fixture_check_seed (f, repo, INT8, INT8_SEED);

  fixture_script (f, Q4, MC_TEST_CUT_AFTER, 6 * MIB, 1);
  fixture_script (f, Q4, MC_TEST_IGNORE_RANGE, 0, 2);
  transfer = fixture_download (f, repo, "", Q4);
  fixture_check_failed (transfer, MC_ERROR_BAD_RESPONSE, Q4);
  fixture_wait_idle (f);
  g_assert_false (fixture_has (f, repo, Q4));
  g_assert_cmpuint (fixture_committed (f, repo, Q4), ==, 5 * MIB);
  check_repair (f, repo, transfer);
}

/* Tries count from the last progress: a line that breaks after each chunk gets there. */
static void
test_progress_counts (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  mc_test_hub_add_generated (f->hub, "org/model", "long.bin", 38 * MIB, 9);
  repo = fixture_scan (f, "org/model");
  fixture_script (f, "long.bin", MC_TEST_CUT_AFTER, 5 * MIB + 1000, 7);
  transfer = fixture_download_all (f, repo, "", "long.bin");
  g_assert_cmpuint (mc_test_hub_count (f->hub, "storage:org/model/long.bin"), ==, 8);
  fixture_check_seed (f, repo, "long.bin", 9);
}

/* The Hub is asked for the commit that was scanned; what it says of the file must be the same. */
static void
test_moved (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  mc_test_hub_add_generated (f->hub, "org/model", INT8, INT8_SIZE, 99);
  transfer = fixture_download_all (f, repo, "", INT8);
  fixture_check_seed (f, repo, INT8, INT8_SEED);
}

/* A listing that says something else of a file than the Hub does when it gives it away: nothing is
 * fetched. */
static void
check_contradiction (Fixture *f, guint64 size, const char *hash, const char *text)
{
  g_autoptr (McManifest) manifest = mc_manifest_new ();
  g_autoptr (McTransfer) transfer = NULL;
  McDigest digest;

  g_assert_true (mc_digest_parse_hex (&digest, MC_DIGEST_SHA256, hash));
  manifest->endpoint = g_strdup (mc_test_hub_get_url (f->hub));
  manifest->repo = g_strdup ("org/model");
  manifest->revision = g_strdup (text);
  manifest->commit = mc_test_hub_dup_commit (f->hub, "org/model");
  mc_manifest_add_file (manifest, INT8, size, digest);
  transfer = fixture_download (f, fixture_save (f, manifest), "", INT8);
  fixture_check_failed (transfer, MC_ERROR_CHANGED, text);
  g_assert_cmpuint (mc_test_hub_count (f->hub, "storage:org/model/" INT8), ==, 0);
}

static void
test_other_size (Fixture *f, gconstpointer data)
{
  g_autofree char *hash = mc_test_hub_dup_hash (f->hub, "org/model", INT8);

  check_contradiction (f, INT8_SIZE + 1, hash, "bytes");
}

static void
test_other_hash (Fixture *f, gconstpointer data)
{
  g_autofree char *hash = mc_test_hub_dup_hash (f->hub, "org/model", Q4);

  check_contradiction (f, INT8_SIZE, hash, "sha256");
}

/* One bad file does not let the others go on for nothing. */
static void
test_variant_fails (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;

  mc_test_hub_script (f->hub, "/org/model/resolve/main/" CONFIG, MC_TEST_STATUS, 404, 1);
  fixture_script (f, Q4, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  transfer = fixture_download (f, repo, "onnx:q4", "");
  fixture_check_failed (transfer, MC_ERROR_GONE, CONFIG);
  fixture_wait_idle (f);
  g_assert_false (fixture_has (f, repo, CONFIG));
}

/* One content under two names in one variant: it is tried under one of them, and that is that. */
static void
test_twice_in_variant (Fixture *f, gconstpointer data)
{
  static const char *const paths[] = { "special_tokens_map.json", "added_tokens.json" };
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *place = g_strconcat ("/org/model/resolve/main/", paths[i], NULL);

      mc_test_hub_add_file (f->hub, "org/model", paths[i], "{}", 2, FALSE);
      mc_test_hub_script (f->hub, place, MC_TEST_STATUS, 404, 1);
    }
  repo = fixture_scan (f, "org/model");
  transfer = fixture_download (f, repo, "onnx:int8", "");
  fixture_check_failed (transfer, MC_ERROR_GONE, ".json");
  fixture_wait_idle (f);
  g_assert_cmpuint (mc_test_hub_count (f->hub, "/org/model/resolve/main/added_tokens.json"), ==, 1);
  g_assert_cmpuint (mc_test_hub_count (f->hub, "/org/model/resolve/main/special_tokens_map.json"),
                    ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/transfer/faults/%s", cases[i].name);

      g_test_add (path, Fixture, &cases[i], fixture_set_up, test_case, fixture_tear_down);
    }
#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/faults/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)
  ADD ("ranges", test_ranges);
  ADD ("resolved-once", test_resolved_once);
  ADD ("resolved-again", test_resolved_again);
  ADD ("ignored-range", test_ignored_range);
  ADD ("progress-counts", test_progress_counts);
  ADD ("moved", test_moved);
  ADD ("other-size", test_other_size);
  ADD ("other-hash", test_other_hash);
  ADD ("variant-fails", test_variant_fails);
  ADD ("twice-in-variant", test_twice_in_variant);
  return g_test_run ();
}
