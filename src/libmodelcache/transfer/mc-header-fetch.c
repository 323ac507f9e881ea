/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-header-fetch.h"

#include "mc-content-reader.h"
#include "mc-error.h"
#include "mc-model-header-read.h"
#include "mc-task.h"

/* One header goes through these steps, in reading order:
 *
 *   in the store: read_here, on a thread of GIO's -> keep
 *   on the Hub:   resolve -> open the range -> read it -> open the next, or keep
 *
 * It is tried once: people choose without it, too. */

typedef struct
{
  McHubClient *hub; /* (owned) (nullable) */
  McManifest *manifest;
  McFile *file; /* borrowed from the manifest */
  McHeaderFormat format;
  char *folder;         /* of the store */
  GByteArray *bytes;    /* of the file, from its first on */
  guint had;            /* of them are read */
  McResolved *resolved; /* (owned) (nullable) */
  GInputStream *stream; /* (owned) (nullable): the rest of the bytes */
  McModelHeader header;
} Reading;

static void read_here (GTask *task, gpointer source, gpointer data, GCancellable *cancellable);
static void on_read_here (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_resolved (GObject *source, GAsyncResult *result, gpointer user_data);
static void open_range (GTask *task, guint64 end);
static void on_range_open (GObject *source, GAsyncResult *result, gpointer user_data);
static void on_read (GObject *source, GAsyncResult *result, gpointer user_data);
static void keep (GTask *task);
static void on_kept (GObject *source, GAsyncResult *result, gpointer user_data);

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_clear_object (&reading->hub);
  g_clear_object (&reading->stream);
  g_clear_pointer (&reading->resolved, mc_resolved_free);
  g_byte_array_unref (reading->bytes);
  mc_manifest_unref (reading->manifest);
  g_free (reading->folder);
  g_free (reading);
}

void
mc_header_fetch_async (McStore *store,
                       McHubClient *hub,
                       McManifest *manifest,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task =
      mc_task_new (store, cancellable, callback, user_data, mc_header_fetch_async);
  Reading *reading = g_new0 (Reading, 1);

  reading->hub = hub == NULL ? NULL : g_object_ref (hub);
  reading->manifest = mc_manifest_ref (manifest);
  reading->folder = g_strdup (mc_store_get_folder (store));
  reading->bytes = g_byte_array_new ();
  reading->file = mc_manifest_find_header_file (manifest, &reading->format);
  g_task_set_task_data (task, reading, reading_free);
  if (reading->file == NULL)
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_UNKNOWN_FILE,
                             "%s has no file whose header says more", manifest->repo);
  else if (mc_store_get_header (store, &reading->file->digest) != NULL)
    g_task_return_boolean (task, TRUE);
  else if (mc_store_has_file (store, reading->file))
    {
      g_autoptr (GTask) inner =
          mc_task_new (store, cancellable, on_read_here, g_object_ref (task), read_here);

      g_task_set_task_data (inner, reading, NULL);
      g_task_run_in_thread (inner, read_here);
    }
  else if (hub != NULL)
    mc_hub_client_resolve_async (hub, manifest->repo, manifest->commit, reading->file->path,
                                 cancellable, on_resolved, g_object_ref (task));
  else
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_NOT_DOWNLOADED, "%s was not downloaded yet",
                             reading->file->path);
}

gboolean
mc_header_fetch_finish (McStore *store, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* What the bytes say. TRUE: no more of them are wanted, or of any use. */
static gboolean
parse (Reading *reading, guint64 *needed)
{
  g_autoptr (GError) error = NULL;
  McHeaderState state = mc_model_header_read (
      reading->file, reading->format, reading->manifest->parameters == 0, reading->bytes->data,
      reading->bytes->len, &reading->header, needed, &error);

  if (state == MC_HEADER_NEEDS_MORE && *needed > reading->bytes->len)
    return FALSE;
  if (error != NULL)
    g_info ("%s/%s: %s", reading->manifest->repo, reading->file->path, error->message);
  return TRUE;
}

static void
read_here (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (McContentReader) reader =
      mc_content_reader_open (reading->folder, &reading->file->digest, reading->file->size, &error);
  guint64 needed = MIN (MC_MODEL_HEADER_FIRST, reading->file->size);

  do
    while (reader != NULL && reading->bytes->len < needed)
      {
        g_autoptr (GBytes) bytes = mc_content_reader_read (reader, reading->bytes->len, &error);

        if (bytes == NULL)
          g_clear_pointer (&reader, mc_content_reader_close);
        else
          g_byte_array_append (reading->bytes, g_bytes_get_data (bytes, NULL),
                               (guint) g_bytes_get_size (bytes));
      }
  while (reader != NULL && !parse (reading, &needed));
  if (reader == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_read_here (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    keep (task);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* It must still be the file that was listed. */
static gboolean
is_listed (Reading *reading)
{
  const McResolved *resolved = reading->resolved;

  return (!resolved->has_size || resolved->size == reading->file->size)
         && (resolved->digest.kind != reading->file->digest.kind
             || mc_digest_equal (&resolved->digest, &reading->file->digest));
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Reading *reading = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  reading->resolved = mc_hub_client_resolve_finish (MC_HUB_CLIENT (source), result, &error);
  if (reading->resolved == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (!is_listed (reading))
    g_task_return_new_error (task, MC_ERROR, MC_ERROR_BAD_RESPONSE,
                             "The Hub gives another file than its listing");
  else
    open_range (task, MIN (MC_MODEL_HEADER_FIRST, reading->file->size));
}

/* What is missing of the first @end bytes. */
static void
open_range (GTask *task, guint64 end)
{
  Reading *reading = g_task_get_task_data (task);

  g_byte_array_set_size (reading->bytes, (guint) end);
  mc_hub_client_open_range_async (reading->hub, reading->resolved, reading->had, end - reading->had,
                                  reading->file->size, MC_HUB_ANY, g_task_get_cancellable (task),
                                  on_range_open, g_object_ref (task));
}

static void
on_range_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Reading *reading = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  reading->stream = mc_hub_client_open_range_finish (MC_HUB_CLIENT (source), result, &error);
  if (reading->stream == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_input_stream_read_all_async (reading->stream, reading->bytes->data + reading->had,
                                   reading->bytes->len - reading->had, G_PRIORITY_DEFAULT,
                                   g_task_get_cancellable (task), on_read, g_object_ref (task));
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Reading *reading = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  guint64 needed;
  gsize got;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &got, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (got < reading->bytes->len - reading->had)
    {
      g_task_return_new_error (task, MC_ERROR, MC_ERROR_NETWORK, "The answer ended too early");
      return;
    }
  reading->had = reading->bytes->len;
  g_clear_object (&reading->stream);
  if (parse (reading, &needed))
    keep (task);
  else
    open_range (task, needed);
}

static void
keep (GTask *task)
{
  Reading *reading = g_task_get_task_data (task);
  McStore *store = g_task_get_source_object (task);

  mc_store_keep_header_async (store, &reading->header, on_kept, g_object_ref (task));
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (mc_store_keep_header_finish (MC_STORE (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}
