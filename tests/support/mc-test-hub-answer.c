/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

#include <stdio.h>
#include <string.h>

/* What the test Hub's first origin answers under /api/ and who may ask it. Runs on the hub's
 * thread. Files are in mc-test-hub-file.c, faults in mc-test-hub-fault.c. */

#define RATE_WINDOW 300
#define API_QUOTA 500
#define RESOLVER_QUOTA 3000

static void
add_rate_headers (McTestAnswer *self, gboolean api)
{
  guint quota = api ? API_QUOTA : RESOLVER_QUOTA;
  const char *bucket = api ? "api" : "resolvers";
  guint used = ++self->hub->n_requests[api ? 0 : 1];
  g_autofree char *left = g_strdup_printf (
      "\"%s\";r=%u;t=%u", bucket, quota - MIN (used, quota - 1), RATE_WINDOW - used % RATE_WINDOW);
  g_autofree char *policy =
      g_strdup_printf ("\"fixed window\";\"%s\";q=%u;w=%d", bucket, quota, RATE_WINDOW);

  mc_test_answer_header (self, "RateLimit", left);
  mc_test_answer_header (self, "RateLimit-Policy", policy);
}

/* A token that is not the account's is refused even where none is needed. */
static gboolean
check_token (McTestAnswer *self)
{
  const char *header = soup_message_headers_get_one (
      soup_server_message_get_request_headers (self->message), "Authorization");
  g_autofree char *expected = NULL;

  if (header == NULL)
    return TRUE;
  g_mutex_lock (&self->hub->mutex);
  if (self->hub->token != NULL)
    expected = g_strconcat ("Bearer ", self->hub->token, NULL);
  g_mutex_unlock (&self->hub->mutex);
  self->signed_in = g_strcmp0 (header, expected) == 0;
  if (!self->signed_in)
    mc_test_answer_error (self, SOUP_STATUS_UNAUTHORIZED, NULL,
                          "Invalid credentials in Authorization header");
  return self->signed_in;
}

gboolean
mc_test_answer_is_open (McTestAnswer *self, McTestRepo *repo)
{
  return repo->facts.gated == NULL || (self->signed_in && mc_test_hub_is_granted (self->hub));
}

void
mc_test_answer_gated (McTestAnswer *self, const char *repo)
{
  McTestReview review = mc_test_hub_get_review (self->hub);
  g_autofree char *message = NULL;

  if (self->signed_in && review == MC_TEST_REVIEW_PENDING)
    message = g_strdup_printf ("Your request to access model %s is awaiting a review from the repo "
                               "authors.",
                               repo);
  else if (self->signed_in && review == MC_TEST_REVIEW_REJECTED)
    message = g_strdup_printf ("Your request to access model %s has been rejected by the repo's "
                               "authors.",
                               repo);
  else if (self->signed_in || self->fault == MC_TEST_GATED)
    message = g_strdup_printf ("Access to model %s is restricted and you are not in the authorized "
                               "list. Visit https://huggingface.co/%s to ask for access.",
                               repo, repo);
  else
    message =
        g_strdup_printf ("Access to model %s is restricted. You must have access to it and be "
                         "authenticated to access it. Please log in.",
                         repo);
  mc_test_answer_error (self,
                        self->signed_in || self->fault == MC_TEST_GATED ? SOUP_STATUS_FORBIDDEN
                                                                        : SOUP_STATUS_UNAUTHORIZED,
                        "GatedRepo", message);
}

static void
answer_missing_repo (McTestAnswer *self)
{
  if (self->signed_in)
    mc_test_answer_error (self, SOUP_STATUS_NOT_FOUND, "RepoNotFound", "Repository not found");
  else
    mc_test_answer_error (self, SOUP_STATUS_UNAUTHORIZED, NULL, "Invalid username or password.");
}

static gboolean
answer_alias (McTestAnswer *self, McTestTarget *target)
{
  g_autofree char *name = mc_test_hub_dup_alias (self->hub, target->repo);
  g_autofree char *path = NULL;
  g_autofree char *location = NULL;
  g_autofree char *text = NULL;

  if (name == NULL)
    return FALSE;
  path = mc_test_target_dup_renamed (target, self->raw, name);
  location = g_strconcat (path, self->query != NULL ? "?" : NULL, self->query, NULL);
  text = g_strconcat ("Temporary Redirect. Redirecting to ", location, NULL);
  mc_test_answer_header (self, "Location", location);
  mc_test_answer_text (self, SOUP_STATUS_TEMPORARY_REDIRECT, "text/plain; charset=utf-8", text);
  return TRUE;
}

/* --- pages --- */

static guint
read_number (const char *text, guint fallback)
{
  guint64 number;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT, &number, NULL)
             ? (guint) number
             : fallback;
}

/* Opaque to clients: only a page's own Link names it. */
static char *
make_cursor (guint offset)
{
  g_autofree char *text = g_strdup_printf ("{\"after\":%u,\"n\":\"+/=\"}", offset);

  return g_base64_encode ((const guchar *) text, strlen (text));
}

static guint
read_cursor (const char *cursor)
{
  gsize length;
  g_autofree guchar *text = NULL;
  g_autofree char *copy = NULL;
  guint offset = 0;

  if (cursor == NULL)
    return 0;
  text = g_base64_decode (cursor, &length);
  copy = g_strndup ((const char *) text, length);
  return sscanf (copy, "{\"after\":%u", &offset) == 1 ? offset : 0;
}

static void
add_link (McTestAnswer *self, guint next)
{
  g_autoptr (GString) query = g_string_new (NULL);
  g_auto (GStrv) parts = g_strsplit (self->query != NULL ? self->query : "", "&", -1);
  g_autofree char *cursor = make_cursor (next);
  g_autofree char *escaped = g_uri_escape_string (cursor, NULL, FALSE);
  g_autofree char *link = NULL;

  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0' && !g_str_has_prefix (*part, "cursor="))
      g_string_append_printf (query, "%s&", *part);
  link = g_strdup_printf ("<%s%s?%scursor=%s>; rel=\"next\"", self->hub->urls[0], self->raw,
                          query->str, escaped);
  mc_test_answer_header (self, "Link", link);
}

/* Cuts the page out of a list that was asked for. Takes the list. */
static void
answer_page (McTestAnswer *self, JsonArray *list, guint most)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *limit = mc_test_query_dup (self->query, "limit");
  g_autofree char *cursor = mc_test_query_dup (self->query, "cursor");
  JsonArray *page = json_array_new ();
  guint n = json_array_get_length (list);
  guint first = MIN (read_cursor (cursor), n);
  guint size = MIN (read_number (limit, most), most);
  guint end = first + MIN (size, n - first);

  for (guint i = first; i < end; i++)
    json_array_add_element (page, json_array_dup_element (list, i));
  if (end < n)
    add_link (self, end);
  json_array_unref (list);
  json_node_take_array (node, page);
  mc_test_answer_json (self, SOUP_STATUS_OK, node);
}

/* --- the routes --- */

static void
answer_info (McTestAnswer *self, McTestTarget *target, McTestRepo *repo, McTestCommit *commit)
{
  g_autoptr (JsonNode) node = mc_test_json_info (repo, commit, self->query);

  mc_test_answer_json (self, SOUP_STATUS_OK, node);
}

static void
answer_tree (McTestAnswer *self, McTestTarget *target, McTestRepo *repo, McTestCommit *commit)
{
  g_autofree char *recursive = mc_test_query_dup (self->query, "recursive");
  g_autofree char *expand = mc_test_query_dup (self->query, "expand");
  g_autofree char *prefix =
      target->path == NULL ? g_strdup ("") : g_strconcat (target->path, "/", NULL);
  JsonArray *tree = mc_test_json_tree (
      commit, prefix, g_strcmp0 (recursive, "true") == 0 || g_strcmp0 (recursive, "1") == 0,
      g_strcmp0 (expand, "true") == 0, !mc_test_answer_is_open (self, repo));

  if (tree == NULL)
    mc_test_answer_error (self, SOUP_STATUS_NOT_FOUND, "EntryNotFound", "Entry not found");
  else
    answer_page (self, tree, mc_test_hub_get_page_size (self->hub));
}

static void
answer_refs (McTestAnswer *self, McTestTarget *target, McTestRepo *repo, McTestCommit *commit)
{
  g_autoptr (JsonNode) node = mc_test_json_refs (commit);

  mc_test_answer_json (self, SOUP_STATUS_OK, node);
}

static void
answer_auth_check (McTestAnswer *self, McTestTarget *target, McTestRepo *repo, McTestCommit *commit)
{
  if (mc_test_answer_is_open (self, repo))
    mc_test_answer_text (self, SOUP_STATUS_OK, "text/plain; charset=utf-8", "OK");
  else
    mc_test_answer_gated (self, repo->name);
}

static void
answer_search (McTestAnswer *self)
{
  g_autoptr (GPtrArray) repos =
      g_ptr_array_new_with_free_func ((GDestroyNotify) mc_test_repo_unref);
  g_autoptr (GPtrArray) commits =
      g_ptr_array_new_with_free_func ((GDestroyNotify) mc_test_commit_unref);
  GHashTableIter iter;
  gpointer repo;
  JsonArray *found;

  g_mutex_lock (&self->hub->mutex);
  g_hash_table_iter_init (&iter, self->hub->repos);
  while (g_hash_table_iter_next (&iter, NULL, &repo))
    {
      g_ptr_array_add (repos, mc_test_repo_ref (repo));
      g_ptr_array_add (commits, mc_test_repo_find (repo, NULL));
    }
  g_mutex_unlock (&self->hub->mutex);

  found = mc_test_json_search (repos, commits, self->query);
  if (found == NULL)
    mc_test_answer_error (self, SOUP_STATUS_BAD_REQUEST, NULL, "sort parameter not supported");
  else
    answer_page (self, found, 1000);
}

static void
answer_whoami (McTestAnswer *self)
{
  g_autoptr (JsonNode) node = mc_test_json_whoami ();

  if (self->signed_in)
    mc_test_answer_json (self, SOUP_STATUS_OK, node);
  else
    mc_test_answer_error (self, SOUP_STATUS_UNAUTHORIZED, NULL, "Invalid username or password.");
}

static gboolean
answer_recording (McTestAnswer *self, McTestTarget *target)
{
  g_autofree char *full = g_strconcat (self->raw, "?", self->query, NULL);
  g_autoptr (GBytes) bytes = NULL;
  GBytes *found;

  g_mutex_lock (&self->hub->mutex);
  found = g_hash_table_lookup (self->hub->recordings, full);
  if (found == NULL)
    found = g_hash_table_lookup (self->hub->recordings, self->raw);
  if (found == NULL)
    found = g_hash_table_lookup (self->hub->recordings, target->decoded);
  if (found != NULL)
    bytes = g_bytes_ref (found);
  g_mutex_unlock (&self->hub->mutex);
  if (bytes == NULL)
    return FALSE;
  mc_test_answer_send (self, SOUP_STATUS_OK, "application/json; charset=utf-8",
                       g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return TRUE;
}

/* A known repo at a revision that it may not have. */
static void
answer_repo (McTestAnswer *self, McTestTarget *target, McTestRepo *repo)
{
  static void (*const answers[]) (McTestAnswer *, McTestTarget *, McTestRepo *,
                                  McTestCommit *) = { [MC_TEST_ROUTE_INFO] = answer_info,
                                                      [MC_TEST_ROUTE_TREE] = answer_tree,
                                                      [MC_TEST_ROUTE_REFS] = answer_refs,
                                                      [MC_TEST_ROUTE_AUTH_CHECK] =
                                                          answer_auth_check };
  g_autoptr (McTestCommit) commit = NULL;
  g_autofree char *message = NULL;

  if (target->route == MC_TEST_ROUTE_RESOLVE || target->route == MC_TEST_ROUTE_CACHE)
    {
      mc_test_answer_file (self, target, repo);
      return;
    }
  commit = mc_test_hub_ref_commit (self->hub, repo, target->revision);
  message = g_strconcat ("Invalid rev id: ", target->revision, NULL);
  if (commit == NULL)
    mc_test_answer_error (self, SOUP_STATUS_NOT_FOUND, "RevisionNotFound", message);
  else
    answers[target->route](self, target, repo, commit);
}

static gboolean
answer_method (McTestAnswer *self)
{
  const char *method = soup_server_message_get_method (self->message);

  if (method == SOUP_METHOD_GET || method == SOUP_METHOD_HEAD)
    return FALSE;
  mc_test_answer_error (self, SOUP_STATUS_METHOD_NOT_ALLOWED, NULL, "Method not allowed");
  return TRUE;
}

void
mc_test_answer_api (McTestAnswer *self, McTestTarget *target)
{
  g_autoptr (McTestRepo) repo = NULL;

  mc_test_answer_header (self, "X-Powered-By", "huggingface-moon");
  mc_test_answer_header (self, "X-Request-Id", "Root=1-00000000-000000000000000000000000");
  add_rate_headers (self,
                    g_str_has_prefix (self->raw, "/api/") && target->route != MC_TEST_ROUTE_CACHE);
  if (answer_method (self) || !check_token (self) || answer_recording (self, target))
    return;
  switch (target->route)
    {
    case MC_TEST_ROUTE_OTHER:
      mc_test_answer_error (self, SOUP_STATUS_NOT_FOUND, NULL, "Not found");
      return;
    case MC_TEST_ROUTE_SEARCH:
      answer_search (self);
      return;
    case MC_TEST_ROUTE_WHOAMI:
      answer_whoami (self);
      return;
    default:
      repo = mc_test_hub_ref_repo (self->hub, target->repo);
      if (repo != NULL)
        answer_repo (self, target, repo);
      else if (!answer_alias (self, target))
        answer_missing_repo (self);
    }
}
