/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-db-private.h"

#include "mc-error.h"

#include <errno.h>

/* A value that is too large to be copied for nothing: its parts go where the caller wants them. */

struct _McBlob
{
  McDb *db;             /* borrowed */
  sqlite3_blob *handle; /* (owned) (nullable): NULL when the place is known */
  McBlobPlace place;
};

static guint32
find_root (McDb *db, const char *table)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (
      db, "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = :name", NULL);
  gboolean found;

  if (stmt == NULL)
    return 0;
  mc_stmt_bind_text (stmt, ":name", table);
  if (!mc_stmt_step (stmt, &found, NULL) || !found)
    return 0;
  return (guint32) CLAMP (mc_stmt_get_int (stmt, 0), 0, G_MAXUINT32);
}

/* In a file that nobody changes; of the table that is asked for first. */
static gboolean
find_place (McDb *db, const char *table, gint64 id, McBlobPlace *place)
{
  if (!db->is_immutable)
    return FALSE;
  if (db->file_table == NULL)
    {
      db->file_table = g_intern_string (table);
      db->file = mc_blob_file_open (db->path, find_root (db, table));
    }
  return db->file != NULL && g_str_equal (table, db->file_table)
         && mc_blob_file_find (db->file, id, place);
}

McBlob *
mc_blob_open (McDb *db, const char *table, const char *column, gint64 id, GError **error)
{
  sqlite3_blob *handle = NULL;
  McBlobPlace place = { 0 };
  McBlob *self;
  int result;

  g_assert (db->owner == g_thread_self ());
  if (find_place (db, table, id, &place))
    {
      self = g_new0 (McBlob, 1);
      self->db = db;
      self->place = place;
      return self;
    }
  result = sqlite3_blob_open (db->handle, "main", table, column, id, 0, &handle);
  /* No such row, or a number where bytes should be. */
  if (result == SQLITE_ERROR)
    {
      g_set_error (error, MC_ERROR, MC_ERROR_CORRUPT, "Reading %s: %s", db->path,
                   sqlite3_errmsg (db->handle));
      return NULL;
    }
  if (result != SQLITE_OK)
    {
      mc_db_fail (db->handle, "Reading", db->path, error);
      return NULL;
    }
  self = g_new0 (McBlob, 1);
  self->db = db;
  self->handle = handle;
  return self;
}

void
mc_blob_close (McBlob *self)
{
  if (self->handle != NULL)
    sqlite3_blob_close (self->handle);
  g_free (self);
}

gsize
mc_blob_get_length (McBlob *self)
{
  return self->handle == NULL ? self->place.length : (gsize) sqlite3_blob_bytes (self->handle);
}

gboolean
mc_blob_read (McBlob *self, gsize offset, void *buffer, gsize length, GError **error)
{
  g_assert (self->db->owner == g_thread_self ());
  g_assert (offset + length <= mc_blob_get_length (self));
  if (self->handle == NULL)
    {
      if (mc_blob_file_read (self->db->file, &self->place, offset, buffer, length))
        return TRUE;
      g_set_error (error, MC_ERROR, MC_ERROR_STORE, "Reading %s: %s", self->db->path,
                   g_strerror (errno));
      return FALSE;
    }
  if (sqlite3_blob_read (self->handle, buffer, (int) length, (int) offset) != SQLITE_OK)
    return mc_db_fail (self->db->handle, "Reading", self->db->path, error);
  return TRUE;
}
