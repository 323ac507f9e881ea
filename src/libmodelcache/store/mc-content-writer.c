/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-content-writer.h"

#include "mc-encode-pace.h"
#include "mc-error.h"
#include "mc-hasher.h"
#include "mc-pack.h"
#include "mc-small.h"
#include "mc-store-private.h"
#include "mc-task.h"

/* The bytes of a content of pack size go into its pack on a thread of this writer. A small one is
 * kept in memory, and goes into the small-content database at the end, on the store's thread. */

struct _McContentWriter
{
  GObject parent_instance;

  McStore *store; /* (owned) */
  McDigest digest;
  guint64 size;
  guint8 *present; /* (owned): one flag a chunk: here or on its way */
  guint64 committed;
  gboolean is_small;
  gboolean finishing;
  GBytes *small;    /* (owned) (nullable): the bytes of a small content */
  McWorker *worker; /* (owned) (nullable): NULL for a small content */
  int n_waiting;    /* atomic: chunks that were handed over and not looked at yet */

  /* Worker thread only. */
  McPack *pack;     /* (owned) (nullable) */
  McHasher *hasher; /* (owned) (nullable): of the first @hashed chunks */
  guint hashed;
  gboolean repaired; /* a damaged chunk was dropped */
  McEncodePace pace;
};

G_DEFINE_FINAL_TYPE (McContentWriter, mc_content_writer, G_TYPE_OBJECT)

typedef struct
{
  McContentWriter *writer; /* borrowed: the task holds it */
  guint position;
  GBytes *bytes;     /* (owned) (nullable) */
  guint8 *present;   /* (owned) (nullable) */
  gint64 arrived;    /* when the bytes did */
  gboolean compress; /* is wished for */
  guint64 committed;
  gboolean discarded;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  g_clear_pointer (&work->bytes, g_bytes_unref);
  g_free (work->present);
  g_free (work);
}

static GTask *
begin (McContentWriter *self, GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Work *work = g_new0 (Work, 1);

  work->writer = self;
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, work, work_free);
  return task;
}

static void
mc_content_writer_finalize (GObject *object)
{
  McContentWriter *self = MC_CONTENT_WRITER (object);

  /* No work is queued: each task holds the writer. So the thread ends at once, and what was its own
   * can be let go here. */
  g_clear_pointer (&self->worker, mc_worker_join);
  if (self->pack != NULL)
    mc_pack_claim (self->pack);
  g_clear_pointer (&self->pack, mc_pack_close);
  g_clear_pointer (&self->hasher, mc_hasher_free);
  g_clear_pointer (&self->small, g_bytes_unref);
  g_free (self->present);
  mc_store_unpin (self->store, &self->digest);
  g_object_unref (self->store);
  G_OBJECT_CLASS (mc_content_writer_parent_class)->finalize (object);
}

static void
mc_content_writer_class_init (McContentWriterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mc_content_writer_finalize;
}

static void
mc_content_writer_init (McContentWriter *self)
{
}

McContentWriter *
mc_content_writer_new (McStore *store, const McDigest *digest)
{
  McContentWriter *self = g_object_new (MC_TYPE_CONTENT_WRITER, NULL);
  const McContent *content = mc_store_get_content (store, digest);

  g_assert (content != NULL);
  self->store = g_object_ref (store);
  self->digest = *digest;
  self->size = content->size;
  self->is_small = self->size < MC_SMALL_LIMIT;
  self->present = g_new0 (guint8, mc_pack_count_chunks (self->size) + 1);
  if (!self->is_small)
    self->worker = mc_worker_new ("mc-pack");
  mc_store_pin (store, digest);
  return self;
}

/* --- open --- */

static void
start_hash (McContentWriter *self)
{
  g_clear_pointer (&self->hasher, mc_hasher_free);
  self->hasher = mc_hasher_new (self->digest.kind, self->size);
  self->hashed = 0;
}

/* Reads back what is committed: the chunks that lead without a gap go into the hash of the whole.
 */
static gboolean
read_back (McContentWriter *self, Work *work, GError **error)
{
  guint n_chunks = mc_pack_count_chunks (self->size);

  start_hash (self);
  for (guint i = 0; i < n_chunks; i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (GBytes) bytes = NULL;

      if (!work->present[i])
        continue;
      bytes = mc_pack_read_chunk (self->pack, i, &local);
      if (bytes == NULL && !g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (bytes == NULL)
        {
          g_warning ("A chunk is fetched again: %s", local->message);
          if (!mc_pack_drop_chunk (self->pack, i, error))
            return FALSE;
          work->present[i] = 0;
          self->repaired = TRUE;
          continue;
        }
      work->committed += g_bytes_get_size (bytes);
      if (self->hashed == i)
        {
          mc_hasher_update (self->hasher, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
          self->hashed++;
        }
    }
  return TRUE;
}

static gboolean
try_open (McContentWriter *self, Work *work, GError **error)
{
  g_clear_pointer (&work->present, g_free);
  work->committed = 0;
  self->pack = mc_pack_open (self->store->folder, &self->digest, self->size, MC_PACK_WRITE, error);
  if (self->pack == NULL)
    return FALSE;
  work->present = mc_pack_list_chunks (self->pack, error);
  return work->present != NULL && read_back (self, work, error);
}

static gboolean
open_pack (gpointer data, GError **error)
{
  Work *work = data;
  McContentWriter *self = work->writer;
  g_autoptr (GError) local = NULL;

  if (try_open (self, work, &local))
    return TRUE;
  g_clear_pointer (&self->pack, mc_pack_close);
  if (!g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  /* It is another content's, or too damaged to be mended chunk by chunk. */
  g_warning ("A pack is made anew: %s", local->message);
  return mc_pack_put_aside (self->store->folder, &self->digest, error)
         && try_open (self, work, error);
}

static gboolean
close_pack (gpointer data, GError **error)
{
  Work *work = data;

  g_clear_pointer (&work->writer->pack, mc_pack_close);
  return TRUE;
}

void
mc_content_writer_open_async (McContentWriter *self,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = begin (self, callback, user_data, mc_content_writer_open_async);

  if (self->is_small)
    g_task_return_boolean (task, TRUE);
  else
    mc_worker_run (self->worker, task, open_pack);
}

gboolean
mc_content_writer_open_finish (McContentWriter *self, GAsyncResult *result, GError **error)
{
  Work *work = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (work->present != NULL)
    {
      g_free (self->present);
      self->present = g_steal_pointer (&work->present);
      self->committed = work->committed;
      mc_store_note_committed (self->store, &self->digest, self->committed);
    }
  return TRUE;
}

/* --- what is missing --- */

gboolean
mc_content_writer_find_missing (McContentWriter *self,
                                guint64 from,
                                guint64 *offset,
                                guint64 *length)
{
  guint n_chunks = mc_pack_count_chunks (self->size);
  guint first = (guint) (from / MC_CHUNK_SIZE);
  guint end;

  while (first < n_chunks && self->present[first])
    first++;
  if (first >= n_chunks)
    return FALSE;
  for (end = first; end < n_chunks && !self->present[end]; end++)
    ;
  *offset = (guint64) first * MC_CHUNK_SIZE;
  *length = MIN ((guint64) end * MC_CHUNK_SIZE, self->size) - *offset;
  return TRUE;
}

gsize
mc_content_writer_get_piece (McContentWriter *self, guint64 offset)
{
  return mc_pack_get_chunk_size (self->size, (guint) (offset / MC_CHUNK_SIZE));
}

/* --- put --- */

/* Only where nobody has to wait for it: what is left raw now can be encoded in a quiet hour. */
static void
encode_in_time (McContentWriter *self, const Work *work, McChunk *chunk)
{
  guint n_waiting = (guint) g_atomic_int_add (&self->n_waiting, -1) - 1;
  gint64 start = g_get_monotonic_time ();

  mc_encode_pace_note_arrival (&self->pace, work->arrived);
  if (!work->compress || !mc_encode_pace_allows (&self->pace, n_waiting))
    return;
  mc_chunk_encode (chunk);
  mc_encode_pace_note_cost (&self->pace, g_get_monotonic_time () - start);
}

static gboolean
put_chunk (gpointer data, GError **error)
{
  Work *work = data;
  McContentWriter *self = work->writer;
  g_autoptr (McChunk) chunk = mc_chunk_new (work->bytes);

  encode_in_time (self, work, chunk);
  if (!mc_pack_put_chunk (self->pack, work->position, chunk, error))
    return FALSE;
  if (self->hashed == work->position)
    {
      mc_hasher_update (self->hasher, g_bytes_get_data (work->bytes, NULL), chunk->size);
      self->hashed++;
    }
  /* The buffer is not kept until the task has gone home. */
  g_clear_pointer (&work->bytes, g_bytes_unref);
  work->committed = chunk->size;
  return TRUE;
}

void
mc_content_writer_put_async (McContentWriter *self,
                             guint64 offset,
                             GBytes *bytes,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = begin (self, callback, user_data, mc_content_writer_put_async);
  Work *work = g_task_get_task_data (task);

  g_assert (!self->finishing && offset % MC_CHUNK_SIZE == 0);
  work->position = (guint) (offset / MC_CHUNK_SIZE);
  /* The whole is hashed as its chunks come: one that came must not be replaced behind that. */
  g_assert (!self->present[work->position]);
  g_assert (g_bytes_get_size (bytes) == mc_pack_get_chunk_size (self->size, work->position));
  self->present[work->position] = 1;
  if (self->is_small)
    {
      self->small = g_bytes_ref (bytes);
      g_task_return_boolean (task, TRUE);
      return;
    }
  work->bytes = g_bytes_ref (bytes);
  work->arrived = g_get_monotonic_time ();
  work->compress =
      mc_settings_get_flag (mc_store_get_settings (self->store), MC_SETTING_COMPRESSION);
  g_atomic_int_inc (&self->n_waiting);
  mc_worker_run (self->worker, task, put_chunk);
}

gboolean
mc_content_writer_put_finish (McContentWriter *self, GAsyncResult *result, GError **error)
{
  Work *work = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    {
      self->present[work->position] = 0;
      return FALSE;
    }
  self->committed += work->committed;
  mc_store_note_committed (self->store, &self->digest, self->committed);
  return TRUE;
}

/* --- finish --- */

static gboolean
refuse (McContentWriter *self, const McDigest *found, GError **error)
{
  g_autofree char *expected_hex = mc_digest_to_hex (&self->digest);
  g_autofree char *found_hex = mc_digest_to_hex (found);

  g_set_error (error, MC_ERROR, MC_ERROR_CORRUPT,
               "The bytes that came have %s %s, not %s: they were discarded",
               mc_digest_kind_get_name (found->kind), found_hex, expected_hex);
  return FALSE;
}

static gboolean
finish_pack (gpointer data, GError **error)
{
  Work *work = data;
  McContentWriter *self = work->writer;
  guint n_chunks = mc_pack_get_n_chunks (self->pack);
  McDigest found;

  /* Damage may have misled SQLite about which pages are free, so that what was put since could lie
   * over chunks that were in order: all is read back from the disk. */
  if (self->repaired)
    start_hash (self);
  /* Chunks that came behind a gap were not hashed then. */
  for (; self->hashed < n_chunks; self->hashed++)
    {
      g_autoptr (GBytes) bytes = mc_pack_read_chunk (self->pack, self->hashed, error);

      if (bytes == NULL)
        return FALSE;
      mc_hasher_update (self->hasher, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
  found = mc_hasher_finish (self->hasher);
  if (mc_digest_equal (&found, &self->digest))
    return mc_pack_set_complete (self->pack, error) && close_pack (work, error);
  close_pack (work, NULL);
  if (!mc_pack_unlink (self->store->folder, &self->digest, error))
    return FALSE;
  work->discarded = TRUE;
  return refuse (self, &found, error);
}

static gboolean
finish_small (gpointer data, GError **error)
{
  Work *work = data;
  McContentWriter *self = work->writer;
  g_autoptr (McHasher) hasher = mc_hasher_new (self->digest.kind, self->size);
  gsize length = 0;
  const void *bytes = self->small == NULL ? "" : g_bytes_get_data (self->small, &length);
  McDigest found;

  mc_hasher_update (hasher, bytes, length);
  found = mc_hasher_finish (hasher);
  if (length != self->size || !mc_digest_equal (&found, &self->digest))
    {
      work->discarded = TRUE;
      return refuse (self, &found, error);
    }
  return mc_small_put (self->store->small, &self->digest, bytes, length, error);
}

static void
on_state_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (mc_store_set_content_finish (MC_STORE (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_finished (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McContentWriter *self = MC_CONTENT_WRITER (source);
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      mc_store_set_content_async (self->store, &self->digest, self->size, TRUE, on_state_kept,
                                  g_steal_pointer (&task));
      return;
    }
  if (work->discarded)
    mc_store_note_committed (self->store, &self->digest, 0);
  g_task_return_error (task, g_steal_pointer (&error));
}

void
mc_content_writer_finish_async (McContentWriter *self,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *outer = begin (self, callback, user_data, mc_content_writer_finish_async);
  g_autoptr (GTask) inner = begin (self, on_finished, outer, mc_content_writer_finish_async);

  g_assert (!self->finishing);
  self->finishing = TRUE;
  if (self->is_small)
    mc_worker_run (self->store->worker, inner, finish_small);
  else
    mc_worker_run (self->worker, inner, finish_pack);
}

gboolean
mc_content_writer_finish_finish (McContentWriter *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
