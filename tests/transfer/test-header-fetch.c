/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-header-fetch.h"
#include "mc-model-header-read.h"
#include "mc-test-headers.h"
#include "mc-test-wait.h"
#include "transfer-fixture.h"

#include <string.h>

/* Headers of weight files, from the Hub and from the store. */

#define REPO "org/chat"
#define GGUF "chat-Q4_K_M.gguf"
#define SAFETENSORS "model.safetensors"
#define STORAGE "storage:" REPO "/"

static const McTestRepoFacts known = { .parameters = 45000000, .context_length = 8192 };
static const McTestRepoFacts unknown = { .task = "text-generation" };

/* A repo with one file of weights, scanned. */
static gint64
add_repo (Fixture *f, const McTestRepoFacts *facts, const char *path, const void *data, gsize size)
{
  mc_test_hub_add_repo (f->hub, REPO, facts);
  mc_test_hub_add_file (f->hub, REPO, path, data, size, TRUE);
  return fixture_scan (f, REPO);
}

static gint64
add_gguf (Fixture *f, const McTestRepoFacts *facts, guint n_tokens)
{
  g_autoptr (GBytes) bytes = mc_test_make_gguf (n_tokens);

  return add_repo (f, facts, GGUF, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static gboolean
fetch (Fixture *f, McHubClient *hub, gint64 repo, GCancellable *cancellable, GError **error)
{
  McManifest *manifest = mc_store_get_repo (f->store, repo)->manifest;
  g_autoptr (GAsyncResult) result = NULL;

  mc_header_fetch_async (f->store, hub, manifest, cancellable, mc_test_store_result, &result);
  return mc_header_fetch_finish (f->store, mc_test_await (&result), error);
}

static const McModelHeader *
get_header (Fixture *f, gint64 repo, const char *path)
{
  return mc_store_get_header (f->store, &fixture_find_file (f, repo, path)->digest);
}

static const McModelHeader *
fetch_well (Fixture *f, gint64 repo, const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (fetch (f, f->client, repo, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (get_header (f, repo, path));
  return get_header (f, repo, path);
}

static void
fetch_badly (Fixture *f, McHubClient *hub, gint64 repo, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (fetch (f, hub, repo, NULL, &error));
  g_assert_error (error, domain, code);
}

static void
assert_llama (const McModelHeader *header)
{
  g_assert_cmpint (header->format, ==, MC_HEADER_GGUF);
  g_assert_cmpstr (header->architecture, ==, "llama");
  g_assert_cmpuint (header->context_length, ==, MC_TEST_GGUF_CONTEXT);
  g_assert_true (header->kv_cache.is_known);
  g_assert_cmpuint (header->kv_cache.bytes, ==, MC_TEST_GGUF_CACHE);
}

static void
assert_says_nothing (const McModelHeader *header)
{
  g_assert_cmpstr (header->architecture, ==, "");
  g_assert_cmpstr (header->encoding, ==, "");
  g_assert_cmpuint (header->parameters, ==, 0);
  g_assert_cmpuint (header->context_length, ==, 0);
  g_assert_false (header->kv_cache.is_known);
}

/* The Hub knows how many parameters there are: the first range is enough. */
static void
test_first_range (Fixture *f, gconstpointer data)
{
  gint64 repo = add_gguf (f, &known, 100000);
  g_autofree char *range = NULL;

  assert_llama (fetch_well (f, repo, GGUF));
  g_assert_cmpuint (mc_test_hub_count (f->hub, STORAGE GGUF), ==, 1);
  range = mc_test_hub_seen (f->hub, STORAGE GGUF, 0, "Range");
  g_assert_cmpstr (range, ==, "bytes=0-262143");
}

/* It does not: the list of tensors behind the tokenizer counts them. */
static void
test_grows (Fixture *f, gconstpointer data)
{
  gint64 repo = add_gguf (f, &unknown, 200000);
  const McModelHeader *header = fetch_well (f, repo, GGUF);
  guint n = mc_test_hub_count (f->hub, STORAGE GGUF);
  guint64 size = fixture_find_file (f, repo, GGUF)->size;

  assert_llama (header);
  g_assert_cmpuint (header->parameters, ==, MC_TEST_GGUF_PARAMETERS);
  g_assert_cmpstr (header->encoding, ==, "Q4_K_M");
  g_assert_cmpuint (n, >, 1);
  /* Nothing twice. */
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, REPO, GGUF), ==, size);
}

static void
test_no_longer_than (Fixture *f, gconstpointer data)
{
  gint64 repo = add_gguf (f, &unknown, 1000000);
  const McModelHeader *header = fetch_well (f, repo, GGUF);

  assert_llama (header);
  g_assert_cmpuint (header->parameters, ==, 0);
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, REPO, GGUF), <=, MC_MODEL_HEADER_MOST);
}

static void
test_safetensors (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = mc_test_make_safetensors (1000000);
  gint64 repo =
      add_repo (f, &unknown, SAFETENSORS, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  const McModelHeader *header = fetch_well (f, repo, SAFETENSORS);

  g_assert_cmpint (header->format, ==, MC_HEADER_SAFETENSORS);
  g_assert_cmpstr (header->encoding, ==, "BF16");
  g_assert_cmpuint (header->parameters, ==, 1000000);
}

/* What the Hub says of safetensors needs no header. */
static void
test_nothing_to_add (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) bytes = mc_test_make_safetensors (1000);
  gint64 repo =
      add_repo (f, &known, SAFETENSORS, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  fetch_badly (f, f->client, repo, MC_ERROR, MC_ERROR_UNKNOWN_FILE);
  g_assert_cmpuint (mc_test_hub_count (f->hub, STORAGE SAFETENSORS), ==, 0);
}

static void
test_once (Fixture *f, gconstpointer data)
{
  gint64 repo = add_gguf (f, &known, 10);
  guint n;

  fetch_well (f, repo, GGUF);
  n = mc_test_hub_count (f->hub, "");
  fetch_well (f, repo, GGUF);
  fixture_close (f);
  fixture_open (f);
  assert_llama (fetch_well (f, repo, GGUF));
  g_assert_cmpuint (mc_test_hub_count (f->hub, ""), ==, n);
}

static void
test_from_store (Fixture *f, gconstpointer data)
{
  gint64 repo = add_gguf (f, &unknown, 50000);
  g_autoptr (GError) error = NULL;
  guint n;

  fetch_badly (f, NULL, repo, MC_ERROR, MC_ERROR_NOT_DOWNLOADED);
  fixture_have (f, repo, "gguf:Q4_K_M", "");
  n = mc_test_hub_count (f->hub, "");
  g_assert_true (fetch (f, NULL, repo, NULL, &error));
  g_assert_no_error (error);
  assert_llama (get_header (f, repo, GGUF));
  g_assert_cmpuint (get_header (f, repo, GGUF)->parameters, ==, MC_TEST_GGUF_PARAMETERS);
  g_assert_cmpuint (mc_test_hub_count (f->hub, ""), ==, n);
}

/* --- what strangers send --- */

/* Repos whose weights are not what their names say. Each is asked for once. */
static void
test_bad_headers (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *path;
    const char *bytes;
    gsize size;
  } bad[] = {
    { GGUF, "", 1 },
    { GGUF, "<!doctype html><html>", 21 },
    { GGUF, "GGUF\3\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x7f", 24 },
    { GGUF, "GGUF\3\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 32 },
    { GGUF, "GGUF\3\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0gen", 35 },
    { SAFETENSORS, "\xff\xff\xff\xff\xff\xff\xff\xff{", 9 },
    { SAFETENSORS, "\2\0\0\0\0\0\0\0[]", 10 },
    { SAFETENSORS, "\2\0\0\0\0\0\0\0{}and more", 18 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      gint64 repo = add_repo (f, &unknown, bad[i].path, bad[i].bytes, bad[i].size);
      guint n;

      g_test_message ("%u: %s", i, bad[i].path);
      assert_says_nothing (fetch_well (f, repo, bad[i].path));
      n = mc_test_hub_count (f->hub, "");
      fetch_well (f, repo, bad[i].path);
      g_assert_cmpuint (mc_test_hub_count (f->hub, ""), ==, n);
    }
}

/* A safetensors header longer than what is read: not even tried to the end. */
static void
test_endless_header (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const guint64 length = GUINT64_TO_LE (20000000);
  gint64 repo;

  g_string_append_len (text, (const char *) &length, sizeof length);
  g_string_append_c (text, '{');
  g_string_set_size (text, 21000000);
  memset (text->str + 9, ' ', text->len - 9);
  repo = add_repo (f, &unknown, SAFETENSORS, text->str, text->len);
  assert_says_nothing (fetch_well (f, repo, SAFETENSORS));
  g_assert_cmpuint (mc_test_hub_bytes_sent (f->hub, REPO, SAFETENSORS), <=, MC_MODEL_HEADER_FIRST);
}

/* What the server does wrong is not kept against the file. */
static void
test_faults (Fixture *f, gconstpointer data)
{
  static const struct
  {
    McTestFault fault;
    guint64 argument;
    McError code;
  } faults[] = {
    { MC_TEST_HTML, 0, MC_ERROR_BAD_RESPONSE },
    { MC_TEST_STATUS, 416, MC_ERROR_BAD_RESPONSE },
    { MC_TEST_STATUS, 500, MC_ERROR_NETWORK },
    { MC_TEST_IGNORE_RANGE, 0, MC_ERROR_BAD_RESPONSE },
    { MC_TEST_WRONG_RANGE, 0, MC_ERROR_BAD_RESPONSE },
    { MC_TEST_CUT_AFTER, 1000, MC_ERROR_NETWORK },
    { MC_TEST_HANG_UP, 0, MC_ERROR_NETWORK },
  };
  gint64 repo = add_gguf (f, &unknown, 100000);

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_test_message ("%u", i);
      mc_test_hub_script (f->hub, STORAGE GGUF, faults[i].fault, faults[i].argument, 1);
      fetch_badly (f, f->client, repo, MC_ERROR, (int) faults[i].code);
      g_assert_null (get_header (f, repo, GGUF));
    }
  mc_test_hub_script (f->hub, STORAGE GGUF, MC_TEST_EXPIRED, 0, 1);
  fetch_badly (f, f->client, repo, MC_HUB_ERROR, MC_HUB_ERROR_RESOLVE_AGAIN);
  assert_llama (fetch_well (f, repo, GGUF));
}

/* The listing and the file do not agree. */
static void
test_another_file (Fixture *f, gconstpointer data)
{
  gint64 repo = add_gguf (f, &unknown, 10);
  McManifest *manifest = mc_store_get_repo (f->store, repo)->manifest;

  ((McFile *) g_ptr_array_index (manifest->files, 0))->size--;
  fetch_badly (f, f->client, repo, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  g_assert_cmpuint (mc_test_hub_count (f->hub, STORAGE GGUF), ==, 0);
}

static void
test_gated (Fixture *f, gconstpointer data)
{
  static const McTestRepoFacts gated = { .gated = "manual" };
  gint64 repo = add_gguf (f, &gated, 10);

  /* The Hub masks what such a file is. */
  fetch_badly (f, f->client, repo, MC_ERROR, MC_ERROR_UNKNOWN_FILE);
  g_assert_cmpuint (mc_test_hub_count (f->hub, STORAGE GGUF), ==, 0);
}

static gboolean
is_asked (gpointer data)
{
  Fixture *f = data;

  return mc_test_hub_count (f->hub, STORAGE GGUF) > 0;
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  gint64 repo = add_gguf (f, &unknown, 100000);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_test_hub_script (f->hub, STORAGE GGUF, MC_TEST_STALL_AFTER, 1000, 1);
  mc_header_fetch_async (f->store, f->client, mc_store_get_repo (f->store, repo)->manifest,
                         cancellable, mc_test_store_result, &result);
  g_assert_true (mc_test_wait_until (is_asked, f, 60000));
  g_cancellable_cancel (cancellable);
  g_assert_false (mc_header_fetch_finish (f->store, mc_test_await (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (get_header (f, repo, GGUF));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/header-fetch/first-range-is-enough", test_first_range },
    { "/header-fetch/ranges-grow", test_grows },
    { "/header-fetch/not-without-end", test_no_longer_than },
    { "/header-fetch/safetensors", test_safetensors },
    { "/header-fetch/nothing-to-add", test_nothing_to_add },
    { "/header-fetch/once", test_once },
    { "/header-fetch/from-the-store", test_from_store },
    { "/header-fetch/bad-headers", test_bad_headers },
    { "/header-fetch/endless-header", test_endless_header },
    { "/header-fetch/faults", test_faults },
    { "/header-fetch/another-file", test_another_file },
    { "/header-fetch/gated", test_gated },
    { "/header-fetch/cancel", test_cancel },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, fixture_set_up, tests[i].test, fixture_tear_down);
  return g_test_run ();
}
