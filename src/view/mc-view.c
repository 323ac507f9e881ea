/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-view.h"

#include "mc-view-fuse.h"
#include "mc-view-mount.h"

#include "mc-error.h"
#include "mc-task.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct _McView
{
  McStore *store; /* (owned) */
  char *folder;
  McViewNumbers *numbers; /* (owned) */
  McViewTree *tree;       /* (owned): what it shows */
  McViewFuse *fuse;       /* (owned) */
  GMainContext *context;  /* (owned) */
  void (*gone) (gpointer user_data);
  gpointer user_data;
  GSource *notice; /* (owned): told by a thread that it is gone */
};

typedef struct
{
  char *path;
  guint64 number;
} Opening;

/* --- making and ending it --- */

static gboolean
on_gone (gpointer data)
{
  McView *self = data;

  self->gone (self->user_data);
  return G_SOURCE_REMOVE;
}

/* On one of its threads; each of them may say so. */
static void
tell_gone (gpointer data)
{
  McView *self = data;

  g_source_set_ready_time (self->notice, 0);
}

static gboolean
dispatch_notice (GSource *source, GSourceFunc callback, gpointer data)
{
  g_source_set_ready_time (source, -1);
  return callback (data);
}

static GSource *
make_notice (McView *self)
{
  static GSourceFuncs functions = { .dispatch = dispatch_notice };
  GSource *source = g_source_new (&functions, sizeof (GSource));

  g_source_set_callback (source, on_gone, self, NULL);
  g_source_attach (source, self->context);
  return source;
}

static void
view_free (McView *self)
{
  g_source_destroy (self->notice);
  g_source_unref (self->notice);
  g_hash_table_unref (self->numbers);
  mc_view_tree_unref (self->tree);
  g_main_context_unref (self->context);
  g_object_unref (self->store);
  g_free (self->folder);
  g_free (self);
}

McView *
mc_view_new (McStore *store,
             const char *folder,
             void (*gone) (gpointer user_data),
             gpointer user_data,
             GError **error)
{
  McView *self;

  if (!mc_view_mount_prepare (folder, error))
    return NULL;
  self = g_new0 (McView, 1);
  self->store = g_object_ref (store);
  self->folder = g_strdup (folder);
  self->numbers = mc_view_numbers_new ();
  self->tree = mc_view_tree_new ();
  self->context = g_main_context_ref_thread_default ();
  self->gone = gone;
  self->user_data = user_data;
  self->notice = make_notice (self);
  self->fuse = mc_view_fuse_new (store, folder, tell_gone, self, error);
  if (self->fuse != NULL)
    return self;
  view_free (self);
  return NULL;
}

void
mc_view_stop (McView *self)
{
  mc_view_fuse_free (self->fuse);
  /* Where it is mounted still, as it is for who has something open there, nothing is changed. */
  g_rmdir (self->folder);
  view_free (self);
}

const char *
mc_view_get_folder (McView *self)
{
  return self->folder;
}

McViewNumbers *
mc_view_get_numbers (McView *self)
{
  return self->numbers;
}

void
mc_view_show (McView *self, McViewTree *tree)
{
  g_clear_pointer (&self->tree, mc_view_tree_unref);
  self->tree = mc_view_tree_ref (tree);
  mc_view_fuse_show (self->fuse, tree);
}

static gboolean
shows (McView *self, const char *name, const McFile *file)
{
  g_autofree char *path = g_strconcat (name, "/", file->path, NULL);
  g_auto (GStrv) words = mc_view_split_path (path);
  const McViewNode *node = mc_view_tree_get (self->tree, MC_VIEW_ROOT);

  for (guint i = 0; words != NULL && words[i] != NULL && node != NULL; i++)
    node = mc_view_tree_look_up (self->tree, node->number, words[i]);
  return words != NULL && node != NULL && node->kind == MC_VIEW_FILE
         && mc_digest_equal (&node->digest, &file->digest);
}

char *
mc_view_find_files (McView *self, McManifest *manifest, GPtrArray *files)
{
  g_autofree char *name = mc_view_make_repo_name (manifest);

  for (guint i = 0; name != NULL && i < files->len; i++)
    if (!shows (self, name, g_ptr_array_index (files, i)))
      return NULL;
  return name == NULL ? NULL : g_build_filename (self->folder, name, NULL);
}

/* --- opening --- */

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  g_free (opening->path);
  g_free (opening);
}

static void
open_it (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Opening *opening = data;
  int fd = g_open (opening->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
  int code = errno;

  if (fd < 0)
    {
      g_task_return_new_error (task, MC_ERROR, code == EIO ? MC_ERROR_CORRUPT : MC_ERROR_STORE,
                               "Opening it in the folder: %s", g_strerror (code));
      return;
    }
  /* The kernel reads ahead twice as much; it goes along with the descriptor. */
  posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  g_task_return_int (task, fd);
}

void
mc_view_open_async (McView *self,
                    const McDigest *digest,
                    guint64 size,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = mc_task_new (self->store, NULL, callback, user_data, mc_view_open_async);
  g_autofree char *hex = mc_digest_to_hex (digest);
  Opening *opening = g_new0 (Opening, 1);

  opening->path = g_build_filename (self->folder, MC_VIEW_OFFERS, hex, NULL);
  opening->number = mc_view_number_content (self->numbers, digest);
  mc_view_fuse_offer (self->fuse, opening->number, digest, size);
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, open_it);
}

int
mc_view_open_finish (McView *self, GAsyncResult *result, GError **error)
{
  const Opening *opening = g_task_get_task_data (G_TASK (result));
  GError *local = NULL;
  gssize fd = g_task_propagate_int (G_TASK (result), &local);

  /* NULL: it was unmounted meanwhile. */
  if (self != NULL)
    mc_view_fuse_withdraw (self->fuse, opening->number);
  if (local == NULL)
    return (int) fd;
  g_propagate_error (error, local);
  return -1;
}
