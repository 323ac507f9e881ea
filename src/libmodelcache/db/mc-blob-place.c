/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-db-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/uio.h>
#include <unistd.h>

/* SQLite reads a value page by page into its cache and copies it from there. In a file that nobody
 * changes the bytes can go from the system straight to whoever wants them, if it is known where
 * they lie: the row is found as SQLite's file format says (sqlite.org/fileformat2.html, sections
 * 1.3, 1.6 to 1.8), and the pages that the value overflows to are taken to follow each other, as
 * they do in a file that only grew. That is a guess, and the file may be anyone's: whoever reads in
 * this way compares the bytes with their checks, and asks SQLite if they differ. */

#define PAGE 65536u
#define MAX_RECORD (8u * 1024 * 1024)
#define DEPTH 4 /* levels of a table's tree: a million chunks have three */
#define MOST_PARTS 64
#define LOCK_PAGE (0x40000000u / PAGE + 1) /* never holds anything */
#define MAP_EVERY (PAGE / 5 + 1)           /* pages between two that map the others */

struct _McBlobFile
{
  int fd;
  guint32 root; /* page where the table's tree begins */
  struct
  {
    guint32 number; /* 0: none */
    guint8 bytes[PAGE];
  } pages[DEPTH]; /* the one read last on each level */
};

static gboolean
read_at (int fd, void *buffer, gsize length, guint64 offset)
{
  ssize_t n;

  do
    n = pread (fd, buffer, length, (off_t) offset);
  while (n < 0 && errno == EINTR);
  return n == (ssize_t) length;
}

/* Pages of another size, with room kept free in each, or without maps are not ours. */
static gboolean
is_laid_out_as_ours (int fd)
{
  guint8 header[100];
  guint32 largest_root;

  if (!read_at (fd, header, sizeof header, 0))
    return FALSE;
  largest_root = (guint32) header[52] | header[53] | header[54] | header[55];
  return header[16] == 0 && header[17] == 1 && header[20] == 0 && largest_root != 0;
}

McBlobFile *
mc_blob_file_open (const char *path, guint32 root)
{
  McBlobFile *self;
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);

  if (fd < 0)
    return NULL;
  if (root < 3 || !is_laid_out_as_ours (fd))
    {
      close (fd);
      return NULL;
    }
  self = g_new0 (McBlobFile, 1);
  /* The next bytes are brought from the disk while these are looked at. */
  posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  self->fd = fd;
  self->root = root;
  return self;
}

void
mc_blob_file_close (McBlobFile *self)
{
  close (self->fd);
  g_free (self);
}

/* --- finding --- */

/* Where in a page the next number is; beyond its end there are none. */
typedef struct
{
  const guint8 *page;
  gsize at;
} Cursor;

static gboolean
take_number (Cursor *cursor, guint n_bytes, guint32 *number)
{
  *number = 0;
  if (cursor->at > PAGE - n_bytes)
    return FALSE;
  for (guint i = 0; i < n_bytes; i++)
    *number = *number << 8 | cursor->page[cursor->at++];
  return TRUE;
}

static gboolean
take_varint (Cursor *cursor, guint64 *number)
{
  *number = 0;
  for (guint i = 0; i < 9 && cursor->at < PAGE; i++)
    {
      guint8 byte = cursor->page[cursor->at++];

      if (i == 8)
        *number = *number << 8 | byte;
      else
        *number = *number << 7 | (byte & 0x7f);
      if (i == 8 || (byte & 0x80) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_passed_over (guint32 page)
{
  return page == LOCK_PAGE || (page - 2) % MAP_EVERY == 0;
}

/* Bytes of a column's value; G_MAXUINT64 for a type that does not exist. */
static guint64
get_value_size (guint64 type)
{
  static const guint8 sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0 };

  if (type < G_N_ELEMENTS (sizes))
    return sizes[type];
  return type < 12 ? G_MAXUINT64 : (type - 12) / 2;
}

/* The value is the last one of the record, whose head says what is before it. */
static gboolean
parse_record (Cursor *cursor, guint64 size, gsize local, McBlobPlace *place)
{
  gsize start = cursor->at;
  guint64 type = 0;
  guint64 head;
  guint64 sum;

  if (!take_varint (cursor, &head) || head > local)
    return FALSE;
  sum = head;
  while (cursor->at < start + head)
    {
      if (!take_varint (cursor, &type) || get_value_size (type) > MAX_RECORD)
        return FALSE;
      sum += get_value_size (type);
    }
  if (sum != size || type < 12 || type % 2 != 0)
    return FALSE;
  place->length = (gsize) get_value_size (type);
  place->before = (gsize) size - place->length;
  return TRUE;
}

/* How much of a record lies in the row's own page: the format says so, in these numbers. */
static gsize
count_local (guint64 size)
{
  const guint64 least = (PAGE - 12) * 32 / 255 - 23;
  guint64 some = least + (size - least) % (PAGE - 4);

  if (size <= PAGE - 35)
    return (gsize) size;
  return (gsize) (some <= PAGE - 35 ? some : least);
}

static gboolean
parse_cell (
    const guint8 *page, guint32 number, gsize at, gint64 id, gboolean *found, McBlobPlace *place)
{
  Cursor cursor = { page, at };
  guint64 size;
  guint64 key;
  gsize local;
  gsize start;

  if (!take_varint (&cursor, &size) || !take_varint (&cursor, &key) || size > MAX_RECORD)
    return FALSE;
  *found = (gint64) key == id;
  if (!*found)
    return TRUE;
  local = count_local (size);
  start = cursor.at;
  if (start + local > PAGE || !parse_record (&cursor, size, local, place))
    return FALSE;
  place->local = local;
  place->at = (guint64) (number - 1) * PAGE + start;
  cursor.at = start + local;
  place->first = 0;
  return local == size || take_number (&cursor, 4, &place->first);
}

static const guint8 *
get_page (McBlobFile *self, guint level, guint32 number)
{
  if (number == 0)
    return NULL;
  if (self->pages[level].number == number)
    return self->pages[level].bytes;
  self->pages[level].number = 0;
  if (!read_at (self->fd, self->pages[level].bytes, PAGE, (guint64) (number - 1) * PAGE))
    return NULL;
  self->pages[level].number = number;
  return self->pages[level].bytes;
}

/* The child of a page that has only keys, or 0. */
static guint32
find_child (const guint8 *page, guint32 n_cells, gint64 id)
{
  Cursor head = { page, 8 };
  guint32 last;

  if (!take_number (&head, 4, &last))
    return 0;
  for (guint i = 0; i < n_cells; i++)
    {
      Cursor cell = { page, 0 };
      guint32 at;
      guint32 child;
      guint64 key;

      if (!take_number (&head, 2, &at))
        return 0;
      cell.at = at;
      if (!take_number (&cell, 4, &child) || !take_varint (&cell, &key))
        return 0;
      if (id <= (gint64) key)
        return child;
    }
  return last;
}

static gboolean
find_in_leaf (const guint8 *page, guint32 number, guint32 n_cells, gint64 id, McBlobPlace *place)
{
  Cursor head = { page, 8 };
  gboolean found = FALSE;

  for (guint i = 0; i < n_cells && !found; i++)
    {
      guint32 at;

      if (!take_number (&head, 2, &at) || !parse_cell (page, number, at, id, &found, place))
        return FALSE;
    }
  return found;
}

gboolean
mc_blob_file_find (McBlobFile *self, gint64 id, McBlobPlace *place)
{
  guint32 number = self->root;

  for (guint level = 0; level < DEPTH; level++)
    {
      const guint8 *page = get_page (self, level, number);
      Cursor head = { page, 3 };
      guint32 n_cells;

      if (page == NULL || !take_number (&head, 2, &n_cells))
        return FALSE;
      if (page[0] == 0x0d)
        return find_in_leaf (page, number, n_cells, id, place);
      if (page[0] != 0x05)
        return FALSE;
      number = find_child (page, n_cells, id);
    }
  return FALSE;
}

/* --- reading --- */

/* Parts of the file that follow each other, on their way into memory. */
typedef struct
{
  int fd;
  guint64 start;
  guint64 end;
  struct iovec parts[MOST_PARTS];
  int n_parts;
  guint8 skipped[4]; /* what each page begins with: the number of the next */
} Stretch;

static gboolean
flush (Stretch *stretch)
{
  gsize length = (gsize) (stretch->end - stretch->start);
  int n_parts = stretch->n_parts;
  ssize_t n;

  stretch->n_parts = 0;
  if (n_parts == 0)
    return TRUE;
  do
    n = preadv (stretch->fd, stretch->parts, n_parts, (off_t) stretch->start);
  while (n < 0 && errno == EINTR);
  return n == (ssize_t) length;
}

static void
add_part (Stretch *stretch, void *buffer, gsize length)
{
  stretch->parts[stretch->n_parts++] = (struct iovec){ buffer, length };
  stretch->end += length;
}

static gboolean
add (Stretch *stretch, guint64 offset, void *buffer, gsize length)
{
  gboolean follows = stretch->n_parts > 0 && offset == stretch->end + sizeof stretch->skipped;

  if ((!follows || stretch->n_parts + 2 > MOST_PARTS) && !flush (stretch))
    return FALSE;
  if (stretch->n_parts == 0)
    stretch->start = stretch->end = offset;
  else
    add_part (stretch, stretch->skipped, sizeof stretch->skipped);
  add_part (stretch, buffer, length);
  return TRUE;
}

static guint32
get_following (guint32 page, gsize n)
{
  while (n-- > 0)
    while (is_passed_over (++page))
      ;
  return page;
}

gboolean
mc_blob_file_read (
    McBlobFile *self, const McBlobPlace *place, gsize offset, void *buffer, gsize length)
{
  Stretch stretch = { .fd = self->fd };
  guint8 *target = buffer;
  gsize at = place->before + offset; /* in the record */
  gsize in_page = at < place->local ? 0 : (at - place->local) % (PAGE - 4);
  guint32 page = 0;

  if (at < place->local)
    {
      gsize part = MIN (place->local - at, length);

      if (!read_at (self->fd, target, part, place->at + at))
        return FALSE;
      target += part;
      length -= part;
      page = place->first;
    }
  else
    page = get_following (place->first, (at - place->local) / (PAGE - 4));
  for (; length > 0; page = get_following (page, 1), in_page = 0)
    {
      gsize part = MIN (PAGE - 4 - in_page, length);

      if (page == 0 || !add (&stretch, (guint64) (page - 1) * PAGE + 4 + in_page, target, part))
        return FALSE;
      target += part;
      length -= part;
    }
  return flush (&stretch);
}
