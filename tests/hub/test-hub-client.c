/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "hub-calls.h"
#include "mc-error.h"
#include "mc-repo-ref.h"
#include "mc-test-hub.h"
#include "mc-test-wait.h"

#include <string.h>

/* The calls that are answered with JSON, against the scripted Hub. Search is in test-hub-search.c,
 * files are in test-hub-files.c. */

#define SHORT_MS 300

typedef struct
{
  McTestHub *hub;
  McHubClient *client;
  guint asked; /* requests to wait for */
} Fixture;

static void
set_up (Fixture *f, gconstpointer token)
{
  static const McTestRepoFacts facts = {
    .task = "text-generation",
    .library = "gguf",
    .license = "mit",
    .parameters = 7000,
    .context_length = 4096,
  };
  static const McTestRepoFacts gated = { .gated = "manual" };

  f->hub = mc_test_hub_new ();
  mc_test_hub_add_repo (f->hub, "org/model", &facts);
  mc_test_hub_add_file (f->hub, "org/model", "config.json", "{}", 2, FALSE);
  mc_test_hub_add_file (f->hub, "org/model", "sub/model.gguf", "GGUF", 4, TRUE);
  mc_test_hub_add_repo (f->hub, "org/gated", &gated);
  mc_test_hub_add_file (f->hub, "org/gated", "README.md", "hi", 2, FALSE);
  mc_test_hub_add_file (f->hub, "org/gated", "weights.gguf", "GGUF", 4, TRUE);
  mc_test_hub_add_alias (f->hub, "old-name", "org/model");
  mc_test_hub_set_token (f->hub, "hf_good");
  f->client = make_client (mc_test_hub_get_url (f->hub), token);
}

static void
tear_down (Fixture *f, gconstpointer token)
{
  finalize_client (&f->client);
  g_clear_pointer (&f->hub, mc_test_hub_free);
}

static McTreeEntry *
entry_at (GPtrArray *entries, guint i)
{
  g_assert_cmpuint (i, <, entries->len);
  return g_ptr_array_index (entries, i);
}

/* --- info --- */

static void
test_info (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = call_info (f->client, "org/model", NULL, &error);
  g_autoptr (McModelInfo) pinned = NULL;
  g_autofree char *agent = mc_test_hub_seen (f->hub, "/api/models/org/model", 0, "User-Agent");
  g_autofree char *coding =
      mc_test_hub_seen (f->hub, "/api/models/org/model", 0, "Accept-Encoding");
  g_autofree char *sent = mc_test_hub_seen (f->hub, "/api/models/org/model", 0, "Authorization");

  g_assert_no_error (error);
  g_assert_cmpstr (info->id, ==, "org/model");
  g_assert_true (mc_revision_is_commit (info->commit));
  g_assert_cmpstr (info->task, ==, "text-generation");
  g_assert_cmpstr (info->library, ==, "gguf");
  g_assert_cmpstr (info->license, ==, "mit");
  g_assert_cmpuint (info->parameters, ==, 7000);
  g_assert_cmpuint (info->context_length, ==, 4096);
  g_assert_cmpint (info->gated, ==, MC_GATED_NO);
  g_assert_cmpstr (agent, ==, "model-cache/" MC_VERSION);
  g_assert_cmpstr (coding, ==, "identity");
  g_assert_null (sent);

  pinned = call_info (f->client, "org/model", info->commit, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (pinned->commit, ==, info->commit);
}

static void
test_alias (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = call_info (f->client, "old-name", NULL, &error);
  g_autoptr (GPtrArray) entries = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (info->id, ==, "org/model");
  entries = call_tree (f->client, "old-name", info->commit, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 2);
}

/* A revision is one segment of the path, whatever is in it. */
static void
test_revision (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *target = NULL;

  g_assert_null (call_info (f->client, "org/model", "refs/pr/1", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "refs/pr/1"));
  target = mc_test_hub_seen (f->hub, "", 0, ":target");
  g_assert_cmpstr (target, ==, "/api/models/org/model/revision/refs%2Fpr%2F1");
}

static void
test_bad_arguments (Fixture *f, gconstpointer token)
{
  static const char *const repos[] = { "", "a/b/c", "../x", "a b", "a/b?x=1", "a/b#c" };
  static const char *const revisions[] = { "", "a b", "../..", "a?b" };

  for (guint i = 0; i < G_N_ELEMENTS (repos); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) tree_error = NULL;

      g_assert_null (call_info (f->client, repos[i], NULL, &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
      g_assert_null (call_tree (f->client, repos[i], "main", &tree_error));
      g_assert_error (tree_error, MC_ERROR, MC_ERROR_INVALID_NAME);
    }
  for (guint i = 0; i < G_N_ELEMENTS (revisions); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) tree_error = NULL;

      g_assert_null (call_info (f->client, "org/model", revisions[i], &error));
      g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
      g_assert_null (call_tree (f->client, "org/model", revisions[i], &tree_error));
      g_assert_error (tree_error, MC_ERROR, MC_ERROR_INVALID_NAME);
    }
  g_assert_cmpuint (mc_test_hub_count (f->hub, ""), ==, 0);
}

/* --- refusals --- */

static void
assert_info_error (Fixture *f, const char *repo, const char *revision, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = call_info (f->client, repo, revision, &error);

  g_assert_error (error, MC_ERROR, code);
  g_assert_null (info);
  g_test_message ("%s", error->message);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_null (strstr (error->message, "hf_"));
}

static void
test_not_found (Fixture *f, gconstpointer token)
{
  assert_info_error (f, "org/missing", NULL, MC_ERROR_NOT_FOUND);
  assert_info_error (f, "org/model", "nope", MC_ERROR_NOT_FOUND);
}

static void
test_refused_token (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = call_info (f->client, "org/model", NULL, &error);
  g_autofree char *first = mc_test_hub_seen (f->hub, "/api/models/org/model", 0, "Authorization");
  g_autofree char *second = mc_test_hub_seen (f->hub, "/api/models/org/model", 1, "Authorization");

  /* A stale token does not break what is public ... */
  g_assert_no_error (error);
  g_assert_cmpstr (info->id, ==, "org/model");
  g_assert_cmpuint (mc_test_hub_count (f->hub, "/api/models/org/model"), ==, 2);
  g_assert_cmpstr (first, ==, "Bearer hf_stale");
  g_assert_null (second);
  /* ... and is named where it may be the reason. */
  assert_info_error (f, "org/missing", NULL, MC_ERROR_TOKEN_REFUSED);
  g_assert_cmpuint (mc_test_hub_count (f->hub, "/api/models/org/missing"), ==, 2);
}

static void
test_statuses (Fixture *f, gconstpointer token)
{
  static const struct
  {
    McTestFault fault;
    guint64 argument;
    int code;
  } rows[] = {
    { MC_TEST_STATUS, 400, MC_ERROR_INVALID_NAME },
    { MC_TEST_STATUS, 403, MC_ERROR_SIGN_IN },
    { MC_TEST_STATUS, 404, MC_ERROR_NOT_FOUND },
    { MC_TEST_STATUS, 410, MC_ERROR_GONE },
    { MC_TEST_STATUS, 418, MC_ERROR_BAD_RESPONSE },
    { MC_TEST_STATUS, 500, MC_ERROR_NETWORK },
    { MC_TEST_STATUS, 502, MC_ERROR_NETWORK },
    { MC_TEST_STATUS, 503, MC_ERROR_NETWORK },
    { MC_TEST_STATUS, 504, MC_ERROR_NETWORK },
    { MC_TEST_GATED, 0, MC_ERROR_GATED },
    { MC_TEST_RATE_LIMITED, 30, MC_ERROR_RATE_LIMITED },
    { MC_TEST_RATE_LIMITED, 0, MC_ERROR_RATE_LIMITED },
    { MC_TEST_HTML, 0, MC_ERROR_BAD_RESPONSE },
    { MC_TEST_NOT_JSON, 0, MC_ERROR_BAD_RESPONSE },
    { MC_TEST_CUT_AFTER, 10, MC_ERROR_NETWORK },
    { MC_TEST_CUT_AFTER, 0, MC_ERROR_NETWORK },
    { MC_TEST_HANG_UP, 0, MC_ERROR_NETWORK },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (McModelInfo) info = NULL;
      g_autoptr (GError) error = NULL;

      g_test_message ("fault %d, %u", rows[i].fault, (guint) rows[i].argument);
      /* libsoup tries again by itself on a kept connection that was closed before an answer. */
      mc_test_hub_script (f->hub, "/api/models/org/model", rows[i].fault, rows[i].argument, 0);
      assert_info_error (f, "org/model", NULL, rows[i].code);
      mc_test_hub_script (f->hub, "/api/models/org/model", MC_TEST_ANSWER, 0, 0);
      finalize_client (&f->client);
      g_clear_pointer (&f->hub, mc_test_hub_free);
      set_up (f, token);
      info = call_info (f->client, "org/model", NULL, &error);
      g_assert_no_error (error);
    }
}

static void
test_rate_limit_says_how_long (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;

  mc_test_hub_script (f->hub, "/api/models/org/model", MC_TEST_RATE_LIMITED, 30, 1);
  g_assert_null (call_info (f->client, "org/model", NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_RATE_LIMITED);
  g_assert_nonnull (strstr (error->message, "31 seconds"));
}

static void
test_redirect_loop (Fixture *f, gconstpointer token)
{
  mc_test_hub_script (f->hub, "/api/models/org/model", MC_TEST_REDIRECT_LOOP, 0, 0);
  assert_info_error (f, "org/model", NULL, MC_ERROR_BAD_RESPONSE);
  g_assert_cmpuint (mc_test_hub_count (f->hub, "/api/models/org/model"), ==, 11);
}

/* --- the listing --- */

static void
test_tree (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = call_tree (f->client, "org/model", "main", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 2);
  g_assert_cmpstr (entry_at (entries, 0)->path, ==, "config.json");
  g_assert_cmpuint (entry_at (entries, 0)->size, ==, 2);
  g_assert_cmpint (entry_at (entries, 0)->digest.kind, ==, MC_DIGEST_GIT_SHA1);
  g_assert_cmpstr (entry_at (entries, 1)->path, ==, "sub/model.gguf");
  g_assert_cmpint (entry_at (entries, 1)->digest.kind, ==, MC_DIGEST_SHA256);
}

static void
test_pages (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *path = g_strdup_printf ("part-%02u.bin", i);

      mc_test_hub_add_file (f->hub, "org/model", path, "x", 1, i % 2 == 0);
    }
  mc_test_hub_set_page_size (f->hub, 7);
  entries = call_tree (f->client, "org/model", "main", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 42);
  /* 42 files and a folder, seven a page. */
  g_assert_cmpuint (mc_test_hub_count (f->hub, "/api/models/org/model/tree/main"), ==, 7);
  for (guint i = 1; i < entries->len; i++)
    g_assert_cmpint (strcmp (entry_at (entries, i - 1)->path, entry_at (entries, i)->path), <, 0);
  for (guint i = 0; i < 7; i++)
    {
      g_autofree char *sent = mc_test_hub_seen (f->hub, "", i, "Authorization");

      g_assert_cmpstr (sent, ==, token == NULL ? NULL : "Bearer hf_good");
    }
}

/* A listing is all of it or an error. */
static void
test_page_fails (Fixture *f, gconstpointer token)
{
  static const McTestFault faults[] = { MC_TEST_HTML, MC_TEST_NOT_JSON, MC_TEST_CUT_AFTER };

  mc_test_hub_set_page_size (f->hub, 1);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) entries = NULL;
      int code = faults[i] == MC_TEST_CUT_AFTER ? MC_ERROR_NETWORK : MC_ERROR_BAD_RESPONSE;

      mc_test_hub_script (f->hub, "/api/models/org/model/tree/main", MC_TEST_ANSWER, 0, 1);
      mc_test_hub_script (f->hub, "/api/models/org/model/tree/main", faults[i], 3, 1);
      entries = call_tree (f->client, "org/model", "main", &error);
      g_assert_error (error, MC_ERROR, code);
      g_assert_null (entries);
    }
}

static void
test_gated_tree (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = call_info (f->client, "org/gated", NULL, &error);
  g_autoptr (GPtrArray) masked = call_tree (f->client, "org/gated", "main", &error);
  g_autoptr (GPtrArray) open = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (info->gated, ==, MC_GATED_MANUAL);
  g_assert_cmpint (entry_at (masked, 0)->digest.kind, ==, MC_DIGEST_GIT_SHA1);
  g_assert_cmpstr (entry_at (masked, 1)->path, ==, "weights.gguf");
  g_assert_cmpuint (entry_at (masked, 1)->size, ==, 4);
  g_assert_cmpint (entry_at (masked, 1)->digest.kind, ==, MC_DIGEST_NONE);

  mc_test_hub_set_granted (f->hub, TRUE);
  open = call_tree (f->client, "org/gated", "main", &error);
  g_assert_no_error (error);
  g_assert_cmpint (entry_at (open, 1)->digest.kind, ==, MC_DIGEST_SHA256);
}

/* --- whoami --- */

static void
test_whoami (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = call_whoami (f->client, &error);

  if (g_strcmp0 (token, "hf_good") == 0)
    {
      g_assert_no_error (error);
      g_assert_nonnull (name);
      return;
    }
  if (token == NULL)
    g_assert_error (error, MC_ERROR, MC_ERROR_SIGN_IN);
  else
    g_assert_error (error, MC_ERROR, MC_ERROR_TOKEN_REFUSED);
  g_assert_null (name);
  /* Without a token there is nothing to ask, and a refused one is not left out. */
  g_assert_cmpuint (mc_test_hub_count (f->hub, ""), ==, token == NULL ? 0 : 1);
}

/* --- time --- */

/* One deadline is short, so that it is seen which. */
static void
test_no_head (Fixture *f, gconstpointer token)
{
  g_autoptr (McHubClient) hasty = make_hasty_client (mc_test_hub_get_url (f->hub), SHORT_MS, 0, 0);
  g_autoptr (GError) error = NULL;

  mc_test_hub_script (f->hub, "/api/models/org/model", MC_TEST_SILENT, 0, 1);
  g_assert_null (call_info (hasty, "org/model", NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "127.0.0.1"));
  g_assert_nonnull (strstr (error->message, "within 0.3 seconds"));
  finalize_client (&hasty);
}

static void
test_no_end (Fixture *f, gconstpointer token)
{
  g_autoptr (McHubClient) hasty = make_hasty_client (mc_test_hub_get_url (f->hub), 0, 0, SHORT_MS);
  g_autoptr (GError) error = NULL;

  mc_test_hub_script (f->hub, "/api/models/org/model", MC_TEST_STALL_AFTER, 20, 1);
  g_assert_null (call_info (hasty, "org/model", NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "within 0.3 seconds"));
  finalize_client (&hasty);
}

static void
test_no_server (Fixture *f, gconstpointer token)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = g_strdup (mc_test_hub_get_url (f->hub));
  g_autoptr (McHubClient) client = make_client (url, NULL);

  g_clear_pointer (&f->hub, mc_test_hub_free);
  g_assert_null (call_info (client, "org/model", NULL, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "127.0.0.1"));
  finalize_client (&client);
}

static gboolean
was_asked (gpointer data)
{
  Fixture *f = data;

  return mc_test_hub_count (f->hub, "") >= f->asked;
}

static void
test_cancel (Fixture *f, gconstpointer token)
{
  static const McTestFault faults[] = { MC_TEST_SILENT, MC_TEST_STALL_AFTER };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      f->asked = i + 1;
      mc_test_hub_script (f->hub, "/api/models/org/model", faults[i], 10, 1);
      mc_hub_client_info_async (f->client, "org/model", NULL, cancellable, mc_test_store_result,
                                &result);
      g_assert_true (mc_test_wait_until (was_asked, f, 10000));
      g_cancellable_cancel (cancellable);
      g_assert_null (mc_hub_client_info_finish (f->client, mc_test_await (&result), &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

static void
test_cancelled_before (Fixture *f, gconstpointer token)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  mc_hub_client_tree_async (f->client, "org/model", "main", cancellable, mc_test_store_result,
                            &result);
  g_assert_null (mc_hub_client_tree_finish (f->client, mc_test_await (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (mc_test_hub_count (f->hub, ""), ==, 0);
}

/* --- the object --- */

static void
test_endpoint (void)
{
  McHubConfig config = { .endpoint = "https://user:secret@huggingface.co" };
  g_autoptr (GError) error = NULL;
  g_autoptr (McHubClient) client = mc_hub_client_new (&config, &error);

  g_assert_error (error, MC_ERROR, MC_ERROR_INVALID_NAME);
  g_assert_null (strstr (error->message, "secret"));
  g_assert_null (client);

  client = make_client (NULL, NULL);
  g_assert_cmpstr (mc_hub_client_get_endpoint (client), ==, "https://huggingface.co");
  g_assert_cmpstr (mc_hub_client_get_host (client), ==, "huggingface.co");
  g_assert_false (mc_hub_client_has_token (client));
  finalize_client (&client);

  client = make_client ("http://localhost:8080/", "  hf_x\n");
  g_assert_cmpstr (mc_hub_client_get_endpoint (client), ==, "http://localhost:8080");
  g_assert_cmpstr (mc_hub_client_get_host (client), ==, "localhost:8080");
  g_assert_true (mc_hub_client_has_token (client));
  finalize_client (&client);
}

/* The caller may let go of the client before its answer is here. */
static void
test_dropped_client (Fixture *f, gconstpointer token)
{
  McHubClient *client = make_client (mc_test_hub_get_url (f->hub), NULL);
  McHubClient *watched = client;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = NULL;

  g_object_add_weak_pointer (G_OBJECT (client), (gpointer *) &watched);
  mc_hub_client_info_async (client, "org/model", NULL, NULL, mc_test_store_result, &result);
  g_object_unref (client);
  info = mc_hub_client_info_finish (client, mc_test_await (&result), &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  g_assert_null (watched);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, token, function)                                                                 \
  g_test_add ("/hub-client/" name, Fixture, token, set_up, function, tear_down)
  ADD ("info", NULL, test_info);
  ADD ("alias", NULL, test_alias);
  ADD ("alias-signed-in", "hf_good", test_alias);
  ADD ("revision", NULL, test_revision);
  ADD ("bad-arguments", NULL, test_bad_arguments);
  ADD ("not-found", NULL, test_not_found);
  ADD ("not-found-signed-in", "hf_good", test_not_found);
  ADD ("refused-token", "hf_stale", test_refused_token);
  ADD ("statuses", NULL, test_statuses);
  ADD ("rate-limit-says-how-long", NULL, test_rate_limit_says_how_long);
  ADD ("redirect-loop", NULL, test_redirect_loop);
  ADD ("tree", NULL, test_tree);
  ADD ("pages", NULL, test_pages);
  ADD ("pages-signed-in", "hf_good", test_pages);
  ADD ("page-fails", NULL, test_page_fails);
  ADD ("gated-tree", "hf_good", test_gated_tree);
  ADD ("whoami", NULL, test_whoami);
  ADD ("whoami-signed-in", "hf_good", test_whoami);
  ADD ("whoami-refused", "hf_stale", test_whoami);
  ADD ("no-head", NULL, test_no_head);
  ADD ("no-end", NULL, test_no_end);
  ADD ("no-server", NULL, test_no_server);
  ADD ("cancel", NULL, test_cancel);
  ADD ("cancelled-before", NULL, test_cancelled_before);
  ADD ("dropped-client", NULL, test_dropped_client);
#undef ADD
  g_test_add_func ("/hub-client/endpoint", test_endpoint);
  return g_test_run ();
}
