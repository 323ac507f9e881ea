/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-client-private.h"

#include "mc-error.h"
#include "mc-hub-headers.h"
#include "mc-hub-stream.h"
#include "mc-hub-url.h"
#include "mc-repo-ref.h"
#include "mc-task.h"

#include <string.h>

/* Files of a repo: where their bytes are, and ranges of them. Main thread. */

void
mc_resolved_free (McResolved *self)
{
  if (self == NULL)
    return;
  g_free (self->endpoint);
  g_free (self->url);
  g_free (self->commit);
  g_free (self);
}

/* What a call was asked, for its errors; its task's data. */
typedef struct
{
  char *repo; /* (owned) (nullable), as are the others */
  char *revision;
  char *path;
  guint64 offset;
  guint64 length;
  guint64 size; /* of the whole file */
  char *place;  /* (nullable): below any endpoint */
  McHubRoute route;
} Call;

static void
call_free (Call *call)
{
  g_free (call->repo);
  g_free (call->revision);
  g_free (call->path);
  g_free (call->place);
  mc_hub_route_clear (&call->route);
  g_free (call);
}

static gboolean
is_identity (McHubAnswer *answer)
{
  const char *encoding = mc_hub_answer_get (answer, "Content-Encoding");

  return encoding == NULL || encoding[0] == '\0' || g_ascii_strcasecmp (encoding, "identity") == 0;
}

/* --- resolve --- */

/* The size and hash are told by the Hub's own answers alone: on a redirect in fields of their own,
 * since Content-Length and ETag there are those of the redirect. */
static gboolean
read_facts (McResolved *resolved, McHubAnswer *answer, GError **error)
{
  const char *size = mc_hub_answer_find (answer, "X-Linked-Size");
  const char *etag = mc_hub_answer_find (answer, "X-Linked-ETag");
  const char *commit = mc_hub_answer_find (answer, "X-Repo-Commit");
  gboolean is_end = answer->location == NULL;

  if (size != NULL && !mc_hub_parse_length (size, &resolved->size))
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                           "The Hub names a size that is none");
      return FALSE;
    }
  resolved->has_size = size != NULL;
  if (size == NULL && is_end && is_identity (answer))
    resolved->has_size =
        mc_hub_parse_length (mc_hub_answer_get (answer, "Content-Length"), &resolved->size);
  if (etag == NULL && is_end)
    etag = mc_hub_answer_get (answer, "ETag");
  resolved->digest = mc_hub_parse_etag (etag);
  if (mc_revision_is_commit (commit))
    resolved->commit = g_strdup (commit);
  return TRUE;
}

static void resolve (GTask *task);

static void
resolve_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McHubClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);
  McHubSession *session = call->route.session;
  GError *error = NULL;
  g_autoptr (McHubAnswer) answer = mc_hub_send_finish (result, &error);
  g_autoptr (McResolved) resolved = g_new0 (McResolved, 1);

  if (answer != NULL && answer->location == NULL && answer->status != SOUP_STATUS_OK)
    error = mc_hub_answer_to_error (answer, session, MC_HUB_ASK_FILE, call->repo, call->revision,
                                    call->path);
  if (error == NULL)
    read_facts (resolved, answer, &error);
  if (mc_hub_client_move_on (self, &call->route, error))
    {
      g_error_free (error);
      resolve (task);
      return;
    }
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  resolved->endpoint = g_strdup (session->endpoint_text);
  /* Of the endpoint's own answers the last address is kept: it spares each range a redirect. */
  resolved->own_origin = answer->location == NULL;
  resolved->url = g_uri_to_string (answer->location != NULL ? answer->location : answer->uri);
  g_task_return_pointer (task, g_steal_pointer (&resolved), (GDestroyNotify) mc_resolved_free);
}

/* At the endpoint where its route is. */
static void
resolve (GTask *task)
{
  Call *call = g_task_get_task_data (task);
  g_autoptr (GUri) uri = mc_hub_session_build_uri (call->route.session, call->place);
  McHubRequest request = { .method = SOUP_METHOD_HEAD, .uri = uri, .follow = MC_HUB_FOLLOW_STOP };

  mc_hub_send_async (call->route.session, &request, g_task_get_cancellable (task), resolve_cb,
                     g_object_ref (task));
}

void
mc_hub_client_resolve_async (McHubClient *self,
                             const char *repo,
                             const char *commit,
                             const char *path,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_hub_client_resolve_async);
  Call *call = g_new0 (Call, 1);
  GError *error = NULL;
  g_autofree char *revision = NULL;
  g_autofree char *file = NULL;

  g_task_set_task_data (task, call, (GDestroyNotify) call_free);
  if (!mc_hub_check_repo (repo, &error) || !mc_hub_check_revision (commit, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (!mc_repo_path_is_valid (path))
    {
      g_task_return_new_error (task, MC_ERROR, MC_ERROR_INVALID_NAME,
                               "That is not the path of a file in a repo");
      return;
    }
  call->repo = g_strdup (repo);
  call->revision = g_strdup (commit);
  call->path = g_strdup (path);
  revision = g_uri_escape_string (commit, NULL, FALSE);
  file = g_uri_escape_string (path, "/", FALSE);
  call->place = g_strconcat ("/", repo, "/resolve/", revision, "/", file, NULL);
  mc_hub_route_advance (&call->route, self->sessions, g_get_monotonic_time ());
  resolve (task);
}

McResolved *
mc_hub_client_resolve_finish (McHubClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- ranges --- */

static gboolean
is_html (McHubAnswer *answer)
{
  const char *type = soup_message_headers_get_content_type (answer->headers, NULL);

  return type != NULL
         && (g_ascii_strcasecmp (type, "text/html") == 0
             || g_ascii_strcasecmp (type, "application/xhtml+xml") == 0);
}

/* What is wrong with a success; NULL: nothing. */
static char *
judge (Call *call, McHubAnswer *answer)
{
  const char *range = mc_hub_answer_get (answer, "Content-Range");
  const char *length_text = mc_hub_answer_get (answer, "Content-Length");
  gboolean is_whole = call->offset == 0 && call->length == call->size;
  guint64 first, last, total;
  guint64 length = 0;

  if (!is_identity (answer))
    return g_strdup ("a compressed body");
  if (answer->status == SOUP_STATUS_OK && is_html (answer))
    return g_strdup ("a web page instead of the file");
  if (answer->status == SOUP_STATUS_OK && !is_whole)
    return g_strdup ("the whole file instead of a range of it");
  if (answer->status != SOUP_STATUS_OK && answer->status != SOUP_STATUS_PARTIAL_CONTENT)
    return g_strdup_printf ("status %u instead of a range", answer->status);
  if (length_text != NULL && !mc_hub_parse_length (length_text, &length))
    return g_strdup ("a length that is none");
  /* A 200 has nothing else to tell it from some other answer. */
  if ((length_text != NULL || answer->status == SOUP_STATUS_OK) && length != call->length)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " bytes instead of %" G_GUINT64_FORMAT, length,
                            call->length);
  if (answer->status == SOUP_STATUS_OK)
    return NULL;
  if (!mc_hub_parse_content_range (range, &first, &last, &total))
    return g_strdup ("a range without its place");
  if (first != call->offset || last != call->offset + call->length - 1)
    return g_strdup_printf ("bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                            " instead of %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                            first, last, call->offset, call->offset + call->length - 1);
  if (total != call->size)
    return g_strdup_printf ("a file of %" G_GUINT64_FORMAT " bytes instead of %" G_GUINT64_FORMAT,
                            total, call->size);
  return NULL;
}

/* Where the bytes cannot be had by way of one endpoint, they may be by way of another: resolving
 * again finds that. Takes the error. */
static void
return_for_another (GTask *task, GError *error)
{
  McHubClient *self = g_task_get_source_object (task);
  Call *call = g_task_get_task_data (task);

  if (self->sessions->len > 1 && mc_hub_client_move_on (self, &call->route, error))
    {
      error->domain = MC_HUB_ERROR;
      error->code = MC_HUB_ERROR_RESOLVE_AGAIN;
    }
  g_task_return_error (task, error);
}

static void
open_range_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  McHubSession *session = call->route.session;
  GError *error = NULL;
  g_autoptr (McHubAnswer) answer = mc_hub_send_finish (result, &error);
  g_autofree char *host = NULL;
  g_autofree char *fault = NULL;

  if (answer == NULL)
    {
      return_for_another (task, error);
      return;
    }
  host = mc_hub_url_get_host (answer->uri);
  /* Of a storage host a refusal means that the signature is too old, never that somebody may not:
   * that is for the Hub to say. */
  if (answer->is_foreign
      && (answer->status == SOUP_STATUS_FORBIDDEN || answer->status == SOUP_STATUS_UNAUTHORIZED
          || answer->status == SOUP_STATUS_GONE))
    {
      g_task_return_new_error (task, MC_HUB_ERROR, MC_HUB_ERROR_RESOLVE_AGAIN,
                               "%s no longer accepts the address of the file (status %u)", host,
                               answer->status);
      return;
    }
  if (answer->is_foreign && answer->status == SOUP_STATUS_NOT_FOUND)
    {
      g_task_return_new_error (task, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                               "%s does not have the file that the Hub says is there", host);
      return;
    }
  if (answer->stream == NULL)
    {
      error = mc_hub_answer_to_error (answer, session, MC_HUB_ASK_FILE, NULL, NULL, NULL);
      return_for_another (task, error);
      return;
    }
  fault = judge (call, answer);
  if (fault != NULL)
    {
      g_task_return_new_error (task, MC_ERROR, MC_ERROR_BAD_RESPONSE, "%s sent %s", host, fault);
      return;
    }
  g_task_return_pointer (task,
                         mc_hub_stream_new (answer->stream, session, host,
                                            mc_hub_answer_get (answer, "ETag"), call->length),
                         g_object_unref);
}

void
mc_hub_client_open_range_async (McHubClient *self,
                                const McResolved *resolved,
                                guint64 offset,
                                guint64 length,
                                guint64 size,
                                McHubConnection connection,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (self, cancellable, callback, user_data, mc_hub_client_open_range_async);
  McHubSession *session = mc_hub_client_find_session (self, resolved->endpoint);
  McHubRequest request = {
    .method = SOUP_METHOD_GET,
    .follow = MC_HUB_FOLLOW_ALL,
    .is_stream = TRUE,
    .is_fresh = connection == MC_HUB_FRESH,
    .offset = offset,
    .length = length,
  };
  Call *call = g_new0 (Call, 1);
  GError *error = NULL;
  g_autoptr (GUri) uri = NULL;

  g_task_set_task_data (task, call, (GDestroyNotify) call_free);
  if (length == 0 || offset >= size || length > size - offset)
    {
      g_task_return_new_error (task, MC_ERROR, MC_ERROR_INVALID_NAME,
                               "The range %" G_GUINT64_FORMAT "+%" G_GUINT64_FORMAT
                               " is not in a file of %" G_GUINT64_FORMAT " bytes",
                               offset, length, size);
      return;
    }
  /* The same rules as for the redirect that it came from. */
  uri = mc_hub_url_follow (session->endpoint, resolved->url, &error);
  if (uri == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  call->offset = offset;
  call->length = length;
  call->size = size;
  call->route.session = mc_hub_session_ref (session);
  request.uri = uri;
  mc_hub_send_async (session, &request, cancellable, open_range_cb, g_object_ref (task));
}

GInputStream *
mc_hub_client_open_range_finish (McHubClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
