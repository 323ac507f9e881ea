/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-fuzz-db.h"

#include "mc-db-private.h"
#include "mc-fuzz.h"

#include <glib/gstdio.h>
#include <stdlib.h>

#define MAX_STEPS 200           /* of a thousand instructions of SQLite */
#define MAX_LENGTH (256 * 1024) /* of a value */
#define MAX_MEMORY (48 * 1024 * 1024)

static void
remove_all (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      if (g_file_test (inner, G_FILE_TEST_IS_DIR))
        remove_all (inner);
      else
        g_unlink (inner);
    }
  g_rmdir (path);
}

static char *the_folder;

static void
remove_folder (void)
{
  remove_all (the_folder);
  g_clear_pointer (&the_folder, g_free);
}

const char *
mc_fuzz_db_folder (void)
{
  if (the_folder == NULL)
    {
      g_autoptr (GError) error = NULL;

      the_folder = g_dir_make_tmp ("mc-fuzz-XXXXXX", &error);
      g_assert_no_error (error);
      atexit (remove_folder);
    }
  return the_folder;
}

static int
count_steps (gpointer data)
{
  guint *steps = data;

  return ++*steps > MAX_STEPS;
}

/* The stranger may do anything to this one file, for a while. */
static void
run_sql (const char *path, const char *sql)
{
  sqlite3 *handle = NULL;
  guint steps = 0;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  sqlite3_limit (handle, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit (handle, SQLITE_LIMIT_LENGTH, MAX_LENGTH);
  sqlite3_progress_handler (handle, 1000, count_steps, &steps);
  sqlite3_exec (handle, "PRAGMA synchronous = OFF; PRAGMA page_size = 512;", NULL, NULL, NULL);
  sqlite3_exec (handle, sql, NULL, NULL, NULL);
  sqlite3_close (handle);
}

void
mc_fuzz_db_place (const char *path, const guint8 *data, gsize size)
{
  static const char *const suffixes[] = { "", "-journal", "-wal", "-shm" };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *file = g_strconcat (path, suffixes[i], NULL);

      g_unlink (file);
    }
  if (size >= 2 && data[0] == '-' && data[1] == '-')
    {
      g_autofree char *sql = mc_fuzz_dup_text (data, size);

      run_sql (path, sql);
      return;
    }
  /* Not by way of another name, which would be synced to the disk each time. */
  g_file_set_contents_full (path, (const char *) data, (gssize) size, G_FILE_SET_CONTENTS_NONE,
                            0600, &error);
  g_assert_no_error (error);
}

void
mc_fuzz_db_assert_modest (void)
{
  g_assert_cmpint (sqlite3_memory_highwater (1), <, MAX_MEMORY);
}
