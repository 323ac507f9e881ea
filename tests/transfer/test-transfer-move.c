/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-content-reader.h"
#include "mc-location.h"
#include "mc-pack.h"
#include "mc-store-copy.h"
#include "mc-test-wait.h"
#include "mc-transfer-private.h"
#include "transfer-fixture.h"

#include <glib/gstdio.h>
#include <unistd.h>
#include <string.h>

/* The store moved to another folder. The fixture's folder is its home; what the fixture removes at
 * the end has the others in it. */

static char *
target_of (Fixture *f, const char *name)
{
  return g_strconcat (f->folder, "-", name, NULL);
}

/* With the store in a folder of its own, so that the test's folder can be its home. */
static void
begin (Fixture *f)
{
  mc_downloader_set_home (f->downloader, f->folder);
}

/* As a service finds it. */
static void
open_where_it_is (Fixture *f)
{
  g_autofree char *home = g_strdup (f->folder);
  g_autoptr (GError) error = NULL;

  g_free (f->folder);
  f->folder = mc_location_find (home, &error);
  g_assert_no_error (error);
  fixture_open (f);
  g_free (f->folder);
  f->folder = g_steal_pointer (&home);
  begin (f);
}

static void
reopen (Fixture *f)
{
  fixture_close (f);
  open_where_it_is (f);
}

static McTransfer *
move (Fixture *f, const char *folder)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  McTransfer *transfer;

  mc_downloader_move_async (f->downloader, folder, mc_test_store_result, &result);
  transfer = mc_downloader_begin_finish (f->downloader, mc_test_await (&result), &error);
  g_assert_no_error (error);
  g_assert_nonnull (transfer);
  return transfer;
}

static void
refuse (Fixture *f, const char *folder, McError code, const char *text)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_downloader_move_async (f->downloader, folder, mc_test_store_result, &result);
  g_assert_null (mc_downloader_begin_finish (f->downloader, mc_test_await (&result), &error));
  g_assert_error (error, MC_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_cmpstr (mc_store_get_folder (f->store), ==, f->folder);
}

static void
check_seed (Fixture *f, gint64 repo, const char *path, guint32 seed)
{
  McFile *file = fixture_find_file (f, repo, path);
  g_autofree guint8 *expected = g_malloc (file->size);
  g_autoptr (GError) error = NULL;
  g_autoptr (McContentReader) reader =
      mc_content_reader_open (mc_store_get_folder (f->store), &file->digest, file->size, &error);

  g_assert_no_error (error);
  g_assert_true (mc_store_has_file (f->store, file));
  mc_test_hub_generate (seed, 0, expected, file->size);
  for (guint64 offset = 0; offset < file->size;)
    {
      g_autoptr (GBytes) bytes = mc_content_reader_read (reader, offset, &error);

      g_assert_no_error (error);
      g_assert_cmpint (
          memcmp (g_bytes_get_data (bytes, NULL), expected + offset, g_bytes_get_size (bytes)), ==,
          0);
      offset += g_bytes_get_size (bytes);
    }
}

static void
assert_nothing_left (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_assert_cmpstr (name, ==, "location");
}

/* Brings it home, so that nothing is left when the fixture looks. */
static void
go_home (Fixture *f)
{
  g_autofree char *away = g_strdup (mc_store_get_folder (f->store));
  g_autoptr (McTransfer) back = NULL;

  back = move (f, f->folder);
  fixture_wait (back, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_assert_false (g_file_test (away, G_FILE_TEST_EXISTS));
}

/* There and back: everything is there, nothing is here, nothing was fetched again. */
static void
test_there_and_back (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autofree char *target = target_of (f, "moved");
  g_autofree char *found = NULL;
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  begin (f);
  transfer = move (f, target);
  g_assert_cmpint (mc_transfer_get_kind (transfer), ==, MC_TRANSFER_MOVE);
  g_assert_cmpstr (mc_transfer_get_path (transfer), ==, target);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_cmpuint (mc_transfer_get_verified (transfer), ==, mc_transfer_get_total (transfer));
  fixture_wait_idle (f);
  g_assert_cmpstr (mc_store_get_folder (f->store), ==, target);
  assert_nothing_left (f->folder);
  found = mc_location_find (f->folder, &error);
  g_assert_cmpstr (found, ==, target);
  check_seed (f, repo, Q4, Q4_SEED);
  check_seed (f, repo, TOKENIZER, TOKENIZER_SEED);
  g_clear_object (&transfer);
  reopen (f);
  check_seed (f, repo, Q4, Q4_SEED);
  g_assert_cmpuint (fixture_sent (f, Q4), ==, Q4_SIZE);
  /* What comes from now on goes there. */
  fixture_have (f, repo, "", INT8);
  check_seed (f, repo, INT8, INT8_SEED);
  go_home (f);
  reopen (f);
  g_assert_cmpstr (mc_store_get_folder (f->store), ==, f->folder);
  check_seed (f, repo, INT8, INT8_SEED);
}

/* A download under way stops for the switch and goes on from where it was. */
static void
test_beside_download (Fixture *f, gconstpointer data)
{
  g_autofree char *target = target_of (f, "moved");
  g_autoptr (McTransfer) download = NULL;
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo = fixture_get (f, "", INT8);

  begin (f);
  mc_test_hub_set_rate (f->hub, 4 * MIB);
  download = fixture_download (f, repo, "", Q4);
  fixture_wait_committed (f, repo, Q4, 5 * MIB);
  transfer = move (f, target);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  mc_test_hub_set_rate (f->hub, 0);
  fixture_wait (download, MC_TRANSFER_DONE);
  g_assert_cmpstr (mc_store_get_folder (f->store), ==, target);
  check_seed (f, repo, Q4, Q4_SEED);
  check_seed (f, repo, INT8, INT8_SEED);
  /* The chunk that was here was not fetched a second time. */
  g_assert_cmpuint (fixture_sent (f, Q4), <, Q4_SIZE + 10 * MIB);
  fixture_wait_idle (f);
  go_home (f);
}

/* What a reader has open stays until the next start. */
static void
test_beside_reader (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", Q4);
  McFile *file = fixture_find_file (f, repo, Q4);
  const McDigest digest = file->digest;
  g_autofree char *target = target_of (f, "moved");
  g_autofree char *pack = mc_pack_make_path (f->folder, &digest);
  g_autoptr (McTransfer) transfer = NULL;

  begin (f);
  mc_store_pin (f->store, &digest);
  transfer = move (f, target);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_assert_true (g_file_test (pack, G_FILE_TEST_EXISTS));
  mc_store_unpin (f->store, &digest);
  g_clear_object (&transfer);
  reopen (f);
  fixture_wait_idle (f);
  assert_nothing_left (f->folder);
  check_seed (f, repo, Q4, Q4_SEED);
  go_home (f);
}

/* Damage is not copied as if it were right, and costs that content alone. */
static void
test_damaged (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autofree char *target = target_of (f, "moved");
  g_autofree char *pack = mc_pack_make_path (f->folder, &fixture_find_file (f, repo, Q4)->digest);
  g_autofree char *bytes = NULL;
  g_autoptr (McTransfer) transfer = NULL;
  guint8 needle[32];
  char *found;
  gsize size;

  begin (f);
  mc_test_hub_generate (Q4_SEED, 6 * MIB, needle, sizeof needle);
  g_assert_true (g_file_get_contents (pack, &bytes, &size, NULL));
  found = memmem (bytes, size, needle, sizeof needle);
  g_assert_nonnull (found);
  found[0] ^= 1;
  g_assert_true (g_file_set_contents (pack, bytes, (gssize) size, NULL));
  g_assert_cmpint (g_chmod (pack, 0400), ==, 0);
  transfer = move (f, target);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  check_seed (f, repo, Q4, Q4_SEED);
  /* Once, or twice where the move stopped the first fetch of it. */
  g_assert_cmpuint (fixture_sent (f, Q4), >=, Q4_SIZE + 5 * MIB);
  g_assert_cmpuint (fixture_sent (f, Q4), <=, Q4_SIZE + 2 * 5 * MIB);
  check_seed (f, repo, TOKENIZER, TOKENIZER_SEED);
  go_home (f);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *inside = g_build_filename (f->folder, "packs", "there", NULL);
  g_autofree char *outside = g_path_get_dirname (f->folder);
  g_autofree char *full = target_of (f, "full");
  g_autofree char *other = g_build_filename (full, "something.txt", NULL);
  g_autofree char *link = target_of (f, "link");
  g_autofree char *through_link = g_build_filename (link, "there", NULL);

  fixture_get (f, "", INT8);
  refuse (f, "/tmp/anywhere", MC_ERROR_IN_USE, "MODEL_CACHE_DATA_DIR");
  begin (f);
  refuse (f, "not/absolute", MC_ERROR_INVALID_NAME, "whole path");
  refuse (f, "", MC_ERROR_INVALID_NAME, "whole path");
  refuse (f, f->folder, MC_ERROR_INVALID_NAME, "already");
  refuse (f, inside, MC_ERROR_INVALID_NAME, "in the store itself");
  refuse (f, outside, MC_ERROR_IN_USE, "not empty");
  refuse (f, "/proc/nowhere", MC_ERROR_STORE, "/proc/nowhere");
  g_assert_cmpint (g_mkdir (full, 0700), ==, 0);
  g_assert_true (g_file_set_contents (other, "mine", -1, NULL));
  refuse (f, full, MC_ERROR_IN_USE, "not empty");
  g_assert_true (g_file_test (other, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_unlink (other), ==, 0);
  g_assert_cmpint (g_rmdir (full), ==, 0);
  g_assert_cmpint (symlink (f->folder, link), ==, 0);
  refuse (f, through_link, MC_ERROR_INVALID_NAME, "in the store itself");
  g_assert_cmpint (g_unlink (link), ==, 0);
}

static void
test_no_space (Fixture *f, gconstpointer data)
{
  g_autofree char *target = target_of (f, "moved");
  g_autoptr (GError) error = NULL;

  g_assert_false (mc_store_copy_prepare (f->folder, target, G_GUINT64_CONSTANT (1) << 60, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "has room for"));
  g_assert_cmpint (g_rmdir (target), ==, 0);
}

/* Cancelled: what was copied goes, the store is where it was. */
static void
test_cancel (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autofree char *target = target_of (f, "moved");
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  begin (f);
  transfer = move (f, target);
  g_assert_true (mc_downloader_cancel (f->downloader, transfer, FALSE, &error));
  fixture_wait_idle (f);
  g_assert_cmpstr (mc_store_get_folder (f->store), ==, f->folder);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
  check_seed (f, repo, Q4, Q4_SEED);
  g_clear_object (&transfer);
  reopen (f);
  fixture_settle (f);
  g_assert_cmpstr (mc_store_get_folder (f->store), ==, f->folder);
}

static gboolean
is_there (gpointer data)
{
  return g_file_test (data, G_FILE_TEST_EXISTS);
}

/* The process ends in the middle: the next one goes on, and copies nothing twice. */
static void
test_restart (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autofree char *target = target_of (f, "moved");
  g_autofree char *packs = g_build_filename (target, "packs", NULL);
  g_autoptr (McTransfer) transfer = NULL;

  begin (f);
  transfer = move (f, target);
  g_assert_true (mc_test_wait_until (is_there, packs, 60000));
  g_clear_object (&transfer);
  reopen (f);
  fixture_wait_idle (f);
  g_assert_cmpstr (mc_store_get_folder (f->store), ==, target);
  check_seed (f, repo, Q4, Q4_SEED);
  assert_nothing_left (f->folder);
  go_home (f);
}

/* A fault at any step before the switch leaves the store where it was, and a retry goes on. */
static void
test_fault (Fixture *f, gconstpointer data)
{
  g_autofree char *target = NULL;
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;
  gint64 repo;

  if (!g_test_subprocess ())
    {
      g_setenv ("MC_FAULT", data, TRUE);
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_unsetenv ("MC_FAULT");
      g_test_trap_assert_passed ();
      return;
    }
  repo = fixture_get (f, "onnx:q4", "");
  target = target_of (f, "moved");
  begin (f);
  transfer = move (f, target);
  fixture_wait (transfer, MC_TRANSFER_FAILED);
  g_assert_cmpstr (mc_store_get_folder (f->store), ==, f->folder);
  check_seed (f, repo, Q4, Q4_SEED);
  g_assert_true (mc_downloader_retry (f->downloader, transfer, &error));
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_assert_cmpstr (mc_store_get_folder (f->store), ==, target);
  check_seed (f, repo, Q4, Q4_SEED);
  go_home (f);
}

/* In a process that ends there; its store is the parent's. */
static void
crash (Fixture *f, const char *folder)
{
  g_autofree char *target = NULL;

  fixture_close (f);
  mc_store_copy_remove (f->folder, NULL);
  g_free (f->folder);
  f->folder = g_strdup (folder);
  target = target_of (f, "moved");
  fixture_open (f);
  begin (f);
  fixture_wait (move (f, target), MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_assert_not_reached ();
}

/* The process is killed there: whichever of the two is the store then is whole, and the next start
 * brings the move to its end. */
static void
test_crash (Fixture *f, gconstpointer data)
{
  g_autofree char *target = target_of (f, "moved");
  gint64 repo;

  if (g_test_subprocess ())
    {
      crash (f, g_getenv ("MC_TEST_MOVE"));
      return;
    }
  repo = fixture_get (f, "onnx:q4", "");
  begin (f);
  fixture_close (f);
  g_setenv ("MC_TEST_MOVE", f->folder, TRUE);
  g_setenv ("MC_FAULT", data, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_unsetenv ("MC_FAULT");
  g_test_trap_assert_failed ();
  open_where_it_is (f);
  check_seed (f, repo, Q4, Q4_SEED);
  check_seed (f, repo, TOKENIZER, TOKENIZER_SEED);
  fixture_wait_idle (f);
  g_assert_cmpstr (mc_store_get_folder (f->store), ==, target);
  check_seed (f, repo, Q4, Q4_SEED);
  assert_nothing_left (f->folder);
  g_assert_cmpuint (fixture_sent (f, Q4), ==, Q4_SIZE);
  go_home (f);
}

/* The disk is away: no store is made in its place, and nothing is lost. */
static void
test_absent (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "", INT8);
  g_autofree char *target = target_of (f, "moved");
  g_autofree char *unplugged = target_of (f, "unplugged");
  g_autofree char *home = g_strdup (f->folder);
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;

  begin (f);
  transfer = move (f, target);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_clear_object (&transfer);
  fixture_close (f);
  g_assert_cmpint (g_rename (target, unplugged), ==, 0);
  g_assert_null (mc_location_find (home, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_STORE_ABSENT);
  g_assert_nonnull (strstr (error->message, target));
  /* An empty mount point is no store either. */
  g_assert_cmpint (g_mkdir (target, 0700), ==, 0);
  g_clear_error (&error);
  g_assert_null (mc_location_find (home, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_STORE_ABSENT);
  assert_nothing_left (target);
  g_assert_cmpint (g_rmdir (target), ==, 0);
  g_assert_cmpint (g_rename (unplugged, target), ==, 0);
  g_free (f->folder);
  f->folder = g_strdup (target);
  fixture_open (f);
  g_free (f->folder);
  f->folder = g_steal_pointer (&home);
  begin (f);
  check_seed (f, repo, INT8, INT8_SEED);
  go_home (f);
}

#define ADD(name, data, test)                                                                      \
  g_test_add ("/transfer/move/" name, Fixture, data, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("there-and-back", NULL, test_there_and_back);
  ADD ("beside-download", NULL, test_beside_download);
  ADD ("beside-reader", NULL, test_beside_reader);
  ADD ("damaged", NULL, test_damaged);
  ADD ("refused", NULL, test_refused);
  ADD ("no-space", NULL, test_no_space);
  ADD ("cancel", NULL, test_cancel);
  ADD ("restart", NULL, test_restart);
  ADD ("fault/first-pack", "move.copied:1", test_fault);
  ADD ("fault/catalog", "move.copied:4", test_fault);
  ADD ("fault/switch", "move.switch:1", test_fault);
  ADD ("crash/first-pack", "move.copied:1:crash", test_crash);
  ADD ("crash/second-pack", "move.copied:2:crash", test_crash);
  ADD ("crash/catalog", "move.copied:4:crash", test_crash);
  ADD ("crash/switch", "move.switch:1:crash", test_crash);
  ADD ("crash/switched", "move.switched:1:crash", test_crash);
  ADD ("absent", NULL, test_absent);
  return g_test_run ();
}
