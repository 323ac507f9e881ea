/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-db-private.h"

#include "mc-error.h"

/* Statements: prepared on first use, borrowed by scope. */

McStmt *
mc_db_borrow (McDb *self, const char *sql, GError **error)
{
  sqlite3_stmt *stmt;

  g_assert (self->owner == g_thread_self ());
  stmt = g_hash_table_lookup (self->statements, sql);
  if (stmt == NULL)
    {
      if (sqlite3_prepare_v3 (self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL)
          != SQLITE_OK)
        {
          mc_db_fail (self->handle, "Asking", self->path, error);
          return NULL;
        }
      g_hash_table_insert (self->statements, (gpointer) sql, stmt);
    }
  g_assert (!sqlite3_stmt_busy (stmt));
  return stmt;
}

void
mc_stmt_return (McStmt *stmt)
{
  sqlite3_reset (stmt);
  sqlite3_clear_bindings (stmt);
}

static int
find_parameter (McStmt *stmt, const char *name)
{
  int place = sqlite3_bind_parameter_index (stmt, name);

  g_assert (place > 0);
  return place;
}

void
mc_stmt_bind_int (McStmt *stmt, const char *name, gint64 value)
{
  sqlite3_bind_int64 (stmt, find_parameter (stmt, name), value);
}

void
mc_stmt_bind_size (McStmt *stmt, const char *name, guint64 value)
{
  g_assert (value <= G_MAXINT64);
  sqlite3_bind_int64 (stmt, find_parameter (stmt, name), (gint64) value);
}

void
mc_stmt_bind_text (McStmt *stmt, const char *name, const char *text)
{
  sqlite3_bind_text (stmt, find_parameter (stmt, name), text, -1, SQLITE_TRANSIENT);
}

void
mc_stmt_bind_blob (McStmt *stmt, const char *name, const void *bytes, gsize length)
{
  /* A NULL pointer would bind NULL, but an empty content is a content. */
  sqlite3_bind_blob64 (stmt, find_parameter (stmt, name), length == 0 ? "" : bytes, length,
                       SQLITE_STATIC);
}

void
mc_stmt_bind_digest (McStmt *stmt, const char *name, const McDigest *digest)
{
  gsize size = mc_digest_kind_get_size (digest->kind);

  if (size == 0)
    sqlite3_bind_null (stmt, find_parameter (stmt, name));
  else
    sqlite3_bind_blob64 (stmt, find_parameter (stmt, name), digest->bytes, size, SQLITE_TRANSIENT);
}

gboolean
mc_stmt_step (McStmt *stmt, gboolean *row, GError **error)
{
  int result = sqlite3_step (stmt);
  sqlite3 *handle;

  *row = result == SQLITE_ROW;
  if (result == SQLITE_ROW || result == SQLITE_DONE)
    return TRUE;
  handle = sqlite3_db_handle (stmt);
  return mc_db_fail (handle, sqlite3_stmt_readonly (stmt) ? "Reading" : "Changing",
                     sqlite3_db_filename (handle, "main"), error);
}

gboolean
mc_stmt_run (McStmt *stmt, GError **error)
{
  gboolean row;

  if (!mc_stmt_step (stmt, &row, error))
    return FALSE;
  g_assert (!row);
  return TRUE;
}

gint64
mc_stmt_get_int (McStmt *stmt, int column)
{
  return sqlite3_column_int64 (stmt, column);
}

guint64
mc_stmt_get_size (McStmt *stmt, int column)
{
  return (guint64) MAX (sqlite3_column_int64 (stmt, column), 0);
}

const char *
mc_stmt_get_text (McStmt *stmt, int column)
{
  const char *text = (const char *) sqlite3_column_text (stmt, column);

  return text != NULL && g_utf8_validate (text, -1, NULL) ? text : NULL;
}

const char *
mc_stmt_get_name (McStmt *stmt, int column)
{
  const char *text = mc_stmt_get_text (stmt, column);

  return text != NULL ? text : "";
}

const void *
mc_stmt_get_blob (McStmt *stmt, int column, gsize *length)
{
  const void *bytes = sqlite3_column_blob (stmt, column);

  *length = (gsize) sqlite3_column_bytes (stmt, column);
  return bytes;
}

McDigest
mc_stmt_get_digest (McStmt *stmt, int column)
{
  gsize length;
  const void *bytes = mc_stmt_get_blob (stmt, column, &length);

  if (bytes != NULL && length == MC_SHA256_SIZE)
    return mc_digest_from_bytes (MC_DIGEST_SHA256, bytes);
  if (bytes != NULL && length == MC_SHA1_SIZE)
    return mc_digest_from_bytes (MC_DIGEST_GIT_SHA1, bytes);
  return (McDigest){ .kind = MC_DIGEST_NONE };
}

gboolean
mc_db_run (McDb *self, const char *sql, gint64 id, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (self, sql, error);

  if (stmt == NULL)
    return FALSE;
  if (id != 0)
    mc_stmt_bind_int (stmt, ":id", id);
  return mc_stmt_run (stmt, error);
}

gboolean
mc_db_each (McDb *self,
            const char *sql,
            gint64 id,
            void (*take) (McStmt *row, gpointer data),
            gpointer data,
            GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (self, sql, error);
  gboolean row = TRUE;

  if (stmt == NULL)
    return FALSE;
  if (id != 0)
    mc_stmt_bind_int (stmt, ":id", id);
  while (TRUE)
    {
      if (!mc_stmt_step (stmt, &row, error))
        return FALSE;
      if (!row)
        return TRUE;
      take (stmt, data);
    }
}
