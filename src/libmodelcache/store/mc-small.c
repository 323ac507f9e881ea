/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-small.h"

#include "mc-error.h"
#include "mc-hasher.h"

static const char SQL_PUT[] = "INSERT OR REPLACE INTO contents (digest, size, bytes) "
                              "VALUES (:digest, :size, :bytes)";
static const char SQL_GET[] = "SELECT bytes FROM contents WHERE digest = :digest";
static const char SQL_DROP[] = "DELETE FROM contents WHERE digest = :digest";
static const char SQL_LIST[] = "SELECT digest, size FROM contents";
static const char SQL_VACUUM[] = "PRAGMA incremental_vacuum";

char *
mc_small_make_path (const char *folder)
{
  return g_build_filename (folder, "small.db", NULL);
}

McDb *
mc_small_open (const char *folder, GError **error)
{
  g_autofree char *path = mc_small_make_path (folder);
  g_autoptr (GError) local = NULL;
  McDb *db = mc_db_open (path, MC_DB_SMALL, MC_DB_READ, &local);

  if (db == NULL && g_error_matches (local, MC_ERROR, MC_ERROR_STORE))
    return mc_db_open (path, MC_DB_SMALL, MC_DB_WRITE, error);
  if (db == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return db;
}

gboolean
mc_small_put (McDb *db, const McDigest *digest, const void *bytes, gsize length, GError **error)
{
  g_auto (McTxn) txn = { NULL };
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_PUT, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", digest);
  mc_stmt_bind_size (stmt, ":size", length);
  mc_stmt_bind_blob (stmt, ":bytes", bytes, length);
  return mc_txn_begin (&txn, db, error) && mc_stmt_run (stmt, error) && mc_txn_commit (&txn, error);
}

GBytes *
mc_small_get (McDb *db, const McDigest *digest, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_GET, error);
  g_autoptr (McHasher) hasher = NULL;
  const void *bytes;
  gsize length;
  McDigest found;
  gboolean row;

  if (stmt == NULL)
    return NULL;
  mc_stmt_bind_digest (stmt, ":digest", digest);
  if (!mc_stmt_step (stmt, &row, error))
    return NULL;
  if (!row)
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_NOT_DOWNLOADED, "The content is not here");
      return NULL;
    }
  bytes = mc_stmt_get_blob (stmt, 0, &length);
  hasher = mc_hasher_new (digest->kind, length);
  mc_hasher_update (hasher, bytes, length);
  found = mc_hasher_finish (hasher);
  if (!mc_digest_equal (&found, digest))
    {
      g_set_error_literal (error, MC_ERROR, MC_ERROR_CORRUPT, "The content changed on disk");
      return NULL;
    }
  return g_bytes_new (bytes, length);
}

gboolean
mc_small_drop (McDb *db, const McDigest *digest, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_DROP, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", digest);
  if (!mc_stmt_run (stmt, error))
    return FALSE;
  /* One that is gone may have been deleted by a change whose very end failed: its journal could be
   * back after a crash, and the content with it. */
  return mc_db_count_changes (db) > 0 || mc_db_confirm (db, error);
}

gboolean
mc_small_vacuum (McDb *db, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_VACUUM, error);
  gboolean row = TRUE;

  /* The pragma gives up one page a step. */
  while (stmt != NULL && row)
    if (!mc_stmt_step (stmt, &row, error))
      return FALSE;
  return stmt != NULL;
}

static void
take_entry (McStmt *row, gpointer data)
{
  McSmallEntry entry = { mc_stmt_get_digest (row, 0), mc_stmt_get_size (row, 1) };

  g_array_append_val ((GArray *) data, entry);
}

GArray *
mc_small_list (McDb *db, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (McSmallEntry));

  return mc_db_each (db, SQL_LIST, 0, take_entry, entries, error) ? g_steal_pointer (&entries)
                                                                  : NULL;
}
