/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

#include <string.h>

/* Where the test Hub's bytes come from: resolve on the first origin, its cache for small files,
 * and the storage origin with its signed URLs. Runs on the hub's thread.
 *
 * The storage origin is stateless: the query of a signed URL carries what it names. */

#define SIGNED_SECONDS 3600

static void G_GNUC_PRINTF (3, 4)
    set_header (McTestAnswer *self, const char *name, const char *format, ...)
{
  va_list arguments;
  g_autofree char *value = NULL;

  va_start (arguments, format);
  value = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  mc_test_answer_header (self, name, value);
}

/* --- signed URLs --- */

static char *
sign (McTestHub *hub, const char *path, const char *policy, const char *expires, const char *salt)
{
  g_autofree char *text = g_strjoin ("\n", path, policy, expires, salt, NULL);

  return g_compute_hmac_for_string (G_CHECKSUM_SHA256, hub->secret, sizeof hub->secret, text, -1);
}

static char *
make_storage_url (
    McTestHub *hub, McTestRepo *repo, McTestCommit *commit, const char *path, const char *hash)
{
  g_autofree char *names = g_strjoin ("\n", repo->name, commit->id, path, NULL);
  g_autofree char *policy = g_base64_encode ((const guchar *) names, strlen (names));
  g_autofree char *expires =
      g_strdup_printf ("%" G_GINT64_FORMAT, g_get_real_time () / G_USEC_PER_SEC + SIGNED_SECONDS);
  g_autofree char *salt = g_strdup_printf ("K%08X%08X", g_random_int (), g_random_int ());
  g_autofree char *where =
      g_strdup_printf ("/xet-bridge-us/%024x/%s", g_str_hash (repo->name), hash);
  g_autofree char *signature = sign (hub, where, policy, expires, salt);
  g_autofree char *escaped = g_uri_escape_string (policy, NULL, FALSE);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_uri_escape_string (base, NULL, FALSE);

  return g_strdup_printf ("%s%s?X-Xet-Cas-Uid=public&response-content-disposition="
                          "inline%%3B+filename%%3D%%22%s%%22%%3B&Expires=%s&Policy=%s"
                          "&Signature=%s&Key-Pair-Id=%s",
                          hub->urls[1], where, name, expires, escaped, signature, salt);
}

char **
mc_test_storage_dup_signed (McTestHub *hub, const char *path, const char *query)
{
  g_autofree char *policy = mc_test_query_dup (query, "Policy");
  g_autofree char *expires = mc_test_query_dup (query, "Expires");
  g_autofree char *salt = mc_test_query_dup (query, "Key-Pair-Id");
  g_autofree char *given = mc_test_query_dup (query, "Signature");
  g_autofree char *expected = NULL;
  g_autofree guchar *decoded = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) names = NULL;
  gsize length;

  if (policy == NULL || expires == NULL || salt == NULL || given == NULL)
    return NULL;
  expected = sign (hub, path, policy, expires, salt);
  if (!g_str_equal (given, expected)
      || g_ascii_strtoll (expires, NULL, 10) < g_get_real_time () / G_USEC_PER_SEC)
    return NULL;
  decoded = g_base64_decode (policy, &length);
  text = g_strndup ((const char *) decoded, length);
  names = g_strsplit (text, "\n", 3);
  return g_strv_length (names) == 3 ? g_steal_pointer (&names) : NULL;
}

static void
answer_xml (McTestAnswer *self, guint status, const char *code, const char *message)
{
  g_autofree char *text =
      g_strdup_printf ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code>"
                       "<Message>%s</Message></Error>",
                       code, message);

  mc_test_answer_text (self, status, "application/xml", text);
}

static McTestContent *
find_content (McTestHub *hub, char **names)
{
  g_autoptr (McTestRepo) repo = mc_test_hub_ref_repo (hub, names[0]);
  g_autoptr (McTestCommit) commit =
      repo == NULL ? NULL : mc_test_hub_ref_commit (hub, repo, names[1]);
  McTestContent *content = commit == NULL ? NULL : g_hash_table_lookup (commit->files, names[2]);

  return content == NULL ? NULL : mc_test_content_ref (content);
}

void
mc_test_answer_storage (McTestAnswer *self, char **names)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  g_autoptr (McTestContent) content = names == NULL ? NULL : find_content (self->hub, names);
  g_autofree char *file = NULL;
  g_autofree char *xet = NULL;

  if (names == NULL || soup_server_message_get_method (self->message) != SOUP_METHOD_GET)
    answer_xml (self, SOUP_STATUS_FORBIDDEN, "AccessDenied", "Access denied");
  else if (soup_message_headers_get_one (headers, "Authorization") != NULL)
    answer_xml (self, SOUP_STATUS_BAD_REQUEST, "InvalidArgument",
                "Only one auth mechanism allowed");
  else if (content == NULL || content->absent)
    answer_xml (self, SOUP_STATUS_NOT_FOUND, "NoSuchKey", "The specified key does not exist.");
  else
    {
      file = g_strconcat (names[0], "/", names[2], NULL);
      xet = mc_test_content_dup_xet_hash (content);
      set_header (self, "ETag", "\"%s\"", self->fault == MC_TEST_OTHER_ETAG ? "other" : xet);
      mc_test_answer_content (self, content, file);
    }
}

/* --- resolve --- */

/* What anybody may read of a gated repo: see the probe in the Hub's own answers. */
static gboolean
is_always_readable (McTestTarget *target)
{
  static const char *const names[] = { "README.md", "LICENSE", "LICENSE.md", "LICENSE.txt", NULL };

  return target->route == MC_TEST_ROUTE_RESOLVE && g_strv_contains (names, target->path);
}

static void
redirect_to_storage (McTestAnswer *self,
                     McTestTarget *target,
                     McTestRepo *repo,
                     McTestCommit *commit,
                     McTestContent *content)
{
  g_autofree char *hash = mc_test_content_dup_hash (content);
  g_autofree char *xet = mc_test_content_dup_xet_hash (content);
  g_autofree char *url = content->url != NULL
                             ? g_strdup (content->url)
                             : make_storage_url (self->hub, repo, commit, target->path, hash);
  g_autofree char *text = g_strconcat ("Found. Redirecting to ", url, "\n", NULL);
  const char *base = self->hub->urls[0];

  set_header (self, "X-Linked-Size", "%" G_GUINT64_FORMAT,
              content->size + (self->fault == MC_TEST_WRONG_LENGTH ? 1 : 0));
  set_header (self, "X-Linked-ETag", "\"%s\"", hash);
  set_header (self, "X-Xet-Hash", "%s", xet);
  set_header (self, "Link",
              "<%s/api/models/%s/xet-read-token/%s>; rel=\"xet-auth\", "
              "<%s/v1/reconstructions/%s>; rel=\"xet-reconstruction-info\"",
              base, repo->name, commit->id, base, xet);
  mc_test_answer_header (self, "Location", url);
  mc_test_answer_text (self, SOUP_STATUS_FOUND, "text/plain; charset=utf-8", text);
}

static void
redirect_to_cache (McTestAnswer *self,
                   McTestTarget *target,
                   McTestRepo *repo,
                   McTestCommit *commit,
                   McTestContent *content)
{
  g_autofree char *hash = mc_test_content_dup_hash (content);
  g_autofree char *path = g_uri_escape_string (target->path, "/", FALSE);
  g_autofree char *asked = g_uri_escape_string (self->raw, NULL, FALSE);
  g_autofree char *location =
      g_strdup_printf ("/api/resolve-cache/models/%s/%s/%s?%s=&etag=%%22%s%%22", repo->name,
                       commit->id, path, asked, hash);
  g_autofree char *text = g_strconcat ("Temporary Redirect. Redirecting to ", location, "\n", NULL);

  mc_test_answer_header (self, "Location", location);
  mc_test_answer_text (self, SOUP_STATUS_TEMPORARY_REDIRECT, "text/plain; charset=utf-8", text);
}

static void
answer_bytes (McTestAnswer *self, McTestTarget *target, McTestRepo *repo, McTestContent *content)
{
  const char *known = soup_message_headers_get_one (
      soup_server_message_get_request_headers (self->message), "If-None-Match");
  g_autofree char *hash = mc_test_content_dup_hash (content);
  g_autofree char *tag = g_strdup_printf ("\"%s\"", hash);
  g_autofree char *file = g_strconcat (repo->name, "/", target->path, NULL);
  g_autofree char *base = g_path_get_basename (target->path);

  mc_test_answer_header (self, "ETag", tag);
  set_header (self, "Content-Disposition", "inline; filename=\"%s\";",
              g_strcanon (base, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-", '_'));
  if (g_strcmp0 (known, tag) == 0)
    soup_server_message_set_status (self->message, SOUP_STATUS_NOT_MODIFIED, NULL);
  else
    mc_test_answer_content (self, content, file);
}

static gboolean
is_served_at_once (McTestTarget *target, McTestRepo *repo, McTestContent *content)
{
  return target->route == MC_TEST_ROUTE_CACHE || content->size == 0
         || (!content->lfs && (repo->facts.gated != NULL || strchr (repo->name, '/') == NULL));
}

void
mc_test_answer_file (McTestAnswer *self, McTestTarget *target, McTestRepo *repo)
{
  g_autoptr (McTestCommit) commit = NULL;
  McTestContent *content;
  g_autofree char *message = g_strconcat ("Invalid rev id: ", target->revision, NULL);

  if (!mc_test_answer_is_open (self, repo) && !is_always_readable (target))
    {
      mc_test_answer_gated (self, repo->name);
      return;
    }
  commit = mc_test_hub_ref_commit (self->hub, repo, target->revision);
  if (commit == NULL)
    {
      mc_test_answer_error (self, SOUP_STATUS_NOT_FOUND, "RevisionNotFound", message);
      return;
    }
  mc_test_answer_header (self, "X-Repo-Commit", commit->id);
  content = g_hash_table_lookup (commit->files, target->path);
  if (content == NULL
      || (target->route == MC_TEST_ROUTE_CACHE && (content->lfs || content->absent)))
    {
      mc_test_answer_error (self, SOUP_STATUS_NOT_FOUND, "EntryNotFound", "Entry not found");
      return;
    }
  mc_test_answer_header (self, "Accept-Ranges", "bytes");
  if (is_served_at_once (target, repo, content))
    answer_bytes (self, target, repo, content);
  else if (content->lfs)
    redirect_to_storage (self, target, repo, commit, content);
  else
    redirect_to_cache (self, target, repo, commit, content);
}
