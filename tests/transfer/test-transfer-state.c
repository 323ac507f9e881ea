/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-transfer-private.h"

#include <string.h>

/* The transfer by itself: which steps it may take, what it says of them, how it counts. */

#define N_STATES (MC_TRANSFER_CANCELLED + 1)

static McTransfer *
make_transfer (guint64 size)
{
  g_autoptr (McManifest) manifest = mc_manifest_new ();
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  McDigest digest;
  McTransfer *transfer;

  g_assert_true (mc_digest_parse_hex (&digest, MC_DIGEST_GIT_SHA1,
                                      "0123456789012345678901234567890123456789"));
  g_ptr_array_add (files, mc_manifest_add_file (manifest, "a", size, digest));
  g_ptr_array_add (files, mc_manifest_add_file (manifest, "b", size, digest));
  transfer = mc_transfer_new (MC_TRANSFER_DOWNLOAD, 7, manifest, "onnx:q4", "", files);
  transfer->id = 1;
  return transfer;
}

/* A row a state, a column the state it may go to, both in the order of the enumeration; staying is
 * always allowed. */
static const char *const allowed[N_STATES] = {
  [MC_TRANSFER_QUEUED] = "yyyyyyy",    [MC_TRANSFER_ACTIVE] = "yyyyyyy",
  [MC_TRANSFER_WAITING] = "yyyyyyy",   [MC_TRANSFER_PAUSED] = "y--y--y",
  [MC_TRANSFER_DONE] = "----y--",      [MC_TRANSFER_FAILED] = "y----yy",
  [MC_TRANSFER_CANCELLED] = "------y",
};

static void
test_steps (void)
{
  for (guint from = 0; from < N_STATES; from++)
    for (guint to = 0; to < N_STATES; to++)
      {
        g_autoptr (McTransfer) transfer = NULL;

        if (allowed[from][to] != 'y')
          continue;
        transfer = make_transfer (1);
        transfer->state = from;
        mc_transfer_set_state (transfer, to, NULL);
        g_assert_cmpint (mc_transfer_get_state (transfer), ==, to);
      }
}

static void
test_forbidden_step (gconstpointer data)
{
  guint from = GPOINTER_TO_UINT (data) / N_STATES;
  guint to = GPOINTER_TO_UINT (data) % N_STATES;

  if (g_test_subprocess ())
    {
      g_autoptr (McTransfer) transfer = make_transfer (1);

      transfer->state = from;
      mc_transfer_set_state (transfer, to, NULL);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*mc_transfer_set_state*assertion failed*");
}

static void
test_names (void)
{
  McTransferState state;

  for (guint i = 0; i < N_STATES; i++)
    {
      g_assert_true (mc_transfer_state_from_string (mc_transfer_state_to_string (i), &state));
      g_assert_cmpint (state, ==, i);
      g_assert_cmpint (mc_transfer_state_is_running (i), ==, i <= MC_TRANSFER_WAITING);
      g_assert_cmpint (mc_transfer_state_is_final (i), ==, i >= MC_TRANSFER_DONE);
    }
  g_assert_false (mc_transfer_state_from_string ("none", &state));
  g_assert_false (mc_transfer_state_from_string (NULL, &state));
}

static void
count_cb (McTransfer *transfer, guint *count)
{
  (*count)++;
}

static void
test_signals (void)
{
  g_autoptr (McTransfer) transfer = make_transfer (1);
  guint changed = 0;
  guint finished = 0;

  g_signal_connect (transfer, "changed", G_CALLBACK (count_cb), &changed);
  g_signal_connect (transfer, "finished", G_CALLBACK (count_cb), &finished);
  mc_transfer_set_state (transfer, MC_TRANSFER_ACTIVE, NULL);
  mc_transfer_set_state (transfer, MC_TRANSFER_ACTIVE, NULL);
  g_assert_cmpuint (changed, ==, 1);
  /* The same reason once more is no news. */
  for (guint i = 0; i < 2; i++)
    mc_transfer_set_state (transfer, MC_TRANSFER_WAITING,
                           g_error_new_literal (MC_ERROR, MC_ERROR_NETWORK, "x"));
  g_assert_cmpuint (changed, ==, 2);
  mc_transfer_set_state (transfer, MC_TRANSFER_WAITING,
                         g_error_new_literal (MC_ERROR, MC_ERROR_NETWORK, "y"));
  g_assert_cmpuint (changed, ==, 3);
  g_assert_cmpstr (mc_transfer_get_error (transfer)->message, ==, "y");
  mc_transfer_set_state (transfer, MC_TRANSFER_FAILED,
                         g_error_new_literal (MC_ERROR, MC_ERROR_NETWORK, "z"));
  g_assert_cmpuint (finished, ==, 1);
  mc_transfer_set_state (transfer, MC_TRANSFER_CANCELLED, NULL);
  g_assert_cmpuint (changed, ==, 5);
  g_assert_cmpuint (finished, ==, 1);
  g_assert_null (mc_transfer_get_error (transfer));
}

/* Nobody was told of it yet. */
static void
test_silent_before_kept (void)
{
  g_autoptr (McTransfer) transfer = make_transfer (1);
  guint count = 0;

  transfer->id = 0;
  g_signal_connect (transfer, "changed", G_CALLBACK (count_cb), &count);
  mc_transfer_set_state (transfer, MC_TRANSFER_ACTIVE, NULL);
  g_assert_cmpuint (count, ==, 0);
}

static void
test_counts_once (void)
{
  g_autoptr (McTransfer) transfer = make_transfer (1000);

  g_assert_cmpuint (mc_transfer_get_total (transfer), ==, 1000);
  g_assert_cmpuint (transfer->files->len, ==, 1);
}

static void
tick (McTransfer *transfer, guint64 received)
{
  transfer->received += received;
  mc_transfer_tick (transfer, transfer->received, "transferring");
}

static void
test_rate (void)
{
  g_autoptr (McTransfer) transfer = make_transfer (1000 * 1000);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  transfer->state = MC_TRANSFER_ACTIVE;
  tick (transfer, 500);
  g_assert_cmpuint (mc_transfer_get_rate (transfer), ==, 0);
  g_assert_cmpint (mc_transfer_get_expected_end (transfer), ==, 0);
  tick (transfer, 2500);
  g_assert_cmpuint (mc_transfer_get_rate (transfer), ==, 10000);
  /* 997000 bytes are left. */
  g_assert_cmpint (mc_transfer_get_expected_end (transfer), >=, now + 99);
  g_assert_cmpint (mc_transfer_get_expected_end (transfer), <=, now + 99 + 5);
  tick (transfer, 0);
  g_assert_cmpuint (mc_transfer_get_rate (transfer), ==, 5000);
  /* What is older than the samples does not count. */
  for (guint i = 0; i < MC_TRANSFER_SAMPLES + 3; i++)
    tick (transfer, 250);
  g_assert_cmpuint (mc_transfer_get_rate (transfer), ==, 1000);
  for (guint i = 0; i < MC_TRANSFER_SAMPLES; i++)
    tick (transfer, 0);
  g_assert_cmpuint (mc_transfer_get_rate (transfer), ==, 0);
}

static void
test_rate_while_stopped (void)
{
  g_autoptr (McTransfer) transfer = make_transfer (1000 * 1000);

  transfer->state = MC_TRANSFER_ACTIVE;
  tick (transfer, 1000);
  tick (transfer, 1000);
  g_assert_cmpuint (mc_transfer_get_rate (transfer), >, 0);
  mc_transfer_set_state (transfer, MC_TRANSFER_WAITING, NULL);
  g_assert_cmpuint (mc_transfer_get_rate (transfer), ==, 0);
  mc_transfer_set_state (transfer, MC_TRANSFER_PAUSED, NULL);
  /* A pause does not count as slowness. */
  mc_transfer_set_state (transfer, MC_TRANSFER_QUEUED, NULL);
  mc_transfer_set_state (transfer, MC_TRANSFER_ACTIVE, NULL);
  g_assert_cmpuint (mc_transfer_get_rate (transfer), ==, 0);
  tick (transfer, 0);
  tick (transfer, 500);
  g_assert_cmpuint (mc_transfer_get_rate (transfer), ==, 2000);
}

/* A phase is told with the next tick, and only of what is active. */
static void
test_phase (void)
{
  g_autoptr (McTransfer) transfer = make_transfer (1000);
  guint n = 0;

  g_signal_connect (transfer, "changed", G_CALLBACK (count_cb), &n);
  transfer->state = MC_TRANSFER_ACTIVE;
  g_assert_cmpstr (mc_transfer_get_phase (transfer), ==, "");
  mc_transfer_tick (transfer, 0, "resolving");
  g_assert_cmpstr (mc_transfer_get_phase (transfer), ==, "resolving");
  mc_transfer_tick (transfer, 0, "resolving");
  mc_transfer_tick (transfer, 0, "finishing");
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpstr (mc_transfer_get_phase (transfer), ==, "finishing");
  transfer->state = MC_TRANSFER_WAITING;
  g_assert_cmpstr (mc_transfer_get_phase (transfer), ==, "waiting");
  transfer->state = MC_TRANSFER_PAUSED;
  g_assert_cmpstr (mc_transfer_get_phase (transfer), ==, "");
}

static void
test_tick_says_changes (void)
{
  g_autoptr (McTransfer) transfer = make_transfer (1000 * 1000);
  guint count = 0;

  transfer->state = MC_TRANSFER_ACTIVE;
  transfer->phase = "transferring";
  g_signal_connect (transfer, "changed", G_CALLBACK (count_cb), &count);
  tick (transfer, 0);
  tick (transfer, 0);
  g_assert_cmpuint (count, ==, 0);
  tick (transfer, 10);
  g_assert_cmpuint (count, ==, 1);
}

/* The last chunk is seldom a whole one. */
static void
test_verify_progress (void)
{
  McVerifyProgress progress = { .before = 1000, .size = 6 * 1024 * 1024, .chunks = 1 };

  g_assert_cmpuint (mc_verify_progress_get (&progress), ==, 1000 + 5 * 1024 * 1024);
  progress.chunks = 2;
  g_assert_cmpuint (mc_verify_progress_get (&progress), ==, 1000 + 6 * 1024 * 1024);
}

static void
test_record (void)
{
  g_autoptr (McTransfer) transfer = make_transfer (1);
  g_autoptr (McTransferRecord) active = NULL;
  g_autoptr (McTransferRecord) failed = NULL;

  mc_transfer_set_state (transfer, MC_TRANSFER_WAITING,
                         g_error_new_literal (MC_ERROR, MC_ERROR_NETWORK, "x"));
  active = mc_transfer_make_record (transfer);
  g_assert_cmpstr (active->state, ==, "queued");
  g_assert_cmpstr (active->kind, ==, "download");
  g_assert_cmpstr (active->error, ==, "");
  g_assert_cmpint (active->repo, ==, 7);
  g_assert_cmpstr (active->variant, ==, "onnx:q4");
  mc_transfer_set_state (transfer, MC_TRANSFER_FAILED,
                         g_error_new_literal (MC_ERROR, MC_ERROR_CORRUPT, "a: y"));
  failed = mc_transfer_make_record (transfer);
  g_assert_cmpstr (failed->state, ==, "failed");
  g_assert_cmpstr (failed->error, ==, "Corrupt");
  g_assert_cmpstr (failed->message, ==, "a: y");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer/state/steps", test_steps);
  for (guint from = 0; from < N_STATES; from++)
    for (guint to = 0; to < N_STATES; to++)
      {
        g_autofree char *path =
            g_strdup_printf ("/transfer/state/forbidden/%s-to-%s",
                             mc_transfer_state_to_string (from), mc_transfer_state_to_string (to));

        if (allowed[from][to] != 'y')
          g_test_add_data_func (path, GUINT_TO_POINTER (from * N_STATES + to), test_forbidden_step);
      }
  g_test_add_func ("/transfer/state/names", test_names);
  g_test_add_func ("/transfer/state/signals", test_signals);
  g_test_add_func ("/transfer/state/silent-before-kept", test_silent_before_kept);
  g_test_add_func ("/transfer/state/counts-once", test_counts_once);
  g_test_add_func ("/transfer/state/rate", test_rate);
  g_test_add_func ("/transfer/state/rate-while-stopped", test_rate_while_stopped);
  g_test_add_func ("/transfer/state/phase", test_phase);
  g_test_add_func ("/transfer/state/tick-says-changes", test_tick_says_changes);
  g_test_add_func ("/transfer/state/verify-progress", test_verify_progress);
  g_test_add_func ("/transfer/state/record", test_record);
  return g_test_run ();
}
