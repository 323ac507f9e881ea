/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "hub-calls.h"
#include "mc-clock.h"
#include "mc-error.h"
#include "mc-hasher.h"
#include "mc-repo-ref.h"
#include "mc-test-hub.h"
#include "mc-test-wait.h"

#include <string.h>

/* Where files are and how their bytes come, against the scripted Hub. Its storage is a second
 * origin, and at the end of every test it asserts that no token ever came there. */

#define SHORT_MS 300
#define SLOW_MS 1000
#define BIG 3000017
#define SEED 42
#define SMALL "{\"a\": 1}\n"

static const char *const odd_names[] = {
  "a b.bin",   "a#b.bin", "a?b.bin",      "a%b.bin",         "a+b.bin",
  "a&b=c.bin", "ä/ü.bin", "q\"uote'.bin", "..hidden/x..bin", "%2e%2e/x.bin",
};

typedef struct
{
  McTestHub *hub;
  McHubClient *client;
} Fixture;

static void
set_up (Fixture *f, gconstpointer token)
{
  static const McTestRepoFacts gated = { .gated = "manual" };

  f->hub = mc_test_hub_new ();
  mc_test_hub_add_generated (f->hub, "org/model", "big.gguf", BIG, SEED);
  mc_test_hub_add_file (f->hub, "org/model", "small.json", SMALL, strlen (SMALL), FALSE);
  mc_test_hub_add_file (f->hub, "org/model", "empty", "", 0, FALSE);
  mc_test_hub_add_repo (f->hub, "org/gated", &gated);
  mc_test_hub_add_file (f->hub, "org/gated", "small.json", SMALL, strlen (SMALL), FALSE);
  mc_test_hub_add_generated (f->hub, "org/gated", "big.gguf", BIG, SEED);
  mc_test_hub_add_alias (f->hub, "old/name", "org/model");
  mc_test_hub_set_token (f->hub, "hf_good");
  f->client = make_client (mc_test_hub_get_url (f->hub), token);
}

static void
tear_down (Fixture *f, gconstpointer token)
{
  finalize_client (&f->client);
  mc_test_hub_assert_token_kept (f->hub);
  g_clear_pointer (&f->hub, mc_test_hub_free);
}

/* --- resolve --- */

static void
test_resolve_small (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "small.json", &error);
  g_autoptr (McHasher) hasher = mc_hasher_new (MC_DIGEST_GIT_SHA1, strlen (SMALL));
  g_autofree char *method = mc_test_hub_seen (f->hub, "", 0, ":method");
  McDigest digest;

  g_assert_no_error (error);
  g_assert_true (resolved->own_origin);
  g_assert_true (g_str_has_prefix (resolved->url, mc_test_hub_get_url (f->hub)));
  g_assert_true (resolved->has_size);
  g_assert_cmpuint (resolved->size, ==, strlen (SMALL));
  g_assert_true (mc_revision_is_commit (resolved->commit));
  mc_hasher_update (hasher, SMALL, strlen (SMALL));
  digest = mc_hasher_finish (hasher);
  g_assert_true (mc_digest_equal (&resolved->digest, &digest));
  g_assert_cmpstr (method, ==, "HEAD");
}

static void
test_resolve_large (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  g_autofree char *expected = mc_test_hub_dup_hash (f->hub, "org/model", "big.gguf");
  g_autofree char *commit = mc_test_hub_dup_commit (f->hub, "org/model");
  g_autofree char *hex = NULL;

  g_assert_no_error (error);
  g_assert_false (resolved->own_origin);
  g_assert_true (g_str_has_prefix (resolved->url, mc_test_hub_get_storage_url (f->hub)));
  g_assert_true (resolved->has_size);
  g_assert_cmpuint (resolved->size, ==, BIG);
  g_assert_cmpint (resolved->digest.kind, ==, MC_DIGEST_SHA256);
  hex = mc_digest_to_hex (&resolved->digest);
  g_assert_cmpstr (hex, ==, expected);
  g_assert_cmpstr (resolved->commit, ==, commit);
  /* The storage host was not asked: it may refuse HEAD. */
  g_assert_cmpuint (mc_test_hub_count (f->hub, "storage:org/model/big.gguf"), ==, 0);
}

static void
test_resolve_alias (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) large = call_resolve (f->client, "old/name", "big.gguf", &error);
  g_autoptr (McResolved) small = call_resolve (f->client, "old/name", "small.json", &error);
  g_autoptr (McResolved) empty = call_resolve (f->client, "org/model", "empty", &error);

  g_assert_no_error (error);
  g_assert_false (large->own_origin);
  g_assert_cmpuint (large->size, ==, BIG);
  g_assert_true (small->own_origin);
  g_assert_cmpuint (small->size, ==, strlen (SMALL));
  g_assert_true (empty->own_origin);
  g_assert_true (empty->has_size);
  g_assert_cmpuint (empty->size, ==, 0);
}

static void
assert_resolve_error (Fixture *f, const char *repo, const char *path, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, repo, path, &error);

  g_assert_error (error, MC_ERROR, code);
  g_assert_null (resolved);
}

static void
test_resolve_errors (Fixture *f, gconstpointer token)
{
  assert_resolve_error (f, "org/model", "missing", MC_ERROR_UNKNOWN_FILE);
  assert_resolve_error (f, "org/missing", "x", MC_ERROR_GONE);
  assert_resolve_error (f, "org/gated", "big.gguf", MC_ERROR_GATED);
  assert_resolve_error (f, "org/model", "../x", MC_ERROR_INVALID_NAME);
  assert_resolve_error (f, "org/model", "/etc/passwd", MC_ERROR_INVALID_NAME);
  assert_resolve_error (f, "org/model", "a\nb", MC_ERROR_INVALID_NAME);
  assert_resolve_error (f, "org//model", "x", MC_ERROR_INVALID_NAME);
  mc_test_hub_script (f->hub, "/org/model/resolve/main/big.gguf", MC_TEST_REDIRECT_LOOP, 0, 0);
  assert_resolve_error (f, "org/model", "big.gguf", MC_ERROR_BAD_RESPONSE);
}

static void
test_resolve_granted (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) large = NULL;
  g_autoptr (McResolved) small = NULL;
  g_autofree char *sent = NULL;

  mc_test_hub_set_granted (f->hub, TRUE);
  large = call_resolve (f->client, "org/gated", "big.gguf", &error);
  g_assert_no_error (error);
  g_assert_false (large->own_origin);
  small = call_resolve (f->client, "org/gated", "small.json", &error);
  g_assert_no_error (error);
  g_assert_true (small->own_origin);
  sent = mc_test_hub_seen (f->hub, "/org/gated/resolve/main/big.gguf", 0, "Authorization");
  g_assert_cmpstr (sent, ==, "Bearer hf_good");
}

/* HEAD has no body to say so, but a stale token is found out all the same. */
static void
test_resolve_refused_token (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (resolved->size, ==, BIG);
  assert_resolve_error (f, "org/gated", "big.gguf", MC_ERROR_TOKEN_REFUSED);
}

/* --- ranges --- */

static void
assert_range (Fixture *f,
              const McResolved *resolved,
              guint64 offset,
              guint64 length,
              guint64 size,
              gsize step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = call_open (f->client, resolved, offset, length, size, &error);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree guint8 *expected = g_malloc (length);

  g_assert_no_error (error);
  bytes = read_all (stream, step, NULL, &error);
  g_assert_no_error (error);
  mc_test_hub_generate (SEED, offset, expected, length);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, length);
  g_assert_true (g_input_stream_close (stream, NULL, &error));
  g_assert_no_error (error);
}

static void
test_ranges (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  g_autofree char *range = NULL;
  g_autofree char *coding = NULL;

  g_assert_no_error (error);
  assert_range (f, resolved, 0, BIG, BIG, 1 << 20);
  assert_range (f, resolved, 1000, 100000, BIG, 4096);
  assert_range (f, resolved, BIG - 1, 1, BIG, 16);
  assert_range (f, resolved, 0, 1, BIG, 1);
  range = mc_test_hub_seen (f->hub, "storage:org/model/big.gguf", 1, "Range");
  g_assert_cmpstr (range, ==, "bytes=1000-100999");
  coding = mc_test_hub_seen (f->hub, "storage:org/model/big.gguf", 1, "Accept-Encoding");
  g_assert_cmpstr (coding, ==, "identity");
  /* One address serves them all. */
  g_assert_cmpuint (mc_test_hub_count (f->hub, "/org/model/resolve/main/big.gguf"), ==, 1);
}

static void
test_small_ranges (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = NULL;
  g_autoptr (GInputStream) whole = NULL;
  g_autoptr (GInputStream) part = NULL;
  g_autoptr (GBytes) all = NULL;
  g_autoptr (GBytes) some = NULL;
  g_autofree char *sent = NULL;

  mc_test_hub_set_granted (f->hub, TRUE);
  resolved = call_resolve (f->client, "org/gated", "small.json", &error);
  g_assert_no_error (error);
  whole = call_open (f->client, resolved, 0, strlen (SMALL), strlen (SMALL), &error);
  g_assert_no_error (error);
  all = read_all (whole, 1000, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (all, NULL), g_bytes_get_size (all), SMALL, strlen (SMALL));
  part = call_open (f->client, resolved, 2, 3, strlen (SMALL), &error);
  g_assert_no_error (error);
  some = read_all (part, 1000, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (some, NULL), g_bytes_get_size (some), &SMALL[2], 3);
  sent = mc_test_hub_seen (f->hub, "/org/gated/resolve/main/small.json", 1, "Authorization");
  g_assert_cmpstr (sent, ==, "Bearer hf_good");
}

static void
test_odd_names (Fixture *f, gconstpointer token)
{
  for (guint i = 0; i < G_N_ELEMENTS (odd_names); i++)
    for (guint lfs = 0; lfs < 2; lfs++)
      {
        const char *text = odd_names[i];
        g_autoptr (GError) error = NULL;
        g_autoptr (McResolved) resolved = NULL;
        g_autoptr (GInputStream) stream = NULL;
        g_autoptr (GBytes) bytes = NULL;

        g_test_message ("%s", text);
        mc_test_hub_add_file (f->hub, "org/model", text, text, strlen (text), lfs);
        resolved = call_resolve (f->client, "org/model", text, &error);
        g_assert_no_error (error);
        g_assert_cmpint (resolved->own_origin, ==, !lfs);
        stream = call_open (f->client, resolved, 0, strlen (text), strlen (text), &error);
        g_assert_no_error (error);
        bytes = read_all (stream, 1000, NULL, &error);
        g_assert_no_error (error);
        g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text,
                         strlen (text));
      }
}

static void
test_impossible_ranges (Fixture *f, gconstpointer token)
{
  static const struct
  {
    guint64 offset, length, size;
  } rows[] = {
    { 0, 0, BIG }, { BIG, 1, BIG }, { 0, BIG + 1, BIG }, { 1, G_MAXUINT64, BIG }, { 0, 1, 0 },
  };
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (
          call_open (f->client, resolved, rows[i].offset, rows[i].length, rows[i].size, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
    }
  g_assert_cmpuint (mc_test_hub_count (f->hub, "storage:org/model/big.gguf"), ==, 0);
}

/* --- answers that are refused before the first byte --- */

static void
assert_open_error (
    Fixture *f, McTestFault fault, guint64 argument, guint64 length, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  g_autoptr (GInputStream) stream = NULL;

  g_assert_no_error (error);
  /* libsoup tries once more by itself if a connection it had kept is closed before an answer. */
  mc_test_hub_script (f->hub, "storage:org/model/big.gguf", fault, argument,
                      fault == MC_TEST_HANG_UP ? 2 : 1);
  stream = call_open (f->client, resolved, 0, length, BIG, &error);
  g_assert_error (error, domain, code);
  g_assert_null (stream);
  g_test_message ("%s", error->message);
  /* Neither what was signed nor what a stranger says. */
  g_assert_null (strchr (error->message, '?'));
  g_assert_null (strchr (error->message, '<'));
  g_clear_error (&error);
  /* A host that asks for it is left alone for a while, and then all is well again. */
  mc_clock_advance (10 * G_TIME_SPAN_SECOND);
  assert_range (f, resolved, 0, 100, BIG, 1000);
}

static void
test_wrong_answers (Fixture *f, gconstpointer token)
{
  assert_open_error (f, MC_TEST_HTML, 0, 1000, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  assert_open_error (f, MC_TEST_HTML, 0, BIG, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  assert_open_error (f, MC_TEST_IGNORE_RANGE, 0, 1000, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  assert_open_error (f, MC_TEST_WRONG_RANGE, 0, 1000, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  assert_open_error (f, MC_TEST_WRONG_RANGE, 0, BIG, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  assert_open_error (f, MC_TEST_WRONG_LENGTH, 0, 1000, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  assert_open_error (f, MC_TEST_WRONG_LENGTH, 0, BIG, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  assert_open_error (f, MC_TEST_STATUS, 416, 1000, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  assert_open_error (f, MC_TEST_STATUS, 400, 1000, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  assert_open_error (f, MC_TEST_STATUS, 404, 1000, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  assert_open_error (f, MC_TEST_STATUS, 503, 1000, MC_ERROR, MC_ERROR_NETWORK);
  assert_open_error (f, MC_TEST_RATE_LIMITED, 5, 1000, MC_ERROR, MC_ERROR_RATE_LIMITED);
  assert_open_error (f, MC_TEST_HANG_UP, 0, 1000, MC_ERROR, MC_ERROR_NETWORK);
}

static void
test_expired (Fixture *f, gconstpointer token)
{
  assert_open_error (f, MC_TEST_EXPIRED, 0, 1000, MC_HUB_ERROR, MC_HUB_ERROR_RESOLVE_AGAIN);
  assert_open_error (f, MC_TEST_STATUS, 403, 1000, MC_HUB_ERROR, MC_HUB_ERROR_RESOLVE_AGAIN);
}

/* A server that knows no ranges is good enough when all of it is wanted. */
static void
test_whole_file_as_200 (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);

  g_assert_no_error (error);
  mc_test_hub_script (f->hub, "storage:org/model/big.gguf", MC_TEST_IGNORE_RANGE, 0, 1);
  assert_range (f, resolved, 0, BIG, BIG, 1 << 20);
}

/* --- bodies that go wrong --- */

static void
test_cut (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  g_autoptr (GInputStream) stream = NULL;
  gsize got;

  mc_test_hub_script (f->hub, "storage:org/model/big.gguf", MC_TEST_CUT_AFTER, 5000, 1);
  stream = call_open (f->client, resolved, 0, 100000, BIG, &error);
  g_assert_no_error (error);
  g_assert_null (read_all (stream, 1 << 20, &got, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "after 5000 of 100000 bytes"));
  g_assert_cmpuint (got, ==, 5000);
  /* It stays ended. */
  g_assert_null (read_all (stream, 1 << 20, &got, &again));
  g_assert_error (again, MC_ERROR, MC_ERROR_NETWORK);
  g_assert_cmpuint (got, ==, 0);
}

static void
test_stall (Fixture *f, gconstpointer token)
{
  g_autoptr (McHubClient) hasty = make_hasty_client (mc_test_hub_get_url (f->hub), 0, SHORT_MS, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (hasty, "org/model", "big.gguf", &error);
  g_autoptr (GInputStream) stream = NULL;
  gsize got;

  mc_test_hub_script (f->hub, "storage:org/model/big.gguf", MC_TEST_STALL_AFTER, 5000, 1);
  stream = call_open (hasty, resolved, 0, 100000, BIG, &error);
  g_assert_no_error (error);
  g_assert_null (read_all (stream, 1 << 20, &got, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "silent for 0.3 seconds"));
  g_assert_cmpuint (got, ==, 5000);
  g_clear_object (&stream);
  finalize_client (&hasty);
}

static void
test_no_head (Fixture *f, gconstpointer token)
{
  g_autoptr (McHubClient) hasty = make_hasty_client (mc_test_hub_get_url (f->hub), SHORT_MS, 0, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);

  mc_test_hub_script (f->hub, "storage:org/model/big.gguf", MC_TEST_SILENT, 0, 1);
  g_assert_null (call_open (hasty, resolved, 0, 100000, BIG, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "within 0.3 seconds"));
  finalize_client (&hasty);
}

/* A slow body is not a silent one. */
static void
test_slow_body (Fixture *f, gconstpointer token)
{
  g_autoptr (McHubClient) hasty = make_hasty_client (mc_test_hub_get_url (f->hub), 0, SLOW_MS, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (hasty, "org/model", "big.gguf", &error);
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gint64 begin = g_get_monotonic_time ();

  mc_test_hub_set_rate (f->hub, 40000);
  stream = call_open (hasty, resolved, 0, 80000, BIG, &error);
  g_assert_no_error (error);
  bytes = read_all (stream, 1 << 20, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 80000);
  g_assert_cmpint (g_get_monotonic_time () - begin, >, SLOW_MS * 1000);
  g_clear_object (&stream);
  finalize_client (&hasty);
}

static gboolean
never (gpointer data)
{
  return FALSE;
}

/* The silence is counted within a read: a reader that takes its time is not punished. */
static void
test_slow_reader (Fixture *f, gconstpointer token)
{
  g_autoptr (McHubClient) hasty = make_hasty_client (mc_test_hub_get_url (f->hub), 0, SHORT_MS, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (hasty, "org/model", "big.gguf", &error);
  g_autoptr (GInputStream) stream = call_open (hasty, resolved, 0, 1000, BIG, &error);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) rest = NULL;
  char buffer[100];

  g_assert_no_error (error);
  g_input_stream_read_async (stream, buffer, sizeof buffer, G_PRIORITY_DEFAULT, NULL,
                             mc_test_store_result, &result);
  g_assert_cmpint (g_input_stream_read_finish (stream, mc_test_await (&result), &error), ==, 100);
  g_assert_false (mc_test_wait_until (never, NULL, 2 * SHORT_MS));
  rest = read_all (stream, 100, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (rest), ==, 900);
  g_clear_object (&stream);
  finalize_client (&hasty);
}

static void
test_cancel_read (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  char buffer[100];

  mc_test_hub_script (f->hub, "storage:org/model/big.gguf", MC_TEST_STALL_AFTER, 0, 1);
  stream = call_open (f->client, resolved, 0, 100000, BIG, &error);
  g_assert_no_error (error);
  g_input_stream_read_async (stream, buffer, sizeof buffer, G_PRIORITY_DEFAULT, cancellable,
                             mc_test_store_result, &result);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_input_stream_read_finish (stream, mc_test_await (&result), &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What is cancelled between two reads was not this stream. */
static void
test_cancel_between (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  g_autoptr (GInputStream) stream = call_open (f->client, resolved, 0, 1000, BIG, &error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) rest = NULL;
  char buffer[100];

  g_assert_no_error (error);
  g_input_stream_read_async (stream, buffer, sizeof buffer, G_PRIORITY_DEFAULT, cancellable,
                             mc_test_store_result, &result);
  g_assert_cmpint (g_input_stream_read_finish (stream, mc_test_await (&result), &error), ==, 100);
  g_cancellable_cancel (cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  rest = read_all (stream, 100, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (rest), ==, 900);
}

static void
test_cancel_open (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;

  mc_test_hub_script (f->hub, "storage:org/model/big.gguf", MC_TEST_SILENT, 0, 1);
  mc_hub_client_open_range_async (f->client, resolved, 0, 10, BIG, MC_HUB_ANY, cancellable,
                                  mc_test_store_result, &result);
  g_cancellable_cancel (cancellable);
  g_assert_null (mc_hub_client_open_range_finish (f->client, mc_test_await (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_sync_read_is_refused (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  g_autoptr (GInputStream) stream = call_open (f->client, resolved, 0, 10, BIG, &error);
  char buffer[100];

  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (stream, buffer, sizeof buffer, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_assert_cmpint (g_input_stream_skip (stream, 5, NULL, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

/* --- lifetimes --- */

/* A stream outlives its client, and a body that nobody reads to its end is let go of at once, even
 * if the server would hold it open for ever. */
static void
test_abandoned (Fixture *f, gconstpointer token)
{
  g_autoptr (McHubClient) client = make_client (mc_test_hub_get_url (f->hub), token);
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (client, "org/model", "big.gguf", &error);
  GInputStream *stalled;
  GInputStream *kept;
  g_autoptr (GBytes) bytes = NULL;

  mc_test_hub_script (f->hub, "storage:org/model/big.gguf", MC_TEST_STALL_AFTER, 10, 1);
  stalled = call_open (client, resolved, 0, BIG, BIG, &error);
  g_assert_no_error (error);
  kept = call_open (client, resolved, 0, BIG, BIG, &error);
  g_assert_no_error (error);
  finalize_client (&client);
  g_assert_finalize_object (stalled);
  bytes = read_all (kept, 1 << 20, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, BIG);
  g_assert_finalize_object (kept);
}

/* All connections for bytes are taken by streams that nobody reads; the API is still there. */
static void
test_api_is_not_starved (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = call_resolve (f->client, "org/model", "big.gguf", &error);
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (McModelInfo) info = NULL;
  g_autoptr (GAsyncResult) ninth = NULL;
  GInputStream *last;

  for (guint i = 0; i < 8; i++)
    {
      g_ptr_array_add (streams, call_open (f->client, resolved, 0, BIG, BIG, &error));
      g_assert_no_error (error);
    }
  mc_hub_client_open_range_async (f->client, resolved, 0, 10, BIG, MC_HUB_ANY, NULL,
                                  mc_test_store_result, &ninth);
  info = call_info (f->client, "org/model", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (ninth);
  /* The ninth waits its turn without being late. */
  g_ptr_array_remove_index (streams, 0);
  last = mc_hub_client_open_range_finish (f->client, mc_test_await (&ninth), &error);
  g_assert_no_error (error);
  g_clear_object (&last);
}

/* --- secrets --- */

static GString *logged;
static GMutex log_mutex;

static GLogWriterOutput
keep_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  g_autofree char *line = g_log_writer_format_fields (level, fields, n_fields, FALSE);

  g_mutex_lock (&log_mutex);
  if (strstr (line, "Mc-Hub") != NULL)
    g_string_append_printf (logged, "%s\n", line);
  g_mutex_unlock (&log_mutex);
  return G_LOG_WRITER_HANDLED;
}

static guint
count_lines (const char *needle)
{
  guint count = 0;

  for (const char *p = logged->str; (p = strstr (p, needle)) != NULL; p++)
    count++;
  return count;
}

/* One line for each request, and in none of them the token or a signature. In a process of its own,
 * since a log writer cannot be taken back. */
static void
test_log_keeps_secrets (void)
{
  Fixture f = { 0 };
  g_autoptr (GError) error = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }
  logged = g_string_new (NULL);
  g_log_set_writer_func (keep_log, NULL, NULL);
  set_up (&f, "hf_good");
  {
    g_autoptr (McResolved) resolved = call_resolve (f.client, "org/model", "big.gguf", &error);
    g_autoptr (GInputStream) stream = NULL;

    g_assert_no_error (error);
    g_assert_nonnull (strstr (resolved->url, "Signature="));
    stream = call_open (f.client, resolved, 0, 10, BIG, &error);
    g_assert_no_error (error);
    g_clear_object (&stream);
    mc_test_hub_script (f.hub, "storage:org/model/big.gguf", MC_TEST_EXPIRED, 0, 1);
    g_assert_null (call_open (f.client, resolved, 0, 10, BIG, &error));
    g_assert_null (strstr (error->message, "Signature"));
  }
  g_assert_cmpuint (count_lines ("HEAD /org/model/resolve/main/big.gguf: 302 after"), ==, 1);
  g_assert_cmpuint (count_lines (": 206 after"), ==, 1);
  g_assert_cmpuint (count_lines (": 403 after"), ==, 1);
  g_assert_cmpuint (count_lines ("Signature"), ==, 0);
  g_assert_cmpuint (count_lines ("Policy"), ==, 0);
  g_assert_cmpuint (count_lines ("hf_good"), ==, 0);
  tear_down (&f, NULL);
  g_string_free (logged, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, token, function)                                                                 \
  g_test_add ("/hub-files/" name, Fixture, token, set_up, function, tear_down)
  ADD ("resolve-small", NULL, test_resolve_small);
  ADD ("resolve-large", "hf_good", test_resolve_large);
  ADD ("resolve-alias", NULL, test_resolve_alias);
  ADD ("resolve-errors", NULL, test_resolve_errors);
  ADD ("resolve-errors-signed-in", "hf_good", test_resolve_errors);
  ADD ("resolve-granted", "hf_good", test_resolve_granted);
  ADD ("resolve-refused-token", "hf_stale", test_resolve_refused_token);
  ADD ("ranges", "hf_good", test_ranges);
  ADD ("small-ranges", "hf_good", test_small_ranges);
  ADD ("odd-names", "hf_good", test_odd_names);
  ADD ("impossible-ranges", NULL, test_impossible_ranges);
  ADD ("wrong-answers", "hf_good", test_wrong_answers);
  ADD ("expired", "hf_good", test_expired);
  ADD ("whole-file-as-200", NULL, test_whole_file_as_200);
  ADD ("cut", NULL, test_cut);
  ADD ("stall", NULL, test_stall);
  ADD ("no-head", NULL, test_no_head);
  ADD ("slow-body", NULL, test_slow_body);
  ADD ("slow-reader", NULL, test_slow_reader);
  ADD ("cancel-read", NULL, test_cancel_read);
  ADD ("cancel-between", NULL, test_cancel_between);
  ADD ("cancel-open", NULL, test_cancel_open);
  ADD ("sync-read-is-refused", NULL, test_sync_read_is_refused);
  ADD ("abandoned", "hf_good", test_abandoned);
  ADD ("api-is-not-starved", "hf_good", test_api_is_not_starved);
#undef ADD
  g_test_add_func ("/hub-files/log-keeps-secrets", test_log_keeps_secrets);
  return g_test_run ();
}
