/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-bench-store.h"

#include "mc-bench-rival.h"
#include "mc-bench.h"
#include "mc-buffer-pool.h"
#include "mc-content-reader.h"
#include "mc-content-writer.h"
#include "mc-db.h"
#include "mc-pack.h"

#include <fcntl.h>
#include <unistd.h>

#define ENDPOINT "https://hub.test"
#define REPO "bench/model"
#define BUFFERS 3 /* as a download has */

struct _McBenchStore
{
  McStore *store; /* (owned) */
  gint64 repo;
};

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

McBenchStore *
mc_bench_store_open (const char *folder)
{
  McBenchStore *self = g_new0 (McBenchStore, 1);
  g_autoptr (GError) error = NULL;

  self->store = mc_store_open (folder, &error);
  mc_bench_check (folder, error);
  return self;
}

void
mc_bench_store_close (McBenchStore *self)
{
  mc_store_close (self->store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (self->store);
  g_free (self);
}

/* --- holding and dropping --- */

static McManifest *
make_manifest (McBenchSource *const *sources, guint n)
{
  McManifest *manifest = mc_manifest_new ();

  manifest->endpoint = g_strdup (ENDPOINT);
  manifest->repo = g_strdup (REPO);
  manifest->revision = g_strdup ("main");
  manifest->commit = g_strnfill (40, 'a');
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("part-%02u", i);
      McVariant *variant;

      mc_manifest_add_file (manifest, path, sources[i]->size, sources[i]->digest);
      variant = mc_manifest_add_variant (manifest, path, "bench");
      g_array_append_val (variant->files, i);
    }
  return manifest;
}

void
mc_bench_store_compress (McBenchStore *self, gboolean compressed)
{
  g_auto (GVariantDict) changes = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_variant_dict_insert (&changes, mc_setting_get_name (MC_SETTING_COMPRESSION), "b", compressed);
  mc_store_configure_async (self->store, g_variant_dict_end (&changes), on_result, &result);
  mc_store_configure_finish (self->store, await (&result), &error);
  mc_bench_check ("Setting compression", error);
}

static void
hold_file (McBenchStore *self, McFile *file)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (files, file);
  mc_store_hold_async (self->store, self->repo, "", file->path, files, on_result, &result);
  mc_store_hold_finish (self->store, await (&result), &error);
  mc_bench_check ("Holding a file", error);
}

void
mc_bench_store_hold (McBenchStore *self, McBenchSource *const *sources, guint n)
{
  g_autoptr (McManifest) manifest = make_manifest (sources, n);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  mc_store_save_repo_async (self->store, manifest, NULL, on_result, &result);
  self->repo = mc_store_save_repo_finish (self->store, await (&result), &error);
  mc_bench_check ("Saving a repo", error);
  mc_bench_store_compress (self, FALSE);
  for (guint i = 0; i < n; i++)
    hold_file (self, g_ptr_array_index (manifest->files, i));
}

void
mc_bench_store_drop (McBenchStore *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  McDropResult dropped;

  mc_store_drop_async (self->store, self->repo, "", "", MC_DROP_ALL, on_result, &result);
  mc_store_drop_finish (self->store, await (&result), &dropped, &error);
  mc_bench_check ("Deleting", error);
}

/* --- ingest: what a download does with what it receives --- */

typedef struct
{
  const McBenchSource *source; /* borrowed */
  McContentWriter *writer;     /* (owned) */
  McBufferPool *buffers;       /* (owned) */
  int fd;
  guint64 offset; /* of the next piece */
  guint puts;     /* under way */
  guint *n_running;
} Ingest;

static void
on_finished (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Ingest *self = user_data;
  g_autoptr (GError) error = NULL;

  mc_content_writer_finish_finish (self->writer, result, &error);
  mc_bench_check ("Finishing a content", error);
  close (self->fd);
  g_object_unref (self->writer);
  mc_buffer_pool_close (self->buffers);
  --*self->n_running;
}

static void
on_put (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Ingest *self = user_data;
  g_autoptr (GError) error = NULL;

  mc_content_writer_put_finish (self->writer, result, &error);
  mc_bench_check ("Putting a chunk", error);
  self->puts--;
  if (self->puts == 0 && self->offset == self->source->size)
    mc_content_writer_finish_async (self->writer, on_finished, self);
}

static void
put_piece (Ingest *self)
{
  gsize length = mc_content_writer_get_piece (self->writer, self->offset);
  guint8 *buffer = mc_buffer_pool_take (self->buffers);
  g_autoptr (GBytes) bytes = mc_buffer_pool_lend (self->buffers, buffer, length);

  mc_bench_source_read (self->fd, buffer, length, self->source->offset + self->offset);
  mc_content_writer_put_async (self->writer, self->offset, bytes, on_put, self);
  self->offset += length;
  self->puts++;
}

static void
feed (gpointer data)
{
  Ingest *self = data;

  while (mc_buffer_pool_has_one (self->buffers) && self->offset < self->source->size)
    put_piece (self);
}

static void
on_open (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Ingest *self = user_data;
  g_autoptr (GError) error = NULL;

  mc_content_writer_open_finish (self->writer, result, &error);
  mc_bench_check ("Opening a writer", error);
  feed (self);
}

void
mc_bench_store_ingest (McBenchStore *self, McBenchSource *const *sources, guint n)
{
  g_autofree Ingest *ingests = g_new0 (Ingest, n);
  guint n_running = n;

  for (guint i = 0; i < n; i++)
    {
      Ingest *ingest = &ingests[i];

      ingest->source = sources[i];
      ingest->n_running = &n_running;
      ingest->fd = open (sources[i]->path, O_RDONLY | O_CLOEXEC);
      mc_bench_check_errno (sources[i]->path, ingest->fd >= 0);
      ingest->writer = mc_content_writer_new (self->store, &sources[i]->digest);
      ingest->buffers = mc_buffer_pool_new (MC_BENCH_PIECE, BUFFERS, NULL, feed, ingest);
      mc_content_writer_open_async (ingest->writer, on_open, ingest);
    }
  while (n_running > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* --- reading --- */

static McContentReader *
open_reader (const char *folder, const McBenchSource *source)
{
  g_autoptr (GError) error = NULL;
  McContentReader *reader = mc_content_reader_open (folder, &source->digest, source->size, &error);

  mc_bench_check ("Opening a content", error);
  return reader;
}

static void
read_at (McContentReader *reader, guint64 offset, guint8 *buffer, gsize length)
{
  g_autoptr (GError) error = NULL;

  mc_content_reader_read_into (reader, offset, buffer, length, &error);
  mc_bench_check ("Reading a content", error);
}

void
mc_bench_store_read (const char *folder, const McBenchSource *source)
{
  g_autoptr (McContentReader) reader = open_reader (folder, source);
  g_autofree guint8 *buffer = g_malloc (MC_PIECE_SIZE);

  for (guint64 offset = 0; offset < source->size; offset += MC_PIECE_SIZE)
    read_at (reader, offset, buffer, (gsize) MIN (MC_PIECE_SIZE, source->size - offset));
}

void
mc_bench_store_read_unchecked (const char *folder, const McBenchSource *source)
{
  g_autofree char *path = mc_pack_make_path (folder, &source->digest);
  g_autofree guint8 *buffer = g_malloc (MC_PIECE_SIZE);
  g_autoptr (GError) error = NULL;
  McDb *db = mc_db_open (path, MC_DB_PACK, MC_DB_IMMUTABLE, &error);

  mc_bench_check ("Opening a pack", error);
  for (guint i = 0; i < mc_pack_count_chunks (source->size); i++)
    {
      McBlob *blob = mc_blob_open (db, "chunks", "bytes", i, &error);

      mc_bench_check ("Opening a chunk", error);
      for (gsize at = 0; at < mc_blob_get_length (blob); at += MC_PIECE_SIZE)
        mc_blob_read (blob, at, buffer, MIN (MC_PIECE_SIZE, mc_blob_get_length (blob) - at),
                      &error);
      mc_bench_check ("Reading a chunk", error);
      mc_blob_close (blob);
    }
  mc_db_close (db);
}

void
mc_bench_store_read_random (const char *folder, const McBenchSource *source, guint n, guint64 seed)
{
  g_autoptr (McContentReader) reader = open_reader (folder, source);
  g_autofree guint8 *buffer = g_malloc (MC_BENCH_SLICE);

  for (guint i = 0; i < n; i++)
    {
      guint64 slice = mc_bench_source_draw (&seed) % (source->size / MC_BENCH_SLICE);

      read_at (reader, slice * MC_BENCH_SLICE, buffer, MC_BENCH_SLICE);
    }
}

void
mc_bench_store_verify (const char *folder, const McBenchSource *source)
{
  g_autoptr (GError) error = NULL;
  guint64 damaged = 0;

  mc_content_verify (folder, &source->digest, source->size, NULL, NULL, &damaged, &error);
  mc_bench_check ("Verifying a content", error);
  if (damaged != 0)
    mc_bench_die ("%" G_GUINT64_FORMAT " bytes are damaged", damaged);
}

void
mc_bench_store_forget (const char *folder, const McBenchSource *source)
{
  g_autofree char *path = mc_pack_make_path (folder, &source->digest);

  mc_bench_rival_forget (path);
}

/* --- asking --- */

/* What the service does for each row of the list. */
static guint64
ask_variant (McStore *store, McManifest *manifest, McVariant *variant)
{
  g_autoptr (GPtrArray) files = mc_manifest_variant_files (manifest, variant);
  guint i = 0;

  while (i < files->len && mc_store_has_file (store, g_ptr_array_index (files, i)))
    i++;
  return i + mc_files_total_size (files) + mc_store_count_committed (store, files);
}

guint
mc_bench_store_list (McBenchStore *self)
{
  GPtrArray *repos = mc_store_get_repos (self->store);
  guint n = 0;

  for (guint i = 0; i < repos->len; i++)
    {
      McManifest *manifest = ((McLibraryRepo *) g_ptr_array_index (repos, i))->manifest;

      for (guint j = 0; j < manifest->variants->len; j++)
        if (ask_variant (self->store, manifest, g_ptr_array_index (manifest->variants, j)) > 0)
          n++;
    }
  return n;
}

static gboolean
has_file (McStore *store, const char *repo, const char *path)
{
  McLibraryRepo *found = mc_store_find_repo (store, ENDPOINT, repo, NULL);
  McFile *file = found == NULL ? NULL : mc_manifest_find_file (found->manifest, path);

  return file != NULL && mc_store_has_file (store, file);
}

guint
mc_bench_store_has_files (McBenchStore *self, guint n)
{
  GPtrArray *repos = mc_store_get_repos (self->store);
  guint64 seed = 1;
  guint n_here = 0;

  for (guint i = 0; i < n; i++)
    {
      guint64 drawn = mc_bench_source_draw (&seed);
      McLibraryRepo *repo = g_ptr_array_index (repos, drawn % repos->len);
      GPtrArray *files = repo->manifest->files;
      McFile *file = g_ptr_array_index (files, (drawn >> 32) % files->len);

      if (has_file (self->store, repo->manifest->repo, file->path))
        n_here++;
    }
  return n_here;
}
