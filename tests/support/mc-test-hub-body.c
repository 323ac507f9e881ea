/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

#include <string.h>
#include <sys/socket.h>

/* Sends answers of the test Hub, on the hub's thread. Every body goes out in pieces that are made
 * when the last one was written and forgotten then: SoupServer never sees a whole body and never
 * answers a Range by itself (it would copy the body, and fails at 4 GiB). Faults that concern the
 * body are applied here. */

#define PIECE (128 * 1024)
#define PIECES_A_SECOND 50 /* at a limited rate */
#define MOST_BEHIND (G_USEC_PER_SEC / 10)

void
mc_test_answer_header (McTestAnswer *self, const char *name, const char *value)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (self->message), name,
                                value);
}

void
mc_test_answer_clear (McTestAnswer *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static gboolean
close_now (gpointer data)
{
  SoupServerMessage *message = data;
  GSocket *socket = soup_server_message_get_socket (message);
  g_autoptr (GSocket) held = socket != NULL ? g_object_ref (socket) : NULL;
  g_autoptr (GIOStream) stream = soup_server_message_steal_connection (message);

  if (held != NULL)
    g_socket_close (held, NULL);
  if (stream != NULL)
    g_io_stream_close (stream, NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* From the main context, never from inside libsoup's own writing. */
void
mc_test_answer_hang_up (McTestAnswer *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, close_now, g_object_ref (self->message), g_object_unref);
  g_source_attach (source, self->hub->context);
}

static void feed (McTestAnswer *self);

static gboolean
feed_later_cb (gpointer data)
{
  McTestAnswer *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  feed (self);
  soup_server_message_unpause (self->message);
  return G_SOURCE_REMOVE;
}

/* How many bytes may go now; 0: not before the timer that was set. */
static gsize
allow (McTestAnswer *self, gsize wanted)
{
  guint64 rate = self->storage ? mc_test_hub_get_rate (self->hub) : 0;
  gint64 now = g_get_monotonic_time ();

  if (rate == 0)
    {
      self->next_time = 0;
      return wanted;
    }
  if (self->next_time > now)
    {
      self->timer = g_timeout_source_new (MAX ((self->next_time - now) / 1000, 1));
      g_source_set_callback (self->timer, feed_later_cb, self, NULL);
      g_source_attach (self->timer, self->hub->context);
      return 0;
    }
  wanted = CLAMP (rate / PIECES_A_SECOND, 1, wanted);
  self->next_time = MAX (self->next_time, now - MOST_BEHIND)
                    + (gint64) (wanted * (gdouble) G_USEC_PER_SEC / rate);
  return wanted;
}

static void
fill (McTestAnswer *self, guint8 *buffer, gsize length)
{
  guint64 known = self->position < self->body->size ? self->body->size - self->position : 0;
  gsize real = MIN (known, length);

  mc_test_content_read (self->body, self->position, buffer, real);
  memset (buffer + real, '!', length - real); /* what MC_TEST_WRONG_LENGTH adds */
  if (self->fault == MC_TEST_FLIP_BYTE && self->argument >= self->position
      && self->argument - self->position < length)
    buffer[self->argument - self->position] ^= 0x40;
}

static SoupEncoding
get_encoding (McTestFault fault)
{
  switch (fault)
    {
    case MC_TEST_SHORT:
    case MC_TEST_LONG:
    case MC_TEST_CHUNKED:
      return SOUP_ENCODING_CHUNKED;
    case MC_TEST_NO_LENGTH:
      return SOUP_ENCODING_EOF;
    default:
      return SOUP_ENCODING_CONTENT_LENGTH;
    }
}

/* Closing the socket then resets the connection, instead of ending it. */
static void
reset_at_close (McTestAnswer *self)
{
  const struct linger at_once = { 1, 0 };
  GSocket *socket = soup_server_message_get_socket (self->message);

  setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static gboolean
has_stop (McTestFault fault)
{
  return fault == MC_TEST_CUT_AFTER || fault == MC_TEST_STALL_AFTER || fault == MC_TEST_RESET_AFTER
         || fault == MC_TEST_SHORT;
}

/* Gives libsoup the next piece. Without one it pauses the message by itself. */
static void
feed (McTestAnswer *self)
{
  SoupMessageBody *body = soup_server_message_get_response_body (self->message);
  gsize length;
  guint8 *buffer;

  if (self->position == self->stop)
    {
      if (self->fault == MC_TEST_RESET_AFTER && self->stop < self->end)
        reset_at_close (self);
      if ((self->fault == MC_TEST_CUT_AFTER || self->fault == MC_TEST_RESET_AFTER)
          && self->stop < self->end)
        mc_test_answer_hang_up (self);
      else if (get_encoding (self->fault) != SOUP_ENCODING_CONTENT_LENGTH)
        soup_message_body_complete (body);
      return;
    }
  length = allow (self, MIN (PIECE, self->stop - self->position));
  if (length == 0)
    return;
  buffer = g_malloc (length);
  fill (self, buffer, length);
  soup_message_body_append_take (body, buffer, length);
  self->position += length;
}

static void
wrote_headers_cb (SoupServerMessage *message, gpointer data)
{
  McTestAnswer *self = data;

  if (soup_server_message_get_method (message) != SOUP_METHOD_HEAD)
    feed (self);
}

static void
wrote_chunk_cb (SoupServerMessage *message, gpointer data)
{
  feed (data);
}

static void
wrote_body_data_cb (SoupServerMessage *message, guint length, gpointer data)
{
  McTestAnswer *self = data;

  self->sent += length;
  if (self->file != NULL)
    mc_test_hub_count_sent (self->hub, self->file, length);
}

/* Sends bytes [first, first + length) of a content as the body; length may pass the end. */
static void
send_body (McTestAnswer *self, guint status, McTestContent *content, guint64 first, guint64 length)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  SoupMessageBody *body = soup_server_message_get_response_body (self->message);

  soup_server_message_set_status (self->message, status, NULL);
  soup_message_headers_set_encoding (headers, get_encoding (self->fault));
  if (get_encoding (self->fault) == SOUP_ENCODING_CONTENT_LENGTH)
    soup_message_headers_set_content_length (headers, length);
  if (self->fault == MC_TEST_GZIP)
    mc_test_answer_header (self, "Content-Encoding", "gzip");
  if (self->fault == MC_TEST_LONG)
    length += 1000;
  soup_message_body_set_accumulate (body, FALSE);
  self->body = mc_test_content_ref (content);
  self->position = first;
  self->end = first + length;
  self->stop = self->end;
  if (has_stop (self->fault) && self->has_place)
    self->stop = CLAMP (self->place, first, first + length);
  else if (has_stop (self->fault))
    self->stop = first + MIN (self->argument, length);
  g_signal_connect (self->message, "wrote-headers", G_CALLBACK (wrote_headers_cb), self);
  g_signal_connect (self->message, "wrote-chunk", G_CALLBACK (wrote_chunk_cb), self);
  g_signal_connect (self->message, "wrote-body-data", G_CALLBACK (wrote_body_data_cb), self);
}

void
mc_test_answer_send (
    McTestAnswer *self, guint status, const char *type, const void *bytes, gsize length)
{
  g_autoptr (GBytes) copy = g_bytes_new (bytes, length);
  g_autoptr (McTestContent) content = mc_test_content_new_bytes (copy, FALSE);
  gboolean longer = self->fault == MC_TEST_WRONG_LENGTH;

  if (type != NULL)
    mc_test_answer_header (self, "Content-Type", type);
  send_body (self, status, content, 0, length + (longer ? 1 : 0));
}

void
mc_test_answer_text (McTestAnswer *self, guint status, const char *type, const char *text)
{
  mc_test_answer_send (self, status, type, text, strlen (text));
}

void
mc_test_answer_json (McTestAnswer *self, guint status, JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);

  mc_test_answer_text (self, status, "application/json; charset=utf-8", text);
}

void
mc_test_answer_error (McTestAnswer *self, guint status, const char *code, const char *message)
{
  if (code != NULL)
    mc_test_answer_header (self, "X-Error-Code", code);
  mc_test_answer_header (self, "X-Error-Message", message);
  if (status == SOUP_STATUS_UNAUTHORIZED)
    mc_test_answer_header (self, "WWW-Authenticate", "Bearer realm=\"Authentication required\"");
  if (g_str_has_prefix (self->raw, "/api/"))
    {
      g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "error", message);
      json_node_take_object (node, object);
      mc_test_answer_json (self, status, node);
    }
  else
    mc_test_answer_text (self, status, "text/plain; charset=utf-8", message);
}

/* --- ranges --- */

typedef enum
{
  RANGE_NONE, /* or one that is not understood: the whole is the answer */
  RANGE_OK,
  RANGE_PAST_END,
} RangeKind;

static RangeKind
parse_range (const char *text, guint64 size, guint64 *first, guint64 *last)
{
  const char *dash;
  g_autofree char *from = NULL;

  if (text == NULL || !g_str_has_prefix (text, "bytes=") || strchr (text, ',') != NULL)
    return RANGE_NONE;
  text += strlen ("bytes=");
  dash = strchr (text, '-');
  if (dash == NULL)
    return RANGE_NONE;
  from = g_strndup (text, dash - text);
  *last = size - 1;
  if (*from == '\0')
    {
      guint64 tail;

      if (!g_ascii_string_to_unsigned (dash + 1, 10, 0, G_MAXUINT64, &tail, NULL))
        return RANGE_NONE;
      *first = size - MIN (tail, size);
      return tail == 0 ? RANGE_PAST_END : RANGE_OK;
    }
  if (!g_ascii_string_to_unsigned (from, 10, 0, G_MAXUINT64, first, NULL))
    return RANGE_NONE;
  if (dash[1] != '\0'
      && !g_ascii_string_to_unsigned (dash + 1, 10, *first, G_MAXUINT64, last, NULL))
    return RANGE_NONE;
  *last = MIN (*last, size - 1);
  return *first < size ? RANGE_OK : RANGE_PAST_END;
}

static void
answer_past_end (McTestAnswer *self, guint64 size)
{
  g_autofree char *range = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, size);

  mc_test_answer_header (self, "Content-Range", range);
  mc_test_answer_text (self, SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE, "text/html",
                       "<html><body>Requested range not satisfiable</body></html>");
}

static void
answer_part (McTestAnswer *self, McTestContent *content, guint64 first, guint64 last)
{
  guint64 total = content->size;
  g_autofree char *range = NULL;

  if (self->fault == MC_TEST_WRONG_RANGE)
    {
      gint64 shift = last + 1 < total ? 1 : (first > 0 ? -1 : 0);

      total += shift == 0 ? 1 : 0;
      first += shift;
      last += shift;
    }
  if (self->fault == MC_TEST_WRONG_LENGTH)
    {
      last++;
      total++;
    }
  range = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                           first, last, total);
  mc_test_answer_header (self, "Content-Range", range);
  send_body (self, SOUP_STATUS_PARTIAL_CONTENT, content, first, last - first + 1);
}

void
mc_test_answer_content (McTestAnswer *self, McTestContent *content, const char *file)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  const char *coding = soup_message_headers_get_list (headers, "Accept-Encoding");
  const char *asked = soup_message_headers_get_one (headers, "Range");
  guint64 first = 0, last = 0;
  RangeKind kind = RANGE_NONE;

  mc_test_answer_header (self, "Accept-Ranges", "bytes");
  /* A client that allows compression loses its range, as at the Hub's CDN. */
  if (content->size > 0 && (coding == NULL || strstr (coding, "gzip") == NULL))
    kind = parse_range (asked, content->size, &first, &last);
  if (self->fault == MC_TEST_IGNORE_RANGE)
    kind = RANGE_NONE;
  if (self->fault == MC_TEST_WRONG_RANGE && kind == RANGE_NONE && content->size > 0)
    {
      kind = RANGE_OK;
      last = content->size - 1;
    }
  mc_test_answer_header (self, "Content-Type", "application/octet-stream");
  if (kind == RANGE_PAST_END)
    {
      answer_past_end (self, content->size);
      return;
    }
  self->file = g_strdup (file);
  if (kind == RANGE_OK)
    answer_part (self, content, first, last);
  else
    send_body (self, SOUP_STATUS_OK, content, 0,
               content->size + (self->fault == MC_TEST_WRONG_LENGTH ? 1 : 0));
}
