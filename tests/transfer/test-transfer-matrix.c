/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-error.h"
#include "mc-scanner.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

/* Every fault at every place, once and for ever: each ends in success or in a failure that is
 * named, with every committed chunk kept, no wrong byte stored, and no more fetched again than the
 * chunks that were under way. The figure is printed at the end. */

#define BIG "big.gguf"
#define BIG_SIZE ((guint64) 41 * MIB + 12345) /* nine chunks, over two connections and more */
#define BIG_SEED 31
#define CHUNK (5 * MIB)
#define RESOLVE "/org/model/resolve/main/" BIG
#define STORAGE "storage:org/model/" BIG

/* Chunks that may be under way: one for each connection. */
#define UNDER_WAY (8 * (guint64) CHUNK)

#define GOOD -1
#define EITHER 1000 /* added: or it is got over, by chance */

typedef struct
{
  const char *name;
  McTestFault fault;
  guint64 argument;
  int once;     /* code of the failure, or GOOD */
  int for_ever; /* likewise */
} Fault;

/* Of the storage host, at each of the places. */
static const Fault faults[] = {
  { "dropped", MC_TEST_CUT_AFTER, 0, GOOD, MC_ERROR_NETWORK },
  { "reset", MC_TEST_RESET_AFTER, 0, GOOD, MC_ERROR_NETWORK },
  { "stall", MC_TEST_STALL_AFTER, 0, GOOD, MC_ERROR_NETWORK },
  { "silent", MC_TEST_SILENT, 0, GOOD, MC_ERROR_NETWORK },
  { "hang-up", MC_TEST_HANG_UP, 0, GOOD, MC_ERROR_NETWORK },
  { "status-500", MC_TEST_STATUS, 500, GOOD, MC_ERROR_NETWORK },
  { "status-502", MC_TEST_STATUS, 502, GOOD, MC_ERROR_NETWORK },
  { "status-503", MC_TEST_STATUS, 503, GOOD, MC_ERROR_NETWORK },
  { "status-404", MC_TEST_STATUS, 404, GOOD, MC_ERROR_BAD_RESPONSE },
  { "status-429", MC_TEST_RATE_LIMITED, 0, GOOD, MC_ERROR_RATE_LIMITED },
  { "truncated", MC_TEST_SHORT, 0, GOOD, MC_ERROR_NETWORK },
  { "longer", MC_TEST_LONG, 0, GOOD, MC_ERROR_BAD_RESPONSE + EITHER },
  { "wrong-length", MC_TEST_WRONG_LENGTH, 0, GOOD, MC_ERROR_BAD_RESPONSE },
  { "wrong-range", MC_TEST_WRONG_RANGE, 0, GOOD, MC_ERROR_BAD_RESPONSE },
  { "whole-file", MC_TEST_IGNORE_RANGE, 0, GOOD, MC_ERROR_BAD_RESPONSE },
  { "web-page", MC_TEST_HTML, 0, GOOD, MC_ERROR_BAD_RESPONSE },
  { "gzip", MC_TEST_GZIP, 0, GOOD, MC_ERROR_BAD_RESPONSE },
  { "chunked", MC_TEST_CHUNKED, 0, GOOD, GOOD },
  { "no-length", MC_TEST_NO_LENGTH, 0, GOOD, GOOD },
  { "wrong-byte", MC_TEST_FLIP_BYTE, 0, MC_ERROR_CORRUPT, MC_ERROR_CORRUPT },
  { "etag", MC_TEST_OTHER_ETAG, 0, MC_ERROR_CHANGED + EITHER, MC_ERROR_CHANGED },
  { "expired", MC_TEST_EXPIRED, 0, GOOD, MC_ERROR_BAD_RESPONSE },
  { "loop", MC_TEST_REDIRECT_LOOP, 0, GOOD, MC_ERROR_BAD_RESPONSE },
  { "other-host", MC_TEST_REDIRECT_AWAY, 0, GOOD, MC_ERROR_NETWORK },
};

/* Of the Hub, when it is asked where the bytes are. */
static const Fault hub_faults[] = {
  { "hang-up", MC_TEST_HANG_UP, 0, GOOD, MC_ERROR_NETWORK },
  { "silent", MC_TEST_SILENT, 0, GOOD, MC_ERROR_NETWORK },
  { "status-500", MC_TEST_STATUS, 500, GOOD, MC_ERROR_NETWORK },
  { "status-503", MC_TEST_STATUS, 503, GOOD, MC_ERROR_NETWORK },
  { "status-429", MC_TEST_RATE_LIMITED, 0, GOOD, MC_ERROR_RATE_LIMITED },
  { "loop", MC_TEST_REDIRECT_LOOP, 0, MC_ERROR_BAD_RESPONSE + EITHER, MC_ERROR_BAD_RESPONSE },
  { "other-host", MC_TEST_REDIRECT_AWAY, 0, GOOD, MC_ERROR_NETWORK },
  { "size", MC_TEST_WRONG_LENGTH, 0, MC_ERROR_CHANGED, MC_ERROR_CHANGED },
};

static const struct
{
  const char *name;
  guint64 position;
} places[] = {
  { "first", 0 },
  { "middle", 3 * CHUNK + CHUNK / 2 },
  { "range", 5 * CHUNK }, /* the first byte of one of several ranges, or near it */
  { "last", BIG_SIZE - 1000 },
};

typedef struct
{
  const Fault *fault;
  const char *where; /* to script */
  gboolean has_place;
  guint64 position;
  gboolean for_ever;
} Case;

static struct
{
  guint cases;
  guint successes;
  guint failures;
  guint64 again;   /* bytes that came more than once, but for */
  guint64 corrupt; /* those that came anew because their hash was wrong */
} figure;

static void
script (Fixture *f, const Case *row)
{
  guint repeat = row->for_ever ? 0 : 1;
  guint64 argument = row->fault->fault == MC_TEST_FLIP_BYTE ? row->position : row->fault->argument;

  if (row->has_place)
    mc_test_hub_script_at (f->hub, row->where, row->fault->fault, argument, repeat, row->position);
  else
    mc_test_hub_script (f->hub, row->where, row->fault->fault, argument, repeat);
}

static gboolean
is_over (gpointer data)
{
  return mc_transfer_state_is_final (mc_transfer_get_state (data));
}

/* What failed has kept all that was committed, and gets there once all is well again. */
static void
check_failed (Fixture *f, const Case *row, gint64 repo, McTransfer *transfer, int code)
{
  g_autoptr (GError) error = NULL;
  guint64 committed;

  g_assert_error (mc_transfer_get_error (transfer), MC_ERROR, code);
  g_assert_nonnull (strstr (mc_transfer_get_error (transfer)->message, BIG));
  fixture_wait_idle (f);
  committed = fixture_committed (f, repo, BIG);
  if (code == MC_ERROR_CORRUPT)
    g_assert_cmpuint (committed, ==, 0);
  figure.failures++;
  mc_test_hub_forget_scripts (f->hub);
  g_assert_true (mc_downloader_retry (f->downloader, transfer, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture_committed (f, repo, BIG), ==, committed);
  fixture_wait (transfer, MC_TRANSFER_DONE);
}

static void
test_case (Fixture *f, gconstpointer data)
{
  const Case *row = data;
  int code = row->for_ever ? row->fault->for_ever : row->fault->once;
  gboolean either = code >= EITHER;
  g_autoptr (McTransfer) transfer = NULL;
  guint64 again;
  gint64 repo;

  mc_test_hub_add_generated (f->hub, "org/model", BIG, BIG_SIZE, BIG_SEED);
  repo = fixture_scan (f, "org/model");
  /* A busy computer may miss these now and then, not thirty times in a row. */
  f->connect_timeout_ms = row->fault->fault == MC_TEST_SILENT ? 100 : 0;
  fixture_reopen (f, row->fault->fault == MC_TEST_STALL_AFTER ? 100 : 0, 1);
  script (f, row);
  transfer = fixture_download (f, repo, "", BIG);
  g_assert_true (mc_test_wait_until (is_over, transfer, 60000));
  figure.cases++;
  if (mc_transfer_get_state (transfer) == MC_TRANSFER_DONE)
    {
      g_assert_true (code == GOOD || either);
      figure.successes++;
    }
  else
    {
      g_test_message ("%s", mc_transfer_get_error (transfer)->message);
      g_assert_cmpint (code, !=, GOOD);
      check_failed (f, row, repo, transfer, code % EITHER);
    }
  fixture_check_seed (f, repo, BIG, BIG_SEED);
  again = mc_transfer_get_received (transfer) - BIG_SIZE;
  if (code == MC_ERROR_CORRUPT)
    {
      g_assert_cmpuint (again, ==, BIG_SIZE);
      figure.corrupt += again;
      return;
    }
  g_assert_cmpuint (again, <=, UNDER_WAY);
  figure.again += again;
}

/* --- listings --- */

typedef struct
{
  const char *name;
  const char *text; /* of the listing; NULL: it is made */
  const char *unit; /* what is repeated then, */
  guint times;      /* so often */
  const char *end;
} Listing;

#define ENTRY(path, size)                                                                          \
  "{\"type\":\"file\",\"oid\":\"0123456789012345678901234567890123456789\",\"size\":" size         \
  ",\"path\":\"" path "\"}"

static const Listing listings[] = {
  { "malformed", "[{\"type\":\"file\",", NULL, 0, NULL },
  { "no-list", "{\"error\":0}", NULL, 0, NULL },
  { "deep", NULL, "[", 100000, "" },
  { "huge", NULL, "                                                                ", 1200000,
    "[]" },
  { "climbs", "[" ENTRY ("../../evil", "1") "]", NULL, 0, NULL },
  { "absolute", "[" ENTRY ("/etc/evil", "1") "]", NULL, 0, NULL },
  { "twice", "[" ENTRY ("a", "1") "," ENTRY ("a", "2") "]", NULL, 0, NULL },
  { "negative", "[" ENTRY ("a", "-1") "]", NULL, 0, NULL },
  { "fraction", "[" ENTRY ("a", "1e99") "]", NULL, 0, NULL },
};

static void
record (Fixture *f, const Listing *row)
{
  g_autofree char *commit = mc_test_hub_dup_commit (f->hub, "org/model");
  g_autofree char *place = g_strdup_printf ("/api/models/org/model/tree/%s?recursive=true", commit);
  g_autofree char *file = g_build_filename (f->folder, "listing.json", NULL);
  g_autoptr (GString) text = g_string_new (row->text);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < row->times; i++)
    g_string_append (text, row->unit);
  if (row->end != NULL)
    g_string_append (text, row->end);
  g_assert_true (g_file_set_contents (file, text->str, (gssize) text->len, &error));
  g_assert_no_error (error);
  mc_test_hub_add_recorded (f->hub, place, file);
  g_assert_cmpint (g_unlink (file), ==, 0);
}

/* It is refused by name, or what is wrong in it is left out: nothing of it gets a name here. */
static void
test_listing (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (McManifest) manifest = NULL;
  g_autoptr (GError) error = NULL;

  record (f, data);
  mc_scan_async (f->client, "org/model", NULL, NULL, mc_test_store_result, &result);
  manifest = mc_scan_finish (f->client, mc_test_await (&result), &error);
  figure.cases++;
  if (manifest == NULL)
    {
      g_test_message ("%s", error->message);
      g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
      figure.failures++;
      return;
    }
  figure.successes++;
  g_assert_cmpuint (manifest->files->len, <=, 1);
  for (guint i = 0; i < manifest->files->len; i++)
    g_assert_null (strstr (((McFile *) g_ptr_array_index (manifest->files, i))->path, "evil"));
}

static void
print_figure (void)
{
  g_print ("# fault matrix: %u cases, %u successes, %u named failures, %" G_GUINT64_FORMAT
           " bytes fetched again (and %" G_GUINT64_FORMAT " because their hash was wrong)\n",
           figure.cases, figure.successes, figure.failures, figure.again, figure.corrupt);
}

/* --- the table --- */

static void
add_case (const char *place, const Fault *fault, const char *where, gint64 position, gboolean ever)
{
  g_autofree char *path =
      g_strdup_printf ("/transfer/matrix/%s/%s/%s", fault->name, place, ever ? "ever" : "once");
  Case *row = g_new0 (Case, 1);

  row->fault = fault;
  row->where = where;
  row->has_place = position >= 0;
  row->position = (guint64) MAX (position, 0);
  row->for_ever = ever;
  g_test_add_vtable (path, sizeof (Fixture), row, (GTestFixtureFunc) (gpointer) fixture_set_up,
                     (GTestFixtureFunc) (gpointer) test_case,
                     (GTestFixtureFunc) (gpointer) fixture_tear_down);
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    for (guint j = 0; j < G_N_ELEMENTS (places); j++)
      {
        add_case (places[j].name, &faults[i], STORAGE, (gint64) places[j].position, FALSE);
        add_case (places[j].name, &faults[i], STORAGE, (gint64) places[j].position, TRUE);
      }
  for (guint i = 0; i < G_N_ELEMENTS (hub_faults); i++)
    {
      add_case ("hub", &hub_faults[i], RESOLVE, -1, FALSE);
      add_case ("hub", &hub_faults[i], RESOLVE, -1, TRUE);
    }
  for (guint i = 0; i < G_N_ELEMENTS (listings); i++)
    {
      g_autofree char *path = g_strdup_printf ("/transfer/matrix/listing/%s", listings[i].name);

      g_test_add (path, Fixture, &listings[i], fixture_set_up, test_listing, fixture_tear_down);
    }
  result = g_test_run ();
  print_figure ();
  return result;
}
