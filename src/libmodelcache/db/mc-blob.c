/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-db-private.h"

#include "mc-error.h"

/* A value that is too large to be copied for nothing: its parts go where the caller wants them. */

struct _McBlob
{
  McDb *db; /* borrowed */
  sqlite3_blob *handle;
};

McBlob *
mc_blob_open (McDb *db, const char *table, const char *column, gint64 id, GError **error)
{
  sqlite3_blob *handle = NULL;
  McBlob *self;
  int result;

  g_assert (db->owner == g_thread_self ());
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
  self = g_new (McBlob, 1);
  self->db = db;
  self->handle = handle;
  return self;
}

void
mc_blob_close (McBlob *self)
{
  sqlite3_blob_close (self->handle);
  g_free (self);
}

gsize
mc_blob_get_length (McBlob *self)
{
  return (gsize) sqlite3_blob_bytes (self->handle);
}

gboolean
mc_blob_read (McBlob *self, gsize offset, void *buffer, gsize length, GError **error)
{
  g_assert (self->db->owner == g_thread_self ());
  g_assert (offset + length <= mc_blob_get_length (self));
  if (sqlite3_blob_read (self->handle, buffer, (int) length, (int) offset) != SQLITE_OK)
    return mc_db_fail (self->db->handle, "Reading", self->db->path, error);
  return TRUE;
}
