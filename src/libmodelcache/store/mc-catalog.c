/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"

#include "mc-error.h"

#include <string.h>

/* Holdings and contents; repos are in mc-catalog-repos.c. */

static const char SQL_ADD_HOLDING[] =
    "INSERT INTO holdings (repo, variant, path, created) "
    "VALUES (:repo, :variant, :path, unixepoch ()) ON CONFLICT DO NOTHING";
static const char SQL_FIND_HOLDING[] =
    "SELECT id FROM holdings WHERE repo = :repo AND variant = :variant AND path = :path";
static const char SQL_FIND_SIZE[] = "SELECT size FROM contents WHERE digest = :digest";
/* A content that was about to go is wanted again: whatever its pack still holds will be found. */
static const char SQL_ADD_CONTENT[] = "INSERT INTO contents (digest, size, state, last_used) "
                                      "VALUES (:digest, :size, :state, unixepoch ()) "
                                      "ON CONFLICT DO UPDATE SET state = 0 WHERE state = 2";
static const char SQL_ADD_REFERENCE[] = "INSERT INTO holding_contents (holding, digest) "
                                        "VALUES (:holding, :digest) ON CONFLICT DO NOTHING";
static const char SQL_DROP_HOLDING[] = "DELETE FROM holdings WHERE id = :id";
static const char SQL_DROP_REPO[] = "DELETE FROM repos WHERE id = :id";
static const char SQL_MARK_ORPHAN[] =
    "UPDATE contents SET state = 2 WHERE digest = :digest AND NOT EXISTS "
    "(SELECT 1 FROM holding_contents WHERE digest = :digest) RETURNING digest";
static const char SQL_SET_STATE[] =
    "UPDATE contents SET state = :state, last_used = unixepoch () WHERE digest = :digest";
/* What comes to be complete was used now: somebody wanted it. */
static const char SQL_NOTE_CHECKED[] =
    "UPDATE contents SET state = :state, "
    "verified_at = CASE :state WHEN 1 THEN :now ELSE max (verified_at, 1) END, "
    "last_used = CASE WHEN state = 0 AND :state = 1 THEN unixepoch () ELSE last_used END "
    "WHERE digest = :digest";
static const char SQL_FORGET_CONTENT[] =
    "DELETE FROM contents WHERE digest = :digest AND digest NOT IN "
    "(SELECT digest FROM holding_contents)";
static const char SQL_LIST_CONTENTS[] =
    "SELECT digest, size, state, verified_at, last_used FROM contents";
gboolean
mc_catalog_add_content (
    McDb *db, const McDigest *digest, guint64 size, McContentState state, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_ADD_CONTENT, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", digest);
  mc_stmt_bind_size (stmt, ":size", size);
  mc_stmt_bind_int (stmt, ":state", state);
  return mc_stmt_run (stmt, error);
}

static gboolean
check_size (McDb *db, const McFile *file, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_FIND_SIZE, error);
  gboolean row;

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", &file->digest);
  if (!mc_stmt_step (stmt, &row, error))
    return FALSE;
  if (!row || mc_stmt_get_size (stmt, 0) == file->size)
    return TRUE;
  g_set_error (error, MC_ERROR, MC_ERROR_BAD_RESPONSE,
               "The listing gives another size for the known content of %s", file->path);
  return FALSE;
}

static gboolean
add_reference (McDb *db, gint64 holding, const McFile *file, GError **error)
{
  g_autoptr (McStmt) stmt = NULL;

  if (!check_size (db, file, error)
      || !mc_catalog_add_content (db, &file->digest, file->size, MC_CONTENT_PARTIAL, error))
    return FALSE;
  stmt = mc_db_borrow (db, SQL_ADD_REFERENCE, error);
  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_int (stmt, ":holding", holding);
  mc_stmt_bind_digest (stmt, ":digest", &file->digest);
  return mc_stmt_run (stmt, error);
}

static gboolean
run_holding (McDb *db,
             const char *sql,
             gint64 repo,
             const char *variant,
             const char *path,
             gint64 *id,
             GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, error);
  gboolean row;

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_int (stmt, ":repo", repo);
  mc_stmt_bind_text (stmt, ":variant", variant);
  mc_stmt_bind_text (stmt, ":path", path);
  if (!mc_stmt_step (stmt, &row, error))
    return FALSE;
  if (row)
    *id = mc_stmt_get_int (stmt, 0);
  return TRUE;
}

gboolean
mc_catalog_add_holding (
    McDb *db, gint64 repo, const char *variant, const char *path, GArray *files, GError **error)
{
  g_auto (McTxn) txn = { NULL };
  gint64 id = 0;

  if (!mc_txn_begin (&txn, db, error)
      || !run_holding (db, SQL_ADD_HOLDING, repo, variant, path, &id, error)
      || !run_holding (db, SQL_FIND_HOLDING, repo, variant, path, &id, error))
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    if (!add_reference (db, id, &g_array_index (files, McFile, i), error))
      return FALSE;
  return mc_txn_commit (&txn, error);
}

static gboolean
mark_orphan (McDb *db, const McDigest *digest, GArray *orphans, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_MARK_ORPHAN, error);
  gboolean row;

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", digest);
  if (!mc_stmt_step (stmt, &row, error))
    return FALSE;
  if (row)
    g_array_append_val (orphans, *digest);
  return TRUE;
}

gboolean
mc_catalog_drop_holdings (McDb *db,
                          GArray *ids,
                          gint64 repo,
                          gboolean repo_too,
                          GArray *candidates,
                          GArray *orphans,
                          GError **error)
{
  g_auto (McTxn) txn = { NULL };

  if (!mc_txn_begin (&txn, db, error))
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    if (!mc_db_run (db, SQL_DROP_HOLDING, g_array_index (ids, gint64, i), error))
      return FALSE;
  if (repo_too && !mc_db_run (db, SQL_DROP_REPO, repo, error))
    return FALSE;
  for (guint i = 0; i < candidates->len; i++)
    if (!mark_orphan (db, &g_array_index (candidates, McDigest, i), orphans, error))
      return FALSE;
  return mc_txn_commit (&txn, error);
}

gboolean
mc_catalog_set_content_state (McDb *db,
                              const McDigest *digest,
                              McContentState state,
                              GError **error)
{
  g_auto (McTxn) txn = { NULL };
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_SET_STATE, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", digest);
  mc_stmt_bind_int (stmt, ":state", state);
  return mc_txn_begin (&txn, db, error) && mc_stmt_run (stmt, error) && mc_txn_commit (&txn, error);
}

gboolean
mc_catalog_note_checked (McDb *db,
                         const McDigest *digest,
                         McContentState state,
                         gint64 now,
                         GArray *rows,
                         GError **error)
{
  g_auto (McTxn) txn = { NULL };
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_NOTE_CHECKED, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", digest);
  mc_stmt_bind_int (stmt, ":state", state);
  mc_stmt_bind_int (stmt, ":now", now);
  return mc_txn_begin (&txn, db, error) && mc_stmt_run (stmt, error)
         && (rows == NULL || mc_catalog_index_rows (db, digest, rows, error))
         && mc_txn_commit (&txn, error);
}

gboolean
mc_catalog_forget_content (McDb *db, const McDigest *digest, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_FORGET_CONTENT, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", digest);
  return mc_stmt_run (stmt, error);
}

static void
take_content (McStmt *row, gpointer data)
{
  McContent content = { .digest = mc_stmt_get_digest (row, 0),
                        .size = mc_stmt_get_size (row, 1),
                        .state = (McContentState) mc_stmt_get_int (row, 2),
                        .verified_at = mc_stmt_get_int (row, 3),
                        .last_used = mc_stmt_get_int (row, 4) };

  g_array_append_val ((GArray *) data, content);
}

GArray *
mc_catalog_list_contents (McDb *db, GError **error)
{
  g_autoptr (GArray) contents = g_array_new (FALSE, TRUE, sizeof (McContent));

  return mc_db_each (db, SQL_LIST_CONTENTS, 0, take_content, contents, error)
             ? g_steal_pointer (&contents)
             : NULL;
}
