/* SPDX-License-Identifier: LGPL-2.1-or-later
 * SPDX-FileCopyrightText: The Model Cache authors */
#include "config.h"
#include "mc-catalog.h"

#include "mc-pack.h"

#include <string.h>

/* Which chunks complete contents have, and who borrows from whom: derived from the packs. A loan is
 * kept here before a pack refers to another, and as long as one may do so. */

static const char SQL_FORGET_CHUNKS[] = "DELETE FROM chunks WHERE digest = :digest";
static const char SQL_ADD_CHUNK[] = "INSERT INTO chunks (hash, digest, position) "
                                    "VALUES (:hash, :digest, :position) ON CONFLICT DO NOTHING";
static const char SQL_FORGET_LOANS[] = "DELETE FROM loans WHERE borrower = :digest";
/* A lender that is not known any more is in the way of nobody; whoever reads finds it missing. */
static const char SQL_ADD_LOAN[] =
    "INSERT INTO loans (borrower, lender, n_chunks, size) "
    "SELECT :borrower, digest, :n_chunks, :size FROM contents WHERE digest = :lender "
    "ON CONFLICT DO UPDATE SET n_chunks = n_chunks + excluded.n_chunks, "
    "size = size + excluded.size";
static const char SQL_FIND_CHUNK[] =
    "SELECT chunks.digest, position, contents.size FROM chunks JOIN contents USING (digest) "
    "WHERE hash = :hash AND state = 1 AND chunks.digest <> :digest LIMIT 8";
static const char SQL_LIST_LOANS[] = "SELECT borrower, lender, n_chunks, size FROM loans";
static const char SQL_LIST_BORROWERS[] =
    "SELECT contents.digest, contents.size, state FROM loans JOIN contents ON borrower = digest "
    "WHERE lender = :digest AND state <> 2 ORDER BY state DESC, contents.digest";
static const char SQL_FORGET_LENDER[] = "DELETE FROM loans WHERE lender = :digest";

static gboolean
run_for (McDb *db, const char *sql, const McDigest *digest, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, sql, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":digest", digest);
  return mc_stmt_run (stmt, error);
}

static gboolean
add_chunk (McDb *db, const McDigest *digest, const McPackRow *row, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_ADD_CHUNK, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_blob (stmt, ":hash", row->hash, sizeof row->hash);
  mc_stmt_bind_digest (stmt, ":digest", digest);
  mc_stmt_bind_int (stmt, ":position", row->position);
  return mc_stmt_run (stmt, error);
}

static gboolean
add_loan (McDb *db, const McLoan *loan, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_ADD_LOAN, error);

  if (stmt == NULL)
    return FALSE;
  mc_stmt_bind_digest (stmt, ":borrower", &loan->borrower);
  mc_stmt_bind_digest (stmt, ":lender", &loan->lender);
  mc_stmt_bind_int (stmt, ":n_chunks", loan->n_chunks);
  mc_stmt_bind_size (stmt, ":size", loan->size);
  return mc_stmt_run (stmt, error);
}

gboolean
mc_catalog_add_loan (McDb *db, const McLoan *loan, GError **error)
{
  g_auto (McTxn) txn = { NULL };

  return mc_txn_begin (&txn, db, error) && add_loan (db, loan, error)
         && mc_txn_commit (&txn, error);
}

static gboolean
add_row (McDb *db, const McDigest *digest, const McPackRow *row, GError **error)
{
  McLoan loan = { .borrower = *digest, .lender = row->lender, .n_chunks = 1, .size = row->size };

  if (row->lender.kind != MC_DIGEST_NONE)
    return add_loan (db, &loan, error);
  return add_chunk (db, digest, row, error);
}

gboolean
mc_catalog_index_rows (McDb *db, const McDigest *digest, GArray *rows, GError **error)
{
  if (!run_for (db, SQL_FORGET_CHUNKS, digest, error)
      || !run_for (db, SQL_FORGET_LOANS, digest, error))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    if (!add_row (db, digest, &g_array_index (rows, McPackRow, i), error))
      return FALSE;
  return TRUE;
}

gboolean
mc_catalog_index_content (McDb *db, const McDigest *digest, GArray *rows, GError **error)
{
  g_auto (McTxn) txn = { NULL };

  return mc_txn_begin (&txn, db, error) && mc_catalog_index_rows (db, digest, rows, error)
         && mc_txn_commit (&txn, error);
}

GArray *
mc_catalog_find_chunk (
    McDb *db, const guint8 *hash, gsize size, const McDigest *borrower, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_FIND_CHUNK, error);
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (McChunkPlace));
  gboolean row;

  if (stmt == NULL)
    return NULL;
  mc_stmt_bind_blob (stmt, ":hash", hash, MC_CHUNK_HASH_SIZE);
  mc_stmt_bind_digest (stmt, ":digest", borrower);
  while (TRUE)
    {
      McChunkPlace place;
      guint64 position;

      if (!mc_stmt_step (stmt, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&places);
      place.digest = mc_stmt_get_digest (stmt, 0);
      position = mc_stmt_get_size (stmt, 1);
      place.content_size = mc_stmt_get_size (stmt, 2);
      place.position = (guint) position;
      if (place.digest.kind != MC_DIGEST_NONE && place.content_size <= MC_CONTENT_MAX_SIZE
          && position < mc_pack_count_chunks (place.content_size)
          && mc_pack_get_chunk_size (place.content_size, place.position) == size)
        g_array_append_val (places, place);
    }
}

static void
take_loan (McStmt *row, gpointer data)
{
  McLoan loan = { .borrower = mc_stmt_get_digest (row, 0),
                  .lender = mc_stmt_get_digest (row, 1),
                  .n_chunks = (guint) mc_stmt_get_size (row, 2),
                  .size = mc_stmt_get_size (row, 3) };

  g_array_append_val ((GArray *) data, loan);
}

GArray *
mc_catalog_list_loans (McDb *db, GError **error)
{
  g_autoptr (GArray) loans = g_array_new (FALSE, FALSE, sizeof (McLoan));

  return mc_db_each (db, SQL_LIST_LOANS, 0, take_loan, loans, error) ? g_steal_pointer (&loans)
                                                                     : NULL;
}

GArray *
mc_catalog_list_borrowers (McDb *db, const McDigest *lender, GError **error)
{
  g_autoptr (McStmt) stmt = mc_db_borrow (db, SQL_LIST_BORROWERS, error);
  g_autoptr (GArray) borrowers = g_array_new (FALSE, TRUE, sizeof (McContent));
  gboolean row;

  if (stmt == NULL)
    return NULL;
  mc_stmt_bind_digest (stmt, ":digest", lender);
  while (TRUE)
    {
      McContent content = { 0 };

      if (!mc_stmt_step (stmt, &row, error))
        return NULL;
      if (!row)
        return g_steal_pointer (&borrowers);
      content.digest = mc_stmt_get_digest (stmt, 0);
      content.size = mc_stmt_get_size (stmt, 1);
      content.state = (McContentState) mc_stmt_get_int (stmt, 2);
      g_array_append_val (borrowers, content);
    }
}

gboolean
mc_catalog_forget_lender (McDb *db, const McDigest *lender, GError **error)
{
  return run_for (db, SQL_FORGET_LENDER, lender, error);
}
