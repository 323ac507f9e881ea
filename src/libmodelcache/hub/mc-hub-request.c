/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-hub-request.h"

#include "mc-error.h"
#include "mc-hub-headers.h"
#include "mc-hub-url.h"
#include "mc-task.h"

#include <string.h>

/* A request from its first byte to the end of its answer, over redirects and a refused token. Runs
 * in the main context of the caller, never blocks. It owns the deadlines: one from the moment a
 * connection works on the request until the answer's head, one for everything. Both, and the
 * caller's cancellable, end in the operation's own cancellable, and the first of them decides what
 * is reported. */

#define MAX_REDIRECTS 10
#define MAX_BODY (64 * 1024 * 1024)
#define MAX_REFUSAL (64 * 1024) /* of the body of an error */
#define PIECE (64 * 1024)

typedef struct
{
  McHubSession *session; /* (owned) */
  McHubRequest request;  /* its uri is (owned) */
  GUri *uri;             /* (owned): where we are */
  guint redirects;
  gboolean was_foreign; /* the token stays behind for good */
  gboolean token_refused;
  SoupMessage *message;      /* (owned) (nullable): under way */
  gint64 sent_at;            /* microseconds */
  GCancellable *cancellable; /* (owned): our own */
  GSource *watch;            /* (owned) (nullable): of the caller's cancellable */
  GSource *head_deadline;    /* (owned) (nullable) */
  GSource *total_deadline;   /* (owned) (nullable) */
  guint timed_out;           /* milliseconds that were over; 0: none */
  McHubAnswer *answer;       /* (owned) (nullable) */
  GByteArray *body;          /* (owned) (nullable) */
  guint8 *piece;             /* (owned) (nullable) */
} Op;

static void send_message (GTask *task);
static void send_cb (GObject *object, GAsyncResult *result, gpointer user_data);
static void read_body (GTask *task);
static void read_body_cb (GObject *object, GAsyncResult *result, gpointer user_data);

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
clear_message (Op *op)
{
  if (op->message != NULL)
    g_signal_handlers_disconnect_by_data (op->message, op);
  g_clear_object (&op->message);
  clear_source (&op->head_deadline);
}

static void
op_free (Op *op)
{
  clear_message (op);
  clear_source (&op->watch);
  clear_source (&op->total_deadline);
  g_clear_object (&op->cancellable);
  g_clear_pointer (&op->request.uri, g_uri_unref);
  g_clear_pointer (&op->uri, g_uri_unref);
  g_clear_pointer (&op->answer, mc_hub_answer_free);
  g_clear_pointer (&op->body, g_byte_array_unref);
  g_clear_pointer (&op->piece, g_free);
  g_clear_pointer (&op->session, mc_hub_session_unref);
  g_free (op);
}

void
mc_hub_answer_free (McHubAnswer *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->uri, g_uri_unref);
  g_clear_pointer (&self->trail, g_ptr_array_unref);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->location, g_uri_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_object (&self->stream);
  g_free (self);
}

static McHubAnswer *
answer_new (void)
{
  McHubAnswer *answer = g_new0 (McHubAnswer, 1);

  answer->trail = g_ptr_array_new_with_free_func ((GDestroyNotify) soup_message_headers_unref);
  return answer;
}

/* --- deadlines --- */

static gboolean
head_late_cb (gpointer user_data)
{
  Op *op = user_data;

  op->timed_out = op->session->connect_timeout;
  g_cancellable_cancel (op->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
total_late_cb (gpointer user_data)
{
  Op *op = user_data;

  op->timed_out = op->session->total_timeout;
  g_cancellable_cancel (op->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Op *op = user_data;

  g_cancellable_cancel (op->cancellable);
  return G_SOURCE_REMOVE;
}

static GSource *
start_deadline (guint milliseconds, GSourceFunc function, Op *op)
{
  GSource *source = g_timeout_source_new (milliseconds);

  g_source_set_static_name (source, "mc_hub_deadline");
  g_source_set_callback (source, function, op, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/* A request that waits for a free connection is not late yet. */
static void
on_begin (Op *op)
{
  if (op->head_deadline == NULL)
    op->head_deadline = start_deadline (op->session->connect_timeout, head_late_cb, op);
}

static void
network_event_cb (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *connection,
                  gpointer user_data)
{
  on_begin (user_data);
}

static void
starting_cb (SoupMessage *message, gpointer user_data)
{
  on_begin (user_data);
}

/* --- the end --- */

static GError *
late_error (Op *op)
{
  g_autofree char *host = mc_hub_url_get_host (op->uri);

  return g_error_new (MC_ERROR, MC_ERROR_NETWORK, "%s did not answer within %.3g seconds", host,
                      op->timed_out / 1000.0);
}

static void
fail (GTask *task, GError *error)
{
  Op *op = g_task_get_task_data (task);
  g_autofree char *host = mc_hub_url_get_host (op->uri);

  if (op->timed_out != 0 && !g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    {
      g_error_free (error);
      error = late_error (op);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
           && !g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    {
      /* libsoup says so of a connection that went away. */
      g_error_free (error);
      error = g_error_new (MC_ERROR, MC_ERROR_NETWORK, "%s broke off the connection", host);
    }
  else
    error = mc_hub_error_take (error, host);
  g_debug ("%s %s: %s", op->request.method, host, error->message);
  clear_message (op);
  clear_source (&op->watch);
  clear_source (&op->total_deadline);
  g_task_return_error (task, error);
}

static void
succeed (GTask *task)
{
  Op *op = g_task_get_task_data (task);

  clear_message (op);
  clear_source (&op->watch);
  clear_source (&op->total_deadline);
  g_task_return_pointer (task, g_steal_pointer (&op->answer), (GDestroyNotify) mc_hub_answer_free);
}

/* Reads what is there of a body that nobody wants, so that its connection can be used again, and
 * closes it. Neither blocks: libsoup drops a connection whose body was not read to its end. */
static void
drop_body (GInputStream *stream)
{
  char scrap[4096];

  if (G_IS_POLLABLE_INPUT_STREAM (stream)
      && g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (stream)))
    for (guint i = 0; i < 4; i++)
      {
        gssize count = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream),
                                                                 scrap, sizeof scrap, NULL, NULL);

        if (count <= 0)
          break;
      }
  g_input_stream_close (stream, NULL, NULL);
}

static gboolean
carries_token (Op *op)
{
  return op->session->token != NULL && !op->token_refused && !op->was_foreign
         && mc_hub_url_may_carry_token (op->session->endpoint, op->uri);
}

/* --- sending --- */

/* Of what the system does not trust, that for which the person's own authority stands. */
static gboolean
accept_certificate_cb (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags errors,
                       gpointer user_data)
{
  return mc_hub_session_trusts (((Op *) user_data)->session, certificate, errors);
}

static void
send_message (GTask *task)
{
  Op *op = g_task_get_task_data (task);
  SoupSession *session = op->request.is_stream ? op->session->bytes : op->session->api;
  GError *limited = mc_hub_check_limits (op->session, op->uri);
  SoupMessageHeaders *headers;

  if (limited != NULL)
    {
      fail (task, limited);
      return;
    }
  clear_message (op);
  op->message = soup_message_new_from_uri (op->request.method, op->uri);
  soup_message_add_flags (op->message,
                          SOUP_MESSAGE_NO_REDIRECT
                              | (op->request.is_fresh ? SOUP_MESSAGE_NEW_CONNECTION : 0));
  headers = soup_message_get_request_headers (op->message);
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (op->request.length > 0)
    {
      g_autofree char *range =
          g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, op->request.offset,
                           op->request.offset + op->request.length - 1);

      soup_message_headers_replace (headers, "Range", range);
    }
  if (carries_token (op))
    {
      g_autofree char *value = g_strconcat ("Bearer ", op->session->token, NULL);

      soup_message_headers_replace (headers, "Authorization", value);
    }
  if (op->session->authority != NULL)
    g_signal_connect (op->message, "accept-certificate", G_CALLBACK (accept_certificate_cb), op);
  g_signal_connect (op->message, "network-event", G_CALLBACK (network_event_cb), op);
  g_signal_connect (op->message, "starting", G_CALLBACK (starting_cb), op);
  op->sent_at = g_get_monotonic_time ();
  soup_session_send_async (session, op->message, g_task_get_priority (task), op->cancellable,
                           send_cb, g_object_ref (task));
}

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Goes where the answer points, or stops there. */
static void
follow (GTask *task, const char *location)
{
  Op *op = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) target = mc_hub_url_follow (op->uri, location, &error);
  gboolean is_own;

  if (target == NULL)
    {
      fail (task, g_steal_pointer (&error));
      return;
    }
  is_own = mc_hub_url_same_origin (op->session->endpoint, target);
  if (op->session->all_hosts_match && !mc_hub_url_is_host_of (op->session->endpoint, target))
    {
      g_autofree char *host = mc_hub_url_get_host (target);

      fail (task, g_error_new (MC_ERROR, MC_ERROR_BAD_RESPONSE,
                               "%s sent us on to %s, which is not allowed: all hosts must match",
                               op->session->host, host));
      return;
    }
  if (!is_own && op->request.follow == MC_HUB_FOLLOW_STOP)
    {
      op->answer->location = g_steal_pointer (&target);
      succeed (task);
      return;
    }
  if (!is_own && op->request.follow == MC_HUB_FOLLOW_OWN)
    {
      g_autofree char *host = mc_hub_url_get_host (target);

      fail (task,
            g_error_new (MC_ERROR, MC_ERROR_BAD_RESPONSE,
                         "%s sent us on to %s://%s: if that is the Hub, set its address to this",
                         op->session->host, g_uri_get_scheme (target), host));
      return;
    }
  if (++op->redirects > MAX_REDIRECTS)
    {
      fail (task, g_error_new (MC_ERROR, MC_ERROR_BAD_RESPONSE, "%s sends us round in circles",
                               op->session->host));
      return;
    }
  op->was_foreign = op->was_foreign || !is_own;
  g_uri_unref (op->uri);
  op->uri = g_steal_pointer (&target);
  send_message (task);
}

/* The same once more from the start, without the token that was refused. */
static void
retry_without_token (GTask *task)
{
  Op *op = g_task_get_task_data (task);

  g_debug ("The token was refused: trying without it");
  op->token_refused = TRUE;
  op->redirects = 0;
  g_uri_unref (op->uri);
  op->uri = g_uri_ref (op->request.uri);
  g_clear_pointer (&op->answer, mc_hub_answer_free);
  op->answer = answer_new ();
  send_message (task);
}

static void
note_answer (Op *op, gboolean had_token)
{
  McHubAnswer *answer = op->answer;
  g_autofree char *place = mc_hub_url_describe (op->session->endpoint, op->uri);

  answer->status = soup_message_get_status (op->message);
  g_clear_pointer (&answer->headers, soup_message_headers_unref);
  answer->headers = soup_message_headers_ref (soup_message_get_response_headers (op->message));
  g_clear_pointer (&answer->uri, g_uri_unref);
  answer->uri = g_uri_ref (op->uri);
  answer->is_foreign = !mc_hub_url_same_origin (op->session->endpoint, op->uri);
  answer->token = op->token_refused ? MC_HUB_TOKEN_REFUSED
                  : had_token       ? MC_HUB_TOKEN_SENT
                                    : MC_HUB_TOKEN_NONE;
  if (!answer->is_foreign)
    g_ptr_array_add (answer->trail, soup_message_headers_ref (answer->headers));
  g_debug ("%s %s: %u after %" G_GINT64_FORMAT " ms", op->request.method, place, answer->status,
           (g_get_monotonic_time () - op->sent_at) / 1000);
}

static void
send_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Op *op = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream =
      soup_session_send_finish (SOUP_SESSION (object), result, &error);
  McHubFailure refusal = { 0 };
  const char *location;

  if (stream == NULL)
    {
      fail (task, g_steal_pointer (&error));
      return;
    }
  note_answer (op, carries_token (op));
  mc_hub_note_limits (op->session, op->answer);
  clear_message (op);
  location = mc_hub_answer_get (op->answer, "Location");
  if (is_redirect (op->answer->status) && location != NULL)
    {
      drop_body (stream);
      follow (task, location);
      return;
    }
  refusal.status = op->answer->status;
  refusal.token = op->answer->token;
  refusal.code = mc_hub_answer_get (op->answer, "X-Error-Code");
  if (mc_hub_failure_is_bad_token (&refusal) && !op->request.needs_token)
    {
      drop_body (stream);
      retry_without_token (task);
      return;
    }
  if (op->request.is_stream && SOUP_STATUS_IS_SUCCESSFUL (op->answer->status))
    {
      op->answer->stream = g_steal_pointer (&stream);
      succeed (task);
      return;
    }
  if (op->total_deadline == NULL)
    op->total_deadline = start_deadline (op->session->total_timeout, total_late_cb, op);
  op->answer->stream = g_steal_pointer (&stream);
  op->body = g_byte_array_new ();
  op->piece = g_malloc (PIECE);
  read_body (task);
}

/* --- the body --- */

static void
read_body (GTask *task)
{
  Op *op = g_task_get_task_data (task);

  g_input_stream_read_async (op->answer->stream, op->piece, PIECE, g_task_get_priority (task),
                             op->cancellable, read_body_cb, g_object_ref (task));
}

/* A short body is a broken connection, whatever libsoup thinks of it. */
static gboolean
check_length (Op *op, GError **error)
{
  guint64 length;
  g_autofree char *host = NULL;

  if (strcmp (op->request.method, SOUP_METHOD_HEAD) == 0
      || !mc_hub_parse_length (mc_hub_answer_get (op->answer, "Content-Length"), &length)
      || op->body->len >= length)
    return TRUE;
  host = mc_hub_url_get_host (op->uri);
  g_set_error (error, MC_ERROR, MC_ERROR_NETWORK,
               "%s broke off after %u of %" G_GUINT64_FORMAT " bytes", host, op->body->len, length);
  return FALSE;
}

static void
end_body (GTask *task)
{
  Op *op = g_task_get_task_data (task);

  drop_body (op->answer->stream);
  g_clear_object (&op->answer->stream);
  op->answer->body = g_byte_array_free_to_bytes (g_steal_pointer (&op->body));
  succeed (task);
}

static void
read_body_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Op *op = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gssize count = g_input_stream_read_finish (G_INPUT_STREAM (object), result, &error);
  gboolean is_success = SOUP_STATUS_IS_SUCCESSFUL (op->answer->status);
  gsize limit = is_success ? MAX_BODY : MAX_REFUSAL;

  /* Why an error's text broke off is of less interest than the error. */
  if (count < 0 && !is_success && !g_cancellable_is_cancelled (op->cancellable))
    {
      end_body (task);
      return;
    }
  if (count < 0)
    {
      fail (task, g_steal_pointer (&error));
      return;
    }
  if (count == 0)
    {
      if (is_success && !check_length (op, &error))
        fail (task, g_steal_pointer (&error));
      else
        end_body (task);
      return;
    }
  if (op->body->len + (gsize) count > limit)
    {
      g_autofree char *host = mc_hub_url_get_host (op->uri);

      if (is_success)
        fail (task,
              g_error_new (MC_ERROR, MC_ERROR_BAD_RESPONSE,
                           "The answer of %s is longer than %d MiB", host, MAX_BODY / 1024 / 1024));
      else
        end_body (task);
      return;
    }
  g_byte_array_append (op->body, op->piece, (guint) count);
  read_body (task);
}

/* --- API --- */

static void
start (GTask *task)
{
  Op *op = g_task_get_task_data (task);

  op->watch = mc_hub_watch_cancellable (g_task_get_cancellable (task), cancelled_cb, op);
  if (!op->request.is_stream)
    op->total_deadline = start_deadline (op->session->total_timeout, total_late_cb, op);
  send_message (task);
}

void
mc_hub_send_async (McHubSession *session,
                   const McHubRequest *request,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (NULL, cancellable, callback, user_data, mc_hub_send_async);
  Op *op = g_new0 (Op, 1);

  op->session = mc_hub_session_ref (session);
  op->request = *request;
  op->request.uri = g_uri_ref (request->uri);
  op->uri = g_uri_ref (request->uri);
  op->was_foreign = !mc_hub_url_same_origin (session->endpoint, request->uri);
  op->cancellable = g_cancellable_new ();
  op->answer = answer_new ();
  g_task_set_task_data (task, op, (GDestroyNotify) op_free);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (session->offline)
    {
      g_task_return_new_error (task, MC_ERROR, MC_ERROR_OFFLINE,
                               "Offline mode is on: %s is not asked", session->host);
      return;
    }
  if (session->held != NULL)
    g_queue_push_tail (session->held, g_steal_pointer (&task));
  else
    start (task);
}

void
mc_hub_session_hold (McHubSession *self)
{
  if (self->held == NULL)
    self->held = g_queue_new ();
}

void
mc_hub_session_release (McHubSession *self)
{
  g_autoptr (GQueue) held = g_steal_pointer (&self->held);
  GTask *waiting;

  while (held != NULL && (waiting = g_queue_pop_head (held)) != NULL)
    {
      g_autoptr (GTask) task = waiting;

      if (!g_task_return_error_if_cancelled (task))
        start (task);
    }
}

McHubAnswer *
mc_hub_send_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *
mc_hub_answer_get (McHubAnswer *self, const char *name)
{
  return soup_message_headers_get_one (self->headers, name);
}

const char *
mc_hub_answer_find (McHubAnswer *self, const char *name)
{
  for (guint i = 0; i < self->trail->len; i++)
    {
      const char *value = soup_message_headers_get_one (g_ptr_array_index (self->trail, i), name);

      if (value != NULL)
        return value;
    }
  return NULL;
}

GError *
mc_hub_answer_to_error (McHubAnswer *self,
                        McHubSession *session,
                        McHubAsk ask,
                        const char *repo,
                        const char *revision,
                        const char *path)
{
  g_autofree char *host = mc_hub_url_get_host (self->uri);
  McHubFailure failure = {
    .ask = ask,
    .token = self->token,
    .repo = repo,
    .revision = revision,
    .path = path,
    .host = host,
    .secret = session->token,
    .endpoint = session->endpoint_text,
    .status = self->status,
    .retry_after = mc_hub_answer_get (self, "Retry-After"),
    .now = g_get_real_time () / G_USEC_PER_SEC,
  };

  /* A number can do no harm; words of another origin may hold what was signed. */
  if (!self->is_foreign)
    {
      failure.code = mc_hub_answer_get (self, "X-Error-Code");
      failure.message = mc_hub_answer_get (self, "X-Error-Message");
      failure.rate_limit = mc_hub_answer_get (self, "RateLimit");
      if (self->body != NULL)
        failure.body = g_bytes_get_data (self->body, &failure.length);
    }
  return mc_hub_failure_to_error (&failure);
}
