/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-store.h"

#include "mc-error.h"
#include "mc-test-wait.h"

/* Chunks that come faster than they are committed. */

#define N_CHUNKS 11
#define LARGE ((N_CHUNKS - 1) * MC_CHUNK_SIZE + 1234)

/* Puts all that is missing without waiting for any of it; says how many chunks failed. */
static guint
put_missing (McContentWriter *writer, GBytes *whole)
{
  GAsyncResult *results[N_CHUNKS] = { NULL };
  guint64 offset;
  guint64 length;
  guint n_failed = 0;
  guint n = 0;

  for (; mc_content_writer_find_missing (writer, 0, &offset, &length); n++)
    {
      gsize piece = mc_content_writer_get_piece (writer, offset);
      g_autoptr (GBytes) bytes = g_bytes_new_from_bytes (whole, offset, piece);

      mc_content_writer_put_async (writer, offset, bytes, mc_test_store_result, &results[n]);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GAsyncResult) result = mc_test_await (&results[i]);
      g_autoptr (GError) error = NULL;

      if (mc_content_writer_put_finish (writer, result, &error))
        continue;
      g_assert_error (error, MC_ERROR, MC_ERROR_NO_SPACE);
      n_failed++;
    }
  return n_failed;
}

/* Runs the case again in a child with that fault; FALSE in the child. */
static gboolean
ran_in_child (const char *fault)
{
  if (g_test_subprocess ())
    return FALSE;
  g_setenv ("MC_FAULT", fault, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_unsetenv ("MC_FAULT");
  g_test_trap_assert_passed ();
  return TRUE;
}

static void
test_many (McTestFolder *folder, gconstpointer data)
{
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GBytes) whole = mc_test_make_bytes (LARGE, 1);
  McDigest digest;
  McContentWriter *writer;
  g_autoptr (GError) error = NULL;

  mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);
  writer = mc_test_writer_open (store, &digest);
  g_assert_cmpuint (put_missing (writer, whole), ==, 0);
  mc_test_assert_partial (store, &digest, LARGE);
  mc_test_writer_finish (writer, &error);
  g_assert_no_error (error);
  g_object_unref (writer);
  mc_test_assert_complete (store, &digest, whole);
  mc_test_store_close (store);
}

/* The first chunk comes last: what came before it is hashed then, which is awaited by who finishes,
 * and broken off for who does not. */
static void
test_first_is_last (McTestFolder *folder, gconstpointer data)
{
  gboolean finishes = GPOINTER_TO_INT (data);
  McStore *store = mc_test_store_open (folder->path);
  g_autoptr (GBytes) whole = mc_test_make_bytes (LARGE, 1);
  GAsyncResult *results[N_CHUNKS] = { NULL };
  McDigest digest;
  McContentWriter *writer;
  g_autoptr (GError) error = NULL;

  mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);
  writer = mc_test_writer_open (store, &digest);
  for (guint i = N_CHUNKS; i-- > 0;)
    {
      guint64 offset = (guint64) i * MC_CHUNK_SIZE;
      g_autoptr (GBytes) bytes =
          g_bytes_new_from_bytes (whole, offset, mc_content_writer_get_piece (writer, offset));

      mc_content_writer_put_async (writer, offset, bytes, mc_test_store_result, &results[i]);
    }
  for (guint i = 0; i < N_CHUNKS; i++)
    {
      g_autoptr (GAsyncResult) result = mc_test_await (&results[i]);

      g_assert_true (mc_content_writer_put_finish (writer, result, &error));
      g_assert_no_error (error);
    }
  if (finishes)
    {
      mc_test_writer_finish (writer, &error);
      g_assert_no_error (error);
    }
  g_object_unref (writer);
  if (finishes)
    mc_test_assert_complete (store, &digest, whole);
  else
    mc_test_assert_partial (store, &digest, LARGE);
  mc_test_store_close (store);
}

/* All chunks of a commit that fails are missing again, and no others; they can be put again. */
static void
test_commit_fails (McTestFolder *folder, gconstpointer data)
{
  McStore *store;
  g_autoptr (GBytes) whole = NULL;
  McDigest digest;
  McContentWriter *writer;
  g_autoptr (GError) error = NULL;
  guint n_failed;

  if (ran_in_child ("pack.commit:1"))
    return;
  store = mc_test_store_open (folder->path);
  whole = mc_test_make_bytes (LARGE, 1);
  mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);
  writer = mc_test_writer_open (store, &digest);
  n_failed = put_missing (writer, whole);
  g_assert_cmpuint (n_failed, >=, 1);
  mc_test_assert_partial (store, &digest, LARGE - (guint64) n_failed * MC_CHUNK_SIZE);
  g_assert_cmpuint (put_missing (writer, whole), ==, 0);
  mc_test_writer_finish (writer, &error);
  g_assert_no_error (error);
  g_object_unref (writer);
  mc_test_assert_complete (store, &digest, whole);
  mc_test_store_close (store);
}

/* The right bytes fail, after they were hashed; then others come and stay. That is noticed. */
static void
test_other_bytes_after_failure (McTestFolder *folder, gconstpointer data)
{
  McStore *store;
  g_autoptr (GBytes) whole = NULL;
  g_autoptr (GBytes) wrong = NULL;
  McDigest digest;
  McContentWriter *writer;
  g_autoptr (GError) error = NULL;

  if (ran_in_child ("pack.commit:1"))
    return;
  store = mc_test_store_open (folder->path);
  whole = mc_test_make_bytes (LARGE, 1);
  wrong = mc_test_make_bytes (LARGE, 2);
  mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);
  writer = mc_test_writer_open (store, &digest);
  g_assert_cmpuint (put_missing (writer, whole), >=, 1);
  g_assert_cmpuint (put_missing (writer, wrong), ==, 0);
  g_assert_false (mc_test_writer_finish (writer, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_CORRUPT);
  g_object_unref (writer);
  mc_test_assert_partial (store, &digest, 0);
  mc_test_store_close (store);
}

/* A chunk that finds no room takes none of those with it that were written before. */
static void
test_put_fails (McTestFolder *folder, gconstpointer data)
{
  McStore *store;
  g_autoptr (GBytes) whole = NULL;
  McDigest digest;
  McContentWriter *writer;
  guint64 offset;
  guint64 length;

  if (ran_in_child ("pack.put:5"))
    return;
  store = mc_test_store_open (folder->path);
  whole = mc_test_make_bytes (LARGE, 1);
  mc_test_hold_one (store, MC_DIGEST_SHA256, whole, &digest);
  writer = mc_test_writer_open (store, &digest);
  g_assert_cmpuint (put_missing (writer, whole), ==, 1);
  g_assert_true (mc_content_writer_find_missing (writer, 0, &offset, &length));
  g_assert_cmpuint (offset, ==, 4 * MC_CHUNK_SIZE);
  g_assert_cmpuint (length, ==, MC_CHUNK_SIZE);
  g_object_unref (writer);
  mc_test_assert_partial (store, &digest, LARGE - MC_CHUNK_SIZE);
  mc_test_store_close (store);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  mc_test_folder_add ("/intake/many", test_many, NULL);
  mc_test_folder_add ("/intake/first-is-last", test_first_is_last, GINT_TO_POINTER (TRUE));
  mc_test_folder_add ("/intake/first-is-last-and-left", test_first_is_last, NULL);
  mc_test_folder_add ("/intake/commit-fails", test_commit_fails, NULL);
  mc_test_folder_add ("/intake/other-bytes-after-failure", test_other_bytes_after_failure, NULL);
  mc_test_folder_add ("/intake/put-fails", test_put_fails, NULL);
  return g_test_run ();
}
