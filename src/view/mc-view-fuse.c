/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-view-fuse.h"

#include "mc-error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

/* A few threads wait for what the kernel asks, each by itself, and answer it from values: the tree
 * that is shown now, and the contents that are open. Contents never change, so the kernel may keep
 * what it has read; names may, so it asks for those again after a second. */

#define THREADS 3
#define OFFERS 2 /* the number of their folder */
#define FOREVER 86400.0
#define SHORTLY 1.0
#define BLOCK 4096
/* 1980-01-02: archives cannot tell of earlier days. */
#define MADE 315619200

struct _McViewFuse
{
  struct fuse_session *session;
  McViewContents *contents; /* (owned) */
  GThread *threads[THREADS];
  int stop; /* (owned): an eventfd that can be read once they are to end */
  void (*gone) (gpointer user_data);
  gpointer user_data;
  int ending; /* atomic */

  GMutex lock;        /* of all below */
  McViewTree *tree;   /* (owned) */
  GHashTable *offers; /* (owned): number => Offer */
};

typedef struct
{
  guint64 number;
  McDigest digest;
  guint64 size;
  guint count;
} Offer;

static McViewFuse *
get_self (fuse_req_t request)
{
  return fuse_req_userdata (request);
}

static McViewTree *
ref_tree (McViewFuse *self)
{
  McViewTree *tree;

  g_mutex_lock (&self->lock);
  tree = mc_view_tree_ref (self->tree);
  g_mutex_unlock (&self->lock);
  return tree;
}

/* --- attributes --- */

static void
fill (struct stat *info, guint64 number, McViewKind kind, guint64 size)
{
  static const mode_t modes[] = {
    [MC_VIEW_FOLDER] = S_IFDIR | 0555,
    [MC_VIEW_FILE] = S_IFREG | 0444,
    [MC_VIEW_LINK] = S_IFLNK | 0777,
    [MC_VIEW_TEXT] = S_IFREG | 0444,
  };

  memset (info, 0, sizeof *info);
  info->st_ino = number;
  info->st_mode = modes[kind];
  info->st_nlink = kind == MC_VIEW_FOLDER ? 2 : 1;
  info->st_uid = getuid ();
  info->st_gid = getgid ();
  info->st_size = (off_t) size;
  info->st_blksize = 1024 * 1024;
  info->st_blocks = (blkcnt_t) ((size + 511) / 512);
  info->st_mtim.tv_sec = info->st_ctim.tv_sec = info->st_atim.tv_sec = MADE;
}

static double
get_patience (McViewKind kind)
{
  return kind == MC_VIEW_FOLDER ? SHORTLY : FOREVER;
}

static void
answer_entry (
    fuse_req_t request, guint64 number, McViewKind kind, guint64 size, double name_patience)
{
  struct fuse_entry_param entry = { .ino = number };

  entry.attr_timeout = get_patience (kind);
  entry.entry_timeout = name_patience;
  fill (&entry.attr, number, kind, size);
  fuse_reply_entry (request, &entry);
}

/* --- offers --- */

static void
look_up_offer (fuse_req_t request, const char *name)
{
  McViewFuse *self = get_self (request);
  GHashTableIter iter;
  gpointer value;
  guint64 number = 0;
  guint64 size = 0;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->offers);
  while (number == 0 && g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Offer *offer = value;
      g_autofree char *hex = mc_digest_to_hex (&offer->digest);

      if (strcmp (hex, name) != 0)
        continue;
      number = offer->number;
      size = offer->size;
    }
  g_mutex_unlock (&self->lock);
  if (number == 0)
    fuse_reply_err (request, ENOENT);
  else
    answer_entry (request, number, MC_VIEW_FILE, size, 0);
}

static gboolean
find_offer (McViewFuse *self, guint64 number, McDigest *digest, guint64 *size)
{
  const Offer *offer;

  g_mutex_lock (&self->lock);
  offer = g_hash_table_lookup (self->offers, &number);
  if (offer != NULL)
    {
      *digest = offer->digest;
      *size = offer->size;
    }
  g_mutex_unlock (&self->lock);
  return offer != NULL;
}

/* --- names --- */

static void
look_up (fuse_req_t request, fuse_ino_t parent, const char *name)
{
  g_autoptr (McViewTree) tree = NULL;
  const McViewNode *node;

  if (parent == OFFERS)
    {
      look_up_offer (request, name);
      return;
    }
  if (parent == MC_VIEW_ROOT && strcmp (name, MC_VIEW_OFFERS) == 0)
    {
      answer_entry (request, OFFERS, MC_VIEW_FOLDER, 0, FOREVER);
      return;
    }
  tree = ref_tree (get_self (request));
  node = mc_view_tree_look_up (tree, parent, name);
  if (node == NULL)
    fuse_reply_err (request, ENOENT);
  else
    answer_entry (request, node->number, node->kind, node->size, SHORTLY);
}

static void
get_attributes (fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
  McViewFuse *self = get_self (request);
  g_autoptr (McViewTree) tree = ref_tree (self);
  const McViewNode *node = mc_view_tree_get (tree, number);
  McDigest digest;
  struct stat info;
  guint64 size;

  if (node != NULL)
    fill (&info, number, node->kind, node->size);
  else if (number == OFFERS)
    fill (&info, number, MC_VIEW_FOLDER, 0);
  else if (mc_view_contents_get_size (self->contents, number, &size)
           || find_offer (self, number, &digest, &size))
    fill (&info, number, MC_VIEW_FILE, size);
  else
    {
      fuse_reply_err (request, ENOENT);
      return;
    }
  fuse_reply_attr (request, &info, S_ISDIR (info.st_mode) ? SHORTLY : FOREVER);
}

static void
read_link (fuse_req_t request, fuse_ino_t number)
{
  g_autoptr (McViewTree) tree = ref_tree (get_self (request));
  const McViewNode *node = mc_view_tree_get (tree, number);

  if (node == NULL || node->kind != MC_VIEW_LINK)
    fuse_reply_err (request, EINVAL);
  else
    fuse_reply_readlink (request, node->text);
}

/* A listing is of the tree that was shown when it was begun. */
static void
open_folder (fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
  file->fh = (guint64) (gsize) ref_tree (get_self (request));
  fuse_reply_open (request, file);
}

static void
close_folder (fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
  mc_view_tree_unref ((McViewTree *) (gsize) file->fh);
  fuse_reply_err (request, 0);
}

/* The name at that place of the listing, which begins with the folder itself and its parent; NULL
 * at the end. */
static const char *
get_name (McViewTree *tree, const McViewNode *folder, guint64 place, struct stat *info)
{
  const McViewNode *node = folder;
  const char *name = place == 0 ? "." : "..";

  if (place >= folder->names->len + 2)
    return NULL;
  if (place == 1)
    node = mc_view_tree_get (tree, folder->parent);
  if (place > 1)
    {
      name = g_ptr_array_index (folder->names, place - 2);
      node = g_hash_table_lookup (folder->byname, name);
    }
  fill (info, node->number, node->kind, node->size);
  return name;
}

static void
read_folder (
    fuse_req_t request, fuse_ino_t number, size_t size, off_t offset, struct fuse_file_info *file)
{
  McViewTree *tree = (McViewTree *) (gsize) file->fh;
  const McViewNode *folder = mc_view_tree_get (tree, number);
  g_autofree char *buffer = g_malloc (size);
  const char *name;
  struct stat info;
  gsize used = 0;

  while (folder != NULL && folder->kind == MC_VIEW_FOLDER
         && (name = get_name (tree, folder, (guint64) offset, &info)) != NULL)
    {
      gsize needed = fuse_add_direntry (request, buffer + used, size - used, name, &info, ++offset);

      if (needed > size - used)
        break;
      used += needed;
    }
  fuse_reply_buf (request, buffer, used);
}

/* --- bytes --- */

static gboolean
is_text (McViewFuse *self, guint64 number)
{
  g_autoptr (McViewTree) tree = ref_tree (self);
  const McViewNode *node = mc_view_tree_get (tree, number);

  return node != NULL && node->kind == MC_VIEW_TEXT;
}

static McViewContent *
open_content (McViewFuse *self, guint64 number, int *code)
{
  g_autoptr (McViewTree) tree = ref_tree (self);
  const McViewNode *node = mc_view_tree_get (tree, number);
  McDigest digest;
  guint64 size;

  *code = ENOENT;
  if (node != NULL && node->kind == MC_VIEW_FILE)
    return mc_view_contents_open (self->contents, number, &node->digest, node->size, code);
  if (find_offer (self, number, &digest, &size))
    return mc_view_contents_open (self->contents, number, &digest, size, code);
  /* By a descriptor of somebody who has it open. */
  return mc_view_contents_open_again (self->contents, number);
}

static void
open_file (fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
  McViewFuse *self = get_self (request);
  McViewContent *content = NULL;
  int code = EROFS;

  if ((file->flags & O_ACCMODE) == O_RDONLY && !is_text (self, number))
    {
      content = open_content (self, number, &code);
      if (content == NULL)
        {
          fuse_reply_err (request, code);
          return;
        }
    }
  else if ((file->flags & O_ACCMODE) != O_RDONLY)
    {
      fuse_reply_err (request, EROFS);
      return;
    }
  file->fh = (guint64) (gsize) content;
  file->keep_cache = 1;
  file->noflush = 1;
  if (fuse_reply_open (request, file) == -ENOENT && content != NULL)
    mc_view_contents_close (self->contents, content); /* whoever wanted it is gone */
}

static void
close_file (fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
  if (file->fh != 0)
    mc_view_contents_close (get_self (request)->contents, (McViewContent *) (gsize) file->fh);
  fuse_reply_err (request, 0);
}

static void
read_text (fuse_req_t request, guint64 number, gsize size, guint64 offset)
{
  g_autoptr (McViewTree) tree = ref_tree (get_self (request));
  const McViewNode *node = mc_view_tree_get (tree, number);

  if (node == NULL || node->kind != MC_VIEW_TEXT)
    fuse_reply_err (request, EIO);
  else if (offset >= node->size)
    fuse_reply_buf (request, NULL, 0);
  else
    fuse_reply_buf (request, node->text + offset, MIN (size, node->size - offset));
}

static void
free_buffer (gpointer buffer)
{
  g_free (buffer);
}

/* Of this thread, of at least that size. The kernel asks for the same amounts again and again. */
static guint8 *
get_buffer (gsize size)
{
  static GPrivate buffer = G_PRIVATE_INIT (free_buffer);
  static _Thread_local gsize has = 0;

  if (size > has || g_private_get (&buffer) == NULL)
    {
      g_private_replace (&buffer, g_malloc (size));
      has = size;
    }
  return g_private_get (&buffer);
}

static void
read_file (
    fuse_req_t request, fuse_ino_t number, size_t size, off_t offset, struct fuse_file_info *file)
{
  McViewContent *content = (McViewContent *) (gsize) file->fh;
  guint64 start = (guint64) offset;
  guint8 *buffer;
  gsize length;
  int code;

  if (content == NULL)
    {
      read_text (request, number, size, start);
      return;
    }
  if (start >= mc_view_content_get_size (content))
    {
      fuse_reply_buf (request, NULL, 0);
      return;
    }
  length = (gsize) MIN (size, mc_view_content_get_size (content) - start);
  buffer = get_buffer (length);
  code = mc_view_contents_read (get_self (request)->contents, content, start, buffer, length);
  if (code != 0)
    fuse_reply_err (request, code);
  else
    fuse_reply_buf (request, (const char *) buffer, length);
}

static void
say_space (fuse_req_t request, fuse_ino_t number)
{
  const struct statvfs info = { .f_bsize = BLOCK, .f_frsize = BLOCK, .f_namemax = 255 };

  fuse_reply_statfs (request, &info);
}

static void
begin (void *user_data, struct fuse_conn_info *connection)
{
  /* What is read is checked here, so it passes through memory anyway. */
  connection->want &= ~(unsigned) (FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE
                                   | FUSE_CAP_SPLICE_MOVE | FUSE_CAP_AUTO_INVAL_DATA);
  connection->want |= connection->capable & FUSE_CAP_CACHE_SYMLINKS;
}

static const struct fuse_lowlevel_ops operations = {
  .init = begin,
  .lookup = look_up,
  .getattr = get_attributes,
  .readlink = read_link,
  .opendir = open_folder,
  .readdir = read_folder,
  .releasedir = close_folder,
  .open = open_file,
  .read = read_file,
  .release = close_file,
  .statfs = say_space,
};

/* --- threads --- */

/* Of those that wait, one is woken for each question. */
static int
watch (McViewFuse *self)
{
  struct epoll_event question = { .events = EPOLLIN | EPOLLEXCLUSIVE };
  struct epoll_event end = { .events = EPOLLIN };
  int poller = epoll_create1 (EPOLL_CLOEXEC);

  if (poller >= 0
      && (epoll_ctl (poller, EPOLL_CTL_ADD, fuse_session_fd (self->session), &question) != 0
          || epoll_ctl (poller, EPOLL_CTL_ADD, self->stop, &end) != 0))
    {
      close (poller);
      return -1;
    }
  return poller;
}

static gpointer
run (gpointer data)
{
  McViewFuse *self = data;
  struct fuse_buf buffer = { .mem = NULL };
  int poller = watch (self);
  struct epoll_event event;

  while (poller >= 0 && !g_atomic_int_get (&self->ending) && !fuse_session_exited (self->session))
    {
      int length = fuse_session_receive_buf (self->session, &buffer);

      if (length > 0)
        fuse_session_process_buf (self->session, &buffer);
      else if (length == -EAGAIN)
        epoll_wait (poller, &event, 1, -1);
      else if (length != -EINTR)
        break;
    }
  if (poller >= 0)
    close (poller);
  free (buffer.mem);
  if (!g_atomic_int_get (&self->ending))
    self->gone (self->user_data);
  return NULL;
}

static void
start_threads (McViewFuse *self)
{
  int fd = fuse_session_fd (self->session);

  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  self->stop = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  for (guint i = 0; i < THREADS; i++)
    self->threads[i] = g_thread_new ("mc-view", run, self);
}

static void
stop_threads (McViewFuse *self)
{
  const guint64 one = 1;

  g_atomic_int_set (&self->ending, TRUE);
  if (write (self->stop, &one, sizeof one) != sizeof one)
    g_warning ("The folder's threads cannot be woken: %s", g_strerror (errno));
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (self->threads[i]);
  close (self->stop);
}

/* --- making --- */

static GPrivate said = G_PRIVATE_INIT (g_free);

/* What libfuse would print is the reason why something failed. */
G_GNUC_PRINTF (2, 0)
static void
on_log (enum fuse_log_level level, const char *format, va_list arguments)
{
  g_autofree char *text = g_strdup_vprintf (format, arguments);

  g_debug ("%s", g_strstrip (text));
  g_private_replace (&said, g_strdup (g_strstrip (text)));
}

static gboolean
mount_it (McViewFuse *self, const char *folder, GError **error)
{
  char *words[] = {
    (char *) "model-cache", (char *) "-o",
    (char *) "ro,nosuid,nodev,noexec,default_permissions,fsname=model-cache,subtype=model-cache"
  };
  struct fuse_args arguments = FUSE_ARGS_INIT (G_N_ELEMENTS (words), words);

  fuse_set_log_func (on_log);
  self->session = fuse_session_new (&arguments, &operations, sizeof operations, self);
  fuse_opt_free_args (&arguments);
  if (self->session != NULL && fuse_session_mount (self->session, folder) == 0)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_STORE, "The folder cannot be mounted: %s",
               g_private_get (&said) == NULL ? "no reason was given"
                                             : (const char *) g_private_get (&said));
  return FALSE;
}

McViewFuse *
mc_view_fuse_new (McStore *store,
                  const char *folder,
                  void (*gone) (gpointer user_data),
                  gpointer user_data,
                  GError **error)
{
  McViewFuse *self = g_new0 (McViewFuse, 1);

  self->gone = gone;
  self->user_data = user_data;
  if (!mount_it (self, folder, error))
    {
      g_clear_pointer (&self->session, fuse_session_destroy);
      g_free (self);
      return NULL;
    }
  self->contents = mc_view_contents_new (store);
  self->tree = mc_view_tree_new ();
  self->offers = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  g_mutex_init (&self->lock);
  start_threads (self);
  return self;
}

void
mc_view_fuse_free (McViewFuse *self)
{
  stop_threads (self);
  fuse_session_unmount (self->session);
  fuse_session_destroy (self->session);
  mc_view_contents_free (self->contents);
  mc_view_tree_unref (self->tree);
  g_hash_table_unref (self->offers);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* --- what is shown --- */

void
mc_view_fuse_show (McViewFuse *self, McViewTree *tree)
{
  g_autoptr (McViewTree) before = NULL;
  g_autoptr (GArray) gone = NULL;

  g_mutex_lock (&self->lock);
  before = self->tree;
  self->tree = tree;
  g_mutex_unlock (&self->lock);
  gone = mc_view_tree_list_gone (tree, before);
  /* This waits for pages that are being read at most, and they wait for the disk alone. */
  for (guint i = 0; i < gone->len; i++)
    fuse_lowlevel_notify_inval_inode (self->session, g_array_index (gone, guint64, i), 0, 0);
}

void
mc_view_fuse_offer (McViewFuse *self, guint64 number, const McDigest *digest, guint64 size)
{
  Offer *offer;

  g_mutex_lock (&self->lock);
  offer = g_hash_table_lookup (self->offers, &number);
  if (offer == NULL)
    {
      offer = g_new0 (Offer, 1);
      offer->number = number;
      offer->digest = *digest;
      offer->size = size;
      g_hash_table_insert (self->offers, &offer->number, offer);
    }
  offer->count++;
  g_mutex_unlock (&self->lock);
}

void
mc_view_fuse_withdraw (McViewFuse *self, guint64 number)
{
  Offer *offer;

  g_mutex_lock (&self->lock);
  offer = g_hash_table_lookup (self->offers, &number);
  if (offer != NULL && --offer->count == 0)
    g_hash_table_remove (self->offers, &number);
  g_mutex_unlock (&self->lock);
}
