/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-hub-private.h"

#include <errno.h>
#include <stdio.h>

/* The hub itself: its thread and its two servers, which live and die on that thread. What they
 * answer is in the files beside this one; what tests told them in mc-test-hub-state.c. */

static void
answer_free (gpointer data)
{
  McTestAnswer *self = data;

  mc_test_answer_clear (self);
  g_clear_pointer (&self->body, mc_test_content_unref);
  g_free (self->raw);
  g_free (self->query);
  g_free (self->file);
  g_free (self);
}

static McTestAnswer *
answer_new (McTestHub *self, SoupServerMessage *message, gboolean storage)
{
  McTestAnswer *answer = g_new0 (McTestAnswer, 1);
  GUri *uri = soup_server_message_get_uri (message);

  answer->hub = self;
  answer->message = message;
  answer->storage = storage;
  answer->raw = g_strdup (g_uri_get_path (uri));
  answer->query = g_strdup (g_uri_get_query (uri));
  g_object_set_data_full (G_OBJECT (message), "mc-answer", answer, answer_free);
  return answer;
}

/* Those that were kept waiting for another. */
static void
answer_late (McTestHub *self)
{
  while (self->late->len > 0)
    {
      g_autoptr (SoupServerMessage) message = g_ptr_array_steal_index (self->late, 0);
      McTestAnswer *answer = g_object_get_data (G_OBJECT (message), "mc-answer");
      g_autoptr (McTestTarget) target = mc_test_target_parse (answer->raw, TRUE);

      mc_test_answer_api (answer, target);
      soup_server_message_unpause (message);
    }
}

static void
api_cb (SoupServer *server,
        SoupServerMessage *message,
        const char *path,
        GHashTable *query,
        gpointer data)
{
  McTestHub *self = data;
  McTestAnswer *answer = answer_new (self, message, FALSE);
  g_autoptr (McTestTarget) target = mc_test_target_parse (answer->raw, TRUE);

  mc_test_hub_record (self, answer, target, NULL);
  if (mc_test_answer_fault (answer))
    return;
  mc_test_answer_api (answer, target);
  answer_late (self);
}

static void
storage_cb (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer data)
{
  McTestHub *self = data;
  McTestAnswer *answer = answer_new (self, message, TRUE);
  g_auto (GStrv) names = mc_test_storage_dup_signed (self, answer->raw, answer->query);
  g_autofree char *key = names != NULL ? g_strdup_printf ("storage:%s/%s", names[0], names[2])
                                       : g_strconcat ("storage:", answer->raw, NULL);

  mc_test_hub_record (self, answer, NULL, key);
  if (!mc_test_answer_fault (answer))
    mc_test_answer_storage (answer, names);
}

static void
log_request (McTestAnswer *answer, const char *log)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (answer->message);
  const char *range = soup_message_headers_get_one (headers, "Range");
  FILE *file = fopen (log, "ae");

  if (file == NULL)
    {
      g_printerr ("%s: %s\n", log, g_strerror (errno));
      return;
    }
  fprintf (file, "%s %s %s %s %u %" G_GUINT64_FORMAT "\n",
           soup_server_message_get_method (answer->message), answer->storage ? "storage" : "hub",
           answer->raw, range != NULL ? range : "-",
           soup_server_message_get_status (answer->message), answer->sent);
  fclose (file);
}

/* Also when the client went away: nothing may be sent after it. */
static void
finished_cb (SoupServer *server, SoupServerMessage *message, gpointer data)
{
  McTestHub *self = data;
  McTestAnswer *answer = g_object_get_data (G_OBJECT (message), "mc-answer");
  g_autofree char *log = mc_test_hub_dup_log (self);

  g_ptr_array_remove (self->late, message);
  if (answer == NULL)
    return;
  mc_test_answer_clear (answer);
  if (log != NULL)
    log_request (answer, log);
}

/* --- the thread --- */

static gboolean
listen_on (McTestHub *self, guint which, SoupServerCallback callback, GError **error)
{
  SoupServer *server = g_object_new (SOUP_TYPE_SERVER, "raw-paths", TRUE, NULL);
  GSList *uris;

  self->servers[which] = server;
  soup_server_add_handler (server, NULL, callback, self, NULL);
  g_signal_connect (server, "request-finished", G_CALLBACK (finished_cb), self);
  g_signal_connect (server, "request-aborted", G_CALLBACK (finished_cb), self);
  if (!soup_server_listen_local (server, self->ports[which], SOUP_SERVER_LISTEN_IPV4_ONLY, error))
    return FALSE;
  uris = soup_server_get_uris (server);
  self->urls[which] = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return TRUE;
}

static gpointer
run (gpointer data)
{
  McTestHub *self = data;

  g_main_context_push_thread_default (self->context);
  if (listen_on (self, 0, api_cb, &self->error))
    listen_on (self, 1, storage_cb, &self->error);
  g_mutex_lock (&self->mutex);
  self->listening = TRUE;
  g_cond_signal (&self->ready);
  g_mutex_unlock (&self->mutex);

  if (self->error == NULL)
    g_main_loop_run (self->loop);

  for (guint i = 0; i < G_N_ELEMENTS (self->servers); i++)
    if (self->servers[i] != NULL)
      soup_server_disconnect (self->servers[i]);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  for (guint i = 0; i < G_N_ELEMENTS (self->servers); i++)
    g_clear_object (&self->servers[i]);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
free_all (McTestHub *self)
{
  g_thread_join (self->thread);
  mc_test_hub_clear_state (self);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_clear_error (&self->error);
  g_ptr_array_unref (self->late);
  g_free (self->urls[0]);
  g_free (self->urls[1]);
  g_free (self);
}

McTestHub *
mc_test_hub_new_on_ports (guint port, guint storage_port, GError **error)
{
  McTestHub *self = g_new0 (McTestHub, 1);

  mc_test_hub_init_state (self);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->late = g_ptr_array_new_with_free_func (g_object_unref);
  self->ports[0] = port;
  self->ports[1] = storage_port;
  for (gsize i = 0; i < sizeof self->secret; i++)
    self->secret[i] = g_random_int_range (0, 256);

  self->thread = g_thread_new ("test-hub", run, self);
  g_mutex_lock (&self->mutex);
  while (!self->listening)
    g_cond_wait (&self->ready, &self->mutex);
  g_mutex_unlock (&self->mutex);
  if (self->error == NULL)
    return self;
  g_propagate_error (error, g_steal_pointer (&self->error));
  free_all (self);
  return NULL;
}

McTestHub *
mc_test_hub_new (void)
{
  g_autoptr (GError) error = NULL;
  McTestHub *self = mc_test_hub_new_on_ports (0, 0, &error);

  g_assert_no_error (error);
  return self;
}

static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

void
mc_test_hub_free (McTestHub *self)
{
  g_autoptr (GSource) source = NULL;

  if (self == NULL)
    return;
  mc_test_hub_assert_token_kept (self);
  source = g_idle_source_new ();                   /* runs also if the loop is not running yet */
  g_source_set_priority (source, G_PRIORITY_HIGH); /* while bodies are being sent too */
  g_source_set_callback (source, quit_cb, self->loop, NULL);
  g_source_attach (source, self->context);
  free_all (self);
}

const char *
mc_test_hub_get_url (McTestHub *self)
{
  return self->urls[0];
}

const char *
mc_test_hub_get_storage_url (McTestHub *self)
{
  return self->urls[1];
}
