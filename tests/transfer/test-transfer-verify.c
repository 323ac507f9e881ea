/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-pack.h"
#include "mc-small.h"
#include "mc-test-wait.h"
#include "mc-transfer-private.h"
#include "transfer-fixture.h"

#include <stdio.h>
#include <string.h>

/* Verifications, of what is right and of what changed on disk. */

/* Finds bytes in a file and changes the first of them. */
static void
damage (const char *file, const void *needle, gsize length)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  char *found;

  g_file_get_contents (file, &bytes, &size, &error);
  g_assert_no_error (error);
  found = memmem (bytes, size, needle, length);
  g_assert_nonnull (found);
  found[0] ^= 0x40;
  g_file_set_contents (file, bytes, (gssize) size, &error);
  g_assert_no_error (error);
}

/* A byte of the file's content, in its pack. Not in the first 64 KiB of a chunk: when a page of the
 * database is split, copies of these are left behind in it. */
static void
damage_pack (Fixture *f, gint64 repo, const char *path, guint32 seed, guint64 offset)
{
  g_autofree char *pack = mc_pack_make_path (f->folder, &fixture_find_file (f, repo, path)->digest);
  guint8 needle[32];

  mc_test_hub_generate (seed, offset, needle, sizeof needle);
  damage (pack, needle, sizeof needle);
}

static void
test_all_right (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autoptr (McTransfer) verify = fixture_verify (f, repo, "onnx:q4");

  fixture_wait (verify, MC_TRANSFER_DONE);
  g_assert_cmpint (mc_transfer_get_kind (verify), ==, MC_TRANSFER_VERIFY);
  g_assert_cmpuint (mc_transfer_get_total (verify), ==, Q4_SIZE + SHARED_SIZE);
  g_assert_cmpuint (mc_transfer_get_verified (verify), ==, Q4_SIZE + SHARED_SIZE);
  g_assert_cmpuint (mc_transfer_get_received (verify), ==, 0);
}

/* All that is here of the repo, and no more. */
static void
test_whole_repo (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", INT8);
  g_autoptr (McTransfer) verify = NULL;

  fixture_have (f, repo, "", "README.md");
  verify = fixture_verify (f, repo, "");
  fixture_wait (verify, MC_TRANSFER_DONE);
  g_assert_cmpuint (mc_transfer_get_total (verify), ==, INT8_SIZE + 10);
  g_assert_cmpuint (mc_transfer_get_verified (verify), ==, INT8_SIZE + 10);
}

/* Whatever repos it is of, each content once; with what nobody has a name for. */
static void
test_everything (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (McTransfer) verify = NULL;
  g_autoptr (McTransfer) again = NULL;
  g_autoptr (GError) error = NULL;

  mc_downloader_verify_all_async (f->downloader, mc_test_store_result, &first);
  verify = mc_downloader_begin_finish (f->downloader, mc_test_await (&first), &error);
  g_assert_no_error (error);
  g_assert_cmpint (mc_transfer_get_id (verify), >, 0);
  fixture_wait (verify, MC_TRANSFER_DONE);
  g_assert_cmpuint (mc_transfer_get_total (verify), ==, Q4_SIZE + SHARED_SIZE);
  g_assert_cmpuint (mc_transfer_get_verified (verify), ==, Q4_SIZE + SHARED_SIZE);

  damage_pack (f, repo, Q4, Q4_SEED, 6 * MIB);
  mc_downloader_verify_all_async (f->downloader, mc_test_store_result, &second);
  again = mc_downloader_begin_finish (f->downloader, mc_test_await (&second), &error);
  g_assert_no_error (error);
  g_assert_true (again != verify);
  fixture_check_failed (again, MC_ERROR_CORRUPT, "org/model/" Q4);
  fixture_wait_idle (f);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
  g_assert_cmpuint (fixture_sent (f, Q4), ==, Q4_SIZE + 5 * MIB);
}

static void
test_nothing_here (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_downloader_verify_async (f->downloader, repo, "onnx:q4", mc_test_store_result, &result);
  g_assert_null (mc_downloader_begin_finish (f->downloader, mc_test_await (&result), &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED);
}

static gboolean
is_kept (gpointer data)
{
  return mc_transfer_get_id (data) != 0;
}

/* The repair that began by itself; owned by the caller. */
static McTransfer *
find_repair (Fixture *f, gint64 repo, const char *path)
{
  McTransfer *repair = mc_downloader_find (f->downloader, MC_TRANSFER_REPAIR, repo, "", path);

  g_assert_nonnull (repair);
  g_object_ref (repair);
  g_assert_true (mc_test_wait_until (is_kept, repair, 60000));
  return repair;
}

/* As if nobody were online. */
static McTransfer *
hold_repair (Fixture *f, gint64 repo, const char *path)
{
  McTransfer *repair = find_repair (f, repo, path);
  g_autoptr (GError) error = NULL;

  g_assert_true (mc_downloader_pause (f->downloader, repair, &error));
  g_assert_no_error (error);
  return repair;
}

static gboolean
is_damaged (Fixture *f, gint64 repo, const char *path)
{
  return mc_store_is_damaged (f->store, &fixture_find_file (f, repo, path)->digest);
}

/* Only the damaged chunk is fetched again, and everything is right then. */
static void
test_damaged_chunk (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autoptr (McTransfer) verify = NULL;
  g_autoptr (McTransfer) repair = NULL;
  g_autoptr (McTransfer) again = NULL;
  g_autofree char *range = NULL;

  damage_pack (f, repo, Q4, Q4_SEED, 6 * MIB);
  verify = fixture_verify (f, repo, "onnx:q4");
  fixture_check_failed (verify, MC_ERROR_CORRUPT, Q4);
  g_assert_null (strstr (mc_transfer_get_error (verify)->message, TOKENIZER));
  g_assert_false (fixture_has (f, repo, Q4));
  g_assert_true (is_damaged (f, repo, Q4));
  g_assert_true (fixture_has (f, repo, TOKENIZER));
  g_assert_cmpuint (fixture_committed (f, repo, Q4), ==, 7 * MIB);

  repair = find_repair (f, repo, Q4);
  fixture_wait (repair, MC_TRANSFER_DONE);
  range = mc_test_hub_seen (f->hub, "storage:org/model/" Q4, 1, "Range");
  g_assert_cmpstr (range, ==, "bytes=5242880-10485759");
  g_assert_cmpuint (mc_transfer_get_received (repair), ==, 5 * MIB);
  g_assert_cmpuint (mc_transfer_get_verified (repair), ==, Q4_SIZE);
  g_assert_cmpuint (fixture_sent (f, TOKENIZER), ==, TOKENIZER_SIZE);
  g_assert_false (is_damaged (f, repo, Q4));
  fixture_check_seed (f, repo, Q4, Q4_SEED);
  again = fixture_verify (f, repo, "onnx:q4");
  fixture_wait (again, MC_TRANSFER_DONE);
  g_assert_cmpuint (mc_transfer_get_verified (again), ==, mc_transfer_get_total (again));
}

/* Damage is known of after a restart, too; the repair goes on then. */
static void
test_restart_after_damage (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", Q4);
  g_autoptr (McTransfer) verify = NULL;
  g_autoptr (McTransfer) repair = NULL;
  g_autoptr (GError) error = NULL;

  damage_pack (f, repo, Q4, Q4_SEED, 6 * MIB);
  verify = fixture_verify (f, repo, "");
  fixture_check_failed (verify, MC_ERROR_CORRUPT, Q4);
  repair = hold_repair (f, repo, Q4);
  g_clear_object (&repair);
  fixture_wait_idle (f);
  g_clear_object (&verify);
  fixture_close (f);
  fixture_open (f);
  g_assert_false (fixture_has (f, repo, Q4));
  g_assert_true (is_damaged (f, repo, Q4));
  g_assert_cmpuint (fixture_committed (f, repo, Q4), ==, 7 * MIB);
  repair = find_repair (f, repo, Q4);
  g_assert_true (mc_downloader_resume (f->downloader, repair, &error));
  fixture_wait (repair, MC_TRANSFER_DONE);
  g_assert_cmpuint (mc_transfer_get_received (repair), ==, 5 * MIB);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
}

/* A reader met it: nobody gets the content from that moment on, and it is looked at and repaired.
 */
static void
test_met_by_reader (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", Q4);
  const McDigest digest = fixture_find_file (f, repo, Q4)->digest;

  damage_pack (f, repo, Q4, Q4_SEED, 11 * MIB);
  mc_store_suspect (f->store, &digest);
  g_assert_false (fixture_has (f, repo, Q4));
  g_assert_true (is_damaged (f, repo, Q4));
  g_assert_true (mc_store_is_being_checked (f->store, &digest));
  fixture_wait_idle (f);
  g_assert_true (fixture_has (f, repo, Q4));
  g_assert_cmpuint (fixture_sent (f, Q4), ==, Q4_SIZE + 2 * MIB);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
}

/* What a reader took for damage may be none: it is here again when it was read. */
static void
test_false_alarm (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", Q4);

  mc_store_suspect (f->store, &fixture_find_file (f, repo, Q4)->digest);
  g_assert_false (fixture_has (f, repo, Q4));
  fixture_wait_idle (f);
  g_assert_true (fixture_has (f, repo, Q4));
  g_assert_cmpuint (fixture_sent (f, Q4), ==, Q4_SIZE);
}

typedef struct
{
  guint n;
  gboolean good;
} Answers;

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answers *answers = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_true (mc_store_check_finish (MC_STORE (source), result, &answers->good, &error));
  g_assert_no_error (error);
  g_assert_false (answers->good);
  answers->n++;
}

static gboolean
has_three (gpointer data)
{
  return ((Answers *) data)->n == 3;
}

/* Checks of one content at a time wait for each other; the second is not cancelled with the first.
 */
static void
test_checks_at_once (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", Q4);
  const McDigest digest = fixture_find_file (f, repo, Q4)->digest;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) cancelled = NULL;
  g_autoptr (GError) error = NULL;
  Answers answers = { 0, TRUE };
  gboolean good;

  damage_pack (f, repo, Q4, Q4_SEED, 6 * MIB);
  g_cancellable_cancel (cancellable);
  mc_store_check_async (f->store, &digest, 5, NULL, cancellable, mc_test_store_result, &cancelled);
  for (guint i = 0; i < 3; i++)
    mc_store_check_async (f->store, &digest, 5, NULL, NULL, on_checked, &answers);
  g_assert_false (mc_store_check_finish (f->store, mc_test_await (&cancelled), &good, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (mc_test_wait_until (has_three, &answers, 60000));
  g_assert_true (is_damaged (f, repo, Q4));
}

/* When it was found in order is kept, however it was found out. */
static void
test_verified_at (Fixture *f, gconstpointer data)
{
  gint64 before = g_get_real_time () / G_USEC_PER_SEC;
  gint64 repo = fixture_get (f, "", Q4);
  const McDigest digest = fixture_find_file (f, repo, Q4)->digest;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean good;

  g_assert_cmpint (mc_store_get_content (f->store, &digest)->verified_at, >=, before);
  mc_store_check_async (f->store, &digest, 12345, NULL, NULL, mc_test_store_result, &result);
  g_assert_true (mc_store_check_finish (f->store, mc_test_await (&result), &good, &error));
  g_assert_true (good);
  g_assert_cmpint (mc_store_get_content (f->store, &digest)->verified_at, ==, 12345);
  g_clear_object (&result);
  fixture_close (f);
  fixture_open (f);
  g_assert_cmpint (mc_store_get_content (f->store, &digest)->verified_at, ==, 12345);
}

static void
test_damaged_small (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:int8", "");
  g_autofree char *small = NULL;
  g_autoptr (McTransfer) verify = NULL;
  g_autoptr (McTransfer) repair = NULL;

  fixture_close (f);
  small = mc_small_make_path (f->folder);
  damage (small, CONFIG_TEXT, strlen (CONFIG_TEXT));
  fixture_open (f);
  verify = fixture_verify (f, repo, "onnx:int8");
  fixture_check_failed (verify, MC_ERROR_CORRUPT, CONFIG);
  g_assert_false (fixture_has (f, repo, CONFIG));
  repair = fixture_download_all (f, repo, "onnx:int8", "");
  fixture_check_text (f, repo, CONFIG, CONFIG_TEXT);
}

static void
test_pack_is_gone (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", INT8);
  g_autofree char *pack = mc_pack_make_path (f->folder, &fixture_find_file (f, repo, INT8)->digest);
  g_autoptr (McTransfer) verify = NULL;
  g_autoptr (McTransfer) repair = NULL;

  g_assert_cmpint (remove (pack), ==, 0);
  verify = fixture_verify (f, repo, "");
  fixture_check_failed (verify, MC_ERROR_CORRUPT, INT8);
  g_assert_false (fixture_has (f, repo, INT8));
  repair = fixture_download_all (f, repo, "", INT8);
  fixture_check_seed (f, repo, INT8, INT8_SEED);
}

/* More than anybody reads; none is left out of the count. */
static void
test_many_damaged (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransfer) verify = NULL;
  gint64 repo;

  for (guint i = 0; i < 13; i++)
    {
      g_autofree char *path = g_strdup_printf ("part-%02u.bin", i);

      mc_test_hub_add_generated (f->hub, "org/model", path, 300 * 1000, 100 + i);
    }
  repo = fixture_scan (f, "org/model");
  for (guint i = 0; i < 13; i++)
    {
      g_autofree char *path = g_strdup_printf ("part-%02u.bin", i);

      fixture_have (f, repo, "", path);
      damage_pack (f, repo, path, 100 + i, 200 * 1000);
    }
  verify = fixture_verify (f, repo, "");
  fixture_check_failed (verify, MC_ERROR_CORRUPT, "part-00.bin");
  g_assert_nonnull (strstr (mc_transfer_get_error (verify)->message, "part-09.bin"));
  g_assert_null (strstr (mc_transfer_get_error (verify)->message, "part-10.bin"));
  g_assert_nonnull (strstr (mc_transfer_get_error (verify)->message, "and 3 more"));
}

/* --- while it runs --- */

#define LARGE_SIZE ((guint64) 80 * MIB)

static void
add_large (Fixture *f)
{
  mc_test_hub_add_generated (f->hub, "org/model", "large.bin", LARGE_SIZE, 9);
}

static void
on_changed (McTransfer *transfer, guint64 *highest)
{
  g_assert_cmpuint (mc_transfer_get_verified (transfer), <=, mc_transfer_get_total (transfer));
  *highest = MAX (*highest, mc_transfer_get_verified (transfer));
}

static void
test_progress (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransfer) verify = NULL;
  guint64 highest = 0;
  gint64 repo;

  add_large (f);
  repo = fixture_scan (f, "org/model");
  fixture_have (f, repo, "", "large.bin");
  verify = fixture_verify (f, repo, "");
  g_signal_connect (verify, "changed", G_CALLBACK (on_changed), &highest);
  fixture_wait (verify, MC_TRANSFER_DONE);
  g_assert_cmpuint (highest, ==, LARGE_SIZE);
}

/* Whether a chunk of it is checked. */
static gboolean
has_begun (gpointer data)
{
  McTransfer *transfer = data;

  return transfer->progress != NULL && mc_verify_progress_get (transfer->progress) > 0;
}

/* Stopped in the middle, with damage before the place where it stopped: what counts as downloaded
 * is complete on disk all the same. */
static void
test_pause (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransfer) verify = NULL;
  g_autoptr (McTransfer) repair = NULL;
  g_autoptr (GError) error = NULL;
  gint64 repo;

  add_large (f);
  repo = fixture_scan (f, "org/model");
  fixture_have (f, repo, "", "large.bin");
  damage_pack (f, repo, "large.bin", 9, 3 * MIB);
  verify = fixture_verify (f, repo, "");
  g_assert_true (mc_test_wait_until (has_begun, verify, 60000));
  g_assert_true (mc_downloader_pause (f->downloader, verify, &error));
  fixture_wait_idle (f);
  g_assert_cmpint (mc_transfer_get_state (verify), ==, MC_TRANSFER_PAUSED);
  if (fixture_has (f, repo, "large.bin"))
    {
      g_autoptr (McPack) pack =
          mc_pack_open (f->folder, &fixture_find_file (f, repo, "large.bin")->digest, LARGE_SIZE,
                        MC_PACK_READ, &error);

      g_assert_no_error (error);
      g_assert_nonnull (pack);
    }
  g_assert_true (mc_downloader_resume (f->downloader, verify, &error));
  fixture_check_failed (verify, MC_ERROR_CORRUPT, "large.bin");
  repair = find_repair (f, repo, "large.bin");
  fixture_wait (repair, MC_TRANSFER_DONE);
  g_assert_cmpuint (mc_transfer_get_received (repair), ==, 5 * MIB);
}

/* It begins anew after a restart. */
static void
test_restart (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransfer) verify = NULL;
  gint64 repo;
  gint64 id;

  add_large (f);
  repo = fixture_scan (f, "org/model");
  fixture_have (f, repo, "", "large.bin");
  verify = fixture_verify (f, repo, "");
  id = mc_transfer_get_id (verify);
  fixture_wait (verify, MC_TRANSFER_ACTIVE);
  g_clear_object (&verify);
  fixture_close (f);
  fixture_open (f);
  verify = mc_downloader_find (f->downloader, MC_TRANSFER_VERIFY, repo, "", "");
  g_assert_nonnull (verify);
  g_object_ref (verify);
  g_assert_cmpint (mc_transfer_get_id (verify), ==, id);
  fixture_wait (verify, MC_TRANSFER_DONE);
  /* Only what is here counts. */
  g_assert_cmpuint (mc_transfer_get_total (verify), ==, LARGE_SIZE);
  g_assert_cmpuint (mc_transfer_get_verified (verify), ==, LARGE_SIZE);
}

/* One that failed is not taken for the next one, which looks at what is here now. */
static void
test_after_failure (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", INT8);
  g_autoptr (McTransfer) first = NULL;
  g_autoptr (McTransfer) second = NULL;
  g_autoptr (McTransfer) repair = NULL;

  damage_pack (f, repo, INT8, INT8_SEED, 3 * MIB);
  first = fixture_verify (f, repo, "");
  fixture_check_failed (first, MC_ERROR_CORRUPT, INT8);
  /* Nor does it forget what it found. */
  repair = hold_repair (f, repo, INT8);
  g_assert_true (mc_downloader_retry (f->downloader, first, NULL));
  fixture_check_failed (first, MC_ERROR_CORRUPT, INT8);
  fixture_have (f, repo, "", FP16);
  damage_pack (f, repo, FP16, FP16_SEED, 3 * MIB);
  second = fixture_verify (f, repo, "");
  g_assert_true (first != second);
  fixture_check_failed (second, MC_ERROR_CORRUPT, FP16);
}

/* A download that wants a content under verification waits for nothing and breaks nothing. */
static void
test_beside_download (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:int8", "");
  g_autoptr (McTransfer) verify = fixture_verify (f, repo, "");
  g_autoptr (McTransfer) other = fixture_download (f, repo, "onnx:fp16", "");

  fixture_wait (other, MC_TRANSFER_DONE);
  fixture_wait (verify, MC_TRANSFER_DONE);
  fixture_check_seed (f, repo, FP16, FP16_SEED);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/verify/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("all-right", test_all_right);
  ADD ("whole-repo", test_whole_repo);
  ADD ("everything", test_everything);
  ADD ("nothing-here", test_nothing_here);
  ADD ("damaged-chunk", test_damaged_chunk);
  ADD ("restart-after-damage", test_restart_after_damage);
  ADD ("met-by-reader", test_met_by_reader);
  ADD ("false-alarm", test_false_alarm);
  ADD ("checks-at-once", test_checks_at_once);
  ADD ("verified-at", test_verified_at);
  ADD ("damaged-small", test_damaged_small);
  ADD ("pack-is-gone", test_pack_is_gone);
  ADD ("many-damaged", test_many_damaged);
  ADD ("progress", test_progress);
  ADD ("pause", test_pause);
  ADD ("restart", test_restart);
  ADD ("after-failure", test_after_failure);
  ADD ("beside-download", test_beside_download);
  return g_test_run ();
}
