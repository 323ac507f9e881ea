/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "transfer-fixture.h"

#include "mc-db.h"
#include "mc-test-wait.h"

#include <string.h>

/* The queue: how many run, in which order, what is done to all, and who asked. */

#define PERFORM(call)                                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GError) error = NULL;                                                               \
    g_assert_true (call);                                                                          \
    g_assert_no_error (error);                                                                     \
  }                                                                                                \
  G_STMT_END

static void
set_active (Fixture *f, guint n)
{
  g_autofree char *text = g_strdup_printf ("{'active-transfers': <uint32 %u>}", n);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_store_configure_async (f->store, g_variant_new_parsed (text), mc_test_store_result, &result);
  g_assert_true (mc_store_configure_finish (f->store, mc_test_await (&result), &error));
  g_assert_no_error (error);
}

/* One that runs until it is stopped, once. */
static McTransfer *
begin_stalled (Fixture *f, gint64 repo)
{
  McTransfer *transfer;

  fixture_script (f, FP16, MC_TEST_STALL_AFTER, 6 * MIB, 1);
  transfer = fixture_download (f, repo, "", FP16);
  fixture_wait_committed (f, repo, FP16, 5 * MIB);
  return transfer;
}

static void
note_end (McTransfer *transfer, GString *ends)
{
  const char *path = mc_transfer_get_path (transfer);

  g_string_append_printf (ends, "%s ", path);
}

static guint
count_storage (Fixture *f, const char *path)
{
  g_autofree char *place = g_strconcat ("storage:org/model/", path, NULL);

  return mc_test_hub_count (f->hub, place);
}

static void
test_limit (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) first = NULL;
  g_autoptr (McTransfer) second = NULL;

  set_active (f, 1);
  first = begin_stalled (f, repo);
  second = fixture_download (f, repo, "", INT8);
  fixture_settle (f);
  fixture_wait (second, MC_TRANSFER_QUEUED);
  g_assert_cmpuint (count_storage (f, INT8), ==, 0);
  set_active (f, 2);
  fixture_wait (second, MC_TRANSFER_DONE);
  fixture_wait (first, MC_TRANSFER_ACTIVE);
  PERFORM (mc_downloader_cancel (f->downloader, first, FALSE, &error));
}

/* What ran waits, keeps what it has, and goes on. */
static void
test_now (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) first = NULL;
  g_autoptr (McTransfer) second = NULL;
  g_autoptr (McTransfer) third = NULL;
  g_autoptr (GString) ends = g_string_new (NULL);

  set_active (f, 1);
  first = begin_stalled (f, repo);
  second = fixture_download (f, repo, "", INT8);
  third = fixture_download (f, repo, "", TOKENIZER);
  g_signal_connect (first, "finished", G_CALLBACK (note_end), ends);
  g_signal_connect (second, "finished", G_CALLBACK (note_end), ends);
  g_signal_connect (third, "finished", G_CALLBACK (note_end), ends);
  PERFORM (mc_downloader_start_now (f->downloader, third, &error));
  fixture_wait (third, MC_TRANSFER_DONE);
  fixture_wait (first, MC_TRANSFER_DONE);
  fixture_wait (second, MC_TRANSFER_DONE);
  g_assert_cmpstr (ends->str, ==, TOKENIZER " " FP16 " " INT8 " ");
  g_assert_cmpuint (fixture_range_start (f, FP16, 1), ==, 5 * MIB);
}

/* Nothing stops for it; one that is paused is let go, too. */
static void
test_next (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) first = NULL;
  g_autoptr (McTransfer) second = NULL;
  g_autoptr (McTransfer) third = NULL;
  g_autoptr (GString) ends = g_string_new (NULL);

  set_active (f, 1);
  first = begin_stalled (f, repo);
  second = fixture_download (f, repo, "", INT8);
  third = fixture_download (f, repo, "", TOKENIZER);
  g_signal_connect (second, "finished", G_CALLBACK (note_end), ends);
  g_signal_connect (third, "finished", G_CALLBACK (note_end), ends);
  PERFORM (mc_downloader_pause (f->downloader, third, &error));
  PERFORM (mc_downloader_start_next (f->downloader, third, &error));
  fixture_settle (f);
  g_assert_cmpint (mc_transfer_get_state (third), ==, MC_TRANSFER_QUEUED);
  g_assert_cmpint (mc_transfer_get_state (first), ==, MC_TRANSFER_ACTIVE);
  PERFORM (mc_downloader_cancel (f->downloader, first, FALSE, &error));
  fixture_wait (third, MC_TRANSFER_DONE);
  fixture_wait (second, MC_TRANSFER_DONE);
  g_assert_cmpstr (ends->str, ==, TOKENIZER " " INT8 " ");
}

/* Puts them in another order, until places have to be given anew. */
static void
test_order_is_kept (Fixture *f, gconstpointer data)
{
  static const char *const paths[] = { Q4, INT8, TOKENIZER, VOCABULARY };
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (GString) order = g_string_new (NULL);
  GPtrArray *transfers;

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    g_object_unref (fixture_download (f, repo, "", paths[i]));
  g_assert_cmpuint (mc_downloader_pause_all (f->downloader), ==, 4);
  fixture_wait_idle (f);
  transfers = mc_downloader_get_transfers (f->downloader);
  for (guint i = 0; i < 21; i++)
    PERFORM (mc_downloader_move_to (f->downloader, g_ptr_array_index (transfers, 2), 1, &error));
  PERFORM (mc_downloader_move_to (f->downloader, g_ptr_array_index (transfers, 0), 99, &error));
  fixture_reopen (f, 0, 5);
  transfers = mc_downloader_get_transfers (f->downloader);
  g_assert_cmpuint (transfers->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    note_end (g_ptr_array_index (transfers, i), order);
  g_assert_cmpstr (order->str, ==, TOKENIZER " " INT8 " " VOCABULARY " " Q4 " ");
}

static void
test_all (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) failed = NULL;
  g_autoptr (McTransfer) first = NULL;
  g_autoptr (McTransfer) second = NULL;

  mc_test_hub_script (f->hub, "/org/model/resolve/main/" INT8, MC_TEST_STATUS, 404, 1);
  failed = fixture_download (f, repo, "", INT8);
  fixture_wait (failed, MC_TRANSFER_FAILED);
  set_active (f, 1);
  first = begin_stalled (f, repo);
  second = fixture_download (f, repo, "", Q4);
  g_assert_cmpuint (mc_downloader_pause_all (f->downloader), ==, 2);
  g_assert_cmpuint (mc_downloader_pause_all (f->downloader), ==, 0);
  fixture_wait_idle (f);
  g_assert_cmpuint (mc_downloader_retry_all (f->downloader), ==, 1);
  fixture_wait (failed, MC_TRANSFER_DONE);
  g_assert_cmpuint (mc_downloader_resume_all (f->downloader), ==, 2);
  fixture_wait (first, MC_TRANSFER_DONE);
  fixture_wait (second, MC_TRANSFER_DONE);
  g_assert_cmpuint (mc_downloader_cancel_all (f->downloader, TRUE), ==, 0);
  g_assert_cmpuint (mc_downloader_retry_all (f->downloader), ==, 0);
}

/* With room for four, four transfers run, whatever the first one could take. */
static void
test_each_gets_one (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) many = NULL;
  g_autoptr (McTransfer) one = NULL;

  fixture_script (f, Q4, MC_TEST_STALL_AFTER, 1, 1);
  fixture_script (f, TOKENIZER, MC_TEST_STALL_AFTER, 1, 1);
  many = fixture_download (f, repo, "onnx:q4", "");
  one = fixture_download (f, repo, "", INT8);
  fixture_wait (one, MC_TRANSFER_DONE);
  g_assert_cmpint (mc_transfer_get_state (many), ==, MC_TRANSFER_ACTIVE);
  PERFORM (mc_downloader_cancel (f->downloader, many, TRUE, &error));
}

static void
test_requests (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = fixture_download (f, repo, "", INT8);

  mc_transfer_add_request (transfer, ":1.1");
  mc_transfer_add_request (transfer, ":1.1");
  g_assert_false (mc_transfer_withdraw (transfer, ":1.1"));
  mc_transfer_add_request (transfer, ":1.2");
  g_assert_false (mc_transfer_withdraw (transfer, ":1.3"));
  g_assert_true (mc_transfer_withdraw (transfer, ":1.1"));
  g_assert_false (mc_transfer_withdraw (transfer, ":1.1"));
  g_assert_false (mc_transfer_withdraw (transfer, ":1.2"));
}

/* What stands in the queue only can be moved in it. */
static void
test_refusals (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) done = fixture_download_all (f, repo, "", INT8);
  g_autoptr (McTransfer) verify = fixture_verify (f, repo, "");
  McTransfer *const wrong[] = { done, verify };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) now = NULL;

      g_assert_false (mc_downloader_move_to (f->downloader, wrong[i], 0, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_IN_USE);
      g_assert_false (mc_downloader_start_now (f->downloader, wrong[i], &now));
      g_assert_error (now, MC_ERROR, MC_ERROR_IN_USE);
    }
  fixture_wait (verify, MC_TRANSFER_DONE);
}

/* --- history --- */

static GPtrArray *
list_history (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *records;

  mc_store_list_history_async (f->store, mc_test_store_result, &result);
  records = mc_store_list_history_finish (f->store, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return records;
}

static void
check_record (GPtrArray *records, guint i, const char *path, const char *state, const char *error)
{
  McTransferRecord *record = g_ptr_array_index (records, i);

  g_assert_cmpstr (record->path, ==, path);
  g_assert_cmpstr (record->state, ==, state);
  g_assert_cmpstr (record->error, ==, error);
  g_assert_cmpstr (record->repo_name, ==, "org/model");
  g_assert_cmpint (record->ended, >=, record->created);
}

/* Each end is told once, over restarts too. */
static void
test_history (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GAsyncResult) cleared = NULL;
  const char *name;

  mc_test_hub_script (f->hub, "/org/model/resolve/main/" INT8, MC_TEST_STATUS, 404, 1);
  transfer = fixture_download (f, repo, "", INT8);
  fixture_wait (transfer, MC_TRANSFER_FAILED);
  name = mc_error_get_name (mc_transfer_get_error (transfer));
  PERFORM (mc_downloader_retry (f->downloader, transfer, &error));
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_clear_object (&transfer);
  transfer = begin_stalled (f, repo);
  PERFORM (mc_downloader_cancel (f->downloader, transfer, FALSE, &error));
  g_clear_object (&transfer);
  fixture_reopen (f, 0, 5);
  records = list_history (f);
  g_assert_cmpuint (records->len, ==, 3);
  check_record (records, 0, FP16, "cancelled", "");
  check_record (records, 1, INT8, "done", "");
  check_record (records, 2, INT8, "failed", name);
  g_assert_cmpuint (((McTransferRecord *) g_ptr_array_index (records, 1))->total, ==, INT8_SIZE);
  g_assert_cmpuint (((McTransferRecord *) g_ptr_array_index (records, 1))->received, ==, INT8_SIZE);
  mc_store_clear_history_async (f->store, mc_test_store_result, &cleared);
  g_assert_true (mc_store_clear_history_finish (f->store, mc_test_await (&cleared), NULL));
  g_clear_pointer (&records, g_ptr_array_unref);
  records = list_history (f);
  g_assert_cmpuint (records->len, ==, 0);
}

static void
count_row (McStmt *row, gpointer count)
{
  (*(guint *) count)++;
}

static guint
count_rows (Fixture *f)
{
  g_autofree char *path = g_build_filename (f->folder, "catalog.db", NULL);
  g_autoptr (GError) error = NULL;
  McDb *db;
  guint count = 0;

  fixture_close (f);
  db = mc_db_open (path, MC_DB_CATALOG, MC_DB_READ, &error);
  g_assert_no_error (error);
  g_assert_true (mc_db_each (db, "SELECT id FROM history", 0, count_row, &count, &error));
  mc_db_close (db);
  return count;
}

static void
test_history_is_bounded (Fixture *f, gconstpointer data)
{
  g_autoptr (McTransferRecord) record = mc_transfer_record_new ();
  g_autoptr (GPtrArray) records = NULL;

  record->id = 1;
  record->kind = g_strdup ("verify");
  record->variant = g_strdup ("");
  record->path = g_strdup ("");
  record->state = g_strdup ("done");
  record->error = g_strdup ("");
  record->message = g_strdup ("");
  for (guint i = 0; i < MC_STORE_HISTORY + 10; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      record->ended = i + 1;
      mc_store_put_transfer_async (f->store, record, mc_test_store_result, &result);
      g_assert_cmpint (mc_store_put_transfer_finish (f->store, mc_test_await (&result), NULL), ==,
                       1);
    }
  records = list_history (f);
  g_assert_cmpuint (records->len, ==, MC_STORE_HISTORY);
  g_assert_cmpint (((McTransferRecord *) g_ptr_array_index (records, 0))->ended, ==,
                   MC_STORE_HISTORY + 10);
  g_assert_cmpuint (count_rows (f), ==, MC_STORE_HISTORY);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/queue/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("limit", test_limit);
  ADD ("now", test_now);
  ADD ("next", test_next);
  ADD ("order-is-kept", test_order_is_kept);
  ADD ("all", test_all);
  ADD ("each-gets-one", test_each_gets_one);
  ADD ("requests", test_requests);
  ADD ("refusals", test_refusals);
  ADD ("history", test_history);
  ADD ("history-is-bounded", test_history_is_bounded);
  return g_test_run ();
}
