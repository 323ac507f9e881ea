/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-test-folder.h"

#include "mc-hasher.h"

#include <fcntl.h>
#include <fts.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

void
mc_test_remove_tree (const char *path)
{
  char *paths[] = { (char *) path, NULL };
  FTS *tree = fts_open (paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
  FTSENT *entry;

  g_assert_nonnull (tree);
  while ((entry = fts_read (tree)) != NULL)
    if (entry->fts_info != FTS_D)
      g_remove (entry->fts_accpath);
  fts_close (tree);
}

/* A subprocess of a case works in its parent's folder, and leaves it alone when it ends. */
static void
set_up (McTestFolder *folder, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (g_test_subprocess ())
    {
      folder->path = g_strdup (g_getenv (MC_TEST_FOLDER));
      return;
    }
  folder->path = g_dir_make_tmp ("mc-test-store-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv (MC_TEST_FOLDER, folder->path, TRUE);
}

static void
tear_down (McTestFolder *folder, gconstpointer data)
{
  if (!g_test_subprocess ())
    mc_test_remove_tree (folder->path);
  g_clear_pointer (&folder->path, g_free);
}

void
mc_test_folder_add (const char *name,
                    void (*function) (McTestFolder *folder, gconstpointer data),
                    gconstpointer data)
{
  g_test_add (name, McTestFolder, data, set_up, function, tear_down);
}

GBytes *
mc_test_make_bytes (guint64 size, guint32 seed)
{
  g_autofree guint32 *words = g_new (guint32, size / 4 + 1);
  guint32 state = seed * 2654435761u + 1;

  for (gsize i = 0; i <= size / 4; i++)
    {
      state ^= state << 13;
      state ^= state >> 17;
      state ^= state << 5;
      words[i] = state;
    }
  return g_bytes_new_take (g_steal_pointer (&words), size);
}

McDigest
mc_test_digest (McDigestKind kind, GBytes *bytes)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);
  g_autoptr (McHasher) hasher = mc_hasher_new (kind, length);

  mc_hasher_update (hasher, length == 0 ? "" : data, length);
  return mc_hasher_finish (hasher);
}

void
mc_test_assert_bytes (GBytes *found, GBytes *expected)
{
  gsize length;
  gsize expected_length;
  const guint8 *data = g_bytes_get_data (found, &length);
  const guint8 *expected_data = g_bytes_get_data (expected, &expected_length);
  gsize i = 0;

  g_assert_cmpuint (length, ==, expected_length);
  while (i < length && data[i] == expected_data[i])
    i++;
  g_assert_cmpuint (i, ==, length);
}

gint64
mc_test_measure_file (const char *path)
{
  GStatBuf info;

  return g_stat (path, &info) == 0 ? (gint64) info.st_size : -1;
}

void
mc_test_damage_file (const char *path, gint64 offset)
{
  GStatBuf info;
  guint8 byte;
  int fd;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  fd = g_open (path, O_RDWR | O_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pread (fd, &byte, 1, offset), ==, 1);
  byte ^= 0x40;
  g_assert_cmpint (pwrite (fd, &byte, 1, offset), ==, 1);
  g_assert_cmpint (fchmod (fd, info.st_mode & 07777), ==, 0);
  close (fd);
}

gint64
mc_test_find_in_file (const char *path, gint64 from, const guint8 *bytes, gsize length)
{
  g_autofree char *text = NULL;
  gsize text_length;
  const char *found;

  g_assert_true (g_file_get_contents (path, &text, &text_length, NULL));
  found = memmem (text + from, text_length - (gsize) from, bytes, length);
  return found == NULL ? -1 : found - text;
}
