/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"

#include "mc-store.h"

/* Transfers, and the history of those that ended. */

static const char SQL_ADD[] =
    "INSERT INTO transfers (kind, repo, variant, path, state, error, message, created, place, "
    "rate_limit) VALUES (:kind, :repo, :variant, :path, :state, :error, :message, :created, "
    ":place, :rate_limit)";
static const char SQL_SET[] = "UPDATE transfers SET state = :state, error = :error, "
                              "message = :message, place = :place, rate_limit = :rate_limit "
                              "WHERE id = :id";
/* Work on the whole store belongs to no repo, and ends with the process: it only gets a number that
 * no other ever had. */
static const char SQL_HAS_NUMBERS[] =
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'transfers', 0 WHERE NOT EXISTS "
    "(SELECT 1 FROM sqlite_sequence WHERE name = 'transfers')";
static const char SQL_TAKE_NUMBER[] =
    "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'transfers' RETURNING seq";
static const char SQL_FORGET[] = "DELETE FROM transfers WHERE id = :id";
static const char SQL_LIST[] =
    "SELECT id, kind, repo, variant, path, state, error, message, created, place, rate_limit "
    "FROM transfers ORDER BY place, id";

static const char SQL_TELL[] =
    "INSERT INTO history (transfer, kind, repo, variant, path, state, error, message, total, "
    "received, created, ended) VALUES (:id, :kind, "
    "coalesce ((SELECT repo FROM repos WHERE id = :repo), ''), :variant, :path, :state, :error, "
    ":message, :total, :received, :created, :ended)";
static const char SQL_TRIM[] =
    "DELETE FROM history WHERE id <= (SELECT max (id) FROM history) - :id";
static const char SQL_HISTORY[] =
    "SELECT transfer, kind, repo, variant, path, state, error, message, total, received, created, "
    "ended FROM history ORDER BY id DESC LIMIT :id";
static const char SQL_CLEAR[] = "DELETE FROM history";

static void
bind_state (McStmt *stmt, const McTransferRecord *record)
{
  mc_stmt_bind_text (stmt, ":state", record->state);
  mc_stmt_bind_text (stmt, ":error", record->error);
  mc_stmt_bind_text (stmt, ":message", record->message);
}

static void
bind_subject (McStmt *stmt, const McTransferRecord *record)
{
  mc_stmt_bind_text (stmt, ":kind", record->kind);
  mc_stmt_bind_int (stmt, ":repo", record->repo);
  mc_stmt_bind_text (stmt, ":variant", record->variant);
  mc_stmt_bind_text (stmt, ":path", record->path);
  mc_stmt_bind_int (stmt, ":created", record->created);
}

static gboolean
write_row (McDb *db, McTransferRecord *record, GError **error)
{
  gboolean is_new = record->id == 0;
  g_autoptr (McStmt) stmt = mc_db_borrow (db, is_new ? SQL_ADD : SQL_SET, error);

  if (stmt == NULL)
    return FALSE;
  if (is_new)
    bind_subject (stmt, record);
  else
    mc_stmt_bind_int (stmt, ":id", record->id);
  bind_state (stmt, record);
  mc_stmt_bind_int (stmt, ":place", record->place);
  mc_stmt_bind_size (stmt, ":rate_limit", record->rate_limit);
  if (!mc_stmt_run (stmt, error))
    return FALSE;
  if (is_new)
    record->id = mc_db_last_id (db);
  return TRUE;
}

static gboolean
take_number (McDb *db, McTransferRecord *record, GError **error)
{
  g_autoptr (McStmt) stmt = NULL;
  gboolean row;

  if (record->id != 0)
    return TRUE;
  if (!mc_db_run (db, SQL_HAS_NUMBERS, 0, error))
    return FALSE;
  stmt = mc_db_borrow (db, SQL_TAKE_NUMBER, error);
  if (stmt == NULL || !mc_stmt_step (stmt, &row, error))
    return FALSE;
  record->id = row ? mc_stmt_get_int (stmt, 0) : 1;
  return TRUE;
}

static gboolean
tell (McDb *db, const McTransferRecord *record, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_TELL, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_int (stmt, ":id", record->id);
  bind_subject (stmt, record);
  bind_state (stmt, record);
  mc_stmt_bind_size (stmt, ":total", record->total);
  mc_stmt_bind_size (stmt, ":received", record->received);
  mc_stmt_bind_int (stmt, ":ended", record->ended);
  return mc_stmt_run (stmt, error) && mc_db_run (db, SQL_TRIM, MC_STORE_HISTORY, error);
}

gboolean
mc_catalog_put_transfer (McDb *db, McTransferRecord *record, GError **error)
{
  g_auto (McTxn) txn = { NULL };

  return mc_txn_begin (&txn, db, error)
         && (record->repo == 0 ? take_number (db, record, error) : write_row (db, record, error))
         && (record->ended == 0 || tell (db, record, error)) && mc_txn_commit (&txn, error);
}

gboolean
mc_catalog_forget_transfer (McDb *db, gint64 id, GError **error)
{
  return mc_db_run (db, SQL_FORGET, id, error);
}

static McTransferRecord *
read_record (McStmt *row)
{
  McTransferRecord *record = mc_transfer_record_new ();

  record->id = mc_stmt_get_int (row, 0);
  record->kind = g_strdup (mc_stmt_get_name (row, 1));
  record->variant = g_strdup (mc_stmt_get_name (row, 3));
  record->path = g_strdup (mc_stmt_get_name (row, 4));
  record->state = g_strdup (mc_stmt_get_name (row, 5));
  record->error = g_strdup (mc_stmt_get_name (row, 6));
  record->message = g_strdup (mc_stmt_get_name (row, 7));
  return record;
}

static void
take_transfer (McStmt *row, gpointer data)
{
  McTransferRecord *record = read_record (row);

  record->repo = mc_stmt_get_int (row, 2);
  record->created = mc_stmt_get_int (row, 8);
  record->place = mc_stmt_get_int (row, 9);
  record->rate_limit = mc_stmt_get_size (row, 10);
  g_ptr_array_add (data, record);
}

static void
take_history (McStmt *row, gpointer data)
{
  McTransferRecord *record = read_record (row);

  record->repo_name = g_strdup (mc_stmt_get_name (row, 2));
  record->total = mc_stmt_get_size (row, 8);
  record->received = mc_stmt_get_size (row, 9);
  record->created = mc_stmt_get_int (row, 10);
  record->ended = mc_stmt_get_int (row, 11);
  g_ptr_array_add (data, record);
}

static GPtrArray *
list (McDb *db, const char *sql, gint64 limit, void (*take) (McStmt *, gpointer), GError **error)
{
  g_autoptr (GPtrArray) records =
      g_ptr_array_new_with_free_func ((GDestroyNotify) mc_transfer_record_free);

  return mc_db_each (db, sql, limit, take, records, error) ? g_steal_pointer (&records) : NULL;
}

GPtrArray *
mc_catalog_list_transfers (McDb *db, GError **error)
{
  return list (db, SQL_LIST, 0, take_transfer, error);
}

GPtrArray *
mc_catalog_list_history (McDb *db, GError **error)
{
  return list (db, SQL_HISTORY, MC_STORE_HISTORY, take_history, error);
}

gboolean
mc_catalog_clear_history (McDb *db, GError **error)
{
  return mc_db_run (db, SQL_CLEAR, 0, error);
}
