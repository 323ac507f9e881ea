/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-endpoint-private.h"

#include "mc-error.h"
#include "mc-task.h"

/* The bytes of a file. Threads read them piece by piece, one ahead of what is being written, so
 * that a client that does not read costs two pieces and no more. What is not here yet is
 * downloaded, and handed on as far as it came; its end only when the whole has the hash that the
 * Hub named, so that nobody gets a complete file that is not right. The head waits for the first
 * bytes: until then an error can still be told as one. */

#define PIECE (1024 * 1024)

typedef struct
{
  char *folder;
  McDigest digest;
  guint64 size;
  guint64 offset;
  gsize length;
  gboolean whole;          /* it is complete */
  McContentReader *reader; /* borrowed from the answer, which does not touch it meanwhile */
} Read;

static void feed (McAnswer *self);

static void
read_free (gpointer data)
{
  Read *job = data;

  g_free (job->folder);
  g_free (job);
}

static gboolean
fill (Read *job, guint8 *buffer, GError **error)
{
  if (!job->whole)
    return mc_content_peek (job->folder, &job->digest, job->size, job->offset, buffer, job->length,
                            error);
  if (job->reader != NULL)
    mc_content_reader_claim (job->reader);
  else
    job->reader = mc_content_reader_open (job->folder, &job->digest, job->size, error);
  return job->reader != NULL
         && mc_content_reader_read_into (job->reader, job->offset, buffer, job->length, error);
}

void
mc_answer_read_piece (gpointer data, gpointer unused)
{
  g_autoptr (GTask) task = data;
  Read *job = g_task_get_task_data (task);
  guint8 *buffer = g_malloc (job->length);
  GError *error = NULL;

  if (fill (job, buffer, &error))
    g_task_return_pointer (task, g_bytes_new_take (buffer, job->length),
                           (GDestroyNotify) g_bytes_unref);
  else
    {
      g_free (buffer);
      g_task_return_error (task, error);
    }
}

/* --- patience --- */

static void
rest (McAnswer *self)
{
  if (self->patience != NULL)
    g_source_destroy (self->patience);
  g_clear_pointer (&self->patience, g_source_unref);
}

/* Neither did the client read, nor did anything come for it. */
static gboolean
on_impatient (gpointer data)
{
  g_autoptr (McAnswer) self = mc_answer_ref (data);

  rest (self);
  if (self->message != NULL)
    mc_answer_fail (self, g_error_new (MC_ERROR, MC_ERROR_NETWORK,
                                       "%s is not here yet, and nothing came of it for a while",
                                       self->file->path));
  return G_SOURCE_REMOVE;
}

static void
wait_patiently (McAnswer *self)
{
  rest (self);
  self->patience = g_timeout_source_new (mc_endpoint_get_patience (self->endpoint));
  g_source_set_callback (self->patience, on_impatient, self, NULL);
  g_source_attach (self->patience, g_main_context_get_thread_default ());
}

/* --- fetching --- */

static void
on_transfer_changed (McTransfer *transfer, gpointer user_data)
{
  McAnswer *self = user_data;

  if (self->hungry)
    wait_patiently (self);
  feed (self);
}

static void
on_transfer_ended (McTransfer *transfer, gpointer user_data)
{
  g_autoptr (McAnswer) self = mc_answer_ref (user_data);
  const GError *error = mc_transfer_get_error (transfer);

  if (mc_transfer_get_state (transfer) == MC_TRANSFER_DONE)
    feed (self);
  else if (error != NULL)
    mc_answer_fail (self, g_error_copy (error));
  else
    mc_answer_fail (self,
                    g_error_new_literal (MC_ERROR, MC_ERROR_BUSY, "The download was cancelled"));
}

static void
on_download_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McAnswer) self = user_data;
  GError *error = NULL;
  g_autoptr (McTransfer) transfer =
      mc_downloader_begin_finish (MC_DOWNLOADER (source), result, &error);

  self->asking = FALSE;
  if (transfer == NULL || self->message == NULL)
    {
      if (error != NULL)
        mc_answer_fail (self, error);
      return;
    }
  /* A program waits for it. One that cannot go ahead of others still comes. */
  mc_downloader_start_next (MC_DOWNLOADER (source), transfer, NULL);
  self->changed = g_signal_connect (transfer, "changed", G_CALLBACK (on_transfer_changed), self);
  self->ended = g_signal_connect (transfer, "finished", G_CALLBACK (on_transfer_ended), self);
  self->transfer = g_steal_pointer (&transfer);
  feed (self);
}

/* Once is enough: behind it the fetch goes on in order, as the client does. */
static void
fetch (McAnswer *self)
{
  if (!self->preferred)
    self->preferred =
        mc_downloader_prefer (self->endpoint->host.downloader, &self->file->digest, self->next);
  if (self->transfer != NULL || self->asking)
    return;
  self->asking = TRUE;
  mc_downloader_download_async (self->endpoint->host.downloader, self->repo, "", self->file->path,
                                on_download_begun, mc_answer_ref (self));
}

/* --- reading --- */

static void
give (McAnswer *self)
{
  SoupMessageBody *body = soup_server_message_get_response_body (self->message);

  if (!self->begun)
    mc_answer_send_head (self);
  if (!self->hungry)
    return;
  self->hungry = FALSE;
  soup_message_body_append_bytes (body, self->piece);
  g_clear_pointer (&self->piece, g_bytes_unref);
  wait_patiently (self);
  soup_server_message_unpause (self->message);
}

static void
on_piece (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (McAnswer) self = user_data;
  Read *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  GBytes *piece = g_task_propagate_pointer (G_TASK (result), &error);

  self->reading = FALSE;
  self->reader = job->reader;
  if (self->message == NULL)
    {
      if (piece != NULL)
        g_bytes_unref (piece);
      if (self->pinned)
        mc_store_unpin (self->endpoint->host.store, &self->file->digest);
      self->pinned = FALSE;
      return;
    }
  if (piece != NULL)
    {
      self->piece = piece;
      self->next += job->length;
      feed (self);
    }
  else if (!job->whole)
    /* It is not there yet, or is only just being made; whoever brings it says what is wrong. */
    fetch (self);
  else
    {
      if (g_error_matches (error, MC_ERROR, MC_ERROR_CORRUPT))
        mc_store_suspect (self->endpoint->host.store, &self->file->digest);
      mc_answer_fail (self, g_steal_pointer (&error));
    }
}

/* The last chunk is not given away before the whole was compared. */
static gboolean
may_peek (const McAnswer *self)
{
  const McFile *file = self->file;

  return file->size >= MC_CONTENT_PEEK_LEAST
         && self->next / MC_CHUNK_SIZE < (file->size - 1) / MC_CHUNK_SIZE;
}

static void
begin_read (McAnswer *self, gboolean whole)
{
  McStore *store = self->endpoint->host.store;
  g_autoptr (GTask) task = mc_task_new (NULL, NULL, on_piece, mc_answer_ref (self), begin_read);
  Read *job = g_new0 (Read, 1);

  job->folder = g_strdup (mc_store_get_folder (store));
  job->digest = self->file->digest;
  job->size = self->file->size;
  job->offset = self->next;
  job->length = (gsize) MIN (self->end - self->next, PIECE - self->next % PIECE);
  job->whole = whole;
  job->reader = self->reader;
  self->reading = TRUE;
  if (whole && !self->pinned)
    {
      mc_store_pin (store, &self->file->digest);
      mc_store_note_use (store, &self->file->digest);
      self->pinned = TRUE;
    }
  g_task_set_task_data (task, job, read_free);
  g_thread_pool_push (self->endpoint->readers, g_steal_pointer (&task), NULL);
}

/* Does what can be done now: gives a piece, reads the next, or has it fetched. */
static void
feed (McAnswer *self)
{
  gboolean whole;

  if (self->message == NULL)
    return;
  if (self->piece != NULL)
    give (self);
  if (self->piece != NULL || self->reading || self->next >= self->end)
    return;
  whole = mc_store_has_file (self->endpoint->host.store, self->file);
  if (whole || may_peek (self))
    begin_read (self, whole);
  else
    fetch (self);
}

static void
on_wrote (SoupServerMessage *message, gpointer user_data)
{
  McAnswer *self = user_data;

  self->hungry = TRUE;
  feed (self);
}

void
mc_answer_begin_body (McAnswer *self)
{
  if (self->endpoint->bodies >= MC_ENDPOINT_BODIES)
    {
      mc_answer_refuse (self, SOUP_STATUS_SERVICE_UNAVAILABLE, NULL,
                        "Too many files are being read: try again shortly");
      return;
    }
  self->endpoint->bodies++;
  self->next = self->slice.offset;
  self->end = self->slice.offset + self->slice.length;
  self->hungry = TRUE;
  soup_message_body_set_accumulate (soup_server_message_get_response_body (self->message), FALSE);
  self->wrote_chunk = g_signal_connect (self->message, "wrote-chunk", G_CALLBACK (on_wrote), self);
  wait_patiently (self);
  feed (self);
}

void
mc_answer_end_body (McAnswer *self)
{
  rest (self);
  if (self->transfer != NULL)
    {
      g_clear_signal_handler (&self->changed, self->transfer);
      g_clear_signal_handler (&self->ended, self->transfer);
      g_clear_object (&self->transfer);
    }
  g_clear_pointer (&self->piece, g_bytes_unref);
  if (self->wrote_chunk == 0)
    return;
  g_clear_signal_handler (&self->wrote_chunk, self->message);
  self->endpoint->bodies--;
  if (self->pinned && !self->reading)
    {
      mc_store_unpin (self->endpoint->host.store, &self->file->digest);
      self->pinned = FALSE;
    }
}
