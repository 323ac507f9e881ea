/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-file-stream.h"

/* GInputStream sees to it that there is one operation at a time, and has the asynchronous ones done
 * by a thread of GIO's. */

struct _McFileStream
{
  GInputStream parent_instance;
  const McFileSource *source;
  gpointer data; /* (owned) (nullable): NULL once it is closed */
  guint64 size;
  guint64 offset;
};

static void mc_file_stream_seekable_init (GSeekableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (McFileStream,
                               mc_file_stream,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SEEKABLE,
                                                      mc_file_stream_seekable_init))

static void
let_go (McFileStream *self)
{
  gpointer data = g_steal_pointer (&self->data);

  if (data != NULL)
    self->source->close (data);
}

static void
mc_file_stream_finalize (GObject *object)
{
  let_go (MC_FILE_STREAM (object));
  G_OBJECT_CLASS (mc_file_stream_parent_class)->finalize (object);
}

static gssize
mc_file_stream_read (
    GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  McFileStream *self = MC_FILE_STREAM (stream);
  gssize n;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  if (self->offset >= self->size || count == 0)
    return 0;
  count = (gsize) MIN (count, self->size - self->offset);
  n = self->source->read_at (self->data, self->offset, buffer, count, error);
  if (n > 0)
    self->offset += (guint64) n;
  return n;
}

static gssize
mc_file_stream_skip (GInputStream *stream, gsize count, GCancellable *cancellable, GError **error)
{
  McFileStream *self = MC_FILE_STREAM (stream);
  guint64 left = self->size - MIN (self->offset, self->size);
  gsize skipped = (gsize) MIN (count, left);

  self->offset += skipped;
  return (gssize) skipped;
}

static gboolean
mc_file_stream_close (GInputStream *stream, GCancellable *cancellable, GError **error)
{
  let_go (MC_FILE_STREAM (stream));
  return TRUE;
}

static void
mc_file_stream_class_init (McFileStreamClass *klass)
{
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = mc_file_stream_finalize;
  stream_class->read_fn = mc_file_stream_read;
  stream_class->skip = mc_file_stream_skip;
  stream_class->close_fn = mc_file_stream_close;
}

static void
mc_file_stream_init (McFileStream *self)
{
}

GInputStream *
mc_file_stream_new (const McFileSource *source, gpointer data, guint64 size)
{
  McFileStream *self = g_object_new (MC_TYPE_FILE_STREAM, NULL);

  self->source = source;
  self->data = data;
  self->size = size;
  return G_INPUT_STREAM (self);
}

/* --- seeking --- */

static goffset
mc_file_stream_tell (GSeekable *seekable)
{
  return (goffset) MC_FILE_STREAM (seekable)->offset;
}

static gboolean
mc_file_stream_can_seek (GSeekable *seekable)
{
  return TRUE;
}

/* Where that is; FALSE if it is no place in a file. */
static gboolean
find_place (const McFileStream *self, goffset offset, GSeekType type, goffset *place)
{
  goffset base = type == G_SEEK_SET   ? 0
                 : type == G_SEEK_CUR ? (goffset) self->offset
                                      : (goffset) self->size;

  if ((offset > 0 && base > G_MAXOFFSET - offset) || base + offset < 0)
    return FALSE;
  *place = base + offset;
  return TRUE;
}

static gboolean
mc_file_stream_seek (
    GSeekable *seekable, goffset offset, GSeekType type, GCancellable *cancellable, GError **error)
{
  McFileStream *self = MC_FILE_STREAM (seekable);
  goffset place;

  if (!g_input_stream_set_pending (G_INPUT_STREAM (self), error))
    return FALSE;
  g_input_stream_clear_pending (G_INPUT_STREAM (self));
  if (!find_place (self, offset, type, &place))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "There is no such place in the file");
      return FALSE;
    }
  self->offset = (guint64) place;
  return TRUE;
}

static gboolean
mc_file_stream_can_truncate (GSeekable *seekable)
{
  return FALSE;
}

static gboolean
mc_file_stream_truncate (GSeekable *seekable,
                         goffset offset,
                         GCancellable *cancellable,
                         GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "The file is read-only");
  return FALSE;
}

static void
mc_file_stream_seekable_init (GSeekableIface *iface)
{
  iface->tell = mc_file_stream_tell;
  iface->can_seek = mc_file_stream_can_seek;
  iface->seek = mc_file_stream_seek;
  iface->can_truncate = mc_file_stream_can_truncate;
  iface->truncate_fn = mc_file_stream_truncate;
}
