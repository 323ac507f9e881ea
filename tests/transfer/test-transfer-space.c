/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <string.h>

/* More than there is memory for. */
#define LONG_SIZE (80 * MIB)

/* A disk that is full, and a process that dies. Faults are read once a process (MC_FAULT), so each
 * happens in a child; where the Hub or the folder must outlive it, they are the parent's. */

static gboolean
run_child (const char *fault)
{
  g_setenv ("MC_FAULT", fault, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_unsetenv ("MC_FAULT");
  return g_test_trap_has_passed ();
}

/* Claimed by its listing: nobody has a disk for that. */
static void
test_cannot_fit (void)
{
  Fixture f = { 0 };
  g_autoptr (McManifest) manifest = mc_manifest_new ();
  McDigest digest;
  gint64 repo;

  fixture_set_up (&f, NULL);
  g_assert_true (mc_digest_parse_hex (&digest, MC_DIGEST_GIT_SHA1,
                                      "0123456789012345678901234567890123456789"));
  manifest->endpoint = g_strdup (mc_test_hub_get_url (f.hub));
  manifest->repo = g_strdup ("org/huge");
  manifest->revision = g_strdup ("main");
  manifest->commit = g_strdup ("0123456789012345678901234567890123456789");
  mc_manifest_add_file (manifest, "huge.bin", (guint64) 1 << 52, digest);
  repo = fixture_save (&f, manifest);
  fixture_refuse_download (&f, repo, "", "huge.bin", MC_ERROR_NO_SPACE);
  g_assert_cmpuint (mc_downloader_get_transfers (f.downloader)->len, ==, 0);
  g_assert_false (mc_store_is_held (f.store, repo, "", "huge.bin"));
  fixture_tear_down (&f, NULL);
}

static void
wait_until_full (McTransfer *transfer)
{
  fixture_wait (transfer, MC_TRANSFER_PAUSED);
  g_assert_true (mc_transfer_waits_for_space (transfer));
  g_assert_nonnull (strstr (mc_transfer_get_error (transfer)->message, "bytes"));
}

/* The second of three chunks finds no room: the first stays, and counts. */
static void
test_full (void)
{
  Fixture f = { 0 };
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  if (!g_test_subprocess ())
    {
      g_assert_true (run_child ("pack.put:2"));
      return;
    }
  fixture_set_up (&f, NULL);
  repo = fixture_scan (&f, "org/model");
  transfer = fixture_download (&f, repo, "", Q4);
  wait_until_full (transfer);
  fixture_wait_idle (&f);
  g_assert_false (fixture_has (&f, repo, Q4));
  /* The third may have been put before the second was known to have failed. */
  g_assert_cmpuint (fixture_committed (&f, repo, Q4), >=, 5 * MIB);
  g_assert_cmpuint (fixture_committed (&f, repo, Q4), <=, 7 * MIB);
  g_assert_cmpuint (mc_transfer_get_verified (transfer), ==, fixture_committed (&f, repo, Q4));

  /* There seems to be enough room, so that looking again would be in vain. */
  fixture_settle (&f);
  wait_until_full (transfer);
  g_assert_true (mc_downloader_retry (f.downloader, transfer, NULL));
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_cmpuint (fixture_range_start (&f, Q4, 1), ==, 5 * MIB);
  fixture_check_seed (&f, repo, Q4, Q4_SEED);
  g_clear_object (&transfer);
  fixture_tear_down (&f, NULL);
}

/* All chunks fail while more are on their way. */
static void
test_full_from_the_start (void)
{
  Fixture f = { 0 };
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  if (!g_test_subprocess ())
    {
      g_assert_true (run_child ("pack.put"));
      return;
    }
  fixture_set_up (&f, NULL);
  mc_test_hub_add_generated (f.hub, "org/model", "long.bin", LONG_SIZE, 9);
  repo = fixture_scan (&f, "org/model");
  transfer = fixture_download (&f, repo, "", "long.bin");
  wait_until_full (transfer);
  fixture_wait_idle (&f);
  g_assert_cmpuint (fixture_committed (&f, repo, "long.bin"), ==, 0);
  /* It does not go on reading into nowhere. */
  g_assert_cmpuint (fixture_sent (&f, "long.bin"), <, LONG_SIZE);
  g_clear_object (&transfer);
  fixture_tear_down (&f, NULL);
}

/* In the child: the parent's Hub and folder, a download that never comes to its end. */
static void
download_and_die (void)
{
  McHubConfig config = { .endpoint = g_getenv ("MC_TEST_ENDPOINT") };
  g_autoptr (McHubClient) client = mc_hub_client_new (&config, NULL);
  g_autoptr (McStore) store = mc_store_open (g_getenv ("MC_TEST_FOLDER"), NULL);
  Fixture f = { .client = client, .store = store, .retry_base_ms = 5 };
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  f.downloader = mc_downloader_new (store, client, 5);
  mc_downloader_start (f.downloader);
  repo = fixture_scan (&f, "org/model");
  transfer = fixture_download (&f, repo, "", Q4);
  fixture_wait (transfer, MC_TRANSFER_DONE);
}

/* Dies as the third chunk is to be written; the next process has those that were committed before,
 * which may be none or both of them, and fetches the others. */
static void
test_dies (void)
{
  Fixture f = { 0 };
  McTransfer *transfer;
  guint64 committed;
  gint64 repo;

  if (g_test_subprocess ())
    {
      download_and_die ();
      return;
    }
  fixture_set_up (&f, NULL);
  mc_test_hub_set_token (f.hub, NULL);
  fixture_close (&f);
  g_setenv ("MC_TEST_ENDPOINT", mc_test_hub_get_url (f.hub), TRUE);
  g_setenv ("MC_TEST_FOLDER", f.folder, TRUE);
  g_assert_false (run_child ("pack.put:3:crash"));
  fixture_open (&f);
  g_assert_cmpuint (mc_downloader_get_transfers (f.downloader)->len, ==, 1);
  transfer = g_ptr_array_index (mc_downloader_get_transfers (f.downloader), 0);
  repo = mc_transfer_get_repo (transfer);
  committed = mc_transfer_get_verified (transfer);
  g_assert_cmpuint (committed, <=, 10 * MIB);
  g_assert_cmpuint (committed % (5 * MIB), ==, 0);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_cmpuint (fixture_range_start (&f, Q4, 1), ==, committed);
  fixture_check_seed (&f, repo, Q4, Q4_SEED);
  fixture_tear_down (&f, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer/space/cannot-fit", test_cannot_fit);
  g_test_add_func ("/transfer/space/full", test_full);
  g_test_add_func ("/transfer/space/full-from-the-start", test_full_from_the_start);
  g_test_add_func ("/transfer/space/dies", test_dies);
  return g_test_run ();
}
