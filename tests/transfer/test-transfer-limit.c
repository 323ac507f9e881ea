/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-db.h"
#include "mc-error.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <string.h>

/* The size limit: what goes for a download, and what never does. Four files of one repo, 8 MiB
 * each, used long ago in the order of their names. */

#define FILE_SIZE ((guint64) 8 * MIB)
#define REPO "org/files"

static const char *const names[] = { "a.bin", "b.bin", "c.bin", "d.bin" };

static const char SQL_SET_USES[] =
    "UPDATE contents SET last_used = coalesce ((SELECT instr (' abcd', substr (path, 1, 1)) * 1000 "
    "- 1000 FROM files WHERE files.digest = contents.digest), 1)";
static const char SQL_SET_CREATED[] = "UPDATE holdings SET created = 1";

static void
set_limit (Fixture *f, guint64 limit)
{
  g_autoptr (GAsyncResult) result = NULL;
  GVariantDict changes;
  g_autoptr (GError) error = NULL;

  g_variant_dict_init (&changes, NULL);
  g_variant_dict_insert (&changes, "size-limit", "t", limit);
  mc_store_configure_async (f->store, g_variant_dict_end (&changes), mc_test_store_result, &result);
  mc_store_configure_finish (f->store, mc_test_await (&result), &error);
  g_assert_no_error (error);
}

static guint64
measure (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (McUsage) usage = NULL;

  mc_store_survey_async (f->store, mc_test_store_result, &result);
  usage = mc_store_survey_finish (f->store, mc_test_await (&result), NULL);
  g_assert_nonnull (usage);
  return mc_usage_get_total (usage);
}

static GPtrArray *
reclaim (Fixture *f, guint64 bytes, gboolean dry_run)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *evicted;

  mc_downloader_reclaim_async (f->downloader, bytes, dry_run, mc_test_store_result, &result);
  evicted = mc_downloader_reclaim_finish (f->downloader, mc_test_await (&result), &error);
  g_assert_no_error (error);
  return evicted;
}

/* All of them were used at these seconds, and asked for at the beginning of time. */
static void
set_times (Fixture *f, gint64 repo)
{
  g_autofree char *path = g_build_filename (f->folder, "catalog.db", NULL);
  g_autoptr (GError) error = NULL;
  McDb *db;

  fixture_close (f);
  db = mc_db_open (path, MC_DB_CATALOG, MC_DB_WRITE, &error);
  g_assert_no_error (error);
  g_assert_true (mc_db_run (db, SQL_SET_USES, 0, NULL));
  g_assert_true (mc_db_run (db, SQL_SET_CREATED, 0, NULL));
  mc_db_close (db);
  fixture_open (f);
}

/* Has the first @n of them. */
static gint64
have (Fixture *f, guint n)
{
  gint64 repo;

  mc_test_hub_add_repo (f->hub, REPO, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    mc_test_hub_add_generated (f->hub, REPO, names[i], FILE_SIZE, 20 + i);
  repo = fixture_scan (f, REPO);
  for (guint i = 0; i < n; i++)
    fixture_have (f, repo, "", names[i]);
  set_times (f, repo);
  return repo;
}

/* Which of them are here: "a-c-". */
static void
assert_here (Fixture *f, gint64 repo, const char *expected)
{
  g_autoptr (GString) here = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_string_append_c (here, fixture_has (f, repo, names[i]) ? names[i][0] : '-');
  g_assert_cmpstr (here->str, ==, expected);
}

static guint
count_evictions (Fixture *f)
{
  GPtrArray *transfers = mc_downloader_get_transfers (f->downloader);
  guint count = 0;

  for (guint i = 0; i < transfers->len; i++)
    {
      McTransfer *transfer = g_ptr_array_index (transfers, i);

      if (mc_transfer_get_kind (transfer) != MC_TRANSFER_EVICT)
        continue;
      g_assert_cmpint (mc_transfer_get_state (transfer), ==, MC_TRANSFER_DONE);
      g_assert_cmpuint (mc_transfer_get_total (transfer), >=, FILE_SIZE);
      g_assert_cmpuint (mc_transfer_get_verified (transfer), ==, mc_transfer_get_total (transfer));
      count++;
    }
  return count;
}

/* Says what would go and how much that gives back; and so it is. */
static void
test_reclaim (Fixture *f, gconstpointer data)
{
  gint64 repo = have (f, 4);
  guint64 before = measure (f);
  g_autoptr (GPtrArray) said = reclaim (f, FILE_SIZE + 1, TRUE);
  g_autoptr (GPtrArray) done = NULL;
  guint64 sum = 0;

  assert_here (f, repo, "abcd");
  g_assert_cmpuint (count_evictions (f), ==, 0);
  done = reclaim (f, FILE_SIZE + 1, FALSE);
  g_assert_cmpuint (done->len, ==, said->len);
  g_assert_cmpuint (done->len, ==, 1);
  for (guint i = 0; i < done->len; i++)
    {
      const McEvicted *evicted = g_ptr_array_index (done, i);

      g_assert_cmpstr (evicted->path, ==, names[i]);
      g_assert_cmpint (evicted->last_used, ==, 1000);
      g_assert_cmpuint (evicted->returns, ==, ((McEvicted *) said->pdata[i])->returns);
      sum += evicted->returns;
    }
  assert_here (f, repo, "-bcd");
  g_assert_cmpuint (measure (f), <=, before - sum + 65536);
  g_assert_cmpuint (count_evictions (f), ==, 1);
  /* It is told after a restart, too. */
  fixture_close (f);
  fixture_open (f);
  g_assert_cmpuint (count_evictions (f), ==, 1);
}

static void
test_download (Fixture *f, gconstpointer data)
{
  gint64 repo = have (f, 3);

  set_limit (f, measure (f) + FILE_SIZE / 2);
  assert_here (f, repo, "abc-");
  fixture_have (f, repo, "", "d.bin");
  assert_here (f, repo, "-bcd");
  g_assert_cmpuint (count_evictions (f), ==, 1);
  /* It was used long ago, but only just asked for. */
  fixture_have (f, repo, "", "a.bin");
  assert_here (f, repo, "a-cd");
  g_assert_cmpuint (
      measure (f), <=,
      mc_settings_get_number (mc_store_get_settings (f->store), MC_SETTING_SIZE_LIMIT));
}

/* What is used goes last: it was the first. */
static void
test_use (Fixture *f, gconstpointer data)
{
  gint64 repo = have (f, 3);

  mc_store_note_use (f->store, &fixture_find_file (f, repo, "a.bin")->digest);
  /* The next process knows it, too. */
  fixture_close (f);
  fixture_open (f);
  g_ptr_array_unref (reclaim (f, 2 * FILE_SIZE, FALSE));
  assert_here (f, repo, "a---");
}

static void
set_pinned (Fixture *f, gint64 repo, gboolean pinned)
{
  g_autoptr (GAsyncResult) result = NULL;

  mc_store_set_pinned_async (f->store, repo, NULL, pinned, mc_test_store_result, &result);
  g_assert_true (mc_store_set_pinned_finish (f->store, mc_test_await (&result), NULL));
}

/* Pinned by a person, over restarts; a variant that comes later is not. */
static void
test_pinned (Fixture *f, gconstpointer data)
{
  gint64 repo = have (f, 2);
  g_autoptr (GPtrArray) nothing = NULL;

  set_pinned (f, repo, TRUE);
  fixture_close (f);
  fixture_open (f);
  nothing = reclaim (f, FILE_SIZE, FALSE);
  g_assert_cmpuint (nothing->len, ==, 0);
  fixture_have (f, repo, "", "c.bin");
  g_ptr_array_unref (reclaim (f, 3 * FILE_SIZE, FALSE));
  assert_here (f, repo, "ab--");
  set_pinned (f, repo, FALSE);
  g_ptr_array_unref (reclaim (f, FILE_SIZE, FALSE));
  assert_here (f, repo, "-b--");
}

/* Open somewhere, or being downloaded. */
static void
test_busy (Fixture *f, gconstpointer data)
{
  gint64 repo = have (f, 2);
  const McDigest *digest = &fixture_find_file (f, repo, "a.bin")->digest;
  g_autoptr (McTransfer) transfer = NULL;
  g_autoptr (GPtrArray) nothing = NULL;

  mc_store_pin (f->store, digest);
  g_ptr_array_unref (reclaim (f, FILE_SIZE, FALSE));
  assert_here (f, repo, "a---");
  mc_store_unpin (f->store, digest);
  mc_test_hub_script (f->hub, "storage:" REPO "/c.bin", MC_TEST_STALL_AFTER, 6 * MIB, 1);
  transfer = fixture_download (f, repo, "", "c.bin");
  fixture_wait_committed (f, repo, "c.bin", 5 * MIB);
  nothing = reclaim (f, 2 * FILE_SIZE, TRUE);
  for (guint i = 0; i < nothing->len; i++)
    g_assert_cmpstr (((McEvicted *) nothing->pdata[i])->path, !=, "c.bin");
  g_assert_true (mc_downloader_cancel (f->downloader, transfer, FALSE, NULL));
}

static void
refuse (Fixture *f, gint64 repo, const char *path, const char *in_the_way)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_downloader_download_async (f->downloader, repo, "", path, mc_test_store_result, &result);
  g_assert_null (mc_downloader_begin_finish (f->downloader, mc_test_await (&result), &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "bytes) more are needed"));
  g_assert_nonnull (strstr (error->message, in_the_way));
}

/* No room even then: nothing goes in vain, and it says what is in the way. */
static void
test_refused (Fixture *f, gconstpointer data)
{
  gint64 repo = have (f, 2);

  set_pinned (f, repo, TRUE);
  set_limit (f, measure (f) + FILE_SIZE / 2);
  refuse (f, repo, "c.bin", REPO " a.bin");
  assert_here (f, repo, "ab--");
  g_assert_cmpuint (count_evictions (f), ==, 0);
  g_assert_false (mc_store_is_held (f->store, repo, "", "c.bin"));
  set_pinned (f, repo, FALSE);
}

static gboolean
are_gone (gpointer data)
{
  Fixture *f = data;
  McLibraryRepo *repo = g_ptr_array_index (mc_store_get_repos (f->store), 0);

  return !fixture_has (f, repo->id, "b.bin");
}

/* Lowering the limit lets go of what is beyond it. */
static void
test_lowered (Fixture *f, gconstpointer data)
{
  gint64 repo = have (f, 3);

  set_limit (f, measure (f) - FILE_SIZE - FILE_SIZE / 2);
  g_assert_true (mc_test_wait_until (are_gone, f, 60000));
  assert_here (f, repo, "--c-");
  fixture_wait_idle (f);
  g_assert_cmpuint (count_evictions (f), ==, 2);
}

static void
add (const char *name, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (name, Fixture, NULL, fixture_set_up, test, fixture_tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("/transfer/limit/reclaim", test_reclaim);
  add ("/transfer/limit/download", test_download);
  add ("/transfer/limit/use", test_use);
  add ("/transfer/limit/pinned", test_pinned);
  add ("/transfer/limit/busy", test_busy);
  add ("/transfer/limit/refused", test_refused);
  add ("/transfer/limit/lowered", test_lowered);
  return g_test_run ();
}
