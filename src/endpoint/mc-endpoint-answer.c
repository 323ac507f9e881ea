/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-endpoint-private.h"

#include "mc-endpoint-json.h"
#include "mc-error.h"
#include "mc-json.h"

#include <string.h>

/* What is answered: from a listing that is kept, or an error in the Hub's words. What is not known
 * because the Hub cannot be reached is 504, never 404: clients remember the latter. */

/* --- errors --- */

typedef struct
{
  int error;
  guint status;
  const char *code; /* (nullable): X-Error-Code, which clients go by */
} Refusal;

static const Refusal refusals[] = {
  { MC_ERROR_INVALID_NAME, 400, NULL },
  { MC_ERROR_NOT_FOUND, 404, "RepoNotFound" },
  { MC_ERROR_GONE, 404, "RepoNotFound" },
  { MC_ERROR_UNKNOWN_FILE, 404, "EntryNotFound" },
  { MC_ERROR_UNKNOWN_VARIANT, 404, "EntryNotFound" },
  { MC_ERROR_SIGN_IN, 401, "GatedRepo" },
  { MC_ERROR_TOKEN_REFUSED, 401, NULL },
  { MC_ERROR_GATED, 403, "GatedRepo" },
  { MC_ERROR_ACCESS_PENDING, 403, "GatedRepo" },
  { MC_ERROR_ACCESS_REFUSED, 403, "GatedRepo" },
  { MC_ERROR_RATE_LIMITED, 429, NULL },
  { MC_ERROR_STORE, 500, NULL },
  { MC_ERROR_STORE_ABSENT, 500, NULL },
  { MC_ERROR_IN_USE, 503, NULL },
  { MC_ERROR_BUSY, 503, NULL },
  { MC_ERROR_NO_SPACE, 507, NULL },
};

static Refusal
find_refusal (const McAnswer *self, const GError *error)
{
  const Refusal other = { MC_ERROR_FAILED, 504, NULL };

  for (guint i = 0; error->domain == MC_ERROR && i < G_N_ELEMENTS (refusals); i++)
    if (refusals[i].error == error->code)
      {
        Refusal refusal = refusals[i];

        if (error->code == MC_ERROR_NOT_FOUND && strcmp (self->target->revision, "main") != 0)
          refusal.code = "RevisionNotFound";
        return refusal;
      }
  return other;
}

void
mc_answer_set_header (McAnswer *self, const char *name, const char *value)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (self->message), name,
                                value);
}

static const char *
get_header (McAnswer *self, const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (self->message),
                                       name);
}

/* A field has no line ends and no letters beyond ASCII. */
static char *
make_field (const char *text)
{
  g_autofree char *plain = g_str_to_ascii (text, "C");

  return g_strdelimit (g_steal_pointer (&plain), "\r\n\t", ' ');
}

/* All of it at once. libsoup would cut ranges out of it, many at a time, if it saw them. */
static void
send_text (McAnswer *self, guint status, const char *type, const char *text, gsize length)
{
  soup_message_headers_remove (soup_server_message_get_request_headers (self->message), "Range");
  soup_server_message_set_status (self->message, status, NULL);
  if (length > 0)
    soup_server_message_set_response (self->message, type, SOUP_MEMORY_COPY, text, length);
  self->begun = TRUE;
  mc_endpoint_await_reader (self->message);
  soup_server_message_unpause (self->message);
}

static void
send_json (McAnswer *self, guint status, JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);

  send_text (self, status, "application/json; charset=utf-8", text, strlen (text));
}

void
mc_answer_refuse (McAnswer *self, guint status, const char *code, const char *message)
{
  g_autofree char *field = make_field (message);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_add_string_value (builder, message);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  if (code != NULL)
    mc_answer_set_header (self, "X-Error-Code", code);
  mc_answer_set_header (self, "X-Error-Message", field);
  if (status == SOUP_STATUS_SERVICE_UNAVAILABLE || status == MC_STATUS_TOO_MANY_REQUESTS)
    mc_answer_set_header (self, "Retry-After", "2");
  send_json (self, status, node);
}

void
mc_answer_fail (McAnswer *self, GError *error)
{
  Refusal refusal = find_refusal (self, error);

  if (self->message != NULL && self->begun)
    mc_endpoint_hang_up (self->message);
  else if (self->message != NULL)
    mc_answer_refuse (self, refusal.status, refusal.code, error->message);
  g_error_free (error);
}

/* --- listings --- */

static gboolean
has_query (McAnswer *self, const char *name, const char *value)
{
  const char *text = g_uri_get_query (soup_server_message_get_uri (self->message));
  g_autoptr (GHashTable) query = text == NULL ? NULL : soup_form_decode (text);

  return query != NULL && g_strcmp0 (g_hash_table_lookup (query, name), value) == 0;
}

static void
answer_tree (McAnswer *self)
{
  g_autoptr (JsonNode) node = mc_endpoint_json_tree (self->manifest, self->target->path,
                                                     has_query (self, "recursive", "true")
                                                         || has_query (self, "recursive", "1"));

  if (node == NULL)
    mc_answer_refuse (self, SOUP_STATUS_NOT_FOUND, "EntryNotFound", "There is no such folder");
  else
    send_json (self, SOUP_STATUS_OK, node);
}

static void
answer_refs (McAnswer *self)
{
  GPtrArray *repos = mc_store_get_repos (self->endpoint->host.store);
  g_autoptr (GPtrArray) same = g_ptr_array_new ();
  g_autoptr (JsonNode) node = NULL;

  for (guint i = 0; i < repos->len; i++)
    {
      McManifest *manifest = ((McLibraryRepo *) g_ptr_array_index (repos, i))->manifest;

      if (strcmp (manifest->repo, self->manifest->repo) == 0
          && strcmp (manifest->endpoint, self->manifest->endpoint) == 0)
        g_ptr_array_add (same, manifest);
    }
  node = mc_endpoint_json_refs (same);
  send_json (self, SOUP_STATUS_OK, node);
}

/* Each is looked for among all files. */
#define MOST_PATHS 4096

static void
answer_paths (McAnswer *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  g_autoptr (GBytes) body =
      soup_message_body_flatten (soup_server_message_get_request_body (self->message));
  g_auto (GStrv) paths =
      mc_endpoint_read_paths (soup_message_headers_get_content_type (headers, NULL),
                              g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_autoptr (JsonNode) node = NULL;

  if (paths != NULL && g_strv_length (paths) > MOST_PATHS)
    {
      mc_answer_refuse (self, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, NULL,
                        "That are too many paths at once");
      return;
    }
  if (paths == NULL)
    {
      mc_answer_refuse (self, SOUP_STATUS_BAD_REQUEST, NULL,
                        "The paths that are asked for are no list");
      return;
    }
  node = mc_endpoint_json_paths (self->manifest, (const char *const *) paths);
  send_json (self, SOUP_STATUS_OK, node);
}

static void
answer_info (McAnswer *self)
{
  g_autoptr (JsonNode) node = mc_endpoint_json_info (
      self->manifest, has_query (self, "blobs", "true") || has_query (self, "blobs", "True")
                          || has_query (self, "blobs", "1"));

  send_json (self, SOUP_STATUS_OK, node);
}

static void
answer_manifest (McAnswer *self)
{
  GError *error = NULL;
  g_autoptr (JsonNode) node =
      mc_endpoint_json_manifest (self->manifest, self->target->path, &error);

  if (node == NULL)
    mc_answer_fail (self, error);
  else
    send_json (self, SOUP_STATUS_OK, node);
}

/* --- files --- */

/* Never a type that a browser would run. */
static const char *
choose_type (const char *path)
{
  if (g_str_has_suffix (path, ".json"))
    return "application/json";
  if (g_str_has_suffix (path, ".txt") || g_str_has_suffix (path, ".md"))
    return "text/plain; charset=utf-8";
  return "application/octet-stream";
}

static void
set_range (McAnswer *self, const McSlice *slice, guint64 size)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  g_autofree char *whole = NULL;

  mc_answer_set_header (self, "Accept-Ranges", "bytes");
  if (slice->status == SOUP_STATUS_PARTIAL_CONTENT)
    soup_message_headers_set_content_range (headers, (goffset) slice->offset,
                                            (goffset) (slice->offset + slice->length - 1),
                                            (goffset) size);
  else if (slice->status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE)
    {
      whole = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, size);
      mc_answer_set_header (self, "Content-Range", whole);
    }
}

static McSlice
choose_slice (McAnswer *self, guint64 size, const char *etag)
{
  McRangeFields fields = { get_header (self, "Range"), get_header (self, "If-Range"),
                           get_header (self, "If-None-Match") };

  return mc_slice_choose (&fields, size, etag);
}

/* The hash is the name of the bytes: the Hub's own entity tag. */
static char *
make_etag (const McDigest *digest)
{
  g_autofree char *hex = mc_digest_to_hex (digest);

  return g_strdup_printf ("\"%s\"", hex);
}

static gboolean
is_head (McAnswer *self)
{
  return soup_server_message_get_method (self->message) == SOUP_METHOD_HEAD;
}

void
mc_answer_send_head (McAnswer *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  g_autofree char *etag = make_etag (&self->file->digest);
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, self->file->size);

  mc_answer_set_header (self, "ETag", etag);
  mc_answer_set_header (self, "X-Linked-ETag", etag);
  mc_answer_set_header (self, "X-Linked-Size", size);
  mc_answer_set_header (self, "X-Repo-Commit", self->manifest->commit);
  mc_answer_set_header (self, "Content-Type", choose_type (self->file->path));
  set_range (self, &self->slice, self->file->size);
  soup_message_headers_set_content_length (headers, (goffset) self->slice.length);
  soup_server_message_set_status (self->message, self->slice.status, NULL);
  self->begun = TRUE;
  soup_server_message_unpause (self->message);
}

static void
answer_file (McAnswer *self)
{
  g_autofree char *etag = make_etag (&self->file->digest);

  self->slice = choose_slice (self, self->file->size, etag);
  if (is_head (self) || self->slice.length == 0)
    mc_answer_send_head (self);
  else
    mc_answer_begin_body (self);
}

/* A few lines of text, which are made when they are asked for. */
static void
answer_pointer (McAnswer *self, const char *pointer)
{
  gsize size = strlen (pointer);
  g_autofree char *name = mc_endpoint_name_text (pointer);
  g_autofree char *etag = g_strdup_printf ("\"%s\"", name);
  McSlice slice;

  slice = choose_slice (self, size, etag);
  mc_answer_set_header (self, "ETag", etag);
  mc_answer_set_header (self, "X-Repo-Commit", self->manifest->commit);
  set_range (self, &slice, size);
  send_text (self, slice.status, "text/plain; charset=utf-8", pointer + slice.offset, slice.length);
}

static void
answer_path (McAnswer *self)
{
  g_autofree char *pointer = NULL;

  self->file = mc_manifest_find_file (self->manifest, self->target->path);
  mc_answer_set_header (self, "X-Repo-Commit", self->manifest->commit);
  if (self->file == NULL)
    {
      mc_answer_refuse (self, SOUP_STATUS_NOT_FOUND, "EntryNotFound", "Entry not found");
      return;
    }
  pointer = self->target->kind == MC_TARGET_RAW ? mc_endpoint_make_pointer (self->file) : NULL;
  if (pointer != NULL)
    answer_pointer (self, pointer);
  else if (self->file->digest.kind == MC_DIGEST_NONE)
    mc_answer_refuse (self, SOUP_STATUS_FORBIDDEN, "GatedRepo",
                      "Access to this repo is restricted: accept its fields on its page");
  else
    answer_file (self);
}

/* --- which --- */

static void
answer_known (McAnswer *self, McLibraryRepo *repo)
{
  self->repo = repo->id;
  self->manifest = mc_manifest_ref (repo->manifest);
  switch (self->target->kind)
    {
    case MC_TARGET_FILE:
    case MC_TARGET_RAW:
      answer_path (self);
      break;
    case MC_TARGET_INFO:
      answer_info (self);
      break;
    case MC_TARGET_TREE:
      answer_tree (self);
      break;
    case MC_TARGET_REFS:
      answer_refs (self);
      break;
    case MC_TARGET_PATHS:
      answer_paths (self);
      break;
    case MC_TARGET_MANIFEST:
      answer_manifest (self);
      break;
    }
}

typedef struct
{
  McEndpoint *endpoint; /* (owned) */
  char *name;
} Scan;

/* All who asked for it meanwhile get the answer. */
static void
on_scanned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Scan *scan = user_data;
  McEndpoint *self = scan->endpoint;
  g_autoptr (GError) error = NULL;
  gint64 id = self->host.scan_finish (self->host.user_data, result, &error);
  g_autoptr (GPtrArray) waiting = NULL;
  g_autofree char *name = NULL;

  g_hash_table_steal_extended (self->scans, scan->name, (gpointer *) &name, (gpointer *) &waiting);
  for (guint i = 0; i < waiting->len; i++)
    {
      McAnswer *answer = g_ptr_array_index (waiting, i);
      McLibraryRepo *repo = error == NULL ? mc_store_get_repo (self->host.store, id) : NULL;

      if (answer->message == NULL)
        continue;
      if (repo != NULL)
        answer_known (answer, repo);
      else
        mc_answer_fail (answer, error != NULL ? g_error_copy (error)
                                              : g_error_new_literal (MC_ERROR, MC_ERROR_GONE,
                                                                     "The repo was deleted"));
    }
  mc_endpoint_unref (self);
  g_free (scan->name);
  g_free (scan);
}

static void
ask_hub (McAnswer *self)
{
  McEndpoint *endpoint = self->endpoint;
  const McTarget *target = self->target;
  g_autofree char *name = g_strconcat (target->repo, "@", target->revision, NULL);
  GPtrArray *waiting = g_hash_table_lookup (endpoint->scans, name);
  Scan *scan;

  if (waiting != NULL)
    {
      g_ptr_array_add (waiting, mc_answer_ref (self));
      return;
    }
  waiting = g_ptr_array_new_with_free_func ((GDestroyNotify) mc_answer_unref);
  g_ptr_array_add (waiting, mc_answer_ref (self));
  g_hash_table_insert (endpoint->scans, g_strdup (name), waiting);
  scan = g_new0 (Scan, 1);
  scan->endpoint = mc_endpoint_ref (endpoint);
  scan->name = g_steal_pointer (&name);
  endpoint->host.scan_async (endpoint->host.user_data, target->repo, target->revision, on_scanned,
                             scan);
}

void
mc_answer_begin (McAnswer *self)
{
  const McEndpointHost *host = &self->endpoint->host;
  McLibraryRepo *repo = host->find (host->user_data, self->target->repo, self->target->revision);

  if (repo != NULL)
    answer_known (self, repo);
  else
    ask_hub (self);
}
