/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-content-writer.h"

#include "mc-chunk-finder.h"
#include "mc-error.h"
#include "mc-intake.h"
#include "mc-pack.h"
#include "mc-small.h"
#include "mc-store-private.h"
#include "mc-task.h"

/* The bytes of a content of pack size go into its pack on threads of their own (mc-intake.h). A
 * small one is kept in memory, and goes into the small-content database at the end, on the store's
 * thread.
 */

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
  GBytes *small;         /* (owned) (nullable): the bytes of a small content */
  McIntake *intake;      /* (owned) (nullable): NULL for a small content */
  McChunkFinder *finder; /* (owned) (nullable): likewise; the intake uses it */
};

G_DEFINE_FINAL_TYPE (McContentWriter, mc_content_writer, G_TYPE_OBJECT)

typedef struct
{
  McIntakeWork work;       /* first, so that it is the task's data for the intake */
  McContentWriter *writer; /* borrowed: the task holds it */
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  mc_intake_work_clear (&work->work);
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

  /* No work is queued: each task holds the writer. */
  g_clear_pointer (&self->intake, mc_intake_free);
  g_clear_pointer (&self->finder, mc_chunk_finder_free);
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
    {
      self->finder = mc_chunk_finder_new (store, digest);
      self->intake = mc_intake_new (store->folder, digest, self->size);
      mc_intake_set_finder (self->intake, self->finder);
    }
  mc_store_pin (store, digest);
  return self;
}

/* --- open --- */

void
mc_content_writer_open_async (McContentWriter *self,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = begin (self, callback, user_data, mc_content_writer_open_async);

  if (self->is_small)
    g_task_return_boolean (task, TRUE);
  else
    mc_intake_open (self->intake, g_steal_pointer (&task));
}

gboolean
mc_content_writer_open_finish (McContentWriter *self, GAsyncResult *result, GError **error)
{
  McIntakeWork *work = g_task_get_task_data (G_TASK (result));

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

void
mc_content_writer_put_async (McContentWriter *self,
                             guint64 offset,
                             GBytes *bytes,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = begin (self, callback, user_data, mc_content_writer_put_async);
  McIntakeWork *work = g_task_get_task_data (task);

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
  work->compress =
      mc_settings_get_flag (mc_store_get_settings (self->store), MC_SETTING_COMPRESSION);
  mc_intake_put (self->intake, g_steal_pointer (&task));
}

gboolean
mc_content_writer_put_finish (McContentWriter *self, GAsyncResult *result, GError **error)
{
  McIntakeWork *work = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    {
      self->present[work->position] = 0;
      return FALSE;
    }
  self->committed += work->committed;
  if (work->lender.kind != MC_DIGEST_NONE)
    {
      McLoan loan = { self->digest, work->lender, 1, work->committed };

      mc_store_note_loan (self->store, &loan);
    }
  mc_store_note_committed (self->store, &self->digest, self->committed);
  return TRUE;
}

/* --- finish --- */

static gboolean
finish_small (gpointer data, GError **error)
{
  Work *work = data;
  McContentWriter *self = work->writer;
  g_autoptr (McHasher) hasher = mc_hasher_new (self->digest.kind, self->size);
  gsize length = 0;
  const void *bytes = self->small == NULL ? "" : g_bytes_get_data (self->small, &length);

  mc_hasher_update (hasher, bytes, length);
  if (!mc_intake_check (hasher, &self->digest, error))
    {
      work->work.discarded = TRUE;
      return FALSE;
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
  McIntakeWork *work = g_task_get_task_data (G_TASK (result));
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
    mc_intake_finish (self->intake, g_steal_pointer (&inner));
}

gboolean
mc_content_writer_finish_finish (McContentWriter *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
