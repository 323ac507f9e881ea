/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-copy.h"

#include "mc-client.h"
#include "mc-dbus-names.h"
#include "mc-error.h"
#include "mc-property.h"
#include "mc-repo-ref.h"
#include "mc-sandbox.h"
#include "mc-task.h"

#include <gio/gunixfdlist.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

/* One file after the other: the service gives a pipe, a thread empties it into a file. */

#define PIECE (1024 * 1024)
#define LOOK_MS 200

struct _McCopy
{
  GObject parent_instance;
  GDBusConnection *bus; /* (owned) */
  GPtrArray *files;     /* (owned): McFileItem */
  char *folder;
  char *shown; /* the folder as people know it */
  char *sentence;
  guint next; /* of the files */
  guint64 total;
  gssize written; /* atomic: bytes, counted by the thread */
  double fraction;
  gboolean running;
  gboolean done;
  guint looking; /* source */
};

enum
{
  PROP_SENTENCE = 1,
  PROP_FRACTION,
  PROP_RUNNING,
  PROP_DONE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (McCopy, mc_copy, G_TYPE_OBJECT)

/* --- what it shows --- */

static char *
describe (McCopy *self, guint64 written)
{
  g_autofree char *written_size = g_format_size (written);
  g_autofree char *total_size = g_format_size (self->total);

  if (self->done)
    /* Translators: %s is a folder */
    return g_strdup_printf (_ ("Copied to %s"), self->shown);
  if (!self->running)
    return g_strdup_printf (_ ("The copy in %s is not complete"), self->shown);
  /* Translators: two sizes and a folder */
  return g_strdup_printf (_ ("Copying %s of %s to %s"), written_size, total_size, self->shown);
}

static void
update (McCopy *self)
{
  guint64 written = (guint64) g_atomic_pointer_get (&self->written);
  double fraction = self->total > 0 ? (double) written / (double) self->total : 1;

  mc_property_set_fraction (self, properties[PROP_FRACTION], &self->fraction, MIN (fraction, 1));
  mc_property_take_text (self, properties[PROP_SENTENCE], &self->sentence,
                         describe (self, written));
}

static gboolean
look_cb (gpointer user_data)
{
  update (user_data);
  return G_SOURCE_CONTINUE;
}

/* --- a file, in the thread --- */

typedef struct
{
  GInputStream *pipe; /* (owned) */
  char *target;
  char *part; /* its name until it is complete */
  guint64 size;
  gssize *written;
} Piece;

static void
piece_free (gpointer data)
{
  Piece *piece = data;

  g_object_unref (piece->pipe);
  g_free (piece->target);
  g_free (piece->part);
  g_free (piece);
}

/* TRUE with *count as what was written. */
static gboolean
pump (
    Piece *piece, GOutputStream *output, guint64 *count, GCancellable *cancellable, GError **error)
{
  g_autofree char *buffer = g_malloc (PIECE);
  gssize n;

  while ((n = g_input_stream_read (piece->pipe, buffer, PIECE, cancellable, error)) > 0)
    {
      if (!g_output_stream_write_all (output, buffer, (gsize) n, NULL, cancellable, error))
        return FALSE;
      *count += (guint64) n;
      g_atomic_pointer_add (piece->written, n);
    }
  return n == 0;
}

static gboolean
write_part (Piece *piece, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (piece->part);
  g_autoptr (GFile) file = g_file_new_for_path (piece->part);
  g_autoptr (GFileOutputStream) output = NULL;
  guint64 count = 0;

  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_FAILED, "%s: %s", folder, g_strerror (errno));
      return FALSE;
    }
  output =
      g_file_replace (file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, cancellable, error);
  if (output == NULL || !pump (piece, G_OUTPUT_STREAM (output), &count, cancellable, error)
      || !g_output_stream_close (G_OUTPUT_STREAM (output), cancellable, error))
    return FALSE;
  if (count == piece->size)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_CORRUPT,
               "%s: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes came", piece->target,
               count, piece->size);
  return FALSE;
}

static void
write_file (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Piece *piece = task_data;
  GError *error = NULL;

  if (write_part (piece, cancellable, &error) && g_rename (piece->part, piece->target) == 0)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (error == NULL)
    g_set_error (&error, MC_ERROR, MC_ERROR_FAILED, "%s: %s", piece->target, g_strerror (errno));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    {
      g_clear_error (&error);
      g_set_error (&error, MC_ERROR, MC_ERROR_NO_SPACE, "%s: no space is left", piece->target);
    }
  g_unlink (piece->part);
  g_task_return_error (task, error);
}

/* --- one after the other --- */

static void ask_for_next (GTask *task);

static void
finish (GTask *task, GError *error)
{
  McCopy *self = g_task_get_source_object (task);

  g_clear_handle_id (&self->looking, g_source_remove);
  mc_property_set_flag (self, properties[PROP_DONE], &self->done, error == NULL);
  mc_property_set_flag (self, properties[PROP_RUNNING], &self->running, FALSE);
  update (self);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    finish (task, error);
  else
    ask_for_next (task);
}

static void
write_in_thread (GTask *task, McFileItem *file, int fd)
{
  McCopy *self = g_task_get_source_object (task);
  g_autoptr (GTask) writing = mc_task_new (self, g_task_get_cancellable (task), written_cb,
                                           g_object_ref (task), write_in_thread);
  Piece *piece = g_new0 (Piece, 1);

  piece->pipe = g_unix_input_stream_new (fd, TRUE);
  piece->target = g_build_filename (self->folder, mc_file_item_get_path (file), NULL);
  piece->part = g_strconcat (piece->target, ".part", NULL);
  piece->size = mc_file_item_get_size (file);
  piece->written = &self->written;
  g_task_set_task_data (writing, piece, piece_free);
  g_task_run_in_thread (writing, write_file);
}

static void
pipe_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McCopy *self = g_task_get_source_object (task);
  McFileItem *file = g_ptr_array_index (self->files, self->next);
  g_autoptr (GUnixFDList) descriptors = NULL;
  GError *error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), &descriptors, result, &error);
  gint32 handle = 0;
  int fd;

  if (reply == NULL)
    {
      finish (task, mc_client_receive_error (error));
      return;
    }
  g_variant_get (reply, "(h)", &handle);
  fd = descriptors == NULL ? -1 : g_unix_fd_list_get (descriptors, handle, &error);
  if (fd < 0)
    {
      g_clear_error (&error);
      finish (task, g_error_new (MC_ERROR, MC_ERROR_FAILED, "The service gave no pipe"));
      return;
    }
  self->next++;
  write_in_thread (task, file, fd);
}

/* Takes no reference. */
static void
ask_for_next (GTask *task)
{
  McCopy *self = g_task_get_source_object (task);
  McFileItem *file;

  if (self->next == self->files->len)
    {
      finish (task, NULL);
      return;
    }
  file = g_ptr_array_index (self->files, self->next);
  if (!mc_repo_path_is_valid (mc_file_item_get_path (file)))
    {
      finish (task, g_error_new (MC_ERROR, MC_ERROR_INVALID_NAME,
                                 "A file has a name that cannot be a path"));
      return;
    }
  g_dbus_connection_call_with_unix_fd_list (
      self->bus, MC_DBUS_NAME, MC_DBUS_PATH, "com.tabagent.ModelCache1.Manager", "ReadRange",
      g_variant_new ("(sstt)", mc_file_item_get_repo (file), mc_file_item_get_path (file),
                     (guint64) 0, (guint64) 0),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, g_task_get_cancellable (task),
      pipe_cb, g_object_ref (task));
}

void
mc_copy_run_async (McCopy *self,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (self, cancellable, callback, user_data, mc_copy_run_async);

  mc_property_set_flag (self, properties[PROP_RUNNING], &self->running, TRUE);
  update (self);
  if (mc_sandbox_forgets (self->folder))
    {
      finish (task,
              g_error_new (MC_ERROR, MC_ERROR_NOT_ALLOWED,
                           "%s is only in the sandbox, and would be gone with it", self->folder));
      return;
    }
  self->looking = g_timeout_add (LOOK_MS, look_cb, self);
  ask_for_next (task);
}

gboolean
mc_copy_run_finish (McCopy *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- its life --- */

const char *
mc_copy_get_folder (McCopy *self)
{
  return self->folder;
}

McCopy *
mc_copy_new (GDBusConnection *bus, GPtrArray *files, const char *folder)
{
  McCopy *self = g_object_new (MC_TYPE_COPY, NULL);

  self->bus = g_object_ref (bus);
  self->files = g_ptr_array_ref (files);
  self->folder = g_strdup (folder);
  self->shown = mc_sandbox_describe (folder);
  for (guint i = 0; i < files->len; i++)
    self->total += mc_file_item_get_size (g_ptr_array_index (files, i));
  return self;
}

static void
mc_copy_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  McCopy *self = MC_COPY (object);

  switch (id)
    {
    case PROP_SENTENCE:
      g_value_set_string (value, self->sentence);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, self->fraction);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;
    case PROP_DONE:
      g_value_set_boolean (value, self->done);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mc_copy_finalize (GObject *object)
{
  McCopy *self = MC_COPY (object);

  g_clear_object (&self->bus);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_free (self->folder);
  g_free (self->shown);
  g_free (self->sentence);
  G_OBJECT_CLASS (mc_copy_parent_class)->finalize (object);
}

static void
mc_copy_class_init (McCopyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mc_copy_get_property;
  object_class->finalize = mc_copy_finalize;
  properties[PROP_SENTENCE] = mc_property_new_text ("sentence");
  properties[PROP_FRACTION] = mc_property_new_fraction ("fraction");
  properties[PROP_RUNNING] = mc_property_new_flag ("running");
  properties[PROP_DONE] = mc_property_new_flag ("done");
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mc_copy_init (McCopy *self)
{
}
