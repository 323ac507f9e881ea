/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-checkouts.h"

#include "mc-plain-copy.h"
#include "mc-view-tree.h"

#include "mc-error.h"
#include "mc-task.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* All of them lie in one folder of the store, so that they are on its disk, and easily found after
 * a crash. A content that another of them has is linked to, and one that is open as an unnamed copy
 * is copied by the kernel, which takes no space where the file system shares blocks. */

#define FOLDER "checkouts"

struct _McCheckouts
{
  McStore *store;            /* (owned) */
  McCopies *copies;          /* borrowed: it outlives this */
  GCancellable *cancellable; /* (owned) */
  GThreadPool *removers;     /* (owned): of char *, one thread */
  GPtrArray *made;           /* (owned): McCheckout, borrowed */
};

struct _McCheckout
{
  McCheckouts *owner; /* borrowed */
  char *folder;
  GPtrArray *parts; /* (owned): Part */
  guint64 reserved; /* bytes */
};

/* One file of it. */
typedef struct
{
  char *path; /* in the folder */
  McDigest digest;
  guint64 size;
  char *twin; /* (nullable): the same bytes as a plain file that can be linked to */
  int source; /* the same bytes as a descriptor; -1: none */
} Part;

static void
part_free (gpointer data)
{
  Part *part = data;

  if (part->source >= 0)
    close (part->source);
  g_free (part->twin);
  g_free (part->path);
  g_free (part);
}

/* --- on other threads --- */

static int
remove_entry (const char *path, const struct stat *info, int type, struct FTW *place)
{
  return g_remove (path);
}

static void
remove_folder (gpointer data, gpointer unused)
{
  g_autofree char *folder = data;

  nftw (folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static gboolean
fail (const char *doing, int code, GError **error)
{
  g_set_error (error, MC_ERROR,
               code == ENOSPC || code == EDQUOT ? MC_ERROR_NO_SPACE : MC_ERROR_STORE, "%s: %s",
               doing, g_strerror (code));
  return FALSE;
}

/* FALSE: it has to be copied by reading it. */
static gboolean
copy_by_kernel (int from, int to, guint64 size)
{
  off_t offset = 0;

  while ((guint64) offset < size)
    if (copy_file_range (from, &offset, to, NULL, (size_t) (size - (guint64) offset), 0) <= 0)
      return FALSE;
  return TRUE;
}

static gboolean
fill (Part *part, int fd, const char *store, GCancellable *cancellable, GError **error)
{
  if (part->source >= 0 && copy_by_kernel (part->source, fd, part->size))
    return TRUE;
  return mc_plain_copy_make_room (fd, part->size, error)
         && mc_plain_copy_fill (fd, store, &part->digest, part->size, cancellable, error);
}

static gboolean
make_part (
    Part *part, const char *folder, const char *store, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_build_filename (folder, part->path, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  gboolean ok;
  int fd;

  if (g_mkdir_with_parents (parent, 0700) != 0)
    return fail ("Making a folder", errno, error);
  if (part->twin != NULL && link (part->twin, path) == 0)
    return TRUE;
  fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
  if (fd < 0)
    return fail ("Making a file", errno, error);
  ok = fill (part, fd, store, cancellable, error);
  close (fd);
  return ok;
}

typedef struct
{
  McCheckout *checkout; /* (owned) until it is made */
  char *store;          /* its folder */
  const Part *part;     /* (nullable), borrowed: that could not be made */
} Making;

static gboolean
make_all (Making *making, GCancellable *cancellable, GError **error)
{
  McCheckout *checkout = making->checkout;
  g_autofree char *parent = g_build_filename (making->store, FOLDER, NULL);
  char *folder = g_build_filename (parent, "XXXXXX", NULL);

  if (g_mkdir_with_parents (parent, 0700) != 0 || g_mkdtemp (folder) == NULL)
    {
      g_free (folder);
      return fail ("Making a folder", errno, error);
    }
  checkout->folder = folder;
  for (guint i = 0; i < checkout->parts->len; i++)
    {
      Part *part = g_ptr_array_index (checkout->parts, i);

      if (!make_part (part, folder, making->store, cancellable, error))
        {
          making->part = part;
          g_prefix_error (error, "%s: ", part->path);
          return FALSE;
        }
    }
  return TRUE;
}

static void
make (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (make_all (data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* --- on the main thread --- */

/* What an earlier service left. */
static void
remove_leftovers (McCheckouts *self)
{
  g_autofree char *parent = g_build_filename (mc_store_get_folder (self->store), FOLDER, NULL);
  g_autoptr (GDir) dir = g_dir_open (parent, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_thread_pool_push (self->removers, g_build_filename (parent, name, NULL), NULL);
}

McCheckouts *
mc_checkouts_new (McStore *store, McCopies *copies)
{
  McCheckouts *self = g_new0 (McCheckouts, 1);

  self->store = g_object_ref (store);
  self->copies = copies;
  self->cancellable = g_cancellable_new ();
  self->removers = g_thread_pool_new (remove_folder, NULL, 1, FALSE, NULL);
  self->made = g_ptr_array_new ();
  remove_leftovers (self);
  return self;
}

void
mc_checkouts_stop (McCheckouts *self)
{
  g_cancellable_cancel (self->cancellable);
}

void
mc_checkouts_free (McCheckouts *self)
{
  g_autofree char *parent = g_build_filename (mc_store_get_folder (self->store), FOLDER, NULL);

  g_assert (self->made->len == 0);
  g_thread_pool_free (self->removers, FALSE, TRUE);
  g_rmdir (parent);
  g_ptr_array_unref (self->made);
  g_object_unref (self->cancellable);
  g_object_unref (self->store);
  g_free (self);
}

const char *
mc_checkout_get_folder (McCheckout *self)
{
  return self->folder;
}

void
mc_checkout_free (McCheckout *self)
{
  if (self == NULL)
    return;
  g_ptr_array_remove_fast (self->owner->made, self);
  mc_copies_release (self->owner->copies, self->reserved);
  if (self->folder != NULL)
    g_thread_pool_push (self->owner->removers, g_steal_pointer (&self->folder), NULL);
  g_ptr_array_unref (self->parts);
  g_free (self);
}

static void
making_free (gpointer data)
{
  Making *making = data;

  mc_checkout_free (making->checkout);
  g_free (making->store);
  g_free (making);
}

/* (nullable): a file of another one with these bytes. */
static char *
find_twin (McCheckouts *self, const McDigest *digest)
{
  for (guint i = 0; i < self->made->len; i++)
    {
      const McCheckout *other = g_ptr_array_index (self->made, i);

      for (guint j = 0; other->folder != NULL && j < other->parts->len; j++)
        {
          const Part *part = g_ptr_array_index (other->parts, j);

          if (mc_digest_equal (&part->digest, digest))
            return g_build_filename (other->folder, part->path, NULL);
        }
    }
  return NULL;
}

static McCheckout *
plan (McCheckouts *self, GPtrArray *files, GError **error)
{
  McCheckout *checkout = g_new0 (McCheckout, 1);

  checkout->owner = self;
  checkout->parts = g_ptr_array_new_with_free_func (part_free);
  for (guint i = 0; i < files->len; i++)
    {
      const McFile *file = g_ptr_array_index (files, i);
      g_auto (GStrv) words = mc_view_split_path (file->path);
      Part *part = g_new0 (Part, 1);

      part->path = g_strdup (file->path);
      part->digest = file->digest;
      part->size = file->size;
      part->twin = find_twin (self, &file->digest);
      part->source = mc_copies_dup (self->copies, &file->digest);
      g_ptr_array_add (checkout->parts, part);
      if (words == NULL)
        {
          g_set_error (error, MC_ERROR, MC_ERROR_INVALID_NAME, "“%s” cannot be a file's name",
                       file->path);
          mc_checkout_free (checkout);
          return NULL;
        }
      if (part->twin == NULL)
        checkout->reserved += file->size;
    }
  return checkout;
}

static void
pin (McCheckouts *self, McCheckout *checkout, gboolean pinned)
{
  for (guint i = 0; i < checkout->parts->len; i++)
    {
      const Part *part = g_ptr_array_index (checkout->parts, i);

      (pinned ? mc_store_pin : mc_store_unpin) (self->store, &part->digest);
    }
}

static void
on_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  McCheckouts *self = g_task_get_task_data (task);
  Making *making = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;

  pin (self, making->checkout, FALSE);
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      if (making->part != NULL && g_error_matches (error, MC_ERROR, MC_ERROR_CORRUPT))
        mc_store_suspect (self->store, &making->part->digest);
      g_task_return_error (task, error);
      return;
    }
  g_ptr_array_add (self->made, making->checkout);
  g_task_return_pointer (task, g_steal_pointer (&making->checkout),
                         (GDestroyNotify) mc_checkout_free);
}

void
mc_checkouts_make_async (McCheckouts *self,
                         GPtrArray *files,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = mc_task_new (self->store, NULL, callback, user_data, mc_checkouts_make_async);
  GError *error = NULL;
  McCheckout *checkout = plan (self, files, &error);
  g_autoptr (GTask) work = NULL;
  Making *making;
  guint64 wanted = checkout == NULL ? 0 : checkout->reserved;

  g_task_set_task_data (task, self, NULL);
  if (checkout != NULL)
    checkout->reserved = 0;
  if (checkout == NULL || !mc_copies_reserve (self->copies, wanted, &error))
    {
      mc_checkout_free (checkout);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  checkout->reserved = wanted;
  making = g_new0 (Making, 1);
  making->checkout = checkout;
  making->store = g_strdup (mc_store_get_folder (self->store));
  pin (self, checkout, TRUE);
  work = mc_task_new (self->store, self->cancellable, on_made, task, mc_checkouts_make_async);
  g_task_set_task_data (work, making, making_free);
  g_task_set_check_cancellable (work, FALSE);
  g_task_run_in_thread (work, make);
}

McCheckout *
mc_checkouts_make_finish (McCheckouts *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
