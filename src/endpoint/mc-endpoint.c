/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-endpoint-private.h"

#include "mc-error.h"

#include <string.h>

/* The server, and who may ask. Whoever is turned away learns no more than that. */

#define READERS 4               /* threads */
#define MOST_BODY (1024 * 1024) /* bytes of a request */

static const char METHODS[] = "GET, HEAD, POST, OPTIONS";
static const char FIELDS[] = "Authorization, Range, If-Range, If-None-Match, Content-Type, Accept, "
                             "Cache-Control, X-Requested-With";
static const char EXPOSED[] = "ETag, Link, Accept-Ranges, Content-Range, X-Repo-Commit, "
                              "X-Error-Code, X-Error-Message, X-Linked-Size, X-Linked-ETag";

/* --- counted --- */

static void
endpoint_clear (gpointer data)
{
  McEndpoint *self = data;

  g_assert (self->server == NULL && self->answers->len == 0);
  g_thread_pool_free (self->readers, FALSE, TRUE);
  g_ptr_array_unref (self->answers);
  g_hash_table_unref (self->scans);
  g_strfreev (self->origins);
  g_strfreev (self->origin_keys);
  g_free (self->key);
  g_free (self->url);
  self->host.gone (self->host.user_data);
}

McEndpoint *
mc_endpoint_ref (McEndpoint *self)
{
  return g_rc_box_acquire (self);
}

void
mc_endpoint_unref (McEndpoint *self)
{
  g_rc_box_release_full (self, endpoint_clear);
}

static void
answer_clear (gpointer data)
{
  McAnswer *self = data;

  g_assert (self->message == NULL && !self->reading);
  g_clear_pointer (&self->manifest, mc_manifest_unref);
  g_clear_pointer (&self->target, mc_target_free);
  if (self->reader != NULL)
    mc_content_reader_claim (self->reader);
  g_clear_pointer (&self->reader, mc_content_reader_close);
  g_clear_pointer (&self->endpoint, mc_endpoint_unref);
}

McAnswer *
mc_answer_ref (McAnswer *self)
{
  return g_rc_box_acquire (self);
}

void
mc_answer_unref (McAnswer *self)
{
  g_rc_box_release_full (self, answer_clear);
}

guint
mc_endpoint_get_patience (McEndpoint *self)
{
  return self->host.patience_ms == 0 ? MC_ENDPOINT_PATIENCE_MS : self->host.patience_ms;
}

/* --- who may ask --- */

static void
set_header (SoupServerMessage *message, const char *name, const char *value)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (message), name, value);
}

static const char *
get_header (SoupServerMessage *message, const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (message), name);
}

/* A page may read answers only if it is told so; which fields, too. */
static void
admit_page (SoupServerMessage *message, const char *origin)
{
  set_header (message, "Access-Control-Allow-Origin", origin);
  set_header (message, "Access-Control-Expose-Headers", EXPOSED);
  set_header (message, "Vary", "Origin");
}

/* What is behind the key; NULL if it is a wrong one. *bound: the origin that has a key to itself.
 * All are compared, whichever is right. */
static const char *
strip_key (McEndpoint *self, const char *path, const char **bound)
{
  const char *rest = mc_endpoint_strip_key (path, self->key);

  *bound = NULL;
  for (guint i = 0; self->origins[i] != NULL; i++)
    {
      const char *other = mc_endpoint_strip_key (path, self->origin_keys[i]);

      if (other == NULL)
        continue;
      rest = other;
      *bound = self->origins[i];
    }
  return rest;
}

/* Which are forgotten if "100 Continue" was said, and so are set twice. */
static void
set_common_fields (SoupServerMessage *message)
{
  set_header (message, "X-Content-Type-Options", "nosniff");
  set_header (message, "Cache-Control", "no-cache");
  set_header (message, "Connection", "close");
}

/* Whether pages of that origin may ask, with a key that is one origin's (bound) or all's. */
static gboolean
is_allowed (McEndpoint *self, const char *origin, const char *bound)
{
  if (bound != NULL)
    return mc_endpoint_origin_is (origin, bound);
  for (guint i = 0; self->origins[i] != NULL; i++)
    if (mc_endpoint_origin_is (origin, self->origins[i]))
      return TRUE;
  return FALSE;
}

/* NULL if the message is answered already: it must not get further. */
static const char *
admit (McEndpoint *self, SoupServerMessage *message)
{
  const char *path = g_uri_get_path (soup_server_message_get_uri (message));
  const char *origin = get_header (message, "Origin");
  const char *bound;
  const char *rest = strip_key (self, path, &bound);

  set_common_fields (message);
  if (!mc_endpoint_host_is_own (get_header (message, "Host"), self->port))
    {
      soup_server_message_set_status (message, SOUP_STATUS_FORBIDDEN, NULL);
      return NULL;
    }
  if (rest == NULL)
    {
      gboolean many = mc_wrong_keys_add (&self->wrong, g_get_monotonic_time ());

      soup_server_message_set_status (
          message, many ? MC_STATUS_TOO_MANY_REQUESTS : SOUP_STATUS_NOT_FOUND, NULL);
      return NULL;
    }
  if (origin == NULL)
    return rest;
  if (!is_allowed (self, origin, bound))
    {
      soup_server_message_set_status (message, SOUP_STATUS_FORBIDDEN, NULL);
      return NULL;
    }
  admit_page (message, origin);
  return rest;
}

static void
answer_preflight (SoupServerMessage *message)
{
  set_header (message, "Access-Control-Allow-Methods", METHODS);
  set_header (message, "Access-Control-Allow-Headers", FIELDS);
  set_header (message, "Access-Control-Max-Age", "600");
  soup_server_message_set_status (message, SOUP_STATUS_NO_CONTENT, NULL);
}

/* --- requests --- */

/* A connection, as long as its message is there: libsoup tells of the end of those alone that asked
 * for something. */
typedef struct
{
  McEndpoint *endpoint; /* (owned) */
  GSource *patience;    /* (owned) (nullable) */
  gboolean beyond;      /* there were too many already */
} Visit;

static const char VISIT[] = "mc-endpoint-visit";

static void
on_finished (SoupServerMessage *message, gpointer user_data)
{
  McAnswer *self = user_data;

  mc_answer_end_body (self);
  g_clear_signal_handler (&self->finished, self->message);
  g_clear_object (&self->message);
  g_ptr_array_remove_fast (self->endpoint->answers, self);
  mc_answer_unref (self);
}

static void
begin_answer (McEndpoint *self, SoupServerMessage *message, McTarget *target)
{
  McAnswer *answer = g_rc_box_new0 (McAnswer);
  g_autoptr (McAnswer) held = mc_answer_ref (answer);

  answer->endpoint = mc_endpoint_ref (self);
  answer->message = g_object_ref (message);
  answer->target = target;
  answer->finished = g_signal_connect (message, "finished", G_CALLBACK (on_finished), answer);
  g_ptr_array_add (self->answers, answer);
  soup_server_message_pause (message);
  mc_answer_begin (held);
}

static gboolean
is_method (SoupServerMessage *message, const char *method)
{
  return strcmp (soup_server_message_get_method (message), method) == 0;
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *decoded,
            GHashTable *query,
            gpointer user_data)
{
  McEndpoint *self = user_data;
  const char *rest = admit (self, message);
  McTarget *target;

  if (rest == NULL)
    return;
  target = mc_target_parse (rest, NULL);
  if (is_method (message, SOUP_METHOD_OPTIONS))
    answer_preflight (message);
  else if (target == NULL)
    soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
  else if (is_method (message, SOUP_METHOD_POST) != (target->kind == MC_TARGET_PATHS)
           || !(is_method (message, SOUP_METHOD_POST) || is_method (message, SOUP_METHOD_GET)
                || is_method (message, SOUP_METHOD_HEAD)))
    {
      set_header (message, "Allow", METHODS);
      soup_server_message_set_status (message, SOUP_STATUS_METHOD_NOT_ALLOWED, NULL);
    }
  else
    {
      begin_answer (self, message, g_steal_pointer (&target));
      return;
    }
  mc_target_free (target);
}

static void
refuse_many (SoupServerMessage *message)
{
  set_common_fields (message);
  set_header (message, "Retry-After", "2");
  soup_server_message_set_status (message, SOUP_STATUS_SERVICE_UNAVAILABLE, NULL);
}

/* Before the body of a request is read. What nobody will look at is not kept. */
static void
on_head (SoupServer *server,
         SoupServerMessage *message,
         const char *decoded,
         GHashTable *query,
         gpointer user_data)
{
  McEndpoint *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const Visit *visit = g_object_get_data (G_OBJECT (message), VISIT);
  gboolean admitted = !visit->beyond && admit (self, message) != NULL;

  if (visit->beyond)
    refuse_many (message);
  else if (admitted
           && (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED
               || soup_message_headers_get_content_length (headers) > MOST_BODY))
    soup_server_message_set_status (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, NULL);
  if (soup_server_message_get_status (message) != 0 || !is_method (message, SOUP_METHOD_POST))
    soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
}

/* --- connections --- */

/* libsoup ends a message when it can read or write no more; it is made to try. To take the
 * connection from it would end nothing. */
static gboolean
close_now (gpointer data)
{
  SoupServerMessage *message = data;
  GSocket *socket = soup_server_message_get_socket (message);

  if (socket == NULL)
    return G_SOURCE_REMOVE;
  g_socket_shutdown (socket, TRUE, TRUE, NULL);
  if (soup_server_message_get_status (message) != 0)
    {
      soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_STATIC,
                                "\n", 1);
      soup_server_message_unpause (message);
    }
  return G_SOURCE_REMOVE;
}

void
mc_endpoint_hang_up (SoupServerMessage *message)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, close_now, g_object_ref (message), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
stop_waiting (Visit *self)
{
  if (self->patience != NULL)
    g_source_destroy (self->patience);
  g_clear_pointer (&self->patience, g_source_unref);
}

static void
visit_free (gpointer data)
{
  Visit *self = data;

  stop_waiting (self);
  self->endpoint->connections--;
  mc_endpoint_unref (self->endpoint);
  g_free (self);
}

static void
wait_for (Visit *self, SoupServerMessage *message, guint ms)
{
  stop_waiting (self);
  self->patience = g_timeout_source_new (ms);
  g_source_set_callback (self->patience, close_now, message, NULL);
  g_source_attach (self->patience, g_main_context_get_thread_default ());
}

void
mc_endpoint_await_reader (SoupServerMessage *message)
{
  Visit *visit = g_object_get_data (G_OBJECT (message), VISIT);

  wait_for (visit, message, mc_endpoint_get_patience (visit->endpoint));
}

/* One request is all that a connection is for, also where libsoup answers by itself: 3.2 never lets
 * go of one that the client closes between two. */
static void
on_fields (SoupServerMessage *message, gpointer unused)
{
  soup_message_headers_replace (soup_server_message_get_request_headers (message), "Connection",
                                "close");
}

static void
on_started (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  McEndpoint *self = user_data;
  Visit *visit = g_new0 (Visit, 1);

  visit->endpoint = mc_endpoint_ref (self);
  g_object_set_data_full (G_OBJECT (message), VISIT, visit, visit_free);
  g_signal_connect (message, "got-headers", G_CALLBACK (on_fields), NULL);
  wait_for (visit, message,
            self->host.patience_ms == 0 ? MC_ENDPOINT_HEAD_MS : self->host.patience_ms);
  visit->beyond = ++self->connections > MC_ENDPOINT_CONNECTIONS;
  if (visit->beyond)
    mc_endpoint_hang_up (message);
}

/* Whoever answers says how long that may take. */
static void
on_read (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  stop_waiting (g_object_get_data (G_OBJECT (message), VISIT));
}

/* --- the server --- */

static char *
make_url (McEndpoint *self, const char *key)
{
  return g_strdup_printf ("http://127.0.0.1:%u/%s", self->port, key);
}

static gboolean
listen_on (McEndpoint *self, guint port, GError **error)
{
  g_autoptr (GError) local = NULL;
  GSList *uris;

  if (!soup_server_listen_local (self->server, port, SOUP_SERVER_LISTEN_IPV4_ONLY, &local))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_BUSY, "Port %u cannot be listened on: %s", port,
                   local->message);
      return FALSE;
    }
  uris = soup_server_get_uris (self->server);
  self->port = (guint) g_uri_get_port (uris->data);
  self->url = make_url (self, self->key);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return TRUE;
}

McEndpoint *
mc_endpoint_new (const McEndpointHost *host,
                 guint port,
                 const char *key,
                 const char *const *origins,
                 GError **error)
{
  McEndpoint *self = g_rc_box_new0 (McEndpoint);

  self->host = *host;
  self->wanted_port = port;
  self->key = g_strdup (key);
  self->origins = origins == NULL ? g_new0 (char *, 1) : g_strdupv ((char **) origins);
  self->origin_keys = g_new0 (char *, g_strv_length (self->origins) + 1);
  for (guint i = 0; self->origins[i] != NULL; i++)
    self->origin_keys[i] = mc_endpoint_make_origin_key (key, self->origins[i]);
  self->answers = g_ptr_array_new ();
  self->scans =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->readers = g_thread_pool_new (mc_answer_read_piece, NULL, READERS, FALSE, NULL);
  self->server = soup_server_new ("server-header", "Model-Cache", "raw-paths", TRUE, NULL);
  g_signal_connect (self->server, "request-started", G_CALLBACK (on_started), self);
  g_signal_connect (self->server, "request-read", G_CALLBACK (on_read), self);
  soup_server_add_early_handler (self->server, NULL, on_head, self, NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  if (listen_on (self, port, error))
    return self;
  mc_endpoint_stop (self);
  return NULL;
}

void
mc_endpoint_stop (McEndpoint *self)
{
  g_autoptr (SoupServer) server = g_steal_pointer (&self->server);

  g_signal_handlers_disconnect_by_data (server, self);
  /* Messages go before their connections do: libsoup 3.2 looks for these when a message is freed.
   */
  while (self->answers->len > 0)
    {
      McAnswer *answer = g_ptr_array_index (self->answers, 0);

      on_finished (answer->message, answer);
    }
  soup_server_disconnect (server);
  mc_endpoint_unref (self);
}

gboolean
mc_endpoint_is_as (McEndpoint *self, guint port, const char *key, const char *const *origins)
{
  return port == self->wanted_port && strcmp (key, self->key) == 0
         && g_strv_equal (origins, (const char *const *) self->origins);
}

char *
mc_endpoint_dup_url_for (McEndpoint *self, const char *origin)
{
  for (guint i = 0; self->origins[i] != NULL; i++)
    if (strcmp (self->origins[i], origin) == 0)
      return make_url (self, self->origin_keys[i]);
  return NULL;
}

const char *
mc_endpoint_get_url (McEndpoint *self)
{
  return self->url;
}
