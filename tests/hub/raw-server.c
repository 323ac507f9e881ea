/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "raw-server.h"

#include <string.h>

/* A thread that accepts, one more for each connection; all meet under the mutex. The threads end
 * when the other side closes or the server is freed, which cancels what they wait for. */

typedef struct
{
  char *prefix;
  char *answer;
  gboolean endless;
} Answer;

struct _RawServer
{
  GMutex mutex;
  GPtrArray *answers; /* Answer */
  GPtrArray *heads;   /* char * */
  GPtrArray *threads; /* GThread; the accepting thread only */
  guint64 sent;
  GThread *thread;
  GSocketListener *listener;
  GCancellable *cancellable;
  char *url;
};

typedef struct
{
  RawServer *server;
  GSocketConnection *connection; /* (owned) */
} Visit;

static void
answer_free (gpointer data)
{
  Answer *self = data;

  g_free (self->prefix);
  g_free (self->answer);
  g_free (self);
}

/* The head of a request, without anything that follows; NULL if it never came. */
static char *
read_head (RawServer *self, GInputStream *input)
{
  g_autoptr (GString) head = g_string_new (NULL);
  char byte;

  while (!g_str_has_suffix (head->str, "\r\n\r\n"))
    {
      if (g_input_stream_read (input, &byte, 1, self->cancellable, NULL) != 1)
        return NULL;
      g_string_append_c (head, byte);
    }
  return g_string_free (g_steal_pointer (&head), FALSE);
}

static char *
find_answer (RawServer *self, const char *head, gboolean *endless)
{
  const char *target = strchr (head, ' ');
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  g_ptr_array_add (self->heads, g_strdup (head));
  for (guint i = self->answers->len; i > 0; i--)
    {
      Answer *answer = g_ptr_array_index (self->answers, i - 1);

      if (target != NULL && g_str_has_prefix (target + 1, answer->prefix))
        {
          g_autoptr (GString) text = g_string_new (answer->answer);

          g_string_replace (text, "@URL@", self->url, 0);
          *endless = answer->endless;
          return g_string_free (g_steal_pointer (&text), FALSE);
        }
    }
  return g_strdup ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

static void
send_endless (RawServer *self, GOutputStream *output)
{
  g_autofree char *piece = g_strnfill (65536, 'x');
  gsize written;

  while (g_output_stream_write_all (output, piece, 65536, &written, self->cancellable, NULL))
    {
      g_mutex_lock (&self->mutex);
      self->sent += written;
      g_mutex_unlock (&self->mutex);
    }
}

static gpointer
visit_thread (gpointer data)
{
  g_autofree Visit *visit = data;
  g_autoptr (GSocketConnection) connection = visit->connection;
  RawServer *self = visit->server;
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autofree char *head = read_head (self, input);
  g_autofree char *answer = NULL;
  gboolean endless = FALSE;

  if (head == NULL)
    return NULL;
  answer = find_answer (self, head, &endless);
  if (!g_output_stream_write_all (output, answer, strlen (answer), NULL, self->cancellable, NULL))
    return NULL;
  if (endless)
    send_endless (self, output);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  return NULL;
}

static gpointer
accept_thread (gpointer data)
{
  RawServer *self = data;

  for (;;)
    {
      GSocketConnection *connection =
          g_socket_listener_accept (self->listener, NULL, self->cancellable, NULL);
      Visit *visit;

      if (connection == NULL)
        return NULL;
      visit = g_new0 (Visit, 1);
      visit->server = self;
      visit->connection = connection;
      g_ptr_array_add (self->threads, g_thread_new ("raw-visit", visit_thread, visit));
    }
}

RawServer *
raw_server_new (void)
{
  RawServer *self = g_new0 (RawServer, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (address, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  g_mutex_init (&self->mutex);
  self->answers = g_ptr_array_new_with_free_func (answer_free);
  self->heads = g_ptr_array_new_with_free_func (g_free);
  self->threads = g_ptr_array_new ();
  self->cancellable = g_cancellable_new ();
  self->listener = g_socket_listener_new ();
  g_socket_listener_add_address (self->listener, any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                 NULL, &bound, &error);
  g_assert_no_error (error);
  self->url = g_strdup_printf ("http://127.0.0.1:%u",
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  self->thread = g_thread_new ("raw-server", accept_thread, self);
  return self;
}

void
raw_server_free (RawServer *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (g_ptr_array_index (self->threads, i));
  g_socket_listener_close (self->listener);
  g_clear_object (&self->listener);
  g_clear_object (&self->cancellable);
  g_ptr_array_unref (self->answers);
  g_ptr_array_unref (self->heads);
  g_ptr_array_unref (self->threads);
  g_mutex_clear (&self->mutex);
  g_free (self->url);
  g_free (self);
}

const char *
raw_server_get_url (RawServer *self)
{
  return self->url;
}

void
raw_server_answer (RawServer *self, const char *prefix, const char *answer, gboolean endless)
{
  Answer *item = g_new0 (Answer, 1);

  item->prefix = g_strdup (prefix);
  item->answer = g_strdup (answer);
  item->endless = endless;
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->answers, item);
  g_mutex_unlock (&self->mutex);
}

guint
raw_server_count (RawServer *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return self->heads->len;
}

char *
raw_server_dup_head (RawServer *self, guint n)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  g_assert_cmpuint (n, <, self->heads->len);
  return g_strdup (g_ptr_array_index (self->heads, n));
}

guint64
raw_server_get_sent (RawServer *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  return self->sent;
}
