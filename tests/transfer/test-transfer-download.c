/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <string.h>

/* Downloads of a Hub that works, and what they share. */

static void
test_variant (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) transfer = fixture_download_all (f, repo, "onnx:q4", "");

  g_assert_cmpuint (mc_transfer_get_total (transfer), ==, Q4_SIZE + SHARED_SIZE);
  g_assert_cmpuint (mc_transfer_get_verified (transfer), ==, mc_transfer_get_total (transfer));
  g_assert_cmpuint (mc_transfer_get_received (transfer), ==, mc_transfer_get_total (transfer));
  g_assert_null (mc_transfer_get_error (transfer));
  fixture_check_seed (f, repo, Q4, Q4_SEED);
  fixture_check_seed (f, repo, TOKENIZER, TOKENIZER_SEED);
  fixture_check_seed (f, repo, VOCABULARY, VOCABULARY_SEED);
  fixture_check_text (f, repo, CONFIG, CONFIG_TEXT);
  g_assert_false (fixture_has (f, repo, FP16));
  g_assert_false (fixture_has (f, repo, "README.md"));
  fixture_wait_idle (f);
}

static void
test_single_files (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) lfs = fixture_download_all (f, repo, "", INT8);
  g_autoptr (McTransfer) empty = fixture_download_all (f, repo, "", "empty.txt");

  fixture_have (f, repo, "", VOCABULARY);
  fixture_have (f, repo, "", "README.md");
  fixture_check_seed (f, repo, INT8, INT8_SEED);
  fixture_check_seed (f, repo, VOCABULARY, VOCABULARY_SEED);
  fixture_check_text (f, repo, "README.md", "# A model\n");
  fixture_check_text (f, repo, "empty.txt", "");
  g_assert_cmpuint (mc_transfer_get_total (empty), ==, 0);
  g_assert_cmpstr (mc_transfer_get_path (lfs), ==, INT8);
  g_assert_false (fixture_has (f, repo, CONFIG));
}

typedef struct
{
  guint64 verified;
  guint64 received;
  guint n_changes;
  guint n_finished;
  gboolean went_back;
} Watch;

static void
on_changed (McTransfer *transfer, Watch *watch)
{
  watch->went_back = watch->went_back || mc_transfer_get_verified (transfer) < watch->verified
                     || mc_transfer_get_received (transfer) < watch->received
                     || mc_transfer_get_verified (transfer) > mc_transfer_get_total (transfer);
  watch->verified = mc_transfer_get_verified (transfer);
  watch->received = mc_transfer_get_received (transfer);
  watch->n_changes++;
}

static void
on_finished (McTransfer *transfer, Watch *watch)
{
  watch->n_finished++;
}

static void
test_progress (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  Watch watch = { 0 };
  g_autoptr (McTransfer) transfer = NULL;

  mc_test_hub_set_rate (f->hub, 16 * MIB);
  transfer = fixture_download (f, repo, "onnx:q4", "");
  g_signal_connect (transfer, "changed", G_CALLBACK (on_changed), &watch);
  g_signal_connect (transfer, "finished", G_CALLBACK (on_finished), &watch);
  fixture_wait (transfer, MC_TRANSFER_DONE);
  g_assert_false (watch.went_back);
  g_assert_cmpuint (watch.n_changes, >=, 3);
  g_assert_cmpuint (watch.n_finished, ==, 1);
  g_assert_cmpuint (watch.verified, ==, mc_transfer_get_total (transfer));
}

static void
test_two_names (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:int8", "");
  g_autoptr (McTransfer) two = fixture_download_all (f, repo, "onnx:q8", "");

  g_assert_cmpuint (fixture_sent (f, INT8) + fixture_sent (f, QUANTIZED), ==, INT8_SIZE);
  g_assert_cmpuint (mc_transfer_get_received (two), ==, 0);
  g_assert_cmpuint (mc_transfer_get_verified (two), ==, mc_transfer_get_total (two));
  fixture_check_seed (f, repo, QUANTIZED, INT8_SEED);
}

static void
test_shared_files (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_get (f, "onnx:int8", "");
  g_autoptr (McTransfer) two = fixture_download_all (f, repo, "onnx:fp16", "");

  g_assert_cmpuint (fixture_sent (f, TOKENIZER), ==, TOKENIZER_SIZE);
  g_assert_cmpuint (fixture_sent (f, VOCABULARY), ==, VOCABULARY_SIZE);
  g_assert_cmpuint (fixture_sent (f, CONFIG), ==, strlen (CONFIG_TEXT));
  g_assert_cmpuint (mc_transfer_get_received (two), ==, FP16_SIZE);
}

/* Two requests at once, and a third when the first is known. */
static void
test_join (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (GAsyncResult) first_result = NULL;
  g_autoptr (GAsyncResult) second_result = NULL;
  g_autoptr (McTransfer) first = NULL;
  g_autoptr (McTransfer) second = NULL;
  g_autoptr (McTransfer) third = NULL;
  g_autoptr (McTransfer) fourth = NULL;

  mc_downloader_download_async (f->downloader, repo, "onnx:int8", "", mc_test_store_result,
                                &first_result);
  mc_downloader_download_async (f->downloader, repo, "onnx:int8", "", mc_test_store_result,
                                &second_result);
  first = mc_downloader_begin_finish (f->downloader, mc_test_await (&first_result), NULL);
  second = mc_downloader_begin_finish (f->downloader, mc_test_await (&second_result), NULL);
  third = fixture_download (f, repo, "onnx:int8", "");
  g_assert_nonnull (first);
  g_assert_true (first == second);
  g_assert_true (first == third);
  g_assert_cmpuint (mc_downloader_get_transfers (f->downloader)->len, ==, 1);
  fixture_wait (first, MC_TRANSFER_DONE);
  /* What is over is not joined; there is nothing to be fetched for the new one. */
  fourth = fixture_download_all (f, repo, "onnx:int8", "");
  g_assert_true (first != fourth);
  g_assert_cmpuint (fixture_sent (f, INT8), ==, INT8_SIZE);
}

/* Both want the tokenizer and the rest, and the same weights under two names. */
static void
test_one_fetch_for_two (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) one = NULL;
  g_autoptr (McTransfer) two = NULL;

  mc_test_hub_set_rate (f->hub, 16 * MIB);
  one = fixture_download (f, repo, "onnx:int8", "");
  two = fixture_download (f, repo, "onnx:q8", "");
  fixture_wait (one, MC_TRANSFER_DONE);
  fixture_wait (two, MC_TRANSFER_DONE);
  g_assert_cmpuint (fixture_sent (f, INT8) + fixture_sent (f, QUANTIZED), ==, INT8_SIZE);
  g_assert_cmpuint (fixture_sent (f, TOKENIZER), ==, TOKENIZER_SIZE);
}

static void
test_cancel_one_of_two (Fixture *f, gconstpointer data)
{
  gint64 repo = fixture_scan (f, "org/model");
  g_autoptr (McTransfer) one = NULL;
  g_autoptr (McTransfer) two = NULL;
  g_autoptr (GError) error = NULL;

  mc_test_hub_set_rate (f->hub, 4 * MIB);
  one = fixture_download (f, repo, "onnx:int8", "");
  two = fixture_download (f, repo, "", QUANTIZED);
  fixture_wait_committed (f, repo, INT8, 5 * MIB);
  g_assert_true (mc_downloader_cancel (f->downloader, one, TRUE, &error));
  g_assert_no_error (error);
  fixture_wait (two, MC_TRANSFER_DONE);
  fixture_wait_idle (f);
  g_assert_cmpuint (fixture_sent (f, INT8) + fixture_sent (f, QUANTIZED), ==, INT8_SIZE);
  fixture_check_seed (f, repo, QUANTIZED, INT8_SEED);
}

/* A content is fetched for the first who wants it; that its repo gives bad bytes is no fault of the
 * other's. */
static void
test_other_source (Fixture *f, gconstpointer data)
{
  gint64 model;
  gint64 copy;
  g_autoptr (McTransfer) one = NULL;
  g_autoptr (McTransfer) two = NULL;

  mc_test_hub_add_repo (f->hub, "org/copy", NULL);
  mc_test_hub_add_generated (f->hub, "org/copy", "weights.bin", INT8_SIZE, INT8_SEED);
  model = fixture_scan (f, "org/model");
  copy = fixture_scan (f, "org/copy");
  mc_test_hub_set_rate (f->hub, 8 * MIB);
  fixture_script (f, INT8, MC_TEST_FLIP_BYTE, 1000, 0);
  one = fixture_download (f, model, "", INT8);
  two = fixture_download (f, copy, "", "weights.bin");
  fixture_check_failed (one, MC_ERROR_CORRUPT, INT8);
  fixture_wait (two, MC_TRANSFER_DONE);
  fixture_check_seed (f, copy, "weights.bin", INT8_SEED);
}

static void
test_refusals (Fixture *f, gconstpointer data)
{
  static const McTestRepoFacts gated = { .gated = "auto" };
  gint64 repo = fixture_scan (f, "org/model");
  gint64 closed;

  mc_test_hub_add_repo (f->hub, "org/gated", &gated);
  mc_test_hub_add_generated (f->hub, "org/gated", "chat-Q4_K_M.gguf", 1000, 7);
  closed = fixture_scan (f, "org/gated");
  fixture_refuse_download (f, closed, "gguf:Q4_K_M", "", MC_ERROR_GATED);
  fixture_refuse_download (f, closed, "", "chat-Q4_K_M.gguf", MC_ERROR_GATED);
  fixture_refuse_download (f, repo, "onnx:q2", "", MC_ERROR_UNKNOWN_VARIANT);
  fixture_refuse_download (f, repo, "", "none.bin", MC_ERROR_UNKNOWN_FILE);
  fixture_refuse_download (f, 4711, "onnx:q4", "", MC_ERROR_NOT_SCANNED);
  g_assert_cmpuint (mc_downloader_get_transfers (f->downloader)->len, ==, 0);
  fixture_wait_idle (f);
}

/* Access that was granted since is seen by the next scan. */
static void
test_granted (Fixture *f, gconstpointer data)
{
  static const McTestRepoFacts gated = { .gated = "manual" };
  g_autoptr (McTransfer) transfer = NULL;
  gint64 repo;

  mc_test_hub_add_repo (f->hub, "org/gated", &gated);
  mc_test_hub_add_generated (f->hub, "org/gated", "chat-Q4_K_M.gguf", INT8_SIZE, INT8_SEED);
  fixture_scan (f, "org/gated");
  mc_test_hub_set_granted (f->hub, TRUE);
  repo = fixture_scan (f, "org/gated");
  transfer = fixture_download_all (f, repo, "gguf:Q4_K_M", "");
  fixture_check_seed (f, repo, "chat-Q4_K_M.gguf", INT8_SEED);
}

/* At most two contents at once, whatever is asked for. */
static void
test_many (Fixture *f, gconstpointer data)
{
  static const char *const variants[] = { "onnx:q4", "onnx:int8", "onnx:q8", "onnx:fp16" };
  gint64 repo = fixture_scan (f, "org/model");
  McTransfer *transfers[G_N_ELEMENTS (variants)];

  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    transfers[i] = fixture_download (f, repo, variants[i], "");
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    fixture_wait (transfers[i], MC_TRANSFER_DONE);
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    g_object_unref (transfers[i]);
  fixture_check_seed (f, repo, Q4, Q4_SEED);
  fixture_check_seed (f, repo, FP16, FP16_SEED);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, "org/model", TOKENIZER), ==, TOKENIZER_SIZE);
  fixture_wait_idle (f);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/transfer/download/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("variant", test_variant);
  ADD ("single-files", test_single_files);
  ADD ("progress", test_progress);
  ADD ("two-names", test_two_names);
  ADD ("shared-files", test_shared_files);
  ADD ("join", test_join);
  ADD ("one-fetch-for-two", test_one_fetch_for_two);
  ADD ("cancel-one-of-two", test_cancel_one_of_two);
  ADD ("other-source", test_other_source);
  ADD ("refusals", test_refusals);
  ADD ("granted", test_granted);
  ADD ("many", test_many);
  return g_test_run ();
}
