/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-drag-out.h"

#include "mc-copy.h"
#include "mc-file-row.h"
#include "mc-gestures.h"
#include "mc-task.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define URI_LIST "text/uri-list"
#define DAY (24 * 3600)

struct _McFileProvider
{
  GdkContentProvider parent_instance;
  GDBusConnection *bus; /* (owned) */
  McFileItem *file;     /* (owned) */
  char *uri;            /* (owned) (nullable): of the copy, once it was asked for */
};

G_DEFINE_FINAL_TYPE (McFileProvider, mc_file_provider, GDK_TYPE_CONTENT_PROVIDER)

static char *
get_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), MC_FOLDER, "dragged", NULL);
}

/* --- the copy --- */

typedef struct
{
  GOutputStream *stream; /* (owned) */
  int priority;
} Writing;

static void
writing_free (gpointer data)
{
  Writing *writing = data;

  g_object_unref (writing->stream);
  g_free (writing);
}

static void
address_written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
write_address (GTask *task)
{
  McFileProvider *self = g_task_get_source_object (task);
  Writing *writing = g_task_get_task_data (task);

  g_output_stream_write_all_async (writing->stream, self->uri, strlen (self->uri),
                                   writing->priority, g_task_get_cancellable (task),
                                   address_written_cb, g_object_ref (task));
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McFileProvider *self = g_task_get_source_object (task);
  McCopy *copy = MC_COPY (source);
  g_autofree char *path =
      g_build_filename (mc_copy_get_folder (copy), mc_file_item_get_path (self->file), NULL);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  GError *error = NULL;

  if (!mc_copy_run_finish (copy, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_free (self->uri);
  self->uri = g_strconcat (uri, "\r\n", NULL);
  write_address (task);
}

static void
mc_file_provider_write_mime_type_async (GdkContentProvider *provider,
                                        const char *mime_type,
                                        GOutputStream *stream,
                                        int io_priority,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  McFileProvider *self = MC_FILE_PROVIDER (provider);
  g_autoptr (GTask) task = mc_task_new (provider, cancellable, callback, user_data,
                                        mc_file_provider_write_mime_type_async);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *parent = get_folder ();
  g_autofree char *name = g_uuid_string_random ();
  g_autofree char *folder = g_build_filename (parent, name, NULL);
  g_autoptr (McCopy) copy = NULL;
  Writing *writing = g_new (Writing, 1);

  *writing = (Writing){ g_object_ref (stream), io_priority };
  g_task_set_task_data (task, writing, writing_free);
  if (self->uri != NULL)
    {
      write_address (task);
      return;
    }
  g_ptr_array_add (files, g_object_ref (self->file));
  copy = mc_copy_new (self->bus, files, folder);
  mc_copy_run_async (copy, cancellable, copied_cb, g_object_ref (task));
}

static gboolean
mc_file_provider_write_mime_type_finish (GdkContentProvider *provider,
                                         GAsyncResult *result,
                                         GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static GdkContentFormats *
mc_file_provider_ref_formats (GdkContentProvider *provider)
{
  const char *types[] = { URI_LIST };

  return gdk_content_formats_new (types, G_N_ELEMENTS (types));
}

GdkContentProvider *
mc_file_provider_new (GDBusConnection *bus, McFileItem *file)
{
  McFileProvider *self = g_object_new (MC_TYPE_FILE_PROVIDER, NULL);

  self->bus = g_object_ref (bus);
  self->file = g_object_ref (file);
  return GDK_CONTENT_PROVIDER (self);
}

static void
mc_file_provider_finalize (GObject *object)
{
  McFileProvider *self = MC_FILE_PROVIDER (object);

  g_clear_object (&self->bus);
  g_clear_object (&self->file);
  g_free (self->uri);
  G_OBJECT_CLASS (mc_file_provider_parent_class)->finalize (object);
}

static void
mc_file_provider_class_init (McFileProviderClass *klass)
{
  GdkContentProviderClass *provider_class = GDK_CONTENT_PROVIDER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = mc_file_provider_finalize;
  provider_class->ref_formats = mc_file_provider_ref_formats;
  provider_class->write_mime_type_async = mc_file_provider_write_mime_type_async;
  provider_class->write_mime_type_finish = mc_file_provider_write_mime_type_finish;
}

static void
mc_file_provider_init (McFileProvider *self)
{
}

/* --- dragging --- */

static GdkContentProvider *
on_prepare (GtkDragSource *source, double x, double y, gpointer user_data)
{
  McDbusManager *manager = mc_inventory_get_manager (user_data);
  GtkWidget *widget = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));
  GtkWidget *picked = gtk_widget_pick (widget, x, y, GTK_PICK_DEFAULT);
  GtkWidget *row = picked == NULL ? NULL : gtk_widget_get_ancestor (picked, MC_TYPE_FILE_ROW);
  McFileItem *file = row == NULL ? NULL : mc_file_row_get_item (MC_FILE_ROW (row));

  if (file == NULL || !mc_file_item_get_complete (file) || manager == NULL)
    return NULL;
  return mc_file_provider_new (g_dbus_proxy_get_connection (G_DBUS_PROXY (manager)), file);
}

void
mc_drag_out_attach (GtkWidget *widget, McInventory *inventory)
{
  GtkDragSource *source = gtk_drag_source_new ();

  g_signal_connect_object (source, "prepare", G_CALLBACK (on_prepare), inventory, 0);
  g_signal_connect_object (source, "drag-end", G_CALLBACK (mc_gestures_let_go), widget,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (source));
}

/* --- what is left --- */

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
tidy (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const char *folder = task_data;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (folder, name, NULL);
      GStatBuf about;

      if (g_lstat (child, &about) == 0 && S_ISDIR (about.st_mode) && now - about.st_mtime > DAY)
        remove_tree (child);
    }
}

void
mc_drag_out_tidy (void)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_source_tag (task, mc_drag_out_tidy);
  g_task_set_task_data (task, get_folder (), g_free);
  g_task_run_in_thread (task, tidy);
}
