/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-view-contents.h"

#include "mc-content-reader.h"
#include "mc-error.h"
#include "mc-pack.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Called by the threads that answer the kernel. What has to be told to the store, whose functions
 * are for the main thread, is told there later. */

#define MOST_READERS 4 /* of a content: how many may read it at once */

/* The kernel asks for little at a time, and several threads read: the disk is told what comes next.
 */
#define AHEAD (8 * 1024 * 1024)
#define IN_ORDER (2 * 1024 * 1024) /* so far from where the last one ended */

struct _McViewContents
{
  McStore *store;        /* (owned) */
  GMainContext *context; /* (owned): of the main thread */
  GCancellable *end;     /* (owned): of telling the store anything */
  GMutex lock;           /* of all below */
  GHashTable *open;      /* (owned): number => McViewContent */
};

struct _McViewContent
{
  guint64 number;
  McDigest digest;
  guint64 size;
  guint opened; /* how often */
  GCond returned;
  guint n_readers;
  GPtrArray *idle; /* (owned): McContentReader: the last one that was used comes first */

  int fd;            /* (owned): of its pack; -1: it has none */
  guint64 pack_size; /* bytes */
  guint64 next;      /* where the last read ended */
  guint64 ahead;     /* up to where the disk was told to read */
};

typedef struct
{
  McStore *store;    /* (owned) */
  GCancellable *end; /* (owned) */
  McDigest digest;
  gboolean damaged;
} Notice;

McViewContents *
mc_view_contents_new (McStore *store)
{
  McViewContents *self = g_new0 (McViewContents, 1);

  self->store = g_object_ref (store);
  self->context = g_main_context_ref_thread_default ();
  self->end = g_cancellable_new ();
  self->open = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_mutex_init (&self->lock);
  return self;
}

static void
close_reader (gpointer data)
{
  mc_content_reader_claim (data);
  mc_content_reader_close (data);
}

static void
content_free (McViewContents *self, McViewContent *content)
{
  if (content->fd >= 0)
    close (content->fd);
  g_ptr_array_unref (content->idle);
  mc_store_unpin (self->store, &content->digest);
  g_cond_clear (&content->returned);
  g_free (content);
}

void
mc_view_contents_free (McViewContents *self)
{
  GHashTableIter iter;
  gpointer content;

  g_cancellable_cancel (self->end);
  g_object_unref (self->end);
  g_hash_table_iter_init (&iter, self->open);
  while (g_hash_table_iter_next (&iter, NULL, &content))
    content_free (self, content);
  g_hash_table_unref (self->open);
  g_mutex_clear (&self->lock);
  g_main_context_unref (self->context);
  g_object_unref (self->store);
  g_free (self);
}

/* --- telling the store --- */

static void
notice_free (gpointer data)
{
  Notice *notice = data;

  g_object_unref (notice->end);
  g_object_unref (notice->store);
  g_free (notice);
}

static gboolean
on_notice (gpointer data)
{
  Notice *notice = data;

  if (g_cancellable_is_cancelled (notice->end))
    return G_SOURCE_REMOVE;
  if (notice->damaged)
    mc_store_suspect (notice->store, &notice->digest);
  else
    mc_store_note_use (notice->store, &notice->digest);
  return G_SOURCE_REMOVE;
}

static void
tell (McViewContents *self, const McDigest *digest, gboolean damaged)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Notice *notice = g_new0 (Notice, 1);

  notice->store = g_object_ref (self->store);
  notice->end = g_object_ref (self->end);
  notice->digest = *digest;
  notice->damaged = damaged;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_notice, notice, notice_free);
  g_source_attach (source, self->context);
}

/* --- readers --- */

static int
judge (McViewContents *self, const McDigest *digest, const GError *error)
{
  if (g_error_matches (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED))
    return ENOENT;
  if (g_error_matches (error, MC_ERROR, MC_ERROR_CORRUPT))
    tell (self, digest, TRUE);
  g_warning ("A file of the folder cannot be read: %s", error->message);
  return EIO;
}

static McContentReader *
open_reader (McViewContents *self, const McDigest *digest, guint64 size, int *code)
{
  g_autoptr (GError) error = NULL;
  McContentReader *reader =
      mc_content_reader_open (mc_store_get_folder (self->store), digest, size, &error);

  if (reader == NULL)
    *code = judge (self, digest, error);
  return reader;
}

/* With the lock, which is let go of meanwhile. */
static McContentReader *
take_reader (McViewContents *self, McViewContent *content, int *code)
{
  McContentReader *reader;

  while (content->idle->len == 0 && content->n_readers >= MOST_READERS)
    g_cond_wait (&content->returned, &self->lock);
  if (content->idle->len > 0)
    return g_ptr_array_steal_index (content->idle, content->idle->len - 1);
  content->n_readers++;
  g_mutex_unlock (&self->lock);
  reader = open_reader (self, &content->digest, content->size, code);
  g_mutex_lock (&self->lock);
  if (reader == NULL)
    {
      content->n_readers--;
      g_cond_signal (&content->returned);
    }
  return reader;
}

static void
open_pack (McViewContents *self, McViewContent *content)
{
  g_autofree char *path = mc_pack_make_path (mc_store_get_folder (self->store), &content->digest);
  struct stat info;

  content->fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  if (content->fd >= 0 && fstat (content->fd, &info) == 0)
    content->pack_size = (guint64) info.st_size;
}

/* A pack has its chunks in order, mostly: about there is good enough. */
static off_t
find_in_pack (const McViewContent *content, guint64 offset)
{
  return (off_t) ((double) offset / (double) content->size * (double) content->pack_size);
}

/* With the lock, which is let go of meanwhile. */
static void
read_ahead (McViewContents *self, McViewContent *content, guint64 end)
{
  gboolean in_order = end + IN_ORDER >= content->next && end <= content->next + IN_ORDER;
  off_t from;
  off_t to;

  content->next = end;
  if (!in_order || content->ahead < end || content->ahead > end + AHEAD)
    content->ahead = end;
  if (!in_order || content->fd < 0 || content->ahead > end + AHEAD / 2)
    return;
  from = find_in_pack (content, content->ahead);
  content->ahead = end + AHEAD;
  to = find_in_pack (content, content->ahead);
  g_mutex_unlock (&self->lock);
  posix_fadvise (content->fd, from, to - from, POSIX_FADV_WILLNEED);
  g_mutex_lock (&self->lock);
}

int
mc_view_contents_read (
    McViewContents *self, McViewContent *content, guint64 offset, void *buffer, gsize length)
{
  g_autoptr (GError) error = NULL;
  McContentReader *reader;
  int code = 0;

  g_mutex_lock (&self->lock);
  read_ahead (self, content, offset + length);
  reader = take_reader (self, content, &code);
  g_mutex_unlock (&self->lock);
  if (reader == NULL)
    return code;
  mc_content_reader_claim (reader);
  if (!mc_content_reader_read_into (reader, offset, buffer, length, &error))
    code = judge (self, &content->digest, error);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (content->idle, reader);
  g_cond_signal (&content->returned);
  g_mutex_unlock (&self->lock);
  return code;
}

/* --- opening --- */

McViewContent *
mc_view_contents_open_again (McViewContents *self, guint64 number)
{
  McViewContent *content;

  g_mutex_lock (&self->lock);
  content = g_hash_table_lookup (self->open, &number);
  if (content != NULL)
    content->opened++;
  g_mutex_unlock (&self->lock);
  return content;
}

/* Whoever is first to open it keeps it; the other gives back what it has taken. */
static McViewContent *
add (McViewContents *self, McViewContent *content)
{
  McViewContent *present;

  g_mutex_lock (&self->lock);
  present = g_hash_table_lookup (self->open, &content->number);
  if (present == NULL)
    g_hash_table_insert (self->open, &content->number, content);
  else
    present->opened++;
  g_mutex_unlock (&self->lock);
  if (present == NULL)
    return content;
  content_free (self, content);
  return present;
}

McViewContent *
mc_view_contents_open (
    McViewContents *self, guint64 number, const McDigest *digest, guint64 size, int *code)
{
  McViewContent *content = mc_view_contents_open_again (self, number);
  McContentReader *reader;

  if (content != NULL)
    return content;
  *code = ENOENT;
  if (!mc_store_try_pin (self->store, digest))
    return NULL;
  reader = open_reader (self, digest, size, code);
  if (reader == NULL)
    {
      mc_store_unpin (self->store, digest);
      return NULL;
    }
  content = g_new0 (McViewContent, 1);
  content->number = number;
  content->digest = *digest;
  content->size = size;
  content->opened = 1;
  content->n_readers = 1;
  content->idle = g_ptr_array_new_with_free_func (close_reader);
  open_pack (self, content);
  g_cond_init (&content->returned);
  g_ptr_array_add (content->idle, reader);
  tell (self, digest, FALSE);
  return add (self, content);
}

void
mc_view_contents_close (McViewContents *self, McViewContent *content)
{
  gboolean last;

  g_mutex_lock (&self->lock);
  last = --content->opened == 0;
  if (last)
    g_hash_table_remove (self->open, &content->number);
  g_mutex_unlock (&self->lock);
  if (!last)
    return;
  tell (self, &content->digest, FALSE);
  content_free (self, content);
}

gboolean
mc_view_contents_get_size (McViewContents *self, guint64 number, guint64 *size)
{
  McViewContent *content;

  g_mutex_lock (&self->lock);
  content = g_hash_table_lookup (self->open, &number);
  if (content != NULL)
    *size = content->size;
  g_mutex_unlock (&self->lock);
  return content != NULL;
}

guint64
mc_view_content_get_size (McViewContent *content)
{
  return content->size;
}
