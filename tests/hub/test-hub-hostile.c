/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "hub-calls.h"
#include "mc-error.h"
#include "mc-hub-session.h"
#include "raw-server.h"

#include <string.h>

/* Answers that no honest Hub gives. */

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define INFO "{\"id\":\"o/n\",\"sha\":\"" COMMIT "\"}"

typedef struct
{
  RawServer *hub;
  RawServer *other; /* another origin */
  McHubClient *client;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->hub = raw_server_new ();
  f->other = raw_server_new ();
  f->client = make_client (raw_server_get_url (f->hub), "hf_secret");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  finalize_client (&f->client);
  for (guint i = 0; i < raw_server_count (f->other); i++)
    {
      g_autofree char *head = raw_server_dup_head (f->other, i);
      g_autofree char *lower = g_ascii_strdown (head, -1);

      g_assert_null (strstr (lower, "authorization"));
      g_assert_null (strstr (lower, "hf_secret"));
    }
  g_clear_pointer (&f->hub, raw_server_free);
  g_clear_pointer (&f->other, raw_server_free);
}

static char *
ok_json (const char *body, const char *more)
{
  return g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                          "Content-Length: %" G_GSIZE_FORMAT "\r\nConnection: close\r\n%s\r\n%s",
                          strlen (body), more, body);
}

static char *
redirect (const char *location)
{
  return g_strdup_printf ("HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n"
                          "Connection: close\r\n\r\n",
                          location);
}

static void
assert_info_error (Fixture *f, const char *answer, gboolean endless, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = NULL;

  raw_server_answer (f->hub, "/api/models/o/n", answer, endless);
  info = call_info (f->client, "o/n", NULL, &error);
  g_assert_error (error, MC_ERROR, code);
  g_assert_null (info);
  g_test_message ("%s", error->message);
  g_assert_null (strstr (error->message, "hf_secret"));
}

static void
test_raw_server (Fixture *f, gconstpointer data)
{
  g_autofree char *answer = ok_json (INFO, "");
  g_autofree char *head = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = NULL;

  raw_server_answer (f->hub, "/api/models/o/n", answer, FALSE);
  info = call_info (f->client, "o/n", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->commit, ==, COMMIT);
  head = raw_server_dup_head (f->hub, 0);
  g_assert_nonnull (strstr (head, "Authorization: Bearer hf_secret\r\n"));
}

/* A body without end is read up to the cap and no further. */
static void
test_endless (Fixture *f, gconstpointer data)
{
  assert_info_error (f, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", TRUE,
                     MC_ERROR_BAD_RESPONSE);
  g_assert_cmpuint (raw_server_get_sent (f->hub), <, 80 * 1024 * 1024);
}

/* Of an error's body a little is enough, and the error is the same. */
static void
test_endless_refusal (Fixture *f, gconstpointer data)
{
  assert_info_error (f,
                     "HTTP/1.1 404 Not Found\r\nX-Error-Code: RepoNotFound\r\n"
                     "Connection: close\r\n\r\n",
                     TRUE, MC_ERROR_NOT_FOUND);
  g_assert_cmpuint (raw_server_get_sent (f->hub), <, 20 * 1024 * 1024);
}

/* The body of a redirect is not read at all. */
static void
test_endless_redirect (Fixture *f, gconstpointer data)
{
  g_autofree char *answer = ok_json (INFO, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (McModelInfo) info = NULL;

  raw_server_answer (f->hub, "/api/models/o/n",
                     "HTTP/1.1 307 Temporary Redirect\r\nLocation: /api/models/p/q\r\n"
                     "Connection: close\r\n\r\n",
                     TRUE);
  raw_server_answer (f->hub, "/api/models/p/q", answer, FALSE);
  info = call_info (f->client, "o/n", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->id, ==, "o/n");
  g_assert_cmpuint (raw_server_get_sent (f->hub), <, 20 * 1024 * 1024);
}

static void
test_nonsense (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autofree char *answer = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append (deep, "[{\"a\":");
  answer = ok_json (deep->str, "");
  assert_info_error (f, answer, FALSE, MC_ERROR_BAD_RESPONSE);
  assert_info_error (f, "HTTP/1.1 200 OK\r\nContent-Length: much\r\nConnection: close\r\n\r\n{}",
                     FALSE, MC_ERROR_BAD_RESPONSE);
  assert_info_error (f, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", FALSE,
                     MC_ERROR_BAD_RESPONSE);
  assert_info_error (f, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                     FALSE, MC_ERROR_BAD_RESPONSE);
  assert_info_error (f, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\n{}",
                     FALSE, MC_ERROR_NETWORK);
  assert_info_error (f,
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                     "5\r\n{}",
                     FALSE, MC_ERROR_NETWORK);
  assert_info_error (f, "SSH-2.0-OpenSSH_9.2\r\n\r\n", FALSE, MC_ERROR_BAD_RESPONSE);
  assert_info_error (f, "", FALSE, MC_ERROR_NETWORK);
}

static void
test_wrong_commit (Fixture *f, gconstpointer data)
{
  g_autofree char *answer = ok_json (INFO, "");
  g_autoptr (GError) error = NULL;

  raw_server_answer (f->hub, "/api/models/o/n/revision/", answer, FALSE);
  g_assert_null (call_info (f->client, "o/n", "ffffffffffffffffffffffffffffffffffffffff", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
}

/* --- redirects --- */

static void
test_bad_redirects (Fixture *f, gconstpointer data)
{
  static const char *const places[] = {
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "javascript:alert(1)",
    "http://",
    "http://user:pw@127.0.0.1/",
    "http://[::1",
    "data:,x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *answer = redirect (places[i]);

      assert_info_error (f, answer, FALSE, MC_ERROR_BAD_RESPONSE);
    }
}

/* What asks for facts never leaves the Hub. */
static void
test_api_stays_home (Fixture *f, gconstpointer data)
{
  g_autofree char *place = g_strconcat (raw_server_get_url (f->other), "/api/models/o/n", NULL);
  g_autofree char *answer = redirect (place);
  g_autofree char *lure = ok_json (INFO, "");

  raw_server_answer (f->other, "/", lure, FALSE);
  assert_info_error (f, answer, FALSE, MC_ERROR_BAD_RESPONSE);
  g_assert_cmpuint (raw_server_count (f->other), ==, 0);
}

/* The same host under another name is another origin too. */
static void
test_other_name (Fixture *f, gconstpointer data)
{
  const char *port = strrchr (raw_server_get_url (f->hub), ':');
  g_autofree char *place = g_strdup_printf ("http://localhost%s/api/models/p/q", port);
  g_autofree char *answer = redirect (place);

  assert_info_error (f, answer, FALSE, MC_ERROR_BAD_RESPONSE);
  g_assert_cmpuint (raw_server_count (f->hub), ==, 1);
}

/* --- pages --- */

static void
test_page_elsewhere (Fixture *f, gconstpointer data)
{
  g_autofree char *link = g_strdup_printf (
      "Link: <%s/api/models/o/n/tree/main?recursive=true&cursor=2>; rel=\"next\"\r\n",
      raw_server_get_url (f->other));
  g_autofree char *first = ok_json ("[{\"type\":\"file\",\"path\":\"a\",\"size\":1}]", link);
  g_autofree char *second = ok_json ("[{\"type\":\"file\",\"path\":\"b\",\"size\":2}]", "");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = NULL;

  raw_server_answer (f->hub, "/api/models/o/n/tree/main", first, FALSE);
  raw_server_answer (f->hub, "/api/models/o/n/tree/main?recursive=true&cursor=2", second, FALSE);
  entries = call_tree (f->client, "o/n", "main", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 2);
  g_assert_cmpuint (raw_server_count (f->hub), ==, 2);
  g_assert_cmpuint (raw_server_count (f->other), ==, 0);
}

static void
test_page_loop (Fixture *f, gconstpointer data)
{
  g_autofree char *answer =
      ok_json ("[]", "Link: </api/models/o/n/tree/main?recursive=true>; rel=\"next\"\r\n");
  g_autoptr (GError) error = NULL;

  raw_server_answer (f->hub, "/api/models/o/n/tree/main", answer, FALSE);
  g_assert_null (call_tree (f->client, "o/n", "main", &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  g_assert_cmpuint (raw_server_count (f->hub), ==, 1);
}

/* --- files --- */

static McResolved *
resolve (Fixture *f, GError **error)
{
  return call_resolve (f->client, "o/n", "f", error);
}

static void
test_resolve_facts (Fixture *f, gconstpointer data)
{
  g_autofree char *answer =
      g_strdup_printf ("HTTP/1.1 302 Found\r\nLocation: %s/f?Signature=x\r\nETag: \"%064d\"\r\n"
                       "Content-Length: 913\r\nX-Repo-Commit: main\r\nConnection: close\r\n\r\n",
                       raw_server_get_url (f->other), 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (McResolved) resolved = NULL;

  /* Length and ETag of a redirect are not the file's, and "main" is no commit. */
  raw_server_answer (f->hub, "/o/n/resolve/main/f", answer, FALSE);
  resolved = resolve (f, &error);
  g_assert_no_error (error);
  g_assert_false (resolved->own_origin);
  g_assert_false (resolved->has_size);
  g_assert_cmpint (resolved->digest.kind, ==, MC_DIGEST_NONE);
  g_assert_null (resolved->commit);
  g_assert_cmpuint (raw_server_count (f->other), ==, 0);
  g_clear_pointer (&resolved, mc_resolved_free);

  raw_server_answer (f->hub, "/o/n/resolve/main/f",
                     "HTTP/1.1 200 OK\r\nX-Linked-Size: -1\r\nContent-Length: 5\r\n"
                     "Connection: close\r\n\r\n",
                     FALSE);
  g_assert_null (resolve (f, &error));
  g_assert_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE);
  g_clear_error (&error);

  /* A compressed answer's length is not the file's either, and its ETag is weak. */
  raw_server_answer (f->hub, "/o/n/resolve/main/f",
                     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n"
                     "ETag: W/\"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\"\r\n"
                     "Connection: close\r\n\r\n",
                     FALSE);
  resolved = resolve (f, &error);
  g_assert_no_error (error);
  g_assert_false (resolved->has_size);
  g_assert_cmpint (resolved->digest.kind, ==, MC_DIGEST_GIT_SHA1);
}

static void
assert_range_error (Fixture *f, const char *answer, int code)
{
  g_autofree char *url = g_strconcat (raw_server_get_url (f->other), "/f?Signature=secret", NULL);
  McResolved resolved = { .url = url };
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = NULL;

  raw_server_answer (f->other, "/f", answer, FALSE);
  stream = call_open (f->client, &resolved, 0, 10, 100, &error);
  if (stream != NULL)
    g_assert_null (read_all (stream, 1000, NULL, &error));
  g_assert_error (error, MC_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_null (strstr (error->message, "secret"));
}

static void
test_bad_ranges (Fixture *f, gconstpointer data)
{
#define PART "HTTP/1.1 206 Partial Content\r\nConnection: close\r\n"
  assert_range_error (f, PART "Content-Length: 10\r\n\r\n0123456789", MC_ERROR_BAD_RESPONSE);
  assert_range_error (f, PART "Content-Range: bytes 0-9/*\r\nContent-Length: 10\r\n\r\n0123456789",
                      MC_ERROR_BAD_RESPONSE);
  assert_range_error (f,
                      PART "Content-Range: bytes 0-9/101\r\nContent-Length: 10\r\n\r\n0123456789",
                      MC_ERROR_BAD_RESPONSE);
  assert_range_error (f,
                      PART "Content-Range: bytes 0-9/100\r\nContent-Length: 11\r\n\r\n0123456789a",
                      MC_ERROR_BAD_RESPONSE);
  assert_range_error (f,
                      PART "Content-Range: bytes 0-9/100\r\nContent-Encoding: gzip\r\n"
                           "Content-Length: 10\r\n\r\n0123456789",
                      MC_ERROR_BAD_RESPONSE);
  assert_range_error (f, PART "Content-Range: bytes 0-9/100\r\n\r\n01234", MC_ERROR_NETWORK);
  assert_range_error (f, PART "Content-Range: bytes 0-9/100\r\n\r\n0123456789 and more",
                      MC_ERROR_BAD_RESPONSE);
  assert_range_error (f,
                      PART "Content-Type: multipart/byteranges; boundary=x\r\n"
                           "Content-Length: 10\r\n\r\n0123456789",
                      MC_ERROR_BAD_RESPONSE);
  assert_range_error (f, "HTTP/1.1 500 No\r\nConnection: close\r\n\r\n<p>Signature=secret</p>",
                      MC_ERROR_NETWORK);
  assert_range_error (f, "HTTP/1.1 418 No\r\nConnection: close\r\n\r\nSignature=secret",
                      MC_ERROR_BAD_RESPONSE);
  assert_range_error (f, "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: file:///etc\r\n\r\n",
                      MC_ERROR_BAD_RESPONSE);
  assert_range_error (f, "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /f\r\n\r\n",
                      MC_ERROR_BAD_RESPONSE);
#undef PART
}

/* A chunked part says nowhere how long it is: it is counted. */
static void
test_chunked_range (Fixture *f, gconstpointer data)
{
  g_autofree char *url = g_strconcat (raw_server_get_url (f->other), "/f", NULL);
  McResolved resolved = { .url = url };
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GBytes) bytes = NULL;

  raw_server_answer (f->other, "/f",
                     "HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\n"
                     "Content-Range: bytes 0-9/100\r\nConnection: close\r\n\r\n"
                     "4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n",
                     FALSE);
  stream = call_open (f->client, &resolved, 0, 10, 100, &error);
  g_assert_no_error (error);
  bytes = read_all (stream, 3, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "0123456789", 10);
}

/* The way of the token: with the Hub's own address, not on to another origin, and not back again.
 */
static void
test_range_redirects (Fixture *f, gconstpointer data)
{
  g_autofree char *away = g_strconcat (raw_server_get_url (f->other), "/away", NULL);
  g_autofree char *back = g_strconcat (raw_server_get_url (f->hub), "/back", NULL);
  g_autofree char *first = redirect ("/second");
  g_autofree char *second = redirect (away);
  g_autofree char *third = redirect (back);
  g_autofree char *url = g_strconcat (raw_server_get_url (f->hub), "/first", NULL);
  McResolved resolved = { .url = url, .own_origin = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GBytes) bytes = NULL;

  raw_server_answer (f->hub, "/first", first, FALSE);
  raw_server_answer (f->hub, "/second", second, FALSE);
  raw_server_answer (f->other, "/away", third, FALSE);
  raw_server_answer (f->hub, "/back",
                     "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/100\r\n"
                     "Content-Length: 10\r\nConnection: close\r\n\r\n0123456789",
                     FALSE);
  stream = call_open (f->client, &resolved, 0, 10, 100, &error);
  g_assert_no_error (error);
  bytes = read_all (stream, 100, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 10);
  g_assert_cmpuint (raw_server_count (f->hub), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *head = raw_server_dup_head (f->hub, i);

      g_assert_cmpint (strstr (head, "Bearer hf_secret") != NULL, ==, i < 2);
      g_assert_nonnull (strstr (head, "Range: bytes=0-9\r\n"));
    }
}

/* A lie about whose address it is changes nothing. */
static void
test_own_origin_is_not_believed (Fixture *f, gconstpointer data)
{
  g_autofree char *url = g_strconcat (raw_server_get_url (f->other), "/f", NULL);
  McResolved resolved = { .url = url, .own_origin = TRUE };
  g_autoptr (GError) error = NULL;

  raw_server_answer (f->other, "/f", "HTTP/1.1 403 No\r\nConnection: close\r\n\r\n", FALSE);
  g_assert_null (call_open (f->client, &resolved, 0, 10, 100, &error));
  g_assert_error (error, MC_HUB_ERROR, MC_HUB_ERROR_RESOLVE_AGAIN);
}

/* What GIO and libsoup call a failure, and what it is here. */
static void
test_errors (void)
{
  const struct
  {
    GQuark domain;
    int code;
    int ours;
  } rows[] = {
    { G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, MC_ERROR_NETWORK },
    { G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE, MC_ERROR_NETWORK },
    { G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, MC_ERROR_NETWORK },
    { G_TLS_ERROR, G_TLS_ERROR_HANDSHAKE, MC_ERROR_NETWORK },
    { G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, MC_ERROR_NETWORK },
    { G_IO_ERROR, G_IO_ERROR_TIMED_OUT, MC_ERROR_NETWORK },
    { G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE, MC_ERROR_NETWORK },
    { G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, MC_ERROR_NETWORK },
    { G_IO_ERROR, G_IO_ERROR_PROXY_FAILED, MC_ERROR_NETWORK },
    { SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING, MC_ERROR_BAD_RESPONSE },
    { MC_ERROR, MC_ERROR_GATED, MC_ERROR_GATED },
  };
  g_autoptr (GError) cancelled = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = mc_hub_error_take (
          g_error_new_literal (rows[i].domain, rows[i].code, "Because"), "hub.example");

      g_test_message ("%s", error->message);
      g_assert_error (error, MC_ERROR, rows[i].ours);
      if (rows[i].domain != MC_ERROR)
        g_assert_nonnull (strstr (error->message, "hub.example"));
    }
  cancelled = mc_hub_error_take (
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled"), "hub.example");
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Set before the first connection, where HTTP/2 would be slow. */
static void
test_protocol (void)
{
  g_autoptr (McHubClient) client = make_client (NULL, NULL);

  if (soup_check_version (3, 4, 4))
    g_test_skip ("This libsoup needs no help");
  else
    g_assert_cmpstr (g_getenv ("SOUP_FORCE_HTTP1"), ==, "1");
  finalize_client (&client);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/hub-hostile/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("raw-server", test_raw_server);
  ADD ("endless", test_endless);
  ADD ("endless-refusal", test_endless_refusal);
  ADD ("endless-redirect", test_endless_redirect);
  ADD ("nonsense", test_nonsense);
  ADD ("wrong-commit", test_wrong_commit);
  ADD ("bad-redirects", test_bad_redirects);
  ADD ("api-stays-home", test_api_stays_home);
  ADD ("other-name", test_other_name);
  ADD ("page-elsewhere", test_page_elsewhere);
  ADD ("page-loop", test_page_loop);
  ADD ("resolve-facts", test_resolve_facts);
  ADD ("bad-ranges", test_bad_ranges);
  ADD ("chunked-range", test_chunked_range);
  ADD ("range-redirects", test_range_redirects);
  ADD ("own-origin-is-not-believed", test_own_origin_is_not_believed);
#undef ADD
  g_test_add_func ("/hub-hostile/errors", test_errors);
  g_test_add_func ("/hub-hostile/protocol", test_protocol);
  return g_test_run ();
}
