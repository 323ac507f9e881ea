/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-test-disk.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

/* A disk that is really full: a file system of 64 MiB, filled while a transfer is under way. What
 * is committed stays, nothing is asked for in vain, and the transfer goes on when there is space.
 */

#define DISK ((guint64) 64 * MIB)

/* So rarely that it does not happen in a test. */
#define NEVER_MS (1000 * 1000)

static char *disk; /* (nullable): where it is mounted */

static void
wait_until_full (McTransfer *transfer)
{
  const GError *error;

  fixture_wait (transfer, MC_TRANSFER_PAUSED);
  error = mc_transfer_get_error (transfer);
  g_assert_error (error, MC_ERROR, MC_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "bytes"));
  g_assert_true (mc_transfer_waits_for_space (transfer));
}

/* Fetches q4, and leaves room for one or two of its three chunks: chunks that are committed
 * together find room together, or none. */
static McTransfer *
begin_and_fill (Fixture *f, gint64 repo)
{
  McTransfer *transfer = fixture_download (f, repo, "", Q4);

  mc_test_disk_fill (disk, 7 * MIB);
  wait_until_full (transfer);
  fixture_wait_idle (f);
  g_assert_cmpuint (fixture_committed (f, repo, Q4), <=, 7 * MIB);
  g_assert_cmpuint (mc_transfer_get_verified (transfer), ==, fixture_committed (f, repo, Q4));
  return transfer;
}

/* What was committed is not fetched again. */
static void
finish (Fixture *f, gint64 repo, McTransfer *transfer, guint64 committed, guint64 sent)
{
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_null (mc_transfer_get_error (transfer));
  g_assert_cmpuint (fixture_sent (f, Q4) - sent, <=, Q4_SIZE - committed);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
}

/* It looks now and then, asks the Hub for nothing meanwhile, and goes on where it was. */
static void
test_goes_on (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = begin_and_fill (f, repo);
  guint64 committed = fixture_committed (f, repo, Q4);
  guint64 sent = fixture_sent (f, Q4);

  g_assert_true (mc_downloader_waits_for_space (f->downloader));
  fixture_settle (f);
  wait_until_full (transfer);
  g_assert_cmpuint (fixture_sent (f, Q4), ==, sent);
  mc_test_disk_empty (disk);
  finish (f, repo, transfer, committed, sent);
  g_assert_false (mc_downloader_waits_for_space (f->downloader));
}

/* What is deleted makes room at once, however rarely it looks. */
static void
test_after_delete (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GAsyncResult) dropped = NULL;
  g_autoptr (GError) error = NULL;
  guint64 committed;
  guint64 sent;
  gint64 other;
  gint64 repo;

  mc_test_hub_add_repo (f->hub, "org/other", NULL);
  mc_test_hub_add_generated (f->hub, "org/other", "other.bin", 30 * MIB, 8);
  fixture_reopen (f, 0, NEVER_MS);
  other = fixture_scan (f, "org/other");
  fixture_have (f, other, "", "other.bin");
  repo = fixture_scan (f, "org/model");
  transfer = begin_and_fill (f, repo);
  committed = fixture_committed (f, repo, Q4);
  sent = fixture_sent (f, Q4);
  mc_store_drop_async (f->store, other, "", "", MC_DROP_ALL, mc_test_store_result, &dropped);
  g_assert_true (mc_store_drop_finish (f->store, mc_test_await (&dropped), NULL, &error));
  g_assert_no_error (error);
  g_clear_object (&dropped);
  finish (f, repo, transfer, committed, sent);
  mc_test_disk_empty (disk);
}

static void
test_resumed (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  fixture_reopen (f, 0, NEVER_MS);
  repo = fixture_scan (f, "org/model");
  transfer = begin_and_fill (f, repo);
  /* Too early: it is full again. */
  g_assert_true (mc_downloader_resume (f->downloader, transfer, NULL));
  g_assert_false (mc_transfer_waits_for_space (transfer));
  wait_until_full (transfer);
  mc_test_disk_empty (disk);
  fixture_settle (f);
  wait_until_full (transfer);
  g_assert_true (mc_downloader_retry (f->downloader, transfer, NULL));
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
}

/* A person who pauses it does not want it to go on by itself. */
static void
test_paused_by_a_person (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = begin_and_fill (f, repo);

  g_assert_true (mc_downloader_pause (f->downloader, transfer, NULL));
  g_assert_null (mc_transfer_get_error (transfer));
  mc_test_disk_empty (disk);
  fixture_settle (f);
  fixture_settle (f);
  fixture_settle (f);
  fixture_settle (f);
  g_assert_cmpint (mc_transfer_get_state (transfer), ==, MC_TRANSFER_PAUSED);
}

/* The next process knows why it is paused. */
static void
test_restart (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  McTransfer *transfer = begin_and_fill (f, repo);
  guint64 committed = fixture_committed (f, repo, Q4);
  guint64 sent = fixture_sent (f, Q4);

  g_object_unref (transfer);
  fixture_close (f);
  fixture_open (f);
  g_assert_cmpuint (mc_downloader_get_transfers (f->downloader)->len, ==, 1);
  transfer = g_ptr_array_index (mc_downloader_get_transfers (f->downloader), 0);
  g_object_ref (transfer);
  wait_until_full (transfer);
  g_assert_cmpuint (mc_transfer_get_verified (transfer), ==, committed);
  mc_test_disk_empty (disk);
  finish (f, repo, transfer, committed, sent);
  g_object_unref (transfer);
}

/* Each fits, but not both; and what both want is counted once. */
static void
test_all_that_is_queued (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransfer) first = NULL;
  g_autoptr (McTransfer) copy = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 repo;

  mc_test_hub_add_generated (f->hub, "org/model", "a.bin", 28 * MIB, 8);
  mc_test_hub_add_generated (f->hub, "org/model", "a-too.bin", 28 * MIB, 8);
  mc_test_hub_add_generated (f->hub, "org/model", "b.bin", 27 * MIB, 9);
  fixture_script (f, "a.bin", MC_TEST_STALL_AFTER, 1000, 1);
  repo = fixture_scan (f, "org/model");
  first = fixture_download (f, repo, "", "a.bin");
  mc_downloader_download_async (f->downloader, repo, "", "b.bin", mc_test_store_result, &result);
  g_assert_null (mc_downloader_begin_finish (f->downloader, mc_test_await (&result), &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "bytes) more are needed"));
  copy = fixture_download (f, repo, "", "a-too.bin");
  /* What does not run needs nothing. */
  g_assert_true (mc_downloader_cancel (f->downloader, first, TRUE, NULL));
  g_assert_true (mc_downloader_cancel (f->downloader, copy, TRUE, NULL));
  fixture_wait_idle (f);
  fixture_have (f, repo, "", "b.bin");
}

static void
drop (Fixture *f, gint64 repo, const char *path)
{
  g_autoptr (GAsyncResult) dropped = NULL;
  g_autoptr (GError) error = NULL;

  mc_store_drop_async (f->store, repo, "", path, MC_DROP_ONE, mc_test_store_result, &dropped);
  mc_store_drop_finish (f->store, mc_test_await (&dropped), NULL, &error);
  g_assert_no_error (error);
  g_assert_false (fixture_has (f, repo, path));
}

/* However much room there is, to the last page: whatever is to be written next does not fit. */
static void
test_anywhere (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  guint n_paused = 0;

  for (guint64 leave = 0; leave < 13 * MIB; leave += leave < MIB / 2 ? 64 * 1024 : MIB / 2)
    {
      g_autoptr (McTransfer) transfer = fixture_download (f, repo, "", Q4);
      guint64 before;

      mc_test_disk_fill (disk, leave);
      if (leave < 12 * MIB)
        {
          wait_until_full (transfer);
          n_paused++;
        }
      before = fixture_committed (f, repo, Q4);
      mc_test_disk_empty (disk);
      fixture_wait (transfer, MC_TRANSFER_DONE);
      g_assert_cmpuint (fixture_committed (f, repo, Q4), >=, before);
      fixture_check_seed (f, repo, Q4, Q4_SEED);
      drop (f, repo, Q4);
    }
  g_test_message ("%u times paused", n_paused);
}

/* Not a byte is left, and yet what is deleted is: a large content and a small one, by a process
 * that was there before, and by one that only begins, with all logs empty. */
static void
test_delete_when_full (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", Q4);
  guint64 space;

  fixture_have (f, repo, "", CONFIG);
  mc_test_disk_fill (disk, 0);
  drop (f, repo, CONFIG);
  mc_test_disk_empty (disk);
  fixture_close (f);
  fixture_open (f);
  fixture_close (f);
  mc_test_disk_fill (disk, 0);
  fixture_open (f);
  space = mc_test_disk_get_free (disk);
  drop (f, repo, Q4);
  g_assert_cmpuint (mc_test_disk_get_free (disk), >=, space + Q4_SIZE);
  mc_test_disk_empty (disk);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  fixture_set_up (f, data);
  g_assert_true (g_str_has_prefix (f->folder, disk));
}

static void
add (const char *name, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (name, Fixture, NULL, set_up, test, fixture_tear_down);
}

static void
test_no_disk (void)
{
  g_test_skip ("A file system cannot be mounted here");
}

int
main (int argc, char *argv[])
{
  int status;

  disk = mc_test_disk_mount (DISK);
  if (disk != NULL)
    g_setenv ("TMPDIR", disk, TRUE);
  g_test_init (&argc, &argv, NULL);
  if (disk == NULL)
    g_test_add_func ("/transfer/full", test_no_disk);
  else
    {
      add ("/transfer/full/goes-on", test_goes_on);
      add ("/transfer/full/after-delete", test_after_delete);
      add ("/transfer/full/resumed", test_resumed);
      add ("/transfer/full/paused-by-a-person", test_paused_by_a_person);
      add ("/transfer/full/restart", test_restart);
      add ("/transfer/full/all-that-is-queued", test_all_that_is_queued);
      add ("/transfer/full/anywhere", test_anywhere);
      add ("/transfer/full/delete", test_delete_when_full);
    }
  status = g_test_run ();
  if (disk != NULL)
    mc_test_disk_unmount (disk);
  return status;
}
