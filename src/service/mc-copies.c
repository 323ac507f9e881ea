/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-copies.h"

#include "mc-plain-copy.h"

#include "mc-error.h"
#include "mc-task.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Up to here a copy in memory costs less than a file. */
#define MEMORY_LIMIT (1024 * 1024)

struct _McCopies
{
  McStore *store;            /* (owned) */
  McView *view;              /* (nullable), borrowed */
  guint64 reserved;          /* bytes of all copies on the disk */
  GHashTable *copies;        /* (owned): McDigest in McCopy => McCopy, borrowed */
  GCancellable *cancellable; /* (owned) */
};

struct _McCopy
{
  gatomicrefcount ref_count;
  McCopies *owner; /* (nullable), borrowed: NULL once it is gone, or of the view */
  McCopies *payer; /* (nullable), borrowed: where its size is reserved */
  McDigest digest;
  guint64 size;
  gboolean memory;
  gboolean view;      /* there is nothing to keep: whoever has it open keeps it */
  int fd;             /* read-only; -1 until it is made */
  GPtrArray *waiters; /* (owned) (nullable): GTask, while it is made */
};

McCopies *
mc_copies_new (McStore *store)
{
  McCopies *self = g_new0 (McCopies, 1);

  self->store = g_object_ref (store);
  self->copies = g_hash_table_new (mc_digest_hash, mc_digest_equal);
  self->cancellable = g_cancellable_new ();
  return self;
}

void
mc_copies_stop (McCopies *self)
{
  g_cancellable_cancel (self->cancellable);
}

void
mc_copies_free (McCopies *self)
{
  GHashTableIter iter;
  gpointer copy;

  g_hash_table_iter_init (&iter, self->copies);
  while (g_hash_table_iter_next (&iter, NULL, &copy))
    ((McCopy *) copy)->owner = ((McCopy *) copy)->payer = NULL;
  g_hash_table_unref (self->copies);
  g_object_unref (self->cancellable);
  g_object_unref (self->store);
  g_free (self);
}

static McCopy *
copy_ref (McCopy *copy)
{
  g_atomic_ref_count_inc (&copy->ref_count);
  return copy;
}

void
mc_copy_unref (McCopy *copy)
{
  if (!g_atomic_ref_count_dec (&copy->ref_count))
    return;
  if (copy->owner != NULL)
    g_hash_table_remove (copy->owner->copies, &copy->digest);
  if (copy->payer != NULL)
    mc_copies_release (copy->payer, copy->size);
  if (copy->fd >= 0)
    close (copy->fd);
  g_clear_pointer (&copy->waiters, g_ptr_array_unref);
  g_free (copy);
}

const char *
mc_copy_get_kind (McCopy *copy)
{
  if (copy->view)
    return "view";
  return copy->memory ? "memfd" : "copy";
}

void
mc_copies_set_view (McCopies *self, McView *view)
{
  self->view = view;
}

gboolean
mc_copies_reserve (McCopies *self, guint64 bytes, GError **error)
{
  guint64 limit =
      mc_settings_get_number (mc_store_get_settings (self->store), MC_SETTING_COPIES_LIMIT);
  g_autofree char *most = g_format_size (limit);

  if (limit == 0 || bytes <= limit - MIN (limit, self->reserved))
    {
      self->reserved += bytes;
      return TRUE;
    }
  g_set_error (
      error, MC_ERROR, MC_ERROR_NO_SPACE,
      "Copies for programs would take more than %s, which the setting “copies-limit” allows: "
      "let some go, or show the store as a folder, which takes no space",
      most);
  return FALSE;
}

void
mc_copies_release (McCopies *self, guint64 bytes)
{
  g_assert (bytes <= self->reserved);
  self->reserved -= bytes;
}

int
mc_copies_dup (McCopies *self, const McDigest *digest)
{
  const McCopy *copy = g_hash_table_lookup (self->copies, digest);

  return copy == NULL || copy->fd < 0 ? -1 : fcntl (copy->fd, F_DUPFD_CLOEXEC, 0);
}

/* --- on another thread --- */

typedef struct
{
  McCopy *copy; /* (owned) */
  char *folder;
  McDigest digest;
  guint64 size;
  gboolean memory;
  int fd; /* the read-only result */
} Making;

static void
making_free (gpointer data)
{
  Making *making = data;

  mc_copy_unref (making->copy);
  g_free (making->folder);
  g_free (making);
}

static gboolean
fail (const char *doing, GError **error)
{
  int code = errno;

  g_set_error (error, MC_ERROR,
               code == ENOSPC || code == EDQUOT ? MC_ERROR_NO_SPACE : MC_ERROR_STORE, "%s: %s",
               doing, g_strerror (code));
  return FALSE;
}

static int
open_writable (Making *making, GError **error)
{
  int fd;

  if (making->memory)
    {
      fd = memfd_create ("model-cache", MFD_CLOEXEC | MFD_ALLOW_SEALING);
      if (fd < 0)
        fail ("Making memory to hand out", error);
      return fd;
    }
  fd = mc_plain_copy_open (making->folder, error);
  if (fd < 0)
    return -1;
  if (mc_plain_copy_make_room (fd, making->size, error))
    return fd;
  close (fd);
  return -1;
}

/* Another open file description, read-only, of what the descriptor is open on. */
static int
reopen (int fd, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  int again = g_open (path, O_RDONLY | O_CLOEXEC, 0);

  if (again < 0)
    fail ("Opening a copy for reading", error);
  return again;
}

static void
make_copy (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Making *making = data;
  GError *error = NULL;
  int fd = open_writable (making, &error);

  if (fd >= 0
      && mc_plain_copy_fill (fd, making->folder, &making->digest, making->size, cancellable,
                             &error))
    {
      if (making->memory
          && fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        fail ("Sealing memory", &error);
      else
        making->fd = reopen (fd, &error);
    }
  if (fd >= 0)
    close (fd);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* --- on the main thread --- */

/* Each client gets its own position in the file. */
static void
answer (GTask *task, McCopy *copy)
{
  GError *error = NULL;
  int fd = reopen (copy->fd, &error);

  if (fd < 0)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, copy_ref (copy), (GDestroyNotify) mc_copy_unref);
  g_task_return_int (task, fd);
}

static void
on_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Making *making = g_task_get_task_data (G_TASK (result));
  McCopy *copy = making->copy;
  g_autoptr (GPtrArray) waiters = g_steal_pointer (&copy->waiters);
  g_autoptr (GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  mc_store_unpin (MC_STORE (source), &copy->digest);
  if (g_error_matches (error, MC_ERROR, MC_ERROR_CORRUPT))
    mc_store_suspect (MC_STORE (source), &copy->digest);
  copy->fd = making->fd;
  if (error != NULL && copy->owner != NULL)
    {
      g_hash_table_remove (copy->owner->copies, &copy->digest);
      copy->owner = NULL;
    }
  for (guint i = 0; i < waiters->len; i++)
    {
      GTask *task = g_ptr_array_index (waiters, i);

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        answer (task, copy);
    }
}

static void
begin (McCopies *self, McCopy *copy)
{
  g_autoptr (GTask) task = mc_task_new (self->store, self->cancellable, on_made, NULL, begin);
  Making *making = g_new0 (Making, 1);

  making->copy = copy_ref (copy);
  making->folder = g_strdup (mc_store_get_folder (self->store));
  making->digest = copy->digest;
  making->size = copy->size;
  making->memory = copy->memory;
  making->fd = -1;
  mc_store_pin (self->store, &copy->digest);
  g_task_set_task_data (task, making, making_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, make_copy);
}

static McCopy *
copy_new (const McDigest *digest, guint64 size)
{
  McCopy *copy = g_new0 (McCopy, 1);

  g_atomic_ref_count_init (&copy->ref_count);
  copy->digest = *digest;
  copy->size = size;
  copy->memory = size <= MEMORY_LIMIT;
  copy->fd = -1;
  return copy;
}

/* Takes the task. */
static void
open_copy (McCopies *self, const McDigest *digest, guint64 size, GTask *task)
{
  McCopy *copy = g_hash_table_lookup (self->copies, digest);
  GError *error = NULL;

  if (copy != NULL && copy->waiters == NULL)
    {
      answer (task, copy);
      g_object_unref (task);
      return;
    }
  if (copy != NULL)
    {
      g_ptr_array_add (copy->waiters, task);
      return;
    }
  copy = copy_new (digest, size);
  if (!copy->memory && !mc_copies_reserve (self, size, &error))
    {
      mc_copy_unref (copy);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  copy->payer = copy->memory ? NULL : self;
  copy->owner = self;
  copy->waiters = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (copy->waiters, task);
  g_hash_table_insert (self->copies, &copy->digest, copy);
  begin (self, copy);
  /* From now on the one who makes it holds it, then those who have it open. */
  mc_copy_unref (copy);
}

/* What is opened in the view. */
typedef struct
{
  McCopies *owner; /* borrowed: it outlives what waits for it */
  McView *view;    /* it may be gone */
  GTask *task;     /* (owned) */
  McCopy *copy;    /* (owned) */
} Viewing;

static void
on_viewed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Viewing *viewing = user_data;
  g_autoptr (GError) error = NULL;
  McView *view = viewing->owner->view == viewing->view ? viewing->view : NULL;
  int fd = mc_view_open_finish (view, result, &error);
  McCopy *copy = viewing->copy;

  if (fd < 0)
    {
      /* It was unmounted, say. A copy is as good. */
      g_message ("%s", error->message);
      open_copy (viewing->owner, &copy->digest, copy->size, viewing->task);
      mc_copy_unref (copy);
      return;
    }
  g_task_set_task_data (viewing->task, copy, (GDestroyNotify) mc_copy_unref);
  g_task_return_int (viewing->task, fd);
  g_object_unref (viewing->task);
}

void
mc_copies_open_async (McCopies *self,
                      const McDigest *digest,
                      guint64 size,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task =
      mc_task_new (self->store, self->cancellable, callback, user_data, mc_copies_open_async);
  Viewing *viewing;

  if (self->view == NULL || size <= MEMORY_LIMIT)
    {
      open_copy (self, digest, size, task);
      return;
    }
  viewing = g_new0 (Viewing, 1);
  viewing->owner = self;
  viewing->view = self->view;
  viewing->task = task;
  viewing->copy = copy_new (digest, size);
  viewing->copy->view = TRUE;
  mc_view_open_async (self->view, digest, size, on_viewed, viewing);
}

int
mc_copies_open_finish (McCopies *self, GAsyncResult *result, McCopy **copy, GError **error)
{
  GError *local = NULL;
  gssize fd = g_task_propagate_int (G_TASK (result), &local);

  if (local != NULL)
    {
      g_propagate_error (error, local);
      return -1;
    }
  *copy = copy_ref (g_task_get_task_data (G_TASK (result)));
  return (int) fd;
}
