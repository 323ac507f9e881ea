/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-outdated.h"
#include "mc-scanner.h"
#include "mc-test-wait.h"
#include "mc-transfer-private.h"
#include "transfer-fixture.h"

#include <string.h>

/* A repo that moved on: what is newer, and going over to it without losing what is here. */

#define NEW_SEED 51

/* q4 and the config change, the other files stay. */
static void
move_on (Fixture *f)
{
  mc_test_hub_add_generated (f->hub, "org/model", Q4, Q4_SIZE, NEW_SEED);
}

static McOutdated *
check_one (GPtrArray *found)
{
  g_assert_cmpuint (found->len, ==, 1);
  return g_ptr_array_index (found, 0);
}

static GPtrArray *
check (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *found;

  mc_outdated_check_async (f->store, f->client, NULL, NULL, mc_test_store_result, &result);
  found = mc_outdated_check_finish (f->store, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return found;
}

/* As the service does: the new commit is a repo of its own. */
static gint64
save_new (Fixture *f)
{
  g_autoptr (GAsyncResult) scanned = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (McManifest) manifest = NULL;

  mc_scan_async (f->client, "org/model", "main", NULL, mc_test_store_result, &scanned);
  manifest = mc_scan_finish (f->client, mc_test_await (&scanned), &error);
  g_assert_no_error (error);
  g_free (manifest->revision);
  manifest->revision = g_strdup (manifest->commit);
  return fixture_save (f, manifest);
}

static McTransfer *
update (Fixture *f, gint64 fresh, const char *variant)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  McTransfer *transfer;

  mc_downloader_update_async (f->downloader, fresh, variant, "main", mc_test_store_result, &result);
  transfer = mc_downloader_begin_finish (f->downloader, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return transfer;
}

static gint64
find_main (Fixture *f)
{
  McLibraryRepo *found =
      mc_store_find_repo (f->store, mc_hub_client_get_endpoint (f->client), "org/model", NULL);

  g_assert_nonnull (found);
  return found->id;
}

static void
test_outdated (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autoptr (GPtrArray) before = check (f);
  g_autoptr (GPtrArray) after = NULL;
  McOutdated *found;

  g_assert_cmpuint (before->len, ==, 0);
  move_on (f);
  after = check (f);
  found = check_one (after);
  g_assert_cmpstr (found->variant, ==, "onnx:q4");
  g_assert_cmpint (found->change, ==, MC_UPDATE_CHANGED);
  g_assert_cmpuint (found->size, ==, Q4_SIZE + SHARED_SIZE);
  g_assert_cmpuint (found->fetch, ==, Q4_SIZE);
  /* Nothing changed by looking. */
  g_assert_cmpint (find_main (f), ==, repo);
  g_assert_true (fixture_has (f, repo, Q4));
}

/* A commit that changes only what nobody has here. */
static void
test_same (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) found = NULL;
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autoptr (McTransfer) transfer = NULL;
  gint64 fresh;

  mc_test_hub_add_generated (f->hub, "org/model", FP16, FP16_SIZE, NEW_SEED);
  found = check (f);
  g_assert_cmpint (check_one (found)->change, ==, MC_UPDATE_SAME);
  g_assert_cmpuint (check_one (found)->fetch, ==, 0);
  fresh = save_new (f);
  transfer = update (f, fresh, "");
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_assert_cmpint (find_main (f), ==, fresh);
  g_assert_null (mc_store_get_repo (f->store, repo));
  fixture_check_seed (f, fresh, Q4, Q4_SEED);
}

/* The Hub cannot be asked: that is told of each repo. */
static void
test_unreachable (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) found = NULL;

  fixture_get (f, "onnx:q4", "");
  mc_test_hub_script (f->hub, "/api/models/org/model/revision/main", MC_TEST_STATUS, 404, 0);
  mc_test_hub_script (f->hub, "/api/models/org/model", MC_TEST_STATUS, 404, 0);
  found = check (f);
  g_assert_error (check_one (found)->error, MC_ERROR, MC_ERROR_NOT_FOUND);
}

static void
test_gone (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 repo = fixture_get (f, "onnx:q4", "");
  gint64 fresh;

  mc_test_hub_add_repo (f->hub, "org/model", NULL);
  mc_test_hub_add_generated (f->hub, "org/model", FP16, FP16_SIZE, FP16_SEED);
  found = check (f);
  g_assert_cmpint (check_one (found)->change, ==, MC_UPDATE_GONE);
  fresh = save_new (f);
  mc_downloader_update_async (f->downloader, fresh, "", "main", mc_test_store_result, &result);
  g_assert_null (mc_downloader_begin_finish (f->downloader, mc_test_await (&result), &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED);
  g_assert_true (fixture_has (f, repo, Q4));
}

/* The old one answers to the name until the new one is verified; then it is gone. */
static void
test_update (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (McTransfer) transfer = NULL;
  McDigest old_digest = fixture_find_file (f, repo, Q4)->digest;
  guint64 tokenizer = fixture_sent (f, TOKENIZER);
  gint64 fresh;

  move_on (f);
  fresh = save_new (f);
  fixture_script (f, Q4, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  transfer = update (f, fresh, "onnx:q4");
  g_assert_cmpint (mc_transfer_get_kind (transfer), ==, MC_TRANSFER_UPDATE);
  fixture_wait_committed (f, fresh, Q4, 5 * MIB);
  g_assert_cmpint (find_main (f), ==, repo);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
  /* The service ends under way. */
  g_clear_object (&transfer);
  fixture_reopen (f, 0, 5);
  g_assert_cmpint (find_main (f), ==, repo);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
  for (guint i = 0; i < mc_downloader_get_transfers (f->downloader)->len; i++)
    {
      McTransfer *kept = g_ptr_array_index (mc_downloader_get_transfers (f->downloader), i);

      if (mc_transfer_get_kind (kept) == MC_TRANSFER_UPDATE)
        transfer = g_object_ref (kept);
    }
  g_assert_nonnull (transfer);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_assert_cmpint (find_main (f), ==, fresh);
  g_assert_null (mc_store_get_repo (f->store, repo));
  g_assert_null (mc_store_get_content (f->store, &old_digest));
  fixture_check_seed (f, fresh, Q4, NEW_SEED);
  fixture_check_seed (f, fresh, TOKENIZER, TOKENIZER_SEED);
  g_assert_cmpuint (fixture_sent (f, TOKENIZER), ==, tokenizer);
  left = check (f);
  g_assert_cmpuint (left->len, ==, 0);
  g_clear_object (&transfer);
}

/* One variant of two: the other one has the same bytes and comes along, or stays with its commit.
 */
static void
test_two (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  gint64 fresh;
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (McTransfer) rest = NULL;

  fixture_have (f, repo, "onnx:fp16", "");
  mc_test_hub_add_generated (f->hub, "org/model", FP16, FP16_SIZE, NEW_SEED);
  move_on (f);
  fresh = save_new (f);
  transfer = update (f, fresh, "onnx:fp16");
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_assert_cmpint (find_main (f), ==, fresh);
  fixture_check_seed (f, fresh, FP16, NEW_SEED);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
  g_assert_false (mc_store_is_held (f->store, repo, "onnx:fp16", ""));
  rest = update (f, fresh, "");
  fixture_wait (rest, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  fixture_check_seed (f, fresh, Q4, NEW_SEED);
  g_assert_null (mc_store_get_repo (f->store, repo));
}

/* A scan of the newer commit set the old one aside: it is updated all the same, and stays pinned.
 */
static void
test_after_scan (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  g_autoptr (GAsyncResult) pinned = NULL;
  g_autoptr (GPtrArray) holdings = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GError) error = NULL;
  gint64 fresh;

  mc_store_set_pinned_async (f->store, repo, NULL, TRUE, mc_test_store_result, &pinned);
  g_assert_true (mc_store_set_pinned_finish (f->store, mc_test_await (&pinned), &error));
  move_on (f);
  fresh = fixture_scan (f, "org/model");
  g_assert_cmpint (fresh, !=, repo);
  found = check (f);
  g_assert_cmpuint (check_one (found)->fetch, ==, Q4_SIZE);
  transfer = update (f, fresh, "");
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_assert_null (mc_store_get_repo (f->store, repo));
  fixture_check_seed (f, fresh, Q4, NEW_SEED);
  holdings = mc_store_list_holdings (f->store, fresh);
  g_assert_cmpuint (holdings->len, ==, 1);
  g_assert_true (((McHolding *) g_ptr_array_index (holdings, 0))->pinned);
}

/* What somebody has open is not let go of; the next update does. */
static void
test_in_use (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:q4", "");
  McDigest digest = fixture_find_file (f, repo, Q4)->digest;
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (McTransfer) again = NULL;
  gint64 fresh;

  move_on (f);
  fresh = save_new (f);
  mc_store_pin (f->store, &digest);
  transfer = update (f, fresh, "");
  fixture_wait (transfer, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
  mc_store_unpin (f->store, &digest);
  again = update (f, fresh, "");
  fixture_wait (again, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_assert_null (mc_store_get_repo (f->store, repo));
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/transfer/update/outdated", test_outdated);
  ADD ("/transfer/update/same", test_same);
  ADD ("/transfer/update/unreachable", test_unreachable);
  ADD ("/transfer/update/gone", test_gone);
  ADD ("/transfer/update/update", test_update);
  ADD ("/transfer/update/two", test_two);
  ADD ("/transfer/update/after-scan", test_after_scan);
  ADD ("/transfer/update/in-use", test_in_use);
  return g_test_run ();
}
