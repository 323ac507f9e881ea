/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-private-host.h"

#include "mc-checkout-private.h"
#include "mc-content-reader.h"
#include "mc-file-stream.h"
#include "mc-plain-copy.h"
#include "mc-task.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* The bytes of files of a private cache: a stream reads them from where they are kept, the others
 * from copies, since a database cannot be mapped. */

#define CHECKOUTS "checkouts"
#define IN_MEMORY (1024 * 1024) /* bytes up to which a copy is not worth a file */

static gboolean
fail (const char *doing, GError **error)
{
  int code = errno;

  g_set_error (error, MC_ERROR,
               code == ENOSPC || code == EDQUOT ? MC_ERROR_NO_SPACE : MC_ERROR_STORE, "%s: %s",
               doing, g_strerror (code));
  return FALSE;
}

/* --- what is open --- */

typedef struct
{
  McPrivateHost *host; /* (owned) */
  McDigest digest;     /* pinned */
  McContentReader *reader;
} Reading;

static void
unpin (McPrivateHost *host, gpointer data)
{
  if (mc_private_host_get_store (host) != NULL)
    mc_store_unpin (mc_private_host_get_store (host), data);
}

static void
suspect (McPrivateHost *host, gpointer data)
{
  if (mc_private_host_get_store (host) != NULL)
    mc_store_suspect (mc_private_host_get_store (host), data);
}

static void
reading_close (gpointer data)
{
  Reading *reading = data;

  mc_content_reader_claim (reading->reader);
  mc_content_reader_close (reading->reader);
  mc_private_host_post (reading->host, unpin, g_memdup2 (&reading->digest, sizeof reading->digest),
                        g_free);
  mc_private_host_unref (reading->host);
  g_free (reading);
}

static gssize
reading_read_at (gpointer data, guint64 offset, void *buffer, gsize count, GError **error)
{
  Reading *reading = data;
  GError *local = NULL;

  count = MIN (count, MC_PIECE_SIZE);
  mc_content_reader_claim (reading->reader);
  if (mc_content_reader_read_into (reading->reader, offset, buffer, count, &local))
    return (gssize) count;
  if (g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
    mc_private_host_post (reading->host, suspect,
                          g_memdup2 (&reading->digest, sizeof reading->digest), g_free);
  g_propagate_error (error, local);
  return -1;
}

static const McFileSource reading_source = { reading_read_at, reading_close };

static void
return_stream (McPrivateWork *work, const McFile *file)
{
  McStore *store = mc_private_host_get_store (work->host);
  GError *error = NULL;
  McContentReader *reader =
      mc_content_reader_open (mc_store_get_folder (store), &file->digest, file->size, &error);
  Reading *reading;

  if (reader == NULL)
    {
      mc_private_work_fail (work, error);
      return;
    }
  mc_store_pin (store, &file->digest);
  mc_store_note_use (store, &file->digest);
  reading = g_new0 (Reading, 1);
  reading->host = mc_private_host_ref (work->host);
  reading->digest = file->digest;
  reading->reader = reader;
  mc_private_work_return (work, mc_file_stream_new (&reading_source, reading, file->size),
                          g_object_unref);
}

/* --- copies, on another thread --- */

typedef struct
{
  char *path; /* in the folder */
  McDigest digest;
  guint64 size;
} Part;

static void
part_free (gpointer data)
{
  Part *part = data;

  g_free (part->path);
  g_free (part);
}

typedef struct
{
  McPrivateWork *work; /* borrowed: it waits */
  char *store;         /* its folder */
  GPtrArray *parts;    /* (owned): Part; all pinned */
  const Part *damaged; /* (nullable), borrowed from parts */
} Copying;

static void
copying_free (gpointer data)
{
  Copying *copying = data;

  g_free (copying->store);
  g_ptr_array_unref (copying->parts);
  g_free (copying);
}

static gboolean
fill (Copying *copying, const Part *part, int fd, GCancellable *cancellable, GError **error)
{
  GError *local = NULL;

  if (part->size == 0
      || (mc_plain_copy_make_room (fd, part->size, &local)
          && mc_plain_copy_fill (fd, copying->store, &part->digest, part->size, cancellable,
                                 &local)))
    return TRUE;
  if (g_error_matches (local, MC_ERROR, MC_ERROR_CORRUPT))
    copying->damaged = part;
  g_propagate_error (error, local);
  return FALSE;
}

static GBytes *
map (int fd, GError **error)
{
  GError *local = NULL;
  g_autoptr (GMappedFile) mapped = g_mapped_file_new_from_fd (fd, FALSE, &local);

  if (mapped != NULL)
    return g_mapped_file_get_bytes (mapped);
  g_set_error_literal (error, MC_ERROR, MC_ERROR_STORE, local->message);
  g_error_free (local);
  return NULL;
}

static GBytes *
read_small (Copying *copying, const Part *part, GError **error)
{
  g_autoptr (McContentReader) reader =
      mc_content_reader_open (copying->store, &part->digest, part->size, error);
  g_autofree guint8 *bytes = g_malloc (MAX (part->size, 1));

  if (reader == NULL
      || (part->size > 0
          && !mc_content_reader_read_into (reader, 0, bytes, (gsize) part->size, error)))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&bytes), (gsize) part->size);
}

static void
make_bytes (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Copying *copying = data;
  const Part *part = g_ptr_array_index (copying->parts, 0);
  GError *error = NULL;
  GBytes *bytes = NULL;
  int fd = -1;

  if (part->size <= IN_MEMORY)
    bytes = read_small (copying, part, &error);
  else if ((fd = mc_plain_copy_open (copying->store, &error)) >= 0
           && fill (copying, part, fd, cancellable, &error))
    bytes = map (fd, &error);
  if (fd >= 0)
    close (fd);
  if (g_error_matches (error, MC_ERROR, MC_ERROR_CORRUPT))
    copying->damaged = part;
  if (bytes == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
}

static int
remove_entry (const char *path, const struct stat *info, int type, struct FTW *place)
{
  return g_remove (path);
}

static void
remove_folder (gpointer data)
{
  g_autofree char *folder = data;

  nftw (folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void
mc_private_remove_leftovers (const char *folder)
{
  remove_folder (g_build_filename (folder, CHECKOUTS, NULL));
}

/* The path is one that the Hub may name, and no more: no segment leads out of the folder. */
static gboolean
make_part (Copying *copying,
           const Part *part,
           const char *folder,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *path = g_build_filename (folder, part->path, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  gboolean ok;
  int fd;

  if (!mc_repo_path_is_valid (part->path))
    {
      g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "“%s” cannot be a file's name",
                   part->path);
      return FALSE;
    }
  if (g_mkdir_with_parents (parent, 0700) != 0)
    return fail ("Making a folder", error);
  fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
  if (fd < 0)
    return fail ("Making a file", error);
  ok = fill (copying, part, fd, cancellable, error);
  close (fd);
  return ok;
}

static char *
make_parts (Copying *copying, GCancellable *cancellable, GError **error)
{
  g_autofree char *parent = g_build_filename (copying->store, CHECKOUTS, NULL);
  g_autofree char *folder = g_build_filename (parent, "XXXXXX", NULL);

  if (g_mkdir_with_parents (parent, 0700) != 0 || g_mkdtemp (folder) == NULL)
    {
      fail ("Making a folder", error);
      return NULL;
    }
  for (guint i = 0; i < copying->parts->len; i++)
    if (!make_part (copying, g_ptr_array_index (copying->parts, i), folder, cancellable, error))
      {
        remove_folder (g_steal_pointer (&folder));
        return NULL;
      }
  return g_steal_pointer (&folder);
}

static McCheckout *
make_checkout (Copying *copying, char *folder)
{
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  for (guint i = 0; i < copying->parts->len; i++)
    g_strv_builder_add (paths, ((Part *) g_ptr_array_index (copying->parts, i))->path);
  return mc_checkout_new (folder, FALSE, g_strv_builder_end (paths), remove_folder, folder);
}

static void
make_folder (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  char *folder = make_parts (data, cancellable, &error);

  if (folder == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, make_checkout (data, folder), g_object_unref);
}

/* --- back on the thread --- */

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Copying *copying = g_task_get_task_data (G_TASK (result));
  McPrivateWork *work = copying->work;
  McStore *store = mc_private_host_get_store (work->host);
  GError *error = NULL;
  gpointer made = g_task_propagate_pointer (G_TASK (result), &error);

  for (guint i = 0; i < copying->parts->len; i++)
    mc_store_unpin (store, &((Part *) g_ptr_array_index (copying->parts, i))->digest);
  if (copying->damaged != NULL)
    mc_store_suspect (store, &copying->damaged->digest);
  if (made == NULL)
    mc_private_work_fail (work, error);
  else if (work->request->kind == MC_REQUEST_LOAD)
    mc_private_work_return (work, made, (GDestroyNotify) g_bytes_unref);
  else
    mc_private_work_return (work, made, g_object_unref);
}

static void
add_part (Copying *copying, McStore *store, const McFile *file)
{
  Part *part = g_new0 (Part, 1);

  part->path = g_strdup (file->path);
  part->digest = file->digest;
  part->size = file->size;
  g_ptr_array_add (copying->parts, part);
  mc_store_pin (store, &file->digest);
  mc_store_note_use (store, &file->digest);
}

static void
copy (McPrivateWork *work, GPtrArray *files, GTaskThreadFunc make)
{
  McStore *store = mc_private_host_get_store (work->host);
  g_autoptr (GTask) task = mc_task_new (NULL, work->cancellable, copied_cb, NULL, copy);
  Copying *copying = g_new0 (Copying, 1);

  copying->work = work;
  copying->store = g_strdup (mc_store_get_folder (store));
  copying->parts = g_ptr_array_new_with_free_func (part_free);
  for (guint i = 0; i < files->len; i++)
    add_part (copying, store, g_ptr_array_index (files, i));
  g_task_set_task_data (task, copying, copying_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, make);
}

/* --- the requests --- */

/* Why it is not to be had. */
static GError *
explain_absence (McPrivateWork *work, const McFile *file)
{
  if (mc_store_is_damaged (mc_private_host_get_store (work->host), &file->digest))
    return g_error_new (MC_ERROR, MC_ERROR_CORRUPT,
                        "%s is damaged on disk: download it again, which fetches what is damaged",
                        file->path);
  return g_error_new (MC_ERROR, MC_ERROR_NOT_DOWNLOADED, "%s was not downloaded yet", file->path);
}

/* Once what is missing is known: has it fetched, once, or says so. Takes the error. */
static void
fetch_or_fail (McPrivateWork *work, GError *error, void (*then) (McPrivateWork *work))
{
  if (!work->fetch)
    {
      mc_private_work_fail (work, error);
      return;
    }
  g_clear_error (&error);
  work->fetch = FALSE;
  mc_private_work_download (work, then);
}

void
mc_private_do_open (McPrivateWork *work)
{
  McStore *store = mc_private_host_get_store (work->host);
  McLibraryRepo *repo = mc_private_work_find_repo (work);
  McFile *file = repo == NULL ? NULL : mc_manifest_find_file (repo->manifest, work->request->name);
  g_autoptr (GPtrArray) files = g_ptr_array_new ();

  if (repo == NULL)
    fetch_or_fail (
        work,
        g_error_new (MC_ERROR, MC_ERROR_NOT_SCANNED, "%s was not scanned yet", work->ref->repo),
        mc_private_do_open);
  else if (file == NULL)
    mc_private_work_fail (work, g_error_new (MC_ERROR, MC_ERROR_UNKNOWN_FILE, "%s has no file “%s”",
                                             repo->manifest->repo, work->request->name));
  else if (!mc_store_has_file (store, file))
    fetch_or_fail (work, explain_absence (work, file), mc_private_do_open);
  else if (work->request->kind == MC_REQUEST_OPEN)
    return_stream (work, file);
  else
    {
      g_ptr_array_add (files, file);
      copy (work, files, make_bytes);
    }
}

/* (nullable) */
static McFile *
find_missing (McStore *store, GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    if (!mc_store_has_file (store, g_ptr_array_index (files, i)))
      return g_ptr_array_index (files, i);
  return NULL;
}

void
mc_private_do_checkout (McPrivateWork *work)
{
  McStore *store = mc_private_host_get_store (work->host);
  McLibraryRepo *repo = mc_private_work_find_repo (work);
  g_autoptr (GPtrArray) files = NULL;
  McVariant *found;
  McFile *missing;
  GError *error = NULL;

  if (repo == NULL)
    {
      fetch_or_fail (
          work,
          g_error_new (MC_ERROR, MC_ERROR_NOT_SCANNED, "%s was not scanned yet", work->ref->repo),
          mc_private_do_checkout);
      return;
    }
  found = mc_private_work_find_variant (work, repo, &error);
  if (found == NULL)
    {
      mc_private_work_fail (work, error);
      return;
    }
  files = mc_manifest_variant_files (repo->manifest, found);
  missing = find_missing (store, files);
  if (missing != NULL)
    fetch_or_fail (work, explain_absence (work, missing), mc_private_do_checkout);
  else
    copy (work, files, make_folder);
}
